"""How fast DPO learns: python benchmarks/dpo.py [--help]

The same pairs (those of round 1), batch and optimiser, one epoch, alternating, medians of the repeats; the last
column is the ratio to the first row:

    TRL's defaults               DPOTrainer with a reference model, rows in random order, checkpointing
    the same, activations kept   without its gradient checkpointing
    TRL, grouped by length       its other order of rows, in batches of similar length
    grouped, activations kept    the best of its settings, as far as they are tried here
    ours                         `sokrates.training.dpo.train`

Only the steps of training are timed (on a GPU the second half of them), in which both read the reference. Pairs
that are too long are left out of all.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from datasets import Dataset
from measure import Setting, made, read_setting, step_clock
from peft import PeftModel
from sft import RunFigures, Way, compare, flops_a_token, report
from trl import DPOConfig

from sokrates.io.files import read_json_lines
from sokrates.pipeline.runlog import run
from sokrates.training.common.trainer import CHECKPOINTING
from sokrates.training.dpo import train as dpo
from sokrates.training.dpo.pairs import Pair


def pairs_of(setting: Setting, tokenizer: Any) -> list[Pair]:
    pairs = [Pair(**row) for _, row in read_json_lines(made("data/pairs/iter1.jsonl"))]
    lengths = map(dpo.tokens_of, dpo.rows_of(tokenizer, pairs))
    kept = [pair for pair, length in zip(pairs, lengths, strict=True) if length <= setting.params.dpo.max_length]
    return kept[: setting.rows]


def tokens_read(rows: list[dict[str, list[int]]]) -> int:
    return sum(2 * len(row["prompt_ids"]) + len(row["chosen_ids"]) + len(row["rejected_ids"]) for row in rows)


def with_trl(setting: Setting, figures: RunFigures, *, checkpointing: bool, grouped: bool) -> float:
    """Seconds of TRL's trainer."""
    model, tokenizer = setting.base()
    settings = setting.params.dpo
    rows = dpo.rows_of(tokenizer, pairs_of(setting, tokenizer))
    memory: dict[str, Any] = {CHECKPOINTING: checkpointing}
    with tempfile.TemporaryDirectory() as folder, step_clock() as clock:
        config = DPOConfig(
            output_dir=folder,
            num_train_epochs=1,
            learning_rate=settings.learning_rate,
            beta=settings.beta,
            per_device_train_batch_size=settings.batch_size if not setting.gpu else 2,
            gradient_accumulation_steps=1 if not setting.gpu else settings.batch_size // 2,
            **memory,
            train_sampling_strategy="group_by_length" if grouped else "random",
            use_cpu=not setting.gpu,
            bf16=setting.gpu and setting.params.model.dtype == "bfloat16",
            remove_unused_columns=False,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
        )
        trainer = dpo.TokenisedDPOTrainer(
            model=model,
            ref_model=None if isinstance(model, PeftModel) else setting.base()[0],
            args=config,
            train_dataset=Dataset.from_list([{**row, "length": dpo.tokens_of(row)} for row in rows]),
            processing_class=tokenizer,
        )
        trainer.train()
    return report(figures, clock, tokens_read(rows))


def ours(setting: Setting, figures: RunFigures) -> float:
    """Seconds of our training."""
    model, tokenizer = setting.base()
    pairs = pairs_of(setting, tokenizer)
    with (
        tempfile.TemporaryDirectory() as folder,
        run("benchmark_dpo", setting.params) as log,
        step_clock() as clock,
    ):
        if not isinstance(model, PeftModel):
            model.save_pretrained(Path(folder, "reference"))
            tokenizer.save_pretrained(Path(folder, "reference"))
        once = setting.params.dpo.model_copy(update={"epochs": 1})
        context = setting.training(Path(folder), log)
        dpo.train(setting.tuned(model), tokenizer, pairs, Path(folder, "reference"), once, context)
    return report(figures, clock, tokens_read(dpo.rows_of(tokenizer, pairs)))


def main() -> None:
    setting = read_setting(__doc__ or "", rows=320)
    ways: dict[str, Way] = {
        "TRL's defaults": partial(with_trl, setting, checkpointing=True, grouped=False),
        "the same, activations kept": partial(with_trl, setting, checkpointing=False, grouped=False),
        "TRL, grouped by length": partial(with_trl, setting, checkpointing=True, grouped=True),
        "grouped, activations kept": partial(with_trl, setting, checkpointing=False, grouped=True),
        "ours": partial(ours, setting),
    }
    # The reference adds a forward pass: half of forward and backward under LoRA, a third otherwise.
    reference = 1.5 if setting.params.model.adapter == "lora" else 4 / 3
    compare(setting, setting.chosen(ways), flops_a_token(setting) * reference)


if __name__ == "__main__":
    main()
