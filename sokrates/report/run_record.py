"""What ran: the commit, the machine, the params, and for each stage when it ran, how long, and what it counted.

Stages leave this in `runs/` and in dvc.lock. A stage whose outs came from a cache or a remote has left no record
here: its row is empty.
"""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from ruamel.yaml import YAML

from sokrates.io.files import read_json
from sokrates.pipeline.machine import gpu_names
from sokrates.pipeline.params import read_yaml

COUNTED = ("problems", "traces", "pairs", "steps")  # what a stage's row shows of its summary


@dataclass(frozen=True)
class StageRecord:
    """A stage's newest run. Without one, every field but the name is None or empty.

    started: date and time (UTC), to the second
    seconds: of wall-clock time
    tokens: that it trained on or wrote; None where it does not count them
    peak_mib: of the process's memory
    counts: what else it counted, as `17 pairs`
    """

    name: str
    started: str | None = None
    seconds: float | None = None
    tokens: int | None = None
    peak_mib: float | None = None
    counts: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunRecord:
    """What ran.

    commit: its abbreviated hash, with `-dirty` where files differ from it; None outside a repository
    machine: facts about it, by name
    params: every param that a stage ran with
    changed: of those, the ones that differ from the commit's params.yaml: the value there, and here
    """

    commit: str | None
    machine: Mapping[str, str]
    params: Mapping[str, Any]
    changed: Mapping[str, tuple[Any, Any]]
    stages: tuple[StageRecord, ...]

    @property
    def seconds(self) -> float:
        """Of all stages together."""
        return sum(stage.seconds or 0 for stage in self.stages)


def read_run_record(root: Path) -> RunRecord:
    """The record of the run in a checkout."""
    lock = root / "dvc.lock"
    locked = read_yaml(lock)["stages"] if lock.is_file() else {}
    params: dict[str, Any] = {}
    for stage in locked.values():
        params |= stage.get("params", {}).get("params.yaml", {})
    committed = _git(root, "show", "HEAD:./params.yaml")
    before = _leaves(YAML(typ="safe").load(committed)) if committed else params
    changed = {name: (before.get(name), value) for name, value in params.items() if before.get(name) != value}
    names = [name for name in read_yaml(root / "dvc.yaml")["stages"] if name != "report"]
    return RunRecord(
        _git(root, "describe", "--always", "--dirty", "--exclude=*", "--abbrev=10"),
        _machine(),
        dict(sorted(params.items())),
        dict(sorted(changed.items())),
        tuple(_stage(root / "runs" / name / "latest", name) for name in names),
    )


def _git(root: Path, *arguments: str) -> str | None:
    """What git prints; None where it fails, as outside a repository."""
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def _leaves(section: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    leaves: dict[str, Any] = {}
    for key, value in section.items():
        name = f"{prefix}{key}"
        leaves |= _leaves(value, f"{name}.") if isinstance(value, Mapping) else {name: value}
    return leaves


def _stage(folder: Path, name: str) -> StageRecord:
    summary = folder / "summary.json"
    if not summary.is_file():
        return StageRecord(name)
    recorded = read_json(summary.read_bytes(), str(summary))
    date, _, time = folder.resolve().name.partition(".")[0].partition("T")  # 2026-11-26T00-20-29.014559Z
    return StageRecord(
        name,
        f"{date} {time.replace('-', ':')}",
        recorded["seconds"],
        recorded.get("tokens"),
        recorded["peak_rss_mib"],
        tuple(f"{recorded[key]:,} {key}" for key in COUNTED if isinstance(recorded.get(key), int)),
    )


def _machine() -> dict[str, str]:
    memory = psutil.virtual_memory().total / 2**30
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB of memory",
        "GPU": ", ".join(gpu_names()) or "none",
        "system": f"{platform.system()}, Python {platform.python_version()}",
    }


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.is_file():
        for line in described.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
