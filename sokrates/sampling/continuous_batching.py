"""The engine `continuous_batching`: transformers' own, for GPUs.

Greedy text is the same as the default engine's, up to ties; samples are not, as each engine draws in its own way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from transformers import ContinuousBatchingConfig, GenerationConfig

from sokrates.errors import UserError
from sokrates.sampling.request import Request, Tokens, before_end

PAGE = 32  # tokens of a page of the cache on a CPU: a trace holds on to whole pages


def decode_continuously(
    model: Any, prompts: Sequence[Tokens], asked: Request, progress: Callable[[int], object]
) -> list[list[Tokens]]:
    """transformers' continuous batching. Raises UserError where it lost a trace."""
    greedy = asked.temperature is None
    config = GenerationConfig(
        max_new_tokens=asked.max_new_tokens,
        do_sample=not greedy,
        temperature=asked.temperature,
        top_p=None if greedy else asked.top_p,
        top_k=None if greedy else 0,
        num_return_sequences=asked.samples,
        eos_token_id=asked.end,
        pad_token_id=asked.end,
    )
    longest = max(map(len, prompts), default=1) + asked.max_new_tokens
    sizes: dict[str, Any] = {"max_requests_per_batch": asked.batch_size}
    if not torch.cuda.is_available():  # without a GPU's memory to measure, its guesses are too large
        pages = asked.batch_size * (longest // PAGE + 1)
        sizes |= {"page_size": PAGE, "num_blocks": pages, "max_batch_tokens": max(longest, asked.batch_size)}
    written = model.generate_batch(
        [list(prompt) for prompt in prompts],
        generation_config=config,
        continuous_batching_config=ContinuousBatchingConfig(seed=asked.seed, **sizes),
    )
    outputs = list(written.values())
    lost = next((output.error for output in outputs if output.error), None)
    if lost or len(outputs) != len(prompts) * asked.samples:  # it logs what fails, and goes on without
        raise UserError(f"transformers' continuous batching lost traces: {lost or 'see the log'}")
    progress(len(outputs))
    tokens = [before_end(list(output.generated_tokens), asked.end) for output in outputs]
    return [tokens[begin : begin + asked.samples] for begin in range(0, len(tokens), asked.samples)]
