"""Closure on literals: worked theories, where it parts with classical entailment, limits, ProofWriter's labels.

Speed is not tested here.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_data import SHARED, needs_shared_data

from sokrates.audit import proofwriter_semantics as closure
from sokrates.audit.proofwriter_semantics import Closure, NotCovered
from sokrates.data.sources import LeftOut, read_file
from sokrates.logic import fol
from sokrates.logic.answer import Decision
from sokrates.logic.entailment import Entailment
from sokrates.logic.formula import And, Formula, Implies, atom, negation

PROOFWRITER = SHARED / "proofwriter" / "logic_lm_dev.json"


def _formula(text: str) -> Formula:
    return fol.read(text).formula


def _decide(premises: tuple[str, ...], goal: str) -> Decision:
    return Closure([_formula(premise) for premise in premises]).decide(_formula(goal))


FAMILY = (
    "Parent(ann, bob) ∧ Parent(bob, cid)",
    "∀x ∀y (Parent(x, y) → Older(x, y))",
    "∀x ∀y ∀z ((Older(x, y) ∧ Older(y, z)) → Older(x, z))",
    "∀x ∀y (Older(x, y) → ¬Older(y, x))",
    "Older(ann, cid) → (Proud(ann) ∧ ¬Young(ann))",
)


@pytest.mark.parametrize(
    ("premises", "goal", "decision"),
    [
        (FAMILY, "Older(ann, cid)", Decision.TRUE),
        (FAMILY, "Older(cid, ann)", Decision.FALSE),  # a negative literal is derived like any other
        (FAMILY, "¬Older(cid, ann)", Decision.TRUE),
        (FAMILY, "Proud(ann) ∧ ¬Young(ann)", Decision.TRUE),
        (FAMILY, "Proud(ann) ∧ Young(ann)", Decision.FALSE),
        (FAMILY, "Proud(ann) ∧ Young(bob)", Decision.UNKNOWN),
        (FAMILY, "Parent(cid, ann)", Decision.UNKNOWN),  # what is missing is not false
        (FAMILY, "Parent(ann)", Decision.UNKNOWN),  # another predicate, of arity 1
        (("∀x ((P(x) ∧ P(b)) → Q(x))", "P(a)", "P(b)"), "Q(a)", Decision.TRUE),
        (("∀x ∀y (R(x, x) → S(x))", "R(a, b)", "R(b, b)"), "S(a)", Decision.UNKNOWN),
        (("∀x ∀y (R(x, x) → S(x))", "R(a, b)", "R(b, b)"), "S(b)", Decision.TRUE),
        (("¬¬P(a)",), "¬P(a)", Decision.FALSE),
        ((), "P(a)", Decision.UNKNOWN),
    ],
)
def test_decides(premises: tuple[str, ...], goal: str, decision: Decision) -> None:
    assert _decide(premises, goal) is decision


@pytest.mark.parametrize(
    ("premises", "goal", "classical"),
    [
        (("∀x (P(x) → Q(x))", "¬Q(a)"), "P(a)", Decision.FALSE),  # contraposition
        (("P(a) → Q(a)", "¬P(a) → Q(a)"), "Q(a)", Decision.TRUE),  # case analysis
        (("P(a)", "¬P(a)"), "Q(a)", Decision.INCONSISTENT),  # a contradiction entails everything
    ],
)
def test_is_weaker_than_entailment(premises: tuple[str, ...], goal: str, classical: Decision) -> None:
    assert Entailment([_formula(premise) for premise in premises]).decide(_formula(goal)) is classical
    assert _decide(premises, goal) is Decision.UNKNOWN


def test_a_goal_that_is_derived_both_ways_is_inconsistent() -> None:
    assert _decide(("P(a)", "∀x (P(x) → ¬P(x))"), "P(a)") is Decision.INCONSISTENT


LITERALS = st.builds(
    lambda name, is_negated: negation(atom(name)) if is_negated else atom(name),
    st.sampled_from("PQRST"),
    st.booleans(),
)


@given(
    st.lists(LITERALS, max_size=3),
    st.lists(st.builds(Implies, st.lists(LITERALS, min_size=1, max_size=3).map(lambda ls: And(*ls)), LITERALS)),
    LITERALS,
)
def test_what_is_derived_is_entailed(facts: list[Formula], rules: list[Formula], goal: Formula) -> None:
    premises = [*facts, *rules]
    if Closure(premises).decide(goal) is Decision.TRUE:
        assert Entailment(premises).entails(goal) is True


@pytest.mark.parametrize(
    "premise",
    [
        "P(a) ∨ Q(a)",
        "∃x P(x)",
        "∀x P(x)",
        "∀x ∀y (P(x) → R(x, y))",
        "∀x ((P(x) ∨ Q(x)) → R(x))",
        "∀x (P(x) → (Q(x) → R(x)))",
        "P(a) ↔ Q(a)",
        "¬(P(a) ∧ Q(a))",
        "⊥",
    ],
)
def test_what_has_another_form_is_not_covered(premise: str) -> None:
    with pytest.raises(NotCovered, match="closure is on"):
        Closure([_formula(premise)])


@pytest.mark.parametrize("goal", ["P(a) → Q(a)", "∀x P(x)", "∃x P(x)", "¬(P(a) ∧ Q(a))"])
def test_goals_of_another_form_are_not_covered(goal: str) -> None:
    with pytest.raises(NotCovered, match="closure is on"):
        Closure([]).decide(_formula(goal))


def test_past_the_limit_of_work_each_goal_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closure, "MAX_WORK", 3)
    assert _decide(FAMILY, "Older(ann, bob)") is Decision.UNDECIDED


def test_a_rule_that_searches_for_a_clique_is_undecided() -> None:
    names = [f"v{i}" for i in range(20)]
    pairs = " ∧ ".join(f"E({a}, {b})" for i, a in enumerate(names) for b in names[:i])
    rule = "".join(f"∀{name} " for name in names) + f"(({pairs}) → Q(v0))"
    edges = [f"E(n{i}, n{j})" for i in range(30) for j in range(30) if i != j and (i * j) % 3]
    assert _decide((rule, *edges), "Q(n0)") is Decision.UNDECIDED


@needs_shared_data
def test_proofwriter_labels_agree() -> None:
    """They were made by this semantics; classical entailment gives other ones for 3 to 6 in 100."""
    problems = list(read_file(PROOFWRITER))
    assert len(problems) == 600
    for problem in problems:
        assert not isinstance(problem, LeftOut), problem
        assert problem.label is not None
        assert Closure(problem.facts).decide(problem.goal).name == problem.label.name, problem.id
