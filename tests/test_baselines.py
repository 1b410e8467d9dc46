"""The baselines of less than a proof: what SFT learns from, and how what is written is judged, worked by hand."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from specimens import CAREFUL, SHORTCUT
from worked import STELLA

from sokrates.data.generator import generate
from sokrates.data.gold import careful
from sokrates.logic.answer import Answer
from sokrates.proof.text import read_steps

ROOT = Path(__file__).parents[1]
CHAIN = (
    "Thought: Stella is a wumpus. Every wumpus is a tumpus. Stella is a tumpus. Every tumpus is not small. "
    "Stella is not small. so the answer is FALSE.\n"
)


@pytest.fixture
def baselines(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import baselines

    yield baselines
    sys.modules.pop("baselines")


def test_completions_hold_a_part_of_the_proof(baselines) -> None:
    steps = read_steps(CAREFUL)
    assert baselines.answer_alone(steps) == "Thought: so the answer is FALSE.\n"
    assert baselines.chain_of_thought(STELLA, steps) == CHAIN
    assert baselines.options_alone(read_steps(SHORTCUT)) == (
        'Thought: so.\nAction: <Option type="MODUS_PONENS" args="[1, 0]" />\n'
        'Thought: so.\nAction: <Option type="MODUS_PONENS" args="[1, 2]" />\n'
        'Thought: so.\nAction: <Option type="CONCLUDE" args="[1]" />\n'
    )


@pytest.mark.parametrize(
    ("text", "right", "entailed", "in_steps"),
    [
        (CHAIN, True, True, True),
        # The rest is true of the premises, but does not follow in one step from what was said
        (CHAIN.replace("Stella is a tumpus. ", ""), True, True, False),
        (CHAIN.replace("Every tumpus is not small", "Each zumpus is not small"), True, False, False),
        (CHAIN.replace("Stella is a tumpus", "Stella sort of tumpus"), True, False, False),
        ("Thought: so the answer is FALSE.\n", True, False, False),  # an answer alone shows nothing
        (CHAIN.replace("FALSE", "TRUE"), False, False, False),
        (CHAIN.replace("so the answer is FALSE.", ""), False, False, False),
    ],
)
def test_a_chain_of_thought_is_judged_sentence_by_sentence(
    baselines, text: str, right: bool, entailed: bool, in_steps: bool
) -> None:
    assert baselines.judge_chain(STELLA, text) == (right, {"entailed": entailed, "in steps": in_steps})


def test_every_chain_that_sft_learns_from_is_valid_in_both_readings(baselines) -> None:
    problems = generate(
        12, hops=[1, 3], ontologies=["fictional", "untrue"], distractors=1, unknown_share=0, seed=7, levels=4
    )
    for problem in problems:
        text = baselines.chain_of_thought(problem, careful(problem, "explore"))
        assert baselines.judge_chain(problem, text) == (True, {"entailed": True, "in steps": True}), text


def test_options_alone_are_judged_by_their_actions(baselines) -> None:
    for text, valid in (CAREFUL, True), (SHORTCUT, False):
        options = baselines.options_alone(read_steps(text))
        assert baselines.judge_options(STELLA, options) == (True, {"actions": valid})


def test_a_vote_takes_the_first_chain_with_the_most_frequent_answer(baselines) -> None:
    true, false, none = CHAIN.replace("FALSE", "TRUE"), "Thought: so the answer is FALSE.\n", "Thought: well\n"
    assert baselines.elected([none, true, CHAIN, false]) == CHAIN
    assert baselines.elected([none, true, CHAIN]) == true  # one each: the one that came first
    assert baselines.elected([none, none]) == none
    assert baselines.read_chain(none) == (["well."], None)
    assert baselines.read_chain(CHAIN)[1] is Answer.FALSE


def test_shares_of_several_seeds_are_one_share_with_one_interval(baselines) -> None:
    shares = [{"value": 0.5, "count": 400}, {"value": 0.75, "count": 400}]
    assert baselines._together(shares) == "62.5 (59.1–65.8: 50.0, 75.0)"  # 500 of 800, by Wilson


def test_the_rows_of_the_documentation_are_the_recorded_ones(baselines) -> None:
    """Accuracy and validity of each row of the table in benchmarks/README.md."""
    written = (ROOT / "benchmarks/README.md").read_text().split("## Baselines")[1].split("\n## ")[0]
    documented = [
        [cell.strip("* ") for cell in line.split("|")[2:4]]
        for line in written.splitlines()
        if line.startswith("| ")
    ][1:]
    table = baselines.table(json.loads(baselines.RESULTS.read_text())).splitlines()[2:]
    recorded = [
        [cells[1], cells[2].replace("<br>", ", ")] for line in table if (cells := line.strip("| ").split(" | "))
    ]
    assert len(documented) == 7
    assert sorted(documented) == sorted([cell.strip() for cell in row] for row in recorded)
