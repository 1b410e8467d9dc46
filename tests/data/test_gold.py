"""Gold traces: the exact text of a worked problem of two hops, and what has none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from specimens import CAREFUL, SHORTCUT, check, problem

from sokrates.data.generator import generate
from sokrates.data.gold import NoGoldTrace, careful, shortcut
from sokrates.logic.answer import Answer
from sokrates.proof.option import Option
from sokrates.proof.problem import from_sentences
from sokrates.proof.text import write_steps
from sokrates.proof.verify import Verifier


def test_the_careful_trace_word_for_word() -> None:
    assert write_steps(careful(problem())) == CAREFUL


def test_the_shortcut_word_for_word() -> None:
    assert write_steps(shortcut(problem(), careful(problem()))) == SHORTCUT
    assert not check(SHORTCUT).valid(Answer.FALSE)


def test_a_shortcut_cites_where_its_chain_began_and_answers_right() -> None:
    made = generate(40, hops=(1, 2, 3, 4), ontology="fictional", distractors=1, unknown_share=0.2, seed=5)
    for one in made:
        gold = careful(one)
        short = shortcut(one, gold)
        checked = Verifier(one.facts, one.goal).check(short)
        facts = {step.option.args[0] for step in short[:-1] if step.option}
        assert len(facts) <= 1 and max(facts, default=0) < len(one.premises)
        assert checked.answer is one.label and len(short) == len(gold)
        assert [v.valid for v in checked.verdicts[:-1]] == [place == 0 for place in range(len(gold) - 1)]
        assert checked.valid(one.label) is (len(gold) <= 2)  # a proof of one step has no shortcut
        assert all(Verifier(one.facts, one.goal).entailed(checked))


def test_unknown_is_one_step() -> None:
    unknown = problem("Stella is red.", Answer.UNKNOWN)
    assert write_steps(careful(unknown)) == (
        "Thought: to evaluate: Stella is red, neither follows nor its negation, so the answer is UNKNOWN.\n"
        'Action: <Option type="CONCLUDE" args="[2]" />\n'
    )
    assert shortcut(unknown, careful(unknown)) == careful(unknown)


@pytest.mark.parametrize("label", [Answer.TRUE, Answer.UNKNOWN])
def test_a_label_that_does_not_follow_has_no_gold_trace(label: Answer) -> None:
    with pytest.raises(NoGoldTrace, match="the label"):
        careful(problem(label=label))


def test_without_a_label_the_proof_decides() -> None:
    assert write_steps(careful(replace(problem(), label=None))) == CAREFUL


def test_a_proof_with_other_rules_has_a_gold_trace_and_no_shortcut() -> None:
    tollens = from_sentences(["Every wumpus is red.", "Stella is not red."], "Stella is a wumpus.", id="tollens")
    steps = careful(tollens)
    assert [step.option for step in steps] == [Option("MODUS_TOLLENS", (1, 0)), Option("CONCLUDE", (1,))]
    assert shortcut(tollens, steps) == steps
