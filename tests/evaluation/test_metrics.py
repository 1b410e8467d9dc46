"""Metrics and calibration, worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from specimens import CAREFUL
from worked import ASIDE, FALSE, FIRST, LATER, SECOND, SHORT, STELLA, TRUE, rollout

from sokrates.evaluation.calibration import calibration, reliability
from sokrates.evaluation.evaluate import cited_validity
from sokrates.intervals import ratio, share
from sokrates.logic.answer import Answer
from sokrates.metrics import measure
from sokrates.proof.problem import from_sentences


def test_measure_adds_up() -> None:
    texts = [CAREFUL, FIRST + SHORT + FALSE, FIRST + SECOND + TRUE, ""]
    found = measure((STELLA, rollout(text).checked) for text in texts)
    assert (found["traces"], found["steps"], found["average_steps"]) == (4, 9, 9 / 4)
    assert found["accuracy"]["value"] == 2 / 4
    assert found["step_validity"]["value"] == (3 + 1 + 2) / 9
    assert found["trace_validity"]["value"] == 1 / 4
    assert found["faithfulness"]["value"] == 6 / 6  # 5 derive what they claim, one CONCLUDE names its answer
    assert found["rejections"] == {"conclusion not derived": 2, "rule does not apply": 1}
    assert found["by_depth"]["2"]["accuracy"]["count"] == 4
    assert found["by_label"].keys() == {"FALSE"}
    assert found["by_label"]["FALSE"] == {name: found[name] for name in ("accuracy", "trace_validity")}


def test_the_reading_cited_counts_all_steps_and_all_traces() -> None:
    texts = [
        CAREFUL,
        CAREFUL.replace("MODUS_PONENS", "AND_INTRO"),
        FIRST + SHORT + FALSE,
        FIRST + SECOND + TRUE,
        "",
    ]
    found = cited_validity([(STELLA, rollout(text).checked) for text in texts])
    assert found["cited_step_validity"]["value"] == (3 + 3 + 1 + 2) / 12  # the rule's name plays no part
    assert found["cited_trace_validity"] == share(2, 5)


def test_wilson_interval() -> None:
    # (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n) for 8 of 10, z = 1.96: 0.4902 and 0.9433
    found = share(8, 10)
    assert found["low"] == pytest.approx(0.4902, abs=1e-4)
    assert found["high"] == pytest.approx(0.9433, abs=1e-4)
    # 0 of 10: 0 to z² / (n + z²); 10 of 10 the other way round
    assert share(0, 10) == {"value": 0.0, "low": 0.0, "high": pytest.approx(0.2775, abs=1e-4), "count": 10}
    assert share(10, 10) == {"value": 1.0, "low": pytest.approx(0.7225, abs=1e-4), "high": 1.0, "count": 10}
    assert share(0, 0)["value"] is None


def test_interval_of_a_ratio_treats_traces_as_the_unit() -> None:
    # value 4/8; residuals 4 - 2, 0 - 2: √(4 + 4) / 8 × 1.96 = 0.693, cut at 0 and 1
    assert ratio([(4, 4), (0, 4)]) == {"value": 0.5, "low": 0.0, "high": 1.0, "count": 8}


def test_all_or_none_is_not_certain() -> None:
    """Wilson's for 10 of 10 traces, z = 1.96: 1 / (1 + z²/10) = 0.7225, whatever the number of steps."""
    found = ratio([(5, 5)] * 10 + [(0, 0)])
    assert (found["value"], found["high"], found["count"]) == (1.0, 1.0, 50)
    assert found["low"] == pytest.approx(0.7225, abs=1e-4)
    assert ratio([(0, 5)] * 10)["high"] == pytest.approx(1 - 0.7225, abs=1e-4)


