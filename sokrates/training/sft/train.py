"""Supervised fine-tuning on gold traces, with TRL's trainer.

A batch holds traces of similar length, so that little is padded; the loss is taken on completions alone.
Not covered: packing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from datasets import Dataset
from transformers import PreTrainedTokenizerBase
from trl import SFTConfig, SFTTrainer

from sokrates.io.errors import UserError
from sokrates.pipeline.params import Sft
from sokrates.policy.model import Policy
from sokrates.proof.trace import Trace
from sokrates.training.common.label_logprobs import skip_unlabelled_positions
from sokrates.training.common.rows import sft_rows
from sokrates.training.common.trainer import TrainingContext, common_settings, run_trainer


def train(
    model: Policy,
    tokenizer: PreTrainedTokenizerBase,
    traces: Sequence[Trace],
    settings: Sft,
    context: TrainingContext,
) -> dict[str, Any]:
    """Trains `model` in place. Returns figures and the loss curve.

    A trace of more than `settings.max_length` tokens is left out and counted. Raises UserError if none is left.
    """
    texts = [(trace.problem.prompt, trace.text) for trace in traces]
    rows = [row for row in sft_rows(tokenizer, texts) if len(row["input_ids"]) <= settings.max_length]
    if not rows:
        raise UserError(
            f"none of the {len(traces)} gold traces has at most sft.max_length = {settings.max_length} tokens"
        )
    lengths = [len(row["input_ids"]) for row in rows]
    config = SFTConfig(
        **common_settings(model, settings, context, longest_row=max(lengths)),
        warmup_steps=settings.warmup_ratio,
        weight_decay=settings.weight_decay,
        max_length=None,
    )
    trainer = SFTTrainer(
        model=model, args=config, train_dataset=Dataset.from_list(rows), processing_class=tokenizer
    )
    skip_unlabelled_positions(model)
    curve = [{"step": entry["step"], "loss": entry["loss"]} for entry in run_trainer(trainer, context)]
    return {
        "traces": len(rows),
        "left_out_too_long": len(traces) - len(rows),
        "tokens": sum(lengths),
        "steps": trainer.state.global_step,
        "loss": curve[-1]["loss"],
        "curve": curve,
    }
