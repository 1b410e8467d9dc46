"""The reading *cited*: what a step claims follows from what it cites."""

from __future__ import annotations

import pytest
from specimens import CAREFUL, SHORTCUT, problem, step

from sokrates.evaluation.cited import cited_reading
from sokrates.logic import fol
from sokrates.proof.text import Step, read_steps
from sokrates.proof.verify import Verifier


def reading(steps: list[Step], premises: list[str] | None = None, goal: str = "") -> list[bool | None]:
    given = problem()
    facts = [fol.read(text).formula for text in premises] if premises else given.facts
    verifier = Verifier(facts, fol.read(goal).formula if premises else given.goal)
    return cited_reading(verifier.check(steps))


def test_a_careful_proof_is_valid_and_a_shortcut_is_not() -> None:
    assert reading(read_steps(CAREFUL)) == [True, True, True]
    assert reading(read_steps(SHORTCUT)) == [True, False, False]


def test_the_rule_does_not_matter_and_the_citation_does() -> None:
    wrong_rule = CAREFUL.replace("MODUS_PONENS", "AND_INTRO")
    assert reading(read_steps(wrong_rule)) == [True, True, True]
    assert reading(read_steps(wrong_rule.replace("AND_INTRO", "RULE"))) == [True, True, True]
    assert reading(read_steps(CAREFUL.replace("[4, 2]", "[4, 3]"))) == [True, False, False]


def test_a_claim_need_not_be_what_the_rule_derives() -> None:
    weaker = step("so Stella is a tumpus or small", "MODUS_PONENS 1, 0")
    other = step("so Stella is small", "MODUS_PONENS 1, 0")
    assert reading([weaker, other]) == [True, False]


def test_a_line_stands_as_its_step_claims_it_and_not_as_the_kernel_has_it() -> None:
    weaker = step("so Stella is a tumpus or a wumpus", "MODUS_PONENS 1, 0")
    derived = step("so Stella is not small", "MODUS_PONENS 4, 2")  # from "Stella is a tumpus", which nobody claims
    assert reading([weaker, derived]) == [True, False]


def test_what_does_not_stand_does_not_count() -> None:
    false = step("so Stella is a zumpus", "MODUS_PONENS 1, 0")
    later = step("so Stella is small", "MODUS_PONENS 4, 3")
    assert reading([false, later]) == [False, False]
    assert reading([step("so Stella is small", "MODUS_PONENS 4, 3")]) == [False]  # it cites itself
    assert reading([step("x", "MODUS_PONENS 1, 0"), step("so Stella is small", "RULE 77, -1")]) == [
        False,
        False,
    ]


SCOPES = ["P(a) → Q(a)", "¬Q(a)", "∃x P(x)", "∀x R(x)"]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([("assume that P(a)", "ASSUME goal, 1, 0"), ("so Q(a)", "MODUS_PONENS 4, 0"),
            ("so ¬P(a)", "CONTRADICTION 5, 1")], [True, True, True]),
        # what is claimed at the end may be weaker, and no stronger
        ([("assume that P(a)", "ASSUME goal, 1, 0"), ("so P(a) → Q(a) ∨ S", "CONDITIONAL_PROOF 4, 4")],
            [True, False]),
        ([("assume that P(a)", "ASSUME goal, 1, 0"), ("so P(a)", "CONDITIONAL_PROOF 4, 4")], [True, False]),
        ([("assume that P(a)", "ASSUME goal, 1, 0"), ("so P(a) → P(a) ∨ S", "CONDITIONAL_PROOF 4, 4")],
            [True, True]),
        # a closed scope does not stand
        ([("assume that P(a)", "ASSUME goal, 1, 0"), ("so P(a) → P(a)", "CONDITIONAL_PROOF 4, 4"),
            ("so Q(a)", "MODUS_PONENS 4, 0")], [True, True, False]),
        # nothing that follows from ∃x P(x) names the individual
        ([("so P(WitnessE)", "EXIST_INSTANTIATION 2"), ("so P(b)", "UNIV_INSTANTIATION 2, b")], [True, False]),
        ([("so R(c)", "UNIV_INSTANTIATION 3, c"), ("so ∀x R(x)", "UNIV_GENERALIZATION 4, c")], [True, True]),
        # the witness of a closed scope is named in no claim, even a weaker one
        ([("assume that P(a)", "ASSUME goal, 1, 0"), ("so P(WitnessF)", "EXIST_INSTANTIATION 2"),
            ("so P(a) → P(WitnessF)", "CONDITIONAL_PROOF 4, 4")], [True, True, False]),
    ],
)  # fmt: skip
def test_scopes(steps: list[tuple[str, str]], expected: list[bool]) -> None:
    assert reading([step(thought, action) for thought, action in steps], SCOPES, "¬P(a)") == expected


def test_a_conclusion_under_an_assumption_does_not_stand() -> None:
    steps = [step("assume that ¬P(a)", "ASSUME goal, 0, 0"), step("x", "CONCLUDE 0")]
    assert reading(steps, SCOPES, "¬P(a)") == [True, False]
    assert reading([step("x", "CONCLUDE 2")], ["P"], "Q") == [True]
    assert reading([step("x", "CONCLUDE 2")], ["P"], "P") == [False]
    assert reading([step("x", "CONCLUDE 0"), step("so P", "RULE 0")], ["P"], "P") == [True, False]
