"""Gold chains as traces: a chain of each shape word for word, chains that must be refused, and every chain of
PrOntoQA and PrOntoQA-OOD.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pytest
from shared_data import IS_PUBLISHED, SHARED, needs_shared_data, problem_file

from sokrates.audit.chains import BrokenChain, trace_of_chain
from sokrates.data.sources import read_chains, read_file
from sokrates.logic import english
from sokrates.logic.answer import Answer
from sokrates.logic.formula import Forall, Formula, Implies, negation
from sokrates.proof.problem import Problem, from_sentences
from sokrates.proof.text import Step, read_steps, write_steps
from sokrates.proof.verify import Checked, Verifier, faithful

CASES = from_sentences(
    ["Sterpuses are dumpuses.", "Each vumpus is a dumpus.", "Max is a vumpus or a sterpus."],
    "Max is a dumpus.",
    id="cases",
    label=Answer.TRUE,
)
CASES_CHAIN = [
    "Assume Max is a vumpus.",
    "Each vumpus is a dumpus.",
    "Max is a dumpus.",
    "Assume Max is a sterpus.",
    "Sterpuses are dumpuses.",
    "Max is a dumpus.",
    "Since Max is a vumpus or a sterpus, Max is a dumpus.",
]
REFUTED = from_sentences(
    ["Everything that is a vumpus or a sterpus is a dumpus.", "Max is not a dumpus."],
    "Max is not a sterpus and Max is not a vumpus.",
    id="refuted",
    label=Answer.TRUE,
)
REFUTED_CHAIN = [
    "Assume Max is a sterpus.",
    "Max is a vumpus or a sterpus.",
    "Everything that is a vumpus or a sterpus is a dumpus.",
    "Max is a dumpus.",
    "This contradicts with Max is not a dumpus.",
    "Max is not a sterpus.",
    "Assume Max is a vumpus.",
    "Max is a vumpus or a sterpus.",
    "Everything that is a vumpus or a sterpus is a dumpus.",
    "Max is a dumpus.",
    "This contradicts with Max is not a dumpus.",
    "Max is not a vumpus.",
    "Max is not a sterpus and Max is not a vumpus.",
]
PLAIN = from_sentences(
    ["Every wumpus is a tumpus and a numpus.", "Max is a wumpus.", "Tumpuses are not shy."],
    "Max is shy.",
    id="plain",
    label=Answer.FALSE,
)
PLAIN_CHAIN = [
    "Max is a wumpus.",
    "Every wumpus is a tumpus and a numpus.",
    "Max is a tumpus and a numpus.",
    "Max is a tumpus.",
    "Tumpuses are not shy.",
    "Max is not shy.",
]


def actions(steps: Sequence[Step]) -> list[str]:
    return [f"{step.option.name} {', '.join(map(str, step.option.args))}" for step in steps if step.option]


def check(problem: Problem, steps: Sequence[Step]) -> Checked:
    """The strict check of the trace's text."""
    return Verifier(problem.facts, problem.goal).check(read_steps(write_steps(steps)))


def broken(problem: Problem, chain: Sequence[str]) -> BrokenChain | None:
    try:
        trace_of_chain(problem, chain)
    except BrokenChain as error:
        return error
    return None


def test_a_chain_becomes_the_options_that_derive_its_sentences() -> None:
    steps = trace_of_chain(PLAIN, PLAIN_CHAIN)
    assert actions(steps) == ["MODUS_PONENS 1, 0", "AND_ELIM 3, 0", "MODUS_PONENS 4, 2", "CONCLUDE 1"]
    assert steps[1].thought == "Max is a tumpus and a numpus [3], so Max is a tumpus [4]."
    assert check(PLAIN, steps).valid(Answer.FALSE)


def test_cases_are_closed_where_the_next_begins_and_at_the_since() -> None:
    steps = trace_of_chain(CASES, CASES_CHAIN)
    assert actions(steps) == [
        "ASSUME 2, 1, 0",
        "MODUS_PONENS 3, 1",
        "CONDITIONAL_PROOF 3, 4",
        "ASSUME 2, 2, 0",
        "MODUS_PONENS 6, 0",
        "CONDITIONAL_PROOF 6, 7",
        "CASE_SPLIT 2, 5, 8",
        "CONCLUDE 0",
    ]
    assert check(CASES, steps).valid(Answer.TRUE)


