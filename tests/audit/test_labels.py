"""Labels held against what is decided: each outcome on a problem of its own, and FOLIO's and ProofWriter's files.

The command that prints them is tested in test_cli.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from shared_data import SHARED, needs_shared_data

from sokrates.audit.labels import Labels, check_labels
from sokrates.data.sources import read_file
from sokrates.io.errors import InputError
from sokrates.logic import fol
from sokrates.logic.entailment import Entailment
from sokrates.logic.reading import ReadError
from sokrates.proof.problem import LABELS, from_sentences

ROOT = Path(__file__).parents[2]

RULES = ["Every wumpus is a tumpus.", "Every tumpus is not small."]


def _row(id: str, conclusion: str, label: str | None, *premises: str) -> dict[str, Any]:
    return {"id": id, "premises": [*RULES, *premises], "conclusion": conclusion, "label": label}


def _found(path: Path, rows: list[dict[str, Any]], semantics: str = "classical") -> Labels:
    file = path / "problems.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return check_labels(read_file(file), semantics)


def test_each_outcome_is_counted_once(tmp_path: Path) -> None:
    rows = [
        _row("right", "Stella is small.", "FALSE", "Stella is a wumpus."),
        _row("wrong", "Stella is small.", "TRUE", "Stella is a wumpus."),
        _row("inconsistent", "Max is red.", "UNKNOWN", "Stella is a wumpus.", "Stella is small."),
        _row("unlabelled", "Stella is small.", None),
        _row("unreadable", "Wherefore?", "TRUE"),
    ]
    found = _found(tmp_path, rows)
    assert (found.problems, found.parsed) == (5, 4)
    assert found.verdicts == {"agree": 1, "disagree": 1, "inconsistent": 1, "unlabelled": 1}
    assert found.disagreements == [{"id": "wrong", "label": "TRUE", "decision": "FALSE"}]
    assert found.no_verdict == [{"id": "inconsistent", "label": "UNKNOWN", "decision": "INCONSISTENT"}]
    (left_out,) = found.left_out
    assert left_out["id"].endswith("problems.jsonl:5") and "Wherefore?" in left_out["why"]
    assert found.seconds > 0


def test_repairs_are_shown_with_their_problem(tmp_path: Path) -> None:
    row = {"id": "repaired", "premises": ["p"], "conclusion": "q", "label": "TRUE"}
    found = _found(tmp_path, [{**row, "premises_fol": ["P(a) ^ Q(a))"], "conclusion_fol": "Q(a)"}])
    (shown,) = found.repairs
    assert (shown["id"], shown["repairs"]) == ("repaired", 2)
    assert str(shown["kinds"]).startswith("^ is read as ∧; a missing ) is put at the end")
    assert found.verdicts == {"agree": 1}


def test_the_semantics_decides(tmp_path: Path) -> None:
    contraposed = _row("contraposed", "Stella is a tumpus.", "UNKNOWN", "Stella is small.")
    assert _found(tmp_path, [contraposed]).verdicts == {"disagree": 1}
    assert _found(tmp_path, [contraposed], "closure").verdicts == {"agree": 1}


def test_what_the_semantics_does_not_cover_is_left_out_with_the_reason(tmp_path: Path) -> None:
    row = {"id": "cases", "premises": ["p"], "conclusion": "q", "label": "TRUE"}
    found = _found(tmp_path, [{**row, "premises_fol": ["P(a) ∨ Q(a)"], "conclusion_fol": "Q(a)"}], "closure")
    assert (found.parsed, sum(found.verdicts.values())) == (1, 0)
    (left_out,) = found.left_out
    assert left_out["id"] == "cases" and "closure is on literals" in left_out["why"]


def test_a_file_of_no_format_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"problems.jsonl:1: "):
        _found(tmp_path, [{"question": "?"}])


# line of the file: what is decided where FOLIO's annotators label otherwise, and why
FOLIO_DISAGREEMENTS = {
    20: ("FALSE", "UNKNOWN"),  # no premise says that one has a single favourite season
    53: ("TRUE", "UNKNOWN"),  # Meetings(x) stands for Meeting(x), and ⊕ for "both or neither"
}


@needs_shared_data
def test_folio() -> None:
    file = SHARED / "folio" / "folio-validation-v0.0-sample.jsonl"
    found = check_labels(read_file(file), "classical")
    assert (found.problems, found.parsed, found.verdicts["agree"]) == (65, 65, 63)
    assert {row["id"]: (row["label"], row["decision"]) for row in found.disagreements} == {
        f"{file}:{line}": verdict for line, verdict in FOLIO_DISAGREEMENTS.items()
    }


@needs_shared_data
def test_proofwriter_labels_are_those_of_its_own_semantics() -> None:
    file = SHARED / "proofwriter" / "logic_lm_dev.json"
    found = check_labels(read_file(file), "closure")
    assert (found.problems, found.parsed) == (600, 600)
    assert found.verdicts == {"agree": 600}
    assert check_labels(read_file(file), "classical").verdicts["disagree"] > 0


def _with_formulas(id: str, goal: str, *formulas: str) -> dict[str, Any]:
    sentences = ["…"] * len(formulas)
    return {"id": id, "premises": sentences, "premises_fol": formulas, "conclusion": "…", "conclusion_fol": goal}


def test_names_that_differ_little_are_shown(tmp_path: Path) -> None:
    rows = [
        _with_formulas("case", "Plays(reds)", "∀x (Team(x) → Plays(x))", "team(reds)"),
        _with_formulas("plural", "Calm(bo)", "∀x (Resolves_conflict(x) → Calm(x))", "ResolvesConflicts(bo)"),
        _with_formulas("inside", "calms_dogs_soon(bo)", "∀x (Kind(x) → calms_dog_soon(x))", "Kind(bo)"),
        _with_formulas("arity", "Proud(reds)", "∀x (Ranked(x, first) → Proud(x))", "Ranked(reds)"),
        _with_formulas("constants", "Calm(bo)", "∀x (Robin(x) → Calm(x))", "Robin(Bo)"),
        _with_formulas("none", "Red(ann1)", "Read(ann) ∧ Red(ann2)", "∀x ∃y (Likes(x, y) → Like2(x))"),
    ]
    found = _found(tmp_path, rows)
    assert [tuple(row.values()) for row in found.similar_names] == [
        ("case", "Team/1", "team/1"),
        ("plural", "ResolvesConflicts/1", "Resolves_conflict/1"),
        ("inside", "calms_dog_soon/1", "calms_dogs_soon/1"),
        ("arity", "Ranked/1", "Ranked/2"),
        ("constants", "Bo", "bo"),
    ]
    assert found.verdicts == {"unlabelled": 6}


def test_notations_are_counted(tmp_path: Path) -> None:
    rows = [
        _with_formulas("prover9", "-Q(a)", "all x. (P(x) -> -Q(x))", "P(a)"),
        _with_formulas("folio", "Q", "Q"),
    ]
    assert _found(tmp_path, rows).to_json()["notations"] == {"Prover9's notation": 1}


@needs_shared_data
def test_the_label_errors_that_are_published_are_errors_and_their_corrections_right() -> None:
    patches = [json.loads(line) for line in (ROOT / "docs/label-errors.jsonl").read_text("utf-8").splitlines()]
    file = SHARED / "folio/folio-validation-v0.0-sample.jsonl"
    rows = {row["conclusion"]: row for row in map(json.loads, file.read_text("utf-8").splitlines())}
    for patch in patches:
        row = rows[patch["conclusion"]]
        formulas = [*row["premises-FOL"], row["conclusion-FOL"]]
        assert row["label"] == patch["label"] and _decision(formulas) == patch["decision"]
        assert set(patch["formulas"]) <= set(formulas) and patch["reason"]
        corrected = _decision([patch["formulas"].get(formula, formula) for formula in formulas])
        assert corrected == LABELS[patch["right_label"].lower()].name


def _decision(formulas: list[str]) -> str:
    *facts, goal = (fol.read(formula).formula for formula in formulas)
    return Entailment(facts).decide(goal).name


@needs_shared_data
@pytest.mark.parametrize("name", ["constants", "notfol", "plurals", "infinite", "coord", "lint"])
def test_small_cases_are_decided_as_labelled_or_refused_or_warned_of(name: str) -> None:
    report = check_labels(read_file(SHARED / "cases" / f"{name}.jsonl"), "classical")
    warned = {row["id"] for row in report.similar_names} if name == "lint" else set()
    assert {row["id"] for row in report.disagreements} == warned
    assert [row["id"] for row in report.no_verdict] == (["inf-unknown"] if name == "infinite" else [])
    assert all("at character" in row["why"] for row in report.left_out)
    assert report.parsed or name == "coord"


@needs_shared_data
def test_small_cases_of_english_are_decided_or_refused_as_they_say() -> None:
    """`wanted` is a decision, `refused`, or either."""
    for line in (SHARED / "cases" / "english.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        try:
            problem = from_sentences(row["premises"], row["conclusion"], id="english")
            outcome = Entailment(problem.facts).decide(problem.goal).name
        except ReadError:
            outcome = "refused"
        assert outcome in row["wanted"].split(" or "), row["kind"]
