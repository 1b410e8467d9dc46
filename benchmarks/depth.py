"""How far a policy goes beyond the hops that it was trained on: python benchmarks/depth.py [--policies FOLDER …]

Problems of the default's kind (fictional and untrue words), of 1 to 6 hops with a dead end at each concept, as in
training, and of 1 to 12 without: the concepts last for no more. Each policy solves them greedily, with room for a
trace of 700 tokens. A folder holds the policies of one seed (`sft` and the last round's); default: data/policy.
Updates benchmarks/results/depth.json, where each folder's figures stand under its --seed, and prints accuracy and
trace validity in % of all seeds in it. Not covered: other rules (`rules.py`), the original generator's problems.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from strategies import percent, together

from sokrates.data.generator import generate
from sokrates.pipeline import params as settings
from sokrates.pipeline.machine import set_up_processor
from sokrates.proof.problem import Problem

RESULTS = Path(__file__).parent / "results" / "depth.json"
POLICIES = ("sft", "iter3")
HOPS = {1: range(1, 7), 0: range(1, 13)}  # by the number of distractors
ROOM = 700  # tokens of a trace; the longest careful one has 412
FIGURES = ("accuracy", "trace_validity")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--policies", type=Path, default=Path("data/policy"), metavar="FOLDER")
    parser.add_argument("--seed", type=int, default=7, help="that the policies were trained with")
    parser.add_argument("--problems", type=int, default=100, help="of each number of hops")
    arguments = parser.parse_args()
    for policy in POLICIES:
        if not (arguments.policies / policy).is_dir():
            parser.error(f"{arguments.policies / policy} is not there: run `dvc repro` first")
    set_up_processor()  # before torch is loaded
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for policy in POLICIES:
        found = measured(arguments.policies / policy, arguments.problems)
        results.setdefault(str(arguments.seed), {})[policy] = found
        RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    print(table(results))


def measured(policy: Path, count: int) -> dict[str, Any]:
    """The figures of a policy for each number of distractors and hops."""
    from sokrates.evaluation.evaluate import evaluate
    from sokrates.sampling.sampler import Sampler

    params = settings.load()
    sampling = params.sampling.model_copy(update={"max_new_tokens": ROOM, "max_steps": 40})
    sets = {
        key(distractors, hops): made(distractors, hops, count)
        for distractors in HOPS
        for hops in HOPS[distractors]
    }
    done = evaluate(policy, None, sets, Sampler.from_params(sampling, greedy=True), params.model.dtype)
    return {name: {figure: one.metrics[figure] for figure in FIGURES} for name, one in done.items()}


def made(distractors: int, hops: int, count: int) -> list[Problem]:
    problems = settings.load().problems
    return list(
        generate(
            count,
            hops=[hops],
            ontologies=problems.ontologies,
            distractors=distractors,
            unknown_share=0.0,
            seed=1000 + hops,
            levels=problems.levels,
        )
    )


def key(distractors: int, hops: int) -> str:
    return f"{distractors} distractors, {hops} hops"


def table(results: dict[str, Any]) -> str:
    """Markdown: a row for each number of hops; the shares of all seeds as one, with the interval of validity."""
    lines = [f"| hops | {' | '.join(f'{p}, {d} dead ends' for d in HOPS for p in POLICIES)} |", "|---" * 5 + "|"]
    for hops in HOPS[0]:
        cells = [
            cell([of_seed[policy][key(distractors, hops)] for of_seed in results.values()])
            if hops in HOPS[distractors]
            else ""
            for distractors in HOPS
            for policy in POLICIES
        ]
        lines.append(f"| {hops} | {' | '.join(cells)} |")
    return "\n".join(lines)


def cell(of_seeds: list[dict[str, Any]]) -> str:
    accuracy, validity = (together([found[figure] for found in of_seeds]) for figure in FIGURES)
    return f"{100 * accuracy['value']:.1f} / {percent(validity)}"


if __name__ == "__main__":
    main()
