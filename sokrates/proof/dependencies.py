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

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sokrates.logic.answer import Answer
from sokrates.logic.formula import And, Atom, Formula, Iff, Not, Or, Xor, negation
from sokrates.proof.kernel import ASSUME, cited
from sokrates.proof.option import Option
from sokrates.proof.text import CONCLUDE

if TYPE_CHECKING:  # `verify` offers what is found here as `Checked.dependencies`
    from sokrates.proof.verify import Checked, Verdict

_CLOSING = frozenset(("CONDITIONAL_PROOF", "CONTRADICTION"))
_LITERALS = {Atom, Not, type(None)}  # or nothing is derived


class Role(Enum):
    """What a step is to the answer."""

    NEEDED = "needed"  # valid, and the answer rests on it
    NOT_NEEDED = "not needed"  # valid and new, but the answer does not rest on it
    REPEAT = "repeat"  # valid, but derives a formula that stands already
    RESTATEMENT = "restatement"  # valid and not needed: a formula that stands already, worded in another way
    REJECTED = "rejected"  # not valid


_NEEDED, _NOT_NEEDED, _REPEAT, _RESTATEMENT, _REJECTED = Role  # looked up once: an enum's attributes are slow


class Dependencies(NamedTuple):
    """What the answer of one trace rests on.

    roles: for each step, its role
    needed: the indices of the lines, premises among them, that the answer rests on; None where the trace does not
        conclude TRUE or FALSE validly
    settling: the line that CONCLUDE rests on; None likewise
    discharged: for each line that closes a scope, the assumption that it discharges
    """

    roles: tuple[Role, ...]
    needed: frozenset[int] | None
    settling: int | None
    discharged: dict[int, int]

    def rests_on(self, verdict: Verdict, index: int) -> tuple[int, ...]:
        """The lines that the step at this index rests on, as it is written; none where the kernel refuses it."""
        if verdict.option is None or verdict.rejection is not None:
            return ()
        if verdict.option.name == CONCLUDE:
            return () if self.settling is None else (self.settling,)
        return tuple(dict.fromkeys(_rests_on(verdict.option, index, self.discharged)))


def dependencies(checked: Checked) -> Dependencies:
    """What the answer of a checked trace rests on, and each step's role; in time linear in the number of steps."""
    return _without_scopes(checked) or _with_scopes(checked)


def _without_scopes(checked: Checked) -> Dependencies | None:
    """As `_with_scopes`, of the traces that close no scope, which most are; None of any other."""
    premises, verdicts = checked.premises, checked.verdicts
    standing, repeated = _first_lines(premises)
    repeats, count = {**repeated}, len(premises)
    derived: dict[Formula, int] = {}
    roles: list[Role] = []  # first as if nothing were needed
    is_concluded = False
    for index, (option, rejection, reason, formula, _) in enumerate(verdicts, count):
        if formula is None:
            is_concluded |= rejection is None  # nothing else is valid and derives nothing
            roles.append(_NEEDED if rejection is None else _REJECTED)
            continue
        if option.name in _CLOSING:  # type: ignore[union-attr]
            return None
        first = standing.get(formula)
        if first is None:
            first = derived.setdefault(formula, index)
        is_new = first == index or option.name == ASSUME  # type: ignore[union-attr]
        if not is_new:
            repeats[index] = first
        roles.append(_REJECTED if reason is not None else _NOT_NEEDED if is_new else _REPEAT)
    settling = needed = None
    if is_concluded and checked.answer is not Answer.UNKNOWN:
        lines = [standing.get(formula, derived.get(formula)) for formula in _settling(checked)]
        settling = min([line for line in lines if line is not None])
        needed = {settling}
        for index in range(settling, count - 1, -1):  # what a line rests on comes before it
            if index in needed:
                option, _, reason, *_ = verdicts[index - count]
                if reason is None:
                    roles[index - count] = _NEEDED
                rests_on = cited(option)  # type: ignore[arg-type]
                needed.update([repeats.get(line, line) for line in rests_on] if repeats else rests_on)
    closure = None if needed is None else frozenset(needed)
    return Dependencies(_with_restatements(roles, premises, verdicts), closure, settling, {})


@lru_cache(maxsize=1 << 4)  # the traces of a problem come one after the other
def _first_lines(premises: tuple[Formula, ...]) -> tuple[dict[Formula, int], dict[int, int]]:
    """The first line of each premise, and for each line that repeats one, that one; the caller changes neither."""
    first = {premise: index for index, premise in enumerate(premises)}
    if len(first) == len(premises):
        return first, {}
    first = {premise: index for index, premise in reversed([*enumerate(premises)])}
    return first, {index: first[premise] for index, premise in enumerate(premises) if first[premise] != index}


def _settling(checked: Checked) -> tuple[Formula, ...]:
    """The formulas each of which settles the goal as the trace concludes."""
    goal = checked.goal
    return (goal,) if checked.answer is Answer.TRUE else (negation(goal), Not(goal))


