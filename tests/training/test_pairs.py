"""Pairs, worked by hand."""

from __future__ import annotations

import pytest
from specimens import CAREFUL, problem
from worked import (
    ASIDE,
    FALSE,
    FIRST,
    LATER,
    LEMPUS,
    OPEN,
    SECOND,
    SHORT,
    STELLA,
    TRUE,
    TUMPUS,
    UNKNOWN,
    WRONG,
    one_line_further,
    rollout,
)

from sokrates.logic.answer import Answer
from sokrates.pipeline.params import Preferences, ScoreWeights
from sokrates.proof.dependencies import Role
from sokrates.proof.problem import from_formulas
from sokrates.proof.text import read_call, read_steps, write_steps
from sokrates.score import DEFAULT_WEIGHTS
from sokrates.search.prove import write_proof
from sokrates.training.dpo.pairs import Pair, make_pairs

DEFAULT = Preferences(level="trace", score=DEFAULT_WEIGHTS, delta=0.1, extent="whole")
STEP = DEFAULT.model_copy(update={"level": "step"})
CUT = DEFAULT.model_copy(update={"extent": "fault"})
CLOSURE = DEFAULT.model_copy(update={"level": "closure"})
NOTHING = dict.fromkeys(ScoreWeights.model_fields, 0.0)
ANSWER = DEFAULT.model_copy(update={"score": ScoreWeights(**{**NOTHING, "answer": 1.0})})
PROOFS = DEFAULT.model_copy(update={"score": ScoreWeights(**{**NOTHING, "proof": 1.0})})
SHORTER = DEFAULT.model_copy(update={"score": ScoreWeights(**{**NOTHING, "proof": 1.0, "length": 1.0})})
PADDED = ASIDE + LATER


def test_best_against_worst_trace() -> None:
    texts = [FIRST + SHORT + FALSE, TRUE, CAREFUL, FIRST + SECOND + TRUE]
    assert make_pairs([rollout(text) for text in texts], DEFAULT) == [Pair(STELLA.prompt, CAREFUL, TRUE)]


def test_traces_that_differ_by_less_than_delta_make_no_pair() -> None:
    # the first step is one of three that a proof needs: progress 1/3 + answer 1, and 2/3 + answer 0
    right, two_of_three = rollout(FIRST + SHORT + FALSE), rollout(FIRST + SECOND + TRUE)
    assert make_pairs([two_of_three, right], DEFAULT.model_copy(update={"delta": 0.66}))
    assert make_pairs([two_of_three, right], DEFAULT.model_copy(update={"delta": 0.67})) == []
    assert make_pairs([rollout(CAREFUL), rollout(CAREFUL)], DEFAULT) == []
    assert make_pairs([rollout(CAREFUL), right], ANSWER) == []  # both answers are right


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)])
def test_of_equal_scores_the_shorter_trace_wins(order: tuple[int, ...]) -> None:
    assert all(verdict.valid for verdict in rollout(PADDED).checked.verdicts)
    texts = [PADDED, CAREFUL, TRUE, ASIDE + TRUE]  # proofs both, and 0 both
    (pair,) = make_pairs([rollout(texts[number]) for number in order], PROOFS)
    assert (pair.chosen, pair.rejected) == (CAREFUL, ASIDE + TRUE)
    assert make_pairs([rollout(PADDED), rollout(CAREFUL)], PROOFS) == []
    for settings in SHORTER, DEFAULT:  # length 3/4 and 1; the restatement costs 1/4
        (pair,) = make_pairs([rollout(PADDED), rollout(CAREFUL)], settings)
        assert (pair.chosen, pair.rejected) == (CAREFUL, PADDED)


