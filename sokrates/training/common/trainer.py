"""What the SFT and the DPO trainer share: the context of a run, settings, the progress bar, the run's log.

Not covered: the loss, the rows and the models, which each stage gives to TRL's trainer itself.
"""

from __future__ import annotations

import logging
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from peft.helpers import disable_input_dtype_casting
from transformers import (
    ProgressCallback,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from sokrates.io.errors import UserError
from sokrates.pipeline.machine import no_tracker
from sokrates.pipeline.params import Dpo, Runtime, Sft
from sokrates.pipeline.runlog import RunLog
from sokrates.policy.model import Policy, device, unwrapped
from sokrates.training.common.memory import HEADROOM, Plan, activation_bytes, fixed_bytes, plan
from sokrates.training.common.resume import latest_checkpoint

CURVE_STEPS = 5  # optimiser steps between two points of a loss curve: fixed, as the curve is an out
# Older versions of transformers know only the second name; newer ones warn about it.
CHECKPOINTING = (
    "activation_checkpointing"
    if hasattr(TrainingArguments, "activation_checkpointing")
    else "gradient_checkpointing"
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingContext:
    """What a stage gives to training beside the model, the data and the section of params.

    runtime: the section of params that no stage depends on
    dtype: float32 or bfloat16, in which a GPU computes
    seed: of the order of the rows, and of dropout
    checkpoints: the folder that checkpoints go to; training resumes from the last one there
    log: the run's log
    """

    runtime: Runtime
    dtype: str
    seed: int
    checkpoints: Path
    log: RunLog


def common_settings(
    model: Policy,
    settings: Sft | Dpo,
    context: TrainingContext,
    *,
    longest_row: int,
    reference: Policy | None = None,
) -> dict[str, Any]:
    """The arguments that TRL's SFTConfig and DPOConfig get alike, for one device. Raises UserError.

    longest_row: tokens, of all sequences of the row together
    reference: a frozen model that shares the GPU's memory
    """
    gpu, runtime = device().type == "cuda", context.runtime
    batch = settings.batch_size
    rows = None if runtime.micro_batch == "auto" else min(runtime.micro_batch, batch)
    checkpointing = None if runtime.gradient_checkpointing == "auto" else runtime.gradient_checkpointing
    if gpu:
        held = fixed_bytes(model) + (fixed_bytes(reference) if reference is not None else 0)
        planned = plan(
            batch,
            longest_row,
            token_bytes=activation_bytes(
                unwrapped(model).config.get_text_config(), 2 if context.dtype == "bfloat16" else 4
            ),
            free=HEADROOM * torch.cuda.get_device_properties(device()).total_memory - held,
            rows=rows,
            checkpointing=checkpointing,
        )
    else:
        planned = Plan(rows or batch, bool(checkpointing))
    logger.info("%d rows a forward pass, checkpointing %s", planned.rows, "on" if planned.checkpointing else "off")
    return {
        "output_dir": str(context.checkpoints),
        "num_train_epochs": settings.epochs,
        "learning_rate": settings.learning_rate,
        "lr_scheduler_type": "linear",
        "per_device_train_batch_size": planned.rows,
        "gradient_accumulation_steps": batch // planned.rows,
        CHECKPOINTING: planned.checkpointing,
        "train_sampling_strategy": "group_by_length",
        "logging_steps": CURVE_STEPS,
        "logging_nan_inf_filter": False,  # it would log a loss that is NaN as 0
        "save_steps": math.ceil(runtime.save_steps / CURVE_STEPS) * CURVE_STEPS,  # a point of the curve is whole
        "save_total_limit": runtime.save_total_limit,
        "use_cpu": not gpu,
        "bf16": gpu and context.dtype == "bfloat16",
        "seed": context.seed,
        "remove_unused_columns": False,
        "dataloader_pin_memory": gpu,
        **_reporting(context),
    }


def _reporting(context: TrainingContext) -> dict[str, Any]:
    """The arguments for the tracker of `runtime.report_to`, whose files go to the run's folder."""
    tracker, folder = context.runtime.report_to, context.log.folder
    if problem := no_tracker(tracker):
        raise UserError(problem)
    os.environ.setdefault("TENSORBOARD_LOGGING_DIR", str(folder / "tensorboard"))
    os.environ.setdefault("WANDB_DIR", str(folder))
    os.environ.setdefault("WANDB_PROJECT", "sokrates")
    return {"report_to": tracker, "run_name": f"{folder.parent.name} {folder.name}", "project": "sokrates"}


def run_trainer(trainer: Trainer, context: TrainingContext) -> list[dict[str, Any]]:
    """Trains the trainer's model, from the last checkpoint if there is one; returns log entries with a loss.

    Raises UserError where the loss or a weight is no longer finite.
    """
    trainer.remove_callback(ProgressCallback)
    trainer.add_callback(LossOnBar)
    trainer.add_callback(LogToRun(context.log, context.runtime.logging_steps))
    trainer.add_callback(SameOrderAgain(context.checkpoints))
    model: Any = trainer.model
    # Under autocast an adapter's layers need not cast their inputs: same results, one copy fewer a layer.
    with disable_input_dtype_casting(model, active=isinstance(model, PeftModel) and device().type == "cuda"):
        trainer.train(resume_from_checkpoint=latest_checkpoint(context.checkpoints))
    entries = [entry for entry in trainer.state.log_history if "loss" in entry]
    lost = next((entry for entry in entries if not math.isfinite(entry["loss"])), None)
    if lost or not all(bool(weight.isfinite().all()) for weight in model.parameters() if weight.requires_grad):
        step = lost["step"] if lost else trainer.state.global_step
        raise UserError(f"the training diverged before step {step}: try a lower learning_rate")
    return entries


class LossOnBar(ProgressCallback):
    """transformers' progress bar with the loss on it; the original prints a line for each log entry."""

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        if self.training_bar is not None and logs and "loss" in logs:
            self.training_bar.set_postfix(loss=f"{logs['loss']:.4g}", refresh=False)


class SameOrderAgain(TrainerCallback):
    """Gives an epoch that a run resumes the order of rows that it had.

    The trainer draws an order from torch's generator when an epoch begins; when it resumes, it does so before it
    puts the generator back to where it was. Some rows would be skipped, and others seen twice. So the generator's
    state at the beginning of each epoch is kept beside the checkpoints.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def on_epoch_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        file = self.folder / f"generator-{int(state.epoch or 0)}.pt"
        if file.is_file():
            torch.set_rng_state(torch.load(file, weights_only=True))
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".draft")
        torch.save(torch.get_rng_state(), draft)
        draft.replace(file)


class LogToRun(TrainerCallback):
    """Writes the trainer's log entries into metrics.jsonl, at most one every `steps` steps, and the last one."""

    def __init__(self, log: RunLog, steps: int) -> None:
        self.log = log
        self.steps = steps
        self.last_step = 0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        if state.global_step:
            self.last_step = state.global_step
            self.log.resume(state.global_step)

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Has the trainer log the last step, which need not be a multiple of CURVE_STEPS."""
        if state.global_step >= state.max_steps:
            control.should_log = True

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        if not math.isfinite((logs or {}).get("loss", 0.0)):
            control.should_training_stop = True  # `run_trainer` says so
        if state.global_step - self.last_step >= self.steps or state.global_step >= state.max_steps:
            self.log.metrics(logs or {}, step=state.global_step)
            self.last_step = state.global_step
