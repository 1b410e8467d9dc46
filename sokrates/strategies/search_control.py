"""What the strategies' controls share: the problems, the results, and how a step's end is known.

Not covered: what each strategy does with what it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from transformers import PreTrainedTokenizerBase

from sokrates.proof.problem import Problem
from sokrates.proof.text import first_steps
from sokrates.sampling.request import Tokens
from sokrates.sampling.sampler import Sample

_ACTION, _THOUGHT = "Action: ", "Thought: "


@dataclass(frozen=True)
class Limits:
    """What a strategy may spend on a problem.

    max_steps: steps of the trace that is kept
    max_draws: tokens that one continuation may write
    max_tokens: of all continuations of the problem together; the step in progress is finished
    retries: times that continuations go back and write a step again
    temperature: of the softmax, for what is drawn at first
    """

    max_steps: int
    max_draws: int
    max_tokens: int
    retries: int
    temperature: float


class Results:
    """The traces that a strategy has settled on, by the problem's place."""

    def __init__(self, problems: Sequence[Problem], max_steps: int) -> None:
        self.problems, self.max_steps = problems, max_steps
        self._samples: dict[int, Sample] = {}

    def settle(self, prompt: int, text: str, ended: bool, spent: int) -> None:
        """Keeps a problem's trace: its first steps, and the tokens that all of its continuations took."""
        kept = first_steps(text, self.max_steps)
        self._samples[prompt] = Sample(kept, ended and kept == text, spent)

    def in_order(self) -> list[Sample]:
        return [self._samples[prompt] for prompt in range(len(self.problems))]


def line_ends(tokenizer: PreTrainedTokenizerBase, vocabulary: int) -> torch.Tensor:
    """[vocabulary], true for a token whose text ends a line."""
    texts = tokenizer.batch_decode([[token] for token in range(len(tokenizer))])
    ends = torch.zeros(vocabulary, dtype=torch.bool)
    ends[: len(texts)] = torch.tensor([text.rstrip(" ").endswith("\n") for text in texts])
    return ends


def is_whole_step(text: str) -> bool:
    """Whether what was written since the last step is a step: a Thought alone still waits for its Action."""
    return not (text.startswith(_THOUGHT) and f"\n{_ACTION}" not in text and text.count("\n") <= 1)


def option_begins(tokenizer: PreTrainedTokenizerBase, tokens: Tokens, opening: str) -> int | None:
    """How many of the first tokens lead up to the last `opening` of their text; None where none ends there."""
    begin = str(tokenizer.decode(tokens)).rfind(opening)
    if begin < 0:
        return None
    for count in range(len(tokens), 0, -1):
        length = len(str(tokenizer.decode(tokens[:count])))
        if length <= begin + len(opening):
            return count if length == begin + len(opening) else None
    return None
