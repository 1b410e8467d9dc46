"""Nobody goes round the kernel: each way that Python offers, short of writing to private attributes, is tried.

A way round is any sequence of calls after which a formula that the kernel did not derive stands among a state's
lines, or CONCLUDE gives an answer that does not follow. In each test the goal does not follow from the premises.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sokrates.logic.answer import Answer, Decision
from sokrates.logic.formula import And, Atom, Bound, Constant, Formula, Implies, Not, Or, atom
from sokrates.proof import kernel
from sokrates.proof.kernel import RULES, State, derive
from sokrates.proof.option import Option, Reason
from sokrates.proof.text import Step
from sokrates.proof.verify import Verifier

A = Constant("a")
P, Q, GOAL = atom("p", A), atom("q", A), atom("goal", A)


def new_state() -> State:
    return State([P, Implies(Q, GOAL)], GOAL)


def answers(state: State) -> set[Answer | Reason]:
    """What CONCLUDE says of TRUE and FALSE."""
    unasked: Callable[[], Decision] = lambda: Decision.UNDECIDED  # noqa: E731
    return {state.copy().conclude(Option("CONCLUDE", (number,)), unasked) for number in (0, 1)}


def assert_goal_is_not_derived(state: State) -> None:
    assert answers(state) == {Reason.NOT_DERIVED}
    assert GOAL not in list(state.lines) and Not(GOAL) not in list(state.lines)


class Anything:
    """Equal to everything, with the hash of whatever it stands for."""

    def __init__(self, stands_for: object) -> None:
        self.stands_for = stands_for
        self.names: frozenset[Constant] = frozenset()
        self.size = self.depth = 1
        self.fields = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash(self.stands_for)


class Chameleon(str):
    """A string that equals one text when it is asked first, and another one later."""

    asked: int

    def __new__(cls, first: str, later: str) -> Chameleon:
        made = super().__new__(cls, later)
        made.first, made.asked = first, 0  # type: ignore[attr-defined]
        return made

    def __eq__(self, other: object) -> bool:
        self.asked += 1
        return other == self.first if self.asked == 1 else str.__eq__(self, str(other))  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash(self.first)  # type: ignore[attr-defined]


class Shifting(tuple[Any, ...]):
    """Arguments that say one thing the first time that they are read, and another one after that."""

    def __new__(cls, first: tuple[Any, ...], later: tuple[Any, ...]) -> Shifting:
        made = super().__new__(cls, later)
        made.first = first  # type: ignore[attr-defined]
        return made

    def __iter__(self) -> Iterator[Any]:
        first, self.first = self.first, tuple(super().__iter__())  # type: ignore[attr-defined, has-type]
        return iter(first)


class Number(int):
    """An integer that equals every other one."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return int.__hash__(self)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda state: state.lines.append(GOAL),
        lambda state: state.lines.insert(0, GOAL),
        lambda state: state.lines.extend([GOAL]),
        lambda state: state.lines.__setitem__(0, GOAL),
        lambda state: state.lines.__iadd__([GOAL]),
        lambda state: state.lines.__init__([GOAL], 1),
        lambda state: state.add(Option("AND_INTRO", (0, 0)), GOAL),
        lambda state: setattr(state, "lines", [GOAL]),
        lambda state: setattr(state, "goal", P),
        lambda state: setattr(state, "premises", (GOAL,)),
        lambda state: setattr(state, "assumptions", ()),
        lambda state: setattr(state, "witnesses", ()),
        lambda state: setattr(state, "work", -(10**9)),
        lambda state: setattr(state, "apply", lambda option: GOAL),
        lambda state: delattr(state, "goal"),
        lambda state: state.__setstate__((None, {"_goal": P})),
        lambda state: vars(state).update(_goal=P),
        lambda state: pickle.dumps(state),
        lambda state: copy.copy(state).apply(Option("ASSUME", ("goal", 0, 0))),
        lambda state: copy.deepcopy(state).apply(Option("ASSUME", ("goal", 0, 0))),
        lambda state: RULES.__setitem__("AND_ELIM", RULES["OR_INTRO"]),  # type: ignore[attr-defined]
        lambda state: setattr(RULES["AND_ELIM"], "function", lambda *_: GOAL),
        lambda state: setattr(GOAL, "fields", P.fields),
        lambda state: delattr(GOAL, "fields"),
        lambda state: setattr(P, "__class__", Not),
    ],
)
def test_a_state_cannot_be_tampered_with(tamper: Callable[[State], object]) -> None:
    state = new_state()
    with pytest.raises((AttributeError, TypeError)):
        tamper(state)
    assert list(state.lines) == [P, Implies(Q, GOAL)]
    assert_goal_is_not_derived(state)
    assert state.apply(Option("AND_INTRO", (0, 0))) is And(P, P)


