"""What an option's arguments are: lines that can be cited, the goal, constants and numbers.

Part of the trusted base: the kernel's rules never see an argument, only what `bind` makes of it. Arguments may
come from anywhere, so each is taken for what it is by its exact type; `True` is no index, and a string that
claims to equal another one is no constant. Not covered: what a rule makes of them (`kernel`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Any, NamedTuple

from sokrates.logic.formula import Formula
from sokrates.proof.option import Reason

GOAL = "goal"  # names the conclusion to evaluate, where an argument is a formula to look into


class Argument(Enum):
    """What a rule asks for, one by one."""

    STATE = auto()  # the state itself, which is no argument of the option
    LINE = auto()  # the index of a line that can be cited
    LINE_OR_GOAL = auto()  # likewise, or GOAL
    CONSTANT = auto()
    NUMBER = auto()
    MORE_LINES = auto()  # any number of LINE, at the end
    MORE_CONSTANTS = auto()


STATE, LINE, LINE_OR_GOAL, CONSTANT, NUMBER, MORE_LINES, MORE_CONSTANTS = Argument
_REPEATED = {MORE_LINES: LINE, MORE_CONSTANTS: CONSTANT}


class Rule(NamedTuple):
    """A rule: the option's name, the function, and what that takes.

    kinds: of the option's arguments; after these, any number of `more`
    needs_state: the function takes the state before them
    """

    name: str
    function: Callable[..., Any]
    kinds: tuple[Argument, ...]
    more: Argument | None
    needs_state: bool

    def kinds_of(self, count: int) -> tuple[Argument, ...]:
        """The kinds of `count` arguments. Its length is another one where the rule does not take so many."""
        return self.kinds if self.more is None else self.kinds + (self.more,) * (count - len(self.kinds))

    def cited(self, args: Sequence[int | str]) -> list[int]:
        """Those of the arguments that are indices of lines."""
        kinds = self.kinds if self.more is None else self.kinds_of(len(args))
        return [
            arg
            for kind, arg in zip(kinds, args)  # noqa: B905 - as in `bind`
            if (kind is LINE or kind is LINE_OR_GOAL) and type(arg) is int
        ]

    def bind(
        self, args: tuple[int | str, ...], lines: Sequence[Formula | Reason], goal: Formula
    ) -> list[Any] | Reason:
        """What the arguments stand for, the state left out; or what is wrong with the first that is wrong."""
        kinds = self.kinds if self.more is None else self.kinds_of(len(args))
        if len(kinds) != len(args):
            return Reason.WRONG_ARGUMENTS
        values: list[Any] = []
        for kind, arg in zip(kinds, args):  # noqa: B905 - they are equally long; `strict` would double the time
            if (kind is LINE or kind is LINE_OR_GOAL) and type(arg) is int:
                if not 0 <= arg < len(lines):
                    return Reason.OUT_OF_RANGE
                line = lines[arg]
                if type(line) is Reason:
                    return line
                values.append(line)
            elif (kind is NUMBER and type(arg) is int) or (kind is CONSTANT and type(arg) is str):
                values.append(arg)
            elif kind is LINE_OR_GOAL and type(arg) is str and arg == GOAL:
                values.append(goal)
            else:
                return Reason.WRONG_ARGUMENTS
        return values


def declared(function: Callable[..., Any], kinds: Sequence[Argument]) -> Rule:
    """The rule of a function with arguments of these kinds; the option has its name in capitals."""
    fixed = tuple(kind for kind in kinds if kind not in (STATE, *_REPEATED))
    return Rule(function.__name__.upper(), function, fixed, _REPEATED.get(kinds[-1]), kinds[0] is STATE)
