"""Finds option proofs without a model: the shortest chain where rules chain, natural deduction for the rest.

First forward, level by level (`forward_chaining`); what that does not settle goes to the solver, which says
whether a proof is to be looked for, and of what; then goal-directed natural deduction (`natural_deduction`).
Every step is run through the kernel before it is returned, and steps that the conclusion does not need are left
out. Bounded and deterministic. A chain of modus ponens is a shortest one; another kind of proof may be shorter
still. Not covered: what the two modules do not cover; then no proof is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TypeGuard

from sokrates.logic.answer import Answer, Decision
from sokrates.logic.formula import And, Formula, Implies, Or, negation
from sokrates.proof.arguments import GOAL
from sokrates.proof.kernel import State, derive
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import Problem
from sokrates.proof.text import CONCLUDE, Say, Step, think, think_conclusion
from sokrates.proof.verify import Checked, Verifier
from sokrates.search.derivation import Derivation, OverLimitError, individuals, write_options, write_targets
from sokrates.search.forward_chaining import Known, Saturation
from sokrates.search.natural_deduction import prove_naturally, refute_naturally

MAX_WEIGHED = 2  # open assumptions for which several ways to close them are compared


def prove(state: State, decide: Callable[[], Decision]) -> list[Option] | None:
    """The options of a proof from a state, CONCLUDE included; None if search finds none.

    The indices continue the state's. A chain of modus ponens is a shortest one. UNKNOWN is proved by
    CONCLUDE alone. `decide` is the solver, asked where forward chaining does not reach an answer. A proof that the
    kernel's limits on size do not let stand counts as not found.
    """
    try:
        return _prove_from_within(state, decide) if state.assumptions else _prove_outside(state, decide)
    except OverLimitError:
        return None


def prove_from(verifier: Verifier, options: Iterable[Option | None] = ()) -> list[Option] | None:
    """As `prove`, from where these options lead from the premises."""
    state = State(verifier.premises, verifier.goal)
    for option in options:
        state.apply(option)
    return prove(state, verifier.decide)


def concludes(proof: Sequence[Option] | None, answer: Answer | None) -> TypeGuard[Sequence[Option]]:
    """Whether there is a proof, and it is one of this answer."""
    return proof is not None and answer is not None and proof[-1].args == (answer.value,)


def steps_of_shortest_proof(verifier: Verifier, answer: Answer | None) -> int | None:
    """The steps of the proof of an answer that is found, CONCLUDE included; None where none of that answer is."""
    proof = prove_from(verifier)
    return len(proof) if concludes(proof, answer) else None


def lengths(problem: Problem, checked: Checked) -> tuple[int, int] | None:
    """The steps of a strictly valid proof of TRUE or FALSE, and of the shortest one that is known.

    That is the one which search finds, or this one: search looks for a chain of rules first, and where there is
    one it looks no further. None where search finds none of this answer: of premises that contradict each other
    it may prove the other.
    """
    if not checked.valid(problem.label) or checked.answer in (None, Answer.UNKNOWN):
        return None
    shortest = _shortest(problem.facts, problem.goal, checked.answer)
    return None if shortest is None else (len(checked.steps), min(shortest, len(checked.steps)))


@lru_cache(maxsize=1 << 14)  # policies are measured on the same problems
def _shortest(premises: tuple[Formula, ...], goal: Formula, answer: Answer) -> int | None:
    return steps_of_shortest_proof(Verifier(premises, goal), answer)


def write_proof(state: State, options: list[Option], say: Say) -> list[Step]:
    """The options as steps with their Thoughts; they must be valid in this order."""
    steps, state = [], state.copy()
    for option in options:
        if option.name == CONCLUDE:
            steps.append(Step(think_conclusion(state, Answer(option.args[0]), say), option))
            continue
        derived = derive(state, option)
        if isinstance(derived, Reason):
            raise ValueError(f"{option} is not valid here: {derived.value}")
        steps.append(Step(think(state, option, derived, say), option))
        state.apply(option)
    return steps


def _prove_outside(state: State, decide: Callable[[], Decision]) -> list[Option] | None:
    """The proof from a state without open assumptions."""
    settled = [(state.goal, Answer.TRUE), (negation(state.goal), Answer.FALSE)]
    forward, given = _saturate(state, [formula for formula, _ in settled])
    for formula, answer in settled:
        derivation = _reached(forward, formula, state.goal)
        if derivation is not None:
            return [*write_options(state, [derivation], given), Option(CONCLUDE, (answer.value,))]
    decision = decide()
    if decision is Decision.UNKNOWN:
        return [Option(CONCLUDE, (Answer.UNKNOWN.value,))]
    if decision in (Decision.TRUE, Decision.FALSE):
        settled = [one for one in settled if one[1].name == decision.name]
    derivation = prove_naturally([*forward.values()], [formula for formula, _ in settled], _given(state, given))
    if derivation is None:
        return None
    answer = dict(settled)[derivation.formula]
    return [*write_options(state, [derivation], given), Option(CONCLUDE, (answer.value,))]


def _prove_from_within(state: State, decide: Callable[[], Decision]) -> list[Option] | None:
    """The shortest of the proofs from a state with open assumptions that close the innermost one in a way.

    It shows what the conclusion needs of it, or that it cannot hold, or that the conclusion follows from it;
    else it is closed at once, by what it says of itself.
    """
    outside = state.lines[: state.assumptions[0]]
    for formula, answer in ((state.goal, Answer.TRUE), (negation(state.goal), Answer.FALSE)):
        if formula in outside:
            return [Option(CONCLUDE, (answer.value,))]
    decision = decide()
    if decision is Decision.UNKNOWN:
        return [Option(CONCLUDE, (Answer.UNKNOWN.value,))]
    at = state.assumptions[-1]
    ways = [[Option("CONDITIONAL_PROOF", (at, at))]]
    if len(state.assumptions) <= MAX_WEIGHED:
        goal = _needed(state, negation(state.goal) if decision is Decision.FALSE else state.goal)
        ways = [way for way in (_to_goal(state, goal), _to_contradiction(state)) if way] + ways
    proofs = []
    for way in ways:
        after = state.copy()
        for option in way:
            after.apply(option)
        if len(after.assumptions) == len(state.assumptions):
            continue  # what closing it derives would be too large
        rest = prove(after, lambda: decision)
        if rest is not None:
            proofs.append([*way, *rest])
    return min(proofs, key=len, default=None)


def _needed(state: State, goal: Formula) -> Formula:
    """What the innermost scope has to show for the goal: of an implication whose left is assumed, the right."""
    for index in state.assumptions:
        if type(goal) is Implies and goal.left is state.lines[index]:
            goal = goal.right
    return goal


def _to_goal(state: State, goal: Formula) -> list[Option] | None:
    """The options that derive the goal and close the innermost assumption, on which it then depends."""
    forward, given = _saturate(state, [goal])
    derivation = _reached(forward, goal, state.goal) or prove_naturally(
        [*forward.values()], [goal], _given(state, given)
    )
    targets = [derivation] if derivation else None
    return _closing(state, "CONDITIONAL_PROOF", targets, given, state.assumptions[-1:])


def _to_contradiction(state: State) -> list[Option] | None:
    """The options that refute the innermost assumption."""
    forward, given = _saturate(state, [])
    pair = refute_naturally([*forward.values()], _given(state, given))
    return _closing(state, "CONTRADICTION", pair, given, [])


def _closing(
    state: State,
    name: str,
    targets: Sequence[Derivation] | None,
    given: dict[Derivation, int],
    cited: Sequence[int],
) -> list[Option] | None:
    """The options that derive the targets and then close the innermost assumption; None where that is no way."""
    if targets is None:
        return None
    try:
        options, indices = write_targets(state, targets, given)
    except OverLimitError:
        return None
    return [*options, Option(name, (*cited, *indices))]


def _saturate(state: State, goals: Sequence[Formula]) -> tuple[Known, dict[Derivation, int]]:
    """What is known by forward chaining, until one of the goals is; and the state's lines with their indices."""
    lines = enumerate(state.lines)
    given = {Derivation(line, ""): index for index, line in lines if not isinstance(line, Reason)}
    forward = Saturation(list(given), lambda: individuals(state))
    forward.run(lambda: any(_reached(forward.known, goal, state.goal) for goal in goals))
    return forward.known, given


def _given(state: State, given: dict[Derivation, int]) -> list[tuple[Formula, Derivation | None]]:
    """What assumptions may be taken from: the conclusion to evaluate, then the lines."""
    return [(state.goal, None), *((line.formula, line) for line in given)]


def _reached(known: Known, formula: Formula, goal: Formula) -> Derivation | None:
    """A derivation of the formula where it is known, or by one more step from what is."""
    if formula in known:
        return known[formula]
    if type(formula) is And and len(formula.parts) > 1 and all(part in known for part in formula.parts):
        return Derivation(formula, "AND_INTRO", tuple(known[part] for part in formula.parts))
    if type(formula) is Or and formula is goal:
        for part in formula.parts:
            if part in known:
                return Derivation(formula, "OR_INTRO", (known[part],), (GOAL,))
    return None
