"""Entailment: whether a formula follows from premises, in classical first-order logic over one sort.

A question is one satisfiability problem, the premises and the negated conclusion:

- No ∃ under a ∀ once negations are pushed inwards (the Bernays–Schönfinkel fragment; every PrOntoQA
  problem): a model exists if and only if one exists whose individuals are the constants and a witness
  for each ∃ (Herbrand), so the clauses are instantiated over those. Unit propagation settles the Horn ones
  (every PrOntoQA and ProofWriter problem), z3's SAT solver the rest. This is sound and complete, and many
  times faster than z3 on the quantified formulas; where it meets its limit, the question is undecided.
- Any other, and any that is too large for that: a small model is looked for in the same way, which z3 often
  misses; where it finds none, z3 decides, in a context of its own.

A verdict is a function of the premises and the formula alone: limits count work and not time. What is kept
between questions is the premises' own instances with their units propagated, which no question changes; each
has a solver of its own. No question takes more than a second or so. Domains are not empty; distinct constants
may name one individual; predicates of one name and different arities are different.

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
from contextlib import suppress
from functools import cached_property
from itertools import chain, product
from math import prod
from typing import Final, NamedTuple

import z3

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
    Term,
    Xor,
    constants,
    subformulas,
)

RLIMIT: Final = 200_000  # z3's own unit of work: half a second at most, 200 times what FOLIO's problems take
MAX_CONFLICTS: Final = 4_000  # of z3's searches, for which rlimit alone allows several seconds
MAX_SYMBOLS: Final = (
    100_000  # predicates and arguments of the clauses' instances, and work to make clauses; beyond: z3
)
MAX_NODES: Final = 10_000  # subformulas of a question that z3 is given; beyond: undecided
SPARE: Final = 2  # individuals, besides the constants, of the small model that is looked for
_CONTEXT: Final = 2_000  # what making a context takes, in z3's unit
_CONFLICT: Final = 20  # and a conflict of its SAT solver
_GROUND: Final = z3.Context()  # for questions without quantifiers


class Entailment:
    """What follows from `premises`; `rlimit` bounds the work of z3 on a question, in z3's unit.

    The premises are made ground and their units propagated once; a question starts from there.
    `work` is what the questions so far have cost, roughly in z3's unit, so that who asks many can stop.
    """

    def __init__(self, premises: Sequence[Formula], rlimit: int = RLIMIT) -> None:
        self._premises = tuple(premises)
        self._rlimit = rlimit
        self._herbrand = _asserted(self._premises)
        self.work = 0

    def entails(self, formula: Formula) -> bool | None:
        """Whether the premises entail a closed formula; None: undecided within the resource limit.

        Inconsistent premises entail every formula.
        """
        satisfiable = self._satisfiable_with(Not(formula))
        return None if satisfiable is None else not satisfiable

    def decide(self, goal: Formula) -> Decision:
        """TRUE, FALSE or UNKNOWN for a closed goal, or why there is no answer."""
        is_entailed = self.entails(goal)
        is_refuted = None if is_entailed is None else self.entails(Not(goal))
        return _DECISIONS.get((is_entailed, is_refuted), Decision.UNDECIDED)

    def _satisfiable_with(self, denial: Formula) -> bool | None:
        if self._herbrand is not None:
            with suppress(_OutsideFragment):
                try:
                    return self._charged(self._herbrand.satisfiable_with(denial, self._rlimit))
                except _TooLarge:
                    self.work += MAX_SYMBOLS
        if self._small is not None:
            try:
                if self._charged(self._small.satisfiable_with(denial, self._rlimit // 4)):
                    return True
            except _TooLarge:
                self.work += MAX_SYMBOLS
        return self._charged(_satisfiable_by_z3((*self._premises, denial), self._rlimit))

    def _charged(self, found: _Found) -> bool | None:
        self.work += found.work
        return found.satisfiable

    @cached_property
    def _small(self) -> _Asserted | None:
        """The premises over a domain of their constants and SPARE individuals; a model there is a model."""
        names = dict.fromkeys(constant for premise in self._premises for constant in constants(premise))
        return _asserted(self._premises, (*names, *map(_Witness, range(SPARE))))


class _Found(NamedTuple):
    """Whether there is a model (None: undecided), and what it took to find out."""

    satisfiable: bool | None
    work: int


_DECISIONS: Final[dict[tuple[bool | None, bool | None], Decision]] = {
    (True, True): Decision.INCONSISTENT,
    (True, False): Decision.TRUE,
    (False, True): Decision.FALSE,
    (False, False): Decision.UNKNOWN,
}


class _Asserted:
    """Premises as ground clauses, from which each question starts; none leaves anything behind.

    Without `domain`, over the individuals of a Herbrand model, and the answer decides; else ∃ ranges over
    `domain`, and only a model that is found decides. Raises _OutsideFragment, without `domain`, and _TooLarge.
    """

    def __init__(self, premises: Sequence[Formula], domain: tuple[_Individual, ...]) -> None:
        self._given = domain
        self._clausifier = _Clausifier(domain)
        self._clauses = self._clausifier.clausified(premises)
        self._domain = domain or _individuals(self._clauses) or (_Witness(0),)
        self._ground = _Ground().then(_instances(self._clauses, (), self._domain))

    def satisfiable_with(self, denial: Formula, rlimit: int) -> _Found:
        """Whether there is such a model of the premises and `denial`. Raises as above."""
        denied = _Clausifier(self._given, after=self._clausifier).clausified((denial,))
        new = tuple(one for one in _individuals(denied) if one not in self._domain)
        instances = _instances(self._clauses, self._domain, new), _instances(denied, (), (*self._domain, *new))
        ground = self._ground.then(*instances)
        found = ground.is_satisfiable(rlimit)
        copied = ground.symbols // 20  # as that is so much cheaper than to make them
        return found._replace(work=found.work + ground.symbols - self._ground.symbols + copied)


def _asserted(premises: Sequence[Formula], domain: tuple[_Individual, ...] = ()) -> _Asserted | None:
    try:
        return _Asserted(premises, domain)
    except (_OutsideFragment, _TooLarge):
        return None


# Clauses with variables


class _Witness(NamedTuple):
    """An individual that no constant names: one that an ∃ asserts, or a spare one."""

    number: int


_Individual = Constant | _Witness
_Variable = int  # a universal variable of a clause: its number
_Slot = _Individual | _Variable


class _Literal(NamedTuple):
    holds: bool
    predicate: str | int  # a number: defined here, to stand for a part of a formula
    slots: tuple[_Slot, ...]


_Clause = tuple[_Literal, ...]


class _OutsideFragment(Exception):
    """An ∃ under a ∀."""


class _TooLarge(Exception):
    """More than MAX_SYMBOLS."""


class _Clausifier:
    """Makes clauses that have a model exactly when the formulas have one.

    Negations are pushed inwards; ∀ gives a variable and ∃ a witness, or, where a domain is given, a
    disjunction over it. A part of a disjunction that takes several clauses is replaced by a literal that
    implies them (Plaisted and Greenbaum's definitions), so that nothing is multiplied out.
    """

    def __init__(self, domain: Sequence[_Individual] = (), after: _Clausifier | None = None) -> None:
        self._domain = domain
        self._last_number: int = after._last_number if after else 0  # of witnesses, variables and definitions
        self._definitions: list[_Clause] = []
        self._sides: dict[tuple[Formula, bool, tuple[_Slot, ...]], list[_Clause]] = {}
        self._spent = 0

    def clausified(self, formulas: Iterable[Formula]) -> list[_Clause]:
        """Raises _OutsideFragment, where no domain is given, and _TooLarge."""
        clauses = [clause for formula in formulas for clause in self._clauses(formula, True, ())]
        return clauses + self._definitions

    def _clauses(self, formula: Formula, holds: bool, values: tuple[_Slot, ...]) -> list[_Clause]:
        """Clauses for a formula or its negation; `values` stand for its bound variables."""
        self._spend(1)
        match formula:
            case Atom():
                slots = [values[-1 - term.index] if isinstance(term, Bound) else term for term in formula.terms]
                return [(_Literal(holds, formula.predicate, tuple(slots)),)]
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
        if any(isinstance(value, _Variable) for value in values):
            raise _OutsideFragment
        return self._clauses(body, holds, (*values, _Witness(self._number())))

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
        variables = tuple(value for value in values if isinstance(value, _Variable))
        name = self._number()
        self._definitions += [(_Literal(False, name, variables), *clause) for clause in part]
        return _Literal(True, name, variables)

    def _number(self) -> int:
        self._last_number += 1
        return self._last_number

    def _spend(self, literals: int) -> None:
        self._spent += literals
        if self._spent > MAX_SYMBOLS:
            raise _TooLarge


def _individuals(clauses: Iterable[_Clause]) -> tuple[_Individual, ...]:
    """The individuals that clauses mention, in order."""
    slots = (slot for clause in clauses for literal in clause for slot in literal.slots)
    return tuple(dict.fromkeys(slot for slot in slots if not isinstance(slot, _Variable)))


def _instances(
    clauses: Iterable[_Clause], old: Sequence[_Individual], new: Sequence[_Individual]
) -> Iterator[_Clause]:
    """The instances of clauses over `old` and `new` individuals that are not instances over `old` alone.

    Raises _TooLarge past MAX_SYMBOLS.
    """
    if old and not new:
        return
    symbols_left = MAX_SYMBOLS
    for clause in clauses:
        variables = list(dict.fromkeys(s for lit in clause for s in lit.slots if isinstance(s, _Variable)))
        if not variables and not old:
            yield clause
        for first in range(len(variables)):  # the first variable whose individual is new
            pools = [*[old] * first, new, *[(*old, *new)] * (len(variables) - first - 1)]
            symbols_left -= prod(map(len, pools)) * sum(1 + len(literal.slots) for literal in clause)
            if symbols_left < 0:
                raise _TooLarge
            for individuals in product(*pools):
                values: dict[_Slot, _Slot] = dict(zip(variables, individuals, strict=True))
                yield tuple(
                    _Literal(holds, predicate, tuple(values.get(slot, slot) for slot in slots))
                    for holds, predicate, slots in clause
                )


class _Ground:
    """Ground clauses after unit propagation, which alone settles Horn clauses; z3's SAT solver does the rest.

    An atom has a number, its negation the negative of it.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[str | int, tuple[_Slot, ...]], int] = {}
        self._true: set[int] = set()
        self._clauses: list[list[int]] | None = []  # without literals that are true or false; None: contradictory
        self.symbols = 0

    def then(self, *more: Iterable[_Clause]) -> _Ground:
        """With further ground clauses; this one stays as it is. Raises _TooLarge past MAX_SYMBOLS."""
        after = _Ground()
        after._numbers, after._true, after.symbols = dict(self._numbers), set(self._true), self.symbols
        added = [after._numbered(clause) for clause in chain(*more)]
        if self._clauses is None:
            after._clauses = None
        else:
            after._clauses = _propagated([*self._clauses, *_simplified(added, after._true)], after._true)
        return after

    def _numbered(self, clause: _Clause) -> list[int]:
        self.symbols += sum(1 + len(literal.slots) for literal in clause)
        if self.symbols > MAX_SYMBOLS:
            raise _TooLarge
        numbers = self._numbers
        signed = (
            (1 if holds else -1) * numbers.setdefault((predicate, slots), len(numbers) + 1)
            for holds, predicate, slots in clause
        )
        return list(dict.fromkeys(signed))

    def is_satisfiable(self, rlimit: int) -> _Found:
        """Whether one assignment makes every clause true, within `rlimit` and MAX_CONFLICTS."""
        if self._clauses is None:
            return _Found(False, 0)
        if all(min(clause) < 0 for clause in self._clauses) or all(max(clause) > 0 for clause in self._clauses):
            return _Found(True, 0)  # the assignment that makes every other atom false, or true
        return _has_assignment(self._clauses, rlimit)


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