def test_a_restatement_that_a_proof_needs_is_no_mistake() -> None:
    """¬¬P ⊢ P: without an answer nothing rests on it, and search takes the same step."""
    premises = ["¬¬P(a)", "P(a) → Q(a)"]
    given = from_formulas(premises, "Q(a)", premises, "Q(a)", id="0", label=Answer.TRUE)
    first = 'Thought: therefore P(a)\nAction: <Option type="DOUBLE_NEGATION" args="[0]" />\n'
    second = 'Thought: therefore Q(a)\nAction: <Option type="MODUS_PONENS" args="[2, 1]" />\n'
    wrong = second.replace("[2, 1]", "[0, 1]")
    end = 'Thought: so the answer is TRUE.\nAction: <Option type="CONCLUDE" args="[0]" />\n'
    proof, faulty = rollout(first + second + end, given), rollout(first + wrong, given)
    assert proof.checked.valid(given.label)
    assert faulty.checked.dependencies.roles == (Role.RESTATEMENT, Role.REJECTED)
    (pair,) = make_pairs([proof, faulty], CUT)
    assert (pair.chosen, pair.rejected) == (first + second + end, first + wrong)
    pairs = make_pairs([proof, faulty], STEP)
    assert Pair(given.prompt + first, second, wrong, False, True) in pairs
    assert all(one.chosen != one.rejected for one in pairs)


def test_restatements_that_a_proof_needs_may_stand_in_any_order() -> None:
    premises = ["¬¬P(a)", "¬¬R(a)", "(P(a) ∧ R(a)) → Q(a)"]
    given = from_formulas(premises, "Q(a)", premises, "Q(a)", id="0", label=Answer.TRUE)
    steps = [
        f'Thought: therefore {claim}(a)\nAction: <Option type="DOUBLE_NEGATION" args="[{line}]" />\n'
        for claim, line in (("R", 1), ("P", 0))
    ]
    wrong = 'Thought: therefore Q(a)\nAction: <Option type="MODUS_PONENS" args="[3, 2]" />\n'
    faulty = rollout("".join(steps) + wrong, given)
    assert faulty.checked.dependencies.roles == (Role.RESTATEMENT, Role.RESTATEMENT, Role.REJECTED)
    (pair,) = make_pairs([faulty], STEP)
    assert (pair.prompt, pair.rejected) == (given.prompt + "".join(steps), wrong)


REPEATED = FIRST + FIRST.replace("[4]", "[5]")


def test_pairs_to_the_fault_reject_the_first_wrong_step_and_choose_what_stands_before_one() -> None:
    early = FIRST + SHORT + FALSE
    (pair,) = make_pairs([rollout(CAREFUL), rollout(early)], CUT)
    assert pair == Pair(STELLA.prompt, CAREFUL, FIRST + SHORT, rejected_ended=False)
    (pair,) = make_pairs([rollout(REPEATED + SECOND + FALSE), rollout(CAREFUL)], CUT)
    assert (pair.chosen, pair.rejected) == (CAREFUL, REPEATED)
    (pair,) = make_pairs([rollout(REPEATED + SECOND.replace("[5]", "[6]") + FALSE), rollout(TRUE)], CUT)
    assert (pair.chosen, pair.chosen_ended, pair.rejected, pair.rejected_ended) == (FIRST, False, TRUE, True)
    (pair,) = make_pairs([rollout(early), rollout(CAREFUL)], CLOSURE.model_copy(update={"extent": "fault"}))
    assert (pair.chosen, pair.rejected) == (CAREFUL, FIRST + SHORT)
    assert make_pairs([rollout(SHORT + FALSE), rollout(TRUE)], CUT) == []  # nothing valid stands in the better one


def test_pairs_to_the_fault_of_traces_that_end_too_early_or_too_late() -> None:
    begun = FIRST + SECOND[:-30]  # it was cut off within an Action
    (pair,) = make_pairs([rollout(CAREFUL), rollout(begun, ended=False)], CUT)
    assert (pair.rejected, pair.rejected_ended) == (begun, False)
    (pair,) = make_pairs([rollout(begun, ended=False), rollout(TRUE)], CUT)
    assert (pair.chosen, pair.chosen_ended) == (FIRST, False)
    (pair,) = make_pairs([rollout(CAREFUL + FALSE), rollout(TRUE)], CUT)
    assert (pair.chosen, pair.chosen_ended) == (CAREFUL, True)
    (pair,) = make_pairs([rollout(CAREFUL), rollout("hello\n" + CAREFUL)], CUT)
    assert (pair.rejected, pair.rejected_ended) == ("hello\n", False)
    same = [rollout(early) for early in (FIRST + SHORT + FALSE, FIRST)]  # better for its answer, which is cut away
    (pair,) = make_pairs(same, CUT)
    assert (pair.chosen_ended, pair.rejected_ended) == (False, True)
    assert make_pairs([same[0], rollout(FIRST, ended=False)], CUT) == []


