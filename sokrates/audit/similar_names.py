"""Names of a problem that differ so little that one of them may be a slip: a frequent reason for a wrong label.

Two predicates, or two constants, are alike where only capitals, `_`, `-`, spaces or the -s of a word tell them
apart (`Team` and `team`, `resolves_conflict_soon` and `resolves_conflicts_soon`), and a predicate is like itself
with another number of arguments. Formulas take them for different all the same: `sokrates label` warns.

Not covered: misspellings, synonyms, and a name that is a predicate here and a constant there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sokrates.logic.english_words import singular
from sokrates.logic.formula import atoms, constants
from sokrates.proof.problem import Problem

_WORD = re.compile(r"[A-Z]?[^\W_A-Z]+|[A-Z]+(?![a-z])|\d+")


def similar_names(problem: Problem) -> Iterator[tuple[str, str]]:
    """The pairs of names that are alike, a predicate with its number of arguments (`Team/1`), in order."""
    formulas = (*problem.facts, problem.goal)
    predicates = {(atom.predicate, len(atom.terms)) for formula in formulas for atom in atoms(formula)}
    names = {constant.name for formula in formulas for constant in constants(formula)}
    keyed = [(("predicate", _key(name)), f"{name}/{arity}") for name, arity in predicates]
    keyed += [(("constant", _key(name)), name) for name in names]
    alike: dict[tuple[str, str], list[str]] = {}
    for key, shown in sorted(keyed):
        alike.setdefault(key, []).append(shown)
    for first, *others in alike.values():
        yield from ((first, other) for other in others)


def _key(name: str) -> str:
    """What a name has in common with names that are like it."""
    return "".join([singular(word.lower()) for word in _WORD.findall(name)]) or name
