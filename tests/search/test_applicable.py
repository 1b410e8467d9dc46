"""The options listed for a state: each is valid, and each step of a proof that search finds is among them."""

from __future__ import annotations

import pytest
from formulas import formulas
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_data import problem_file

from sokrates.data.sources import read_file
from sokrates.logic import fol
from sokrates.logic.answer import Answer, Decision
from sokrates.logic.formula import Formula
from sokrates.proof.kernel import State, derive
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import Problem
from sokrates.proof.text import CONCLUDE
from sokrates.proof.verify import Verifier
from sokrates.search.applicable import applicable, applicable_names
from sokrates.search.prove import prove


def state(*premises: str, goal: str) -> State:
    return State([fol.read(text).formula for text in premises], fol.read(goal).formula)


def option(name: str, *args: int | str) -> Option:
    return Option(name, args)


def take(here: State, *options: Option) -> State:
    for taken in options:
        here.apply(taken)
    return here


def valid(here: State, listed: Option) -> bool:
    if listed.name == CONCLUDE:
        return isinstance(here.copy().conclude(listed, lambda: Decision.UNDECIDED), Answer)
    return not isinstance(derive(here, listed), Reason)


def others(here: State) -> list[Option]:
    """What is listed, but for what may be assumed or generalized."""
    names = ("ASSUME", "EXIST_GENERALIZATION")
    return [listed for listed in applicable(here) if listed.name not in names]


def test_the_options_of_a_chain() -> None:
    here = state("∀x (P(x) → Q(x))", "P(a)", "P(b)", goal="Q(a)")
    assert others(here) == [
        option("MODUS_PONENS", 1, 0),
        option("MODUS_PONENS", 2, 0),
        option("UNIV_INSTANTIATION", 0, "a"),
        option("UNIV_INSTANTIATION", 0, "b"),
        option("UNIV_INSTANTIATION", 0, "ArbitraryA"),
    ]
    assert applicable(take(here, option("MODUS_PONENS", 1, 0)))[-1] == Option(CONCLUDE, (0,))


def test_conjunctions_are_made_where_something_asks_for_them() -> None:
    asked = state("∀x (P(x) ∧ Q(x) → R(x))", "Q(a)", "P(a)", "P(b)", goal="R(a)")
    assert option("AND_INTRO", 2, 1) in applicable(asked)
    made = [listed for listed in applicable(asked) if listed.name == "AND_INTRO"]
    assert made == [option("AND_INTRO", 2, 1)]  # neither in another order nor of two individuals


def test_what_may_be_assumed() -> None:
    here = state("P(a) → Q(b)", goal="Q(b)")
    assumed = [derive(here, listed) for listed in applicable(here) if listed.name == "ASSUME"]
    texts = [fol.write(formula) for formula in assumed if not isinstance(formula, Reason)]
    assert texts == ["Q(b)", "¬Q(b)", "P(a) → Q(b)", "¬(P(a) → Q(b))", "P(a)", "¬P(a)"]


def test_a_scope_can_be_closed_and_its_lines_are_then_gone() -> None:
    here = take(state("P → Q", goal="P → Q"), option("ASSUME", 0, 1, 0))
    assert option("CONDITIONAL_PROOF", 1, 1) in applicable(here)
    assert option("MODUS_PONENS", 1, 0) in applicable(here)
    take(here, option("CONDITIONAL_PROOF", 1, 1))
    assert all(1 not in listed.args[:1] for listed in applicable(here) if listed.name == "MODUS_PONENS")
    assert not any(listed.name == "CONDITIONAL_PROOF" for listed in applicable(here))


@given(st.lists(formulas(2), max_size=3), formulas(2), st.data())
@settings(max_examples=60)
def test_each_option_listed_is_valid(premises: list[Formula], goal: Formula, data: st.DataObject) -> None:
    here = State(premises, goal)
    for _ in range(4):
        listed = applicable(here)
        assert all(valid(here, one) for one in listed)
        assert len(set(listed)) == len(listed) and listed == applicable(here.copy())
        names = applicable_names(here)
        assert sorted(names) == sorted({one.name for one in listed})
        assert [one for name in names for one in applicable(here, name)] == sorted(
            listed, key=lambda one: names.index(one.name)
        )
        going_on = [one for one in listed if one.name != CONCLUDE]
        if not going_on:
            return
        take(here, data.draw(st.sampled_from(going_on)))


FITTING = [  # premises that rules use together in many ways
    *("P(a)", "¬P(a)", "¬¬P(a)", "Q(b)", "¬Q(a)", "P(a) ∧ Q(a)", "¬(P(a) ∧ Q(a))", "R(a, b)", "∃x Q(x)"),
    *("P(a) → Q(a)", "Q(a) → P(a)", "¬P(a) → Q(b)", "Q(b) → ¬¬P(a)", "(P(a) → Q(a)) → P(a)"),
    *("∀x (P(x) → Q(x))", "∀x (Q(x) → P(x))", "∀x (Q(x) → ¬P(x))", "∀x (¬P(x) → P(x) ∧ Q(x))"),
    *("∀x (P(x) ∧ Q(x) → P(x))", "∀x ∀y (R(x, y) → R(y, x))", "∀x (P(x) → ∃y R(x, y))", "∀x (∃y R(x, y) → P(x))"),
]


@given(st.lists(st.sampled_from(FITTING), min_size=1, max_size=8), st.data())
@settings(max_examples=150)
def test_no_use_of_an_implication_is_left_out(premises: list[str], data: st.DataObject) -> None:
    here = state(*premises, goal="P(a) ∧ Q(a)")
    names = ("MODUS_PONENS", "MODUS_TOLLENS", "HYPOTHETICAL_SYLLOGISM", "BICONDITIONAL_INTRO")
    for _ in range(3):
        pairs = [(i, j) for i in range(len(here.lines)) for j in range(len(here.lines))]
        every = {Option(name, pair) for name in names for pair in pairs if valid(here, Option(name, pair))}
        assert {listed for listed in applicable(here) if listed.name in names} == every
        if not every:
            return
        take(here, data.draw(st.sampled_from(sorted(every, key=str))))


SAMPLES = [
    ("folio/folio-validation-v0.0-sample.jsonl", 1),
    ("proofwriter/logic_lm_dev.json", 60),
    *((f"prontoqa_ood/{name}.json", 20) for name in ("Composed_4hop", "OrElim_1hop_width3")),
    ("prontoqa_ood/ProofByContra_1hop_width2.json", 10),
]


@pytest.mark.parametrize(("path", "every"), SAMPLES)
def test_each_step_of_a_proof_is_listed(path: str, every: int) -> None:
    for problem in list(read_file(problem_file(path)))[::every]:
        assert isinstance(problem, Problem)
        here = problem.state
        for taken in prove(here, Verifier(problem.facts, problem.goal).decide) or ():
            if taken == Option(CONCLUDE, (Answer.UNKNOWN.value,)):
                continue
            assert taken in applicable(here), (problem.id, taken)
            if taken.name != CONCLUDE:
                take(here, taken)
