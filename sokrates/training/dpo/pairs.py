"""Preference pairs: which of two continuations of a prompt a policy should have written.

By trace, as published: score = valid steps / steps + 1 if the answer is right + ½ if the trace is valid; the
best and the worst trace of a problem make a pair when they differ by at least δ. By step: where a trace first
goes wrong, its step against a valid one from the same state. By answer: the published ablation, in which
the score is 1 for the right answer and 0 for any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sokrates.pipeline.params import Preferences
from sokrates.proof.kernel import State
from sokrates.proof.option import Reason
from sokrates.proof.problem import Problem
from sokrates.proof.text import CONCLUDE, write_steps
from sokrates.proof.trace import Rollout
from sokrates.proof.verify import Checked, Verifier
from sokrates.search.prove import prove, write_proof


@dataclass(frozen=True)
class Pair:
    """Two continuations of a prompt; `ended` says of each whether the end of the text is part of it."""

    prompt: str
    chosen: str
    rejected: str
    chosen_ended: bool = True
    rejected_ended: bool = True

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def make_pairs(rollouts: Sequence[Rollout], settings: Preferences) -> list[Pair]:
    """Pairs from the rollouts of one problem, at most one by trace, at most one a rollout by step."""
    if settings.level == "step":
        return list(dict.fromkeys(_step_pairs(rollouts)))
    best = max(rollouts, key=lambda rollout: rollout.score(settings.signal))
    worst = min(rollouts, key=lambda rollout: rollout.score(settings.signal))
    if best.score(settings.signal) - worst.score(settings.signal) < settings.delta:
        return []
    return [
        Pair(best.trace.problem.prompt, best.trace.text, worst.trace.text, best.trace.ended, worst.trace.ended)
    ]


def _step_pairs(rollouts: Sequence[Rollout]) -> Iterator[Pair]:
    """At the first step that goes wrong: that step against the first step of a shortest proof from there.

    Where a rollout of the same problem took that very step from the same beginning, its words are chosen.
    """
    problem = rollouts[0].trace.problem
    verifier = Verifier(problem.facts, problem.goal)
    for rollout in rollouts:
        wrong = next((i for i, verdict in enumerate(rollout.checked.verdicts) if not verdict.valid), None)
        steps = rollout.trace.steps
        span = None if wrong is None else steps[wrong].span
        if wrong is None or span is None:
            continue
        begin, _, end = span
        valid = rollout.trace.text[:begin]
        last = wrong == len(steps) - 1
        if last and not rollout.trace.ended:  # cut off in the middle: it might have become valid
            continue
        if rollout.checked.verdicts[wrong].reason is Reason.AFTER_CONCLUDE:  # it should have stopped
            yield Pair(
                problem.prompt + valid, "", rollout.trace.text[begin:end], True, rollout.trace.ended and last
            )
            continue
        state = _state_after(problem, rollout.checked, wrong)
        proof = prove(state, verifier.decide)
        if proof is None:
            continue
        chosen = _in_own_words(rollouts, valid, proof[0]) or write_steps(
            write_proof(state, proof[:1], problem.say)
        )
        yield Pair(
            problem.prompt + valid,
            chosen,
            rollout.trace.text[begin:end],
            chosen_ended=proof[0].name == CONCLUDE,
            rejected_ended=last,
        )


def _state_after(problem: Problem, checked: Checked, count: int) -> State:
    """The state after the first `count` steps, all of them valid."""
    state = problem.state
    for verdict in checked.verdicts[:count]:
        state.apply(verdict.option)
    return state


def _in_own_words(rollouts: Sequence[Rollout], valid: str, option: object) -> str | None:
    for rollout in rollouts:
        for step, verdict in zip(rollout.trace.steps, rollout.checked.verdicts, strict=True):
            if (
                step.span
                and step.option == option
                and verdict.valid
                and rollout.trace.text[: step.span[0]] == valid
            ):
                return rollout.trace.text[step.span[0] : step.span[2]]
    return None
