"""The estimate of a model's memory, by figures that are known. Not covered: a GPU's own account of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sokrates.footprint import GIB, adapter_parameters, footprint, parameters
from sokrates.params import load

ROOT = Path(__file__).parents[1]
QWEN3_8B: dict[str, Any] = {
    "model_type": "qwen3",
    "hidden_size": 4096,
    "intermediate_size": 12288,
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "vocab_size": 151936,
    "tie_word_embeddings": False,
}


def test_qwen3_8b_under_its_profile() -> None:
    params = load(ROOT / "profiles/qwen3-8b.yaml")
    assert parameters(QWEN3_8B) == 8_190_735_360
    assert adapter_parameters(QWEN3_8B, params) == 174_587_904
    need = footprint(QWEN3_8B, params)
    assert need is not None
    assert need.weights == 2 * 8_190_735_360  # bfloat16
    # the adapter, its gradient and two moments, float32 each
    assert need.least == need.weights + 4 * 4 * 174_587_904
    assert need.policy == 4 * 174_587_904
    # 9 MiB a token; a micro-step is 4 traces, or 2 pairs, of 1024 tokens. DPO adds the reference's adapter and
    # the logits with their gradient.
    activations = 4 * 1024 * 9 * 2**20
    assert need.training == need.least + activations + need.policy + 4 * 1024 * 151936 * 8
    # keys and values: 2 × 36 layers × 8 heads × 128 numbers × 2 bytes for each of 64 × (400 + 768) tokens
    assert need.sampling == need.weights + 64 * (400 + 768) * 2 * 36 * 8 * 128 * 2
    assert need.most < 79 * GIB  # of an 80 GB H100


def test_checkpointing_and_smaller_batches_need_less() -> None:
    params = load(ROOT / "profiles/qwen3-8b.yaml")

    def most(**changes: dict[str, Any]) -> int:
        sections = {name: getattr(params, name).model_copy(update=found) for name, found in changes.items()}
        need = footprint(QWEN3_8B, params.model_copy(update=sections))
        assert need is not None
        return need.most

    as_it_is = most()
    assert most(runtime={"gradient_checkpointing": True}) < as_it_is / 2 + 15 * GIB
    assert most(sft={"batch_size": 8}) > as_it_is
    assert most(sft={"batch_size": 1}, dpo={"batch_size": 1}) < as_it_is


def test_every_weight_trained_costs_sixteen_bytes_and_the_reference() -> None:
    params = load(ROOT / "params.yaml")
    need = footprint(QWEN3_8B, params)
    assert need is not None
    assert need.least == 16 * 8_190_735_360  # float32: weights, gradients, two moments
    assert need.training > 20 * 8_190_735_360


@pytest.mark.parametrize("kind", ["Llama", "Qwen2", "Qwen3"])
@pytest.mark.parametrize("tied", [True, False])
def test_parameters_are_those_that_transformers_makes(kind: str, tied: bool) -> None:
    import torch
    import transformers

    config = getattr(transformers, f"{kind}Config")(
        hidden_size=48,
        intermediate_size=80,
        num_hidden_layers=3,
        num_attention_heads=6,
        num_key_value_heads=2,
        vocab_size=101,
        tie_word_embeddings=tied,
    )
    with torch.device("meta"):
        model = transformers.AutoModelForCausalLM.from_config(config)
    assert parameters(config.to_dict()) == model.num_parameters()


def test_what_is_not_known_is_not_guessed() -> None:
    params = load(ROOT / "params.yaml")
    for config in ({}, {"model_type": "gpt2", "n_embd": 768}, {"model_type": "llama"}):
        assert parameters(config) is None and footprint(config, params) is None
