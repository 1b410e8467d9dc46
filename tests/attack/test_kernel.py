"""The kernel under attack: random options on random states, each accepted one held against the evaluator.

And the evaluator under test: bugs planted in the kernel's rules, each of which it has to find. How the attack
reaches the kernel is `_Kernel`, and that alone.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Container, Sequence
from random import Random
from typing import Any, TypeGuard

import pytest
from attack.evaluator import CONSTANTS, Fault, Form, Proof

from sokrates.logic.answer import Answer, Decision
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
    Term,
    Xor,
    instantiate,
    negation,
    substitute,
)
from sokrates.proof import kernel
from sokrates.proof.option import Option, Reason

LONG = os.environ.get("SOKRATES_LONG_TESTS")
ACCEPTED = 20_000
STEPS = 30  # of a proof


class _Kernel:
    """The kernel, as the attack sees it: a state that takes options, and says what it derives."""

    def __init__(self, premises: Sequence[Formula], goal: Formula) -> None:
        self._state = kernel.State(premises, goal)

    def derived(self, option: Option) -> Formula | None:
        """What the option would derive; None where it is rejected."""
        result = kernel.derive(self._state, option)
        return None if isinstance(result, Reason) else result

    def apply(self, option: Option) -> Formula | None:
        result = self._state.apply(option)
        return None if isinstance(result, Reason) else result

    def concludes(self, answer: Answer) -> bool:
        option = Option("CONCLUDE", (answer.value,))
        return self._state.copy().conclude(option, lambda: Decision.UNDECIDED) is answer

    @staticmethod
    def plant(monkeypatch: pytest.MonkeyPatch, name: str, rule: Callable[..., Any]) -> None:
        """Puts another function in the place of a rule's."""
        monkeypatch.setitem(kernel._RULES, name, kernel._RULES[name]._replace(function=rule))


RULES = sorted(kernel.RULES)


# What the evaluator is told


_KINDS = {
    Not: "not", And: "and", Or: "or", Xor: "xor", Implies: "implies", Iff: "iff", Forall: "all", Exists: "some"
}  # fmt: skip


def form(formula: Formula) -> Form:
    """The formula as the evaluator has it."""
    if isinstance(formula, Atom):
        return (
            "atom",
            formula.predicate,
            tuple(t.index if isinstance(t, Bound) else t.name for t in formula.terms),
        )
    return (_KINDS[type(formula)], *map(form, formula.fields))


LINES_CITED = {  # which arguments of an option are lines that what it derives follows from; the rest are lines too
    "UNIV_INSTANTIATION": slice(1),
    "UNIV_GENERALIZATION": slice(1),
    "EXIST_INSTANTIATION": slice(1),
    "EXIST_GENERALIZATION": slice(1),
    "AND_ELIM": slice(1),
    "OR_INTRO": slice(1),  # where the disjunction stands is only looked into
    "BICONDITIONAL_ELIM": slice(1),
    "ASSUME": slice(0),
}


# Random states and options


def _part(random: Random) -> Formula:
    constants = [Constant(name) for name in CONSTANTS]
    if random.random() < 0.7:
        made: Formula = Atom(random.choice("PQR"), (random.choice(constants),))
    else:
        made = Atom("S", (random.choice(constants), random.choice(constants)))
    return Not(made) if random.random() < 0.25 else made


def _general(made: Formula, random: Random) -> Formula:
    """The formula, or a quantified one of which it is an instance."""
    for constant in sorted(made.names, key=lambda one: one.name):
        if random.random() < 0.6:
            values: dict[Term, Term] = {constant: Bound(0)}
            made = (Forall if random.random() < 0.75 else Exists)(substitute(made, values))
    return made


def _lines(random: Random) -> list[Formula]:
    """Formulas that the rules ask for, over a few parts that they share."""
    p, q, r = (_part(random) for _ in range(3))
    if random.random() < 0.3:
        p = random.choice((And, Or, Xor, Implies))(p, _part(random))
    made = [
        p,
        q,
        Not(r),
        Implies(p, q),
        Implies(q, r),
        Implies(q, p),
        Implies(p, r),
        Or(p, q),
        Xor(p, q),
        Iff(p, r),
    ]
    made += [And(p, q), And(q, Not(r)), Not(Not(p)), Or(p, q, r), Not(Xor(p, r)), Implies(r, Or(p, q)), Not(p)]
    return [_general(one, random) if random.random() < 0.5 else one for one in made]


def _open_problem(random: Random) -> tuple[list[Formula], Formula, Proof]:
    """Premises that some small model has, a goal, and the evaluator's book."""
    while True:
        lines = _lines(random)
        premises, goal = random.sample(lines, random.randint(4, 7)), random.choice(lines)
        if random.random() < 0.3:
            goal = Implies(random.choice(lines), random.choice(lines))
        proof = Proof([*map(form, premises)], form(goal), random)
        if proof.has_model():
            return premises, goal, proof


def _head(formula: Formula) -> type[Formula]:
    while isinstance(formula, Forall):
        formula = formula.body
    return type(formula)


