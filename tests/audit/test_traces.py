"""Audits of files: the pieces that a file is read in make no difference."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from specimens import CAREFUL, PREMISES

from sokrates.audit import traces as audit
from sokrates.audit.traces import audit_file
from sokrates.errors import InputError

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
