"""What ran: the commit, the machine, the params, and for each stage when it ran, how long, and what it counted.

Stages leave this in `runs/` and in dvc.lock. The row of a stage is its newest run here that came to its end
with the params of dvc.lock. Where there is none, as the outs came from a cache or a remote, the row is empty.
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

from sokrates.io.errors import InputError
from sokrates.io.files import read_json
from sokrates.pipeline.machine import gpu_names
from sokrates.pipeline.params import read_yaml

COUNTED = ("problems", "traces", "pairs", "steps")  # what a stage's row shows of its summary


@dataclass(frozen=True)
class StageRecord:
    """A stage's run. Without one, every field but the name is None or empty.

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
    names = [name for name in read_yaml(root / "dvc.yaml")["stages"] if name != "report"]
    params: dict[str, Any] = {}
    stages = []
    for name in names:  # what a stage made rests on the params of those before it, too
        params |= locked.get(name, {}).get("params", {}).get("params.yaml", {})
        stages.append(_stage(root / "runs" / name, params))
    committed = _git(root, "show", "HEAD:./params.yaml")
    before = _leaves(YAML(typ="safe").load(committed)) if committed else params
    changed = {name: (before.get(name), value) for name, value in params.items() if before.get(name) != value}
    return RunRecord(
        _git(root, "describe", "--always", "--dirty", "--exclude=*", "--abbrev=10"),
        _machine(),
        dict(sorted(params.items())),
        dict(sorted(changed.items())),
        tuple(stages),
    )


def _git(root: Path, *arguments: str) -> str | None:
    """What git prints; None where it fails, as outside a repository, or is not there."""
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _leaves(section: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    leaves: dict[str, Any] = {}
    for key, value in section.items():
        name = f"{prefix}{key}"
        leaves |= _leaves(value, f"{name}.") if isinstance(value, Mapping) else {name: value}
    return leaves


def _stage(folder: Path, params: Mapping[str, Any]) -> StageRecord:
    """The record of the newest run in a stage's folder that came to its end with these params."""
    for run in sorted((path for path in folder.glob("*") if not path.is_symlink()), reverse=True):
        config, summary = (_read(run / name) for name in ("config.json", "summary.json"))
        if summary.get("exit_status") == 0 and all(_has(config, name, value) for name, value in params.items()):
            date, _, time = run.name.partition(".")[0].partition("T")  # 2026-11-26T00-20-29.014559Z
            return StageRecord(
                folder.name,
                f"{date} {time.replace('-', ':')}",
                summary["seconds"],
                summary.get("tokens"),
                summary["peak_rss_mib"],
                tuple(f"{summary[key]:,} {key}" for key in COUNTED if isinstance(summary.get(key), int)),
            )
    return StageRecord(folder.name)


def _read(file: Path) -> dict[str, Any]:
    """A run's file; nothing where the run was ended before it had written it."""
    try:
        return dict(read_json(file.read_bytes(), str(file)))
    except (OSError, InputError, TypeError, ValueError):
        return {}


def _has(config: Mapping[str, Any], name: str, value: Any) -> bool:
    """Whether the param of this dotted name has this value."""
    found: Any = config
    for part in name.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return False
        found = found[part]
    return bool(found == value)


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
