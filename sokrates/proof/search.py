"""Finds option proofs without a model: forward, breadth first, then pruned to what the conclusion needs.

Every step is derived by the kernel, so what is returned is valid by construction. Covered: MODUS_PONENS
from the lines of a state (universal or ground rules with an atomic antecedent), and UNKNOWN by the solver.
Not covered: rules that need an assumption, a conjunction or a case split; then no proof is found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from sokrates.logic.answer import Answer, Decision
from sokrates.logic.formula import Atom, Forall, Formula, Implies, Not, negation
from sokrates.proof.kernel import State, cited, derive
from sokrates.proof.option import Option, Reason
from sokrates.proof.text import CONCLUDE, Say, Step, think, think_conclusion


def prove(state: State, decide: Callable[[], Decision]) -> list[Option] | None:
    """The options of a shortest proof from a state, CONCLUDE included; None where none is found.

    The indices continue the state's. UNKNOWN is proved by CONCLUDE alone.
    """
    settled = [(state.goal, Answer.TRUE), (negation(state.goal), Answer.FALSE)]
    proofs = _saturate(state, tuple(formula for formula, _ in settled))
    for formula, answer in settled:
        if formula in proofs:
            return [*_renumber(state, proofs, formula), Option(CONCLUDE, (answer.value,))]
    if decide() is Decision.UNKNOWN:
        return [Option(CONCLUDE, (Answer.UNKNOWN.value,))]
    return None


def write_proof(state: State, options: list[Option], say: Say) -> list[Step]:
    """The options as steps with their Thoughts; they must be valid in this order."""
    steps = []
    for option in options:
        if option.name == CONCLUDE:
            steps.append(Step(think_conclusion(state, Answer(option.args[0]), say), option))
            continue
        derived = derive(state, option)
        if isinstance(derived, Reason):
            raise ValueError(f"{option} is not valid here: {derived.value}")
        steps.append(Step(think(state, cited(option), derived, say), option))
        state = state.then(derived)
    return steps


# How a formula was reached: the formulas an option used (none for a line of the state).
_Origins = dict[Formula, tuple[Formula, ...]]


def _saturate(state: State, wanted: tuple[Formula, ...]) -> _Origins:
    """Everything that modus ponens reaches, in order of depth, until one of `wanted` is reached."""
    origins: _Origins = {}
    rules: dict[str, list[Formula]] = defaultdict(list)
    frontier: list[Formula] = []
    for line in state.lines:
        if line is None or line in origins:
            continue
        origins[line] = ()
        body = line
        while type(body) is Forall:
            body = body.body
        if type(body) is Implies and (key := _key(body.left)):
            rules[key].append(line)
        else:
            frontier.append(line)
    while frontier and not any(formula in origins for formula in wanted):
        reached: list[Formula] = []
        for fact in frontier:
            for rule in rules.get(_key(fact) or "", ()):
                derived = derive(State((fact, rule), state.goal), Option("MODUS_PONENS", (0, 1)))
                if not isinstance(derived, Reason) and derived not in origins:
                    origins[derived] = (fact, rule)
                    reached.append(derived)
        frontier = reached
    return origins


def _key(formula: Formula) -> str | None:
    """What a literal must share with a rule's antecedent: its sign and predicate."""
    literal = formula.body if type(formula) is Not else formula
    return f"{'¬' if type(formula) is Not else ''}{literal.predicate}" if type(literal) is Atom else None


def _renumber(state: State, origins: _Origins, formula: Formula) -> list[Option]:
    """The steps that `formula` rests on, premises first, with their indices in the state."""
    needed = {formula}
    for target in reversed(origins):
        if target in needed:
            needed.update(origins[target])
    at: dict[Formula, int] = {}
    for index, line in enumerate(state.lines):
        if line is not None:
            at.setdefault(line, index)
    options: list[Option] = []
    for target, used in origins.items():
        if target in needed and used:
            at[target] = len(state.lines) + len(options)
            options.append(Option("MODUS_PONENS", tuple(at[formula] for formula in used)))
    return options
