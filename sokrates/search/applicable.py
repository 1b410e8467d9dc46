"""The options that are valid in a state, all of those that a proof could want.

`applicable` lists them in one order, and the list is finite, as each argument is bounded:

- a constant is one that the goal or a line in scope mentions, or a new arbitrary individual: ArbitraryA, …,
  as many as the quantifiers of the formula, in this order;
- AND_INTRO makes conjunctions that are parts (or instances of parts) of the goal or a line in scope;
- ASSUME takes the first place of each formula that it can assume, and parts under at most MAX_QUANTIFIERS;
- a formula that stands on several lines is cited by the first of them in AND_INTRO, CASE_SPLIT and
  CONTRADICTION, and no conjunction or disjunction is listed in more than MAX_WAYS.

So what a proof can reach is listed, if not each way to write it. Not covered: CONCLUDE of UNKNOWN, which only
the solver can say; which option is of use.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice, product

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
    negation,
    substitute,
)
from sokrates.logic.matching import Values, match, numbered_parts, strip_foralls
from sokrates.proof.arguments import GOAL
from sokrates.proof.kernel import ASSUME, State, derive, modus_ponens
from sokrates.proof.option import Option, Reason
from sokrates.proof.text import CONCLUDE
from sokrates.search.derivation import fresh_name, individuals

MAX_QUANTIFIERS = 2  # around a part that is assumed
MAX_WAYS = 1000  # to cite lines for one conjunction or one disjunction


def applicable(state: State, name: str | None = None) -> list[Option]:
    """The options that are valid in a state, in a fixed order; those that end the proof come last.

    name: those of this name alone; no other is tested

    >>> from sokrates.logic.formula import Bound, atom
    >>> rule = Forall(Implies(atom("man", Bound(0)), atom("mortal", Bound(0))))
    >>> man, mortal = (atom(name, Constant("Plato")) for name in ("man", "mortal"))
    >>> applicable(State([rule, man], mortal))[:3]
    [MODUS_PONENS(1, 0), UNIV_INSTANTIATION(0, Plato), UNIV_INSTANTIATION(0, ArbitraryA)]
    """
    valid: dict[Option, None] = {}
    for names, candidates in _groups(state):
        if name is None or name in names:
            for option in candidates:
                if name in (None, option.name) and option not in valid and _is_valid(state, option):
                    valid[option] = None
    return list(valid)


def applicable_names(state: State) -> list[str]:
    """The names of the options that are valid in a state. It takes a fraction of the time of `applicable`."""
    valid = []
    for names, candidates in _groups(state):
        untried = set(names)
        for option in candidates:
            if option.name in untried and _is_valid(state, option):
                valid.append(option.name)
                untried.remove(option.name)
            if not untried:
                break
    return valid


def _is_valid(state: State, option: Option) -> bool:
    if option.name == CONCLUDE:
        return isinstance(state.copy().conclude(option, lambda: Decision.UNDECIDED), Answer)
    return not isinstance(derive(state, option), Reason)


_BY_RULES = frozenset(("MODUS_PONENS", "MODUS_TOLLENS", "HYPOTHETICAL_SYLLOGISM", "BICONDITIONAL_INTRO"))
_BY_ONE_LINE = frozenset(
    """UNIV_INSTANTIATION BICONDITIONAL_ELIM AND_ELIM EXIST_INSTANTIATION DOUBLE_NEGATION
    EXIST_GENERALIZATION UNIV_GENERALIZATION OR_INTRO""".split()
)
_Scope = dict[int, Formula]
_Shape = tuple[int, str, int]  # negations, then a predicate and its arity, or a connective and −1 − its parts


def _groups(state: State) -> Iterator[tuple[frozenset[str], Iterator[Option]]]:
    """Options of which each valid one, but for what the module says, is one; in groups, each with its names."""
    scope = {index: line for index, line in enumerate(state.lines) if not isinstance(line, Reason)}
    names = [name.fields[0] for name in individuals(state)]
    hosts: list[tuple[int | str, Formula]] = [(GOAL, state.goal), *scope.items()]
    first: dict[Formula, int] = {}  # the first line of each formula
    for i, line in scope.items():
        first.setdefault(line, i)
    yield _BY_RULES, _rule_applications(scope)
    yield frozenset(("DISJUNCTIVE_SYLLOGISM",)), _disjunctive_syllogisms(scope)
    yield _BY_ONE_LINE, _from_one_line(scope, names, hosts)
    yield frozenset(("AND_INTRO",)), _conjunctions(state, first)
    yield frozenset(("CASE_SPLIT",)), _case_splits(scope, first)
    yield frozenset(("CONDITIONAL_PROOF", "CONTRADICTION")), _closings(state, scope, first)
    yield frozenset((ASSUME,)), _assumptions(hosts, names)
    yield frozenset((CONCLUDE,)), (Option(CONCLUDE, (answer.value,)) for answer in (Answer.TRUE, Answer.FALSE))


def _rule_applications(scope: _Scope) -> Iterator[Option]:
    """The options that use an implication. Only lines whose outer shape fits a rule are tried with it."""
    stripped = {i: strip_foralls(line) for i, line in scope.items()}
    rules = {i: (variables, *body.fields) for i, (variables, body) in stripped.items() if type(body) is Implies}
    by_antecedent: dict[_Shape, list[int]] = defaultdict(list)
    by_fact: dict[_Shape, list[int]] = defaultdict(list)  # by the fact that affirms or denies
    by_sides: dict[tuple[int, Formula, Formula], list[int]] = defaultdict(list)
    for j, (variables, left, right) in rules.items():
        by_antecedent[_shape(left)].append(j)
        by_sides[variables, left, right].append(j)
        for fact in {_shape(left), _shape(negation(right)), _shape(Not(right))}:
            by_fact[fact].append(j)
    for i, line in scope.items():
        for j in by_fact.get(_shape(line), ()):
            yield Option("MODUS_PONENS", (i, j))
            yield Option("MODUS_TOLLENS", (i, j))
    for i, (_, _, right) in rules.items():
        yield from (Option("HYPOTHETICAL_SYLLOGISM", (i, j)) for j in by_antecedent.get(_shape(right), ()))
    for i, (variables, left, right) in rules.items():
        yield from (Option("BICONDITIONAL_INTRO", (i, j)) for j in by_sides.get((variables, right, left), ()))


def _shape(formula: Formula) -> _Shape:
    """What a pattern and each formula that it matches have in common: the outer form, down to a predicate."""
    negations = 0
    while type(formula) is Not:
        formula, negations = formula.body, negations + 1
    if type(formula) is Atom:
        return negations, formula.predicate, len(formula.terms)
    return negations, type(formula).__name__, -len(formula.fields) - 1


def _disjunctive_syllogisms(scope: _Scope) -> Iterator[Option]:
    for i, line in scope.items():
        if _is_disjunctive(line):
            yield from (Option("DISJUNCTIVE_SYLLOGISM", (i, j)) for j in scope)


def _from_one_line(scope: _Scope, names: list[str], hosts: list[tuple[int | str, Formula]]) -> Iterator[Option]:
    disjunctions = [i for i, line in hosts if any(type(part) is Or for part, _ in numbered_parts(line))]
    for i, line in scope.items():
        yield from _alone(i, line, names, disjunctions)


def _alone(i: int, line: Formula, names: list[str], disjunctions: list[int | str]) -> Iterator[Option]:
    """The options that use one line."""
    if type(line) is Forall:
        for name in (*names, fresh_name(map(Constant, names))):
            yield Option("UNIV_INSTANTIATION", (i, name))
    if type(strip_foralls(line)[1]) is Iff:
        yield from (Option("BICONDITIONAL_ELIM", (i, direction)) for direction in (0, 1))
    if type(line) is And:
        yield from (Option("AND_ELIM", (i, number)) for number in range(len(line.parts)))
    if type(line) is Exists:
        yield Option("EXIST_INSTANTIATION", (i,))
    if type(line) is Not:
        yield Option("DOUBLE_NEGATION", (i,))
    for name in sorted(constant.name for constant in line.names):
        yield Option("EXIST_GENERALIZATION", (i, name))
        yield Option("UNIV_GENERALIZATION", (i, name))
    yield from (Option("OR_INTRO", (i, within)) for within in disjunctions)


def _conjunctions(state: State, first: dict[Formula, int]) -> Iterator[Option]:
    patterns: dict[Formula, int] = {}  # with the number of quantifiers around each
    for host in (state.goal, *first):
        for part, variables in numbered_parts(host):
            if type(part) is And:
                patterns.setdefault(part, variables)
    for pattern, variables in patterns.items():
        ways = islice(_citations(pattern.fields, variables, first, {}), MAX_WAYS)
        yield from (Option("AND_INTRO", way) for way in ways)


def _citations(
    parts: Sequence[Formula], variables: int, first: dict[Formula, int], values: Values
) -> Iterator[tuple[int, ...]]:
    """The lines that stand for the parts, with the same constants for their variables throughout."""
    if not parts:
        yield ()
        return
    for line, i in first.items():
        wider = dict(values)
        if match(parts[0], line, variables, wider):
            yield from ((i, *rest) for rest in _citations(parts[1:], variables, first, wider))


def _case_splits(scope: _Scope, first: dict[Formula, int]) -> Iterator[Option]:
    for i, line in scope.items():
        if type(line) in (Or, Xor):
            yield from _splits_of(i, line.fields, first)


def _splits_of(i: int, parts: Sequence[Formula], first: dict[Formula, int]) -> Iterator[Option]:
    reached: list[dict[Formula, list[int]]] = []  # for each part, what follows from it and by which lines
    for part in parts:
        follows: dict[Formula, list[int]] = defaultdict(list)
        for rule, j in first.items():
            result = modus_ponens(part, rule)
            if isinstance(result, Formula):
                follows[result].append(j)
        reached.append(follows)
    for result in reached[0] if reached else ():
        ways = product(*(follows.get(result, ()) for follows in reached))
        yield from (Option("CASE_SPLIT", (i, *way)) for way in islice(ways, MAX_WAYS))


def _closings(state: State, scope: _Scope, first: dict[Formula, int]) -> Iterator[Option]:
    if not state.assumptions:
        return
    at = state.assumptions[-1]
    yield from (Option("CONDITIONAL_PROOF", (at, j)) for j in scope)
    for line, i in first.items():
        if Not(line) in first:
            yield Option("CONTRADICTION", (i, first[Not(line)]))
            yield Option("CONTRADICTION", (first[Not(line)], i))


def _assumptions(hosts: list[tuple[int | str, Formula]], names: list[str]) -> Iterator[Option]:
    assumed: set[Formula] = set()
    for within, host in hosts:
        for number, (part, variables) in enumerate(numbered_parts(host)):
            if variables > MAX_QUANTIFIERS:
                continue
            for complement, chosen in product((0, 1), _names(names, variables)):
                values: dict[Term, Term] = {Bound(n): Constant(name) for n, name in enumerate(reversed(chosen))}
                instance = substitute(part, values)
                formula = negation(instance) if complement else instance
                if formula not in assumed:
                    assumed.add(formula)
                    yield Option(ASSUME, (within, number, complement, *chosen))


def _names(names: list[str], count: int) -> Iterator[tuple[str, ...]]:
    """Every choice of `count` names; new ones are used in order."""
    new: list[str] = []
    for _ in range(count):
        new.append(fresh_name(map(Constant, (*names, *new))))
    for chosen in product((*names, *new), repeat=count):
        used = [name for name in dict.fromkeys(chosen) if name in new]
        if used == new[: len(used)]:
            yield chosen


def _is_disjunctive(formula: Formula) -> bool:
    return type(formula) in (Or, Xor) or type(negation(formula)) is Xor