def test_no_pair_rejects_right_steps_that_go_on_where_the_better_trace_goes_wrong() -> None:
    right = FIRST + SHORT + FALSE  # better for its answer alone
    answer = ANSWER.model_copy(update={"extent": "fault"})
    further = FIRST + SECOND + TRUE
    assert make_pairs([rollout(right), rollout(further)], ANSWER)  # whole traces teach the answer
    assert make_pairs([rollout(right), rollout(further)], answer) == []
    assert make_pairs([rollout(right), rollout(FIRST + SECOND, ended=False)], answer) == []
    (pair,) = make_pairs([rollout(right), rollout(FIRST + TRUE)], answer)  # this one goes wrong there too
    assert (pair.chosen, pair.rejected) == (FIRST, FIRST + TRUE)
    assert make_pairs([rollout(CAREFUL), rollout(FIRST + SECOND + TRUE)], answer)  # nothing is wrong with a proof


def test_closure_pairs_teach_the_shortest_proof_the_first_fault_and_what_is_not_needed() -> None:
    late, early = FIRST + SECOND + TRUE, SHORT + FALSE
    pairs = make_pairs([rollout(text) for text in (late, PADDED, early, CAREFUL)], CLOSURE)
    assert [(pair.chosen, pair.rejected) for pair in pairs] == [(CAREFUL, early), (CAREFUL, PADDED)]
    (pair,) = make_pairs([rollout(PADDED), rollout(CAREFUL)], CLOSURE)
    assert pair.rejected == PADDED
    (pair,) = make_pairs([rollout(FIRST + SECOND), rollout(CAREFUL)], CLOSURE)  # it never concludes
    assert pair.rejected == FIRST + SECOND
    assert make_pairs([rollout(early), rollout(late)], CLOSURE) == []  # no proof
    assert make_pairs([rollout(CAREFUL), rollout(CAREFUL)], CLOSURE) == []


def test_closure_pairs_take_a_proof_without_what_is_not_needed_where_no_rollout_wrote_it() -> None:
    """It begins with what the proof says of the goal, and not with what a step left out was chosen from."""
    assert make_pairs([rollout(PADDED)], CLOSURE) == [Pair(STELLA.prompt, CAREFUL, PADDED)]
    agenda = "Thought: to evaluate: Stella is small, every tumpus is not small: "
    (pair,) = make_pairs([rollout(PADDED.replace("Thought: ", agenda, 1))], CLOSURE)
    assert pair.chosen == CAREFUL.replace("Thought: ", agenda, 1)
    aimed = f"{agenda}to evaluate: every tumpus is not small: "
    (pair,) = make_pairs([rollout(PADDED.replace("Thought: ", aimed, 1))], CLOSURE)
    assert pair.chosen == CAREFUL.replace("Thought: ", agenda, 1)


def test_closure_pairs_of_proofs_are_whole_and_keep_what_a_step_was_chosen_from() -> None:
    """Also with `extent: fault`, where ASIDE would be the first step that goes wrong; each with its own end."""
    chosen_from = "Thought: to evaluate: every tumpus is not small: "
    second = one_line_further(SECOND)
    padded = PADDED.replace(second, second.replace("Thought: ", chosen_from))
    (pair,) = make_pairs([rollout(padded, ended=False)], CLOSURE.model_copy(update={"extent": "fault"}))
    assert pair.chosen == FIRST + SECOND.replace("Thought: ", chosen_from) + FALSE
    assert (pair.chosen_ended, pair.rejected, pair.rejected_ended) == (True, padded, False)


def test_closure_pairs_leave_a_proof_whose_constant_is_named_after_its_line() -> None:
    formulas = ["∃x P(x)", "∀x (P(x) → Q(x))", "R(a)", "∀x (R(x) → S(x))"]
    witness = from_formulas([""] * 4, "", formulas, "∃x Q(x)", id="witness", label=Answer.TRUE)
    options = ["MODUS_PONENS(2, 3)", "EXIST_INSTANTIATION(0)", "MODUS_PONENS(5, 1)"]
    calls = [read_call(call) for call in (*options, "EXIST_GENERALIZATION(6, WitnessF)", "CONCLUDE(0)")]
    text = write_steps(write_proof(witness.state, [call for call in calls if call is not None], witness.say))
    assert rollout(text, witness).checked.valid(Answer.TRUE)
    assert make_pairs([rollout(text, witness)], CLOSURE) == []


