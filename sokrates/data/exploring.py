"""Proofs that explore: each step is found by looking one rule ahead, and a step may lead nowhere.

They go forward from the facts until the goal is settled. Where that does not settle it they assume: each case of a
disjunction, to see what all of them lead to; or, where something is denied, what would contradict the conclusion.
So a proof of UNKNOWN shows where each way ends, and is one step only where no rule applies to any fact. Not
covered: rules whose condition is another formula than a literal, or a conjunction or a disjunction of literals;
assumptions within assumptions.
"""

from __future__ import annotations

from collections.abc import Container, Generator, Iterator, Mapping, Sequence

from sokrates.logic.formula import And, Atom, Bound, Forall, Formula, Implies, Not, Or, negation, substitute
from sokrates.proof.arguments import GOAL
from sokrates.proof.kernel import ASSUME, State, derive
from sokrates.proof.option import Option, Reason

Kind = tuple[bool, str | None]  # of a literal: whether it is a denial, and its predicate
Way = list[Option]  # the steps from a line to the next


class Refused(ValueError):
    """The kernel refuses a step, as it would derive too large a formula."""


def proof_that_explores(state: State, nouns: frozenset[str], goal: Formula) -> Iterator[Option]:
    """The options of such a proof without CONCLUDE; each is added to `state`. Raises Refused.

    nouns: the predicates that are concepts, which lead on; a property does only where a rule is about it
    """
    premises = tuple(state.lines)  # the state goes on

    def is_settled() -> bool:
        return goal in state.lines or negation(goal) in state.lines

    if not is_settled():
        yield from explore(state, nouns, goal)
    for index, premise in enumerate(premises):
        if type(premise) is Or and not is_settled():
            yield from _by_cases(state, nouns, goal, index)
    is_denied = any(type(part) is Not for premise in premises for part in _parts(premise))
    if is_denied and not is_settled():
        yield from _by_contradiction(state, nouns, goal)


def explore(state: State, nouns: frozenset[str], goal: Formula | None = None) -> Iterator[Option]:
    """Steps by rules, depth first, from each fact of `state` in turn; each is added to `state`. Raises Refused.

    From a line they take the step that settles the goal, if there is one, and end. Otherwise they go on, in the
    order of the premises, to each concept (one of `nouns`) that is not derived yet, and from there before they
    take the next. From a conjunction these are its parts. From a concept a rule leads on whose condition it is, or
    is a disjunction with it, or a conjunction whose parts all stand, which is introduced first.
    """
    facts = [index for index, line in enumerate(state.lines) if type(line) in (Atom, And)]
    settling = () if goal is None else (goal, negation(goal))
    yield from _forward(state, nouns, facts, settling, goal)


def looked_at(state: State, nouns: frozenset[str], option: Option) -> Sequence[int]:
    """The lines that a step is chosen from, where it does not cite them all.

    For a case that is assumed this is the disjunction; for a conjunction that a rule is about, each rule about a
    conjunction with one of its concepts. Other steps cite what they use, or assume a part of the goal.
    """
    if option.name == ASSUME:
        return [line for line in option.args[:1] if isinstance(line, int)]
    made = derive(state, option) if option.name == "AND_INTRO" else None
    if type(made) is not And:
        return []
    rules = _rules_by_kind(state, nouns)
    about = sorted({rule for part in made.parts for rule in rules.get(_kind(part), [])})
    about = [rule for rule in about if type(state.lines[rule].body.left) is And]
    individuals = {term for part in made.parts if type(part) is Atom for term in part.terms}
    conditions = [state.lines[rule].body.left for rule in about]
    is_for_a_rule = any(substitute(one, {Bound(0): term}) == made for one in conditions for term in individuals)
    return about if is_for_a_rule else []


def _by_cases(state: State, nouns: frozenset[str], goal: Formula, disjunction: int) -> Iterator[Option]:
    """Each part is assumed and shown to lead to the goal, or each to its negation; else the rest is left."""
    conditionals: list[int] = []
    ends: set[Formula] = set()
    for number, _ in enumerate(state.lines[disjunction].parts, start=1):
        assumption = len(state.lines)
        yield _take(state, Option(ASSUME, (disjunction, number, 0)))
        end = yield from _forward(state, nouns, [assumption], (goal, negation(goal)), goal)
        reached = len(state.lines) - 1 if end is None else end
        ends.add(state.lines[reached])
        yield _take(state, Option("CONDITIONAL_PROOF", (assumption, reached)))
        conditionals.append(len(state.lines) - 1)
        if end is None or len(ends) > 1:
            return
    yield _take(state, Option("CASE_SPLIT", (disjunction, *conditionals)))


