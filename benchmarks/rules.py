"""Which rules a policy knows: python benchmarks/rules.py [ROW …] [--traces N] [--held-out N] [--policies FOLDER]
                                                        [--columns KIND …] [--equal-labels] [--name NAME]

A row trains the base model of params.yaml on careful gold traces of one kind of proof (`problems.rules`), `all` on
every kind in equal shares; each is evaluated on held-out problems of every kind, a column each, greedily. Problems
have one and two hops, width two, and labels in the shares of params.yaml, or with --equal-labels a third of each.
With --policies the rows are the policies of a folder instead, such as data/policy after `dvc exp apply NAME`,
called by --name and theirs, and nothing is trained. Prints accuracy and trace validity in % by kind and by label,
and updates benchmarks/results/rules.json. Not covered: more than one seed; chains longer than the words last.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sokrates.data.dataset import collect, gold_traces, numbered, split
from sokrates.logic.answer import Answer
from sokrates.pipeline import params as settings
from sokrates.pipeline.machine import set_up_processor
from sokrates.pipeline.runlog import run
from sokrates.proof.problem import Problem

KINDS = list(settings.Rules.model_fields)
RESULTS = Path(__file__).parent / "results" / "rules.json"
MAX_LENGTH = 900  # tokens of prompt and proof
MAX_NEW_TOKENS = 700  # of a trace, unless params.yaml allows more
METRICS = ("accuracy", "step_validity", "trace_validity")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"all, {', '.join(KINDS)} (default: each)")
    parser.add_argument("--traces", type=int, default=6000, help="gold traces a row (default: %(default)s)")
    parser.add_argument("--held-out", type=int, default=100, help="problems a column (default: %(default)s)")
    parser.add_argument("--policies", type=Path, metavar="FOLDER", help="evaluate these; train nothing")
    parser.add_argument("--name", metavar="NAME", help="of the run, before the rows' own names (default: none)")
    parser.add_argument(
        "--equal-labels", action="store_true", help="held-out problems: a third TRUE, FALSE and UNKNOWN each"
    )
    parser.add_argument(
        "--columns",
        nargs="+",
        choices=KINDS,
        default=KINDS,
        metavar="KIND",
        help="of held-out problems (default: each)",
    )
    args = parser.parse_args()
    if unknown := [row for row in args.rows if row not in ("all", *KINDS)]:
        parser.error(f"no row is called {unknown[0]}")
    if not args.name and (args.equal_labels or args.columns != KINDS):
        parser.error("other held-out problems than the default's need a --name for their rows")
    set_up_processor()  # before torch is loaded
    params = settings.load()
    label_shares = {"unknown_share": 1 / 3, "refuted_share": 0.5} if args.equal_labels else {}
    sets = {
        kind: numbered(problems(params, [kind], args.held_out, params.seed + 1, **label_shares), kind)
        for kind in args.columns
    }
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for row, result in measured(args, params, sets):
        results[" ".join(filter(None, (args.name, row)))] = result
        RESULTS.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n")
    print(table(results))


def measured(
    args: argparse.Namespace, params: settings.Params, sets: dict[str, list[Problem]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows that are asked for, by name, each as soon as it is known."""
    if args.policies:
        for policy in sorted(args.policies.iterdir()):
            yield policy.name, {"sets": figures(policy, sets, params)}
        return
    for row in args.rows or ["all", *KINDS]:
        kinds = KINDS if row == "all" else [row]
        yield row, {"traces": args.traces, "sets": train_and_evaluate(params, kinds, args.traces, sets)}


def problems(params: settings.Params, kinds: list[str], count: int, seed: int, **labels: float) -> list[Problem]:
    """So many problems of these kinds, in equal shares; `labels` replaces shares of params.yaml."""
    rules = settings.Rules(**{kind: float(kind in kinds) for kind in KINDS})
    sizes = {"rules": rules, "count": count, "hops": [1, 2], "widths": [2], "source": [settings.GENERATED]}
    return collect(params.problems.model_copy(update={**sizes, **labels}), seed, Counter())


def train_and_evaluate(
    params: settings.Params, kinds: list[str], count: int, sets: dict[str, list[Problem]]
) -> dict[str, Any]:
    """The metrics of each set after SFT on gold traces of these kinds."""
    from sokrates.policy.model import load_base, save_policy
    from sokrates.training.common.trainer import TrainingContext
    from sokrates.training.sft.train import train

    training, _ = split(problems(params, kinds, count + count // 50 + 2, params.seed), 0.01, params.seed)
    traces = gold_traces(training[:count], params.problems.proofs, 1.0, params.seed, Counter())
    with run("rules", params) as log, TemporaryDirectory() as folder:
        model, tokenizer = load_base(params.model, seed=params.seed)
        context = TrainingContext(
            params.runtime, params.model.dtype, params.seed, Path(folder, "checkpoints"), log
        )
        sft = params.sft.model_copy(update={"max_length": MAX_LENGTH})
        trained = train(model, tokenizer, traces, sft, context)
        log.summary({name: value for name, value in trained.items() if name != "curve"})
        save_policy(model, tokenizer, Path(folder, "policy"))
        return figures(Path(folder, "policy"), sets, params)


def figures(policy: Path, sets: dict[str, list[Problem]], params: settings.Params) -> dict[str, Any]:
    """The metrics of a policy's greedy traces, by kind of proof and by label."""
    from sokrates.evaluation.evaluate import evaluate
    from sokrates.metrics import measure
    from sokrates.proof.trace import check_traces
    from sokrates.sampling.sampler import Sampler

    room = max(MAX_NEW_TOKENS, params.sampling.max_new_tokens)
    sampler = Sampler.from_params(params.sampling.model_copy(update={"max_new_tokens": room}), greedy=True)
    done = evaluate(policy, None, sets, sampler, params.model.dtype)
    by_name = {name: evaluated.metrics for name, evaluated in done.items()}
    traces = [trace for evaluated in done.values() for trace in evaluated.traces]
    for label in Answer:
        labelled = [trace for trace in traces if trace.problem.label is label]
        results = [
            (trace.problem, checked) for trace, checked in zip(labelled, check_traces(labelled), strict=True)
        ]
        by_name[label.name] = measure(results)
    return {name: {metric: metrics[metric] for metric in METRICS} for name, metrics in by_name.items()}


def table(results: dict[str, Any]) -> str:
    """Markdown, accuracy / trace validity in %: a row for what was trained on, a column for what was asked."""
    tables = []
    for columns in (KINDS, [label.name for label in Answer]):
        lines = [f"| | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
        for row, result in results.items():
            cells = [cell(result["sets"].get(column)) for column in columns]
            lines.append(f"| {row} | {' | '.join(cells)} |")
        tables.append("\n".join(lines))
    return "\n\n".join(tables)


def cell(metrics: dict[str, Any] | None) -> str:
    """Accuracy and trace validity of a set; of one that is empty or was not asked nothing."""
    if metrics is None:
        return "– / –"
    values = [metrics[name]["value"] for name in ("accuracy", "trace_validity")]
    return " / ".join("–" if value is None else f"{100 * value:.0f}" for value in values)


if __name__ == "__main__":
    main()
