"""The forward pass in which TRL's trainers ask a policy for log-probabilities, without wasted work.

TRL gives a model a second forward that returns the log-probability of each label instead of logits
(`trl.trainer.utils.add_fused_lm_head`). `skip_unlabelled_positions` puts one before it that gives the same results
up to rounding:

- No attention mask. Rows are padded on the right, so causal attention alone hides the padding from every position
  with a label, and without a mask PyTorch takes its causal kernels, which do half the work.
- Without Triton, TRL's head computes every position in tiles, prompt and padding included. Here it is one product
  and one log-softmax over the positions with a label.

TRL's head is used where it has Triton (CUDA), where logits are scaled or capped, and where they would take too
much memory. A mixture of experts, whose router has a loss over all tokens, keeps TRL's forward. Not covered: rows
padded on the left, an adapter on the head.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

import torch
from torch import Tensor
from trl.trainer.utils import FusedCausalLMOutput

from sokrates.policy.model import Policy, logit_scales, unwrapped
from sokrates.training.common.rows import IGNORED

MAX_LOGITS = 2**24  # numbers: 64 MiB in float32, of which about four copies exist; more go to TRL's tiles


def skip_unlabelled_positions(model: Policy) -> None:
    """Replaces the forward that TRL's trainer has given to `model`, in place, with or without an adapter."""
    base = unwrapped(model)
    original = base.forward
    config = base.config.get_text_config()
    use_trl_head = base.device.type == "cuda" or bool(logit_scales(config))

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
        if use_trl_head or int((labels != IGNORED).sum()) * config.vocab_size > MAX_LOGITS:
            return original(*args, fused_lm_head=True, labels=labels, **kwargs)
        states = base.get_decoder()(*args, **kwargs).last_hidden_state
        return label_log_probs(states[:, :-1], labels[:, 1:], base.get_output_embeddings())

    base.forward = forward


def label_log_probs(states: Tensor, labels: Tensor, head: torch.nn.Module) -> FusedCausalLMOutput:
    """The log-probability of each label that is not IGNORED, and the figures that TRL's trainers log beside it.

    states: [rows, tokens, hidden], the hidden state that predicts the label at the same place
    labels: [rows, tokens]
    The outputs are float32 [rows, tokens], 0 where there is no label; only `log_probs` has a gradient.
    """
    mask = labels != IGNORED
    targets = labels[mask]
    logits = head(states[mask]).float()  # [labels, vocabulary]
    log_probs = logits.log_softmax(-1)

    def at_labels(values: Tensor) -> Tensor:  # [labels] to [rows, tokens]
        return values.new_zeros(mask.shape).masked_scatter(mask, values)

    target_log_probs = log_probs.gather(-1, targets[:, None]).squeeze(-1)  # [labels]
    chosen = at_labels(target_log_probs)
    with torch.no_grad():
        entropy = at_labels(-torch.einsum("lv,lv->l", log_probs.exp(), log_probs))
        mean_logits = at_labels(logits.mean(-1))
        is_top1 = at_labels(target_log_probs >= log_probs.amax(-1))
    return FusedCausalLMOutput(
        loss=-chosen.sum() / mask.sum().clamp(min=1),
        log_probs=chosen,
        entropy=entropy,
        mean_logits=mean_logits,
        is_top1=is_top1,
        label_mask=mask,
    )
