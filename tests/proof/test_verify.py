"""Verdicts on traces: the three readings, every reason, holes, what follows CONCLUDE, and faithfulness."""

from __future__ import annotations

import pytest
from specimens import CAREFUL, SHORTCUT, check, problem, step, verifier

from sokrates.logic import entailment, fol
from sokrates.logic.answer import Answer, Decision
from sokrates.logic.english import read
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import Problem, from_formulas, from_sentences
from sokrates.proof.text import Step, read_steps
from sokrates.proof.verify import MAX_ASKED, Checked, Verifier, faithful

FIRST, SECOND, LAST = read_steps(CAREFUL)
FIRST_TEXT, SECOND_TEXT, LAST_TEXT = (CAREFUL[s.span[0] : s.span[2]] for s in (FIRST, SECOND, LAST) if s.span)


def reasons(checked: Checked) -> list[Reason | None]:
    return [verdict.reason for verdict in checked.verdicts]


def check_steps(*steps: Step) -> Checked:
    return verifier().check(steps)


# The three readings


def test_a_careful_proof_is_valid_in_every_reading() -> None:
    checked = check(CAREFUL)
    assert checked.answer is Answer.FALSE
    assert checked.valid(Answer.FALSE) and checked.valid_actions(Answer.FALSE)
    assert [verdict.derived for verdict in checked.verdicts] == [
        read("Stella is a tumpus"),
        read("Stella is not small"),
        None,
    ]
    assert [verdict.claim for verdict in checked.verdicts] == [verdict.derived for verdict in checked.verdicts]
    assert faithful(verifier().premises, checked) == [True, True, True]
    assert verifier().entailed(checked) == [True, True, True]


def test_a_shortcut_is_entailed_and_right_and_not_valid() -> None:
    checked = check(SHORTCUT)
    assert checked.answer is Answer.FALSE
    assert reasons(checked) == [None, Reason.DOES_NOT_APPLY, Reason.NOT_DERIVED]
    assert not checked.valid(Answer.FALSE) and not checked.valid_actions(Answer.FALSE)
    assert verifier().entailed(checked) == [True, True, True]


def test_a_negated_claim_fails_strictly_and_its_action_stands() -> None:
    checked = check(CAREFUL.replace("so Stella is not small", "so Stella is small"))
    assert reasons(checked) == [None, Reason.OTHER_CLAIM, None]
    assert not checked.valid(Answer.FALSE) and checked.valid_actions(Answer.FALSE)
    assert faithful(verifier().premises, checked) == [True, False, True]
    assert verifier().entailed(checked) == [True, False, True]


REFUTATION = """\
Thought: assume that Stella is a tumpus [2].
Action: <Option type="ASSUME" args="[goal, 1, 0]" />
Thought: Stella is a tumpus [2] and every tumpus is small [0], so Stella is small [3].
Action: <Option type="MODUS_PONENS" args="[2, 0]" />
Thought: Stella is small [3] and Stella is not small [1], so Stella is not a tumpus [4].
Action: <Option type="CONTRADICTION" args="[3, 1]" />
Thought: to evaluate: Stella is not a tumpus, Stella is not a tumpus [4] holds, so the answer is TRUE.
Action: <Option type="CONCLUDE" args="[0]" />
"""


def test_a_refutation_is_valid_and_its_assumption_is_not_believed() -> None:
    premises = ["Every tumpus is small.", "Stella is not small."]
    given = from_sentences(premises, "Stella is not a tumpus.", id="0", label=Answer.TRUE)
    verifier = Verifier(given.facts, given.goal)
    checked = verifier.check(read_steps(REFUTATION))
    assert checked.valid(Answer.TRUE)
    assert faithful(given.facts, checked) == [True, True, True, True]
    assert verifier.entailed(checked) == [
        False,
        False,
        True,
        True,
    ]  # what stands under an assumption is not entailed
    cited_later = REFUTATION.replace(
        "Thought: to evaluate",
        "Thought: Stella is small [3] and Stella is not small [1], so Stella is small and not small [5].\n"
        'Action: <Option type="AND_INTRO" args="[3, 1]" />\nThought: to evaluate',
    )
    assert Reason.OUT_OF_SCOPE in reasons(verifier.check(read_steps(cited_later)))
    never_closed = REFUTATION.replace("CONTRADICTION", "AND_INTRO").replace('"[0]"', '"[1]"')
    assert (
        reasons(verifier.check(read_steps(never_closed)))[-1] is Reason.NOT_DERIVED
    )  # Stella is a tumpus is assumed


