"""The kernel: the one place that says whether a step follows. Small, pure and trusted.

It may be believed because it is short: each rule compares formulas by identity, builds its result from
parts of formulas that the state already holds, and refuses whatever does not fit. Nothing is parsed,
read from disk or learned here.

What is kept true, and why each rule keeps it: a line that may be cited follows, in classical logic, from
the premises, the open assumptions and the lines in scope that EXIST_INSTANTIATION derived; and each of
these last follows from what came before it, for some individual that its fresh constant then names.

- A rule without a scope derives what follows from the lines that it cites (its docstring says why).
- ASSUME adds its line to the open assumptions, so it may assume anything; it is held to parts of formulas
  that are there, so that the options are finitely many and each is determined by its arguments.
- CONDITIONAL_PROOF and CONTRADICTION close the innermost assumption: the deduction theorem. Its lines
  cannot be cited any more. What is derived names no individual that its scope introduced.
- UNIV_GENERALIZATION asks for a constant in nothing that is assumed: what follows for it follows for all.
- EXIST_INSTANTIATION takes a constant that no line and no goal mentions; dropping its line at the end
  loses nothing, as neither the goal nor a line outside the scope mentions the constant.
- CONCLUDE looks outside every assumption.

A ∀-quantified rule is used through the instance that matching finds; when matching leaves a variable
free, the rule does not apply. "¬P" as a premise of a rule means the complement of P: ¬P for P, and P for
¬P (sound, as ¬¬P is P).

What is derived is bounded, each formula by MAX_SIZE and all of a state's by MAX_WORK, to which uses of large lines
count too; so are the scopes that are open at a time. A trace is hostile text, and a rule that is repeated would
otherwise outgrow any memory, or never end.

Not covered: functions and equality; ⊕ as a result, other than by refutation; rules that rewrite inside a
formula; whether a proof is short, or uses what it derives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from string import ascii_uppercase

from sokrates.logic.answer import Answer, Decision
from sokrates.logic.formula import (
    MAX_NESTING,
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
    subformulas,
    substitute,
)
from sokrates.proof.option import Option, Reason

GOAL = "goal"  # names the conclusion to evaluate, where an argument is a formula to look into
ASSUME, WITNESS = "ASSUME", "EXIST_INSTANTIATION"
_SCOPING = frozenset((ASSUME, WITNESS, "CONDITIONAL_PROOF", "CONTRADICTION"))  # the last two close a scope
_SEARCHING = frozenset((ASSUME, "OR_INTRO"))  # they look for a part inside a formula
MAX_SIZE = (
    500  # atoms, connectives and quantifiers of a derived formula: repeated, a rule would outgrow any memory
)
MAX_WORK = 200_000  # nodes of all that a state's steps derived: beyond, every step is refused
_SEARCH = 200  # nodes that each step of _SEARCHING is charged besides
_LARGE = 30  # nodes; a line, or the goal, with more is charged whenever a step cites it, refused or not
MAX_OPEN = 100  # assumptions open at a time, and individuals that EXIST_INSTANTIATION names


class State:
    """What a proof has so far.

    lines: the premises, then for each step the formula that it derived, or why it cannot be cited
    goal: the conclusion to evaluate
    premises: the number of premises
    assumptions: the indices of the open assumptions, outermost first
    witnesses: the lines in scope that EXIST_INSTANTIATION derived: index and what was fresh there
    names: every constant that the goal or a line has mentioned
    large: the sizes of the lines (by index) and the goal that are larger than _LARGE
    work: what the steps have cost, in nodes
    """

    __slots__ = ("assumptions", "goal", "large", "lines", "names", "premises", "witnesses", "work")

    def __init__(self, premises: Sequence[Formula], goal: Formula) -> None:
        self.lines: list[Formula | Reason] = list(premises)
        self.goal = goal
        self.premises = len(premises)
        self.assumptions: list[int] = []
        self.witnesses: list[tuple[int, frozenset[Constant]]] = []
        self.names = {*goal.names}.union(*[premise.names for premise in premises])
        self.large: dict[int | str, int] = {i: p.size for i, p in enumerate(premises) if p.size > _LARGE}
        if goal.size > _LARGE:
            self.large[GOAL] = goal.size
        self.work = 0

    def copy(self) -> State:
        """A state that goes its own way from here."""
        twin = State([], self.goal)
        twin.lines, twin.premises, twin.names, twin.work = [*self.lines], self.premises, {*self.names}, self.work
        twin.assumptions, twin.witnesses, twin.large = [*self.assumptions], [*self.witnesses], {**self.large}
        return twin

    def add(self, option: Option | None, result: Formula | Reason) -> None:
        """Takes a step: what `derive` said of the option stands at the next index, a hole if it was refused."""
        if option is not None and option.name in _SEARCHING:
            self.work += _SEARCH
        if self.large and option is not None:
            self.work += sum([self.large.get(arg, 0) for arg in option.args])
        if isinstance(result, Reason) or option is None:
            self.lines.append(Reason.HOLE)
            return
        self.work += result.size
        if result.size > _LARGE:
            self.large[len(self.lines)] = result.size
        self.names |= result.names
        if option.name in _SCOPING:
            self._scope(option, result, len(self.lines))
        self.lines.append(result)

    def _scope(self, option: Option, result: Formula, index: int) -> None:
        """What an option that opens or closes a scope, or names an individual, changes besides."""
        if option.name == ASSUME:
            self.assumptions.append(index)
        elif option.name == WITNESS:
            self.witnesses.append((index, result.names - self.lines[option.args[0]].names))  # type: ignore
        else:
            begin = self.assumptions.pop()
            self.lines[begin:] = [Reason.OUT_OF_SCOPE] * (index - begin)
            while self.witnesses and self.witnesses[-1][0] > begin:
                self.witnesses.pop()

    def assumed(self) -> Iterator[Formula]:
        """What the lines in scope rest on: premises, open assumptions, and what names a fresh individual."""
        yield from self.lines[: self.premises]  # type: ignore[misc]
        for index in (*self.assumptions, *(index for index, _ in self.witnesses)):
            yield self.lines[index]  # type: ignore[misc]


def derive(state: State, option: Option) -> Formula | Reason:
    """The formula that an option other than CONCLUDE derives, or why it is rejected."""
    rule = RULES.get(option.name)
    if rule is None:
        return Reason.UNKNOWN_OPTION
    if state.work > MAX_WORK:
        return Reason.TOO_LARGE
    apply, kinds = rule
    lines, args = state.lines, option.args
    wanted = _kinds(kinds, len(args))
    if len(wanted) != len(args):
        return Reason.WRONG_ARGUMENTS
    values: list[State | Formula | int | str] = [state] if kinds[0] == "s" else []
    for kind, arg in zip(wanted, args, strict=False):
        if kind in "ig" and type(arg) is int:
            if not 0 <= arg < len(lines):
                return Reason.OUT_OF_RANGE
            line = lines[arg]
            if type(line) is Reason:
                return line
            values.append(line)  # type: ignore[arg-type]
        elif kind == "g" and arg == GOAL:
            values.append(state.goal)
        elif (kind == "n" and type(arg) is int) or (kind == "c" and type(arg) is str):
            values.append(arg)  # a number, a constant's name
        else:
            return Reason.WRONG_ARGUMENTS
    result = apply(*values)
    if result is None:
        return Reason.DOES_NOT_APPLY
    if isinstance(result, Reason):
        return result
    return result if result.size <= MAX_SIZE and result.depth <= MAX_NESTING else Reason.TOO_LARGE


def cited(option: Option) -> list[int]:
    """The indices of the lines that an option uses, in the order of its arguments.

    >>> cited(Option("AND_ELIM", (4, 0)))
    [4]
    """
    kinds = _kinds(RULES[option.name][1], len(option.args))
    return [arg for kind, arg in zip(kinds, option.args, strict=False) if kind in "ig" and type(arg) is int]


@lru_cache(maxsize=256)
def _kinds(kinds: str, count: int) -> str:
    """The kind of each of `count` arguments."""
    kinds = kinds.removeprefix("s")
    return kinds[:-2].ljust(count, kinds[-2]) if kinds[-1] == "*" else kinds


def conclude(state: State, option: Option, decide: Callable[[], Decision]) -> Answer | Reason:
    """The answer of CONCLUDE, or why it is rejected. `decide` is the solver, asked for UNKNOWN alone.

    >>> wet, dry = Atom("wet", (Constant("Max"),)), Atom("dry", (Constant("Max"),))
    >>> conclude(State([wet], wet), Option("CONCLUDE", (0,)), lambda: Decision.TRUE)
    <Answer.TRUE: 0>
    >>> conclude(State([wet], dry), Option("CONCLUDE", (0,)), lambda: Decision.TRUE)
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
    outside = state.lines[: state.assumptions[0]] if state.assumptions else state.lines
    return answer if any(formula in outside for formula in wanted) else Reason.NOT_DERIVED


