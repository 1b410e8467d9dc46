"""Token ids of prompts and what follows them: the rows that the trainers learn from.

A prompt ends on a newline, so prompt and completion are tokenised apart and joined.
"""

from __future__ import annotations

from collections.abc import Sequence

from transformers import PreTrainedTokenizerBase

IGNORED = -100  # label of a token that no loss is taken on


def sft_rows(tokenizer: PreTrainedTokenizerBase, texts: Sequence[tuple[str, str]]) -> list[dict[str, list[int]]]:
    """`input_ids` and `labels` of each (prompt, completion), of which there is one; the prompt has no loss."""
    prompts = tokenizer([prompt for prompt, _ in texts])["input_ids"]
    completions = tokenizer([completion for _, completion in texts], add_special_tokens=False)["input_ids"]
    end = [tokenizer.eos_token_id]
    return [
        {"input_ids": start + rest + end, "labels": [IGNORED] * len(start) + rest + end}
        for start, rest in zip(prompts, completions, strict=True)
    ]


def completion_ids(tokenizer: PreTrainedTokenizerBase, text: str, *, ended: bool = True) -> list[int]:
    """The ids of a completion; the end-of-text token follows where the completion `ended`."""
    ids = list(tokenizer(text, add_special_tokens=False)["input_ids"])
    return [*ids, tokenizer.eos_token_id] if ended else ids


def prompt_ids(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    """The ids of a prompt, with the tokenizer's first token where it has one."""
    return list(tokenizer(text)["input_ids"])
