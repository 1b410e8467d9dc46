"""A checked trace as a reader sees it."""

from __future__ import annotations

import pytest
from specimens import CAREFUL, HOSTILE, SHORTCUT, problem, verifier

from sokrates.proof.dependencies import Role
from sokrates.proof.option import Reason
from sokrates.proof.text import read_steps
from sokrates.report.printable import MAX_CHARACTERS, printable, visible
from sokrates.report.proof_view import MAX_STEPS, ProofView, view_proof

LONGEST_ESCAPE = 10  # characters, of `\\U0001d173`


def view(text: str, probabilities: list[float | None] | None = None) -> ProofView:
    judge = verifier()
    return view_proof(problem(), judge, judge.check(read_steps(text)), probabilities)


def test_a_valid_proof() -> None:
    shown = view(CAREFUL, [0.9, 0.8, 0.7])
    first, second, last = shown.steps
    assert (first.index, first.action, first.derived) == (4, "MODUS_PONENS(1, 0)", "Stella is a tumpus")
    assert first.thought[first.claim :] == "Stella is a tumpus [4]."
    assert (second.cites, last.cites) == ((4, 2), (5,))
    assert [step.role for step in shown.steps] == [Role.NEEDED] * 3
    assert [step.probability for step in shown.steps] == [0.9, 0.8, 0.7]
    assert (shown.valid, shown.right, shown.hidden_steps) == (True, True, 0)
    assert shown.needed == {0, 1, 2, 4, 5}


def test_a_rejected_step_says_why_and_which_lines_it_cites() -> None:
    shown = view(SHORTCUT)
    step = shown.steps[1]
    assert (step.reason, step.derived, step.role) == (Reason.DOES_NOT_APPLY.value, None, Role.REJECTED)
    assert step.cites == (1, 2)
    assert step.explanation is not None
    assert "line 2" in step.explanation and "Stella is a wumpus" in step.explanation
    assert (shown.valid, shown.right, shown.needed) == (False, True, None)


def test_long_traces_and_thoughts_are_cut_and_say_so() -> None:
    shown = view("Thought: x\n" * (MAX_STEPS + 7))
    assert (len(shown.steps), shown.hidden_steps, len(shown.roles)) == (MAX_STEPS, 7, MAX_STEPS + 7)
    (step,) = view(f"Thought: {'y' * (MAX_CHARACTERS + 1000)}, so z").steps
    assert step.thought.endswith("y … (1,006 characters more)") and step.claim is None


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_comes_out_printable(name: str) -> None:
    for step in view(HOSTILE[name]).steps:
        for text in (step.thought, step.action, step.derived, step.explanation):
            assert text is None or (text.isprintable() and len(text) < LONGEST_ESCAPE * MAX_CHARACTERS + 50)
        assert step.claim is None or 0 <= step.claim <= len(step.thought)


def test_what_steers_a_terminal_or_a_browser_is_escaped() -> None:
    assert visible("a\x00b\x1bc\x7f") == "a\\u0000b\\u001bc\\u007f"
    assert visible("\u202eabc\u2066\u200b\ud800") == "\\u202eabc\\u2066\\u200b\\ud800"
    assert visible("two\nlines") == "two⏎lines"
    assert printable("two\nlines\x1b") == "two\nlines\\u001b"
    assert visible("Größe 🦉 ∀x") == "Größe 🦉 ∀x"
