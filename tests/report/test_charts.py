"""The charts: what they draw, the data that they offer, and what they say when there is none."""

from __future__ import annotations

import csv
import io
import re
from xml.etree import ElementTree

import pytest
from specimens import CAREFUL
from worked import FALSE, FIRST, SHORT, STELLA, rollout

from sokrates.intervals import share
from sokrates.metrics import measure
from sokrates.proof.dependencies import Role
from sokrates.report import charts
from sokrates.report.charts import Chart

SVG = "{http://www.w3.org/2000/svg}"


def figures(*texts: str) -> dict[str, object]:
    return measure((STELLA, rollout(text).checked) for text in texts)


GOOD, BAD = figures(CAREFUL, CAREFUL), figures(CAREFUL, FIRST + SHORT + FALSE)


def marks(chart: Chart) -> int:
    """The marks of the drawing, axes and legends left out: those that have a tooltip."""
    return len(ElementTree.fromstring(chart.svg).findall(f".//{SVG}title"))


def test_shares_by_policy_with_intervals() -> None:
    chart = charts.by_policy({"sft": BAD, "iter1": GOOD})
    row = next(row for row in chart.rows if (row["policy"], row["series"]) == ("sft", "trace validity"))
    assert row["value"] == 0.5 and row["low"] < 0.5 < row["high"] and row["count"] == 2
    assert marks(chart) == 8 + 8 + 4  # points, intervals, lines
    assert "var(--series-0)" in chart.svg and "#b0000" not in chart.svg
    read = list(csv.DictReader(io.StringIO(chart.csv)))
    assert [float(row["value"]) for row in read] == [row["value"] for row in chart.rows]


def test_files_are_not_joined_by_lines() -> None:
    assert marks(charts.by_policy({"one": BAD, "two": GOOD})) == 8 + 8


def test_depth_and_rejections() -> None:
    depth = charts.by_depth({"sft": BAD})
    assert [(row["depth"], row["value"]) for row in depth.rows] == [(2, 0.5)]
    rejections = charts.rejections({"sft": BAD, "iter1": GOOD})
    assert {row["reason"]: (row["steps"], row["value"]) for row in rejections.rows} == {
        "rule does not apply": (1, 1 / 6),
        "conclusion not derived": (1, 1 / 6),
    }


def test_the_charts_of_one_file_hide_nothing() -> None:
    points = [
        re.findall(r"translate\(([\d.]+),", mark.get("transform", ""))
        for mark in ElementTree.fromstring(charts.by_policy({"one": BAD}).svg).iter()
        if mark.find(f"{SVG}title") is not None and mark.get("d", "").startswith("M2")  # a circle
    ]
    assert len(points) == 4 and len({x for (x,) in points}) == 4
    chart = charts.rejections({"one": BAD})
    labels = [
        float(re.findall(r",([\d.]+)\)", text.get("transform", ""))[0])
        for text in ElementTree.fromstring(chart.svg).iter(f"{SVG}text")
        if text.text in {row["reason"] for row in chart.rows}
    ]
    assert len(labels) == 2 and abs(labels[0] - labels[1]) > 11  # pixels: the size of the font


def test_roles_add_up() -> None:
    roles = [[Role.NEEDED, Role.REPEAT, Role.NEEDED], [Role.REJECTED]]
    chart = charts.needed_steps({"sft": roles})
    assert {row["series"]: row["value"] for row in chart.rows} == {
        "needed": 2 / 4,
        "not needed": 0,
        "repeat": 1 / 4,
        "restatement": 0,
        "rejected": 1 / 4,
    }


def test_risk_and_coverage_by_hand() -> None:
    # From the most probable: valid, (valid, not) together, not
    chart = charts.risk_coverage({"sft": [(0.2, False), (0.9, True), (0.5, False), (0.5, True)]})
    assert [(row["coverage"], row["risk"]) for row in chart.rows] == [(1 / 4, 0), (3 / 4, 1 / 3), (1, 2 / 4)]


def test_tokens_need_every_trace_to_say_them() -> None:
    chart = charts.proved_against_tokens({"sft": BAD, "iter1": GOOD}, {"sft": [10, 20], "iter1": [5, None]})
    assert [(row["series"], row["tokens"], row["value"]) for row in chart.rows] == [("sft", 15, 0.5)]


def test_a_missing_value_leaves_the_rest_standing() -> None:
    rows = [
        {"predicted": 0.05, "series": "sft", "value": 0.0, "low": 0.0, "high": 0.1, "count": 9},
        {"predicted": 0.95, "series": "sft", "value": None, "low": None, "high": None, "count": 0},
    ]
    assert len(charts.reliability(rows).rows) == 1
    assert len(charts.loss("x", "x", {"sft": [{"step": 1}, {"step": 2, "loss": 0.5}]}, "log").rows) == 1


def test_classes_of_errors_that_occur() -> None:
    shares = {"false": share(1, 4), "unreadable": share(3, 4), "went on": share(0, 4)}
    chart = charts.error_classes({"sft": {"shares": shares}, "iter1": {"shares": {"false": share(0, 0)}}})
    assert [(row["class"], row["series"], row["value"]) for row in chart.rows] == [
        ("false", "sft", 0.25),
        ("unreadable", "sft", 0.75),
    ]
    assert chart.rows[0]["high"] == share(1, 4)["high"] and "unreadable" in chart.svg


@pytest.mark.parametrize(
    "chart",
    [
        charts.error_classes({}),
        charts.by_policy({}),
        charts.by_depth({"sft": measure([])}),
        charts.rejections({"sft": GOOD}),
        charts.needed_steps({}),
        charts.proved_against_tokens({"sft": GOOD}, {"sft": [None, None]}),
        charts.reliability([]),
        charts.risk_coverage({"sft": []}),
        charts.loss("sft_loss", "SFT loss", {"sft": []}, "log"),
    ],
    ids=lambda chart: chart.name,
)
def test_an_empty_chart_says_why_and_draws_nothing(chart: Chart) -> None:
    assert chart.svg == "" and chart.empty.endswith(".")
