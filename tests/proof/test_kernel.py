"""The kernel: each rule's uses and refusals by hand, and soundness: what it derives follows from what it cites.

Formulas stand in FOL notation; a line that is None is a hole.
"""

from __future__ import annotations

import os
from collections import Counter
from itertools import islice, product
from random import Random

import pytest
from formulas import formulas
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sokrates.logic import fol
from sokrates.logic.answer import Answer, Decision
from sokrates.logic.entailment import Entailment
from sokrates.logic.formula import (
    And,
    Bound,
    Exists,
    Forall,
    Formula,
    Implies,
    Not,
    Or,
    Term,
    Xor,
    constants,
    negation,
    substitute,
)
from sokrates.proof.kernel import GOAL, MAX_PARTS, RULES, State, cited, conclude, derive
from sokrates.proof.option import Option, Reason


def formula(text: str) -> Formula:
    return fol.read(text).formula


def state(*lines: str | None, goal: str = "Goal(a)") -> State:
    return State(tuple(line and formula(line) for line in lines), formula(goal))


def option(text: str) -> Option:
    """`MODUS_PONENS 1 0` as an option; what is no number is a name."""
    name, *args = text.split()
    return Option(name, tuple(int(arg) if arg.lstrip("-").isdecimal() else arg for arg in args))


