"""Derivations as proof search finds them, and how they become the steps of a proof.

A derivation is a node of a graph: a formula, the option that gives it and the derivations that the option
cites. It has no index and no place, so a search can make thousands and keep the few that it needs.
`write_options` puts those in order, opens each assumption's scope around what depends on it and nothing
else, and runs every step through the kernel. Not covered: finding them (`forward_chaining`, `natural_deduction`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from string import ascii_uppercase
from typing import NamedTuple

from sokrates.logic.formula import Constant, Formula, Term, constants, substitute
from sokrates.proof.budget import MAX_OPEN_SCOPES
from sokrates.proof.kernel import ASSUME, WITNESS, State, derive
from sokrates.proof.option import Option, Reason

_created = count()
_NONE: frozenset[Derivation] = frozenset()


class OverLimitError(Exception):
    """A step follows, but the kernel refuses it, as formula or proof would be too large (`proof.budget`)."""


class Derivation:
    """One formula and how it is reached.

    rule: the option's name; "" for a line that the state holds
    uses: what the option cites by index, in the order of its arguments
    extra: its further arguments; a Constant stands for its name
    after: what is not cited and yet comes before, as it introduces an individual that `extra` names
    closes: the assumption whose scope the option closes
    open: the assumptions that it rests on; it stands in the scope of all of these and of no other
    number: in order of creation, so that it comes after what it uses
    """

    __slots__ = ("after", "closes", "extra", "formula", "number", "open", "rule", "uses")

    open: frozenset[Derivation]

    def __init__(
        self,
        formula: Formula,
        rule: str,
        uses: tuple[Derivation, ...] = (),
        extra: tuple[Term | int | str, ...] = (),
        *,
        after: tuple[Derivation, ...] = (),
        closes: Derivation | None = None,
        within: Iterable[Derivation] = (),
    ) -> None:
        self.formula, self.rule, self.uses, self.extra = formula, rule, uses, extra
        self.after, self.closes = after, closes
        self.number = next(_created)
        self.open = _NONE.union(within, *(other.open for other in (*uses, *after) if other.open))
        if closes is not None:
            self.open = (self.open | closes.open) - {closes}
        if rule == ASSUME:
            self.open |= {self}

    def steps(self) -> int:
        """The number of steps that it takes, assumptions included."""
        seen: set[Derivation] = set()
        queue = [self]
        while queue:
            derivation = queue.pop()
            if derivation.rule and derivation not in seen:
                seen.add(derivation)
                queue.extend(derivation.rests_on())
        return len(seen)

    def rests_on(self) -> tuple[Derivation, ...]:
        """What must be written before it."""
        closed = () if self.closes is None else (self.closes,)
        return (*self.uses, *self.after, *closed)


def write_options(state: State, targets: Sequence[Derivation], given: dict[Derivation, int]) -> list[Option]:
    """The options that derive the targets from a state, in the scope that it is in; nothing that they do not need.

    given: the derivations that are lines of the state, with their indices
    Raises OverLimitError where the kernel refuses a step for its size, and AssertionError where it does not derive
    what the search said: a fault of the search.
    """
    return write_targets(state, targets, given)[0]


def write_targets(
    state: State, targets: Sequence[Derivation], given: dict[Derivation, int]
) -> tuple[list[Option], list[int]]:
    """The options that `write_options` gives, and the index of each target's line.

    A line is not always the target's formula: the search may name an individual in another way than the proof.
    Raises what `write_options` does.
    """
    index_of_formula = {derivation.formula: index for derivation, index in reversed(given.items())}
    writer, scope = _Writer(state), _Scope(_NONE, {**given}, index_of_formula)
    writer.write(targets, scope)
    return writer.options, [scope.index_of[target] for target in targets]


def fresh_name(taken: Iterable[Term]) -> str:
    """The name of an arbitrary individual: the first of ArbitraryA, ArbitraryB, … that is not taken."""
    names = {name.fields[0] for name in taken}
    return next(name for number in count() if (name := "Arbitrary" + _letters(number)) not in names)


def _letters(number: int) -> str:
    return (_letters(number // 26 - 1) if number >= 26 else "") + ascii_uppercase[number % 26]


def individuals(state: State) -> list[Constant]:
    """The constants in a state's goal and then in the lines that can be cited, in order of occurrence."""
    lines = [line for line in state.lines if not isinstance(line, Reason)]
    return list(dict.fromkeys(name for formula in (state.goal, *lines) for name in constants(formula)))


