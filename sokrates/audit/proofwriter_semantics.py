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

Proof search chains rules forwards too (`sokrates.search.forward_chaining`). What a literal is and how one is
matched is shared (`sokrates.logic.matching`); the loop is not. Search wants a short derivation in the kernel's
steps, level by level, and may give up; this must be complete, keeps no derivation, and counts its work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from sokrates.logic.answer import Decision
from sokrates.logic.formula import And, Bound, Formula, Implies, Not, Term, negation, substitute
from sokrates.logic.matching import LiteralKey, Values, atom_of, is_literal, literal_key, match, strip_foralls
from sokrates.search.literal_index import LiteralIndex

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
            self._literals: set[Formula] | None = _derived(rules)
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
        fails = any(negation(part) in self._literals for part in parts)
        if holds and fails:
            return Decision.INCONSISTENT
        return Decision.TRUE if holds else Decision.FALSE if fails else Decision.UNKNOWN


class _Rule(NamedTuple):
    """A rule from literals to literals, with its number of variables. A fact is a rule without conditions."""

    variables: int
    conditions: tuple[Formula, ...]
    consequents: tuple[Formula, ...]


class _TooLarge(Exception):
    """More than MAX_WORK."""


# Formulas as rules


def _rules(premise: Formula) -> Iterator[_Rule]:
    if type(premise) is And:
        for part in premise.parts:
            yield from _rules(part)
        return
    variables, body = strip_foralls(premise)
    if type(body) is Implies:
        rule = _Rule(variables, _conjunction(body.left), _conjunction(body.right))
    else:
        rule = _Rule(variables, (), _conjunction(body))
    if not _variables(rule.consequents) <= _variables(rule.conditions):
        raise NotCovered("closure is on rules whose consequent has no variable that the antecedent lacks")
    yield rule


def _conjunction(formula: Formula) -> tuple[Formula, ...]:
    parts = formula.parts if type(formula) is And else (formula,)
    return tuple(_literal(part) for part in parts)


def _literal(formula: Formula) -> Formula:
    """A literal without double negations. Raises NotCovered."""
    while type(formula) is Not and type(formula.body) is Not:
        formula = formula.body.body
    if not is_literal(formula):
        raise NotCovered("closure is on literals, and on rules from literals to literals")
    return formula


def _variables(literals: Iterable[Formula]) -> set[Term]:
    return {term for literal in literals for term in atom_of(literal).terms if type(term) is Bound}


# Semi-naive evaluation: a literal, when its turn comes, is matched with each condition that it may meet, and the
# other conditions of that rule with the literals whose turn has come.


def _derived(rules: Sequence[_Rule]) -> set[Formula]:
    """Every literal that the rules derive. Raises _TooLarge."""
    uses: defaultdict[LiteralKey, list[tuple[_Rule, int]]] = defaultdict(list)
    for rule in rules:
        for index, condition in enumerate(rule.conditions):
            uses[literal_key(condition)].append((rule, index))
    known = LiteralIndex()
    derived = dict.fromkeys(literal for rule in rules if not rule.conditions for literal in rule.consequents)
    queue = list(derived)
    work_left = MAX_WORK
    for literal in queue:  # grows while it is read
        known.add(literal)
        for rule, met in uses[literal_key(literal)]:
            work_left -= len(rule.conditions)
            solutions = _matches(rule, met, [literal], {})
            for index, other in enumerate(rule.conditions):
                if index == met:
                    continue
                extended: list[Values] = []
                for values in solutions:
                    candidates = known.candidates(substitute(other, values))
                    work_left -= 1 + len(candidates)
                    if work_left < 0:
                        raise _TooLarge
                    extended += _matches(rule, index, candidates, values)
                solutions = extended
            work_left -= len(solutions) * len(rule.consequents)
            for values in solutions:
                for consequent in rule.consequents:
                    new = substitute(consequent, values)
                    if new not in derived:
                        derived[new] = None
                        queue.append(new)
    return set(derived)


def _matches(rule: _Rule, number: int, literals: Iterable[Formula], values: Values) -> list[Values]:
    """For each literal that a condition of the rule can be: the values of the variables, `values` among them."""
    solutions = []
    for literal in literals:
        extended = dict(values)
        if match(rule.conditions[number], literal, rule.variables, extended):
            solutions.append(extended)
    return solutions
