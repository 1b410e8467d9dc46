"""Answers rows of formulas, one line each: the verdicts, and the seconds of CPU time that they took.

    python tests/attack/answer_rows.py ROWS.jsonl

A process of its own, so that memory can be limited and measured: the last line is the peaks (KiB) of this process
and of the solver's. The solver's CPU time is counted too.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

from sokrates.io.errors import InputError
from sokrates.logic import solver
from sokrates.logic.english_words import singular
from sokrates.logic.reading import ReadError
from sokrates.proof.problem import from_json
from sokrates.proof.text import read_steps
from sokrates.proof.verify import Verifier


def cpu_seconds() -> float:
    """Of this process, of solver processes that ended and of the one that has not."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = time.process_time() + ended.ru_utime + ended.ru_stime
    process = solver._process._process
    if process is not None and process.poll() is None:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        spent += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return spent


def answer(row: dict[str, Any]) -> Any:
    """The decision, the entailed and the strict reading of a claim; or how the row is refused."""
    try:
        problem = from_json(row, "row")
    except (ReadError, InputError) as error:
        return type(error).__name__
    text = (
        f"Thought: Max is a wumpus [0], so {row['claim']} [2].\nAction: MODUS_PONENS(0, 1)\n"
        'Thought: so.\nAction: <Option type="CONCLUDE" args="[2]" />\n'
    )
    verifier = Verifier(problem.facts, problem.goal)
    checked = verifier.check(read_steps(text))
    reasons = [verdict.reason and verdict.reason.value for verdict in checked.verdicts]
    return [verifier.decision.name, verifier.entailed(checked), reasons]


def peak_kib() -> int:
    """Of this process. `getrusage` would count the memory that the parent held when it forked."""
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")))


def main() -> None:
    singular("houses")  # loads the library of English words, which is no row's work
    with open(sys.argv[1], encoding="utf-8") as file:
        for line in file:
            before = cpu_seconds()
            found = answer(json.loads(line))
            print(json.dumps([found, cpu_seconds() - before]), flush=True)
    solver._process.stop()
    print(json.dumps([peak_kib(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))


if __name__ == "__main__":
    main()
