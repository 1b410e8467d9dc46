"""SFT, DPO and the success head on the embedded base model: small, real runs."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from specimens import CAREFUL
from transformers import TrainerState
from trl import SFTConfig
from worked import FIRST, SECOND, SHORT, STELLA

from sokrates.data.generator import generate
from sokrates.data.gold import careful
from sokrates.io.errors import UserError
from sokrates.pipeline import params as settings
from sokrates.pipeline.runlog import run
from sokrates.policy.model import load_base, load_policy, save_policy
from sokrates.proof.text import write_steps
from sokrates.proof.trace import Trace
from sokrates.training.common.rows import IGNORED, sft_rows
from sokrates.training.common.trainer import LogToRun, TrainingContext
from sokrates.training.dpo import train as dpo
from sokrates.training.dpo.pairs import Pair
from sokrates.training.sft import train as sft

ROOT = Path(__file__).parents[2]
PARAMS = settings.load(ROOT / "profiles/smoke.yaml")
BASE = PARAMS.model.model_copy(update={"name": str(ROOT / "base/model")})
LORA = BASE.model_copy(update={"adapter": "lora", "lora_r": 4, "lora_alpha": 8})


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_no_loss_is_taken_on_the_prompt_and_the_text_ends() -> None:
    _, tokenizer = load_base(BASE, seed=0)
    (row,) = sft_rows(tokenizer, [(STELLA.prompt, CAREFUL)])
    learnt = [token for token, label in zip(row["input_ids"], row["labels"], strict=True) if label != IGNORED]
    assert tokenizer.decode(learnt) == CAREFUL + tokenizer.eos_token
    assert tokenizer.decode(row["input_ids"]) == STELLA.prompt + CAREFUL + tokenizer.eos_token


def test_easy_first_orders_rows_by_steps_and_batches_by_length() -> None:
    steps, lengths = [3, 1, 1, 2, 1, 1, 3], [9, 40, 10, 20, 41, 11, 8]
    order = sft.easy_first(steps, lengths, batch_size=2, seed=1)
    assert [steps[i] for i in order] == [1, 1, 1, 1, 2, 3, 3]
    assert {frozenset(order[:2]), frozenset(order[2:4])} == {frozenset({2, 5}), frozenset({1, 4})}
    assert order[4:] == [3, 6, 0]


def test_a_continuation_ends_the_text_where_the_pair_says_so() -> None:
    _, tokenizer = load_base(BASE, seed=0)
    pairs = [Pair(STELLA.prompt, CAREFUL, "", True, False), Pair(STELLA.prompt, "", CAREFUL, True, False)]
    first, second = dpo.rows_of(tokenizer, pairs)
    assert (
        tokenizer.decode(first["prompt_ids"] + first["chosen_ids"])
        == STELLA.prompt + CAREFUL + tokenizer.eos_token
    )
    assert (first["rejected_ids"], second["chosen_ids"]) == ([], [tokenizer.eos_token_id])
    assert second["rejected_ids"] == first["chosen_ids"][:-1]
    assert dpo.rows_of(tokenizer, []) == []


@pytest.mark.slow
@pytest.mark.parametrize("model_settings", [BASE, LORA], ids=["full", "lora"])
def test_sft_then_dpo_carry_one_policy_on(model_settings: settings.Model, tmp_path: Path) -> None:
    traces = [Trace(STELLA, CAREFUL)] * 64
    with run("test", PARAMS) as log:
        context = TrainingContext(PARAMS.runtime, "float32", 1, tmp_path / "checkpoints", log)
        model, tokenizer = load_base(model_settings, seed=1)
        rate = {"learning_rate": 1e-2, "epochs": 3}
        found = sft.train(model, tokenizer, traces, PARAMS.sft.model_copy(update=rate), context)
        assert found["traces"] == 64 and found["steps"] == 12
        save_policy(model, tokenizer, tmp_path / "sft")
        saved = {file.name for file in (tmp_path / "sft").iterdir()}
        assert ("adapter_model.safetensors" in saved) == (model_settings.adapter == "lora")
        assert ("model.safetensors" in saved) == (model_settings.adapter == "none")
        modes = {file.stat().st_mode for file in (tmp_path / "sft").iterdir()}
        assert len(modes) == 1  # whoever may read the tokenizer may read the weights

        policy, tokenizer = load_policy(tmp_path / "sft", "float32", trainable=True)
        before = _log_probability(policy, tokenizer, STELLA.prompt + FIRST, SECOND)
        assert before == pytest.approx(_log_probability(model, tokenizer, STELLA.prompt + FIRST, SECOND), abs=1e-4)
        pairs = [Pair(STELLA.prompt + FIRST, SECOND, SHORT, chosen_ended=False, rejected_ended=False)] * 32
        context = replace(context, checkpoints=tmp_path / "more")
        still = {"learning_rate": 1e-12, "nll_weight": 0.0, "batch_size": 4}
        found = dpo.train(policy, tokenizer, pairs, tmp_path / "sft", PARAMS.dpo.model_copy(update=still), context)
        assert found["steps"] == 8  # 32 pairs, 4 at a time
        assert found["curve"][0]["loss"] == pytest.approx(math.log(2), abs=1e-3)  # policy and reference agree

        policy, tokenizer = load_policy(tmp_path / "sft", "float32", trainable=True)
        context = replace(context, checkpoints=tmp_path / "again")
        moving = PARAMS.dpo.model_copy(update=still | {"learning_rate": 1e-3})
        dpo.train(policy, tokenizer, pairs, tmp_path / "sft", moving, context)
        margin = _log_probability(policy, tokenizer, STELLA.prompt + FIRST, SECOND) - before
        shortcut = _log_probability(policy, tokenizer, STELLA.prompt + FIRST, SHORT)
        assert margin - (shortcut - _log_probability(model, tokenizer, STELLA.prompt + FIRST, SHORT)) > 0
        save_policy(policy, tokenizer, tmp_path / "iter1")
        assert not (tmp_path / "iter1/ref").exists()
        load_policy(tmp_path / "iter1", "float32")


def test_a_training_that_diverges_is_an_error(tmp_path: Path) -> None:
    """transformers would log its loss as 0, and the policy would be saved."""
    huge = PARAMS.sft.model_copy(update={"learning_rate": 1e20, "epochs": 2, "warmup_ratio": 0.0})
    with run("test", PARAMS) as log:
        context = TrainingContext(PARAMS.runtime, "float32", 1, tmp_path / "checkpoints", log)
        with pytest.raises(UserError, match=r"diverged before step \d+: try a lower learning_rate"):
            sft.train(*load_base(BASE, seed=1), [Trace(STELLA, CAREFUL)] * 64, huge, context)


@pytest.mark.slow
def test_two_passes_of_dpo_compare_with_the_policy_as_it_was(tmp_path: Path) -> None:
    pairs = [Pair(STELLA.prompt + FIRST, SECOND, SHORT, chosen_ended=False, rejected_ended=False)] * 40
    twice = PARAMS.dpo.model_copy(update={"epochs": 2, "nll_weight": 0.0, "learning_rate": 1e-3, "batch_size": 8})
    model, tokenizer = load_base(BASE, seed=1)
    found = _dpo(model, tokenizer, pairs, twice, tmp_path)
    # The reference's log-probabilities are computed once, before the first step: the margin grows in both passes.
    assert found["steps"] == 10
    assert found["curve"][-1]["loss"] < found["curve"][0]["loss"] < math.log(2)
    assert found["reward_margin"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("model_settings", [BASE, LORA], ids=["full", "lora"])
def test_a_policy_goes_part_of_the_way_that_training_went(model_settings: settings.Model, tmp_path: Path) -> None:
    pairs = [Pair(STELLA.prompt + FIRST, SECOND, SHORT, chosen_ended=False, rejected_ended=False)] * 8

    def weights(share: float) -> torch.Tensor:
        model, tokenizer = load_base(model_settings, seed=1)
        if share:
            dpo_settings = PARAMS.dpo.model_copy(update={"learning_rate": 1e-2, "trained_share": share})
            _dpo(model, tokenizer, pairs, dpo_settings, tmp_path / str(share))
        return torch.cat([weight.detach().flatten() for weight in model.parameters() if weight.requires_grad])

    begun, all_the_way, a_quarter = weights(0), weights(1.0), weights(0.25)
    assert (all_the_way - begun).abs().max() > 1e-3
    assert torch.allclose(a_quarter, 0.75 * begun + 0.25 * all_the_way, atol=1e-6)


@pytest.mark.slow
def test_a_run_that_resumes_in_its_second_epoch_ends_as_one_that_was_not_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bit by bit, so each row was seen once an epoch, in the same order."""
    problems = generate(40, hops=[1, 2, 3], ontologies=["fictional"], distractors=1, unknown_share=0.0, seed=3)
    traces = [Trace(one, write_steps(careful(one))) for one in problems]
    twice = PARAMS.sft.model_copy(update={"epochs": 2, "batch_size": 4, "learning_rate": 1e-3})
    runtime = PARAMS.runtime.model_copy(update={"save_steps": 5})

    def trained(folder: str) -> torch.Tensor:
        torch.manual_seed(len(folder))  # of another process the generator stands elsewhere
        model, tokenizer = load_base(BASE, seed=1)
        with run("test", PARAMS) as log:
            context = TrainingContext(runtime, "float32", 1, tmp_path / folder, log)
            assert sft.train(model, tokenizer, traces, twice, context)["steps"] == 20
        return torch.cat([weight.detach().flatten() for weight in model.parameters()])

    def interrupt(self: object, args: object, state: TrainerState, control: object, **kwargs: object) -> None:
        if state.global_step == 17:
            raise KeyboardInterrupt

    whole = trained("whole")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(LogToRun, "on_step_end", interrupt)
        trained("resumed")
    assert (tmp_path / "resumed/checkpoint-15").is_dir()
    assert torch.equal(trained("resumed"), whole)


