"""Micro-batches and checkpointing from what a card holds; the numbers are worked by hand."""

from __future__ import annotations

import torch
from torch import nn

from sokrates.training.common.memory import Plan, fixed_bytes, plan

MIB, GIB = 2**20, 2**30


def test_the_batch_is_cut_into_equal_parts_that_fit() -> None:
    # 16 rows of 500 tokens at 1 MiB are 8,000 MiB; 12 would fit into 6,000, and 8 is the largest that divides 16.
    assert plan(16, 500, token_bytes=(MIB, MIB / 8), free=6000 * MIB) == Plan(8, False)
    assert plan(16, 500, token_bytes=(MIB, MIB / 8), free=8000 * MIB) == Plan(16, False)


def test_activations_are_recomputed_only_where_one_row_does_not_fit() -> None:
    assert plan(16, 500, token_bytes=(MIB, MIB / 8), free=500 * MIB) == Plan(1, False)
    # 499 MiB hold no row of 500; recomputed, a row takes 62.5 MiB, and 4 rows 250.
    assert plan(16, 500, token_bytes=(MIB, MIB / 8), free=499 * MIB) == Plan(4, True)


def test_what_params_settle_is_kept_and_the_rest_planned_with_it() -> None:
    # 8 rows of 500 tokens take 4,000 MiB kept and 500 MiB recomputed.
    sizes = {"token_bytes": (MIB, MIB / 8), "free": 3000 * MIB}
    assert plan(16, 500, **sizes, rows=8) == Plan(8, True)
    assert plan(16, 500, **sizes, rows=4) == Plan(4, False)
    # Kept, 4 rows fit at the most; where not even one does, nothing larger is tried.
    assert plan(16, 500, **sizes, checkpointing=False) == Plan(4, False)
    assert plan(16, 500, token_bytes=(MIB, MIB / 8), free=MIB, checkpointing=False) == Plan(1, False)


def test_a_card_that_holds_nothing_is_asked_for_one_row() -> None:
    assert plan(16, 500, token_bytes=(MIB, MIB / 8), free=-GIB) == Plan(1, True)


def test_what_is_trained_costs_its_gradient_and_two_moments() -> None:
    model = nn.Sequential(nn.Linear(10, 10, bias=False), nn.Linear(10, 5, bias=False, dtype=torch.bfloat16))
    model[1].requires_grad_(False)
    assert fixed_bytes(model) == 100 * 4 + 50 * 2 + 100 * 12
