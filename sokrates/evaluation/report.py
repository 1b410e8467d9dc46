"""The files of figures and plots: one JSON of metrics, and rows for each plot of dvc.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sokrates.evaluation.calibration import BINS
from sokrates.evaluation.evaluate import Evaluated
from sokrates.io.files import write_json, write_json_lines
from sokrates.metrics import HELD_OUT

METRICS = ("accuracy", "step_validity", "trace_validity", "faithfulness")
PURPOSES = ("needed_share", "repeats", "restatements")  # what steps are for


def write_report(
    results: Mapping[str, Mapping[str, Evaluated]],
    left_out: Mapping[str, Mapping[str, int]],
    metrics: Path,
    plots: Path,
    traces: Path,
) -> None:
    """Writes figures, plot rows and traces of `results`: policy → set of problems → its evaluation.

    left_out: set → reason → problems of its source that were not read. The file `metrics` holds it beside
    {set: {policy: figures}} and {"success_head": {policy: calibration}}. A plot row is a point of a series,
    {series, …, value, low, high, count}; a share of nothing has no row. A line of traces also holds `tokens` and,
    where a success head judged them, `success_probability`, a number for each step.
    """
    figures: dict[str, Any] = {}
    for policy, sets in results.items():
        for name, evaluated in sets.items():
            figures.setdefault(name, {})[policy] = evaluated.metrics
            write_json_lines(traces / name / f"{policy}.jsonl", _trace_rows(evaluated))
    heads = {policy: sets[HELD_OUT].head for policy, sets in results.items() if sets[HELD_OUT].head}
    counted = {name: dict(sorted(reasons.items())) for name, reasons in left_out.items()}
    write_json(metrics, {**figures, "success_head": heads, "left_out": counted})
    held_out = {policy: found for policy, found in figures[HELD_OUT].items() if policy != "base"}
    rounds, purposes, length = (
        [
            {"policy": policy, "series": metric, **found[metric]}
            for policy, found in held_out.items()
            for metric in metrics_of_plot
        ]
        for metrics_of_plot in (METRICS, PURPOSES, ("length_ratio",))
    )
    by_depth = [
        {"problems": f"{name}: {depth}", "series": policy, **shares["trace_validity"]}
        for name, by_policy in figures.items()
        for policy, found in by_policy.items()
        if policy != "base"
        for depth, shares in sorted(found["by_depth"].items(), key=lambda item: int(item[0]))
    ]
    reliability = reliability_rows({policy: results[policy][HELD_OUT].bins or [] for policy in heads})
    by_name = {"rounds": rounds, "purposes": purposes, "length": length, "depth": by_depth}
    for name, rows in {**by_name, "reliability": reliability}.items():
        write_json(plots / f"{name}.json", [row for row in rows if row["value"] is not None])
    rejections = [
        {"reason": f"{policy}: {reason}", "steps": steps}
        for policy, found in held_out.items()
        for reason, steps in found["rejections"].items()
    ]
    write_json(plots / "rejections.json", rejections)
    write_json(plots / "error_classes.json", _error_rows(held_out))


def _error_rows(figures: dict[str, Any]) -> list[dict[str, Any]]:
    """A row for each class of error that a policy's rejected steps have, at all depths together and at each."""
    rows = []
    for policy, of_policy in figures.items():
        classes = of_policy["error_classes"]
        by_depth = {"all": classes} | {f"hops: {hops}": found for hops, found in classes["by_depth"].items()}
        for depth, found in by_depth.items():
            for name, part in found["shares"].items():
                if part["value"]:
                    rows.append(
                        {
                            "policy": policy,
                            "depth": depth,
                            "series": name,
                            "value": part["value"],
                            "steps": found["steps"],
                        }
                    )
    return rows


def reliability_rows(bins: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """A row for each bin that holds a step of the policy: the mean prediction, and the share of valid steps.

    The series `perfect` is the diagonal. Every row has every key: DVC draws nothing from rows whose keys differ.
    """
    middles = [round((index + 0.5) / BINS, 3) for index in range(BINS)]
    perfect = {"series": "perfect", "count": None}
    diagonal = [{"predicted": at, "value": at, "low": at, "high": at, **perfect} for at in middles]
    return diagonal + [
        {**row, "predicted": round(row["predicted"], 3), "series": policy}
        for policy, filled in bins.items()
        for row in filled
    ]


def _trace_rows(found: Evaluated) -> Iterator[dict[str, Any]]:
    for number, (trace, tokens) in enumerate(zip(found.traces, found.tokens, strict=True)):
        judged = {} if found.probabilities is None else {"success_probability": found.probabilities[number]}
        yield {**trace.to_json(), "tokens": tokens, **judged}