# z3


def _has_assignment(clauses: list[list[int]], rlimit: int) -> _Found:
    """Whether one assignment makes every ground clause true, within the limits.

    A solver of its own in a context that all share: making a context takes longer than the question.
    """
    atoms = max(abs(literal) for clause in clauses for literal in clause)
    lines = (" ".join(map(str, [*clause, 0])) for clause in clauses)
    solver = z3.SolverFor("QF_FD", ctx=_GROUND)
    solver.set("rlimit", rlimit)
    solver.set("max_conflicts", MAX_CONFLICTS)
    solver.from_string("\n".join([f"p cnf {atoms} {len(clauses)}", *lines, ""]))
    result = solver.check()
    conflicts = sum(number for key, number in solver.statistics() if key == "sat conflicts")
    return _Found(_verdict(result), sum(map(len, clauses)) + _CONFLICT * conflicts)


def _satisfiable_by_z3(formulas: Sequence[Formula], rlimit: int) -> _Found:
    """Whether closed formulas have a model, within `rlimit`.

    In a context of its own, so that z3's work depends on nothing that was asked before.
    """
    nodes = sum(map(_nodes, formulas))
    if nodes > MAX_NODES:
        return _Found(None, MAX_NODES)
    context = z3.Context()
    solver = z3.SimpleSolver(ctx=context)
    solver.set("rlimit", rlimit)
    solver.set("max_conflicts", MAX_CONFLICTS)
    translation = _Translation(context)
    for formula in formulas:
        solver.add(translation.translated(formula, ()))
    result = solver.check()
    units = sum(number for key, number in solver.statistics() if key == "rlimit count")
    return _Found(_verdict(result), _CONTEXT + 20 * nodes + units)


