"""The strategies by name: what params and the command line may say, and what a name means.

Not covered: running them (`sokrates.strategies`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

StrategyName = Literal[
    "greedy",
    "vote",
    "vote-kernel",
    "best-likelihood",
    "best-q-product",
    "best-q-minimum",
    "best-kernel-likelihood",
    "best-kernel-q-product",
    "best-kernel-q-minimum",
    "step-likelihood",
    "step-q",
    "step-both",
    "step-kernel-likelihood",
    "step-kernel-q",
    "step-kernel-both",
    "beam-kernel-likelihood",
    "beam-kernel-q",
    "beam-kernel-both",
    "refine-kernel",
    "guided-kernel",
]
STRATEGIES: tuple[str, ...] = get_args(StrategyName)


@dataclass(frozen=True)
class Strategy:
    """What a strategy's name says.

    method: greedy, vote, best, step, beam, refine or guided
    kernel: what the kernel rejects does not stand
    score: of steps, where several can be chosen from: likelihood, q or both
    choice: how a whole trace is chosen: product or minimum of its steps' scores, or vote
    """

    method: str
    kernel: bool
    score: Literal["likelihood", "q", "both"]
    choice: Literal["product", "minimum", "vote"]

    @property
    def needs_head(self) -> bool:
        return self.score != "likelihood"

    @property
    def has_candidates(self) -> bool:
        """Several continuations of a problem are written."""
        return self.method in ("vote", "best", "step", "beam")

    @property
    def uses_candidates(self) -> bool:
        """What it does depends on their number K."""
        return self.has_candidates or self.method == "refine"


def read_strategy(name: str) -> Strategy:
    """The strategy of a name in STRATEGIES: its method, then `kernel`, the score and the choice, as they apply."""
    method, *words = name.split("-")
    return Strategy(
        method,
        "kernel" in words,
        "q" if "q" in words else "both" if "both" in words else "likelihood",
        "vote" if method == "vote" else "minimum" if "minimum" in words else "product",
    )
