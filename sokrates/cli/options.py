"""List the options that are valid in a state, with the formula that each derives.

The state holds the problem's premises and what the options of --after derive from them, in turn.
"""

from __future__ import annotations

import argparse
import json

from sokrates.cli.files import add_problem_file
from sokrates.cli.output import printable
from sokrates.io.errors import UserError, nothing_in


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_problem_file(parser)
    parser.add_argument("--id", help="the problem's id (default: the first problem in the file)")
    parser.add_argument(
        "--after",
        nargs="+",
        default=[],
        metavar="OPTION",
        help='options taken before, such as "MODUS_PONENS(1, 0)"',
    )
    parser.add_argument("--json", action="store_true", help='print a list of {"option", "derives"} instead')


def run(arguments: argparse.Namespace) -> None:
    from sokrates import api
    from sokrates.proof.option import Reason

    problems = (p for p in api.read_problems(arguments.file) if arguments.id in (None, p.id))
    problem = next(problems, None)
    if problem is None:
        if arguments.id is None:
            raise nothing_in(arguments.file, "problem")
        raise UserError(f"{arguments.file}: there is no problem with the id {arguments.id}")
    valid = api.options(problem, arguments.after)
    if arguments.json:
        print(json.dumps([option._asdict() for option in valid], indent=2, ensure_ascii=False))
        return
    state = api.state_after(problem, arguments.after)
    for index, line in enumerate(state.lines):
        print(printable(f"[{index}] {line.value if isinstance(line, Reason) else problem.say(line)}"))
    print(printable(f"to evaluate: {problem.say(state.goal)}\n"))
    if not valid:
        print("no option is valid here")
    width = max((len(option) for option, _ in valid), default=0)
    for option, derived in valid:
        print(printable(f"{option:{width}}  {derived or 'ends the proof'}"))
