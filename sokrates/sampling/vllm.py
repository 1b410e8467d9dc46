"""The engine `vllm`: it loads the policy itself, and needs the extra of the same name (constraints-vllm.txt).

Greedy text is the default engine's, up to ties; samples differ, as each engine draws in its own way.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from sokrates.io.errors import UserError
from sokrates.sampling.request import Request, Tokens, before_end

LORA_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)  # the values of max_lora_rank that vLLM accepts


def decode_with_vllm(
    policy: Path, dtype: str, prompts: Sequence[Tokens], request: Request, progress: Callable[[int], object]
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
    torch.cuda.empty_cache()  # memory that this process holds counts against vLLM's share of the GPU
    llm = LLM(
        **options,
        tokenizer=str(policy),
        dtype=dtype,
        seed=request.seed,
        max_num_seqs=request.batch_size,
        max_model_len=longest + request.max_new_tokens,
        enable_prefix_caching=True,
    )
    params = [
        SamplingParams(
            n=request.samples,
            temperature=request.temperature or 0.0,
            top_p=1.0 if request.temperature is None else request.top_p,
            max_tokens=request.max_new_tokens,
            stop_token_ids=[request.end],
            ignore_eos=True,  # the base's own generation settings may name more end tokens than the tokenizer
            seed=None if request.temperature is None else (request.seed * len(prompts) + index) * request.samples,
            detokenize=False,
        )
        for index in range(len(prompts))
    ]
    try:
        outputs = llm.generate(
            [TokensPrompt(prompt_token_ids=list(prompt)) for prompt in prompts], params, lora_request=adapter
        )
    finally:
        llm.llm_engine.engine_core.shutdown()  # the next policy needs the GPU
    progress(len(outputs) * request.samples)
    return [[before_end(list(one.token_ids), request.end) for one in output.outputs] for output in outputs]