DERIVES = [
    # the lines, the option, what it derives
    (["P(a)", "P(a) → Q(a)"], "MODUS_PONENS 0 1", "Q(a)"),
    (["P(a)", "∀x (P(x) → Q(x))"], "MODUS_PONENS 0 1", "Q(a)"),
    (["¬P(a)", "∀x (¬P(x) → ¬Q(x))"], "MODUS_PONENS 0 1", "¬Q(a)"),
    (["R(a, b)", "∀x ∀y (R(x, y) → R(y, x))"], "MODUS_PONENS 0 1", "R(b, a)"),
    (["R(a, a)", "∀x (R(x, x) → P(x))"], "MODUS_PONENS 0 1", "P(a)"),
    (["P(a) ∧ Q(a)", "∀x ((P(x) ∧ Q(x)) → R(x, b))"], "MODUS_PONENS 0 1", "R(a, b)"),
    (["∃y R(a, y)", "∀x (∃y R(x, y) → ∀y R(y, x))"], "MODUS_PONENS 0 1", "∀y R(y, a)"),
    (["∀x P(x)", "(∀y P(y)) → Q(a)"], "MODUS_PONENS 0 1", "Q(a)"),
    (["P(a)", "∀x ∀y (P(x) → Q(x))"], "MODUS_PONENS 0 1", "Q(a)"),  # y is not used
    (["P(a)", "∀x (P(x) → (Q(x) → R(x, x)))"], "MODUS_PONENS 0 1", "Q(a) → R(a, a)"),
    (["P(a)", "∀x (P(x) → ∃y R(x, y))"], "MODUS_PONENS 0 1", "∃y R(a, y)"),
    (["P(a) → Q(a)", "(P(a) → Q(a)) → S"], "MODUS_PONENS 0 1", "S"),
    (["¬Q(a)", "P(a) → Q(a)"], "MODUS_TOLLENS 0 1", "¬P(a)"),
    (["¬Q(a)", "∀x (P(x) → Q(x))"], "MODUS_TOLLENS 0 1", "¬P(a)"),
    (["Q(a)", "∀x (P(x) → ¬Q(x))"], "MODUS_TOLLENS 0 1", "¬P(a)"),
    (["¬¬Q(a)", "∀x (P(x) → ¬Q(x))"], "MODUS_TOLLENS 0 1", "¬P(a)"),
    (["¬Q(a)", "∀x (¬P(x) → Q(x))"], "MODUS_TOLLENS 0 1", "¬¬P(a)"),
    (["P(a) → Q(a)", "Q(a) → S"], "HYPOTHETICAL_SYLLOGISM 0 1", "P(a) → S"),
    (["∀x (P(x) → Q(x))", "∀y (Q(y) → S(y))"], "HYPOTHETICAL_SYLLOGISM 0 1", "∀x (P(x) → S(x))"),
    (["P(a) → Q(a)", "∀y (Q(y) → S(y))"], "HYPOTHETICAL_SYLLOGISM 0 1", "P(a) → S(a)"),
    (["∀x (P(x) → Q(b))", "∀y (Q(y) → S(y))"], "HYPOTHETICAL_SYLLOGISM 0 1", "∀x (P(x) → S(b))"),
    (
        ["∀x ∀y (R(x, y) → Q(y, x))", "∀x ∀y (Q(x, y) → S(x, y))"],
        "HYPOTHETICAL_SYLLOGISM 0 1",
        "∀x ∀y (R(x, y) → S(y, x))",
    ),
    (["∀x (P(x) → Q(x))", "∀x (Q(x) → ∃y R(x, y))"], "HYPOTHETICAL_SYLLOGISM 0 1", "∀x (P(x) → ∃y R(x, y))"),
    (
        ['∀x (P(x, "arbitrary 0") → Q(x))', "∀x (Q(x) → S(x))"],  # a name that the kernel uses within
        "HYPOTHETICAL_SYLLOGISM 0 1",
        '∀x (P(x, "arbitrary 0") → S(x))',
    ),
    (["P(a) ∨ Q(a)", "¬P(a)"], "DISJUNCTIVE_SYLLOGISM 0 1", "Q(a)"),
    (["¬P(a) ∨ Q(a)", "P(a)"], "DISJUNCTIVE_SYLLOGISM 0 1", "Q(a)"),
    (["P(a) ∨ Q(a) ∨ S", "¬Q(a)"], "DISJUNCTIVE_SYLLOGISM 0 1", "P(a) ∨ S"),
    (["P(a) ∨ P(a)", "¬P(a)"], "DISJUNCTIVE_SYLLOGISM 0 1", "⊥"),
    (["P(a) ⊕ Q(a)", "¬P(a)"], "DISJUNCTIVE_SYLLOGISM 0 1", "Q(a)"),
    (["P(a) ⊕ Q(a)", "P(a)"], "DISJUNCTIVE_SYLLOGISM 0 1", "¬Q(a)"),
    (["P(a) ⊕ Q(a)", "¬Q(a)"], "DISJUNCTIVE_SYLLOGISM 0 1", "P(a)"),
    (["P(a) ⊕ Q(a)", "Q(a)"], "DISJUNCTIVE_SYLLOGISM 0 1", "¬P(a)"),
    (["P(a) ⊕ ¬Q(a)", "¬Q(a)"], "DISJUNCTIVE_SYLLOGISM 0 1", "¬P(a)"),
    (["∀x P(x)"], "UNIV_INSTANTIATION 0 a", "P(a)"),
    (["∀x P(x)"], "UNIV_INSTANTIATION 0 goal", "P(goal)"),
    (["∀x ∀y R(x, y)"], "UNIV_INSTANTIATION 0 a", "∀y R(a, y)"),
    (["∀x ∃y (R(x, y) ∧ P(x))"], "UNIV_INSTANTIATION 0 b", "∃y (R(b, y) ∧ P(b))"),
    (["P(a)", "Q(a)"], "AND_INTRO 0 1", "P(a) ∧ Q(a)"),
    (["P(a)", "Q(a)", "S"], "AND_INTRO 2 0 1", "S ∧ P(a) ∧ Q(a)"),
    (["P(a) ∧ Q(a)", "S"], "AND_INTRO 0 1", "P(a) ∧ Q(a) ∧ S"),
    (["P(a)"], "AND_INTRO 0 0", "P(a) ∧ P(a)"),
    (["P(a) ∧ Q(a) ∧ S"], "AND_ELIM 0 0", "P(a)"),
    (["P(a) ∧ Q(a) ∧ S"], "AND_ELIM 0 2", "S"),
    (["P(a)", "P(a) ∨ Q(a)"], "OR_INTRO 0 1", "P(a) ∨ Q(a)"),
    (["Q(a)", "(P(a) ∨ Q(a)) → S"], "OR_INTRO 0 1", "P(a) ∨ Q(a)"),
    (["Q(a)", "∀x ((P(x) ∨ Q(x)) → S)"], "OR_INTRO 0 1", "P(a) ∨ Q(a)"),
    (["Q(a)", "¬∃x (S ∧ ¬(P(x) ∨ Q(x)))"], "OR_INTRO 0 1", "P(a) ∨ Q(a)"),
    (["Goal(a)"], "OR_INTRO 0 goal", "Goal(a) ∨ Q(a)"),
    (["¬¬P(a)"], "DOUBLE_NEGATION 0", "P(a)"),
    (["¬¬¬∀x P(x)"], "DOUBLE_NEGATION 0", "¬∀x P(x)"),
]


@pytest.mark.parametrize(("lines", "text", "derived"), DERIVES)
def test_a_rule_derives(lines: list[str], text: str, derived: str) -> None:
    assert derive(state(*lines, goal="Goal(a) ∨ Q(a)"), option(text)) is formula(derived)


