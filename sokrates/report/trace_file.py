"""Trace files as the report reads them: each trace checked, with what else its line says of it.

Beside the problem and the trace, a line of an evaluated policy holds `tokens` (what the policy wrote) and, where a
success head judged it, `success_probability` (a number for each step).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sokrates.io.errors import InputError
from sokrates.io.files import read_rows
from sokrates.proof.problem import Problem
from sokrates.proof.trace import trace_from_json, verifier_for
from sokrates.proof.verify import Checked, Verifier


@dataclass(frozen=True, slots=True)
class TraceLine:
    """A line of a trace file, the verdicts on it, and the verifier that gave them.

    probabilities: for each step, that it is valid; None where no success head judged the trace
    tokens: that the policy wrote; None where the line does not say
    """

    problem: Problem
    verifier: Verifier
    checked: Checked
    probabilities: list[float] | None
    tokens: int | None


def read_checked(path: Path) -> Iterator[TraceLine]:
    """The traces of a file, each checked. Raises InputError with file and line."""
    verifier: Verifier | None = None
    for where, row in read_rows(path):
        problem, steps = trace_from_json(row, where)
        verifier = verifier_for(problem, verifier)
        tokens = row.get("tokens")
        yield TraceLine(
            problem,
            verifier,
            verifier.check(steps),
            _probabilities(row, len(steps), where),
            tokens if isinstance(tokens, int) else None,
        )


def _probabilities(row: dict[str, Any], steps: int, where: str) -> list[float] | None:
    probabilities = row.get("success_probability")
    if probabilities is None:
        return None
    if (
        not isinstance(probabilities, list)
        or len(probabilities) != steps
        or not all(isinstance(one, int | float) and 0 <= one <= 1 for one in probabilities)
    ):
        raise InputError(f"{where}: `success_probability` needs a number between 0 and 1 for each step")
    return [float(one) for one in probabilities]