_FIRST_HEADS: dict[str, tuple[type[Formula], ...]] = {  # what the rules with the fewest uses want of their lines
    "HYPOTHETICAL_SYLLOGISM": (Implies,),
    "DISJUNCTIVE_SYLLOGISM": (Or, Xor, Not),
    "AND_ELIM": (And,),
    "CASE_SPLIT": (Or, Xor),
    "BICONDITIONAL_INTRO": (Implies,),
    "BICONDITIONAL_ELIM": (Iff,),
    "DOUBLE_NEGATION": (Not,),
}
_RULE_SECOND = {"MODUS_PONENS", "MODUS_TOLLENS", "HYPOTHETICAL_SYLLOGISM", "CASE_SPLIT", "BICONDITIONAL_INTRO"}


def _denies(line: Formula, there: Container[Formula]) -> TypeGuard[Not]:
    return isinstance(line, Not) and line.body in there


class _Attack:
    """Chooses options for one state, knowing what stands at each index."""

    def __init__(self, lines: Sequence[Formula], random: Random) -> None:
        self.lines: list[Formula | None] = [*lines]
        self._random = random
        self._names = [*CONSTANTS, "d"]

    def take(self, derived: Formula | None) -> None:
        self.lines.append(derived)
        if derived is not None:
            self._names += [one.name for one in derived.names if one.name not in self._names]

    def option(self, name: str) -> Option:
        random = self._random
        if random.random() < 0.05:  # anything at all
            pool = [-1, 0, 1, 2, len(self.lines), "a", "goal", *range(len(self.lines))]
            return Option(name, tuple(random.choices(pool, k=random.randint(0, 4))))
        first = self._line(_FIRST_HEADS.get(name, ()))
        implication = self._line((Implies,))
        match name:
            case "UNIV_INSTANTIATION" | "UNIV_GENERALIZATION" | "EXIST_GENERALIZATION":
                return Option(name, (first, random.choice(self._names)))
            case "EXIST_INSTANTIATION" | "DOUBLE_NEGATION":
                return Option(name, (first,))
            case "AND_ELIM" | "BICONDITIONAL_ELIM":
                return Option(name, (first, random.randint(0, 2)))
            case "OR_INTRO":
                return Option(name, (first, random.choice([self._line((Or,)), "goal"])))
            case "CASE_SPLIT":
                rules = [self._line((Implies,)) for _ in range(random.choice((2, 2, 3)))]
                return Option(name, (first, *rules))
            case "ASSUME":
                names = random.choices(self._names, k=random.choice((0, 0, 0, 1, 2)))
                within = random.choice([first, "goal"])
                return Option(name, (within, random.randint(0, 4), random.randint(0, 1), *names))
            case "CONTRADICTION":
                there = {line: index for index, line in enumerate(self.lines) if line is not None}
                pairs = [(there[line.body], at) for line, at in there.items() if _denies(line, there)]
                return Option(name, random.choice(pairs or [(first, first)]))
            case "CONDITIONAL_PROOF":
                recent = random.randrange(max(0, len(self.lines) - 12), len(self.lines))
                return Option(name, random.choice([(recent, self._line()), (self._line(), recent)]))
        return Option(name, (first, implication if name in _RULE_SECOND else self._line()))

    def _line(self, heads: tuple[type[Formula], ...] = ()) -> int:
        indices = [
            i for i, line in enumerate(self.lines) if line is not None and (not heads or _head(line) in heads)
        ]
        return self._random.choice(indices or [0])


def _attack(accepted: int, seed: int) -> Counter[str]:
    """Applies random options until so many are accepted. Raises Fault at the first that does not follow."""
    random, tally = Random(seed), Counter[str]()
    while tally["accepted"] < accepted:
        premises, goal, proof = _open_problem(random)
        state, attack = _Kernel(premises, goal), _Attack(premises, random)
        for _ in range(STEPS):
            names = sorted(random.sample(RULES, 5), key=tally.__getitem__)  # the rarest that applies
            options = (attack.option(name) for name in names for _ in range(12))
            option = next((one for one in options if state.derived(one) is not None), attack.option(names[0]))
            derived = state.apply(option)
            tally["applied"] += 1
            attack.take(derived)
            if derived is None:
                proof.reject()
                continue
            lines = option.args[LINES_CITED.get(option.name, slice(None))]
            proof.accept(option.name, lines, form(derived))  # type: ignore[arg-type]
            tally["accepted"] += 1
            tally[option.name] += 1
            for answer, settled in (Answer.TRUE, goal), (Answer.FALSE, negation(goal)):
                if state.concludes(answer):
                    proof.conclude(form(settled))
                    tally["CONCLUDE"] += 1
        tally["telling"] += proof.telling
    return tally


def _is_telling(tally: Counter[str]) -> bool:
    return all(tally[name] >= 100 for name in (*RULES, "CONCLUDE")) and tally["telling"] > 0.75 * tally["accepted"]


def test_no_accepted_step_is_a_fault() -> None:
    tally = _attack(ACCEPTED, seed=1)
    assert _is_telling(tally), tally


