"""Forward saturation: what Horn rules reach from the facts, level by level.

A rule is an implication, ∀-quantified or ground, whose antecedent is a literal or a conjunction or a
disjunction of literals; a biconditional is two. A fact is a literal, also out of a conjunction or for each
constant under ∀. Variables are bound by the facts alone: a rule is joined with what its first new fact
leaves open, so a fact is looked at once for each place that it fits. Not covered: whatever needs an
assumption, a case split or a negated conjunction (`natural_deduction`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

from sokrates.logic.formula import (
    And,
    Constant,
    Forall,
    Formula,
    Iff,
    Implies,
    Or,
    instantiate,
    substitute,
)
from sokrates.logic.matching import (
    LiteralKey,
    Values,
    add_foralls,
    is_literal,
    is_open,
    literal_key,
    match,
    matching_values,
    strip_foralls,
)
from sokrates.proof.kernel import or_intro
from sokrates.search.derivation import Derivation
from sokrates.search.literal_index import LiteralIndex

MAX_INSTANCES = 1000  # of one ∀-quantified fact
MAX_FACTS = 20_000  # known, after which nothing more is looked for
MAX_JOINED = 1_000_000  # facts tried for conditions of rules, likewise; seconds

Known = dict[Formula, Derivation]


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
        self._rules: dict[LiteralKey, list[tuple[_Rule, int]]] = defaultdict(list)
        self._facts = LiteralIndex()
        self._joined = 0
        self._reached: list[Formula] = []
        for line in lines:
            self._learn(line)

    def run(self, done: Callable[[], bool]) -> None:
        """Goes on, a level at a time, until `done` or nothing new is reached."""
        while self._reached and not done() and len(self.known) < MAX_FACTS and self._joined < MAX_JOINED:
            frontier, self._reached = self._reached, []
            for fact in frontier:
                self._facts.add(fact)
            for fact in frontier:
                for rule, place in self._rules.get(literal_key(fact), ()):
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
        variables, body = strip_foralls(derivation.formula)
        if type(body) is Iff:
            for direction in (0, 1):
                self._learn(biconditional_elim(derivation, direction))
        elif type(body) is Implies:
            literals = body.left.fields if type(body.left) in (And, Or) else (body.left,)
            if all(map(is_literal, literals)):
                rule = _Rule(derivation, variables, body.left, literals, body.right)
                for place, literal in enumerate(literals):
                    self._rules[literal_key(literal)].append((rule, place))
        elif variables and (is_literal(body) or type(body) is And):
            constants = self._constants()
            if len(constants) ** variables <= MAX_INSTANCES:
                for names in product(constants, repeat=variables):
                    self._learn(univ_instantiation(derivation, names))

    def _apply(self, rule: _Rule, place: int, fact: Formula) -> None:
        binding = matching_values(rule.literals[place], fact, rule.variables)
        if binding is None:
            return
        if type(rule.antecedent) is not And:
            self._conclude(rule, fact, binding)
            return
        rest = [literal for other, literal in enumerate(rule.literals) if other != place]
        for complete in self._join(rest, rule, binding):
            self._conclude(rule, fact, complete)

    def _join(self, literals: list[Formula], rule: _Rule, binding: Values) -> Iterator[Values]:
        """The bindings that make every literal a fact, but for those that only lead to what is known."""
        if binding and substitute(rule.consequent, binding) in self.known:
            return
        if not literals:
            yield binding
            return
        instance = substitute(literals[0], binding) if binding else literals[0]
        if not is_open(instance, {}):
            if instance in self.known:
                yield from self._join(literals[1:], rule, binding)
            return
        candidates = self._facts.candidates(instance)
        self._joined += len(candidates)
        if self._joined > MAX_JOINED:
            return
        for fact in candidates:
            wider = dict(binding)
            if match(literals[0], fact, rule.variables, wider):
                yield from self._join(literals[1:], rule, wider)

    def _conclude(self, rule: _Rule, fact: Formula, binding: Values) -> None:
        consequent = substitute(rule.consequent, binding) if binding else rule.consequent
        if consequent in self.known or (len(binding) < rule.variables and is_open(consequent, {})):
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


def univ_instantiation(
    derivation: Derivation, names: Sequence[Constant], after: tuple[Derivation, ...] = ()
) -> Derivation:
    """The instance of a ∀-quantified formula, a variable for each name, outermost first.

    after: what introduces the names that are witnesses
    """
    for name in names:
        instance = instantiate(derivation.formula, name)
        derivation = Derivation(instance, "UNIV_INSTANTIATION", (derivation,), (name,), after=after)
    return derivation


def biconditional_elim(derivation: Derivation, direction: int) -> Derivation:
    """One of the two implications of a biconditional, under its ∀."""
    variables, body = strip_foralls(derivation.formula)
    implication: Formula = Implies(*(body.fields if direction == 0 else reversed(body.fields)))
    return Derivation(add_foralls(variables, implication), "BICONDITIONAL_ELIM", (derivation,), (direction,))
