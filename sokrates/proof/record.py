"""What a proof holds: its lines, scopes and goal, for anyone to read and for the kernel alone to change.

Part of the trusted base. Attributes that begin with an underscore are the kernel's; the others cannot be set. A
record is made from premises and a goal, and copied, in no other way: no `__init__` that could be called again,
no pickling. Not covered: what may be put down (`kernel`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sokrates.logic.formula import Constant, Formula
from sokrates.proof.budget import Budget, Memory
from sokrates.proof.option import Reason

Witness = tuple[int, frozenset[Constant]]  # a line that EXIST_INSTANTIATION derived, and what was fresh there
_Record = TypeVar("_Record", bound="Record")


class Lines(Sequence["Formula | Reason"]):
    """A view of a proof's lines, each a formula or the reason why it cannot be cited. Later lines show too."""

    __slots__ = ("_lines",)

    def __init__(self, lines: list[Formula | Reason]) -> None:
        self._lines = lines

    def __getitem__(self, index: Any) -> Any:
        return self._lines[index]

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Formula | Reason]:
        return iter(self._lines)


class Record:
    """A proof as far as it goes. Raises TypeError where a premise or the goal is no formula."""

    __slots__ = (
        "_assumptions",
        "_budget",
        "_concluded",
        "_goal",
        "_lines",
        "_memory",
        "_names",
        "_premise_names",
        "_premises",
        "_witnesses",
    )
    _premises: tuple[Formula, ...]
    _premise_names: frozenset[Constant]
    _goal: Formula
    _lines: list[Formula | Reason]
    _assumptions: tuple[int, ...]
    _witnesses: tuple[Witness, ...]
    _names: set[Constant]  # that the goal or a line has mentioned
    _concluded: bool
    _budget: Budget
    _memory: Memory  # shared by the copies

    def __new__(cls: type[_Record], premises: Sequence[Formula], goal: Formula) -> _Record:
        record = object.__new__(cls)
        record._premises, record._goal = tuple(premises), goal
        if not all([isinstance(formula, Formula) for formula in (*record._premises, goal)]):
            raise TypeError("premises and goal are formulas")
        record._premise_names = frozenset[Constant]().union(*[premise.names for premise in record._premises])
        record._names = {*goal.names, *record._premise_names}
        record._lines, record._assumptions, record._witnesses = [*record._premises], (), ()
        record._concluded = False
        record._budget, record._memory = Budget(record._premises, goal), Memory()
        return record

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("a proof is not pickled: make it again from its premises and its options")

    def copy(self: _Record) -> _Record:
        """A proof that goes its own way from here."""
        twin = object.__new__(type(self))
        twin._premises, twin._goal, twin._premise_names = self._premises, self._goal, self._premise_names
        twin._names, twin._lines, twin._budget = {*self._names}, [*self._lines], self._budget.copy()
        twin._assumptions, twin._witnesses = self._assumptions, self._witnesses
        twin._memory, twin._concluded = self._memory, self._concluded
        return twin

    @property
    def premises(self) -> tuple[Formula, ...]:
        return self._premises

    @property
    def goal(self) -> Formula:
        """The conclusion to evaluate."""
        return self._goal

    @property
    def lines(self) -> Lines:
        """The premises, then for each step the formula that it derived, or why it cannot be cited."""
        return Lines(self._lines)

    @property
    def assumptions(self) -> tuple[int, ...]:
        """The indices of the open assumptions, outermost first."""
        return self._assumptions

    @property
    def witnesses(self) -> tuple[Witness, ...]:
        """The lines in scope that EXIST_INSTANTIATION derived."""
        return self._witnesses

    @property
    def work(self) -> int:
        """What the steps have cost, in nodes."""
        return self._budget.work

    def assumed(self) -> Iterator[Formula]:
        """What the lines in scope rest on: premises, open assumptions, and what names a fresh individual."""
        yield from self._premises
        for index in (*self._assumptions, *(index for index, _ in self._witnesses)):
            yield self._lines[index]  # type: ignore[misc]
