"""Traces on disk: a JSON line each, the problem together with what a policy (or a proof search) wrote.

Our own lines hold the problem and `text`. The published format, `steps` with `thought` and `action`, is
read too. Files are written whole or not at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from sokrates.io.errors import InputError
from sokrates.io.files import read_json_lines
from sokrates.logic.reading import ReadError
from sokrates.proof.problem import Problem, from_json
from sokrates.proof.text import Step, read_option, read_steps
from sokrates.proof.verify import Checked, Verifier


@dataclass(frozen=True)
class Trace:
    """What was written for a problem.

    text: follows the problem's prompt
    ended: the writer stopped by itself; false where the text was cut off
    rationale: of a gold trace, careful or shortcut
    """

    problem: Problem
    text: str
    ended: bool = True
    rationale: str | None = None

    @property
    def steps(self) -> list[Step]:
        return read_steps(self.text)

    def to_json(self) -> dict[str, Any]:
        row = {**self.problem.to_json(), "text": self.text, "ended": self.ended}
        return {**row, "rationale": self.rationale} if self.rationale else row


def trace_from_json(row: Any, where: str) -> tuple[Problem, list[Step]]:
    """The problem and the steps of a line in either format. Raises InputError with the place."""
    text, steps = (row.get("text"), row.get("steps")) if isinstance(row, dict) else (None, None)
    if isinstance(text, str):
        return _problem(row, where), read_steps(text)
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        needs = "a trace needs `text`, or `steps` with `thought` and `action`"
        raise InputError(f"{where}: {needs} (`label` and `prove` read problems without a trace)")
    return _problem(row, where), [
        Step(str(step.get("thought", "")), read_option(str(step.get("action", "")))) for step in steps
    ]


def read_problem_file(path: Path) -> Iterator[Problem]:
    """The problems of a file that a stage wrote. Raises InputError with file and line."""
    for where, row in read_json_lines(path):
        yield _problem(row, where)


def read_traces(path: Path) -> Iterator[Trace]:
    """Our own traces. Raises InputError with file and line."""
    for where, row in read_json_lines(path):
        problem = _problem(row, where)
        if not isinstance(row.get("text"), str):
            raise InputError(f"{where}: a trace needs `text`")
        yield Trace(problem, row["text"], row.get("ended") is not False, row.get("rationale"))


def _problem(row: Any, where: str) -> Problem:
    try:
        return from_json(row, id=where)
    except (ReadError, InputError) as error:
        raise InputError(f"{where}: {error}") from None


@dataclass(frozen=True)
class Rollout:
    """A sampled trace and the verdicts on it."""

    trace: Trace
    checked: Checked

    @property
    def right(self) -> bool:
        label = self.trace.problem.label
        return label is not None and self.checked.is_right(label)


def check_traces(traces: Iterable[Trace]) -> Iterator[Checked]:
    """The verdicts on each trace, in order; traces of one problem in a row share a verifier."""
    verifier: Verifier | None = None
    for trace in traces:
        verifier = verifier_for(trace.problem, verifier)
        yield verifier.check(trace.steps)


def problems_to_sample(
    training: Iterable[Problem], number: int, count: int, before: Iterable[Trace], retried_share: float
) -> tuple[list[Problem], int]:
    """The problems of a round, and how many of them are of the round before.

    number: of the round, from 1. The `count` training problems that follow those of the rounds before are its own,
        from the first again after the last; it takes as many of them as there is room for, no problem twice
    count: problems of a round
    before: the traces of the round before, from which come at most `retried_share` of the problems: those that
        some traces prove and others do not, as one that all prove or none has little to choose between
    """
    proved: dict[Problem, set[bool]] = {}
    if retried_share:
        traces = list(before)
        for trace, checked in zip(traces, check_traces(traces), strict=True):
            proved.setdefault(trace.problem, set()).add(checked.valid(trace.problem.label))
    sometimes = [problem for problem, outcomes in proved.items() if len(outcomes) == 2]
    retried = sometimes[: int(count * retried_share)]
    first = (number - 1) * count
    own = islice(cycle(training), first, first + count)
    return list(islice(dict.fromkeys([*retried, *own]), count)), len(retried)


def verifier_for(problem: Problem, last: Verifier | None) -> Verifier:
    """A verifier of the problem: the last one if it is that, as samples of a problem share what it worked out."""
    if last is not None and last.premises == problem.facts and last.goal is problem.goal:
        return last
    return Verifier(problem.facts, problem.goal)


def tally(traces: Sequence[Trace], checked: Iterable[Checked]) -> dict[str, Any]:
    """Counts of what was found: traces, steps, right answers, valid steps and traces, rejections by reason."""
    found = list(zip(traces, checked, strict=True))
    verdicts = [verdict for _, one in found for verdict in one.verdicts]
    return {
        "traces": len(found),
        "steps": len(verdicts),
        "right_answers": sum(Rollout(trace, one).right for trace, one in found),
        "valid_steps": sum(verdict.valid for verdict in verdicts),
        "valid_traces": sum(one.valid(trace.problem.label) for trace, one in found),
        "rejections": dict(
            sorted(Counter(verdict.reason.value for verdict in verdicts if verdict.reason).items())
        ),
    }
