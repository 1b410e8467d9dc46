"""The parts of a trace's score and what each step contributes, worked by hand on the proof of three steps."""

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
    RULES,
    SECOND,
    SHORT,
    STELLA,
    TRUE,
    TUMPUS,
    UNKNOWN,
    WRONG,
)

from sokrates.data.gold import careful
from sokrates.data.mixture import generate_kind
from sokrates.logic.answer import Answer
from sokrates.pipeline.params import load
from sokrates.proof.problem import Problem, from_formulas, from_sentences
from sokrates.proof.text import read_call, read_steps, write_steps
from sokrates.proof.trace import Rollout, Trace
from sokrates.proof.verify import Checked
from sokrates.score import DEFAULT_WEIGHTS, Scorer
from sokrates.search.prove import write_proof
from sokrates.training.dpo.pairs import make_pairs

NAMES = ("validity", "progress", "answer", "proof", "novel", "needed", "format", "length")


def scored(text: str, given: Problem = STELLA) -> tuple[Scorer, Checked]:
    scorer = Scorer(given)
    return scorer, scorer.verifier.check(read_steps(text))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (CAREFUL, (1, 1, 1, 1, 1, 1, 1, 1)),
        (ASIDE + LATER, (1, 1, 1, 1, 0, 3 / 4, 1, 3 / 4)),
        (
            FIRST + SHORT + FALSE,
            (1 / 3, 1 / 3, 1, 0, 0, 0, 1, 0),
        ),  # the shortcut is rejected: two steps are missing
        (ASIDE * 7 + FALSE, (7 / 8, 0, 1, 0, 0, 0, 1, 0)),  # padding is valid, and no progress
        (FIRST + SECOND + TRUE, (2 / 3, 2 / 3, 0, 0, 0, 0, 1, 0)),  # wrong answer
        (FIRST + FIRST, (1, 1 / 3, 0, 0, 0, 0, 0, 0)),  # it stops early; the repeat is no progress
        (CAREFUL + "The answer is TRUE.\n", (3 / 4, 1, 1, 0, 0, 0, 0, 0)),
        (CAREFUL + FALSE, (3 / 4, 1, 1, 0, 0, 0, 0, 0)),
        ("Hm.\n" + FALSE, (0, 0, 1, 0, 0, 0, 0, 0)),
        ("", (0,) * 8),
    ],
)
def test_parts(text: str, parts: tuple[float, ...]) -> None:
    scorer, checked = scored(text)
    assert scorer.parts(checked) == pytest.approx(dict(zip(NAMES, parts, strict=True)))
    default = parts[1] + parts[2] + (parts[3] + parts[4]) / 4
    assert scorer.score(checked, DEFAULT_WEIGHTS) == pytest.approx(default)


@pytest.mark.parametrize("unknown_share", [0.0, 1.0])
@pytest.mark.parametrize("kind", ["and_elimination", "or_elimination", "contradiction", "composed"])
def test_along_a_proof_progress_never_falls(kind: str, unknown_share: float) -> None:
    """Also where it assumes: a case that is open has to be closed, which makes the rest longer."""
    given = {"hops": [1, 2], "widths": [2], "unknown_share": unknown_share, "refuted_share": 0.35, "seed": 7}
    opened = 0
    for one in generate_kind(kind, 8, **given):
        steps = careful(one, "explore")
        scorer = Scorer(one)
        reached = [scorer.credit(scorer.verifier.check(steps[:end])).progress for end in range(1, len(steps) + 1)]
        assert reached == sorted(reached) and reached[-1] == 1
        opened += any(step.option is not None and step.option.name == "ASSUME" for step in steps)
    assert opened or kind == "and_elimination"


def test_the_default_is_that_of_params() -> None:
    assert load("params.yaml").preferences.score == DEFAULT_WEIGHTS


def test_without_a_label_no_answer_is_right() -> None:
    given = problem(label=None)
    scorer, checked = scored(CAREFUL, given)
    parts = scorer.parts(checked)
    assert (parts["progress"], parts["answer"], parts["proof"]) == (0, 0, 0)


