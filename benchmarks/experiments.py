"""The tables of README and docs/results.md: other seeds, controls, the default's policies on others' problems.

    python benchmarks/experiments.py [NAME …]      runs experiments, each one `dvc exp run` beside the workspace
                                                   (ten minutes or so on two cores, every-rule two hours; without
                                                   a NAME all of them), prints the table
    python benchmarks/experiments.py --originals FOLDER
                                                   runs the policies of data/policy on every file of FOLDER (the
                                                   original generator's and Logic-LM's JSON), prints the table
    python benchmarks/experiments.py --originals FOLDER NAME …
                                                   runs experiments that are evaluated on every file of FOLDER too

Each updates its file in benchmarks/results. The default run's row of the first comes from the commit's
metrics/evaluation.json. Experiments that DVC has in its run-cache are not computed again. The work tree must be
committed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from sokrates.data.dataset import numbered, read_problems
from sokrates.pipeline import params as settings
from sokrates.pipeline.machine import set_up_processor

WHOLE_TRACES = "preferences.extent=whole"
ANSWER_PAIRS = [*(f"preferences.score.{part}=0" for part in ("progress", "proof", "novel")), WHOLE_TRACES]


def every_rule() -> list[str]:
    """Every kind of proof; those that take longest to learn have twice the weight of the others."""
    weights = dict.fromkeys(settings.Rules.model_fields, 1) | {"or_introduction": 2, "composed": 2}
    return [
        *(f"problems.rules.{kind}={weight}" for kind, weight in weights.items()),
        *("problems.hops=[1,2]", "problems.ontologies=[fictional]", "problems.count=140000"),
        *("sft.epochs=2", "sampling.problems=2000", "dpo.trained_share=0.75", "problems.careful_share=0.5"),
        *("problems.unknown_share=0.33", "problems.refuted_share=0.35"),
        *("sft.max_length=1000", "sampling.max_new_tokens=800", "sampling.max_steps=28", "dpo.max_length=1000"),
    ]


EXPERIMENTS = {
    "seed-8": ["seed=8"],
    "seed-9": ["seed=9"],
    "answer-pairs": ANSWER_PAIRS,
    "answer-pairs-seed-8": [*ANSWER_PAIRS, "seed=8"],
    "answer-pairs-seed-9": [*ANSWER_PAIRS, "seed=9"],
    "published-score": [
        *(f"preferences.score.{part}" for part in ("validity=1", "progress=0", "proof=0.5", "novel=0")),
        WHOLE_TRACES,
    ],
    "shortest-proofs": ["problems.proofs=shortest"],
    "shortest-proofs-closure-pairs": ["problems.proofs=shortest", "preferences.level=closure"],
    "shorter-proofs": ["preferences.score.length=0.5"],
    "closure-pairs": ["preferences.level=closure", "dpo.trained_share=0.35"],
    "closure-pairs-half-way": ["preferences.level=closure"],
    "step-pairs": ["preferences.level=step"],
    "careful-sft": ["sft.rationales=careful"],
    "samples-2": ["sampling.samples=2"],
    "samples-8": ["sampling.samples=8"],
    "delta-0.5": ["preferences.delta=0.5"],
    "delta-1": ["preferences.delta=1.0"],
    "beta-0.05": ["dpo.beta=0.05"],
    "beta-0.8": ["dpo.beta=0.8"],
    "careful-share-0.1": ["problems.careful_share=0.1"],
    "careful-share-0.7": ["problems.careful_share=0.7"],
    "every-rule": every_rule(),
    "five-hops": [
        *("problems.hops=[1,2,3,4,5]", "problems.thinned_share=0.25", "sampling.max_new_tokens=560"),
        *("dpo.trained_share=0.75", "dpo.learning_rate=2.0e-4"),
    ],
}
RESULTS = Path(__file__).parent / "results" / "experiments.json"
ORIGINALS = Path(__file__).parent / "results" / "originals.json"
POLICIES = ("sft", "iter1", "iter2", "iter3")
METRICS = "metrics/evaluation.json"
COLUMNS = ("accuracy", "trace_validity")
FIGURES = (*COLUMNS, "step_validity", "needed_share", "length_ratio", "repeats")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(EXPERIMENTS))
    parser.add_argument("--originals", type=Path, metavar="FOLDER")
    args = parser.parse_args()
    sources = _sources(args.originals) if args.originals else {}
    if sources and not args.names:
        originals(sources)
    else:
        experiments(args.names or list(EXPERIMENTS), sources)


def _sources(folder: Path) -> dict[str, str]:
    """The files of a folder as sources of problems, by the file's name."""
    files = sorted(folder.resolve().glob("*.json"))
    return {file.stem: f"{'logic_lm' if 'logic_lm' in file.name else 'prontoqa'}:{file}" for file in files}


