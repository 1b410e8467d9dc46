"""Audits a file of traces: accuracy, and validity in the three readings side by side.

For `sokrates verify`. Intervals and depths belong to the pipeline's evaluation (`metrics`), not here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sokrates.problems.record import Problem
from sokrates.proof.text import Step
from sokrates.proof.verify import Checked, Verifier

READINGS = ("strict", "actions", "entailed")


class Audit:
    """Running counts over traces."""

    def __init__(self) -> None:
        self.traces = self.steps = self.labelled = self.right = 0
        self.valid_steps: Counter[str] = Counter()
        self.valid_traces: Counter[str] = Counter()
        self.rejections: Counter[str] = Counter()

    def add(self, problem: Problem, steps: Sequence[Step]) -> Checked:
        """Checks one trace and counts it."""
        verifier = Verifier(problem.facts, problem.goal)
        checked = verifier.check(steps)
        entailed = verifier.entailed(checked)
        right = checked.answer is not None and checked.answer is (problem.label or checked.answer)
        self.traces += 1
        self.steps += len(checked.verdicts)
        self.labelled += problem.label is not None
        self.right += problem.label is not None and right
        self.rejections.update(verdict.reason.value for verdict in checked.verdicts if verdict.reason)
        valid = {
            "strict": [verdict.valid for verdict in checked.verdicts],
            "actions": [verdict.rejection is None for verdict in checked.verdicts],
            "entailed": entailed,
        }
        for reading, steps_valid in valid.items():
            self.valid_steps[reading] += sum(steps_valid)
            self.valid_traces[reading] += right and all(steps_valid)
        return checked

    def to_json(self) -> dict[str, Any]:
        """The object that `sokrates verify --json` prints; a share of nothing is null."""
        readings = {
            reading: {
                "valid_steps": self.valid_steps[reading],
                "step_validity": self.valid_steps[reading] / self.steps if self.steps else None,
                "valid_traces": self.valid_traces[reading],
                "trace_validity": self.valid_traces[reading] / self.traces if self.traces else None,
            }
            for reading in READINGS
        }
        return {
            "traces": self.traces,
            "steps": self.steps,
            "accuracy": self.right / self.labelled if self.labelled else None,
            **readings,
            "rejections": dict(self.rejections.most_common()),
        }
