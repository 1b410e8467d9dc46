"""How fast SFT learns: python benchmarks/sft.py [--help]

The same gold traces, batch and optimiser, one epoch, alternating, medians of the repeats; the last column is the
ratio to the first row:

    TRL, padded to max length        SFTTrainer's defaults, every row as long as sft.max_length
    the same, activations kept       without its gradient checkpointing
    ours                             `sokrates.training.sft.train`

Only the training loop is timed. --attention, --liger and --compile change ours alone. On a GPU also the peak of
memory. "% of matmul": model FLOPs (of the real tokens, 4 a weight and token under LoRA, else 6) over what a large
product reaches here.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from measure import Setting, alternate, matmul_rate, setting, table
from trl import SFTConfig, SFTTrainer

from sokrates.pipeline.runlog import RunLog, run
from sokrates.training.common.rows import sft_rows
from sokrates.training.sft import train as sft


class Seen:
    """What a run reports of itself."""

    memory = 0.0  # GiB, the peak on a GPU
    steps = tokens = 0


Way = Callable[[Seen], float]  # runs, fills in what it saw, and returns seconds


def plain(of: Setting, checkpointing: bool, seen: Seen) -> float:
    model, tokenizer = of.base()
    settings = of.params.sft
    rows = sft_rows(tokenizer, [(trace.problem.prompt, trace.text) for trace in of.traces()])
    rows = [row for row in rows if len(row["input_ids"]) <= settings.max_length]
    with tempfile.TemporaryDirectory() as folder:
        config = SFTConfig(
            output_dir=folder,
            num_train_epochs=1,
            learning_rate=settings.learning_rate,
            per_device_train_batch_size=settings.batch_size if not of.gpu else 4,
            gradient_accumulation_steps=1 if not of.gpu else settings.batch_size // 4,
            gradient_checkpointing=checkpointing,
            max_length=settings.max_length,
            pad_to_multiple_of=settings.max_length,
            use_cpu=not of.gpu,
            bf16=of.gpu and of.params.model.dtype == "bfloat16",
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
        )
        trainer = SFTTrainer(
            model=model, args=config, train_dataset=Dataset.from_list(rows), processing_class=tokenizer
        )
        result = trainer.train()
    return report(
        seen, result.metrics["train_runtime"], result.global_step, sum(len(r["input_ids"]) for r in rows)
    )


def ours(of: Setting, seen: Seen) -> float:
    model, tokenizer = of.base()
    with tempfile.TemporaryDirectory() as folder, run("benchmark_sft", of.params) as log:
        found = sft.train(
            of.tuned(model),
            tokenizer,
            of.traces(),
            of.params.sft.model_copy(update={"epochs": 1}),
            of.params.runtime.model_copy(update={"save_steps": 10**9}),
            dtype=of.params.model.dtype,
            seed=of.params.seed,
            checkpoints=Path(folder),
            log=log,
        )
    return report(seen, logged_seconds(log), found["steps"], found["tokens"])


def logged_seconds(log: RunLog) -> float:
    """What the trainer says its loop took."""
    return float(json.loads((log.folder / "metrics.jsonl").read_text().splitlines()[-1])["train_runtime"])


def report(seen: Seen, seconds: float, steps: int, tokens: int) -> float:
    seen.steps, seen.tokens = steps, tokens
    if torch.cuda.is_available():
        seen.memory = torch.cuda.max_memory_allocated() / 2**30
    return seconds


def flops_a_token(of: Setting) -> float:
    model: Any = of.base()[0]
    weights = sum(weight.numel() for weight in model.parameters())
    if not model.config.get_text_config().tie_word_embeddings:  # looking a token up is no product
        weights -= model.get_input_embeddings().weight.numel()
    return (4 if of.params.model.adapter == "lora" else 6) * weights


def main() -> None:
    of = setting(__doc__ or "", rows=960)
    ways: dict[str, Way] = {
        "TRL, padded to max length": lambda seen: plain(of, True, seen),
        "the same, activations kept": lambda seen: plain(of, False, seen),
        "ours": lambda seen: ours(of, seen),
    }
    compare(of, ways, flops_a_token(of))


def compare(of: Setting, ways: Mapping[str, Way], flops: float) -> None:
    """Runs and tabulates the ways of a training benchmark; the baseline is the first. flops: of a token."""
    seen = {name: Seen() for name in ways}
    medians = alternate({name: partial(way, seen[name]) for name, way in ways.items()}, of.repeats)
    peak = matmul_rate()
    baseline = next(iter(medians.values()))
    rows = {}
    for name, seconds in medians.items():
        rate = seen[name].tokens / seconds
        cells = [f"{rate:,.0f}", f"{seconds / seen[name].steps:.4f}", f"{100 * rate * flops / peak:.1f}"]
        rows[name] = [*cells, f"{seen[name].memory:.1f}" if of.gpu else "-", f"{baseline / seconds:.2f}"]
    some = next(iter(seen.values()))
    title = f"{some.steps} steps, {some.tokens:,} tokens, medians of {of.repeats} repeats"
    table(title, ["tokens/s", "s a step", "% of matmul", "peak GiB", "ratio"], rows)


if __name__ == "__main__":
    main()
