"""Rows of the plots, that DVC draws them, sets side by side. Not covered: the metrics (test_metrics.py)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import yaml
from checkouts import GIT, ROOT, run_in
from specimens import CAREFUL, SHORTCUT, check, problem

from sokrates.data.dataset import numbered
from sokrates.evaluation.error_classes import error_shares
from sokrates.evaluation.evaluate import Evaluated
from sokrates.evaluation.report import reliability_rows, write_report
from sokrates.intervals import share
from sokrates.metrics import HELD_OUT, measure
from sokrates.ops.plots import svg
from sokrates.proof.trace import Trace


def test_a_bin_without_a_step_has_no_row() -> None:
    rows = reliability_rows({"sft": [{"predicted": 0.9871, **share(3, 4)}], "iter1": []})
    (row,) = [row for row in rows if row["series"] != "perfect"]
    assert (row["predicted"], row["series"], row["value"], row["count"]) == (0.987, "sft", 0.75, 4)
    assert 0 < row["low"] < 0.75 < row["high"] < 1
    assert [(row["predicted"], row["value"]) for row in rows[:2]] == [(0.05, 0.05), (0.15, 0.15)]
    assert {tuple(sorted(row)) for row in rows} == {("count", "high", "low", "predicted", "series", "value")}


def test_a_plot_with_an_empty_bin_is_drawn(tmp_path: Path, monkeypatch) -> None:
    two = [{"predicted": 0.04, **share(2, 8)}, {"predicted": 0.96, **share(4, 8)}]
    bins = {"sft": two, "iter1": two, "iter2": [{"predicted": 0.96, **share(7, 8)}]}
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


def evaluated(name: str, text: str) -> Evaluated:
    (one,) = numbered([problem()], name)
    results = [(one, check(text))]
    metrics = {**measure(results), "error_classes": error_shares(results)}
    return Evaluated([Trace(one, text)], [80], None, metrics, None, None)


def test_sets_stand_beside_each_other_by_depth(tmp_path: Path) -> None:
    results = {
        policy: {HELD_OUT: evaluated(HELD_OUT, CAREFUL), "others-2hop": evaluated("others-2hop", text)}
        for policy, text in (("base", SHORTCUT), ("sft", SHORTCUT), ("iter1", CAREFUL))
    }
    left_out = {"extra": {"no form": 2}}
    write_report(results, left_out, tmp_path / "evaluation.json", tmp_path / "plots", tmp_path / "traces")
    rows = json.loads((tmp_path / "plots/depth.json").read_text())
    assert [(row["problems"], row["series"], row["value"]) for row in rows] == [
        ("held_out: 2", "sft", 1.0),
        ("held_out: 2", "iter1", 1.0),
        ("others-2hop: 2", "sft", 0.0),
        ("others-2hop: 2", "iter1", 1.0),
    ]
    figures = json.loads((tmp_path / "evaluation.json").read_text())
    assert figures["others-2hop"]["sft"]["trace_validity"]["value"] == 0.0
    assert figures["left_out"] == left_out
    assert figures["others-2hop"]["sft"]["accuracy"]["value"] == 1.0
    (line,) = (tmp_path / "traces/others-2hop/iter1.jsonl").read_text().splitlines()
    assert json.loads(line)["id"] == "others-2hop 1"


def test_shares_of_errors_sum_to_one_at_each_depth_and_at_all(tmp_path: Path) -> None:
    results = {
        policy: {HELD_OUT: evaluated(HELD_OUT, text)} for policy, text in (("sft", SHORTCUT), ("iter1", CAREFUL))
    }
    write_report(results, {}, tmp_path / "evaluation.json", tmp_path / "plots", tmp_path / "traces")
    errors = json.loads((tmp_path / "plots/error_classes.json").read_text())
    assert {(row["policy"], row["depth"], row["steps"]) for row in errors} == {
        ("sft", "all", 2),
        ("sft", "hops: 2", 2),
    }
    for depth in "all", "hops: 2":
        assert sum(row["value"] for row in errors if row["depth"] == depth) == 1
