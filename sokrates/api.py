"""The public functions of SOKRATES, which `import sokrates` offers by name.

    problem   a problem from sentences or formulas
    verify    the verdict on each step of a trace
    prove     a proof found without a model
    label     what the solver decides
    options   the options that are valid in a state

`read_problems` and `read_traces` read files. Not covered: training and evaluation (`dvc repro`, `stages/`), and
reports over whole files (the command line).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Literal, NamedTuple

from sokrates.io.errors import InputError
from sokrates.io.files import read_rows
from sokrates.logic.answer import Answer, Decision
from sokrates.logic.reading import ReadError
from sokrates.proof.explanation import explain
from sokrates.proof.kernel import State, derive
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import LABELS, Problem, from_prompt
from sokrates.proof.text import CONCLUDE, Step, read_call, read_steps, write_prompt, write_steps
from sokrates.proof.trace import trace_from_json
from sokrates.proof.verify import Verdict, Verifier
from sokrates.report.checked_trace import CheckedTrace, checked_steps


def problem(
    premises: Sequence[str], conclusion: str, *, label: Answer | str | None = None, id: str = "problem"
) -> Problem:
    """A problem from its premises and the conclusion to evaluate.

    premises, conclusion: each a sentence in controlled English (`Every wumpus is a tumpus.`), a formula in FOL
        notation (`∀x (Wumpus(x) → Tumpus(x))`), or any sentence followed by a colon and its formula
    label: the right answer (TRUE, FALSE or UNKNOWN), if it is known

    Raises ReadError for a text that is none of these, InputError for another label, and TypeError if `premises` is
    one string.

    >>> problem(["Every wumpus is a tumpus.", "Stella is a wumpus."], "Stella is a tumpus.").facts[1]
    Atom('wumpus', (Constant('Stella'),))
    """
    if isinstance(premises, str):
        raise TypeError("the premises are one string: give a list of sentences")
    if isinstance(label, str):
        label = LABELS.get(label.lower(), label)
    if label is not None and not isinstance(label, Answer):
        raise InputError(f"a label is TRUE, FALSE or UNKNOWN, not {label!r}")
    for text in (*premises, conclusion):
        if "\n" in text:
            raise ReadError("a premise or conclusion is one line", text, text.index("\n"))
    return from_prompt(write_prompt(premises, conclusion), id=id, label=label)


@dataclass(frozen=True)
class Proof:
    """A proof that search found. `print` shows its text.

    options: its options, CONCLUDE included
    text: the trace that states them, as `verify` reads it
    """

    options: tuple[Option, ...]
    text: str

    def __str__(self) -> str:
        return self.text


class ValidOption(NamedTuple):
    """An option that is valid in a state, and the formula that it derives (None: it ends the proof)."""

    option: str
    derives: str | None


def verify(problem: Problem, trace: str | Sequence[Step] | Sequence[Option | str]) -> CheckedTrace:
    """The verdict on each step of a trace.

    trace: the text that follows the problem's prompt, or its steps (`read_traces`): then a step is valid if its
        option applies and its Thought claims the formula that the option derives. Or a list of options such as
        `MODUS_PONENS(1, 0)`, which claim nothing: then it is valid if it applies.

    Raises InputError for what is not an option in a list. A text never raises: what cannot be read is a
    step that is not valid.
    """
    steps = read_steps(trace) if isinstance(trace, str) else [_step(item) for item in trace]
    claims = isinstance(trace, str) or all(isinstance(item, Step) for item in trace)
    verifier = Verifier(problem.facts, problem.goal)
    checked = verifier.check(steps)
    is_valid = checked.valid if claims else checked.valid_actions
    worded = checked_steps(problem, verifier, checked, claims=claims)
    return CheckedTrace(problem, tuple(worded), checked.answer, is_valid(problem.label))


def _step(item: Step | Option | str) -> Step:
    return item if isinstance(item, Step) else Step("", _option(item))


def _option(item: Option | str) -> Option:
    option = item if isinstance(item, Option) else read_call(item) if isinstance(item, str) else None
    if option is None:
        raise InputError(f'{item!r} is not an option such as "MODUS_PONENS(1, 0)"')
    return option


def prove(problem: Problem) -> Proof | None:
    """A proof of the conclusion, of its negation, or that neither follows; None if search finds none.

    A chain of modus ponens is a shortest one; UNKNOWN is concluded on the solver's word.
    """
    from sokrates.search.prove import prove as search
    from sokrates.search.prove import write_proof

    proof = search(problem.state, Verifier(problem.facts, problem.goal).decide)
    if proof is None:
        return None
    return Proof(tuple(proof), write_steps(write_proof(problem.state, proof, problem.say)))


def label(problem: Problem, semantics: Literal["classical", "closure"] = "classical") -> Decision:
    """What follows: TRUE, FALSE or UNKNOWN; INCONSISTENT premises; or UNDECIDED at the resource limit.

    semantics: classical entailment, by z3, or ProofWriter's closure, forward chaining on literals

    Raises NotCovered (`sokrates.audit.proofwriter_semantics`) for formulas outside the closure semantics, and
    InputError for other semantics.
    """
    from sokrates.audit.labels import SEMANTICS

    if semantics not in SEMANTICS:
        raise InputError(f"semantics are {' or '.join(SEMANTICS)}, not {semantics!r}")
    return SEMANTICS[semantics](problem.facts).decide(problem.goal)


def options(problem: Problem, after: Sequence[Option | str] = ()) -> list[ValidOption]:
    """The options that are valid after those of `after`, in a fixed order; those that end the proof come last.

    CONCLUDE of UNKNOWN is not listed. Raises InputError, which says why, if one of `after` is rejected or is
    CONCLUDE, and TypeError if `after` is one string.
    """
    from sokrates.search.applicable import applicable

    state = state_after(problem, after)
    listed = []
    for option in applicable(state):
        result = None if option.name == CONCLUDE else derive(state, option)
        listed.append(ValidOption(str(option), None if isinstance(result, Reason | None) else problem.say(result)))
    return listed


def state_after(problem: Problem, options: Sequence[Option | str]) -> State:
    """The state that the options lead to, one after the other.

    Raises InputError for CONCLUDE, which leads to no state, and for an option that is rejected, with the reason.
    """
    if isinstance(options, str):
        raise TypeError("the options are one string: give a list of options")
    state = problem.state
    for option in map(_option, options):
        if option.name == CONCLUDE:
            raise InputError(f"{option} ends the proof: name only options before it")
        result = derive(state, option)
        if isinstance(result, Reason):
            why = explain(state, Step("", option), Verdict(option, result, result), problem.say)
            raise InputError(f"{option} is rejected: {result.value}: {why.removeprefix(f'{option}: ')}")
        state.apply(option)
    return state


def read_problems(path: str | PathLike[str]) -> Iterator[Problem]:
    """The problems of a file in any format of docs/sources.md, ours among them: one JSON object per line.

    Raises InputError, which names file and line, for what cannot be read.
    """
    from sokrates.data.sources import LeftOut, read_file

    for item in read_file(Path(path)):
        if isinstance(item, LeftOut):
            raise InputError(f"{item.where}: {item.why}")
        yield item


def read_traces(path: str | PathLike[str]) -> Iterator[tuple[Problem, list[Step]]]:
    """Each problem of a trace file with the steps written for it, in our format or the published one.

    Raises InputError, which names file and line, for a line that is not a trace.

        for problem, steps in sokrates.read_traces("traces.jsonl"):
            print(sokrates.verify(problem, steps))
    """
    for where, row in read_rows(Path(path)):
        yield trace_from_json(row, where)