@lru_cache(maxsize=1 << 16)  # asked again for every sample of a problem
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
    taken = {constant.name for constant in first.names | second.names}
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
    return _under(variables, chain)


def disjunctive_syllogism(disjunction: Formula, fact: Formula) -> Formula | None:
    """P∨Q, ¬P ⊢ Q: one part holds. P⊕Q, ¬P ⊢ Q; P⊕Q, P ⊢ ¬Q: exactly one does. ¬(P⊕Q), P ⊢ Q: both or none.

    >>> p, q = Atom("p", (Constant("a"),)), Atom("q", (Constant("a"),))
    >>> disjunctive_syllogism(Or(p, q), Not(p)) is q
    True
    >>> disjunctive_syllogism(Or(p, q), p)
    """
    if type(disjunction) is Or:
        rest = [part for part in disjunction.parts if not _opposite(part, fact)]
        return Or(*rest) if len(rest) < len(disjunction.parts) else None
    differ = type(disjunction) is Xor
    either = disjunction if differ else disjunction.body if type(disjunction) is Not else None
    if type(either) is Xor:
        for part, other in (either.left, either.right), (either.right, either.left):
            if part is fact or _opposite(part, fact):
                return other if (part is fact) != differ else Not(other)
    return None


def univ_instantiation(universal: Formula, name: str) -> Formula | None:
    """∀x P(x) ⊢ P(c): what holds of all holds of c, a constant of any name.

    >>> univ_instantiation(Forall(Atom("p", (Bound(0),))), "a") is Atom("p", (Constant("a"),))
    True
    >>> univ_instantiation(Exists(Atom("p", (Bound(0),))), "a")
    """
    return instantiate(universal, Constant(name)) if type(universal) is Forall else None