def test_a_contradiction_refutes_what_was_assumed() -> None:
    steps = trace_of_chain(REFUTED, REFUTED_CHAIN)
    one = ["ASSUME goal, 1, 1", "OR_INTRO 2, 0", "MODUS_PONENS 3, 0", "CONTRADICTION 4, 1"]
    other = ["ASSUME goal, 2, 1", "OR_INTRO 6, 0", "MODUS_PONENS 7, 0", "CONTRADICTION 8, 1"]
    assert actions(steps) == [*one, *other, "AND_INTRO 5, 9", "CONCLUDE 0"]
    assert check(REFUTED, steps).valid(Answer.TRUE)


@pytest.mark.parametrize(
    ("problem", "chain", "number", "why"),
    [
        (PLAIN, ["Max is not a wumpus.", *PLAIN_CHAIN[1:]], 1, "does not follow"),
        (PLAIN, [*PLAIN_CHAIN[:3], "Max is not a tumpus.", *PLAIN_CHAIN[4:]], 4, "does not follow"),
        (PLAIN, [PLAIN_CHAIN[index] for index in (0, 2, 1, 3, 4, 5)], 2, "does not follow"),
        (PLAIN, [PLAIN_CHAIN[index] for index in (0, 1, 3, 2, 4, 5)], 3, "does not follow"),  # its conjunct first
        (PLAIN, [PLAIN_CHAIN[index] for index in (1, 2, 3, 4, 5)], 2, "does not follow"),  # of whom is not said
        (PLAIN, PLAIN_CHAIN[:-1], 5, "neither what is to be evaluated"),
        (PLAIN, [], 0, "neither what is to be evaluated"),
        (PLAIN, [*PLAIN_CHAIN[:2], "Wherefore?"], 3, "not a word"),
        (PLAIN, [" "], 1, "a word is missing"),
        (CASES, ["Assume Max is a wumpus."], 1, "no part of the goal"),
        (CASES, CASES_CHAIN[:3], 3, "still open"),
        (CASES, [*CASES_CHAIN[:3], CASES_CHAIN[6]], 4, "not every case"),
        (CASES, [*CASES_CHAIN[:2], *CASES_CHAIN[3:]], 6, "not every case"),  # the first leads elsewhere
        (CASES, CASES_CHAIN[6:], 1, "no such cases"),
        (CASES, [*CASES_CHAIN[:6], "Since Max is a sterpus, Max is a dumpus."], 7, "no such cases"),
        (REFUTED, REFUTED_CHAIN[1:], 1, "does not follow"),
        (REFUTED, REFUTED_CHAIN[4:], 1, "nothing that was assumed"),
        (REFUTED, [REFUTED_CHAIN[0], *REFUTED_CHAIN[4:]], 2, "nothing to the contrary"),
        (
            REFUTED,
            [*REFUTED_CHAIN[:4], "This contradicts with Max is not a wumpus."],
            5,
            "nothing that was assumed",
        ),
        (REFUTED, [*REFUTED_CHAIN[:6], REFUTED_CHAIN[3]], 7, "does not follow"),  # its scope is closed
    ],
)
def test_a_broken_chain_is_refused_at_its_sentence(
    problem: Problem, chain: list[str], number: int, why: str
) -> None:
    error = broken(problem, chain)
    assert error is not None
    assert (error.number, error.sentence) == (number, chain[number - 1] if chain else "")
    assert why in str(error)


def test_a_chain_to_another_answer_than_the_label_is_refused() -> None:
    facts = ["Max is a wumpus.", "Max is not a wumpus."]  # inconsistent, so both answers can be concluded
    one = from_sentences(facts, "Max is a wumpus.", id="both", label=Answer.TRUE)
    assert actions(trace_of_chain(one, ["Max is a wumpus."])) == ["CONCLUDE 0"]
    error = broken(one, ["Max is not a wumpus."])
    assert error is not None and "not the label" in error.why


# The files of others

# How many chains can be followed: all but one. Composed_3hop's example89 says "Fae is a shumpus.", the opposite
# of what is to be proved, before it assumes it, and nothing in its context gives that.
OOD = {
    "AndElim_2hop": 100,
    "AndElim_3hop": 100,
    "AndIntro_2hop": 100,
    "AndIntro_3hop": 100,
    "Composed_2hop": 100,
    "Composed_3hop": 99,
    "Composed_4hop": 100,
    "OrElim_1hop_width2": 50,
    "OrElim_1hop_width3": 50,
    "OrIntro_2hop": 100,
    "OrIntro_3hop": 100,
    "ProofByContra_1hop_width2": 50,
    "ProofByContra_1hop_width3": 50,
}
PRONTOQA = {
    **{f"false_{hops}hop": 40 for hops in (1, 2, 3)},
    **{f"fictional_{hops}hop": 200 for hops in (1, 2, 3, 4, 5)},
    "logic_lm_dev_first250": 250,
}
FILES = [
    *(("prontoqa_ood", name, count) for name, count in OOD.items()),
    *(("prontoqa", name, count) for name, count in PRONTOQA.items()),
]


