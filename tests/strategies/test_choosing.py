"""What strategies choose, on traces and steps written by hand, with scores that are given. Needs no model."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from specimens import CAREFUL, SHORTCUT, problem, verifier

from sokrates.pipeline.strategy import STRATEGIES, read_strategy
from sokrates.proof.text import Step, read_steps
from sokrates.sampling.control import Continuation
from sokrates.strategies.proof_search import ProofSearch
from sokrates.strategies.search_control import Limits, Results
from sokrates.strategies.whole_traces import Choosing, WholeTraces, _Written

FIRST, SECOND, LAST = (text + "/>\n" for text in CAREFUL.split("/>\n")[:3])
TRUE = LAST.replace("FALSE", "TRUE").replace("[1]", "[0]")
LIMITS = Limits(max_steps=8, max_draws=99, max_tokens=99, retries=2, temperature=0.7)


class Given:
    """Stands for the scorer: a continuation's text is the one that its only token stands for."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts

    def text(self, tokens: Sequence[int]) -> str:
        return self.texts[tokens[0]]

    def steps(self, continuation: Continuation, steps: Sequence[Step]) -> list[float]:
        return continuation.log_probs[: len(steps)]


def continuation(number: int, scores: Sequence[float] = (), *, ended: bool = True) -> Continuation:
    return Continuation([number], list(scores), torch.zeros(2, 1), closed=ended, ended=ended)


def choosing(choice: str, texts: Sequence[str], *, kernel: bool = False, candidates: int = 4) -> Choosing:
    return Choosing(Results([problem()], 8), Given(texts), choice, kernel, candidates)


def judged(texts: Sequence[str], scores: Sequence[Sequence[float]]) -> list[_Written]:
    return [
        _Written(continuation(number, of), text, verifier().check(read_steps(text)))
        for number, (text, of) in enumerate(zip(texts, scores, strict=True))
    ]


@pytest.mark.parametrize(
    ("choice", "kernel", "chosen"),
    [
        ("product", False, 1),  # -3 - 1 is more than -5 - 0, -2 - 3 and -9 - 9
        ("minimum", False, 1),
        ("product", True, 3),  # the one valid trace, whatever its score
        ("vote", False, 0),  # FALSE has two votes, the first of them here
        ("vote", True, 3),
    ],
)
def test_each_choice_takes_another_trace(choice: str, kernel: bool, chosen: int) -> None:
    texts = [SHORTCUT, FIRST + TRUE, FIRST + SECOND, CAREFUL]
    scores = [(-5.0, 0.0, 0.0), (-3.0, -1.0), (-2.0, -3.0), (-9.0, -9.0, 0.0)]
    written = judged(texts, scores)
    assert choosing(choice, texts, kernel=kernel).best(written) is written[chosen]


def test_the_product_and_the_minimum_differ() -> None:
    texts = [CAREFUL, SHORTCUT]
    written = judged(texts, [(-1.0, -1.0, -1.0), (-2.0, 0.0, 0.0)])
    assert choosing("product", texts).best(written) is written[1]  # -2 against -3
    assert choosing("minimum", texts).best(written) is written[0]  # -1 against -2


def test_each_choice_has_the_first_of_the_traces_and_pays_for_these() -> None:
    texts = [SHORTCUT, CAREFUL]
    one, two = (choosing("product", texts, kernel=True, candidates=count) for count in (1, 2))
    control = WholeTraces([one, two], LIMITS, 1)
    assert control.next(0, [continuation(0, (0.0,) * 3), continuation(1, (0.0,) * 3)], 99) is None
    (first,), (second,) = one.results.in_order(), two.results.in_order()
    assert (first.text, first.tokens) == (SHORTCUT, 1)
    assert (second.text, second.tokens) == (CAREFUL, 2)


def search(texts: Sequence[str], *, kernel: bool = True, width: int = 1) -> ProofSearch:
    return ProofSearch([problem()], Given(texts), LIMITS, torch.zeros(1), width, kernel)


def test_of_next_steps_the_one_with_the_best_score_goes_on() -> None:
    other = FIRST.replace("[1, 0]", "[1, 2]")  # which the kernel rejects
    texts = [FIRST, other]
    scored = [continuation(0, [-2.0], ended=False), continuation(1, [-1.0], ended=False)]
    for kernel, parent in (True, 0), (False, 1):
        branches = search(texts, kernel=kernel).next(0, scored, 2)
        assert branches is not None and {branch.parent for branch in branches if branch} == {parent}, kernel


def test_a_beam_keeps_as_many_partial_proofs_as_it_is_wide() -> None:
    again = FIRST.replace("Stella is a wumpus [1] and every wumpus is a tumpus [0], so", "therefore")
    other = (
        "Thought: every wumpus is a tumpus [0] and every tumpus is not small [2], so wumpuses are not small [4].\n"
        'Action: <Option type="HYPOTHETICAL_SYLLOGISM" args="[0, 2]" />\n'
    )
    texts = [FIRST, again, other]  # the second derives what the first does, and is dropped
    scored = [continuation(number, [-float(number)], ended=False) for number in range(3)]
    for width, parents in (1, [0, 0, 0]), (2, [0, 2, 0]):
        branches = search(texts, width=width).next(0, scored, 3)
        assert branches is not None and [branch.parent for branch in branches if branch] == parents


@pytest.mark.parametrize(("ended", "is_settled"), [(True, True), (False, False)])
def test_a_last_step_may_end_with_the_trace_and_not_with_a_line(ended: bool, is_settled: bool) -> None:
    """As models write it that were tuned elsewhere; where the room has ended, the step may not be whole."""
    texts = [FIRST, FIRST + SECOND, CAREFUL.removesuffix("\n")]
    control = search(texts)
    for number in range(2):
        assert control.next(0, [continuation(number, [0.0], ended=False)], 1)
    last = Continuation([2], [0.0], torch.zeros(2, 1), closed=True, ended=ended)
    assert (control.next(0, [last], 1) is None) is is_settled
    if is_settled:
        (sample,) = control.results.in_order()
        assert sample.text == CAREFUL.removesuffix("\n") and sample.ended


def test_names_say_what_strategies_do() -> None:
    said = {name: read_strategy(name) for name in STRATEGIES}
    assert {name for name, found in said.items() if found.kernel} == {
        *("vote-kernel", "best-kernel-likelihood", "best-kernel-q-product", "best-kernel-q-minimum"),
        *("step-kernel-likelihood", "step-kernel-q", "step-kernel-both"),
        *("beam-kernel-likelihood", "beam-kernel-q", "beam-kernel-both", "refine-kernel", "guided-kernel"),
    }
    assert {name for name, found in said.items() if found.needs_head} == {
        *("best-q-product", "best-q-minimum", "best-kernel-q-product", "best-kernel-q-minimum"),
        *("step-q", "step-both", "step-kernel-q", "step-kernel-both", "beam-kernel-q", "beam-kernel-both"),
    }
    assert {name for name, found in said.items() if found.choice == "minimum"} == {
        "best-q-minimum",
        "best-kernel-q-minimum",
    }
    assert {name for name, found in said.items() if found.choice == "vote"} == {"vote", "vote-kernel"}
    assert {name for name, found in said.items() if found.score == "both"} == {
        *("step-both", "step-kernel-both", "beam-kernel-both"),
    }
