"""Sampling from the embedded base model: the engines that run here, against the model's own next-token scores."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from sokrates.data.generator import generate
from sokrates.io.errors import UserError
from sokrates.policy.model import load_policy, save_policy
from sokrates.sampling.request import Request
from sokrates.sampling.sampler import Sampler, sample
from sokrates.sampling.shared_prompt import _choose, decode

MODEL = Path(__file__).parents[2] / "base/model"
PROMPTS = [  # the base model writes on after both, and ends one of them
    problem.prompt
    for problem in generate(
        2, hops=[1, 2], ontologies=["fictional"], distractors=1, unknown_share=0.0, seed=3, levels=2
    )
]
GREEDY = Sampler(temperature=None, top_p=1.0, max_steps=15, max_new_tokens=60, batch_size=8)
TWO = Request(samples=2, temperature=None, top_p=1.0, max_new_tokens=12, end=1, batch_size=4, seed=0)
HOT = replace(GREEDY, temperature=1.5, max_new_tokens=30)


def draw(prompts: list[str] = PROMPTS, sampler: Sampler = GREEDY, **options: int) -> list:
    return sample(MODEL, prompts, sampler, dtype="float32", **options)


def test_a_batch_writes_what_each_prompt_alone_does() -> None:
    assert draw() == [draw([prompt])[0] for prompt in PROMPTS]


def test_greedy_is_the_most_likely_token_each_time() -> None:
    model, tokenizer = load_policy(MODEL, "float32")
    ids = tokenizer(PROMPTS[0], return_tensors="pt")["input_ids"]
    length = ids.shape[1]
    with torch.inference_mode():
        while ids.shape[1] < length + 60 and ids[0, -1] != tokenizer.eos_token_id:
            ids = torch.cat([ids, model(ids).logits[:, -1:].argmax(-1)], dim=1)
    ((found,),) = draw(PROMPTS[:1])
    assert found.text == tokenizer.decode(ids[0, length:], skip_special_tokens=True)


@pytest.mark.slow
@pytest.mark.parametrize("adapter", [False, True])
def test_greedy_text_is_the_same_from_every_engine_that_runs_here(tmp_path: Path, adapter: bool) -> None:
    policy: Path = MODEL
    if adapter:
        model, tokenizer = load_policy(MODEL, "float32")
        torch.manual_seed(3)
        lora = LoraConfig(r=4, target_modules=["q_proj", "up_proj"], init_lora_weights=False)
        save_policy(get_peft_model(model, lora), tokenizer, tmp_path)
        policy = tmp_path
    ours, theirs = (
        sample(policy, PROMPTS, replace(GREEDY, engine=engine), dtype="float32")
        for engine in ("shared_prompt", "continuous_batching")
    )
    assert ours == theirs
    assert (ours == draw()) is not adapter  # the adapter was heeded


@pytest.mark.slow
def test_continuous_batching_gives_each_prompt_its_samples() -> None:
    found = draw(sampler=replace(HOT, engine="continuous_batching"), samples=3, seed=1)
    assert [len(some) for some in found] == [3, 3]
    assert len({one.text for one in found[0]}) > 1


def test_an_engine_that_is_not_installed_is_one_message() -> None:
    with pytest.raises(UserError, match=r"sampling\.engine vllm: No module named 'vllm'"):
        draw(sampler=replace(GREEDY, engine="vllm"))


def test_seeds_decide_samples() -> None:
    once, again, other = (draw(sampler=HOT, samples=4, seed=seed) for seed in (1, 1, 2))
    assert once == again != other
    assert [len(found) for found in once] == [4, 4]
    assert len({found.text for found in once[0]}) > 1


def test_samples_do_not_depend_on_what_is_written_beside_them() -> None:
    prompts = [*PROMPTS, *(prompt.replace("Max", name) for prompt in PROMPTS for name in ("Rex", "Sam", "Alex"))]
    large, small = (draw(prompts, replace(HOT, batch_size=size), samples=2, seed=5) for size in (64, 4))
    assert large == small


@pytest.mark.parametrize("family", [(LlamaConfig, LlamaForCausalLM), (Qwen3Config, Qwen3ForCausalLM)])
def test_models_with_fewer_heads_for_keys_than_for_queries(family: tuple) -> None:
    torch.manual_seed(0)
    config = family[0](
        vocab_size=50,
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
    )
    model = family[1](config).eval()
    prompts = [[5, 6, 7], [8, 9], [10, 11, 12, 13, 14]]
    found = decode(model, prompts, TWO, print)
    for prompt, rows in zip(prompts, found, strict=True):
        ids = torch.tensor([prompt])
        while ids.shape[1] < len(prompt) + 12:
            chosen = model(ids).logits[:, -1:].argmax(-1)
            if chosen.item() == 1:
                break
            ids = torch.cat([ids, chosen], dim=1)
        assert rows == [ids[0, len(prompt) :].tolist()] * 2
    assert model.config._attn_implementation == "sdpa"  # as it was


def test_a_window_that_texts_outgrow_is_refused() -> None:
    # Mistral's layers all have it and are not told apart. TWO is 12 tokens after a prompt of 2.
    shape = {"vocab_size": 20, "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1}
    shape |= {"num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8}
    with pytest.raises(UserError, match="sliding windows"):
        decode(MistralForCausalLM(MistralConfig(**shape, sliding_window=13)), [[5, 6]], TWO, print)
    assert len(decode(MistralForCausalLM(MistralConfig(**shape, sliding_window=14)), [[5, 6]], TWO, print)[0]) == 2


@pytest.mark.parametrize(("option", "says"), [({"logit_scale": 0.5}, "logit_scale"), ({}, "sliding windows")])
def test_models_that_would_be_sampled_wrongly_are_refused(option: dict, says: str) -> None:
    sliding = {"use_sliding_window": True, "sliding_window": 4, "max_window_layers": 0}
    config = Qwen3Config(
        vocab_size=20,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        **({} if option else sliding),
    )
    for name, value in option.items():
        setattr(config, name, value)
    with pytest.raises(UserError, match=says):
        decode(Qwen3ForCausalLM(config), [[5, 6]], TWO, print)


def test_what_goes_wrong_on_the_way_leaves_the_model_and_torch_as_they_were() -> None:
    model, tokenizer = load_policy(MODEL, "float32")
    threads = torch.get_num_threads()

    def fail(count: int) -> None:
        raise RuntimeError("told")

    with pytest.raises(RuntimeError, match="told"):
        decode(model, tokenizer(PROMPTS * 8)["input_ids"], TWO, fail)
    assert (torch.get_num_threads(), model.config._attn_implementation) == (threads, "sdpa")


def test_tokens_are_drawn_by_inverting_the_distribution() -> None:
    # At temperature 1 these logits are the chances 0.5, 0.3, 0.2, with sums 0.5, 0.8, 1.
    logits = torch.tensor([0.5, 0.3, 0.2]).log().expand(4, 3)
    random = torch.tensor([0.0, 0.49, 0.51, 0.81])
    assert _choose(logits, 1.0, 1.0, random).tolist() == [0, 0, 1, 2]
    # A nucleus of 0.6 keeps the first two: 0.5 / 0.8 = 0.625 of what is left is the first one's.
    assert _choose(logits, 1.0, 0.6, torch.tensor([0.62, 0.63, 0.99, 0.0])).tolist() == [0, 1, 1, 0]
    # Temperature ½ squares the chances: 0.25, 0.09, 0.04 of 0.38, with sums 0.658, 0.895, 1.
    assert _choose(logits, 0.5, 1.0, torch.tensor([0.65, 0.66, 0.89, 0.90])).tolist() == [0, 1, 1, 2]


def test_a_text_that_is_cut_off_has_not_ended() -> None:
    assert not draw(PROMPTS[:1], replace(GREEDY, max_new_tokens=5))[0][0].ended


def test_a_missing_model_is_one_message() -> None:
    with pytest.raises(UserError, match="data/policy/none: there is no such folder"):
        load_policy("data/policy/none", "float32")
