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
from sokrates.proof.option import Option, Reason
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


@dataclass(frozen=True)
class _Mistake:
    """The first step of a rollout that is not valid.

    index: its number among the steps
    before, text: what the rollout wrote up to it, and the step itself
    ended: the rollout ends with it
    """

    index: int
    before: str
    text: str
    ended: bool


def _step_pairs(rollouts: Sequence[Rollout]) -> Iterator[Pair]:
    """For each rollout that goes wrong: its first mistake against what should stand there."""
    problem = rollouts[0].trace.problem
    verifier = Verifier(problem.facts, problem.goal)
    for rollout in rollouts:
        mistake = _first_mistake(rollout)
        if mistake is None:
            continue
        if rollout.checked.verdicts[mistake.index].reason is Reason.AFTER_CONCLUDE:
            chosen: str | None = ""  # it should have stopped
            ended = True
        else:
            chosen, ended = _next_step(rollouts, rollout.checked, mistake, verifier)
        if chosen is not None:
            yield Pair(problem.prompt + mistake.before, chosen, mistake.text, ended, mistake.ended)


def _first_mistake(rollout: Rollout) -> _Mistake | None:
    """None where every step is valid, or where the first that is not was cut off: it might have become valid."""
    text, steps = rollout.trace.text, rollout.checked.steps
    for index, (step, verdict) in enumerate(zip(steps, rollout.checked.verdicts, strict=True)):
        if not verdict.valid:
            is_last = index == len(steps) - 1
            if step.span is None or (is_last and not rollout.trace.ended):
                return None
            begin, _, end = step.span
            return _Mistake(index, text[:begin], text[begin:end], is_last)
    return None


def _next_step(
    rollouts: Sequence[Rollout], checked: Checked, mistake: _Mistake, verifier: Verifier
) -> tuple[str | None, bool]:
    """The first step of a shortest proof from where the mistake stands, and whether the proof ends with it.

    It is written in the words of a rollout that took this step from the same beginning, if one did. None where
    search finds no proof.
    """
    problem = rollouts[0].trace.problem
    state = problem.state
    for verdict in checked.verdicts[: mistake.index]:
        state.apply(verdict.option)
    proof = prove(state, verifier.decide)
    if proof is None:
        return None, False
    option = proof[0]
    written = _in_own_words(rollouts, mistake.before, option) or write_steps(
        write_proof(state, [option], problem.say)
    )
    return written, option.name == CONCLUDE


def _in_own_words(rollouts: Sequence[Rollout], before: str, option: Option) -> str | None:
    """A valid step with this option that a rollout wrote after the same text."""
    for rollout in rollouts:
        text = rollout.trace.text
        for step, verdict in zip(rollout.checked.steps, rollout.checked.verdicts, strict=True):
            if verdict.valid and step.option == option and step.span is not None:
                begin, _, end = step.span
                if text[:begin] == before:
                    return text[begin:end]
    return None
