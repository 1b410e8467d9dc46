"""Find proofs without a model.

Prints each proof as a trace, and what it proved beside the problem's label. Where rules and facts are enough, the
proof chains forward; otherwise it is found by natural deduction with assumptions. On stderr: problems without a
proof, problems that cannot be read, proofs of another answer than the label, proofs from inconsistent premises
(from which every answer follows), and the repairs made to formulas. The exit code is 1 if a problem could not be
read or a proof does not verify, else 0.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from sokrates.cli.files import add_problem_file, refuse_pipe
from sokrates.cli.output import INCOMPLETE, counted, printable, progress
from sokrates.io.errors import UserError, nothing_in

if TYPE_CHECKING:
    from sokrates.data.sources import LeftOut
    from sokrates.proof.problem import Problem
    from sokrates.proof.text import Step
    from sokrates.proof.trace import Trace

COUNTS = ("problems", "proved", "verified", "agree", "differ", "inconsistent", "unlabelled", "left_out")
COMPARISONS = {
    "agree": "the label agrees",
    "differ": "the label is {label}",
    "inconsistent": "but the premises are inconsistent, and every answer follows from them",
    "unlabelled": "there is no label",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_problem_file(parser)
    parser.add_argument(
        "--json",
        action="store_true",
        help='print one object instead of the proofs: "problems" (all rows), "proved", "verified", then "agree", '
        '"differ", "inconsistent" and "unlabelled", which add up to "proved", and "left_out"',
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the proofs as a trace file")
    parser.add_argument(
        "--chains",
        action="store_true",
        help="do not search: follow the proof given in the file (PrOntoQA's chain_of_thought) sentence by "
        "sentence, and say on stderr where one does not follow",
    )


def run(arguments: argparse.Namespace) -> int:
    from sokrates.data.sources import LeftOut
    from sokrates.io.files import whole_file
    from sokrates.logic.notations import Notation
    from sokrates.proof.text import write_steps
    from sokrates.proof.trace import Trace

    counts: Counter[str] = Counter()
    notations: Counter[str] = Counter()
    with whole_file(arguments.out) if arguments.out else nullcontext() as out:
        proofs = _chains(arguments.file) if arguments.chains else _proofs(arguments.file)
        for problem, steps in progress(proofs, "proving", "problem"):
            counts["problems"] += 1
            if isinstance(problem, LeftOut):
                counts["left_out"] += 1
                _warn(f"{problem.where}: {problem.why}")
                continue
            if problem.notation is not Notation.FOLIO:
                notations[problem.notation.value] += 1
            if problem.repairs:
                _warn(f"{problem.id}: repaired: {problem.repairs_text}")
            if isinstance(steps, str):
                _warn(f"{problem.id}: {steps}")
                continue
            trace = Trace(problem, write_steps(steps))
            comparison, answer = _checked(trace, counts)
            counts["proved"] += 1
            counts[comparison] += 1
            label = problem.label.name if problem.label else None
            verdict = f"proved {answer}; {COMPARISONS[comparison].format(label=label)}"
            if comparison in ("differ", "inconsistent"):
                _warn(f"{problem.id}: {verdict}")
            if out:
                out.write(json.dumps(trace.to_json(), ensure_ascii=False) + "\n")
            elif not arguments.json:
                print(printable(f"{problem.prompt}{trace.text}{verdict}\n"))
        if not counts["problems"]:
            raise nothing_in(arguments.file, "problem")
    for notation, count in notations.items():
        _warn(f"formulas of {counted(count, 'problem')} are read as {notation}")
    _print_counts({name: counts[name] for name in COUNTS}, arguments.json)
    return INCOMPLETE if counts["left_out"] or counts["verified"] < counts["proved"] else 0


def _warn(line: str) -> None:
    print(printable(line), file=sys.stderr)


def _checked(trace: Trace, counts: Counter[str]) -> tuple[str, str]:
    """How the answer of a proof compares with the label, one of COMPARISONS, and the answer.

    The text is checked and not the steps: the text is what a reader of the trace will have. A proof that does not
    verify is named on stderr.
    """
    from sokrates.logic.answer import Decision
    from sokrates.proof.text import read_steps
    from sokrates.proof.verify import Verifier

    problem = trace.problem
    verifier = Verifier(problem.facts, problem.goal)
    checked = verifier.check(read_steps(trace.text))
    counts["verified"] += checked.valid(None)
    if not checked.valid(None):
        reasons = [verdict.reason.value for verdict in checked.verdicts if verdict.reason]
        _warn(f"{problem.id}: the proof does not verify: {'; '.join(reasons) or 'it has no conclusion'}")
    answer = checked.answer.name if checked.answer else "nothing"
    if verifier.decision is Decision.INCONSISTENT:
        return "inconsistent", answer
    if problem.label is None:
        return "unlabelled", answer
    return "agree" if checked.answer is problem.label else "differ", answer


def _print_counts(counts: dict[str, int], as_json: bool) -> None:
    if as_json:
        print(json.dumps(counts))
        return
    problems = f"{counted(counts['problems'], 'problem')}, {counts['left_out']} left out"
    proofs = f"{counts['proved']} proved, {counts['verified']} of the proofs verified"
    compared = f"{counts['agree']} as labelled, {counts['differ']} not as labelled"
    others = f"{counts['inconsistent']} from inconsistent premises, {counts['unlabelled']} without a label"
    _warn(f"{problems}, {proofs}: {compared}, {others}")


def _proofs(path: Path) -> Iterator[tuple[Problem | LeftOut, list[Step] | str]]:
    """Each problem with the proof that search finds, or with why there is none."""
    from sokrates.data.sources import LeftOut, read_file
    from sokrates.proof.verify import Verifier
    from sokrates.search.prove import prove, write_proof

    for problem in read_file(path):
        if isinstance(problem, LeftOut):
            yield problem, problem.why
            continue
        options = prove(problem.state, Verifier(problem.facts, problem.goal).decide)
        steps = "no proof found" if options is None else write_proof(problem.state, options, problem.say)
        yield problem, steps


def _chains(path: Path) -> Iterator[tuple[Problem | LeftOut, list[Step] | str]]:
    """Each problem with the proof that its file gives, or with where that proof breaks off."""
    from sokrates.audit.chains import BrokenChain, trace_of_chain
    from sokrates.data.sources import LeftOut, read_chains, read_file

    refuse_pipe(path, "--chains")
    chains: dict[str, list[str]] = {}
    for id, chain in read_chains(path):
        if id in chains:
            raise UserError(f"{path}: two problems have the id {id}: --chains tells them by their ids")
        chains[id] = chain
    for problem in read_file(path):
        if isinstance(problem, LeftOut):
            yield problem, problem.why
        elif problem.id not in chains:
            yield problem, "the file gives no proof"
        else:
            try:
                yield problem, trace_of_chain(problem, chains[problem.id])
            except BrokenChain as error:
                yield problem, str(error)
