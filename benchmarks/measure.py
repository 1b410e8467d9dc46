"""What the benchmarks share: the setting that they measure in, alternating repeats, the table.

A benchmark compares ways of doing one piece of work in one process: each repeat runs every way once, in turn, so
that what else the machine does falls on all alike; the figure is the median, and the last column the ratio to the
baseline of the same run.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from sokrates import params as settings
from sokrates.policy.model import load_base, load_policy, load_tokenizer
from sokrates.problems.traces import Trace, read_traces

ROOT = Path(__file__).resolve().parents[1]
# Of models whose weights cannot always be had: at the same shape, random weights cost the same time.
SHAPES = {
    "qwen3-8b": {
        "model_type": "qwen3",
        "hidden_size": 4096,
        "num_hidden_layers": 36,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "intermediate_size": 12288,
        "vocab_size": 151936,
        "tie_word_embeddings": False,
    }
}


@dataclass(frozen=True)
class Setting:
    """params: of the profile; random: weights drawn here instead of loaded; rows: size of the work; repeats."""

    params: settings.Params
    random: bool
    tokenizer: Path
    rows: int
    repeats: int

    @property
    def gpu(self) -> bool:
        return torch.cuda.is_available()

    def base(self) -> tuple[Any, Any]:
        """The model that SFT starts from and its tokenizer."""
        if not self.random:
            return load_base(self.params.model, seed=0)
        return _with_adapter(_random_model(self.params), self.params), load_tokenizer(self.tokenizer)

    def policy(self) -> tuple[Any, Any]:
        """A policy that writes traces: that of `dvc repro`, or random weights, which never end a trace."""
        if self.random:
            return self.base()
        return load_policy(made("data/policy/sft"), self.params.model.dtype)

    def traces(self) -> list[Trace]:
        """Gold traces as `prepare` wrote them, `rows` of them."""
        return list(read_traces(made("data/problems/gold.jsonl")))[: self.rows]


def made(path: str) -> Path:
    """What `dvc repro` has made."""
    if not (ROOT / path).exists():
        raise SystemExit(f"{path} is not there: run `dvc repro` first")
    return ROOT / path


def _random_model(params: settings.Params) -> Any:
    from transformers import AutoConfig, AutoModelForCausalLM

    shape = SHAPES[Path(params.model.name).name.lower()]
    config = AutoConfig.for_model(**shape, dtype=getattr(torch, params.model.dtype))
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        return AutoModelForCausalLM.from_config(config, dtype=getattr(torch, params.model.dtype))


def _with_adapter(model: Any, params: settings.Params) -> Any:
    from peft import LoraConfig, get_peft_model

    of = params.model
    lora = LoraConfig(
        r=of.lora_r,
        lora_alpha=of.lora_alpha,
        lora_dropout=of.lora_dropout,
        target_modules=of.lora_targets,
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, lora) if of.adapter == "lora" else model


def setting(text: str, *, rows: int, repeats: int = 5) -> Setting:
    """The command line that every benchmark of a model has."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--params", type=Path, default=ROOT / "params.yaml", help="a profile (default: params.yaml)"
    )
    parser.add_argument(
        "--random-weights", action="store_true", help="a model of the profile's shape, not its weights"
    )
    parser.add_argument("--tokenizer", type=Path, default=Path("."), help="folder, with --random-weights")
    parser.add_argument("--rows", type=int, default=rows, help=f"traces or problems (default: {rows})")
    parser.add_argument("--repeats", type=int, default=repeats, help=f"of each way (default: {repeats})")
    chosen = parser.parse_args()
    os.chdir(ROOT)
    params = settings.load(chosen.params)
    return Setting(params, chosen.random_weights, chosen.tokenizer, chosen.rows, chosen.repeats)


def machine() -> str:
    """One line on what is measured on."""
    if torch.cuda.is_available():
        return f"{torch.cuda.get_device_name()}, torch {torch.__version__}"
    return f"{platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}"


def alternate(ways: Mapping[str, Callable[[], float]], repeats: int) -> dict[str, float]:
    """The median of what each way returns, over alternating repeats."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            gc.collect()  # trainers are cycles: without this, one way's model lies beside the next one's
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
                torch.cuda.reset_peak_memory_stats()
            found[name].append(way())
    return {name: statistics.median(values) for name, values in found.items()}


def timed(work: Callable[[], Any]) -> float:
    """Seconds that a piece of work takes; on a GPU until it has done it."""
    _wait()
    began = time.perf_counter()
    work()
    _wait()
    return time.perf_counter() - began


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def matmul_rate() -> float:
    """FLOP a second of a large product in the type that training computes in: the floor's unit."""
    gpu = torch.cuda.is_available()
    size, dtype = (8192, torch.bfloat16) if gpu else (1024, torch.float32)
    a, b = (torch.randn(size, size, device="cuda" if gpu else "cpu", dtype=dtype) for _ in range(2))
    timed(lambda: a @ b)
    return 2 * size**3 / min(timed(lambda: a @ b) for _ in range(10))


def table(title: str, columns: list[str], rows: Mapping[str, list[str]]) -> None:
    """Prints a table: a row a way, the last column the ratio to the baseline."""
    print(f"\n{title}\n{machine()}")
    print(f"{'':34}" + "".join(f"{column:>14}" for column in columns))
    for name, cells in rows.items():
        print(f"{name:34}" + "".join(f"{cell:>14}" for cell in cells))