def test_a_true_claim_does_not_save_an_action_that_derives_another() -> None:
    checked = check_steps(step("Stella is a wumpus, so Stella is not small", "MODUS_PONENS 1, 0"))
    assert reasons(checked) == [Reason.OTHER_CLAIM]
    assert verifier().entailed(checked) == [True]


def test_a_claim_in_other_words_is_the_same_claim() -> None:
    for claim in "Stella belongs to tumpuses", "Stella is tumpus.", "Stella is a tumpus [4].", "tumpus(Stella)":
        checked = check_steps(step(f"Stella is a wumpus, so {claim}", "MODUS_PONENS 1, 0"))
        assert reasons(checked) == [None], claim


def test_the_label_plays_no_part_in_a_steps_validity() -> None:
    for label in (*Answer, None):
        given = problem(label=label)
        checked = Verifier(given.facts, given.goal).check(read_steps(CAREFUL))
        assert reasons(checked) == [None] * 3
        assert checked.valid(label) is checked.valid_actions(label) is (label in (Answer.FALSE, None))


def test_the_wrong_answer_is_not_valid_whatever_the_label() -> None:
    checked = check(CAREFUL.replace('CONCLUDE" args="[1]"', 'CONCLUDE" args="[0]"'))
    assert checked.answer is Answer.TRUE and reasons(checked) == [None, None, Reason.NOT_DERIVED]
    assert not any(checked.valid(label) or checked.valid_actions(label) for label in (*Answer, None))
    assert verifier().entailed(checked) == [True, True, False]


def test_inconsistent_premises_entail_either_answer_and_not_that_neither_follows() -> None:
    given = from_sentences(["Ava is red.", "Ava is not red.", "Ava is big."], "Ava is big.", id="0", label=None)
    for answer, follows in (0, True), (1, True), (2, False):
        checked = Verifier(given.facts, given.goal).check([step("so", f"CONCLUDE {answer}")])
        assert Verifier(given.facts, given.goal).entailed(checked) == [follows]
    assert Verifier(given.facts, given.goal).check([step("so", "CONCLUDE 0")]).valid(None)  # it stands


def test_a_trace_without_an_answer_is_not_valid() -> None:
    for text in "", FIRST_TEXT, FIRST_TEXT + SECOND_TEXT:
        checked = check(text)
        assert checked.answer is None and not checked.valid(None) and not checked.valid_actions(None)


def test_an_assumption_has_to_be_called_one() -> None:
    for thought in (
        "Stella is a wumpus, so Stella is small",
        "therefore Stella is small [4].",
        "we do not assume that Stella is small",
    ):
        assert reasons(check_steps(step(thought, "ASSUME goal, 0, 0"))) == [Reason.NO_CLAIM]
    assert reasons(check_steps(step("Let us assume that Stella is small.", "ASSUME goal, 0, 0"))) == [None]


# Reasons

REASONS = {
    Reason.UNPARSED: [Step("Stella is a wumpus [1], so Stella is a tumpus [4].", None)],
    Reason.UNKNOWN_OPTION: [step("Stella is a wumpus, so Stella is a tumpus", "RULE 1, 0")],
    Reason.WRONG_ARGUMENTS: [step("Stella is a wumpus, so Stella is a tumpus", "MODUS_PONENS 1")],
    Reason.OUT_OF_RANGE: [step("Stella is a wumpus, so Stella is a tumpus", "MODUS_PONENS 1, 4")],
    Reason.HOLE: [
        step("x", "MODUS_PONENS 0, 0"),
        step("Stella is a wumpus, so Stella is a tumpus", "MODUS_PONENS 4, 0"),
    ],
    Reason.OUT_OF_SCOPE: [
        step("assume that Stella is small [4].", "ASSUME goal, 0, 0"),
        step("Stella is small [4] and Stella is small [4], so x", "CONDITIONAL_PROOF 4, 4"),
        step("Stella is a wumpus, so Stella is small and Stella is small", "AND_INTRO 4, 4"),
    ],
    Reason.DOES_NOT_APPLY: [step("Stella is a wumpus, so Stella is a tumpus", "MODUS_PONENS 0, 1")],
    Reason.TOO_LARGE: [step("x", f"AND_INTRO {', '.join('0' * 200)}")],
    Reason.NOT_DERIVED: [step("Stella is not small holds, so the answer is FALSE.", "CONCLUDE 1")],
    Reason.NO_CLAIM: [step("If so, Stella is a tumpus [4].", "MODUS_PONENS 1, 0")],
    Reason.UNREADABLE_CLAIM: [step("Stella is a wumpus, so (Stella is a tumpus", "MODUS_PONENS 1, 0")],
    Reason.OTHER_CLAIM: [step("Stella is a wumpus, so Stella is a wumpus", "MODUS_PONENS 1, 0")],
    Reason.AFTER_CONCLUDE: [FIRST, SECOND, LAST, FIRST],
}


