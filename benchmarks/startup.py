"""How long things take besides their work: python benchmarks/startup.py

CPU and wall-clock seconds of a process that starts as each stage does, with its imports, does nothing and ends,
and of the command, medians of the repeats; the last column is the ratio to `import torch`, which no stage that
loads a model can do without. `dvc repro` has nothing to do.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPEATS = 5
PYTHON = [sys.executable, "-c"]
WAYS = {
    "import torch": [*PYTHON, "import torch"],
    "sokrates verify --help": ["sokrates", "verify", "--help"],
    **{
        f"stages.{name}": [
            *PYTHON,
            f"import sys; sys.argv[0] = '-m'; import stages.{name} as it; it.main(lambda: None)",
        ]
        for name in ("prepare", "sft", "traces", "dpo", "evaluate", "report")
    },
    "dvc repro, nothing to do": ["dvc", "repro"],
}


def measured(command: list[str]) -> tuple[float, float]:
    """Seconds of wall-clock and of CPU time."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, check=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    status = subprocess.run([Path(sys.executable).with_name("dvc"), "status", "-q"], cwd=ROOT, capture_output=True)
    ways = {name: command for name, command in WAYS.items() if status.returncode == 0 or "dvc" not in name}
    measurements: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(REPEATS):
        for name, command in ways.items():
            measurements[name].append(measured(command))
    medians = {
        name: tuple(map(statistics.median, zip(*seconds, strict=True))) for name, seconds in measurements.items()
    }
    print(f"medians of {REPEATS} repeats, {os.cpu_count()} cores")
    print(f"{'':28}{'wall s':>10}{'CPU s':>10}{'ratio':>10}")
    for name, (wall, cpu) in medians.items():
        print(f"{name:28}{wall:10.2f}{cpu:10.2f}{cpu / medians['import torch'][1]:10.2f}")
    if len(ways) < len(WAYS):
        print("dvc repro: not timed, as there is something to do")


if __name__ == "__main__":
    main()
