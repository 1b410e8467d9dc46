"""The `sokrates` command: checks traces and labels, finds proofs, lets a trained policy write them, and says
whether this machine can run the pipeline.

Each command imports what it needs when it runs, so that `sokrates --help` starts at once. A bad input is
one message on stderr and exit code 2, Ctrl-C is 130; output files are written whole or not at all.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sokrates.cli import certify
from sokrates.errors import UserError

if TYPE_CHECKING:
    from rich.console import Console

    from sokrates.proof.problem import Problem
    from sokrates.proof.text import Step
    from sokrates.proof.verify import Checked

FORMATS = """\
A problem file holds a JSON object a line, with `premises` (a list of sentences), `conclusion` and
optionally `label` (TRUE, FALSE or UNKNOWN). The JSON files of PrOntoQA, Logic-LM, LoGiPT and FOLIO are
read as they are. A trace file holds problems with `text` (what was written after the prompt) or, as
published elsewhere, `steps` with `thought` and `action`."""


def main(argv: list[str] | None = None) -> None:
    """Runs the command line; exits with 0, 2 (bad input) or 130 (interrupted)."""
    arguments = _parser().parse_args(argv)
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        arguments.command(arguments)
        sys.stdout.flush()
    except UserError as error:
        print(f"sokrates: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("sokrates: interrupted", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output went away: not an error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sokrates",
        description="Proofs as sequences of inference-rule options, every step checked.",
        epilog=FORMATS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, function: Any, summary: str, details: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name,
            help=summary,
            description=f"{summary}\n\n{details}\n\n{FORMATS}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.set_defaults(command=function)
        return sub

    verify = command(
        "verify",
        _verify,
        "Check every step of the traces in a file.",
        "strict: the option applies and the Thought's claim says what it derives. actions: the claim is\n"
        "ignored. cited: the claim follows from the lines that the step cites, whatever the option says.\n"
        "entailed: the claim follows from the premises, whatever the option says. A trace is valid\n"
        "when every step is and the answer is right.",
    )
    verify.add_argument("file", type=Path, metavar="FILE.jsonl", help="traces, one a line")
    verify.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    verify.add_argument("--out", type=Path, help="write the lines back with the verdict and reason of each step")
    verify.add_argument("--workers", type=int, default=1, metavar="N", help="processes that check (default: 1)")
    verify.add_argument(
        "--no-entailed",
        dest="entailed",
        action="store_false",
        help="leave out the readings cited and entailed, which ask z3 about each step: null in --json, a dash in "
        "the table",
    )

    label = command(
        "label",
        _label,
        "Decide each problem and compare with its label.",
        "Lists the problems that are decided otherwise than their label says, repairs of the notation, and\n"
        "what was left out. Problems whose premises are inconsistent, or that are undecided within the\n"
        "resource limit, count neither as agreeing nor as disagreeing. No finding makes the command fail.",
    )
    label.add_argument("file", type=Path, metavar="FILE", help="problems, in any of the formats below")
    label.add_argument(
        "--json",
        action="store_true",
        help='print one object {"problems" (all rows), "parsed", "agree", "disagree", "undecided", '
        '"inconsistent", "seconds", …} with the lists',
    )
    label.add_argument(
        "--semantics",
        choices=("classical", "closure"),
        default="classical",
        help="classical: entailment from the premises (default). closure: ProofWriter's own, forward chaining on "
        "literals; where it derives the conclusion and its complement, that problem counts as inconsistent",
    )

    label.add_argument(
        "--solver",
        default="z3",
        metavar="NAMES",
        help="z3 (default), or z3,cvc5,eprover: ask these too, and list the problems on which they disagree",
    )

    prove = command(
        "prove",
        _prove,
        "Find proofs without a model.",
        "Prints each proof as a trace: forward where rules and facts are enough, by natural deduction with\n"
        "assumptions where they are not. A problem with none, or one that cannot be read, is named on stderr.",
    )
    prove.add_argument("file", type=Path, metavar="FILE", help="problems, in any of the formats below")
    prove.add_argument("--json", action="store_true", help='print {"problems", "proved", "verified"} instead')
    prove.add_argument("--out", type=Path, help="write the proofs as a trace file")
    prove.add_argument(
        "--chains",
        action="store_true",
        help="do not search: follow the proof that the file itself gives (PrOntoQA's chain_of_thought), sentence "
        "by sentence; where one does not follow, that is said on stderr",
    )

    options = command(
        "options",
        _options,
        "List the options that are valid in a state, with what each derives.",
        "The state is a problem's premises, and what the options of --after derive from them in turn.",
    )
    options.add_argument("file", type=Path, metavar="FILE", help="problems, in any of the formats below")
    options.add_argument("--id", help="the problem's id (default: the file's first problem)")
    options.add_argument(
        "--after", nargs="+", default=[], metavar="OPTION", help='options taken before, as "MODUS_PONENS(1, 0)"'
    )
    options.add_argument("--json", action="store_true", help='print a list of {"option", "derives"} instead')

    solve = command(
        "solve",
        _solve,
        "Let a trained policy write proofs, and show the verdict on each step.",
        "The policy writes greedily, on the GPU where there is one.",
    )
    solve.add_argument("file", type=Path, metavar="FILE", help="problems, in any of the formats below")
    solve.add_argument("--model", required=True, help="a policy's folder, as data/policy/iter3")
    solve.add_argument("--out", type=Path, help="write what it wrote as a trace file")
    solve.add_argument("--max-new-tokens", type=int, default=768, help="tokens of a proof (default: 768)")
    solve.add_argument("--max-steps", type=int, default=15, help="steps of a proof that are kept (default: 15)")

    summary, _, details = certify.__doc__.partition("\n\n")
    certify.add_arguments(command("certify", certify.run, summary, details))

    doctor = commands.add_parser(
        "doctor",
        help="Say whether this machine can run the pipeline.",
        description="Say whether this machine can run the pipeline.\n\nEach line is ok, or a sentence on what to "
        "do. Exit code 0 where the run can start, with or\nwithout warnings, and 2 where it cannot. Run it in the "
        "checkout.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    doctor.set_defaults(command=_doctor)
    which = doctor.add_mutually_exclusive_group()
    which.add_argument("--profile", metavar="NAME", help="check for profiles/NAME.yaml")
    which.add_argument("--params", type=Path, metavar="FILE", help="check for this file (default: params.yaml)")
    output = doctor.add_mutually_exclusive_group()
    output.add_argument(
        "--json", action="store_true", help='print one object {"params", "can_run", "checks": […]} instead'
    )
    output.add_argument(
        "--quiet",
        action="store_true",
        help="print only what would surely stop `dvc repro`, and nothing where it has nothing to run",
    )

    share = commands.add_parser(
        "push",
        help="Send what the pipeline made here to DVC's remote.",
        description="Send what the pipeline made here to DVC's remote, "
        "so that another machine runs no stage again.\n\n"
        "As `dvc push --run-cache`, and what that leaves out. A stage that is not up to date is passed over.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    share.set_defaults(command=_push)
    return parser


def _push(arguments: argparse.Namespace) -> None:
    from sokrates.ops.remote import push

    pushed = push()
    print(f"{len(pushed.stages)} stages are on the remote, {pushed.files} files of them are new there")


def _doctor(arguments: argparse.Namespace) -> None:
    path = arguments.params or Path("params.yaml")
    if arguments.profile:
        path = Path("profiles") / f"{arguments.profile}.yaml"
        if not path.is_file():
            names = ", ".join(sorted(file.stem for file in path.parent.glob("*.yaml")))
            raise UserError(f"there is no {path}" + (f": the profiles are {names}" if names else ""))

    from sokrates.ops.doctor import examine, obstacles
    from sokrates.pipeline.params import load

    checks = []
    params = load(path)
    if arguments.quiet:
        stopped = obstacles(params, planned=path != Path("params.yaml"))
        for text in stopped:
            print(f"sokrates: {_printable(text)}", file=sys.stderr)
        sys.exit(2 if stopped else 0)
    if not arguments.json:
        from rich.console import Console

        console = Console(highlight=False, emoji=False, soft_wrap=True)
        console.print(f"for {path}:", markup=False)
    for check in examine(params):
        checks.append(check)
        if not arguments.json:
            console.print(f"{check.name:10} ", end="")
            console.print(f"{check.level:7} ", style=_COLOURS[check.level], end="")
            console.print(_printable(check.text), markup=False)
    can_run = all(check.level != "failed" for check in checks)
    if arguments.json:
        found = {"params": str(path), "can_run": can_run, "checks": [check._asdict() for check in checks]}
        print(json.dumps(found, indent=2, ensure_ascii=False))
    if not can_run:
        sys.exit(2)


_COLOURS = {"ok": "green", "warning": "yellow", "failed": "red"}


def _verify(arguments: argparse.Namespace) -> None:
    from tqdm import tqdm

    from sokrates.audit.traces import Audit, audit_file
    from sokrates.files import whole_file

    if arguments.workers < 1:
        raise UserError("--workers must be at least 1")
    audit = Audit(arguments.entailed)
    parts = audit_file(
        arguments.file,
        entailed=arguments.entailed,
        workers=arguments.workers,
        write_back=arguments.out is not None,
    )
    size = arguments.file.stat().st_size if arguments.file.is_file() else None
    bar = tqdm(desc="checking", total=size, unit="B", unit_scale=True, disable=not sys.stderr.isatty(), delay=1)
    with bar, whole_file(arguments.out) if arguments.out else nullcontext() as out:
        for part in parts:
            audit.include(part.audit)
            bar.update(part.size)
            if out:
                out.writelines(part.lines)
    if arguments.json:
        print(json.dumps(audit.to_json(), indent=2))
    else:
        _print_audit(audit.to_json(), audit.examples)


def _print_audit(found: dict[str, Any], examples: dict[str, str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from sokrates.audit.traces import READINGS

    console = Console()
    accuracy = "unknown (no labels)" if found["accuracy"] is None else f"{found['accuracy']:.1%}"
    console.print(f"{found['traces']} traces, {found['steps']} steps, accuracy {accuracy}")
    table = Table("reading", "valid steps", "step validity", "valid traces", "trace validity")
    for reading in READINGS:
        row = found[reading] or {}
        shares = [
            f"{row[key]:.1%}" if row.get(key) is not None else "–" for key in ("step_validity", "trace_validity")
        ]
        counts = [str(row.get(key, "–")) for key in ("valid_steps", "valid_traces")]
        table.add_row(reading, counts[0], shares[0], counts[1], shares[1])
    console.print(table)
    if found["rejections"]:
        table = Table("rejected because", "steps", "the first one")
        for reason, count in found["rejections"].items():
            table.add_row(reason, str(count), Text(_printable(examples[reason])))
        console.print(table)


def _label(arguments: argparse.Namespace) -> None:
    from sokrates.audit.labels import check_labels
    from sokrates.certificates.solvers import SOLVERS
    from sokrates.data.sources import read_file

    first, *others = arguments.solver.split(",")
    if first != "z3" or not set(others) <= set(SOLVERS) - {"z3"}:
        raise UserError(f"--solver takes z3 and then some of {', '.join(SOLVERS)}: not {arguments.solver!r}")
    if others and arguments.semantics != "classical":
        raise UserError("--solver compares classical decisions: leave out --semantics")
    problems = _progress(read_file(arguments.file), "deciding", "problem")
    labels = check_labels(problems, arguments.semantics, others)
    found = labels.to_json()
    if arguments.json:
        print(json.dumps(found, indent=2))
        return
    kinds = ("agree", "disagree", "undecided", "inconsistent", "unlabelled")
    counts = ", ".join(f"{found[kind]} {kind}" for kind in kinds)
    print(f"{found['problems']} problems, {found['parsed']} parsed: {counts} ({found['seconds']:.1f} s)")
    for title, key in _LABEL_LISTS.items():
        if found[key]:
            print(f"\n{title}:")
        for row in found[key]:
            print("  " + _printable("  ".join("none" if value is None else str(value) for value in row.values())))


_LABEL_LISTS = {
    "disagree (problem, label, decision)": "disagreements",
    "no verdict (problem, label, why)": "no_verdict",
    "repaired (problem, number of repairs, how)": "repairs",
    "left out (problem, why)": "left_out",
}


def _prove(arguments: argparse.Namespace) -> None:
    from sokrates.files import whole_file
    from sokrates.proof.text import read_steps, write_steps
    from sokrates.proof.trace import Trace
    from sokrates.proof.verify import Verifier

    problems = proved = verified = 0
    with whole_file(arguments.out) if arguments.out else nullcontext() as out:
        found = _chains(arguments.file) if arguments.chains else _proofs(arguments.file)
        for name, problem, steps in _progress(found, "proving", "problem"):
            problems += 1
            if problem is None or isinstance(steps, str):
                print(_printable(f"{name}: {steps}"), file=sys.stderr)
                continue
            proved += 1
            written = read_steps(write_steps(steps))  # as whoever reads the trace will have it
            verified += Verifier(problem.facts, problem.goal).check(written).valid(None)
            trace = Trace(problem, write_steps(steps))
            if out:
                out.write(json.dumps(trace.to_json(), ensure_ascii=False) + "\n")
            elif not arguments.json:
                print(_printable(problem.prompt + trace.text))
    if arguments.json:
        print(json.dumps({"problems": problems, "proved": proved, "verified": verified}))
    else:
        print(f"{problems} problems, {proved} proved, {verified} of the proofs verified", file=sys.stderr)


def _proofs(path: Path) -> Iterator[tuple[str, Problem | None, list[Step] | str]]:
    """Each problem with the proof that search finds, or why there is none."""
    from sokrates.data.sources import LeftOut, read_file
    from sokrates.proof.verify import Verifier
    from sokrates.search.prove import prove, write_proof

    for found in read_file(path):
        if isinstance(found, LeftOut):
            yield found.where, None, found.why
            continue
        options = prove(found.state, Verifier(found.facts, found.goal).decide)
        steps = "no proof found" if options is None else write_proof(found.state, options, found.say)
        yield found.id, found, steps


def _chains(path: Path) -> Iterator[tuple[str, Problem | None, list[Step] | str]]:
    """Each problem with the proof that its file gives, or where that breaks off."""
    from sokrates.audit.chains import BrokenChain, trace_of_chain
    from sokrates.data.sources import LeftOut, read_chains, read_file

    chains = dict(read_chains(path))
    for found in read_file(path):
        if isinstance(found, LeftOut):
            yield found.where, None, found.why
        elif found.id not in chains:
            yield found.id, found, "the file gives no proof"
        else:
            try:
                yield found.id, found, trace_of_chain(found, chains[found.id])
            except BrokenChain as error:
                yield found.id, found, str(error)


def _options(arguments: argparse.Namespace) -> None:
    from sokrates.proof.kernel import derive
    from sokrates.proof.option import Reason
    from sokrates.proof.text import read_call
    from sokrates.search.applicable import applicable

    wanted = (p for p in _problems(arguments.file) if arguments.id in (None, p.id))
    problem = next(wanted, None)
    if problem is None:
        raise UserError(f"{arguments.file}: no problem {arguments.id or 'at all'}")
    state = problem.state
    for text in arguments.after:
        option = read_call(text)
        if option is None:
            raise UserError(f'{text!r} is not an option such as "MODUS_PONENS(1, 0)"')
        result = state.apply(option)
        if isinstance(result, Reason):
            raise UserError(f"{option} is rejected: {result.value}")
    found = []
    for option in applicable(state):
        result = derive(state, option)
        found.append(
            {"option": str(option), "derives": None if isinstance(result, Reason) else problem.say(result)}
        )
    if arguments.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for index, line in enumerate(state.lines):
        print(_printable(f"[{index}] {line.value if isinstance(line, Reason) else problem.say(line)}"))
    print(_printable(f"to evaluate: {problem.say(state.goal)}\n"))
    for row in found:
        print(_printable(f"{row['option']:32} {row['derives'] or 'ends the proof'}"))


def _solve(arguments: argparse.Namespace) -> None:
    if min(arguments.max_new_tokens, arguments.max_steps) < 1:
        raise UserError("--max-new-tokens and --max-steps must be at least 1")
    problems = list(_problems(arguments.file))  # before the imports, which take seconds

    from rich.console import Console

    from sokrates.files import whole_file
    from sokrates.policy.model import preferred_dtype
    from sokrates.proof.trace import Trace, check_traces
    from sokrates.sampling.sampler import Sampler, sample

    with whole_file(arguments.out) if arguments.out else nullcontext() as out:
        sampler = Sampler(None, 1.0, arguments.max_steps, arguments.max_new_tokens, batch_size=32)
        prompts = [problem.prompt for problem in problems]
        written = sample(arguments.model, prompts, sampler, dtype=preferred_dtype())
        traces = [Trace(problem, s.text, s.ended) for problem, (s,) in zip(problems, written, strict=True)]
        console = Console(highlight=False, emoji=False, soft_wrap=True)
        for trace, checked in zip(traces, check_traces(traces), strict=True):
            _print_trace(console, trace.problem, trace.steps, checked)
            if out:
                out.write(json.dumps(trace.to_json(), ensure_ascii=False) + "\n")


def _print_trace(console: Console, problem: Problem, steps: list[Step], checked: Checked) -> None:
    from sokrates.proof.explanation import explanations
    from sokrates.proof.verify import Verifier

    console.print(_printable(problem.prompt), markup=False, end="")
    said_of = explanations(Verifier(problem.facts, problem.goal), checked, problem.say)
    for step, verdict, sentence in zip(steps, checked.verdicts, said_of, strict=True):
        said = f"{step.thought}\n    {step.option or 'no action that can be read'}"
        console.print("✓" if verdict.valid else "✗", style="green" if verdict.valid else "red", end=" ")
        console.print(_printable(said), markup=False)
        if verdict.reason:
            console.print(_printable(f"    {verdict.reason.value}: {sentence}"), style="red", markup=False)
    answer = checked.answer.name if checked.answer else "none"
    label = (
        ""
        if problem.label is None
        else ", right"
        if checked.answer is problem.label
        else f", label {problem.label.name}"
    )
    valid = "valid proof" if checked.valid(problem.label) else "not a valid proof"
    console.print(f"Answer: {answer}{label}; {valid}\n", style="bold")


def _printable(text: str) -> str:
    """Text that a model wrote, with nothing in it that a terminal would obey."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text)


def _problems(path: Path) -> Iterator[Problem]:
    from sokrates.data.sources import LeftOut, read_file
    from sokrates.errors import InputError

    for found in read_file(path):
        if isinstance(found, LeftOut):
            raise InputError(f"{found.where}: {found.why}")
        yield found


def _progress(items: Iterator[Any], what: str, unit: str) -> Iterator[Any]:
    from tqdm import tqdm

    return iter(tqdm(items, desc=what, unit=unit, disable=not sys.stderr.isatty(), delay=1))


if __name__ == "__main__":
    main()
