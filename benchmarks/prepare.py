"""How fast problems are made: python benchmarks/prepare.py

Problems of the default params, a fresh set each repeat, alternating, medians of the repeats, one core:

    z3 for labels and steps      each problem read from its English; z3 decides its label and each gold step, with
                                 one solver that keeps its terms; the steps are given to it
    prepare                      generated, proved, the gold trace checked by the kernel, as the stage does
    of it, generating            `sokrates.data.generator` alone

The last column is the ratio to the first row, which is what `prepare` would cost without the kernel, if it had the
proofs.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter
from pathlib import Path

from verify import questions_of, with_z3_cached

from sokrates.data.dataset import collect, gold_traces
from sokrates.data.generator import generate
from sokrates.data.gold import careful
from sokrates.logic.formula import negation
from sokrates.pipeline import params as settings
from sokrates.proof.problem import from_sentences
from sokrates.proof.text import write_steps

PARAMS = settings.load(Path(__file__).parents[1] / "params.yaml")
COUNT, FEW, REPEATS = 1000, 200, 5


def made(count: int, seed: int) -> list:
    of = PARAMS.problems
    return list(
        generate(
            count,
            hops=of.hops,
            ontologies=of.ontologies,
            levels=of.levels,
            distractors=of.distractors,
            order=of.order,
            facts=of.facts,
            unknown_share=of.unknown_share,
            seed=seed,
        )
    )


def with_z3(seed: int) -> float:
    problems = made(FEW, seed)
    rows = [
        (problem.premises, problem.conclusion, write_steps(careful(problem, PARAMS.problems.proofs)))
        for problem in problems
    ]
    questions = questions_of(rows)
    began = time.process_time()
    labels = []
    for premises, conclusion, _ in rows:
        problem = from_sentences(premises, conclusion, id="")
        labels += [(list(problem.facts), problem.goal), (list(problem.facts), negation(problem.goal))]
    with_z3_cached([*labels, *questions])
    return FEW / (time.process_time() - began)


def whole(seed: int) -> float:
    chosen = PARAMS.problems.model_copy(update={"count": COUNT})
    began = time.process_time()
    problems = collect(chosen, seed, Counter())
    traces = gold_traces(problems, chosen.proofs, chosen.careful_share, seed, Counter())
    seconds = time.process_time() - began
    if len(traces) != COUNT:
        raise AssertionError("a problem has no gold trace")
    return COUNT / seconds


def generating(seed: int) -> float:
    began = time.process_time()
    made(COUNT, seed)
    return COUNT / (time.process_time() - began)


def main() -> None:
    ways = {"z3 for labels and steps": with_z3, "prepare": whole, "of it, generating": generating}
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for seed in range(REPEATS):
        for name, way in ways.items():
            rates[name].append(way(seed))
    medians = {name: statistics.median(of) for name, of in rates.items()}
    print(f"medians of {REPEATS} repeats of {COUNT} problems ({FEW} with z3), CPU time")
    print(f"{'':28}{'problems/s':>12}{'ratio':>10}")
    for name, rate in medians.items():
        print(f"{name:28}{rate:12,.0f}{rate / medians['z3 for labels and steps']:10.1f}")


if __name__ == "__main__":
    main()
