"""Entailment: worked verdicts, the ways of deciding against each other, limits, and FOLIO's labels.

Speed is not tested here.
"""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from formulas import formulas
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_data import SHARED, needs_shared_data

from sokrates.logic import entailment, fol
from sokrates.logic.answer import Decision
from sokrates.logic.entailment import Entailment
from sokrates.logic.formula import FALSITY, TRUTH, Formula, Not

FOLIO = SHARED / "folio" / "folio-validation-v0.0-sample.jsonl"
LABELS = {"True": Decision.TRUE, "False": Decision.FALSE, "Uncertain": Decision.UNKNOWN}
ORDER_WITHOUT_END = ("∀x ∃y R(x, y)", "∀x ¬R(x, x)", "∀x ∀y ∀z ((R(x, y) ∧ R(y, z)) → R(x, z))")
ENDLESS = "∀x ∀y (R(x, y) → ∃z (R(y, z) ∧ ¬R(z, y)))"  # follows from them, and is found


def _formula(text: str) -> Formula:
    return fol.read(text).formula


def _premises(*texts: str) -> Entailment:
    return Entailment([_formula(text) for text in texts])


CHAIN = (
    "∀x (wumpus(x) → tumpus(x))",
    "∀x (tumpus(x) → ¬small(x))",
    "∀x (small(x) → rompus(x))",
    "wumpus(Stella)",
)


@pytest.mark.parametrize(
    ("premises", "goal", "decision"),
    [
        (CHAIN, "tumpus(Stella)", Decision.TRUE),
        (CHAIN, "small(Stella)", Decision.FALSE),
        (CHAIN, "rompus(Stella)", Decision.UNKNOWN),
        (CHAIN, "wumpus(Max)", Decision.UNKNOWN),
        (CHAIN, "∀x (wumpus(x) → ¬small(x))", Decision.TRUE),
        (CHAIN, "∀x (small(x) → ¬wumpus(x))", Decision.TRUE),
        (CHAIN, "∀x (rompus(x) → small(x))", Decision.UNKNOWN),
        (CHAIN, "∃x ¬small(x)", Decision.TRUE),
        (CHAIN, "∃x small(x)", Decision.UNKNOWN),
        ((*CHAIN, "small(Stella)"), "rompus(Max)", Decision.INCONSISTENT),
        (("∃x P(x)",), "P(a)", Decision.UNKNOWN),
        (("∀x P(x)",), "∃x P(x)", Decision.TRUE),  # domains are not empty
        (("P(a)", "¬P(b)"), "∀x P(x)", Decision.FALSE),
        (("P(a)",), "∀x P(x)", Decision.UNKNOWN),
        (("P(a) ⊕ Q(a)", "P(a)"), "Q(a)", Decision.FALSE),
        (("P(a) ↔ Q(a)", "¬P(a)"), "Q(a)", Decision.FALSE),
        (("P(a) ∨ Q(a)", "P(a) → R(a)", "Q(a) → R(a)"), "R(a)", Decision.TRUE),
        (("P(a)",), "P(a, a)", Decision.UNKNOWN),  # another predicate, of arity 2
        (("∃x ∀y R(x, y)",), "∀y ∃x R(x, y)", Decision.TRUE),
        (("∀y ∃x R(x, y)",), "∃x ∀y R(x, y)", Decision.UNKNOWN),
        (("∀y ∃x R(x, y)",), "∃x R(x, a)", Decision.TRUE),
        (("∀x ∃y R(x, y)", "∀x ∀y (R(x, y) → (P(x) ⊕ P(y)))", "P(a)"), "P(b)", Decision.UNKNOWN),  # not by z3
        (("∀x (P(x) ↔ ∃y R(x, y))", "R(a, b)"), "P(a) ∧ ¬P(b)", Decision.UNKNOWN),
        ((), "⊤", Decision.TRUE),
        ((), "⊥", Decision.FALSE),
        ((), "P ∨ ¬P", Decision.TRUE),
        (("⊥",), "⊤", Decision.INCONSISTENT),
    ],
)
def test_decides(premises: tuple[str, ...], goal: str, decision: Decision) -> None:
    assert _premises(*premises).decide(_formula(goal)) is decision


