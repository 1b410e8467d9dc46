"""z3: whether clauses have a model, within limits that no question escapes.

- Ground clauses go to z3's SAT solver in this process: its work is bounded by rlimit and a number of conflicts.
- Clauses with variables go to a process of its own (`solver_process.py`), as z3's limits do not bound its time
  or memory there on every question. It starts with the first such question, in 0.1 s, and serves all later ones.

What decides is deterministic: the size of the question and z3's rlimit. The limits of time and memory lie above
what these allow, and end in *undecided* alone, as every exception of z3 does. An interrupt ends a question.

Not covered: what the clauses mean (`sokrates.logic.entailment`).
"""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import z3

from sokrates.logic import solver_process

ANSWER_SECONDS: Final = 600.0  # for a process that hangs: else it ends itself, by its CPU time, whatever else runs
_START_SECONDS: Final = 120.0  # that the process may take to start, on the slowest machine
_CONTEXT: Final = 2_000  # what making a context takes, in z3's unit
_CONFLICT: Final = 20  # and a conflict of its SAT solver

Slot = int | list[int]  # a variable, a negative individual, or a function with its variables
Literal = tuple[int, bool, list[Slot]]  # predicate, sign, slots


class SolverError(RuntimeError):
    """The solver process cannot be started."""


class Found(NamedTuple):
    """Whether there is a model (None: undecided), and what it took to find out, in z3's unit."""

    satisfiable: bool | None
    work: int


class _Ground(threading.local):
    """A thread's context for ground clauses, which no two may share; making one takes longer than a question."""

    def __init__(self) -> None:
        self.context = z3.Context()


_ground: Final = _Ground()


def ground_model(clauses: Sequence[Sequence[int]], rlimit: int) -> Found:
    """Whether one assignment makes every ground clause true; a literal is an atom's number or its negative."""
    atoms = max(abs(literal) for clause in clauses for literal in clause)
    lines = (" ".join(map(str, [*clause, 0])) for clause in clauses)
    solver = z3.SolverFor("QF_FD", ctx=_ground.context)
    solver.set("rlimit", rlimit)
    solver.set("max_conflicts", solver_process.MAX_CONFLICTS)
    solver.set("ctrl_c", False)  # z3 would take an interrupt for itself, and answer `unknown`
    try:
        solver.from_string("\n".join([f"p cnf {atoms} {len(clauses)}", *lines, ""]))
        result = solver.check()
        conflicts = sum(number for key, number in solver.statistics() if key == "sat conflicts")
    except z3.Z3Exception:
        return Found(None, rlimit)
    satisfiable = None if result == z3.unknown else bool(result == z3.sat)
    return Found(satisfiable, sum(map(len, clauses)) + _CONFLICT * conflicts)


def model(clauses: Iterable[Sequence[Literal]], rlimit: int) -> Found:
    """Whether clauses with variables, each universally quantified, have a model.

    Raises SolverError where the solver process cannot be started.
    """
    question = json.dumps({"rlimit": rlimit, "clauses": list(clauses)})
    satisfiable, units = _process.ask(question) or (None, rlimit)
    return Found(satisfiable, _CONTEXT + len(question) + units)


_RESULTS: Final = {b"true": True, b"false": False, b"none": None}


class _SolverProcess:
    """The process that answers, started when it is first asked and again after it ended; one for each process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, question: str) -> tuple[bool | None, int] | None:
        """The answer and z3's work; None where there is none within the limits. Raises SolverError."""
        with self._lock:
            process = self._process if self._process and self._process.poll() is None else self._started()
            try:
                line = _written(process, question.encode() + b"\n") and _line(process, ANSWER_SECONDS)
            except BaseException:  # an interrupt: the answer would be read as the next question's
                self.stop()
                raise
            if not line:
                self.stop()
                return None
            result, units = line.split()
            return _RESULTS[result], int(units)

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", solver_process.__file__]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                process_group=0,  # a terminal's interrupt is this process's to act on
            )
            if _line(self._process, _START_SECONDS) != b"ready\n":
                raise SolverError("the solver process could not be started, possibly out of memory")
        except OSError as error:
            raise SolverError(f"the solver process could not be started: {error}") from None
        except BaseException:
            self.stop()
            raise
        return self._process

    def stop(self) -> None:
        """Ends the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            _close(process)

    def forget(self) -> None:
        """After a fork, in the child: the process is the parent's."""
        self._lock = threading.Lock()
        process, self._process = self._process, None
        if process is not None:
            _close(process)
            process.returncode = 0  # or Python would take it for a child of this process


def _written(process: subprocess.Popen[bytes], data: bytes) -> bool:
    assert process.stdin
    try:
        view = memoryview(data)
        while view:
            view = view[process.stdin.write(view) :]
    except BrokenPipeError:
        return False
    return True


def _line(process: subprocess.Popen[bytes], seconds: float) -> bytes | None:
    """The next line of its output, which is written at once; None where none comes within the time."""
    assert process.stdout
    poll = select.poll()
    poll.register(process.stdout, select.POLLIN)
    return process.stdout.readline() if poll.poll(1000 * seconds) else None


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in process.stdin, process.stdout:
        if pipe:
            pipe.close()


_process: Final = _SolverProcess()
atexit.register(_process.stop)
os.register_at_fork(after_in_child=_process.forget)
