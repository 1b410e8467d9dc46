"""Best-of-K and vote: K whole traces, of which one is chosen.

The first of the K is greedy, the others are drawn. With the kernel, the valid ones alone stand for election if
there are any. Not covered: traces that are repaired on the way (`proof_search`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal

import torch

from sokrates.logic.answer import Answer
from sokrates.proof.text import first_steps, read_steps
from sokrates.proof.verify import Checked, Verifier
from sokrates.sampling.control import Branch, Continuation
from sokrates.strategies.scores import Scorer
from sokrates.strategies.search_control import Limits, Results


@dataclass
class Choosing:
    """One way to choose from the traces of a problem.

    choice: by the product or the minimum of the steps' scores, or by vote on the answers
    kernel: valid traces alone can be chosen, if there are any
    candidates: it chooses from this many, the first ones
    """

    results: Results
    scorer: Scorer
    choice: Literal["product", "minimum", "vote"]
    kernel: bool
    candidates: int

    def best(self, written: Sequence[_Written]) -> _Written:
        """The trace that is chosen."""
        candidates = [trace for trace in written if trace.checked.valid(None)] if self.kernel else []
        candidates = candidates or list(written)
        if self.choice == "vote":
            return candidates[_elected([trace.checked.answer for trace in candidates])]
        return max(candidates, key=self._score)

    def _score(self, trace: _Written) -> float:
        scores = self.scorer.steps(trace.continuation, trace.checked.steps)
        if not scores:
            return -inf
        return sum(scores) if self.choice == "product" else min(scores)


@dataclass(frozen=True)
class _Written:
    """A trace that was written, and the verdicts on those of its steps that are kept."""

    continuation: Continuation
    text: str
    checked: Checked


class WholeTraces:
    """A control that lets every continuation end. Each of `choices` then makes its choice."""

    def __init__(self, choices: Sequence[Choosing], limits: Limits, vocabulary: int) -> None:
        self.choices = choices
        self.pauses = torch.zeros(vocabulary, dtype=torch.bool)
        self.max_draws, self.max_steps = limits.max_draws, limits.max_steps

    def next(
        self, prompt: int, continuations: Sequence[Continuation], spent: int
    ) -> Sequence[Branch | None] | None:
        problem = self.choices[0].results.problems[prompt]
        verifier = Verifier(problem.facts, problem.goal)
        written = []
        for continuation in continuations:
            text = self.choices[0].scorer.text(continuation.tokens)
            checked = verifier.check(read_steps(first_steps(text, self.max_steps)))
            written.append(_Written(continuation, text, checked))
        for choice in self.choices:
            candidates = written[: choice.candidates]
            best = choice.best(candidates)
            spent = sum(len(trace.continuation.tokens) for trace in candidates)
            choice.results.settle(prompt, best.text, best.continuation.ended, spent)
        return None


def _elected(answers: Sequence[Answer | None]) -> int:
    """The place of the most frequent answer's first vote; of two as frequent, the one that comes first."""
    votes = Counter(answer for answer in answers if answer is not None)
    return answers.index(votes.most_common(1)[0][0]) if votes else 0
