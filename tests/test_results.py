"""The results in README and docs/results.md: their figures are the committed ones. `test_tables`: the rest."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAGE = (ROOT / "docs/results.md").read_text()


POLICIES = ("sft", "iter1", "iter2", "iter3")
COLUMNS = ("accuracy", "trace_validity")


def row(start: str, text: str = README) -> list[str]:
    """The cells after the first, of the one table row that begins so."""
    (line,) = re.findall(rf"^\| {re.escape(start)}.*\|$", text, flags=re.MULTILINE)
    return line.split("|")[2:-1]


def numbers(cell: str) -> list[float]:
    return [float(number) for number in cell.split("/")]


def percentages(figures: dict[str, Any], metrics: Sequence[str] = COLUMNS) -> list[float]:
    return [round(100 * figures[metric]["value"], 1) for metric in metrics]


def test_the_default_row_holds_the_committed_figures() -> None:
    held_out = json.loads((ROOT / "metrics/evaluation.json").read_text())["held_out"]
    for policy, cell in zip(POLICIES, row("default "), strict=True):
        assert numbers(cell) == percentages(held_out[policy]), policy


def test_the_rows_of_the_experiments_are_the_recorded_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    from experiments import EXPERIMENTS

    recorded = json.loads((ROOT / "benchmarks/results/experiments.json").read_text())
    lines = [*PAGE.splitlines(), *(ROOT / "benchmarks/README.md").read_text().splitlines()]
    rows = {
        cells[1].split()[0]: cells[2:6]
        for line in lines
        if len(cells := line.split("|")) == 7 and cells[1].strip()
    }
    rows = {name: cells for name, cells in rows.items() if name in EXPERIMENTS}
    assert rows.keys() == recorded.keys()
    for name, result in recorded.items():
        assert result["params"] == EXPERIMENTS[name], f"{name} is of other params: run it again"
        for policy, cell in zip(POLICIES, rows[name], strict=True):
            assert numbers(cell) == percentages(result["held_out"][policy]), (name, policy)


def test_the_defaults_row_among_the_ablations_is_its_evaluation() -> None:
    section = (ROOT / "benchmarks/README.md").read_text().split("## Ablations")[1].split("\n## ")[0]
    evaluation = json.loads((ROOT / "metrics/evaluation.json").read_text())["held_out"]
    for policy, cell in zip(POLICIES, row("default |", section), strict=True):
        assert numbers(cell) == percentages(evaluation[policy]), policy
    recorded = json.loads((ROOT / "benchmarks/results/experiments.json").read_text())
    repeats = {name: recorded[name]["held_out"]["iter3"]["repeats"] for name in ("samples-8", "samples-2")}
    low, two = repeats["samples-8"], repeats["samples-2"]
    figures = [f"{100 * share:.1f}" for share in (low["value"], low["low"], low["high"], two["value"])]
    said = "{} % of round 3's steps [{}, {}], against {} with two and {:.1f} with four"
    assert said.format(*figures, 100 * evaluation["iter3"]["repeats"]["value"]) in " ".join(section.split())


def test_the_rows_on_length_are_the_recorded_ones() -> None:
    recorded = json.loads((ROOT / "benchmarks/results/experiments.json").read_text())
    default = json.loads((ROOT / "metrics/evaluation.json").read_text())
    table = PAGE.split("| run | valid, % | needed share, % | length ratio |\n")[1].split("\n\n")[0]
    for line in table.splitlines()[1:]:
        name, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        figures = (default if name == "the default" else recorded[name])["held_out"]["iter3"]
        valid, needed, length = (figures[metric] for metric in ("trace_validity", "needed_share", "length_ratio"))
        assert cells[0] == f"{100 * valid['value']:.1f}", name
        assert (
            cells[1] == f"{100 * needed['value']:.1f} [{100 * needed['low']:.1f}, {100 * needed['high']:.1f}]"
        ), name
        assert cells[2] == f"{length['value']:.2f} [{length['low']:.2f}, {length['high']:.2f}]", name


def test_what_is_said_of_gold_proofs_is_recorded() -> None:
    gold = json.loads((ROOT / "metrics/prepare.json").read_text())["gold_purposes"]
    needed, length = (gold[name]["value"] for name in ("needed_share", "length_ratio"))
    repeats = json.loads((ROOT / "metrics/evaluation.json").read_text())["held_out"]["iter3"]["repeats"]
    text = " ".join(PAGE.split())
    assert f"{100 * needed:.1f} % of the steps are needed, and they are {length:.2f} times as long" in text
    value, low, high = (100 * repeats[name] for name in ("value", "low", "high"))
    assert f"{value:.1f} % of round 3's steps do [{low:.1f}, {high:.1f}]" in text
    assert gold["repeats"]["value"] == 0


def test_the_seeds_rows_are_the_recorded_ones() -> None:
    experiments = json.loads((ROOT / "benchmarks/results/experiments.json").read_text())
    default = json.loads((ROOT / "benchmarks/results/originals.json").read_text())["sets"]
    by_seed = [default, experiments["seed-8"]["originals"], experiments["seed-9"]["originals"]]
    rows = {f"fictional_{hops}hop": f"made-up words, {hops} hop" for hops in range(1, 6)}
    rows |= {f"false_{hops}hop": f"false ontology, {hops} hop" for hops in range(1, 4)}
    rows["logic_lm_dev_first250"] = "Logic-LM's file"
    for name, start in rows.items():
        found = [percentages(one[name]["iter3"], ["trace_validity"]) for one in by_seed]
        assert [numbers(cell) for cell in row(start, PAGE)] == found, name


def test_the_rows_of_the_originals_are_the_recorded_ones_and_of_the_committed_policy() -> None:
    found = json.loads((ROOT / "benchmarks/results/originals.json").read_text())
    stages = yaml.safe_load((ROOT / "dvc.lock").read_text())["stages"]
    (policy,) = [out["md5"] for out in stages["dpo_iter3"]["outs"] if out["path"] == "data/policy/iter3"]
    assert found["policy"] == policy, "python benchmarks/experiments.py --originals FOLDER"
    recorded = found["sets"]
    rows = {f"fictional_{hops}hop": f"original generator, {hops} hop" for hops in range(1, 6)}
    rows |= {f"false_{hops}hop": f"its false ontology, {hops} hop" for hops in range(1, 4)}
    rows["logic_lm_dev_first250"] = "Logic-LM's 250"
    for name, start in rows.items():
        for policy, cell in zip(POLICIES, row(start), strict=True):
            assert numbers(cell) == percentages(recorded[name][policy]), (name, policy)


def test_the_rows_of_smollm2_are_the_recorded_ones() -> None:
    recorded = json.loads((ROOT / "benchmarks/results/smollm2-135m/figures.json").read_text())["sets"]
    rows = {f"prontoqa-{hops}hop": f"SmolLM2: original generator, {hops} hop" for hops in range(1, 6)}
    rows |= {f"false-{hops}hop": f"SmolLM2: its false ontology, {hops} hop" for hops in range(1, 4)}
    rows |= {"held_out": "SmolLM2: held out", "logic-lm": "SmolLM2: Logic-LM"}
    assert rows.keys() == recorded.keys()
    for name, start in rows.items():
        for policy, cell in zip(POLICIES, row(start, PAGE), strict=True):
            assert numbers(cell) == percentages(recorded[name][policy]), (name, policy)


def test_what_is_said_of_smollm2s_rounds_is_recorded() -> None:
    figures = json.loads((ROOT / "benchmarks/results/smollm2-135m/figures.json").read_text())
    rounds = [figures["rounds"][name] for name in ("iter1", "iter2", "iter3")]
    valid, pairs = [one["traces"]["valid_traces"] for one in rounds], [one["dpo"]["pairs"] for one in rounds]
    first, second = (
        round(100 * count / one["traces"]["traces"], 1) for count, one in zip(valid[:2], rounds[:2], strict=True)
    )
    text = " ".join(PAGE.split())
    assert f"{first} % are valid in the first and {second} % in the second, which finds {pairs[1]} pairs" in text
    benchmarks = (ROOT / "benchmarks/README.md").read_text()
    assert f"{valid[0]:,}, {valid[1]:,} and {valid[2]:,} were valid" in " ".join(benchmarks.split())
    assert f"made {pairs[0]}, {pairs[1]} and {pairs[2]} pairs" in " ".join(benchmarks.split())
    metrics = ("accuracy", "step_validity", "trace_validity")
    section = benchmarks.split("## SmolLM2 on an H100")[1].split("\n## ")[0]
    held_out = figures["sets"]["held_out"]
    for hops in held_out["sft"]["by_depth"]:
        _, *cells = row(f"{hops} |", section)
        for policy, cell in zip(POLICIES, cells, strict=True):
            assert numbers(cell) == percentages(held_out[policy]["by_depth"][hops], metrics), (policy, hops)


@pytest.fixture
def strategies(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("strategies")


def test_the_rows_of_the_strategies_are_the_recorded_ones(strategies: ModuleType) -> None:
    recorded = json.loads((ROOT / "benchmarks/results/strategies-sft.json").read_text())
    rows = {(one["strategy"], one["candidates"]): one for one in strategies.of_all_seeds(recorded)}
    lines = re.findall(r"^\|[^|]*\| `([a-z-]+)` \| (.*) \| (\d+) \|$", PAGE, flags=re.MULTILINE)
    assert len(lines) == 8
    for name, proved, tokens in lines:
        one = rows[name, 1 if name == "greedy" else 4]
        value, low, high = (100 * one["proved"][part] for part in ("value", "low", "high"))
        assert (proved, tokens) == (f"{value:.1f} [{low:.1f}, {high:.1f}]", f"{one['tokens']:.0f}"), name
    assert {one["seed"] for one in recorded} == {7, 8, 9}


@pytest.mark.parametrize(
    ("name", "start", "sets"),
    [
        ("strategies", "| strategy | K | held out", ["held_out", "fictional_4hop", "fictional_5hop"]),
        ("strategies-sft", "| strategy | K | proved", ["held_out"]),
    ],
)
def test_the_tables_of_strategies_are_the_recorded_ones(
    name: str, start: str, sets: list[str], strategies: ModuleType
) -> None:
    recorded = strategies.of_all_seeds(json.loads((ROOT / f"benchmarks/results/{name}.json").read_text()))
    rows = {(one["strategy"], one["candidates"], one["problems"]): one for one in recorded}
    written = (ROOT / "benchmarks/README.md").read_text().split(start)[1].split("\n\n")[0].splitlines()[2:]
    assert len(written) >= 14
    for line in written:
        strategy, candidates, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        for number, problems in enumerate(sets):
            one = rows[strategy, int(candidates), problems]
            shares = ["proved"] if len(sets) > 1 else ["proved", "answered"]
            expected = [*(strategies.percent(one[share]) for share in shares), f"{one['tokens']:.0f}"]
            width = len(expected)
            assert cells[number * width : (number + 1) * width] == expected, (strategy, candidates, problems)


def test_the_summary_below_the_table_is_of_the_recorded_figures(strategies: ModuleType) -> None:
    experiments = json.loads((ROOT / "benchmarks/results/experiments.json").read_text())
    default = json.loads((ROOT / "metrics/evaluation.json").read_text())["held_out"]
    originals = json.loads((ROOT / "benchmarks/results/originals.json").read_text())["sets"]
    said = " ".join(README.split("## Results")[1].split("\n## ")[0].split())

    def valid(figures: dict[str, Any], policy: str = "iter3") -> float:
        return percentages(figures[policy], ["trace_validity"])[0]

    seeds = [default, *(experiments[name]["held_out"] for name in ("seed-8", "seed-9"))]
    proved = [valid(figures) for figures in seeds]
    assert f"round 3 proves {min(proved)} to {max(proved)} % of the held-out problems" in said
    files = [originals, *(experiments[name]["originals"] for name in ("seed-8", "seed-9"))]
    longest = [valid(one["fictional_5hop"]) for one in files]
    assert "5 hops it proves {}, {} and {} %".format(*longest) in said

    careful = experiments["careful-sft"]["held_out"]
    by_answer = [
        valid(experiments[name]["held_out"])
        for name in ("answer-pairs", "answer-pairs-seed-8", "answer-pairs-seed-9")
    ]
    assert f"leave validity at {sum(by_answer) / 3:.0f} % over three seeds" in said
    assert f"careful traces only gives {valid(careful, 'sft')} % valid traces, and DPO adds four points" in said
    assert round(valid(careful) - valid(careful, "sft")) == 4

    every = experiments["every-rule"]
    two_hops = [valid(sets) for file, sets in every["originals"].items() if file.endswith("_2hop")]
    assert f"(`every-rule`), the base model proves {valid(every['held_out'])} % of the held-out" in said
    assert f"from {valid(every['held_out'], 'sft')} % after SFT" in said
    assert f"{min(two_hops):.0f} to {max(two_hops):.0f} % of the original's files of two hops" in said

    rows = strategies.of_all_seeds(json.loads((ROOT / "benchmarks/results/strategies-sft.json").read_text()))
    of = {(row["strategy"], row["candidates"]): row for row in rows}
    greedy, beam, q = of["greedy", 1], of["beam-kernel-likelihood", 4], of["step-q", 4]
    share = [f"{100 * row['proved']['value']:.1f}" for row in (beam, greedy, q)]
    assert "SFT policy prove {} % where it proves {} % greedily".format(*share) in said
    assert f"for {beam['tokens'] / greedy['tokens']:.1f} times the tokens; q̂ in place of the kernel" in said
    assert f"gives {share[2]} %" in said
