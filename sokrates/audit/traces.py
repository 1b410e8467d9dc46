"""Audits a file of traces: accuracy, and validity in the four readings side by side.

Two kinds of trace are counted on their own besides: those that conclude UNKNOWN, whose validity is the solver's
word and no proof's, and those under inconsistent premises, from which every answer follows. Steps are also counted
by what they are for, and the steps of proofs against those of shortest ones.

For `sokrates verify`. The file is read in chunks of lines, by one process or several, with a bounded number of
chunks in flight, so the file may be larger than memory, and the result does not depend on the number of processes.
Not covered: figures by depth (`metrics`).
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, Final, NamedTuple

from sokrates.evaluation.cited import cited_reading
from sokrates.io.errors import UserError, unreadable
from sokrates.io.files import (
    MAX_LINE_BYTES,
    UNREADABLE,
    is_json_lines,
    line_too_long,
    open_bytes,
    read_json,
    read_rows,
)
from sokrates.logic.answer import Answer, Decision
from sokrates.proof.dependencies import Role
from sokrates.proof.explanation import explanations
from sokrates.proof.problem import Problem
from sokrates.proof.trace import trace_from_json, verifier_for
from sokrates.proof.verify import Checked, Verifier

ROLES = (Role.NEEDED, Role.NOT_NEEDED, Role.REPEAT, Role.RESTATEMENT)
READINGS = ("strict", "actions", "cited", "entailed")
_ASKING: Final = ("cited", "entailed")  # the readings that ask the solver
CHUNK_BYTES: Final = 1 << 17  # read at a time; a chunk is the lines that end there
CHUNK_ROWS: Final = 64  # in a chunk of a file that does not hold its rows as lines
IN_FLIGHT: Final = 3  # chunks for each process: one that it checks, the others waiting on either side


class Audit:
    """Running counts over traces; `entailed`: with the readings that ask the solver, and the roles of steps."""

    def __init__(self, entailed: bool) -> None:
        self.entailed = entailed
        self.traces = self.steps = self.labelled = self.right = 0
        self.valid_steps: Counter[str] = Counter()
        self.valid_traces: Counter[str] = Counter()
        self.rejections: Counter[str] = Counter()
        self.examples: dict[str, str] = {}  # the first rejection for each reason, explained
        self.claims: Counter[str] = Counter()  # of the steps that derive a formula
        self.undecided: Counter[str] = Counter()  # steps that the solver gave up, by reading
        self.unknown = self.valid_unknown = 0  # traces that conclude UNKNOWN, and the strictly valid among them
        self.roles: Counter[Role] = Counter()
        self.purposes: dict[str, Counter[tuple[int, int]]] = {}  # figure → what traces add to it, and how many do
        self.repaired = 0  # traces whose formulas had to be repaired
        self.repairs: Counter[str] = Counter()  # traces by kind of repair
        self.inconsistent: Counter[str] = Counter()  # traces under inconsistent premises; valid ones by reading

    def add(self, verifier: Verifier, checked: Checked, problem: Problem) -> None:
        """Counts a trace that the verifier checked."""
        label = problem.label
        right = checked.is_right(label)
        steps = len(checked.verdicts)
        invalid = [verdict for verdict in checked.verdicts if verdict.reason is not None]
        self.traces += 1
        self.steps += steps
        self.labelled += label is not None
        self.right += label is not None and right
        if invalid:
            self._add_rejections(verifier, checked, problem)
        self.claims.update([kind for verdict in checked.verdicts if (kind := verdict.claim_kind)])
        valid = {
            "strict": steps - len(invalid),
            "actions": steps - len([verdict for verdict in invalid if verdict.rejection is not None]),
        }
        if self.entailed:
            asked = {"cited": cited_reading(checked), "entailed": verifier.entailed(checked)}
            for reading, follows in asked.items():
                self.undecided[reading] += follows.count(None)
                valid[reading] = follows.count(True)
            self._add_roles(checked, problem)
        inconsistent = self.entailed and verifier.decision is Decision.INCONSISTENT
        self.inconsistent["traces"] += inconsistent
        for reading, count in valid.items():
            self.valid_steps[reading] += count
            self.valid_traces[reading] += right and count == steps
            self.inconsistent[reading] += inconsistent and right and count == steps
        if problem.repairs:
            self.repaired += 1
            self.repairs.update([*dict.fromkeys(repair.value for repair in problem.repairs)])
        self.unknown += checked.answer is Answer.UNKNOWN
        self.valid_unknown += checked.answer is Answer.UNKNOWN and checked.valid(label)

    def _add_rejections(self, verifier: Verifier, checked: Checked, problem: Problem) -> None:
        reasons = [verdict.reason.value for verdict in checked.verdicts if verdict.reason is not None]
        self.rejections.update(reasons)
        if not self.examples.keys() >= set(reasons):
            sentences = explanations(verifier, checked, problem.say)
            for reason, sentence in zip(reasons, filter(None, sentences), strict=True):
                self.examples.setdefault(reason, sentence)

    def _add_roles(self, checked: Checked, problem: Problem) -> None:
        from sokrates.metrics import purpose_pairs  # an audit without this starts faster

        self.roles.update(checked.dependencies.roles)
        for name, pair in purpose_pairs(problem, checked).items():
            self.purposes.setdefault(name, Counter())[pair] += 1

    def include(self, other: Audit) -> None:
        """Adds the counts over the traces that come next."""
        self.traces += other.traces
        self.steps += other.steps
        self.labelled += other.labelled
        self.right += other.right
        self.valid_steps.update(other.valid_steps)
        self.valid_traces.update(other.valid_traces)
        self.rejections.update(other.rejections)
        self.examples = {**other.examples, **self.examples}
        self.claims.update(other.claims)
        self.undecided.update(other.undecided)
        self.repaired += other.repaired
        self.repairs.update(other.repairs)
        self.unknown += other.unknown
        self.valid_unknown += other.valid_unknown
        self.inconsistent.update(other.inconsistent)
        self.roles.update(other.roles)
        for name, pairs in other.purposes.items():
            self.purposes.setdefault(name, Counter()).update(pairs)

    def to_json(self) -> dict[str, Any]:
        """The object that `sokrates verify --json` prints; null: a share of nothing, a reading left out."""
        readings = {
            reading: {
                "valid_steps": self.valid_steps[reading],
                "step_validity": self.valid_steps[reading] / self.steps if self.steps else None,
                "valid_traces": self.valid_traces[reading],
                "trace_validity": self.valid_traces[reading] / self.traces if self.traces else None,
            }
            for reading in READINGS
        }
        inconsistent = {key: self.inconsistent[key] for key in ("traces", *READINGS)}
        asked = {
            reading: {**readings[reading], "undecided": self.undecided[reading]} if self.entailed else None
            for reading in _ASKING
        }
        return {
            "traces": self.traces,
            "steps": self.steps,
            "accuracy": self.right / self.labelled if self.labelled else None,
            **readings,
            **asked,
            "unknown": {"traces": self.unknown, "valid_traces": self.valid_unknown},
            "inconsistent_premises": inconsistent if self.entailed else None,
            "purposes": self._purposes() if self.entailed else None,
            "repaired": {"traces": self.repaired, "kinds": dict(self.repairs.most_common())},
            "rejections": dict(self.rejections.most_common()),
            "claims": dict(self.claims.most_common()),
        }

    def _purposes(self) -> dict[str, Any]:
        from sokrates.metrics import purpose_figures

        figures = purpose_figures({name: [*pairs.elements()] for name, pairs in self.purposes.items()})
        return {**figures, "steps": {role.value: self.roles[role] for role in ROLES}}


@dataclass
class Part:
    """What was found of some lines in a row.

    lines: written back with their verdicts, where that is asked for
    size: bytes of the file that were read for it
    """

    audit: Audit
    lines: list[str] = field(default_factory=list)
    size: int = 0


def audit_file(path: Path, *, entailed: bool, workers: int = 1, write_back: bool = False) -> Iterator[Part]:
    """The parts of a trace file's audit, in order. Raises InputError with file and line; UserError."""
    check = partial(_check, str(path), entailed, write_back)
    yield from map(check, _chunks(path)) if workers == 1 else _in_order(check, _chunks(path), workers)


