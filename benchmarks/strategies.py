"""Strategies at test time: problems proved against the tokens that they cost.

    python benchmarks/strategies.py [--policy FOLDER] [--head FOLDER] [--problems N] [--longer FILE …] [--seed N]
                                    [--strategies NAME …] [--candidates K …]

One policy solves the first held-out problems, and the first of each file of longer problems, by every strategy,
with 1, 2, 4 and 8 candidates where it has any. Best-of-K and vote all choose from the same traces, the first K.
Writes benchmarks/results/strategies.json after each strategy and goes on where it stopped; prints a table of all
seeds in it, and draws benchmarks/results/strategies.svg of them. Run `dvc repro` first: it makes the policy, the
success head and the problems.

A strategy with `kernel` in its name chooses valid traces wherever it has one, so its figure is the share of
problems proved, and its price the tokens of all candidates. Not covered: time (`solve.py`).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from sokrates.data.dataset import numbered, read_problems
from sokrates.intervals import ratio, share
from sokrates.pipeline import params as settings
from sokrates.pipeline.machine import set_up_processor
from sokrates.pipeline.strategy import STRATEGIES, read_strategy
from sokrates.proof.problem import Problem
from sokrates.proof.trace import Trace, check_traces, read_problem_file

RESULTS = Path(__file__).parent / "results" / "strategies.json"
CANDIDATES = (1, 2, 4, 8)
WHOLE = ("best", "vote")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--policy", type=Path, default=Path("data/policy/iter3"))
    parser.add_argument(
        "--head",
        type=Path,
        default=Path("runs/success_head/iter3"),
        help="trained on the policy's traces (default: %(default)s, which success_head.py makes)",
    )
    parser.add_argument("--held-out", type=Path, default=Path("data/problems/test.jsonl"), metavar="FILE")
    parser.add_argument("--problems", type=int, default=200, help="of each set (default: %(default)s)")
    parser.add_argument(
        "--longer", type=Path, nargs="*", default=[], metavar="FILE", help="of the original generator"
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--strategies", nargs="*", default=STRATEGIES, choices=STRATEGIES, metavar="NAME")
    parser.add_argument("--candidates", type=int, nargs="*", default=CANDIDATES, metavar="K")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FILE")
    arguments = parser.parse_args()
    written = arguments.results
    set_up_processor()  # before torch is loaded
    sets = {"held_out": list(islice(read_problem_file(arguments.held_out), arguments.problems))}
    for file in arguments.longer:
        sets[file.stem] = numbered(read_problems(f"prontoqa:{file}", Counter()), file.stem)[: arguments.problems]
    results = json.loads(written.read_text()) if written.exists() else []
    seed, policy = arguments.seed, hash_of(arguments.policy)
    same = {
        name: {"problems": name, "count": len(problems), "policy": policy, "seed": seed}
        for name, problems in sets.items()
    }
    before = [row for row in results if row["seed"] == seed and row["problems"] in sets]
    if not all(same[row["problems"]].items() <= row.items() for row in before):
        parser.error(f"{written} has rows of another policy or number of problems: name another --results FILE")
    heads = {
        name: hash_of(arguments.head) if read_strategy(name).needs_head else None for name in arguments.strategies
    }
    for name, problems in sets.items():
        done = {
            key(row) for row in before if row["problems"] == name and row["head"] == heads.get(row["strategy"])
        }
        for row in rows(problems, arguments, done):
            row = {**same[name], "head": heads[row["strategy"]], **row}
            results = [one for one in results if order(one) != order(row)] + [row]  # it was of another head
            written.write_text(json.dumps(sorted(results, key=order), indent=1, sort_keys=True) + "\n")
            print(table([results[-1]]), flush=True)
    pooled = of_all_seeds(results)
    print(f"\nAll seeds:\n{table(pooled)}")
    draw(pooled, written.with_suffix(".svg"))


def of_all_seeds(results: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for each set, strategy and K: the shares of all seeds as one, and the mean number of tokens."""
    by_kind: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in results:
        by_kind.setdefault((row["problems"], *key(row)), []).append(row)
    return [
        {
            **{name: rows[0][name] for name in ("problems", "strategy", "candidates")},
            **{name: together([row[name] for row in rows]) for name in ("proved", "answered")},
            "tokens": sum(row["tokens"] for row in rows) / len(rows),
        }
        for rows in by_kind.values()
    ]


