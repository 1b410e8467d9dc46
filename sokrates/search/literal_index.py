"""Literals by kind, and by kind and the constant at a place: what may match a rule's condition is looked up.

Proof search and the audit of ProofWriter's semantics join rules with facts through it. Not covered: whether a
literal that may match does (`matching`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sokrates.logic.formula import Bound, Formula, Term
from sokrates.logic.matching import LiteralKey, atom_of, literal_key


class LiteralIndex:
    """Literals without variables, in the order in which they were added.

    >>> from sokrates.logic.formula import Constant, atom
    >>> ann, bob = Constant("Ann"), Constant("Bob")
    >>> index = LiteralIndex()
    >>> index.add(atom("loves", ann, bob)), index.add(atom("loves", bob, bob))
    (None, None)
    >>> len(index.candidates(atom("loves", Bound(0), bob))), len(index.candidates(atom("loves", ann, Bound(0))))
    (2, 1)
    """

    def __init__(self) -> None:
        self._of_kind: defaultdict[LiteralKey, dict[Formula, None]] = defaultdict(dict)
        self._with: defaultdict[tuple[LiteralKey, int, Term], list[Formula]] = defaultdict(list)

    def add(self, literal: Formula) -> None:
        """Adds a literal that is not there yet."""
        kind = literal_key(literal)
        self._of_kind[kind][literal] = None
        for place, term in enumerate(atom_of(literal).terms):
            self._with[kind, place, term].append(literal)

    def candidates(self, condition: Formula) -> Collection[Formula]:
        """The literals that may match a condition; where it has no variable, itself alone if it is there."""
        kind, terms = literal_key(condition), atom_of(condition).terms
        of_kind = self._of_kind.get(kind, {})
        if not any(type(term) is Bound for term in terms):
            return [condition] if condition in of_kind else []
        for place, term in enumerate(terms):
            if type(term) is not Bound:
                return self._with.get((kind, place, term), [])
        return of_kind
