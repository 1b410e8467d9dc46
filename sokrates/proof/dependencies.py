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

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sokrates.logic.answer import Answer
from sokrates.logic.formula import And, Atom, Formula, Iff, Not, Or, Xor, negation
from sokrates.proof.arguments import LINE, Argument
from sokrates.proof.kernel import ASSUME, RULES, cited
from sokrates.proof.option import Option
from sokrates.proof.text import CONCLUDE

if TYPE_CHECKING:  # `verify` offers what is found here as `Checked.dependencies`
    from sokrates.proof.verify import Checked, Verdict

_CLOSING = frozenset(("CONDITIONAL_PROOF", "CONTRADICTION"))
_SCOPING = _CLOSING | {ASSUME}
_CITING_ALL = frozenset(  # options that cite each of their arguments, and rest on nothing else
    name for name, rule in RULES.items() if name not in _CLOSING and {*rule.kinds, rule.more} <= {LINE, None}
)
_REWORDING = {And, Or, Not}  # what another wording of a literal may be
_TRUE, _, _UNKNOWN = Answer  # looked up once: an enum's attributes are slow


class Role(Enum):
    """What a step is to the answer."""

    NEEDED = "needed"  # valid, and the answer rests on it
    NOT_NEEDED = "not needed"  # valid and new, but the answer does not rest on it
    REPEAT = "repeat"  # valid, but derives a formula that stands already
    RESTATEMENT = "restatement"  # valid and not needed: a formula that stands already, worded in another way
    REJECTED = "rejected"  # not valid


_NEEDED, _NOT_NEEDED, _REPEAT, _RESTATEMENT, _REJECTED = Role


class Dependencies(NamedTuple):
    """What the answer of one trace rests on.

    roles: for each step, its role
    needed: the indices of the lines, premises among them, that the answer rests on; None where the trace does not
        conclude TRUE or FALSE validly
    settling: the line that CONCLUDE rests on; None likewise
    discharged: for each line that closes a scope, the assumption that it discharges
    repeats: for each line that repeats one that stands when it is put down, the first such line
    """

    roles: tuple[Role, ...]
    needed: frozenset[int] | None
    settling: int | None
    discharged: dict[int, int]
    repeats: dict[int, int]

    def rests_on(self, verdict: Verdict, index: int) -> tuple[int, ...]:
        """The lines that the step at this index rests on, as it is written; none where the kernel refuses it."""
        if verdict.option is None or verdict.rejection is not None:
            return ()
        if verdict.option.name == CONCLUDE:
            return () if self.settling is None else (self.settling,)
        return tuple(dict.fromkeys(_rests_on(verdict.option, index, self.discharged)))


def dependencies(checked: Checked) -> Dependencies:
    """What the answer of a checked trace rests on, and each step's role; in time linear in the number of steps."""
    premises, verdicts, count = checked.premises, checked.verdicts, len(checked.premises)
    given = _given(premises)
    roles, standing, repeats, discharged = _follow(given, verdicts, count)
    settling = needed = None
    if checked.answer is not _UNKNOWN and _NEEDED in roles:
        settled = (checked.goal,) if checked.answer is _TRUE else _denials(checked.goal)
        settling = min([standing[formula] for formula in settled if formula in standing])
        closure = {settling}
        for index in range(settling, count - 1, -1):  # what a line rests on comes before it
            if index in closure:
                option, _, reason, _, _ = verdicts[index - count]
                if reason is None:
                    roles[index - count] = _NEEDED
                lines = _rests_on(option, index, discharged)  # type: ignore[arg-type]
                closure.update([repeats.get(line, line) for line in lines] if repeats else lines)
        needed = frozenset(closure)
    if _NOT_NEEDED in roles and (given.may_reword_literals or not _are_literals(verdicts)):
        reworded = [v if v.derived is None else v._replace(derived=_normal_form(v.derived)) for v in verdicts]
        others = _follow(_given(tuple([*map(_normal_form, premises)])), reworded, count)[0]
        roles = [
            _RESTATEMENT if role is _NOT_NEEDED and other is _REPEAT else role
            for role, other in zip(roles, others, strict=True)
        ]
    return Dependencies(tuple(roles), needed, settling, discharged, repeats)


