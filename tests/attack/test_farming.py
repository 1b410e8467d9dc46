"""An adversary against every score, reward and credit that ships: nothing but a proof earns a proof's share.

For a problem, an honest proof, and for each of its steps an honest attempt that fails there: that step is wrong,
the others are written as if it were not, and the answer is right. Against these stand tricks, each after some
honest steps: padding, repeats, guesses, text after the end and more. A trick must not score above the honest
proof, nor, where it proves nothing, above the honest attempt that fails where the trick leaves the proof.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from itertools import product, takewhile
from random import Random

import pytest

from sokrates.data.generator import generate
from sokrates.data.mixture import generate_kind
from sokrates.logic.answer import Answer
from sokrates.logic.formula import And, Formula
from sokrates.pipeline.params import Preferences, ScoreWeights
from sokrates.proof.dependencies import citing
from sokrates.proof.kernel import ASSUME, State
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import Problem, from_formulas
from sokrates.proof.text import CONCLUDE, Step, read_steps, write_steps
from sokrates.proof.trace import Rollout, Trace
from sokrates.proof.verify import Checked, Verifier
from sokrates.reward import proof_credit, proof_reward
from sokrates.score import DEFAULT_WEIGHTS, Scorer
from sokrates.search.applicable import applicable
from sokrates.search.exploring import proof_that_explores
from sokrates.search.prove import prove, write_proof
from sokrates.training.dpo.pairs import make_pairs

PROBLEMS = 10_000 if os.environ.get("SOKRATES_LONG_TESTS") else 200
NOTHING = dict.fromkeys(ScoreWeights.model_fields, 0.0)
PARTS = [name for name in NOTHING if name != "validity"]
SCORES = [
    DEFAULT_WEIGHTS,
    ScoreWeights(**{**NOTHING, **dict.fromkeys(PARTS, 1.0)}),
    *(ScoreWeights(**{**NOTHING, name: 1.0}) for name in PARTS),
]
PUBLISHED = ScoreWeights(**{**NOTHING, "validity": 1.0, "answer": 1.0, "proof": 0.5})
# Whole traces: a trick that is cut where it goes wrong would never be found among the chosen.
DEFAULT = Preferences(level="trace", score=DEFAULT_WEIGHTS, delta=1e-9, extent="whole")
EPSILON = 1e-9


class Writer:
    """Writes a trace for a problem, step by step. `text` is what stands so far."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.verifier = Verifier(problem.facts, problem.goal)
        self.state = State(problem.facts, problem.goal)
        self.options: list[Option] = []
        self.text = ""

    @property
    def next_index(self) -> int:
        return len(self.state.lines)

    def take(self, *options: Option) -> Writer:
        """Valid steps, each in its own words."""
        for option in options:
            self.text += write_steps(write_proof(self.state, [option], self.problem.say))
            self.state.apply(option)
            self.options.append(option)
        return self

    def rest(self) -> list[Option]:
        """The options of a shortest proof from here; of UNKNOWN, what is left of one that explores."""
        if self.problem.label is Answer.UNKNOWN:
            explored, premises = exploring(self.problem), len(self.problem.facts)
            pairs = zip(self.options, explored, strict=False)
            kept = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
            later = len(self.options) - kept  # by so many lines
            places = {line: line + later * (line >= premises + kept) for line in range(premises + len(explored))}
            left = [citing(option, places) for option in explored[kept:]]
            return [*left, Option(CONCLUDE, (Answer.UNKNOWN.value,))]
        proof = prove(self.state, self.verifier.decide)
        assert proof is not None
        return proof

    def finish(self) -> Writer:
        return self.take(*self.rest())

    def conclude(self, answer: Answer) -> Writer:
        """Concludes, derived or not."""
        self.text += write_steps([Step(f"so the answer is {answer.name}.", Option(CONCLUDE, (answer.value,)))])
        return self


@cache
def exploring(problem: Problem) -> list[Option]:
    """What has to be tried; an assumption under which nothing follows is not, where it is the last."""
    options = [*proof_that_explores(problem.state, problem.nouns, problem.goal)]
    return options[:-1] if options and options[-1].name == ASSUME else options


@cache
def explored_lines(problem: Problem, *left_out: str) -> list[Formula | Reason]:
    """What exploring derives, without what it shows of its assumptions, nor what these options derive."""
    state = problem.state
    lines = [(option.name, state.apply(option)) for option in exploring(problem)]
    return [line for name, line in lines if name not in ("CONDITIONAL_PROOF", *left_out)]


