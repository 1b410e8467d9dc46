"""Say whether this machine can run the pipeline.

Each line is ok, or a sentence that says what to do. The exit code is 0 if the pipeline can run, with or
without warnings, and 2 if it cannot. Run it in the checkout.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from sokrates.cli.output import printable, terminal
from sokrates.io.errors import UserError

PARAMS = Path("params.yaml")
COLOURS = {"ok": "green", "warning": "yellow", "failed": "red"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    subject = parser.add_mutually_exclusive_group()
    subject.add_argument("--profile", metavar="NAME", help="check for profiles/NAME.yaml")
    subject.add_argument(
        "--params", type=Path, metavar="FILE", help="check for this params file (default: params.yaml)"
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument(
        "--json", action="store_true", help='print one object instead: {"params", "can_run", "checks": […]}'
    )
    output.add_argument(
        "--quiet",
        action="store_true",
        help="print only failures that would stop `dvc repro`; print nothing if every stage is up to date",
    )


def run(arguments: argparse.Namespace) -> None:
    path = arguments.params or PARAMS
    if arguments.profile:
        path = _profile(arguments.profile)

    from sokrates.ops.doctor import examine, obstacles
    from sokrates.pipeline.params import load

    if path == PARAMS and not path.exists():
        raise UserError(f"there is no {path} here: run doctor in a SOKRATES checkout")
    params = load(path)
    if arguments.quiet:
        failures = obstacles(params, planned=path != PARAMS)
        for text in failures:
            print(f"sokrates: {printable(text)}", file=sys.stderr)
        sys.exit(2 if failures else 0)
    checks = []
    if not arguments.json:
        console = terminal(highlight=False, emoji=False, soft_wrap=True)
        console.print(f"for {path}:", markup=False)
    for check in examine(params):
        checks.append(check)
        if not arguments.json:
            console.print(f"{check.name:10} ", end="")
            console.print(f"{check.level:7} ", style=COLOURS[check.level], end="")
            console.print(printable(check.text), markup=False)
    can_run = all(check.level != "failed" for check in checks)
    if arguments.json:
        report = {"params": str(path), "can_run": can_run, "checks": [check._asdict() for check in checks]}
        print(json.dumps(report, indent=2, ensure_ascii=False))
    if not can_run:
        sys.exit(2)


def _profile(name: str) -> Path:
    path = Path("profiles") / f"{name}.yaml"
    if not path.is_file():
        names = ", ".join(sorted(file.stem for file in path.parent.glob("*.yaml")))
        raise UserError(f"there is no {path}" + (f": the profiles are {names}" if names else ""))
    return path
