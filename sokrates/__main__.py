"""The command line, `sokrates` or `python -m sokrates`: a table of the commands, and what their exit codes mean.

Each command is a module of `sokrates.cli`: its docstring is its help, `add_arguments` declares what it takes, and
`run` does it. A command imports what it needs when it runs, so that `sokrates --help` starts at once.

Exit codes: 0 for success, 1 if `label` or `prove` left problems out (each is listed), or a proof that was made
does not verify or is refused by `certify --check`; 2 for bad input (one message on stderr), 130 for Ctrl-C. Files
are written whole or not at all.
"""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import sokrates
from sokrates.cli import certify, doctor, fetch, label, options, prove, push, report, solve, verify
from sokrates.cli.files import FORMATS
from sokrates.io.errors import UserError

GARBAGE_OBJECTS = 50_000  # made between two collections: few are garbage, and collecting took a fifth of the time
AGAIN_SECONDS = 0.2  # after which an interrupt that was lost comes again
COMMANDS = {
    "verify": verify,
    "label": label,
    "prove": prove,
    "options": options,
    "solve": solve,
    "certify": certify,
    "report": report,
    "doctor": doctor,
    "push": push,
    "fetch": fetch,
}


def main(argv: list[str] | None = None) -> None:
    """Runs one command; exits with what it returns, 2 for bad input and 130 when interrupted."""
    gc.set_threshold(GARBAGE_OBJECTS)
    main_parser = parser()
    arguments, unknown = main_parser.parse_known_args(argv)
    if unknown:  # argparse would show the usage of `sokrates`, and not the command's
        arguments.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        with _lasting_interrupts():
            code = arguments.run(arguments)
            sys.stdout.flush()
        if code:
            sys.exit(code)
    except UserError as error:
        print(f"sokrates: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("sokrates: interrupted", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:  # the program that read our output has ended: not an error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    finally:
        gc.freeze()  # else Python, when it ends, walks all that was imported: more than a second with torch


@contextmanager
def _lasting_interrupts() -> Iterator[None]:
    """An interrupt comes again until it has left this block as a KeyboardInterrupt.

    One alone can get lost: Python drops it in a callback of a weak reference, and what torch and transformers do
    while they are imported catches it or makes another error of it.
    """

    def interrupt(*_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
        raise KeyboardInterrupt

    def report(dropped: sys.UnraisableHookArgs) -> None:
        if dropped.exc_type is not KeyboardInterrupt:
            sys.__unraisablehook__(dropped)

    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGALRM, interrupt)
    if before is not signal.SIG_IGN:  # as in a shell's background job
        signal.signal(signal.SIGINT, interrupt)
    sys.unraisablehook = report
    try:
        yield
    except Exception as error:
        if signal.getitimer(signal.ITIMER_REAL)[0]:
            raise KeyboardInterrupt from error
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGINT, before)
        sys.unraisablehook = sys.__unraisablehook__


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    main_parser = argparse.ArgumentParser(
        prog="sokrates",
        description="Writes proofs as sequences of inference-rule options, and checks every step.",
        epilog=FORMATS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    main_parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = main_parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        text = command.__doc__ or ""
        sub = commands.add_parser(
            name,
            help=text.partition("\n")[0],
            description=text,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(sub)
        sub.set_defaults(run=command.run, parser=sub)
    return main_parser


class _Version(argparse.Action):
    """As argparse's own, but looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"sokrates {sokrates.__version__}")
        parser.exit()


if __name__ == "__main__":
    main()
