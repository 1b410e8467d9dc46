"""The reading *cited*: a claim follows, by the solver, from the lines that its step cites and that stand.

It is there to compare with figures of others: whatever the rule is called, and whatever it would derive, a step is
valid if what it claims follows from what it cites. A line stands if it is a premise, or a claim that is valid in
this reading and whose scope is open. What the kernel derives from such lines follows from them, so the solver is
asked about the other claims alone. The steps that open or close something are held to what the kernel makes of
them, as what they claim does not follow from what they cite:

- ASSUME, EXIST_INSTANTIATION and UNIV_GENERALIZATION are valid where they are strictly valid.
- CONDITIONAL_PROOF and CONTRADICTION, where they apply, close the innermost assumption: what they claim follows
  from the lines that they cite, each under that assumption, and names no individual of the closed scope.
- CONCLUDE is valid where the goal (TRUE) or its negation (FALSE) stands outside every assumption, and UNKNOWN
  where z3 says so.

Not covered: whether a claim follows from all premises, which is the reading *entailed*.
"""

from __future__ import annotations

from collections.abc import Sequence

from sokrates.logic.answer import Answer
from sokrates.logic.entailment import Entailment
from sokrates.logic.formula import Constant, Formula, Implies, Not, negation
from sokrates.proof.kernel import ASSUME, RULES, WITNESS, cited
from sokrates.proof.option import Option, Reason
from sokrates.proof.text import CONCLUDE
from sokrates.proof.verify import MAX_ASKED, MAX_UNDECIDED, Checked, Verdict

_AS_STRICT = (ASSUME, WITNESS, "UNIV_GENERALIZATION")
_CLOSING = ("CONDITIONAL_PROOF", "CONTRADICTION")


def cited_reading(checked: Checked) -> list[bool | None]:
    """Of each step whether it is valid in this reading.

    None: undecided, as z3 stopped at its limit, or had before for MAX_UNDECIDED claims of the trace, or as those
    had taken MAX_ASKED.
    """
    reader = _Reader(checked.premises, checked.goal)
    return [reader.valid(verdict) for verdict in checked.verdicts]


class _Reader:
    """Reads a trace from its first step to its last.

    lines: the premises and each step's claim; None where it does not stand
    derived: the premises and what the kernel derives
    scopes: the open assumptions, outermost first: the line and the formula
    fresh: what EXIST_INSTANTIATION named, with its line
    """

    def __init__(self, premises: Sequence[Formula], goal: Formula) -> None:
        self._goal = goal
        self._lines: list[Formula | None] = [*premises]
        self._derived = [*self._lines]
        self._scopes: list[tuple[int, Formula]] = []
        self._fresh: list[tuple[int, frozenset[Constant]]] = []
        self._undecided = self._work = 0

    def valid(self, verdict: Verdict) -> bool | None:
        """The verdict on the next step."""
        option, number = verdict.option, len(self._lines)
        if option is None or verdict.reason is Reason.AFTER_CONCLUDE:
            valid: bool | None = False
        elif option.name == CONCLUDE:
            valid = self._concludes(verdict)
        elif option.name in _CLOSING and verdict.derived is not None:
            valid = self._closes(option, verdict)
        elif option.name in _AS_STRICT:
            valid = verdict.valid and all(self._lines[i] is not None for i in cited(option))
        else:
            valid = self._is_derived(verdict) or self._follows(self._standing(option), verdict.claim)
        if option is not None and option.name == ASSUME and verdict.derived is not None:
            self._scopes.append((number, verdict.derived))
        if option is not None and option.name == WITNESS and verdict.derived is not None:
            existential = self._derived[option.args[0]]  # type: ignore[index]
            assert existential is not None
            self._fresh.append((number, verdict.derived.names - existential.names))
        self._derived.append(verdict.derived)
        self._lines.append(verdict.claim if valid else None)
        return valid

    def _standing(self, option: Option) -> list[Formula]:
        """The lines that an option cites and that stand; of an unknown option, each number is a citation."""
        numbers = cited(option) if option.name in RULES else [arg for arg in option.args if type(arg) is int]
        lines = [self._lines[i] for i in numbers if 0 <= i < len(self._lines)]
        return [line for line in lines if line is not None]

    def _is_derived(self, verdict: Verdict) -> bool:
        """Whether the kernel derives the claim from the cited lines, as they stand here; then it follows."""
        if verdict.claim is None or verdict.claim is not verdict.derived:
            return False
        return all(self._lines[i] is self._derived[i] for i in cited(verdict.option))  # type: ignore[arg-type]

    def _closes(self, option: Option, verdict: Verdict) -> bool | None:
        begin, assumed = self._scopes.pop()
        claim, is_derived = verdict.claim, self._is_derived(verdict)
        under = [Implies(assumed, line) for line in self._standing(option)]
        self._lines[begin:] = [None] * (len(self._lines) - begin)
        inside = [names for line, names in self._fresh if line > begin]
        self._fresh = [(line, names) for line, names in self._fresh if line < begin]
        if claim is None or any(names & claim.names for names in inside):
            return False
        return is_derived or self._follows(under, claim)

    def _follows(self, lines: Sequence[Formula], claim: Formula | None) -> bool | None:
        if claim is None:
            return False
        if self._undecided >= MAX_UNDECIDED or self._work > MAX_ASKED:
            return None
        entailment = Entailment(lines)
        follows = entailment.entails(claim)
        self._undecided += follows is None
        self._work += entailment.work + 1
        return follows

    def _concludes(self, verdict: Verdict) -> bool:
        args = verdict.option.args if verdict.option else ()
        if args == (Answer.UNKNOWN.value,) or len(args) != 1 or type(args[0]) is not int:
            return verdict.valid
        outside = self._lines[: self._scopes[0][0]] if self._scopes else self._lines
        if args[0] == Answer.TRUE.value:
            return self._goal in outside
        return args[0] == Answer.FALSE.value and (negation(self._goal) in outside or Not(self._goal) in outside)