def univ_generalization(state: State, fact: Formula, name: str) -> Formula | None:
    """P(c), c arbitrary ⊢ ∀x P(x): nothing that P(c) rests on mentions c, so it holds of any individual.

    >>> p, q = Atom("p", (Constant("a"),)), Atom("q", (Constant("b"),))
    >>> univ_generalization(State([q], q), p, "a") is Forall(Atom("p", (Bound(0),)))
    True
    >>> univ_generalization(State([p], q), p, "a")
    """
    constant = Constant(name)
    if constant not in fact.names or any(constant in formula.names for formula in state.assumed()):
        return None
    return Forall(substitute(fact, {constant: Bound(0)}))


def exist_instantiation(state: State, existential: Formula) -> Formula | None:
    """∃x P(x) ⊢ P(c) for a constant that is fresh: it names an individual of which P holds.

    >>> some = Exists(Atom("p", (Bound(0),)))
    >>> exist_instantiation(State([some], some), some)
    Atom('p', (Constant('WitnessB'),))
    >>> exist_instantiation(State([some], some), Forall(some.body))
    """
    if type(existential) is not Exists or len(state.witnesses) == MAX_OPEN:
        return None
    name = "Witness" + "".join(ascii_uppercase[int(digit)] for digit in str(len(state.lines)))
    while Constant(name) in state.names:
        name += "X"
    return instantiate(existential, Constant(name))


def exist_generalization(fact: Formula, name: str) -> Formula | None:
    """P(c) ⊢ ∃x P(x), for every place where c stands: c is such an x.

    >>> p = Atom("p", (Constant("a"),))
    >>> exist_generalization(p, "a") is Exists(Atom("p", (Bound(0),)))
    True
    >>> exist_generalization(p, "b")
    """
    constant = Constant(name)
    return Exists(substitute(fact, {constant: Bound(0)})) if constant in fact.names else None