def test_closure_pairs_leave_the_steps_of_unknown() -> None:
    """UNKNOWN rests on no step, so a proof that shows where each way ends would become one that says UNKNOWN."""
    proof, one = TUMPUS + LEMPUS + UNKNOWN, TUMPUS + UNKNOWN
    said = 'Thought: so Stella is a wumpus and a tumpus.\nAction: <Option type="AND_INTRO" args="[2, 3]" />\n'
    aside = TUMPUS + LEMPUS + said + UNKNOWN
    assert rollout(aside, OPEN).checked.valid(Answer.UNKNOWN)
    assert make_pairs([rollout(proof, OPEN)], CLOSURE) == []
    assert make_pairs([rollout(proof, OPEN), rollout(one, OPEN)], CLOSURE) == [Pair(OPEN.prompt, proof, one)]
    assert make_pairs([rollout(proof, OPEN), rollout(aside, OPEN)], CLOSURE) == [Pair(OPEN.prompt, proof, aside)]


def test_unknown_that_comes_too_early_is_what_goes_wrong() -> None:
    """It is valid at any time; the trace that tried more is chosen, up to where it goes wrong itself."""
    proof, early, at_once = TUMPUS + LEMPUS + UNKNOWN, TUMPUS + UNKNOWN, UNKNOWN
    faulty = TUMPUS + LEMPUS + WRONG + UNKNOWN  # right, and every line tried before the fault
    traces = {text: rollout(text, OPEN) for text in (proof, early, at_once, faulty)}
    assert all(verdict.valid for verdict in traces[early].checked.verdicts)
    for settings in DEFAULT, CUT:
        assert make_pairs([traces[early], traces[proof]], settings) == [Pair(OPEN.prompt, proof, early)]
    assert make_pairs([traces[early], traces[at_once]], DEFAULT) == []  # whole, both teach to stop
    cut_off = {"chosen_ended": False}
    assert make_pairs([traces[early], traces[at_once]], CUT) == [Pair(OPEN.prompt, TUMPUS, UNKNOWN, **cut_off)]
    assert make_pairs([traces[early], traces[faulty]], CUT) == [
        Pair(OPEN.prompt, TUMPUS + LEMPUS, early, **cut_off)
    ]
    pairs = make_pairs([traces[early], traces[at_once]], STEP)  # what exploring tries next
    assert [(pair.prompt, pair.rejected) for pair in pairs] == [
        (OPEN.prompt + TUMPUS, UNKNOWN),
        (OPEN.prompt, UNKNOWN),
    ]
    assert read_steps(pairs[0].chosen)[0].option == read_call("MODUS_PONENS(3, 1)")
    assert (pairs[1].chosen, pairs[1].chosen_ended) == (TUMPUS, False)
    (step, _) = make_pairs([traces[proof], traces[faulty]], STEP)
    assert step == Pair(OPEN.prompt + TUMPUS + LEMPUS, UNKNOWN, WRONG, rejected_ended=False)


def test_unknown_that_comes_too_early_is_not_chosen_beside_a_trace_that_tried_more() -> None:
    early, more = rollout(TUMPUS + UNKNOWN, OPEN), rollout(TUMPUS + LEMPUS, OPEN, ended=False)
    for settings in DEFAULT, CUT:  # the answer is worth more than a line, and is no reason to stop
        assert make_pairs([early, more], settings) == []


def test_a_repeat_goes_wrong_in_step_pairs() -> None:
    pair, ending = make_pairs([rollout(FIRST + FIRST.replace("[4]", "[5]") + SECOND + FALSE)], STEP)
    assert (pair.prompt, pair.chosen) == (STELLA.prompt + FIRST, SECOND)
    assert pair.rejected == FIRST.replace("[4]", "[5]")
    assert ending.chosen == FALSE  # it is a proof all the same