@pytest.mark.slow
@pytest.mark.skipif(
    not LONG, reason="1,000,000 accepted applications take a quarter of an hour: SOKRATES_LONG_TESTS=1"
)
@pytest.mark.parametrize("seed", range(2, 42 if LONG else 3))  # a fortieth each, so that they can be run apart
def test_no_accepted_step_is_a_fault_at_length(seed: int) -> None:
    tally = _attack(25_000, seed)
    print(dict(tally))
    assert _is_telling(tally), tally


# Planted bugs


def _affirms_the_consequent(fact: Formula, rule: Formula) -> Formula | None:
    return rule.left if isinstance(rule, Implies) and rule.right is fact else kernel.modus_ponens(fact, rule)


def _denies_the_antecedent(fact: Formula, rule: Formula) -> Formula | None:
    return Not(rule.right) if isinstance(rule, Implies) and negation(rule.left) is fact else None


def _takes_the_wrong_end(first: Formula, second: Formula) -> Formula | None:
    chain = kernel.hypothetical_syllogism(first, second)
    return Implies(chain.right, chain.left) if isinstance(chain, Implies) else chain


def _takes_or_for_xor(disjunction: Formula, fact: Formula) -> Formula | None:
    if isinstance(disjunction, Or) and fact in disjunction.parts:
        return Not(Or(*(part for part in disjunction.parts if part is not fact)))
    return kernel.disjunctive_syllogism(disjunction, fact)


def _instantiates_any_quantifier(quantified: Formula, name: str) -> Formula | None:
    return instantiate(quantified, Constant(name)) if isinstance(quantified, Forall | Exists) else None


def _generalises_over_any_constant(state: object, fact: Formula, name: str) -> Formula | None:
    constant = Constant(name)
    return Forall(substitute(fact, {constant: Bound(0)})) if constant in fact.names else None


def _reuses_a_witness(state: object, existential: Formula) -> Formula | None:
    return instantiate(existential, Constant("WitnessX")) if isinstance(existential, Exists) else None


def _indexes_into_any(junction: Formula, part: int) -> Formula | None:
    return junction.fields[part] if isinstance(junction, And | Or) and 0 <= part < len(junction.fields) else None


def _splits_on_one_case(disjunction: Formula, *rules: Formula) -> Formula | None:
    return kernel.modus_ponens(disjunction.fields[0], rules[0]) if isinstance(disjunction, Or) else None


def _takes_one_direction_for_both(first: Formula, second: Formula) -> Formula | None:
    return Iff(first.left, first.right) if isinstance(first, Implies) else None


def _drops_the_assumption(state: object, assumed: Formula, reached: Formula) -> Formula | None:
    derived = kernel.conditional_proof(state, assumed, reached)  # type: ignore[arg-type]
    return reached if derived is not None else None


def _ignores_fresh_individuals(state: Any, assumed: Formula, reached: Formula) -> Formula | None:
    innermost = state._lines[state._assumptions[-1]] if state._assumptions else None
    return Implies(assumed, reached) if innermost is assumed else None


def _keeps_what_is_refuted(state: object, fact: Formula, denial: Formula) -> Formula | None:
    derived = kernel.contradiction(state, fact, denial)  # type: ignore[arg-type]
    return None if derived is None else negation(derived)


def _drops_any_negation(fact: Formula) -> Formula | None:
    return fact.body if isinstance(fact, Not) else None


BUGS = {
    "MODUS_PONENS": _affirms_the_consequent,
    "MODUS_TOLLENS": _denies_the_antecedent,
    "HYPOTHETICAL_SYLLOGISM": _takes_the_wrong_end,
    "DISJUNCTIVE_SYLLOGISM": _takes_or_for_xor,
    "UNIV_INSTANTIATION": _instantiates_any_quantifier,
    "UNIV_GENERALIZATION": _generalises_over_any_constant,
    "EXIST_INSTANTIATION": _reuses_a_witness,
    "AND_ELIM": _indexes_into_any,
    "CASE_SPLIT": _splits_on_one_case,
    "BICONDITIONAL_INTRO": _takes_one_direction_for_both,
    "CONDITIONAL_PROOF": _drops_the_assumption,
    "CONTRADICTION": _keeps_what_is_refuted,
    "DOUBLE_NEGATION": _drops_any_negation,
}


@pytest.mark.parametrize(("name", "bug"), [*BUGS.items(), ("CONDITIONAL_PROOF", _ignores_fresh_individuals)])
def test_a_planted_bug_is_a_fault(name: str, bug: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    _Kernel.plant(monkeypatch, name, bug)
    with pytest.raises(Fault):
        _attack(5_000, seed=3)


def test_lines_of_a_closed_scope_that_stay_citable_are_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def keep(state: Any, name: str, args: tuple[int | str, ...], result: Formula) -> None:
        lines = [*state._lines]
        close(state, name, args, result)
        state._lines[:] = lines

    close = kernel.State._change_scope
    monkeypatch.setattr(kernel.State, "_change_scope", keep)
    with pytest.raises(Fault):
        _attack(5_000, seed=3)