def test_every_rule_has_a_use_here() -> None:
    assert {text.split()[0] for _, text, _ in DERIVES} == set(RULES)


REFUSES = [
    (["P(a)", "P(a) → Q(a)"], "MODUS_PONENS 1 0"),  # swapped
    (["Q(a)", "P(a) → Q(a)"], "MODUS_PONENS 0 1"),  # the consequent affirmed
    (["P(b)", "P(a) → Q(a)"], "MODUS_PONENS 0 1"),
    (["¬P(a)", "∀x (P(x) → Q(x))"], "MODUS_PONENS 0 1"),
    (["P(a)", "∀x (¬P(x) → Q(x))"], "MODUS_PONENS 0 1"),
    (["P(a)", "P(a) ↔ Q(a)"], "MODUS_PONENS 0 1"),
    (["P(a)", "∃x (P(x) → Q(x))"], "MODUS_PONENS 0 1"),
    (["P(a)", "∀x ∃y (P(x) → Q(y))"], "MODUS_PONENS 0 1"),
    (["P(a)", "¬(P(a) → Q(a))"], "MODUS_PONENS 0 1"),
    (["P(a, a)", "∀x (P(x) → Q(x))"], "MODUS_PONENS 0 1"),  # another arity
    (["R(a, b)", "∀x (R(x, x) → P(x))"], "MODUS_PONENS 0 1"),  # one variable, two values
    (["P(a)", "∀x ∀y (P(x) → R(x, y))"], "MODUS_PONENS 0 1"),  # y stays free
    (["S", "∀x (S → P(x))"], "MODUS_PONENS 0 1"),
    (["∃y P(y)", "∀x (P(x) → Q(x))"], "MODUS_PONENS 0 1"),  # a bound variable is no value
    (["∀y R(y, y)", "∀x (∀y R(x, y) → P(x))"], "MODUS_PONENS 0 1"),
    (["∀x P(x)", "∀x (P(x) → Q(x))"], "MODUS_PONENS 0 1"),
    (["¬P(a)", "P(a) → Q(a)"], "MODUS_TOLLENS 0 1"),  # the antecedent denied
    (["Q(a)", "P(a) → Q(a)"], "MODUS_TOLLENS 0 1"),
    (["¬Q(b)", "P(a) → Q(a)"], "MODUS_TOLLENS 0 1"),
    (["¬Q(a)", "∀x (P(x) → ¬Q(x))"], "MODUS_TOLLENS 0 1"),
    (["¬S", "∀x (P(x) → S)"], "MODUS_TOLLENS 0 1"),  # x stays free
    (["P(a) → Q(a)", "S → Q(a)"], "HYPOTHETICAL_SYLLOGISM 0 1"),
    (["Q(a) → S", "P(a) → Q(a)"], "HYPOTHETICAL_SYLLOGISM 0 1"),
    (["∀x (P(x) → Q(x))", "Q(a) → S"], "HYPOTHETICAL_SYLLOGISM 0 1"),  # a is not arbitrary
    (["∀x (P(x) → Q(x))", "∀x (Q(x) ∧ S)"], "HYPOTHETICAL_SYLLOGISM 0 1"),
    (["P(a)", "∀x (P(x) → Q(x))"], "HYPOTHETICAL_SYLLOGISM 0 1"),
    (["∃x (P(x) → Q(x))", "∀x (Q(x) → S)"], "HYPOTHETICAL_SYLLOGISM 0 1"),
    (["∀x (P(x) → Q(x))", "∀x ∀y (Q(x) → R(x, y))"], "HYPOTHETICAL_SYLLOGISM 0 1"),  # y stays free
    (["P(a) ∨ Q(a)", "P(a)"], "DISJUNCTIVE_SYLLOGISM 0 1"),
    (["P(a) ∨ Q(a)", "¬S"], "DISJUNCTIVE_SYLLOGISM 0 1"),
    (["P(a) ⊕ Q(a)", "S"], "DISJUNCTIVE_SYLLOGISM 0 1"),
    (["∀x (P(x) ∨ Q(x))", "¬P(a)"], "DISJUNCTIVE_SYLLOGISM 0 1"),
    (["P(a) ∧ Q(a)", "¬P(a)"], "DISJUNCTIVE_SYLLOGISM 0 1"),
    (["⊥", "¬P(a)"], "DISJUNCTIVE_SYLLOGISM 0 1"),
    (["∃x P(x)"], "UNIV_INSTANTIATION 0 a"),
    (["P(a)"], "UNIV_INSTANTIATION 0 a"),
    (["¬∀x P(x)"], "UNIV_INSTANTIATION 0 a"),
    (["P(a) ∧ Q(a)"], "AND_ELIM 0 2"),
    (["P(a) ∧ Q(a)"], "AND_ELIM 0 -1"),
    (["P(a) ∨ Q(a)"], "AND_ELIM 0 0"),
    (["¬(P(a) ∧ Q(a))"], "AND_ELIM 0 0"),
    (["⊤"], "AND_ELIM 0 0"),
    (["P(a)", "Q(a) ∨ S"], "OR_INTRO 0 1"),
    (["P(a)", "P(a) ∧ Q(a)"], "OR_INTRO 0 1"),
    (["P(a)", "P(a) ⊕ Q(a)"], "OR_INTRO 0 1"),
    (["P(a)", "∀x ∀y (P(x) ∨ R(x, y))"], "OR_INTRO 0 1"),  # y stays free
    (["P(a)"], "OR_INTRO 0 goal"),
    (["¬P(a)"], "DOUBLE_NEGATION 0"),
    (["P(a)"], "DOUBLE_NEGATION 0"),
    (["∀x ¬¬P(x)"], "DOUBLE_NEGATION 0"),
]


