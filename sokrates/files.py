"""Files of JSON: read with the place of what is wrong, written whole or not at all.

Not covered: what a row means (`sokrates.proof.trace`, `sokrates.data.sources`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from sokrates.errors import InputError, UserError


def read_json(text: str | bytes, where: str) -> Any:
    """The value that a text of JSON holds. Raises InputError, which names `where`."""
    try:
        return json.loads(text if isinstance(text, str) else text.decode())
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: cannot be read: {error}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not JSON: {error}") from None


def read_json_lines(path: Path) -> Iterator[tuple[str, Any]]:
    """Each JSON line that is not blank with its place, `file:line`. Raises InputError where one is not JSON."""
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    where = f"{path}:{number}"
                    yield where, read_json(line, where)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None


@contextmanager
def whole_file(path: Path) -> Iterator[IO[str]]:
    """A file to write that takes its place when the block ends well, and leaves nothing behind otherwise."""
    if path.is_dir():
        raise UserError(f"{path}: cannot be written: it is a folder")
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A lone surrogate, which UTF-8 cannot hold, becomes the escape that JSON reads as that character.
        with draft.open("w", encoding="utf-8", errors="backslashreplace") as file:
            yield file
        draft.replace(path)
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


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
