"""Evaluates policies: their traces for sets of problems, the verdicts, the success head's calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sokrates.evaluation.calibration import calibration, reliability
from sokrates.evaluation.error_classes import error_shares
from sokrates.metrics import Result, measure
from sokrates.policy.model import load_policy
from sokrates.proof.problem import Problem
from sokrates.proof.trace import Trace, check_traces
from sokrates.sampling.sampler import Sampler
from sokrates.strategies.solve import GREEDY, Search, solve
from sokrates.success_head.features import features
from sokrates.success_head.head import load_head

PROBABILITY_DIGITS = 4  # those beyond depend on the kind of processor


@dataclass(frozen=True)
class Evaluated:
    """One policy on one set of problems.

    tokens: for each trace, those that the policy wrote, with those of candidates that were dropped
    probabilities: for each trace, those of the success head, calibrated, one a step
    `probabilities`, `head` and `bins` are None without a success head
    """

    traces: list[Trace]
    tokens: list[int]
    probabilities: list[list[float]] | None
    metrics: dict[str, Any]
    head: dict[str, Any] | None
    bins: list[dict[str, Any]] | None


def evaluate(
    policy: Path | str,
    head: Path | None,
    sets: Mapping[str, Sequence[Problem]],
    sampler: Sampler,
    dtype: str,
    search: Search = GREEDY,
) -> dict[str, Evaluated]:
    """Evaluates one policy on each set, and on the first set the success head trained on the policy's traces."""
    everything = [problem for problems in sets.values() for problem in problems]
    written = iter(solve(policy, everything, sampler, search, dtype=dtype))
    evaluated: dict[str, Evaluated] = {}
    for name, problems in sets.items():
        samples = list(islice(written, len(problems)))
        traces = [Trace(problem, s.text, s.ended) for problem, s in zip(problems, samples, strict=True)]
        results: list[Result] = list(zip(problems, check_traces(traces), strict=True))
        scores = bins = probabilities = None
        if head is not None and not evaluated:
            inputs = features(
                *load_policy(policy, dtype), [(trace.problem.prompt, trace.text) for trace in traces]
            )
            verdicts = np.array([v.valid for _, checked in results for v in checked.verdicts], dtype=int)
            scores, bins, of_steps = _score(head, inputs, verdicts)
            steps = iter(of_steps.round(PROBABILITY_DIGITS).tolist())
            probabilities = [list(islice(steps, len(checked.verdicts))) for _, checked in results]
        tokens = [s.tokens for s in samples]
        metrics = {**measure(results), "error_classes": error_shares(results)}
        evaluated[name] = Evaluated(traces, tokens, probabilities, metrics, scores, bins)
    return evaluated


def _score(
    head: Path, inputs: list[Tensor], verdicts: np.ndarray
) -> tuple[dict[str, Any], list[dict[str, Any]], np.ndarray]:
    """Calibration figures, bins and, for each step, the calibrated probability."""
    trained, rows = load_head(head), torch.cat(inputs)
    before = trained.probabilities(rows, calibrated=False)
    after = trained.probabilities(rows)
    scores = {
        "before_calibration": calibration(before, verdicts),
        "after_calibration": calibration(after, verdicts),
    }
    return scores, reliability(after, verdicts), after.astype(float)