def and_intro(*parts: Formula) -> Formula | Reason:
    """P, Q ⊢ P∧Q.

    >>> p, q = Atom("p", (Constant("a"),)), Atom("q", (Constant("a"),))
    >>> and_intro(p, q) is And(p, q)
    True
    >>> and_intro(p, q) is And(q, p)
    False
    """
    if sum(part.size for part in parts) > 2 * MAX_SIZE:  # before it is built
        return Reason.TOO_LARGE
    return And(*parts)


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
    for formula, variables in _parts(within):
        if type(formula) is Or:
            for part in formula.parts:
                values = _match(part, fact, variables)
                found = None if values is None else _instance(formula, values, variables)
                if found is not None:
                    return found
    return None


def double_negation(fact: Formula) -> Formula | None:
    """¬¬P ⊢ P.

    >>> p = Atom("p", (Constant("a"),))
    >>> double_negation(Not(Not(p))) is p
    True
    >>> double_negation(Not(p))
    """
    return fact.body.body if type(fact) is Not and type(fact.body) is Not else None


def case_split(disjunction: Formula, *rules: Formula) -> Formula | None:
    """P∨Q (or P⊕Q), P→R, Q→R ⊢ R: one of the parts holds, and each leads to R.

    >>> p, q, r = (Atom(name, (Constant("a"),)) for name in "pqr")
    >>> case_split(Or(p, q), Implies(p, r), Implies(q, r)) is r
    True
    >>> case_split(Or(p, q), Implies(p, r), Implies(q, p))
    """
    if type(disjunction) not in (Or, Xor) or len(rules) != len(disjunction.fields):
        return None
    found = {modus_ponens(part, rule) for part, rule in zip(disjunction.fields, rules, strict=True)}
    return found.pop() if len(found) == 1 else None


def biconditional_intro(first: Formula, second: Formula) -> Formula | None:
    """P→Q, Q→P ⊢ P↔Q; likewise under the same number of ∀.

    >>> p, q = Atom("p", (Constant("a"),)), Atom("q", (Constant("a"),))
    >>> biconditional_intro(Implies(p, q), Implies(q, p)) is Iff(p, q)
    True
    >>> biconditional_intro(Implies(p, q), Implies(p, q))
    """
    (variables, there), (others, back) = _strip(first), _strip(second)
    if variables != others or type(there) is not Implies or type(back) is not Implies:
        return None
    if there.left is not back.right or there.right is not back.left:
        return None
    return _under(variables, Iff(there.left, there.right))


def biconditional_elim(biconditional: Formula, direction: int) -> Formula | None:
    """P↔Q ⊢ P→Q (direction 0) or Q→P (direction 1); likewise under ∀.

    >>> p, q = Atom("p", (Constant("a"),)), Atom("q", (Constant("a"),))
    >>> biconditional_elim(Iff(p, q), 1) is Implies(q, p)
    True
    >>> biconditional_elim(Iff(p, q), 2)
    """
    variables, body = _strip(biconditional)
    if type(body) is not Iff or direction not in (0, 1):
        return None
    sides = (body.left, body.right) if direction == 0 else (body.right, body.left)
    return _under(variables, Implies(*sides))


def assume(state: State, within: Formula, part: int, complement: int, *names: str) -> Formula | None:
    """Opens a scope with a part of `within`: number `part`, breadth first, 0 the whole.

    complement: 1 assumes its complement, 0 the part as it stands
    names: constants for the variables of the quantifiers around it, outermost first

    >>> p, q = Atom("p", (Bound(0),)), Atom("q", (Bound(0),))
    >>> state = State([], Forall(Implies(p, q)))
    >>> assume(state, state.goal, 3, 1, "a") is Not(Atom("q", (Constant("a"),)))
    True
    >>> assume(state, state.goal, 3, 1)
    """
    if complement not in (0, 1) or not 0 <= part < within.size or len(state.assumptions) == MAX_OPEN:
        return None
    for number, (formula, variables) in enumerate(_parts(within)):
        if number == part:
            if variables != len(names):
                return None
            values: dict[Term, Term] = {Bound(i): Constant(name) for i, name in enumerate(reversed(names))}
            assumed = substitute(formula, values) if values else formula
            return negation(assumed) if complement else assumed
    return None