def test_calibration_by_hand() -> None:
    probabilities, verdicts = np.array([0.95, 0.95, 0.15, 0.15]), np.array([1, 0, 0, 0])
    found = calibration(probabilities, verdicts)
    assert found["brier"] == pytest.approx((0.05**2 + 0.95**2 + 2 * 0.15**2) / 4)
    assert found["ece"] == pytest.approx(0.5 * abs(0.95 - 0.5) + 0.5 * 0.15)
    assert found["accuracy_above_0.9"] == 0.5
    assert found["auroc"] == pytest.approx(5 / 6)  # of 3 pairs two are in order and one is tied
    assert [row["count"] for row in reliability(probabilities, verdicts, np.arange(4))] == [2, 2]


def test_probability_one_is_in_the_last_bin() -> None:
    (row,) = reliability(np.array([0.93, 1.0]), np.array([0, 1]), np.array([0, 1]))
    assert (row["predicted"], row["value"], row["count"]) == (pytest.approx(0.965), 0.5, 2)


def test_steps_of_one_trace_are_one_trial_of_a_bin() -> None:
    """Ten traces of four steps, five all right and five all wrong: as wide as ten trials, not forty."""
    verdicts, traces = np.repeat([1, 0], 20), np.repeat(np.arange(10), 4)
    (row,) = reliability(np.full(40, 0.5), verdicts, traces)
    assert row["high"] - row["low"] == pytest.approx(2 * 1.96 * math.sqrt(0.25 / 10), abs=1e-3)


def test_traces_of_equal_shares_have_an_interval() -> None:
    """Wilson's for 3 of 5 steps of the one trace there is, and for 3 of 6 of three."""
    assert ratio([(3, 5)]) == share(3, 5)
    assert ratio([(1, 2)] * 3) == share(3, 6)
    assert ratio([(1, 49)]) == share(1, 49)


def test_one_kind_of_verdict_has_no_auroc() -> None:
    assert calibration(np.array([0.2, 0.7]), np.array([1, 1]))["auroc"] is None


def test_what_steps_are_for() -> None:
    """A padded proof, a proof, and a shortcut: 3 of 4 and 3 of 3 steps needed; 7 steps where 6 would do."""
    texts = [ASIDE + LATER, CAREFUL, FIRST + SHORT + FALSE, FIRST + FIRST]
    found = measure((STELLA, rollout(text).checked) for text in texts)
    assert (found["needed_share"]["value"], found["needed_share"]["count"]) == (6 / 7, 7)
    assert (found["repeats"]["value"], found["restatements"]["value"]) == (1 / 12, 1 / 12)
    assert (found["length_ratio"]["value"], found["length_ratio"]["count"]) == (7 / 6, 6)
    # residuals 4 - 7/6 × 3 and 3 - 7/6 × 3: √(1/4 + 1/4) / 6 × 1.96
    assert found["length_ratio"]["high"] - 7 / 6 == pytest.approx(1.959964 * 0.5**0.5 / 6, abs=1e-6)
    assert found["by_depth"]["2"]["length_ratio"] == found["length_ratio"]


def test_unknown_and_inconsistent_premises_are_counted_on_their_own() -> None:
    unknown = from_sentences(["Max is red."], "Max is big.", id="0", label=Answer.UNKNOWN)
    inconsistent = from_sentences(["Max is red.", "Max is not red."], "Max is red.", id="1", label=Answer.TRUE)
    says = 'Thought: so the answer is {}.\nAction: <Option type="CONCLUDE" args="[{}]" />\n'
    rollouts = [
        (unknown, says.format("UNKNOWN", 2)),
        (unknown, says.format("TRUE", 0)),
        (inconsistent, says.format("TRUE", 0)),
        (inconsistent, says.format("UNKNOWN", 2)),
    ]
    found = measure((problem, rollout(text, problem).checked) for problem, text in rollouts)
    assert (found["unknown"]["traces"], found["unknown"]["trace_validity"]["value"]) == (2, 1 / 2)
    assert (
        found["inconsistent_premises"]["traces"],
        found["inconsistent_premises"]["trace_validity"]["value"],
    ) == (
        2,
        1 / 2,
    )
    assert (found["needed_share"]["value"], found["needed_share"]["count"]) == (1.0, 1)  # the goal is a premise
    assert found["length_ratio"]["count"] == 1
