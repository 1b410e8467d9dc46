"""Natural deduction by search: goal first, then what is known, then case splits and refutation.

A goal is taken apart by the rule that introduces it; what is known is propagated (`knowledge`). Where that
is not enough, a *split* assumes a part of something known: when it leads to a contradiction, the complement
is known. Splits are nested to a depth that grows by one a round (iterative deepening). Of the proofs found
in one round the one with the fewest steps is taken.

The work is bounded by a count, never by time, so the same problem gives the same proof everywhere. Not
covered: a proof that needs a formula which is no part, nor the complement of a part, of the premises and the
goal.
"""

from __future__ import annotations

from collections.abc import Sequence

from sokrates.logic.formula import (
    And,
    Bound,
    Constant,
    Forall,
    Formula,
    Iff,
    Implies,
    Not,
    instantiate,
    negation,
)
from sokrates.logic.matching import matching_values, strip_foralls
from sokrates.proof.kernel import WITNESS, biconditional_intro
from sokrates.search.derivation import Derivation
from sokrates.search.forward_chaining import univ_instantiation
from sokrates.search.knowledge import Exhausted, Given, Knowledge, Search, conditional, joined_rules, refuted

MAX_DEPTH = 3  # splits within each other

Pair = tuple[Derivation, Derivation]  # a formula and its negation


def prove_naturally(known: Sequence[Derivation], goals: Sequence[Formula], given: Given) -> Derivation | None:
    """A derivation of the first goal that has one, with the fewest nested splits; None if there is none.

    known: what is derived already, lines included
    given: what may be looked into for assumptions: lines, and the conclusion to evaluate (with None)
    """
    try:
        start = _start(known, given)
        for depth in range(MAX_DEPTH + 1):
            for goal in goals:
                derivation = _prove(start.child(), goal, depth)
                if depth == 0:  # without what the goal's parts settle, which may be a longer way
                    derivation = _shorter(derivation, _by_refutation(start, goal, 0))
                if derivation is not None:
                    return derivation
            start.propagate()
    except Exhausted:
        pass
    return None


def refute_naturally(known: Sequence[Derivation], given: Given) -> Pair | None:
    """Derivations of a formula and its negation from what is known; None if there are none."""
    try:
        start = _start(known, given)
        for depth in range(MAX_DEPTH + 1):
            if pair := _refute(start.child(), depth):
                return pair
    except Exhausted:
        pass
    return None


def _start(known: Sequence[Derivation], given: Given) -> Knowledge:
    search = Search(given)
    start = Knowledge(search)
    for name in search.constants:
        start.add_individual(name)
    for derivation in known:
        start.learn(derivation)
    return start


def _prove(scope: Knowledge, goal: Formula, depth: int) -> Derivation | None:
    """A derivation of the goal with splits nested at most `depth` deep."""
    scope.note(goal)
    scope.propagate(goal)
    derivation = scope.proof_of(goal)
    if derivation is not None:
        return derivation
    if type(goal) is Not and type(goal.body) is Not:
        return _prove_double_negation(scope, goal, depth)
    if scope.conflict is None:
        derivation = _shorter(_introduce(scope, goal, depth), _split_cases(scope, goal))
    return _shorter(derivation, _by_refutation(scope, goal, 0 if derivation else depth))


def _shorter(one: Derivation | None, other: Derivation | None) -> Derivation | None:
    """The one with fewer steps; the first where they are equal."""
    return one if other is None or (one and one.steps() <= other.steps()) else other


def _introduce(scope: Knowledge, goal: Formula, depth: int) -> Derivation | None:
    """By the rule that makes a formula of the goal's kind."""
    match goal:
        case And():
            parts: list[Derivation] = []
            for part in goal.parts:
                proof = _prove(scope, part, depth)
                if proof is None:
                    return None
                parts.append(proof)
            return Derivation(goal, "AND_INTRO", tuple(parts)) if len(parts) > 1 else None
        case Implies():
            return _prove_implication(scope, goal.left, goal.right, depth)
        case Iff():
            forward = _prove_implication(scope, goal.left, goal.right, depth)
            backward = forward and _prove_implication(scope, goal.right, goal.left, depth)
            return Derivation(goal, "BICONDITIONAL_INTRO", (forward, backward)) if forward and backward else None
        case Forall():
            arbitrary = scope.search.individual()
            within = scope.child()
            within.add_individual(arbitrary)
            instance = instantiate(goal, arbitrary)
            if arbitrary not in instance.names:
                return None
            proof = _prove(within, instance, depth)
            if proof is not None and _rests_on_witness(proof, arbitrary):  # that scope has to be closed first
                within = scope.child()
                within.add_individual(arbitrary)
                proof = _by_refutation(within, instance, depth)
            if proof is not None and _rests_on_witness(proof, arbitrary):
                return None
            if proof is not None and (general := _without_individual(proof, goal)):
                return general
            return proof and Derivation(goal, "UNIV_GENERALIZATION", (proof,), (arbitrary,))
    return None


def _without_individual(proof: Derivation, goal: Formula) -> Derivation | None:
    """The ∀-goal itself, where its instance was taken from it, or ↔ put together of two rules under the same ∀."""
    if proof.rule == "UNIV_INSTANTIATION":
        return proof.uses[0] if proof.uses[0].formula is goal else None
    if proof.rule == "BICONDITIONAL_INTRO" and all(one.rule == "UNIV_INSTANTIATION" for one in proof.uses):
        rules = tuple(one.uses[0] for one in proof.uses)
        if biconditional_intro(*(rule.formula for rule in rules)) is goal:
            return Derivation(goal, "BICONDITIONAL_INTRO", rules)
    return None


