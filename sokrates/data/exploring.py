"""Proofs that explore: each step is found by looking one rule ahead, and a step may lead nowhere.

From the facts they go on by every rule until the goal is settled. Where no fact is one that a rule is about, they
assume: each case of a disjunction, to see what all of them lead to, or what would contradict the conclusion. So a
proof of UNKNOWN shows where each way ends, and a policy need not see that at once, as with a shortest one. Not
covered: assumptions within assumptions; proofs that go forward and assume, too.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any

from sokrates.logic.formula import And, Atom, Bound, Forall, Formula, Implies, Not, Or, negation, substitute
from sokrates.proof.arguments import GOAL
from sokrates.proof.kernel import ASSUME, State, derive
from sokrates.proof.option import Option, Reason

Rules = Mapping[Any, Sequence[int]]  # a literal's kind and predicate → the rules about it
Options = Generator[Option, None, int | None]  # yields options; returns the line that was looked for, or None
_CONCEPTS = (Atom, And)  # the facts to start from


def exploring(state: State, nouns: frozenset[str], goal: Formula) -> Iterator[Option]:
    """The options of a proof that explores, without CONCLUDE; each is added to `state`.

    nouns: the predicates that are concepts, which lead on; a property does not
    """
    facts = [line for line in state.lines if type(line) not in (Forall, Implies)]
    if any(type(line) in _CONCEPTS for line in facts):
        yield from explore(state, nouns, goal)
    elif any(type(line) is Or for line in facts):
        yield from _by_cases(state, nouns, goal)
    else:
        yield from _by_contradiction(state, nouns, goal)


def explore(state: State, nouns: frozenset[str], goal: Formula | None = None) -> Iterator[Option]:
    """Steps by rules, depth first, from each fact of `state` in turn; each is added to `state`.

    From a line they take the step that settles the goal, if there is one, and end. Otherwise they go on, in the
    order of the premises, to each concept (one of `nouns`) that is not derived yet, and from there before they
    take the next. From a conjunction these are its parts. From a concept a rule leads on whose condition it is, or
    is a disjunction with it, or a conjunction whose parts all stand, which is introduced first.
    """
    asked = _kind(goal)[1] if goal is not None else None
    starts = [index for index, line in enumerate(state.lines) if type(line) in _CONCEPTS]

    def settles(literal: Formula) -> bool:
        return asked is not None and _kind(literal)[1] == asked

    yield from _forward(state, nouns, starts, settles, goal)


def _by_cases(state: State, nouns: frozenset[str], goal: Formula) -> Iterator[Option]:
    """Each part of each disjunction is assumed, until all parts of one lead to the goal or to its negation."""
    for index, line in enumerate(state.lines):
        if type(line) is not Or:
            continue
        cases: list[int] = []
        ends: set[Formula] = set()
        for number in range(len(line.parts)):
            at = len(state.lines)
            yield _take(state, Option(ASSUME, (index, 1 + number, 0)))
            end = yield from _forward(state, nouns, [at], lambda literal: literal in (goal, negation(goal)))
            reached = len(state.lines) - 1 if end is None else end
            ends.add(state.lines[reached])
            yield _take(state, Option("CONDITIONAL_PROOF", (at, reached)))
            cases.append(len(state.lines) - 1)
            if end is None or len(ends) > 1:
                break
        else:
            yield _take(state, Option("CASE_SPLIT", (index, *cases)))
            return


def _by_contradiction(state: State, nouns: frozenset[str], goal: Formula) -> Iterator[Option]:
    """Each part of the goal is refuted by assuming its complement, as far as a rule is about that."""
    rules = _rules_of(state, nouns)
    parts = goal.parts if type(goal) is And else (goal,)
    shown: list[int] = []
    for number, part in enumerate(parts, start=len(parts) > 1):
        for complement in (1, 0) if len(parts) == 1 else (1,):
            assumed = negation(part) if complement else part
            if _kind(assumed) in rules:
                break
        else:
            return
        at = len(state.lines)
        outside = frozenset(line for line in state.lines if not isinstance(line, Reason))
        yield _take(state, Option(ASSUME, (GOAL, number, complement)))
        end = yield from _forward(state, nouns, [at], lambda literal, lines=outside: negation(literal) in lines)
        if end is None:
            return
        denial = state.lines.index(negation(state.lines[end]))
        yield _take(state, Option("CONTRADICTION", (end, denial)))
        shown.append(len(state.lines) - 1)
    if len(parts) > 1:
        yield _take(state, Option("AND_INTRO", tuple(shown)))


def _forward(
    state: State,
    nouns: frozenset[str],
    starts: Sequence[int],
    settles: Callable[[Formula], bool],
    whole: Formula | None = None,
) -> Options:
    """Explores from each of these lines; returns the line that settles.

    whole: a compound formula that settles, too, and is introduced
    """
    rules = _rules_of(state, nouns)
    waiting = [*starts][::-1]
    while waiting:
        here = waiting[-1]
        last = _introducing(state, here, whole, GOAL)
        if last is not None:
            yield _take(state, last)
            return len(state.lines) - 1
        ways = [(way, _end(state, way)) for way in _ways(state, here, rules)]
        settling = [way for way, parts in ways if any(settles(part) for part in parts)]
        leading = [way for way, parts in ways if any(_leads(part, nouns) for part in parts)]
        if not settling and not leading:
            waiting.pop()
            continue
        for option in (settling or leading)[0]:
            yield _take(state, option)
        if settling and type(state.lines[-1]) is not And:
            return len(state.lines) - 1
        waiting.append(len(state.lines) - 1)
    return None


def _take(state: State, option: Option) -> Option:
    state.apply(option)
    return option


def _rules_of(state: State, nouns: frozenset[str]) -> Rules:
    """The rules by what they are about: their condition, or the concepts among its parts."""
    rules: dict[Any, list[int]] = {}
    for index, line in enumerate(state.lines):
        if type(line) is Forall and type(line.body) is Implies:
            condition = line.body.left
            parts = condition.parts if isinstance(condition, And | Or) else (condition,)
            for part in parts:
                kind = _kind(part)
                if kind[1] is not None and (len(parts) == 1 or kind[1] in nouns):
                    rules.setdefault(kind, []).append(index)
    return rules


def _kind(formula: Formula) -> tuple[bool, str | None]:
    """Whether a literal is a denial, and its predicate; None for what is no literal."""
    literal = formula.body if type(formula) is Not else formula
    return literal is not formula, literal.predicate if type(literal) is Atom else None


def _leads(literal: Formula, nouns: frozenset[str]) -> bool:
    return type(literal) is Atom and literal.predicate in nouns


def _ways(state: State, here: int, rules: Rules) -> list[list[Option]]:
    """The steps from a line to each line that does not stand yet, in the order of the premises."""
    line = state.lines[here]
    if isinstance(line, And):
        parts = enumerate(line.parts)
        return [[Option("AND_ELIM", (here, number))] for number, part in parts if part not in state.lines]
    ways = [_applying(state, here, rule) for rule in rules.get(_kind(line), [])]
    return [way for way in ways if way]


def _end(state: State, way: Sequence[Option]) -> tuple[Formula, ...]:
    """The parts of what the last of these steps derives."""
    state = state.copy()
    for option in way:
        state.apply(option)
    line = state.lines[-1]
    return line.parts if isinstance(line, And) else (line,)


def _applying(state: State, fact: int, rule: int) -> list[Option]:
    """The steps from a fact to what the rule claims; none where it does not apply, or its claim stands."""
    state = state.copy()
    condition = state.lines[rule].body.left
    options, line = [], fact
    if isinstance(condition, And | Or):
        terms = state.lines[fact].terms if type(state.lines[fact]) is Atom else state.lines[fact].body.terms
        if len(terms) != 1:
            return []
        whole = substitute(condition, {Bound(0): terms[0]})
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