def test_of_contradictory_premises_the_other_answer_earns_nothing_and_is_not_taught() -> None:
    premises = ["Every wumpus is a tumpus.", "Stella is a wumpus.", "Stella is not a tumpus."]
    given = from_sentences(premises, "Stella is a tumpus.", id="0", label=Answer.TRUE)
    step = (
        "Thought: Stella is a wumpus [1] and every wumpus is a tumpus [0], so Stella is a tumpus [3].\n"
        'Action: <Option type="MODUS_PONENS" args="[1, 0]" />\n'
    )
    conclude = 'Thought: so the answer is {}.\nAction: <Option type="CONCLUDE" args="[{}]" />\n'
    other, proof = conclude.format("FALSE", 1), step + conclude.format("TRUE", 0)
    scorer, checked = scored(other, given)
    assert checked.verdicts[0].valid  # "Stella is not a tumpus" stands
    assert scorer.parts(checked) == dict(zip(NAMES, (1, 0, 0, 0, 0, 0, 1, 0), strict=True))
    assert scorer.parts(scored(proof, given)[1]) == dict(zip(NAMES, (1, 1, 1, 1, 1, 1, 1, 0), strict=True))
    too_early = conclude.format("TRUE", 0)  # search would conclude FALSE here
    wrong = Rollout(Trace(given, too_early), scored(too_early, given)[1])
    assert make_pairs([wrong], load().preferences.model_copy(update={"level": "step"})) == []


def test_unknown_may_be_said_at_once_where_there_is_nothing_to_try() -> None:
    given = from_sentences(["Max is red.", "Every cat is big."], "Max is big.", id="0", label=Answer.UNKNOWN)
    aside = (
        "Thought: Max is red [0] and Max is red, so Max is red and red.\n"
        'Action: <Option type="AND_INTRO" args="[0, 0]" />\n'
    )
    for written, novel, values in (UNKNOWN, 1, [1.0]), (aside + UNKNOWN, 0, [0.0, 1.0]):
        scorer, checked = scored(written, given)
        assert scorer.parts(checked) == dict(zip(NAMES, (1, 1, 1, 1, novel, 0, 1, 0), strict=True))
        assert scorer.credit(checked).values(len(checked.steps)) == values


@pytest.mark.parametrize(
    ("text", "parts", "values"),
    [
        (TUMPUS + LEMPUS + UNKNOWN, (1, 1, 1, 1, 1, 0, 1, 0), [1 / 3, 1 / 3, 1 / 3]),
        (TUMPUS + LEMPUS, (1, 2 / 3, 0, 0, 0, 0, 0, 0), [1 / 3, 1 / 3]),
        (TUMPUS + UNKNOWN, (1, 1 / 3, 1, 0, 0, 0, 1, 0), [1 / 3, 0]),  # valid, and too early
        (UNKNOWN, (1, 0, 1, 0, 0, 0, 1, 0), [0]),
        (TUMPUS + TUMPUS + LEMPUS + UNKNOWN, (1, 1, 1, 1, 0, 0, 1, 0), [1 / 3, 0, 1 / 3, 1 / 3]),
        (TUMPUS + WRONG + LEMPUS + UNKNOWN, (3 / 4, 1 / 3, 1, 0, 0, 0, 1, 0), [1 / 3, 0, 0, 0]),
        (TUMPUS + LEMPUS + FALSE, (2 / 3, 2 / 3, 0, 0, 0, 0, 1, 0), [1 / 3, 1 / 3, 0]),
        (TUMPUS + LEMPUS + UNKNOWN + UNKNOWN, (3 / 4, 1, 1, 0, 0, 0, 0, 0), [1 / 3, 1 / 3, 1 / 3, 0]),
    ],
)
def test_unknown_earns_what_was_tried(text: str, parts: tuple[float, ...], values: list[float]) -> None:
    scorer, checked = scored(text, OPEN)
    assert scorer.parts(checked) == pytest.approx(dict(zip(NAMES, parts, strict=True)))
    assert scorer.credit(checked).values(len(checked.steps)) == pytest.approx(values)


def test_where_the_label_is_wrongly_unknown_nothing_is_to_be_tried() -> None:
    provable = from_sentences(RULES, "Stella is a lempus.", id="0", label=Answer.UNKNOWN)
    for text in (TUMPUS + LEMPUS + TRUE, TUMPUS + LEMPUS, TUMPUS + LEMPUS + UNKNOWN):
        scorer, checked = scored(text, provable)
        assert scorer.parts(checked)["progress"] == 0


def test_values_add_up_to_the_progress_and_belong_to_needed_steps() -> None:
    scorer, checked = scored(FIRST + ASIDE + SHORT + FALSE)
    credit = scorer.credit(checked)
    assert (credit.needed, credit.progress) == ({0}, pytest.approx(1 / 3))
    assert credit.values(4) == pytest.approx([1 / 3, 0, 0, 0])
    scorer, checked = scored(ASIDE + LATER)
    assert scorer.credit(checked).values(4) == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3])


