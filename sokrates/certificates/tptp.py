"""Problems and proofs in TPTP's notation, which first-order provers read.

    >>> from sokrates.logic.formula import Constant, Forall, Implies, atom
    >>> rule = Forall(Implies(atom("man", Bound(0)), atom("mortal", Bound(0))))
    >>> print(problem([rule], atom("mortal", Constant("Plato"))), end="")
    fof(h0, axiom, (! [X0] : (p1_man(X0) => p1_mortal(X0)))).
    fof(goal, conjecture, p1_mortal(c_Plato)).

Not covered: reading; proofs that a prover checks step by step (`sokrates.certificates.coq`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sokrates.certificates.statement import Names, comment
from sokrates.logic.formula import And, Atom, Bound, Constant, Exists, Forall, Formula, Iff, Implies, Not, Or, Xor
from sokrates.proof.kernel import ASSUME, WITNESS, cited
from sokrates.proof.option import Option

_INFIX: Final = {And: " & ", Or: " | ", Implies: " => ", Iff: " <=> ", Xor: " <~> "}


def problem(premises: Sequence[Formula], goal: Formula, sentences: Sequence[str] = ()) -> str:
    """The premises as axioms h0, h1, … and the goal as a conjecture; `sentences` are comments above them."""
    names = Names([*premises, goal])
    above = [f"% {comment(sentence)}\n" for sentence in sentences] or [""] * (len(premises) + 1)
    lines = [f"fof(h{i}, axiom, {_written(premise, names)}).\n" for i, premise in enumerate(premises)]
    lines.append(f"fof(goal, conjecture, {_written(goal, names)}).\n")
    return "".join(text + line for text, line in zip(above, lines, strict=True))


def derivation(premises: Sequence[Formula], goal: Formula, steps: Sequence[tuple[Option, Formula]]) -> str:
    """The steps of a proof after the axioms h0, h1, …, each with its rule and the lines that it cites.

    steps: the options of a valid trace but for CONCLUDE, each with what it derives
    """
    names = Names([*premises, goal, *(formula for _, formula in steps)])
    lines = [f"fof(h{i}, axiom, {_written(premise, names)}).\n" for i, premise in enumerate(premises)]
    assumptions: list[int] = []
    for number, (option, formula) in enumerate(steps, start=len(premises)):
        says = _written(formula, names)
        if option.name == ASSUME:
            assumptions.append(number)
            lines.append(f"fof(h{number}, assumption, {says}, introduced(assumption, [])).\n")
            continue
        notes = ["status(esa)" if option.name == WITNESS else "status(thm)"]
        if option.name in ("CONDITIONAL_PROOF", "CONTRADICTION"):
            notes.append(f"discharge(assumption, [h{assumptions.pop()}])")
        if assumptions:
            notes.append(f"assumptions([{', '.join(f'h{i}' for i in assumptions)}])")
        parents = ", ".join(f"h{i}" for i in cited(option))
        rule = f"inference({option.name.lower()}, [{', '.join(notes)}], [{parents}])"
        lines.append(f"fof(h{number}, plain, {says}, {rule}).\n")
    return "".join(lines)


def _written(formula: Formula, names: Names, depth: int = 0) -> str:
    """A formula inside `depth` quantifiers, in parentheses where it is not an atom."""
    match formula:
        case Atom():
            symbol = _quoted(names.predicates[formula.predicate, len(formula.terms)])
            terms = ", ".join(_term(term, names, depth) for term in formula.terms)
            return f"{symbol}({terms})" if terms else symbol
        case Not():
            return f"(~ {_written(formula.body, names, depth)})"
        case Forall() | Exists():
            quantifier = "!" if type(formula) is Forall else "?"
            return f"({quantifier} [X{depth}] : {_written(formula.body, names, depth + 1)})"
        case And(parts=()):
            return "$true"
        case Or(parts=()):
            return "$false"
    return f"({_INFIX[type(formula)].join(_written(part, names, depth) for part in formula.fields)})"


def _term(term: Constant | Bound, names: Names, depth: int) -> str:
    return f"X{depth - 1 - term.index}" if isinstance(term, Bound) else _quoted(names.constants[term])


def _quoted(identifier: str) -> str:
    """A numbered identifier has an apostrophe, which TPTP allows in quotes alone."""
    escaped = identifier.replace("'", "\\'")
    return f"'{escaped}'" if "'" in identifier else identifier