def test_without_a_pair_the_policy_stays(tmp_path: Path) -> None:
    model, tokenizer = load_base(BASE, seed=1)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    found = _dpo(model, tokenizer, [], PARAMS.dpo, tmp_path)
    assert (found["pairs"], found["steps"]) == (0, 0)
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())


def test_what_is_longer_than_the_limit_is_left_out_and_counted(tmp_path: Path) -> None:
    longer = Trace(STELLA, CAREFUL + CAREFUL)
    model, tokenizer = load_base(BASE, seed=1)
    (row,) = sft_rows(tokenizer, [(STELLA.prompt, CAREFUL)])
    limit = {"max_length": len(row["input_ids"]), "epochs": 1, "batch_size": 2}
    with run("test", PARAMS) as log:
        context = TrainingContext(PARAMS.runtime, "float32", 1, tmp_path / "checkpoints", log)
        limited = PARAMS.sft.model_copy(update=limit)
        found = sft.train(model, tokenizer, [Trace(STELLA, CAREFUL), longer] * 2, limited, context)
        assert (found["traces"], found["left_out_too_long"], found["steps"]) == (2, 2, 1)
        with pytest.raises(UserError, match=f"none of the 1 gold traces has at most .* = {limit['max_length']} "):
            sft.train(model, tokenizer, [longer], limited, context)
    pair = Pair(STELLA.prompt, CAREFUL + CAREFUL, FIRST, chosen_ended=True, rejected_ended=False)
    short = PARAMS.dpo.model_copy(update={"max_length": limit["max_length"]})
    found = _dpo(model, tokenizer, [pair], short, tmp_path)
    assert (found["pairs"], found["left_out_too_long"], found["steps"]) == (0, 1, 0)


