"""The forward pass in which TRL's trainers ask a policy for log-probabilities, without what is time for nothing.

TRL gives a model a second forward that returns the log-probability of each label instead of logits
(`trl.trainer.utils.add_fused_lm_head`). `spare` puts one before it that has the same results up to rounding:

- No attention mask. Rows are padded on the right, so causal attention alone keeps padding out of what has a label,
  and without a mask PyTorch takes its causal kernels, which do half the work.
- Without Triton, TRL's head works through every position, prompt and padding included, in tiles. Here it is a
  product and a log-softmax over the positions that have a label.

TRL's head stays where it has Triton (CUDA), where logits are scaled or capped, and where they are too many to be
kept. A model of experts, whose router has a loss over all tokens, keeps TRL's forward whole. Not covered: rows
that are padded on the left, an adapter on the head.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

import torch
from torch import Tensor
from trl.trainer.utils import FusedCausalLMOutput

from sokrates.policy.model import Policy, logit_scales, unwrapped
from sokrates.training.common.rows import IGNORED

LARGE = 2**24  # logits, 64 MiB, held some four times over: more of them are left to TRL's tiles


def spare(model: Policy) -> None:
    """Changes the forward that a trainer of TRL's has given to `model`, with or without an adapter, in place."""
    base = unwrapped(model)
    original = base.forward
    config = base.config.get_text_config()
    theirs = base.device.type == "cuda" or bool(logit_scales(config))

    @wraps(original)
    def forward(
        *args: Any,
        fused_lm_head: bool = False,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        **kwargs: Any,
    ) -> Any:
        if not fused_lm_head or labels is None or kwargs.get("output_router_logits"):
            kwargs |= {"fused_lm_head": True} if fused_lm_head else {}
            return original(*args, attention_mask=attention_mask, labels=labels, **kwargs)
        if theirs or int((labels != IGNORED).sum()) * config.vocab_size > LARGE:
            return original(*args, fused_lm_head=True, labels=labels, **kwargs)
        states = base.get_decoder()(*args, **kwargs).last_hidden_state
        return scored(states[:, :-1], labels[:, 1:], base.get_output_embeddings())

    base.forward = forward


def scored(states: Tensor, labels: Tensor, head: torch.nn.Module) -> FusedCausalLMOutput:
    """Of each label that is not IGNORED its log-probability, and what trainers log of the distribution it is from.

    states: [rows, tokens, hidden], each before the label of its place; labels: [rows, tokens]
    The outputs are float32 [rows, tokens], 0 where there is no label; `log_probs` alone has a gradient.
    """
    mask = labels != IGNORED
    targets = labels[mask]
    logits = head(states[mask]).float()  # [labels, vocabulary]
    log_probs = logits.log_softmax(-1)

    def placed(values: Tensor) -> Tensor:
        return values.new_zeros(mask.shape).masked_scatter(mask, values)

    of_targets = log_probs.gather(-1, targets[:, None]).squeeze(-1)
    chosen = placed(of_targets)
    with torch.no_grad():
        entropy = placed(-torch.einsum("lv,lv->l", log_probs.exp(), log_probs))
        mean_logits = placed(logits.mean(-1))
        is_top1 = placed(of_targets >= log_probs.amax(-1))
    return FusedCausalLMOutput(
        loss=-chosen.sum() / mask.sum().clamp(min=1),
        log_probs=chosen,
        entropy=entropy,
        mean_logits=mean_logits,
        is_top1=is_top1,
        label_mask=mask,
    )
