"""The engine `continuous_batching`: transformers' own, for GPUs.

Greedy text is the default engine's, up to ties; samples differ, as each engine draws in its own way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from transformers import ContinuousBatchingConfig, GenerationConfig

from sokrates.io.errors import UserError
from sokrates.sampling.request import Request, Tokens, before_end

CPU_PAGE_TOKENS = 32  # of a page of the cache on a CPU: a trace occupies whole pages


def decode_continuously(
    model: Any, prompts: Sequence[Tokens], request: Request, progress: Callable[[int], object]
) -> list[list[Tokens]]:
    """transformers' continuous batching. Raises UserError if it loses a trace."""
    greedy = request.temperature is None
    config = GenerationConfig(
        max_new_tokens=request.max_new_tokens,
        do_sample=not greedy,
        temperature=request.temperature,
        top_p=None if greedy else request.top_p,
        top_k=None if greedy else 0,
        num_return_sequences=request.samples,
        eos_token_id=request.end,
        pad_token_id=request.end,
    )
    longest = max(map(len, prompts), default=1) + request.max_new_tokens
    sizes: dict[str, Any] = {"max_requests_per_batch": request.batch_size}
    if (
        not torch.cuda.is_available()
    ):  # transformers sizes its cache by a GPU's memory; without one it asks for too much
        pages = request.batch_size * (longest // CPU_PAGE_TOKENS + 1)
        sizes |= {
            "page_size": CPU_PAGE_TOKENS,
            "num_blocks": pages,
            "max_batch_tokens": max(longest, request.batch_size),
        }
    written = model.generate_batch(
        [list(prompt) for prompt in prompts],
        generation_config=config,
        continuous_batching_config=ContinuousBatchingConfig(seed=request.seed, **sizes),
    )
    outputs = list(written.values())
    lost = next((output.error for output in outputs if output.error), None)
    if lost or len(outputs) != len(prompts) * request.samples:  # it only logs what fails
        raise UserError(f"transformers' continuous batching lost traces: {lost or 'see the log'}")
    progress(len(outputs))
    tokens = [before_end(list(output.generated_tokens), request.end) for output in outputs]
    return [tokens[begin : begin + request.samples] for begin in range(0, len(tokens), request.samples)]