def conditional_proof(state: State, assumed: Formula, reached: Formula) -> Formula | None:
    """Assumed P, reached Q ⊢ P→Q, closing P, the innermost assumption.

    What P's scope introduced as a fresh individual must not be in Q.

    >>> p, q = Atom("p", (Constant("a"),)), Atom("q", (Constant("a"),))
    >>> state = State([q], Implies(p, q))
    >>> state.add(Option("ASSUME", ("goal", 1, 0)), p)
    >>> conditional_proof(state, p, q) is Implies(p, q)
    True
    >>> conditional_proof(state, q, p)
    """
    if not state.assumptions or state.lines[state.assumptions[-1]] is not assumed:
        return None
    inside = (fresh for index, fresh in state.witnesses if index > state.assumptions[-1])
    return None if any(fresh & reached.names for fresh in inside) else Implies(assumed, reached)


def contradiction(state: State, fact: Formula, denial: Formula) -> Formula | None:
    """P, ¬P ⊢ the complement of the innermost assumption, closing it: both cannot hold, so it does not.

    >>> p, q = Atom("p", (Constant("a"),)), Atom("q", (Constant("a"),))
    >>> state = State([p, Not(p)], q)
    >>> contradiction(state, p, Not(p))
    >>> state.add(Option("ASSUME", ("goal", 0, 1)), Not(q))
    >>> contradiction(state, p, Not(p)) is q
    True
    """
    if not state.assumptions or not _opposite(fact, denial):
        return None
    assumed = state.lines[state.assumptions[-1]]
    return None if isinstance(assumed, Reason) else negation(assumed)


# What each argument is: i a line's index, g a line's index or the goal, c a constant, n a number, x* any
# number of x; s in front: the rule looks at the state.
RULES: dict[str, tuple[Callable[..., Formula | Reason | None], str]] = {
    "MODUS_PONENS": (modus_ponens, "ii"),
    "MODUS_TOLLENS": (modus_tollens, "ii"),
    "HYPOTHETICAL_SYLLOGISM": (hypothetical_syllogism, "ii"),
    "DISJUNCTIVE_SYLLOGISM": (disjunctive_syllogism, "ii"),
    "UNIV_INSTANTIATION": (univ_instantiation, "ic"),
    "UNIV_GENERALIZATION": (univ_generalization, "sic"),
    "EXIST_INSTANTIATION": (exist_instantiation, "si"),
    "EXIST_GENERALIZATION": (exist_generalization, "ic"),
    "AND_INTRO": (and_intro, "iii*"),
    "AND_ELIM": (and_elim, "in"),
    "OR_INTRO": (or_intro, "ig"),
    "CASE_SPLIT": (case_split, "iiii*"),
    "BICONDITIONAL_INTRO": (biconditional_intro, "ii"),
    "BICONDITIONAL_ELIM": (biconditional_elim, "in"),
    "DOUBLE_NEGATION": (double_negation, "i"),
    "ASSUME": (assume, "sgnnc*"),
    "CONDITIONAL_PROOF": (conditional_proof, "sii"),
    "CONTRADICTION": (contradiction, "sii"),
}


def _opposite(one: Formula, other: Formula) -> bool:
    return (type(one) is Not and one.body is other) or (type(other) is Not and other.body is one)


def _strip(formula: Formula) -> tuple[int, Formula]:
    """The number of leading ∀ and the body, in which they bind Bound(0) up to that number."""
    variables = 0
    while type(formula) is Forall:
        formula, variables = formula.body, variables + 1
    return variables, formula


def _under(variables: int, formula: Formula) -> Formula:
    """The formula under so many ∀."""
    for _ in range(variables):
        formula = Forall(formula)
    return formula


def _parts(formula: Formula) -> Iterator[tuple[Formula, int]]:
    """A formula and all its subformulas, breadth first, each with the number of quantifiers around it."""
    queue = [(formula, 0)]
    for part, variables in queue:  # grows while it is read
        yield part, variables
        inner = variables + (type(part) in (Forall, Exists))
        queue.extend((one, inner) for one in subformulas(part))


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
