"""Evaluates policies: greedy traces for sets of problems, their verdicts, the success head's calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sokrates.evaluation.calibration import calibration, reliability
from sokrates.evaluation.metrics import Result, measure
from sokrates.policy.model import load_policy
from sokrates.proof.problem import Problem
from sokrates.proof.trace import Trace, check_traces
from sokrates.sampling.sampler import Sampler, sample
from sokrates.success_head.features import features
from sokrates.success_head.head import load_head


@dataclass(frozen=True)
class Evaluated:
    """One policy on one set of problems; `head` and `bins` are None without a success head."""

    traces: list[Trace]
    metrics: dict[str, Any]
    head: dict[str, Any] | None
    bins: list[dict[str, Any]] | None


def evaluate(
    policy: Path | str, head: Path | None, sets: Mapping[str, Sequence[Problem]], sampler: Sampler, dtype: str
) -> dict[str, Evaluated]:
    """Evaluates one policy on each set, and on the first set the success head trained on the policy's traces."""
    prompts = [problem.prompt for problems in sets.values() for problem in problems]
    written = iter(sample(policy, prompts, sampler, dtype=dtype))
    evaluated: dict[str, Evaluated] = {}
    for name, problems in sets.items():
        traces = [Trace(problem, s.text, s.ended) for problem, (s,) in zip(problems, written, strict=False)]
        results: list[Result] = list(zip(problems, check_traces(traces), strict=True))
        scores = bins = None
        if head is not None and not evaluated:
            inputs = features(
                *load_policy(policy, dtype), [(trace.problem.prompt, trace.text) for trace in traces]
            )
            verdicts = np.array([v.valid for _, checked in results for v in checked.verdicts], dtype=int)
            scores, bins = _score(head, inputs, verdicts)
        evaluated[name] = Evaluated(traces, measure(results), scores, bins)
    return evaluated


def _score(head: Path, inputs: list[Tensor], verdicts: np.ndarray) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    trained, rows = load_head(head), torch.cat(inputs)
    before = trained.probabilities(rows, calibrated=False)
    after = trained.probabilities(rows)
    scores = {
        "before_calibration": calibration(before, verdicts),
        "after_calibration": calibration(after, verdicts),
    }
    return scores, reliability(after, verdicts)
