"""Scores of a continuation's steps: the success head's q̂, the policy's own likelihood, or both.

All are logarithms, so that those of several steps add up. Nothing is computed again: the engine has kept the
hidden states and the tokens' probabilities. Not covered: whether a step is valid (the kernel).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from transformers import PreTrainedTokenizerBase

from sokrates.proof.text import Step
from sokrates.sampling.control import Continuation
from sokrates.sampling.request import Tokens
from sokrates.success_head.features import read_span
from sokrates.success_head.head import SuccessHead

Score = Literal["likelihood", "q", "both"]
LEAST = 1e-6  # of a probability whose logarithm is taken


class Scorer:
    """Scores steps. `head` may be None where the score is the likelihood."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, head: SuccessHead | None, score: Score) -> None:
        assert head is not None or score == "likelihood"
        self.tokenizer, self.head, self.score = tokenizer, head, score

    def text(self, tokens: Tokens) -> str:
        return str(self.tokenizer.decode(tokens, skip_special_tokens=True))

    def tokens_within(self, tokens: Tokens, characters: int) -> int:
        """How many of the first tokens lie within the first `characters` characters of the text."""
        low, high = 0, len(tokens)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if len(self.text(tokens[:middle])) <= characters else (low, middle - 1)
        return low

    def steps(self, continuation: Continuation, steps: Sequence[Step]) -> list[float]:
        """The score of each step, which `read_steps` gave for the continuation's text or a later part of it."""
        tokens = continuation.tokens

        def within(characters: int) -> int:
            return self.tokens_within(tokens, characters)

        places = [(within(begin), within(action), within(end)) for begin, action, end in (s.place for s in steps)]
        likelihoods = [sum(continuation.log_probs[begin:end]) for begin, _, end in places]
        if self.score == "likelihood" or not places:
            return likelihoods
        assert self.head is not None
        read = [read_span(place, self.head.reads) for place in places]
        # of each step [tokens, hidden], as `success_head.features` has them: states[i + 1] is that of token i
        inputs = [continuation.states[min(begin + 1, end) : end + 1].cpu() for begin, end in read]
        estimates = torch.tensor(self.head.probabilities(inputs)).clamp_min(LEAST).log().tolist()
        if self.score == "q":
            return list(estimates)
        return [q + likelihood for q, likelihood in zip(estimates, likelihoods, strict=True)]
