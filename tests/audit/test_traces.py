"""Audits of files: the pieces that a file is read in make no difference."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from pytest import approx
from specimens import CAREFUL, PREMISES
from worked import ASIDE, FALSE, LATER

from sokrates.audit import traces as audit
from sokrates.audit.traces import Audit, audit_file
from sokrates.io.errors import InputError
from sokrates.proof.trace import trace_from_json
from sokrates.proof.verify import Verifier

LINE = json.dumps({"premises": PREMISES, "conclusion": "Stella is small.", "label": "FALSE", "text": CAREFUL})


@pytest.mark.parametrize("size", [1, 7, len(LINE), len(LINE) + 1, 1 << 17])
@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_lines_are_whole_and_counted_whatever_is_read_at_a_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, size: int, end: str
) -> None:
    monkeypatch.setattr(audit, "CHUNK_BYTES", size)
    file = tmp_path / "traces.jsonl"
    file.write_text("\n\n".join([LINE] * 5) + end, encoding="utf-8")
    parts = list(audit_file(file, entailed=False))
    assert (
        sum(part.audit.traces for part in parts) == sum(part.audit.valid_traces["strict"] for part in parts) == 5
    )
    assert sum(part.size for part in parts) == file.stat().st_size
    file.write_text("\n\n".join([LINE, LINE, "{", LINE]) + end, encoding="utf-8")
    with pytest.raises(InputError, match=r"traces\.jsonl:5: not JSON"):
        list(audit_file(file, entailed=False))


def test_a_line_without_end_is_refused_however_it_comes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(audit, "MAX_LINE_BYTES", len(LINE))
    monkeypatch.setattr(audit, "CHUNK_BYTES", 64)
    file = tmp_path / "traces.jsonl"
    for text in f"{LINE}\n\n{LINE} \n{LINE}", f"\n\n{LINE} ":
        file.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=r"traces\.jsonl:3: a line has at most"):
            list(audit_file(file, entailed=False))
    with pytest.raises(InputError, match="/dev/zero:1: a line has at most"):
        list(audit_file(Path("/dev/zero"), entailed=False))


def _audited(tmp_path: Path, *rows: dict[str, object], entailed: bool = True) -> dict[str, Any]:
    file = tmp_path / "traces.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = audit.Audit(entailed)
    for part in audit_file(file, entailed=entailed):
        found.include(part.audit)
    return found.to_json()


def _concluding(answer: int, conclusion: str, *more: str) -> dict[str, object]:
    action = f'Thought: .\nAction: <Option type="CONCLUDE" args="[{answer}]" />\n'
    return {"premises": ["Max is red.", *more], "conclusion": conclusion, "text": action}


def test_inconsistent_premises_and_unknown_are_counted_apart(tmp_path: Path) -> None:
    """Under inconsistent premises TRUE and FALSE are both valid; of three UNKNOWN, one is valid."""
    rows = [
        _concluding(0, "Max is red.", "Max is not red."),
        _concluding(1, "Max is red.", "Max is not red."),
        _concluding(2, "Max is red.", "Max is not red."),
        _concluding(0, "Max is red."),
        _concluding(2, "Max is red."),
        _concluding(2, "Max is big."),
    ]
    found = _audited(tmp_path, *rows)
    assert found["inconsistent_premises"] == {"traces": 3, "strict": 2, "actions": 2, "cited": 2, "entailed": 2}
    assert found["unknown"] == {"traces": 3, "valid_traces": 1}
    assert found["strict"]["valid_traces"] == 4
    without = _audited(tmp_path, *rows, entailed=False)
    assert without["inconsistent_premises"] is None and without["unknown"] == found["unknown"]


def test_steps_are_counted_by_what_they_are_for(tmp_path: Path) -> None:
    """A proof, the same after a restatement of its fact, and a guess after that restatement.

    Length ratio: residuals 3 - 3.5 and 4 - 3.5, √0.5 / 6 × 1.96 = 0.231.
    """
    row = json.loads(LINE)
    rows = [row, {**row, "text": ASIDE + LATER}, {**row, "text": ASIDE + FALSE}]
    found = _audited(tmp_path, *rows)["purposes"]
    assert found["steps"] == {"needed": 6, "not needed": 0, "repeat": 0, "restatement": 2}
    needed, length, repeats, restated = (
        found[name] for name in ("needed_share", "length_ratio", "repeats", "restatements")
    )
    assert (needed["value"], needed["count"], repeats["value"]) == (6 / 7, 7, 0)
    assert (restated["value"], restated["count"]) == (2 / 9, 9)
    assert length == {"value": 7 / 6, "low": approx(0.936, abs=1e-3), "high": approx(1.398, abs=1e-3), "count": 6}
    twice = Audit(entailed=True)
    for _ in range(2):
        for part in audit_file(tmp_path / "traces.jsonl", entailed=True):
            twice.include(part.audit)
    width = (needed["value"] - needed["low"]) / 2**0.5
    assert twice.to_json()["purposes"]["needed_share"]["low"] == approx(needed["value"] - width)
    assert _audited(tmp_path, *rows, entailed=False)["purposes"] is None


@pytest.mark.parametrize("workers", [1, 2])
def test_files_of_other_shapes_are_audited_as_lines_are(tmp_path: Path, workers: int) -> None:
    rows = [json.loads(LINE), {**json.loads(LINE), "text": "nothing"}] * 70  # more than one chunk
    (tmp_path / "list.json").write_text(json.dumps(rows, indent=1))
    (tmp_path / "lines.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    (tmp_path / "lines.jsonl").write_text("\n".join(map(json.dumps, rows)))
    audits = []
    for name in ("lines.jsonl", "list.json", "lines.jsonl.gz"):
        total, lines = Audit(False), []
        for part in audit_file(tmp_path / name, entailed=False, workers=workers, write_back=True):
            total.include(part.audit)
            lines += part.lines
        audits.append((total.to_json(), lines))
    assert audits[0][0]["traces"] == 140 and audits[0] == audits[1] == audits[2]
    (tmp_path / "list.json").write_text(json.dumps([*rows, {"premises": 3}]))
    with pytest.raises(InputError, match=r"list\.json\[140\]: "):
        list(audit_file(tmp_path / "list.json", entailed=False, workers=workers))


def test_repairs_of_a_problems_formulas_are_counted() -> None:
    row = {"premises": ["p"], "premises_fol": ["P(a) ^ Q(a))."], "conclusion": "q", "conclusion_fol": "Q(a)"}
    problem, steps = trace_from_json({**row, "text": "nothing"}, "")
    verifier, total = Verifier(problem.facts, problem.goal), Audit(False)
    total.add(verifier, verifier.check(steps), problem)
    repaired = total.to_json()["repaired"]
    assert repaired["traces"] == 1 and set(repaired["kinds"].values()) == {1} and len(repaired["kinds"]) == 3
