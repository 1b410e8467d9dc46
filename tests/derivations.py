"""Random derivations with every option: scopes in scopes, witnesses, generalisation, rare rules too.

Their premises are random formulas and what the rules ask for. Not covered: options that name the goal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from sokrates.logic.formula import (
    TRUTH,
    And,
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
    atom,
    constants,
    negation,
    subformulas,
    substitute,
)
from sokrates.proof.kernel import State, derive, modus_ponens
from sokrates.proof.option import Option, Reason

_NAMES = ("Stella", "Max", "Rex", "nobody")  # the last is in no premise, so that it can be generalised
_PREDICATES = {1: ("wumpus", "tumpus", "small"), 2: ("likes", "sees")}
# What each argument is: l a line, c a constant, n a number. CASE_SPLIT's are chosen to fit.
_ARGUMENTS = {
    "MODUS_PONENS": "ll",
    "MODUS_TOLLENS": "ll",
    "HYPOTHETICAL_SYLLOGISM": "ll",
    "DISJUNCTIVE_SYLLOGISM": "ll",
    "UNIV_INSTANTIATION": "lc",
    "UNIV_GENERALIZATION": "lc",
    "EXIST_INSTANTIATION": "l",
    "EXIST_GENERALIZATION": "lc",
    "AND_INTRO": "ll",
    "AND_ELIM": "ln",
    "OR_INTRO": "ll",
    "CASE_SPLIT": "",
    "BICONDITIONAL_INTRO": "ll",
    "BICONDITIONAL_ELIM": "ln",
    "DOUBLE_NEGATION": "l",
    "ASSUME": "lnn",
    "CONDITIONAL_PROOF": "ll",
    "CONTRADICTION": "ll",
}
_TRIES = 20  # arguments that are drawn for a rule before another rule is tried


class Derivation(NamedTuple):
    """A goal that was derived from premises, with the options that derive it and what each derives."""

    premises: list[Formula]
    goal: Formula
    steps: list[tuple[Option, Formula]]


def random_derivation(random: Random, tally: Counter[str], length: int = 12) -> Derivation:
    """One of `length` steps; `tally` counts options, so that those that came up least are tried first."""
    parts = [_formula(random, random.choice((0, 1, 1, 2))) for _ in range(3)]
    state = State(_premises(parts, random), TRUTH)
    steps: list[tuple[Option, Formula]] = []
    while len(steps) < length:
        rules = sorted(random.sample(list(_ARGUMENTS), 7), key=tally.__getitem__)
        option = next((o for rule in rules for o in (_option(state, rule, random),) if o), None)
        if option is not None:
            result = state.apply(option)
            assert isinstance(result, Formula)
            steps.append((option, result))
            tally[option.name] += 1
    fresh = frozenset[Constant]().union(*(names for _, names in state.witnesses))
    outside = state.lines[: state.assumptions[0]] if state.assumptions else state.lines
    goals = [line for line in outside if isinstance(line, Formula) and not fresh & line.names]
    return Derivation(list(state.premises), goals[-1], steps)  # type: ignore[arg-type]


def accepted_derivations(
    check: Callable[[Sequence[Derivation]], list[str | None]], count: int, seed: int
) -> Counter[str]:
    """Has a checker judge `count` random derivations, a thousand a process; how often each option was used.

    check: for each derivation, why it is refused, or None
    """
    random, tally = Random(seed), Counter[str]()
    for first in range(0, count, 1000):
        proofs = [random_derivation(random, tally) for _ in range(min(1000, count - first))]
        refused = [(one, why) for one, why in zip(proofs, check(proofs), strict=True) if why]
        assert refused == []
    return tally


def _option(state: State, rule: str, random: Random) -> Option | None:
    """An option of the rule that derives something, where one is drawn."""
    lines = [index for index, line in enumerate(state.lines) if not isinstance(line, Reason)]
    if rule in ("CONDITIONAL_PROOF", "CONTRADICTION") and not state.assumptions:
        return None
    for _ in range(_TRIES):
        args: list[str | int] = [_argument(kind, lines, random) for kind in _ARGUMENTS[rule]]
        if rule == "CONDITIONAL_PROOF":
            args[0] = state.assumptions[-1]
        elif rule == "ASSUME":
            args += random.choices(_NAMES, k=random.choice((0, 0, 1, 2)))
        elif rule == "AND_INTRO":
            args += random.choices(lines, k=random.choice((0, 0, 1, 2)))
        elif rule == "CASE_SPLIT":
            args = _cases(state, lines, random)
        option = Option(rule, tuple(args))
        if not isinstance(derive(state, option), Reason):
            return option
    return None


def _argument(kind: str, lines: Sequence[int], random: Random) -> int | str:
    if kind == "l":
        return random.choice(lines[-5:] if random.random() < 0.4 else lines)
    return random.choice(_NAMES) if kind == "c" else random.choice((0, 0, 1, 2))


def _cases(state: State, lines: Sequence[int], random: Random) -> list[str | int]:
    """A disjunction and for each part a rule that it fits, where there are such."""
    either = random.choice([i for i in lines if type(state.lines[i]) in (Or, Xor)] or lines)
    parts = subformulas(state.lines[either])  # type: ignore[arg-type]
    leads = [[i for i in lines if modus_ponens(part, state.lines[i])] for part in parts]  # type: ignore[arg-type]
    return [either, *(random.choice(rules) for rules in leads if rules)]


def _formula(random: Random, depth: int, quantifiers: int = 0) -> Formula:
    kind = random.choice(("not", "nary", "binary", "quantified")) if depth else "atom"
    if kind == "not":
        return Not(_formula(random, depth - 1, quantifiers))
    if kind == "nary":
        parts = [_formula(random, depth - 1, quantifiers) for _ in range(random.choice((2, 2, 3, 0)))]
        return random.choice((And, Or))(*parts)
    if kind == "binary":
        sides = [_formula(random, depth - 1, quantifiers) for _ in range(2)]
        return random.choice((Xor, Implies, Iff))(*sides)
    if kind == "quantified":
        return random.choice((Forall, Exists))(_formula(random, depth - 1, quantifiers + 1))
    terms = [*map(Constant, _NAMES[:3]), *map(Bound, range(quantifiers))]
    arity = random.choice((1, 1, 2))
    return atom(random.choice(_PREDICATES[arity]), *random.choices(terms, k=arity))


def _premises(parts: Sequence[Formula], random: Random) -> list[Formula]:
    """Six formulas over the parts, of the kinds that rules ask for, half of them quantified."""
    p, q, r = parts
    made = [p, q, r, Not(p), negation(q), Implies(p, q), Implies(q, r), Implies(p, Not(r)), Implies(r, Or(p, q))]
    made += [Or(p, q, r), Or(Not(p), r), Xor(p, q), Xor(Not(q), r), And(p, q, r), Not(Not(r)), Not(Xor(p, r))]
    made += [Or(p, q), Implies(p, r), Iff(p, q), Implies(q, p)]
    chosen = random.sample(made, 6)
    if random.random() < 0.4:
        chosen[:3] = [random.choice((Or, Xor))(p, q), Implies(p, r), Implies(q, r)]
    return [_general(one, random) if random.random() < 0.5 else one for one in chosen]


def _general(formula: Formula, random: Random) -> Formula:
    """The formula, or a quantified one of which it is an instance."""
    for constant in dict.fromkeys(constants(formula)):
        if random.random() < 0.6:
            values: dict[Term, Term] = {constant: Bound(0)}
            formula = random.choice((Forall, Forall, Forall, Exists))(substitute(formula, values))
    return formula
