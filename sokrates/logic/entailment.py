"""Entailment: whether a formula follows from premises, in classical first-order logic over one sort.

A question is one satisfiability problem, the premises and the negated conclusion:

- No ∃ under a ∀ once negations are pushed inwards (the Bernays–Schönfinkel fragment; every PrOntoQA
  problem): a model exists if and only if one exists whose individuals are the constants and a witness
  for each ∃ (Herbrand), so the clauses are instantiated over those. Unit propagation settles the Horn ones
  (every PrOntoQA and ProofWriter problem), z3's SAT solver the rest. This is sound and complete, and many
  times faster than z3 on the quantified formulas; where it meets its limit, the question is undecided.
- Any other, and any that is too large for that: a small model is looked for in the same way, which z3 often
  misses; where it finds none, z3 decides, on the same clauses with a function for each ∃ under a ∀ (Skolem).

Clauses are made here, in time linear in the formula whatever its nesting, and not by z3, which doubles quantified
parts under ↔ and ⊕ at every level. A verdict is a function of the premises and the formula alone: limits count
work and not time, and those of time and memory lie above them (`sokrates.logic.solver`). What is kept between
questions is the premises' clauses, and their own instances with their units propagated, which no question changes.
Domains are not empty; distinct constants may name one individual; predicates of one name and different arities are
different.

    >>> from sokrates.logic.formula import atom
    >>> mortal = Forall(Implies(atom("man", Bound(0)), atom("mortal", Bound(0))))
    >>> premises = Entailment([mortal, atom("man", Constant("Socrates"))])
    >>> premises.entails(atom("mortal", Constant("Socrates")))
    True
    >>> premises.decide(atom("mortal", Constant("Plato")))
    <Decision.UNKNOWN: 'UNKNOWN'>

Not covered: functions and equality; proofs and models, only verdicts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import cached_property
from itertools import chain, product
from math import prod
from typing import Final, NamedTuple

from sokrates.logic import solver
from sokrates.logic.answer import Decision
from sokrates.logic.formula import (
    And,
    Atom,
    Bound,
    Constant,
    Exists,
    Forall,
    Formula,
    Iff,
    Implies,
    Not,
    Or,
    Xor,
    constants,
)
from sokrates.logic.solver import Found

RLIMIT: Final = 100_000  # z3's own unit of work: 40 times what FOLIO's problems take
MAX_SYMBOLS: Final = 100_000  # predicates and arguments of ground clauses; beyond: z3, on the clauses themselves
MAX_SMALL_SYMBOLS: Final = 30_000  # likewise of a small model, which decides one way alone
MAX_LITERALS: Final = 100_000  # literals that are put together to make clauses; beyond: undecided
MAX_Z3_SYMBOLS: Final = 5_000  # predicates and arguments of clauses with variables; beyond: undecided
EXTRA_INDIVIDUALS: Final = 2  # besides the constants, of the small model that is looked for


class Entailment:
    """What follows from `premises`; `rlimit` bounds the work of z3 on a question, in z3's unit.

    The premises are made ground and their units propagated once; a question starts from there.
    `work` is what the questions so far have cost, roughly in z3's unit, so that who asks many can stop.
    """

    def __init__(self, premises: Sequence[Formula], rlimit: int = RLIMIT) -> None:
        self._premises = tuple(premises)
        self._rlimit = rlimit
        self.work = 0

    def entails(self, formula: Formula) -> bool | None:
        """Whether the premises entail a closed formula; None: undecided within the resource limit.

        Inconsistent premises entail every formula.
        """
        satisfiable = self._satisfiable_with(Not(formula))
        return None if satisfiable is None else not satisfiable

    def decide(self, goal: Formula) -> Decision:
        """TRUE, FALSE or UNKNOWN for a closed goal, or why there is no answer.

        TRUE also where the goal is proved and its negation is undecided, FALSE likewise: premises whose models are
        all infinite leave such questions, as no model is found.
        """
        return DECISIONS.get((self.entails(goal), self.entails(Not(goal))), Decision.UNDECIDED)

    def _satisfiable_with(self, denial: Formula) -> bool | None:
        for name in "_herbrand", "_small":  # the second is made where the first does not decide
            model: _Asserted | None = getattr(self, name)
            if model is None:
                continue
            try:
                outcome = model.satisfiable_with(denial, self._rlimit if model.decides else self._rlimit // 4)
            except _OutsideFragment:
                continue
            except _TooLarge:
                self.work += model.limit
                continue
            self.work += outcome.work
            if outcome.satisfiable or model.decides:
                return outcome.satisfiable
        outcome = self._by_z3(denial)
        self.work += outcome.work
        return outcome.satisfiable

    def _by_z3(self, denial: Formula) -> Found:
        """Whether premises and denial have a model, as z3 finds on their clauses."""
        if self._clauses is None:
            return Found(None, MAX_LITERALS)
        clausifier, clauses = self._clauses
        try:
            clauses = [*clauses, *_Clausifier(after=clausifier).clausified((denial,))]
        except _TooLarge:
            return Found(None, MAX_LITERALS)
        if sum(map(_symbols, clauses)) > MAX_Z3_SYMBOLS:
            return Found(None, MAX_Z3_SYMBOLS)
        return solver.model(_encoded(clauses), self._rlimit)

    @cached_property
    def _clauses(self) -> tuple[_Clausifier, list[_Clause]] | None:
        """The premises' clauses, for z3, and what made them; None where they are too large."""
        clausifier = _Clausifier()
        try:
            return clausifier, clausifier.clausified(self._premises)
        except _TooLarge:
            return None

    @cached_property
    def _herbrand(self) -> _Asserted | None:
        """The premises over the individuals of a Herbrand model, which decides."""
        return _asserted(self._premises, ())

    @cached_property
    def _small(self) -> _Asserted | None:
        """The premises over a domain of their constants and some more individuals; a model there is a model."""
        names = dict.fromkeys(name for premise in self._premises for name in constants(premise))
        return _asserted(self._premises, (*names, *map(_Witness, range(EXTRA_INDIVIDUALS))))


