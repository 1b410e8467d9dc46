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
from sokrates.proof.option import Option
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
        return _rests_on(verdict.option, index, self.discharged)


def dependencies(premises: Sequence[Formula], goal: Formula, checked: Checked) -> Dependencies:
    """What the answer of a checked trace rests on, and each step's role; in time linear in the number of steps."""
    count = len(premises)
    forward = _Forward(premises)
    settling = None
    for index, verdict in enumerate(checked.verdicts, count):
        if verdict.derived is not None:
            forward.add(index, verdict)
        else:
            forward.first.append(index)
            if verdict.rejection is None and checked.answer is not Answer.UNKNOWN:  # CONCLUDE derives nothing
                settling = forward.settling_line(goal, checked.answer is Answer.TRUE)
    needed = None if settling is None else _closure(settling, checked, forward, count)
    roles = _roles(checked, forward, needed or frozenset(), premises)
    return Dependencies(roles, needed, settling, forward.discharged)


class _Forward:
    """One pass over the lines of a proof: which formulas stand, and where each stood first.

    first: for each line, the first line that stands with the same key; without one, itself. For an assumption
        itself: it opens a scope, which no earlier line does.
    """

    def __init__(self, premises: Sequence[Formula], key: Callable[[Formula], Hashable] | None = None) -> None:
        self.key = key
        self.keys: list[Hashable] = [*premises] if key is None else [key(premise) for premise in premises]
        self.standing: dict[Hashable, int] = {}
        self.first = [self.standing.setdefault(said, index) for index, said in enumerate(self.keys)]
        self.opened: list[int] = []
        self.discharged: dict[int, int] = {}

    def add(self, index: int, verdict: Verdict) -> None:
        """The line that a step derived."""
        assert verdict.derived is not None and verdict.option is not None
        said = verdict.derived if self.key is None else self.key(verdict.derived)
        name = verdict.option.name
        if name in _CLOSING:
            self.discharged[index] = begin = self.opened.pop()
            while self.standing:  # in the order of their lines
                latest, line = self.standing.popitem()
                if line < begin:
                    self.standing[latest] = line
                    break
        earliest = self.standing.setdefault(said, index)
        if name == ASSUME:
            self.opened.append(index)
            earliest = index
        self.first.append(earliest)

    def settling_line(self, goal: Formula, true: bool) -> int:
        """The first line that stands and says the goal or, for FALSE, its negation."""
        wanted = (goal,) if true else (negation(goal), Not(goal))
        return min(self.standing[formula] for formula in wanted if formula in self.standing)


def _rests_on(option: Option, index: int, discharged: Mapping[int, int]) -> tuple[int, ...]:
    used = cited(option)
    if index in discharged:
        used.append(discharged[index])
    return tuple(dict.fromkeys(used))


def _closure(settling: int, checked: Checked, forward: _Forward, count: int) -> frozenset[int]:
    """The line and all that it rests on. A line rests on earlier lines alone, so one pass backwards is enough."""
    needed = {settling}
    for index in range(settling, count - 1, -1):
        if index in needed:
            option = checked.verdicts[index - count].option
            assert option is not None
            needed.update([forward.first[line] for line in _rests_on(option, index, forward.discharged)])
    return frozenset(needed)


def _roles(
    checked: Checked, forward: _Forward, needed: frozenset[int], premises: Sequence[Formula]
) -> tuple[Role, ...]:
    roles: list[Role] = []
    for index, verdict in enumerate(checked.verdicts, len(premises)):
        if verdict.reason is not None:
            roles.append(Role.REJECTED)
        elif index in needed or verdict.derived is None:  # a valid step that derives nothing is CONCLUDE
            roles.append(Role.NEEDED)
        else:
            roles.append(Role.REPEAT if forward.first[index] != index else Role.NOT_NEEDED)
    if Role.NOT_NEEDED in roles:
        worded = _Forward(premises, _normal_form)
        for index, verdict in enumerate(checked.verdicts, len(premises)):
            if verdict.derived is None:
                worded.first.append(index)
                continue
            worded.add(index, verdict)
            if roles[index - len(premises)] is Role.NOT_NEEDED and worded.first[index] != index:
                roles[index - len(premises)] = Role.RESTATEMENT
    return tuple(roles)


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
