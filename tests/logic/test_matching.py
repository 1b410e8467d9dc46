"""Matching and the numbering of parts, by hand. Formulas stand in FOL notation."""

from __future__ import annotations

import pytest
from formulas import formulas
from hypothesis import given

from sokrates.logic import fol
from sokrates.logic.formula import Bound, Constant, Forall, Formula, Implies, substitute
from sokrates.logic.matching import (
    add_foralls,
    is_literal,
    is_open,
    literal_key,
    match,
    matching_values,
    numbered_parts,
    strip_foralls,
)


def formula(text: str) -> Formula:
    return fol.read(text).formula


def antecedent(rule: str) -> tuple[Formula, int]:
    """What a rule's ∀ leaves to be matched, and the number of its variables."""
    variables, body = strip_foralls(formula(rule))
    assert type(body) is Implies
    return body.left, variables


@pytest.mark.parametrize(
    ("rule", "fact", "constants"),
    [  # the constants by variable, the innermost quantifier's first
        ("∀x (P(x) → Q(x))", "P(a)", ["a"]),
        ("∀x (P(x) → Q(x))", "Q(a)", None),
        ("∀x (P(x) → Q(x))", "¬P(a)", None),
        ("∀x (¬P(x) → Q(x))", "¬P(a)", ["a"]),
        ("∀x ∀y (R(x, y) → Q(x))", "R(a, b)", ["b", "a"]),
        ("∀x (R(x, x) → Q(x))", "R(a, a)", ["a"]),
        ("∀x (R(x, x) → Q(x))", "R(a, b)", None),
        ("∀x (R(x, a) → Q(x))", "R(b, a)", ["b"]),
        ("∀x (R(x, a) → Q(x))", "R(b, b)", None),
        ("∀x (R(x, a) → Q(x))", "R(b)", None),
        ("∀x (P(x) ∧ Q(x) → S(x))", "P(a) ∧ Q(a)", ["a"]),
        ("∀x (P(x) ∧ Q(x) → S(x))", "P(a) ∧ Q(b)", None),
        ("∀x (P(x) ∧ Q(x) → S(x))", "Q(a) ∧ P(a)", None),
        ("∀x (P(x) ∧ Q(x) → S(x))", "P(a) ∧ Q(a) ∧ Q(a)", None),
        ("∀x (∃y R(x, y) → Q(x))", "∃y R(a, y)", ["a"]),  # the variable is one quantifier further out here
        ("∀x (∃y R(x, y) → Q(x))", "∃y R(y, a)", None),
        ("∀x (∃y R(x, y) → Q(x))", "∃y R(y, y)", None),  # only a constant is a value
        ("∀x (∃y R(x, y) → Q(x))", "∀y R(a, y)", None),
        ("∀x ∀y (P(y) → R(x, y))", "P(a)", ["a", None]),  # x is free in what it would derive
        ("P(a) → Q(a)", "P(a)", []),
        ("P(a) → Q(a)", "P(b)", None),
    ],
)
def test_values(rule: str, fact: str, constants: list[str | None] | None) -> None:
    pattern, variables = antecedent(rule)
    values = None if constants is None else {Bound(i): Constant(c) for i, c in enumerate(constants) if c}
    assert matching_values(pattern, formula(fact), variables) == values
    if values is not None:
        assert substitute(pattern, values) is formula(fact)


def test_a_value_that_is_there_must_fit() -> None:
    pattern, variables = antecedent("∀x (P(x) → Q(x))")
    assert match(pattern, formula("P(a)"), variables, {Bound(0): Constant("a")})
    assert not match(pattern, formula("P(a)"), variables, {Bound(0): Constant("b")})


def test_a_formula_is_open_where_one_of_its_variables_has_no_value() -> None:
    pattern, _ = antecedent("∀x ∀y ((R(x, y) ∨ ∃z R(z, x)) → P(x))")
    a, b = Constant("a"), Constant("b")
    assert is_open(pattern, {}) and is_open(pattern, {Bound(0): a}) and is_open(pattern, {Bound(1): a})
    assert not is_open(pattern, {Bound(0): a, Bound(1): b})


def test_parts_are_numbered_breadth_first_with_the_quantifiers_around_them() -> None:
    parts = list(numbered_parts(formula("∀x (P(x) → ∃y ¬R(x, y))")))
    assert [type(part).__name__ for part, _ in parts] == ["Forall", "Implies", "Atom", "Exists", "Not", "Atom"]
    assert [variables for _, variables in parts] == [0, 1, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("text", "key"),
    [("P(a)", (False, "P", 1)), ("¬R(a, b)", (True, "R", 2)), ("¬¬P(a)", None), ("P(a) ∧ P(b)", None)],
)
def test_literals(text: str, key: tuple[bool, str, int] | None) -> None:
    literal = formula(text)
    assert is_literal(literal) is (key is not None)
    if key:
        assert literal_key(literal) == key


@given(formulas())
def test_stripping_and_adding_foralls_are_inverse(one: Formula) -> None:
    variables, body = strip_foralls(one)
    assert type(body) is not Forall
    assert add_foralls(variables, body) is one


@given(formulas())
def test_a_closed_formula_matches_itself_alone(one: Formula) -> None:
    assert matching_values(one, one, 0) == {}
    assert matching_values(one, Implies(one, one), 0) is None