DECISIONS: Final[dict[tuple[bool | None, bool | None], Decision]] = {
    (True, True): Decision.INCONSISTENT,
    (True, False): Decision.TRUE,
    (True, None): Decision.TRUE,
    (False, True): Decision.FALSE,
    (None, True): Decision.FALSE,
    (False, False): Decision.UNKNOWN,
}


class _Asserted:
    """Premises as ground clauses, from which each question starts; none leaves anything behind.

    Without `domain`, over the individuals of a Herbrand model, and the answer decides; else ∃ ranges over
    `domain`, and only a model that is found decides. Raises _OutsideFragment, without `domain`, and _TooLarge.
    """

    def __init__(self, premises: Sequence[Formula], domain: tuple[_Individual, ...] = ()) -> None:
        self.decides = not domain
        self.limit = MAX_SMALL_SYMBOLS if domain else MAX_SYMBOLS
        self._given = domain
        self._clausifier = _Clausifier(domain, limit=self.limit)
        self._clauses = self._clausifier.clausified(premises)
        if self._clausifier.functions:
            raise _OutsideFragment
        self._domain = domain or _individuals(self._clauses) or (_Witness(0),)
        self._ground = _Ground(self.limit).then(_instances(self._clauses, (), self._domain, self.limit))

    def satisfiable_with(self, denial: Formula, rlimit: int) -> Found:
        """Whether there is such a model of the premises and `denial`. Raises as above."""
        clausifier = _Clausifier(self._given, after=self._clausifier, limit=self.limit)
        denied = clausifier.clausified((denial,))
        if clausifier.functions:
            raise _OutsideFragment
        new = tuple(one for one in _individuals(denied) if one not in self._domain)
        of_premises = _instances(self._clauses, self._domain, new, self.limit)
        of_denial = _instances(denied, (), (*self._domain, *new), self.limit)
        ground = self._ground.then(of_premises, of_denial)
        outcome = ground.is_satisfiable(rlimit)
        copied = ground.symbols // 20  # as that is so much cheaper than to make them
        return outcome._replace(work=outcome.work + ground.symbols - self._ground.symbols + copied)


