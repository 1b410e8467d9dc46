"""Files: whole or not at all, what they may replace, and lines without end."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from sokrates.io import files
from sokrates.io.errors import InputError, UserError
from sokrates.io.files import read_json_file, read_json_lines, whole_file, write_json_lines


def _write(path: Path, text: str = "new") -> None:
    with whole_file(path) as file:
        file.write(text)


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "out.jsonl"
    with pytest.raises(KeyboardInterrupt), whole_file(path) as file:
        file.write("half")
        raise KeyboardInterrupt
    assert list(path.parent.iterdir()) == []
    _write(path, "old")
    with pytest.raises(ValueError), whole_file(path) as file:
        file.write("half")
        raise ValueError
    assert path.read_text() == "old" and list(path.parent.iterdir()) == [path]


def test_its_mode_is_what_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        _write(tmp_path / "out")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o640


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    link, target = tmp_path / "link", tmp_path / "folder" / "file"
    link.symlink_to(target)
    for text in "first", "second":
        _write(link, text)
        assert link.is_symlink() and target.read_text() == text and list(target.parent.iterdir()) == [target]


def test_a_pipe_is_written_in_place(tmp_path: Path) -> None:
    pipe, received = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: received.append(pipe.read_text()))
    reader.start()
    _write(pipe, "text")
    reader.join(timeout=30)
    assert received == ["text"] and stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_device_stays_a_device(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(os.devnull)
    for path in Path(os.devnull), link:
        _write(path)
        assert stat.S_ISCHR(os.stat(os.devnull).st_mode)
    assert link.is_symlink() and list(tmp_path.iterdir()) == [link]


def test_no_link_that_waits_under_a_drafts_name_is_followed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    monkeypatch.setattr("secrets.token_hex", lambda _: "foreseen")
    (tmp_path / ".out.foreseen").symlink_to(victim)
    with pytest.raises(UserError, match="cannot be written"):
        _write(tmp_path / "out")
    assert victim.read_text() == "mine" and not (tmp_path / "out").exists()


def test_two_drafts_of_one_file_have_different_names(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with whole_file(path) as one, whole_file(path) as other:
        one.write("one")
        other.write("other")
        assert len(list(tmp_path.iterdir())) == 2
    assert path.read_text() == "one"


def test_a_line_that_is_too_long_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    write_json_lines(path, [{"a": 1}, {"a": "x" * 100}])
    assert len(list(read_json_lines(path))) == 2
    monkeypatch.setattr(files, "MAX_LINE_BYTES", 50)
    with pytest.raises(InputError, match=r"rows\.jsonl:2: a line has at most"):
        list(read_json_lines(path))
    with pytest.raises(InputError, match="/dev/zero:1: a line has at most"):
        list(read_json_lines(Path("/dev/zero")))


def test_a_value_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text('{"a": [1, 2, 3]}')
    assert read_json_file(path) == {"a": [1, 2, 3]}
    monkeypatch.setattr(files, "MAX_VALUE_BYTES", 10)
    with pytest.raises(InputError, match=r"rows\.json: one JSON value of more than"):
        read_json_file(path)
