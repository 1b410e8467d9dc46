"""Supervised fine-tuning on gold traces, with TRL's trainer.

Batches hold traces of like length, so that little is padded; the loss is taken on completions alone.
Not covered: packing.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from datasets import Dataset
from transformers import PreTrainedTokenizerBase
from trl import SFTConfig, SFTTrainer

from sokrates.errors import UserError
from sokrates.pipeline.params import Runtime, Sft
from sokrates.pipeline.runlog import RunLog
from sokrates.policy.model import Policy
from sokrates.proof.trace import Trace
from sokrates.training.common.label_logprobs import spare
from sokrates.training.common.resume import latest_checkpoint
from sokrates.training.common.rows import sft_rows
from sokrates.training.common.trainer import LogToRun, common_settings, without_needless_casts


def train(
    model: Policy,
    tokenizer: PreTrainedTokenizerBase,
    traces: Sequence[Trace],
    settings: Sft,
    runtime: Runtime,
    *,
    dtype: str,
    seed: int,
    checkpoints: Path,
    log: RunLog,
) -> dict[str, Any]:
    """Trains `model` in place; resumes from the last of `checkpoints`. Returns figures and the loss curve.

    dtype: what a GPU computes in

    A trace of more than `settings.max_length` tokens is left out and counted. Raises UserError if none is left.
    """
    texts = [(trace.problem.prompt, trace.text) for trace in traces]
    rows = [row for row in sft_rows(tokenizer, texts) if len(row["input_ids"]) <= settings.max_length]
    if not rows:
        raise UserError(
            f"of {len(traces)} gold traces none has at most sft.max_length = {settings.max_length} tokens"
        )
    config = SFTConfig(
        **common_settings(
            model,
            settings,
            runtime,
            seed=seed,
            folder=checkpoints,
            dtype=dtype,
            tokens=max(len(row["input_ids"]) for row in rows),
        ),
        warmup_steps=settings.warmup_ratio,
        weight_decay=settings.weight_decay,
        max_length=None,
    )
    trainer = SFTTrainer(
        model=model,
        args=config,
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
        callbacks=[LogToRun(log, runtime.logging_steps)],
    )
    spare(model)
    with ExitStack() as stack:
        without_needless_casts(model, stack)
        result = trainer.train(resume_from_checkpoint=latest_checkpoint(checkpoints))
    curve = [
        {"step": entry["step"], "loss": entry["loss"]} for entry in trainer.state.log_history if "loss" in entry
    ]
    return {
        "traces": len(rows),
        "left_out_too_long": len(traces) - len(rows),
        "tokens": sum(len(row["input_ids"]) for row in rows),
        "steps": result.global_step,
        "loss": curve[-1]["loss"] if curve else None,
        "curve": curve,
    }
