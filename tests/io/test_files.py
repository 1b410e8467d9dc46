"""Files: whole or not at all, what they may replace, and lines without end."""

from __future__ import annotations

import gzip
import json
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sokrates.io import files
from sokrates.io.errors import InputError, UserError
from sokrates.io.files import read_json_lines, read_rows, whole_file, write_json_lines


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
    path.write_text('{"a": [1, 2, 3],\n "b": 4}')
    assert [*read_rows(path)] == [(f"{path}:1", {"a": [1, 2, 3], "b": 4})]
    monkeypatch.setattr(files, "MAX_VALUE_BYTES", 10)
    with pytest.raises(InputError, match=r"rows\.json: more than .* MiB, and not JSON lines"):
        [*read_rows(path)]


ROWS = [{"a": "ä", "b": [1, {"c": None}]}, {"a": ""}, {"a": "x\n"}]
LINES = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)
PRETTY = "".join(json.dumps(row, indent=2) + "\n\n" for row in ROWS)  # rows begin at lines 1, 10 and 14
SHAPES = {
    "lines": (LINES, [":1", ":2", ":3"]),
    "lines, some of them blank": ("\n" + LINES.replace("\n", "\r\n\n"), [":2", ":4", ":6"]),
    "values over several lines": (PRETTY, [":1", ":11", ":15"]),
    "a list": (json.dumps(ROWS), ["[0]", "[1]", "[2]"]),
    "a list over several lines": (json.dumps(ROWS, indent=1), ["[0]", "[1]", "[2]"]),
    "a list under `data`": (json.dumps({"version": 1, "data": ROWS}), ["[0]", "[1]", "[2]"]),
    "an object of rows": (
        json.dumps({f"row{i}": row for i, row in enumerate(ROWS)}),
        [": row0", ": row1", ": row2"],
    ),
}


@pytest.mark.parametrize("name", ["rows.json", "rows.jsonl"])
@pytest.mark.parametrize(
    "encode", [str.encode, lambda text: text.encode("utf-8-sig")], ids=["", "byte order mark"]
)
@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["", "gzip"])
@pytest.mark.parametrize("shape", SHAPES)
def test_rows_are_read_whatever_the_files_shape_and_name(
    tmp_path: Path, shape: str, compress: Callable[[bytes], bytes], encode: Callable[[str], bytes], name: str
) -> None:
    text, places = SHAPES[shape]
    path = tmp_path / name
    path.write_bytes(compress(encode(text)))
    assert [*read_rows(path)] == [(f"{path}{place}", row) for place, row in zip(places, ROWS, strict=True)]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.jsonl", b'{"a": 1}\n{"a": \n', r"a\.jsonl:2: not JSON"),
        ("a.jsonl", b'{"a": [1,\n', r"a\.jsonl:1: not JSON: it ends in the middle of a value"),
        ("a.jsonl", b"{'a': 1}\n", r"a\.jsonl:1: not JSON: .*: column 2"),
        ("a.json", b'[{"a": 1},\n {"b"}]', r"a\.json: not JSON: .*line 2"),
        ("a.jsonl", gzip.compress(b'{"a": 1}\n' * 1000)[:-20], "cannot be read"),
        ("a.json", "[1]".encode("utf-16"), "cannot be read|not JSON"),
    ],
)
def test_what_is_no_json_is_named(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=message):
        [*read_rows(tmp_path / name)]


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(b"\n \n")
    assert [*read_rows(tmp_path / "rows.jsonl")] == []
