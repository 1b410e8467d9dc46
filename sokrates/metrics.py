"""The metrics of a set of traces (DESIGN: accuracy, validity, faithfulness), with 95 % intervals.

Every share is an object {value, low, high, count}. The interval is Wilson's for shares of traces. For shares of
steps it is the linearised interval of a ratio whose unit is the trace, as steps of one trace are not independent;
where all or no steps succeed, that has no width, and the interval is Wilson's over the traces. A share of nothing
has value null.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from scipy.stats import binomtest

from sokrates.proof.option import Reason
from sokrates.proof.problem import Problem
from sokrates.proof.verify import Checked, faithful

Result = tuple[Problem, Checked]
NORMAL = 1.959963984540054  # half-width of a 95 % interval in standard deviations


def share(successes: int, count: int) -> dict[str, Any]:
    """A share of independent trials with Wilson's 95 % interval."""
    if not count:
        return {"value": None, "low": None, "high": None, "count": 0}
    interval = binomtest(successes, count).proportion_ci(0.95, method="wilson")
    return {
        "value": successes / count,
        "low": float(interval.low),
        "high": float(interval.high),
        "count": count,
    }


def ratio(pairs: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Σ successes / Σ trials over traces; the interval treats the traces as independent (Cochran, 1977, ch. 6)."""
    successes, trials = (sum(column) for column in zip(*pairs, strict=True)) if pairs else (0, 0)
    if not trials:
        return {"value": None, "low": None, "high": None, "count": 0}
    value = successes / trials
    if successes in (0, trials):
        traces = sum(n > 0 for _, n in pairs)
        return {**share(traces if successes else 0, traces), "count": trials}
    spread = NORMAL * math.sqrt(sum((s - value * n) ** 2 for s, n in pairs)) / trials
    return {
        "value": value,
        "low": max(0.0, value - spread),
        "high": min(1.0, value + spread),
        "count": trials,
    }


def measure(results: Iterable[Result]) -> dict[str, Any]:
    """Every metric over the results, and again for each proof depth (`hops`) that problems state."""
    results = list(results)
    depths = sorted({problem.hops for problem, _ in results if problem.hops is not None})
    by_depth = {str(d): _shares([(p, c) for p, c in results if p.hops == d]) for d in depths}
    reasons = Counter(v.reason.value for _, checked in results for v in checked.verdicts if v.reason)
    steps = sum(len(checked.verdicts) for _, checked in results)
    return {
        "traces": len(results),
        "steps": steps,
        "average_steps": steps / len(results) if results else None,
        **_shares(results),
        "undecided": reasons[Reason.UNDECIDED.value],
        "rejections": dict(sorted(reasons.items())),
        "claims": dict(
            sorted(Counter(kind for _, c in results for v in c.verdicts if (kind := v.claim_kind)).items())
        ),
        "by_depth": by_depth,
    }


def _shares(results: Sequence[Result]) -> dict[str, Any]:
    labelled = [(problem, checked) for problem, checked in results if problem.label is not None]
    faithful_claims = [[claim for claim in faithful(p.facts, c) if claim is not None] for p, c in results]
    return {
        "accuracy": share(sum(checked.is_right(problem.label) for problem, checked in labelled), len(labelled)),
        "step_validity": ratio([(sum(v.valid for v in c.verdicts), len(c.verdicts)) for _, c in results]),
        "trace_validity": share(sum(c.valid(p.label) for p, c in results), len(results)),
        "action_validity": ratio(
            [(sum(v.rejection is None for v in c.verdicts), len(c.verdicts)) for _, c in results]
        ),
        "faithfulness": ratio([(sum(claims), len(claims)) for claims in faithful_claims]),
    }
