"""What can be said of a conclusion: a trace's answer, and the solver's decision."""

from enum import Enum


class Answer(Enum):
    """What a trace concludes; the value is CONCLUDE's argument."""

    TRUE = 0
    FALSE = 1
    UNKNOWN = 2


class Decision(Enum):
    """What the solver decides: an answer, or why there is none. TRUE and FALSE are proved."""

    TRUE = "TRUE"
    FALSE = "FALSE"
    UNKNOWN = "UNKNOWN"
    INCONSISTENT = "INCONSISTENT"  # the premises entail everything
    UNDECIDED = "UNDECIDED"  # the resource limit was reached
