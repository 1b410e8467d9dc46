"""Two more engines that write traces, asked and answering as `decoding.decode`; vLLM loads the policy by itself.

`continuous_batching` is transformers' own, for GPUs; `vllm` needs the extra of that name (constraints-vllm.txt),
as it has its own torch and transformers. Greedy text is the same from all, up to ties; samples are not, as each
engine draws in its own way.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import ContinuousBatchingConfig, GenerationConfig

from sokrates.errors import UserError
from sokrates.policy.decoding import Request, Tokens

PAGE = 32  # tokens of a page of the cache on a CPU: a trace holds on to whole pages
LORA_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)  # those that vLLM can be asked for


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
    tokens = [_before(list(output.generated_tokens), asked.end) for output in outputs]
    return [tokens[begin : begin + asked.samples] for begin in range(0, len(tokens), asked.samples)]


def decode_with_vllm(
    policy: Path, dtype: str, prompts: Sequence[Tokens], asked: Request, progress: Callable[[int], object]
) -> list[list[Tokens]]:
    """vLLM on a policy's folder; an adapter is served beside its base, unmerged. Raises UserError without vLLM."""
    try:
        from vllm import LLM, SamplingParams, TokensPrompt
        from vllm.lora.request import LoRARequest
    except ImportError as error:
        raise UserError(
            f"sampling.engine vllm: {error}. It has its own versions of torch and transformers: install with "
            f"`pip install -c constraints-vllm.txt -e .[vllm]`, or choose another engine."
        ) from None
    from peft import LoraConfig

    options: dict[str, Any] = {"model": str(policy)}
    adapter = None
    if (policy / "adapter_config.json").is_file():
        lora = LoraConfig.from_pretrained(str(policy))
        rank = next((rank for rank in LORA_RANKS if rank >= lora.r), lora.r)
        options = {"model": lora.base_model_name_or_path, "enable_lora": True, "max_lora_rank": rank}
        adapter = LoRARequest("policy", 1, str(policy.resolve()))
    longest = max(map(len, prompts), default=1)
    gc.collect()
    torch.cuda.empty_cache()  # what this process has kept for itself counts against vLLM's share of the card
    llm = LLM(
        **options,
        tokenizer=str(policy),
        dtype=dtype,
        seed=asked.seed,
        max_num_seqs=asked.batch_size,
        max_model_len=longest + asked.max_new_tokens,
        enable_prefix_caching=True,
    )
    params = [
        SamplingParams(
            n=asked.samples,
            temperature=asked.temperature or 0.0,
            top_p=1.0 if asked.temperature is None else asked.top_p,
            max_tokens=asked.max_new_tokens,
            stop_token_ids=[asked.end],
            ignore_eos=True,  # the base's own generation settings may name more ends than the tokenizer's
            seed=None if asked.temperature is None else (asked.seed * len(prompts) + index) * asked.samples,
            detokenize=False,
        )
        for index in range(len(prompts))
    ]
    try:
        outputs = llm.generate(
            [TokensPrompt(prompt_token_ids=list(prompt)) for prompt in prompts], params, lora_request=adapter
        )
    finally:
        llm.llm_engine.engine_core.shutdown()  # the next policy needs the card
    progress(len(outputs) * asked.samples)
    return [[_before(list(one.token_ids), asked.end) for one in output.outputs] for output in outputs]


def _before(tokens: Tokens, end: int) -> Tokens:
    return tokens[: tokens.index(end)] if end in tokens else tokens
