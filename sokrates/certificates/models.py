"""Counter-models: why neither a conclusion nor its negation follows, as finite structures that Coq checks.

UNKNOWN is shown by two models of the premises, one in which the conclusion is true and one in which it is not.
z3 looks for each over 1, 2, 3 and 4 individuals, and then over one for each constant and two more. Predicates and
constants are definitions by cases, and each premise has a proof that mirrors its evaluation: nothing here is
trusted.

Not covered: premises that have only larger models, or only infinite ones: `find_model` says None.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final, NamedTuple

import z3

from sokrates.certificates.statement import Names, model_exists, proposition
from sokrates.certificates.terms import cases, injection, nested, projection
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
    Xor,
    constants,
    subformulas,
)

SIZES: Final = (1, 2, 3, 4)
MAX_INSTANCES: Final = 20_000  # atoms and connectives of the formulas over one domain
RLIMIT: Final = 2_000_000  # z3's unit of work, for each size


class Model(NamedTuple):
    """A structure over the individuals 0 to size - 1.

    constants: whom each names
    facts: the predicates that hold, each with its individuals; no other does
    """

    size: int
    constants: dict[Constant, int]
    facts: frozenset[tuple[str, tuple[int, ...]]]


def find_model(formulas: Sequence[Formula]) -> Model | None:
    """A finite structure in which all the formulas are true; None where none was found."""
    names = list(dict.fromkeys(name for formula in formulas for name in constants(formula)))
    for size in dict.fromkeys((*SIZES, len(names) + 2)):
        if sum(_instances(formula, size) for formula in formulas) > MAX_INSTANCES:
            return None
        model = _Search(size, names).model(formulas)
        if model is not None:
            return model
    return None


def _instances(formula: Formula, size: int) -> int:
    inner = sum(_instances(part, size) for part in subformulas(formula))
    return 1 + (size * inner if type(formula) in (Forall, Exists) else inner)


class _Search:
    """The formulas over a domain of one size, as a question for z3's SAT solver."""

    def __init__(self, size: int, names: Sequence[Constant]) -> None:
        self._size = size
        self._context = z3.Context()
        self._facts: dict[tuple[str, tuple[int, ...]], z3.BoolRef] = {}
        self._names = {name: [self._variable(f"{i}={one}") for one in range(size)] for i, name in enumerate(names)}

    def model(self, formulas: Sequence[Formula]) -> Model | None:
        solver = z3.SolverFor("QF_FD", ctx=self._context)
        solver.set("rlimit", RLIMIT)
        solver.add(*[z3.PbEq([(is_it, 1) for is_it in choice], 1) for choice in self._names.values()])
        solver.add(*[self._truth(formula, ()) for formula in formulas])
        if solver.check() != z3.sat:
            return None
        values = solver.model()
        named = {
            name: next(one for one, is_it in enumerate(choice) if z3.is_true(values.eval(is_it, True)))
            for name, choice in self._names.items()
        }
        facts = frozenset(fact for fact, holds in self._facts.items() if z3.is_true(values[holds]))
        return Model(self._size, named, facts)

    def _variable(self, name: str) -> z3.BoolRef:
        return z3.Bool(name, self._context)

    def _truth(self, formula: Formula, bound: tuple[int, ...]) -> z3.BoolRef:
        match formula:
            case Atom():
                return z3.Or(*self._ways(formula, bound), self._context)
            case Forall() | Exists():
                parts = [self._truth(formula.body, (*bound, one)) for one in range(self._size)]
                return (z3.And if type(formula) is Forall else z3.Or)(*parts, self._context)
        parts = [self._truth(part, bound) for part in subformulas(formula)]
        match formula:
            case And():
                return z3.And(*parts, self._context)
            case Or():
                return z3.Or(*parts, self._context)
            case Not():
                return z3.Not(*parts)
            case Implies():
                return z3.Implies(*parts)
            case Iff():
                return parts[0] == parts[1]
            case Xor():
                return z3.Xor(*parts)
        raise AssertionError(formula)

    def _ways(self, atom: Atom, bound: tuple[int, ...]) -> Iterator[z3.BoolRef]:
        """The atom for each choice of whom its constants name."""
        names = list(dict.fromkeys(term for term in atom.terms if isinstance(term, Constant)))
        for chosen in product(range(self._size), repeat=len(names)):
            values = dict(zip(names, chosen, strict=True))
            individuals = tuple(
                bound[-1 - term.index] if isinstance(term, Bound) else values[term] for term in atom.terms
            )
            key = atom.predicate, individuals
            if key not in self._facts:
                self._facts[key] = self._variable(f"fact {len(self._facts)}")
            yield z3.And(*[self._names[name][one] for name, one in values.items()], self._facts[key])


