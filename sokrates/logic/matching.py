"""Matching: which constants for a rule's variables make it speak of a given fact.

The kernel, proof search and the audit of ProofWriter's semantics all match here. A pattern is a part of a
closed formula, and its variables are the ones that the quantifiers around it bind: `Bound(0)` up to their
number, as seen from the pattern. Only a constant can be a variable's value. Not covered: unification (a fact
has no variables), functions and equality.

    >>> loves = Atom("loves", (Bound(1), Bound(0)))
    >>> matching_values(loves, Atom("loves", (Constant("Ann"), Constant("Bob"))), 2)
    {Bound(1): Constant('Ann'), Bound(0): Constant('Bob')}
    >>> matching_values(Atom("loves", (Bound(0), Bound(0))), Atom("loves", (Constant("Ann"), Constant("Bob"))), 1)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sokrates.logic.formula import Atom, Bound, Constant, Exists, Forall, Formula, Not, Term, subformulas

Values = dict[Term, Term]  # variables, as Bounds, with the constants that stand for them
LiteralKey = tuple[bool, str, int]  # whether it is negated, its predicate, its arity


def matching_values(pattern: Formula, fact: Formula, variables: int) -> Values | None:
    """Constants for the pattern's `variables` variables that make it the fact; None if there are none."""
    values: Values = {}
    return values if match(pattern, fact, variables, values) else None


def match(pattern: Formula, fact: Formula, variables: int, values: Values, depth: int = 0) -> bool:
    """Whether constants for the pattern's variables make it the fact. Adds them to `values`.

    A value that is there already must fit too. Where the answer is no, `values` holds what fitted so far.
    depth: the number of quantifiers between the pattern's variables and this part of it
    """
    if not variables:
        return pattern is fact
    if type(pattern) is not type(fact):
        return False
    if type(pattern) is Atom:
        (predicate, terms), (other_predicate, others) = pattern.fields, fact.fields
        if predicate != other_predicate or len(terms) != len(others):
            return False
        for term, value in zip(terms, others):  # noqa: B905 - they are equally long; `strict` would double the time
            if type(term) is Bound and depth <= term.fields[0] < depth + variables:
                variable = Bound(term.fields[0] - depth) if depth else term
                if type(value) is not Constant or values.setdefault(variable, value) is not value:
                    return False
            elif term is not value:
                return False
        return True
    if len(pattern.fields) != len(fact.fields):
        return False
    inner = depth + (type(pattern) in (Forall, Exists))
    for part, other in zip(pattern.fields, fact.fields, strict=True):
        if not match(part, other, variables, values, inner):
            return False
    return True


def is_open(formula: Formula, values: Mapping[Term, Term], depth: int = 0) -> bool:
    """Whether the formula uses a variable that has no value."""
    if type(formula) is Atom:
        return any(
            type(term) is Bound and term.index >= depth and Bound(term.index - depth) not in values
            for term in formula.terms
        )
    inner = depth + (type(formula) in (Forall, Exists))
    return any(is_open(part, values, inner) for part in subformulas(formula))


def strip_foralls(formula: Formula) -> tuple[int, Formula]:
    """The number of leading ∀, and the formula under them."""
    variables = 0
    while type(formula) is Forall:
        formula, variables = formula.body, variables + 1
    return variables, formula


def add_foralls(variables: int, formula: Formula) -> Formula:
    """The formula under that many ∀; undoes `strip_foralls`."""
    for _ in range(variables):
        formula = Forall(formula)
    return formula


def numbered_parts(formula: Formula) -> Iterator[tuple[Formula, int]]:
    """A formula and all its parts, breadth first, each with the number of quantifiers around it.

    ASSUME numbers parts in this order, from 0.
    """
    queue = [(formula, 0)]
    for part, variables in queue:  # the queue grows while it is read
        yield part, variables
        inner = variables + (type(part) in (Forall, Exists))
        queue.extend((subformula, inner) for subformula in subformulas(part))


def is_literal(formula: Formula) -> bool:
    """Whether a formula is an atom or the negation of one."""
    return type(formula) is Atom or (type(formula) is Not and type(formula.body) is Atom)


def atom_of(literal: Formula) -> Atom:
    """A literal without its ¬."""
    return literal.fields[0] if type(literal) is Not else literal  # type: ignore[return-value]


def literal_key(literal: Formula) -> LiteralKey:
    """What two literals have in common where one can match the other."""
    atom = atom_of(literal)
    return type(literal) is Not, atom.predicate, len(atom.terms)
