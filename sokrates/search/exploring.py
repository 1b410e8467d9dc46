"""Proofs that explore: each step is found by looking one rule ahead, and a step may lead nowhere.

They go forward from the facts until the goal is settled. Where that does not settle it they assume: each case of a
disjunction, to see what all of them lead to; or, where something is denied, what would contradict the conclusion.
So a proof of UNKNOWN shows where each way ends, and is one step only where no rule leads on from any fact.

A rule about a literal is found from the line that it applies to. Rules about a conjunction or a disjunction are
read over in the order of the premises, up to the first that applies. Not covered: rules whose condition is another
formula; assumptions within assumptions; contradictions of two lines that both rest on the assumption, or about a
property whose denial is no fact of its own.
"""

from __future__ import annotations

from collections.abc import Container, Generator, Iterable, Iterator, Mapping, Sequence

from sokrates.logic.answer import Answer
from sokrates.logic.formula import (
    And,
    Atom,
    Bound,
    Forall,
    Formula,
    Implies,
    Not,
    Or,
    Term,
    negation,
    substitute,
)
from sokrates.proof.arguments import GOAL
from sokrates.proof.kernel import ASSUME, State, derive
from sokrates.proof.option import Option, Reason
from sokrates.proof.text import CONCLUDE

Kind = tuple[bool, str | None]  # of a literal: whether it is a denial, and its predicate
Way = list[Option]  # the steps from a line to the next
APPLYING = ("MODUS_PONENS", "AND_INTRO", "OR_INTRO")  # reading rules over leads to one of these


class Refused(ValueError):
    """The kernel refuses a step, as it would derive too large a formula."""


def proof_that_explores(state: State, nouns: frozenset[str], goal: Formula) -> Iterator[Option]:
    """The options of such a proof without CONCLUDE; each is added to `state`. Raises Refused.

    nouns: the predicates that are concepts, which lead on; a property does only where a rule is about it
    """

    def is_settled() -> bool:
        return goal in state.lines or negation(goal) in state.lines

    if not is_settled():
        yield from explore(state, nouns, goal)
    for index, premise in enumerate(state.premises):
        if type(premise) is Or and not is_settled():
            yield from _by_cases(state, nouns, goal, index)
    if not is_settled() and _may_contradict(state):
        yield from _by_contradiction(state, nouns, goal)


def explore(state: State, nouns: frozenset[str], goal: Formula | None = None) -> Iterator[Option]:
    """Steps by rules, depth first, from each fact of `state` in turn; each is added to `state`. Raises Refused.

    A goal is introduced as soon as its parts stand, or one of them where it is a disjunction. From a line they
    take the step that settles the goal or gives such a part, if there is one. Otherwise they go on, in the order
    of the premises, to each concept (of `nouns`) or denial of one that is not derived yet, and from there before
    they take the next. From a conjunction these are its parts. Where no line leads on, they introduce the
    condition of the first rule about a conjunction or a disjunction that applies (`read_over`), and go on from
    what it claims.
    """
    facts = [index for index, line in enumerate(state.lines) if type(line) in (Atom, Not, And)]
    settling = () if goal is None else (goal, negation(goal))
    yield from _forward(state, nouns, facts, settling, goal)


def read_over(state: State) -> tuple[list[int], Way]:
    """Rules about a conjunction or a disjunction, in order, to the first that applies, and the steps by that one.

    A rule whose claim stands is passed over. Where none applies: all whose claim does not stand, and no steps.
    """
    read: list[int] = []
    individuals = _individuals(state)
    for rule, condition, claim in rules_of(state.lines):
        if not isinstance(condition, And | Or):
            continue
        claims = [substitute(claim, {Bound(0): individual}) for individual in individuals]
        if all(one in state.lines for one in claims):
            continue
        read.append(rule)
        for individual, claimed in zip(individuals, claims, strict=True):
            if claimed in state.lines:
                continue
            wanted = substitute(condition, {Bound(0): individual})
            assert isinstance(wanted, And | Or)
            if way := _by_way_of(state, wanted, claimed, rule):
                return read, way
    return read, []


def looked_at(state: State, option: Option) -> Sequence[int]:
    """The lines that a step is chosen from, where it does not cite them all.

    For a case that is assumed this is the disjunction. Where rules about a conjunction or a disjunction were read
    over, it is these: before one of them is applied, and where none is left, so that something is assumed, or an
    assumption is closed that did not lead to the goal, or the answer is UNKNOWN. Other steps go on from the line
    before, or introduce the goal.
    """
    disjunction = [line for line in option.args[:1] if option.name == ASSUME and isinstance(line, int)]
    is_unknown = option == Option(CONCLUDE, (Answer.UNKNOWN.value,))
    is_dead_end = option.name == "CONDITIONAL_PROOF" and not _leads_to_goal(state, option)
    if not (is_unknown or is_dead_end or option.name in (ASSUME, *APPLYING)):
        return []
    read, way = read_over(state)
    if option.name not in APPLYING:
        return [*disjunction, *(read if not way else [])]
    if way[:1] != [option]:
        return []
    if option.name == "MODUS_PONENS":
        goes_on = option.args[0] == len(state.lines) - 1
    else:
        goes_on = derive(state, option) == state.goal
    return [] if goes_on else read


