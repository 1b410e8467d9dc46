"""The files of figures and plots: one JSON of metrics, and rows for each plot of dvc.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sokrates.evaluation.calibration import BINS
from sokrates.evaluation.evaluate import Evaluated
from sokrates.files import write_json, write_json_lines

METRICS = ("accuracy", "step_validity", "trace_validity", "faithfulness")
HELD_OUT = "held_out"


def write_report(results: dict[str, dict[str, Evaluated]], metrics: Path, plots: Path, traces: Path) -> None:
    """Writes figures, plot rows and traces of `results`: policy → set of problems → its evaluation.

    The file `metrics` holds {set: {policy: figures}} and {"success_head": {policy: calibration}}.
    """
    figures: dict[str, Any] = {}
    for policy, sets in results.items():
        for name, evaluated in sets.items():
            figures.setdefault(name, {})[policy] = evaluated.metrics
            write_json_lines(traces / name / f"{policy}.jsonl", (trace.to_json() for trace in evaluated.traces))
    heads = {policy: sets[HELD_OUT].head for policy, sets in results.items() if sets[HELD_OUT].head}
    write_json(metrics, {**figures, "success_head": heads})
    held_out = figures[HELD_OUT]
    rounds = [policy for policy in results if policy != "base"]
    write_json(
        plots / "rounds.json",
        [{"policy": p, **{m: held_out[p][m]["value"] for m in METRICS}} for p in rounds],
    )
    depths = sorted({depth for p in rounds for depth in held_out[p]["by_depth"]}, key=int)
    by_depth = [
        {"depth": int(d), **{p: held_out[p]["by_depth"][d]["trace_validity"]["value"] for p in rounds}}
        for d in depths
    ]
    write_json(plots / "depth.json", by_depth)
    write_json(plots / "reliability.json", reliability_rows({p: results[p][HELD_OUT].bins for p in heads}))
    rejections = [
        {"reason": f"{p}: {reason}", "steps": steps}
        for p in rounds
        for reason, steps in held_out[p]["rejections"].items()
    ]
    write_json(plots / "rejections.json", rejections)


def reliability_rows(bins: dict[str, list[dict[str, Any]] | None]) -> list[dict[str, Any]]:
    """A row for each bin: its middle, the diagonal, each policy's share of valid steps, null where it has no step.

    Every row has every key: DVC draws nothing from rows whose keys differ.
    """
    middles = [(index + 0.5) / BINS for index in range(BINS)]
    rows = [{"predicted": middle, "perfect": middle, **dict.fromkeys(bins)} for middle in middles]
    for policy, filled in bins.items():
        for row in filled or []:
            rows[round(row["bin"] * BINS)][policy] = row["observed"]
    return rows