def test_step_pair_at_the_first_wrong_step() -> None:
    (pair,) = make_pairs([rollout(FIRST + SHORT + FALSE)], STEP)
    assert pair == Pair(STELLA.prompt + FIRST, SECOND, SHORT, chosen_ended=False, rejected_ended=False)


def test_a_step_pair_keeps_what_is_to_be_evaluated() -> None:
    agenda = "to evaluate: Stella is small, every tumpus is not small: "
    wrong = SHORT.replace("Thought: ", f"Thought: {agenda}").replace("[5]", "[4]")  # it cites a line that stands
    kept = FIRST.replace("Thought: ", f"Thought: {agenda}")
    (pair,) = make_pairs([rollout(wrong + FALSE)], STEP)
    assert pair == Pair(STELLA.prompt, kept, wrong, chosen_ended=False, rejected_ended=False)
    (pair, *_) = make_pairs([rollout(wrong + FALSE), rollout(FIRST + SHORT + FALSE)], STEP)
    assert pair.chosen == kept  # another rollout wrote this step without it
    aimed = wrong.replace(agenda, f"{agenda}to evaluate: every tumpus is not small: ")
    (pair,) = make_pairs([rollout(aimed + FALSE)], STEP)
    assert pair.chosen == kept  # and not what the wrong step was chosen from
    for first in FIRST, kept:
        aimed = SHORT.replace("Thought: ", "Thought: to evaluate: every tumpus is not small: ")
        (pair,) = make_pairs([rollout(first + aimed + FALSE)], STEP)
        assert (pair.prompt, pair.chosen) == (STELLA.prompt + first, SECOND)
    unreadable = wrong.replace("every tumpus is not small:", "every blah blah:")
    (pair,) = make_pairs([rollout(unreadable + FALSE)], STEP)
    assert pair.chosen == FIRST


def test_step_pair_takes_the_policys_own_words() -> None:
    own = SECOND.replace("every tumpus is not small", "tumpuses are not small")
    pair, _ = make_pairs([rollout(FIRST + SHORT + FALSE), rollout(FIRST + own + FALSE)], STEP)
    assert pair.chosen == own


def test_step_pair_at_a_wrong_conclusion_ends_the_text() -> None:
    (pair,) = make_pairs([rollout(FIRST + SECOND + TRUE)], STEP)
    assert (pair.prompt, pair.chosen, pair.rejected) == (STELLA.prompt + FIRST + SECOND, FALSE, TRUE)
    assert pair.chosen_ended and pair.rejected_ended


def test_a_step_pair_teaches_to_stop_where_a_trace_ran_on_to_its_limit() -> None:
    pairs = make_pairs([rollout(CAREFUL + "Thought: Stella", ended=False)], STEP)
    assert Pair(STELLA.prompt + CAREFUL, "", "Thought: Stella", True, False) in pairs


def test_a_whole_step_is_judged_where_the_trace_was_cut_off_after_it() -> None:
    (pair,) = make_pairs([rollout(FIRST + SHORT, ended=False)], STEP)
    assert (pair.prompt, pair.rejected, pair.rejected_ended) == (STELLA.prompt + FIRST, SHORT, False)
    assert make_pairs([rollout(FIRST + SHORT[:-30], ended=False)], STEP) == []  # it might have become valid


def test_step_pair_at_the_end_of_the_shortest_proof_chooses_its_conclusion() -> None:
    again = SECOND.replace("[5]", "[6]")  # what it derives stands at 5 already
    ending = Pair(STELLA.prompt + FIRST + SECOND, FALSE, again, chosen_ended=True, rejected_ended=False)
    assert make_pairs([rollout(PADDED), rollout(CAREFUL)], STEP)[-1] == ending
    assert make_pairs([rollout(CAREFUL), rollout(CAREFUL)], STEP) == [ending]
    assert rollout(FIRST + SECOND + again).checked.dependencies.roles[-1] is Role.REPEAT
    assert make_pairs([rollout(FIRST + SECOND)], STEP) == []  # it never concludes


def test_a_conclusion_with_nothing_before_it_has_no_step_pair() -> None:
    given = rollout(TRUE, problem("Stella is a wumpus.", Answer.TRUE))
    assert given.right and given.checked.verdicts[0].valid
    assert make_pairs([given], STEP) == []