@pytest.mark.parametrize("reason", REASONS)
def test_a_case_of_each_reason(reason: Reason) -> None:
    checked = check_steps(*REASONS[reason])
    assert checked.verdicts[-1].reason is reason
    assert not checked.verdicts[-1].valid and not checked.valid(None)


def test_undecided_is_the_last_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {*REASONS, Reason.UNDECIDED} == set(Reason)
    monkeypatch.setattr(entailment.Entailment, "decide", lambda self, goal: Decision.UNDECIDED)
    monkeypatch.setattr(entailment.Entailment, "entails", lambda self, formula: None)
    unknown = step("neither follows, so the answer is UNKNOWN.", "CONCLUDE 2")
    other = step("Stella is a wumpus, so Stella is red", "MODUS_PONENS 1, 0")
    checked = check_steps(FIRST, other, unknown)
    assert reasons(checked) == [None, Reason.OTHER_CLAIM, Reason.UNDECIDED] and checked.answer is Answer.UNKNOWN
    assert not checked.valid(Answer.UNKNOWN) and not checked.valid_actions(Answer.UNKNOWN)
    assert verifier().entailed(checked) == [True, None, None]  # what the kernel derives is decided without it


def test_what_rests_on_the_premises_alone_is_entailed_without_the_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entailment.Entailment, "entails", lambda self, formula: None)
    premises = [fol.read(text).formula for text in ("P(a) → Q(a)", "¬Q(a)", "∃x R(x)")]
    steps = [
        step("assume that P(a)", "ASSUME 0, 1, 0"),
        step("so Q(a)", "MODUS_PONENS 3, 0"),
        step("so ¬P(a)", "CONTRADICTION 4, 1"),  # rests on the premises, as its scope is closed
        step("so ¬Q(a)", "MODUS_PONENS 3, 0"),  # not valid, and a premise
        step("so R(WitnessH)", "EXIST_INSTANTIATION 2"),
        step("so R(WitnessH) ∧ ¬Q(a)", "AND_INTRO 7, 1"),
        step("so ¬P(a) ∧ ¬Q(a)", "AND_INTRO 5, 1"),
    ]
    checked = Verifier(premises, premises[0]).check(steps)
    assert reasons(checked)[3] is Reason.OUT_OF_SCOPE and [v.valid for v in checked.verdicts].count(False) == 1
    # After EXIST_INSTANTIATION the solver is asked about every line, as each could rest on the individual.
    assert Verifier(premises, premises[0]).entailed(checked) == [None, None, True, True, None, None, None]


def test_the_solver_is_not_asked_for_ever_about_one_trace() -> None:
    """Claims that take the solver two thousand units and more each: all decided, and too many."""
    hard = "∀x ∃y ∀z (R{0}(x, y) → ∃w (R{0}(y, w) ∧ ¬R{0}(z, z)))"
    checked = check_steps(
        *[step(f"Stella is a wumpus, so {hard.format(number)}", "MODUS_PONENS 1, 0") for number in range(400)]
    )
    fresh = verifier()
    found = fresh.entailed(checked)
    answered = found.index(None)
    assert found == [False] * answered + [None] * (400 - answered) and answered > 50
    assert fresh.entailment.work < 1.1 * MAX_ASKED
    # Each trace has as much; what a query costs the solver differs a little from time to time.
    assert fresh.entailed(checked).count(False) > 0.95 * answered


