"""Fixtures that several test files share, because they are expensive, and what holds for every test."""

from __future__ import annotations

from pathlib import Path

import pytest
from checkouts import commit_work_tree, run_in
from hypothesis import settings

settings.register_profile("sokrates", deadline=None)  # no time is asserted: other programs may run
settings.load_profile("sokrates")


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scratch clone after `dvc repro` of the smoke profile; a test that changes it puts it back."""
    folder = tmp_path_factory.mktemp("clone")
    commit_work_tree(folder)
    run_in(folder, "dvc", "repro")
    return folder
