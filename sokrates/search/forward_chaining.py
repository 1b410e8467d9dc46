"""Forward saturation: what Horn rules reach from the facts, level by level.

A rule is an implication, ∀-quantified or ground, whose antecedent is a literal or a conjunction or a
disjunction of literals; a biconditional is two. A fact is a literal, also out of a conjunction or for each
constant under ∀. Variables are bound by the facts alone: a rule is joined with what its first new fact
leaves open, so a fact is looked at once for each place that it fits. Not covered: whatever needs an
assumption, a case split or a negated conjunction (`natural`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

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
    instantiate,
    substitute,
)
from sokrates.proof.kernel import or_intro
from sokrates.search.derivation import Derivation, matrix

MAX_INSTANCES = 1000  # of one ∀-quantified fact
MAX_FACTS = 20_000  # known, after which nothing more is looked for

Known = dict[Formula, Derivation]
_Key = tuple[bool, str, int]  # a literal's sign, predicate and arity


class _Rule(NamedTuple):
    derivation: Derivation
    variables: int
    antecedent: Formula
    literals: tuple[Formula, ...]
    consequent: Formula


class Saturation:
    """What follows from `lines`: `known` grows with `run`. `constants` are asked for where a fact holds of all."""

    def __init__(self, lines: Sequence[Derivation], constants: Callable[[], Sequence[Constant]]) -> None:
        self.known: Known = {}
        self._constants = constants
        self._rules: dict[_Key, list[tuple[_Rule, int]]] = defaultdict(list)
        self._facts: dict[_Key, list[Formula]] = defaultdict(list)
        self._reached: list[Formula] = []
        for line in lines:
            self._learn(line)

    def run(self, done: Callable[[], bool]) -> None:
        """Goes on, a level at a time, until `done` or nothing new is reached."""
        while self._reached and not done() and len(self.known) < MAX_FACTS:
            frontier, self._reached = self._reached, []
            for fact in frontier:
                self._facts[_key(fact)].append(fact)
            for fact in frontier:
                for rule, place in self._rules.get(_key(fact), ()):
                    self._apply(rule, place, fact)

    def _learn(self, derivation: Derivation) -> None:
        formula = derivation.formula
        if formula in self.known:
            return
        self.known[formula] = derivation
        if type(formula) is And:
            for number, part in enumerate(formula.parts):
                self._learn(Derivation(part, "AND_ELIM", (derivation,), (number,)))
        elif type(formula) in (Forall, Implies, Iff):
            self._learn_rule(derivation)
        elif is_literal(formula):
            self._reached.append(formula)

    def _learn_rule(self, derivation: Derivation) -> None:
        variables, body = matrix(derivation.formula)
        if type(body) is Iff:
            for direction in (0, 1):
                self._learn(biconditional_elim(derivation, direction))
        elif type(body) is Implies:
            literals = body.left.fields if type(body.left) in (And, Or) else (body.left,)
            if all(map(is_literal, literals)):
                rule = _Rule(derivation, variables, body.left, literals, body.right)
                for place, literal in enumerate(literals):
                    self._rules[_key(literal)].append((rule, place))
        elif variables and (is_literal(body) or type(body) is And):
            constants = self._constants()
            if len(constants) ** variables <= MAX_INSTANCES:
                for names in product(constants, repeat=variables):
                    self._learn(univ_instantiation(derivation, names))

    def _apply(self, rule: _Rule, place: int, fact: Formula) -> None:
        binding = _bind(rule.literals[place], fact, {})
        if binding is None:
            return
        if type(rule.antecedent) is not And:
            self._conclude(rule, fact, binding)
            return
        rest = [literal for other, literal in enumerate(rule.literals) if other != place]
        for complete in self._join(rest, binding):
            self._conclude(rule, fact, complete)

    def _join(self, literals: list[Formula], binding: dict[Term, Term]) -> Iterator[dict[Term, Term]]:
        """The bindings that make every literal a fact."""
        if not literals:
            yield binding
            return
        instance = substitute(literals[0], binding) if binding else literals[0]
        if not any(type(term) is Bound for term in _atom(instance).terms):
            if instance in self.known:
                yield from self._join(literals[1:], binding)
            return
        for fact in self._facts[_key(instance)]:
            wider = _bind(literals[0], fact, binding)
            if wider is not None:
                yield from self._join(literals[1:], wider)

    def _conclude(self, rule: _Rule, fact: Formula, binding: dict[Term, Term]) -> None:
        consequent = substitute(rule.consequent, binding) if binding else rule.consequent
        if consequent in self.known or (len(binding) < rule.variables and _is_open(consequent, 0)):
            return
        if type(rule.antecedent) is And:
            parts = tuple(self.known[substitute(literal, binding)] for literal in rule.literals)
            antecedent = self._found(Derivation(And(*(part.formula for part in parts)), "AND_INTRO", parts))
        elif type(rule.antecedent) is Or:
            disjunction = or_intro(fact, rule.derivation.formula)
            if disjunction is None or disjunction is not substitute(rule.antecedent, binding):
                return
            antecedent = self._found(Derivation(disjunction, "OR_INTRO", (self.known[fact], rule.derivation)))
        else:
            antecedent = self.known[fact]
        self._learn(Derivation(consequent, "MODUS_PONENS", (antecedent, rule.derivation)))

    def _found(self, derivation: Derivation) -> Derivation:
        """The derivation that is known of this formula, else this one."""
        return self.known.setdefault(derivation.formula, derivation)


def is_literal(formula: Formula) -> bool:
    return type(formula) is Atom or (type(formula) is Not and type(formula.body) is Atom)


def univ_instantiation(derivation: Derivation, names: Sequence[Constant]) -> Derivation:
    """The instance of a ∀-quantified formula, a variable for each name, outermost first."""
    for name in names:
        instance = instantiate(derivation.formula, name)
        derivation = Derivation(instance, "UNIV_INSTANTIATION", (derivation,), (name,))
    return derivation


def biconditional_elim(derivation: Derivation, direction: int) -> Derivation:
    """One of the two implications of a biconditional, under its ∀."""
    variables, body = matrix(derivation.formula)
    implication: Formula = Implies(*(body.fields if direction == 0 else reversed(body.fields)))
    for _ in range(variables):
        implication = Forall(implication)
    return Derivation(implication, "BICONDITIONAL_ELIM", (derivation,), (direction,))


def _atom(literal: Formula) -> Atom:
    return literal.fields[0] if type(literal) is Not else literal  # type: ignore[return-value]


def _key(literal: Formula) -> _Key:
    atom = _atom(literal)
    return type(literal) is Not, atom.predicate, len(atom.terms)


def _bind(literal: Formula, fact: Formula, binding: dict[Term, Term]) -> dict[Term, Term] | None:
    """The binding, widened so that the literal becomes the fact; None where it cannot be."""
    wider = dict(binding)
    for term, value in zip(_atom(literal).terms, _atom(fact).terms, strict=True):
        if type(term) is Bound:
            if wider.setdefault(term, value) is not value:
                return None
        elif term is not value:
            return None
    return wider


def _is_open(formula: Formula, depth: int) -> bool:
    """Whether a variable is free: a rule's consequent may have one that its antecedent does not bind."""
    if type(formula) is Atom:
        return any(type(term) is Bound and term.index >= depth for term in formula.terms)
    inner = depth + (type(formula) in (Forall, Exists))
    return any(_is_open(part, inner) for part in formula.fields)