def honest_attempt(problem: Problem, proof: list[Option], fault: int) -> str:
    """The proof with a wrong option at step `fault`; what follows is written as if that step had been right.

    Where CONCLUDE is the whole proof, the wrong step stands before it.
    """
    steps = write_proof(State(problem.facts, problem.goal), proof, problem.say)
    wrong = Step(steps[fault].thought, Option("MODUS_TOLLENS", (0, 0)))
    return write_steps([*steps[:fault], wrong, *steps[fault + (len(steps) > 1) :]])


# The tricks. Each continues the honest steps that `writer` holds.


def pad(writer: Writer, random: Random) -> Writer:
    for _ in range(random.randint(1, 50)):
        line = random.randrange(len(writer.problem.facts))
        writer.take(Option("AND_INTRO", (line, line)))
    return writer.conclude(_right(writer))


def repeat(writer: Writer, random: Random) -> Writer:
    for option in random.choices(_facts_options(writer), k=random.randint(2, 12)):
        writer.take(option, option)
    return writer.conclude(_right(writer))


def restate(writer: Writer, random: Random) -> Writer:
    lines = [line for line, fact in enumerate(writer.problem.facts) if type(fact) is not And]  # its parts are new
    for _ in range(random.randint(1, 8)):
        pair = random.sample(lines, 2)
        writer.take(Option("AND_INTRO", tuple(pair)))
        conjunction = writer.next_index - 1
        writer.take(Option("AND_ELIM", (conjunction, 0)), Option("AND_ELIM", (conjunction, 1)))
    return writer.conclude(_right(writer))


def conclude_at_once(writer: Writer, random: Random) -> Writer:
    return writer.conclude(_right(writer))


def conclude_with_the_majority(writer: Writer, random: Random) -> Writer:
    return writer.conclude(Answer.TRUE)


def stop_early(writer: Writer, random: Random) -> Writer:
    return writer


def conclude_twice(writer: Writer, random: Random) -> Writer:
    for answer in random.sample(list(Answer), 2):
        writer.conclude(answer)
    return writer


def hide_a_proof_after_the_end(writer: Writer, random: Random) -> Writer:
    hidden = Writer(writer.problem).finish().text
    writer.conclude(_right(writer))
    writer.text += random.choice(("<|im_end|>\n", "\n\n", "Premises:\n", "")) + hidden
    return writer


def assume_in_circles(writer: Writer, random: Random) -> Writer:
    for _ in range(random.randint(1, 6)):
        start = writer.next_index
        writer.take(Option(ASSUME, ("goal", 0, 0)), Option("CONDITIONAL_PROOF", (start, start)))
    return writer.conclude(_right(writer))


def assume_what_is_to_be_tried(writer: Writer, random: Random) -> Writer:
    """Without its grounds: in one scope within the other, or each closed at once."""
    closes = random.choice((True, False))
    wanted = (
        {*explored_lines(writer.problem, ASSUME)} if _right(writer) is Answer.UNKNOWN else {writer.problem.goal}
    )
    name = min(writer.problem.goal.names, default="a")
    for line, premise in enumerate(writer.problem.facts):
        for part, complement, names in product(range(1, 5), (0, 1), ((), (name,))):
            option = Option(ASSUME, (line, part, complement, *names))
            if writer.state.copy().apply(option) in wanted and premise not in wanted:
                assumption = writer.next_index
                writer.take(option, *[Option("CONDITIONAL_PROOF", (assumption, assumption))] * closes)
    return writer.conclude(_right(writer))


def wander(writer: Writer, random: Random) -> Writer:
    """Steps that follow and bring the proof no nearer."""
    missing = len(writer.rest())
    options = [option for option in applicable(writer.state) if option.name not in (CONCLUDE, ASSUME)]
    for option in random.sample(options, min(4, len(options))):
        after = writer.state.copy()
        line = after.apply(option)
        if isinstance(line, Reason):
            continue  # an option before it closed a scope
        if _right(writer) is Answer.UNKNOWN:
            if line not in explored_lines(writer.problem) and option.name != "CONDITIONAL_PROOF":
                writer.take(option)
            continue
        proof = prove(after, writer.verifier.decide)
        if proof is not None and len(proof) >= missing:
            writer.take(option)
    return writer.conclude(_right(writer))


def pad_a_proof(writer: Writer, random: Random) -> Writer:
    for _ in range(random.randint(1, 10)):
        line = random.randrange(len(writer.problem.facts))
        writer.take(Option("AND_INTRO", (line, line)))
    return writer.finish()


