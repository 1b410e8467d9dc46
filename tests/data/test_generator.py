"""Our generator: labels against the solver, lengths, shares, sentences, determinism."""

from __future__ import annotations

from collections import Counter
from itertools import chain, islice

import pytest
from shared_data import SHARED, needs_shared_data

from sokrates.data.generator import (
    FALSE_FIELDS,
    PROPERTIES,
    REAL_OPPOSITES,
    REAL_PATHS,
    REAL_PROPERTIES,
    generate,
)
from sokrates.data.gold import careful
from sokrates.data.sources import read_file
from sokrates.io.errors import UserError
from sokrates.logic import english
from sokrates.logic.answer import Answer
from sokrates.logic.formula import Atom, Forall, Not, predicates
from sokrates.proof.problem import Problem
from sokrates.proof.verify import Verifier

ONTOLOGIES = ("fictional", "real", "untrue")


def make(count: int = 60, **settings: object) -> list[Problem]:
    given = {"hops": (1, 2, 3), "ontologies": ("fictional",), "distractors": 1, "unknown_share": 0.0, "seed": 7}
    return list(generate(count, **{**given, **settings}))  # type: ignore[arg-type]


@pytest.mark.parametrize("ontology", ONTOLOGIES)
@pytest.mark.parametrize("distractors", [0, 1, 2])
def test_labels_are_the_solvers(ontology: str, distractors: int) -> None:
    for problem in make(ontologies=[ontology], hops=(1, 2, 3), distractors=distractors, unknown_share=0.3):
        assert problem.label is not None
        assert Verifier(problem.facts, problem.goal).decide().name == problem.label.name, problem


@pytest.mark.parametrize("ontology", ONTOLOGIES)
def test_hops_are_the_length_of_the_shortest_proof(ontology: str) -> None:
    problems = make(ontologies=[ontology], hops=(4, 1, 2), distractors=2)
    assert [problem.hops for problem in problems] == [4, 1, 2] * 20
    assert all(len(careful(problem)) == (problem.hops or 0) + 1 for problem in problems)


@pytest.mark.parametrize("ontology", ["fictional", "untrue", "real"])
def test_open_problems_ask_for_a_property_below_the_entity_and_nothing_else_tells_them_apart(
    ontology: str,
) -> None:
    """Neither the number of premises nor how often the asked property, or what the facts name, is said."""
    problems = make(900, unknown_share=0.5, ontologies=[ontology], hops=[2])
    found: dict[bool, list[Counter[int]]] = {True: [], False: []}
    for is_open, counters in found.items():
        own = [problem for problem in problems if (problem.label is Answer.UNKNOWN) == is_open]
        assert all((len(careful(problem)) == 1) == is_open for problem in own[:60])
        said = [Counter(word for fact in one.facts for word in predicates(fact)) for one in own]
        asked = [next(predicates(one.goal)) for one in own]
        entity = [[one.predicate for one in problem.facts if isinstance(one, Atom)] for problem in own]
        counters.append(Counter(len(problem.premises) for problem in own))
        counters.append(Counter(words[word] for words, word in zip(said, asked, strict=True)))
        counters.append(Counter(sum(words[word] for word in two) for words, two in zip(said, entity, strict=True)))
    for of_open, of_others in zip(found[True], found[False], strict=True):
        for number in of_open | of_others:
            assert abs(of_open[number] / of_open.total() - of_others[number] / of_others.total()) < 0.12


def test_shares() -> None:
    problems = make(2000, unknown_share=0.2)
    labels = Counter(problem.label for problem in problems)
    assert 0.16 < labels[Answer.UNKNOWN] / 2000 < 0.24
    assert 0.45 < labels[Answer.TRUE] / (labels[Answer.TRUE] + labels[Answer.FALSE]) < 0.55
    hops = Counter(problem.hops for problem in problems)
    assert max(hops.values()) - min(hops.values()) <= 1
    negative = sum(" not " in problem.conclusion for problem in problems)
    assert 0.45 < negative / 2000 < 0.55
    assert Answer.UNKNOWN not in {problem.label for problem in make(500)}


def test_neither_wording_nor_order_gives_the_label_away() -> None:
    problems = make(2000)
    for sign in (" not ", " is "):
        labels = Counter(problem.label for problem in problems if sign in problem.conclusion)
        assert 0.43 < labels[Answer.TRUE] / labels.total() < 0.57
    firsts = Counter("Every Each".split().count(problem.premises[0].split(" ")[0]) for problem in problems)
    assert 0.4 < firsts[1] / 2000 < 0.8  # the fact, and plurals, come first too


