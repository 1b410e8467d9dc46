"""What the answer of a checked trace rests on, and what each step is to it.

CONCLUDE rests on the line that settles the goal; a line rests on the lines that its option cites and, where
the option closes a scope, on the assumption that it discharges; and so on back to premises. A citation of a line
that repeats an earlier one counts as a citation of the earlier one, so no step becomes needed by saying again
what stands already.

UNKNOWN rests on no line: the solver settles it. Its CONCLUDE is needed, no other step is, and the needed share of
such a trace is not defined. A trace that concludes nothing validly likewise has no needed line.

Not covered: whether a shorter proof exists (`sokrates.search`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from sokrates.logic.answer import Answer
from sokrates.logic.formula import And, Atom, Exists, Forall, Formula, Iff, Implies, Not, Or, Xor, negation
from sokrates.proof.kernel import ASSUME, cited
from sokrates.proof.text import CONCLUDE
from sokrates.proof.verify import Checked, Verdict

_CLOSING = frozenset(("CONDITIONAL_PROOF", "CONTRADICTION"))


class Role(Enum):
    """What a step is to the answer."""

    NEEDED = "needed"  # valid, and the answer rests on it
    NOT_NEEDED = "not needed"  # valid and new, but the answer does not rest on it
    REPEAT = "repeat"  # valid, but derives a formula that stands already
    RESTATEMENT = "restatement"  # valid and not needed: a formula that stands already, worded in another way
    REJECTED = "rejected"  # not valid


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What the steps of one trace rest on.

    rests_on: for each step, the indices of the lines that it rests on as it is written; empty where the kernel
        refuses the step
    roles: for each step, its role
    needed: the indices of the lines, premises among them, that the answer rests on; None where the trace does not
        conclude TRUE or FALSE validly
    """

    rests_on: tuple[tuple[int, ...], ...]
    roles: tuple[Role, ...]
    needed: frozenset[int] | None


def dependencies(premises: Sequence[Formula], goal: Formula, checked: Checked) -> Dependencies:
    """What each step of a checked trace rests on, and its role; in time linear in the number of steps."""
    count = len(premises)
    lines: list[Formula | None] = [*premises, *[verdict.derived for verdict in checked.verdicts]]
    discharged = _discharged(checked.verdicts, count)
    first = _first_with_same_key(lines, discharged, _assumptions(checked.verdicts, count), lambda formula: formula)
    rests_on = [
        _cited_lines(verdict, index, discharged) if verdict.rejection is None else ()
        for index, verdict in enumerate(checked.verdicts, count)
    ]
    settling = _settling_line(goal, checked, lines, discharged, count)
    needed = None
    if settling is not None:
        index, line = settling
        rests_on[index - count] = (line,)
        needed = _closure(line, rests_on, first, count)
    roles = _roles(checked, lines, discharged, first, needed or frozenset(), count)
    return Dependencies(tuple(rests_on), tuple(roles), needed)


def _assumptions(verdicts: Sequence[Verdict], count: int) -> frozenset[int]:
    """The indices of the lines that open a scope."""
    return frozenset(
        index
        for index, verdict in enumerate(verdicts, count)
        if verdict.rejection is None and verdict.option is not None and verdict.option.name == ASSUME
    )


def _discharged(verdicts: Sequence[Verdict], count: int) -> dict[int, int]:
    """For each line that closes a scope, the assumption that it discharges; a scope left open closes at the end."""
    opened: list[int] = []
    discharged: dict[int, int] = {}
    for index, verdict in enumerate(verdicts, count):
        if verdict.rejection is None and verdict.option is not None:
            if verdict.option.name == ASSUME:
                opened.append(index)
            elif verdict.option.name in _CLOSING:
                discharged[index] = opened.pop()
    return discharged


def _cited_lines(verdict: Verdict, index: int, discharged: Mapping[int, int]) -> tuple[int, ...]:
    option = verdict.option
    if option is None or option.name == CONCLUDE:
        return ()
    used = cited(option)
    if index in discharged:
        used.append(discharged[index])
    return tuple(dict.fromkeys(used))


