"""What the benchmarks share: their setting, alternating repeats, the table.

A benchmark compares ways of doing one piece of work in one process. Each repeat runs every way once, in turn, so
that other load on the machine falls on all of them; the figure is the median, and the last column the ratio to the
baseline of the same run. Each figure goes to stderr as soon as it is known.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from transformers import AutoConfig, AutoModelForCausalLM, TrainerCallback
from transformers.integrations.liger import apply_liger_kernel
from transformers.trainer import DEFAULT_CALLBACKS

from sokrates.pipeline import params as settings
from sokrates.pipeline.machine import set_up_processor
from sokrates.pipeline.runlog import RunLog
from sokrates.policy.model import load_base, load_policy, load_tokenizer, unwrapped, with_adapter
from sokrates.proof.trace import Trace, read_traces
from sokrates.training.common.trainer import TrainingContext

ROOT = Path(__file__).resolve().parents[1]
Way = TypeVar("Way")
# The shapes of models whose weights may not be at hand: random weights of the same shape take the same time.
SHAPES: dict[str, dict[str, Any]] = {
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
    """What a benchmark measures: a profile's params, its model, the size of the work.

    random: draw the weights instead of loading them
    rows: traces, pairs or problems
    repeats: of each way
    ways: names of the ways to run, in their order; none: all
    attention, liger, compiled: what `tuned` changes
    """

    params: settings.Params
    random: bool
    tokenizer: Path
    rows: int
    repeats: int
    ways: list[str]
    attention: str | None
    liger: bool
    compiled: bool

    @property
    def gpu(self) -> bool:
        return torch.cuda.is_available()

    def chosen(self, ways: Mapping[str, Way]) -> dict[str, Way]:
        """The ways that the command line asks for; exits where it names one that does not exist."""
        unknown = [name for name in self.ways if name not in ways]
        if unknown:
            raise SystemExit(f"no way is called {unknown[0]!r}; there are: {', '.join(ways)}")
        return {name: ways[name] for name in self.ways or ways}

    def base(self) -> tuple[Any, Any]:
        """The model that SFT starts from and its tokenizer."""
        if not self.random:
            return load_base(self.params.model, seed=0)
        model = with_adapter(_random_model(self.params), self.params.model, seed=0)
        return model, load_tokenizer(self.tokenizer)

    def training(self, folder: Path, log: RunLog) -> TrainingContext:
        """The context of one training run without checkpoints."""
        runtime = self.params.runtime.model_copy(update={"save_steps": 10**9})
        return TrainingContext(runtime, self.params.model.dtype, self.params.seed, folder, log)

    def tuned(self, model: Any) -> Any:
        """The model with the attention, Liger's kernels and the compilation that the command line asks for."""
        if self.attention:
            unwrapped(model).set_attn_implementation(self.attention)
        if self.liger:
            apply_liger_kernel(unwrapped(model), None)
        if self.compiled:
            for layer in unwrapped(model).get_decoder().layers:
                layer.compile(dynamic=True)
        return model

    def policy(self) -> tuple[Any, Any]:
        """A policy that writes traces: the one of `dvc repro`, or random weights, which never end a trace."""
        if self.random:
            model, tokenizer = self.base()
            return model.to(getattr(torch, self.params.model.dtype)), tokenizer  # the adapter too, as when loaded
        return load_policy(made("data/policy/sft"), self.params.model.dtype)

    def traces(self) -> list[Trace]:
        """The first `rows` gold traces that `prepare` wrote."""
        return list(read_traces(made("data/problems/gold.jsonl")))[: self.rows]


def made(path: str) -> Path:
    """The path of an out of `dvc repro`; exits where it does not exist."""
    if not (ROOT / path).exists():
        raise SystemExit(f"{path} is not there: run `dvc repro` first")
    return ROOT / path


def _random_model(params: settings.Params) -> Any:
    name = params.model.name
    config = (
        AutoConfig.from_pretrained(name)
        if Path(name).is_dir()
        else AutoConfig.for_model(**SHAPES[Path(name).name.lower()])
    )
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        return AutoModelForCausalLM.from_config(config, dtype=getattr(torch, params.model.dtype))


