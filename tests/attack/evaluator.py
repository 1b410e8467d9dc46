"""An evaluator of proofs by brute force, which shares no code with the checker: formulas over small domains.

A world is a domain of one to three individuals, a denotation for each constant, and many interpretations at once:
a formula's truth in a world is an integer whose bit i says whether it is true in interpretation i. Domains of one
and two individuals have every interpretation of the vocabulary, those of three a sample.

A formula is a tuple: ("atom", predicate, terms), ("not", f), ("and", f, …), ("or", f, …), ("xor", f, g),
("implies", f, g), ("iff", f, g), ("all", f), ("some", f). A term is a constant's name, or a number: how many
quantifiers lie between a variable and its own.

`Proof` holds what a proof rests on, by the rules that the kernel's text states: a line follows from the premises,
the open assumptions and the lines in scope that name a fresh individual; such a line follows from what was there
before, for some individual; a closed assumption's lines are gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import product
from random import Random
from typing import Any, NamedTuple

VOCABULARY = {"P": 1, "Q": 1, "R": 1, "S": 2}
CONSTANTS = ("a", "b", "c")
SAMPLE_BITS = 1024  # interpretations of a domain of three

Form = tuple[Any, ...]
_Atom = tuple[str, tuple[int, ...]]


@cache
def _atoms(size: int) -> list[_Atom]:
    return [
        (predicate, individuals)
        for predicate, arity in VOCABULARY.items()
        for individuals in product(range(size), repeat=arity)
    ]


@cache
def _every_interpretation(size: int) -> dict[_Atom, int]:
    """For each atom where it is true: atom k in the interpretations whose number has bit k."""
    table, atoms = {}, _atoms(size)
    for number, atom in enumerate(atoms):
        run = 1 << number
        period = ((1 << run) - 1) << run
        table[atom] = sum(period << at for at in range(0, 2 ** len(atoms), 2 * run))
    return table


class World:
    def __init__(self, size: int, denotations: dict[str, int], random: Random) -> None:
        self.size, self.denotations, self._random = size, denotations, random
        atoms = _atoms(size)
        if size < 3:
            self.every, self._table = (1 << 2 ** len(atoms)) - 1, _every_interpretation(size)
        else:
            self.every = (1 << SAMPLE_BITS) - 1
            self._table = {atom: random.getrandbits(SAMPLE_BITS) for atom in atoms}

    def truth(self, form: Form, bound: tuple[int, ...] = ()) -> int:
        """In which interpretations a formula is true; `bound` are its variables' values, innermost first."""
        kind = form[0]
        if kind == "atom":
            individuals = tuple(bound[t] if type(t) is int else self._denotation(t) for t in form[2])
            return self._table[form[1], individuals]
        if kind == "not":
            return self.every ^ self.truth(form[1], bound)
        if kind == "and":
            result = self.every
            for part in form[1:]:
                result &= self.truth(part, bound)
            return result
        if kind == "or":
            result = 0
            for part in form[1:]:
                result |= self.truth(part, bound)
            return result
        if kind == "all":
            result = self.every
            for individual in range(self.size):
                result &= self.truth(form[1], (individual, *bound))
            return result
        if kind == "some":
            result = 0
            for individual in range(self.size):
                result |= self.truth(form[1], (individual, *bound))
            return result
        left, right = self.truth(form[1], bound), self.truth(form[2], bound)
        if kind == "implies":
            return (self.every ^ left) | right
        if kind == "xor":
            return left ^ right
        assert kind == "iff"
        return self.every ^ left ^ right

    def _denotation(self, name: str) -> int:
        """A constant's individual; one that is new names any."""
        if name not in self.denotations:
            self.denotations[name] = self._random.randrange(self.size)
        return self.denotations[name]

    def truth_for_some(self, form: Form, name: str) -> int:
        """In which interpretations the formula is true for some individual that the constant may name."""
        before, result = self.denotations.get(name), 0
        for individual in range(self.size):
            self.denotations[name] = individual
            result |= self.truth(form)
        if before is None:
            del self.denotations[name]
        else:
            self.denotations[name] = before
        return result


def worlds(random: Random) -> list[World]:
    """One domain of one individual, all denotations (up to swapping) in two, some in three."""
    twos = [dict(zip(CONSTANTS, (0, *rest), strict=True)) for rest in product(range(2), repeat=2)]
    threes = [dict(zip(CONSTANTS, rest, strict=True)) for rest in ((0, 1, 2), (0, 0, 1))]
    sizes = [(1, dict.fromkeys(CONSTANTS, 0)), *((2, names) for names in twos), *((3, names) for names in threes)]
    return [World(size, dict(names), random) for size, names in sizes]


