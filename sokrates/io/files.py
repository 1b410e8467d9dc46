"""Files of JSON: read with the place of what is wrong, written whole or not at all.

A file that people have may hold a row on each line, rows one after the other over several lines, or one list or
object of rows; it may be compressed with gzip and begin with a byte order mark. `read_rows` reads them all. Memory
does not follow a file that is read line by line: a line has at most MAX_LINE_BYTES.

Not covered: what a row means (`sokrates.proof.trace`, `sokrates.data.sources`).
"""

from __future__ import annotations

import gzip
import io
import json
import re
import secrets
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, cast

from sokrates.io.errors import InputError, UserError, unreadable

MAX_LINE_BYTES: Final = 4 << 20  # hundreds of times a problem with a long trace
MAX_VALUE_BYTES: Final = 64 << 20  # of a file that is not JSON lines, which is read at once
ROW_SUFFIXES: Final = (".json", ".jsonl", ".json.gz", ".jsonl.gz")  # of the files of a folder that are read
_GZIP: Final = b"\x1f\x8b"
_BLANKS: Final = re.compile(r"\s*")
UNREADABLE: Final = (OSError, EOFError, zlib.error)  # what reading raises; the last two for a broken gzip file


def read_json(text: str | bytes, where: str) -> Any:
    """The value that a text of JSON holds. Raises InputError, which names `where`."""
    try:
        return json.loads(text if isinstance(text, str) else text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(
            f"{where}: cannot be read: not UTF-8 text ({error.reason} at byte {error.start})"
        ) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not JSON: {_fault(error)}") from None


def _fault(error: ValueError | RecursionError) -> str:
    """What is wrong with a text of JSON, at which column, and in which line if the text has more than one."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if not isinstance(error, json.JSONDecodeError):
        return str(error)
    if error.pos >= len(error.doc.rstrip()):
        return "it ends in the middle of a value"
    line = f"line {error.lineno}, " if "\n" in error.doc.rstrip() else ""
    return f"{error.msg}: {line}column {error.colno}"


def is_regular(path: Path) -> bool:
    """Whether it is a file that can be looked at; of one that cannot, opening it says why."""
    try:
        return path.is_file()
    except OSError:
        return False


def open_bytes(path: Path) -> BinaryIO:
    """The file's bytes, unbuffered, and decompressed where a regular file begins as gzip does. Raises OSError."""
    if is_regular(path):
        with path.open("rb") as file:
            is_gzip = file.read(len(_GZIP)) == _GZIP
        if is_gzip:
            return cast(BinaryIO, gzip.open(path))
    return cast(BinaryIO, path.open("rb", buffering=0))


def read_rows(path: Path, is_row: Callable[[Any], bool] = lambda value: False) -> Iterator[tuple[str, Any]]:
    """Each row of a file with its place, whatever the file's shape. Raises InputError, past MAX_VALUE_BYTES too.

    The shape is looked up in the file and not in its name: a JSON value on each line (place: `file:line`); values
    over several lines, one after the other (`file:line` where one begins); or one value that holds the rows
    (`file[index]` or `file: name`): a list, an object with the list `data`, or an object of objects by name.

    is_row: whether an object of objects, alone in its file, is itself a row
    """
    if is_json_lines(path):
        yield from read_json_lines(path)
        return
    values = _values(path)
    value = values[0][1] if len(values) == 1 else None
    if not is_row(value) and (rows := _contained(value)) is not None:
        yield from ((f"{path}{place}", row) for place, row in rows)
        return
    yield from ((f"{path}:{line}", row) for line, row in values)


def is_json_lines(path: Path) -> bool:
    """Whether a file holds a JSON value on each line; so is taken what is no regular file. Raises InputError."""
    if not is_regular(path):
        return True
    try:
        with open_bytes(path) as file:
            reader = _lines(file)
            first = next(reader, b"")
            value = json.loads(first.decode("utf-8-sig")) if len(first) <= MAX_LINE_BYTES else None
            is_alone = next(reader, None) is None
    except (ValueError, RecursionError):
        return False
    except UNREADABLE as error:
        raise unreadable(path, error) from None
    return not first or (len(first) <= MAX_LINE_BYTES and not (is_alone and _contained(value) is not None))


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines that are not blank; one that is too long is cut one byte past MAX_LINE_BYTES."""
    buffered = io.BufferedReader(cast(Any, file))
    while line := buffered.readline(MAX_LINE_BYTES + 1):
        if line.strip():
            yield line


def _values(path: Path) -> list[tuple[int, Any]]:
    """The values of a file, one after the other, each with the number of the line where it begins."""
    try:
        with open_bytes(path) as file:
            data = _read_up_to(file, MAX_VALUE_BYTES + 1)
    except UNREADABLE as error:
        raise unreadable(path, error) from None
    if len(data) > MAX_VALUE_BYTES:
        limit = f"{MAX_VALUE_BYTES >> 20} MiB"
        raise InputError(f"{path}: more than {limit}, and not JSON lines: write each row on a line of its own")
    decoder, values = json.JSONDecoder(), []
    at, line = 0, 1
    try:
        text = data.decode("utf-8-sig")
        while (start := _BLANKS.match(text, at).end()) < len(text):  # type: ignore[union-attr]
            line += text.count("\n", at, start)
            value, end = decoder.raw_decode(text, start)
            values.append((line, value))
            line += text.count("\n", start, end)
            at = end
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: cannot be read: not UTF-8 text ({error.reason} at byte {error.start})"
        ) from None
    except (ValueError, RecursionError) as error:
        place = path if path.name.endswith((".json", ".json.gz")) else f"{path}:{line}"
        raise InputError(f"{place}: not JSON: {_fault(error)}") from None
    return values


def _read_up_to(file: BinaryIO, count: int) -> bytes:
    """That many bytes, or all there are: one read may return fewer."""
    parts: list[bytes] = []
    while count and (part := file.read(count)):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _contained(value: Any) -> list[tuple[str, Any]] | None:
    """The rows that one value holds, each with its place in it; None for a value that is itself a row."""
    if isinstance(value, dict) and isinstance(value.get("data"), list):
        value = value["data"]
    if isinstance(value, list):
        return [(f"[{index}]", row) for index, row in enumerate(value)]
    is_named = isinstance(value, dict) and value and all(isinstance(row, dict) for row in value.values())
    return [(f": {name}", row) for name, row in value.items()] if is_named else None


def read_json_lines(path: Path) -> Iterator[tuple[str, Any]]:
    """Each JSON line that is not blank with its place, `file:line`. Raises InputError where one is not JSON."""
    try:
        with open_bytes(path) as file, io.BufferedReader(cast(Any, file)) as lines:
            number = 0
            while line := lines.readline(MAX_LINE_BYTES + 1):
                number += 1
                where = f"{path}:{number}"
                if len(line) > MAX_LINE_BYTES:
                    raise line_too_long(where)
                if line.strip():
                    yield where, read_json(line, where)
    except UNREADABLE as error:
        raise unreadable(path, error) from None


def line_too_long(where: str) -> InputError:
    """What to raise for a line of more than MAX_LINE_BYTES."""
    return InputError(f"{where}: a line has at most {MAX_LINE_BYTES >> 20} MiB: is this a file of JSON lines?")


@contextmanager
def whole_file(path: Path) -> Iterator[IO[str]]:
    """A file to write that takes its place when the block ends well, and leaves nothing behind otherwise.

    It takes the place of a regular file, or of the one that a link leads to. What exists and is no regular file
    (a device, a pipe), and whatever is under /dev, is written in place instead.
    """
    if path.is_dir():
        raise UserError(f"{path}: cannot be written: it is a folder")
    # A lone surrogate, which UTF-8 cannot hold, becomes the escape that JSON reads as that character.
    form: dict[str, Any] = {"encoding": "utf-8", "errors": "backslashreplace"}
    try:
        if (path.exists() and not path.is_file()) or path.absolute().is_relative_to("/dev"):
            with path.open("w", **form) as file:
                yield file
            return
        target = path.resolve()
        _make_folder(target.parent)
        # Exclusive creation under a name that nobody can predict follows no link that was put there before.
        draft = target.with_name(f".{target.name[:100]}.{secrets.token_hex(8)}")
        try:
            with draft.open("x", **form) as file:
                yield file
            draft.replace(target)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror or error}") from None


def _make_folder(folder: Path) -> None:
    """Makes a folder and those above it. Raises OSError that says which of them is a file."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        file = next(path for path in (folder, *folder.parents) if path.exists())
        raise OSError(f"{file} is a file, not a folder") from None


def write_json_lines(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Writes a JSON line each; returns how many."""
    count = 0
    with whole_file(path) as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count


def write_json(path: Path, value: Any) -> None:
    """Writes one JSON object with sorted keys, so that equal results are equal files."""
    with whole_file(path) as file:
        file.write(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n")