def read_setting(description: str, *, rows: int, repeats: int = 5, trains: bool = True) -> Setting:
    """Reads the command line that every benchmark of a model has, in a process where OpenMP's threads sleep.

    trains: it has the options of `Setting.tuned`, too
    """
    restart_with_sleeping_threads()
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--params", type=Path, default=ROOT / "params.yaml", help="a profile (default: params.yaml)"
    )
    parser.add_argument(
        "--random-weights", action="store_true", help="a model of the profile's shape, not its weights"
    )
    parser.add_argument(
        "--tokenizer", type=Path, help="with --random-weights: a folder (default: the model of the profile)"
    )
    parser.add_argument("--rows", type=int, default=rows, help=f"traces or problems (default: {rows})")
    parser.add_argument("--repeats", type=int, default=repeats, help=f"of each way (default: {repeats})")
    parser.add_argument("--ways", nargs="+", default=[], metavar="WAY", help="rows of the table (default: all)")
    parser.set_defaults(attention=None, liger=False, compile=False)
    if trains:
        _add_tuning(parser)
    chosen = parser.parse_args()
    params = settings.load(chosen.params)
    tokenizer = chosen.tokenizer.resolve() if chosen.tokenizer else Path(params.model.name)
    os.chdir(ROOT)
    return Setting(
        params,
        chosen.random_weights,
        tokenizer,
        chosen.rows,
        chosen.repeats,
        chosen.ways,
        chosen.attention,
        chosen.liger,
        chosen.compile,
    )


def _add_tuning(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--attention", help="one of transformers': sdpa, flash_attention_2, flex_attention, …")
    parser.add_argument("--liger", action="store_true", help="the layers of Liger Kernel, for GPUs; its package")
    parser.add_argument("--compile", action="store_true", help="each layer through torch.compile")


def restart_with_sleeping_threads() -> None:
    """Runs the benchmark as the stages run: OpenMP reads its settings when torch is loaded, which it is by now."""
    before = dict(os.environ)
    set_up_processor()
    if os.environ != before:
        os.execv(sys.executable, sys.orig_argv)


def machine() -> str:
    """One line on the machine that measures."""
    if torch.cuda.is_available():
        return f"{torch.cuda.get_device_name()}, torch {torch.__version__}"
    return f"{platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}"


def alternate(ways: Mapping[str, Callable[[], float]], repeats: int) -> dict[str, float]:
    """The median of what each way returns, over alternating repeats."""
    measured: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            gc.collect()  # a trainer is a reference cycle: its model would still be there in the next way
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
                torch.cuda.reset_peak_memory_stats()
            measured[name].append(way())
            print(f"{name}: {measured[name][-1]:.4g}", file=sys.stderr)
    return {name: statistics.median(values) for name, values in measured.items()}


class StepClock(TrainerCallback):
    """When each optimiser step of a training run ended, a GPU's part included.

    On a GPU the first half of the steps warms up (kernels are compiled, memory is allocated) and is not timed.
    """

    def __init__(self) -> None:
        self.ends: list[float] = []  # seconds; the first is when training began

    def on_train_begin(self, *args: Any, **kwargs: Any) -> None:
        _wait()
        self.ends = [time.perf_counter()]

    def on_step_end(self, *args: Any, **kwargs: Any) -> None:
        _wait()
        self.ends.append(time.perf_counter())

    @property
    def steps(self) -> int:
        """All steps, timed or not."""
        return len(self.ends) - 1

    def timed(self) -> tuple[int, float]:
        """The number of timed steps, and their seconds."""
        first = self.steps // 2 if torch.cuda.is_available() else 0
        return self.steps - first, self.ends[-1] - self.ends[first]


@contextmanager
def step_clock() -> Iterator[StepClock]:
    """Times the steps of the trainer that is made inside the block."""
    clock: Any = StepClock()
    DEFAULT_CALLBACKS.append(clock)
    try:
        yield clock
    finally:
        DEFAULT_CALLBACKS.remove(clock)


def timed(work: Callable[[], Any]) -> float:
    """Seconds that a piece of work takes, a GPU's part included."""
    _wait()
    began = time.perf_counter()
    work()
    _wait()
    return time.perf_counter() - began


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def matmul_rate() -> float:
    """FLOP a second of a large matrix product in the dtype of training."""
    gpu = torch.cuda.is_available()
    size, dtype = (8192, torch.bfloat16) if gpu else (1024, torch.float32)
    a, b = (torch.randn(size, size, device="cuda" if gpu else "cpu", dtype=dtype) for _ in range(2))
    timed(lambda: a @ b)
    return 2 * size**3 / min(timed(lambda: a @ b) for _ in range(10))


def bandwidth() -> float:
    """Bytes a second that a large copy reads and writes."""
    source = torch.empty(2**28, dtype=torch.uint8, device="cuda" if torch.cuda.is_available() else "cpu").fill_(1)
    into = torch.empty_like(source)
    return 2 * len(source) / min(timed(lambda: into.copy_(source)) for _ in range(10))


def table(title: str, columns: list[str], rows: Mapping[str, list[str]]) -> None:
    """Prints a table with a row for each way; the last column is the ratio to the baseline."""
    floors = f"matmul {matmul_rate() / 1e12:.2f} TFLOP/s, copies {bandwidth() / 1e9:.0f} GB/s"
    print(f"\n{title}\n{machine()}, {floors}")
    print(f"{'':34}" + "".join(f"{column:>14}" for column in columns))
    for name, cells in rows.items():
        print(f"{name:34}" + "".join(f"{cell:>14}" for cell in cells))
