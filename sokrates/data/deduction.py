"""Problems that take one deduction rule of PrOntoQA-OOD (Saparov et al., 2023) beside modus ponens.

and_introduction  Each small lorpus is a rompus. Rex is small. Rex is a lorpus.  ⊢ Rex is a small lorpus
and_elimination   Each sterpus is a wumpus and a lorpus. Max is a sterpus and a jompus.  ⊢ Max is a wumpus
or_introduction   Everything that is small or a lorpus is a rompus. Rex is a lorpus.  ⊢ Rex is small or a lorpus
or_elimination    Each vumpus is a dumpus. Sterpuses are dumpuses. Max is a vumpus or a sterpus.  ⊢ Max is a dumpus
contradiction     Everything that is a vumpus or a sterpus is a dumpus. Max is not a dumpus.
                  ⊢ Max is not a sterpus and Max is not a vumpus

Each comes with the distractors of the original (its published code, `--distractors relevant`), in its numbers.
A proof of h hops takes the rule h times, with modus ponens in between; or_elimination and contradiction take it
once (the original's only length), and h is the number of rules from a case to what it leads to.

Two kinds of end. As the original, which asks for proofs of what holds: the conclusion is what the last step gives.
Or a *literal*: one rule more, whose claim may be a denial, so that TRUE and FALSE can be asked alike. Not covered:
labels and order (`mixture`), compositions (`composition`).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import NamedTuple

from sokrates.data.generator import FICTIONAL, NAMES, PROPERTIES, draw_levels
from sokrates.data.sentences import about, rule
from sokrates.logic.english_words import MAX_WORDS
from sokrates.logic.formula import And, Atom, Bound, Constant, Formula, Not, Or, atom, negation, subformulas

MAX_LEVELS = 5  # of the original's ontologies, as its words last no longer
_X = Bound(0)


class OutOfWords(Exception):
    """A problem would take more concepts or properties than there are, or more than one name holds."""


class Draft(NamedTuple):
    """A problem without a label.

    rules: what stands first, in any order
    facts: what stands last, in any order
    proved: what follows from them, about the entity
    """

    rules: list[Formula]
    facts: list[Formula]
    proved: Formula


class Words:
    """The words of one problem, each given out once; at first one property of each family."""

    def __init__(self, random: Random) -> None:
        self.entity = Constant(random.choice(NAMES))
        self._nouns = random.sample(FICTIONAL, len(FICTIONAL))
        families = [random.sample(family, len(family)) for family in random.sample(PROPERTIES, len(PROPERTIES))]
        self._adjectives = [word for family in families for word in family[1:]] + [one[0] for one in families]

    def noun(self) -> Atom:
        """A concept, of x. Raises OutOfWords."""
        return self._next(self._nouns)

    def adjective(self) -> Atom:
        """A property, of x. Raises OutOfWords."""
        return self._next(self._adjectives)

    def left(self) -> int:
        """The number of concepts that are left."""
        return len(self._nouns)

    def _next(self, words: list[str]) -> Atom:
        if not words:
            raise OutOfWords
        return atom(words.pop(), _X)


Kind = Callable[[Random, int, int, bool], Draft]


def and_introduction(random: Random, hops: int, width: int, is_literal: bool) -> Draft:
    return _by_introduction(random, hops, width, is_literal, And)


def or_introduction(random: Random, hops: int, width: int, is_literal: bool) -> Draft:
    return _by_introduction(random, hops, width, is_literal, Or)


def _by_introduction(
    random: Random, hops: int, width: int, is_literal: bool, connective: type[And] | type[Or]
) -> Draft:
    """A trunk of concepts, each below the next by a rule about it and its properties, and below a dead end too."""
    _check_width(width, connective)
    words = Words(random)
    levels = draw_levels(random, hops, hops, MAX_LEVELS)
    trunk = [words.noun() for _ in range(levels + 1)]
    start = random.randrange(levels - hops + 1)
    last = start + hops - 1  # the level of the last step
    claims: list[Formula] = list(trunk[1:])
    if is_literal:
        claims[last] = signed(random, claims[last])
    rules: list[Formula] = []
    kinds: list[Formula] = []
    facts: list[Formula] = [trunk[start]]
    for level, concept in enumerate(trunk[:-1]):
        kind, beside = (connective(*_adjectives(words, width - 1), concept) for _ in range(2))
        kinds.append(kind)
        rules += [rule(kind, claims[level]), rule(beside, words.noun())]
        if connective is And and start <= level <= last:
            facts += [*subformulas(kind)[:-1], *(subformulas(beside)[:-1] if level < last else ())]
    other = words.noun()
    rules.append(rule(connective(*_adjectives(words, width - 1), other), words.noun()))
    proved = claims[last] if is_literal else kinds[last]
    return Draft(rules, [_of(words, fact) for fact in dict.fromkeys([*facts, other])], _of(words, proved))


def and_elimination(random: Random, hops: int, width: int, is_literal: bool) -> Draft:
    """A trunk of concepts, each of which is the next and a dead end, which has two dead ends of its own.

    The lowest concepts but the start have no dead end where the words do not last.
    """
    _check_width(width, And)
    words = Words(random)
    levels = draw_levels(random, hops, hops + 1, max(hops + 1, 4))
    trunk = [words.noun() for _ in range(levels + 1)]
    start = random.randrange(1, levels - hops + 1)
    goal = signed(random, trunk[start + hops - 1]) if is_literal else trunk[start + hops - 1]
    rules: list[Formula] = []
    elsewhere: list[Formula] = []
    beside: dict[int, Formula] = {}  # the dead end of a concept of the trunk
    for level in sorted(range(levels), key=lambda level: (level != start, -level)):  # the start's needs its words
        parts: list[Formula] = [goal if trunk[level + 1] is trunk[start + hops - 1] else trunk[level + 1]]
        if words.left() >= 6:
            dead_end = beside[level] = words.noun()
            parts.append(dead_end)
            elsewhere.append(_conjunction(random, [words.noun(), words.noun(), *_adjectives(words, width - 2)]))
            rules.append(rule(dead_end, elsewhere[-1]))
        rules.append(rule(trunk[level], _conjunction(random, [*parts, *_adjectives(words, width - 2)])))
    if start not in beside:
        raise OutOfWords
    first = goal if hops == 1 else trunk[start]
    fact = _conjunction(random, [first, beside[start], *_adjectives(words, width - 2)])
    rules.append(rule(words.noun(), And(*_adjectives(words, width - 1), words.noun())))
    return Draft(rules, [_of(words, fact), _of(words, random.choice(elsewhere))], _of(words, goal))


def or_elimination(random: Random, hops: int, width: int, is_literal: bool) -> Draft:
    """Each case of a disjunction leads to one concept; so do others, and the cases lead elsewhere too."""
    words = Words(random)
    root, other_root, beyond = (words.noun() for _ in range(3))
    goal = signed(random, root) if is_literal else root
    cases = [words.noun() for _ in range(width)]
    elsewhere = negation(goal) if is_literal else goal  # so that its sign does not give the label away
    rules = [rule(words.noun(), elsewhere) for _ in cases] + [rule(beyond, other_root)]
    for case in cases:
        chain = [case, *(words.noun() for _ in range(hops - 1))]
        rules += [rule(one, above) for one, above in pairwise(chain)]
        rules += [rule(chain[-1], goal), rule(chain[-1], other_root)]
    facts = [Or(*cases), Or(beyond, *cases[:-1])]
    return Draft(rules, [_of(words, fact) for fact in facts], _of(words, goal))


def contradiction(random: Random, hops: int, width: int, is_literal: bool) -> Draft:
    """Each case of a rule's condition would lead to what the entity is not.

    With a literal for the end one case is denied, or shown, where the condition is of denials.
    """
    words = Words(random)
    chain = [words.noun() for _ in range(hops)]
    other_root, elsewhere = words.noun(), words.noun()
    cases: list[Formula] = [words.noun() for _ in range(width)]
    if is_literal and random.random() < 0.5:
        cases = [Not(case) for case in cases]
    others = [words.noun() for _ in range(width)]
    beside = [negation(case) for case in cases] if is_literal else cases  # so that the sign gives no label away
    rules = [rule(Or(*cases), chain[0]), rule(Or(*beside), other_root), rule(Or(*others), chain[0])]
    rules += [rule(one, above) for one, above in pairwise(chain)]
    facts = [Not(chain[-1]), Not(elsewhere)]
    denied = [negation(case) for case in reversed(cases)]
    proved = random.choice(denied) if is_literal else And(*denied)
    return Draft(rules, [_of(words, fact) for fact in facts], _of(words, proved))


def _check_width(width: int, connective: type[And] | type[Or]) -> None:
    """A conjunction is said in one name: `each small red lorpus`."""
    if connective is And and width > MAX_WORDS:
        raise OutOfWords


def _adjectives(words: Words, count: int) -> list[Atom]:
    return [words.adjective() for _ in range(count)]


def signed(random: Random, claim: Formula) -> Formula:
    """The claim or its denial, alike often."""
    return Not(claim) if random.random() < 0.5 else claim


def _conjunction(random: Random, parts: list[Formula]) -> Formula:
    """The parts in any order, a denial last: `not a wumpus and a lorpus` has two readings."""
    parts = random.sample(parts, len(parts))
    return And(*sorted(parts, key=lambda part: type(part) is Not)) if len(parts) > 1 else parts[0]


def _of(words: Words, formula: Formula) -> Formula:
    return about(formula, words.entity)
