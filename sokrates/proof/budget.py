"""How large a formula a step may derive, how much work one proof may take, and what is remembered.

A trace is hostile text: a rule that is repeated could outgrow any memory, or keep the checker busy for hours.
Nothing here bears on soundness, as a limit can only refuse. Work is counted in nodes and never in seconds, so
a verdict is the same on every machine. Not covered: the solver's limits (`sokrates.logic.entailment`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sokrates.logic.formula import MAX_NESTING, Formula
from sokrates.proof.arguments import GOAL, Rule
from sokrates.proof.option import Reason

MAX_DERIVED_NODES = 500  # atoms, connectives and quantifiers of one derived formula
MAX_WORK_NODES = 200_000  # of all that a proof's steps derived or looked into; after that, every step is refused
MAX_OPEN_SCOPES = 100  # assumptions open at a time; likewise individuals that EXIST_INSTANTIATION named
SEARCH_NODES = 200  # charged for each step of a rule that looks for a part inside a formula
LARGE_FORMULA_NODES = 30  # a larger line, or goal, is charged each time that a step cites it, refused or not
MAX_REMEMBERED_RESULTS = 2_000  # of rules applied to the lines of one problem
MAX_REMEMBERED_VALUES = 2  # arguments of a rule whose result is remembered


def is_too_large(formula: Formula) -> bool:
    """Whether a formula is larger, or nested deeper, than a step may derive."""
    return formula.size > MAX_DERIVED_NODES or formula.depth > MAX_NESTING


def is_too_much(parts: Sequence[Formula]) -> bool:
    """Whether formulas are too large together for a conjunction of them to be built at all."""
    return sum([part.size for part in parts]) > 2 * MAX_DERIVED_NODES


class Budget:
    """What a proof's steps have cost so far.

    work: their cost, in nodes
    _large: the sizes of the lines (by index) and of the goal that are larger than LARGE_FORMULA_NODES
    """

    __slots__ = ("_large", "work")

    def __init__(self, premises: Sequence[Formula], goal: Formula) -> None:
        self._large: dict[int | str, int] = {
            index: premise.size for index, premise in enumerate(premises) if premise.size > LARGE_FORMULA_NODES
        }
        if goal.size > LARGE_FORMULA_NODES:
            self._large[GOAL] = goal.size
        self.work = 0

    def copy(self) -> Budget:
        twin = Budget.__new__(Budget)
        twin._large, twin.work = {**self._large}, self.work
        return twin

    def is_spent(self) -> bool:
        return self.work > MAX_WORK_NODES

    def charge_attempt(self, args: tuple[int | str, ...], searches: bool) -> None:
        """Charges a step for what it looks into, whether it derives something or not."""
        if searches:
            self.work += SEARCH_NODES
        if self._large:
            self.work += sum([self._large.get(arg, 0) for arg in args if type(arg) is int or type(arg) is str])

    def charge_line(self, index: int, derived: Formula) -> None:
        """Charges a step for the line that it derives."""
        self.work += derived.size
        if derived.size > LARGE_FORMULA_NODES:
            self._large[index] = derived.size


class Memory:
    """What the rules made of the lines of one problem, so that another sample of it costs less.

    A rule's result depends on the formulas that it is given alone, if it does not look at the state. Only small
    formulas are kept, and few of them, so memory does not grow with what is checked.
    """

    __slots__ = ("_results",)

    def __init__(self) -> None:
        self._results: dict[tuple[Any, ...], Formula | Reason] = {}

    def get(self, rule: Rule, values: list[Any]) -> Formula | Reason | None:
        """What the rule makes of the values; None where that is not kept."""
        return self._results.get((rule.name, *values)) if len(values) <= MAX_REMEMBERED_VALUES else None

    def keep(self, rule: Rule, values: list[Any], result: Formula | Reason) -> Formula | Reason:
        """The result, kept if it is small."""
        if len(values) > MAX_REMEMBERED_VALUES or len(self._results) >= MAX_REMEMBERED_RESULTS:
            return result
        for formula in (*values, result):
            if isinstance(formula, Formula) and formula.size > LARGE_FORMULA_NODES:
                return result
        self._results[(rule.name, *values)] = result
        return result