class _Chunk(NamedTuple):
    first: int  # the number of its first line, from 1
    data: bytes  # whole lines; in one piece, as that is fastest to hand to another process
    places: tuple[str, ...] = ()  # of the lines, where the file does not hold them as lines


def _chunks(path: Path) -> Iterator[_Chunk]:
    if not is_json_lines(path):
        rows = [*read_rows(path)]
        for start in range(0, len(rows), CHUNK_ROWS):
            part = rows[start : start + CHUNK_ROWS]
            data = b"\n".join(json.dumps(row).encode() for _, row in part)
            yield _Chunk(start + 1, data, tuple(where for where, _ in part))
        return
    try:
        # A read is one system call: in `readlines`, an interrupt before one that blocks would wait for its end.
        with open_bytes(path) as file:
            first = 1
            begun: list[bytes] = []  # pieces of a line whose end is still to come
            while data := file.read(CHUNK_BYTES):
                end = data.rfind(b"\n") + 1
                if sum(map(len, begun)) + (data.find(b"\n") if end else len(data)) > MAX_LINE_BYTES:
                    raise line_too_long(f"{path}:{first}")
                if end:
                    whole = b"".join([*begun, data[:end]])
                    yield _Chunk(first, whole)
                    first, begun = first + whole.count(b"\n"), []
                begun.append(data[end:])
            if any(begun):
                yield _Chunk(first, b"".join(begun))
    except UNREADABLE as error:
        raise unreadable(path, error) from None


