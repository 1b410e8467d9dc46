"""The files that metrics and plots are read from: one JSON of figures, and rows for each plot of dvc.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sokrates.evaluation.calibration import BINS
from sokrates.evaluation.evaluate import Evaluated
from sokrates.files import write_json, write_json_lines

METRICS = ("accuracy", "step_validity", "trace_validity", "faithfulness")
HELD_OUT = "held_out"


def write_report(results: dict[str, dict[str, Evaluated]], metrics: Path, plots: Path, traces: Path) -> None:
    """Writes figures, plot rows and traces of `results`: policy → set → what was found.

    metrics/evaluation.json holds {set: {policy: figures}} and {"success_head": {policy: calibration}}.
    """
    figures: dict[str, Any] = {}
    for policy, sets in results.items():
        for name, found in sets.items():
            figures.setdefault(name, {})[policy] = found.metrics
            write_json_lines(traces / name / f"{policy}.jsonl", (trace.to_json() for trace in found.traces))
    heads = {policy: sets[HELD_OUT].head for policy, sets in results.items() if sets[HELD_OUT].head}
    write_json(metrics, {**figures, "success_head": heads})
    held_out = figures[HELD_OUT]
    rounds = [policy for policy in results if policy != "base"]
    write_json(
        plots / "rounds.json",
        [{"policy": p, **{m: held_out[p][m]["value"] for m in METRICS}} for p in rounds],
    )
    write_json(
        plots / "depth.json", [row for name, found in figures.items() for row in _by_depth(name, found, rounds)]
    )
    write_json(plots / "reliability.json", _reliability({p: results[p][HELD_OUT].bins for p in heads}))
    rejections = [
        {"reason": f"{p}: {reason}", "steps": steps}
        for p in rounds
        for reason, steps in held_out[p]["rejections"].items()
    ]
    write_json(plots / "rejections.json", rejections)


def _by_depth(name: str, figures: dict[str, Any], rounds: list[str]) -> list[dict[str, Any]]:
    """A row for each proof depth of a set: each policy's trace validity."""
    depths = sorted({depth for policy in rounds for depth in figures[policy]["by_depth"]}, key=int)
    return [
        {
            "problems": f"{name}: {depth}",
            **{p: figures[p]["by_depth"][depth]["trace_validity"]["value"] for p in rounds},
        }
        for depth in depths
    ]


def _reliability(bins: dict[str, list[dict[str, Any]] | None]) -> list[dict[str, Any]]:
    """A row a bin: its middle, the diagonal, each policy's share of valid steps (absent from an empty bin)."""
    rows = [{"predicted": (index + 0.5) / BINS, "perfect": (index + 0.5) / BINS} for index in range(BINS)]
    for policy, found in bins.items():
        for row in found or []:
            rows[round(row["bin"] * BINS)][policy] = row["observed"]
    return rows
