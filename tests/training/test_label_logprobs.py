"""The forward pass that training uses gives what TRL's own does."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, MixtralConfig, MixtralForCausalLM
from trl.trainer.utils import add_fused_lm_head

from sokrates.training.common.label_logprobs import skip_unlabelled_positions
from sokrates.training.common.rows import IGNORED

MODEL = Path(__file__).parents[2] / "base/model"
FIELDS = ("log_probs", "entropy", "mean_logits", "is_top1")


def trained(adapter: bool, *, ours: bool) -> torch.nn.Module:
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_pretrained(MODEL)
    add_fused_lm_head(model, outputs=FIELDS)
    if adapter:
        model = get_peft_model(model, LoraConfig(target_modules=["q_proj", "up_proj"], init_lora_weights=False))
    if ours:
        skip_unlabelled_positions(model)
    return model.train()


def batch(lengths: tuple[int, ...]) -> dict[str, torch.Tensor]:
    """Rows of these lengths padded on the right, the first 5 tokens a prompt."""
    torch.manual_seed(1)
    ids = torch.randint(4, 200, (len(lengths), max(lengths)))
    mask = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    learnt = mask & (torch.arange(max(lengths)) >= 5)
    return {
        "input_ids": ids.masked_fill(~mask, 0),
        "attention_mask": mask.long(),
        "labels": ids.masked_fill(~learnt, IGNORED),
    }


@pytest.mark.parametrize("adapter", [False, True])
def test_rows_of_unlike_length_get_the_figures_and_gradients_of_trl(adapter: bool) -> None:
    rows, found, gradients = batch((40, 23, 7)), [], []
    for ours in (False, True):
        model = trained(adapter, ours=ours)
        outputs = model(**rows, use_cache=False, fused_lm_head=True)
        outputs.log_probs.sum().backward()
        found.append(outputs)
        gradients.append({name: w.grad for name, w in model.named_parameters() if w.grad is not None})
    theirs, mine = found
    assert torch.equal(mine.label_mask, theirs.label_mask)
    assert mine.label_mask.sum() == (40 - 5) + (23 - 5) + (7 - 5)
    assert mine.is_top1.tolist() == theirs.is_top1.tolist()
    for name in ("loss", "log_probs", "entropy", "mean_logits"):
        torch.testing.assert_close(mine[name], theirs[name], atol=1e-4, rtol=1e-4)
    assert gradients[0].keys() == gradients[1].keys() and gradients[0]
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], gradient, atol=1e-3, rtol=1e-4)


def test_rows_without_a_label_give_zero() -> None:
    rows = batch((5, 3))
    model = trained(adapter=False, ours=True)
    outputs = model(**rows, use_cache=False, fused_lm_head=True)
    outputs.loss.backward()
    assert outputs.loss == 0 and not outputs.log_probs.any()


def test_the_models_own_forward_is_as_it_was() -> None:
    rows = batch((12, 6))
    del rows["labels"]
    plain = AutoModelForCausalLM.from_pretrained(MODEL).train()
    torch.testing.assert_close(trained(adapter=False, ours=True)(**rows).logits, plain(**rows).logits)


def test_a_model_of_experts_keeps_its_loss_on_the_router() -> None:
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "vocab_size": 200}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "num_local_experts": 4}
    model = MixtralForCausalLM(MixtralConfig(**sizes, **heads))
    add_fused_lm_head(model, outputs=FIELDS)
    settings = {"use_cache": False, "fused_lm_head": True, "output_router_logits": True}
    theirs = model(**batch((30, 8)), **settings)
    skip_unlabelled_positions(model)
    mine = model(**batch((30, 8)), **settings)
    assert mine.aux_loss == theirs.aux_loss and mine.aux_loss > 0
    assert torch.equal(mine.log_probs, theirs.log_probs)
