"""Where the default run's time goes, before and after: python benchmarks/pipeline.py REVISION REVISION … [--help]

Each revision in a clone of its own, `dvc repro` with nothing made before, alternating; a table of the seconds
within each stage, of what lies between them (ten process starts and ends, DVC's own work) and of the whole,
medians of the repeats, with the ratio of the last revision to the first. All use the packages that are installed
here. With --neighbours N each run has N programs beside it that count. The figures of every run go to
benchmarks/results/pipeline.json.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from neighbours import busy

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks/results/pipeline.json"
BETWEEN, WHOLE = "between the stages", "dvc repro"


def run(revision: str, neighbours: int) -> dict[str, float]:
    """Seconds of each stage, between them, and of the whole."""
    with tempfile.TemporaryDirectory() as folder, busy(neighbours):
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "PYTHONPATH": folder}

        def of(*command: str) -> None:
            subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)

        subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
        of("git", "checkout", "--quiet", revision)
        began = time.perf_counter()
        of("dvc", "repro")
        whole = time.perf_counter() - began
        seconds = {
            stage: float(json.loads(Path(folder, "runs", stage, "latest/summary.json").read_text())["seconds"])
            for stage in yaml.safe_load(Path(folder, "dvc.yaml").read_text())["stages"]
        }
        return {**seconds, BETWEEN: whole - sum(seconds.values()), WHOLE: whole}


def commit(revision: str) -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", revision], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("revisions", nargs="+", metavar="REVISION", help="of git, the baseline first")
    parser.add_argument("--repeats", type=int, default=3, help="of each revision (default: 3)")
    parser.add_argument("--neighbours", type=int, default=0, metavar="N", help="busy programs beside each run")
    chosen = parser.parse_args()
    seconds: dict[str, list[dict[str, float]]] = {commit(revision): [] for revision in chosen.revisions}
    for _ in range(chosen.repeats):
        for revision, runs in seconds.items():
            runs.append(run(revision, chosen.neighbours))
            print(f"{revision}: {runs[-1][WHOLE]:.0f} s", file=sys.stderr)
            RESULTS.write_text(json.dumps({"neighbours": chosen.neighbours, "seconds": seconds}, indent=1) + "\n")
    medians = {
        revision: {part: statistics.median(one[part] for one in runs) for part in runs[0]}
        for revision, runs in seconds.items()
    }
    first, *_, last = medians.values()
    print(f"seconds, medians of {chosen.repeats} runs of each, {os.cpu_count()} cores")
    print(f"{'':24}" + "".join(f"{revision:>12}" for revision in medians) + f"{'ratio':>10}")
    for part in first:
        cells = "".join(f"{of[part]:12.1f}" for of in medians.values())
        print(f"{part:24}{cells}{last[part] / first[part]:10.2f}")


if __name__ == "__main__":
    main()
