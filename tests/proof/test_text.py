"""Traces as text: the worked form, round trips, spans, and text of no form."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_data import PUBLISHED_TRACES, needs_shared_data
from specimens import CAREFUL, HOSTILE, PREMISES, check, problem

from sokrates.logic.answer import Answer
from sokrates.logic.english import read
from sokrates.logic.formula import Bound, Constant, Forall, Implies, Not, atom
from sokrates.logic.reading import ReadError
from sokrates.proof.claims import read_thought
from sokrates.proof.kernel import RULES, State
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import from_sentences
from sokrates.proof.text import (
    CONCLUDE,
    Step,
    first_steps,
    read_call,
    read_formula,
    read_option,
    read_steps,
    say_with,
    split_citation,
    think,
    think_conclusion,
    write_option,
    write_prompt,
    write_steps,
)
from sokrates.proof.verify import Verifier
from sokrates.search.prove import prove, write_proof

# DESIGN.md §6
PROMPT = """\
Premises:
  Every wumpus is a tumpus [0].
  Stella is a wumpus [1].
Conclusion to evaluate: Stella is a tumpus.
Reasoning:
"""
PROOF = """\
Thought: Stella is a wumpus [1] and every wumpus is a tumpus [0], so Stella is a tumpus [2].
Action: <Option type="MODUS_PONENS" args="[1, 0]" />
Thought: to evaluate: Stella is a tumpus, Stella is a tumpus [2] holds, so the answer is TRUE.
Action: <Option type="CONCLUDE" args="[0]" />
"""


def test_the_designs_example_is_written_as_it_stands() -> None:
    example = from_sentences(
        ["Every wumpus is a tumpus.", "Stella is a wumpus."], "Stella is a tumpus.", id="design"
    )
    options = prove(example.state, Verifier(example.facts, example.goal).decide)
    assert options == [Option("MODUS_PONENS", (1, 0)), Option(CONCLUDE, (0,))]
    assert example.prompt == write_prompt(example.premises, example.conclusion) == PROMPT
    assert write_steps(write_proof(example.state, options, example.say)) == PROOF


def test_the_designs_example_is_read() -> None:
    steps = read_steps(PROOF)
    assert [step.option for step in steps] == [Option("MODUS_PONENS", (1, 0)), Option(CONCLUDE, (0,))]
    assert [step.thought for step in steps] == [
        "Stella is a wumpus [1] and every wumpus is a tumpus [0], so Stella is a tumpus [2].",
        "to evaluate: Stella is a tumpus, Stella is a tumpus [2] holds, so the answer is TRUE.",
    ]


def test_a_prompt_has_one_full_stop_a_line() -> None:
    assert write_prompt([" Stella is small. ", "Max is red"], "Max is red..") == (
        "Premises:\n  Stella is small [0].\n  Max is red [1].\nConclusion to evaluate: Max is red.\nReasoning:\n"
    )


# Round trips

symbols = st.text(st.sampled_from("abzABZ019_-éß"), min_size=1, max_size=40).filter(
    lambda text: text.replace("_", "").replace("-", "") and not text[0].isdecimal()
)
options = st.builds(
    Option,
    st.sampled_from([*RULES, CONCLUDE]) | symbols,
    st.lists(st.integers(0, 10**40 - 1) | symbols | st.text(max_size=60), max_size=5).map(tuple),
)
thoughts = st.text(st.characters(exclude_characters="\n"), max_size=60)


@given(options)
def test_an_option_reads_back(option: Option) -> None:
    assert read_option(write_option(option)) == option


@pytest.mark.parametrize(
    "name", ["7", "007", "1984b", "Mt. Rainier", "a, b", "o'neil", "back\\\\slash", "]", "é" * 41, ""]
)
def test_a_constant_of_any_name_reads_back_as_that_constant(name: str) -> None:
    option = Option("UNIV_INSTANTIATION", (0, name))
    assert write_option(option).count("'") >= 2
    assert read_option(write_option(option)) == option == read_call(repr(option))


@given(st.lists(st.builds(Step, thoughts, options), max_size=5))
def test_steps_read_back(steps: list[Step]) -> None:
    assert read_steps(write_steps(steps)) == steps


LINES = [
    "Thought: x, so y",
    "Thought: ",
    "Action: ",
    'Action: <Option type="CONCLUDE" args="[0]" />',
    "",
    " ",
    "z",
    "\r",
]


@given(st.lists(st.sampled_from(LINES) | st.text(max_size=8), max_size=12).map("\n".join))
@settings(max_examples=300)
def test_spans_are_disjoint_in_order_and_hold_all_text_that_is_not_blank(text: str) -> None:
    at = 0
    for step in read_steps(text):
        assert step.span is not None
        begin, action, end = step.span
        assert at <= begin <= action <= end <= len(text) and begin < end
        assert not text[at:begin].strip("\n").strip()  # blank lines alone lie between steps
        (again,) = read_steps(text[begin:end])
        assert again == step
        if step.option is not None:
            assert text[action:end].startswith("Action: <Option ")
        assert text[begin:action] in ("", f"Thought: {step.thought}\n", f"Thought: {step.thought}")
        at = end
    assert not text[at:].strip()


def test_spans_of_a_well_formed_text_join_to_that_text() -> None:
    spans = [step.span for step in read_steps(CAREFUL)]
    assert "".join(CAREFUL[begin:end] for begin, _, end in spans) == CAREFUL
    assert [CAREFUL[action:end] for _, action, end in spans] == [
        f"{line}\n" for line in CAREFUL.split("\n") if line.startswith("Action")
    ]


def test_first_steps_cuts_after_a_step() -> None:
    lines = CAREFUL.splitlines(keepends=True)
    assert first_steps(CAREFUL, 1) == "".join(lines[:2])
    assert first_steps(CAREFUL, 2) == "".join(lines[:4])
    assert first_steps(CAREFUL, 3) == first_steps(CAREFUL, 9) == CAREFUL
    # A trace that goes on after its CONCLUDE is not cut to a valid one.
    assert first_steps(f"{CAREFUL}more", 3) == f"{CAREFUL}more"
    assert first_steps(f"{CAREFUL}{CAREFUL}", 3) == CAREFUL + "".join(lines[:2])


@given(st.lists(st.sampled_from(LINES), max_size=10).map("\n".join), st.integers(1, 5))
def test_first_steps_keeps_the_steps_and_no_other(text: str, count: int) -> None:
    kept, steps = first_steps(text, count), read_steps(text)
    last = steps[:count][-1].option if steps else None
    goes_on = last is not None and last.name == CONCLUDE  # one more is kept, to show that it does
    assert text.startswith(kept) and read_steps(kept) == steps[: count + goes_on]


# Form


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("", []),
        ("\n \n", []),
        ("Thought: x", [("x", None)]),
        ("Thought: x\nAction: y\n", [("x", None)]),
        ('Thought: x\nAction: <Option type="A" args="[]" />', [("x", Option("A", ()))]),
        ('Thought: x\n\nAction: <Option type="A" args="[]" />', [("x", None), ("ACTION", None)]),
        ('Action: <Option type="A" args="[]" />', [("ACTION", None)]),
        ('Thought:x\nAction: <Option type="A" args="[]" />', [("Thought:x\nACTION", None)]),
        ('thought: x\nAction: <Option type="A" args="[]" />', [("thought: x\nACTION", None)]),
        ("Thought: x\nThought: y", [("x", None), ("y", None)]),
        ("one\ntwo\n\nthree\nThought: x", [("one\ntwo\n\nthree", None), ("x", None)]),
    ],
)
def test_what_is_of_no_form_is_an_unparsed_step(text: str, steps: list[tuple[str, Option | None]]) -> None:
    action = 'Action: <Option type="A" args="[]" />'
    assert read_steps(text) == [Step(thought.replace("ACTION", action), option) for thought, option in steps]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "MODUS_PONENS(1, 0)",
        '<Option type="MODUS_PONENS" args="[1, 0]"/>',
        '<Option type="MODUS_PONENS" args="[1, 0, ]" />',
        '<Option type="MODUS_PONENS" args="[, 1]" />',
        '<Option type="MODUS_PONENS" args="[01, 0]" />',
        '<Option type="MODUS_PONENS" args="[1.0, 0]" />',
        '<Option type="MODUS_PONENS" args="[١, ٠]" />',
        '<Option type="MODUS_PONENS" args="1, 0" />',
        '<Option type="" args="[1, 0]" />',
        '<Option type="MODUS PONENS" args="[1, 0]" />',
        '<Option type="MODUS_PONENS" args="[the moon, 0]" />',
        '<Option type="MODUS_PONENS" args="[\'the moon, 0]" />',
        '<Option type="MODUS_PONENS" args="[\'the moon\' 0]" />',
        '<Option type="A" args="[1]" /><Option type="B" args="[1]" />',
        '<Option args="[1, 0]" type="MODUS_PONENS" />',
        f'<Option type="{"A" * 41}" args="[1]" />',
        f'<Option type="A" args="[{"1" * 41}]" />',
    ],
)
def test_an_action_that_is_not_of_the_form_is_no_option(text: str) -> None:
    assert read_option(text) is None


# Citations


@pytest.mark.parametrize(
    ("text", "sentence", "index"),
    [
        ("Stella is a wumpus [1].", "Stella is a wumpus", 1),
        (" Stella is a wumpus [12] ", "Stella is a wumpus", 12),
        ("Stella is a wumpus.", "Stella is a wumpus", None),
        ("Stella is a wumpus[1]", "Stella is a wumpus[1]", None),
        ("Stella is a wumpus [-1]", "Stella is a wumpus [-1]", None),
        ("Stella is a wumpus [x]", "Stella is a wumpus [x]", None),
        ("Stella is a wumpus [1] [2]", "Stella is a wumpus [1]", 2),
        (f"x [{'9' * 1000}]", f"x [{'9' * 1000}]", None),
        ("[1]", "[1]", None),
        ("", "", None),
    ],
)
def test_an_index_follows_the_sentence_it_names(text: str, sentence: str, index: int | None) -> None:
    assert split_citation(text) == (sentence, index)


def test_thoughts_cite_what_they_use_and_name_what_they_derive() -> None:
    here, say = problem().state, problem().say
    assert think(here, Option("MODUS_PONENS", (1, 0)), read("Stella is a tumpus"), say) == (
        "Stella is a wumpus [1] and every wumpus is a tumpus [0], so Stella is a tumpus [4]."
    )
    assert [think_conclusion(here, answer, say) for answer in Answer] == [
        "to evaluate: Stella is small, Stella is small holds, so the answer is TRUE.",
        "to evaluate: Stella is small, Stella is not small holds, so the answer is FALSE.",
        "to evaluate: Stella is small, neither follows nor its negation, so the answer is UNKNOWN.",
    ]


def test_a_formula_without_english_is_said_in_fol() -> None:
    say = say_with({"wumpus"})
    student = atom("Student", Constant("rina"))
    assert say(atom("wumpus", Constant("Stella"))) == "Stella is a wumpus"
    assert say(student) == "Student(rina)" and read_formula("Student(rina).") is student
    rule = Forall(Implies(atom("Student", Bound(0)), Not(atom("Late", Bound(0)))))
    assert read_formula(say(rule)) is rule


def test_what_is_no_formula_in_either_notation_is_refused_as_english() -> None:
    with pytest.raises(ReadError, match="controlled English"):
        read_formula("Stella is (a) (b")


# Hostile text


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_neither_raises_nor_hangs_nor_is_valid(text: str) -> None:
    started = time.process_time()
    checked = check(text)
    assert not checked.valid(None) and not checked.valid(Answer.FALSE)
    claiming = [v for v in checked.verdicts if v.option is None or v.option.name != CONCLUDE]
    assert not any(verdict.valid for verdict in claiming)
    assert len(first_steps(text, 3)) <= len(text)
    assert time.process_time() - started < 10


@given(st.binary(max_size=300).map(lambda data: data.decode("utf-8", errors="replace")) | st.text(max_size=200))
@settings(max_examples=200)
def test_no_noise_is_valid(noise: str) -> None:
    for text in (
        noise,
        f"Thought: {noise}\nAction: {noise}\n",
        f"Thought: x, so {noise}\n{CAREFUL.splitlines()[1]}\n",
    ):
        checked = check(text)
        assert not checked.valid(None)
        assert not any(verdict.valid for verdict in checked.verdicts)


def test_ten_thousand_valid_steps_are_checked() -> None:
    again = CAREFUL.splitlines(keepends=True)[0:2]
    text = "".join(again[0].replace("[4]", f"[{4 + index}]") + again[1] for index in range(10_000))
    started = time.process_time()
    checked = check(text)
    assert sum(verdict.valid for verdict in checked.verdicts) == 10_000 and not checked.valid(None)
    assert time.process_time() - started < 10


def test_conjunctions_that_double_at_every_step_are_refused() -> None:
    action = 'Thought: x\nAction: <Option type="AND_INTRO" args="[{0}, {0}]" />\n'
    checked = check("".join(action.format(index) for index in [0, *range(len(PREMISES), 10_000)]))
    # the first premise has 4 nodes, so 2^n of them under one ∧ have 4 * 2^n + 1: 257 for n = 6, then over MAX_SIZE
    assert sum(verdict.rejection is None for verdict in checked.verdicts) == 6


# The published wording


@needs_shared_data
def test_published_thoughts_are_read() -> None:
    rows = [json.loads(line) for line in PUBLISHED_TRACES.read_text(encoding="utf-8").splitlines()]
    steps = [step for row in rows for step in row["steps"]]
    for step in steps:
        option = read_option(step["action"])
        assert option == Option(step["option_type"], tuple(step["option_args"]))
    claims = [read_thought(step["thought"]).claim for step in steps if step["option_type"] != CONCLUDE]
    assert None not in claims and len(claims) > 300


def test_an_assumption_is_said_to_be_one() -> None:
    here, say = problem().state, problem().say
    thought = think(here, Option("ASSUME", ("goal", 0, 1)), read("Stella is not small"), say)
    assert thought == "assume that Stella is not small [4]."
    said = read_thought(thought, assumes=True)
    assert said.claim is read("Stella is not small") and said.number == 4
    assert read_thought(thought).refusal is Reason.NO_CLAIM


def test_state_lines_that_are_holes_are_not_cited() -> None:
    here = State([read("Stella is small")], read("Stella is red"))
    here.apply(None)
    thought = think(here, Option("MODUS_PONENS", (1, 0)), read("Stella is red"), say_with(()))
    assert thought == "Stella is small [0], so Stella is red [2]."
