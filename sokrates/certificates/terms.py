"""Pieces of Coq terms that proofs and models share: pairs, projections, injections and cases.

∧ and ∨ of several parts are nested to the right, as `sokrates.certificates.statement` writes them.

    >>> projection("h", 1, 3), injection("h", 1, 3)
    ('(proj1 (proj2 h))', '(or_intror (or_introl h))')
    >>> nested("conj", ["a", "b", "c"]), cases("h", ["f a", "g a"])
    ('(conj a (conj b c))', 'match h with or_introl a => f a | or_intror r => let a := r in g a end')
"""

from __future__ import annotations

from collections.abc import Sequence


def applied(term: str, arguments: Sequence[str]) -> str:
    """A term and its arguments, itself an argument."""
    return f"({term} {' '.join(arguments)})" if arguments else term


def function(variables: Sequence[str]) -> str:
    """The start of a function of these variables; nothing where there are none."""
    return f"fun {' '.join(variables)} => " if variables else ""


def nested(constructor: str, terms: Sequence[str]) -> str:
    """Terms joined in pairs to the right; one term as it is, nothing for none."""
    if len(terms) < 2:
        return "".join(terms)
    pairs = "".join(f"({constructor} {term} " for term in terms[:-1])
    return pairs + terms[-1] + ")" * (len(terms) - 1)


def projection(term: str, part: int, count: int) -> str:
    """Part number `part` of the `count` parts of a conjunction."""
    for _ in range(part):
        term = f"(proj2 {term})"
    return term if part == count - 1 else f"(proj1 {term})"


def injection(term: str, part: int, count: int) -> str:
    """A disjunction of `count` parts from part number `part`."""
    if part < count - 1:
        term = f"(or_introl {term})"
    return "(or_intror " * part + term + ")" * part


def cases(either: str, branches: Sequence[str]) -> str:
    """A branch for each part of a disjunction, in which `a` is its proof."""
    if not branches:
        return f"False_ind _ {either}"
    text, term = "", either
    for branch in branches[:-1]:
        text += f"match {term} with or_introl a => {branch} | or_intror r => "
        term = "r"
    return f"{text}let a := {term} in {branches[-1]}" + " end" * (len(branches) - 1)
