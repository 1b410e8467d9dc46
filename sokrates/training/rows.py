"""Token ids of prompts and what follows them: the rows that the trainers learn from.

A prompt ends on a newline, so prompt and completion are tokenised apart and joined.
"""

from __future__ import annotations

from typing import Any

from transformers import PreTrainedTokenizerBase

IGNORED = -100  # label of a token that no loss is taken on


def completion_ids(tokenizer: PreTrainedTokenizerBase, text: str, *, ended: bool = True) -> list[int]:
    """The ids of a completion; the end-of-text token follows where the completion `ended`."""
    ids = list(tokenizer(text, add_special_tokens=False)["input_ids"])
    return [*ids, tokenizer.eos_token_id] if ended else ids


def prompt_ids(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    """The ids of a prompt, with the tokenizer's first token where it has one."""
    return list(tokenizer(text)["input_ids"])


def sft_row(tokenizer: PreTrainedTokenizerBase, prompt: str, completion: str) -> dict[str, Any]:
    """`input_ids` and `labels` of a prompt and its completion; no loss is taken on the prompt."""
    start, rest = prompt_ids(tokenizer, prompt), completion_ids(tokenizer, completion)
    return {"input_ids": start + rest, "labels": [IGNORED] * len(start) + rest}