def test_what_a_caller_is_given_can_be_changed_without_effect() -> None:
    state = new_state()
    state.__init__([GOAL], GOAL)  # type: ignore[misc]
    list(state.lines).append(GOAL)
    state.lines[:].append(GOAL)
    state.lines[0:1][0] = GOAL
    assert_goal_is_not_derived(state)


def test_lists_that_change_after_a_state_was_made_change_nothing() -> None:
    premises: list[Formula] = [P, Implies(Q, GOAL)]
    state, verifier = State(premises, GOAL), Verifier(premises, GOAL)
    premises[0] = GOAL
    premises.append(GOAL)
    assert list(state.lines) == [P, Implies(Q, GOAL)]
    assert_goal_is_not_derived(state)
    for tamper in (
        lambda: verifier.premises.append(GOAL),  # type: ignore[attr-defined]
        lambda: setattr(verifier, "premises", [GOAL]),
        lambda: setattr(verifier, "goal", P),
    ):
        with pytest.raises(AttributeError):
            tamper()
    assert not verifier.check([Step("x", Option("CONCLUDE", (0,)))]).valid(None)


def test_a_copy_shares_nothing_that_changes() -> None:
    state = new_state()
    twin = state.copy()
    assert twin.apply(Option("ASSUME", ("goal", 0, 0))) is GOAL
    assert twin.apply(Option("AND_INTRO", (2, 0))) is And(GOAL, P)
    assert_goal_is_not_derived(state)
    assert answers(twin) == {Reason.NOT_DERIVED}
    assert state.apply(Option("AND_ELIM", (3, 0))) is Reason.OUT_OF_RANGE


def test_classes_of_ones_own_are_no_formulas_and_no_states() -> None:
    for base in (Formula, Atom, Not, And, Implies, Constant, Bound, State):
        with pytest.raises(TypeError):
            type("Mine", (base,), {"__eq__": lambda self, other: True, "__hash__": lambda self: 0})


@pytest.mark.parametrize("stranger", [Anything(GOAL), "goal(a)", None, Reason.HOLE, Answer.TRUE, object()])
def test_what_is_no_formula_is_no_premise_and_no_goal(stranger: Any) -> None:
    for premises, goal in (([stranger], GOAL), ([P], stranger)):
        with pytest.raises(TypeError):
            State(premises, goal)
        with pytest.raises(TypeError):
            Verifier(premises, goal)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Not(Anything(atom("never", A))),  # type: ignore[arg-type]
        lambda: And(Anything(P), P),  # type: ignore[arg-type]
        lambda: Implies(Anything(P), Anything(Q)),  # type: ignore[arg-type]
        lambda: Atom(Anything("unheard"), (A,)),  # type: ignore[arg-type]
        lambda: Atom(Chameleon("unheard", "of"), (A,)),
        lambda: Atom("unheard", [A]),  # type: ignore[arg-type]
        lambda: Atom("unheard", Shifting((A,), ())),
        lambda: Atom("unheard", (Anything(A),)),  # type: ignore[arg-type]
        lambda: Constant(Chameleon("nobody at all", "a")),
        lambda: Constant(Anything("nobody at all")),  # type: ignore[arg-type]
        lambda: Bound(Number(77)),
    ],
)
def test_a_formula_is_made_of_formulas(make: Callable[[], object]) -> None:
    """Else the first `Not(x)` would be every later `Not(p)`, as formulas are made once and found by equality."""
    with pytest.raises(TypeError):
        make()


