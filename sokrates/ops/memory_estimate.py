"""How much memory and disk a model needs under given params: an estimate from its config, no weights loaded.

transformers builds the model without storage (PyTorch's meta device), so the parameters of any causal language
model are counted exactly. Counted: weights, gradients and optimiser states, the adapter, DPO's reference,
activations of the longest rows (`sokrates.training.common.memory`), keys and values while sampling. Not counted:
gaps that an allocator leaves, CUDA's own context (under 1 GiB), logits (`sokrates.training.common.label_logprobs`
keeps 256 MiB at most). Activations are those of the Llama family, so for other models they are rough. Importing
this module takes about three seconds (torch, transformers), building an 8B model half a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from huggingface_hub.errors import StrictDataclassError
from transformers import AutoConfig, AutoModelForCausalLM

from sokrates.pipeline.params import Params
from sokrates.policy.model import with_adapter
from sokrates.training.common.memory import OPTIMISER_BYTES, activation_bytes

GIB = 2**30
BYTES = {"float32": 4, "bfloat16": 2}
PROMPT_TOKENS = 400  # a prompt of the sources with the longest problems


class MemoryEstimate(NamedTuple):
    """What a run needs; all but the first are bytes.

    parameters: of the model, without an adapter
    weights: as they are loaded
    smallest: SFT and DPO with the smallest micro-batches that the params allow, and checkpointing if they allow it
    whole: SFT and DPO with the largest micro-batches, and checkpointing only if the params ask for it
    sampling: traces, a batch at a time
    policy: disk for one saved policy
    """

    parameters: int
    weights: int
    smallest: int
    whole: int
    sampling: int
    policy: int


def memory_estimate(model_config: Mapping[str, Any], params: Params) -> MemoryEstimate | None:
    """What the model of a config.json needs under `params`; None where transformers cannot build it."""
    try:
        config = AutoConfig.for_model(**model_config)
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(config)
            count: int = model.num_parameters()
            adapted = with_adapter(model, params.model, seed=0)
        text = config.get_text_config()
        kept, checkpointed = activation_bytes(text, BYTES[params.model.dtype])
    except (AttributeError, KeyError, TypeError, ValueError, StrictDataclassError):  # unknown, or contradictory
        return None
    trained: int = sum(weight.numel() for weight in adapted.parameters() if weight.requires_grad)
    lora = params.model.adapter == "lora"
    weights = count * BYTES[params.model.dtype if lora else "float32"]  # trained weights are float32
    held = weights + OPTIMISER_BYTES * trained + (4 * trained if lora else 0)  # an adapter adds its own weights

    def training(sft_rows: int, dpo_rows: int, token: float) -> int:
        sft = sft_rows * params.sft.max_length * token
        dpo = 4 * trained + 2 * dpo_rows * params.dpo.max_length * token  # the reference, two sequences
        return round(held + max(sft, dpo))

    runtime, batches = params.runtime, (params.sft.batch_size, params.dpo.batch_size)
    if runtime.micro_batch == "auto":
        fewest, most = (1, 1), batches
    else:
        fewest = most = (min(runtime.micro_batch, batches[0]), min(runtime.micro_batch, batches[1]))
    heads = getattr(text, "num_key_value_heads", None) or text.num_attention_heads
    head_size = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    token_cache = 2 * text.num_hidden_layers * heads * head_size * BYTES[params.model.dtype]  # keys and values
    tokens = params.sampling.batch_size * (PROMPT_TOKENS + params.sampling.max_new_tokens)
    return MemoryEstimate(
        parameters=count,
        weights=weights,
        smallest=training(*fewest, kept if runtime.gradient_checkpointing is False else checkpointed),
        whole=training(*most, checkpointed if runtime.gradient_checkpointing is True else kept),
        sampling=count * BYTES[params.model.dtype] + tokens * token_cache,
        policy=4 * trained,
    )
