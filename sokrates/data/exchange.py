"""Premises in which words change places, such that counting words does not tell an open problem from the others.

    Every wumpus is a dumpus. Each gorpus is a lorpus.  →  Every wumpus is a lorpus. Each gorpus is a dumpus.

In an exchange of like for like both words stay what they are: concept or property, in the condition of a rule, in
its claim or in a fact, denied or not. So every concept has as many rules about it, and is claimed as often, as
before; what changes is what leads where. In any other exchange each word is still said as often. A replacement
keeps neither. Not covered: what follows then (`mixture` asks the solver).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from random import Random
from typing import NamedTuple

from sokrates.data.sentences import rule
from sokrates.logic.formula import Atom, Forall, Formula, Implies, Not, predicates, subformulas
from sokrates.search.exploring import rules_of


class Change(NamedTuple):
    """Premises with other words, and the index of the one that was to change."""

    changed: int
    premises: list[Formula]


class Literal(NamedTuple):
    """A word, and whether it is denied."""

    word: str
    is_denied: bool


class _Place(NamedTuple):
    """What a word is in a premise.

    sides: 2 in a rule, which has a condition and a claim, else 1
    side: the number of the side that the word is on
    """

    sides: int
    side: int
    is_denied: bool
    kind: int


def exchanges(
    random: Random,
    premises: Sequence[Formula],
    ones: Iterable[int],
    others: Iterable[int],
    kinds: Sequence[Collection[str]],
    *,
    like_for_like: bool,
) -> Iterator[Change]:
    """Each exchange of words of a kind between one of `ones` and one of `others`, in any order.

    ones, others: indices of premises
    kinds: the words that can stand for each other
    """
    words = [sorted(set(_words(premise, kinds))) for premise in premises]
    own = [set(predicates(premise)) for premise in premises]
    ways = [
        (one, here, word, other, there, instead)
        for one in ones
        for other in others
        for here, word in words[one]
        for there, instead in words[other]
        if (here == there if like_for_like else (here.kind, here.sides) == (there.kind, there.sides))
        and not (instead in own[one] or word in own[other])
    ]
    random.shuffle(ways)
    faults = _faults(premises)
    for one, here, word, other, there, instead in ways:
        changed = [*premises]
        changed[one] = _with_word(premises[one], here.side, word, instead)
        changed[other] = _with_word(premises[other], there.side, instead, word)
        if len(set(changed)) == len(changed) and set(changed) != set(premises) and _faults(changed) <= faults:
            yield Change(one, changed)


def _faults(premises: Sequence[Formula]) -> set[str]:
    """What no change may bring into rules: a circle, or claims that contradict each other about one condition."""
    rules = [(condition, [*literals(condition)], [*literals(claim)]) for _, condition, claim in rules_of(premises)]
    faults: set[str] = set()
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for _, asked, claimed in rules:
        for literal in claimed:
            sorter.add(literal.word, *(of.word for of in asked))
    try:
        sorter.prepare()
    except CycleError:
        faults.add("circle")
    said = {(condition, *literal) for condition, _, claimed in rules for literal in claimed}
    if any((condition, word, not is_denied) in said for condition, word, is_denied in said):
        faults.add("contradiction")
    return faults


def replacements(
    random: Random,
    premises: Sequence[Formula],
    ones: Iterable[int],
    others: Iterable[int],
    kinds: Sequence[Collection[str]],
) -> Iterator[Change]:
    """Each replacement of a word of one of `ones` by another of its kind; `others` are not asked for one.

    For each word those that are said already come first, as the number of different words could be counted.
    """
    said = {word for premise in premises for word in predicates(premise)}
    faults = _faults(premises)
    for index in ones:
        own = list(dict.fromkeys(predicates(premises[index])))
        for word in random.sample(own, len(own)):
            kind = next((words for words in kinds if word in words), ())
            new = [other for other in random.sample([*kind], len(kind)) if other not in own]
            for instead in sorted(new, key=lambda other: other not in said):
                premise = _renamed(premises[index], word, instead)
                changed = [*premises[:index], premise, *premises[index + 1 :]]
                if premise not in premises and _faults(changed) <= faults:
                    yield Change(index, changed)


def sides(premise: Formula) -> tuple[Formula, ...]:
    """The condition and the claim of a rule; of another premise itself."""
    is_rule = type(premise) is Forall and type(premise.body) is Implies
    return (premise.body.left, premise.body.right) if is_rule else (premise,)  # type: ignore[attr-defined]


def literals(formula: Formula, is_denied: bool = False) -> Iterator[Literal]:
    """Those that a formula is made of, left to right, whatever they are about."""
    if type(formula) is Atom:
        yield Literal(formula.predicate, is_denied)
    for part in subformulas(formula):
        yield from literals(part, type(formula) is Not)


def _words(premise: Formula, kinds: Sequence[Collection[str]]) -> Iterator[tuple[_Place, str]]:
    both = sides(premise)
    for number, side in enumerate(both):
        for word, is_denied in literals(side):
            kind = next(kind for kind, words in enumerate(kinds) if word in words)
            yield _Place(len(both), number, is_denied, kind), word


def _with_word(premise: Formula, side: int, word: str, instead: str) -> Formula:
    changed = [*sides(premise)]
    changed[side] = _renamed(changed[side], word, instead)
    return rule(*changed) if len(changed) > 1 else changed[0]


def _renamed(formula: Formula, word: str, other: str) -> Formula:
    if type(formula) is Atom:
        return Atom(other, formula.terms) if formula.predicate == word else formula
    return type(formula)(*[_renamed(part, word, other) for part in subformulas(formula)])
