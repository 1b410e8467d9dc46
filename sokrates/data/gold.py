"""Gold traces: what SFT learns from, three kinds of proof in two kinds of rationale.

A *shortest* proof has only steps that the conclusion needs. One that *explores* finds each step by looking one
rule ahead, and ends where the goal is settled or no way is left (`exploring`). A *plan* is a shortest proof, a
chain of modus ponens, whose first Thought names the rules that it will apply, from the goal back. A problem
without such a proof gets a shortest one, by cases or by contradiction where English has words for it
(`assumption_proofs`).

A *careful* trace is such a proof, every step valid. A *shortcut* has the same thoughts about the conclusion and
the same answer, but where a step should cite a derived line, it cites the premise or the assumption that the chain
of this line began with, as the published training data did: each claim is true, and the step does not prove it. A
proof that applies no rule to a derived line has no shortcut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sokrates.data.assumption_proofs import assumption_proofs
from sokrates.logic import english
from sokrates.logic.answer import Answer
from sokrates.logic.formula import And, Or, negation, predicates
from sokrates.proof.claims import AGENDA, may_be_named, split_agenda
from sokrates.proof.dependencies import citing
from sokrates.proof.kernel import ASSUME, cited, derive
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import Problem
from sokrates.proof.text import CONCLUDE, Step, read_steps, think, write_steps
from sokrates.proof.verify import Verifier
from sokrates.search.exploring import Refused, looked_at, proof_that_explores, rules_of
from sokrates.search.prove import prove, write_proof


class NoGoldTrace(ValueError):
    """A problem has no gold trace; the message says why."""


def careful(problem: Problem, proofs: str = "shortest") -> list[Step]:
    """A proof that passes the strict check. Raises NoGoldTrace.

    proofs: shortest, explore or plan
    """
    verifier = Verifier(problem.facts, problem.goal)
    options = shortest_proof(problem, verifier)
    if options is None:
        raise NoGoldTrace("no proof was found")
    named = None
    if proofs == "explore":
        options, named = _exploring(problem, options), _asked_about(problem)
    elif proofs == "plan":
        named = _chain(problem, options) or None
    steps = write_proof(problem.state, options, problem.say)
    if proofs == "explore":
        steps = _saying_what_is_looked_at(problem, steps)
    if named is not None:
        steps = _first_thought(problem, steps, named)
    checked = verifier.check(read_steps(write_steps(steps)))  # as a reader of the file will see it
    if problem.label is not None and checked.answer is not problem.label:
        raise NoGoldTrace("the proof's answer is not the label")
    if not checked.valid(problem.label):
        raise NoGoldTrace("the proof does not pass the strict check")
    return steps


def shortest_proof(problem: Problem, verifier: Verifier) -> list[Option] | None:
    """Of the proofs with the fewest lines that have no English form, the shortest; None where none is found.

    Proofs by cases and by contradiction are considered if the proof that search finds has an assumption or such a
    line.
    """
    options = prove(problem.state, verifier.decide)
    if options is None:
        return None
    cost = _cost(problem, options)
    if not cost[0] and all(option.name != ASSUME for option in options):
        return options
    others = [(_cost(problem, other), other) for other in assumption_proofs(problem.state)]
    return min([(cost, options), *others], key=lambda candidate: candidate[0])[1]


def _cost(problem: Problem, options: Sequence[Option]) -> tuple[int, int]:
    """The number of lines without a form in controlled English, and the number of steps."""
    state = problem.state
    derived = [state.apply(option) for option in options if option.name != CONCLUDE]
    without_english = [
        line for line in derived if isinstance(line, Reason) or english.write(line, problem.nouns) is None
    ]
    return len(without_english), len(options)


def _exploring(problem: Problem, shortest: list[Option]) -> list[Option]:
    """The options of a proof that explores, or the shortest proof if exploring does not reach its answer."""
    state = problem.state
    try:
        explored = [*proof_that_explores(state, problem.nouns, problem.goal)]
    except Refused:
        return shortest
    answers = {problem.goal: Answer.TRUE, negation(problem.goal): Answer.FALSE}
    lines = state.lines[: state.assumptions[0]] if state.assumptions else state.lines
    reached = {answers[line].value for line in lines if line in answers} or {Answer.UNKNOWN.value}
    return [*explored, shortest[-1]] if shortest[-1].args[0] in reached else shortest


def _saying_what_is_looked_at(problem: Problem, steps: Sequence[Step]) -> list[Step]:
    """The steps; a Thought begins with the lines that its step was chosen from, where it does not cite them."""
    state, goal = problem.state, problem.say(problem.goal)
    written = []
    for step in steps:
        option = step.option
        assert option is not None
        named = [problem.say(state.lines[index]) for index in looked_at(state, option)]
        thought = step.thought
        if named and option.name == CONCLUDE:  # it says the goal itself
            named, thought = [goal, *named], thought.removeprefix(f"{AGENDA}{goal}, ")
        if named and all(map(may_be_named, named)):
            step = replace(step, thought=f"{AGENDA}{', '.join(named)}: {thought}")
        if option.name != CONCLUDE:
            state.apply(option)
        written.append(step)
    return written


def _first_thought(problem: Problem, steps: list[Step], rules: Sequence[int]) -> list[Step]:
    """The steps; the first Thought also says what is to be evaluated and names the premises `rules`."""
    goal, *named = (problem.say(line) for line in [problem.goal, *(problem.facts[rule] for rule in rules)])
    if not may_be_named(goal):
        return steps
    agenda = ", ".join([goal, *filter(may_be_named, named)])
    begin = f"{AGENDA}{goal}, "  # of CONCLUDE, which says the goal itself, and perhaps more
    says_more = steps[0].thought.startswith(begin) and split_agenda(steps[0].thought)[0]
    thought = f"{AGENDA}{agenda}{', ' if says_more else ': '}{steps[0].thought.removeprefix(begin)}"
    return [replace(steps[0], thought=thought), *steps[1:]]


def _asked_about(problem: Problem) -> list[int]:
    """The rules whose claim has a predicate of the goal; where there is none, those whose condition has one.

    Only rules about a literal: one about a conjunction or a disjunction is not found by its claim.
    """
    asked = set(predicates(problem.goal))
    rules = [rule for rule in rules_of(problem.facts) if not isinstance(rule[1], And | Or)]
    claiming = [index for index, _, claim in rules if not asked.isdisjoint(predicates(claim))]
    return claiming or [index for index, condition, _ in rules if not asked.isdisjoint(predicates(condition))]


def _chain(problem: Problem, options: Sequence[Option]) -> list[int]:
    """The rules of a chain of modus ponens, from the goal back; none for another proof."""
    applied = [option for option in options if option.name != CONCLUDE]
    rules = [int(option.args[1]) for option in applied if option.name == "MODUS_PONENS"]
    return rules[::-1] if len(rules) == len(applied) and max(rules, default=0) < len(problem.facts) else []


def shortcut(problem: Problem, steps: list[Step]) -> list[Step]:
    """The steps, each of which cites the line that a chain began with in place of one that was derived in it.

    A chain begins with a premise or an assumption; a line derived from several lines continues the chain of the
    first. A step that cites no derived line is unchanged, and so is what it cites of a chain whose beginning is an
    assumption that is closed.
    """
    state, written = problem.state, []
    chain_start: dict[int, int] = {}  # the index of a derived line → of the line that its chain began with
    for step in steps:
        if step.option is None or step.option.name == CONCLUDE:
            written.append(step)
            continue
        option = step.option
        derived = derive(state, option)
        if isinstance(derived, Reason):
            raise ValueError(f"{option} is not valid: {derived.value}")
        lines, index = cited(option), len(state.lines)
        begins = option.name == ASSUME or not lines
        chain_start[index] = index if begins else chain_start.get(lines[0], lines[0])
        starts = {line: chain_start.get(line, line) for line in lines}
        closed = {line for line, start in starts.items() if isinstance(state.lines[start], Reason)}
        shortened = citing(option, starts | {line: line for line in closed})
        if shortened != option:
            agenda, _ = split_agenda(step.thought)
            thought = agenda + think(state, shortened, derived, problem.say)
            step = replace(step, thought=thought, option=shortened)
        written.append(step)
        state.apply(option)
    return written
