"""Gold traces: what SFT learns from, in two kinds of rationale.

A *careful* trace is a minimal proof, every step valid. A *shortcut* trace has the same thoughts about the
conclusion and the same answer, but from its second step on it cites the fact that the chain began with
instead of the one just derived, as the published training data did: each claim is true, the step that
claims it does not follow. A proof of one step has no shortcut, nor has one that is not a chain of modus ponens.
"""

from __future__ import annotations

from dataclasses import replace

from sokrates.proof.kernel import derive
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import Problem
from sokrates.proof.text import CONCLUDE, Step, read_steps, think, write_steps
from sokrates.proof.verify import Verifier
from sokrates.search.prove import prove, write_proof


class NoGoldTrace(ValueError):
    """Why a problem has none."""


def careful(problem: Problem) -> list[Step]:
    """A minimal proof that passes the strict check. Raises NoGoldTrace."""
    verifier = Verifier(problem.facts, problem.goal)
    options = prove(problem.state, verifier.decide)
    if options is None:
        raise NoGoldTrace("no proof was found")
    steps = write_proof(problem.state, options, problem.say)
    checked = verifier.check(read_steps(write_steps(steps)))  # as it will be read
    if problem.label is not None and checked.answer is not problem.label:
        raise NoGoldTrace("the proof's answer is not the label")
    if not checked.valid(problem.label):
        raise NoGoldTrace("the proof does not pass the strict check")
    return steps


def shortcut(problem: Problem, steps: list[Step]) -> list[Step]:
    """The steps of a chain of modus ponens, each citing the fact that it began with; others as they are."""
    if any(step.option is None or step.option.name not in ("MODUS_PONENS", CONCLUDE) for step in steps):
        return steps
    state, written = problem.state, []
    began: dict[int, int] = {}  # the index of a derived fact → of the premise its chain began with
    for step in steps:
        if step.option is None or step.option.name == CONCLUDE:
            written.append(step)
            continue
        derived = derive(state, step.option)
        if isinstance(derived, Reason):
            raise ValueError(f"{step.option} is not valid here: {derived.value}")
        fact, rule = (int(arg) for arg in step.option.args)
        root = began[len(state.lines)] = began.get(fact, fact)
        option = Option(step.option.name, (root, rule))
        written.append(replace(step, thought=think(state, option, derived, problem.say), option=option))
        state.apply(step.option)
    return written