def test_entails_says_less_than_decide() -> None:
    assert _premises(*CHAIN).entails(_formula("rompus(Stella)")) is False
    assert _premises("⊥").entails(_formula("P")) is True


def test_mutual_definitions_do_not_send_z3_in_circles() -> None:
    """As equations under ∀, these two keep z3 5.4.1 rewriting until the limit."""
    definitions = [_formula(text) for text in ("∀x (P(a, x) ↔ Q(a, a))", "∀x ¬(Q(a, x) ↔ P(a, a))")]
    assert entailment._satisfiable_by_z3(definitions, 10_000).satisfiable is False


@settings(deadline=None, max_examples=80)
@given(st.lists(formulas(max_depth=3), max_size=4), formulas(max_depth=2))
def test_the_searches_agree_with_z3(problem: list[Formula], denial: Formula) -> None:
    solved = entailment._satisfiable_by_z3([*problem, denial], 100_000).satisfiable
    premises = Entailment(problem)
    if solved is not None and premises._small is not None:
        if premises._herbrand is not None:
            with suppress(entailment._OutsideFragment):
                assert premises._herbrand.satisfiable_with(denial, 100_000).satisfiable is solved
        assert solved or not premises._small.satisfiable_with(denial, 100_000).satisfiable


@settings(deadline=None, max_examples=60)
@given(st.lists(formulas(max_depth=2), max_size=3), st.lists(formulas(max_depth=2), min_size=2, max_size=5))
def test_a_question_leaves_nothing_behind(problem: list[Formula], goals: list[Formula]) -> None:
    premises = Entailment(problem, rlimit=20_000)
    together = [premises.entails(goal) for goal in goals]
    assert together == [Entailment(problem, rlimit=20_000).entails(goal) for goal in goals]
    assert together == [premises.entails(goal) for goal in goals]


@settings(deadline=None, max_examples=60)
@given(formulas(max_depth=3), formulas(max_depth=3))
def test_verdicts_keep_the_laws_of_logic(premise: Formula, goal: Formula) -> None:
    premises = Entailment([premise])
    assert premises.entails(premise) in (True, None)
    assert premises.entails(TRUTH) is True
    if premises.decide(goal) in (Decision.TRUE, Decision.FALSE):
        assert premises.entails(FALSITY) is False
        assert premises.decide(Not(goal)) is not premises.decide(goal)


# Limits


def test_a_problem_without_finite_models_is_undecided() -> None:
    premises = Entailment([_formula(text) for text in ORDER_WITHOUT_END], rlimit=20_000)
    assert premises.entails(_formula("R(a, a)")) is None
    assert premises.decide(_formula("P(a)")) is Decision.UNDECIDED
    assert premises.entails(_formula(ENDLESS)) is True


def test_a_verdict_at_the_limit_does_not_depend_on_what_was_asked_before() -> None:
    texts = ("∀x ∃y R(x, y)", "∀x ∀y (R(x, y) → (P(x) ⊕ P(y)))", "P(a)")
    goals = [_formula(text) for text in ("∃x ¬P(x)", "∃x (R(a, x) ∧ ¬P(x))", "∀x P(x)", "P(b)", "R(a, a)")]
    verdicts = set()
    for rlimit in (50, 200, 350, 500, 650, 800, 1000, 2000, 4000):
        premises = Entailment([_formula(text) for text in texts], rlimit)
        onwards = [premises.entails(goal) for goal in goals]
        backwards = [premises.entails(goal) for goal in reversed(goals)]
        alone = [Entailment([_formula(text) for text in texts], rlimit).entails(goal) for goal in goals]
        assert onwards == backwards[::-1] == alone
        verdicts.update(onwards)
    assert verdicts == {True, False, None}