def test_a_pairs_prompt_is_read_with_each_of_its_sides() -> None:
    row = {"prompt_ids": [1, 2, 3], "chosen_ids": [4, 5], "rejected_ids": [6]}
    assert dpo.all_tokens_of(row) == (3 + 2) + (3 + 1)


@pytest.mark.slow
def test_a_run_shorter_than_the_curves_interval_has_its_last_step(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pairs = [Pair(STELLA.prompt + FIRST, SECOND, SHORT, chosen_ended=False, rejected_ended=False)] * 6
    model, tokenizer = load_base(BASE, seed=1)
    found = _dpo(model, tokenizer, pairs, PARAMS.dpo.model_copy(update={"batch_size": 2}), tmp_path)
    assert found["steps"] == 3 and [point["step"] for point in found["curve"]] == [3]
    assert found["loss"] == found["curve"][0]["loss"] > 0 and found["reward_margin"] is not None
    printed = capfd.readouterr().err
    assert "loss=" in printed and "{" not in printed  # the progress bar shows the loss, not a dictionary


def test_a_tracker_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sokrates.pipeline.machine.find_spec", lambda name: None)
    model, tokenizer = load_base(BASE, seed=1)
    runtime = PARAMS.runtime.model_copy(update={"report_to": "trackio"})
    with run("test", PARAMS) as log, pytest.raises(UserError, match="`pip install trackio`, or report_to: none"):
        context = TrainingContext(runtime, "float32", 1, tmp_path, log)
        sft.train(model, tokenizer, [Trace(STELLA, CAREFUL)], PARAMS.sft, context)


def _dpo(
    model: torch.nn.Module, tokenizer: object, pairs: list[Pair], how: settings.Dpo, checkpoints: Path
) -> dict:
    """DPO of the base model against itself."""
    reference = ROOT / "base/model"
    with run("test", PARAMS) as log:
        context = TrainingContext(PARAMS.runtime, "float32", 1, checkpoints, log)
        return dpo.train(model, tokenizer, pairs, reference, how, context)


def _log_probability(model: torch.nn.Module, tokenizer: object, prompt: str, text: str) -> float:
    """log p(text | prompt), in nats."""
    start, ids = tokenizer(prompt)["input_ids"], tokenizer(text)["input_ids"]
    model.eval()
    with torch.inference_mode():
        logits = model(torch.tensor([start + ids])).logits[0, len(start) - 1 : -1].log_softmax(-1)
    return float(logits[torch.arange(len(ids)), torch.tensor(ids)].sum())


@pytest.mark.slow
def test_neither_padding_nor_micro_batches_change_what_is_learnt(tmp_path: Path) -> None:
    texts = [CAREFUL, CAREFUL.replace("Stella", "Max"), FIRST, SECOND]
    traces = [Trace(STELLA, text) for text in texts * 4]
    once = PARAMS.sft.model_copy(update={"batch_size": 8, "epochs": 1})
    losses, weights = [], []
    for number, (rows, pad) in enumerate([("auto", None), (2, None), ("auto", 256)]):
        model, tokenizer = load_base(BASE, seed=1)
        runtime = PARAMS.runtime.model_copy(update={"micro_batch": rows})
        with run("test", PARAMS) as log, pytest.MonkeyPatch.context() as patch:
            if pad:
                patch.setattr(sft, "SFTConfig", partial(SFTConfig, pad_to_multiple_of=pad))
            context = TrainingContext(runtime, "float32", 1, tmp_path / str(number), log)
            found = sft.train(model, tokenizer, traces, once, context)
        assert found["steps"] == 2
        losses.append(json.loads((log.folder / "metrics.jsonl").read_text().splitlines()[-1])["train_loss"])
        weights.append(torch.cat([weight.detach().flatten() for weight in model.parameters()]))
    for loss, weight in zip(losses[1:], weights[1:], strict=True):
        assert loss == pytest.approx(losses[0], rel=1e-5)
        torch.testing.assert_close(weight, weights[0], atol=2e-4, rtol=0)
