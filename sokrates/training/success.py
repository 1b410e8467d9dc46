"""Trains the success head on the verdicts of a round's rollouts."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import torch
from transformers import PreTrainedTokenizerBase

from sokrates.errors import UserError
from sokrates.params import SuccessHead as Settings
from sokrates.policy.model import Policy
from sokrates.policy.success_head import SuccessHead, features, train_head
from sokrates.training.pairs import Rollout


def fit_head(
    model: Policy,
    tokenizer: PreTrainedTokenizerBase,
    rollouts: Sequence[Rollout],
    settings: Settings,
    *,
    seed: int,
) -> SuccessHead:
    """A head that foresees the strict verdict on each step from the hidden states of `model`, which wrote them.

    A share of the problems is held out, with all their steps, for calibration.
    """
    problems = list(dict.fromkeys(rollout.trace.problem.prompt for rollout in rollouts))
    aside = set(Random(f"head {seed}").sample(problems, max(1, round(len(problems) * settings.holdout_share))))
    inputs = features(
        model, tokenizer, [(rollout.trace.problem.prompt, rollout.trace.text) for rollout in rollouts]
    )
    verdicts = torch.tensor([v.valid for rollout in rollouts for v in rollout.checked.verdicts])
    held_out = torch.tensor([r.trace.problem.prompt in aside for r in rollouts for _ in r.checked.verdicts])
    if not len(verdicts) or bool(held_out.all()):
        raise UserError("the sampled traces hold too few steps to train a success head: raise sampling.problems")
    return train_head(torch.cat(inputs), verdicts, held_out, settings, seed)
