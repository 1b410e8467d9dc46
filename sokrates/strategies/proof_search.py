"""Step by step, beam and refine: several next steps are written, the best are kept, and those go on.

With the kernel a step counts if it is strictly valid and derives what does not stand yet; of partial proofs that
hold the same lines in the same scopes one is kept. Where no step counts, the continuations go back and draw again,
at a higher temperature. With a width of one, K continuations are step-by-step decoding, and one continuation is
refining: the first attempt at each step is greedy, and a rejected one is cut off and written again. Not covered:
keeping invalid Actions from being written (`guided`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from torch import Tensor

from sokrates.logic.answer import Answer
from sokrates.logic.formula import Formula
from sokrates.proof.kernel import ASSUME, State
from sokrates.proof.problem import Problem
from sokrates.proof.text import CONCLUDE, Step, read_steps
from sokrates.proof.verify import Verifier, apply_step
from sokrates.sampling.control import Branch, Continuation
from sokrates.strategies.scores import Scorer
from sokrates.strategies.search_control import Limits, Results, is_whole_step

RISE = 0.1  # of the temperature with each retry of a problem
HIGHEST_TEMPERATURE = 1.0  # that retries reach: above it a small policy writes no steps


@dataclass(frozen=True)
class _Partial:
    """A proof in progress.

    text: of its steps
    length: its tokens
    state: what it has derived; None without the kernel
    score: of its steps together
    concluded: its last step is the conclusion
    """

    text: str
    length: int
    steps: int
    state: State | None
    score: float
    concluded: bool = False

    @property
    def lines(self) -> tuple[frozenset[Formula], ...]:
        """The formulas outside all scopes, then those of each open one, which go when it closes."""
        assert self.state is not None
        lines = self.state.lines
        bounds = pairwise([0, *self.state.assumptions, len(lines)])
        return tuple(
            frozenset(line for line in lines[begin:end] if isinstance(line, Formula)) for begin, end in bounds
        )


@dataclass
class _Search:
    """A problem's partial proofs, by the continuation that goes on from each, and the retries left."""

    verifier: Verifier
    starts: list[_Partial]
    retries: int


class ProofSearch:
    """A control that keeps the `width` best partial proofs after each step."""

    def __init__(
        self, problems: Sequence[Problem], scorer: Scorer, limits: Limits, pauses: Tensor, width: int, kernel: bool
    ) -> None:
        self.results = Results(problems, limits.max_steps)
        self.scorer, self.limits, self.width, self.kernel = scorer, limits, width, kernel
        self.pauses, self.max_draws = pauses, limits.max_draws
        self._searches: dict[int, _Search] = {}

    def next(
        self, prompt: int, continuations: Sequence[Continuation], spent: int
    ) -> Sequence[Branch | None] | None:
        if prompt not in self._searches:
            self._searches[prompt] = self._begin(prompt, len(continuations))
        search = self._searches[prompt]
        texts = [
            self.scorer.text(continuation.tokens)[len(start.text) :]
            for continuation, start in zip(continuations, search.starts, strict=True)
        ]
        unfinished = [
            number
            for number, continuation in enumerate(continuations)
            if not (continuation.closed or is_whole_step(texts[number]))
        ]
        if unfinished:  # the line that ended was not the step's last
            return [
                Branch(number, len(continuation.tokens)) if number in unfinished else None
                for number, continuation in enumerate(continuations)
            ]
        found = [
            (number, partial)
            for number, continuation in enumerate(continuations)
            if (partial := self._extended(search, number, continuation, texts[number])) is not None
        ]
        found.sort(key=lambda pair: -pair[1].score)
        concluded = [partial for _, partial in found if partial.concluded]
        if concluded and (self.kernel or found[0][1].concluded):
            self._settle(prompt, concluded[0], spent)
            return None
        kept = self._distinct([pair for pair in found if not pair[1].concluded])[: self.width]
        over = spent >= self.limits.max_tokens or (kept and kept[0][1].steps >= self.limits.max_steps)
        if over or (not kept and search.retries == 0):
            best = kept[0][1] if kept else max(search.starts, key=lambda start: start.score)
            self._settle(prompt, best, spent)
            return None
        if not kept:
            search.retries -= 1
            temperature = self._temperature(self.limits.retries - search.retries)
            return [Branch(number, start.length, temperature) for number, start in enumerate(search.starts)]
        chosen = [kept[number % len(kept)] for number in range(len(continuations))]
        search.starts = [partial for _, partial in chosen]
        return [
            Branch(parent, partial.length, self._temperature(0) if number >= len(kept) else 0.0)
            for number, (parent, partial) in enumerate(chosen)
        ]

    def _temperature(self, retries: int) -> float:
        """Of what is drawn after so many retries: a policy is sure of the step that it gets wrong."""
        lowest = self.limits.temperature
        return max(lowest, min(lowest + RISE * retries, HIGHEST_TEMPERATURE))

    def _begin(self, prompt: int, continuations: int) -> _Search:
        problem = self.results.problems[prompt]
        start = _Partial("", 0, 0, problem.state if self.kernel else None, 0.0)
        return _Search(Verifier(problem.facts, problem.goal), [start] * continuations, self.limits.retries)

    def _extended(self, search: _Search, number: int, continuation: Continuation, text: str) -> _Partial | None:
        """The partial proof with the continuation's step; None where the step does not count."""
        start = search.starts[number]
        steps = read_steps(start.text + text)[start.steps :]
        if len(steps) != 1:
            return None
        option = steps[0].option
        concludes = option is not None and option.name == CONCLUDE
        if not text.endswith("\n") and not (concludes and continuation.ended):
            return None
        state = None
        if start.state is not None:
            state = start.state.copy()
            if not _takes(search.verifier, state, steps[0]):
                return None
        (score,) = self.scorer.steps(continuation, steps)
        text, length = start.text + text, len(continuation.tokens)
        return _Partial(text, length, start.steps + 1, state, start.score + score, concludes)

    def _distinct(self, found: list[tuple[int, _Partial]]) -> list[tuple[int, _Partial]]:
        """Of partial proofs that hold the same lines, or without the kernel have the same text, the first."""
        first: dict[object, tuple[int, _Partial]] = {}
        for number, partial in found:
            first.setdefault(partial.lines if self.kernel else partial.text, (number, partial))
        return list(first.values())

    def _settle(self, prompt: int, partial: _Partial, spent: int) -> None:
        self.results.settle(prompt, partial.text, partial.concluded, spent)
        del self._searches[prompt]


def _takes(verifier: Verifier, state: State, step: Step) -> bool:
    """Whether the step is valid in the state and gets it further; it is put down there."""
    if step.option is not None and step.option.name == CONCLUDE:
        return isinstance(state.conclude(step.option, verifier.decide), Answer)
    verdict = apply_step(state, step)
    if not verdict.valid or step.option is None:
        return False
    *standing, _ = state.lines  # those of a scope that the step closes stand no more
    if step.option.name == ASSUME:  # opens a scope, which no line does that stands but an assumption
        standing = [state.lines[index] for index in state.assumptions[:-1]]
    return verdict.derived not in standing
