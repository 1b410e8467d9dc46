"""Files of JSON: read with the place of what is wrong, written whole or not at all.

Memory does not follow a file that is read line by line: a line has at most MAX_LINE_BYTES.

Not covered: what a row means (`sokrates.proof.trace`, `sokrates.data.sources`).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

from sokrates.io.errors import InputError, UserError, unreadable

MAX_LINE_BYTES: Final = 4 << 20  # hundreds of times a problem with a long trace
MAX_VALUE_BYTES: Final = 64 << 20  # of a file that holds one JSON value, which is read at once


def read_json(text: str | bytes, where: str) -> Any:
    """The value that a text of JSON holds. Raises InputError, which names `where`."""
    try:
        return json.loads(text if isinstance(text, str) else text.decode())
    except UnicodeDecodeError as error:
        raise InputError(
            f"{where}: cannot be read: not UTF-8 text ({error.reason} at byte {error.start})"
        ) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not JSON: {error}") from None


def read_json_file(path: Path) -> Any:
    """The one value that a file of JSON holds. Raises InputError, past MAX_VALUE_BYTES too."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_VALUE_BYTES + 1)
    except OSError as error:
        raise unreadable(path, error) from None
    if len(text) > MAX_VALUE_BYTES:
        raise InputError(
            f"{path}: one JSON value of more than {MAX_VALUE_BYTES >> 20} MiB: write rows as lines of a .jsonl"
        )
    return read_json(text, str(path))


def read_json_lines(path: Path) -> Iterator[tuple[str, Any]]:
    """Each JSON line that is not blank with its place, `file:line`. Raises InputError where one is not JSON."""
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(MAX_LINE_BYTES + 1):
                number += 1
                where = f"{path}:{number}"
                if len(line) > MAX_LINE_BYTES:
                    raise line_too_long(where)
                if line.strip():
                    yield where, read_json(line, where)
    except OSError as error:
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
        target.parent.mkdir(parents=True, exist_ok=True)
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
        file.write(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
