"""Checks traces: every step through the kernel, every claim against the formula that was derived.

Of three readings of "valid", `Verdict` holds two (strict, actions), and `Verifier.entailed` decides the third. A
label plays no part in validity. Not covered: what a metric makes of the verdicts (`sokrates.metrics`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from sokrates.logic import english
from sokrates.logic.answer import Answer, Decision
from sokrates.logic.entailment import Entailment
from sokrates.logic.formula import Formula
from sokrates.proof.claims import answers_named, read_thought
from sokrates.proof.dependencies import Dependencies, dependencies
from sokrates.proof.kernel import ASSUME, WITNESS, State, cited
from sokrates.proof.option import Option, Reason
from sokrates.proof.text import CONCLUDE, Step

MAX_UNDECIDED = 3  # claims of a trace that the solver gives up; then it is asked no more about that trace
MAX_ASKED = 400_000  # of the solver's work on a trace's claims, about a second; then likewise

# What a step adds to the number of open assumptions and named individuals, on which the kernel's lines may rest;
# who is named in a scope is not taken off at its end.
_OPENS: Final = {ASSUME: 1, WITNESS: 1, "CONDITIONAL_PROOF": -1, "CONTRADICTION": -1}

_CLAIM_KINDS = {
    None: "the derived formula",
    Reason.OTHER_CLAIM: "another formula",
    Reason.UNREADABLE_CLAIM: "unreadable",
    Reason.NO_CLAIM: "nothing",
}


class Verdict(NamedTuple):
    """The verdict on one step.

    rejection: why the kernel refuses the action; None where it is valid (the `actions` reading)
    reason: why the step is not valid; None where it is (the `strict` reading: the claim counts too)
    derived: the formula that the action derives; None for CONCLUDE and where it is refused
    claim: the formula that the Thought claims; None for CONCLUDE and where there is none
    """

    option: Option | None
    rejection: Reason | None
    reason: Reason | None
    derived: Formula | None = None
    claim: Formula | None = None

    @property
    def valid(self) -> bool:
        return self.reason is None

    @property
    def claim_kind(self) -> str | None:
        """What the Thought of a step that derives a formula claims; no claim is not a wrong one."""
        return None if self.derived is None else _CLAIM_KINDS[self.reason]


@dataclass(frozen=True)
class Checked:
    """A trace's steps, the verdict on each, what it concludes (None: it never does), the problem's formulas."""

    steps: tuple[Step, ...]
    verdicts: tuple[Verdict, ...]
    answer: Answer | None
    premises: tuple[Formula, ...]
    goal: Formula

    @cached_property
    def dependencies(self) -> Dependencies:
        """What the answer rests on and what each step is to it, worked out when it is first asked for."""
        return dependencies(self)

    @property
    def first_fault(self) -> int:
        """The number of the first step that is not valid; of the steps, where all are."""
        return next((n for n, verdict in enumerate(self.verdicts) if not verdict.valid), len(self.verdicts))

    def is_right(self, label: Answer | None) -> bool:
        """The answer is the label; without a label, any answer is right, and none is not."""
        return self.answer is not None and self.answer is (label or self.answer)

    def valid(self, label: Answer | None) -> bool:
        """Every step is strictly valid and the answer right."""
        return self.is_right(label) and all(verdict.valid for verdict in self.verdicts)

    def valid_actions(self, label: Answer | None) -> bool:
        """As `valid`, claims ignored."""
        return self.is_right(label) and all(verdict.rejection is None for verdict in self.verdicts)


class Verifier:
    """Checks traces of one problem; the solver is started when a verdict first needs it."""

    def __init__(self, premises: Sequence[Formula], goal: Formula) -> None:
        self._start = State(premises, goal)  # each trace gets a copy, which shares what the rules made

    @property
    def premises(self) -> tuple[Formula, ...]:
        return self._start.premises

    @property
    def goal(self) -> Formula:
        return self._start.goal

    @cached_property
    def entailment(self) -> Entailment:
        """What follows from the premises."""
        return Entailment(self.premises)

    @cached_property
    def decision(self) -> Decision:
        """What z3 says of the goal."""
        return self.entailment.decide(self.goal)

    def decide(self) -> Decision:
        """`decision`, for those who may not need it."""
        return self.decision

    def check(self, steps: Sequence[Step]) -> Checked:
        """The strict verdict on every step, in time linear in the number of steps."""
        state, answer, concluded = self._start.copy(), None, False
        verdicts: list[Verdict] = []
        for step in steps:
            if concluded:
                verdicts.append(Verdict(step.option, Reason.AFTER_CONCLUDE, Reason.AFTER_CONCLUDE))
            elif step.option is not None and step.option.name == CONCLUDE:
                verdict, answer = self._check_conclusion(state, step.option)
                verdicts.append(verdict)
                concluded = True
            else:
                verdicts.append(apply_step(state, step))
        return Checked(tuple(steps), tuple(verdicts), answer, self.premises, self.goal)

    def _check_conclusion(self, state: State, option: Option) -> tuple[Verdict, Answer | None]:
        result = state.conclude(option, self.decide)
        refused = result if isinstance(result, Reason) else None
        answer = Answer(option.args[0]) if refused is not Reason.WRONG_ARGUMENTS else None
        return Verdict(option, refused, refused), answer

    def entailed(self, checked: Checked) -> list[bool | None]:
        """The `entailed` reading, for comparison with published figures: each claim follows from the premises.

        CONCLUDE is entailed when z3 agrees (`follows`). None: undecided, as z3 stopped at its limit, or had before
        for MAX_UNDECIDED claims of the trace, or as those had taken MAX_ASKED. The solver is not asked about a
        claim that is a premise or that the kernel has derived from the premises alone.
        """
        entailed: list[bool | None] = []
        asked: dict[Formula, bool | None] = dict.fromkeys(self.premises, True)
        undecided, asked_for, opened = 0, 0, 0
        for verdict in checked.verdicts:
            if verdict.option is not None and verdict.derived is not None:
                opened += _OPENS.get(verdict.option.name, 0)
                if not opened:
                    asked[verdict.derived] = True
            if verdict.option is not None and verdict.option.name == CONCLUDE:
                arg = verdict.option.args[0] if len(verdict.option.args) == 1 else None
                entailed.append(arg in (0, 1, 2) and follows(Answer(arg), self.decision))
            elif verdict.claim is None:
                entailed.append(False)
            else:
                if verdict.claim not in asked:
                    given_up = undecided >= MAX_UNDECIDED or asked_for > MAX_ASKED
                    before = self.entailment.work
                    entails = None if given_up else self.entailment.entails(verdict.claim)
                    asked_for += self.entailment.work - before
                    undecided += entails is None
                    asked[verdict.claim] = entails
                entailed.append(asked[verdict.claim])
        return entailed


def follows(answer: Answer, decision: Decision) -> bool | None:
    """Whether an answer is right by what z3 decides; None where it is undecided. Inconsistent premises entail both
    the conclusion and its negation.
    """
    if decision is Decision.UNDECIDED:
        return None
    return answer is not Answer.UNKNOWN if decision is Decision.INCONSISTENT else answer.name == decision.name


def apply_step(state: State, step: Step) -> Verdict:
    """The verdict on a step other than CONCLUDE. Puts down in the state what it derives, or a hole."""
    option = step.option
    assertion = read_thought(step.thought, option is not None and option.name == ASSUME)
    claim, reason = assertion.claim, assertion.refusal
    if assertion.persons and any(english.a_thing(formula) for formula in (*state.premises, state.goal)):
        claim, reason = None, Reason.UNREADABLE_CLAIM  # it says less than its formula
    result = state.apply(option)
    if isinstance(result, Reason):
        return Verdict(option, result, result, None, claim)
    if claim is not None and claim is not result:
        reason = Reason.OTHER_CLAIM
    return Verdict(option, None, reason, result, claim)


def faithful(premises: Sequence[Formula], checked: Checked) -> list[bool | None]:
    """Of each step: it claims what it derives, and cites every line that it uses, each truly, and no other.

    A ground that cites no line is not faithful. CONCLUDE is faithful where its Thought names the answer of its
    Action and no other. None where a step is rejected, and for a CONCLUDE whose Thought names no answer. A
    citation makes no step invalid: this is about what the Thought says.
    """
    lines = [*premises, *(verdict.derived for verdict in checked.verdicts)]
    return [
        _is_faithful(lines, index, step, verdict)
        for index, (step, verdict) in enumerate(zip(checked.steps, checked.verdicts, strict=True), len(premises))
    ]


def _is_faithful(lines: Sequence[Formula | None], index: int, step: Step, verdict: Verdict) -> bool | None:
    if verdict.derived is not None:
        return verdict.valid and _cites_truly(lines, index, step)
    if step.option is None or step.option.name != CONCLUDE or verdict.rejection is not None:
        return None
    named = answers_named(step.thought)
    return named == {Answer(step.option.args[0])} if named else None


def _cites_truly(lines: Sequence[Formula | None], index: int, step: Step) -> bool:
    assert step.option is not None
    assumes = step.option.name == ASSUME
    assertion = read_thought(step.thought, assumes)
    used = set(cited(step.option))
    named = {*assertion.lines, *(at for _, at in assertion.ground if at is not None)}
    if assertion.number not in (None, index) or not named <= used or not (assumes or named >= used):
        return False
    return all(at is not None and formula is lines[at] for formula, at in assertion.ground)