def needed_options(checked: Checked) -> list[Option]:
    """The options of the needed steps alone, citing one another: of a proof of TRUE or FALSE, a proof as well.

    Constants are not renamed, and EXIST_INSTANTIATION names one after its line: not covered.
    """
    found, count = checked.dependencies, len(checked.premises)
    place = {index: index for index in range(count)}  # of each line in the new proof
    options: list[Option] = []
    for index, (verdict, role) in enumerate(zip(checked.verdicts, found.roles, strict=True), count):
        if role is _NEEDED:
            option = verdict.option
            assert option is not None
            place[index] = count + len(options)
            options.append(option if option.name == CONCLUDE else citing(option, place))
        elif found.repeats.get(index) in place:
            place[index] = place[found.repeats[index]]
    return options


def citing(option: Option, places: Mapping[int, int]) -> Option:
    """The option of a known rule with other lines in place of those that it uses; nothing else is changed."""
    kinds = RULES[option.name].kinds_of(len(option.args))
    args = [
        places[arg] if kind in (LINE, Argument.LINE_OR_GOAL) and isinstance(arg, int) else arg
        for kind, arg in zip(kinds, option.args, strict=True)
    ]
    return Option(option.name, tuple(args))


def _rests_on(option: Option, index: int, discharged: Mapping[int, int]) -> Sequence[int]:
    if option.name in _CITING_ALL:
        return option.args  # type: ignore[return-value]  # they are indices, as the kernel took them
    return [*cited(option), discharged[index]] if index in discharged else cited(option)


class _Given(NamedTuple):
    """What premises are to the steps that follow; no caller changes it.

    standing: the first line of each premise
    repeats: for each line that repeats an earlier one, that one
    may_reword_literals: whether a premise may be another wording of an atom or of its negation
    """

    standing: dict[Formula, int]
    repeats: dict[int, int]
    may_reword_literals: bool


@lru_cache(maxsize=1 << 4)  # the traces of a problem come one after the other
def _given(premises: tuple[Formula, ...]) -> _Given:
    standing = dict(
        zip(reversed(premises), range(len(premises) - 1, -1, -1), strict=True)
    )  # of equal ones the first
    repeats = {}
    if len(standing) < len(premises):
        repeats = {i: standing[premise] for i, premise in enumerate(premises) if standing[premise] != i}
    others = [premise for premise in premises if type(premise) in _REWORDING]
    return _Given(
        standing, repeats, any([type(one) is not Not or type(one.fields[0]) is not Atom for one in others])
    )


@lru_cache(maxsize=1 << 4)
def _denials(goal: Formula) -> frozenset[Formula]:
    """The formulas each of which refutes the goal."""
    return frozenset((negation(goal), Not(goal)))


def _are_literals(verdicts: Sequence[Verdict]) -> bool:
    """Each derived formula is an atom or its negation."""
    derived = [verdict.derived for verdict in verdicts if verdict.derived is not None]
    return all([type(formula) is Atom or (type(formula) is Not and formula.size == 2) for formula in derived])


def _follow(
    given: _Given, verdicts: Sequence[Verdict], count: int
) -> tuple[list[Role], dict[Formula, int], dict[int, int], dict[int, int]]:
    """Each step's role, as if the answer rested on no line, and which lines stand.

    The roles; the first line of each formula that stands at the end; for each line that repeats one that stands
    when it is put down, the first such line; for each line that closes a scope, the assumption that it discharges.
    An assumption repeats no line: it opens a scope, which no earlier line does.
    """
    standing, repeats = given.standing.copy(), given.repeats.copy()
    discharged: dict[int, int] = {}
    opened: list[int] = []
    roles: list[Role] = []
    for index, (option, rejection, reason, formula, _) in enumerate(verdicts, count):
        if formula is None:  # a valid step that derives nothing is CONCLUDE
            roles.append(_NEEDED if rejection is None else _REJECTED)
            continue
        name = option.name  # type: ignore[union-attr]
        if name in _SCOPING:
            if name == ASSUME:
                opened.append(index)
            else:
                discharged[index] = begin = opened.pop()
                while standing:  # what was put down last comes first
                    last, line = standing.popitem()
                    if line < begin:
                        standing[last] = line
                        break
        first = standing.setdefault(formula, index)
        if first == index or name == ASSUME:
            roles.append(_NOT_NEEDED if reason is None else _REJECTED)
        else:
            repeats[index] = first
            roles.append(_REPEAT if reason is None else _REJECTED)
    return roles, standing, repeats, discharged


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
