"""What the SFT and the DPO trainer share: settings, and logging into the run's folder."""

from __future__ import annotations

import logging
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from sokrates.errors import UserError
from sokrates.pipeline.params import Dpo, Runtime, Sft
from sokrates.pipeline.runlog import RunLog
from sokrates.policy.model import Policy, device, unwrapped
from sokrates.training.common.memory import HEADROOM, Plan, activation_bytes, fixed_bytes, plan

CURVE_STEPS = 5  # optimiser steps between two points of a loss curve: fixed, as the curve is an out

logger = logging.getLogger(__name__)


def common_settings(
    model: Policy,
    settings: Sft | Dpo,
    runtime: Runtime,
    *,
    seed: int,
    folder: Path,
    dtype: str,
    tokens: int,
    reference: Policy | None = None,
) -> dict[str, Any]:
    """Arguments of TRL's configurations that both stages set alike.

    dtype: what a GPU computes in
    tokens: of the longest row, all its sequences together
    reference: a frozen model that is in memory besides
    """
    gpu = device().type == "cuda"
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    share, rest = divmod(settings.batch_size, processes)
    if rest:
        raise UserError(f"a batch of {settings.batch_size} rows cannot be shared by {processes} processes")
    rows = None if runtime.micro_batch == "auto" else min(runtime.micro_batch, share)
    if rows and share % rows:
        raise UserError(f"runtime.micro_batch = {rows} does not divide a device's share of the batch, {share}")
    checkpointing = None if runtime.gradient_checkpointing == "auto" else runtime.gradient_checkpointing
    if gpu:
        held = fixed_bytes(model) + (fixed_bytes(reference) if reference is not None else 0)
        planned = plan(
            share,
            tokens,
            token_bytes=activation_bytes(
                unwrapped(model).config.get_text_config(), 2 if dtype == "bfloat16" else 4
            ),
            free=HEADROOM * torch.cuda.get_device_properties(device()).total_memory - held,
            rows=rows,
            checkpointing=checkpointing,
        )
    else:
        planned = Plan(rows or share, bool(checkpointing))
    logger.info("%d rows a forward pass, checkpointing %s", planned.rows, "on" if planned.checkpointing else "off")
    return {
        "output_dir": str(folder),
        "num_train_epochs": settings.epochs,
        "learning_rate": settings.learning_rate,
        "lr_scheduler_type": "linear",
        "per_device_train_batch_size": planned.rows,
        "gradient_accumulation_steps": share // planned.rows,
        "gradient_checkpointing": planned.checkpointing,
        "train_sampling_strategy": "group_by_length",
        "logging_steps": CURVE_STEPS,
        "save_steps": runtime.save_steps,
        "save_total_limit": runtime.save_total_limit,
        "use_cpu": not gpu,
        "bf16": gpu and dtype == "bfloat16",
        "seed": seed,
        "report_to": "none",
        "remove_unused_columns": False,
        "dataloader_pin_memory": gpu,
    }


def without_needless_casts(model: Policy, stack: ExitStack) -> None:
    """Under autocast an adapter's layers need not cast their inputs: same results, one copy fewer a layer."""
    if isinstance(model, PeftModel) and device().type == "cuda":
        from peft.helpers import disable_input_dtype_casting

        stack.enter_context(disable_input_dtype_casting(model))


class LogToRun(TrainerCallback):
    """Writes the trainer's log lines into the run's metrics.jsonl, `steps` optimiser steps apart at the least."""

    def __init__(self, log: RunLog, steps: int) -> None:
        self.log = log
        self.steps = steps
        self.last = 0

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        if state.global_step - self.last >= self.steps or state.global_step >= state.max_steps:
            self.log.metrics(logs or {}, step=state.global_step)
            self.last = state.global_step