def names_in(form: Form) -> set[str]:
    """The constants of a formula."""
    if form[0] == "atom":
        return {term for term in form[2] if type(term) is str}
    return set().union(*map(names_in, form[1:]))


class _Line(NamedTuple):
    form: Form
    truths: list[int]  # one for each world
    in_scope: bool = True


class Fault(AssertionError):
    """A step that was accepted and does not follow."""


class Proof:
    """What stands, by this evaluator's own book; `accept` raises Fault where a step does not follow."""

    def __init__(self, premises: Sequence[Form], goal: Form, random: Random) -> None:
        self.worlds = worlds(random)
        self.goal = goal
        self._lines: list[_Line | None] = [self._line(form) for form in premises]
        self._premises = [self._meet(line.truths[i] for line in self._lines if line) for i in self._indices()]
        self._assumptions: list[int] = []
        self._witnesses: list[int] = []
        self._witness_names: set[str] = set()
        self.telling = 0  # steps of which some world could have told that they do not follow

    def _indices(self) -> range:
        return range(len(self.worlds))

    def _meet(self, truths: Any) -> int:
        result = -1
        for truth in truths:
            result &= truth
        return result

    def _line(self, form: Form) -> _Line:
        return _Line(form, [world.truth(form) for world in self.worlds])

    def has_model(self) -> bool:
        """Whether the premises are true somewhere."""
        return self._is_possible(self._premises)

    def _rests_on(self) -> list[int]:
        lines = [self._lines[index] for index in (*self._assumptions, *self._witnesses)]
        return [
            self._meet([self._premises[i], *(line.truths[i] for line in lines if line)]) for i in self._indices()
        ]

    def reject(self) -> None:
        """A hole stands at the next index."""
        self._lines.append(None)

    def accept(self, name: str, cited: Sequence[int], form: Form) -> None:
        """Takes a step that the kernel accepted. Raises Fault."""
        index = len(self._lines)
        used = [self._lines[at] if 0 <= at < index else None for at in cited]
        if any(line is None or not line.in_scope for line in used):
            raise Fault(f"{name} cites what does not stand: {cited}")
        if name == "ASSUME":
            self._lines.append(self._line(form))
            self._assumptions.append(index)
            return
        if name == "EXIST_INSTANTIATION":
            self._accept_witness(form, index)
            return
        if name in ("CONDITIONAL_PROOF", "CONTRADICTION"):
            if not self._assumptions:
                raise Fault(f"{name} closes nothing")
            begin = self._assumptions.pop()
            self._witnesses = [at for at in self._witnesses if at < begin]
            for at in range(begin, index):
                line = self._lines[at]
                self._lines[at] = line and line._replace(in_scope=False)
        if name in ("CONDITIONAL_PROOF", "CONTRADICTION", "UNIV_GENERALIZATION"):
            grounds = self._rests_on()
        else:  # from the lines that it cites alone
            grounds = [self._meet(line.truths[i] for line in used if line) for i in self._indices()]
        self._must_follow(name, grounds, form)
        self.telling += self._is_possible(grounds)
        self._lines.append(self._line(form))
        if not self._assumptions and not names_in(form) & self._witness_names:
            self._must_follow(name, self._premises, form)

    def _accept_witness(self, form: Form, index: int) -> None:
        known = names_in(self.goal).union(*(names_in(line.form) for line in self._lines if line))
        fresh = names_in(form) - known
        if len(fresh) > 1:
            raise Fault(f"EXIST_INSTANTIATION names {fresh}")
        before = self._rests_on()
        for world, truth in zip(self.worlds, before, strict=True):
            some = world.truth_for_some(form, *fresh) if fresh else world.truth(form)
            if truth & world.every & ~some:
                raise Fault(f"EXIST_INSTANTIATION: {form} need not be true of any individual")
        self.telling += self._is_possible(before)
        self._lines.append(self._line(form))
        self._witnesses.append(index)
        self._witness_names |= fresh

    def _must_follow(self, name: str, truths: Sequence[int], form: Form) -> None:
        for world, truth in zip(self.worlds, truths, strict=True):
            if truth & world.every & ~world.truth(form):
                raise Fault(f"{name}: {form} does not follow")

    def _is_possible(self, truths: Sequence[int]) -> bool:
        return any(truth & world.every for truth, world in zip(truths, self.worlds, strict=True))

    def conclude(self, form: Form) -> None:
        """The goal, or its negation, is concluded: it follows from the premises alone. Raises Fault."""
        self._must_follow("CONCLUDE", self._premises, form)
