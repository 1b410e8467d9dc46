"""Other notations: each form, that formulas written in it read back, and what is refused with its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from formulas import formulas
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sokrates.logic import fol
from sokrates.logic.formula import (
    FALSITY,
    TRUTH,
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
    atom,
    subformulas,
)
from sokrates.logic.notations import Notation, read_together
from sokrates.logic.reading import ReadError

PROVER9, TPTP, Z3, LOGIC_LM = Notation.PROVER9, Notation.TPTP, Notation.Z3, Notation.LOGIC_LM


@pytest.mark.parametrize(
    ("notation", "text", "meant"),
    [
        (PROVER9, "all x. (Dog(x) -> -Cat(x))", "∀x (Dog(x) → ¬Cat(x))"),
        (PROVER9, "all x (Dog(x) -> Cat(x))", "∀x (Dog(x) → Cat(x))"),
        (PROVER9, "Exists x. (Dog(x) & Cat(x))", "∃x (Dog(x) ∧ Cat(x))"),
        (PROVER9, "Forall x. Exists y. R(x, y)", "∀x ∃y R(x, y)"),
        (PROVER9, "exists x. (Dog(x) & (Cat(x) | -Red(x)))", "∃x (Dog(x) ∧ (Cat(x) ∨ ¬Red(x)))"),
        (PROVER9, "all x. exists y. (R(x,y) <-> -R(y,x))", "∀x ∃y (R(x, y) ↔ ¬R(y, x))"),
        (PROVER9, "-Dog(Rex) | (-Cat(Rex))", "¬Dog(Rex) ∨ ¬Cat(Rex)"),
        (PROVER9, "-(Dog(Rex) & -Cat(Rex))", "¬(Dog(Rex) ∧ ¬Cat(Rex))"),
        (TPTP, "! [X] : (dog(X) => ~ cat(X))", "∀x (dog(x) → ¬cat(x))"),
        (TPTP, "![X,Y]: ?[Z]: (p(X,Y,Z) <~> $false)", "∀x ∀y ∃z (p(x, y, z) ⊕ ⊥)"),
        (TPTP, "fof(rule_1, axiom, ! [X] : p(X) => q('The A')).", '(∀x p(x)) → q("The A")'),
        (TPTP, "fof('a b', conjecture, (p & q & r) <=> $true)", "(p ∧ q ∧ r) ↔ ⊤"),
        (Z3, "ForAll(x, Implies(Dog(x), Not(Cat(x))))", "∀x (Dog(x) → ¬Cat(x))"),
        (Z3, "ForAll([x, y], Exists(z, Or(P(x, y), Q(z), False)))", "∀x ∀y ∃z (P(x, y) ∨ Q(z) ∨ ⊥)"),
        (Z3, "ForAll(x, Dog(x) → ¬Cat(x))", "∀x (Dog(x) → ¬Cat(x))"),
        (Z3, "And(Xor(a, b), Iff(c, True))", "(a ⊕ b) ∧ (c ↔ ⊤)"),
        (
            LOGIC_LM,
            "Dog($x, True) && Red($x, False) >>> Likes($x, Rex, True)",
            "∀x (Dog(x) ∧ ¬Red(x) → Likes(x, Rex))",
        ),
        (LOGIC_LM, "Red(Rex, False)", "¬Red(Rex)"),
    ],
)
def test_each_notation(notation: Notation, text: str, meant: str) -> None:
    found, (reading,) = read_together([text])
    assert (found, reading.formula) == (notation, fol.read(meant).formula)
    assert reading.repairs == ()


def test_formulas_without_a_mark_are_read_as_the_others_of_their_problem() -> None:
    assert read_together(["P(a) -> Q(a)", "P(a)"])[0] is Notation.FOLIO
    notation, (_, fact) = read_together(["! [X] : p(X)", "p(a) | q(b)"])
    assert (notation, fact.formula) == (TPTP, fol.read("p(a) ∨ q(b)").formula)
    with pytest.raises(ReadError, match="no quantifier binds X, at character 2 of"):
        read_together(["! [X] : p(X)", "p(X)"])
    assert read_together(["Not(a)", "True"])[1][1].formula is TRUTH


@given(name=st.text())
def test_a_quoted_name_has_no_mark(name: str) -> None:
    formula = Forall(Implies(atom("P", Bound(0)), Not(atom(name, Constant(name)))))
    notation, (reading,) = read_together([fol.write(formula)])
    assert (notation, reading.formula) == (Notation.FOLIO, formula)


@pytest.mark.parametrize(
    ("texts", "place", "message"),
    [
        (["all x. P(x)", "∀x P(x)"], 0, "marks of Prover9's notation and of FOLIO's"),
        (["all x. P(x)", "Not(P(a))"], 0, "marks of Prover9's notation and of z3"),
        (["-P(a) -> Q(a) -> R(a)"], 14, "a chain of implications"),
        (["all x. P(x) -> Q(a)"], 12, "how far the quantifier before reaches"),
        (["-P(walden)"], 3, "takes a name in u to z for a variable"),
        (["all x. P(f(x))"], 10, "functions are not supported"),
        (["all x. x = x"], 9, "equality is not supported"),
        (["-P(a"], 2, "a \\( is not closed"),
        (["-P(a))"], 5, "a \\) closes nothing"),
        (["! [X] : p(X) & q(a) | r(b)"], 20, "unlike connectives"),
        (["! [X] : p(X) => q(a) => r(b)"], 21, "a chain of this connective"),
        (["! [x] : p(x)"], 3, "begins with a capital"),
        (["! [X] : p(Y)"], 10, "no quantifier binds Y"),
        (["fof(a, negated_conjecture, p)."], 0, "not an axiom or a conjecture"),
        (["Implies(a)"], 0, "Implies takes 2 formulas, not 1"),
        (["Not(a, b)"], 0, "Not takes 1 formula, not 2"),
        (["Not(a)", "And"], 0, "And needs its arguments"),
        (["Not(a ^ b)"], 6, "has no place in a formula"),
        (["And(a == b, c)"], 6, "equality is not supported"),
        (["ForAll(x, Exists(x, P(x)))"], 20, "a variable is bound twice"),
        (["Dog($x) >>> Cat($x, True)"], 6, "True or False at the end"),
        (["not Fly(rock)"], 0, "a word of another notation"),
        (["If Rain(oslo) -> Wet(oslo)"], 0, "a word of another notation"),
    ],
)
def test_what_is_not_certain_is_refused_with_its_place(texts: list[str], place: int, message: str) -> None:
    with pytest.raises(ReadError, match=f"{message}.*, at character {place} of"):
        read_together(texts)


# Random formulas, written in each notation by a writer of the test


class Style(NamedTuple):
    """How a notation writes each kind; names and parts are filled in."""

    signs: dict[type[Formula], str]
    minus: str
    every: str
    some: str
    constant: Callable[[str], str] = str
    variable: str = "x{}"
    mark: str = ""  # a formula that has the notation's mark


INFIX: dict[type[Formula], str] = {And: " & ", Or: " | ", Implies: " => ", Iff: " <=> ", Xor: " <~> "}
STYLES = {
    PROVER9: Style({**INFIX, Implies: " -> ", Iff: " <-> "}, "-", "all {}. ", "exists {}. ", mark="-P(A)"),
    TPTP: Style(INFIX, "~ ", "! [{}] : ", "? [{}] : ", "'{}'".format, "X{}", "! [X] : p(X)"),
    Z3: Style({}, "Not", "ForAll({}, ", "Exists({}, ", mark="Not(a)"),
}


def written(formula: Formula, style: Style, depth: int = 0) -> str:
    name = style.variable.format(depth)
    match formula:
        case Atom():
            terms = [
                style.variable.format(depth - 1 - term.index)
                if isinstance(term, Bound)
                else style.constant(term.name)
                for term in formula.terms
            ]
            return f"{formula.predicate}({', '.join(terms)})"
        case Forall() | Exists():
            quantifier = (style.every if isinstance(formula, Forall) else style.some).format(name)
            body = written(formula.body, style, depth + 1)
            return f"{quantifier}{body})" if not style.signs else f"({quantifier}({body}))"
        case Not():
            return f"{style.minus}({written(formula.body, style, depth)})"
        case And() | Or():
            parts = formula.parts
        case Implies() | Iff() | Xor():
            parts = (formula.left, formula.right)
    texts = [written(part, style, depth) for part in parts]
    if not style.signs:
        return f"{type(formula).__name__}({', '.join(texts)})"
    return f"({style.signs[type(formula)].join(texts)})"


@pytest.mark.parametrize("notation", STYLES)
@settings(max_examples=150)
@given(formula=formulas())
def test_what_is_written_in_a_notation_reads_as_the_formula(notation: Notation, formula: Formula) -> None:
    parts = {formula}
    for _ in range(5):
        parts |= {part for one in parts for part in subformulas(one)}
    assume(parts.isdisjoint((TRUTH, FALSITY)))
    assume(notation is not PROVER9 or Xor not in map(type, parts))  # which Prover9 does not have
    found, (_, reading) = read_together([STYLES[notation].mark, written(formula, STYLES[notation])])
    assert found is notation and reading.formula is formula and reading.repairs == ()
