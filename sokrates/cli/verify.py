"""Check every step of the traces in a file.

Counts valid steps and traces in four readings:
  strict    the option applies, and the claim of the Thought is the formula that the option derives
  actions   the option applies; the claim is ignored
  cited     the claim follows from the lines that the step cites, whatever the option says
  entailed  the claim follows from the premises, whatever the option says
A trace is valid if every step is valid and the answer is right. Valid steps are also counted by what they are for:
needed for the answer, not needed, or a repeat or restatement of what already stands. In brackets: 95 % intervals.
"""

from __future__ import annotations

import argparse
import json
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sokrates.cli.files import FORMATS, refuse_pipe
from sokrates.cli.output import bytes_bar, counted, printable, terminal
from sokrates.io.errors import UserError, nothing_in

if TYPE_CHECKING:
    from rich.console import Console


MAX_WORKERS = 1024


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = FORMATS
    parser.add_argument("file", type=Path, metavar="FILE", help="traces, in either of the formats below")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write each line back, with a verdict, a reason and its explanation for each step",
    )
    parser.add_argument(
        "--show",
        type=int,
        default=0,
        metavar="N",
        help="also print the first N traces that are not valid, each step with its verdict",
    )
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes that check (default: 1)")
    parser.add_argument(
        "--no-entailed",
        dest="entailed",
        action="store_false",
        help="leave out what takes longest: the readings cited and entailed, which ask the solver, and "
        "what steps are for, which needs shortest proofs. They are null in --json, a dash or nothing in tables",
    )


def run(arguments: argparse.Namespace) -> None:
    from sokrates.audit.traces import Audit, audit_file
    from sokrates.io.files import is_regular, whole_file

    if not 1 <= arguments.workers <= MAX_WORKERS:
        raise UserError(f"--workers must be from 1 to {MAX_WORKERS}")
    if arguments.show < 0:
        raise UserError("--show must be at least 0")
    if arguments.show and arguments.json:
        raise UserError("--show prints proofs and --json one object: choose one")
    if arguments.show:
        refuse_pipe(arguments.file, "--show")
    audit = Audit(arguments.entailed)
    parts = audit_file(
        arguments.file,
        entailed=arguments.entailed,
        workers=arguments.workers,
        write_back=arguments.out is not None,
    )
    bar = bytes_bar("checking", arguments.file.stat().st_size if is_regular(arguments.file) else None)
    with bar, whole_file(arguments.out) if arguments.out else nullcontext() as out:
        for part in parts:
            audit.include(part.audit)
            bar.update(part.size)
            if out:
                out.writelines(part.lines)
        if not audit.traces:
            raise nothing_in(arguments.file, "trace")
    if arguments.json:
        print(json.dumps(audit.to_json(), indent=2))
    else:
        _print(audit.to_json(), audit.examples)
        _show(arguments.file, arguments.show)


def _show(path: Path, count: int) -> None:
    """Prints the first `count` traces that are not valid."""
    if not count:
        return
    from sokrates.cli.proof import print_proof
    from sokrates.report.proof_view import view_proof
    from sokrates.report.trace_file import read_checked

    console = terminal(highlight=False, emoji=False)
    invalid = (trace for trace in read_checked(path) if not trace.checked.valid(trace.problem.label))
    for trace in islice(invalid, count):
        print_proof(
            console, trace.problem, view_proof(trace.problem, trace.verifier, trace.checked, trace.probabilities)
        )


def _print_purposes(console: Console, purposes: dict[str, Any], steps: int) -> None:
    from rich.table import Table

    table = Table("valid steps, by what they are for", "steps", "share of all steps")
    for role, count in purposes["steps"].items():
        table.add_row(role, str(count), f"{count / steps:.1%}" if steps else "–")
    console.print(table)
    needed, length = purposes["needed_share"], purposes["length_ratio"]
    if needed["count"]:
        share = f"{needed['value']:.1%} [{needed['low']:.1%}, {needed['high']:.1%}]"
        _print_line(console, f"needed share: {share} of the steps of traces that conclude TRUE or FALSE validly")
    if length["count"]:
        interval = f" [{length['low']:.2f}, {length['high']:.2f}]" if length["low"] < length["high"] else ""
        ratio = f"{length['value']:.2f}{interval}"
        _print_line(console, f"length ratio: valid proofs have {ratio} times the steps of the shortest ones found")


def _print_line(console: Console, line: str) -> None:
    """One line, however narrow the terminal is: to be searched for, and to be copied."""
    console.print(line, soft_wrap=True)


def _print(audit: dict[str, Any], examples: dict[str, str]) -> None:
    """Prints the counts, and the first rejection for each reason (`examples`)."""
    from rich.table import Table
    from rich.text import Text

    from sokrates.audit.traces import READINGS

    console = terminal()
    accuracy = "unknown (no labels)" if audit["accuracy"] is None else f"{audit['accuracy']:.1%}"
    console.print(f"{counted(audit['traces'], 'trace')}, {counted(audit['steps'], 'step')}, accuracy {accuracy}")
    table = Table("reading", "valid steps", "step validity", "valid traces", "trace validity")
    for reading in READINGS:
        row = audit[reading] or {}
        shares = [
            f"{row[key]:.1%}" if row.get(key) is not None else "–" for key in ("step_validity", "trace_validity")
        ]
        counts = [str(row.get(key, "–")) for key in ("valid_steps", "valid_traces")]
        table.add_row(reading, counts[0], shares[0], counts[1], shares[1])
    console.print(table)
    unknown, inconsistent = audit["unknown"], audit["inconsistent_premises"]
    if unknown["traces"]:
        console.print(
            f"traces that conclude UNKNOWN, which z3 judges: {unknown['traces']}, {unknown['valid_traces']} valid"
        )
    if inconsistent and inconsistent["traces"]:
        valid = ", ".join(f"{inconsistent[reading]} {reading}" for reading in READINGS)
        console.print(
            f"traces with inconsistent premises, from which all follows: {inconsistent['traces']}; valid: {valid}"
        )
    if audit["purposes"]:
        _print_purposes(console, audit["purposes"], audit["steps"])
    if audit["repaired"]["traces"]:
        kinds = "; ".join(f"{kind} ({count})" for kind, count in audit["repaired"]["kinds"].items())
        console.print(f"formulas were repaired in {counted(audit['repaired']['traces'], 'trace')}: {kinds}")
    if audit["rejections"]:
        table = Table("rejected because", "steps", "the first one")
        for reason, count in audit["rejections"].items():
            table.add_row(reason, str(count), Text(printable(examples[reason])))
        console.print(table)
    if audit["claims"]:
        table = Table("of a step that derives a formula, the Thought claims", "steps")
        for claim, count in audit["claims"].items():
            table.add_row(claim, str(count))
        console.print(table)
