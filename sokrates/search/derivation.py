"""Derivations as proof search finds them, and how they become the steps of a proof.

A derivation is a node of a graph: a formula, the option that gives it and the derivations that the option
cites. It has no index and no place, so a search can make thousands and keep the few that it needs.
`write_options` puts those in order, opens each assumption's scope around what depends on it and nothing
else, and runs every step through the kernel. Not covered: finding them (`saturation`, `natural`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from string import ascii_uppercase

from sokrates.logic.formula import Constant, Formula, Term, constants, substitute
from sokrates.proof.kernel import ASSUME, WITNESS, State, derive
from sokrates.proof.option import Option, Reason

_created = count()
_NONE: frozenset[Derivation] = frozenset()


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
                queue.extend((*derivation.uses, *derivation.after))
                if derivation.closes is not None:
                    queue.append(derivation.closes)
        return len(seen)


def write_options(state: State, targets: Sequence[Derivation], given: dict[Derivation, int]) -> list[Option]:
    """The options that derive the targets from a state, in the scope that it is in; nothing that they do not need.

    given: the derivations that are lines of the state, with their indices
    Raises AssertionError where the kernel does not derive what the search said: a fault of the search.
    """
    writer = _Writer(state, given)
    writer.write(targets, _NONE)
    return writer.options


def fresh_name(taken: Iterable[Constant]) -> str:
    """The name of an arbitrary individual: the first of ArbitraryA, ArbitraryB, … that is not taken."""
    names = {constant.name for constant in taken}
    return next(name for number in count() if (name := "Arbitrary" + _letters(number)) not in names)


def _letters(number: int) -> str:
    return (_letters(number // 26 - 1) if number >= 26 else "") + ascii_uppercase[number % 26]


def individuals(state: State) -> list[Constant]:
    """The constants in a state's goal and then in the lines that can be cited, in order of occurrence."""
    lines = [line for line in state.lines if not isinstance(line, Reason)]
    return list(dict.fromkeys(name for formula in (state.goal, *lines) for name in constants(formula)))


class _Writer:
    def __init__(self, state: State, given: dict[Derivation, int]) -> None:
        self.state = state.copy()
        self.options: list[Option] = []
        self.index_of = dict(given)
        self.index_of_formula = {derivation.formula: index for derivation, index in reversed(given.items())}
        self.given_names = set(individuals(state))
        self.names: dict[Term, Term] = {}  # what stands for an individual in the search → its name in the proof

    def write(self, targets: Sequence[Derivation], opened: frozenset[Derivation]) -> None:
        """Writes what the targets need and what stands in exactly the scopes that are open."""
        for derivation in sorted(self._needed(targets), key=lambda one: one.number):
            if derivation in self.index_of or not derivation.open <= opened:
                continue
            stands = self.index_of_formula.get(self._renamed(derivation.formula))
            if stands is not None:  # found twice by the search, in scopes of which neither knew the other
                self.index_of[derivation] = stands
            elif derivation.closes is None:
                self._step(derivation)
            else:
                outside = dict(self.index_of), dict(self.index_of_formula)
                self._step(derivation.closes)
                self.write(derivation.uses, opened | {derivation.closes})
                option = self._option(derivation)
                self.index_of, self.index_of_formula = outside
                self._take(derivation, option)
                taken = individuals(self.state)
                self.names = {one: name for one, name in self.names.items() if name in taken}

    def _needed(self, targets: Sequence[Derivation]) -> set[Derivation]:
        found: set[Derivation] = set()
        queue = [*targets]
        while queue:
            derivation = queue.pop()
            if derivation in found or derivation in self.index_of:
                continue
            found.add(derivation)
            queue.extend(derivation.uses)
            queue.extend(derivation.after)
            if derivation.closes is not None:
                queue.append(derivation.closes)
        return found

    def _option(self, derivation: Derivation) -> Option:
        indices = [self.index_of[used] for used in derivation.uses]
        return Option(derivation.rule, (*indices, *map(self._argument, derivation.extra)))

    def _step(self, derivation: Derivation) -> None:
        self._take(derivation, self._option(derivation))

    def _take(self, derivation: Derivation, option: Option) -> None:
        formula = derive(self.state, option)
        if isinstance(formula, Reason):
            raise AssertionError(f"{option} is not valid after {self.options}: {formula.value}")
        if option.name == WITNESS:
            stood_for = derivation.formula.names - derivation.uses[0].formula.names
            fresh = formula.names - self._renamed(derivation.uses[0].formula).names
            self.names.update(zip(stood_for, fresh, strict=True))
        if formula is not self._renamed(derivation.formula):
            raise AssertionError(f"{option} after {self.options} derives {formula}, not {derivation.formula}")
        self.index_of[derivation] = self.index_of_formula[formula] = len(self.state.lines)
        self.state.apply(option)
        self.options.append(option)

    def _argument(self, extra: Term | int | str) -> int | str:
        """An option's argument; an individual that the proof has not named is arbitrary, and gets a name."""
        if isinstance(extra, int | str):
            return extra
        if extra not in self.given_names and extra not in self.names:
            self.names[extra] = Constant(fresh_name(individuals(self.state)))
        return self.names.get(extra, extra).fields[0]

    def _renamed(self, formula: Formula) -> Formula:
        return formula if self.names.keys().isdisjoint(formula.names) else substitute(formula, self.names)
