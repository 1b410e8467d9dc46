"""Fixtures that several test files share, because they are expensive."""

from __future__ import annotations

from pathlib import Path

import pytest
from checkouts import commit_work_tree, run_in


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scratch clone after `dvc repro` of the smoke profile; a test that changes it puts it back."""
    folder = tmp_path_factory.mktemp("clone")
    commit_work_tree(folder)
    run_in(folder, "dvc", "repro")
    return folder
