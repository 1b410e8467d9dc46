"""Find proofs without a model.

Prints each proof as a trace. Where rules and facts are enough, the proof chains forward; otherwise it is found by
natural deduction with assumptions. Problems without a proof, and problems that cannot be read, are listed on
stderr.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from sokrates.cli.files import add_problem_file
from sokrates.cli.output import printable, progress
from sokrates.io.errors import nothing_in

if TYPE_CHECKING:
    from sokrates.proof.problem import Problem
    from sokrates.proof.text import Step


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_problem_file(parser)
    parser.add_argument(
        "--json", action="store_true", help='print {"problems", "proved", "verified"} instead of the proofs'
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the proofs as a trace file")
    parser.add_argument(
        "--chains",
        action="store_true",
        help="do not search: follow the proof given in the file (PrOntoQA's chain_of_thought) sentence by "
        "sentence, and say on stderr where one does not follow",
    )


def run(arguments: argparse.Namespace) -> None:
    from sokrates.io.files import whole_file
    from sokrates.proof.text import read_steps, write_steps
    from sokrates.proof.trace import Trace
    from sokrates.proof.verify import Verifier

    problems = proved = verified = 0
    with whole_file(arguments.out) if arguments.out else nullcontext() as out:
        proofs = _chains(arguments.file) if arguments.chains else _proofs(arguments.file)
        for name, problem, steps in progress(proofs, "proving", "problem"):
            problems += 1
            if problem is None or isinstance(steps, str):
                print(printable(f"{name}: {steps}"), file=sys.stderr)
                continue
            proved += 1
            trace = Trace(problem, write_steps(steps))
            # Check the text and not the steps: the text is what a reader of the trace will have.
            verified += Verifier(problem.facts, problem.goal).check(read_steps(trace.text)).valid(None)
            if out:
                out.write(json.dumps(trace.to_json(), ensure_ascii=False) + "\n")
            elif not arguments.json:
                print(printable(problem.prompt + trace.text))
        if not problems:
            raise nothing_in(arguments.file, "problem")
    if arguments.json:
        print(json.dumps({"problems": problems, "proved": proved, "verified": verified}))
    else:
        print(f"{problems} problems, {proved} proved, {verified} of the proofs verified", file=sys.stderr)


def _proofs(path: Path) -> Iterator[tuple[str, Problem | None, list[Step] | str]]:
    """Each problem with the proof that search finds, or with why there is none."""
    from sokrates.data.sources import LeftOut, read_file
    from sokrates.proof.verify import Verifier
    from sokrates.search.prove import prove, write_proof

    for problem in read_file(path):
        if isinstance(problem, LeftOut):
            yield problem.where, None, problem.why
            continue
        options = prove(problem.state, Verifier(problem.facts, problem.goal).decide)
        steps = "no proof found" if options is None else write_proof(problem.state, options, problem.say)
        yield problem.id, problem, steps


def _chains(path: Path) -> Iterator[tuple[str, Problem | None, list[Step] | str]]:
    """Each problem with the proof that its file gives, or with where that proof breaks off."""
    from sokrates.audit.chains import BrokenChain, trace_of_chain
    from sokrates.data.sources import LeftOut, read_chains, read_file

    chains = dict(read_chains(path))
    for problem in read_file(path):
        if isinstance(problem, LeftOut):
            yield problem.where, None, problem.why
        elif problem.id not in chains:
            yield problem.id, problem, "the file gives no proof"
        else:
            try:
                yield problem.id, problem, trace_of_chain(problem, chains[problem.id])
            except BrokenChain as error:
                yield problem.id, problem, str(error)