def pigeonholes(pigeons: int, holes: int) -> str:
    """That each of the pigeons sits in a hole and no two in one: false where there are more of them than holes."""
    each = [" ∨ ".join(f"P(p{p}, h{h})" for h in range(holes)) for p in range(pigeons)]
    pairs = [(p, q, h) for h in range(holes) for p in range(pigeons) for q in range(p)]
    apart = [f"¬(P(p{p}, h{h}) ∧ P(p{q}, h{h}))" for p, q, h in pairs]
    return " ∧ ".join([*(f"({one})" for one in each), *apart])


def test_a_hostile_claim_is_undecided_instead_of_searched_for_long() -> None:
    """Valid, within the readers' length, and out of reach of resolution: it must not hold an audit up."""
    assert _premises("Q(a)").entails(_formula(f"¬({pigeonholes(6, 5)})")) is True
    hostile = _formula(f"¬({pigeonholes(11, 10)})")
    assert _premises("Q(a)").entails(hostile) is None
    assert _premises("Q(a)").decide(hostile) is Decision.UNDECIDED
    assert _premises("Q(a)", "∀x ∃y R(x, y)").entails(hostile) is None


@pytest.mark.parametrize("sign", ["↔", "⊕"])
def test_nested_sides_do_not_double_at_every_level(sign: str) -> None:
    """98 levels; each takes two clauses of three literals and four of two, 20 symbols or so."""
    chain = f" {sign} ".join(f"P{number}(a)" for number in range(99))
    premises = Entailment([_formula(chain), *(_formula(f"P{number}(a)") for number in range(1, 99))])
    assert premises.entails(_formula("P0(a)")) is True  # of 99 an even number does not hold, or an odd one does
    assert premises.entails(_formula(f"{chain} {sign} Q(a)" if sign == "⊕" else f"{chain} ↔ Q(a)")) is False
    assert premises.work < 10_000


def test_past_the_limit_of_size_z3_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entailment, "MAX_NODES", 10)
    assert _premises(*ORDER_WITHOUT_END).entails(_formula(ENDLESS)) is None


def test_past_the_limit_of_grounding_z3_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entailment, "MAX_SYMBOLS", 1)
    premises = _premises(*CHAIN)
    assert premises._herbrand is None
    assert premises.decide(_formula("small(Stella)")) is Decision.FALSE
    assert premises.decide(_formula("rompus(Stella)")) is Decision.UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        " ↔ ".join(f"P{i}(a)" for i in range(90)),
        " ∨ ".join(f"(P{i}(a) ∧ Q{i}(a))" for i in range(60)),
        " ∨ ".join(["(⊥ ∧ P ∧ ⊥)"] * 60) + " ∨ Q",
        " ".join(f"∀v{i}" for i in range(60)) + f" P({', '.join(f'v{i}' for i in range(60))})",
    ],
)
def test_formulas_that_explode_as_clauses_are_decided(text: str) -> None:
    assert _premises(text, "S(a)", "S(b)").decide(_formula("S(c)")) is Decision.UNKNOWN


# FOLIO

# line of the file (from 0): what z3 finds where the annotators label otherwise, and why
DISAGREEMENTS = {
    19: Decision.UNKNOWN,  # label False: no premise says that one has a single favourite season
    52: Decision.UNKNOWN,  # label True: Meetings(x) stands for Meeting(x), and ⊕ for "both or neither"
}


@needs_shared_data
def test_folio_labels_agree() -> None:
    rows = [json.loads(line) for line in FOLIO.read_text(encoding="utf-8").splitlines()]
    disagreements = {}
    for number, row in enumerate(rows):
        decision = _premises(*row["premises-FOL"]).decide(_formula(row["conclusion-FOL"]))
        if decision is not LABELS[row["label"]]:
            disagreements[number] = decision
    assert len(rows) == 65
    assert disagreements == DISAGREEMENTS
