"""The input of a sampling engine beside the prompts, and the token ids that it takes and returns.

Every engine is a function of prompts, a Request and a progress callback. It returns the continuations of each
prompt, without the token that ends them.
"""

from __future__ import annotations

from dataclasses import dataclass

Tokens = list[int]


@dataclass(frozen=True)
class Request:
    """How an engine samples.

    samples: continuations of each prompt
    temperature: of the softmax; None is greedy
    top_p: nucleus
    max_new_tokens: of a continuation, at most
    end: the token that ends a continuation
    batch_size: continuations written at a time
    seed: of the random numbers
    """

    samples: int
    temperature: float | None
    top_p: float
    max_new_tokens: int
    end: int
    batch_size: int
    seed: int


def before_end(tokens: Tokens, end: int) -> Tokens:
    """The tokens before the first `end`; all of them without one."""
    return tokens[: tokens.index(end)] if end in tokens else tokens