def together(shares: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Shares of several seeds as one, with its interval."""
    counts = [round(one["value"] * one["count"]) for one in shares]
    return share(sum(counts), sum(one["count"] for one in shares))


def hash_of(folder: Path) -> str:
    """Says which policy or head a row is of."""
    content = hashlib.md5(usedforsecurity=False)
    for file in sorted(folder.iterdir()):
        content.update(file.read_bytes())
    return content.hexdigest()[:8]


def key(row: Mapping[str, Any]) -> tuple[str, int]:
    return row["strategy"], row["candidates"]


def order(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["problems"], STRATEGIES.index(row["strategy"]), row["candidates"], row["seed"]


def rows(
    problems: Sequence[Problem], arguments: argparse.Namespace, done: set[tuple[str, int]]
) -> Iterator[dict[str, Any]]:
    """A row for each strategy and number of candidates that is not done; whole traces are drawn once for all."""
    from sokrates.sampling.sampler import Sampler
    from sokrates.strategies.solve import Search, solve, solve_by_whole_traces

    params = settings.load()
    sampler = Sampler.from_params(params.sampling)
    wanted = [
        (name, count)
        for name in arguments.strategies
        for count in (arguments.candidates if read_strategy(name).uses_candidates else [1])
        if (name, count) not in done
    ]
    whole = [(name, count) for name, count in wanted if read_strategy(name).method in WHOLE]
    for name, count in wanted:
        if (name, count) in whole:
            continue
        began = time.perf_counter()
        search = Search(name, arguments.head, count, arguments.seed)
        samples = solve(arguments.policy, problems, sampler, search, dtype=params.model.dtype)
        yield row(name, count, problems, samples, time.perf_counter() - began)
    if whole:
        searches = [Search(name, arguments.head, count, arguments.seed) for name, count in whole]
        found = solve_by_whole_traces(arguments.policy, problems, sampler, searches, dtype=params.model.dtype)
        for (name, count), samples in zip(whole, found, strict=True):
            yield row(name, count, problems, samples, None)


def row(
    name: str, count: int, problems: Sequence[Problem], samples: Iterable[Any], seconds: float | None
) -> dict[str, Any]:
    samples = list(samples)
    traces = [Trace(problem, s.text, s.ended) for problem, s in zip(problems, samples, strict=True)]
    checked = list(check_traces(traces))
    pairs = list(zip(problems, checked, strict=True))
    tokens = sum(s.tokens for s in samples)
    return {
        "strategy": name,
        "candidates": count,
        "uses_kernel": read_strategy(name).kernel,
        "proved": share(sum(found.valid(problem.label) for problem, found in pairs), len(pairs)),
        "answered": share(sum(found.is_right(problem.label) for problem, found in pairs), len(pairs)),
        "rejected_actions": ratio(
            [(sum(v.rejection is not None for v in found.verdicts), len(found.verdicts)) for found in checked]
        ),
        "tokens": round(tokens / len(problems), 1),
        "seconds": seconds and round(seconds, 1),
    }


def table(results: Sequence[Mapping[str, Any]]) -> str:
    """Markdown: a row for each strategy; shares in %, with the 95 % interval."""
    return "\n".join(
        f"| {row['problems']} | {row['strategy']} | {row['candidates']} | {percent(row['proved'])} "
        f"| {percent(row['answered'])} | {row['tokens']:.0f} |"
        for row in results
    )


def percent(found: Mapping[str, Any]) -> str:
    return f"{100 * found['value']:.1f} ({100 * found['low']:.1f}–{100 * found['high']:.1f})"


def draw(results: Sequence[Mapping[str, Any]], file: Path) -> None:
    """The curves of proved against tokens, a panel for each set of problems."""
    import vl_convert

    points = [{**{k: row[k] for k in ("problems", "strategy", "tokens")}, **row["proved"]} for row in results]
    proved = {"type": "quantitative", "scale": {"zero": False}, "axis": {"format": ".0%"}}
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": points},
        "facet": {"field": "problems", "title": None},
        "resolve": {"scale": {"y": "independent", "x": "independent"}},
        "spec": {
            "width": 380,
            "height": 320,
            "encoding": {
                "x": {
                    "field": "tokens",
                    "type": "quantitative",
                    "title": "tokens written for a problem",
                    "scale": {"type": "log", "nice": False},
                },
                "color": {"field": "strategy", "type": "nominal", "scale": {"scheme": "tableau20"}},
            },
            "layer": [
                {
                    "mark": {"type": "line", "point": True},
                    "encoding": {"y": {**proved, "field": "value", "title": "problems proved"}},
                },
                {
                    "mark": {"type": "rule", "opacity": 0.25},
                    "encoding": {"y": {**proved, "field": "low"}, "y2": {"field": "high"}},
                },
            ],
        },
    }
    file.write_text(vl_convert.vegalite_to_svg(json.dumps(spec)))


if __name__ == "__main__":
    main()