def test_premises_differ_and_the_answer_is_not_among_them() -> None:
    for problem in make(300, distractors=2):
        assert len(set(problem.facts)) == len(problem.facts)
        assert problem.goal not in problem.facts


@pytest.mark.parametrize("ontology", ONTOLOGIES)
def test_levels_and_distractors_set_the_number_of_premises(ontology: str) -> None:
    """A level has a concept's parent and property, and two rules for each dead end; five premises are besides."""
    for distractors in (0, 1):
        for problem in make(100, ontologies=[ontology], distractors=distractors, levels=1):
            assert problem.hops is not None
            assert len(problem.premises) == (2 + 2 * distractors) * problem.hops + 5
    counts = Counter(len(problem.premises) for problem in make(900, hops=(2,), levels=4))
    assert set(counts) == {13, 17, 21} and min(counts.values()) > 200


def test_one_rule_gives_an_unrelated_concept_the_opposite() -> None:
    for problem in make(100):
        asked = problem.conclusion.split(" ")[-1]
        about = [premise for premise in problem.premises if premise.endswith(f" {asked}")]
        assert sorted("not" in premise for premise in about) == [False, True]


def test_the_same_seed_gives_the_same_problems_and_another_seed_others() -> None:
    assert make(seed=3) == make(seed=3)
    one, other = make(seed=3), make(seed=4)
    assert all(a.premises != b.premises for a, b in zip(one, other, strict=True))
    assert make(30, seed=3) == make(60, seed=3)[:30]


def test_ids_are_unique_and_each_is_a_case() -> None:
    problems = make(200)
    assert len({problem.id for problem in problems}) == len({problem.case for problem in problems}) == 200


def test_what_is_said_of_the_world_beside_the_paths_is_the_opposite_of_a_property() -> None:
    assert REAL_OPPOSITES.keys() == {name for names in REAL_PROPERTIES.values() for name in names}
    said = {sentence for one in make(1500, ontologies=["real"]) for sentence in one.premises}
    assert said & {"Every oyster is spineless.", "Each oyster is spineless.", "Oysters are spineless."}
    assert not said & {"Every trout is spineless.", "Each trout is spineless.", "Trout are spineless."}


def test_problems_are_made_as_they_are_asked_for() -> None:
    endless = generate(10**9, hops=(1,), ontologies=["real"], distractors=1, unknown_share=0, seed=1)
    assert len(list(islice(endless, 3))) == 3


def test_rules_stand_in_the_order_that_is_asked_for() -> None:
    """Up, every rule about a concept stands before the rules about its parents; down, after them."""
    for order, before in (("up", True), ("down", False)):
        for problem in make(60, order=order):
            rules = [fact.body for fact in problem.facts if type(fact) is Forall]
            about = {rule.left.predicate: index for index, rule in enumerate(rules)}
            for index, rule in enumerate(rules):
                parent = about.get(getattr(rule.right, "predicate", ""), index)
                assert parent == index or (index < parent) is before


def test_facts_stand_last_or_anywhere() -> None:
    places: dict[str, Counter[int]] = {"last": Counter(), "anywhere": Counter()}
    for facts, counts in places.items():
        for problem in make(600, hops=(1,), levels=1, facts=facts):
            counts.update(place for place, fact in enumerate(problem.facts) if type(fact) is Atom)
    assert set(places["last"]) == {7, 8}
    assert set(places["anywhere"]) == set(range(9)) and min(places["anywhere"].values()) > 80


@pytest.mark.parametrize(("ontology", "longest"), [("fictional", 12), ("real", 8)])
def test_chains_that_are_too_long_are_refused(ontology: str, longest: int) -> None:
    assert make(3, ontologies=[ontology], hops=(longest,), distractors=0)[0].hops == longest
    with pytest.raises(UserError, match=r"problems\.hops"):
        make(3, ontologies=[ontology], hops=(longest + 1,), distractors=0)


def test_the_real_ontology_is_consistent_and_its_words_are_concepts_or_properties() -> None:
    concepts = set(chain.from_iterable(REAL_PATHS))
    assert set(REAL_PROPERTIES) <= concepts
    properties = {name.removeprefix("not ") for names in REAL_PROPERTIES.values() for name in names}
    assert not properties & concepts and not set(chain.from_iterable(PROPERTIES)) & concepts
    for path in REAL_PATHS:
        held = [name for concept in path for name in REAL_PROPERTIES.get(concept, [])]
        assert not {name for name in held if f"not {name}" in held}


