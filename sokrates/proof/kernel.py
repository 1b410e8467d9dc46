"""The kernel: the one place that says whether a step follows. Small, pure and trusted.

It may be believed because it is short: each rule compares formulas by identity, builds its result from
parts of formulas that the state already holds, and refuses whatever does not fit. Nothing is parsed,
read from disk or learned here. A ∀-quantified rule is used through the instance that matching finds;
when matching leaves a variable free, the rule does not apply. "¬P" as a premise of a rule means the
complement of P: ¬P for P, and P for ¬P (sound, as ¬¬P is P).

Covered: MODUS_PONENS, MODUS_TOLLENS, HYPOTHETICAL_SYLLOGISM, DISJUNCTIVE_SYLLOGISM, UNIV_INSTANTIATION,
AND_INTRO, AND_ELIM, OR_INTRO, DOUBLE_NEGATION, CONCLUDE. Not covered: rules that open an assumption.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sokrates.logic.answer import Answer, Decision
from sokrates.logic.formula import (
    And,
    Atom,
    Bound,
    Constant,
    Exists,
    Forall,
    Formula,
    Implies,
    Not,
    Or,
    Term,
    Xor,
    constants,
    instantiate,
    negation,
    subformulas,
    substitute,
)
from sokrates.proof.option import Option, Reason

GOAL = "goal"  # names the conclusion to evaluate, where an argument is a formula to look into
MAX_PARTS = 1000  # of a conjunction that AND_INTRO makes: repeated, it would outgrow any memory


@dataclass(frozen=True, slots=True)
class State:
    """What a proof has so far: `lines` holds the premises, then a formula or a hole for each step."""

    lines: Sequence[Formula | None]
    goal: Formula

    def then(self, result: Formula | Reason) -> State:
        """The state after a step: its formula at the next index, or a hole where it was rejected."""
        return State((*self.lines, None if isinstance(result, Reason) else result), self.goal)


def derive(state: State, option: Option) -> Formula | Reason:
    """The formula that an option other than CONCLUDE derives, or why it is rejected."""
    rule = RULES.get(option.name)
    if rule is None:
        return Reason.UNKNOWN_OPTION
    apply, kinds = rule
    wanted = kinds if not kinds.endswith("*") else kinds[:-1].ljust(len(option.args), "i")
    if len(wanted) != len(option.args):
        return Reason.WRONG_ARGUMENTS
    values: list[Formula | int | str] = []
    for kind, arg in zip(wanted, option.args, strict=True):
        if kind == "g" and arg == GOAL:
            values.append(state.goal)
        elif kind in "ig" and type(arg) is int:
            if not 0 <= arg < len(state.lines):
                return Reason.OUT_OF_RANGE
            line = state.lines[arg]
            if line is None:
                return Reason.HOLE
            values.append(line)
        elif (kind == "n" and type(arg) is int) or (kind == "c" and type(arg) is str):
            values.append(arg)  # a number, a constant's name
        else:
            return Reason.WRONG_ARGUMENTS
    return apply(*values) or Reason.DOES_NOT_APPLY


def cited(option: Option) -> list[int]:
    """The indices of the lines that an option uses, in the order of its arguments.

    >>> cited(Option("AND_ELIM", (4, 0)))
    [4]
    """
    kinds = RULES[option.name][1].removesuffix("*").ljust(len(option.args), "i")
    return [arg for kind, arg in zip(kinds, option.args, strict=False) if kind in "ig" and type(arg) is int]


def conclude(state: State, option: Option, decide: Callable[[], Decision]) -> Answer | Reason:
    """The answer of CONCLUDE, or why it is rejected. `decide` is the solver, asked for UNKNOWN alone.

    >>> wet, dry = Atom("wet", (Constant("Max"),)), Atom("dry", (Constant("Max"),))
    >>> conclude(State((wet,), wet), Option("CONCLUDE", (0,)), lambda: Decision.TRUE)
    <Answer.TRUE: 0>
    >>> conclude(State((wet,), dry), Option("CONCLUDE", (0,)), lambda: Decision.TRUE)
    <Reason.NOT_DERIVED: 'conclusion not derived'>
    """
    if len(option.args) != 1 or type(option.args[0]) is not int or option.args[0] not in (0, 1, 2):
        return Reason.WRONG_ARGUMENTS
    answer = Answer(option.args[0])
    if answer is Answer.UNKNOWN:
        decision = decide()
        if decision is Decision.UNDECIDED:
            return Reason.UNDECIDED
        return answer if decision is Decision.UNKNOWN else Reason.NOT_DERIVED
    wanted = (state.goal,) if answer is Answer.TRUE else (negation(state.goal), Not(state.goal))
    return answer if any(line is formula for formula in wanted for line in state.lines) else Reason.NOT_DERIVED


def modus_ponens(fact: Formula, rule: Formula) -> Formula | None:
    """P, P→Q ⊢ Q: what holds of the rule's antecedent holds of its consequent.

    >>> p, q = Atom("p", (Constant("a"),)), Atom("q", (Constant("a"),))
    >>> modus_ponens(p, Implies(p, q)) is q
    True
    >>> modus_ponens(q, Implies(p, q))
    """
    variables, body = _strip(rule)
    if type(body) is not Implies:
        return None
    values = _match(body.left, fact, variables)
    return None if values is None else _instance(body.right, values, variables)


def modus_tollens(fact: Formula, rule: Formula) -> Formula | None:
    """¬Q, P→Q ⊢ ¬P: if P held, Q would.

    >>> p, q = Atom("p", (Constant("a"),)), Atom("q", (Constant("a"),))
    >>> modus_tollens(Not(q), Implies(p, q)) is Not(p)
    True
    >>> modus_tollens(Not(p), Implies(p, q))
    """
    variables, body = _strip(rule)
    if type(body) is not Implies:
        return None
    values = _match(negation(body.right), fact, variables)
    if values is None:
        values = _match(Not(body.right), fact, variables)
    antecedent = None if values is None else _instance(body.left, values, variables)
    return None if antecedent is None else Not(antecedent)


def hypothetical_syllogism(first: Formula, second: Formula) -> Formula | None:
    """P→Q, Q→R ⊢ P→R; under the quantifiers of the first, which hold for arbitrary individuals.

    >>> p, q, r = (Atom(name, (Bound(0),)) for name in "pqr")
    >>> chain = hypothetical_syllogism(Forall(Implies(p, q)), Forall(Implies(q, r)))
    >>> chain is Forall(Implies(p, r))
    True
    >>> hypothetical_syllogism(Forall(Implies(p, q)), Forall(Implies(r, q)))
    """
    variables, body = _strip(first)
    if type(body) is not Implies:
        return None
    taken = {constant.name for formula in (first, second) for constant in constants(formula)}
    arbitrary: dict[Term, Term] = {}
    for index in range(variables):
        name = f"arbitrary {index}"
        while name in taken:
            name += "'"
        taken.add(name)
        arbitrary[Bound(index)] = Constant(name)
    body = substitute(body, arbitrary)
    consequent = modus_ponens(body.fields[1], second)
    if consequent is None:
        return None
    chain = substitute(Implies(body.fields[0], consequent), {value: key for key, value in arbitrary.items()})
    for _ in range(variables):
        chain = Forall(chain)
    return chain


def disjunctive_syllogism(disjunction: Formula, fact: Formula) -> Formula | None:
    """P∨Q, ¬P ⊢ Q; P⊕Q, ¬P ⊢ Q; P⊕Q, P ⊢ ¬Q: one of the parts holds, of ⊕ only one.

    >>> p, q = Atom("p", (Constant("a"),)), Atom("q", (Constant("a"),))
    >>> disjunctive_syllogism(Or(p, q), Not(p)) is q
    True
    >>> disjunctive_syllogism(Or(p, q), p)
    """
    if type(disjunction) is Or:
        rest = [part for part in disjunction.parts if not _opposite(part, fact)]
        return Or(*rest) if len(rest) < len(disjunction.parts) else None
    if type(disjunction) is Xor:
        for part, other in (disjunction.left, disjunction.right), (disjunction.right, disjunction.left):
            if _opposite(part, fact):
                return other
            if part is fact:
                return Not(other)
    return None


def univ_instantiation(universal: Formula, name: str) -> Formula | None:
    """∀x P(x) ⊢ P(c): what holds of all holds of c, a constant of any name.

    >>> univ_instantiation(Forall(Atom("p", (Bound(0),))), "a") is Atom("p", (Constant("a"),))
    True
    >>> univ_instantiation(Exists(Atom("p", (Bound(0),))), "a")
    """
    return instantiate(universal, Constant(name)) if type(universal) is Forall else None


def and_intro(*parts: Formula) -> Formula | None:
    """P, Q ⊢ P∧Q; at most MAX_PARTS parts.

    >>> p, q = Atom("p", (Constant("a"),)), Atom("q", (Constant("a"),))
    >>> and_intro(p, q) is And(p, q)
    True
    >>> and_intro(p)
    """
    width = sum(max(1, len(part.fields)) if type(part) is And else 1 for part in parts)
    return And(*parts) if len(parts) > 1 and width <= MAX_PARTS else None


def and_elim(conjunction: Formula, part: int) -> Formula | None:
    """P₀∧…∧Pₙ ⊢ P_k.

    >>> p, q = Atom("p", (Constant("a"),)), Atom("q", (Constant("a"),))
    >>> and_elim(And(p, q), 1) is q
    True
    >>> and_elim(Or(p, q), 1)
    """
    if type(conjunction) is And and 0 <= part < len(conjunction.parts):
        return conjunction.parts[part]
    return None


def or_intro(fact: Formula, within: Formula) -> Formula | None:
    """P ⊢ the first disjunction inside `within` (a line or the goal) that has P for a part.

    Under quantifiers, that disjunction's instance which has P for a part.

    >>> p, q = Atom("p", (Constant("a"),)), Atom("q", (Constant("a"),))
    >>> or_intro(p, Implies(Or(q, p), q)) is Or(q, p)
    True
    >>> or_intro(p, Or(q, Not(p)))
    """
    queue: list[tuple[Formula, int]] = [(within, 0)]
    for formula, variables in queue:  # grows while it is read: breadth first, left to right
        if type(formula) is Or:
            for part in formula.parts:
                values = _match(part, fact, variables)
                found = None if values is None else _instance(formula, values, variables)
                if found is not None:
                    return found
        inner = variables + (type(formula) in (Forall, Exists))
        queue.extend((part, inner) for part in subformulas(formula))
    return None


def double_negation(fact: Formula) -> Formula | None:
    """¬¬P ⊢ P.

    >>> p = Atom("p", (Constant("a"),))
    >>> double_negation(Not(Not(p))) is p
    True
    >>> double_negation(Not(p))
    """
    return fact.body.body if type(fact) is Not and type(fact.body) is Not else None


# What each argument is: i a line's index, g a line's index or the goal, c a constant, n a number, * repeats i.
RULES: dict[str, tuple[Callable[..., Formula | None], str]] = {
    "MODUS_PONENS": (modus_ponens, "ii"),
    "MODUS_TOLLENS": (modus_tollens, "ii"),
    "HYPOTHETICAL_SYLLOGISM": (hypothetical_syllogism, "ii"),
    "DISJUNCTIVE_SYLLOGISM": (disjunctive_syllogism, "ii"),
    "UNIV_INSTANTIATION": (univ_instantiation, "ic"),
    "AND_INTRO": (and_intro, "ii*"),
    "AND_ELIM": (and_elim, "in"),
    "OR_INTRO": (or_intro, "ig"),
    "DOUBLE_NEGATION": (double_negation, "i"),
}


def _opposite(one: Formula, other: Formula) -> bool:
    return (type(one) is Not and one.body is other) or (type(other) is Not and other.body is one)


def _strip(formula: Formula) -> tuple[int, Formula]:
    """The number of leading ∀ and the body, in which they bind Bound(0) up to that number."""
    variables = 0
    while type(formula) is Forall:
        formula, variables = formula.body, variables + 1
    return variables, formula


def _match(pattern: Formula, fact: Formula, variables: int) -> dict[Term, Term] | None:
    """Constants for the pattern's first `variables` Bounds that make it the fact; None if there are none."""
    values: dict[Term, Term] = {}
    return values if _fits(pattern, fact, variables, 0, values) else None