@pytest.mark.parametrize(("lines", "text"), REFUSES)
def test_a_rule_does_not_apply(lines: list[str], text: str) -> None:
    assert derive(state(*lines), option(text)) is Reason.DOES_NOT_APPLY


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ((), Reason.WRONG_ARGUMENTS),
        ((0,), Reason.WRONG_ARGUMENTS),
        ((0, 1, 1), Reason.WRONG_ARGUMENTS),
        ((True, 1), Reason.WRONG_ARGUMENTS),
        ((False, True), Reason.WRONG_ARGUMENTS),
        ((0.0, 1), Reason.WRONG_ARGUMENTS),
        ((None, 1), Reason.WRONG_ARGUMENTS),
        (("0", "1"), Reason.WRONG_ARGUMENTS),
        ((0, GOAL), Reason.WRONG_ARGUMENTS),
        ((0, "a"), Reason.WRONG_ARGUMENTS),
        ((-1, 1), Reason.OUT_OF_RANGE),
        ((0, -2), Reason.OUT_OF_RANGE),
        ((0, 3), Reason.OUT_OF_RANGE),
        ((10**40, 1), Reason.OUT_OF_RANGE),
        ((0, 2), Reason.HOLE),
        ((2, 1), Reason.HOLE),
        ((0, 1), None),
    ],
)
def test_arguments_of_a_rule_over_two_lines(args: tuple[object, ...], reason: Reason | None) -> None:
    result = derive(state("P(a)", "P(a) → Q(a)", None), Option("MODUS_PONENS", args))  # type: ignore[arg-type]
    assert result is (reason or formula("Q(a)"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("UNIV_INSTANTIATION 0 1", Reason.WRONG_ARGUMENTS),  # an index is no constant
        ("UNIV_INSTANTIATION a 0", Reason.WRONG_ARGUMENTS),
        ("UNIV_INSTANTIATION 0", Reason.WRONG_ARGUMENTS),
        ("UNIV_INSTANTIATION 5 a", Reason.OUT_OF_RANGE),
        ("AND_INTRO", Reason.WRONG_ARGUMENTS),
        ("AND_INTRO 0", Reason.WRONG_ARGUMENTS),
        ("AND_INTRO 0 1 2 1", Reason.HOLE),
        ("AND_INTRO 0 1 7", Reason.OUT_OF_RANGE),
        ("AND_INTRO 0 1 goal", Reason.WRONG_ARGUMENTS),
        ("AND_ELIM 0 a", Reason.WRONG_ARGUMENTS),
        ("AND_ELIM 0", Reason.WRONG_ARGUMENTS),
        ("AND_ELIM 2 0", Reason.HOLE),
        ("OR_INTRO goal 0", Reason.WRONG_ARGUMENTS),  # the goal is no line
        ("OR_INTRO 0 a", Reason.WRONG_ARGUMENTS),
        ("OR_INTRO 0 9", Reason.OUT_OF_RANGE),
        ("OR_INTRO 0 2", Reason.HOLE),
        ("DOUBLE_NEGATION goal", Reason.WRONG_ARGUMENTS),
        ("DOUBLE_NEGATION 0 0", Reason.WRONG_ARGUMENTS),
        ("RULE 0", Reason.UNKNOWN_OPTION),
        ("modus_ponens 0 1", Reason.UNKNOWN_OPTION),
        ("CONCLUDE 0", Reason.UNKNOWN_OPTION),  # `conclude` takes it
    ],
)
def test_arguments_of_the_other_rules(text: str, reason: Reason) -> None:
    assert derive(state("∀x P(x)", "P(a) ∧ Q(a)", None), option(text)) is reason


