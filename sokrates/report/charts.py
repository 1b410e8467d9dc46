"""The charts of the report, drawn by Vega-Lite while the page is made: SVG in the page, no script in the browser.

A colour is a CSS variable of the page, so a chart follows its light and dark themes. A chart that has nothing to
show says why. Each carries its rows, which the page offers as CSV.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import vl_convert

from sokrates.intervals import ratio
from sokrates.proof.dependencies import Role

Row = dict[str, Any]
Figures = Mapping[str, Any]

METRICS = {
    "accuracy": "accuracy",
    "step_validity": "step validity",
    "trace_validity": "trace validity",
    "faithfulness": "faithfulness",
}
_SVG = "http://www.w3.org/2000/svg"
_WIDTH, _HEIGHT = 290, 190  # pixels of the plot area: a chart is as wide as a phone
_GROUP_HEIGHT = 18  # pixels at least of the bars that share a label
_COVERAGES = 50  # points of a risk-coverage curve
# Vega-Lite wants colours that it knows; each stands for a variable of the page's style.
_INK, _MUTED, _LINE = "#010101", "#020202", "#030303"
_POLICY_COLOURS = tuple(f"#a0000{number}" for number in range(6))
_SERIES = tuple(f"#b0000{number}" for number in range(6))
POLICIES = ("base", "sft", "iter1", "iter2", "iter3")  # in the order of training, each with its own colour
_VARIABLES = {
    _INK: "ink",
    _MUTED: "muted",
    _LINE: "line",
    **{colour: f"policy-{number}" for number, colour in enumerate(_POLICY_COLOURS)},
    **{colour: f"series-{number}" for number, colour in enumerate(_SERIES)},
}
_AXIS = {
    "labelColor": _MUTED,
    "titleColor": _MUTED,
    "titleFontWeight": "normal",
    "titleFontSize": 11,
    "labelFontSize": 11,
    "domainColor": _LINE,
    "tickColor": _LINE,
    "gridColor": _LINE,
    "labelAngle": 0,
    "labelLimit": 170,
}
_LEGEND = {
    "labelColor": _INK,
    "labelFontSize": 11,
    "title": None,
    "orient": "top",
    "columns": 5,
    "symbolOpacity": 1,
}
_CONFIG = {
    "background": None,
    "font": "Helvetica, Arial, sans-serif",
    "view": {"stroke": None},
    "axis": _AXIS,
    "legend": _LEGEND,
}
_ROLE_COLOURS = {
    Role.NEEDED: _SERIES[2],
    Role.NOT_NEEDED: _SERIES[4],
    Role.REPEAT: _SERIES[3],
    Role.RESTATEMENT: _SERIES[1],
    Role.REJECTED: _SERIES[5],
}


@dataclass(frozen=True)
class Chart:
    """A chart as the page shows it.

    name: of the file that its data downloads as, and of its anchor
    title, reading: what it shows, and how to read it
    rows: what is drawn
    svg: the drawing; "" where there are no rows, and then `empty` says why
    """

    name: str
    title: str
    reading: str
    rows: Sequence[Row]
    svg: str
    empty: str = ""

    @property
    def csv(self) -> str:
        """The rows as CSV with a header."""
        text = io.StringIO()
        fields = list(dict.fromkeys(field for row in self.rows for field in row))
        writer = csv.DictWriter(text, fields, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return text.getvalue()


def draw(name: str, title: str, reading: str, rows: Sequence[Row], spec: Row, empty: str) -> Chart:
    """The chart of a Vega-Lite specification without data; with no rows, one that says `empty`."""
    if not rows:
        return Chart(name, title, reading, (), "", empty)
    whole = {"width": _WIDTH, "height": _HEIGHT, "config": _CONFIG, "data": {"values": list(rows)}, **spec}
    return Chart(name, title, reading, rows, _page_svg(vl_convert.vegalite_to_svg(json.dumps(whole)), title))


def _page_svg(svg: str, title: str) -> str:
    """The drawing with the page's colours: one image to a screen reader, each mark's values in its tooltip."""
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(svg)
    for element in list(root.iter()):
        label = element.attrib.pop("aria-label", None)
        is_mark = element.attrib.pop("role", None) == "graphics-symbol"
        if is_mark and label and element.attrib.get("aria-roledescription") not in ("axis", "legend"):
            ElementTree.SubElement(element, f"{{{_SVG}}}title").text = label
        for attribute in ("aria-roledescription", "aria-hidden", "pointer-events"):
            element.attrib.pop(attribute, None)
        for attribute in ("fill", "stroke"):
            variable = _VARIABLES.get(element.get(attribute, ""))
            if variable:
                element.set(attribute, f"var(--{variable})")
    root.attrib.update({"role": "img", "aria-label": title})
    return ElementTree.tostring(root, encoding="unicode")


def _bar_heights(rows: Sequence[Row]) -> Row:
    """The height of each policy's bar, so that the label of a group of bars has room."""
    policies = len({row["series"] for row in rows})
    return {"step": max(7, _GROUP_HEIGHT / max(1, policies))}


