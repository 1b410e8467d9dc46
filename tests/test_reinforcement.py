"""The recipe for reinforcement learning: which tokens an advantage goes to, worked by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer

from sokrates.proof.dependencies import Role
from sokrates.proof.text import write_prompt
from sokrates.reward import ActionCredit, ProofCredit, proof_credit

ROOT = Path(__file__).parents[1]


@pytest.fixture
def spread(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import reinforcement

    yield reinforcement.spread
    sys.modules.pop("reinforcement")


def credit(*actions: tuple[float, tuple[int, int]]) -> ProofCredit:
    return ProofCredit(
        0.0, {}, tuple(ActionCredit(value, Role.NEEDED, (0, 0), tokens) for value, tokens in actions)
    )


def test_an_advantage_above_0_goes_to_actions_with_a_value_and_one_below_to_all_others(spread) -> None:
    needed_then_wrong = credit((0.5, (0, 2)), (0, (2, 4)))
    padded = credit((0, (0, 1)), (1, (1, 4)))  # token 4 ends the text
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


def test_steps_after_a_fault_earn_nothing_though_the_answer_rests_on_them(spread) -> None:
    """A step that derives nothing, then a whole proof: it is right, and no step of it has a value."""
    tokenizer = AutoTokenizer.from_pretrained(ROOT / "base/model")
    prompt = write_prompt(["Every cat is big.", "Rex is a cat."], "Rex is big.")
    wrong = 'Thought: Rex is big.\nAction: <Option type="MODUS_PONENS" args="[0, 1]" />\n'
    proof = (
        "Thought: Rex is a cat [1] and every cat is big [0], so Rex is big [3].\n"
        'Action: <Option type="MODUS_PONENS" args="[1, 0]" />\n'
        "Thought: to evaluate: Rex is big, Rex is big [3] holds, so the answer is TRUE.\n"
        'Action: <Option type="CONCLUDE" args="[0]" />\n'
    )
    credits = proof_credit([prompt] * 2, [wrong + proof, proof], ["TRUE"] * 2, tokenizer=tokenizer)
    assert [action.role for action in credits[0].actions] == [Role.REJECTED, Role.NEEDED, Role.NEEDED]
    assert [one.parts["answer"] for one in credits] == [1, 1]
    tokens = max(one.actions[-1].tokens[1] for one in credits)
    faulty, whole = spread(torch.tensor([1.0, 1.0]), credits, tokens)
    assert not faulty.any()
    assert whole[: credits[1].actions[-1].tokens[1]].all()
