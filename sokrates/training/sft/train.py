"""Supervised fine-tuning on gold traces, with TRL's trainer.

A batch holds traces of similar length, so that little is padded; the loss is taken on completions alone. Traces
come in any order, or those with fewer steps first. Not covered: packing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from random import Random
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
    steps = [len(trace.steps) for trace in traces]
    made = zip(sft_rows(tokenizer, texts), steps, strict=True)
    kept = [(row, count) for row, count in made if len(row["input_ids"]) <= settings.max_length]
    rows = [row for row, _ in kept]
    if not rows:
        raise UserError(
            f"none of the {len(traces)} gold traces has at most sft.max_length = {settings.max_length} tokens"
        )
    lengths = [len(row["input_ids"]) for row in rows]
    common = common_settings(model, settings, context, longest_row=max(lengths))
    if settings.order == "easy_first":
        order = easy_first([count for _, count in kept], lengths, settings.batch_size, context.seed)
        rows = [rows[index] for index in order]
        common["train_sampling_strategy"] = "sequential"
    config = SFTConfig(
        **common,
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


def easy_first(steps: Sequence[int], lengths: Sequence[int], batch_size: int, seed: int) -> list[int]:
    """The indices of rows, batch after batch: those with fewer steps first, each batch of similar lengths.

    Batches of one number of steps are in any order; where two numbers meet, a batch has rows of both.
    """
    order = sorted(range(len(steps)), key=lambda i: (steps[i], lengths[i]))
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    rest = [] if len(order) % batch_size == 0 else batches.pop()  # it stays at the end, so that no batch is cut
    Random(f"easy first {seed}").shuffle(batches)
    batches.sort(key=lambda batch: (steps[batch[0]], steps[batch[-1]]))
    return [*chain.from_iterable(batches), *rest]