def _check(path: str, entailed: bool, write_back: bool, chunk: _Chunk) -> Part:
    part = Part(Audit(entailed), size=len(chunk.data))
    verifier: Verifier | None = None
    for number, line in enumerate(chunk.data.split(b"\n"), start=chunk.first):
        if not line.strip():
            continue
        where = chunk.places[number - chunk.first] if chunk.places else f"{path}:{number}"
        row = read_json(line, where)
        problem, steps = trace_from_json(row, where)
        verifier = verifier_for(problem, verifier)
        checked = verifier.check(steps)
        part.audit.add(verifier, checked, problem)
        if write_back:
            part.lines.append(
                json.dumps({**row, "verdicts": _verdicts(verifier, checked, problem)}, ensure_ascii=False) + "\n"
            )
    return part


def _verdicts(verifier: Verifier, checked: Checked, problem: Problem) -> list[dict[str, Any]]:
    sentences = explanations(verifier, checked, problem.say)
    return [
        {"valid": v.valid, "reason": v.reason.value if v.reason else None, "explanation": sentence}
        for v, sentence in zip(checked.verdicts, sentences, strict=True)
    ]


# Several processes


def _in_order(check: partial[Part], chunks: Iterator[_Chunk], workers: int) -> Iterator[Part]:
    """`map`, with processes that end when it does, by an error or an interrupt too.

    They end themselves, while they check and at no other time: one that ended while it writes to the pool's pipe
    would leave half a message there, and the pool would wait for the other half for ever.
    """
    stop = multiprocessing.Event()
    others = multiprocessing.active_children()  # of whoever calls us: they are not ours to end
    pool = ProcessPoolExecutor(workers, initializer=_prepare_worker, initargs=(stop,))
    pending: deque[Future[Part]] = deque()
    try:
        for chunk in chunks:
            with _interrupts_later():
                pending.append(pool.submit(_check_unless_unwanted, check, chunk))
            if len(pending) == IN_FLIGHT * workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    except BrokenProcessPool:
        raise UserError("a worker was killed, possibly out of memory: use fewer --workers") from None
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)
        # An interrupt in the first `submit` leaves workers that wait for work, and a pool that does not know them.
        for process in multiprocessing.active_children():
            if process not in others:
                process.terminate()


@contextmanager
def _interrupts_later() -> Iterator[None]:
    """An interrupt waits for the end of the block, and for ever in a process that is forked in it.

    One that came to a worker before it ignores them would end it with the pool's locks in its hands.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _prepare_worker(stop: Event) -> None:
    """An interrupt is the parent's to act on; a worker ends with its parent, however that ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _between_chunks.acquire()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    threading.Thread(target=_end_when_unwanted, args=(stop,), daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


_between_chunks = threading.Lock()  # held by a worker there, where it may write to the pool's pipe


def _end_when_unwanted(stop: Event) -> None:
    stop.wait()
    with _between_chunks:
        os._exit(1)


def _check_unless_unwanted(check: partial[Part], chunk: _Chunk) -> Part:
    """In a worker: checks a chunk."""
    _between_chunks.release()
    try:
        return check(chunk)
    finally:
        _between_chunks.acquire()
