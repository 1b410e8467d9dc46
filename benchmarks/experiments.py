"""The experiments of README's table: other seeds, and the controls, each one `dvc exp run` beside the workspace.

    python benchmarks/experiments.py [NAME …]    runs them (about ten minutes each on two cores), updates
                                                 benchmarks/results/experiments.json, prints the table

The default run's row comes from metrics/evaluation.json of the commit. Experiments that DVC has in its
run-cache are not computed again. The work tree must be committed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

EXPERIMENTS = {
    "seed-8": ["seed=8"],
    "seed-9": ["seed=9"],
    "answer-pairs": ["preferences.signal=answer"],
    "step-pairs": ["preferences.level=step"],
    "careful-sft": ["sft.rationales=careful"],
}
RESULTS = Path(__file__).parent / "results" / "experiments.json"
METRICS = "metrics/evaluation.json"
COLUMNS = ("accuracy", "trace_validity")


def main() -> None:
    wanted = sys.argv[1:] or list(EXPERIMENTS)
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in wanted:
        changes = [part for change in EXPERIMENTS[name] for part in ("-S", change)]
        # One of this name may be left from an earlier commit; where there is none, this fails and nothing is lost.
        subprocess.run(["dvc", "exp", "remove", name], capture_output=True)
        subprocess.run(["dvc", "exp", "run", "--temp", "-n", name, *changes], check=True)
        results[name] = {"params": EXPERIMENTS[name], "held_out": _figures(json.loads(_of_experiment(name)))}
        RESULTS.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n")
    default = {"default": {"params": [], "held_out": _figures(json.loads(Path(METRICS).read_text()))}}
    print(table(default | {name: results[name] for name in EXPERIMENTS if name in results}))


def _of_experiment(name: str) -> str:
    """The metrics file that an experiment left in git."""
    refs = subprocess.run(
        ["git", "for-each-ref", "refs/exps", "--format=%(refname)"], capture_output=True, text=True, check=True
    ).stdout.split()
    (ref,) = [ref for ref in refs if ref.endswith(f"/{name}")]
    return subprocess.run(["git", "show", f"{ref}:{METRICS}"], capture_output=True, text=True, check=True).stdout


def _figures(evaluation: dict[str, Any]) -> dict[str, Any]:
    return {
        policy: {metric: found[metric] for metric in (*COLUMNS, "step_validity")}
        for policy, found in evaluation["held_out"].items()
    }


def table(results: dict[str, Any]) -> str:
    """Markdown: a row a run, accuracy and trace validity in % after SFT and each round."""
    policies = ("sft", "iter1", "iter2", "iter3")
    lines = [
        "| run | " + " | ".join(f"{policy}: acc. / valid" for policy in policies) + " |",
        "|---" * (len(policies) + 1) + "|",
    ]
    for name, result in results.items():
        cells = [
            " / ".join(f"{100 * result['held_out'][policy][metric]['value']:.1f}" for metric in COLUMNS)
            for policy in policies
        ]
        lines.append(f"| {name} {' '.join(f'`{change}`' for change in result['params'])} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
