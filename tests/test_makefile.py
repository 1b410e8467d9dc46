"""`make repro PROFILE=NAME` in a scratch repository, where `sokrates` and `dvc` are programs that do nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from checkouts import ROOT, commit_all, run_in

DEFAULT, OTHER, MINE = "seed: 7\n", "seed: 8\n", "seed: 9\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("pyproject.toml", "constraints.txt", "constraints-cpu.txt", "constraints-cuda.txt"):
        (tmp_path / name).touch()
    (tmp_path / "params.yaml").write_text(DEFAULT)
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/other.yaml").write_text(OTHER)
    (tmp_path / ".gitignore").write_text(".venv/\n")
    run_in(tmp_path, "git", "init", "-q")
    commit_all(tmp_path, "first")
    programs = tmp_path / ".venv/bin"
    programs.mkdir(parents=True)
    for name in ("sokrates", "dvc"):
        (programs / name).write_text(f'#!/bin/sh\necho "{name} $*"\n')
        (programs / name).chmod(0o755)
    (tmp_path / ".venv/installed").touch()  # newer than what it is made from
    return tmp_path


def repro(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", "repro", *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )


def test_a_profile_takes_the_place_of_params_that_git_holds(folder: Path) -> None:
    done = repro(folder, "PROFILE=other")
    assert done.returncode == 0, done.stderr
    assert (folder / "params.yaml").read_text() == OTHER
    assert [line for line in done.stdout.splitlines() if not line.startswith(("cp", "dvc repro"))] == [
        "sokrates doctor --quiet --profile other"
    ]
    assert repro(folder, "PROFILE=other").returncode == 0  # params.yaml is a profile: nothing is lost


def test_params_that_git_does_not_hold_are_not_overwritten(folder: Path) -> None:
    (folder / "params.yaml").write_text(MINE)
    done = repro(folder, "PROFILE=other")
    assert done.returncode == 2 and "git checkout params.yaml" in done.stderr
    assert (folder / "params.yaml").read_text() == MINE and "dvc repro" not in done.stdout
    commit_all(folder, "mine")
    assert repro(folder, "PROFILE=other").returncode == 0


def test_a_profile_that_does_not_exist_is_named(folder: Path) -> None:
    done = repro(folder, "PROFILE=none")
    assert done.returncode == 2 and "There is no profiles/none.yaml." in done.stderr
    assert (folder / "params.yaml").read_text() == DEFAULT