@pytest.mark.parametrize(
    ("thought", "reason"),
    [
        ("Stella is a wumpus, so ", Reason.UNREADABLE_CLAIM),
        ("Stella is a wumpus, so [4].", Reason.UNREADABLE_CLAIM),
        ("Stella is a wumpus, so Stella is a tumpus [4] [4].", Reason.UNREADABLE_CLAIM),
        ("Stella is a wumpus, so Stella is a tumpus and Stella is red", Reason.OTHER_CLAIM),
        ("Stella is a wumpus, so tumpus(Stella) ∧ red(Stella)", Reason.OTHER_CLAIM),
        ("Stella is a wumpus, so Stella is a tumpus, so", Reason.UNREADABLE_CLAIM),
        ("Stella is a wumpus, so Stella is a tumpus, so Stella is red", Reason.UNREADABLE_CLAIM),
        ("x; so Stella is a tumpus", Reason.NO_CLAIM),
        ("We can conclude that Stella is a tumpus.", None),
        ("Stella is a wumpus [1]. Hence one may now derive that Stella is a tumpus [4].", None),
        ("Stella is a wumpus [1], therefore Stella is a tumpus [4].", None),
        # what does not assert the formula is no claim of it
        ("We cannot conclude that Stella is a tumpus.", Reason.NO_CLAIM),
        ("It would be wrong to conclude that Stella is a tumpus.", Reason.NO_CLAIM),
        ("Nobody can derive that Stella is a tumpus.", Reason.NO_CLAIM),
        ("We deny" + " then" * 20 + " conclude that Stella is a tumpus.", Reason.NO_CLAIM),
        ("We can not (yet) conclude that Stella is a tumpus.", Reason.NO_CLAIM),
        ("We cannot [0] conclude that Stella is a tumpus.", Reason.NO_CLAIM),
        ("We do not, in fact, conclude that Stella is a tumpus.", Reason.NO_CLAIM),
        ("Nor can we, so far, conclude that Stella is a tumpus.", Reason.NO_CLAIM),
        ("Nobody would, being sane, derive that Stella is a tumpus.", Reason.NO_CLAIM),
        ("Can we conclude that Stella is a tumpus", Reason.NO_CLAIM),
        # and what does is one
        ("Since Stella is a wumpus [1], conclude that Stella is a tumpus.", None),
        ("Stella is not small (premise 3) and a wumpus [1] we conclude that Stella is a tumpus.", Reason.NO_CLAIM),
        ("Stella is not small (premise 3), we conclude that Stella is a tumpus.", None),
        ("Stella is a wumpus. Therefore, Stella is a tumpus.", None),
        ("Therefore Stella is a tumpus.", None),
        ("Stella, therefore, is a tumpus.", Reason.NO_CLAIM),
        ("assume that Stella is a tumpus [4].", Reason.NO_CLAIM),  # the option assumes nothing
        ("Stella is a wumpus, so assume Stella is a tumpus [4].", Reason.UNREADABLE_CLAIM),
        ("Stella is a wumpus, so this contradicts with Stella is a tumpus [4].", Reason.UNREADABLE_CLAIM),
        ("Stella is a wumpus, so since Stella is not a wumpus, Stella is a tumpus [4].", Reason.UNREADABLE_CLAIM),
        ("", Reason.NO_CLAIM),
    ],
)
def test_the_whole_thought_asserts_the_claim(thought: str, reason: Reason | None) -> None:
    assert reasons(check_steps(step(thought, "MODUS_PONENS 1, 0"))) == [reason]


def test_the_actions_reading_has_the_reasons_of_the_kernel_alone() -> None:
    found = [check_steps(*steps).verdicts[-1].rejection for steps in REASONS.values()]
    claims = (Reason.NO_CLAIM, Reason.UNREADABLE_CLAIM, Reason.OTHER_CLAIM)
    assert found == [None if reason in claims else reason for reason in REASONS]


# Holes


def test_a_rejected_step_keeps_its_index() -> None:
    wrong = step("Stella is a wumpus, so Stella is red", "MODUS_PONENS 2, 2")
    later = step(
        "Stella is a tumpus [5] and every tumpus is not small [2], so Stella is not small [6].",
        "MODUS_PONENS 5, 2",
    )
    again = step(
        "Stella is a wumpus [1] and every wumpus is a tumpus [0], so Stella is a tumpus [5].", "MODUS_PONENS 1, 0"
    )
    checked = check_steps(wrong, again, later, LAST)
    assert reasons(checked) == [Reason.DOES_NOT_APPLY, None, None, None]
    assert faithful(verifier().premises, checked) == [None, True, True, True]
    assert not checked.valid(Answer.FALSE)


def test_an_unparsed_step_keeps_its_index_too() -> None:
    checked = check("no form\n" + FIRST_TEXT + SECOND_TEXT.replace("[4, 2]", "[5, 2]") + LAST_TEXT)
    assert reasons(checked) == [Reason.UNPARSED, None, None, None]
    shifted = check("no form\n" + CAREFUL)
    assert reasons(shifted) == [Reason.UNPARSED, None, Reason.HOLE, Reason.NOT_DERIVED]


def test_a_step_with_another_claim_is_no_hole() -> None:
    """Its action derived something, and what it derived may be cited."""
    checked = check(CAREFUL.replace("so Stella is a tumpus", "so Stella is red"))
    assert reasons(checked) == [Reason.OTHER_CLAIM, None, None]


# CONCLUDE