def originals(sources: dict[str, str]) -> None:
    """Greedy traces of each policy for every problem of each file."""
    set_up_processor()  # before torch is loaded
    from sokrates.evaluation.evaluate import evaluate
    from sokrates.sampling.sampler import Sampler

    params = settings.load()
    sets = {}
    for name, source in sources.items():
        left_out: Counter[str] = Counter()
        sets[name] = numbered(read_problems(source, left_out), name)
        assert not left_out, (source, left_out)
    results: dict[str, Any] = {name: {} for name in sets}
    for policy in POLICIES:
        sampler = Sampler.from_params(params.sampling, greedy=True)
        done = evaluate(Path("data/policy") / policy, None, sets, sampler, params.model.dtype)
        for name, evaluated in done.items():
            results[name] |= _figures({policy: evaluated.metrics})
    recorded = {"policy": _lock_of("data/policy/iter3"), "sets": results}
    ORIGINALS.write_text(json.dumps(recorded, indent=2, sort_keys=True) + "\n")
    print(table({name: {"params": [], "held_out": measured} for name, measured in results.items()}))


def _lock_of(out: str) -> str:
    """The hash that dvc.lock has for an out."""
    stages = yaml.safe_load(Path("dvc.lock").read_text())["stages"].values()
    (found,) = [one["md5"] for stage in stages for one in stage.get("outs", []) if one["path"] == out]
    return str(found)


def experiments(wanted: list[str], sources: dict[str, str]) -> None:
    """Other seeds, the controls and longer proofs, by name; evaluated on `sources` too."""
    extra = json.dumps([f"{name}={source}" for name, source in sources.items()])
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in wanted:
        changed = [*EXPERIMENTS[name], f"evaluation.extra={extra}"]
        changes = [part for change in changed for part in ("-S", change)]
        # One of this name may be left from an earlier commit; where there is none, this fails and nothing is lost.
        subprocess.run(["dvc", "exp", "remove", name], capture_output=True)
        subprocess.run(["dvc", "exp", "run", "--temp", "-n", name, *changes], check=True)
        evaluation = json.loads(_of_experiment(name))
        found = {"params": EXPERIMENTS[name], "held_out": _figures(evaluation["held_out"])}
        before = results.get(name, {})
        same = before.get("held_out") == found["held_out"]  # then its originals are of these policies
        originals = {file: _figures(evaluation[file]) for file in sources}
        results[name] = {**found, "originals": {**(before["originals"] if same else {}), **originals}}
        RESULTS.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n")
    default = {"default": {"params": [], "held_out": _figures(json.loads(Path(METRICS).read_text())["held_out"])}}
    print(table(default | {name: results[name] for name in EXPERIMENTS if name in results}))


def _of_experiment(name: str) -> str:
    """The metrics file that an experiment left in git."""
    refs = subprocess.run(
        ["git", "for-each-ref", "refs/exps", "--format=%(refname)"], capture_output=True, text=True, check=True
    ).stdout.split()
    (ref,) = [ref for ref in refs if ref.endswith(f"/{name}")]
    return subprocess.run(["git", "show", f"{ref}:{METRICS}"], capture_output=True, text=True, check=True).stdout


def _figures(by_policy: dict[str, Any]) -> dict[str, Any]:
    return {policy: {metric: metrics[metric] for metric in FIGURES} for policy, metrics in by_policy.items()}


def table(results: dict[str, Any]) -> str:
    """Markdown: a row a run, accuracy and trace validity in % after SFT and each round."""
    lines = [
        "| | " + " | ".join(f"{policy}: acc. / valid" for policy in POLICIES) + " |",
        "|---" * (len(POLICIES) + 1) + "|",
    ]
    for name, result in results.items():
        cells = [
            " / ".join(f"{100 * result['held_out'][policy][metric]['value']:.1f}" for metric in COLUMNS)
            for policy in POLICIES
        ]
        lines.append(f"| {name} {' '.join(f'`{change}`' for change in result['params'])} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
