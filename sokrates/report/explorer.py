"""The data of the proof explorer: every trace of the report as one JSON object, which `explorer.js` reads.

A text stands once, in a list that rows refer to by number: policies repeat premises and each other's steps, so the
object is a third of what it would be. A row is a list, in the order that the functions below give.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sokrates.logic.answer import Answer
from sokrates.proof.dependencies import Role
from sokrates.proof.option import Reason
from sokrates.proof.problem import Problem
from sokrates.report.printable import visible
from sokrates.report.proof_view import ProofView, StepView
from sokrates.report.trace_file import TraceLine

REASONS, ROLES, ANSWERS = [reason.value for reason in Reason], list(Role), list(Answer)


class Explorer:
    """Collects traces and writes them as JSON.

    >>> explorer = Explorer()
    >>> explorer.add_group("held_out", "sft", [])
    >>> '"groups":[["held_out","sft"]]' in explorer.to_json()
    True
    """

    def __init__(self) -> None:
        self._texts: dict[str, int] = {}
        self._problems: dict[tuple[tuple[str, ...], str], list[int]] = {}  # one for each label and depth
        self._problem_rows: list[list[Any]] = []
        self._groups: list[list[str]] = []
        self._trace_rows: list[list[Any]] = []

    def add_group(self, name: str, policy: str, traces: Iterable[tuple[TraceLine, ProofView]]) -> None:
        """The traces of one policy, or one file, on one set of problems."""
        group = len(self._groups)
        self._groups.append([visible(name), visible(policy)])
        for trace, view in traces:
            self._trace_rows.append(self._trace_row(trace.problem, group, view))

    def to_json(self) -> str:
        """The object as text that can stand inside a script element: it holds no `<`."""
        value = {
            "texts": list(self._texts),
            "reasons": REASONS,
            "roles": [role.value for role in ROLES],
            "answers": [answer.name for answer in ANSWERS],
            "problems": self._problem_rows,
            "groups": self._groups,
            "traces": self._trace_rows,
        }
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")

    def _text(self, text: str | None) -> int:
        """The number of a text; -1 for none."""
        return -1 if text is None else self._texts.setdefault(text, len(self._texts))

    def _problem(self, problem: Problem) -> int:
        """The number of a problem, whose row is [premises, conclusion, label, hops].

        Files share it unless their labels or depths differ; what one file does not say another may.
        """
        label = -1 if problem.label is None else ANSWERS.index(problem.label)
        said = [label, -1 if problem.hops is None else problem.hops]
        numbers = self._problems.setdefault((problem.premises, problem.conclusion), [])
        for number in numbers:
            known = self._problem_rows[number][2:]
            if all(-1 in pair or pair[0] == pair[1] for pair in zip(known, said, strict=True)):
                self._problem_rows[number][2:] = map(max, known, said)
                return number
        premises = [self._text(visible(premise)) for premise in problem.premises]
        self._problem_rows.append([premises, self._text(visible(problem.conclusion)), *said])
        numbers.append(len(self._problem_rows) - 1)
        return numbers[-1]

    def _trace_row(self, problem: Problem, group: int, view: ProofView) -> list[Any]:
        """[problem, group, id, answer, right, valid, hidden steps, needed premises and steps, steps].

        The id is the line's own: files may name one problem differently.
        """
        return [
            self._problem(problem),
            group,
            self._text(visible(problem.id)),
            -1 if view.answer is None else ANSWERS.index(view.answer),
            -1 if view.right is None else int(view.right),
            int(view.valid),
            view.hidden_steps,
            0 if view.needed is None else sorted(view.needed),
            [self._step_row(step) for step in view.steps],
        ]

    def _step_row(self, step: StepView) -> list[Any]:
        """[thought, its claim's first character, action, derived, reason, explanation, lines, role, q̂ in %]."""
        return [
            self._text(step.thought),
            -1 if step.claim is None else step.claim,
            self._text(step.action),
            self._text(step.derived),
            -1 if step.reason is None else REASONS.index(step.reason),
            self._text(step.explanation),
            list(step.cites),
            ROLES.index(step.role),
            -1 if step.probability is None else round(100 * step.probability, 1),
        ]
