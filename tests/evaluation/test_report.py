"""The rows of the plots, and that DVC draws them. Not covered: the metrics in them (test_metrics.py)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import yaml
from checkouts import GIT, ROOT, run_in

from sokrates.evaluation.report import reliability_rows
from sokrates.ops.plots import svg


def test_a_bin_without_a_step_has_no_row() -> None:
    rows = reliability_rows({"sft": [{"bin": 0.9, "observed": 0.75, "count": 4}], "iter1": []})
    (row,) = [row for row in rows if row["series"] != "perfect"]
    assert (row["predicted"], row["series"], row["value"], row["count"]) == (0.95, "sft", 0.75, 4)
    assert 0 < row["low"] < 0.75 < row["high"] < 1
    assert [(row["predicted"], row["value"]) for row in rows[:2]] == [(0.05, 0.05), (0.15, 0.15)]
    assert {tuple(sorted(row)) for row in rows} == {("count", "high", "low", "predicted", "series", "value")}


def test_a_plot_with_an_empty_bin_is_drawn(tmp_path: Path, monkeypatch) -> None:
    two = [{"bin": 0.0, "observed": 0.25, "count": 8}, {"bin": 0.9, "observed": 0.5, "count": 8}]
    bins = {"sft": two, "iter1": two, "iter2": [{"bin": 0.9, "observed": 0.875, "count": 8}]}
    plots = yaml.safe_load((ROOT / "dvc.yaml").read_text())["plots"]
    (reliability,) = [plot for plot in plots if "reliability" in plot]
    run_in(tmp_path, *GIT, "init", "-q")
    run_in(tmp_path, "dvc", "init", "-q")
    shutil.copytree(ROOT / ".dvc/plots", tmp_path / ".dvc/plots")
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots/reliability.json").write_text(json.dumps(reliability_rows(bins)))
    (tmp_path / "dvc.yaml").write_text(yaml.safe_dump({"plots": [reliability]}))
    monkeypatch.chdir(tmp_path)
    drawn = svg("reliability")
    assert drawn is not None and "null" not in drawn
    # A line for each of the four series; the gap of sft and iter1 is bridged, iter2 is one point.
    assert drawn.count('aria-roledescription="line mark"') == 4
    for value in ("0.25", "0.5", "0.875"):
        assert f"share of valid steps: {value}" in drawn
