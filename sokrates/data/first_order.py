"""First-order problems for the rules that PrOntoQA-OOD leaves out, each form drawn alike often.

contraposition      every wumpus is a tumpus, Rex is not a tumpus   ⊢ Rex is not a wumpus
transitivity        every wumpus is a tumpus, every tumpus is a lorpus   ⊢ every wumpus is a lorpus
elimination         Rex is a wumpus or a tumpus, Rex is not a wumpus   ⊢ Rex is a tumpus
exclusion           Rex is either a wumpus or a tumpus but not both, Rex is a wumpus   ⊢ Rex is not a tumpus
conditional         every wumpus is a tumpus   ⊢ if Rex is a wumpus then Rex is a tumpus
counterexample      Rex is a wumpus, Rex is not a tumpus   ⊢ ¬∀x (wumpus(x) → tumpus(x))
equivalence         ∀x (wumpus(x) ↔ tumpus(x)), wumpus(Rex)   ⊢ tumpus(Rex)
both_ways           every wumpus is a tumpus, every tumpus is a wumpus   ⊢ ∀x (wumpus(x) ↔ tumpus(x))
example             Rex is a wumpus, every wumpus is a tumpus   ⊢ ∃x tumpus(x)
somebody            ∃x (wumpus(x) ∧ lorpus(x)), every wumpus is a tumpus   ⊢ ∃x (tumpus(x) ∧ lorpus(x))
nobody              every wumpus is not a tumpus   ⊢ ¬∃x (wumpus(x) ∧ tumpus(x))
everything          ∀x wumpus(x), every wumpus is a tumpus   ⊢ ∀x tumpus(x)
instance            ∀x (wumpus(x) ∨ tumpus(x)), ¬wumpus(Rex)   ⊢ tumpus(Rex)
double_negation     ¬¬wumpus(Rex), every wumpus is a tumpus   ⊢ tumpus(Rex)

With more hops there is a chain of rules in place of one. Each concept of a chain is something else too (a dead
end), and the entity is something more. Not covered: relations, nested quantifiers, labels and order (`mixture`).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from random import Random

from sokrates.data.deduction import Draft, Words, signed
from sokrates.data.sentences import about, rule
from sokrates.logic.formula import And, Exists, Forall, Formula, Iff, Implies, Not, Or, Xor

Premises = tuple[list[Formula], list[Formula], Formula]  # rules, facts and what follows


class _Problem:
    """The words of a problem, and the chain of rules that its proof goes along."""

    def __init__(self, random: Random, hops: int, is_literal: bool) -> None:
        self.random, self.words, self.hops = random, Words(random), hops
        self._is_literal = is_literal

    def is_(self, formula: Formula) -> Formula:
        """What a formula about x says of the entity."""
        return about(formula, self.words.entity)

    def chain(self, start: Formula, rules: int) -> tuple[list[Formula], Formula]:
        """So many rules, each about what the one before claims, and what the last claims."""
        concepts = [start, *(self.words.noun() for _ in range(rules))]
        return [rule(one, above) for one, above in pairwise(concepts)], concepts[-1]

    def signed_chain(self, start: Formula, rules: int) -> tuple[list[Formula], Formula]:
        """The same; where the conclusion is to be a literal, the last claim may be a denial."""
        made, end = self.chain(start, rules)
        if not rules or not self._is_literal:
            return made, end
        claim = signed(self.random, end)
        return [*made[:-1], rule(made[-1].body.left, claim)], claim  # type: ignore[attr-defined]


def _contraposition(p: _Problem) -> Premises:
    start = signed(p.random, p.words.noun())
    rules, end = p.chain(start, p.hops)
    return rules, [p.is_(Not(end))], p.is_(start.body if isinstance(start, Not) else Not(start))


def _transitivity(p: _Problem) -> Premises:
    start = p.words.noun()
    rules, end = p.signed_chain(start, p.hops + 1)
    return rules, [], rule(start, end)


def _elimination(p: _Problem) -> Premises:
    start, other = p.words.noun(), p.words.noun()
    rules, end = p.signed_chain(start, p.hops - 1)
    return rules, [p.is_(Or(*p.random.sample([start, other], 2))), p.is_(Not(other))], p.is_(end)


def _exclusion(p: _Problem) -> Premises:
    start, other = p.words.noun(), p.words.noun()
    if p.random.random() < 0.5:
        rules, end = p.chain(start, p.hops - 1)
        return rules, [p.is_(Xor(end, other)), p.is_(start)], p.is_(Not(other))
    rules, end = p.signed_chain(other, p.hops - 1)
    return rules, [p.is_(Xor(start, other)), p.is_(Not(start))], p.is_(end)


def _conditional(p: _Problem) -> Premises:
    start = p.words.noun()
    rules, end = p.signed_chain(start, p.hops)
    return rules, [], Implies(p.is_(start), p.is_(end))


def _counterexample(p: _Problem) -> Premises:
    start, other = p.words.noun(), p.words.noun()
    rules, end = p.chain(start, p.hops - 1)
    return rules, [p.is_(start), p.is_(Not(other))], Not(rule(end, other))


def _equivalence(p: _Problem) -> Premises:
    start, same = p.words.noun(), p.words.noun()
    rules, end = p.signed_chain(same, p.hops - 1)
    return [Forall(Iff(*p.random.sample([start, same], 2))), *rules], [p.is_(start)], p.is_(end)


def _both_ways(p: _Problem) -> Premises:
    start = p.words.noun()
    there, end = p.chain(start, p.hops)
    return [*there, rule(end, start)], [], Forall(Iff(start, end))


def _example(p: _Problem) -> Premises:
    start = p.words.noun()
    rules, end = p.chain(start, p.hops)
    return rules, [p.is_(start)], Exists(end)


def _somebody(p: _Problem) -> Premises:
    start, also = p.words.noun(), p.words.noun()
    rules, end = p.chain(start, p.hops)
    return [Exists(And(*p.random.sample([start, also], 2))), *rules], [], Exists(And(end, also))


def _nobody(p: _Problem) -> Premises:
    start, other = p.words.noun(), p.words.noun()
    rules, end = p.chain(start, p.hops - 1)
    return [*rules, rule(end, Not(other))], [], Not(Exists(And(start, other)))


def _everything(p: _Problem) -> Premises:
    start = p.words.noun()
    rules, end = p.signed_chain(start, p.hops)
    return [Forall(start), *rules], [], Forall(end)


def _instance(p: _Problem) -> Premises:
    start, other = p.words.noun(), p.words.noun()
    rules, end = p.signed_chain(start, p.hops - 1)
    return [Forall(Or(*p.random.sample([start, other], 2))), *rules], [p.is_(Not(other))], p.is_(end)


def _double_negation(p: _Problem) -> Premises:
    start = p.words.noun()
    rules, end = p.signed_chain(start, p.hops)
    return rules, [Not(Not(p.is_(start)))], p.is_(end)


FORMS: list[Callable[[_Problem], Premises]] = [
    _contraposition,
    _transitivity,
    _elimination,
    _exclusion,
    _conditional,
    _counterexample,
    _equivalence,
    _both_ways,
    _example,
    _somebody,
    _nobody,
    _everything,
    _instance,
    _double_negation,
]


def first_order(random: Random, hops: int, width: int, is_literal: bool) -> Draft:
    """One of the forms; a concept that a rule is about has `width` - 1 dead ends while words last."""
    problem = _Problem(random, hops, is_literal)
    rules, facts, proved = random.choice(FORMS)(problem)
    bodies = [made.body for made in rules if isinstance(made, Forall)]
    concepts = dict.fromkeys(body.left for body in bodies if isinstance(body, Implies))
    words = problem.words
    dead_ends = [rule(concept, words.noun()) for concept in concepts for _ in range(width - 1) if words.left() > 1]
    return Draft([*rules, *dead_ends], [*facts, problem.is_(words.noun())], proved)