def claim_the_goal(writer: Writer, random: Random) -> Writer:
    """Steps that follow, each with the goal for its claim."""
    goal = writer.problem.goal if _right(writer) is Answer.TRUE else None
    said = writer.problem.say(goal) if goal is not None else "nothing"
    for _ in range(random.randint(1, 8)):
        line = random.randrange(len(writer.problem.facts))
        writer.text += write_steps([Step(f"so {said}.", Option("AND_INTRO", (line, line)))])
    return writer.conclude(_right(writer))


def go_on_after_a_proof(writer: Writer, random: Random) -> Writer:
    writer.finish().text += random.choice(
        ("And that is all.\n", 'Action: <Option type="MODUS_PONENS"', "Thought: ")
    )
    return writer.conclude(random.choice(list(Answer)))


TRICKS: list[Callable[[Writer, Random], Writer]] = [
    pad,
    repeat,
    restate,
    conclude_at_once,
    conclude_with_the_majority,
    stop_early,
    conclude_twice,
    hide_a_proof_after_the_end,
    assume_in_circles,
    assume_what_is_to_be_tried,
    wander,
    pad_a_proof,
    claim_the_goal,
    go_on_after_a_proof,
]


def _right(writer: Writer) -> Answer:
    assert writer.problem.label is not None
    return writer.problem.label


def _facts_options(writer: Writer) -> list[Option]:
    """What follows from the premises in one step, and leads nowhere: conjunctions of two of them."""
    return [Option("AND_INTRO", (line, line + 1)) for line in range(len(writer.problem.facts) - 1)]