def _shares(field: str, title: str, **scale: Any) -> Row:
    """An axis of shares."""
    axis = {"format": ".0%", "tickCount": 5}
    return {"field": field, "type": "quantitative", "title": title, "scale": scale, "axis": axis}


def _colours(names: Sequence[str], colours: Sequence[str]) -> Row:
    domain = {"domain": list(names), "range": [colours[number % len(colours)] for number in range(len(names))]}
    return {"field": "series", "type": "nominal", "sort": None, "scale": domain}


def _policy_colours(rows: Sequence[Row]) -> Row:
    """A colour for each policy that a row names: the round's own or, for other names (of files), the next one."""
    drawn = list(dict.fromkeys(row["series"] for row in rows))
    known = set(drawn) <= set(POLICIES)
    return _colours(
        drawn, [_POLICY_COLOURS[POLICIES.index(name)] for name in drawn] if known else _POLICY_COLOURS[1:]
    )


def _points_with_intervals(x: Row, y: str, colour: Row, *, joined: bool = True) -> Row:
    """Points with a bar for each 95 % interval, and lines through them where their order means something."""
    value = _shares("value", y, domain=[0, 1])
    line = {"mark": {"type": "line", "strokeWidth": 1.5}, "encoding": {"y": value}}
    return {
        "encoding": {"x": x, "color": colour},
        "layer": [
            {
                "mark": {"type": "rule", "opacity": 0.35, "strokeWidth": 3},
                "encoding": {"y": {**value, "field": "low"}, "y2": {"field": "high"}},
            },
            *([line] if joined else []),
            {"mark": {"type": "point", "filled": True, "size": 30, "opacity": 1}, "encoding": {"y": value}},
        ],
    }


def _interval(share: Figures) -> Row:
    return {key: share[key] for key in ("value", "low", "high", "count")}


def by_policy(figures: Mapping[str, Figures]) -> Chart:
    """Accuracy and validity of each policy. figures: policy → what `sokrates.metrics.measure` gives."""
    rows = [
        {"policy": policy, "series": name, **_interval(measured[metric])}
        for policy, measured in figures.items()
        for metric, name in METRICS.items()
        if measured[metric]["value"] is not None
    ]
    axis = {"labelLimit": _WIDTH // max(1, len(figures))}
    x = {"field": "policy", "type": "nominal", "sort": None, "title": None, "axis": axis}
    spec = _points_with_intervals(
        x, "share", _colours(list(METRICS.values()), _SERIES), joined=set(figures) <= set(POLICIES)
    )
    if len(figures) == 1:  # side by side: there is room, and intervals would hide each other
        spec["encoding"]["xOffset"] = {"field": "series", "sort": None}
    return draw(
        "accuracy_and_validity",
        "Accuracy and validity",
        "A trace is valid when every step is and the answer is right. Bars are 95 % intervals.",
        rows,
        spec,
        "There is no trace.",
    )


def by_depth(figures: Mapping[str, Figures]) -> Chart:
    """Trace validity of each policy by the problems' depth."""
    rows = [
        {"depth": int(depth), "series": policy, **_interval(shares["trace_validity"])}
        for policy, whole in figures.items()
        for depth, shares in sorted(whole["by_depth"].items(), key=lambda item: int(item[0]))
    ]
    x = {"field": "depth", "type": "ordinal", "title": "hops"}
    return draw(
        "validity_by_depth",
        "Trace validity by depth",
        "Depth is the number of hops from the facts to the conclusion. Bars are 95 % intervals.",
        rows,
        _points_with_intervals(x, "valid traces", _policy_colours(rows)),
        "No problem states its depth.",
    )


def rejections(figures: Mapping[str, Figures]) -> Chart:
    """The reasons for rejection, as shares of each policy's steps."""
    rows = [
        {"reason": reason, "series": policy, "value": count / measured["steps"], "steps": count}
        for policy, measured in figures.items()
        for reason, count in measured["rejections"].items()
    ]
    totals: Counter[str] = Counter()
    for row in rows:
        totals[row["reason"]] += row["value"]
    order = [reason for reason, _ in totals.most_common()]
    spec = {
        "width": _WIDTH - 110,
        "height": _bar_heights(rows),
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "reason", "type": "nominal", "sort": order, "title": None, "scale": {"padding": 0.25}},
            "yOffset": {"field": "series", "sort": list(figures)},
            "x": _shares("value", "share of the policy's steps"),
            "color": _policy_colours(rows),
        },
    }
    return draw(
        "rejections",
        "Why steps are rejected",
        "Rejected steps by reason, as a share of all steps that the policy wrote.",
        rows,
        spec,
        "No step was rejected.",
    )


