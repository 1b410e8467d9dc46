"""What an answer rests on, and the role of each step, on proofs worked by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from derivations import random_derivation

from sokrates.logic import fol
from sokrates.logic.answer import Answer
from sokrates.logic.formula import Formula
from sokrates.proof.dependencies import Dependencies, Role, needed_options
from sokrates.proof.kernel import ASSUME
from sokrates.proof.option import Option
from sokrates.proof.text import CONCLUDE, Step, read_call
from sokrates.proof.verify import Checked, Verifier

NEEDED, NOT_NEEDED, REPEAT, RESTATEMENT, REJECTED = Role


def formula(text: str) -> Formula:
    return fol.read(text).formula


def rests_on(found: Dependencies, checked: Checked, count: int) -> tuple[tuple[int, ...], ...]:
    return tuple(found.rests_on(verdict, index) for index, verdict in enumerate(checked.verdicts, count))


def proof(premises: Sequence[str], goal: str, *steps: str) -> tuple[Checked, Dependencies]:
    """A trace of `OPTION(args): claim` lines, checked; CONCLUDE has no claim."""
    facts, wanted = tuple(formula(premise) for premise in premises), formula(goal)
    written = []
    for step in steps:
        call, _, claim = step.partition(": ")
        option = read_call(call)
        assert option is not None, call
        marker = "assume that " if option.name == ASSUME else "therefore "
        written.append(Step(f"{marker}{claim}" if claim else "", option))
    checked = Verifier(facts, wanted).check(written)
    return checked, checked.dependencies


def test_a_dead_end_is_not_needed() -> None:
    # 0 P(a), 1 P→Q, 2 P→R, 3 Q→S; 4 Q, 5 R (dead end), 6 S
    checked, found = proof(
        ["P(a)", "∀x (P(x) → Q(x))", "∀x (P(x) → R(x))", "∀x (Q(x) → S(x))"],
        "S(a)",
        "MODUS_PONENS(0, 1): Q(a)",
        "MODUS_PONENS(0, 2): R(a)",
        "MODUS_PONENS(4, 3): S(a)",
        "CONCLUDE(0)",
    )
    assert all(verdict.valid for verdict in checked.verdicts)
    assert rests_on(found, checked, 4) == ((0, 1), (0, 2), (4, 3), (6,))
    assert found.roles == (NEEDED, NOT_NEEDED, NEEDED, NEEDED)
    assert found.needed == {0, 1, 3, 4, 6}


def test_a_goal_among_the_premises_needs_no_step() -> None:
    _, found = proof(["P(a)", "∀x (P(x) → Q(x))"], "P(a)", "MODUS_PONENS(0, 1): Q(a)", "CONCLUDE(0)")
    assert (found.roles, found.needed) == ((NOT_NEEDED, NEEDED), {0})


def test_false_rests_on_the_negation() -> None:
    checked, found = proof(["P(a)", "∀x (P(x) → ¬Q(x))"], "Q(a)", "MODUS_PONENS(0, 1): ¬Q(a)", "CONCLUDE(1)")
    assert (rests_on(found, checked, 2)[1], found.needed) == ((2,), {0, 1, 2})


def test_a_rejected_step_rests_on_nothing_and_settles_nothing() -> None:
    _, found = proof(["P(a)", "∀x (P(x) → Q(x))"], "Q(a)", "MODUS_TOLLENS(0, 1): Q(a)", "CONCLUDE(0)")
    assert (found.roles, found.needed) == ((REJECTED, REJECTED), None)


def test_a_line_with_a_wrong_claim_is_rejected_though_others_may_rest_on_it() -> None:
    # The option derives Q(a); the Thought says R(a). The kernel keeps Q(a).
    _, found = proof(["P(a)", "∀x (P(x) → Q(x))"], "Q(a)", "MODUS_PONENS(0, 1): R(a)", "CONCLUDE(0)")
    assert (found.roles, found.needed) == ((REJECTED, NEEDED), {0, 1, 2})


def test_unknown_rests_on_no_line() -> None:
    _, found = proof(["P(a)", "∀x (P(x) → Q(x))"], "R(a)", "MODUS_PONENS(0, 1): Q(a)", "CONCLUDE(2)")
    assert (found.roles, found.needed) == ((NOT_NEEDED, NEEDED), None)


def test_case_split_needs_the_disjunction_and_each_case() -> None:
    # 0 P∨Q, 1 P→R, 2 Q→S, 3 S→R, 4 T; 5 Q→R by 2 and 3, 6 T∧T (not used), 7 R
    checked, found = proof(
        ["P(a) ∨ Q(a)", "P(a) → R(a)", "Q(a) → S(a)", "S(a) → R(a)", "T(a)"],
        "R(a)",
        "HYPOTHETICAL_SYLLOGISM(2, 3): Q(a) → R(a)",
        "AND_INTRO(4, 4): T(a) ∧ T(a)",
        "CASE_SPLIT(0, 1, 5): R(a)",
        "CONCLUDE(0)",
    )
    assert rests_on(found, checked, 5) == ((2, 3), (4,), (0, 1, 5), (7,))
    assert found.roles == (NEEDED, RESTATEMENT, NEEDED, NEEDED)
    assert found.needed == {0, 1, 2, 3, 5, 7}


def test_conditional_proof_needs_the_assumption_and_the_end_of_its_scope() -> None:
    # 0 P→Q, 1 Q→R; 2 assume P, 3 Q, 4 R, 5 P→R
    checked, found = proof(
        ["P(a) → Q(a)", "Q(a) → R(a)"],
        "P(a) → R(a)",
        "ASSUME(goal, 1, 0): P(a)",
        "MODUS_PONENS(2, 0): Q(a)",
        "MODUS_PONENS(3, 1): R(a)",
        "CONDITIONAL_PROOF(2, 4): P(a) → R(a)",
        "CONCLUDE(0)",
    )
    assert rests_on(found, checked, 2) == ((), (2, 0), (3, 1), (2, 4), (5,))
    assert found.roles == (NEEDED,) * 5
    assert found.needed == {0, 1, 2, 3, 4, 5}


def test_an_assumption_that_the_conclusion_of_its_scope_does_not_use_is_needed_to_close_it() -> None:
    # 0 Q; 1 assume P, 2 P→Q from P and line 0: the scope could not close without line 1
    _, found = proof(
        ["Q(a)"], "P(a) → Q(a)", "ASSUME(goal, 1, 0): P(a)", "CONDITIONAL_PROOF(1, 0): P(a) → Q(a)", "CONCLUDE(0)"
    )
    assert (found.roles, found.needed) == ((NEEDED,) * 3, {0, 1, 2})


def test_contradiction_needs_both_sides_and_the_assumption_it_refutes() -> None:
    # 0 P→Q, 1 ¬Q, 2 R→S, 3 R; 4 assume P, 5 S (not used), 6 Q, 7 ¬P
    checked, found = proof(
        ["P(a) → Q(a)", "¬Q(a)", "R(a) → S(a)", "R(a)"],
        "¬P(a)",
        "ASSUME(goal, 1, 0): P(a)",
        "MODUS_PONENS(3, 2): S(a)",
        "MODUS_PONENS(4, 0): Q(a)",
        "CONTRADICTION(6, 1): ¬P(a)",
        "CONCLUDE(0)",
    )
    assert rests_on(found, checked, 4) == ((), (3, 2), (4, 0), (6, 1, 4), (7,))
    assert found.roles == (NEEDED, NOT_NEEDED, NEEDED, NEEDED, NEEDED)
    assert found.needed == {0, 1, 4, 6, 7}


def test_contradiction_between_premises_still_needs_the_assumption() -> None:
    checked, found = proof(
        ["P(a)", "¬P(a)"], "Q(a)", "ASSUME(goal, 0, 1): ¬Q(a)", "CONTRADICTION(0, 1): Q(a)", "CONCLUDE(0)"
    )
    assert (rests_on(found, checked, 2)[1], found.needed) == ((0, 1, 2), {0, 1, 2, 3})


def test_exist_instantiation_rests_on_the_existential() -> None:
    # 0 ∃x P(x), 1 ∀x (P(x) → Q(x)); 2 P(WitnessC), 3 Q(WitnessC), 4 ∃x Q(x)
    _, found = proof(
        ["∃x P(x)", "∀x (P(x) → Q(x))"],
        "∃x Q(x)",
        "EXIST_INSTANTIATION(0): P(WitnessC)",
        "MODUS_PONENS(2, 1): Q(WitnessC)",
        "EXIST_GENERALIZATION(3, WitnessC): ∃x Q(x)",
        "CONCLUDE(0)",
    )
    assert found.roles == (NEEDED,) * 4
    assert found.needed == {0, 1, 2, 3, 4}


def test_a_repeat_stays_a_repeat_when_it_is_cited() -> None:
    # 3 Q and 4 Q again; 5 cites the copy, and counts as citing line 3
    checked, found = proof(
        ["P(a)", "P(a) → Q(a)", "Q(a) → R(a)"],
        "R(a)",
        "MODUS_PONENS(0, 1): Q(a)",
        "MODUS_PONENS(0, 1): Q(a)",
        "MODUS_PONENS(4, 2): R(a)",
        "CONCLUDE(0)",
    )
    assert rests_on(found, checked, 3)[2] == (4, 2)
    assert found.roles == (NEEDED, REPEAT, NEEDED, NEEDED)
    assert found.needed == {0, 1, 2, 3, 5}


def test_a_detour_that_comes_back_is_a_restatement_and_a_repeat() -> None:
    # 2 P∧P from P, 3 P from P∧P: neither is needed though 4 cites the second
    _, found = proof(
        ["P(a)", "P(a) → Q(a)"],
        "Q(a)",
        "AND_INTRO(0, 0): P(a) ∧ P(a)",
        "AND_ELIM(2, 0): P(a)",
        "MODUS_PONENS(3, 1): Q(a)",
        "CONCLUDE(0)",
    )
    assert found.roles == (RESTATEMENT, REPEAT, NEEDED, NEEDED)
    assert found.needed == {0, 1, 4}


def test_a_premise_in_another_order_is_needed_where_the_goal_wants_that_order() -> None:
    steps = ("AND_ELIM(0, 0): P(a)", "AND_ELIM(0, 1): Q(a)", "AND_INTRO(2, 1): Q(a) ∧ P(a)", "CONCLUDE(0)")
    _, found = proof(["P(a) ∧ Q(a)"], "Q(a) ∧ P(a)", *steps)
    assert found.roles == (NEEDED,) * 4


def test_a_quantified_premise_without_its_double_part_is_a_restatement() -> None:
    steps = ("UNIV_INSTANTIATION(0, b): P(b) ∧ P(b)", "AND_ELIM(1, 0): P(b)", "UNIV_GENERALIZATION(2, b): ∀x P(x)")
    _, found = proof(["∀x (P(x) ∧ P(x))"], "Q(a)", *steps)
    assert found.roles == (NOT_NEEDED, RESTATEMENT, RESTATEMENT)


def test_what_was_derived_in_a_closed_scope_is_no_repeat_outside_it() -> None:
    # 2 assume P, 3 Q, 4 P→Q; then 5 assume P again, 6 Q again, 7 P→Q again: only the last repeats
    again = ("ASSUME(goal, 1, 0): P(a)", "MODUS_PONENS({}, 0): Q(a)", "CONDITIONAL_PROOF({}, {}): P(a) → Q(a)")
    _, found = proof(
        ["P(a) → Q(a)", "R(a)"],
        "P(a) → R(a)",
        *(step.format(2, 3) for step in again),
        *(step.format(5, 6) for step in again),
    )
    assert found.roles == (NOT_NEEDED, NOT_NEEDED, REPEAT, NOT_NEEDED, NOT_NEEDED, REPEAT)
    assert found.needed is None


@pytest.mark.parametrize(
    "steps", [[], ["CONCLUDE(5)"], ["NONSENSE(0)", "CONCLUDE(0)", "MODUS_PONENS(0, 1): Q(a)"]]
)
def test_traces_that_settle_nothing_have_no_needed_line(steps: list[str]) -> None:
    checked, found = proof(["P(a)", "P(a) → Q(a)"], "Q(a)", *steps)
    assert found.needed is None
    assert found.roles == (REJECTED,) * len(checked.verdicts)


@pytest.mark.parametrize("seed", range(60))
def test_the_needed_lines_alone_still_prove_the_answer(seed: int) -> None:
    """Of a random proof, dropping every step that is not needed leaves one: the kernel checks it."""
    premises, goal, steps = random_derivation(Random(seed), Counter())
    options = [option for option, _ in steps]
    again = Random(seed).choice(options)  # a repeat of a step, which no answer needs
    verifier = Verifier(premises, goal)
    checked = verifier.check([Step("", option) for option in (*options, again, Option(CONCLUDE, (0,)))])
    assert checked.answer is Answer.TRUE
    actions = replace(checked, verdicts=tuple(v._replace(reason=v.rejection) for v in checked.verdicts))
    found = actions.dependencies
    assert found.needed is not None and len(found.roles) == len(options) + 2
    shorter = verifier.check([Step("", option) for option in needed_options(actions)])
    assert [verdict.rejection for verdict in shorter.verdicts] == [None] * found.roles.count(NEEDED)
    assert shorter.answer is actions.answer