def test_a_detour_earns_no_more_than_the_way_it_shortens() -> None:
    # From P: Q, R, S, T by single rules, and T from P at once: shortest 2. Three of the long way save nothing.
    chain = ["P(a)", *(f"{a}(a) → {b}(a)" for a, b in ("PQ", "QR", "RS", "ST")), "P(a) → T(a)"]
    given = from_formulas(chain, "T(a)", chain, "T(a)", id="0", label=Answer.TRUE)
    steps = "".join(
        f'Thought: therefore {claim}(a)\nAction: <Option type="MODUS_PONENS" args="[{fact}, {rule}]" />\n'
        for claim, fact, rule in (("Q", 0, 1), ("R", 6, 2), ("S", 7, 3))
    )
    scorer, checked = scored(steps, given)
    assert all(verdict.valid for verdict in checked.verdicts) and scorer.shortest == 2
    assert scorer.credit(checked).progress == 0


def test_a_beginning_without_end_is_not_completed() -> None:
    scorer, checked = scored(FIRST + ASIDE * 200)
    assert all(verdict.valid for verdict in checked.verdicts)
    assert scorer.credit(checked).progress == 0
    assert scorer.credit(scored(FIRST + ASIDE * 199)[1]).progress == pytest.approx(1 / 3)


def parts_of(given: Problem, *calls: str) -> dict[str, float]:
    """The parts of a trace of these options, in its own words."""
    options = [call for call in map(read_call, calls) if call is not None]
    scorer, checked = scored(write_steps(write_proof(given.state, options, given.say)), given)
    assert len(options) == len(calls) and all(verdict.valid for verdict in checked.verdicts)
    return scorer.parts(checked)


def test_an_assumption_tries_nothing_by_itself() -> None:
    tumpus, lempus = "ASSUME(0, 3, 0, Stella)", "ASSUME(1, 3, 0, Stella)"  # what is to be derived
    for calls in (tumpus, lempus), (tumpus, "CONDITIONAL_PROOF(3, 3)", lempus, "CONDITIONAL_PROOF(5, 5)"):
        assert parts_of(OPEN, *calls, "CONCLUDE(2)")["progress"] == 0


def test_a_case_is_tried_where_it_is_assumed_and_closed_again() -> None:
    rules = ["Every yumpus is a dumpus.", "Every lempus is a zumpus.", "Every zumpus is a dumpus."]
    given = from_sentences(
        [*rules, "Sally is a lempus or a yumpus."], "Sally is red.", id="", label=Answer.UNKNOWN
    )
    case, lines = "ASSUME(3, 1, 0)", ("MODUS_PONENS(4, 1)", "MODUS_PONENS(5, 2)")
    # To try: zumpus and dumpus in the first case, and its end; then UNKNOWN.
    whole = parts_of(given, case, *lines, "CONDITIONAL_PROOF(4, 6)", "CONCLUDE(2)")
    assert (whole["progress"], whole["proof"], whole["novel"]) == (1, 1, 1)
    assert parts_of(given, case, *lines, "CONCLUDE(2)")["progress"] == 1 / 2
    assert parts_of(given, case, "CONDITIONAL_PROOF(4, 4)", "CONCLUDE(2)")["progress"] == 0


def test_rules_may_be_applied_in_any_order() -> None:
    rules = [f"Everything that is {kind} or a tumpus is a numpus." for kind in ("bright", "small")]
    given = from_sentences(
        [*rules, "Every numpus is a rompus.", "Fae is a tumpus."], "Fae is a jompus.", id="", label=Answer.UNKNOWN
    )
    for rule in (0, 1):
        calls = f"OR_INTRO(3, {rule})", f"MODUS_PONENS(4, {rule})", "MODUS_PONENS(5, 2)", "CONCLUDE(2)"
        assert parts_of(given, *calls)["novel"] == 1


def test_what_restates_a_line_is_not_to_be_tried() -> None:
    rules = [
        "Every wumpus is small and a tumpus.",
        "Every tumpus is a wumpus.",
        "Every wumpus is a tumpus and small.",
    ]
    given = from_sentences([*rules, "Fae is a wumpus."], "Fae is a jompus.", id="", label=Answer.UNKNOWN)
    calls = "MODUS_PONENS(3, 0)", "AND_ELIM(4, 1)", "CONCLUDE(2)"
    assert parts_of(given, *calls)["novel"] == 1
