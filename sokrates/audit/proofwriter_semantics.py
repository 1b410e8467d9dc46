"""Open-world closure on literals: ProofWriter's own semantics.

Premises are facts and rules. A literal (an atom or its negation) holds when a chain of rules derives it from
the facts; a negative literal is derived like any other, and nothing is assumed false because it is missing.
This is weaker than classical entailment: a rule is never used backwards, there is no case analysis, and a
contradiction entails nothing else.

    >>> from sokrates.logic import fol
    >>> theory = ["Kind(Anne)", "∀x (Kind(x) → (Nice(x) ∧ ¬Rough(x)))", "∀x (Big(x) → Rough(x))"]
    >>> closure = Closure([fol.read(text).formula for text in theory])
    >>> [closure.decide(fol.read(text).formula).name for text in ("Nice(Anne)", "Rough(Anne)", "Big(Anne)")]
    ['TRUE', 'FALSE', 'UNKNOWN']

Covered: premises that are ground literals, rules from a conjunction of literals to a literal or a conjunction
of literals, ∀-quantified or ground, and conjunctions of such premises; goals that are ground literals or
conjunctions of them. Not covered: everything else (∃, ∨, ⊕, ↔, a rule whose consequent has a variable that
its antecedent lacks), which raises NotCovered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from sokrates.logic.answer import Decision
from sokrates.logic.formula import And, Atom, Bound, Forall, Formula, Implies, Not, Term

MAX_WORK: Final = (
    400_000  # literals tried against conditions, under a second; ProofWriter's theories take hundreds
)


class NotCovered(ValueError):
    """A premise or a goal that is not of the form that closure is defined on."""


class Closure:
    """What follows from `premises` by rules applied forwards. Raises NotCovered.

    A theory that takes more than MAX_WORK has no closure here: each goal is undecided.
    """

    def __init__(self, premises: Sequence[Formula]) -> None:
        rules = [rule for premise in premises for rule in _rules(premise)]
        try:
            self._literals: set[_Literal] | None = _derived(rules)
        except _TooLarge:
            self._literals = None

    def decide(self, goal: Formula) -> Decision:
        """TRUE where the goal is derived, FALSE where its complement is, INCONSISTENT where both are.

        A conjunction is derived when each part is, its complement when that of some part is. Raises NotCovered.
        """
        parts = _conjunction(goal)
        if self._literals is None:
            return Decision.UNDECIDED
        holds = all(part in self._literals for part in parts)
        fails = any(part.complement() in self._literals for part in parts)
        if holds and fails:
            return Decision.INCONSISTENT
        return Decision.TRUE if holds else Decision.FALSE if fails else Decision.UNKNOWN


class _Literal(NamedTuple):
    holds: bool
    predicate: str
    terms: tuple[Term, ...]  # a Bound is a variable of the rule that it stands in

    def complement(self) -> _Literal:
        return self._replace(holds=not self.holds)

    @property
    def kind(self) -> _Kind:
        """What a literal has in common with those that may match it."""
        return self.holds, self.predicate, len(self.terms)


_Kind = tuple[bool, str, int]
_Values = dict[Term, Term]


class _Rule(NamedTuple):
    """A fact is a rule without conditions."""

    conditions: tuple[_Literal, ...]
    consequents: tuple[_Literal, ...]


class _TooLarge(Exception):
    """More than MAX_WORK."""


# Formulas as rules


def _rules(premise: Formula) -> Iterator[_Rule]:
    if type(premise) is And:
        for part in premise.parts:
            yield from _rules(part)
        return
    body = premise
    while type(body) is Forall:
        body = body.body
    if type(body) is Implies:
        rule = _Rule(_conjunction(body.left), _conjunction(body.right))
    else:
        rule = _Rule((), _conjunction(body))
    if not _variables(rule.consequents) <= _variables(rule.conditions):
        raise NotCovered("closure is on rules whose consequent has no variable that the antecedent lacks")
    yield rule


def _conjunction(formula: Formula) -> tuple[_Literal, ...]:
    parts = formula.parts if type(formula) is And else (formula,)
    return tuple(_literal(part) for part in parts)


def _literal(formula: Formula) -> _Literal:
    holds = True
    while type(formula) is Not:
        holds, formula = not holds, formula.body
    if type(formula) is not Atom:
        raise NotCovered("closure is on literals, and on rules from literals to literals")
    return _Literal(holds, formula.predicate, formula.terms)


def _variables(literals: Iterable[_Literal]) -> set[Term]:
    return {term for literal in literals for term in literal.terms if type(term) is Bound}


# Semi-naive evaluation: a literal, when its turn comes, is matched with each condition that it may meet, and the
# other conditions of that rule with the literals whose turn has come.


def _derived(rules: Sequence[_Rule]) -> set[_Literal]:
    """Every literal that the rules derive. Raises _TooLarge."""
    uses: defaultdict[_Kind, list[tuple[_Rule, int]]] = defaultdict(list)
    for rule in rules:
        for index, condition in enumerate(rule.conditions):
            uses[condition.kind].append((rule, index))
    known = _Known()
    found = dict.fromkeys(literal for rule in rules if not rule.conditions for literal in rule.consequents)
    queue = list(found)
    work_left = MAX_WORK
    for literal in queue:  # grows while it is read
        known.add(literal)
        for rule, met in uses[literal.kind]:
            work_left -= len(rule.conditions)
            solutions = _matches(rule.conditions[met], [literal], {})
            for index, other in enumerate(rule.conditions):
                if index == met:
                    continue
                extended: list[_Values] = []
                for values in solutions:
                    candidates = known.candidates(_instance(other, values))
                    work_left -= 1 + len(candidates)
                    if work_left < 0:
                        raise _TooLarge
                    extended += _matches(other, candidates, values)
                solutions = extended
            work_left -= len(solutions) * len(rule.consequents)
            for values in solutions:
                for consequent in rule.consequents:
                    new = _instance(consequent, values)
                    if new not in found:
                        found[new] = None
                        queue.append(new)
    return set(found)


class _Known:
    """The literals whose turn has come, by kind, and by kind and the constant at a place."""

    def __init__(self) -> None:
        self._of_kind: defaultdict[_Kind, dict[_Literal, None]] = defaultdict(dict)
        self._with: defaultdict[tuple[_Kind, int, Term], list[_Literal]] = defaultdict(list)

    def add(self, literal: _Literal) -> None:
        self._of_kind[literal.kind][literal] = None
        for place, term in enumerate(literal.terms):
            self._with[literal.kind, place, term].append(literal)

    def candidates(self, condition: _Literal) -> Collection[_Literal]:
        """The literals that may match a condition: where it is ground, itself alone."""
        of_kind = self._of_kind.get(condition.kind, {})
        if not _variables([condition]):
            return [condition] if condition in of_kind else []
        for place, term in enumerate(condition.terms):
            if type(term) is not Bound:
                return self._with.get((condition.kind, place, term), [])
        return of_kind


def _matches(condition: _Literal, literals: Iterable[_Literal], values: _Values) -> list[_Values]:
    """For each literal that is an instance of the condition: the values of the variables, `values` among them."""
    found = []
    for literal in literals:
        extended = dict(values)
        if all(
            (extended.setdefault(slot, term) if type(slot) is Bound else slot) is term
            for slot, term in zip(condition.terms, literal.terms, strict=True)
        ):
            found.append(extended)
    return found


def _instance(literal: _Literal, values: _Values) -> _Literal:
    return literal._replace(terms=tuple(values.get(term, term) for term in literal.terms))
