"""How fast SFT learns: python benchmarks/sft.py [--help]

The same gold traces, batch and optimiser, one epoch, alternating, medians of the repeats; the last column is the
ratio to the first row:

    TRL's defaults                   SFTTrainer, a batch padded to its longest row, with gradient checkpointing
    the same, activations kept       without checkpointing
    TRL, grouped by length           a batch of rows of similar length, with checkpointing
    grouped, activations kept        without checkpointing: the best of TRL's own settings on a CPU
    TRL, padded to max length        every row as long as sft.max_length, with checkpointing, as published
    padded, activations kept         without checkpointing
    ours                             `sokrates.training.sft.train`

Only the steps of training are timed; on a GPU the second half of them, as the first ones compile kernels.
--attention, --liger and --compile change only ours. On a GPU the table has the
peak of memory too. "% of matmul": model FLOPs (real tokens, 4 a weight and token under LoRA, else 6) over the rate
of a large matrix product on the same machine.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from measure import Setting, StepClock, alternate, matmul_rate, read_setting, step_clock, table
from trl import SFTConfig, SFTTrainer

from sokrates.pipeline.runlog import run
from sokrates.training.common.rows import sft_rows
from sokrates.training.common.trainer import CHECKPOINTING
from sokrates.training.sft import train as sft


class RunFigures:
    """What a run reports about itself: all of its steps, and those that were timed with their tokens."""

    memory = 0.0  # GiB, the peak on a GPU
    steps = timed_steps = 0
    tokens = 0.0


Way = Callable[[RunFigures], float]  # trains, fills in the figures, and returns seconds


def with_trl(
    setting: Setting,
    figures: RunFigures,
    *,
    checkpointing: bool,
    grouped: bool = False,
    padded: bool = False,
) -> float:
    """Seconds of TRL's trainer. grouped: by length; padded: every row to sft.max_length."""
    model, tokenizer = setting.base()
    settings = setting.params.sft
    rows = sft_rows(tokenizer, [(trace.problem.prompt, trace.text) for trace in setting.traces()])
    rows = [row for row in rows if len(row["input_ids"]) <= settings.max_length]
    memory: dict[str, Any] = {CHECKPOINTING: checkpointing}
    with tempfile.TemporaryDirectory() as folder, step_clock() as clock:
        config = SFTConfig(
            output_dir=folder,
            num_train_epochs=1,
            learning_rate=settings.learning_rate,
            per_device_train_batch_size=settings.batch_size if not setting.gpu else 4,
            gradient_accumulation_steps=1 if not setting.gpu else settings.batch_size // 4,
            **memory,
            max_length=settings.max_length,
            pad_to_multiple_of=settings.max_length if padded else None,
            train_sampling_strategy="group_by_length" if grouped else "random",
            use_cpu=not setting.gpu,
            bf16=setting.gpu and setting.params.model.dtype == "bfloat16",
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
        )
        trainer = SFTTrainer(
            model=model, args=config, train_dataset=Dataset.from_list(rows), processing_class=tokenizer
        )
        trainer.train()
    return report(figures, clock, sum(len(row["input_ids"]) for row in rows))


def ours(setting: Setting, figures: RunFigures) -> float:
    """Seconds of our training."""
    model, tokenizer = setting.base()
    with (
        tempfile.TemporaryDirectory() as folder,
        run("benchmark_sft", setting.params) as log,
        step_clock() as clock,
    ):
        once = setting.params.sft.model_copy(update={"epochs": 1})
        context = setting.training(Path(folder), log)
        trained = sft.train(setting.tuned(model), tokenizer, setting.traces(), once, context)
    return report(figures, clock, trained["tokens"])


def report(figures: RunFigures, clock: StepClock, tokens: int) -> float:
    """Fills in the figures of a run over so many tokens; returns the seconds of the timed steps."""
    figures.steps = clock.steps
    figures.timed_steps, seconds = clock.timed()
    figures.tokens = tokens * figures.timed_steps / figures.steps  # on average: batches differ by a few per cent
    if torch.cuda.is_available():
        figures.memory = torch.cuda.max_memory_allocated() / 2**30
    return seconds


def flops_a_token(setting: Setting) -> float:
    model: Any = setting.base()[0]
    weights: int = sum(weight.numel() for weight in model.parameters())
    if not model.config.get_text_config().tie_word_embeddings:  # looking a token up is not a matrix product
        weights -= model.get_input_embeddings().weight.numel()
    return (4 if setting.params.model.adapter == "lora" else 6) * weights


def main() -> None:
    setting = read_setting(__doc__ or "", rows=960)
    ways: dict[str, Way] = {
        "TRL's defaults": partial(with_trl, setting, checkpointing=True),
        "the same, activations kept": partial(with_trl, setting, checkpointing=False),
        "TRL, grouped by length": partial(with_trl, setting, checkpointing=True, grouped=True),
        "grouped, activations kept": partial(with_trl, setting, checkpointing=False, grouped=True),
        "TRL, padded to max length": partial(with_trl, setting, checkpointing=True, padded=True),
        "padded, activations kept": partial(with_trl, setting, checkpointing=False, padded=True),
        "ours": partial(ours, setting),
    }
    compare(setting, setting.chosen(ways), flops_a_token(setting))


def compare(setting: Setting, ways: Mapping[str, Way], flops: float) -> None:
    """Runs the ways of a training benchmark and prints a table; the first is the baseline.

    flops: model FLOPs of a token
    """
    figures = {name: RunFigures() for name in ways}
    medians = alternate({name: partial(way, figures[name]) for name, way in ways.items()}, setting.repeats)
    peak = matmul_rate()
    baseline = next(iter(medians.values()))
    rows = {}
    for name, seconds in medians.items():
        rate = figures[name].tokens / seconds
        cells = [f"{rate:,.0f}", f"{seconds / figures[name].timed_steps:.4f}", f"{100 * rate * flops / peak:.1f}"]
        memory = f"{figures[name].memory:.1f}" if setting.gpu else "-"
        rows[name] = [*cells, memory, f"{baseline / seconds:.2f}"]
    first = next(iter(figures.values()))
    steps = f"{first.timed_steps} of {first.steps} steps, {first.tokens:,.0f} tokens"
    table(
        f"{steps}, medians of {setting.repeats} repeats",
        ["tokens/s", "s a step", "% of matmul", "peak GiB", "ratio"],
        rows,
    )


if __name__ == "__main__":
    main()
