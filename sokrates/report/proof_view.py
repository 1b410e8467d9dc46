"""A checked trace as a reader sees it: the steps with their verdicts, what each rests on, and why one is rejected.

The page and the terminal both show this view. Text that a model wrote comes out printable: what would steer a
browser or a terminal (control characters, text direction, zero width) is shown as an escape such as \\u202e, and a
line break as ⏎.

Not covered: how a view is drawn (`explorer` and the templates, `sokrates.cli`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from sokrates.logic.answer import Answer
from sokrates.proof.dependencies import Role
from sokrates.proof.explanation import explanations
from sokrates.proof.kernel import RULES, cited
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import Problem
from sokrates.proof.verify import Checked, Verifier

MARKER = ", so "  # stands before the claim, in our writer's wording
MAX_STEPS = 200  # of a trace; more are counted and not shown
MAX_CHARACTERS = 2_000  # of a thought, an option or a sentence; more are counted and not shown


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of a trace.

    index: of the line that the step puts down
    thought: what was written; its claim begins at character `claim` (None: nowhere, or not in our wording)
    option: the option as people write it; None where it could not be read
    derived: the formula that the option derives, in the problem's words; None where it derives none
    reason, explanation: why the step is not valid, from the closed list and in a sentence; None where it is valid
    cites: the indices of the lines that it rests on or, where the kernel refuses it, that its option names
    role: what the step is to the answer
    probability: that the step is valid, by the success head; None where there is none
    """

    index: int
    thought: str
    claim: int | None
    option: str | None
    derived: str | None
    reason: Reason | None
    explanation: str | None
    cites: tuple[int, ...]
    role: Role
    probability: float | None


@dataclass(frozen=True, slots=True)
class ProofView:
    """One trace.

    right: whether the answer is the label; None without a label
    valid: every step is, and the answer is right or has no label
    hidden_steps: steps past MAX_STEPS
    roles: of all steps
    needed: the indices of the lines that the answer rests on; None where it rests on none
    """

    steps: tuple[StepView, ...]
    answer: Answer | None
    right: bool | None
    valid: bool
    hidden_steps: int
    roles: tuple[Role, ...]
    needed: frozenset[int] | None


def visible(text: str) -> str:
    """The text, at most MAX_CHARACTERS of it, with an escape for each character that cannot be printed.

    >>> visible("Max\\x1b[2J is \\u202ewet")
    'Max\\\\u001b[2J is \\\\u202ewet'
    """
    shown = text[:MAX_CHARACTERS]
    if not shown.isprintable():
        shown = "".join([letter if letter.isprintable() else _escape(letter) for letter in shown])
    if len(text) > MAX_CHARACTERS:
        shown += f" … ({len(text) - MAX_CHARACTERS:,} characters more)"
    return shown


def _escape(letter: str) -> str:
    if letter == "\n":
        return "⏎"
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"


def view_proof(
    problem: Problem,
    verifier: Verifier,
    checked: Checked,
    probabilities: Sequence[float | None] | None = None,
) -> ProofView:
    """The view of a trace that the verifier checked.

    probabilities: for each step, as the success head gives them
    """
    found = checked.dependencies
    count = len(problem.facts)
    steps = []
    why = explanations(verifier, checked, problem.say)
    shown = islice(zip(checked.steps, checked.verdicts, found.roles, why, strict=True), MAX_STEPS)
    for number, (step, verdict, role, explanation) in enumerate(shown):
        option = step.option
        thought, claim = visible(step.thought), None
        begin = step.thought.rfind(MARKER) + len(MARKER)
        if verdict.claim is not None and len(MARKER) <= begin < MAX_CHARACTERS:
            claim = len(visible(step.thought[:begin]))
        steps.append(
            StepView(
                count + number,
                thought,
                claim,
                None if option is None else visible(str(option)),
                None if verdict.derived is None else visible(problem.say(verdict.derived)),
                verdict.reason,
                None if explanation is None else visible(explanation.removeprefix(f"{option}: ")),
                found.rests_on(verdict, count + number) or _named_lines(option, count + number),
                role,
                None if probabilities is None else probabilities[number],
            )
        )
    return ProofView(
        tuple(steps),
        checked.answer,
        None if problem.label is None else checked.answer is problem.label,
        checked.valid(problem.label),
        len(checked.steps) - len(steps),
        found.roles,
        found.needed,
    )


def _named_lines(option: Option | None, index: int) -> tuple[int, ...]:
    """The lines before this index that an option of the kernel's names."""
    if option is None or option.name not in RULES:
        return ()
    return tuple(dict.fromkeys(line for line in cited(option) if line < index))