def _verdict(result: z3.CheckSatResult) -> bool | None:
    return None if result == z3.unknown else bool(result == z3.sat)


def _nodes(formula: Formula) -> int:
    return 1 + sum(map(_nodes, subformulas(formula)))


class _Translation:
    """Formulas as z3 expressions; names are numbered, in the order in which they come.

    ↔ and ⊕ are spelled out: as equations under ∀ they make z3 5.4 rewrite in circles, where they take
    the form of mutual definitions, as in ∀x (P(a, x) ↔ Q(a, a)) with ∀x ¬(Q(a, x) ↔ P(a, a)).
    """

    def __init__(self, context: z3.Context) -> None:
        self._context = context
        self._sort = z3.DeclareSort("individual", context)
        self._individuals: dict[Constant, z3.ExprRef] = {}
        self._predicates: dict[tuple[str, int], z3.FuncDeclRef] = {}

    def translated(self, formula: Formula, bound: tuple[z3.ExprRef, ...]) -> z3.BoolRef:
        """The expression for a formula; `bound` are its bound variables, innermost last."""
        match formula:
            case Atom():
                terms = [self._term(term, bound) for term in formula.terms]
                return self._predicate(formula.predicate, len(terms))(*terms)
            case Forall() | Exists():
                variable = z3.Const(f"x{len(bound)}", self._sort)
                body = self.translated(formula.body, (*bound, variable))
                return (z3.ForAll if type(formula) is Forall else z3.Exists)([variable], body)
        parts = [self.translated(part, bound) for part in subformulas(formula)]
        match formula:
            case Not():
                return z3.Not(*parts)
            case And():
                return z3.And(*parts, self._context)
            case Or():
                return z3.Or(*parts, self._context)
            case Implies():
                return z3.Implies(*parts)
            case Iff():
                return z3.And(z3.Implies(*parts), z3.Implies(*reversed(parts)))
            case Xor():
                return z3.And(z3.Or(*parts), z3.Or(*map(z3.Not, parts)))
        raise AssertionError(formula)

    def _term(self, term: Term, bound: tuple[z3.ExprRef, ...]) -> z3.ExprRef:
        if isinstance(term, Bound):
            return bound[-1 - term.index]
        name = f"c{len(self._individuals)}"
        return self._individuals.setdefault(term, z3.Const(name, self._sort))

    def _predicate(self, name: str, arity: int) -> z3.FuncDeclRef:
        signature = [*[self._sort] * arity, z3.BoolSort(self._context)]
        declared = z3.Function(f"p{len(self._predicates)}", *signature)
        return self._predicates.setdefault((name, arity), declared)
