"""Reading and writing FOL notation: worked examples, each repair, hostile text, and FOLIO's own formulas.

What the formulas mean is held by test_entailment.py.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

import pytest
from formulas import formulas
from hypothesis import given, settings
from hypothesis import strategies as st

from sokrates.logic.fol import MAX_LENGTH, Reading, Repair, read, write
from sokrates.logic.formula import (
    FALSITY,
    MAX_NESTING,
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
from sokrates.logic.reading import ReadError

FOLIO = Path(__file__).parents[2].parent / "shared" / "data" / "folio"
A, B, C, D = (atom(name) for name in "ABCD")
X, Y = Bound(0), Bound(1)


# Reading what is well formed


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("Dog(rex)", atom("Dog", Constant("rex"))),
        ("Likes(rex, max)", atom("Likes", Constant("rex"), Constant("max"))),
        ("∀x (Dog(x) → ¬Cat(x))", Forall(Implies(atom("Dog", X), Not(atom("Cat", X))))),
        ("forall x (Dog(x) -> ~Cat(x))", Forall(Implies(atom("Dog", X), Not(atom("Cat", X))))),
        ("∀x ∃y Likes(x, y)", Forall(Exists(atom("Likes", Y, X)))),
        ("∀person Dog(person)", Forall(atom("Dog", X))),
        ("∃x ¬Dog (x)", Exists(Not(atom("Dog", X)))),
        ('"a \\"b\\\\"(x1, "x")', atom('a "b\\', Constant("x1"), Constant("x"))),
        ("⊤ → A ∨ ⊥", Implies(TRUTH, Or(A, FALSITY))),
    ],
)
def test_reads(text: str, formula: Formula) -> None:
    assert read(text) == Reading(formula, ())


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("¬A ∧ B", And(Not(A), B)),
        ("A ∨ B ∧ C", Or(A, And(B, C))),
        ("A ⊕ B ∧ C", Xor(A, And(B, C))),
        ("A ∨ B ⊕ C", Xor(Or(A, B), C)),
        ("A ⊕ B ∨ C", Or(Xor(A, B), C)),
        ("A ⊕ B ⊕ C", Xor(Xor(A, B), C)),
        ("A → B ∨ C", Implies(A, Or(B, C))),
        ("A ⊕ B → C", Implies(Xor(A, B), C)),
        ("A → B → C", Implies(A, Implies(B, C))),
        ("A → B ↔ C → D", Iff(Implies(A, B), Implies(C, D))),
        ("A ∧ B ∧ C", And(A, B, C)),
        ("∀x P(x) → Q(a)", Implies(Forall(atom("P", X)), atom("Q", Constant("a")))),
        ("∀x P(x) ∧ ∀x Q(x)", And(Forall(atom("P", X)), Forall(atom("Q", X)))),
    ],
)
def test_precedence(text: str, formula: Formula) -> None:
    assert read(text).formula is formula
    assert {*read(text).repairs} <= {Repair.NARROW_SCOPE, Repair.XOR_CHAIN}
    assert read(write(formula)) == Reading(formula, ())


@pytest.mark.parametrize(
    ("ascii_text", "glyphs"),
    [
        ("~A", "¬A"),
        ("!A & B", "¬A ∧ B"),
        ("A && B", "A ∧ B"),
        ("A | B", "A ∨ B"),
        ("A || B", "A ∨ B"),
        ("A -> B", "A → B"),
        ("A=>B", "A → B"),
        ("A<->B", "A ↔ B"),
        ("A <=> B", "A ↔ B"),
        ("A xor B", "A ⊕ B"),
        ("exists z P(z)", "∃z P(z)"),
    ],
)
def test_ascii_is_no_repair(ascii_text: str, glyphs: str) -> None:
    assert read(ascii_text) == Reading(read(glyphs).formula, ())


# Repairs


@pytest.mark.parametrize(
    ("text", "meant", "repairs"),
    [
        ("Dog(rex))", "Dog(rex)", {Repair.PARENTHESIS: 1}),
        ("(A ∧ (B ∨ C", "A ∧ (B ∨ C)", {Repair.PARENTHESIS: 2}),
        ("A ∨ B) ∧ C", "(A ∨ B) ∧ C", {Repair.PARENTHESIS: 1}),
        ("∀x (P(x) ∨ Q(x)) ∧ R(x))", "∀x ((P(x) ∨ Q(x)) ∧ R(x))", {Repair.PARENTHESIS: 1}),
        ("∀x P(x) ∧ R(x)) → S(x)", "∀x ((P(x) ∧ R(x)) → S(x))", {Repair.PARENTHESIS: 1, Repair.SCOPE: 1}),
        ("A ^ B", "A ∧ B", {Repair.CARET: 1}),
        ("A, B → C, D", "(A ∧ B) → (C ∧ D)", {Repair.COMMA: 2}),
        ("A ⟷ B", "A ↔ B", {Repair.LONG_ARROW: 1}),
        ("Dog(rex).", "Dog(rex)", {Repair.FULL_STOP: 1}),
        ("Dog(rex)).", "Dog(rex)", {Repair.PARENTHESIS: 1, Repair.FULL_STOP: 1}),
        ("Non-rare(gpt-3)", '"Non-rare"("gpt-3")', {Repair.NAME: 2}),
        ("Grade(a+) ∨ Grade(b-)->A", '(Grade("a+") ∨ Grade("b-")) → A', {Repair.NAME: 2}),
        ("In(c++, mr.smith, y2.5)", 'In("c++", "mr.smith", "y2.5")', {Repair.NAME: 3}),
        ("Barber’sShop(o'neil)", '"Barber’sShop"("o\'neil")', {Repair.NAME: 2}),
        ("From(captain  america, a)", 'From("captain america", a)', {Repair.NAME: 1}),
        ("∀x P(x) → Q(x)", "∀x (P(x) → Q(x))", {Repair.SCOPE: 1}),
        ("∀x ∃y (R(x, y)) → S(x, y)", "∀x ∃y (R(x, y) → S(x, y))", {Repair.SCOPE: 1}),
        ("A ∧ (∀x P(x) → Q(x)) ∧ B", "A ∧ ∀x (P(x) → Q(x)) ∧ B", {Repair.SCOPE: 1}),
        ("P(x) → R(x, y)", "∀y ∀x (P(x) → R(x, y))", {Repair.FREE_VARIABLE: 2}),
        ("∀z (P(z) → R(x, z))", "∀x ∀z (P(z) → R(x, z))", {Repair.FREE_VARIABLE: 1}),
        ("∃x ∃x R(x, y)", "∃y ∃x R(x, y)", {Repair.REBOUND_VARIABLE: 1, Repair.FREE_VARIABLE: 1}),
        ("∀x (P(x) → ∃x Q(x))", "∀x (P(x) → ∃y Q(y))", {Repair.REBOUND_VARIABLE: 1}),
        ("∀x (P(x) → ∃y Q(y) ∧ R(x))", "∀x (P(x) → ((∃y Q(y)) ∧ R(x)))", {Repair.NARROW_SCOPE: 1}),
        ("∀x P(x) → Q(a)", "(∀x P(x)) → Q(a)", {Repair.NARROW_SCOPE: 1}),
        ("Q(a) → ∀x P(x)", "Q(a) → (∀x P(x))", {}),
        ("¬∀x ¬P(x) ∧ Q(a)", "(¬∀x ¬P(x)) ∧ Q(a)", {Repair.NARROW_SCOPE: 1}),
        ("∀x ¬(P(x) ∧ R(x)) → Q(a)", "(∀x ¬(P(x) ∧ R(x))) → Q(a)", {}),
        ("A ⊕ B ⊕ C", "(A ⊕ B) ⊕ C", {Repair.XOR_CHAIN: 1}),
        ("A ∨ B ⊕ C", "(A ∨ B) ⊕ C", {Repair.XOR_CHAIN: 1}),
        ("A ⊕ B ∨ C", "(A ⊕ B) ∨ C", {Repair.XOR_CHAIN: 1}),
        ("A ⊕ B → C", "(A ⊕ B) → C", {}),
    ],
)
def test_repairs(text: str, meant: str, repairs: dict[Repair, int]) -> None:
    assert read(meant).repairs == ()
    assert read(text).formula is read(meant).formula
    assert Counter(read(text).repairs) == repairs


def test_names_that_differ_in_a_sign_stay_different() -> None:
    assert read("Grade(a+)").formula is not read("Grade(a)").formula
    assert read("From(new york)").formula is not read("From(newyork)").formula


# Refusals


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("   ", 3),
        ("A ∧", 3),
        ("∧ A", 0),
        ("P(a) Q(b)", 5),
        ("P()", 2),
        ("P(a,)", 4),
        ("P(∀x)", 2),
        ("P(f(a))", 3),
        ("∀x", 2),
        ("∀ (P(a))", 2),
        ("∀)(", 1),
        ("x", 0),
        ("∀x x", 3),
        ("∀x y P(x, y)", 3),
        ("A = B", 2),
        ("A . B", 2),
        ("A ∧ 'b'", 4),
        ("not Fly(rock)", 0),
        ("sunny and warm", 6),
        ("If Rain(oslo) -> Wet(oslo)", 0),
        ("Not(sunny)", 0),
        ("Implies(rainy, sunny)", 0),
        ("Exists(x, P(x))", 0),
        ("P(a) ∧ True", 7),
        ('P("a', 2),
        ('P("a\\', 2),
    ],
)
def test_refuses_with_the_position(text: str, position: int) -> None:
    with pytest.raises(ReadError) as caught:
        read(text)
    assert (caught.value.text, caught.value.position) == (text, position)


def test_length_and_nesting_are_capped() -> None:
    assert read(" " * (MAX_LENGTH - 1) + "A").formula is A
    with pytest.raises(ReadError):
        read(" " * MAX_LENGTH + "A")
    deepest = "¬" * (MAX_NESTING - 1) + "A"
    assert write(read(deepest).formula) == deepest
    with pytest.raises(ReadError):
        read("¬" + deepest)
    with pytest.raises(ReadError):
        read("A ⊕ " * MAX_NESTING + "A")
    assert len(read("A ∧ B ∧ " * 1000 + "A").formula.fields) == 2001


_PIECES = ("(A ∧ ", "A)", "A → ", "A ⊕ B ∨ ", "∀x ", "∀x P(x) ∧ ", "P(x, ", "x y ", "A.-", "¬(")


@pytest.mark.parametrize("piece", [*"()¬∀∃→^,.\"\\+-a'x ", *_PIECES])
def test_hostile_text_is_read_or_refused_in_time(piece: str) -> None:
    started = time.process_time()
    for end in ("A", ")"):
        _read_or_refuse((piece * MAX_LENGTH)[: MAX_LENGTH - 1] + end)
    assert time.process_time() - started < 2


_TOKENS = st.sampled_from(
    [*"()¬∀∃∧∨⊕→↔⊤⊥^,.\"\\+-'", " ", "x", "y", "P", "P(x)", "a b", "∀x ", "->", "<", "é", "\ud800"]
)


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=40), st.lists(_TOKENS, max_size=25).map("".join)))
def test_any_text_is_read_or_refused(text: str) -> None:
    formula = _read_or_refuse(text)
    if formula is not None:
        assert read(write(formula)) == Reading(formula, ())


def _read_or_refuse(text: str) -> Formula | None:
    try:
        return read(text).formula
    except ReadError as error:
        assert 0 <= error.position <= len(text)
        return None


# Writing


@pytest.mark.parametrize(
    "text",
    [
        "∀x (Dog(x) → ¬Cat(x))",
        "∀x ∃y ∀z ∃w ∀x1 P(x, y, z, w, x1)",
        "(A ∧ B) → (C ∨ D)",
        "¬(A ⊕ (B ⊕ C))",
        "⊤ → ¬⊥",
        '"captain america"("x", "")',
        '∀y P("x", y)',
        '∀z P(z, "x", "y")',
        "∀x ∀y ∀z ∀w ∀x2 P(x1, x2)",
    ],
)
def test_writes(text: str) -> None:
    assert write(read(text).formula) == text


@settings(max_examples=100)
@given(formulas(max_depth=5))
def test_what_is_written_reads_back(formula: Formula) -> None:
    assert read(write(formula)) == Reading(formula, ())


_ODD_NAMES = ("x", "y", "x1", "forall", "xor", "", "a b", "gpt-3", 'say "hi"', "back\\slash", "¬", "7", "é")


@settings(max_examples=100)
@given(formulas(constants=tuple(map(Constant, _ODD_NAMES)), predicates={0: _ODD_NAMES, 1: _ODD_NAMES}))
def test_odd_names_read_back(formula: Formula) -> None:
    assert read(write(formula)) == Reading(formula, ())


def test_the_deepest_formulas_read_back() -> None:
    for connective in (Xor, Implies, Iff, And, Or):
        formula: Formula = A
        for level in range(MAX_NESTING - 1):
            formula = Not(formula) if level % 2 and connective in (And, Or) else connective(B, formula)
        assert read(write(formula)) == Reading(formula, ())
    quantified: Formula = atom("P", X)
    for level in range(MAX_NESTING - 1):
        quantified = (Forall if level % 2 else Exists)(quantified)
    assert read(write(quantified)) == Reading(quantified, ())


# FOLIO

_UNREAD = {"", "∃x (Country(x) Nearby(medeempire, x) ∧ PlotsToSwallowUp(medeempire, x))"}  # missing: all; a ∧


def _folio_texts() -> list[str]:
    if not FOLIO.is_dir():
        pytest.skip("../shared/data/folio is not here")
    texts: list[str] = []
    for path in sorted(FOLIO.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            texts += [*row["premises-FOL"], *([row["conclusion-FOL"]] if "conclusion-FOL" in row else [])]
    return texts


def test_folio_is_read() -> None:
    texts = _folio_texts()
    refused = [text for text in texts if _read_or_refuse(text) is None]
    assert set(refused) == _UNREAD
    assert len(refused) <= 0.005 * len(texts)


def test_folio_repairs_are_counted() -> None:
    readings = [read(text) for text in sorted(set(_folio_texts()) - _UNREAD)]
    texts_repaired = Counter(repair for reading in readings for repair in set(reading.repairs))
    assert texts_repaired == {
        Repair.NAME: 42,
        Repair.SCOPE: 15,
        Repair.PARENTHESIS: 10,
        Repair.REBOUND_VARIABLE: 2,
        Repair.FREE_VARIABLE: 2,
        Repair.CARET: 1,
        Repair.FULL_STOP: 1,
    }
    assert all(read(write(reading.formula)) == Reading(reading.formula, ()) for reading in readings)
    assert all(_is_closed(reading.formula, 0) for reading in readings)


def _is_closed(formula: Formula, depth: int) -> bool:
    if isinstance(formula, Atom):
        return all(not isinstance(term, Bound) or term.index < depth for term in formula.terms)
    inner = depth + isinstance(formula, Forall | Exists)
    return all(_is_closed(part, inner) for part in subformulas(formula))
