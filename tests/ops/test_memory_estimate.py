"""The estimate of a model's memory, by figures that are known. Not covered: a GPU's own account of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from models import QWEN3_8B

from sokrates.ops.memory_estimate import GIB, adapter_parameters, footprint, parameters
from sokrates.pipeline.params import load

ROOT = Path(__file__).parents[2]


def test_qwen3_8b_under_its_profile() -> None:
    params = load(ROOT / "profiles/qwen3-8b.yaml")
    assert parameters(QWEN3_8B) == 8_190_735_360
    assert adapter_parameters(QWEN3_8B, params) == 174_587_904
    need = footprint(QWEN3_8B, params)
    assert need is not None
    assert need.weights == 2 * 8_190_735_360  # bfloat16
    assert need.policy == 4 * 174_587_904
    # Weights; the adapter, its gradient and two moments, float32 each; the adapter of the reference.
    held = need.weights + (4 * 4 + 4) * 174_587_904
    # A pair of 1024 tokens each: 9 MiB a token, or the inputs of 36 layers and all of one.
    layer = 2 * (14 * 4096 + 6 * 12288)
    assert 36 * layer == 9 * 2**20
    assert need.smallest == held + 2 * 1024 * (36 * 2 * 4096 + layer)
    pairs = params.dpo.batch_size
    assert need.whole == held + pairs * 2 * 1024 * 9 * 2**20
    # keys and values: 2 × 36 layers × 8 heads × 128 numbers × 2 bytes for each token
    tokens = params.sampling.batch_size * (400 + params.sampling.max_new_tokens)
    assert need.sampling == need.weights + tokens * 2 * 36 * 8 * 128 * 2
    assert max(need.smallest, need.sampling) < 79 * GIB  # of an 80 GB H100


def test_what_runtime_fixes_is_counted() -> None:
    params = load(ROOT / "profiles/qwen3-8b.yaml")

    def need(**runtime: Any) -> tuple[int, int]:
        changed = params.model_copy(update={"runtime": params.runtime.model_copy(update=runtime)})
        found = footprint(QWEN3_8B, changed)
        assert found is not None
        return found.smallest, found.whole

    smallest, whole = need()
    assert need(micro_batch=1, gradient_checkpointing=True) == (smallest, smallest)
    one, same = need(micro_batch=1, gradient_checkpointing=False)
    assert smallest < one == same < whole
    two, _ = need(micro_batch=2, gradient_checkpointing=False)
    assert two - one == 2 * 1024 * 9 * 2**20  # a pair more


def test_every_weight_trained_costs_sixteen_bytes_and_the_reference() -> None:
    need = footprint(QWEN3_8B, load(ROOT / "params.yaml"))
    assert need is not None and need.weights == 4 * 8_190_735_360
    assert need.smallest > (16 + 4) * 8_190_735_360  # float32: weight, gradient, two moments; the reference


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
