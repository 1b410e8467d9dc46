"""Options: one application of an inference rule, as a trace writes it, and why one is rejected.

>>> Option("MODUS_PONENS", (4, 3))
MODUS_PONENS(4, 3)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True, repr=False)
class Option:
    """A rule's name and its arguments: indices into the state's formulas, or names of constants."""

    name: str
    args: tuple[int | str, ...]

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.args))})"


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
