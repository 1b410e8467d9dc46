"""What a certificate claims: the problem's premises and conclusion as one proposition of Coq.

It is made from the problem and the answer alone, and never from a trace: this file, the reader that made the
problem's formulas and Coq's own kernel are all that an accepted certificate rests on.

    >>> from sokrates.logic.formula import Bound, Constant, Forall, Implies, atom
    >>> man, mortal = atom("man", Bound(0)), atom("mortal", Constant("Plato"))
    >>> premises = [Forall(Implies(man, atom("mortal", Bound(0)))), atom("man", Constant("Plato"))]
    >>> print(statement(Names([*premises, mortal]), premises, mortal, Answer.FALSE))
    forall (classical : forall P : Prop, ~ ~ P -> P) (D : Type) (d : D)
      (p1_man p1_mortal : D -> Prop)
      (c_Plato : D),
      (forall x0 : D, (p1_man x0 -> p1_mortal x0)) ->
      p1_man c_Plato ->
      ~ p1_mortal c_Plato

The individuals are any type D with an element d, so no domain is empty; two constants may name one individual.
Classical logic comes in as the first premise, which is the only one that the problem does not state.

Not covered: proofs (`sokrates.certificates.proof_term`); UNKNOWN (`sokrates.certificates.models`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from sokrates.logic.answer import Answer
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
    atoms,
    constants,
)

XOR: Final = "Definition xor (P Q : Prop) : Prop := (P \\/ Q) /\\ ~ (P /\\ Q).\n"  # Coq's library has no ⊕
CLASSICAL: Final = "(classical : forall P : Prop, ~ ~ P -> P)"
_PLAIN: Final = re.compile(r"[A-Za-z0-9_]{1,40}", re.ASCII)


class Names:
    """Coq's identifiers for the predicates and constants of some formulas, in the order in which they occur.

    A plain name keeps its letters behind a prefix, any other is numbered; no two share an identifier.
    predicates: by name and number of arguments
    """

    def __init__(self, formulas: Sequence[Formula]) -> None:
        predicates = dict.fromkeys((a.predicate, len(a.terms)) for formula in formulas for a in atoms(formula))
        self.predicates = {
            (name, arity): _identifier(f"p{arity}", name, number)
            for number, (name, arity) in enumerate(sorted(predicates, key=_arity))
        }
        names = dict.fromkeys(constant for formula in formulas for constant in constants(formula))
        self.constants = {name: _identifier("c", name.name, number) for number, name in enumerate(names)}


def _arity(key: tuple[str, int]) -> int:
    return key[1]


def _identifier(prefix: str, name: str, number: int) -> str:
    return f"{prefix}_{name}" if _PLAIN.fullmatch(name) else f"{prefix}'{number}"


def statement(
    names: Names,
    premises: Sequence[Formula],
    goal: Formula,
    answer: Answer,
    comments: Sequence[str] = (),
) -> str:
    """The proposition that the answer is right.

    TRUE: the premises entail the goal. FALSE: they entail its negation. UNKNOWN: they have a model in which the
    goal is true and one in which it is not.
    comments: for each premise and then the conclusion, what to print above it
    """
    if answer is Answer.UNKNOWN:
        models = [model_exists(names, (*premises, claim), comments) for claim in (goal, Not(goal))]
        return f"({models[0]}) /\\\n  ({models[1]})"
    conclusion = goal if answer is Answer.TRUE else Not(goal)
    claims = _claims(names, (*premises, conclusion), " ->", comments)
    return f"forall {CLASSICAL} (D : Type) (d : D){_declarations(names)},\n{claims}"


def model_exists(names: Names, formulas: Sequence[Formula], comments: Sequence[str] = ()) -> str:
    """The proposition that the formulas have a model, not empty."""
    claims = _claims(names, formulas, " /\\", comments)
    return f"exists (D : Set) (d : D){_declarations(names)},\n{claims}"


def _declarations(names: Names) -> str:
    """The predicates and constants as variables."""
    lines = []
    for arity, group in groupby(names.predicates.items(), key=lambda item: item[0][1]):
        identifiers = " ".join(identifier for _, identifier in group)
        lines.append(f"\n  ({identifiers} : {'D -> ' * arity}Prop)")
    if names.constants:
        lines.append(f"\n  ({' '.join(names.constants.values())} : D)")
    return "".join(lines)


def _claims(names: Names, formulas: Sequence[Formula], connective: str, comments: Sequence[str]) -> str:
    """The formulas, a line each, joined by a connective that is nested to the right."""
    above = [f"  (* {comment(text)} *)\n" for text in comments] or [""] * len(formulas)
    claims = [f"  {proposition(formula, names, names.constants)}" for formula in formulas]
    return f"{connective}\n".join(text + claim for text, claim in zip(above, claims, strict=True))


_INFIX: Final = {And: " /\\ ", Or: " \\/ ", Implies: " -> ", Iff: " <-> "}


def proposition(
    formula: Formula, names: Names, individuals: Mapping[Constant, str], bound: tuple[str, ...] = ()
) -> str:
    """A formula in Coq's notation, in parentheses where it is not an atom or a negation.

    individuals: the identifier of each constant
    bound: the identifiers of bound variables, outermost first
    """
    match formula:
        case Atom():
            terms = [
                bound[-1 - term.index] if isinstance(term, Bound) else individuals[term] for term in formula.terms
            ]
            return " ".join([names.predicates[formula.predicate, len(terms)], *terms])
        case Not():
            return f"~ {proposition(formula.body, names, individuals, bound)}"
        case Forall() | Exists():
            variable = f"x{len(bound)}"
            body = proposition(formula.body, names, individuals, (*bound, variable))
            return f"({'forall' if type(formula) is Forall else 'exists'} {variable} : D, {body})"
        case And(parts=()):
            return "True"
        case Or(parts=()):
            return "False"
    parts = [proposition(part, names, individuals, bound) for part in formula.fields]
    if type(formula) is Xor:
        return f"(xor {' '.join(f'({part})' for part in parts)})"
    return f"({_INFIX[type(formula)].join(parts)})"


def comment(text: str) -> str:
    """Text that cannot end the comment that it stands in: it has no quote, asterisk or control character."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    return printable.replace('"', "'").replace("*", "·")
