"""Which rules a policy knows.

    python benchmarks/rules.py [ROW …] [--seeds N …] [--traces N] [--sampled N]
                                             trains the base model of params.yaml on one kind of proof a row
                                             (`problems.rules`), `all` on every kind in equal shares: SFT on gold
                                             traces, careful ones and shortcuts, then three rounds of DPO
                                             (ten minutes a row and seed on one core)
    python benchmarks/rules.py --policies FOLDER --name NAME [--columns KIND …] [--equal-labels]
                                             trains nothing: the rows are the policies of a folder, such as
                                             data/policy after `dvc exp apply NAME`

Each policy is evaluated on the same held-out problems, a column for each kind, greedily. Problems have one and two
hops, width two, and labels in the shares of params.yaml (the default has no UNKNOWN), or with --equal-labels a
third of each. Prints accuracy and trace validity in % by kind and by label, seeds together, and updates
benchmarks/results/rules.json, where a trained row is not computed again: rows of other params need a --name. To
use more cores, give each process other rows or seeds. Not covered: chains longer than the words last.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from strategies import together

from sokrates.data.dataset import collect, gold_traces, numbered, split
from sokrates.io.files import write_json
from sokrates.logic.answer import Answer
from sokrates.pipeline import params as settings
from sokrates.pipeline.machine import set_up_processor
from sokrates.pipeline.runlog import run
from sokrates.proof.problem import Problem

KINDS = list(settings.Rules.model_fields)
RESULTS = Path(__file__).parent / "results" / "rules.json"
ROOM = {  # that proofs of every kind need, unless params.yaml allows more
    "sft": {"max_length": 900},  # tokens of prompt and proof
    "sampling": {"max_new_tokens": 700, "max_steps": 28},
    "dpo": {"max_length": 900},
}
SHARES = ("accuracy", "trace_validity")
METRICS = (*SHARES, "step_validity")
ALL = "all"  # a row that is trained on every kind
POLICIES = ("sft", "iter3")  # of a row
ROUNDS = 3  # as in reinforcement.py
HELD_OUT_SEED = 1000  # training with it would train on the held-out problems


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"all, {', '.join(KINDS)} (default: each)")
    parser.add_argument(
        "--seeds", nargs="+", type=int, default=[7, 8, 9], metavar="N", help="of the rows (default: 7 8 9)"
    )
    parser.add_argument("--traces", type=int, default=6000, help="gold traces a row (default: %(default)s)")
    parser.add_argument("--sampled", type=int, default=300, help="problems a round (default: %(default)s)")
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
    if unknown := [row for row in args.rows if row not in (ALL, *KINDS)]:
        parser.error(f"no row is called {unknown[0]}")
    if args.policies and (args.rows or not args.name or not args.policies.is_dir()):
        parser.error("--policies takes a folder and a --name for its rows, and trains no ROW")
    if not args.name and (args.equal_labels or args.columns != KINDS):
        parser.error("other held-out problems than the default's need a --name for their rows")
    if HELD_OUT_SEED in args.seeds:
        parser.error(f"--seeds: held-out problems are those of seed {HELD_OUT_SEED}")
    if not 0 < ROUNDS * args.sampled <= args.traces or args.held_out < 1:
        parser.error(
            f"{ROUNDS} rounds take --sampled problems each of those of --traces; --held-out is at least 1"
        )
    before = recorded()
    for row in () if args.policies else wanted(args):
        if row.name in before and not row.size.items() <= before[row.name].items():
            parser.error(f"{RESULTS} has `{row.name}` of another size: give these rows a --name")
    set_up_processor()  # before torch is loaded
    params = with_room(settings.load())
    label_shares = {"unknown_share": 1 / 3, "refuted_share": 0.5} if args.equal_labels else {}
    sets = {
        kind: numbered(problems(params, [kind], args.held_out, HELD_OUT_SEED, **label_shares), kind)
        for kind in args.columns
    }
    for name, result in measured(args, params, sets):
        record(name, result)
    print(table(recorded()))


def recorded() -> dict[str, Any]:
    """The rows so far, those of another process too."""
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {}


def record(name: str, result: dict[str, Any]) -> None:
    """Adds a row; another process may add one at the same time."""
    folder = os.open(RESULTS.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # until it is closed
        write_json(RESULTS, {**recorded(), name: result})
    finally:
        os.close(folder)


class Row(NamedTuple):
    """A row to train. size: what is recorded of it beside its figures"""

    kinds: list[str]
    seed: int
    called: str
    size: dict[str, int]

    def policy(self, name: str) -> str:
        """What the figures of one of its policies are recorded as."""
        return f"{self.called} {name}, seed {self.seed}"

    @property
    def name(self) -> str:
        """What is recorded last."""
        return self.policy(POLICIES[-1])


def wanted(args: argparse.Namespace) -> list[Row]:
    """The rows that are asked for, seed by seed."""
    size = {"traces": args.traces, "sampled": args.sampled, "held_out": args.held_out}
    return [
        Row(KINDS if row == ALL else [row], seed, f"{args.name} {row}" if args.name else row, size)
        for seed in args.seeds
        for row in args.rows or [ALL, *KINDS]
    ]


def with_room(params: settings.Params) -> settings.Params:
    """Params that leave room for proofs of every kind."""
    wider = {}
    for name, least in ROOM.items():
        section = getattr(params, name)
        most = {limit: max(value, getattr(section, limit)) for limit, value in least.items()}
        wider[name] = section.model_copy(update=most)
    return params.model_copy(update=wider)


def measured(
    args: argparse.Namespace, params: settings.Params, sets: dict[str, list[Problem]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is asked for and not recorded, by name, each as soon as it is known."""
    if args.policies:
        for policy in sorted(args.policies.iterdir()):
            yield f"{args.name} {policy.name}", {"sets": figures(policy, sets, params)}
        return
    for row in wanted(args):
        if row.name not in recorded():
            seeded = params.model_copy(update={"seed": row.seed})
            for policy, found in train_and_evaluate(seeded, row.kinds, args.traces, args.sampled, sets):
                yield row.policy(policy), {**row.size, "sets": found}


