"""A rejection says what did not fit: which line, what it says, and what the rule needed."""

# ruff: noqa: E501 – a row of the table is a line

from __future__ import annotations

import pytest

from sokrates.logic import fol
from sokrates.logic.answer import Decision
from sokrates.proof.explanation import explain, explanations
from sokrates.proof.kernel import State
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import from_sentences
from sokrates.proof.text import Step, read_call, read_steps
from sokrates.proof.verify import Verdict, Verifier

PROBLEM = from_sentences(
    ["Stella is a wumpus", "Every wumpus is a tumpus", "Every tumpus is a dumpus"], "Stella is a dumpus", id="x"
)

REJECTED = [
    # premises, options taken before, the option, the sentence
    (["P(a)", "∀x (Q(x) → R(x))"], [], "MODUS_PONENS(0, 1)", 'line 1, "∀x (Q(x) → R(x))", needs a premise of the form "Q(X)"; line 0 says "P(a)"'),
    (["P(a)", "Q(a) → R(a)"], [], "MODUS_PONENS(0, 1)", 'line 1, "Q(a) → R(a)", needs the premise "Q(a)"; line 0 says "P(a)"'),
    (["P(a)", "Q(a)"], [], "MODUS_PONENS(0, 1)", 'line 1, "Q(a)", is not a rule: it needs an implication'),
    (["P(a)", "∀x ∀y (P(x) → R(x, y))"], [], "MODUS_PONENS(0, 1)", 'line 1, "∀x ∀y (P(x) → R(x, y))", has a variable that "P(Y)" gives no value'),
    (["Q(a)", "P(a) → Q(a)"], [], "MODUS_TOLLENS(0, 1)", 'line 1, "P(a) → Q(a)", needs a premise of the form "¬Q(a)", which denies its consequent; line 0 says "Q(a)"'),
    (["P(a) → Q(a)", "R(a) → S(a)"], [], "HYPOTHETICAL_SYLLOGISM(0, 1)", 'line 0, "P(a) → Q(a)", leads to "Q(a)", but line 1, "R(a) → S(a)", starts from "R(a)"'),
    (["P(a) ∨ Q(a)", "P(a)"], [], "DISJUNCTIVE_SYLLOGISM(0, 1)", 'line 0, "P(a) ∨ Q(a)", needs a line that denies one of its parts, as "¬P(a)" or "¬Q(a)"; line 1 says "P(a)"'),
    (["P(a)"], [], "UNIV_INSTANTIATION(0, a)", 'line 0, "P(a)", does not speak of everything: it needs a leading ∀'),
    (["P(a)"], [], "UNIV_GENERALIZATION(0, a)", 'a is not arbitrary: "P(a)" is about it'),
    (["P(a)"], [], "UNIV_GENERALIZATION(0, b)", 'line 0, "P(a)", does not mention b'),
    (["P(a)"], [], "EXIST_INSTANTIATION(0)", 'line 0, "P(a)", does not say that something exists'),
    (["P(a)"], [], "EXIST_GENERALIZATION(0, b)", 'line 0, "P(a)", does not mention b'),
    (["P(a) ∧ Q(a)"], [], "AND_ELIM(0, 2)", 'line 0, "P(a) ∧ Q(a)", has 2 parts, counted from 0: there is no part 2'),
    (["P(a)"], [], "AND_ELIM(0, 0)", 'line 0, "P(a)", is not a conjunction'),
    (["P(a)"], [], "OR_INTRO(0, goal)", 'the goal, "G(a)", has no disjunction with "P(a)" for a part'),
    (["P(a) ∨ Q(a)", "P(a) → S(a)", "Q(a) → T(a)"], [], "CASE_SPLIT(0, 1, 2)", 'the cases do not lead from each part of "P(a) ∨ Q(a)", in this order, to one conclusion'),
    (["P(a)", "Q(a)", "S(a)"], [], "CASE_SPLIT(0, 1, 2)", 'line 0, "P(a)", is not a disjunction'),
    (["P(a)", "Q(a)"], [], "BICONDITIONAL_INTRO(0, 1)", 'line 0, "P(a)", and line 1, "Q(a)", are not an implication and its converse'),
    (["P(a)"], [], "BICONDITIONAL_ELIM(0, 0)", 'line 0, "P(a)", is not a biconditional'),
    (["P(a) ↔ Q(a)"], [], "BICONDITIONAL_ELIM(0, 2)", "the direction is 0, left to right, or 1, right to left, not 2"),
    (["P(a)"], [], "DOUBLE_NEGATION(0)", 'line 0, "P(a)", does not begin with two negations'),
    (["∀x P(x)"], [], "ASSUME(0, 1, 0)", 'part 1 of "∀x P(x)" is under 1 quantifiers, and 0 names are given'),
    (["P(a)"], [], "ASSUME(0, 7, 0)", 'line 0, "P(a)", has the parts 0 to 0, not 7'),
    (["P(a)", "Q(a)"], [], "CONDITIONAL_PROOF(0, 1)", "no assumption is open"),
    (["P(a)", "Q(a)"], ["ASSUME(goal, 0, 0)"], "CONDITIONAL_PROOF(0, 1)", 'it closes the innermost assumption, line 2, "G(a)", and line 0 says "P(a)"'),
    (["P(a)", "Q(a)"], ["ASSUME(goal, 0, 0)"], "CONTRADICTION(0, 1)", 'line 0, "P(a)", and line 1, "Q(a)", do not contradict each other'),
    (["P(a)", "¬P(a)"], [], "CONTRADICTION(0, 1)", "no assumption is open that it could refute"),
    (["P(a)"], [], "MODUS_PONENS(0, 4)", "there is no line 4; the lines so far are 0 to 0"),
    (["P(a)"], ["DOUBLE_NEGATION(0)"], "AND_INTRO(0, 1)", "line 1 derives nothing, as its step was rejected"),
    (["P(a)"], ["ASSUME(0, 0, 0)", "CONDITIONAL_PROOF(1, 1)"], "AND_INTRO(0, 1)", "line 1 belongs to an assumption that is closed, so it cannot be cited"),
    (["P(a)"], [], "MODUS_PONENS(0)", "it takes a line, a line"),
    (["P(a)"], [], "AND_INTRO(0)", "it takes a line, a line and any number of lines more"),
    (["P(a)"], ["AND_INTRO(0, 0)"] + [f"AND_INTRO({i}, {i})" for i in range(1, 9)], "AND_INTRO(8, 8)", "what it derives has more than 500 nodes, or is nested too deep"),
    (["P(a)"], [], "CONCLUDE(0)", 'no line says "G(a)"'),
    (["P(a)"], ["ASSUME(goal, 0, 0)"], "CONCLUDE(0)", '"G(a)" was derived only under an assumption that is still open'),
    (["P(a)"], [], "CONCLUDE(7)", "it takes one number: 0 for TRUE, 1 for FALSE, 2 for UNKNOWN"),
]  # fmt: skip


