"""How large a formula a step may derive, and how much work one proof may take.

A trace is hostile text: a rule that is repeated could outgrow any memory, or keep the checker busy for hours.
Nothing here bears on soundness, as a limit can only refuse. Work is counted in nodes and never in seconds, so
a verdict is the same on every machine. Not covered: the solver's limits (`sokrates.logic.entailment`).
"""

from __future__ import annotations

from collections.abc import Sequence

from sokrates.logic.formula import MAX_NESTING, And, Formula

MAX_DERIVED_NODES = 500  # atoms, connectives and quantifiers of one derived formula
MAX_WORK_NODES = 200_000  # of all that a proof's steps derived or looked into; after that, every step is refused
MAX_OPEN_SCOPES = 100  # assumptions open at a time; likewise individuals that EXIST_INSTANTIATION named
SEARCH_NODES = 200  # charged for each step of a rule that looks for a part inside a formula
LARGE_FORMULA_NODES = 30  # a larger line, or goal, is charged each time that a step cites it, refused or not


def is_too_large(formula: Formula) -> bool:
    """Whether a formula is larger, or nested deeper, than a step may derive."""
    return formula.size > MAX_DERIVED_NODES or formula.depth > MAX_NESTING


def is_too_much(parts: Sequence[Formula]) -> bool:
    """Whether the conjunction of the parts, which is kept flat, would be too large. It is not built for that."""
    return sum([part.size - (type(part) is And) for part in parts]) > MAX_DERIVED_NODES