def _asserted(premises: Sequence[Formula], domain: tuple[_Individual, ...] = ()) -> _Asserted | None:
    try:
        return _Asserted(premises, domain)
    except (_OutsideFragment, _TooLarge):
        return None


# Clauses with variables


class _Witness(NamedTuple):
    """An individual that no constant names: one that an ∃ asserts, or an extra one."""

    number: int


_Individual = Constant | _Witness
_Variable = int  # a universal variable of a clause: its number


class _Skolem(NamedTuple):
    """The individual that an ∃ asserts for the values of the universal variables around it."""

    function: int
    variables: tuple[_Variable, ...]


_Slot = _Individual | _Variable | _Skolem


class _Literal(NamedTuple):
    holds: bool
    predicate: str | int  # a number: defined here, to stand for a part of a formula
    slots: tuple[_Slot, ...]


_Clause = tuple[_Literal, ...]
_Instance = Sequence[tuple[bool, str | int, tuple[_Slot, ...]]]  # a ground clause


class _OutsideFragment(Exception):
    """An ∃ under a ∀: a Herbrand model would be infinite."""


class _TooLarge(Exception):
    """More symbols or literals than the limit."""


class _Clausifier:
    """Makes clauses that have a model exactly when the formulas have one.

    Negations are pushed inwards; ∀ gives a variable and ∃ a witness, under a ∀ a function of its variables, or,
    where a domain is given, a disjunction over it. A part of a disjunction that takes several clauses is
    replaced by a literal that implies them (Plaisted and Greenbaum's definitions), so that nothing is multiplied
    out.

    functions: whether some clause has a function
    """

    def __init__(
        self, domain: Sequence[_Individual] = (), after: _Clausifier | None = None, limit: int | None = None
    ) -> None:
        self._limit = limit or MAX_LITERALS
        self.functions = False
        self._domain = domain
        self._last_number: int = after._last_number if after else 0  # of witnesses, variables and definitions
        self._definitions: list[_Clause] = []
        self._sides: dict[tuple[Formula, bool, tuple[_Slot, ...]], list[_Clause]] = {}
        self._spent = 0

    def clausified(self, formulas: Iterable[Formula]) -> list[_Clause]:
        """Raises _TooLarge."""
        clauses = [clause for formula in formulas for clause in self._clauses(formula, True, ())]
        return clauses + self._definitions

    def _clauses(self, formula: Formula, holds: bool, values: tuple[_Slot, ...]) -> list[_Clause]:
        """Clauses for a formula or its negation; `values` stand for its bound variables."""
        self._spend(1)
        match formula:
            case Atom():
                predicate, terms = formula.fields
                slots = [values[-1 - term.index] if isinstance(term, Bound) else term for term in terms]
                return [(_Literal(holds, predicate, tuple(slots)),)]
            case Not():
                return self._clauses(formula.body, not holds, values)
            case Forall() | Exists():
                return self._quantified(formula.body, holds, values, (type(formula) is Forall) == holds)
            case And() | Or():
                parts = [self._clauses(part, holds, values) for part in formula.parts]
                return self._all(parts) if (type(formula) is And) == holds else self._any(parts, values)
            case Implies():
                left = self._clauses(formula.left, not holds, values)
                right = self._clauses(formula.right, holds, values)
                return self._any([left, right], values) if holds else self._all([left, right])
            case Iff() | Xor():
                differ = (type(formula) is Xor) == holds
                sides = [
                    [self._side(formula.left, side, values), self._side(formula.right, side == differ, values)]
                    for side in (True, False)
                ]
                return self._all([self._any(parts, values) for parts in sides])
        raise AssertionError(formula)

    def _side(self, formula: Formula, holds: bool, values: tuple[_Slot, ...]) -> list[_Clause]:
        """The clauses of a side of ↔ or ⊕, made once: else nested ones would double them at every level.

        That the two places share variables and witnesses changes nothing, as they say the same.
        """
        key = formula, holds, values
        if key not in self._sides:
            self._sides[key] = self._clauses(formula, holds, values)
        return self._sides[key]

    def _quantified(self, body: Formula, holds: bool, values: tuple[_Slot, ...], universal: bool) -> list[_Clause]:
        if universal:
            return self._clauses(body, holds, (*values, self._number()))
        if self._domain:
            return self._any([self._clauses(body, holds, (*values, one)) for one in self._domain], values)
        variables = _variables(values)
        if not variables:
            return self._clauses(body, holds, (*values, _Witness(self._number())))
        self.functions = True
        return self._clauses(body, holds, (*values, _Skolem(self._number(), variables)))

    def _all(self, parts: list[list[_Clause]]) -> list[_Clause]:
        clauses = [clause for part in parts for clause in part]
        self._spend(len(clauses))
        return clauses

    def _any(self, parts: list[list[_Clause]], values: tuple[_Slot, ...]) -> list[_Clause]:
        if not all(parts):
            return []  # a part without clauses is true
        literals = [part[0] if len(part) == 1 else (self._defined(part, values),) for part in parts]
        clause = tuple(chain.from_iterable(literals))
        self._spend(len(clause))
        return [clause]

    def _defined(self, part: list[_Clause], values: tuple[_Slot, ...]) -> _Literal:
        """A new literal that implies every clause of `part`."""
        variables = _variables(values)
        name = self._number()
        self._definitions += [(_Literal(False, name, variables), *clause) for clause in part]
        return _Literal(True, name, variables)

    def _number(self) -> int:
        self._last_number += 1
        return self._last_number

    def _spend(self, literals: int) -> None:
        self._spent += literals
        if self._spent > self._limit:
            raise _TooLarge


