"""Direct preference optimisation (Rafailov et al., 2023) of a policy against the policy of the round before.

TRL's trainer with our rows: a pair's continuation need not end the text, so rows come with token ids.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from datasets import Dataset
from peft import PeftModel
from transformers import PreTrainedTokenizerBase
from trl import DPOConfig, DPOTrainer

from sokrates.pipeline.params import Dpo, Runtime
from sokrates.pipeline.runlog import RunLog
from sokrates.policy.model import Policy, load_policy
from sokrates.training.common.label_logprobs import spare
from sokrates.training.common.resume import latest_checkpoint
from sokrates.training.common.rows import completion_ids, prompt_ids
from sokrates.training.common.trainer import LogToRun, common_settings, without_needless_casts
from sokrates.training.dpo.pairs import Pair

logger = logging.getLogger(__name__)


class RowTrainer(DPOTrainer):
    """TRL's trainer on rows that are token ids already; its own preparation would end every continuation."""

    def _prepare_dataset(self, dataset: Dataset, *args: Any, **kwargs: Any) -> Dataset:
        return dataset


class SpareTrainer(RowTrainer):
    """The same with `forward.spare`, also where the reference is read once, before the first step."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.precompute_ref_logps:
            for model in filter(None, (self.model, self.ref_model)):
                spare(model)

    def _precompute_ref_logps(self, *args: Any, **kwargs: Any) -> Dataset:
        spare(self.model)  # TRL calls this within __init__
        return super()._precompute_ref_logps(*args, **kwargs)


def train(
    model: Policy,
    tokenizer: PreTrainedTokenizerBase,
    pairs: Sequence[Pair],
    reference: Path,
    settings: Dpo,
    runtime: Runtime,
    *,
    dtype: str,
    seed: int,
    checkpoints: Path,
    log: RunLog,
) -> dict[str, Any]:
    """Trains `model`, which holds the weights of `reference`, in place. Returns figures and the curves.

    With an adapter the reference is a frozen copy of it, else the model of the folder `reference`. A pair
    with a side of more than `settings.max_length` tokens is left out and counted. Without a pair, nothing changes.
    """
    rows = [row for row in rows_of(tokenizer, pairs) if tokens_of(row) <= settings.max_length]
    figures: dict[str, Any] = {"pairs": len(rows), "left_out_too_long": len(pairs) - len(rows), "steps": 0}
    if not rows:
        logger.warning("no preference pair to learn from: the policy stays as it is")
        return {**figures, "loss": None, "reward_margin": None, "curve": []}
    losses: dict[str, Any] = {"loss_type": ["sigmoid", "sft"], "loss_weights": [1.0, settings.nll_weight]}
    once = settings.epochs > 1  # the reference's log-probabilities, before the first step: the model has them then
    frozen = None if once or isinstance(model, PeftModel) else load_policy(reference, dtype, trainable=True)[0]
    if frozen is not None:
        frozen.requires_grad_(False)
    config = DPOConfig(
        **common_settings(
            model,
            settings,
            runtime,
            seed=seed,
            folder=checkpoints,
            dtype=dtype,
            tokens=2 * max(map(tokens_of, rows)),
            reference=frozen,
        ),
        **(losses if settings.nll_weight else {}),
        beta=settings.beta,
        max_length=None,
        precompute_ref_log_probs=once,
    )
    trainer = SpareTrainer(
        model=model,
        ref_model=frozen,
        args=config,
        train_dataset=Dataset.from_list([{**row, "length": tokens_of(row)} for row in rows]),
        processing_class=tokenizer,
        callbacks=[LogToRun(log, runtime.logging_steps)],
    )
    with ExitStack() as stack:
        without_needless_casts(model, stack)
        result = trainer.train(resume_from_checkpoint=latest_checkpoint(checkpoints))
    history = [entry for entry in trainer.state.log_history if "loss" in entry]
    curve = [
        {"step": entry["step"], "loss": entry["loss"], "accuracy": entry.get("rewards/accuracies")}
        for entry in history
    ]
    return {
        **figures,
        "steps": result.global_step,
        "loss": curve[-1]["loss"] if curve else None,
        "reward_margin": history[-1].get("rewards/margins") if history else None,
        "curve": curve,
    }


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
    return len(row["prompt_ids"]) + max(len(row["chosen_ids"]), len(row["rejected_ids"]))