def problems(params: settings.Params, kinds: list[str], count: int, seed: int, **labels: float) -> list[Problem]:
    """So many problems of these kinds, in equal shares; `labels` replaces shares of params.yaml."""
    rules = settings.Rules(**{kind: float(kind in kinds) for kind in KINDS})
    sizes = {"rules": rules, "count": count, "hops": [1, 2], "widths": [2], "source": [settings.GENERATED]}
    return collect(params.problems.model_copy(update={**sizes, **labels}), seed, Counter())


def train_and_evaluate(
    params: settings.Params, kinds: list[str], count: int, sampled: int, sets: dict[str, list[Problem]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The metrics of each set after SFT on `count` gold traces of these kinds, and after three rounds of DPO.

    sampled: of the problems of these traces, so many a round
    """
    from reinforcement import train_in_rounds

    from sokrates.policy.model import load_base, save_policy
    from sokrates.training.common.trainer import TrainingContext
    from sokrates.training.sft.train import train

    made = problems(params, kinds, count + count // 50 + 2, params.seed)
    training, _ = split(made, 0.01, params.seed)
    traces = gold_traces(
        training[:count], params.problems.proofs, params.problems.careful_share, params.seed, Counter()
    )
    with TemporaryDirectory() as folder:
        sft, last = (Path(folder, name) for name in POLICIES)
        with run("rules", params) as log:
            model, tokenizer = load_base(params.model, seed=params.seed)
            context = TrainingContext(
                params.runtime, params.model.dtype, params.seed, Path(folder, "checkpoints"), log
            )
            trained = train(model, tokenizer, traces, params.sft, context)
            log.summary({name: value for name, value in trained.items() if name != "curve"})
            save_policy(model, tokenizer, sft)
        yield sft.name, figures(sft, sets, params)
        train_in_rounds("dpo", sft, last, training, sampled, params.seed, params)
        yield last.name, figures(last, sets, params)


def figures(policy: Path, sets: dict[str, list[Problem]], params: settings.Params) -> dict[str, Any]:
    """The metrics of a policy's greedy traces, by kind of proof and by label."""
    from sokrates.evaluation.evaluate import evaluate
    from sokrates.metrics import measure
    from sokrates.proof.trace import check_traces
    from sokrates.sampling.sampler import Sampler

    done = evaluate(policy, None, sets, Sampler.from_params(params.sampling, greedy=True), params.model.dtype)
    by_name = {name: evaluated.metrics for name, evaluated in done.items()}
    traces = [trace for evaluated in done.values() for trace in evaluated.traces]
    for label in Answer:
        labelled = [trace for trace in traces if trace.problem.label is label]
        results = [
            (trace.problem, checked) for trace, checked in zip(labelled, check_traces(labelled), strict=True)
        ]
        by_name[label.name] = measure(results)
    return {name: {metric: metrics[metric] for metric in METRICS} for name, metrics in by_name.items()}


def of_all_seeds(results: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Accuracy and trace validity of each row's sets, the shares of all its seeds as one."""
    by_row: dict[str, list[dict[str, Any]]] = {}
    for name, result in results.items():
        by_row.setdefault(re.sub(r", seed \d+$", "", name), []).append(result["sets"])
    return {
        row: {
            column: {metric: pooled([one[column][metric] for one in of_seeds]) for metric in SHARES}
            for column in of_seeds[0]
            if all(column in one for one in of_seeds)
        }
        for row, of_seeds in by_row.items()
    }


def pooled(shares: list[dict[str, Any]]) -> dict[str, Any]:
    """As one, without those of nothing."""
    return together([one for one in shares if one["count"]])


def table(results: dict[str, Any]) -> str:
    """Markdown, accuracy / trace validity in %: a row for what was trained on, a column for what was asked."""
    tables, rows = [], of_all_seeds(results)
    for columns in (KINDS, [label.name for label in Answer]):
        lines = [f"| | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
        for row, sets in rows.items():
            cells = [cell(sets.get(column)) for column in columns]
            lines.append(f"| {row} | {' | '.join(cells)} |")
        tables.append("\n".join(lines))
    return "\n\n".join(tables)


def cell(metrics: dict[str, Any] | None) -> str:
    """Accuracy and trace validity of a set; of one that is empty or was not asked nothing."""
    if metrics is None:
        return "– / –"
    values = [metrics[name]["value"] for name in SHARES]
    return " / ".join("–" if value is None else f"{100 * value:.0f}" for value in values)


if __name__ == "__main__":
    main()