def error_classes(classes: Mapping[str, Figures]) -> Chart:
    """What went wrong in rejected steps. classes: policy → its `error_classes` in metrics/evaluation.json."""
    rows = [
        {"class": name, "series": policy, **_interval(share)}
        for policy, found in classes.items()
        for name, share in found["shares"].items()
        if share["value"]
    ]
    totals: Counter[str] = Counter()
    for row in rows:
        totals[row["class"]] += row["value"]
    spec = {
        "width": _WIDTH - 110,
        "height": _bar_heights(rows),
        "encoding": {
            "y": {
                "field": "class",
                "type": "nominal",
                "sort": [name for name, _ in totals.most_common()],
                "title": None,
                "scale": {"padding": 0.25},
            },
            "yOffset": {"field": "series", "sort": list(classes)},
            "color": _policy_colours(rows),
        },
        "layer": [
            {"mark": {"type": "bar"}, "encoding": {"x": _shares("value", "share of the policy's rejected steps")}},
            {
                "mark": {"type": "rule", "color": _INK, "opacity": 0.6},
                "encoding": {"x": _shares("low", "share of the policy's rejected steps"), "x2": {"field": "high"}},
            },
        ],
    }
    return draw(
        "error_classes",
        "What went wrong in rejected steps",
        "Each rejected step is in one class. Bars show shares, lines 95 % intervals.",
        rows,
        spec,
        "The run's metrics have no classes of errors.",
    )


def needed_steps(roles: Mapping[str, Sequence[Sequence[Role]]]) -> Chart:
    """What the steps are to the answer. roles: policy → for each trace, its steps' roles."""
    rows = []
    for policy, traces in roles.items():
        for role in Role:
            share = ratio([(list(steps).count(role), len(steps)) for steps in traces])
            if share["value"] is not None:
                rows.append({"policy": policy, "series": role.value, **_interval(share)})
    colours = _colours([role.value for role in Role], list(_ROLE_COLOURS.values()))
    spec = {
        "width": _WIDTH - 20,
        "height": {"step": 30},
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "policy", "type": "nominal", "sort": None, "title": None},
            "x": {**_shares("value", "share of steps", domain=[0, 1]), "stack": True},
            "color": {**colours, "legend": {**_LEGEND, "columns": 3}},
        },
    }
    return draw(
        "needed_steps",
        "What the steps are for",
        "The answer rests on the needed steps. A repeat derives what already stands; a restatement rewords it.",
        rows,
        spec,
        "No trace has a step.",
    )


