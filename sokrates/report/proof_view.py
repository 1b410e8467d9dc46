"""A checked trace as a reader sees it: the steps with their verdicts, what each rests on, and why one is rejected.

The page and the terminal both show this view. Text that a model wrote comes out printable: what would steer a
browser or a terminal (control characters, text direction, zero width) is shown as an escape such as \\u202e, and a
line break as ⏎.

Not covered: the words of a verdict (`checked_trace`); how a view is drawn (`explorer` and the templates,
`sokrates.cli`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from sokrates.logic.answer import Answer
from sokrates.proof.dependencies import Role
from sokrates.proof.kernel import RULES, cited
from sokrates.proof.option import Option
from sokrates.proof.problem import Problem
from sokrates.proof.verify import Checked, Verifier
from sokrates.report.checked_trace import CheckedStep, checked_steps
from sokrates.report.printable import MAX_CHARACTERS, visible

MARKER = ", so "  # stands before the claim, in our writer's wording
MAX_STEPS = 200  # of a trace; more are counted and not shown


@dataclass(frozen=True)
class StepView(CheckedStep):
    """One step of a trace: what CheckedStep holds, printable, and where it stands in the proof.

    index: of the line that the step puts down
    claim: the character of the thought at which its claim begins; None: nowhere, or not in our wording
    cites: the indices of the lines that it rests on or, where the kernel refuses it, that its option names
    role: what the step is to the answer
    probability: that the step is valid, by the success head; None where there is none
    """

    index: int
    claim: int | None
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


def view_proof(
    problem: Problem,
    verifier: Verifier,
    checked: Checked,
    probabilities: Sequence[float | None] | None = None,
) -> ProofView:
    """The view of a trace that the verifier checked.

    probabilities: for each step, as the success head gives them
    """
    dependent = checked.dependencies
    count = len(problem.facts)
    steps = []
    worded = zip(checked_steps(problem, verifier, checked), checked.verdicts, dependent.roles, strict=True)
    for number, (step, verdict, role) in enumerate(islice(worded, MAX_STEPS)):
        claim = None
        begin = step.thought.rfind(MARKER) + len(MARKER)
        if verdict.claim is not None and len(MARKER) <= begin < MAX_CHARACTERS:
            claim = len(visible(step.thought[:begin]))
        steps.append(
            StepView(
                visible(step.thought),
                _visible(step.action),
                step.valid,
                step.reason,
                _visible(step.explanation),
                _visible(step.derived),
                count + number,
                claim,
                dependent.rests_on(verdict, count + number) or _named_lines(verdict.option, count + number),
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
        dependent.roles,
        dependent.needed,
    )


def _visible(text: str | None) -> str | None:
    return None if text is None else visible(text)


def _named_lines(option: Option | None, index: int) -> tuple[int, ...]:
    """The lines before this index that an option of the kernel's names."""
    if option is None or option.name not in RULES:
        return ()
    return tuple(dict.fromkeys(line for line in cited(option) if line < index))