FORGED: list[tuple[Any, Any]] = [
    ("AND_INTRO", [0, True]),
    ("AND_INTRO", (False, False)),
    ("AND_INTRO", (-1, -1)),
    ("AND_ELIM", (-1, 0)),
    ("AND_ELIM", (1, 1)),
    ("MODUS_PONENS", (Number(0), Number(1))),
    ("MODUS_PONENS", (0.0, 1.0)),
    ("OR_INTRO", (0, Anything("goal"))),
    ("OR_INTRO", ("goal", "goal")),
    ("DOUBLE_NEGATION", ("goal",)),
    ("CONDITIONAL_PROOF", ("goal", "goal")),
    ("UNIV_GENERALIZATION", (0, Chameleon("b", "a"))),
    ("UNIV_INSTANTIATION", (0, Anything("a"))),
    ("ASSUME", ("goal", Number(0), 0)),
    ("ASSUME", (Chameleon("goal", "x"), 0, 0)),
    (Chameleon("ASSUME", "AND_INTRO"), ("goal", 0, 0)),
    (Chameleon("ASSUME", "AND_INTRO"), Shifting(("goal", 0, 0), (0, 0))),
    (Anything("ASSUME"), ("goal", 0, 0)),
    (Anything("CONDITIONAL_PROOF"), (0, 1)),
    ("CONCLUDE", (0,)),
    ("goal", (0,)),
    ("AND_INTRO", Shifting((0, 0), (5, 5))),
    ("ASSUME", Shifting(("goal", 0, 0), (0, 0, 0))),
    ("CONTRADICTION", Shifting((0, 0), (0, 1))),
]


@pytest.mark.parametrize(("name", "args"), FORGED)
def test_a_forged_option_derives_nothing_that_does_not_follow(name: Any, args: Any) -> None:
    state = new_state()
    derive(state, Option(name, args))
    state.apply(Option(name, args))
    state.apply(Option("MODUS_PONENS", (2, 1)))
    assert answers(state) == {Reason.NOT_DERIVED}
    if state.assumptions:  # then what was put down is an assumption, and the rest is in its scope
        assert state.assumptions == (2,)
    else:
        assert_goal_is_not_derived(state)


def test_arguments_that_call_the_kernel_while_it_reads_them() -> None:
    state = new_state()

    class Reentrant(tuple[Any, ...]):
        def __iter__(self) -> Iterator[Any]:
            state.apply(Option("ASSUME", ("goal", 0, 0)))
            return iter((0, 0))

    assert state.apply(Option("AND_INTRO", Reentrant())) is And(P, P)
    assert list(state.lines) == [P, Implies(Q, GOAL), GOAL, And(P, P)]
    assert state.assumptions == (2,) and answers(state) == {Reason.NOT_DERIVED}


def test_asking_puts_nothing_down() -> None:
    state = new_state()
    assert derive(state, Option("ASSUME", ("goal", 0, 0))) is GOAL
    assert state.assumptions == () and len(state.lines) == 2
    kernel.assume(state, GOAL, 0, 0)
    kernel.and_intro(GOAL, GOAL)
    assert_goal_is_not_derived(state)


@pytest.mark.parametrize("args", [(True,), (Number(0),), (0.0,), [Number(1)], (Anything(0),), (0, 0)])
def test_a_forged_conclusion_is_refused(args: Any) -> None:
    state = State([GOAL], GOAL)
    assert state.conclude(Option("CONCLUDE", args), lambda: Decision.TRUE) is Reason.WRONG_ARGUMENTS


def test_nothing_follows_a_conclusion() -> None:
    state = State([Or(P, Q)], Q)
    assert state.conclude(Option("CONCLUDE", (0,)), lambda: Decision.UNDECIDED) is Reason.NOT_DERIVED
    for option in (Option("AND_INTRO", (0, 0)), None):
        assert state.apply(option) is Reason.AFTER_CONCLUDE
    assert derive(state, Option("AND_INTRO", (0, 0))) is Reason.AFTER_CONCLUDE
    assert state.conclude(Option("CONCLUDE", (2,)), lambda: Decision.UNKNOWN) is Reason.AFTER_CONCLUDE
    assert list(state.lines[1:]) == [Reason.HOLE] * 4


def test_formulas_survive_pickling_and_copying_as_themselves() -> None:
    assert pickle.loads(pickle.dumps(GOAL)) is GOAL
    assert copy.deepcopy(Implies(P, GOAL)) is Implies(P, GOAL) and copy.copy(GOAL) is GOAL
