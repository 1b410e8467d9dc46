"""Preference pairs: which of two continuations of a prompt a policy should have written.

    trace     the best and the worst score of a problem (`sokrates.score`), when they differ by at least δ. Of
              equal scores the shorter trace is better
    closure   the shortest proof of a problem against the trace with the earliest fault; and its needed steps
              alone, whether or not a rollout wrote them so, against the proof with the most steps that are not
              needed, if it has any. Of UNKNOWN, which rests on no step, the proof as it is, if it tried every way
    step      where a trace first goes wrong, its step against the next one of a shortest proof from there (of
              UNKNOWN, of a proof that explores). And at the end of the shortest proof its CONCLUDE against a
              repeat of the step before it: a policy that reaches the goal concludes at once, so without this pair
              CONCLUDE would only ever be rejected, where it comes too early

A step goes wrong if it is not valid, or repeats or restates what stands, or if it concludes UNKNOWN before every
way was tried (`sokrates.score`), though that is valid. Pairs by trace, and by closure those against a fault, hold
whole traces or, with `preferences.extent: fault`, each trace up to the first step that goes wrong: the rejected
one keeps that step, the chosen one does not. A trace that never goes wrong stays whole, and so does a rejected one
that was cut off in its first wrong step. Scores and δ are those of whole traces. So a trace may be better for its
right answer although it goes wrong earlier than the other: where the other goes on from there with right steps,
which the pair would reject, there is no pair; nor where the better one concludes UNKNOWN too early and would keep
that, as a whole trace, or the other tried more.

Every choice is deterministic: the order of the rollouts decides what is equal in all of these. Not covered: what a
part of the score is (`sokrates.score`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sokrates.logic.answer import Answer
from sokrates.pipeline.params import Preferences
from sokrates.proof.claims import AGENDA, split_agenda
from sokrates.proof.dependencies import Role, needed_options
from sokrates.proof.kernel import ASSUME, State, derive
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import Problem
from sokrates.proof.text import CONCLUDE, read_steps, write_steps
from sokrates.proof.trace import Rollout
from sokrates.proof.verify import Checked, Verdict, Verifier
from sokrates.score import Scorer, needed_lines
from sokrates.search.exploring import Refused, proof_that_explores
from sokrates.search.prove import concludes, prove, prove_from, write_proof

_WRONG = (Role.REJECTED, Role.REPEAT, Role.RESTATEMENT)


@dataclass(frozen=True)
class Pair:
    """Two continuations of a prompt; `ended` says of each whether the end of the text is part of it."""

    prompt: str
    chosen: str
    rejected: str
    chosen_ended: bool = True
    rejected_ended: bool = True

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def make_pairs(rollouts: Sequence[Rollout], settings: Preferences) -> list[Pair]:
    """Pairs from the rollouts of one problem: by trace at most one, by closure two, by step one a rollout and one
    for the end."""
    problem = rollouts[0].trace.problem
    scorer = Scorer(problem)
    match settings.level:
        case "step":
            return list(dict.fromkeys([*_step_pairs(rollouts, scorer), *_ending_pairs(rollouts, scorer)]))
        case "closure":
            return list(_closure_pairs(rollouts, settings.extent, scorer))
        case "trace":
            return list(_score_pairs(rollouts, scorer, settings))


def _pair(chosen: Rollout, rejected: Rollout, extent: str, scorer: Scorer) -> Iterator[Pair]:
    """Two traces of a problem, whole or to where they go wrong; none if nothing is left to choose between."""
    better, worse = ((one.trace.text, one.trace.ended) for one in (chosen, rejected))
    if extent == "fault":
        right_steps = worse[0]
        if mistake := _first_mistake(rejected, scorer):
            right_steps = mistake.before
            if not mistake.cut_off:
                worse = mistake.before + mistake.text, mistake.ended
        if mistake := _first_mistake(chosen, scorer):
            better = mistake.before, mistake.late
            if right_steps != mistake.before and right_steps.startswith(mistake.before):
                return
    if better[0] and better != worse:
        yield Pair(chosen.trace.problem.prompt, better[0], worse[0], better[1], worse[1])


def _length(rollout: Rollout) -> tuple[int, int]:
    """What a shorter trace has less of: steps, then characters."""
    return len(rollout.checked.steps), len(rollout.trace.text)


def _score_pairs(rollouts: Sequence[Rollout], scorer: Scorer, settings: Preferences) -> Iterator[Pair]:
    scored = [(scorer.score(rollout.checked, settings.score), rollout) for rollout in rollouts]
    best_score, best = min(scored, key=lambda one: (-one[0], _length(one[1])))
    worst_score, worst = max(scored, key=lambda one: (-one[0], _length(one[1])))
    if best_score - worst_score >= settings.delta and not _teaches_to_stop(best, worst, scorer, settings.extent):
        yield from _pair(best, worst, settings.extent, scorer)


def _teaches_to_stop(chosen: Rollout, rejected: Rollout, scorer: Scorer, extent: str) -> bool:
    """The chosen trace concludes UNKNOWN too early, and keeps that, or the rejected one tried more."""
    if not scorer.stops_early(chosen.checked):
        return False
    return extent == "whole" or scorer.credit(chosen.checked).progress < scorer.credit(rejected.checked).progress


def _proofs(rollouts: Sequence[Rollout], scorer: Scorer) -> list[Rollout]:
    return [one for one in rollouts if scorer.is_proof(one.checked)]


def _closure_pairs(rollouts: Sequence[Rollout], extent: str, scorer: Scorer) -> Iterator[Pair]:
    proofs = _proofs(rollouts, scorer)
    if not proofs:
        return
    shortest = min(proofs, key=_length)
    faulty = [(fault, one) for one in rollouts if (fault := _first_fault(one, scorer)) is not None]
    if faulty:
        _, wrong = min(faulty, key=lambda one: (one[0], [-size for size in _length(one[1])]))
        yield from _pair(shortest, wrong, extent, scorer)
    wordiest = max(proofs, key=lambda one: (_not_needed(one), _length(one)))
    chosen, ended, left = _on_needed_steps(shortest, scorer.verifier)
    if _not_needed(wordiest) > left:
        yield Pair(shortest.trace.problem.prompt, chosen, wordiest.trace.text, ended, wordiest.trace.ended)


def _on_needed_steps(proof: Rollout, verifier: Verifier) -> tuple[str, bool, int]:
    """A proof without the steps that its answer does not rest on, whether it has an end, and how many are left.

    A Thought keeps what its step was chosen from, and the first what the proof says of the goal. A proof of
    UNKNOWN stays as it is, and so does one with EXIST_INSTANTIATION, whose constant is named after its line.
    """
    problem, checked, left = proof.trace.problem, proof.checked, _not_needed(proof)
    roles = zip(checked.steps, checked.dependencies.roles, strict=True)
    needed = [step for step, role in roles if role is Role.NEEDED]
    as_it_is = proof.trace.text, proof.trace.ended, left
    names = {step.option.name for step in needed if step.option is not None}
    if not left or checked.answer is Answer.UNKNOWN or "EXIST_INSTANTIATION" in names:
        return as_it_is
    agendas = [split_agenda(step.thought)[0] for step in needed[:-1]]  # CONCLUDE says the goal itself
    if agendas and needed[0] is not checked.steps[0]:
        agendas[0] = _on_the_goal(checked.steps[0].thought) + agendas[0]
    steps = write_proof(problem.state, needed_options(checked), problem.say)
    said = [
        replace(step, thought=agenda + step.thought) for step, agenda in zip(steps, [*agendas, ""], strict=True)
    ]
    text = write_steps(said)
    return (text, True, 0) if verifier.check(read_steps(text)).valid(problem.label) else as_it_is


def _first_fault(rollout: Rollout, scorer: Scorer) -> int | None:
    """The number of the first step that is not valid, or concludes too early, or of the missing CONCLUDE."""
    checked = rollout.checked
    if checked.first_fault < len(checked.verdicts) or checked.answer is None:
        return checked.first_fault
    return checked.first_fault - 1 if scorer.stops_early(checked) else None


def _not_needed(rollout: Rollout) -> int:
    """The steps of a proof that its answer does not rest on."""
    return sum(role is not Role.NEEDED for role in rollout.checked.dependencies.roles)


@dataclass(frozen=True)
class _Mistake:
    """The first step of a rollout that goes wrong.

    index: its number among the steps
    before, text: what the rollout wrote up to it, and the step itself
    ended: the rollout ends with it, by its own choice
    cut_off: it was not written to its end, and might have become valid
    late: it stands after a CONCLUDE, where the rollout should have ended
    """

    index: int
    before: str
    text: str
    ended: bool
    cut_off: bool
    late: bool


def _step_pairs(rollouts: Sequence[Rollout], scorer: Scorer) -> Iterator[Pair]:
    """For each rollout that goes wrong: its first mistake against what should stand there."""
    problem = rollouts[0].trace.problem
    for rollout in rollouts:
        mistake = _first_mistake(rollout, scorer)
        if mistake is None or mistake.cut_off:
            continue
        chosen: str | None
        chosen, ended = ("", True) if mistake.late else _next_step(rollouts, rollout.checked, mistake, scorer)
        if chosen not in (None, mistake.text):
            yield Pair(problem.prompt + mistake.before, chosen, mistake.text, ended, mistake.ended)


def _ending_pairs(rollouts: Sequence[Rollout], scorer: Scorer) -> Iterator[Pair]:
    """At the end of the shortest proof: its CONCLUDE against a repeat of the step before it."""
    proofs = _proofs(rollouts, scorer)
    if not proofs:
        return
    proof = min(proofs, key=_length)
    problem, text = proof.trace.problem, proof.trace.text
    *steps, conclusion = proof.checked.steps
    state = problem.state
    for step in steps:
        state.apply(step.option)
    last = steps[-1].option if steps else None
    if last is None or isinstance(derive(state, last), Reason):
        return  # nothing to repeat, or it closed a scope and cannot be taken twice
    begin, _, end = conclusion.place
    repeated = write_steps(write_proof(state, [last], problem.say))
    yield Pair(problem.prompt + text[:begin], text[begin:end], repeated, rejected_ended=False)


def _first_mistake(rollout: Rollout, scorer: Scorer) -> _Mistake | None:
    """None where no step goes wrong."""
    text, checked = rollout.trace.text, rollout.checked
    for index, (step, role) in enumerate(zip(checked.steps, checked.dependencies.roles, strict=True)):
        if role in _WRONG:
            goes_wrong = role is not Role.RESTATEMENT or not _may_be_needed(rollout, index, scorer.verifier)
        else:
            goes_wrong = step.option is not None and step.option.name == CONCLUDE and scorer.stops_early(checked)
        if goes_wrong:
            begin, _, end = step.place
            is_last = index == len(checked.steps) - 1
            ended = is_last and rollout.trace.ended
            late = checked.verdicts[index].reason is Reason.AFTER_CONCLUDE
            cut_off = is_last and not (ended or late or step.option)
            return _Mistake(index, text[:begin], text[begin:end], ended, cut_off, late)
    return None


def _may_be_needed(rollout: Rollout, index: int, verifier: Verifier) -> bool:
    """Whether a proof that goes on from this step may rest on it; where the trace has an answer, that decides.

    ¬¬P ⊢ P restates a line, and no rule takes ¬¬P for P.
    """
    checked = rollout.checked
    if checked.dependencies.needed is not None:
        return False
    options = [verdict.option for verdict in checked.verdicts[: index + 1] if verdict.option is not None]
    proof = prove_from(verifier, options)
    return proof is not None and len(verifier.premises) + index in needed_lines(verifier, [*options, *proof])


def _next_step(
    rollouts: Sequence[Rollout], checked: Checked, mistake: _Mistake, scorer: Scorer
) -> tuple[str | None, bool]:
    """The first step of a shortest proof from where the mistake stands, and whether the proof ends with it. For
    UNKNOWN, of one that explores.

    A first step says of the goal what the mistaken Thought says: a policy that loses this does not know when to
    conclude. It is in the words of a rollout that took this step so from the same beginning, if one did. None
    where search finds no proof of the label, and for UNKNOWN where something is left to try and exploring does not
    go on from there.
    """
    problem, verifier = rollouts[0].trace.problem, scorer.verifier
    state = problem.state
    for verdict in checked.verdicts[: mistake.index]:
        state.apply(verdict.option)
    proof = prove(state, verifier.decide)
    if not concludes(proof, problem.label):
        return None, False
    option: Option | None = proof[0]
    if problem.label is Answer.UNKNOWN and not scorer.has_tried_all(checked, mistake.index):
        option = _next_to_try(problem, state, checked.verdicts[: mistake.index])
    if option is None:
        return None, False
    is_first = mistake.index == 0 and option.name != CONCLUDE
    agenda = _on_the_goal(checked.steps[0].thought) if is_first else ""
    written = _in_own_words(rollouts, mistake.before, option, agenda)
    if written is None:
        (step,) = write_proof(state, [option], problem.say)
        written = write_steps([replace(step, thought=agenda + step.thought)])
        if not verifier.check(read_steps(mistake.before + written)).verdicts[-1].valid:  # not with that agenda
            written = write_steps([step])
    return written, option.name == CONCLUDE


def _next_to_try(problem: Problem, state: State, taken: Sequence[Verdict]) -> Option | None:
    """How exploring goes on from the state that these valid steps lead to; None where it does not.

    Nor where one of them assumes something, which it would assume again.
    """
    if any(verdict.option is not None and verdict.option.name == ASSUME for verdict in taken):
        return None
    try:
        return next(proof_that_explores(state.copy(), problem.nouns, problem.goal), None)
    except Refused:
        return None


def _on_the_goal(thought: str) -> str:
    """What a first Thought says of the goal, `to evaluate: S, S: `, without what its step is chosen from."""
    agenda, _ = split_agenda(thought)
    goal, following, _ = agenda.partition(f": {AGENDA}")
    return f"{goal}: " if following else agenda


def _in_own_words(rollouts: Sequence[Rollout], before: str, option: Option, agenda: str) -> str | None:
    """A valid step with this option that a rollout wrote after the same text, beginning with this agenda."""
    for rollout in rollouts:
        text = rollout.trace.text
        for step, verdict in zip(rollout.checked.steps, rollout.checked.verdicts, strict=True):
            if verdict.valid and step.option == option and step.thought.startswith(agenda):
                begin, _, end = step.place
                if text[:begin] == before:
                    return text[begin:end]
    return None
