"""Traces on disk: a JSON line each, the problem together with what a policy (or a proof search) wrote.

Our own lines hold the problem and `text`. The published format, `steps` with `thought` and `action`, is
read too. Files are written whole or not at all.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sokrates.errors import UserError
from sokrates.logic.reading import ReadError
from sokrates.problems.record import Problem, ProblemError, from_json
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
    """The problem and the steps of a line in either format. Raises ProblemError with the place."""
    problem = _problem(row, where)
    if isinstance(row.get("text"), str):
        return problem, read_steps(row["text"])
    steps = row.get("steps")
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise ProblemError(f"{where}: a trace needs `text`, or `steps` with `thought` and `action`")
    return problem, [
        Step(str(step.get("thought", "")), read_option(str(step.get("action", "")))) for step in steps
    ]


def read_lines(path: Path) -> Iterator[tuple[str, Any]]:
    """Each JSON line with its place, `file:line`. Raises ProblemError where one is not JSON."""
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    try:
                        yield f"{path}:{number}", json.loads(line)
                    except (ValueError, RecursionError) as error:
                        raise ProblemError(f"{path}:{number}: not JSON: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ProblemError(f"{path}: cannot be read: {error}") from None


def read_problem_file(path: Path) -> Iterator[Problem]:
    """The problems of a file that a stage wrote. Raises ProblemError with file and line."""
    for where, row in read_lines(path):
        yield _problem(row, where)


def read_traces(path: Path) -> Iterator[Trace]:
    """Our own traces. Raises ProblemError with file and line."""
    for where, row in read_lines(path):
        problem = _problem(row, where)
        if not isinstance(row.get("text"), str):
            raise ProblemError(f"{where}: a trace needs `text`")
        yield Trace(problem, row["text"], row.get("ended") is not False, row.get("rationale"))


def _problem(row: Any, where: str) -> Problem:
    try:
        return from_json(row, id=where)
    except (ReadError, ProblemError) as error:
        raise ProblemError(f"{where}: {error}") from None


def check_traces(traces: Iterable[Trace]) -> Iterator[Checked]:
    """The verdicts on each trace, in order; traces of one problem in a row share the solver."""
    problem, verifier = None, None
    for trace in traces:
        if verifier is None or trace.problem != problem:
            problem, verifier = trace.problem, Verifier(trace.problem.facts, trace.problem.goal)
        yield verifier.check(trace.steps)


def tally(traces: Sequence[Trace], checked: Iterable[Checked]) -> dict[str, Any]:
    """Counts of what was found: traces, steps, right answers, valid steps and traces, rejections by reason."""
    found = list(zip(traces, checked, strict=True))
    verdicts = [verdict for _, one in found for verdict in one.verdicts]
    return {
        "traces": len(found),
        "steps": len(verdicts),
        "right_answers": sum(one.answer is not None and one.answer is trace.problem.label for trace, one in found),
        "valid_steps": sum(verdict.valid for verdict in verdicts),
        "valid_traces": sum(one.valid(trace.problem.label) for trace, one in found),
        "rejections": dict(
            sorted(Counter(verdict.reason.value for verdict in verdicts if verdict.reason).items())
        ),
    }


@contextmanager
def whole_file(path: Path) -> Iterator[IO[str]]:
    """A file to write that takes its place when the block ends well, and leaves nothing behind otherwise."""
    if path.is_dir():
        raise UserError(f"{path}: cannot be written: it is a folder")
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A lone surrogate, which UTF-8 cannot hold, becomes the escape that JSON reads as that character.
        with draft.open("w", encoding="utf-8", errors="backslashreplace") as file:
            yield file
        draft.replace(path)
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Writes a JSON line each; returns how many."""
    count = 0
    with whole_file(path) as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count


def write_json(path: Path, value: Any) -> None:
    """Writes one JSON object with sorted keys, so that equal results are equal files."""
    with whole_file(path) as file:
        file.write(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