def test_a_goal_is_never_a_premise() -> None:
    here = state("Goal(a) → Q(a)", goal="Goal(a)")
    for name, args in product(RULES, [(GOAL,), (GOAL, 0), (0, GOAL), (GOAL, GOAL), (GOAL, 0, 0)]):
        assert isinstance(derive(here, Option(name, args)), Reason)


def test_conjunctions_stay_small_however_often_they_are_joined() -> None:
    here = state("P(a)", "⊤")
    for index in [0, *range(2, 20)]:
        here = here.then(derive(here, Option("AND_INTRO", (index, index))))
    widths = [len(line.fields) if type(line) is And else line and 1 for line in here.lines[2:]]
    assert widths[:9] == [2**exponent for exponent in range(1, 10)] and set(widths[9:]) == {None}
    assert derive(here, Option("AND_INTRO", (1,) * (MAX_PARTS + 1))) is Reason.DOES_NOT_APPLY


def test_a_state_keeps_the_index_of_a_rejected_step() -> None:
    here = state("P(a)").then(Reason.DOES_NOT_APPLY).then(formula("Q(a)"))
    assert here.lines == (formula("P(a)"), None, formula("Q(a)"))


def test_cited_are_the_lines_and_neither_constants_nor_numbers_nor_the_goal() -> None:
    texts = ["MODUS_PONENS 3 1", "UNIV_INSTANTIATION 2 a", "AND_ELIM 4 0", "OR_INTRO 5 goal", "AND_INTRO 1 2 3 4"]
    assert [cited(option(text)) for text in texts] == [[3, 1], [2], [4], [5], [1, 2, 3, 4]]


# CONCLUDE


def _unasked() -> Decision:
    raise AssertionError("the solver is asked for UNKNOWN alone")


@pytest.mark.parametrize(
    ("lines", "goal", "arg", "result"),
    [
        (["P(a)"], "P(a)", 0, Answer.TRUE),
        (["P(a)"], "P(a)", 1, Reason.NOT_DERIVED),
        (["¬P(a)"], "P(a)", 1, Answer.FALSE),
        (["¬P(a)"], "P(a)", 0, Reason.NOT_DERIVED),
        (["P(a)"], "¬P(a)", 1, Answer.FALSE),  # the complement refutes
        (["¬¬P(a)"], "¬P(a)", 1, Answer.FALSE),
        (["¬P(a)"], "¬P(a)", 0, Answer.TRUE),
        (["¬¬P(a)"], "P(a)", 0, Reason.NOT_DERIVED),  # DOUBLE_NEGATION is a step
        (["P(b)", "∀x P(x)", "P(a) ∧ Q(a)", None], "P(a)", 0, Reason.NOT_DERIVED),  # follows, is not derived
        ([None], "P(a)", 0, Reason.NOT_DERIVED),
        ([], "P(a)", 1, Reason.NOT_DERIVED),
        (["P(a)", "¬P(a)"], "P(a)", 0, Answer.TRUE),
        (["P(a)", "¬P(a)"], "P(a)", 1, Answer.FALSE),
    ],
)
def test_true_and_false_need_the_formula_among_the_lines(
    lines: list[str | None], goal: str, arg: int, result: Answer | Reason
) -> None:
    assert conclude(state(*lines, goal=goal), Option("CONCLUDE", (arg,)), _unasked) is result


@pytest.mark.parametrize(
    ("decision", "result"),
    [
        (Decision.UNKNOWN, Answer.UNKNOWN),
        (Decision.UNDECIDED, Reason.UNDECIDED),
        (Decision.TRUE, Reason.NOT_DERIVED),
        (Decision.FALSE, Reason.NOT_DERIVED),
        (Decision.INCONSISTENT, Reason.NOT_DERIVED),
    ],
)
def test_unknown_is_the_solvers_to_decide(decision: Decision, result: Answer | Reason) -> None:
    assert conclude(state("P(b)", goal="P(a)"), Option("CONCLUDE", (2,)), lambda: decision) is result


