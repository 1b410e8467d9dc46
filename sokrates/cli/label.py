"""Decide each problem, and compare the decision with its label.

Lists the problems whose label differs from the decision, names that differ so little that one may be a slip, the
repairs made to formulas, and the problems that could not be read. A problem with inconsistent premises, or one
that the solver cannot decide within its resource limit, counts neither as agreement nor as disagreement. The exit
code is 1 if a problem was left out, else 0, whatever is decided.
"""

from __future__ import annotations

import argparse
import json

from sokrates.cli.files import add_problem_file
from sokrates.cli.output import INCOMPLETE, counted, printable, progress
from sokrates.io.errors import UserError, nothing_in

VERDICTS = ("agree", "disagree", "undecided", "inconsistent", "unlabelled")
LISTS = {
    "disagree (problem, label, decision)": "disagreements",
    "no verdict (problem, label, why)": "no_verdict",
    "solvers disagree (problem, decisions)": "solver_disagreements",
    "names that differ little, so that one may be a slip (problem, name, name)": "similar_names",
    "repaired (problem, number of repairs, how)": "repairs",
    "left out (problem, why)": "left_out",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_problem_file(parser)
    parser.add_argument(
        "--json",
        action="store_true",
        help='print one object {"problems" (all rows), "parsed", "agree", "disagree", "undecided", '
        '"inconsistent", "seconds", …} with the lists',
    )
    parser.add_argument(
        "--semantics",
        choices=("classical", "closure"),
        default="classical",
        help="classical (default): what the premises entail. closure: ProofWriter's semantics, forward chaining "
        "on literals; a problem counts as inconsistent if it derives both the conclusion and its negation",
    )
    parser.add_argument(
        "--solver",
        default="z3",
        metavar="NAMES",
        help="z3 (default), or z3 and then others, such as z3,cvc5,eprover: ask these too, and list the problems "
        "on which they disagree",
    )


def run(arguments: argparse.Namespace) -> int:
    from sokrates.audit.labels import check_labels
    from sokrates.certificates.solvers import SOLVERS
    from sokrates.data.sources import read_file

    first, *others = arguments.solver.split(",")
    if first != "z3" or not set(others) <= set(SOLVERS) - {"z3"}:
        further = " and ".join(name for name in SOLVERS if name != "z3")
        raise UserError(f"--solver begins with z3; {further} may follow, as in z3,cvc5: not {arguments.solver!r}")
    if others and arguments.semantics != "classical":
        raise UserError("--solver compares classical decisions: leave out --semantics")
    problems = progress(read_file(arguments.file), "deciding", "problem")
    report = check_labels(problems, arguments.semantics, others).to_json()
    if not report["problems"]:
        raise nothing_in(arguments.file, "problem")
    if arguments.json:
        print(json.dumps(report, indent=2))
        return INCOMPLETE if report["left_out"] else 0
    counts = ", ".join(f"{report[verdict]} {verdict}" for verdict in VERDICTS)
    rows = counted(report["problems"], "problem")
    print(f"{rows}, {report['parsed']} parsed: {counts} ({report['seconds']:.1f} s)")
    for notation, count in report["notations"].items():
        print(f"formulas of {counted(count, 'problem')} are read as {notation}")
    for title, key in LISTS.items():
        if report[key]:
            print(f"\n{title}:")
        for row in report[key]:
            print("  " + printable("  ".join("none" if value is None else str(value) for value in row.values())))
    return INCOMPLETE if report["left_out"] else 0
