"""Problems that others made. They lie beside the project, in ../shared/data, and are never copied into it.

Where they are missing, `problem_file` gives a file of the same name and format that `generated_data` makes. Tests
of figures that only the published files have are marked `needs_shared_data`, and skip without them.
"""

from __future__ import annotations

from pathlib import Path

import generated_data
import pytest

SHARED = Path(__file__).parents[1].parent / "shared" / "data"
IS_PUBLISHED = SHARED.is_dir()
PUBLISHED_TRACES = SHARED / "published_traces" / "prontoqa_sft_samples.jsonl"

needs_shared_data = pytest.mark.skipif(
    not IS_PUBLISHED, reason="states figures of the published files in ../shared/data, which are not here"
)


def problem_file(name: str) -> Path:
    """The published file, such as `prontoqa/fictional_3hop.json`, or a generated one of the same format."""
    return SHARED / name if IS_PUBLISHED else generated_data.problem_file(name)
