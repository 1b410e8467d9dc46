"""Exchanges of words: what they keep, which there are, and that nothing else changes."""

from __future__ import annotations

from collections import Counter
from random import Random

from sokrates.data.exchange import exchanges, replacements
from sokrates.logic import english
from sokrates.logic.formula import Formula, predicates

NOUNS, PROPERTIES = ["wumpus", "dumpus", "gorpus", "lorpus", "zumpus"], ["red", "small"]
KINDS = (NOUNS, PROPERTIES)


def premises(*sentences: str) -> list[Formula]:
    return [english.read(one) for one in sentences]


RULES = ["Every wumpus is a dumpus.", "Each gorpus is a lorpus.", "Every zumpus is red."]


def changed(sentences: list[str], *, like_for_like: bool = True) -> set[tuple[Formula, ...]]:
    every = range(len(sentences))
    ways = exchanges(Random(1), premises(*sentences), every, every, KINDS, like_for_like=like_for_like)
    return {tuple(way.premises) for way in ways}


def test_claims_go_with_claims_and_conditions_with_conditions() -> None:
    """Of two rules about concepts there are two ways; the third has a property for its claim."""
    assert changed(RULES[:2]) == {
        tuple(premises("Every wumpus is a lorpus.", "Each gorpus is a dumpus.")),
        tuple(premises("Every gorpus is a dumpus.", "Each wumpus is a lorpus.")),
    }
    assert len(changed(RULES)) == 1 + 3  # one pair of claims, three pairs of conditions


def test_a_denied_word_and_a_fact_stay_what_they_are() -> None:
    assert changed(["Every wumpus is not a dumpus.", "Rex is a gorpus."]) == set()
    assert changed(["Rex is a wumpus.", "Rex is a gorpus."]) == set()  # they would be the same facts
    rest = changed(["Every wumpus is not a dumpus.", "Every gorpus is a lorpus."])
    assert rest == {tuple(premises("Every gorpus is not a dumpus.", "Every wumpus is a lorpus."))}


def test_any_other_exchange_is_within_rules_or_within_facts_and_keeps_how_often_a_word_is_said() -> None:
    before = premises(*RULES, "Rex is a wumpus.", "Rex is not a gorpus.")
    said = Counter(word for one in before for word in predicates(one))
    ways = [*exchanges(Random(1), before, range(5), range(5), KINDS, like_for_like=False)]
    for way in ways:
        assert Counter(word for one in way.premises for word in predicates(one)) == said
        moved = [index for index, one in enumerate(way.premises) if one != before[index]]
        assert len(moved) == 2 and way.changed in moved and {index < 3 for index in moved} != {True, False}
    assert tuple(premises("Every wumpus is a gorpus.", "Each dumpus is a lorpus.")) in {
        tuple(way.premises[:2]) for way in ways
    }


def test_a_replacement_changes_one_word_of_one_premise_and_prefers_words_that_are_said() -> None:
    before = premises("Every wumpus is a dumpus.", "Rex is a lorpus.")
    ways = [way.premises for way in replacements(Random(1), before, [0], [], KINDS)]
    assert all(way[1] is before[1] and way[0] != before[0] for way in ways)
    assert len(ways) == 2 * 3  # of five concepts, two are its own
    assert all("lorpus" in predicates(ways[place][0]) for place in (0, 3))
