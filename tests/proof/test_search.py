"""Proof search: shortest proofs, that always verify; and what it does not prove."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sokrates.logic import fol
from sokrates.logic.answer import Answer, Decision
from sokrates.problems.record import Problem, from_formulas, from_sentences
from sokrates.proof.kernel import State
from sokrates.proof.option import Option
from sokrates.proof.search import prove, write_proof
from sokrates.proof.text import CONCLUDE, read_steps, write_steps
from sokrates.proof.verify import Verifier


def sentences(*premises: str, goal: str) -> Problem:
    return from_sentences(premises, goal, id="search")


def notation(*premises: str, goal: str) -> Problem:
    return from_formulas([""] * len(premises), "", premises, goal, id="search")


def proof(problem: Problem) -> list[Option] | None:
    """The proof found, which must pass the strict check, also after it was written and read."""
    verifier = Verifier(problem.facts, problem.goal)
    options = prove(problem.state, verifier.decide)
    if options is not None:
        steps = write_proof(problem.state, options, problem.say)
        assert verifier.check(steps).valid(None)
        assert read_steps(write_steps(steps)) == steps
        assert all(verdict.faithful is not False for verdict in verifier.check(steps).verdicts)
    return options


def ponens(*args: int) -> Option:
    return Option("MODUS_PONENS", args)


TRUE, FALSE, UNKNOWN = (Option(CONCLUDE, (answer.value,)) for answer in Answer)


@pytest.mark.parametrize(
    ("problem", "options"),
    [
        (sentences("Stella is small.", goal="Stella is small."), [TRUE]),
        (sentences("Stella is small.", goal="Stella is not small."), [FALSE]),
        (sentences("Stella is not small.", goal="Stella is small."), [FALSE]),
        (
            sentences("Every wumpus is a tumpus.", "Stella is a wumpus.", goal="Stella is not a tumpus."),
            [ponens(1, 0), FALSE],
        ),
        (  # two ways to the goal: the shorter one
            sentences(
                "Stella is an impus.",
                "Every impus is a wumpus.",
                "Every wumpus is a tumpus.",
                "Every impus is a tumpus.",
                "Every tumpus is small.",
                goal="Stella is small.",
            ),
            [ponens(0, 3), ponens(5, 4), TRUE],
        ),
        (  # what the conclusion does not need is left out
            sentences(
                "Every wumpus is red.",
                "Stella is a wumpus.",
                "Every wumpus is a tumpus.",
                "Every wumpus is loud.",
                "Every tumpus is small.",
                "Every tumpus is a rompus.",
                goal="Stella is small.",
            ),
            [ponens(1, 2), ponens(6, 4), TRUE],
        ),
        (  # premises that occur twice
            sentences(
                "Stella is a wumpus.",
                "Wumpuses are tumpuses.",
                "Every wumpus is a tumpus.",
                "Stella is a wumpus.",
                goal="Stella is a tumpus.",
            ),
            [ponens(0, 1), TRUE],
        ),
        (  # a cycle
            sentences(
                "Every wumpus is a tumpus.",
                "Every tumpus is a wumpus.",
                "Every tumpus is small.",
                "Stella is a tumpus.",
                goal="Stella is small.",
            ),
            [ponens(3, 2), TRUE],
        ),
        (  # a negated fact meets a negated antecedent
            notation("∀x (¬P(x) → ¬Q(x))", "¬P(a)", goal="Q(a)"),
            [ponens(1, 0), FALSE],
        ),
        (
            notation("∀x ∀y (R(x, y) → R(y, x))", "∀x ∀y (R(x, y) → P(x))", "R(a, b)", goal="P(b)"),
            [ponens(2, 0), ponens(3, 1), TRUE],
        ),
        (notation("Rain", "Rain → Wet", "Wet → Cold", goal="Cold"), [ponens(0, 1), ponens(3, 2), TRUE]),
    ],
)
def test_a_shortest_proof(problem: Problem, options: list[Option]) -> None:
    assert proof(problem) == options


def test_the_indices_continue_a_state_with_holes() -> None:
    start = sentences(
        "Every wumpus is a tumpus.", "Tumpuses are small.", "Stella is a wumpus.", goal="Stella is small."
    )
    state = State((*start.facts, None, start.facts[2], None), start.goal)
    assert prove(state, lambda: Decision.TRUE) == [ponens(2, 0), ponens(6, 1), TRUE]
    derived = State((*start.facts, None, fol.read("tumpus(Stella)").formula), start.goal)
    assert prove(derived, lambda: Decision.TRUE) == [ponens(4, 1), TRUE]


@pytest.mark.parametrize(
    "problem",
    [
        sentences("Every wumpus is a tumpus.", "Stella is a tumpus.", goal="Stella is a wumpus."),
        sentences("Every wumpus is a tumpus.", "Stella is a wumpus.", goal="Max is a tumpus."),
        sentences(goal="Stella is a wumpus."),
        notation("∀x (P(x) → Q(x))", "Q(a) ∨ P(a)", goal="P(a)"),
    ],
)
def test_unknown_is_concluded_at_once(problem: Problem) -> None:
    assert proof(problem) == [UNKNOWN]


@pytest.mark.parametrize(
    "problem",
    [
        sentences(
            "Every wumpus is a tumpus.", "Stella is not a tumpus.", goal="Stella is a wumpus."
        ),  # modus tollens
        notation("P(a) ∨ P(b)", "∀x (P(x) → Q)", goal="Q"),  # cases
        notation("∀x P(x)", goal="P(a)"),
        notation("P(a) ∧ Q(a)", goal="P(a)"),
        notation("P(a)", "¬P(a)", goal="Q(a)"),  # inconsistent
    ],
)
def test_what_follows_by_other_rules_is_not_proved(problem: Problem) -> None:
    assert proof(problem) is None


def test_what_the_solver_leaves_open_is_not_proved() -> None:
    open_ = sentences("Stella is red.", goal="Stella is small.")
    assert prove(open_.state, lambda: Decision.UNDECIDED) is None


@pytest.mark.parametrize("backwards", [False, True])
def test_a_chain_of_two_thousand_hops(backwards: bool) -> None:
    rules = [f"∀x (p{number}(x) → p{number + 1}(x))" for number in range(2000)]
    order = list(range(2000))[:: -1 if backwards else 1]
    chain = notation(*(rules[number] for number in order), "p0(a)", goal="p2000(a)")
    started = time.process_time()
    options = prove(chain.state, lambda: Decision.TRUE)
    assert options is not None and len(options) == 2001
    checked = Verifier(chain.facts, chain.goal).check(write_proof(chain.state, options, chain.say))
    assert checked.valid(Answer.TRUE) and time.process_time() - started < 20


CONCEPTS = [f"{letter}umpus" for letter in "bcdfgj"]
rules = st.tuples(st.sampled_from(CONCEPTS), st.sampled_from([*CONCEPTS, "small", "red"]), st.booleans()).map(
    lambda rule: f"Every {rule[0]} is {'not ' if rule[2] else ''}{rule[1]}."
)


@given(st.lists(rules, max_size=10), st.sampled_from(CONCEPTS), st.sampled_from(["small", "red"]))
@settings(max_examples=200)
def test_proofs_are_minimal_and_verify(premises: list[str], start: str, asked: str) -> None:
    problem = sentences(*premises, f"Stella is a {start}.", goal=f"Stella is {asked}.")
    options = proof(problem)
    # the least number of rules from the entity's concept to the property or its negation, by plain search
    reached, frontier, hops = {start}, {start}, 0
    while frontier and not reached & {asked, f"not {asked}"}:
        told = [premise[:-1].split(" ", 3) for premise in premises]
        frontier = {claim for _, kind, _, claim in told if kind in frontier} - reached
        reached, hops = reached | frontier, hops + 1
    if reached & {asked, f"not {asked}"}:
        assert options is not None and len(options) == hops + 1
    else:
        assert options in (None, [UNKNOWN])
