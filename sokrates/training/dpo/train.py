"""Direct preference optimisation (Rafailov et al., 2023) of a policy against the policy of the round before.

TRL's trainer on our rows: a pair's continuation need not end the text, so rows hold token ids.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import PeftModel
from transformers import PreTrainedTokenizerBase
from trl import DPOConfig, DPOTrainer

from sokrates.pipeline.params import Dpo
from sokrates.policy.model import Policy, load_policy
from sokrates.training.common.label_logprobs import skip_unlabelled_positions
from sokrates.training.common.rows import completion_ids, prompt_ids
from sokrates.training.common.trainer import TrainingContext, common_settings, run_trainer
from sokrates.training.dpo.pairs import Pair

logger = logging.getLogger(__name__)


class TokenisedDPOTrainer(DPOTrainer):
    """TRL's trainer on rows of token ids; its own preparation would end every continuation."""

    def _prepare_dataset(self, dataset: Dataset, *args: Any, **kwargs: Any) -> Dataset:
        return dataset


class FastForwardDPOTrainer(TokenisedDPOTrainer):
    """The same with `skip_unlabelled_positions`, also where TRL reads the reference beforehand."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.precompute_ref_logps:
            for model in filter(None, (self.model, self.ref_model)):
                skip_unlabelled_positions(model)

    def _precompute_ref_logps(self, *args: Any, **kwargs: Any) -> Dataset:
        skip_unlabelled_positions(self.model)  # TRL calls this within __init__
        return super()._precompute_ref_logps(*args, **kwargs)


def train(
    model: Policy,
    tokenizer: PreTrainedTokenizerBase,
    pairs: Sequence[Pair],
    reference: Path,
    settings: Dpo,
    context: TrainingContext,
) -> dict[str, Any]:
    """Trains `model`, which has the weights of the folder `reference`, in place. Returns figures and the curve.

    The reference policy is a frozen copy of the adapter where there is one, else the model in `reference`. A pair
    with a side of more than `settings.max_length` tokens is left out and counted. Without a pair, nothing changes.
    The tokens of both sides of the pairs, prompts included, go to the run's log. Figures and curve are of
    training, whose weights are then interpolated with those of `reference` (`settings.trained_share`).
    """
    rows = [row for row in rows_of(tokenizer, pairs) if tokens_of(row) <= settings.max_length]
    figures: dict[str, Any] = {"pairs": len(rows), "left_out_too_long": len(pairs) - len(rows), "steps": 0}
    if not rows:
        logger.warning("there is no preference pair: the policy stays as it is")
        return {**figures, "loss": None, "reward_margin": None, "curve": []}
    context.log.summary({"tokens": sum(map(all_tokens_of, rows))})
    losses: dict[str, Any] = {"loss_type": ["sigmoid", "sft"], "loss_weights": [1.0, settings.nll_weight]}
    # With several epochs TRL reads the reference's log-probabilities from the model itself, before the first step.
    precomputed = settings.epochs > 1
    frozen = None
    if not precomputed and not isinstance(model, PeftModel):
        frozen = load_policy(reference, context.dtype, trainable=True)[0].requires_grad_(False)
    config = DPOConfig(
        **common_settings(model, settings, context, longest_row=2 * max(map(tokens_of, rows)), reference=frozen),
        **(losses if settings.nll_weight else {}),
        beta=settings.beta,
        max_length=None,
        precompute_ref_log_probs=precomputed,
    )
    trainer = FastForwardDPOTrainer(
        model=model,
        ref_model=frozen,
        args=config,
        train_dataset=Dataset.from_list([{**row, "length": tokens_of(row)} for row in rows]),
        processing_class=tokenizer,
    )
    with interpolated(model, settings.trained_share):
        history = run_trainer(trainer, context)
    curve = [
        {"step": entry["step"], "loss": entry["loss"], "accuracy": entry.get("rewards/accuracies")}
        for entry in history
    ]
    return {
        **figures,
        "steps": trainer.state.global_step,
        "loss": curve[-1]["loss"],
        "reward_margin": history[-1].get("rewards/margins"),
        "curve": curve,
    }


@contextmanager
def interpolated(model: Policy, share: float) -> Iterator[None]:
    """On leaving, each trained weight is this share of its new value and the rest of its old one.

    A round's few pairs move a policy further than holds for other problems; between where it began and where
    training ends lie better policies (WiSE-FT: Wortsman et al., 2022; WARP: Ramé et al., 2024). An adapter's two
    matrices are interpolated one by one, so its policy is not quite on the line.
    """
    if share == 1:
        yield
        return
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    begun = [weight.detach().to("cpu", copy=True) for weight in trained]
    yield
    with torch.no_grad():
        for weight, old in zip(trained, begun, strict=True):
            weight.copy_(old.to(weight.device).lerp(weight, share))


def rows_of(tokenizer: PreTrainedTokenizerBase, pairs: Sequence[Pair]) -> list[dict[str, list[int]]]:
    """`prompt_ids`, `chosen_ids` and `rejected_ids` of each pair."""
    parts = (
        prompt_ids(tokenizer, [pair.prompt for pair in pairs]),
        completion_ids(tokenizer, [pair.chosen for pair in pairs], [pair.chosen_ended for pair in pairs]),
        completion_ids(tokenizer, [pair.rejected for pair in pairs], [pair.rejected_ended for pair in pairs]),
    )
    return [
        {"prompt_ids": prompt, "chosen_ids": chosen, "rejected_ids": rejected}
        for prompt, chosen, rejected in zip(*parts, strict=True)
    ]


def tokens_of(row: dict[str, list[int]]) -> int:
    """The tokens of a pair's longer side, prompt included."""
    return len(row["prompt_ids"]) + max(len(row["chosen_ids"]), len(row["rejected_ids"]))


def all_tokens_of(row: dict[str, list[int]]) -> int:
    """The tokens of both of a pair's sides, the prompt in each."""
    return 2 * len(row["prompt_ids"]) + len(row["chosen_ids"]) + len(row["rejected_ids"])
