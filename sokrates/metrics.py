"""The metrics of a set of traces, with 95 % intervals: accuracy, validity, faithfulness, what the steps are for.

The needed share is that of traces that conclude TRUE or FALSE validly: needed steps over all their steps. The
length ratio is that of strictly valid proofs of TRUE or FALSE: their steps over those of the shortest proofs that
search finds. Repeats and restatements are shares of all steps. UNKNOWN has no proof: traces with it count in
neither of the first two, and on their own. Those under inconsistent premises, from which all follows, count in
both and on their own too.

Every share is an object {value, low, high, count}. The interval is Wilson's for shares of traces. For shares of
steps it is the linearised interval of a ratio whose unit is the trace, as steps of one trace are not independent.
Where the share is the same in all traces, that has no width, and the interval is Wilson's: over the traces if all
or no steps succeed, else over the steps. A share of nothing has value null.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from scipy.stats import binomtest

from sokrates.logic.answer import Answer, Decision
from sokrates.logic.formula import Formula
from sokrates.proof.dependencies import Role
from sokrates.proof.option import Reason
from sokrates.proof.problem import Problem
from sokrates.proof.verify import Checked, Verifier, faithful
from sokrates.search.prove import lengths

Result = tuple[Problem, Checked]
HELD_OUT = "held_out"  # the name of the set of held-out problems, in files of figures and as a folder
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
        "unknown": _answers_apart([(p, c) for p, c in results if c.answer is Answer.UNKNOWN]),
        "inconsistent_premises": _answers_apart(
            [(p, c) for p, c in results if _are_inconsistent(p.facts, p.goal)]
        ),
        "claims": dict(
            sorted(Counter(kind for _, c in results for v in c.verdicts if (kind := v.claim_kind)).items())
        ),
        "by_depth": by_depth,
    }


def purposes(results: Sequence[Result]) -> dict[str, Any]:
    """What the steps are for: the needed share, repeats, restatements and the length ratio."""
    dependencies = [(c.dependencies.roles, c.dependencies.needed) for _, c in results]
    return {
        "needed_share": ratio(
            [(roles.count(Role.NEEDED), len(roles)) for roles, needed in dependencies if needed is not None]
        ),
        "repeats": ratio([(roles.count(Role.REPEAT), len(roles)) for roles, _ in dependencies]),
        "restatements": ratio([(roles.count(Role.RESTATEMENT), len(roles)) for roles, _ in dependencies]),
        "length_ratio": quotient([pair for p, c in results if (pair := lengths(p, c)) is not None]),
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
        **purposes(results),
    }


def _answers_apart(results: Sequence[Result]) -> dict[str, Any]:
    """How many traces these are, and how many of them are valid."""
    return {
        "traces": len(results),
        "trace_validity": share(sum(c.valid(p.label) for p, c in results), len(results)),
    }


@lru_cache(maxsize=1 << 14)
def _are_inconsistent(premises: tuple[Formula, ...], goal: Formula) -> bool:
    return verifier_of(premises, goal).decision is Decision.INCONSISTENT


@lru_cache(maxsize=1 << 10)  # an evaluation's set of problems; what a verifier holds is larger than a figure
def verifier_of(premises: tuple[Formula, ...], goal: Formula) -> Verifier:
    """The verifier of a problem, which every figure of every policy asks."""
    return Verifier(premises, goal)
