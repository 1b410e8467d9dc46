"""Scratch clones of the work tree, for tests that run git, DVC and stages in them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
GIT = ("git", "-c", "user.name=t", "-c", "user.email=t@t")


def commit_work_tree(folder: Path) -> None:
    """The work tree as it stands, with the smoke profile and without figures, committed in a new repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    shutil.copy(folder / "profiles/smoke.yaml", folder / "params.yaml")
    for name in ("dvc.lock", *(str(file.relative_to(folder)) for file in folder.glob("metrics/*.json"))):
        (folder / name).unlink(missing_ok=True)
    run_in(folder, "git", "init", "-q")
    commit_all(folder, "smoke")


def commit_all(folder: Path, message: str) -> None:
    run_in(folder, *GIT, "add", "-A")
    run_in(folder, *GIT, "commit", "-qm", message)


def run_in(folder: Path, *command: str, **environment: str) -> str:
    """Runs a command of the virtual environment, which has to end well; returns what it prints."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path, "HF_HUB_OFFLINE": "1", **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
    return done.stdout
