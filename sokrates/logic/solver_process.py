"""The solver process: z3 on clauses with variables, in a process that may be killed.

z3's own limits do not bound its time or its memory on every formula. So `sokrates.logic.solver` runs this file as
a script of its own, which needs nothing but z3. It reads one question a line from stdin and answers each with a
line on stdout:

    {"rlimit": 100000, "clauses": [[[0, true, [3]], [1, false, [-1, [0, 3]]]]]}
    true 1234

A question is a list of clauses, a clause a list of literals: predicate (a number), sign, slots. A slot is a
variable (a number from 0, universally quantified over its clause), an individual (a negative number), or a
function (a number) and the variables that it takes. The answer is whether the clauses have a model (`none`: z3
gave up), and what z3 spent, in its own unit.

CPU time and address space are limited: past a limit the process ends, or z3 gives up. The process also ends with
the process that started it.
"""

from __future__ import annotations

import json
import os
import queue
import resource
import signal
import sys
import threading
from typing import Any, Final

import z3

CPU_SECONDS: Final = 2.0  # for a question: several times what `rlimit` allows, so that it ends hardly any
MEMORY_BYTES: Final = 256 << 20  # address space for z3's work, besides what the process has when it starts
MAX_CONFLICTS: Final = 4_000  # of z3's searches, for which rlimit alone allows several seconds


def main() -> None:
    """Answers questions until stdin ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # z3 may print, and the answers must be alone
    questions: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(questions,), daemon=True).start()
    _limit_memory()
    print("ready", file=answers, flush=True)
    while True:
        question = questions.get()
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)  # its signal ends the process, inside z3 too
        result, units = answer(json.loads(question))
        signal.setitimer(signal.ITIMER_PROF, 0)
        print(str(result).lower(), units, file=answers, flush=True)


def _read(questions: queue.SimpleQueue[str]) -> None:
    """Puts each line of stdin into the queue; at the end, nobody waits for an answer any more."""
    for line in sys.stdin:
        questions.put(line)
    os._exit(0)


def _limit_memory() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = _address_space() + MEMORY_BYTES
    if hard == resource.RLIM_INFINITY or limit < hard:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _address_space() -> int:
    """Bytes that are mapped; where the system does not say, as much as the process takes on Linux."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 512 << 20


def answer(question: dict[str, Any]) -> tuple[bool | None, int]:
    """Whether the clauses have a model, None where z3 gives up, and what it spent in its own unit.

    In a context of its own, so that z3's work depends on nothing that was asked before.
    """
    context = z3.Context()
    try:
        solver = z3.SimpleSolver(ctx=context)
        solver.set("rlimit", question["rlimit"])
        solver.set("max_conflicts", MAX_CONFLICTS)
        translation = _Translation(context)
        for clause in question["clauses"]:
            solver.add(translation.clause(clause))
        result = solver.check()
        spent = sum(number for key, number in solver.statistics() if key == "rlimit count")
    except (z3.Z3Exception, MemoryError):
        return None, question["rlimit"]
    return (None if result == z3.unknown else result == z3.sat), spent


class _Translation:
    """Clauses as z3 expressions."""

    def __init__(self, context: z3.Context) -> None:
        self._context = context
        self._sort = z3.DeclareSort("individual", context)
        self._truth = z3.BoolSort(context)

    def clause(self, clause: list[tuple[int, bool, list[Any]]]) -> z3.BoolRef:
        inside = [slot[1:] if isinstance(slot, list) else [slot] for _, _, slots in clause for slot in slots]
        variables = dict.fromkeys(number for numbers in inside for number in numbers if number >= 0)
        body = z3.Or(*(self._literal(*literal) for literal in clause), self._context)
        return z3.ForAll([self._term(variable) for variable in variables], body) if variables else body

    def _literal(self, predicate: int, holds: bool, slots: list[Any]) -> z3.BoolRef:
        declared = z3.Function(f"p{predicate}", *[self._sort] * len(slots), self._truth)
        atom = declared(*map(self._term, slots))
        return atom if holds else z3.Not(atom)

    def _term(self, slot: int | list[int]) -> z3.ExprRef:
        if isinstance(slot, list):
            function, *variables = slot
            declared = z3.Function(f"f{function}", *[self._sort] * len(slot))
            return declared(*map(self._term, variables))
        return z3.Const(f"x{slot}" if slot >= 0 else f"c{-slot}", self._sort)


if __name__ == "__main__":
    main()