def test_nothing_after_the_first_conclude_counts() -> None:
    for tail in CAREFUL, LAST_TEXT, FIRST_TEXT, "stray", LAST_TEXT.replace("[1]", "[0]"):
        checked = check(CAREFUL + tail)
        assert checked.answer is Answer.FALSE and not checked.valid(Answer.FALSE)
        assert not checked.valid_actions(Answer.FALSE)
        assert reasons(checked)[:3] == [None] * 3 and set(reasons(checked)[3:]) == {Reason.AFTER_CONCLUDE}


def test_a_conclude_that_is_refused_ends_the_trace_too() -> None:
    for args, reason in (
        ("[7]", Reason.WRONG_ARGUMENTS),
        ("[TRUE]", Reason.NOT_DERIVED),
        ("[true]", Reason.WRONG_ARGUMENTS),
        ("[0]", Reason.NOT_DERIVED),
    ):
        checked = check(FIRST_TEXT + LAST_TEXT.replace("[1]", args) + SECOND_TEXT + LAST_TEXT)
        assert reasons(checked) == [None, reason, Reason.AFTER_CONCLUDE, Reason.AFTER_CONCLUDE]
        assert checked.answer is (Answer.TRUE if args in ("[0]", "[TRUE]") else None)


def test_a_second_answer_is_not_the_answer() -> None:
    checked = check(LAST_TEXT.replace("[1]", "[0]") + CAREFUL)
    assert checked.answer is Answer.TRUE and not checked.valid(Answer.FALSE)


def test_the_thought_of_conclude_claims_nothing() -> None:
    last = Step("whatever, so Stella is small", Option("CONCLUDE", (1,)))
    checked = check_steps(FIRST, SECOND, last)
    assert checked.valid(Answer.FALSE) and checked.verdicts[-1].claim is None


@pytest.mark.parametrize(
    ("conclusion", "arg", "reason"), [("Stella is red.", 2, None), ("Stella is small.", 2, 1)]
)
def test_unknown_is_decided_by_the_solver(conclusion: str, arg: int, reason: int | None) -> None:
    checked = check(f'Thought: x\nAction: <Option type="CONCLUDE" args="[{arg}]" />', conclusion)
    assert reasons(checked) == [Reason.NOT_DERIVED if reason else None]
    assert verifier(conclusion).entailed(checked) == [not reason]


# Faithfulness


@pytest.mark.parametrize(
    "thought",
    [
        "Stella is a wumpus [0] and every wumpus is a tumpus [1], so Stella is a tumpus [4].",  # swapped
        "Stella is a wumpus [1] and every wumpus is a tumpus [3], so Stella is a tumpus [4].",
        "Stella is a wumpus [1] and each zumpus is small [3], so Stella is a tumpus [4].",  # true, not used
        "Stella is a zumpus [1] and every wumpus is a tumpus [0], so Stella is a tumpus [4].",
        "Max is a wumpus [1] and every wumpus is a tumpus [0], so Stella is a tumpus [4].",
        "Stella is a wumpus [1] and every wumpus is not a tumpus [0], so Stella is a tumpus [4].",
        "Stella is a wumpus [1] and every wumpus is a tumpus [0], so Stella is a tumpus [5].",
        "Stella is a wumpus [1] and every wumpus is a tumpus [9], so Stella is a tumpus [4].",
    ],
)
def test_a_wrong_citation_is_valid_and_not_faithful(thought: str) -> None:
    checked = check_steps(step(thought, "MODUS_PONENS 1, 0"))
    assert reasons(checked) == [None] and faithful(verifier().premises, checked) == [False]


@pytest.mark.parametrize(
    "thought",
    [
        "Wumpuses are tumpuses [0] and Stella belongs to wumpuses [1], so Stella is a tumpus [4].",
        "Wumpuses are tumpuses [0], Stella is a wumpus [1], and thus Stella is a tumpus.",
    ],
)
def test_citations_in_other_words_and_order_are_faithful(thought: str) -> None:
    checked = check_steps(step(thought, "MODUS_PONENS 1, 0"))
    assert reasons(checked) == [None] and faithful(verifier().premises, checked) == [True]


def test_the_part_that_and_elim_takes_is_no_citation() -> None:
    both: Problem = from_formulas([""] * 2, "", ["Rain", "Cold ∧ Wet"], "Cold", id="both")
    for thought, true in ("Cold ∧ Wet [1], so Cold [2].", True), ("Rain [0], so Cold [2].", False):
        checked = Verifier(both.facts, both.goal).check([step(thought, "AND_ELIM 1, 0")])
        assert reasons(checked) == [None] and faithful(both.facts, checked) == [true]


def test_refused_steps_are_neither_faithful_nor_not() -> None:
    assert faithful(verifier().premises, check(SHORTCUT)) == [True, None, None]
