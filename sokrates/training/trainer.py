"""What the SFT and the DPO trainer share: settings, and logging into the run's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from sokrates.params import Dpo, Runtime, Sft
from sokrates.runlog import RunLog

CURVE_STEPS = 5  # optimiser steps between two points of a loss curve: fixed, as the curve is an out


def common_settings(
    settings: Sft | Dpo, runtime: Runtime, *, seed: int, folder: Path, dtype: str
) -> dict[str, Any]:
    """Arguments of TRL's configurations that both stages set alike."""
    gpu = torch.cuda.is_available()
    return {
        "output_dir": str(folder),
        "num_train_epochs": settings.epochs,
        "learning_rate": settings.learning_rate,
        "lr_scheduler_type": "linear",
        "per_device_train_batch_size": settings.batch_size,
        "gradient_accumulation_steps": settings.gradient_accumulation,
        "gradient_checkpointing": runtime.gradient_checkpointing,
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
