"""Entailment: whether a formula follows from premises, in classical first-order logic over one sort.

A question is one satisfiability problem, the premises and the negated conclusion:

- No ∃ under a ∀ once negations are pushed inwards (the Bernays–Schönfinkel fragment; every PrOntoQA
  problem): a model exists if and only if one exists whose individuals are the constants and a witness
  for each ∃ (Herbrand), so the clauses are instantiated over those, and z3's SAT solver settles the
  rest. It is sound and complete, and many times faster than z3 on the quantified formulas.
- Any other, and any that is too large for that: a small model is looked for in the same way, which z3 often
  misses; where it finds none, z3 decides, with a resource limit, in a context of its own.

A verdict is a function of the premises and the formula alone: limits count work and not time, and nothing is
kept between questions. Domains are not empty; distinct constants may name one individual; predicates of
one name and different arities are different.

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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, product
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

RLIMIT: Final = 1_000_000  # z3's own unit of work: half a second, 200 times what any FOLIO problem takes
MAX_LITERALS: Final = 50_000  # of the clauses while they are made, and of their instances; beyond: z3
_GROUND: Final = z3.Context()  # for questions without quantifiers
SPARE: Final = 2  # individuals, besides the constants, of the small model that is looked for


class Entailment:
    """What follows from `premises`; `rlimit` bounds the work of z3 on a question, in z3's unit."""

    def __init__(self, premises: Sequence[Formula], rlimit: int = RLIMIT) -> None:
        self._premises = tuple(premises)
        self._rlimit = rlimit
        self._clausifier = _Clausifier()
        try:
            self._clauses: list[_Clause] | None = self._clausifier.clausified(self._premises)
        except (_OutsideFragment, _TooLarge):
            self._clauses = None

    def entails(self, formula: Formula) -> bool | None:
        """Whether the premises entail a closed formula; None: undecided within the resource limit.

        Inconsistent premises entail every formula.
        """
        denial = Not(formula)
        satisfiable = self._has_herbrand_model(denial)
        if satisfiable is None:
            problem = (*self._premises, denial)
            satisfiable = _has_small_model(problem, self._rlimit) or _satisfiable_by_z3(problem, self._rlimit)
        return None if satisfiable is None else not satisfiable

    def decide(self, goal: Formula) -> Decision:
        """TRUE, FALSE or UNKNOWN for a closed goal, or why there is no answer."""
        verdicts = (self.entails(goal), self.entails(Not(goal)))
        if None in verdicts:
            return Decision.UNDECIDED
        return _DECISIONS[verdicts]

    def _has_herbrand_model(self, denial: Formula) -> bool | None:
        """Whether the premises and `denial` have a model; None: outside the fragment, or too large."""
        if self._clauses is None:
            return None
        try:
            denied = _Clausifier(after=self._clausifier).clausified((denial,))
            clauses = [*self._clauses, *denied]
            return _has_assignment(_instances(clauses, _individuals(clauses)), self._rlimit)
        except (_OutsideFragment, _TooLarge):
            return None


_DECISIONS: Final[dict[tuple[bool | None, bool | None], Decision]] = {
    (True, True): Decision.INCONSISTENT,
    (True, False): Decision.TRUE,
    (False, True): Decision.FALSE,
    (False, False): Decision.UNKNOWN,
}


def _has_small_model(formulas: Sequence[Formula], rlimit: int) -> bool:
    """Whether a model with SPARE individuals besides the constants is found; False decides nothing."""
    names = dict.fromkeys(constant for formula in formulas for constant in constants(formula))
    domain: list[_Individual] = [*names, *map(_Witness, range(SPARE))]
    try:
        clauses = _Clausifier(domain).clausified(formulas)
        return _has_assignment(_instances(clauses, domain), rlimit) is True
    except _TooLarge:
        return False


# Clauses with variables


@dataclass(frozen=True)
class _Variable:
    """A universal variable of a clause."""

    number: int