def _leads_to_goal(state: State, closing: Option) -> bool:
    """Whether a CONDITIONAL_PROOF shows what leads to the goal or to its negation."""
    shown = derive(state, closing)
    return type(shown) is Implies and shown.right in (state.goal, negation(state.goal))


def _by_cases(state: State, nouns: frozenset[str], goal: Formula, disjunction: int) -> Iterator[Option]:
    """Each part is assumed and shown to lead to the goal, or each to its negation; else the rest is left.

    A part that was assumed for another disjunction is not assumed again: what it leads to stands.
    """
    conditionals: list[int] = []
    ends: set[Formula] = set()
    for number, part in enumerate(state.lines[disjunction].parts, start=1):
        shown = _shown_of(state, part)
        if shown is None:
            assumption = len(state.lines)
            yield _take(state, Option(ASSUME, (disjunction, number, 0)))
            end = yield from _forward(state, nouns, [assumption], (goal, negation(goal)), goal)
            reached = len(state.lines) - 1 if end is None else end
            yield _take(state, Option("CONDITIONAL_PROOF", (assumption, reached)))
            shown = len(state.lines) - 1
        conditionals.append(shown)
        ends.add(state.lines[shown].right)
        if not ends <= {goal, negation(goal)} or len(ends) > 1:
            return
    yield _take(state, Option("CASE_SPLIT", (disjunction, *conditionals)))


def _shown_of(state: State, part: Formula) -> int | None:
    """The derived line that says what a part of a disjunction leads to, if there is one."""
    derived = range(len(state.premises), len(state.lines))
    lines = ((index, state.lines[index]) for index in derived)
    return next((index for index, line in lines if type(line) is Implies and line.left is part), None)


def _by_contradiction(state: State, nouns: frozenset[str], goal: Formula) -> Iterator[Option]:
    """Each part of the goal is refuted by assuming its complement, up to the first that is not.

    A goal that is no conjunction may itself be assumed, to refute it: what a rule is about is what is assumed, one
    after the other where rules are about both.
    """
    asked = _asked_for(state)
    parts = goal.parts if type(goal) is And else (goal,)
    first, complements = (1, (1,)) if type(goal) is And else (0, (1, 0))
    shown: list[int] = []
    for number, part in enumerate(parts, start=first):
        if part in state.lines:
            shown.append(state.lines.index(part))
            continue
        assumed = {complement: negation(part) if complement else part for complement in complements}
        fitting = [complement for complement in complements if _kind(assumed[complement]) in asked]
        for complement in fitting:
            standing = [(index, line) for index, line in enumerate(state.lines) if not isinstance(line, Reason)]
            contradicting = {negation(line): index for index, line in reversed(standing)}
            assumption = len(state.lines)
            yield _take(state, Option(ASSUME, (GOAL, number, complement)))
            end = yield from _forward(state, nouns, [assumption], contradicting)
            if end is not None:
                yield _take(state, Option("CONTRADICTION", (end, contradicting[state.lines[end]])))
                shown.append(len(state.lines) - 1)
                break
            if complement is fitting[-1]:
                return
            yield _take(state, Option("CONDITIONAL_PROOF", (assumption, len(state.lines) - 1)))
        if not fitting:
            return
    if type(goal) is And:
        yield _take(state, Option("AND_INTRO", tuple(shown)))


def _forward(
    state: State,
    nouns: frozenset[str],
    starts: Sequence[int],
    settling: Container[Formula],
    compound: Formula | None = None,
) -> Generator[Option, None, int | None]:
    """Explores from each of these lines; returns the line that is one of `settling`, or None.

    compound: one of them that is introduced where it is a conjunction or a disjunction
    """
    rules, asked = _rules_by_kind(state), _asked_for(state)
    parts_of_goal = compound.parts if type(compound) is Or else ()
    waiting = [*starts][::-1]

    def leads(literal: Formula) -> bool:
        kind = _kind(literal)
        return kind in asked or kind[1] in nouns

    for start in starts:
        if state.lines[start] in settling:
            return start
    while True:
        introduction = _introducing(state, compound, GOAL, range(len(state.lines)))
        if introduction is not None:
            yield _take(state, introduction)
            return len(state.lines) - 1
        onward = _onward(state, waiting[-1], rules) if waiting else []
        closing = [
            option for option, parts in onward if any(part in settling or part in parts_of_goal for part in parts)
        ]
        leading = [option for option, parts in onward if any(leads(part) for part in parts)]
        way = (closing or leading)[:1]
        if waiting and not way:
            waiting.pop()
            continue
        if not waiting:
            _, way = read_over(state)
            if not way:
                return None
        for option in way:
            yield _take(state, option)
        if state.lines[-1] in settling:
            return len(state.lines) - 1
        waiting.append(len(state.lines) - 1)