def _first_with_same_key(
    lines: Sequence[Formula | None],
    discharged: Mapping[int, int],
    assumptions: frozenset[int],
    key: Callable[[Formula], Hashable],
) -> list[int]:
    """For each line, the first line with the same key that stands when it is put down; without one, itself.

    An assumption is always itself: it opens a scope, which no earlier line does.
    """
    standing: dict[Hashable, int] = {}
    first: list[int] = []
    keys: list[Hashable] = []
    for index, line in enumerate(lines):
        if index in discharged:
            for inside in range(discharged[index], index):
                if standing.get(keys[inside]) == inside:
                    del standing[keys[inside]]
        keys.append(None if line is None else key(line))
        earliest = index if line is None else standing.setdefault(keys[index], index)
        first.append(index if index in assumptions else earliest)
    return first


def _settling_line(
    goal: Formula,
    checked: Checked,
    lines: Sequence[Formula | None],
    discharged: Mapping[int, int],
    count: int,
) -> tuple[int, int] | None:
    """The index of a valid CONCLUDE TRUE or FALSE and the line that it rests on, the first that settles the goal."""
    if checked.answer not in (Answer.TRUE, Answer.FALSE):
        return None
    at = next(
        index
        for index, verdict in enumerate(checked.verdicts, count)
        if verdict.option is not None and verdict.option.name == CONCLUDE
    )
    if checked.verdicts[at - count].rejection is not None:
        return None
    wanted = (goal,) if checked.answer is Answer.TRUE else (negation(goal), Not(goal))
    inside: set[int] = set()
    for end, begin in discharged.items():
        inside.update(range(begin, end))
    still_open = _assumptions(checked.verdicts[: at - count], count) - set(discharged.values())
    return at, next(
        index
        for index, line in enumerate(lines[: min(still_open, default=at)])
        if line in wanted and index not in inside
    )


def _closure(
    line: int, rests_on: Sequence[tuple[int, ...]], first: Sequence[int], count: int
) -> frozenset[int]:
    """The line and all that it rests on. A line rests on earlier lines alone, so one pass backwards is enough."""
    needed = {first[line]}
    for index in range(line, count - 1, -1):
        if index in needed:
            needed.update(first[cited_line] for cited_line in rests_on[index - count])
    return frozenset(needed)


def _roles(
    checked: Checked,
    lines: Sequence[Formula | None],
    discharged: Mapping[int, int],
    first: Sequence[int],
    needed: frozenset[int],
    count: int,
) -> list[Role]:
    roles: list[Role] = []
    for index, verdict in enumerate(checked.verdicts, count):
        if not verdict.valid:
            roles.append(Role.REJECTED)
        elif verdict.derived is None or index in needed:  # a valid step that derives nothing is CONCLUDE
            roles.append(Role.NEEDED)
        else:
            roles.append(Role.REPEAT if first[index] != index else Role.NOT_NEEDED)
    if Role.NOT_NEEDED in roles:
        assumptions = _assumptions(checked.verdicts, count)
        worded = _first_with_same_key(lines, discharged, assumptions, _normal_form)
        for step, role in enumerate(roles):
            if role is Role.NOT_NEEDED and worded[count + step] != count + step:
                roles[step] = Role.RESTATEMENT
    return roles


@lru_cache(maxsize=1 << 14)
def _normal_form(formula: Formula) -> Hashable:
    """A key that formulas share which differ in the order or repetition of parts, or in double negations."""
    if isinstance(formula, Atom):
        return formula
    if isinstance(formula, Not) and isinstance(formula.body, Not):
        return _normal_form(formula.body.body)
    parts = [_normal_form(part) for part in formula.fields]
    if isinstance(formula, And | Or):
        return parts[0] if len(set(parts)) == 1 else (type(formula), frozenset(parts))
    if isinstance(formula, Xor | Iff):
        return type(formula), frozenset(parts)
    assert isinstance(formula, Not | Implies | Forall | Exists)
    return type(formula), tuple(parts)