def _variables(slots: Iterable[_Slot]) -> tuple[_Variable, ...]:
    return tuple([slot for slot in slots if type(slot) is _Variable])


def _symbols(clause: _Clause) -> int:
    """The number of predicates, functions and arguments."""
    return sum(
        1 + sum(1 + len(slot.variables) if isinstance(slot, _Skolem) else 1 for slot in literal.slots)
        for literal in clause
    )


def _encoded(clauses: Iterable[_Clause]) -> Iterator[list[solver.Literal]]:
    """Clauses with numbers for names, as the solver wants them; a predicate's arity is part of its name."""
    predicates: dict[tuple[str | int, int], int] = {}
    individuals: dict[_Individual, int] = {}

    def encoded(slot: _Slot) -> solver.Slot:
        if isinstance(slot, _Skolem):
            return [slot.function, *slot.variables]
        return slot if isinstance(slot, _Variable) else -individuals.setdefault(slot, len(individuals) + 1)

    for clause in clauses:
        yield [
            (
                predicates.setdefault((literal.predicate, len(literal.slots)), len(predicates)),
                literal.holds,
                list(map(encoded, literal.slots)),
            )
            for literal in clause
        ]


def _individuals(clauses: Iterable[_Clause]) -> tuple[_Individual, ...]:
    """The individuals that clauses mention, in order."""
    slots = dict.fromkeys([slot for clause in clauses for _, _, slots in clause for slot in slots])
    return tuple([slot for slot in slots if isinstance(slot, _Individual)])


