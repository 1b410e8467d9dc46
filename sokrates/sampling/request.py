"""What a sampling engine is asked, and what it answers in: token ids.

Every engine is a function of prompts, a Request and a progress callback that returns the continuations of each
prompt, without the token that ends them.
"""

from __future__ import annotations

from dataclasses import dataclass

Tokens = list[int]


@dataclass(frozen=True)
class Request:
    """What an engine is asked to write.

    samples: continuations of each prompt
    temperature: of the softmax; None is greedy
    top_p: nucleus
    max_new_tokens: tokens of a continuation
    end: the token that ends one
    batch_size: continuations written at a time
    seed: of what is drawn
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