@dataclass(frozen=True)
class _Witness:
    """An individual that no constant names: one that an ∃ asserts, or a spare one."""

    number: int


_Individual = Constant | _Witness
_Slot = _Individual | _Variable


class _Literal(NamedTuple):
    holds: bool
    predicate: str | int  # a number: defined here, to stand for a part of a formula
    slots: tuple[_Slot, ...]


_Clause = tuple[_Literal, ...]


class _OutsideFragment(Exception):
    """An ∃ under a ∀."""


class _TooLarge(Exception):
    """More than MAX_LITERALS."""


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
                    [
                        self._clauses(formula.left, side, values),
                        self._clauses(formula.right, side == differ, values),
                    ]
                    for side in (True, False)
                ]
                return self._all([self._any(parts, values) for parts in sides])
        raise AssertionError(formula)

    def _quantified(self, body: Formula, holds: bool, values: tuple[_Slot, ...], universal: bool) -> list[_Clause]:
        if universal:
            return self._clauses(body, holds, (*values, _Variable(self._number())))
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
        if self._spent > MAX_LITERALS:
            raise _TooLarge


# Clauses over numbered ground atoms: a positive number is an atom, a negative one its negation


def _individuals(clauses: list[_Clause]) -> list[_Individual]:
    """The individuals that clauses mention; one, where they mention none."""
    slots = (slot for clause in clauses for literal in clause for slot in literal.slots)
    return list(dict.fromkeys(slot for slot in slots if not isinstance(slot, _Variable))) or [_Witness(0)]


def _instances(clauses: list[_Clause], domain: Sequence[_Individual]) -> list[list[int]]:
    """Every instance of the clauses over a domain. Raises _TooLarge past MAX_LITERALS."""
    numbers: dict[tuple[str | int, tuple[_Slot, ...]], int] = {}
    ground: list[list[int]] = []
    literals_left = MAX_LITERALS
    for clause in clauses:
        variables = list(dict.fromkeys(s for lit in clause for s in lit.slots if isinstance(s, _Variable)))
        literals_left -= len(clause) * len(domain) ** len(variables)
        if literals_left < 0:
            raise _TooLarge
        for individuals in product(domain, repeat=len(variables)):
            values = dict(zip(variables, individuals, strict=True))
            literals: dict[int, None] = {}
            for holds, predicate, slots in clause:
                terms = tuple(values[slot] if isinstance(slot, _Variable) else slot for slot in slots)
                number = numbers.setdefault((predicate, terms), len(numbers) + 1)
                literals[number if holds else -number] = None
            ground.append(list(literals))
    return ground


# z3


def _has_assignment(clauses: list[list[int]], rlimit: int) -> bool | None:
    """Whether one assignment makes every ground clause true; None: undecided within `rlimit`.

    A solver of its own in a context that all share: making a context takes longer than the question.
    """
    atoms = max((abs(literal) for clause in clauses for literal in clause), default=0)
    lines = (" ".join(map(str, [*clause, 0])) for clause in clauses)
    solver = z3.SolverFor("QF_FD", ctx=_GROUND)
    solver.set("rlimit", rlimit)
    solver.from_string("\n".join([f"p cnf {atoms} {len(clauses)}", *lines, ""]))
    result = solver.check()
    return None if result == z3.unknown else bool(result == z3.sat)


def _satisfiable_by_z3(formulas: Sequence[Formula], rlimit: int) -> bool | None:
    """Whether closed formulas have a model; None: undecided within `rlimit`.

    In a context of its own, so that z3's work depends on nothing that was asked before.
    """
    context = z3.Context()
    solver = z3.SimpleSolver(ctx=context)
    solver.set("rlimit", rlimit)
    translation = _Translation(context)
    for formula in formulas:
        solver.add(translation.translated(formula, ()))
    result = solver.check()
    return None if result == z3.unknown else bool(result == z3.sat)


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