def _fits(pattern: Formula, fact: Formula, variables: int, depth: int, values: dict[Term, Term]) -> bool:
    if pattern is fact and not variables:
        return True
    if type(pattern) is not type(fact) or len(pattern.fields) != len(fact.fields):
        return False
    if type(pattern) is Atom and type(fact) is Atom:
        if pattern.predicate != fact.predicate or len(pattern.terms) != len(fact.terms):
            return False
        for term, value in zip(pattern.terms, fact.terms, strict=True):
            if type(term) is Bound and depth <= term.index < depth + variables:
                if type(value) is not Constant or values.setdefault(Bound(term.index - depth), value) is not value:
                    return False
            elif term is not value:
                return False
        return True
    inner = depth + (type(pattern) in (Forall, Exists))
    return all(_fits(p, f, variables, inner, values) for p, f in zip(pattern.fields, fact.fields, strict=True))


def _instance(formula: Formula, values: dict[Term, Term], variables: int) -> Formula | None:
    """The formula with its variables' values; None where one that it uses has no value."""
    if not variables:
        return formula
    if len(values) < variables and _uses_free(formula, values, variables, 0):
        return None
    return substitute(formula, values)


def _uses_free(formula: Formula, values: dict[Term, Term], variables: int, depth: int) -> bool:
    if type(formula) is Atom:
        return any(
            type(term) is Bound and term.index >= depth and Bound(term.index - depth) not in values
            for term in formula.terms
        )
    inner = depth + (type(formula) in (Forall, Exists))
    return any(_uses_free(part, values, variables, inner) for part in subformulas(formula))
