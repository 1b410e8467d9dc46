"""Formulas as Metamath's syntax, and why what they say of equal individuals is equally true.

Nothing here is trusted. Not covered: how formulas are printed (`metamath_statement`), rules (`metamath`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any, Final

from sokrates.certificates.metamath_statement import Variables, rank
from sokrates.certificates.metamath_steps import Node, Steps
from sokrates.certificates.statement import Names
from sokrates.logic.formula import (
    And,
    Atom,
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
    constants,
)

_SYNTAX: Final = {And: "wan", Or: "wor", Implies: "wim", Iff: "wbi", Xor: "wxo", Forall: "wal", Exists: "wex"}
_SUBSTITUTION: Final = {And: "sban", Or: "sbor", Implies: "sbim", Iff: "sbbi", Xor: "sbxo"}


class Formulas:
    """The formulas of one certificate, as nodes of its proof.

    A constant that no premise mentions is a variable, as is one that the proof introduces.
    """

    def __init__(self, premises: Sequence[Formula], goal: Formula) -> None:
        self.steps = Steps()
        self._apply = self.steps.apply
        names = Names([*premises, goal])
        self._predicates = {key: self.steps.leaf(f"p{i}") for i, key in enumerate(names.predicates)}
        fixed = {name for premise in premises for name in constants(premise)}
        self._terms: dict[Constant, Node] = {}
        self._setvars: dict[Constant, Node] = {}
        for i, name in enumerate(names.constants):
            leaf = self.steps.leaf(f"c{i}")
            if name not in fixed:
                self._setvars[name] = leaf
            self._terms[name] = leaf if name in fixed else self._apply("tv", x=leaf)
        self._wffs: dict[Formula, Node] = {}
        self._individuals = self._bound = 0
        self._fresh = (Constant(f"arbitrary {i}") for i in count())

    def variables(self) -> Variables:
        """How many variables the formulas so far need."""
        return Variables(self._bound, self._individuals)

    def wff(self, formula: Formula) -> Node:
        """A closed formula."""
        known = self._wffs.get(formula)
        if known is None:
            known = self._wffs[formula] = self._syntax(formula, ())
        return known

    def _syntax(self, formula: Any, bound: tuple[Node, ...]) -> Node:
        """A formula within quantifiers whose variables are these terms, outermost first."""
        match formula:
            case Atom():
                return self._atom(formula, [self._value(term, bound) for term in formula.terms])
            case Not():
                return self._apply("wne", ph=self._syntax(formula.body, bound))
            case Forall() | Exists():
                x = self.variable(formula)
                body = self._syntax(formula.body, (*bound, self._apply("tv", x=x)))
                return self._apply(_SYNTAX[type(formula)], x=x, ph=body)
            case And(parts=()):
                return self._apply("wtr")
            case Or(parts=()):
                return self._apply("wfa")
        *parts, whole = [self._syntax(part, bound) for part in formula.fields]
        for part in reversed(parts):
            whole = self._apply(_SYNTAX[type(formula)], ph=part, ps=whole)
        return whole

    def _atom(self, atom: Atom, terms: Sequence[Node]) -> Node:
        return self._apply("wat", P=self._predicates[atom.predicate, len(terms)], a=self._arguments(terms))

    def _arguments(self, terms: Sequence[Node]) -> Node:
        whole = self._apply("a0")
        for term in terms:
            whole = self._apply("a1", a=whole, t=term)
        return whole

    def _value(self, term: Term, bound: tuple[Node, ...]) -> Node:
        return bound[-1 - term.index] if isinstance(term, Bound) else self.term(term)

    def term(self, name: Constant) -> Node:
        if name not in self._terms:
            self._setvars[name] = self.steps.leaf(f"y{self._individuals}.")
            self._individuals += 1
            self._terms[name] = self._apply("tv", x=self._setvars[name])
        return self._terms[name]

    def setvar(self, name: Constant) -> Node | None:
        """The variable of a constant that no premise mentions; None where a premise does."""
        self.term(name)
        return self._setvars.get(name)

    def variable(self, quantified: Any) -> Node:
        """The variable of a quantifier."""
        number = rank(quantified.body)
        self._bound = max(self._bound, number + 1)
        return self.steps.leaf(f"x{number}.")

    def new_constant(self) -> Constant:
        """A constant that no formula mentions."""
        return next(name for name in self._fresh if name not in self._terms)

    def substitution(self, body: Formula, one: Node, other: Node) -> tuple[Node, Node, Node]:
        """What a quantifier's body says of one term, what it says of another, and why both are equally true.

        That is the proof of `( one = other -> ( body(one) <-> body(other) ) )`.
        """
        return self._equal(body, (one,), (other,), self._apply("weq", t=one, u=other))

    def _equal(
        self, formula: Any, ones: tuple[Node, ...], others: tuple[Node, ...], equality: Node
    ) -> tuple[Node, Node, Node]:
        """The same inside quantifiers: `ones` and `others` differ in the first, the rest are their variables."""
        one, other = self._syntax(formula, ones), self._syntax(formula, others)
        if one == other:
            return one, other, self._apply("sbid", ph=one, th=equality)
        if type(formula) is Atom:
            return one, other, self._equal_atoms(formula, ones, others, equality)
        if type(formula) is Not:
            ph, ps, proof = self._equal(formula.body, ones, others, equality)
            return one, other, self._apply("sbne", proof, ph=ph, ps=ps, th=equality)
        if type(formula) in (Forall, Exists):
            x = self.variable(formula)
            inner = (self._apply("tv", x=x),)
            ph, ps, proof = self._equal(formula.body, ones + inner, others + inner, equality)
            label = "sbal" if type(formula) is Forall else "sbex"
            return one, other, self._apply(label, proof, ph=ph, ps=ps, th=equality, x=x)
        *parts, whole = [self._equal(part, ones, others, equality) for part in formula.fields]
        syntax, label = _SYNTAX[type(formula)], _SUBSTITUTION[type(formula)]
        for ph, ps, proof in reversed(parts):
            ch, ta, rest = whole
            whole = (
                self._apply(syntax, ph=ph, ps=ch),
                self._apply(syntax, ph=ps, ps=ta),
                self._apply(label, proof, rest, ph=ph, ps=ps, ch=ch, ta=ta, th=equality),
            )
        return whole

    def _equal_atoms(self, atom: Atom, ones: tuple[Node, ...], others: tuple[Node, ...], equality: Node) -> Node:
        """One argument after the other."""
        terms = [self._value(term, ones) for term in atom.terms]
        wanted = [self._value(term, others) for term in atom.terms]
        start = before = self._atom(atom, terms)
        whole = None
        for place, (term, new) in enumerate(zip(terms[:], wanted, strict=True)):
            if term == new:
                continue
            proof = self._apply(
                "ax-eq", t=term, u=new, P=self._predicates[atom.predicate, len(terms)],
                a=self._arguments(terms[:place]), b=self._arguments(terms[place + 1 :]),
            )  # fmt: skip
            terms[place] = new
            after = self._atom(atom, terms)
            if whole is None:
                whole = proof
            else:
                whole = self._apply("sbtr", whole, proof, ph=start, ps=before, ch=after, th=equality)
            before = after
        assert whole is not None
        return whole
