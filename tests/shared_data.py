"""Real problems that others made: they lie beside the project, and tests that need them skip without them."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[1].parent / "shared" / "data"
PUBLISHED_TRACES = SHARED / "published_traces" / "prontoqa_sft_samples.jsonl"
LOGIC_LM = SHARED / "prontoqa" / "logic_lm_dev_first250.json"

needs_shared_data = pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data, which is not here")
