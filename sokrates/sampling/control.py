"""What directs an engine's continuations while they are written: whoever wants only some of a policy's steps.

An engine that takes a `Control` writes every continuation of a prompt up to its next pause, then asks which of
them go on and from where. Not covered: what makes one better than another (`sokrates.strategies`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from sokrates.sampling.request import Tokens

Trie = Mapping[int, "Trie"]  # tokens that may come next, each with what may come after it; {} allows every token


@dataclass(frozen=True, slots=True)
class Continuation:
    """What has been written after a prompt.

    log_probs: of each token, at temperature 1
    states: [at least tokens + 1, hidden size], the last layer's after the prompt and the first i tokens
    closed: the policy ended it, or there is no room for more
    ended: the policy ended it
    """

    tokens: Tokens
    log_probs: list[float]
    states: Tensor
    closed: bool
    ended: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """How a continuation goes on.

    parent: the index of the continuation whose first `length` tokens it takes for its own
    temperature: of the softmax from which its tokens are drawn; 0 is greedy, None is as before
    trie: what it may write next; after a leaf it is free again
    """

    parent: int
    length: int
    temperature: float | None = None
    trie: Trie | None = None


class Control(Protocol):
    """Directs the continuations of every prompt. At first all are drawn but the first, which is greedy.

    pauses: [vocabulary], true for a token after which a continuation waits
    max_draws: tokens that one continuation may write, those that are cut off included
    """

    pauses: Tensor
    max_draws: int

    def next(
        self, prompt: int, continuations: Sequence[Continuation], spent: int
    ) -> Sequence[Branch | None] | None:
        """How the continuations of a prompt, which all wait, go on; None for one that waits on.

        spent: tokens written for this prompt so far
        Returns None instead of a list when the prompt needs no more.
        """