def chains(folder: str, name: str) -> Iterator[tuple[Problem, list[str]]]:
    """Each problem of a file that comes with a proof, and its sentences."""
    file = problem_file(f"{folder}/{name}.json")
    problems = {one.id: one for one in read_file(file) if isinstance(one, Problem)}
    for problem_id, sentences in read_chains(file):
        yield problems[problem_id], sentences


def says(sentences: Sequence[str]) -> list[Formula]:
    return [english.parse(sentence).formula for sentence in sentences]


@pytest.mark.parametrize(("folder", "name", "count"), FILES)
def test_gold_chains_become_strictly_valid_traces_that_say_the_same(folder: str, name: str, count: int) -> None:
    refused = []
    followed = 0
    for problem, sentences in chains(folder, name):
        try:
            steps = trace_of_chain(problem, sentences)
        except BrokenChain as error:
            refused.append((problem.id.rpartition(" ")[2], error.number))
            continue
        followed += 1
        checked = check(problem, steps)
        assert checked.valid(problem.label) and False not in faithful(problem.facts, checked)
        # What is derived is what the sentences say, in their order; what is said is derived or a premise.
        derived = [
            verdict.derived
            for verdict in checked.verdicts
            if verdict.option and verdict.option.name not in ("CONDITIONAL_PROOF", "CONCLUDE")
        ]
        said: Iterator[Formula | None] = iter(says(sentences))
        assert all(formula in said for formula in derived), problem.id
        assert set(says(sentences)) <= {*derived, *problem.facts}, problem.id
    assert followed == (count if IS_PUBLISHED else len(list(chains(folder, name))))
    assert refused == ([("example89", 4)] if IS_PUBLISHED and name == "Composed_3hop" else [])


@needs_shared_data
def test_at_least_95_percent_of_the_chains_of_the_six_rules() -> None:
    files = sorted((SHARED / "prontoqa_ood").iterdir())
    assert [file.stem for file in files] == sorted(OOD)
    assert sum(OOD.values()) / sum(len(list(read_chains(file))) for file in files) >= 0.95


def negated(problem: Problem, sentence: str) -> str | None:
    """The sentence with what it says (of a rule, what the rule claims) negated; None where that has no form."""
    formula = english.parse(sentence).formula
    if type(formula) is Forall:
        condition, claim = formula.body.fields
        denied = Forall(Implies(condition, negation(claim)))
    else:
        denied = negation(formula)
    said = english.write(denied, english.nouns(problem.premises))
    opening = re.match("Assume |This contradicts with |", sentence)
    return said and opening and f"{opening[0]}{said}."


SOME = 15  # chains of a file to mutate


@pytest.mark.parametrize(("folder", "name"), [(folder, name) for folder, name, _ in FILES])
def test_a_gold_chain_with_any_sentence_negated_is_refused(folder: str, name: str) -> None:
    mutants = 0
    for problem, sentences in [*chains(folder, name)][:SOME]:
        for at, sentence in enumerate(sentences):
            said = negated(problem, sentence)
            if said:
                mutants += 1
                assert broken(problem, [*sentences[:at], said, *sentences[at + 1 :]]), (problem.id, said)
    assert mutants >= SOME


@pytest.mark.parametrize(
    ("folder", "name"),  # in a Composed chain, what a rule gives may also be part of a conjunction said before
    [(folder, name) for folder, name, _ in FILES if not name.startswith("Composed")],
)
def test_a_gold_chain_with_a_conclusion_before_its_rule_is_refused(folder: str, name: str) -> None:
    mutants = 0
    for problem, sentences in [*chains(folder, name)][:SOME]:
        formulas = says(sentences)
        for at in range(1, len(sentences)):
            rule, conclusion = formulas[at - 1 : at + 1]
            if type(rule) is Forall and conclusion not in problem.facts and rule not in formulas[: at - 1]:
                mutants += 1
                swapped = [*sentences[: at - 1], sentences[at], sentences[at - 1], *sentences[at + 1 :]]
                assert broken(problem, swapped), (problem.id, conclusion)
    assert mutants >= SOME
