"""First-order formulas over one sort: immutable, interned, compared by identity.

Two formulas that differ only in the names of bound variables are the same object, because a bound
variable is a de Bruijn index (0 is the innermost quantifier). Conjunctions and disjunctions are
n-ary and flat. Functions and equality are not covered.

    >>> rule = Forall(Implies(atom("wumpus", Bound(0)), atom("tumpus", Bound(0))))
    >>> instantiate(rule, Constant("Stella"))
    Implies(Atom('wumpus', (Constant('Stella'),)), Atom('tumpus', (Constant('Stella'),)))
    >>> And(And(TRUTH, FALSITY), TRUTH) is And(TRUTH, FALSITY, TRUTH)
    True
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import RLock
from typing import Any, ClassVar, Self, TypeVar
from weakref import ref

MAX_NESTING = 100  # readers refuse deeper text, so that recursion over a formula is always safe


class _Reference(ref):  # type: ignore[type-arg]
    """A weak reference to a node, with its key in the table."""

    __slots__ = ("key",)
    key: tuple[Any, ...]


# Every node that is in use, by its class and fields: a node of that class, which no type can say.
_references: dict[tuple[Any, ...], _Reference] = {}
_lock = RLock()  # the end of a node may come while the same thread makes one


def _forget(reference: _Reference) -> None:
    with _lock:
        if _references.get(reference.key) is reference:  # else there is a new node already
            del _references[reference.key]


class _Interned:
    """A node that exists once: construction returns the node made before from the same fields."""

    __slots__ = ("__weakref__", "fields")
    fields: tuple[Any, ...]

    _sealed: ClassVar[bool] = False  # set once this module has defined its classes

    def __init_subclass__(cls) -> None:
        if _Interned._sealed:
            raise TypeError("formulas are a closed set of classes: another one could equal any formula")

    def __new__(cls, *fields: Any) -> Self:
        return _interned((cls, *fields))

    def _measure(self) -> None:
        """Checks the fields' types and computes what a node knows of them, once. Raises TypeError.

        A field of another type could have an `__eq__` of its own, and pass for a part of another formula.
        """

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.fields

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.fields))})"


_Node = TypeVar("_Node", bound=_Interned)


def _interned(key: tuple[type[_Node], *tuple[Any, ...]]) -> _Node:
    """The node of a class and its fields: the one that is there, else a new one."""
    reference = _references.get(key)
    node: _Node | None = None if reference is None else reference()
    return _new_node(key) if node is None else node


def _new_node(key: tuple[type[_Node], *tuple[Any, ...]]) -> _Node:
    node = object.__new__(key[0])
    _set_fields(node, key[1:])
    node._measure()
    new = _Reference(node, _forget)
    new.key = key
    with _lock:  # two threads must not make two of them
        reference = _references.get(key)
        other: _Node | None = None if reference is None else reference()
        if other is not None:
            return other
        _references[key] = new
    return node


class Constant(_Interned):
    """A named individual."""

    __slots__ = ()
    fields: tuple[str]

    def __new__(cls, name: str) -> Constant:
        return _interned((cls, name))

    def _measure(self) -> None:
        if type(self.name) is not str:
            raise TypeError(f"a constant's name is a string, not {self.name!r}")

    @property
    def name(self) -> str:
        return self.fields[0]


class Bound(_Interned):
    """A bound variable: the number of quantifiers between it and the one that binds it."""

    __slots__ = ()
    fields: tuple[int]

    def __new__(cls, index: int) -> Bound:
        return _interned((cls, index))

    def _measure(self) -> None:
        if type(self.index) is not int:
            raise TypeError(f"a bound variable's index is an integer, not {self.index!r}")

    @property
    def index(self) -> int:
        return self.fields[0]


Term = Constant | Bound


class Formula(_Interned):
    """A closed formula, or a part of one.

    names: the constants in it
    size: the number of atoms, connectives and quantifiers
    depth: the number of those on the longest path
    """

    __slots__ = ("depth", "names", "size")
    names: frozenset[Constant]
    size: int
    depth: int

    def _measure(self) -> None:
        names, size, depth = _NO_NAMES, 1, 0
        for part in self.fields:
            if not isinstance(part, Formula):
                raise TypeError(f"the parts of a formula are formulas: {self.fields!r}")
            if part.names:
                names = names | part.names if names else part.names
            size += part.size
            if part.depth > depth:
                depth = part.depth
        self._know(names, size, depth + 1)

    def _know(self, names: frozenset[Constant], size: int, depth: int) -> None:
        _set_names(self, names)
        _set_size(self, size)
        _set_depth(self, depth)


# How a node gets its slots, which refuse assignment: each function is looked up once.
_NO_NAMES: frozenset[Constant] = frozenset()
_set_fields = _Interned.__dict__["fields"].__set__
_set_names, _set_size, _set_depth = (Formula.__dict__[name].__set__ for name in ("names", "size", "depth"))


class Atom(Formula):
    """A predicate applied to a tuple of terms."""

    __slots__ = ()
    fields: tuple[str, tuple[Term, ...]]

    def __new__(cls, predicate: str, terms: tuple[Term, ...]) -> Atom:
        return _interned((cls, predicate, terms))

    def _measure(self) -> None:
        predicate, terms = self.fields
        if type(predicate) is not str or type(terms) is not tuple:
            raise TypeError("an atom is the name of a predicate and a tuple of terms")
        names = []
        for term in terms:
            if type(term) is Constant:
                names.append(term)
            elif type(term) is not Bound:
                raise TypeError(f"a term is a constant or a bound variable, not {term!r}")
        self._know(frozenset(names) if names else _NO_NAMES, 1, 1)

    @property
    def predicate(self) -> str:
        return self.fields[0]

    @property
    def terms(self) -> tuple[Term, ...]:
        return self.fields[1]


class Not(Formula):
    __slots__ = ()
    fields: tuple[Formula]

    def __new__(cls, body: Formula) -> Not:
        return _interned((cls, body))

    @property
    def body(self) -> Formula:
        return self.fields[0]


class _Nary(Formula):
    """∧ or ∨ over any number of parts, kept flat. One part is that part itself."""

    __slots__ = ()

    def __new__(cls, *parts: Formula) -> Formula:  # type: ignore[misc]  # one part is that part, of any class
        flat: list[Formula] = []
        for part in parts:
            flat.extend(part.fields if type(part) is cls else (part,))
        return flat[0] if len(flat) == 1 else _interned((cls, *flat))

    @property
    def parts(self) -> tuple[Formula, ...]:
        return self.fields


class And(_Nary):
    __slots__ = ()


class Or(_Nary):
    __slots__ = ()


class _Binary(Formula):
    __slots__ = ()
    fields: tuple[Formula, Formula]

    def __new__(cls, left: Formula, right: Formula) -> Self:
        return _interned((cls, left, right))

    @property
    def left(self) -> Formula:
        return self.fields[0]

    @property
    def right(self) -> Formula:
        return self.fields[1]


class Xor(_Binary):
    """Exactly one of two."""

    __slots__ = ()


class Implies(_Binary):
    __slots__ = ()


class Iff(_Binary):
    __slots__ = ()


class _Quantified(Formula):
    """A quantifier over `body`, in which it binds Bound(0) at depth 0."""

    __slots__ = ()
    fields: tuple[Formula]

    def __new__(cls, body: Formula) -> Self:
        return _interned((cls, body))

    @property
    def body(self) -> Formula:
        return self.fields[0]


class Forall(_Quantified):
    __slots__ = ()


class Exists(_Quantified):
    __slots__ = ()


_Interned._sealed = True
FORMULA_CLASSES = frozenset((Atom, Not, And, Or, Xor, Implies, Iff, Forall, Exists))

TRUTH = And()
FALSITY = Or()


def atom(predicate: str, *terms: Term) -> Atom:
    """`Atom` with its terms as arguments."""
    return Atom(predicate, terms)


def subformulas(formula: Formula) -> tuple[Formula, ...]:
    """The immediate parts of a formula; none for an atom."""
    return () if type(formula) is Atom else formula.fields


def substitute(formula: Formula, values: Mapping[Term, Term], depth: int = 0) -> Formula:
    """Put values for terms, all at once; a Bound is meant as seen from outside `depth` quantifiers."""
    if type(formula) is Atom:
        predicate, terms = formula.fields
        if depth > 0:
            return _interned((Atom, predicate, tuple([_value(term, values, depth) for term in terms])))
        if len(terms) == 1:  # the usual case, without a loop
            return _interned((Atom, predicate, (values.get(terms[0], terms[0]),)))
        return _interned((Atom, predicate, tuple([values.get(term, term) for term in terms])))
    inner = depth + 1 if isinstance(formula, _Quantified) else depth
    return type(formula)(*[substitute(part, values, inner) for part in subformulas(formula)])


def _value(term: Term, values: Mapping[Term, Term], depth: int) -> Term:
    if type(term) is Bound:
        if term.index < depth:
            return term
        term = Bound(term.index - depth)
    new = values.get(term, term)
    return Bound(new.index + depth) if type(new) is Bound else new


def instantiate(quantified: Formula, constant: Constant) -> Formula:
    """The body of a closed quantified formula with `constant` for its variable."""
    return substitute(quantified.fields[0], {Bound(0): constant})


def atoms(formula: Formula) -> Iterator[Atom]:
    """Every atom, left to right, with repetitions."""
    if type(formula) is Atom:
        yield formula
    else:
        for part in subformulas(formula):
            yield from atoms(part)


def constants(formula: Formula) -> Iterator[Constant]:
    """Every constant, left to right, with repetitions."""
    for leaf in atoms(formula):
        for term in leaf.terms:
            if type(term) is Constant:
                yield term


def predicates(formula: Formula) -> Iterator[str]:
    """The name of every atom's predicate, left to right, with repetitions."""
    for leaf in atoms(formula):
        yield leaf.predicate


def negation(formula: Formula) -> Formula:
    """The complement without a double ¬: P for ¬P, ¬P for any other P."""
    return formula.body if type(formula) is Not else Not(formula)
