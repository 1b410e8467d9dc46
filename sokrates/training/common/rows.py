"""Token ids of prompts and completions: the rows that the trainers learn from.

A prompt ends on a newline, so prompt and completion are tokenised apart and joined.
"""

from __future__ import annotations

from collections.abc import Sequence

from transformers import PreTrainedTokenizerBase

IGNORED = -100  # the label of a token without a loss


def sft_rows(tokenizer: PreTrainedTokenizerBase, texts: Sequence[tuple[str, str]]) -> list[dict[str, list[int]]]:
    """`input_ids` and `labels` of each (prompt, completion); the prompt has no loss."""
    prompts = prompt_ids(tokenizer, [prompt for prompt, _ in texts])
    completions = completion_ids(tokenizer, [completion for _, completion in texts], [True] * len(texts))
    return [
        {"input_ids": start + rest, "labels": [IGNORED] * len(start) + rest}
        for start, rest in zip(prompts, completions, strict=True)
    ]


def prompt_ids(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> list[list[int]]:
    """The ids of prompts, with the tokenizer's first token where it has one."""
    return tokenizer(list(texts), return_attention_mask=False)["input_ids"] if texts else []


def completion_ids(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], ended: Sequence[bool]
) -> list[list[int]]:
    """The ids of completions; those that have `ended` get the end-of-text token."""
    if not texts:
        return []
    ids = tokenizer(list(texts), add_special_tokens=False, return_attention_mask=False)["input_ids"]
    end = [tokenizer.eos_token_id]
    return [tokens + end if ends else tokens for tokens, ends in zip(ids, ended, strict=True)]
