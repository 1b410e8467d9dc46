"""Evaluates policies: their traces for sets of problems, the verdicts, the success head's calibration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from sokrates.evaluation.calibration import calibration, reliability
from sokrates.evaluation.cited import cited_reading
from sokrates.evaluation.error_classes import error_shares
from sokrates.intervals import ratio, share
from sokrates.metrics import Result, measure
from sokrates.policy.model import load_policy, load_tokenizer, positions
from sokrates.proof.problem import Problem
from sokrates.proof.trace import Trace, check_traces
from sokrates.sampling.sampler import Sampler
from sokrates.strategies.solve import GREEDY, Search, solve
from sokrates.success_head.features import features
from sokrates.success_head.head import SuccessHead, load_head

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


def with_room(problems: Iterable[Problem], model: str, tokens: int, left_out: Counter[str]) -> Iterator[Problem]:
    """The problems whose prompts leave so many of the model's positions to a trace; the others are counted."""
    most, tokenizer = positions(model), load_tokenizer(model)
    for problem in problems:
        if most is not None and len(tokenizer(problem.prompt)["input_ids"]) + tokens > most:
            left_out[f"prompt and trace may be longer than the model's {most} positions"] += 1
        else:
            yield problem


def evaluate(
    policy: Path | str,
    head: Path | None,
    sets: Mapping[str, Sequence[Problem]],
    sampler: Sampler,
    dtype: str,
    search: Search = GREEDY,
) -> dict[str, Evaluated]:
    """Evaluates one policy on each set, and on the first set the success head trained on the policy's traces.

    Metrics of another strategy than greedy name it, its candidates and the tokens that it took.
    """
    everything = [problem for problems in sets.values() for problem in problems]
    written = iter(solve(policy, everything, sampler, search, dtype=dtype))
    evaluated: dict[str, Evaluated] = {}
    for name, problems in sets.items():
        samples = list(islice(written, len(problems)))
        traces = [Trace(problem, s.text, s.ended) for problem, s in zip(problems, samples, strict=True)]
        results: list[Result] = list(zip(problems, check_traces(traces), strict=True))
        scores = bins = probabilities = None
        if head is not None and not evaluated:
            trained, texts = load_head(head), [(trace.problem.prompt, trace.text) for trace in traces]
            steps = features(*load_policy(policy, dtype), texts, trained.reads)
            verdicts = np.array([v.valid for _, checked in results for v in checked.verdicts], dtype=int)
            of_trace = np.repeat(np.arange(len(results)), [len(checked.verdicts) for _, checked in results])
            scores, bins, of_steps = _score(trained, steps, verdicts, of_trace)
            rounded = iter(of_steps.round(PROBABILITY_DIGITS).tolist())
            probabilities = [list(islice(rounded, len(checked.verdicts))) for _, checked in results]
        tokens = [s.tokens for s in samples]
        figures = measure(results) | cited_validity(results) | {"error_classes": error_shares(results)}
        if search.strategy != GREEDY.strategy:
            figures |= {"strategy": search.strategy, "candidates": search.candidates, "tokens": sum(tokens)}
        evaluated[name] = Evaluated(traces, tokens, probabilities, figures, scores, bins)
    return evaluated


def cited_validity(results: Sequence[Result]) -> dict[str, Any]:
    """Step and trace validity in the reading *cited*, to compare with figures of others; undecided is not valid.

    The denominators are those of the strict reading: all steps, CONCLUDE included, and all traces.
    """
    readings = [[valid is True for valid in cited_reading(checked)] for _, checked in results]
    right = [checked.is_right(problem.label) for problem, checked in results]
    return {
        "cited_step_validity": ratio([(sum(valid), len(valid)) for valid in readings]),
        "cited_trace_validity": share(
            sum(is_right and all(valid) for is_right, valid in zip(right, readings, strict=True)), len(results)
        ),
    }


def _score(
    head: SuccessHead, steps: Sequence[Tensor], verdicts: np.ndarray, of_trace: np.ndarray
) -> tuple[dict[str, Any], list[dict[str, Any]], np.ndarray]:
    """Calibration figures, bins and, for each step, the calibrated probability."""
    before = head.probabilities(steps, calibrated=False)
    after = head.probabilities(steps)
    scores = {
        "before_calibration": calibration(before, verdicts),
        "after_calibration": calibration(after, verdicts),
    }
    return scores, reliability(after, verdicts, of_trace), after.astype(float)
