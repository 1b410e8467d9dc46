"""Tables of docs/ and benchmarks/README: their figures are the committed ones. `test_results`: results."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks/results"
REWARD = (ROOT / "docs/reward.md").read_text()
RULES = (ROOT / "docs/rules.md").read_text()
BENCHMARKS = (ROOT / "benchmarks/README.md").read_text()


@pytest.fixture(autouse=True)
def scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """`import rules` is benchmarks/rules.py, here alone."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    yield
    for name in set(sys.modules) - before:
        if (ROOT / "benchmarks" / f"{name}.py").exists():
            del sys.modules[name]


def recorded(name: str) -> dict[str, Any]:
    return json.loads((RESULTS / f"{name}.json").read_text())


def mean_and_range(values: list[float]) -> str:
    mean, low, high = (f"{value:.1f}" for value in (statistics.mean(values), min(values), max(values)))
    return mean if low == high else f"{mean} ({low}–{high})"


def test_reinforcement_at_the_small_budget() -> None:
    rows = recorded("reinforcement")
    for method in ("dpo", "kto", "grpo-answer", "grpo-score", "grpo-credit"):
        runs = [rows[f"{method} seed {seed}, 100 problems a round"] for seed in (7, 8, 9)]
        cells = [
            mean_and_range([100 * run[figure]["value"] for run in runs])
            for figure in ("accuracy", "trace_validity", "needed_share", "repeats")
        ]
        ratio = f"{statistics.mean(run['length_ratio']['value'] for run in runs):.2f}"
        tokens = f"{statistics.mean(run['tokens'] for run in runs):,.0f}"
        assert f"| `{method}` | 3 | {' | '.join([*cells, ratio, tokens])} |" in REWARD, method


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("dpo seed 7, 1600 problems a round", "`dpo`, 1,600 problems a round"),
        ("grpo-score seed 7, 1600 problems a round", "`grpo-score`, 300 steps"),
    ],
)
def test_reinforcement_at_the_large_budget(name: str, called: str) -> None:
    found = recorded("reinforcement")[name]

    def cell(figure: str, unit: int, digits: int) -> str:
        value, low, high = (f"{unit * found[figure][part]:.{digits}f}" for part in ("value", "low", "high"))
        return f"{value} [{low}, {high}]"

    cells = [cell(figure, 100, 1) for figure in ("accuracy", "trace_validity", "needed_share", "repeats")]
    row = [called, *cells, cell("length_ratio", 1, 2), f"{found['tokens']:,}"]
    assert f"| {' | '.join(row)} |" in REWARD


def test_every_rule_by_kind_and_by_label() -> None:
    import rules

    found = recorded("rules")
    names = {"sft": "SFT", "iter1": "round 1", "iter2": "round 2", "iter3": "**round 3**"}
    for policy, called in names.items():
        sets = found[f"every-rule {policy}"]["sets"]
        for columns in (rules.KINDS, ["TRUE", "FALSE", "UNKNOWN"]):
            row = " | ".join([called, *(rules.cell(sets[column]) for column in columns)])
            assert f"| {row} |" in RULES, policy


def test_every_rule_on_the_originals_files() -> None:
    import rules

    found = recorded("experiments")["every-rule"]["originals"]
    for name, sets in found.items():
        cells = [rules.cell(sets[policy]) for policy in ("sft", "iter1", "iter2", "iter3")]
        row = " | ".join([f"`{name}`", str(sets["sft"]["trace_validity"]["count"]), *cells])
        assert f"| {row} |" in RULES, name


def test_rows_of_one_rule_alone() -> None:
    import rules

    found = rules.of_all_seeds(recorded("rules"))
    for kind in rules.KINDS[:-1]:
        for policy, called in zip(rules.POLICIES, ("SFT", "round 3"), strict=True):
            cells = [rules.cell(found[f"{kind} {policy}"][column]) for column in rules.KINDS]
            assert f"| {kind}, {called} | {' | '.join(cells)} |" in RULES, kind


def test_how_well_steps_are_predicted() -> None:
    import success_head

    assert success_head.table(recorded("success_head")) in BENCHMARKS


@pytest.mark.parametrize("sets", [["held_out", "fictional_4hop", "fictional_5hop"], ["held_out"]])
def test_strategies_of_the_last_round_and_after_sft(sets: list[str]) -> None:
    import strategies

    rows = strategies.of_all_seeds(recorded("strategies" if len(sets) > 1 else "strategies-sft"))
    by_kind: dict[tuple[str, int], dict[str, Any]] = {}
    for row in rows:
        by_kind.setdefault((row["strategy"], row["candidates"]), {})[row["problems"]] = row
    for (name, candidates), found in by_kind.items():
        if candidates == 1 and name in ("vote", "best-kernel-likelihood"):
            continue  # which is greedy
        cells = [f"{strategies.percent(found[one]['proved'])} | {found[one]['tokens']:.0f}" for one in sets]
        if len(sets) == 1:
            only = found["held_out"]
            cells = [f"{strategies.percent(only[figure])}" for figure in ("proved", "answered")]
            cells.append(f"{only['tokens']:.0f}")
        assert f"| {' | '.join([name, str(candidates), *cells])} |" in BENCHMARKS, name
    if len(sets) > 1:
        guided = [row for row in recorded("strategies") if row["strategy"] == "guided-kernel"]
        assert {row["rejected_actions"]["value"] for row in guided} == {0}
        assert f"(0 of {sum(row['rejected_actions']['count'] for row in guided):,} steps)" in BENCHMARKS


def test_answers_by_label() -> None:
    sets = recorded("rules")["every-rule, a third of each label, iter3"]["sets"]
    said = " ".join(RULES.split())
    for label in ("TRUE", "FALSE", "UNKNOWN"):
        value, low, high = (f"{100 * sets[label]['accuracy'][part]:.1f}" for part in ("value", "low", "high"))
        assert f"{value} % of {label} [{low}, {high}]" in said


def test_depth() -> None:
    import depth

    assert depth.table(recorded("depth")) in BENCHMARKS


def test_rows_of_several_seeds_are_shown_as_one() -> None:
    import rules

    def sets(right: float, proved: float, count: int) -> dict[str, Any]:
        figures = {"accuracy": right, "trace_validity": proved}
        return {"composed": {name: {"value": value, "count": count} for name, value in figures.items()}}

    rows = {
        "composed sft, seed 7": {"sets": sets(0.2, 0.1, 10)},
        "composed sft, seed 8": {"sets": sets(0.8, 0.5, 30)},  # together 26 and 16 of 40
        "run, seed 9 sft": {"sets": sets(1.0, 1.0, 10)},  # a run's own name
    }
    pooled = rules.of_all_seeds(rows)
    assert list(pooled) == ["composed sft", "run, seed 9 sft"]
    assert rules.cell(pooled["composed sft"]["composed"]) == "65 / 40"


def test_a_recorded_row_of_another_size_is_not_mistaken_for_the_one_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import rules

    row = {"traces": 6000, "sampled": 300, "held_out": 100, "sets": {}}
    (tmp_path / "rules.json").write_text(json.dumps({"composed iter3, seed 7": row}))
    monkeypatch.setattr(rules, "RESULTS", tmp_path / "rules.json")
    monkeypatch.setattr(sys, "argv", ["rules.py", "composed", "--seeds", "7", "--traces", "9000"])
    with pytest.raises(SystemExit):
        rules.main()
    assert "`composed iter3, seed 7` of another size" in capsys.readouterr().err