def _instances(
    clauses: Iterable[_Clause], old: Sequence[_Individual], new: Sequence[_Individual], limit: int
) -> Iterator[_Instance]:
    """The instances of clauses over `old` and `new` individuals that are not instances over `old` alone.

    Raises _TooLarge past `limit` symbols.
    """
    if old and not new:
        return
    symbols_left = limit
    for clause in clauses:
        variables = [*dict.fromkeys([s for _, _, slots in clause for s in slots if type(s) is _Variable])]
        if not variables and not old:
            yield clause
        for first in range(len(variables)):  # the first variable whose individual is new
            pools = [*[old] * first, new, *[(*old, *new)] * (len(variables) - first - 1)]
            symbols_left -= prod(map(len, pools)) * sum([1 + len(slots) for _, _, slots in clause])
            if symbols_left < 0:
                raise _TooLarge
            for individuals in product(*pools):
                values: dict[_Slot, _Slot] = dict(zip(variables, individuals, strict=True))
                yield [
                    (holds, predicate, tuple([values.get(slot, slot) for slot in slots]))
                    for holds, predicate, slots in clause
                ]


class _Ground:
    """Ground clauses after unit propagation, which alone settles Horn clauses; z3's SAT solver does the rest.

    An atom has a number, its negation the negative of it.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._numbers: dict[tuple[str | int, tuple[_Slot, ...]], int] = {}
        self._true: set[int] = set()
        self._clauses: list[list[int]] | None = []  # without literals that are true or false; None: contradictory
        self.symbols = 0

    def then(self, *more: Iterable[_Instance]) -> _Ground:
        """With further ground clauses; this one stays as it is. Raises _TooLarge past its limit."""
        after = _Ground(self._limit)
        after._numbers, after._true, after.symbols = dict(self._numbers), set(self._true), self.symbols
        added = [after._numbered(clause) for clause in chain(*more)]
        if self._clauses is None:
            after._clauses = None
        else:
            after._clauses = _propagated([*self._clauses, *_simplified(added, after._true)], after._true)
        return after

    def _numbered(self, clause: _Instance) -> list[int]:
        numbers, signed = self._numbers, []
        for holds, predicate, slots in clause:
            self.symbols += 1 + len(slots)
            number = numbers.setdefault((predicate, slots), len(numbers) + 1)
            signed.append(number if holds else -number)
        if self.symbols > self._limit:
            raise _TooLarge
        return [*dict.fromkeys(signed)] if len(signed) > 1 else signed

    def is_satisfiable(self, rlimit: int) -> Found:
        """Whether one assignment makes every clause true, within `rlimit`."""
        if self._clauses is None:
            return Found(False, 0)
        if all(min(clause) < 0 for clause in self._clauses) or all(max(clause) > 0 for clause in self._clauses):
            return Found(True, 0)  # the assignment that makes every other atom false, or true
        return solver.ground_model(self._clauses, rlimit)


def _simplified(clauses: Iterable[list[int]], true: Set[int]) -> list[list[int]]:
    """The clauses that are not true yet, without the literals that are false."""
    return [
        [literal for literal in clause if -literal not in true] for clause in clauses if true.isdisjoint(clause)
    ]


def _propagated(clauses: list[list[int]], true: set[int]) -> list[list[int]] | None:
    """The clauses left by unit propagation, in time linear in their literals; None where it meets a contradiction.

    The literals that it finds are added to `true`; none of the clauses has a literal that is true or false there.
    """
    undecided = [len(clause) for clause in clauses]  # literals of each clause that are not false
    denials: defaultdict[int, list[int]] = defaultdict(list)  # the clauses in which a literal's negation stands
    for index, clause in enumerate(clauses):
        for literal in clause:
            denials[-literal].append(index)
    units = [clause[0] for clause in clauses if len(clause) == 1]
    if not all(clauses):
        return None
    for literal in units:  # grows while it is read
        if -literal in true:
            return None
        if literal in true:
            continue
        true.add(literal)
        for index in denials[literal]:
            undecided[index] -= 1
            if not undecided[index]:
                return None
            if undecided[index] == 1:
                units.append(next(other for other in clauses[index] if -other not in true))
    return _simplified(clauses, true) if units else clauses