def _take(state: State, option: Option) -> Option:
    if isinstance(state.apply(option), Reason):
        raise Refused(str(option))
    return option


def rules_of(lines: Sequence[Formula | Reason]) -> list[tuple[int, Formula, Formula]]:
    """Each rule's place among the lines, and its condition and its claim, of x."""
    return [
        (index, line.body.left, line.body.right)
        for index, line in enumerate(lines)
        if type(line) is Forall and type(line.body) is Implies
    ]


def _rules_by_kind(state: State) -> Mapping[Kind, Sequence[int]]:
    """The rules about a literal, by its kind."""
    rules: dict[Kind, list[int]] = {}
    for index, condition, _ in rules_of(state.lines):
        if (kind := _kind(condition))[1] is not None:
            rules.setdefault(kind, []).append(index)
    return rules


def _asked_for(state: State) -> set[Kind]:
    """The kinds of the literals that rules are about, alone or in a conjunction or a disjunction."""
    conditions = [condition for _, condition, _ in rules_of(state.lines)]
    return _kinds([part for one in conditions for part in (one.parts if isinstance(one, And | Or) else (one,))])


def _claimed(state: State) -> set[Kind]:
    """The kinds of the literals that rules claim, alone or in a conjunction."""
    return _kinds([part for _, _, claim in rules_of(state.lines) for part in _parts(claim)])


def _kinds(formulas: Iterable[Formula]) -> set[Kind]:
    """Of the literals among them."""
    return {kind for kind in map(_kind, formulas) if kind[1] is not None}


def _individuals(state: State) -> list[Term]:
    """The individuals that some standing literal is about."""
    literals = [line.body if type(line) is Not else line for line in state.lines]
    return list(dict.fromkeys(one.terms[0] for one in literals if type(one) is Atom and len(one.terms) == 1))


def _kind(formula: Formula | Reason) -> Kind:
    """The predicate is None where the formula is no literal."""
    literal = formula.body if type(formula) is Not else formula
    return literal is not formula, literal.predicate if type(literal) is Atom else None


def _may_contradict(state: State) -> bool:
    """Whether a denial stands, alone or in a conjunction, or a rule claims the denial of what stands."""
    kinds, claimed = {_kind(part) for line in state.lines for part in _parts(line)}, _claimed(state)
    return any(is_denial or (True, predicate) in claimed for is_denial, predicate in kinds)


def _parts(line: Formula | Reason) -> tuple[Formula, ...]:
    if isinstance(line, Reason):
        return ()
    return line.parts if isinstance(line, And) else (line,)


def _onward(
    state: State, index: int, rules: Mapping[Kind, Sequence[int]]
) -> list[tuple[Option, tuple[Formula, ...]]]:
    """The steps from a line to what does not stand yet, in the order of the premises, and the parts of that."""
    line = state.lines[index]
    if isinstance(line, And):
        options = [Option("AND_ELIM", (index, number)) for number, _ in enumerate(line.parts)]
    else:
        options = [Option("MODUS_PONENS", (index, rule)) for rule in rules.get(_kind(line), [])]
    standing = set(state.lines)
    derived = [(option, derive(state, option)) for option in options]
    return [(option, _parts(made)) for option, made in derived if _parts(made) and made not in standing]


def _by_way_of(state: State, condition: And | Or, claim: Formula, rule: int) -> Way:
    """The steps to what a rule claims, by way of its condition, which is introduced where it does not stand."""
    lines = state.lines
    if condition in lines:
        way = [Option("MODUS_PONENS", (lines.index(condition), rule))]
    else:
        introduction = _introducing(state, condition, rule, range(len(lines)))
        way = [introduction, Option("MODUS_PONENS", (len(lines), rule))] if introduction is not None else []
    tried = state.copy()  # a rule with a constant may be matched in another way
    derived = [tried.apply(option) for option in way]
    return way if derived and derived[-1] == claim else []


def _introducing(state: State, formula: Formula | None, within: int | str, facts: Iterable[int]) -> Option | None:
    """The step that makes a disjunction with the first fact that is a part of it, or a conjunction of lines.

    None where there is none, or no fact is a part of the formula.
    """
    lines, parts = state.lines, formula.parts if isinstance(formula, And | Or) else ()
    fact = next((fact for fact in facts if lines[fact] in parts), None)
    if fact is None:
        return None
    if type(formula) is Or:
        return Option("OR_INTRO", (fact, within))
    is_whole = all(part in lines for part in parts)
    return Option("AND_INTRO", tuple(lines.index(part) for part in parts)) if is_whole else None