class _Scope(NamedTuple):
    """What the writer may cite where it stands.

    assumptions: the open ones
    index_of: the derivations that are lines, with their indices
    index_of_formula: likewise by formula, as the search can derive one in two scopes that do not know each other
    """

    assumptions: frozenset[Derivation]
    index_of: dict[Derivation, int]
    index_of_formula: dict[Formula, int]

    def inner(self, assumption: Derivation) -> _Scope:
        """The scope that an assumption opens: what is written there is not seen from here."""
        return _Scope(self.assumptions | {assumption}, {**self.index_of}, {**self.index_of_formula})


class _Writer:
    """Writes derivations as options.

    state: the proof so far
    options: what led to it
    names: what stands for an individual in the search, with its name in the proof
    """

    def __init__(self, state: State) -> None:
        self.state = state.copy()
        self.options: list[Option] = []
        self.given_names = set(individuals(state))
        self.names: dict[Term, Term] = {}

    def write(self, targets: Sequence[Derivation], scope: _Scope) -> None:
        """Writes what the targets need, as far as it stands in this scope or in one that is opened in it."""
        for derivation in sorted(_needed(targets, scope), key=lambda needed: needed.number):
            if not derivation.open <= scope.assumptions:
                continue  # it stands in a scope that is opened later, where it is needed
            index = scope.index_of_formula.get(self._renamed(derivation.formula))
            if index is not None:
                scope.index_of[derivation] = index
            elif derivation.closes is None:
                self._apply(derivation, self._option(derivation, scope), scope)
            else:
                self._write_scope(derivation, derivation.closes, scope)

    def _write_scope(self, derivation: Derivation, assumption: Derivation, outside: _Scope) -> None:
        """Opens the assumption's scope, writes there what the derivation cites, and closes it."""
        inside = outside.inner(assumption)
        self._apply(assumption, self._option(assumption, inside), inside)
        self.write(derivation.uses, inside)
        self._apply(derivation, self._option(derivation, inside), outside)
        mentioned = individuals(self.state)
        self.names = {individual: name for individual, name in self.names.items() if name in mentioned}

    def _option(self, derivation: Derivation, scope: _Scope) -> Option:
        indices = [scope.index_of[used] for used in derivation.uses]
        return Option(derivation.rule, (*indices, *map(self._argument, derivation.extra)))

    def _apply(self, derivation: Derivation, option: Option, scope: _Scope) -> None:
        """Takes the step and notes its line. Raises AssertionError where it derives something else."""
        formula = derive(self.state, option)
        if isinstance(formula, Reason):
            opened = {ASSUME: self.state.assumptions, WITNESS: self.state.witnesses}.get(option.name, ())
            if formula is Reason.TOO_LARGE or len(opened) >= MAX_OPEN_SCOPES:
                raise OverLimitError
            raise AssertionError(f"{option} is not valid after {self.options}: {formula.value}")
        if option.name == WITNESS:
            (existential,) = derivation.uses
            individual = derivation.formula.names - existential.formula.names
            fresh = formula.names - self._renamed(existential.formula).names
            self.names.update(zip(individual, fresh, strict=True))  # at most one
        if formula is not self._renamed(derivation.formula):
            raise AssertionError(f"{option} after {self.options} derives {formula}, not {derivation.formula}")
        scope.index_of[derivation] = scope.index_of_formula[formula] = len(self.state.lines)
        self.state.apply(option)
        self.options.append(option)

    def _argument(self, extra: Term | int | str) -> int | str:
        """An option's argument; an individual that the proof has not named is arbitrary, and gets a name."""
        if isinstance(extra, int | str):
            return extra
        if extra not in self.given_names and extra not in self.names:
            self.names[extra] = Constant(fresh_name([*individuals(self.state), *self.names.values()]))
        return self.names.get(extra, extra).fields[0]

    def _renamed(self, formula: Formula) -> Formula:
        return formula if self.names.keys().isdisjoint(formula.names) else substitute(formula, self.names)


def _needed(targets: Sequence[Derivation], scope: _Scope) -> set[Derivation]:
    """The targets and all that they rest on, as far as it is no line of the scope."""
    needed: set[Derivation] = set()
    queue = [*targets]
    while queue:
        derivation = queue.pop()
        if derivation not in needed and derivation not in scope.index_of:
            needed.add(derivation)
            queue.extend(derivation.rests_on())
    return needed
