"""How fast DPO learns: python benchmarks/dpo.py [--help]

The same pairs (those of round 1), batch and optimiser, one epoch, alternating, medians of the repeats; the last
column is the ratio to the first row:

    TRL's defaults               DPOTrainer with a reference model, rows in random order, checkpointing
    the same, activations kept   without its gradient checkpointing
    ours                         `sokrates.training.dpo.train`

Only the training loop is timed, in which both read the reference. Pairs that are too long are left out of all.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from datasets import Dataset
from measure import Setting, made, setting
from peft import PeftModel
from sft import Seen, Way, compare, flops_a_token, logged_seconds, report
from trl import DPOConfig

from sokrates.files import read_json_lines
from sokrates.pipeline.runlog import run
from sokrates.training.dpo import train as dpo
from sokrates.training.dpo.pairs import Pair


def pairs_of(of: Setting, tokenizer: Any) -> list[Pair]:
    pairs = [Pair(**row) for _, row in read_json_lines(made("data/pairs/iter1.jsonl"))]
    lengths = map(dpo.tokens_of, dpo.rows_of(tokenizer, pairs))
    kept = [pair for pair, length in zip(pairs, lengths, strict=True) if length <= of.params.dpo.max_length]
    return kept[: of.rows]


def read_in_all(rows: list[dict[str, list[int]]]) -> int:
    return sum(2 * len(row["prompt_ids"]) + len(row["chosen_ids"]) + len(row["rejected_ids"]) for row in rows)


def plain(of: Setting, checkpointing: bool, seen: Seen) -> float:
    model, tokenizer = of.base()
    settings = of.params.dpo
    rows = dpo.rows_of(tokenizer, pairs_of(of, tokenizer))
    with tempfile.TemporaryDirectory() as folder:
        config = DPOConfig(
            output_dir=folder,
            num_train_epochs=1,
            learning_rate=settings.learning_rate,
            beta=settings.beta,
            per_device_train_batch_size=settings.batch_size if not of.gpu else 2,
            gradient_accumulation_steps=1 if not of.gpu else settings.batch_size // 2,
            gradient_checkpointing=checkpointing,
            use_cpu=not of.gpu,
            bf16=of.gpu and of.params.model.dtype == "bfloat16",
            remove_unused_columns=False,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
        )
        trainer = dpo.RowTrainer(
            model=model,
            ref_model=None if isinstance(model, PeftModel) else of.base()[0],
            args=config,
            train_dataset=Dataset.from_list(rows),
            processing_class=tokenizer,
        )
        result = trainer.train()
    return report(seen, result.metrics["train_runtime"], result.global_step, read_in_all(rows))


def ours(of: Setting, seen: Seen) -> float:
    model, tokenizer = of.base()
    pairs = pairs_of(of, tokenizer)
    with tempfile.TemporaryDirectory() as folder, run("benchmark_dpo", of.params) as log:
        if not isinstance(model, PeftModel):
            model.save_pretrained(Path(folder, "reference"))
            tokenizer.save_pretrained(Path(folder, "reference"))
        found = dpo.train(
            of.tuned(model),
            tokenizer,
            pairs,
            Path(folder, "reference"),
            of.params.dpo.model_copy(update={"epochs": 1}),
            of.params.runtime.model_copy(update={"save_steps": 10**9}),
            dtype=of.params.model.dtype,
            seed=of.params.seed,
            checkpoints=Path(folder),
            log=log,
        )
    rows = dpo.rows_of(tokenizer, pairs)
    return report(seen, logged_seconds(log), found["steps"], read_in_all(rows))


def main() -> None:
    of = setting(__doc__ or "", rows=320)
    ways: dict[str, Way] = {
        "TRL's defaults": lambda seen: plain(of, True, seen),
        "the same, activations kept": lambda seen: plain(of, False, seen),
        "ours": lambda seen: ours(of, seen),
    }
    # The reference is one forward pass more: half of forward and back under LoRA, a third otherwise.
    compare(of, ways, flops_a_token(of) * (1.5 if of.params.model.adapter == "lora" else 4 / 3))


if __name__ == "__main__":
    main()
