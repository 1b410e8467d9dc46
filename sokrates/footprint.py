"""How much memory and disk a model needs under given params: an estimate from its config, no model loaded.

Counted: weights, gradients, AdamW's two moments, the reference of DPO, an adapter, activations of one micro-step
of the longest traces, logits of a DPO micro-step, keys and values while sampling. Measured once and scaled:
activations, 9 MiB a token of Qwen3-8B in bfloat16 with LoRA. Not counted: what the allocator wastes, CUDA's own
context (under 1 GiB). Not covered: models other than dense decoders of Llama's and Qwen's kind.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from sokrates.params import Params

GIB = 2**30
BYTES = {"float32": 4, "bfloat16": 2}
PROMPT_TOKENS = 400  # a problem and its prompt, of the sources that are longest
# Qwen3-8B's, in bytes for each layer, token and unit of hidden and intermediate width, in two-byte numbers.
ACTIVATION = 9 * 2**20 / (36 * (4096 + 12288))


DENSE = ("llama", "qwen2", "qwen3")  # values of model_type
SHAPE = {"hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "vocab_size"}


class Footprint(NamedTuple):
    """Bytes that a run needs at the most, and what of them it needs whatever its batches are."""

    weights: int  # of the model, as it is loaded
    training: int  # SFT or DPO, the larger
    sampling: int
    least: int  # weights, gradients and moments: no batch size makes it less
    policy: int  # one saved policy on disk

    @property
    def most(self) -> int:
        return max(self.training, self.sampling)


def footprint(config: Mapping[str, Any], params: Params) -> Footprint | None:
    """What the model of a config.json needs under `params`; None for a model of another kind."""
    count = parameters(config)
    if count is None:
        return None
    model, lora = params.model, params.model.adapter == "lora"
    size = BYTES[model.dtype if lora else "float32"]  # weights that are trained are float32
    trained = adapter_parameters(config, params) if lora else count
    weights = size * count
    # gradient and two moments in float32, and the adapter itself, which comes on top of the weights
    least = weights + 4 * trained * (4 if lora else 3)
    reference = 4 * trained  # the adapter's copy, or the model of the round before
    hidden, layers = config["hidden_size"], config["num_hidden_layers"]
    layer = ACTIVATION * (hidden + config["intermediate_size"]) * BYTES[model.dtype] / 2
    token = layers * hidden * 2 + layer if params.runtime.gradient_checkpointing else layers * layer
    sft = params.sft.batch_size * params.sft.max_length * token
    pair_tokens = 2 * params.dpo.batch_size * params.dpo.max_length
    dpo = reference + pair_tokens * (token + 2 * 4 * config["vocab_size"])  # logits, and their gradient
    heads = config.get("num_key_value_heads") or config["num_attention_heads"]
    cached = 2 * layers * heads * _head_size(config) * BYTES[model.dtype]
    tokens = params.sampling.batch_size * (PROMPT_TOKENS + params.sampling.max_new_tokens)
    return Footprint(
        weights=weights,
        training=math.ceil(least + max(sft, dpo)),
        sampling=math.ceil(count * BYTES[model.dtype] + tokens * cached),
        least=least,
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
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    queries = config["num_attention_heads"] * _head_size(config)
    keys = (config.get("num_key_value_heads") or config["num_attention_heads"]) * _head_size(config)
    return {
        "q_proj": (queries, hidden),
        "k_proj": (keys, hidden),
        "v_proj": (keys, hidden),
        "o_proj": (hidden, queries),
        "gate_proj": (inner, hidden),
        "up_proj": (inner, hidden),
        "down_proj": (hidden, inner),
    }


def _head_size(config: Mapping[str, Any]) -> int:
    return config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
