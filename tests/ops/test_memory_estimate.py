"""The estimate of a model's memory, by figures that are known. Not covered: a GPU's own account of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from models import QWEN3_8B

from sokrates.ops.memory_estimate import GIB, memory_estimate
from sokrates.pipeline.params import load

ROOT = Path(__file__).parents[2]


def test_qwen3_8b_under_its_profile() -> None:
    params = load(ROOT / "profiles/qwen3-8b.yaml")
    need = memory_estimate(QWEN3_8B, params)
    assert need is not None
    assert need.parameters == 8_190_735_360
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
        found = memory_estimate(QWEN3_8B, changed)
        assert found is not None
        return found.smallest, found.whole

    smallest, whole = need()
    assert need(micro_batch=1, gradient_checkpointing=True) == (smallest, smallest)
    one, same = need(micro_batch=1, gradient_checkpointing=False)
    assert smallest < one == same < whole
    two, _ = need(micro_batch=2, gradient_checkpointing=False)
    assert two - one == 2 * 1024 * 9 * 2**20  # a pair more


def test_every_weight_trained_costs_sixteen_bytes_and_the_reference() -> None:
    need = memory_estimate(QWEN3_8B, load(ROOT / "params.yaml"))
    assert need is not None and need.weights == 4 * 8_190_735_360
    assert need.smallest > (16 + 4) * 8_190_735_360  # float32: weight, gradient, two moments; the reference


@pytest.mark.parametrize("tied", [True, False])
def test_parameters_of_another_kind_of_model_by_hand(tied: bool) -> None:
    sizes = {"hidden_size": 48, "intermediate_size": 80, "num_hidden_layers": 3, "vocab_size": 101}
    heads = {"num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 8, "tie_word_embeddings": tied}
    params = load(ROOT / "params.yaml")
    need = memory_estimate({"model_type": "mistral", **sizes, **heads}, params)
    # a layer: queries and output 48 × 48, keys and values 16 × 48, three of 80 × 48, two norms; the last norm
    layer = 2 * 48 * 48 + 2 * 16 * 48 + 3 * 80 * 48 + 2 * 48
    assert need is not None and need.parameters == 101 * 48 * (1 if tied else 2) + 3 * layer + 48
    # keys and values: 2 × 3 layers × 2 heads × 8 numbers × 4 bytes for each token
    tokens = params.sampling.batch_size * (400 + params.sampling.max_new_tokens)
    assert need.sampling == 4 * need.parameters + tokens * 2 * 3 * 2 * 8 * 4


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"model_type": "no-such"},
        {"model_type": "gpt2"},
        {"model_type": "t5"},
        {"model_type": "qwen3", "hidden_size": "4"},
    ],
)
def test_what_is_not_known_is_not_guessed(config: dict[str, Any]) -> None:
    assert memory_estimate(config, load(ROOT / "params.yaml")) is None
