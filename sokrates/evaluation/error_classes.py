"""What went wrong in a rejected step, in a few classes that a person understands.

The verdict's reason says what the kernel missed; the class says what the writer did. Each rejected step is in one
class, the first of these that fits:

    went on              it follows the conclusion
    unreadable           no Thought and Action of the traces' form, no claim that can be read
    stopped early        it concludes the right answer, which is not derived yet
    undecided            z3 reached its limit on whether its claim or its answer follows
    false                it claims what does not follow from the premises and what is assumed where it stands, or
                         concludes another answer than follows
    repeated             it claims what stands already
    wrong fact cited     its option gives the claim with a fact in place of one line that it cites
    wrong rule cited     its option gives the claim with a rule (∀, → or ↔) in place of one line that it cites
    irrelevant           its claim is true, and no line of the proof that search finds
    true, not from that  its claim is a line of that proof, and takes more than another citation

From premises or assumptions that contradict each other everything follows, and no claim is false. Not covered:
the steps of a trace that are missing; why the writer did it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import Any

from sokrates.intervals import ratio
from sokrates.logic.answer import Answer, Decision
from sokrates.logic.formula import Forall, Formula, Iff, Implies
from sokrates.metrics import Result, verifier_of
from sokrates.proof.arguments import LINE, LINE_OR_GOAL
from sokrates.proof.kernel import RULES, State, derive
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import Problem
from sokrates.proof.text import CONCLUDE
from sokrates.proof.verify import Checked, Verdict, Verifier, follows
from sokrates.search.prove import prove


class ErrorClass(Enum):
    """The class of a rejected step."""

    WENT_ON = "went on"
    UNREADABLE = "unreadable"
    STOPPED_EARLY = "stopped early"
    UNDECIDED = "undecided"
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
        return _class_of_conclusion(Answer(option.args[0]), verifier.decision)
    if option is None or claim is None:
        return ErrorClass.UNREADABLE
    entailed = verifier_of(_given(state, option), verifier.goal).entailment.entails(claim)
    if not entailed:
        return ErrorClass.UNDECIDED if entailed is None else ErrorClass.FALSE
    if claim in state.lines:
        return ErrorClass.REPEATED
    missing = {_is_rule(line) for line in _lines_that_give(claim, state, option)}
    if missing:
        return ErrorClass.WRONG_RULE if all(missing) else ErrorClass.WRONG_FACT
    return ErrorClass.IRRELEVANT


def _given(state: State, option: Option) -> tuple[Formula, ...]:
    """What a claim may rest on: premises, and what is assumed or named where the step puts it down."""
    if option.name not in ("CONDITIONAL_PROOF", "CONTRADICTION") or not state.assumptions:
        return tuple(state.assumed())
    closed = state.assumptions[-1]
    outside = [*state.assumptions[:-1], *(index for index, _ in state.witnesses if index < closed)]
    return (*state.premises, *(state.lines[index] for index in outside))


def _class_of_conclusion(answer: Answer, decision: Decision) -> ErrorClass:
    right = follows(answer, decision)
    return ErrorClass.UNDECIDED if right is None else ErrorClass.STOPPED_EARLY if right else ErrorClass.FALSE


def _lines_that_give(claim: Formula, state: State, option: Option) -> Iterator[Formula]:
    """The lines with which, in place of one that the option cites, it gives the claim."""
    rule, args = RULES.get(option.name), option.args
    for place, kind in enumerate(rule.kinds_of(len(args)) if rule else ()):
        for index, line in enumerate(state.lines if kind in (LINE, LINE_OR_GOAL) else ()):
            if derive(state, Option(option.name, (*args[:place], index, *args[place + 1 :]))) is claim:
                assert isinstance(line, Formula)  # a rejected step gives nothing
                yield line


def _is_rule(line: Formula) -> bool:
    return isinstance(line, (Forall, Implies, Iff))


def _lines_of_proof(problem: Problem, verifier: Verifier) -> frozenset[Formula]:
    """What the options of a proof derive that search finds; nothing where it finds none."""
    state = problem.state
    derived = (state.apply(option) for option in prove(problem.state, verifier.decide) or ())
    return frozenset(line for line in derived if isinstance(line, Formula))


def error_shares(results: Iterable[Result]) -> dict[str, Any]:
    """The shares of the classes among all rejected steps, which sum to one; and for each proof depth (`hops`).

    {steps, shares: {class: share}, by_depth: {hops: {steps, shares}}}; no class is left out.
    """
    traces = [
        (problem.hops, Counter(found for found in classify(problem, checked) if found))
        for problem, checked in results
    ]
    depths = sorted({hops for hops, errors in traces if hops is not None and errors})
    by_depth = {str(depth): _shares([errors for hops, errors in traces if hops == depth]) for depth in depths}
    return {**_shares([errors for _, errors in traces]), "by_depth": by_depth}


def _shares(traces: Sequence[Counter[ErrorClass]]) -> dict[str, Any]:
    """traces: of each, how many steps are in a class."""
    return {
        "steps": sum(errors.total() for errors in traces),
        "shares": {
            each.value: ratio([(errors[each], errors.total()) for errors in traces]) for each in ErrorClass
        },
    }
