"""What went wrong in a rejected step, in a few classes that a person understands.

The verdict's reason says what the kernel missed; the class says what the writer did. Each rejected step is in one
class, the first of these that fits:

    went on              it follows the conclusion
    unreadable           no Thought and Action of the traces' form, no claim that can be read
    stopped early        it concludes the right answer, which is not derived yet
    false                it claims what does not follow from the premises, or concludes another answer than follows
    repeated             it claims what stands already
    wrong fact cited     its rule gives the claim with another line for the first that it cites
    wrong rule cited     its rule gives the claim with another line for the second that it cites
    irrelevant           its claim is true, and no line of the proof that search finds
    true, not from that  its claim is a line of that proof, and takes more than another citation

Not covered: the steps of a trace that are missing; why the writer did it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

from sokrates.logic.answer import Answer
from sokrates.logic.formula import Formula
from sokrates.metrics import Result, share, verifier_of
from sokrates.proof.kernel import State, derive
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import Problem
from sokrates.proof.text import CONCLUDE
from sokrates.proof.verify import Checked, Verdict, Verifier
from sokrates.search.prove import prove


class ErrorClass(Enum):
    """The class of a rejected step."""

    WENT_ON = "went on"
    UNREADABLE = "unreadable"
    STOPPED_EARLY = "stopped early"
    FALSE = "false"
    REPEATED = "repeated"
    WRONG_FACT = "wrong fact cited"
    WRONG_RULE = "wrong rule cited"
    IRRELEVANT = "irrelevant"
    NOT_FROM_THAT = "true, not from what it cites"


def classify(problem: Problem, checked: Checked) -> list[ErrorClass | None]:
    """The class of each step of a checked trace; None where the step is valid."""
    verifier = verifier_of(problem.facts, problem.goal)
    state, classes = problem.state, []
    proof: frozenset[Formula] | None = None
    for step, verdict in zip(checked.steps, checked.verdicts, strict=True):
        found = None if verdict.valid else _class(verifier, state, verdict)
        if found is ErrorClass.IRRELEVANT:
            proof = _lines_of_proof(problem, verifier) if proof is None else proof
            found = ErrorClass.NOT_FROM_THAT if verdict.claim in proof else found
        classes.append(found)
        state.apply(step.option)
    return classes


def _class(verifier: Verifier, state: State, verdict: Verdict) -> ErrorClass:
    """The class of a rejected step; of a true claim that nothing else fits, IRRELEVANT."""
    option, claim = verdict.option, verdict.claim
    if verdict.reason is Reason.AFTER_CONCLUDE:
        return ErrorClass.WENT_ON
    if option is not None and option.name == CONCLUDE and verdict.reason is not Reason.WRONG_ARGUMENTS:
        right = Answer(option.args[0]).name == verifier.decision.name
        return ErrorClass.STOPPED_EARLY if right else ErrorClass.FALSE
    if option is None or claim is None:
        return ErrorClass.UNREADABLE
    if not verifier.entailment.entails(claim):
        return ErrorClass.FALSE
    if claim in state.lines:
        return ErrorClass.REPEATED
    for place, name in enumerate((ErrorClass.WRONG_FACT, ErrorClass.WRONG_RULE)):
        if _derives_with_another_line(state, option, place, claim):
            return name
    return ErrorClass.IRRELEVANT


def _derives_with_another_line(state: State, option: Option, place: int, claim: Formula) -> bool:
    """Whether the option gives the claim with some other line in a place of its arguments."""
    args = option.args
    return len(args) == 2 and any(
        derive(state, Option(option.name, (*args[:place], line, *args[place + 1 :]))) is claim
        for line in range(len(state.lines))
    )


def _lines_of_proof(problem: Problem, verifier: Verifier) -> frozenset[Formula]:
    """What the options of a proof derive that search finds; nothing where it finds none."""
    state = problem.state
    derived = (state.apply(option) for option in prove(problem.state, verifier.decide) or ())
    return frozenset(line for line in derived if isinstance(line, Formula))


def error_shares(results: Iterable[Result]) -> dict[str, Any]:
    """The shares of the classes among all rejected steps, which sum to one; and for each proof depth (`hops`).

    {steps, shares: {class: share}, by_depth: {hops: {steps, shares}}}; no class is left out.
    """
    classes = [
        (problem.hops, found) for problem, checked in results for found in classify(problem, checked) if found
    ]
    depths = sorted({hops for hops, _ in classes if hops is not None})
    by_depth = {str(depth): _shares([found for hops, found in classes if hops == depth]) for depth in depths}
    return {**_shares([found for _, found in classes]), "by_depth": by_depth}


def _shares(classes: Sequence[ErrorClass]) -> dict[str, Any]:
    counts = Counter(classes)
    return {
        "steps": len(classes),
        "shares": {each.value: share(counts[each], len(classes)) for each in ErrorClass},
    }
