"""The recipe for reinforcement learning: which tokens an advantage goes to, worked by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from sokrates.proof.dependencies import Role
from sokrates.reward import ActionCredit, ProofCredit

ROOT = Path(__file__).parents[1]


@pytest.fixture
def spread(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import reinforcement

    yield reinforcement.spread
    sys.modules.pop("reinforcement")


def credit(*actions: tuple[Role, tuple[int, int]]) -> ProofCredit:
    return ProofCredit(0.0, {}, tuple(ActionCredit(0.0, role, (0, 0), tokens) for role, tokens in actions))


def test_an_advantage_above_0_goes_to_needed_actions_and_one_below_to_all_others(spread) -> None:
    needed_then_wrong = credit((Role.NEEDED, (0, 2)), (Role.REJECTED, (2, 4)))
    padded = credit((Role.NOT_NEEDED, (0, 1)), (Role.NEEDED, (1, 4)))  # token 4 ends the text
    nothing = credit()
    found = spread(
        torch.tensor([0.5, -0.5, 2.0, -1.0]), [needed_then_wrong, needed_then_wrong, padded, nothing], 5
    )
    assert found.tolist() == [
        [0.5, 0.5, 0, 0, 0],
        [0, 0, -0.5, -0.5, -0.5],
        [0, 2.0, 2.0, 2.0, 2.0],
        [-1.0] * 5,
    ]
