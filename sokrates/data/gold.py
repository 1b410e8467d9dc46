"""Gold traces: what SFT learns from, three kinds of proof in two kinds of rationale.

A *shortest* proof has only steps that the conclusion needs. One that *explores* starts from what is known and
takes each rule to a concept until the goal is settled. A *plan* is shortest, and its first Thought names the rules
that it will apply, from the goal back. Both kinds are of chains of modus ponens; any other proof is the shortest,
by cases or by contradiction where that can be said in English (`assumption_proofs`).

A *careful* trace is such a proof, every step valid. A *shortcut* has the same thoughts about the conclusion and
the same answer, but a step cites, for each line that was derived, the premise or the assumption that its chain
began with, as the published training data did: each claim is true, the step that claims it does not follow. A
proof that applies no rule to what it has derived has no shortcut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sokrates.data.assumption_proofs import assumption_proofs
from sokrates.logic import english
from sokrates.logic.answer import Answer
from sokrates.logic.formula import Atom, Forall, Formula, Implies, Not, negation
from sokrates.proof.arguments import Argument
from sokrates.proof.claims import AGENDA
from sokrates.proof.kernel import ASSUME, RULES, State, cited, derive
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import Problem
from sokrates.proof.text import CONCLUDE, Step, read_steps, think, write_steps
from sokrates.proof.verify import Verifier
from sokrates.search.prove import prove, write_proof


class NoGoldTrace(ValueError):
    """Why a problem has none."""


def careful(problem: Problem, proofs: str = "shortest") -> list[Step]:
    """A proof that passes the strict check. Raises NoGoldTrace.

    proofs: shortest, explore or plan
    """
    verifier = Verifier(problem.facts, problem.goal)
    options = shortest_proof(problem, verifier)
    if options is None:
        raise NoGoldTrace("no proof was found")
    named: list[int] = []
    if proofs == "explore":
        options, named = _exploring(problem, options), _asked_about(problem)
    elif proofs == "plan":
        named = _chain(problem, options)
    steps = _first_thought(problem, write_proof(problem.state, options, problem.say), named)
    checked = verifier.check(read_steps(write_steps(steps)))  # as it will be read
    if problem.label is not None and checked.answer is not problem.label:
        raise NoGoldTrace("the proof's answer is not the label")
    if not checked.valid(problem.label):
        raise NoGoldTrace("the proof does not pass the strict check")
    return steps


def shortest_proof(problem: Problem, verifier: Verifier) -> list[Option] | None:
    """The shortest of the proofs that have the fewest lines without an English form; None where none is found.

    Those by cases and by contradiction are weighed where proof search assumes something, or has such a line.
    """
    options = prove(problem.state, verifier.decide)
    if options is None:
        return None
    cost = _cost(problem, options)
    if not cost[0] and all(option.name != ASSUME for option in options):
        return options
    others = [(_cost(problem, other), other) for other in assumption_proofs(problem.state)]
    return min([(cost, options), *others], key=lambda weighed: weighed[0])[1]


def _cost(problem: Problem, options: Sequence[Option]) -> tuple[int, int]:
    """The number of lines that controlled English has no form for, and of steps."""
    state = problem.state
    derived = [state.apply(option) for option in options if option.name != CONCLUDE]
    nouns = english.nouns((*problem.premises, problem.conclusion))
    unsaid = [line for line in derived if isinstance(line, Reason) or english.write(line, nouns) is None]
    return len(unsaid), len(options)


def _exploring(problem: Problem, shortest: list[Option]) -> list[Option]:
    """The options of a proof that explores; the shortest where exploring does not reach its answer."""
    state, settling = problem.state, (problem.goal, negation(problem.goal))
    explored = list(explore(state, english.nouns((*problem.premises, problem.conclusion)), problem.goal))
    concludes_unknown = shortest[-1].args[0] == Answer.UNKNOWN.value
    settled = any(line in settling for line in state.lines)
    return shortest if settled is concludes_unknown else [*explored, shortest[-1]]


def _first_thought(problem: Problem, steps: list[Step], rules: Sequence[int]) -> list[Step]:
    """The steps, of which the first also says what is to be evaluated and names the premises `rules`."""
    if not rules or steps[0].option is None or steps[0].option.name == CONCLUDE:
        return steps
    named = ", ".join(problem.say(line) for line in [problem.goal, *(problem.facts[rule] for rule in rules)])
    return [replace(steps[0], thought=f"{AGENDA}{named}: {steps[0].thought}"), *steps[1:]]


def _asked_about(problem: Problem) -> list[int]:
    """The rules that say of a concept that it has, or has not, what the goal asks."""
    asked = _predicate(problem.goal)
    return [
        index
        for index, fact in enumerate(problem.facts)
        if type(fact) is Forall and type(fact.body) is Implies and asked == _predicate(fact.body.right)
    ]


def _chain(problem: Problem, options: Sequence[Option]) -> list[int]:
    """The rules of a chain of modus ponens, from the goal back; none for another proof."""
    applied = [option for option in options if option.name != CONCLUDE]
    rules = [int(option.args[1]) for option in applied if option.name == "MODUS_PONENS"]
    return rules[::-1] if len(rules) == len(applied) and max(rules, default=0) < len(problem.facts) else []


def explore(state: State, nouns: frozenset[str], goal: Formula | None = None) -> Iterator[Option]:
    """Modus ponens steps, depth first, from each fact of `state` in turn; each is added to `state`.

    From a line they apply the rule about the goal's predicate where there is one, which ends them where it settles
    the goal; else, in the order of the premises, each rule to a concept (one of `nouns`) that does not stand yet,
    and go on from what it gives before they take the next. Nothing looks ahead, so a step may lead nowhere.
    """
    rules: dict[str, list[tuple[int, Formula]]] = {}  # concept → the rules about it, each with what it claims
    for index, line in enumerate(state.lines):
        if type(line) is Forall and type(line.body) is Implies and type(line.body.left) is Atom:
            rules.setdefault(line.body.left.predicate, []).append((index, line.body.right))
    asked = _predicate(goal) if goal is not None else None
    waiting = [index for index, line in reversed(list(enumerate(state.lines))) if type(line) is Atom]
    while waiting:
        fact = waiting[-1]
        line = state.lines[fact]
        assert type(line) is Atom
        about = rules.get(line.predicate, [])
        settling = [rule for rule, claim in about if asked is not None and _predicate(claim) == asked]
        concepts = [rule for rule, claim in about if type(claim) is Atom and claim.predicate in nouns]
        for rule in settling or concepts:
            option = Option("MODUS_PONENS", (fact, rule))
            derived = derive(state, option)
            if isinstance(derived, Reason) or derived in state.lines:
                continue
            state.apply(option)
            yield option
            if settling:
                return
            waiting.append(len(state.lines) - 1)
            break
        else:
            waiting.pop()


def _predicate(formula: Formula) -> str | None:
    literal = formula.body if type(formula) is Not else formula
    return literal.predicate if type(literal) is Atom else None


def shortcut(problem: Problem, steps: list[Step]) -> list[Step]:
    """The steps, each citing for a line that was derived the line that its chain began with.

    A chain begins with a premise or an assumption; a line that an option derives from several goes on from the
    first of them. What stands in no chain of two steps is as it was.
    """
    state, written = problem.state, []
    began: dict[int, int] = {}  # the index of a derived line → of the one that its chain began with
    for step in steps:
        if step.option is None or step.option.name == CONCLUDE:
            written.append(step)
            continue
        taken = step.option
        derived = derive(state, taken)
        if isinstance(derived, Reason):
            raise ValueError(f"{taken} is not valid here: {derived.value}")
        lines, here = cited(taken), len(state.lines)
        began[here] = here if taken.name == ASSUME or not lines else began.get(lines[0], lines[0])
        option = _citing(taken, {line: began.get(line, line) for line in lines})
        if option != taken:
            step = replace(step, thought=think(state, option, derived, problem.say), option=option)
        written.append(step)
        state.apply(taken)
    return written


def _citing(option: Option, instead: dict[int, int]) -> Option:
    """The option with other lines cited; its further arguments are as they were."""
    kinds = RULES[option.name].kinds_of(len(option.args))
    cites = (Argument.LINE, Argument.LINE_OR_GOAL)
    args = [
        instead[arg] if kind in cites and isinstance(arg, int) else arg
        for kind, arg in zip(kinds, option.args, strict=True)
    ]
    return Option(option.name, tuple(args))