@pytest.mark.parametrize(("premises", "before", "call", "sentence"), REJECTED)
def test_each_rule_says_what_it_needed(premises: list[str], before: list[str], call: str, sentence: str) -> None:
    state = State([fol.read(text).formula for text in premises], fol.read("G(a)").formula)
    for text in before:
        state.apply(read_call(text))
    option = read_call(call)
    assert option is not None
    if option.name == "CONCLUDE":
        result = state.copy().conclude(option, lambda: Decision.UNDECIDED)
    else:
        result = state.copy().apply(option)  # type: ignore[assignment]
    assert isinstance(result, Reason)
    said = explain(state, Step("", option), Verdict(option, result, result), fol.write)
    assert said == f"{option}: {sentence}"


def test_a_trace_is_explained_step_by_step() -> None:
    text = """Thought: Stella is a wumpus [0] and every tumpus is a dumpus [2], so Stella is a dumpus [3].
Action: <Option type="MODUS_PONENS" args="[0, 2]" />
Thought: Stella is a wumpus [0] and every wumpus is a tumpus [1], so Stella is a dumpus [4].
Action: <Option type="MODUS_PONENS" args="[0, 1]" />
Thought: Stella is a tumpus [4] and every tumpus is a dumpus [2], so Stella is a dumpus [5].
Action: <Option type="MODUS_PONENS" args="[4, 2]" />
Thought: perhaps Stella is a dumpus.
Action: <Option type="AND_INTRO" args="[5, 5]" />
Thought: Stella is a wumpus [0], so Stella are what.
Action: <Option type="AND_INTRO" args="[5, 5]" />
I give up.
Thought: done
Action: <Option type="CONCLUDE" args="[2]" />
Thought: more
Action: <Option type="AND_INTRO" args="[5, 5]" />
"""
    verifier = Verifier(PROBLEM.facts, PROBLEM.goal)
    said = list(explanations(verifier, verifier.check(read_steps(text)), PROBLEM.say))
    assert said[:4] == [
        'MODUS_PONENS(0, 2): line 2, "every tumpus is a dumpus", needs a premise of the form "X is a tumpus"; '
        'line 0 says "Stella is a wumpus"',
        'the Thought claims "Stella is a dumpus", but MODUS_PONENS(0, 1) derives "Stella is a tumpus"',
        None,
        'the Thought has to state what the step derives and nothing else, as ", so …"',
    ]
    assert said[4] is not None and said[4].startswith("the claim cannot be read: ")
    assert said[5:] == [
        'the step needs a line `Thought: …` and then one `Action: <Option type="NAME" args="[…]" />`',
        'CONCLUDE(2): the premises do settle "Stella is a dumpus", so the answer is not UNKNOWN',
        "the proof ended with the CONCLUDE before it",
    ]


def test_an_unknown_option_is_told_the_ones_that_there_are() -> None:
    option = Option("GUESS", (0,))
    verdict = Verdict(option, Reason.UNKNOWN_OPTION, Reason.UNKNOWN_OPTION)
    said = explain(PROBLEM.state, Step("", option), verdict, PROBLEM.say)
    assert said.startswith("GUESS(0): there is no such option; there are MODUS_PONENS, ")