@needs_shared_data
def test_the_sentences_are_of_the_original_generators_forms() -> None:
    """Their shapes, with every name of a concept or entity replaced, all occur in Logic-LM's file."""

    def shapes(problems: list[Problem]) -> set[str]:
        found = set()
        for problem in problems:
            for sentence in problem.premises:
                words = sentence.rstrip(".").split(" ")
                kept = {"Every", "Each", "is", "are", "not", "a", "an"}
                found.add(" ".join(word if word in kept else "N" for word in words))
        return found

    real = [
        problem
        for problem in read_file(SHARED / "prontoqa/logic_lm_dev_first250.json")
        if isinstance(problem, Problem)
    ]
    assert shapes(make(300)) <= shapes(real)


# The original's distribution


MEANS = {  # of 200 problems of a length: how far ours may be from theirs
    "premises": 1.2,
    "facts, last": 0,
    "start first of the facts": 0.12,
    "parents of the start": 0.05,
    "properties of the start": 0.05,
    "rules about the asked property": 0,
    "label TRUE": 0.12,
    "query negated": 0.12,
    "not": 0.03,
    "every": 0.03,
    "each": 0.03,
    "plural": 0.04,
}


@needs_shared_data
@pytest.mark.parametrize("hops", [1, 2, 3, 4, 5])
def test_our_distribution_is_the_original_generators(hops: int) -> None:
    """Ours of 2,000 problems, theirs of 200: tolerances of about three standard errors (docs/distribution.md)."""
    file = SHARED / "prontoqa" / f"fictional_{hops}hop.json"
    theirs = [problem for problem in read_file(file) if isinstance(problem, Problem)]
    ours = make(2000, hops=(hops,))
    assert {len(problem.premises) for problem in ours} == {len(problem.premises) for problem in theirs}
    assert {problem.hops for problem in theirs} == {hops}
    expected, found = shape(theirs), shape(ours)
    assert found.keys() == expected.keys() == MEANS.keys()
    differences = {name: abs(found[name] - expected[name]) for name in MEANS}
    assert all(differences[name] <= MEANS[name] for name in MEANS), differences


@needs_shared_data
@pytest.mark.parametrize("hops", [1, 2, 3])
def test_untrue_ontologies_are_the_originals(hops: int) -> None:
    """Its 40 false problems of each length: as many premises, the same words, each problem's from one field."""
    theirs = [p for p in read_file(SHARED / "prontoqa" / f"false_{hops}hop.json") if isinstance(p, Problem)]
    ours = make(300, ontologies=["untrue"], hops=(hops,))
    assert {len(problem.premises) for problem in ours} == {len(problem.premises) for problem in theirs}
    fields = [{word.lower() for word in field} for field in FALSE_FIELDS]
    for problems in (theirs, ours):
        used: list[set[str]] = [set(), set()]
        for problem in problems:
            concepts = {noun.lower() for noun in english.nouns(problem.premises)}
            (number,) = [number for number, field in enumerate(fields) if concepts <= field]
            used[number] |= concepts
        assert used == fields


def shape(problems: list[Problem]) -> dict[str, float]:
    """Shares and means of a set of problems, by the names of docs/distribution.md."""
    found: Counter[str] = Counter()
    for problem in problems:
        rules = [fact.body for fact in problem.facts if type(fact) is Forall]
        facts = [fact for fact in problem.facts if type(fact) is Atom]
        nouns = english.nouns(problem.premises)
        start = max((fact.predicate for fact in facts), key=[rule.left.predicate for rule in rules].count)
        about = [rule.right for rule in rules if rule.left.predicate == start]
        parents = sum(type(claim) is Atom and claim.predicate in nouns for claim in about)
        goal = problem.goal.body if type(problem.goal) is Not else problem.goal
        found["problems"] += 1
        found["premises"] += len(problem.premises)
        found["facts, last"] += facts == list(problem.facts[-2:])
        found["start first of the facts"] += facts[0].predicate == start
        found["parents of the start"] += parents
        found["properties of the start"] += len(about) - parents
        asked = [claim.body if type(claim) is Not else claim for claim in (rule.right for rule in rules)]
        found["rules about the asked property"] += asked.count(Atom(goal.predicate, rules[0].left.terms))
        found["label TRUE"] += problem.label is Answer.TRUE
        found["query negated"] += problem.goal is not goal
        for premise in problem.premises:
            first = premise.split(" ")[0]
            found["not"] += " not " in premise
            found["every"] += first == "Every"
            found["each"] += first == "Each"
            found["plural"] += " are " in premise
    return {
        name: count / found["premises" if name in ("not", "every", "each", "plural") else "problems"]
        for name, count in found.items()
        if name != "problems"
    }
