"""What a trace is worth, part by part, and as one number: the score that pairs and rewards are made by.

Every part is between 0 and 1:

    validity   valid steps over all steps. The published score has it; a policy can earn it by padding
    progress   by how much the valid steps before the first fault shorten what a proof still needs, as a share of
               a shortest proof. A proof has 1; a step that leads nowhere, a repeat and a restatement add 0, and
               an assumption that is still open takes nothing from it
    answer     1 where the answer is right
    proof      1 where every step is valid and the answer right; if that is UNKNOWN, after every way was tried
    novel      1 for such a proof in which no step repeats or restates what stands already
    needed     of such a proof, the needed steps over its steps
    format     1 where every step can be read, and CONCLUDE stands once and last
    length     of such a proof, the steps of a shortest one over its steps, at most 1

The score is the sum of the parts, each times its weight. UNKNOWN has no proof: it is valid at any time, on the
solver's word. Its `progress` is the share that was tried of what a proof that explores tries
(`sokrates.search.exploring`), so that stopping sooner earns less: the lines that it derives, the assumptions that
it closes (cases in the order of the disjunction), and CONCLUDE after all of them. `needed` and `length` are 0.

Where search finds no proof of the label, as it may prove the other answer from premises that contradict each
other, only a proof has progress, and `length` is 0.

Not covered: which of two traces to prefer (`sokrates.training.dpo.pairs`), metrics (`sokrates.metrics`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from functools import cached_property, lru_cache
from itertools import islice
from typing import NamedTuple

from sokrates.logic.answer import Answer, Decision
from sokrates.logic.formula import Formula
from sokrates.pipeline.params import ScoreWeights
from sokrates.proof.dependencies import Role
from sokrates.proof.kernel import ASSUME
from sokrates.proof.option import Option
from sokrates.proof.problem import Problem
from sokrates.proof.text import CONCLUDE, Step
from sokrates.proof.verify import Checked, Verifier
from sokrates.search.exploring import Refused, proof_that_explores
from sokrates.search.prove import concludes, prove_from, steps_of_shortest_proof, write_proof

DEFAULT_WEIGHTS = ScoreWeights(
    validity=0, progress=1, answer=1, proof=0.25, novel=0.25, needed=0, format=0, length=0
)
_STALE = frozenset((Role.REPEAT, Role.RESTATEMENT))
MAX_STEPS_COMPLETED = 200  # a longer beginning of a proof is not completed, and counts as no progress
MAX_STEPS_TO_TRY = 200  # of an open problem; what exploring would try after them need not be tried
_INTRODUCING = frozenset(("AND_INTRO", "OR_INTRO"))  # the step that applies a rule to what they make tries it


class Credit(NamedTuple):
    """What the steps before the first fault contribute to a proof.

    needed: the numbers of those that the answer rests on; where there is no answer yet, that it would rest on if a
        shortest proof from there followed. Of UNKNOWN, those that try something first
    progress: the part of this name
    """

    needed: frozenset[int]
    progress: float

    def values(self, steps: int) -> list[float]:
        """For each step, what it contributes: the needed ones share the progress equally."""
        share = self.progress / len(self.needed) if self.needed else 0.0
        return [share if number in self.needed else 0.0 for number in range(steps)]


_NO_CREDIT = Credit(frozenset(), 0.0)


def needed_lines(verifier: Verifier, options: Sequence[Option]) -> frozenset[int]:
    """The lines that the answer of these options rests on, whatever is claimed of them; none without an answer."""
    checked = verifier.check([Step("", option) for option in options])
    return checked.dependencies.needed or frozenset()


class _Try(NamedTuple):
    """Something that a step of an open problem tries.

    formula: the line that it derives; where CONDITIONAL_PROOF closes an assumption, that assumption
    assumed: what is assumed where it stands
    closes: whether it is such a CONDITIONAL_PROOF, whatever line it shows
    """

    formula: Formula
    assumed: frozenset[Formula]
    closes: bool = False


def _tries(checked: Checked, end: int) -> Iterator[tuple[int, _Try]]:
    """What the steps before `end`, all of them valid, try, each with its number."""
    opened: list[Formula] = []
    discharged, premises = checked.dependencies.discharged, len(checked.premises)
    for number, verdict in enumerate(checked.verdicts[:end]):
        option, line = verdict.option, verdict.derived
        if option is None or line is None:
            continue  # CONCLUDE
        closed = opened.pop() if premises + number in discharged else None
        if option.name == ASSUME:  # tries nothing yet
            opened.append(line)
        elif closed is not None and option.name == "CONDITIONAL_PROOF":
            yield number, _Try(closed, frozenset(opened), closes=True)
        elif option.name not in _INTRODUCING:
            yield number, _Try(line, frozenset(opened))


@lru_cache(maxsize=1024)  # several scorers may be made of one problem
def _tries_of_exploring(problem: Problem) -> frozenset[_Try]:
    """What a proof that explores tries, but for repeats and restatements."""
    options: list[Option] = []
    with suppress(Refused):  # then what comes before it
        trying = proof_that_explores(problem.state, problem.nouns, problem.goal)
        options.extend(islice(trying, MAX_STEPS_TO_TRY))
    checked = Verifier(problem.facts, problem.goal).check(write_proof(problem.state, options, problem.say))
    roles = checked.dependencies.roles
    return frozenset(tried for number, tried in _tries(checked, len(options)) if roles[number] not in _STALE)


class Scorer:
    """Scores traces of one problem, whose shortest proof is searched for once."""

    def __init__(self, problem: Problem, verifier: Verifier | None = None) -> None:
        """Without a label no answer is right, and nothing brings one nearer. verifier: of this problem."""
        self.problem = problem
        self.verifier = verifier or Verifier(problem.facts, problem.goal)
        self.label = problem.label
        self._is_open = problem.label is Answer.UNKNOWN
        self._credits: dict[tuple[Option, ...], Credit] = {}  # of beginnings without an answer

    def score(self, checked: Checked, weights: ScoreWeights) -> float:
        """The sum of the parts, each times its weight; a part without weight is not worked out."""
        weighted: Iterator[tuple[str, float]] = iter(weights)  # the fields of ScoreWeights, which are all floats
        return sum(weight * self.part(name, checked) for name, weight in weighted if weight)

    def parts(self, checked: Checked) -> dict[str, float]:
        """Every part, by name."""
        return {name: self.part(name, checked) for name in ScoreWeights.model_fields}

    def part(self, name: str, checked: Checked) -> float:
        """One part of the score, which the module describes."""
        count = len(checked.verdicts)
        match name:
            case "validity":
                return sum(verdict.valid for verdict in checked.verdicts) / count if count else 0.0
            case "progress":
                return self.credit(checked).progress
            case "answer":
                return float(self.label is not None and checked.is_right(self.label))
            case "proof":
                return float(self.is_proof(checked))
            case "novel":
                return float(self.is_proof(checked) and not _STALE.intersection(checked.dependencies.roles))
            case "needed":
                needed = checked.dependencies.roles.count(Role.NEEDED)
                return needed / count if self.is_proof(checked) and not self._is_open else 0.0
            case "format":
                names = [verdict.option and verdict.option.name for verdict in checked.verdicts]
                return float(None not in names and names.count(CONCLUDE) == 1 and names[-1] == CONCLUDE)
            case "length":
                proves = self.is_proof(checked) and not self._is_open and self.shortest is not None
                return min(1.0, self.shortest / count) if proves else 0.0  # type: ignore[operator]
        raise AssertionError(name)

    def is_proof(self, checked: Checked) -> bool:
        """Every step is valid, and the answer is the label; if that is UNKNOWN, every way was tried."""
        return self.label is not None and checked.valid(self.label) and not self.stops_early(checked)

    def stops_early(self, checked: Checked) -> bool:
        """It concludes UNKNOWN before its valid steps have tried every way."""
        return checked.answer is Answer.UNKNOWN and not self.has_tried_all(checked, checked.first_fault)

    def has_tried_all(self, checked: Checked, end: int) -> bool:
        """Whether the steps before `end`, all of them valid, try all that a proof that explores tries."""
        return len(self._tried(checked, end)) == len(self._to_try)

    def _tried(self, checked: Checked, end: int) -> dict[_Try, int]:
        """What is to be tried and was, by the steps before `end`, each with the first step that does.

        A line that stands under fewer assumptions stands under those as well. Closing an assumption counts after
        all that is to be tried under it.
        """
        first: dict[_Try, int] = {}
        formulas = {wanted.formula for wanted in self._to_try}
        for number, (formula, assumed, closes) in _tries(checked, end):
            if formula not in formulas or (closes and self._left_under(assumed | {formula}, first)):
                continue
            for wanted in self._to_try:
                if (wanted.formula, wanted.closes) == (formula, closes) and assumed <= wanted.assumed:
                    first.setdefault(wanted, number)
        return first

    def _left_under(self, assumed: frozenset[Formula], tried: Collection[_Try]) -> bool:
        """Whether something is left to try under these assumptions."""
        return any(wanted.assumed == assumed and wanted not in tried for wanted in self._to_try)

    @cached_property
    def _to_try(self) -> frozenset[_Try]:
        """What has to be tried before UNKNOWN; nothing where that is not the answer."""
        return _tries_of_exploring(self.problem) if self.verifier.decision is Decision.UNKNOWN else frozenset()

    @cached_property
    def shortest(self) -> int | None:
        """The steps of the shortest proof that search finds, CONCLUDE included; None where it finds none."""
        return steps_of_shortest_proof(self.verifier, self.label)

    def credit(self, checked: Checked) -> Credit:
        """What the steps before the first fault contribute to a proof of the label."""
        fault = checked.first_fault
        options = tuple(step.option for step in checked.steps[:fault] if step.option is not None)
        if not options or self.label is None:
            return _NO_CREDIT
        if self._is_open:
            return self._credit_of_trying(checked, fault, concludes=options[-1].name == CONCLUDE)
        if options[-1].name == CONCLUDE:
            needed = checked.dependencies.needed
            if needed is None or checked.answer is not self.label:
                return _NO_CREDIT
            return Credit(self._steps_among(needed, fault) | {fault - 1}, 1.0)
        if options not in self._credits:
            self._credits[options] = self._credit_of_beginning(options)
        return self._credits[options]

    def _credit_of_trying(self, checked: Checked, fault: int, *, concludes: bool) -> Credit:
        """What the steps before the fault contribute to UNKNOWN; CONCLUDE does after all that is to be tried."""
        tried, steps = self._tried(checked, fault), len(self._to_try) + 1
        ends = concludes and checked.answer is Answer.UNKNOWN and len(tried) == len(self._to_try)
        needed = frozenset(tried.values()) | ({fault - 1} if ends else set())
        return Credit(needed, (len(tried) + ends) / steps)

    def _credit_of_beginning(self, options: tuple[Option, ...]) -> Credit:
        """What valid steps without an answer contribute.

        An open assumption makes the rest longer, as it has to be closed: what was reached before it counts.
        """
        state = self.problem.state
        for option in options:
            state.apply(option)
        opened = [index - len(self.verifier.premises) for index in state.assumptions]
        credits = [self._credit_at(options[:end]) for end in (len(options), *opened)]
        return max(credits, key=lambda credit: credit.progress)

    def _credit_at(self, options: tuple[Option, ...]) -> Credit:
        """What they contribute to the shortest proof that goes on from all of them."""
        if self.shortest is None or len(options) > MAX_STEPS_COMPLETED:
            return _NO_CREDIT
        proof = prove_from(self.verifier, options)
        if not concludes(proof, self.label) or len(proof) >= self.shortest:
            return _NO_CREDIT
        steps = self._steps_among(needed_lines(self.verifier, (*options, *proof)), len(options))
        # Search may find a shorter proof later than at first: no step is worth more than one of a shortest proof.
        saved = min(self.shortest - len(proof), len(steps))
        return Credit(steps, saved / self.shortest) if saved > 0 else _NO_CREDIT

    def _steps_among(self, lines: frozenset[int], fault: int) -> frozenset[int]:
        """The numbers of the steps before the fault whose lines are among these."""
        premises = len(self.verifier.premises)
        return frozenset(line - premises for line in lines if premises <= line < premises + fault)
