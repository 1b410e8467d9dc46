"""Random closed formulas, for property tests: a few predicates and constants, every connective.

Names include ones that FOL notation has to quote; functions and equality do not occur.
"""

from __future__ import annotations

from hypothesis import strategies as st

from sokrates.logic.formula import (
    And,
    Bound,
    Constant,
    Exists,
    Forall,
    Formula,
    Iff,
    Implies,
    Not,
    Or,
    Term,
    Xor,
    atom,
)

_CONSTANTS = tuple(map(Constant, ("Stella", "Max", "Rex")))
_PREDICATES = {1: ("wumpus", "tumpus", "small"), 2: ("likes", "sees")}


def formulas(
    max_depth: int = 4,
    constants: tuple[Constant, ...] = _CONSTANTS,
    predicates: dict[int, tuple[str, ...]] = _PREDICATES,
) -> st.SearchStrategy[Formula]:
    """Closed formulas with at most `max_depth` connectives above an atom; `predicates` are by arity."""

    @st.composite
    def formula(draw: st.DrawFn, depth: int, quantifiers: int) -> Formula:
        def part(more_quantifiers: int = 0) -> Formula:
            return draw(formula(depth - 1, quantifiers + more_quantifiers))

        kinds = ("atom", "not", "nary", "binary", "quantified")
        match draw(st.sampled_from(kinds)) if depth else "atom":
            case "not":
                return Not(part())
            case "nary":
                parts = [part() for _ in range(draw(st.sampled_from((2, 2, 3, 0))))]
                return draw(st.sampled_from((And, Or)))(*parts)
            case "binary":
                return draw(st.sampled_from((Xor, Implies, Iff)))(part(), part())
            case "quantified":
                return draw(st.sampled_from((Forall, Exists)))(part(1))
        terms: st.SearchStrategy[Term] = st.sampled_from([*constants, *map(Bound, range(quantifiers))])
        arity = draw(st.sampled_from(sorted(predicates)))
        return atom(draw(st.sampled_from(predicates[arity])), *(draw(terms) for _ in range(arity)))

    return formula(max_depth, 0)