def _by_contradiction(state: State, nouns: frozenset[str], goal: Formula) -> Iterator[Option]:
    """Each part of the goal is refuted by assuming its complement, up to the first that is not.

    A goal that is no conjunction may itself be assumed, to refute it: what a rule is about is what is assumed.
    """
    rules = _rules_by_kind(state, nouns)
    parts = goal.parts if type(goal) is And else (goal,)
    first, complements = (1, (1,)) if type(goal) is And else (0, (1, 0))
    shown: list[int] = []
    for number, part in enumerate(parts, start=first):
        assumed = {complement: negation(part) if complement else part for complement in complements}
        fitting = [complement for complement in complements if _kind(assumed[complement]) in rules]
        if not fitting:
            return
        contradicting = frozenset(negation(line) for line in state.lines if not isinstance(line, Reason))
        assumption = len(state.lines)
        yield _take(state, Option(ASSUME, (GOAL, number, fitting[0])))
        end = yield from _forward(state, nouns, [assumption], contradicting)
        if end is None:
            return
        denial = state.lines.index(negation(state.lines[end]))
        yield _take(state, Option("CONTRADICTION", (end, denial)))
        shown.append(len(state.lines) - 1)
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
    rules = _rules_by_kind(state, nouns)
    waiting = [*starts][::-1]
    for start in starts:
        if state.lines[start] in settling:
            return start
    while waiting:
        line = waiting[-1]
        introduction = _introducing(state, line, compound, GOAL)
        if introduction is not None:
            yield _take(state, introduction)
            return len(state.lines) - 1
        ways = [(way, _end(state, way)) for way in _ways(state, line, rules)]
        last = [way for way, parts in ways if any(part in settling for part in parts)]
        leading = [way for way, parts in ways if any(_leads(part, nouns, rules) for part in parts)]
        if not last and not leading:
            waiting.pop()
            continue
        for option in (last or leading)[0]:
            yield _take(state, option)
        if last and type(state.lines[-1]) is not And:
            return len(state.lines) - 1
        waiting.append(len(state.lines) - 1)
    return None


def _take(state: State, option: Option) -> Option:
    if isinstance(state.apply(option), Reason):
        raise Refused(str(option))
    return option


def _rules_by_kind(state: State, nouns: frozenset[str]) -> Mapping[Kind, Sequence[int]]:
    """The rules by what they are about: the literal that is their condition, or the concepts among its parts."""
    rules: dict[Kind, list[int]] = {}
    for index, line in enumerate(state.lines):
        if type(line) is Forall and type(line.body) is Implies:
            condition = line.body.left
            parts = condition.parts if isinstance(condition, And | Or) else (condition,)
            for kind in map(_kind, parts):
                if kind[1] is not None and (len(parts) == 1 or kind[1] in nouns):
                    rules.setdefault(kind, []).append(index)
    return rules


def _kind(formula: Formula | Reason) -> Kind:
    """The predicate is None where the formula is no literal."""
    literal = formula.body if type(formula) is Not else formula
    return literal is not formula, literal.predicate if type(literal) is Atom else None


def _parts(line: Formula | Reason) -> tuple[Formula, ...]:
    if isinstance(line, Reason):
        return ()
    return line.parts if isinstance(line, And) else (line,)


def _leads(literal: Formula, nouns: frozenset[str], rules: Mapping[Kind, Sequence[int]]) -> bool:
    is_concept = type(literal) is Atom and literal.predicate in nouns
    return is_concept or _kind(literal) in rules


def _ways(state: State, index: int, rules: Mapping[Kind, Sequence[int]]) -> list[Way]:
    """The steps from a line to each line that does not stand yet, in the order of the premises."""
    line = state.lines[index]
    if isinstance(line, And):
        parts = enumerate(line.parts)
        return [[Option("AND_ELIM", (index, number))] for number, part in parts if part not in state.lines]
    ways = [_applying(state, index, rule) for rule in rules.get(_kind(line), [])]
    return [way for way in ways if way]


def _end(state: State, way: Way) -> tuple[Formula, ...]:
    """The parts of what the last of these steps derives."""
    state = state.copy()
    for option in way:
        state.apply(option)
    return _parts(state.lines[-1])


def _applying(state: State, fact: int, rule: int) -> Way:
    """The steps from a fact to what the rule claims; none where it does not apply, or its claim stands."""
    state = state.copy()
    condition = state.lines[rule].body.left
    options, line = [], fact
    if isinstance(condition, And | Or):
        literal = state.lines[fact]
        atom = literal.body if type(literal) is Not else literal
        if type(atom) is not Atom or len(atom.terms) != 1:
            return []
        whole = substitute(condition, {Bound(0): atom.terms[0]})
        if whole in state.lines:
            line = state.lines.index(whole)
        elif (introduction := _introducing(state, fact, whole, rule)) is not None:
            options.append(introduction)
            line = len(state.lines)
            state.apply(introduction)
        else:
            return []
    options.append(Option("MODUS_PONENS", (line, rule)))
    derived = derive(state, options[-1])
    return [] if isinstance(derived, Reason) or derived in state.lines else options


def _introducing(state: State, fact: int, formula: Formula | None, within: int | str) -> Option | None:
    """The step that makes a disjunction with the fact, or a conjunction of lines; None where there is none."""
    lines = state.lines
    if type(formula) is Or and lines[fact] in formula.parts:
        return Option("OR_INTRO", (fact, within))
    if type(formula) is And and all(part in lines for part in formula.parts):
        return Option("AND_INTRO", tuple(lines.index(part) for part in formula.parts))
    return None
