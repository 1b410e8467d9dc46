"""How much memory and disk a model needs under given params: an estimate from its config, no model loaded.

Counted: weights, gradients and optimiser, the adapter, the reference of DPO, activations of the longest rows
(`sokrates.training.common.memory`), keys and values while sampling. Not counted: gaps that an allocator leaves,
CUDA's own context (under 1 GiB), logits, of which `sokrates.training.common.label_logprobs` keeps 256 MiB at most.
Not covered: models other than dense decoders of Llama's and Qwen's kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple

from sokrates.pipeline.params import Params
from sokrates.training.common.memory import OPTIMISER_BYTES, activation_bytes

GIB = 2**30
BYTES = {"float32": 4, "bfloat16": 2}
PROMPT_TOKENS = 400  # a problem and its prompt, of the sources that are longest
DENSE = ("llama", "qwen2", "qwen3")  # values of model_type
SHAPE = {"hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "vocab_size"}


class Footprint(NamedTuple):
    """Bytes that a run needs."""

    weights: int  # of the model, as it is loaded
    smallest: (
        int  # SFT and DPO with the smallest micro-batches that the params allow, recomputing if they allow it
    )
    whole: (
        int  # the same with the largest micro-batches that the params allow, recomputing only if they ask for it
    )
    sampling: int
    policy: int  # of disk, for one saved policy


def footprint(config: Mapping[str, Any], params: Params) -> Footprint | None:
    """What the model of a config.json needs under `params`; None for a model of another kind."""
    count = parameters(config)
    if count is None:
        return None
    model, runtime, lora = params.model, params.runtime, params.model.adapter == "lora"
    weights = count * BYTES[model.dtype if lora else "float32"]  # weights that are trained are float32
    trained = adapter_parameters(config, params) if lora else count
    held = weights + OPTIMISER_BYTES * trained + (4 * trained if lora else 0)  # an adapter comes on top
    shape = SimpleNamespace(**{name: config[name] for name in SHAPE})
    kept, checkpointed = activation_bytes(shape, BYTES[model.dtype])

    def training(sft_rows: int, dpo_rows: int, token: float) -> int:
        sft = sft_rows * params.sft.max_length * token
        dpo = 4 * trained + 2 * dpo_rows * params.dpo.max_length * token  # the reference, two sequences
        return round(held + max(sft, dpo))

    if runtime.micro_batch == "auto":
        rows, most = (1, 1), (params.sft.batch_size, params.dpo.batch_size)
    else:
        rows = most = (
            min(runtime.micro_batch, params.sft.batch_size),
            min(runtime.micro_batch, params.dpo.batch_size),
        )
    cached = 2 * config["num_hidden_layers"] * _keys(config) * BYTES[model.dtype]
    tokens = params.sampling.batch_size * (PROMPT_TOKENS + params.sampling.max_new_tokens)
    return Footprint(
        weights=weights,
        smallest=training(*rows, kept if runtime.gradient_checkpointing is False else checkpointed),
        whole=training(*most, checkpointed if runtime.gradient_checkpointing is True else kept),
        sampling=count * BYTES[model.dtype] + tokens * cached,
        policy=4 * trained,
    )


def adapter_parameters(config: Mapping[str, Any], params: Params) -> int:
    """Trainable parameters of a LoRA adapter on the projections that `params` name."""
    shapes = _projections(config)
    targets = [shapes[name] for name in params.model.lora_targets if name in shapes]
    return config["num_hidden_layers"] * params.model.lora_r * sum(rows + columns for rows, columns in targets)


def parameters(config: Mapping[str, Any]) -> int | None:
    """Parameters of the model of a config.json; None for a model of another kind."""
    if config.get("model_type") not in DENSE or not config.keys() >= SHAPE:
        return None
    hidden, shapes = config["hidden_size"], _projections(config)
    layer = sum(rows * columns for rows, columns in shapes.values()) + 2 * hidden
    if config["model_type"] == "qwen2":  # it has biases that its config does not name
        layer += sum(shapes[name][0] for name in ("q_proj", "k_proj", "v_proj"))
    if config["model_type"] == "qwen3":
        layer += 2 * _head_size(config)  # the norms of queries and keys
    embeddings = config["vocab_size"] * hidden * (1 if config.get("tie_word_embeddings") else 2)
    return embeddings + config["num_hidden_layers"] * layer + hidden


def _projections(config: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """(outputs, inputs) of each projection of a layer."""
    hidden, inner, keys = config["hidden_size"], config["intermediate_size"], _keys(config)
    queries = config["num_attention_heads"] * _head_size(config)
    return {
        "q_proj": (queries, hidden),
        "k_proj": (keys, hidden),
        "v_proj": (keys, hidden),
        "o_proj": (hidden, queries),
        "gate_proj": (inner, hidden),
        "up_proj": (inner, hidden),
        "down_proj": (hidden, inner),
    }


def _keys(config: Mapping[str, Any]) -> int:
    """Numbers of a token's keys in a layer; its values are as many."""
    return (config.get("num_key_value_heads") or config["num_attention_heads"]) * _head_size(config)


def _head_size(config: Mapping[str, Any]) -> int:
    return config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
