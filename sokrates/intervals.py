"""Shares and quotients with 95 % intervals.

Each is an object {value, low, high, count}. The interval is Wilson's for shares of traces. For shares of steps
it is the linearised interval of a ratio whose unit is the trace, as steps of one trace are not independent.
Where the share is the same in all traces, that has no width, and the interval is Wilson's: over the traces if
all or no steps succeed, else over the steps. A share of nothing has value null. Not covered: what is counted
(`sokrates.metrics`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

NORMAL = 1.959963984540054  # half-width of a 95 % interval in standard deviations


def share(successes: int, count: int) -> dict[str, Any]:
    """A share of independent trials with Wilson's 95 % interval (Wilson, 1927)."""
    if not count:
        return {"value": None, "low": None, "high": None, "count": 0}
    value = successes / count
    middle = 2 * count * value + NORMAL**2
    spread = NORMAL * math.sqrt(4 * count * value * (1 - value) + NORMAL**2)
    width = 2 * (count + NORMAL**2)
    return {
        "value": value,
        "low": (middle - spread) / width if successes else 0.0,
        "high": (middle + spread) / width if successes < count else 1.0,
        "count": count,
    }


def ratio(pairs: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Σ successes / Σ trials over traces; the interval treats the traces as independent (Cochran, 1977, ch. 6)."""
    successes, trials = (sum(column) for column in zip(*pairs, strict=True)) if pairs else (0, 0)
    if not trials:
        return {"value": None, "low": None, "high": None, "count": 0}
    if successes in (0, trials):
        traces = sum(n > 0 for _, n in pairs)
        return {**share(traces if successes else 0, traces), "count": trials}
    found = quotient(pairs)
    if all(a * trials == successes * n for a, n in pairs):
        return share(successes, trials)
    return {**found, "low": max(0.0, found["low"]), "high": min(1.0, found["high"])}


def quotient(pairs: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Σ a / Σ b over traces, with the same interval. Where a / b is the same for all, it has no width."""
    above, below = (sum(column) for column in zip(*pairs, strict=True)) if pairs else (0, 0)
    if not below:
        return {"value": None, "low": None, "high": None, "count": 0}
    value = above / below
    spread = NORMAL * math.sqrt(sum((a - value * b) ** 2 for a, b in pairs)) / below
    return {"value": value, "low": value - spread, "high": value + spread, "count": below}
