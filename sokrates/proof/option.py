"""Options: one application of an inference rule, as a trace writes it, and why one is rejected.

>>> Option("MODUS_PONENS", (4, 3))
MODUS_PONENS(4, 3)
>>> Option("UNIV_INSTANTIATION", (0, "Mt. Rainier"))
UNIV_INSTANTIATION(0, 'Mt. Rainier')
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

MAX_SYMBOL: Final = 40  # characters of a name without quotes, or digits of an index
QUOTED: Final = r"'(?:[^'\\]|\\.)*+'"  # the pattern of a quoted name


@dataclass(frozen=True, slots=True, repr=False)
class Option:
    """A rule's name and its arguments: indices into the state's formulas, or names of constants."""

    name: str
    args: tuple[int | str, ...]

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(map(write_argument, self.args))})"


def is_symbol(text: str) -> bool:
    """Letters, digits, _ and -, not too many: the name of an option, or of a constant if no digit comes first."""
    return 0 < len(text) <= MAX_SYMBOL and text.replace("_", "").replace("-", "").isalnum()


def write_argument(arg: int | str) -> str:
    """An argument as an Action has it: a name that could be taken for something else is quoted.

    >>> write_argument(7), write_argument("7"), write_argument("rex"), write_argument("o'neil")
    ('7', "'7'", 'rex', "'o\\\\'neil'")
    """
    if isinstance(arg, int) or (is_symbol(arg) and not arg[0].isdecimal()):
        return str(arg)
    escaped = arg.replace("\\", r"\\").replace("'", r"\'").replace("\n", r"\n")
    return f"'{escaped}'"


class Reason(Enum):
    """Why a step is not valid. The list is closed."""

    UNPARSED = "unparsed"  # no Thought and Action of the trace's form
    UNKNOWN_OPTION = "unknown option"
    WRONG_ARGUMENTS = "wrong arguments"  # their number or their kind
    OUT_OF_RANGE = "index out of range"
    HOLE = "cites a rejected step"
    OUT_OF_SCOPE = "cites a closed scope"
    DOES_NOT_APPLY = "rule does not apply"
    TOO_LARGE = "derives too large a formula"
    NOT_DERIVED = "conclusion not derived"
    UNDECIDED = "undecided"  # the solver reached its resource limit
    NO_CLAIM = "no claim"
    UNREADABLE_CLAIM = "unreadable claim"
    OTHER_CLAIM = "claim is another formula"
    AFTER_CONCLUDE = "after the conclusion"
