"""What a proof holds: its lines, scopes and goal, for anyone to read and for the kernel alone to change.

Part of the trusted base. Attributes that begin with an underscore are the kernel's; the others cannot be set. A
record is made from premises and a goal, and copied, in no other way: no `__init__` that could be called again,
no pickling. Not covered: what may be put down (`kernel`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sokrates.logic.formula import FORMULA_CLASSES, Constant, Formula
from sokrates.proof.arguments import GOAL
from sokrates.proof.budget import LARGE_FORMULA_NODES, SEARCH_NODES
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
        "_concluded",
        "_goal",
        "_large",
        "_lines",
        "_named",
        "_names",
        "_premise_names",
        "_premises",
        "_witnesses",
        "_work",
    )
    _premises: tuple[Formula, ...]
    _premise_names: frozenset[Constant] | None  # None until a rule asks for it
    _goal: Formula
    _lines: list[Formula | Reason]
    _assumptions: tuple[int, ...]
    _witnesses: tuple[Witness, ...]
    _names: frozenset[Constant]  # that the goal, or one of the first `_named` lines, has mentioned
    _named: int
    _concluded: bool
    _large: dict[int | str, int]  # the sizes of the lines, by index, and of the goal over LARGE_FORMULA_NODES
    _work: int

    def __new__(cls: type[_Record], premises: Sequence[Formula], goal: Formula) -> _Record:
        record = object.__new__(cls)
        record._premises = premises = tuple(premises)
        record._goal = goal
        if not FORMULA_CLASSES.issuperset(map(type, (*premises, goal))):
            raise TypeError("premises and goal are formulas")
        record._large = {i: fact.size for i, fact in enumerate(premises) if fact.size > LARGE_FORMULA_NODES}
        if goal.size > LARGE_FORMULA_NODES:
            record._large[GOAL] = goal.size
        record._lines, record._assumptions, record._witnesses = [*premises], (), ()
        record._premise_names, record._names, record._named = None, goal.names, 0
        record._concluded, record._work = False, 0
        return record

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("a proof is not pickled: make it again from its premises and its options")

    def copy(self: _Record) -> _Record:
        """A proof that goes its own way from here."""
        twin = object.__new__(type(self))
        twin._premises, twin._goal, twin._lines = self._premises, self._goal, [*self._lines]
        twin._premise_names, twin._names, twin._named = self._premise_names, self._names, self._named
        twin._assumptions, twin._witnesses, twin._concluded = self._assumptions, self._witnesses, self._concluded
        twin._large, twin._work = {**self._large}, self._work
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
        return self._work

    def _charge(self, args: tuple[int | str, ...], searches: bool) -> None:
        """Charges a step for what it looks into, whether it derives something or not."""
        self._work += SEARCH_NODES if searches else 0
        self._work += sum([self._large.get(arg, 0) for arg in args if type(arg) is int or type(arg) is str])

    def _names_of_premises(self) -> frozenset[Constant]:
        if self._premise_names is None:
            self._premise_names = frozenset[Constant]().union(*[premise.names for premise in self._premises])
        return self._premise_names

    def _names_so_far(self) -> frozenset[Constant]:
        """Every constant that the goal or a line has mentioned. Asked for before lines are closed, too."""
        if self._named < len(self._lines):
            new = [line.names for line in self._lines[self._named :] if isinstance(line, Formula)]
            self._names, self._named = self._names.union(*new), len(self._lines)
        return self._names

    def assumed(self) -> Iterator[Formula]:
        """What the lines in scope rest on: premises, open assumptions, and what names a fresh individual."""
        yield from self._premises
        for index in (*self._assumptions, *(index for index, _ in self._witnesses)):
            yield self._lines[index]  # type: ignore[misc]