def _with_scopes(checked: Checked) -> Dependencies:
    premises = checked.premises
    lines = _Lines(premises, checked.verdicts, None)
    settling = needed = None
    if checked.answer not in (None, Answer.UNKNOWN) and _concludes(checked.verdicts):
        settling = min([lines.standing[formula] for formula in _settling(checked) if formula in lines.standing])
        needed = _closure(settling, checked.verdicts, lines, len(premises))
    roles = _roles(checked.verdicts, lines, needed or frozenset(), premises)
    return Dependencies(roles, needed, settling, lines.discharged)


def _concludes(verdicts: Sequence[Verdict]) -> bool:
    """Whether the first CONCLUDE is valid; there is one."""
    return next(v for v in verdicts if v.option is not None and v.option.name == CONCLUDE).rejection is None


class _Lines:
    """Which formulas stand at the end of a proof, and where each line's formula stood first.

    key: formulas with the same key count as one; None: each is its own key
    standing: the first line that stands at the end, by key
    first: for each line, the first line with its key that stands when it is put down; without one, itself. For an
        assumption itself: it opens a scope, which no earlier line does.
    discharged: for each line that closes a scope, the assumption that it discharges
    """

    __slots__ = ("discharged", "first", "standing")

    def __init__(
        self, premises: Sequence[Formula], verdicts: Sequence[Verdict], key: Callable[[Formula], Formula] | None
    ) -> None:
        keys: Sequence[Formula] = premises if key is None else [key(premise) for premise in premises]
        count = len(keys)
        self.discharged: dict[int, int] = {}
        # Set from the last to the first, so that of equal ones the first remains.
        standing: dict[Formula, int] = dict(zip(reversed(keys), range(count - 1, -1, -1), strict=True))
        first = list(range(count)) if len(standing) == count else [standing[formula] for formula in keys]
        opened: list[int] = []
        for index, verdict in enumerate(verdicts, count):
            formula = verdict.derived
            if formula is None:
                first.append(index)
                continue
            name = verdict.option.name  # type: ignore[union-attr]
            if name in _CLOSING:
                self.discharged[index] = begin = opened.pop()
                while standing:  # what was put down last comes first
                    last, line = standing.popitem()
                    if line < begin:
                        standing[last] = line
                        break
            earliest = standing.setdefault(formula if key is None else key(formula), index)
            if name == ASSUME:
                opened.append(index)
                earliest = index
            first.append(earliest)
        self.standing, self.first = standing, first


def _rests_on(option: Option, index: int, discharged: Mapping[int, int]) -> list[int]:
    used = cited(option)
    if index in discharged:
        used.append(discharged[index])
    return used


def _closure(settling: int, verdicts: Sequence[Verdict], lines: _Lines, count: int) -> frozenset[int]:
    """The line and all that it rests on."""
    needed, first, todo = {settling}, lines.first, [settling]
    while todo:
        index = todo.pop()
        if index >= count:
            for line in _rests_on(verdicts[index - count].option, index, lines.discharged):  # type: ignore[arg-type]
                if first[line] not in needed:
                    needed.add(first[line])
                    todo.append(first[line])
    return frozenset(needed)


def _roles(
    verdicts: Sequence[Verdict], lines: _Lines, needed: frozenset[int], premises: Sequence[Formula]
) -> tuple[Role, ...]:
    count, first = len(premises), lines.first
    roles = [
        _REJECTED
        if verdict.reason is not None
        else _NEEDED
        if index in needed or verdict.derived is None  # a valid step that derives nothing is CONCLUDE
        else _NOT_NEEDED
        if first[index] == index
        else _REPEAT
        for index, verdict in enumerate(verdicts, count)
    ]
    return _with_restatements(roles, premises, verdicts)


def _with_restatements(
    roles: list[Role], premises: Sequence[Formula], verdicts: Sequence[Verdict]
) -> tuple[Role, ...]:
    """The roles, with the new lines among them that no answer rests on and that say what stands already."""
    if _NOT_NEEDED in roles and _may_restate(premises, verdicts):
        first = _Lines(premises, verdicts, _normal_form).first
        roles = [
            _RESTATEMENT if role is _NOT_NEEDED and first[index] != index else role
            for index, role in enumerate(roles, len(premises))
        ]
    return tuple(roles)


def _may_restate(premises: Sequence[Formula], verdicts: Sequence[Verdict]) -> bool:
    """False only where no step restates a line: it derives literals, and no line is another wording of one."""
    derived = [verdict.derived for verdict in verdicts]
    return not {type(formula) for formula in derived} <= _LITERALS or any(
        [
            kind is And or kind is Or or (kind is Not and type(formula.body) is not Atom)  # type: ignore[union-attr]
            for formula in (*premises, *derived)
            if (kind := type(formula)) is not Atom
        ]
    )


@lru_cache(maxsize=1 << 14)
def _normal_form(formula: Formula) -> Formula:
    """One formula for all that differ only in the order or repetition of parts, or in double negations."""
    if isinstance(formula, Atom):
        return formula
    if isinstance(formula, Not) and isinstance(formula.body, Not):
        return _normal_form(formula.body.body)
    parts = [_normal_form(part) for part in formula.fields]
    if isinstance(formula, And | Or):
        parts = sorted(set(parts), key=repr)
    elif isinstance(formula, Xor | Iff):
        parts.sort(key=repr)
    return type(formula)(*parts)