@pytest.mark.parametrize("args", [(), (3,), (-1,), (0, 0), ("TRUE",), ("0",), (GOAL,), (True,), (0.0,), (10**40,)])
def test_conclude_takes_one_of_three_numbers(args: tuple[object, ...]) -> None:
    here = state("P(a)", goal="P(a)")
    assert conclude(here, Option("CONCLUDE", args), _unasked) is Reason.WRONG_ARGUMENTS  # type: ignore[arg-type]


# Soundness

LONG = os.environ.get("SOKRATES_LONG_TESTS")


def _general(made: Formula, random: Random) -> Formula:
    """The formula, or a quantified one of which it is an instance."""
    for constant in dict.fromkeys(constants(made)):
        if random.random() < 0.6:
            values: dict[Term, Term] = {constant: Bound(0)}
            quantifier = Forall if random.random() < 0.8 else Exists
            made = quantifier(substitute(made, values))
    return made


def _lines(parts: list[Formula], random: Random) -> list[Formula]:
    """The parts and formulas over them that the rules ask for, in any order."""
    p, q, r = (random.choice(parts) for _ in range(3))
    made = [*parts, Not(p), negation(q), Implies(p, q), Implies(q, r), Implies(p, Not(r)), Implies(r, Or(p, q))]
    made += [Or(p, q, r), Or(Not(p), r), Xor(p, q), Xor(Not(q), r), And(p, q, r), Not(Not(r))]
    return random.sample([_general(one, random) if random.random() < 0.5 else one for one in made], len(made))


def _options(here: State, name: str) -> list[Option]:
    """Every option of a rule over a state, but that AND_INTRO joins two lines."""
    indices = list(range(len(here.lines)))
    choices = {"i": indices, "g": [*indices, GOAL], "c": ["Stella", "Max", "nobody"], "n": [0, 1, 2]}
    kinds = RULES[name][1].removesuffix("*")
    return [Option(name, args) for args in product(*(choices[kind] for kind in kinds))]


def _some_options(here: State, random: Random) -> list[Option]:
    """Of each rule a few options, mostly ones that derive something."""
    chosen: list[Option] = []
    for name in RULES:
        options = random.sample(every := _options(here, name), len(every))
        deriving = (one for one in options if isinstance(derive(here, one), Formula))
        chosen += [*islice(deriving, 4), options[0]]
    return chosen


def _apply_many(count: int) -> Counter[str]:
    """Applies random options to random states; every derived formula must follow from the lines cited."""
    tally: Counter[str] = Counter()

    @settings(max_examples=count // 60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(formulas(max_depth=1) | formulas(max_depth=2), min_size=2, max_size=4), st.integers(0, 2**32))
    def apply(parts: list[Formula], seed: int) -> None:
        random = Random(seed)
        here = State(tuple(_lines(parts, random)), Or(*parts))
        for _ in range(2):
            reached = [check(here, chosen) for chosen in _some_options(here, random)]
            here = State((*here.lines, *random.sample([one for one in reached if one], 3)), here.goal)

    def check(here: State, chosen: Option) -> Formula | None:
        derived = derive(here, chosen)
        tally["applied"] += 1
        if isinstance(derived, Reason):
            return None
        lines = cited(chosen)[:1] if chosen.name == "OR_INTRO" else cited(chosen)  # `within` is only looked into
        premises = [here.lines[index] for index in lines]
        follows = Entailment(premises).entails(derived)  # type: ignore[arg-type]
        assert follows is not False, (chosen, premises, derived)
        tally["derived" if follows else "undecided"] += 1
        tally[chosen.name] += 1
        return derived

    apply()
    return tally


def _is_telling(tally: Counter[str], count: int) -> bool:
    """Enough was derived, by every rule, and nearly all of it decided."""
    return (
        tally["applied"] >= count
        and tally["derived"] > 0.4 * count
        and tally["undecided"] < 0.02 * count
        and all(tally[name] > 0.005 * count for name in RULES)
    )


def test_what_is_derived_follows_from_what_is_cited() -> None:
    tally = _apply_many(5_000)
    assert _is_telling(tally, 5_000), tally


@pytest.mark.slow
@pytest.mark.skipif(not LONG, reason="100,000 applications take minutes: set SOKRATES_LONG_TESTS=1")
def test_what_is_derived_follows_from_what_is_cited_at_length() -> None:
    tally = _apply_many(100_000)
    print(dict(tally))
    assert _is_telling(tally, 100_000), tally