def model_definitions(names: Names, model: Model, formulas: Sequence[Formula]) -> str:
    """Definitions of Coq: the model, a proof of each formula in it, and `model`, that there is such a model."""
    elements = [f"e{one}" for one in range(model.size)]
    lines = [f"Inductive D : Set := {' | '.join(elements)}."]
    for (predicate, arity), identifier in names.predicates.items():
        variables = [f"x{i}" for i in range(arity)]
        binders = f" ({' '.join(variables)} : D)" if variables else ""
        lines.append(f"Definition {identifier}{binders} : Prop := {_truth_table(model, predicate, variables)}.")
    for constant, identifier in names.constants.items():
        lines.append(f"Definition {identifier} : D := e{model.constants[constant]}.")
    evaluation = _Evaluation(names, model)
    for number, formula in enumerate(formulas):
        says = proposition(formula, names, names.constants)
        lines.append(f"Definition h{number} : {says} :=\n  {evaluation.proof(formula)[1]}.")
    chosen = ["D", "e0", *names.predicates.values(), *names.constants.values()]
    together = nested("conj", [f"h{number}" for number in range(len(formulas))])
    proof = "".join(f"(ex_intro _ {one} " for one in chosen) + together + ")" * len(chosen)
    lines.append(f"Definition model : {model_exists(names, formulas)} :=\n  {proof}.")
    return "\n".join(lines) + "\n"


def _truth_table(model: Model, predicate: str, variables: Sequence[str], individuals: tuple[int, ...] = ()) -> str:
    if not variables:
        return "True" if (predicate, individuals) in model.facts else "False"
    values = [
        f"e{one} => {_truth_table(model, predicate, variables[1:], (*individuals, one))}"
        for one in range(model.size)
    ]
    return f"match {variables[0]} with {' | '.join(values)} end"


class _Evaluation:
    """Evaluates formulas in a model, with a proof of what it finds."""

    def __init__(self, names: Names, model: Model) -> None:
        self._names, self._model = names, model

    def proof(self, formula: Formula, bound: tuple[int, ...] = ()) -> tuple[bool, str]:
        """Whether the formula is true, with a proof of it or of its negation.

        bound: the individuals that its free variables stand for, outermost first
        """
        match formula:
            case Atom():
                constants = self._model.constants
                terms = [bound[-1 - t.index] if isinstance(t, Bound) else constants[t] for t in formula.terms]
                holds = (formula.predicate, tuple(terms)) in self._model.facts
                return holds, "I" if holds else "(fun h : False => h)"
            case Forall() | Exists():
                return self._quantified(formula, bound)
        parts = [self.proof(part, bound) for part in subformulas(formula)]
        holds, term = _combined(formula, [value for value, _ in parts], [term for _, term in parts])
        return holds, term if holds else f"(fun h : {self._says(formula, bound)} => {term})"

    def _quantified(self, formula: Forall | Exists, bound: tuple[int, ...]) -> tuple[bool, str]:
        instances = [self.proof(formula.body, (*bound, one)) for one in range(self._model.size)]
        universal = type(formula) is Forall
        refuted = f"(fun h : {self._says(formula, bound)} => "
        for one, (holds, term) in enumerate(instances):
            if holds is not universal:
                return holds, f"{refuted}{term} (h e{one}))" if universal else f"(ex_intro _ e{one} {term})"
        variable = f"x{len(bound)}"
        body = self._says(formula.body, bound, (variable,))
        table = " | ".join(f"e{one} => {term}" for one, (_, term) in enumerate(instances))
        result = body if universal else f"~ {body}"
        every = f"(fun {variable} => match {variable} return {result} with {table} end)"
        return universal, every if universal else f"{refuted}match h with ex_intro _ x a => {every} x a end)"

    def _says(self, formula: Formula, bound: tuple[int, ...], variables: tuple[str, ...] = ()) -> str:
        values = [f"e{one}" for one in bound]
        return proposition(formula, self._names, self._names.constants, (*values, *variables))


def _combined(formula: Formula, values: Sequence[bool], terms: Sequence[str]) -> tuple[bool, str]:
    """The value of a connective from those of its parts; its proof, or what refutes a proof `h` of it."""
    match formula:
        case Not():
            return not values[0], f"h {terms[0]}" if values[0] else terms[0]
        case And():
            if all(values):
                return True, nested("conj", terms) or "I"
            wrong = values.index(False)
            return False, f"{terms[wrong]} {projection('h', wrong, len(values))}"
        case Or():
            if any(values):
                return True, injection(terms[values.index(True)], values.index(True), len(values))
            return False, cases("h", [f"{term} a" for term in terms])
    (left, right), (one, other) = values, terms
    if type(formula) is Implies:
        if left and not right:
            return False, f"{other} (h {one})"
        return True, f"(fun _ => {other})" if right else f"(fun a => False_ind _ ({one} a))"
    if type(formula) is Iff:
        if left is not right:
            return False, f"{other} (proj1 h {one})" if left else f"{one} (proj2 h {other})"
        if left:
            return True, f"(conj (fun _ => {other}) (fun _ => {one}))"
        return True, f"(conj (fun a => False_ind _ ({one} a)) (fun a => False_ind _ ({other} a)))"
    if left is not right:
        if left:
            return True, f"(conj (or_introl {one}) (fun b => {other} (proj2 b)))"
        return True, f"(conj (or_intror {other}) (fun b => {one} (proj1 b)))"
    return False, f"proj2 h (conj {one} {other})" if left else cases("(proj1 h)", [f"{one} a", f"{other} a"])
