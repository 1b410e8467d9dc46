"""Sampling from the embedded base model."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from sokrates.errors import UserError
from sokrates.policy.model import load_policy
from sokrates.policy.sampling import Sampler, sample

MODEL = Path(__file__).parents[2] / "base/model"
PROMPTS = [
    "Premises:\n  Max is a wumpus [0].\n  Every wumpus is small [1].\nReasoning:\n",
    "Premises:\n  Stella is an impus [0].\n  Impuses are tumpuses [1].\n  Every tumpus is red [2].\nReasoning:\n",
]
GREEDY = Sampler(temperature=None, top_p=1.0, max_steps=15, max_new_tokens=60, batch_size=8)


@pytest.fixture(scope="module")
def policy() -> tuple:
    return load_policy(MODEL, "float32")


def test_a_batch_writes_what_each_prompt_alone_does(policy: tuple) -> None:
    together = sample(*policy, PROMPTS, GREEDY)
    assert together == [sample(*policy, [prompt], GREEDY)[0] for prompt in PROMPTS]


def test_greedy_is_the_most_likely_token_each_time(policy: tuple) -> None:
    model, tokenizer = policy
    ids = tokenizer(PROMPTS[0], return_tensors="pt")["input_ids"]
    length = ids.shape[1]
    with torch.inference_mode():
        while ids.shape[1] < length + 60 and ids[0, -1] != tokenizer.eos_token_id:
            ids = torch.cat([ids, model(ids).logits[:, -1:].argmax(-1)], dim=1)
    ((found,),) = sample(model, tokenizer, PROMPTS[:1], GREEDY)
    assert found.text == tokenizer.decode(ids[0, length:], skip_special_tokens=True)


def test_seeds_decide_samples(policy: tuple) -> None:
    hot = Sampler(temperature=1.5, top_p=1.0, max_steps=15, max_new_tokens=30, batch_size=8)
    once, again, other = (sample(*policy, PROMPTS, hot, samples=4, seed=seed) for seed in (1, 1, 2))
    assert once == again != other
    assert [len(found) for found in once] == [4, 4]
    assert len({found.text for found in once[0]}) > 1


def test_a_text_that_is_cut_off_has_not_ended(policy: tuple) -> None:
    short = Sampler(temperature=None, top_p=1.0, max_steps=15, max_new_tokens=5, batch_size=8)
    assert not sample(*policy, PROMPTS[:1], short)[0][0].ended


def test_a_missing_model_is_one_message() -> None:
    with pytest.raises(UserError, match="data/policy/none: there is no such folder"):
        load_policy("data/policy/none", "float32")
