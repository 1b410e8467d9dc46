"""The metrics of a set of traces, with 95 % intervals: accuracy, validity, faithfulness, what the steps are for.

The needed share is that of traces that conclude TRUE or FALSE validly: needed steps over all their steps. The
length ratio is that of strictly valid proofs of TRUE or FALSE: their steps over those of the shortest proofs that
search finds, or over their own where those are fewer. Repeats and restatements are shares of all steps. UNKNOWN
has no proof: traces with it count in neither of the first two, and on their own. Those under inconsistent
premises, from which all follows, count in both and on their own too.

Every share is an object {value, low, high, count} with an interval (`sokrates.intervals`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sokrates.intervals import quotient, ratio, share
from sokrates.logic.answer import Answer, Decision
from sokrates.logic.formula import Formula
from sokrates.proof.dependencies import Role
from sokrates.proof.option import Reason
from sokrates.proof.problem import Problem
from sokrates.proof.verify import Checked, Verifier, faithful
from sokrates.search.prove import lengths

Result = tuple[Problem, Checked]
HELD_OUT = "held_out"  # the name of the set of held-out problems, in files of figures and as a folder


def measure(results: Iterable[Result]) -> dict[str, Any]:
    """Every metric over the results, and again for each proof depth (`hops`) that problems state.

    `by_label` has accuracy and trace validity of the problems of each label that occurs.
    """
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
        "by_label": {
            label.name: _shares_of_traces(found)
            for label in Answer
            if (found := [(p, c) for p, c in results if p.label is label])
        },
    }


def purposes(results: Iterable[Result]) -> dict[str, Any]:
    """What the steps are for: the needed share, repeats, restatements and the length ratio."""
    pairs: dict[str, list[tuple[int, int]]] = {}
    for problem, checked in results:
        for name, pair in purpose_pairs(problem, checked).items():
            pairs.setdefault(name, []).append(pair)
    return purpose_figures(pairs)


def purpose_pairs(problem: Problem, checked: Checked) -> dict[str, tuple[int, int]]:
    """What one trace adds to each figure of `purposes`, above and below the line, where it counts in it."""
    roles, needed, *_ = checked.dependencies
    pairs = {
        "repeats": (roles.count(Role.REPEAT), len(roles)),
        "restatements": (roles.count(Role.RESTATEMENT), len(roles)),
    }
    if needed is not None:
        pairs["needed_share"] = (roles.count(Role.NEEDED), len(roles))
    if (steps_and_shortest := lengths(problem, checked)) is not None:
        pairs["length_ratio"] = steps_and_shortest
    return pairs


def purpose_figures(pairs: Mapping[str, Sequence[tuple[int, int]]]) -> dict[str, Any]:
    """The figures of `purposes` from what the traces add to each."""
    shares = {name: ratio(pairs.get(name, ())) for name in ("needed_share", "repeats", "restatements")}
    return {**shares, "length_ratio": quotient(pairs.get("length_ratio", ()))}


def _shares_of_traces(results: Sequence[Result]) -> dict[str, Any]:
    labelled = [(problem, checked) for problem, checked in results if problem.label is not None]
    return {
        "accuracy": share(sum(checked.is_right(problem.label) for problem, checked in labelled), len(labelled)),
        "trace_validity": share(sum(c.valid(p.label) for p, c in results), len(results)),
    }


def _shares(results: Sequence[Result]) -> dict[str, Any]:
    faithful_claims = [[claim for claim in faithful(p.facts, c) if claim is not None] for p, c in results]
    return {
        **_shares_of_traces(results),
        "step_validity": ratio([(sum(v.valid for v in c.verdicts), len(c.verdicts)) for _, c in results]),
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
