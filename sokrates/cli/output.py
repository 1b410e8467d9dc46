"""What the commands print: a progress bar, counts, text that a terminal must not obey."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, TypeVar

from sokrates.report.printable import printable as printable

if TYPE_CHECKING:
    from rich.console import Console
    from tqdm import tqdm

INCOMPLETE: Final = 1  # the exit code of a command that left out a problem, or whose proof was refused

Item = TypeVar("Item")


def terminal(**options: bool) -> Console:
    """What tables and proofs are printed with. Where the reader of a pipe has ended, it raises BrokenPipeError."""
    from rich.console import Console

    class Terminal(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # rich would end the program, with exit code 1

    return Terminal(**options)  # type: ignore[arg-type]


def counted(count: int, noun: str) -> str:
    """`1 trace`, `2 traces`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def progress(items: Iterable[Item], verb: str, unit: str) -> Iterator[Item]:
    """The items, with a progress bar on stderr once they take longer than a second."""
    from tqdm import tqdm

    return iter(tqdm(items, desc=verb, unit=unit, disable=not sys.stderr.isatty(), delay=1))


def bytes_bar(verb: str, total: int | None) -> tqdm:
    """A progress bar over the bytes of a file; `total` is None where its size is unknown."""
    from tqdm import tqdm

    return tqdm(desc=verb, total=total, unit="B", unit_scale=True, disable=not sys.stderr.isatty(), delay=1)
