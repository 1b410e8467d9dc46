"""Scores and pairs, worked by hand."""

from __future__ import annotations

import pytest
from specimens import CAREFUL
from worked import FALSE, FIRST, SECOND, SHORT, STELLA, TRUE, rollout

from sokrates.pipeline.params import Preferences
from sokrates.training.dpo.pairs import Pair, make_pairs

TRACE = Preferences(signal="solver", level="trace", delta=0.1)
STEP = Preferences(signal="solver", level="step", delta=0.1)
ANSWER = Preferences(signal="answer", level="trace", delta=0.1)


@pytest.mark.parametrize(
    ("text", "score"),
    [
        (CAREFUL, 1 + 1 + 0.5),  # 3 of 3 steps, right, valid
        (FIRST + SHORT + FALSE, 1 / 3 + 1),  # the shortcut is rejected, so the conclusion is not derived
        (FIRST + SECOND + TRUE, 2 / 3),  # wrong answer
        (TRUE, 0),
        ("", 0),  # no step at all
    ],
)
def test_scores(text: str, score: float) -> None:
    assert rollout(text).score("solver") == pytest.approx(score)


def test_answer_signal_sees_the_answer_alone() -> None:
    assert rollout(FIRST + SHORT + FALSE).score("answer") == 1
    assert rollout(FIRST + SECOND + TRUE).score("answer") == 0


def test_best_against_worst_trace() -> None:
    texts = [FIRST + SHORT + FALSE, TRUE, CAREFUL, FIRST + SECOND + TRUE]
    assert make_pairs([rollout(text) for text in texts], TRACE) == [Pair(STELLA.prompt, CAREFUL, TRUE)]


def test_traces_that_differ_by_less_than_delta_make_no_pair() -> None:
    two_of_three, right = rollout(FIRST + SECOND + TRUE), rollout(FIRST + SHORT + FALSE)  # 2/3 and 4/3
    assert make_pairs([two_of_three, right], TRACE.model_copy(update={"delta": 0.66}))
    assert make_pairs([two_of_three, right], TRACE.model_copy(update={"delta": 0.67})) == []
    assert make_pairs([rollout(CAREFUL), rollout(CAREFUL)], TRACE) == []
    assert make_pairs([rollout(CAREFUL), right], ANSWER) == []  # both answers are right


def test_step_pair_at_the_first_wrong_step() -> None:
    (pair,) = make_pairs([rollout(FIRST + SHORT + FALSE)], STEP)
    assert pair == Pair(STELLA.prompt + FIRST, SECOND, SHORT, chosen_ended=False, rejected_ended=False)


def test_step_pair_takes_the_policys_own_words() -> None:
    own = SECOND.replace("every tumpus is not small", "tumpuses are not small")
    (pair,) = make_pairs([rollout(FIRST + SHORT + FALSE), rollout(FIRST + own + FALSE)], STEP)
    assert pair.chosen == own


def test_step_pair_at_a_wrong_conclusion_ends_the_text() -> None:
    (pair,) = make_pairs([rollout(FIRST + SECOND + TRUE)], STEP)
    assert (pair.prompt, pair.chosen, pair.rejected) == (STELLA.prompt + FIRST + SECOND, FALSE, TRUE)
    assert pair.chosen_ended and pair.rejected_ended


def test_a_valid_trace_has_no_step_pair() -> None:
    assert make_pairs([rollout(CAREFUL)], STEP) == []
