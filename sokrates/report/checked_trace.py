"""A checked trace in words: each step with its verdict, and in a sentence why it is not valid.

`sokrates.verify` gives it; the page and the terminal show the same words and add to them
(`sokrates.report.proof_view`). Not covered: text that a terminal must not obey (`sokrates.report.printable`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sokrates.logic.answer import Answer
from sokrates.proof.explanation import explanations
from sokrates.proof.problem import Problem
from sokrates.proof.verify import Checked, Verifier

NO_ACTION = "no action that can be read"


@dataclass(frozen=True)
class CheckedStep:
    """One step and the verdict on it; `print` shows both.

    thought: what was written before the action; empty for a step that was given as an option alone
    action: the option as `MODUS_PONENS(1, 0)`; None if the text holds none
    valid: whether the step is valid
    reason: why it is not, one of the closed list of `sokrates.proof.option.Reason`; None if it is valid
    explanation: the reason in a sentence: which line, what it says, what the rule needed; None if it is valid
    derived: the formula that the action derives, in words; None for CONCLUDE and for a rejected action
    """

    thought: str
    action: str | None
    valid: bool
    reason: str | None
    explanation: str | None
    derived: str | None

    @property
    def mark(self) -> str:
        return "✓" if self.valid else "✗"

    @property
    def text(self) -> str:
        """What was written; for an option alone, with what it derives."""
        action = self.action or NO_ACTION
        if self.thought:
            return f"{self.thought}\n    {action}"
        return f"{action} derives {self.derived}" if self.derived else action

    @property
    def rejection(self) -> str | None:
        """The reason and its explanation, in one line; None if the step is valid."""
        return None if self.reason is None else f"{self.reason}: {self.explanation}"

    def __str__(self) -> str:
        return f"{self.mark} {self.text}" + (f"\n    {self.rejection}" if self.rejection else "")


@dataclass(frozen=True)
class CheckedTrace:
    """A trace and the verdict on each step. `print` shows all of it.

    problem: what was to be decided
    steps: the steps of the trace, in order
    answer: what the trace concludes; None if it never does
    valid: every step is valid, there is an answer, and it is the problem's label if that is known
    """

    problem: Problem
    steps: tuple[CheckedStep, ...]
    answer: Answer | None
    valid: bool

    @property
    def summary(self) -> str:
        """The answer, whether it is right, and whether the proof is valid, in one line."""
        return summary(self.problem, self.answer, self.valid)

    def __str__(self) -> str:
        return "\n".join([*map(str, self.steps), self.summary])


def summary(problem: Problem, answer: Answer | None, valid: bool) -> str:
    """`Answer: TRUE, right; valid proof`, or what it is instead."""
    label = problem.label
    compared = "" if label is None else ", right" if answer is label else f", label {label.name}"
    return (
        f"Answer: {answer.name if answer else 'none'}{compared}; {'valid proof' if valid else 'not a valid proof'}"
    )


def checked_steps(
    problem: Problem, verifier: Verifier, checked: Checked, *, claims: bool = True
) -> Iterator[CheckedStep]:
    """The steps of a trace that the verifier checked.

    claims: whether a step has to claim what it derives; without, it is valid if its option applies
    """
    explained = explanations(verifier, checked, problem.say)
    for step, verdict, explanation in zip(checked.steps, checked.verdicts, explained, strict=True):
        reason = verdict.reason if claims else verdict.rejection
        action = None if step.option is None else str(step.option)
        yield CheckedStep(
            step.thought,
            action,
            reason is None,
            None if reason is None else reason.value,
            None if reason is None or explanation is None else explanation.removeprefix(f"{action}: "),
            None if verdict.derived is None else problem.say(verdict.derived),
        )
