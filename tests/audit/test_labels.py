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
    row = {"id": "mended", "premises": ["p"], "conclusion": "q", "label": "TRUE"}
    found = _found(tmp_path, [{**row, "premises_fol": ["P(a) ^ Q(a))"], "conclusion_fol": "Q(a)"}])
    (shown,) = found.repairs
    assert (shown["id"], shown["repairs"]) == ("mended", 2)
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