def proved_against_tokens(figures: Mapping[str, Figures], tokens: Mapping[str, Sequence[int | None]]) -> Chart:
    """Valid traces against their cost. tokens: policy → for each trace, those written; None where unknown."""
    rows = []
    for policy, counts in tokens.items():
        known = [count for count in counts if count is not None]
        if known and len(known) == len(counts):
            share = _interval(figures[policy]["trace_validity"])
            rows.append({"tokens": sum(known) / len(known), "series": policy, **share})
    x = {
        "field": "tokens",
        "type": "quantitative",
        "title": "tokens written for a problem, on average",
        "scale": {"zero": False, "padding": 12},
        "axis": {"tickCount": 5},
    }
    return draw(
        "proved_against_tokens",
        "Problems proved against tokens",
        "A problem is proved when its trace is valid. Bars are 95 % intervals.",
        rows,
        _points_with_intervals(x, "problems proved", _policy_colours(rows)),
        "The traces do not say how many tokens they took.",
    )


def reliability(rows: Sequence[Row]) -> Chart:
    """How well q̂ is calibrated. rows: those of plots/reliability.json."""
    rows = [row for row in rows if row["value"] is not None and row["series"] != "perfect"]
    x = _shares("predicted", "predicted probability of a valid step", domain=[0, 1])
    spec = _points_with_intervals(x, "valid steps", _policy_colours(rows))
    diagonal = {
        "data": {"values": [{"predicted": 0, "value": 0}, {"predicted": 1, "value": 1}]},
        "mark": {"type": "line", "strokeWidth": 1, "strokeDash": [3, 3]},
        "encoding": {"y": _shares("value", "valid steps", domain=[0, 1]), "color": {"value": _MUTED}},
    }
    return draw(
        "reliability",
        "Reliability of q̂",
        "Steps in ten bins of the success head's probability. On the dashed line it is calibrated.",
        rows,
        {**spec, "layer": [diagonal, *spec["layer"]]},
        "No success head judged these steps.",
    )


def risk_coverage(scored: Mapping[str, Sequence[tuple[float, bool]]]) -> Chart:
    """What q̂ is worth for choosing steps. scored: policy → for each step, its probability and its verdict."""
    rows = [row for policy, steps in scored.items() for row in _risk_rows(policy, steps)]
    spec = {
        "mark": {"type": "line", "strokeWidth": 1.5},
        "encoding": {
            "x": _shares("coverage", "steps kept, the most probable first", domain=[0, 1]),
            "y": _shares("risk", "steps kept that are not valid"),
            "color": _policy_colours(rows),
        },
    }
    return draw(
        "risk_coverage",
        "Risk and coverage of q̂",
        "Of the steps that the success head trusts most, the share that is not valid.",
        rows,
        spec,
        "No success head judged these steps.",
    )


def _risk_rows(policy: str, steps: Sequence[tuple[float, bool]]) -> list[Row]:
    """About _COVERAGES points of the curve; steps of equal probability are kept together."""
    order = sorted(steps, reverse=True, key=lambda step: step[0])
    rows, wrong, point = [], 0, 1
    for number, (probability, valid) in enumerate(order, start=1):
        wrong += not valid
        last_of_equals = number == len(order) or order[number][0] != probability
        if last_of_equals and number * _COVERAGES >= point * len(order):
            rows.append({"series": policy, "coverage": number / len(order), "risk": wrong / number})
            point = number * _COVERAGES // len(order) + 1
    return rows


def loss(name: str, title: str, curves: Mapping[str, Sequence[Row]], scale: str) -> Chart:
    """Training losses. curves: policy → the rows of its plots/*_loss*.json; scale: of the axis, linear or log."""
    rows = [
        {"series": series, "step": row["step"], "loss": row["loss"]}
        for series, curve in curves.items()
        for row in curve
        if row.get("loss") is not None
    ]
    spec = {
        "mark": {"type": "line", "strokeWidth": 1.5},
        "encoding": {
            "x": {"field": "step", "type": "quantitative", "title": "optimiser step"},
            "y": {
                "field": "loss",
                "type": "quantitative",
                "title": f"loss ({scale} scale)" if scale != "linear" else "loss",
                "scale": {"type": scale, **({"zero": False} if scale == "linear" else {})},
                "axis": {"tickCount": 5 if scale == "linear" else 3},
            },
            "color": _policy_colours(rows),
        },
    }
    return draw(name, title, "Each point is the mean since the one before.", rows, spec, "No loss was logged.")
