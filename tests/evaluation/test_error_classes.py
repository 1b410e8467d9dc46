"""One trace for each class of error, on a problem that can be read at a glance."""

from __future__ import annotations

import pytest

from sokrates.evaluation.error_classes import ErrorClass, classify, error_shares
from sokrates.logic.answer import Decision
from sokrates.logic.entailment import Entailment
from sokrates.metrics import verifier_of
from sokrates.proof.problem import Problem, from_sentences
from sokrates.proof.text import read_steps
from sokrates.proof.verify import Verifier

# Max is a wumpus, so a tumpus, so red; and a lorpus, so shy.
PROBLEM = from_sentences(
    [
        "Every wumpus is a tumpus.",
        "Every tumpus is red.",
        "Every lorpus is shy.",
        "Max is a wumpus.",
        "Max is a lorpus.",
    ],
    "Max is red.",
    id="errors",
    hops=2,
)
TUMPUS = ("Max is a wumpus [3] and every wumpus is a tumpus [0], so Max is a tumpus [5]", "MODUS_PONENS", "3, 0")
RED = ("Max is a tumpus [5] and every tumpus is red [1], so Max is red [6]", "MODUS_PONENS", "5, 1")
TRUE = ("Max is red, so the answer is TRUE", "CONCLUDE", "0")


def classes(*steps: tuple[str, str, str], problem: Problem = PROBLEM) -> list[ErrorClass | None]:
    text = "".join(
        f'Thought: {thought}.\nAction: <Option type="{name}" args="[{args}]" />\n' for thought, name, args in steps
    )
    return classify(problem, Verifier(problem.facts, problem.goal).check(read_steps(text)))


def test_a_valid_proof_has_no_error() -> None:
    assert classes(TUMPUS, RED, TRUE) == [None, None, None]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        # every tumpus is red, but line 3 says wumpus; line 5 would do
        ([TUMPUS, ("so Max is red", "MODUS_PONENS", "3, 1")], ErrorClass.WRONG_FACT),
        ([("so Max is a tumpus", "MODUS_PONENS", "3, 2")], ErrorClass.WRONG_RULE),
        # two hops at once: no other fact that stands, and no other rule, makes it one
        ([("so Max is red", "MODUS_PONENS", "3, 1")], ErrorClass.NOT_FROM_THAT),
        ([("so Max is not a tumpus", "MODUS_PONENS", "3, 0")], ErrorClass.FALSE),
        ([("so Max is not shy", "MODUS_PONENS", "4, 2")], ErrorClass.FALSE),
        ([TUMPUS, ("so Max is a tumpus", "MODUS_PONENS", "4, 1")], ErrorClass.REPEATED),
        ([TRUE], ErrorClass.STOPPED_EARLY),
        ([("so the answer is FALSE", "CONCLUDE", "1")], ErrorClass.FALSE),
        ([("so the answer is UNKNOWN", "CONCLUDE", "2")], ErrorClass.FALSE),
        ([("so", "MODUS_PONENS", "3, 0")], ErrorClass.UNREADABLE),
        ([TUMPUS, RED, TRUE, TUMPUS], ErrorClass.WENT_ON),
    ],
)
def test_each_class_by_example(steps: list, expected: ErrorClass) -> None:
    found = classes(*steps)
    assert found[:-1] == [None] * (len(steps) - 1)
    assert found[-1] is expected


def test_a_true_claim_that_the_proof_does_not_need_is_irrelevant() -> None:
    # "Max is shy" takes a rule that the first citation does not fit, and so does every other line with rule 1.
    assert classes(("so Max is shy", "MODUS_TOLLENS", "3, 1")) == [ErrorClass.IRRELEVANT]


def test_what_is_cited_in_the_wrong_place_is_told_by_what_is_missing() -> None:
    """A disjunction is a fact, wherever the option names it, and a part's number is no line."""
    problem = from_sentences(
        [
            "Max is a wumpus or a lorpus.",
            "Max is not a wumpus.",
            "Max is big and red.",
            "Max is a lorpus or a jompus.",
        ],
        "Max is a lorpus.",
        id="disjunction",
    )
    verifier = Verifier(problem.facts, problem.goal)

    def found(thought: str, name: str, args: str) -> ErrorClass | None:
        text = f'Thought: {thought}.\nAction: <Option type="{name}" args="[{args}]" />\n'
        (only,) = classify(problem, verifier.check(read_steps(text)))
        return only

    assert found("so Max is a lorpus", "DISJUNCTIVE_SYLLOGISM", "3, 1") is ErrorClass.WRONG_FACT
    assert found("so Max is a lorpus", "DISJUNCTIVE_SYLLOGISM", "0, 2") is ErrorClass.WRONG_FACT
    assert found("so Max is red", "AND_ELIM", "2, 0") is ErrorClass.IRRELEVANT


def test_what_is_assumed_counts_where_the_claim_stands() -> None:
    """Assuming that Max is a zumpus, he is a numpus: true there, of the wrong rule; outside it is false."""
    problem = from_sentences(
        ["Every zumpus is a numpus.", "Every numpus is shy.", "Max is a wumpus."],
        "If Max is a zumpus then Max is shy.",
        id="scope",
    )
    wrong_rule = ("so Max is a numpus", "MODUS_PONENS", "3, 1")
    assume = ("assume that Max is a zumpus [3]", "ASSUME", "goal, 1, 0")
    false = ("so Max is not a wumpus", "MODUS_PONENS", "3, 0")
    assert classes(assume, wrong_rule, false, problem=problem) == [None, ErrorClass.WRONG_RULE, ErrorClass.FALSE]
    assert classes(wrong_rule, problem=problem) == [ErrorClass.FALSE]
    closing = ("so Max is a numpus", "CONDITIONAL_PROOF", "3, 4")  # what it claims stands outside the scope
    assert classes(assume, wrong_rule, closing, problem=problem)[-1] is ErrorClass.FALSE


def test_what_z3_gives_up_is_not_false(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Entailment, "entails", lambda *_: None)
    monkeypatch.setattr(verifier_of(PROBLEM.facts, PROBLEM.goal), "decision", Decision.UNDECIDED)
    assert classes(("so Max is shy", "MODUS_PONENS", "3, 2")) == [ErrorClass.UNDECIDED]
    assert classes(("so the answer is FALSE", "CONCLUDE", "1")) == [ErrorClass.UNDECIDED]


def test_shares_sum_to_one_and_depths_add_up() -> None:
    verifier = Verifier(PROBLEM.facts, PROBLEM.goal)
    text = 'Thought: so Max is red.\nAction: <Option type="MODUS_PONENS" args="[3, 1]" />\nrubbish\n'
    found = error_shares([(PROBLEM, verifier.check(read_steps(text)))])
    assert found["steps"] == 2 == found["by_depth"]["2"]["steps"]
    assert sum(share["value"] for share in found["shares"].values()) == 1
    assert (
        found["shares"]["unreadable"]["value"] == found["shares"]["true, not from what it cites"]["value"] == 0.5
    )
