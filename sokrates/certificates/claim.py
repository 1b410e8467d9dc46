"""What a checker is asked: whether a file proves a statement that was made from the problem, not from the file."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

MAX_WORDS: Final = 500  # characters of a checker's answer that are kept


class Claim(NamedTuple):
    """A file with a certificate, and the statement that it must prove."""

    file: Path
    statement: str
