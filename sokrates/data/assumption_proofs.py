"""Proofs that assume, go forward and discharge, as PrOntoQA-OOD gives them: by cases and by contradiction.

    assume that Max is a vumpus … Max is a dumpus and Max is not a dumpus, so Max is not a vumpus
    Max is a vumpus or a sterpus and every vumpus is a dumpus and every sterpus is a dumpus, so Max is a dumpus

Proof search takes whatever is shortest, often a contraposition whose lines have no form in controlled English.
These are what people write for the same problem. Not covered: assumptions within assumptions; a case that needs
more than going forward.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sokrates.logic.answer import Answer
from sokrates.logic.formula import And, Formula, Or, negation
from sokrates.proof.kernel import State
from sokrates.proof.option import Option, Reason
from sokrates.proof.text import CONCLUDE
from sokrates.search.derivation import Derivation, individuals, write_options
from sokrates.search.forward_chaining import Known, Saturation
from sokrates.search.knowledge import Search, conditional, joined_rules, refuted


def assumption_proofs(state: State) -> Iterator[list[Option]]:
    """The options of such proofs from a state without open assumptions, CONCLUDE included."""
    lines = {Derivation(line, ""): i for i, line in enumerate(state.lines) if not isinstance(line, Reason)}
    prover = _Prover(state, list(lines))
    for formula, answer in ((state.goal, Answer.TRUE), (negation(state.goal), Answer.FALSE)):
        for proof in (prover.by_cases(formula), prover.by_contradiction(formula)):
            if proof is not None:
                yield [*write_options(state, [proof], lines), Option(CONCLUDE, (answer.value,))]


class _Prover:
    def __init__(self, state: State, lines: list[Derivation]) -> None:
        self._state, self._lines = state, lines
        self._search = Search([(state.goal, None), *((line.formula, line) for line in lines)])

    def by_cases(self, goal: Formula) -> Derivation | None:
        """By the first line that is a disjunction of which each part leads to the goal."""
        for line in self._lines:
            if type(line.formula) is Or:
                cases = [self._case(part, goal) for part in line.formula.parts]
                if None not in cases:
                    return Derivation(goal, "CASE_SPLIT", (line, *cases))  # type: ignore[arg-type]
        return None

    def _case(self, part: Formula, goal: Formula) -> Derivation | None:
        """part → goal: by the rules alone where one leads to the next, else by assuming the part."""
        assumed = self._search.assume(part)
        if assumed is None:
            return None
        reached = self._forward(assumed, lambda known: goal in known).get(goal)
        if reached is None or assumed not in reached.open:
            return None
        return joined_rules(assumed, reached) or conditional(assumed, reached)

    def by_contradiction(self, goal: Formula) -> Derivation | None:
        """Each part of the goal by assuming its complement."""
        parts = [self._refutation(part) for part in (goal.parts if type(goal) is And else (goal,))]
        if None in parts:
            return None
        return parts[0] if len(parts) == 1 else Derivation(goal, "AND_INTRO", tuple(parts))  # type: ignore[arg-type]

    def _refutation(self, part: Formula) -> Derivation | None:
        assumed = self._search.assume(negation(part))
        if assumed is None:
            return None
        known = self._forward(assumed, lambda known: _conflict(known, assumed) is not None)
        pair = _conflict(known, assumed)
        return pair and refuted(assumed, *pair)

    def _forward(self, assumed: Derivation, is_done: Callable[[Known], bool]) -> Known:
        saturation = Saturation([*self._lines, assumed], lambda: individuals(self._state))
        saturation.run(lambda: is_done(saturation.known))
        return saturation.known


def _conflict(known: Known, assumed: Derivation) -> tuple[Derivation, Derivation] | None:
    """A formula and its negation that are both known, one of which rests on the assumption."""
    for formula, derivation in known.items():
        denial = known.get(negation(formula))
        if denial is not None and assumed in derivation.open and assumed not in denial.open:
            return derivation, denial
    return None