def _prove_double_negation(scope: Knowledge, goal: Formula, depth: int) -> Derivation | None:
    """From P, by contraposition of ¬P→¬P."""
    proof, assumed = _prove(scope, goal.fields[0].fields[0], depth), scope.search.assume(goal.fields[0])
    if proof is None or assumed is None:
        return None
    return Derivation(goal, "MODUS_TOLLENS", (proof, conditional(assumed, assumed)))


def _prove_implication(scope: Knowledge, left: Formula, right: Formula, depth: int) -> Derivation | None:
    assumed = scope.search.assume(left)
    reached = assumed and _prove(scope.child(assumed), right, depth)
    if not assumed or not reached:
        return None
    return _by_syllogism(scope, assumed, reached) or conditional(assumed, reached)


def _by_syllogism(scope: Knowledge, assumed: Derivation, reached: Derivation) -> Derivation | None:
    """The implication from what is assumed to what was reached by rules that speak of nobody else, joined."""
    joined = joined_rules(assumed, reached)
    if joined is None:
        return None
    goal = Implies(assumed.formula, reached.formula)
    variables, body = strip_foralls(joined.formula)
    values = matching_values(body, goal, variables)
    names = [values.get(Bound(index)) for index in reversed(range(variables))] if values is not None else [None]
    if not all(isinstance(name, Constant) for name in names):
        return None
    return univ_instantiation(joined, names, scope.search.after(goal.names))  # type: ignore[arg-type]


def _by_refutation(scope: Knowledge, goal: Formula, depth: int) -> Derivation | None:
    if type(goal) is Not and type(goal.body) is Not:
        return None  # a contradiction gives the formula without its double negation
    assumed = scope.search.assume(negation(goal))
    pair = assumed and _refute(scope.child(assumed), depth)
    return refuted(assumed, *pair) if assumed and pair else None


def _split_cases(scope: Knowledge, goal: Formula) -> Derivation | None:
    """By a known disjunction of which each part leads to the goal."""
    for disjunction in scope.disjunctions():
        cases = []
        for part in disjunction.formula.fields:
            case = _case(scope, part, goal)
            if case is None:
                break
            cases.append(case)
        else:
            return Derivation(goal, "CASE_SPLIT", (disjunction, *cases))
    return None


def _case(scope: Knowledge, part: Formula, goal: Formula) -> Derivation | None:
    """part → goal: rules that say so, or what assuming the part shows."""
    assumed = scope.search.assume(part)
    if assumed is None:
        return None
    within = scope.child(assumed)
    within.propagate(goal)
    reached = within.proof_of(goal)
    if reached is not None and (rule := joined_rules(assumed, reached)):
        return rule
    if reached is None and within.conflict and (wrong := scope.search.assume(negation(goal))):
        reached = refuted(wrong, *within.conflict)
    return reached and conditional(assumed, reached)


def _refute(scope: Knowledge, depth: int) -> Pair | None:
    """A formula and its negation, both derived, with splits nested at most `depth` deep."""
    scope.propagate()
    if scope.conflict is not None:
        return scope.conflict
    denial = scope.denied_universal()
    if denial is not None:
        return _refute_universal(scope, denial, depth)
    progress = depth > 0
    while progress:
        progress = False
        for formula in scope.splits():
            if not scope.open_(formula) or (assumed := scope.search.assume(formula)) is None:
                continue
            pair = _refute(scope.child(assumed), depth - 1)
            if pair is None:
                continue
            if not _rests_on(pair, assumed):
                return pair
            scope.learn(refuted(assumed, *pair))
            scope.propagate()
            if scope.conflict is not None:
                return scope.conflict
            progress = True
    return None


def _refute_universal(scope: Knowledge, denial: Derivation, depth: int) -> Pair | None:
    """From ¬∀x P(x): that P(c) fails of an arbitrary c is refuted, so ∀x P(x) holds after all."""
    universal = denial.formula.fields[0]
    arbitrary = scope.search.individual()
    instance = instantiate(universal, arbitrary)
    assumed = scope.search.assume(negation(instance))
    scope.opened.add(denial.formula)
    if assumed is None or arbitrary not in instance.names:
        return _refute(scope, depth)
    within = scope.child(assumed)  # all that is known here is known there, so nothing is left to try here
    within.add_individual(arbitrary)
    pair = _refute(within, depth)
    if pair is None or not _rests_on(pair, assumed):
        return pair
    general = Derivation(universal, "UNIV_GENERALIZATION", (refuted(assumed, *pair),), (arbitrary,))
    return general, denial


def _rests_on(pair: Pair, assumed: Derivation) -> bool:
    return assumed in pair[0].open or assumed in pair[1].open


def _rests_on_witness(derivation: Derivation, name: Constant) -> bool:
    """Whether a witness whose line mentions `name` is in scope where the derivation stands."""
    seen, queue = set(), [derivation]
    while queue:
        one = queue.pop()
        if one in seen:
            continue
        seen.add(one)
        if one.rule == WITNESS and name in one.formula.names and one.open <= derivation.open:
            return True
        queue.extend((*one.uses, *one.after, *([one.closes] if one.closes else [])))
    return False