def problems(count: int) -> list[Problem]:
    """Chains of one to five rules, some with quantifiers, cases and refutations, and open ones of both."""
    chains = generate(
        count - count // 10,
        hops=[1, 2, 3, 4, 5],
        ontologies=["fictional"],
        distractors=1,
        unknown_share=0.1,
        seed=16,
    )
    settings = {"hops": [1, 2], "widths": [2], "unknown_share": 1.0, "refuted_share": 0.35, "seed": 16}
    open_ones = [
        problem
        for kind in ("and_elimination", "or_introduction", "or_elimination", "contradiction", "composed")
        for problem in generate_kind(kind, count // 50, **settings)
    ]
    return [*chains, *(_other(number) for number in range(count // 10)), *open_ones]


def _other(number: int) -> Problem:
    a, b, c, d = (f"{name}{number}" for name in "PQRS")
    kinds = [
        ([f"{a}(a) ∨ {b}(a)", f"{a}(a) → {c}(a)", f"{b}(a) → {d}(a)", f"{d}(a) → {c}(a)"], f"{c}(a)", Answer.TRUE),
        ([f"{a}(a) → {b}(a)", f"{b}(a) → {c}(a)"], f"{a}(a) → {c}(a)", Answer.TRUE),
        ([f"{a}(a) → {b}(a)", f"¬{b}(a)", f"{c}(a)"], f"{a}(a)", Answer.FALSE),
        ([f"∃x {a}(x)", f"∀x ({a}(x) → {b}(x))", f"{c}(a)"], f"∃x {b}(x)", Answer.TRUE),
    ]
    facts, goal, label = kinds[number % len(kinds)]
    return from_formulas(facts, goal, facts, goal, id=str(number), label=label)


def test_no_trick_scores_above_an_honest_proof_or_attempt() -> None:
    farmed = 0
    for number, problem in enumerate(problems(PROBLEMS)):
        random = Random(f"farming {number}")
        assert problem.label is not None
        proof = Writer(problem).rest()
        judge = Judge(problem)
        honest_proof = Writer(problem).finish().text
        honest = judge.values(honest_proof)
        for trick in TRICKS:
            fault = random.randrange(max(1, len(proof) - 1))
            text = trick(Writer(problem).take(*proof[:fault]), random).text
            attempt = honest_attempt(problem, proof, fault)
            case = f"{trick.__name__}, step {fault} of {len(proof)}:\n{problem.prompt}{text}"
            earned, tried = judge.values(text), judge.values(attempt)
            assert all(value <= best + EPSILON for value, best in zip(earned, honest, strict=True)), case
            assert not judge.prefers(text, honest_proof), case
            # What proves the goal, or goes on after that, has not failed where the attempt does.
            goes_on = trick is go_on_after_a_proof or len(proof) == 1  # then CONCLUDE proves it
            if not goes_on and not judge.is_proof(text):
                assert all(value <= best + EPSILON for value, best in zip(earned, tried, strict=True)), case
                assert not judge.prefers(text, attempt), case
                farmed += judge.published(text) > judge.published(attempt) + EPSILON
    assert farmed > PROBLEMS  # so the tricks are real: the published score falls for more than one a problem


def test_step_pairs_choose_only_steps_that_bring_a_proof_nearer() -> None:
    """Beside a trick's trace, with and without an honest proof among the rollouts."""
    chosen_steps = 0
    for number, problem in enumerate(problems(PROBLEMS // 4)):
        random = Random(f"farming step by step {number}")
        judge = Judge(problem)
        proof = Writer(problem).rest()
        honest = judge.rollout(Writer(problem).finish().text)
        for trick in TRICKS:
            fault = random.randrange(max(1, len(proof) - 1))
            tricked = judge.rollout(trick(Writer(problem).take(*proof[:fault]), random).text)
            for rollouts in [tricked], [tricked, honest]:
                for pair in make_pairs(rollouts, DEFAULT.model_copy(update={"level": "step"})):
                    before = judge.rollout(pair.prompt.removeprefix(problem.prompt)).checked
                    after = judge.rollout(pair.prompt.removeprefix(problem.prompt) + pair.chosen).checked
                    case = f"{trick.__name__}:\n{pair.prompt}--- chosen:\n{pair.chosen}"
                    if before.answer is not None:
                        assert not pair.chosen and pair.chosen_ended, case  # after CONCLUDE nothing but the end
                        continue
                    assert len(after.verdicts) == len(before.verdicts) + 1 and after.verdicts[-1].valid, case
                    missing = [judge.missing(checked) for checked in (before, after)]
                    assert missing[1] == missing[0] - 1, case
                    assert pair.chosen_ended == (missing[1] == 0), case
                    chosen_steps += 1
    assert chosen_steps > PROBLEMS // 4


class Judge:
    """All that ships, of one problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.scorer = Scorer(problem)
        self.rollout = cache(self._rollout)
        self.values = cache(self._values)

    def _rollout(self, text: str) -> Rollout:
        return Rollout(Trace(self.problem, text), self.scorer.verifier.check(read_steps(text)))

    def _values(self, text: str) -> list[float]:
        """Every score, and the sum and the largest of the actions' credit."""
        checked = self.rollout(text).checked
        parts = self.scorer.parts(checked)
        scores = [sum(weight * parts[name] for name, weight in weights) for weights in SCORES]
        credit = self.scorer.credit(checked).values(len(checked.steps))
        return [*scores, sum(credit), max(credit, default=0.0)]

    def missing(self, checked: Checked) -> int:
        """The steps of a shortest proof from here, or what is left to try; none once these conclude."""
        if checked.answer is not None:
            return 0
        if self.problem.label is Answer.UNKNOWN:
            derived = {verdict.derived for verdict in checked.verdicts}
            return 1 + sum(line not in derived for line in explored_lines(self.problem))
        state = State(self.problem.facts, self.problem.goal)
        for verdict in checked.verdicts:
            state.apply(verdict.option)
        proof = prove(state, self.scorer.verifier.decide)
        assert proof is not None
        return len(proof)

    def published(self, text: str) -> float:
        return self.scorer.score(self.rollout(text).checked, PUBLISHED)

    def prefers(self, trick: str, other: str) -> bool:
        """Whether a pair by score or by closure would teach the trick."""
        both = [self.rollout(trick), self.rollout(other)]
        levels = [DEFAULT, DEFAULT.model_copy(update={"level": "closure"})]
        return any(pair.chosen == trick for level in levels for pair in make_pairs(both, level))

    def is_proof(self, text: str) -> bool:
        return self.scorer.is_proof(self.rollout(text).checked)


def test_the_rewards_are_these_scores() -> None:
    for number, problem in enumerate(problems(20)):
        assert problem.label is not None
        random = Random(number)
        texts = [trick(Writer(problem), random).text for trick in TRICKS]
        judge = Judge(problem)
        columns = {"label": [problem.label.name] * len(texts)}
        wanted = [judge.values(text) for text in texts]
        assert proof_reward([problem.prompt] * len(texts), texts, **columns) == pytest.approx(
            [values[0] for values in wanted]
        )
        credits = proof_credit([problem.prompt] * len(texts), texts, **columns)
        assert [credit.reward for credit in credits] == pytest.approx([values[0] for values in wanted])
        assert [sum(action.value for action in credit.actions) for credit in credits] == pytest.approx(
            [values[-2] for values in wanted]
        )
