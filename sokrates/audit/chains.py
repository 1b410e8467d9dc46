"""Gold chains as option traces: the proofs that PrOntoQA's files come with, sentence by sentence.

A chain of thought (`sources.read_chains`) restates premises and derives, and cites nothing. Here each sentence
becomes the option that derives exactly what it says:

    a premise or a line in scope    no option: it can be cited from now on
    Assume P                        ASSUME, of a part of the goal or of a line
    This contradicts with P         CONTRADICTION of the sentence before and P
    Since P or Q, R                 CASE_SPLIT, after a CONDITIONAL_PROOF for each case
    any other                       AND_INTRO, AND_ELIM, OR_INTRO or MODUS_PONENS

A case ends where the next one is assumed, or at the `Since`. An option cites only what the chain has said, the
latest first, so a conclusion that stands before its ground is refused; nothing is searched for that the chain
leaves out. Every step is run through the kernel, and the trace through the strict check of its text.

Not covered: chains that use other rules, assume an instance of a rule, or conclude UNKNOWN; proofs without a
chain (`sokrates.search.prove`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from sokrates.logic import english
from sokrates.logic.answer import Answer
from sokrates.logic.formula import And, Formula, Implies, Or, Xor, negation
from sokrates.logic.reading import ReadError
from sokrates.proof.arguments import GOAL
from sokrates.proof.kernel import ASSUME, State, derive
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import Problem
from sokrates.proof.text import CONCLUDE, Step, read_steps, write_steps
from sokrates.proof.verify import Verifier
from sokrates.search.prove import write_proof


class BrokenChain(ValueError):
    """A chain that cannot be followed: at which sentence, counted from 1, and why."""

    def __init__(self, number: int, sentence: str, why: str) -> None:
        super().__init__(f"sentence {number}, {sentence!r}: {why}")
        self.number, self.sentence, self.why = number, sentence, why


def trace_of_chain(problem: Problem, sentences: Sequence[str]) -> list[Step]:
    """The strictly valid trace that says what a chain's sentences say, in their order.

    Raises BrokenChain, also where the chain's answer is not the label.
    """
    follower = _Follower(problem.state)
    for sentence in sentences:
        follower.follow(sentence)
    steps = write_proof(problem.state, [*follower.options, follower.conclusion()], problem.say)
    if not Verifier(problem.facts, problem.goal).check(read_steps(write_steps(steps))).valid(problem.label):
        raise follower.broken("the trace does not pass the strict check, or its answer is not the label")
    return steps


class _Follower:
    """The state that a chain has led to, and the options that led there. Its methods raise BrokenChain."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.options: list[Option] = []
        self._said: list[int] = []  # the lines that sentences stand for, those of closed scopes included
        self._number, self._sentence = 0, ""

    def broken(self, why: str) -> BrokenChain:
        """The error for the sentence that was taken last."""
        return BrokenChain(self._number, self._sentence, why)

    def follow(self, sentence: str) -> None:
        """Takes the options that one sentence stands for."""
        self._number, self._sentence = self._number + 1, sentence
        try:
            reading = english.parse(sentence)
        except ReadError as error:
            raise self.broken(str(error)) from None
        formula, opener, since = reading.formula, reading.opener, reading.since
        if opener == "assume":
            self._assume(formula)
        elif opener == "contradicts":
            self._contradict(formula)
        elif since is not None:
            self._split(since, formula)
        elif (known := self._line(formula)) is not None:
            self._said.append(known)
        elif not any(self._take(option, formula) for option in self._deriving(formula)):
            raise self.broken("it does not follow in one step from what was said before")

    def conclusion(self) -> Option:
        """CONCLUDE with the answer that the last sentence gives."""
        if self.state.assumptions:
            raise self.broken("an assumption is still open at the end")
        reached = self.state.lines[self._said[-1]] if self._said else None
        for formula, answer in (self.state.goal, Answer.TRUE), (negation(self.state.goal), Answer.FALSE):
            if reached is formula:
                return Option(CONCLUDE, (answer.value,))
        raise self.broken("the chain ends with neither what is to be evaluated nor its negation")

    def _line(self, formula: Formula) -> int | None:
        """Where a formula stands that can be cited."""
        return next((index for index, line in enumerate(self.state.lines) if line is formula), None)

    def _take(self, option: Option, wanted: Formula | None = None) -> bool:
        """Takes the option if it derives what is wanted; None wants whatever it derives."""
        derived = derive(self.state, option)
        if isinstance(derived, Reason) or derived is not (wanted or derived):
            return False
        self._said.append(len(self.state.lines))
        self.state.apply(option)
        self.options.append(option)
        return True

    def _deriving(self, wanted: Formula) -> Iterator[Option]:
        """The options, out of those that chains use, that may derive a formula from what was said."""
        lines = ((index, self.state.lines[index]) for index in reversed(self._said))  # the latest first
        citable = {index: line for index, line in lines if not isinstance(line, Reason)}
        if type(wanted) is And:
            stands = {line: index for index, line in citable.items()}
            if all(part in stands for part in wanted.parts):
                yield Option("AND_INTRO", tuple(stands[part] for part in wanted.parts))
        elif type(wanted) is Or:
            within = [GOAL, *range(len(self.state.lines))]
            facts = [index for index, line in citable.items() if line in wanted.parts]
            yield from (Option("OR_INTRO", (fact, place)) for fact, place in product(facts, within))
        for index, line in citable.items():
            if type(line) is And and wanted in line.parts:
                yield Option("AND_ELIM", (index, line.parts.index(wanted)))
        yield from (Option("MODUS_PONENS", pair) for pair in product(citable, citable))

    def _assume(self, assumed: Formula) -> None:
        if self._begins_next_case(assumed):
            self._close_case()
        for within in (GOAL, *range(len(self.state.lines))):
            whole = self.state.goal if within == GOAL else self.state.lines[within]
            parts = range(0 if isinstance(whole, Reason) else whole.size)
            for part, complement in product(parts, (0, 1)):
                if self._take(Option(ASSUME, (within, part, complement)), assumed):
                    return
        raise self.broken("it is no part of the goal or of a line")

    def _begins_next_case(self, assumed: Formula) -> bool:
        """Whether the open assumption is one case of a disjunction and this is another."""
        if not self.state.assumptions:
            return False
        before = self.state.lines[self.state.assumptions[-1]]
        return before is not assumed and any(
            type(line) in (Or, Xor) and before in line.fields and assumed in line.fields
            for line in self.state.lines
            if not isinstance(line, Reason)
        )

    def _close_case(self) -> None:
        """CONDITIONAL_PROOF of what the sentence before said, under the innermost assumption."""
        if not self._take(Option("CONDITIONAL_PROOF", (self.state.assumptions[-1], self._said[-1]))):
            raise self.broken("the case before cannot be closed with what was said last")

    def _contradict(self, denied: Formula) -> None:
        denial = self._line(denied)
        if denial is None or not self.state.assumptions:
            raise self.broken("nothing that was assumed can be refuted with it")
        if not self._take(Option("CONTRADICTION", (self._said[-1], denial))):
            raise self.broken("the sentence before says nothing to the contrary")

    def _split(self, disjunction: Formula, reached: Formula) -> None:
        either = self._line(disjunction)
        if either is None or type(disjunction) not in (Or, Xor) or not self.state.assumptions:
            raise self.broken("there are no such cases")
        self._close_case()
        cases = [self._line(Implies(part, reached)) for part in disjunction.fields]
        rules = [case for case in cases if case is not None]
        if len(rules) < len(cases) or not self._take(Option("CASE_SPLIT", (either, *rules)), reached):
            raise self.broken("not every case leads there")
