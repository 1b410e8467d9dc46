"""Sources: each format on files made by others and on small ones of the same schema, and malformed files."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from sys import modules
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_data import IS_PUBLISHED, PUBLISHED_TRACES, SHARED, needs_shared_data, problem_file
from specimens import problem

from sokrates.data.sources import FORMATS, LeftOut, read_chains, read_file, read_source
from sokrates.io.errors import InputError, UserError
from sokrates.logic import fol
from sokrates.logic.answer import Answer
from sokrates.pipeline.params import FILE_SOURCES, HUB_DATASETS
from sokrates.proof.problem import Problem, from_json, from_sentences
from sokrates.proof.trace import Trace
from sokrates.proof.verify import Verifier

PRONTOQA = {
    "example1": {
        "test_example": {
            "question": "Impuses are not sour. Each yumpus is an impus. Max is a yumpus.",
            "query": "True or false: Max is sour.",
            "chain_of_thought": [
                "Max is a yumpus.",
                "Each yumpus is an impus.",
                "Max is an impus.",
                "Impuses are not sour.",
                "Max is not sour.",
            ],
            "answer": "False",
        }
    }
}
PROVE = {
    "example1": {
        "test_example": {
            "question": "Every wumpus is small. Max is a wumpus.",
            "query": "Prove: Max is small.",
            "chain_of_thought": ["Max is a wumpus.", "Every wumpus is small.", "Max is small."],
        }
    }
}
LOGIC = [
    {
        "id": "ProntoQA_1",
        "context": "Jompuses are not shy. Max is a jompus.",
        "question": "Is the following statement true or false? Max is shy.",
        "options": ["A) True", "B) False"],
        "answer": "B",
        "explanation": ["Max is a jompus.", "Jompuses are not shy.", "Max is not shy."],
    }
]
PROOFWRITER = [
    {
        "id": "ProofWriter_1",
        "context": "Max is red. Max is not big.",
        "question": "Based on the above, is the following statement true, false, or unknown? Max is kind.",
        "options": ["A) True", "B) False", "C) Unknown"],
        "answer": "C",
    }
]


def logipt(id: str = "ProntoQA_train_hop-1_case-498_ic-0", answer: str = "A) True") -> dict[str, Any]:
    values = [
        "Task Description: ...\nContext:\nEach lempus is a jompus. Fae is a lempus.\n\nReasoning:",
        "Predicates: ...\nObtain a new implied fact: Jompus('Fae', True)",
        "Based on this, is the following comment true or false? Fae belongs to Jompuses.\n\nOptions: ...",
        f"Comparing the query with the facts, the correct option is: {answer}",
    ]
    turns = [{"from": "human" if place % 2 == 0 else "gpt", "value": value} for place, value in enumerate(values)]
    return {"id": id, "conversations": turns}


FOLIO_LISTS = {
    "premises": ["All dogs bark.", "Rex is a dog."],
    "premises-FOL": ["∀x (Dog(x) → Barks(x))", "Dog(rex)"],
    "conclusion": "Rex barks.",
    "conclusion-FOL": "Barks(rex)",
    "label": "True",
}
FOLIO_TEXT = {
    "story_id": 12,
    "example_id": 34,
    "premises": "All dogs bark.\nRex is a dog.\n",
    "premises-FOL": "∀x (Dog(x) → Barks(x))\nDog(rex)\n",
    "conclusion": "Rex does not bark.",
    "conclusion-FOL": "¬Barks(rex)",
    "label": "Uncertain",
}


ATTRIBUTES = {  # ProofWriter's schema, and that of RuleTaker's older files
    "id": "AttNoneg-OWA-D1-7",
    "theory": "Bob is cold. All cold people are rough.",
    "triples": {"triple1": {"text": "Bob is cold.", "representation": '("Bob" "is" "cold" "+")'}},
    "rules": {"rule1": {"text": "All cold people are rough.", "representation": "(…)"}},
    "questions": {
        "Q1": {"question": "Bob is rough.", "answer": True, "QDep": 1, "proofs": "[(…)]"},
        "Q2": {"question": "Bob is not cold.", "answer": False, "QDep": 0},
        "Q3": {"question": "Bob is big.", "answer": "Unknown", "QDep": 0},
    },
}
CLOSED_WORLD = {
    "id": "AttNoneg-D1-7",
    "context": "Bob is cold. All cold people are rough.",
    "questions": [
        {"id": "AttNoneg-D1-7-1", "text": "Bob is rough.", "label": True},
        {"id": "AttNoneg-D1-7-2", "text": "Bob is not rough.", "label": False},
        {"id": "AttNoneg-D1-7-3", "text": "Bob is big.", "label": False},
        {"id": "AttNoneg-D1-7-4", "text": "Bob is not big.", "label": True},
    ],
}
ASSERTION = {  # of RuleTaker's theory generator
    "json_class": "Example",
    "theory_assertion_instance": {"label": True},
    "english": {
        "theory_statements": ["Fiona is big.", "Fiona is green.", "If X is big and X is green then X is smart."],
        "assertion_statement": "Fiona is smart.",
    },
}
PROVERQA = {
    "id": 3,
    "context": "Ava runs. Ava runs or sleeps. If Ava runs, then she does not sleep.",
    "question": "Is the following statement true, false, or uncertain? Ava sleeps.",
    "options": ["A) True", "B) False", "C) Uncertain"],
    "answer": "B",
    "reasoning": "fact1: …",
    "nl2fol": {
        "If Ava runs, then she does not sleep.": "runs(Ava) → ¬sleeps(Ava)",
        "Ava runs.": "runs(Ava)",
        "Ava runs or sleeps.": "runs(Ava) ∨ sleeps(Ava)",
    },
    "conclusion_fol": "sleeps(Ava)",
}
PROGRAM = {  # of Logic-LM, by a model
    "id": "FOLIO_dev_0",
    "context": "All dogs bark. Rex is a dog.",
    "question": "Is the following statement true, false, or uncertain? Rex barks.",
    "options": ["A) True", "B) False", "C) Uncertain"],
    "answer": "A",
    "raw_logic_programs": [
        "Predicates:\nDog(x) ::: x is a dog.\nPremises:\n∀x (Dog(x) → Bark(x)) ::: All dogs bark.\n"
        "Dog(rex) ::: Rex is a dog.\nConclusion:\nBark(rex) ::: Rex barks."
    ],
}
GENERATIONS = [  # of LINC: a list for each problem
    [
        "TEXT:\tAll dogs bark.\nFOL:\tall x. (Dog(x) -> Bark(x))\nTEXT:\tRex is a dog.\nFOL:\tDog(Rex)\n"
        "TEXT:\tRex does not bark.\nFOL:\t-Bark(Rex)\n",
    ]
]


def write(folder: Path, name: str, content: Any) -> Path:
    """A .json file of the content, or a .jsonl file with a line for each of its rows."""
    file = folder / name
    rows = content if name.endswith(".jsonl") else [content]
    file.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return file


def read(file: Path, name: str | None = None) -> list[Problem]:
    found = list(read_file(file, name))
    assert not [one for one in found if isinstance(one, LeftOut)]
    return [one for one in found if isinstance(one, Problem)]


# Formats, by their first row or by name

CASES = [
    ("prontoqa", "a.json", PRONTOQA),
    ("prontoqa", "b.json", PROVE),
    ("logic_lm", "a.json", LOGIC),
    ("logic_lm", "b.json", PROOFWRITER),
    ("logipt", "a.jsonl", [logipt()]),
    ("logipt", "b.json", [logipt()]),
    ("folio", "a.jsonl", [FOLIO_LISTS]),
    ("folio", "b.jsonl", [FOLIO_TEXT]),
    ("folio", "c.json", [FOLIO_TEXT]),
    ("logic_lm", "c.json", [PROGRAM]),
    ("proofwriter", "a.json", [{**ATTRIBUTES, "questions": {"Q1": ATTRIBUTES["questions"]["Q1"]}}]),
    ("ruletaker", "a.jsonl", [ASSERTION]),
    ("proverqa", "a.json", [PROVERQA]),
    ("linc", "a.json", GENERATIONS),
    ("malls", "a.json", [{"NL": "Every dog barks.", "FOL": "∀x (Dog(x) → Barks(x))"}]),
    ("jsonl", "a.jsonl", [problem().to_json()]),
    ("jsonl", "b.jsonl", [Trace(problem(), "Thought: x").to_json()]),
]


@pytest.mark.parametrize(("name", "file", "content"), CASES)
def test_a_format_is_found_by_its_first_row(tmp_path: Path, name: str, file: str, content: Any) -> None:
    path = write(tmp_path, file, content)
    assert read(path) == read(path, name) == list(read_source(f"{name}:{path}"))
    assert len(read(path)) == 1


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("ruletaker", {key: ASSERTION[key] for key in ("theory_assertion_instance", "english")}),
        ("prontoqa", PRONTOQA["example1"]),
    ],
)
def test_a_row_of_objects_alone_in_its_file_is_a_row(tmp_path: Path, name: str, row: dict[str, Any]) -> None:
    """And no object of rows, of which each would be read by its own fields."""
    for file in (write(tmp_path, "a.jsonl", [row]), write(tmp_path, "a.json", row)):
        assert read(file) == read(file, name) and len(read(file)) == 1


def test_every_format_is_tried_here() -> None:
    assert {name for name, _, _ in CASES} == set(FORMATS) == {*HUB_DATASETS, *FILE_SOURCES}


def test_prontoqa(tmp_path: Path) -> None:
    (one,) = read(write(tmp_path, "a.json", PRONTOQA))
    assert one.premises == ("Impuses are not sour.", "Each yumpus is an impus.", "Max is a yumpus.")
    assert (one.conclusion, one.label, one.hops) == ("Max is sour.", Answer.FALSE, 2)
    (one,) = read(write(tmp_path, "a.json", PROVE))
    assert (one.conclusion, one.label, one.hops) == ("Max is small.", Answer.TRUE, None)


def test_logic_lm(tmp_path: Path) -> None:
    (one,) = read(write(tmp_path, "a.json", LOGIC))
    assert one.premises == ("Jompuses are not shy.", "Max is a jompus.")
    assert (one.id, one.conclusion, one.label, one.hops) == ("ProntoQA_1", "Max is shy.", Answer.FALSE, 1)
    (one,) = read(write(tmp_path, "a.json", PROOFWRITER))
    assert (one.conclusion, one.label, one.hops) == ("Max is kind.", Answer.UNKNOWN, None)


def test_questions_on_one_theory_are_a_case(tmp_path: Path) -> None:
    rows = [{**PROOFWRITER[0], "id": f"ProofWriter_{name}"} for name in ("D5-7_Q1", "D5-7_Q12", "D5-8_Q1")]
    assert [one.case for one in read(write(tmp_path, "a.json", rows))] == [
        "ProofWriter_D5-7",
        "ProofWriter_D5-7",
        "ProofWriter_D5-8",
    ]


def test_the_proofs_that_come_with_problems(tmp_path: Path) -> None:
    for content, conclusion in (PRONTOQA, "Max is not sour."), (LOGIC, "Max is not shy."):
        file = write(tmp_path, "a.json", content)
        ((name, chain),) = read_chains(file)
        assert name == read(file)[0].id
        assert chain[0] == f"Max is a {'yumpus' if content is PRONTOQA else 'jompus'}." and chain[-1] == conclusion
    assert list(read_chains(write(tmp_path, "b.json", PROOFWRITER))) == []
    with pytest.raises(InputError, match=r"a\.json: example7"):
        list(read_chains(write(tmp_path, "a.json", {"example7": {"test_example": None}})))


def test_logipt_and_its_cases(tmp_path: Path) -> None:
    other = logipt("ProntoQA_train_hop-1_case-498_ic-1", "B) False.")
    one, two, three = read(
        write(tmp_path, "a.jsonl", [logipt(), other, logipt("ProntoQA_test_hop-1_case-9_ic-0")])
    )
    assert one.premises == ("Each lempus is a jompus.", "Fae is a lempus.")
    assert (one.conclusion, one.label) == ("Fae belongs to Jompuses.", Answer.TRUE)
    assert two.label is Answer.FALSE
    assert one.case == two.case == "ProntoQA_train_hop-1_case-498" != three.case
    assert Verifier(one.facts, one.goal).decide().name == "TRUE"


@pytest.mark.parametrize(("row", "label"), [(FOLIO_LISTS, Answer.TRUE), (FOLIO_TEXT, Answer.UNKNOWN)])
def test_folio_in_either_schema(tmp_path: Path, row: dict[str, Any], label: Answer) -> None:
    (one,) = read(write(tmp_path, "a.jsonl", [row]))
    assert one.premises == ("All dogs bark: ∀x (Dog(x) → Barks(x))", "Rex is a dog: Dog(rex)")
    assert one.facts == tuple(fol.read(text).formula for text in FOLIO_LISTS["premises-FOL"])
    assert one.label is label
    assert from_json(one.to_json(), "") == one


def test_folio_stories_are_cases(tmp_path: Path) -> None:
    other = {**FOLIO_TEXT, "story_id": 13}
    cases = [one.case for one in read(write(tmp_path, "a.jsonl", [FOLIO_TEXT, FOLIO_TEXT, other]))]
    assert cases == ["folio 12", "folio 12", "folio 13"]
    changed = {**FOLIO_LISTS, "conclusion": "No.", "conclusion-FOL": "¬Dog(rex)"}
    without = [one.case for one in read(write(tmp_path, "a.jsonl", [FOLIO_LISTS, changed]))]
    assert len(set(without)) == 1


def test_folio_rows_whose_premises_do_not_line_up_show_formulas_alone(tmp_path: Path) -> None:
    crooked = [{**FOLIO_LISTS, "premises": [sentence]} for sentence in ("Dogs bark.", "Cats do not.")]
    one, other = read(write(tmp_path, "a.jsonl", crooked))
    assert one.premises == ("∀x (Dog(x) → Barks(x))", "Dog(rex)")
    assert one.case != other.case


def test_folio_rows_without_a_formula_for_the_conclusion_are_left_out(tmp_path: Path) -> None:
    row = {key: value for key, value in FOLIO_LISTS.items() if key != "conclusion-FOL"}
    (left,) = read_file(write(tmp_path, "a.jsonl", [row]))
    assert isinstance(left, LeftOut) and left.where.endswith("a.jsonl:1")


def test_a_sentence_of_no_form_is_left_out_with_its_place(tmp_path: Path) -> None:
    rows = [problem().to_json(), {"premises": ["Is it?"], "conclusion": "Stella is small."}]
    one, left = read_file(write(tmp_path, "a.jsonl", rows))
    assert isinstance(one, Problem) and isinstance(left, LeftOut)
    assert left.where.endswith("a.jsonl:2") and "Is it?" in left.why


def test_a_folder_is_read_in_order_of_name(tmp_path: Path) -> None:
    write(tmp_path, "b.jsonl", [FOLIO_LISTS])
    write(tmp_path, "a.jsonl", [FOLIO_TEXT])
    write(tmp_path, "notes.txt", "no problem")
    found = [one.label for one in read_source(f"folio:{tmp_path}") if isinstance(one, Problem)]
    assert found == [Answer.UNKNOWN, Answer.TRUE]


def test_proofwriters_questions_are_problems_of_one_case(tmp_path: Path) -> None:
    problems = read(write(tmp_path, "a.jsonl", [ATTRIBUTES]))
    assert [(one.id, one.label, one.hops) for one in problems] == [
        ("AttNoneg-OWA-D1-7_Q1", Answer.TRUE, 1),
        ("AttNoneg-OWA-D1-7_Q2", Answer.FALSE, 0),
        ("AttNoneg-OWA-D1-7_Q3", Answer.UNKNOWN, None),
    ]
    assert {one.premises for one in problems} == {("Bob is cold.", "All cold people are rough.")}
    assert {one.case for one in problems} == {"AttNoneg-OWA-D1-7"}
    for one in problems:
        assert one.label and Verifier(one.facts, one.goal).decide().name == one.label.name
    row = {key: ATTRIBUTES[key] for key in ("id", "theory")}  # as the hub has it
    (alone,) = read(
        write(tmp_path, "b.jsonl", [{**row, "question": "Bob is rough.", "answer": "True", "QDep": 1}])
    )
    assert (alone.premises, alone.label, alone.hops) == (problems[0].premises, Answer.TRUE, 1)


def test_proofwriters_rows_in_a_table_are_filled_up_with_null(tmp_path: Path) -> None:
    """As the hub's copies are, since every row of a table has the same fields."""
    row = {name: {**ATTRIBUTES[name], f"{name}9": None} for name in ("triples", "rules", "questions")}
    filled = [problem.prompt for problem in read(write(tmp_path, "a.jsonl", [{**ATTRIBUTES, **row}]))]
    assert filled == [problem.prompt for problem in read(write(tmp_path, "b.jsonl", [ATTRIBUTES]))]


def test_a_question_that_cannot_be_read_leaves_the_others(tmp_path: Path) -> None:
    questions = {"Q1": {"question": "Is Bob rough?", "answer": True}, "Q2": ATTRIBUTES["questions"]["Q1"]}
    left, one = read_file(write(tmp_path, "a.jsonl", [{**ATTRIBUTES, "questions": questions}]))
    assert isinstance(left, LeftOut) and left.where.endswith("a.jsonl:1_Q1") and isinstance(one, Problem)


def test_labels_of_a_closed_world_are_translated_or_left_out(tmp_path: Path) -> None:
    """What cannot be proved is false there, and unknown here; with a negation, its labels say something else."""
    problems = read(write(tmp_path, "a.jsonl", [CLOSED_WORLD]))
    assert [one.label for one in problems] == [Answer.TRUE, Answer.FALSE, Answer.UNKNOWN, Answer.UNKNOWN]
    for one in problems:
        assert one.label and Verifier(one.facts, one.goal).decide().name == one.label.name
    negative = {**CLOSED_WORLD, "context": "Bob is cold. If someone is not big then they are rough."}
    assert {one.label for one in read(write(tmp_path, "b.jsonl", [negative]))} == {None}
    questions = {name: {**row, "answer": row["answer"] is True} for name, row in ATTRIBUTES["questions"].items()}
    older = {**ATTRIBUTES, "id": "AttNoneg-CWA-D1-7", "questions": questions}
    labels = [one.label for one in read(write(tmp_path, "c.jsonl", [older]))]
    assert labels == [Answer.TRUE, Answer.FALSE, Answer.UNKNOWN]


def test_proverqa_has_the_order_of_its_context(tmp_path: Path) -> None:
    spaced = {f" {sentence} ": formula for sentence, formula in PROVERQA["nl2fol"].items()}
    (one,) = read(write(tmp_path, "a.json", [PROVERQA]))
    assert read(write(tmp_path, "b.json", [{**PROVERQA, "nl2fol": spaced}]))[0].facts == one.facts
    assert [premise.partition(": ")[0] for premise in one.premises] == [
        "Ava runs",
        "Ava runs or sleeps",
        "If Ava runs, then she does not sleep",
    ]
    assert one.label is Answer.FALSE and Verifier(one.facts, one.goal).decide().name == "FALSE"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"context": f"{PROVERQA['context']} Ava is tired."}, "a sentence without a formula"),
        ({"context": "Ava runs. Ava runs or sleeps."}, "not in the context"),
        ({"nl2fol": None}, "no formulas"),
        ({"conclusion_fol": ""}, "no formulas"),
    ],
)
def test_proverqa_without_a_formula_for_each_sentence_is_left_out(
    tmp_path: Path, change: dict[str, Any], why: str
) -> None:
    (left,) = read_file(write(tmp_path, "a.json", [{**PROVERQA, **change}]))
    assert isinstance(left, LeftOut) and why in left.why


def test_logic_lms_program_is_the_problem(tmp_path: Path) -> None:
    (one,) = read(write(tmp_path, "a.json", [PROGRAM]))
    assert one.premises == ("All dogs bark: ∀x (Dog(x) → Bark(x))", "Rex is a dog: Dog(rex)")
    assert (one.id, one.label) == ("FOLIO_dev_0", Answer.TRUE)
    (left,) = read_file(write(tmp_path, "b.json", [{**PROGRAM, "raw_logic_programs": ["Premises:\nDog(rex)"]}]))
    assert isinstance(left, LeftOut) and "one conclusion, not 0" in left.why


def test_lincs_generations_take_the_labels_beside_them(tmp_path: Path) -> None:
    without_formula = GENERATIONS[0][0].replace("FOL:\tDog(Rex)\n", "")  # a premise that must not be lost
    rows = [[*GENERATIONS[0], without_formula], GENERATIONS[0]]
    file = write(tmp_path, "gpt_folio_generations_raw.json", rows)
    assert [one.label for one in read(write(tmp_path, "b.json", GENERATIONS))] == [None]
    write(tmp_path, "gpt_folio_references.json", ["False", "Uncertain"])
    first, left, second = read_file(file)
    assert isinstance(first, Problem) and isinstance(left, LeftOut) and isinstance(second, Problem)
    assert (first.label, second.label) == (Answer.FALSE, Answer.UNKNOWN)
    assert first.facts == tuple(fol.read(text).formula for text in ("∀x (Dog(x) → Bark(x))", "Dog(Rex)"))
    assert first.goal is fol.read("¬Bark(Rex)").formula
    assert left.where.endswith("[0], generation 1")


@pytest.mark.parametrize(
    ("answer", "options"),
    [
        ("B", ["A) True", "B) False"]),
        ("b", ["A. True", "B. False."]),
        ("(B)", ["(A) True", "(B) False"]),
        ("False", ["A) True", "B) False"]),
        ("B. False", ["A) True", "B) False"]),
        (False, ["True", "False"]),
    ],
)
def test_an_answer_is_a_letter_or_text(tmp_path: Path, answer: Any, options: list[str]) -> None:
    (one,) = read(write(tmp_path, "a.json", [{**LOGIC[0], "answer": answer, "options": options}]))
    assert one.label is Answer.FALSE


def test_spaces_between_words_say_nothing(tmp_path: Path) -> None:
    row = {
        "premises": ["Every  wumpus is\ta tumpus .", " Stella is a wumpus."],
        "conclusion": "Stella is a  tumpus.",
    }
    (one,) = read(write(tmp_path, "a.jsonl", [row]))
    assert (
        one.premises[0] == "Every wumpus is a tumpus ." and Verifier(one.facts, one.goal).decide().name == "TRUE"
    )


@given(data=st.data())
def test_any_spaces_between_words_say_nothing(data: st.DataObject) -> None:
    spaces = st.text(" \t\n\u00a0\u2003", min_size=1, max_size=3)
    sentences = [
        "Every wumpus is not a tumpus.",
        "If something is red and cold then it is big.",
        "Rex is a wumpus.",
    ]
    spaced = ["".join(word + data.draw(spaces) for word in sentence.split()) for sentence in sentences]
    plain, read_back = (from_sentences(texts[:2], texts[2], id="") for texts in (sentences, spaced))
    assert (read_back.facts, read_back.goal) == (plain.facts, plain.goal)
    assert not any(character in text for text in read_back.premises for character in "\t\n\u00a0\u2003")


# Malformed


@pytest.mark.parametrize(
    ("file", "content", "place", "message"),
    [
        ("a.jsonl", [problem().to_json(), "{"], "a.jsonl:2", "not JSON"),
        ("a.jsonl", ["[" * 100_000], "a.jsonl:1", "not JSON"),
        ("a.jsonl", ["9" * 10_000], "a.jsonl:1", "not JSON|matches none of the formats"),
        ("a.jsonl", ["3"], "a.jsonl:1", "none of the formats"),
        ("a.jsonl", ["null"], "a.jsonl:1", "none of the formats"),
        ("a.jsonl", [{"text": "x"}], "a.jsonl:1", "none of the formats"),
        ("a.jsonl", [{"premises": "Stella is small.", "conclusion": "x"}], "a.jsonl:1", "`premises`"),
        ("a.jsonl", [{"premises": [3], "conclusion": "x"}], "a.jsonl:1", "`premises`"),
        ("a.jsonl", [{"premises": []}], "a.jsonl:1", "`conclusion`"),
        ("a.jsonl", [{"premises": [], "conclusion": "x", "label": "maybe"}], "a.jsonl:1", "`label`"),
        ("a.jsonl", [{"premises": [], "conclusion": "x", "label": {"a": 1}}], "a.jsonl:1", "`label`"),
        ("a.jsonl", [{"premises": ["x"], "conclusion": "x", "premises_fol": []}], "a.jsonl:1", "`premises_fol`"),
        ("a.jsonl", [problem().to_json(), "3"], "a.jsonl:2", "object"),
        ("a.jsonl", [logipt(), {**logipt(), "conversations": []}], "a.jsonl:2", "logipt|found"),
        ("a.jsonl", [logipt(answer="none")], "a.jsonl:1", "logipt|found"),
        ("a.jsonl", [{**FOLIO_LISTS, "label": "Maybe"}], "a.jsonl:1", "folio|found"),
        ("a.jsonl", [{**FOLIO_LISTS, "premises": None}], "a.jsonl:1", "folio|found"),
        ("a.json", {"id": 1, "text": "x"}, "a.json:1", "none of the formats"),
        (
            "a.jsonl",
            [{"id": "a", "triples": {}, "rules": {}}],
            "a.jsonl:1",
            "proofwriter.*`questions` is missing",
        ),
        ("a.json", [{**LOGIC[0], "options": None}], "a.json[0]", "format logic_lm.*another form"),
        ("a.json", [{**LOGIC[0], "answer": "Perhaps"}], "a.json[0]", "the answer is TRUE, FALSE or UNKNOWN"),
        ("a.json", [{**LOGIC[0], "answer": "A) False"}], "a.json[0]", "none of the options"),
        ("a.json", [{**LOGIC[0], "answer": "C"}], "a.json[0]", "logic_lm|found"),
        ("a.json", {"example7": {"test_example": {}}}, "a.json: example7", "prontoqa|found"),
        ("a.json", {"example7": {"test_example": None}}, "a.json: example7", "prontoqa|found"),
        ("a.json", "{", "a.json", "not JSON"),
        ("a.json", 3, "a.json:1", "none of the formats"),
        ("a.json", '"text"', "a.json:1", "none of the formats"),
    ],
)
def test_a_malformed_file_is_refused_with_its_place(
    tmp_path: Path, file: str, content: Any, place: str, message: str
) -> None:
    path = write(tmp_path, file, content)
    with pytest.raises(InputError, match=message) as raised:
        list(read_file(path))
    assert f"{tmp_path / place}:" in str(raised.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.jsonl").write_bytes(b'{"premises": ["Zo\xeb"]}')
    for file in (tmp_path / "missing.json", tmp_path / "latin.jsonl", tmp_path):
        with pytest.raises(InputError, match="cannot be read") as raised:
            list(read_file(file))
        assert str(file) in str(raised.value)


@pytest.mark.parametrize("spec", ["jsonl", "prontoqa", "nonsense", "nonsense:x.json", "generated"])
def test_a_source_that_does_not_say_enough_is_refused(spec: str) -> None:
    with pytest.raises(InputError, match=spec.partition(":")[0]):
        list(read_source(spec))


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no \.json or \.jsonl"):
        list(read_source(f"folio:{tmp_path}"))


# The hub


@pytest.mark.parametrize("name", ["logipt", "folio"])
def test_a_hub_out_of_reach_says_what_to_do(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def refuse(repository: str) -> None:
        raise OSError(f"gated: {repository}")

    monkeypatch.setitem(modules, "datasets", SimpleNamespace(load_dataset=refuse))
    with pytest.raises(InputError, match=rf"hf auth login.*{name}:PATH"):
        list(read_source(name))


def test_the_hubs_splits_are_read_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    splits = {"train": [FOLIO_LISTS], "validation": [FOLIO_TEXT]}
    monkeypatch.setitem(modules, "datasets", SimpleNamespace(load_dataset=lambda repository: splits))
    found = [one.id for one in read_source("folio") if isinstance(one, Problem)]
    assert found == ["yale-nlp/FOLIO/train: 0", "yale-nlp/FOLIO/validation: 0"]


def test_one_split_of_the_hub_is_read_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    splits = {"train": [FOLIO_LISTS], "validation": [FOLIO_TEXT]}
    monkeypatch.setitem(modules, "datasets", SimpleNamespace(load_dataset=lambda repository: splits))
    assert [one.id for one in read_source("folio@validation")] == ["yale-nlp/FOLIO/validation: 0"]
    with pytest.raises(UserError, match="yale-nlp/FOLIO has no split 'dev'; it has train, validation") as error:
        list(read_source("folio@dev"))
    assert not isinstance(error.value, InputError)  # which `prepare` takes for a hub out of reach
    for wrong in "folio@", "prontoqa@train", "folio@train:rows.json":
        with pytest.raises(InputError, match="source"):
            list(read_source(wrong))


def test_logipts_other_datasets_are_left_out_and_counted_alike(tmp_path: Path) -> None:
    other = logipt()
    other["conversations"][2]["value"] = "Is the following statement true, false, or unknown? Fae is kind."
    found = list(read_file(write(tmp_path, "a.json", [logipt(), other, other])))
    assert [type(one) for one in found] == [Problem, LeftOut, LeftOut]
    reasons = {one.reason for one in found if isinstance(one, LeftOut)}
    assert reasons == {"not a question of PrOntoQA, true or false"}


def test_a_logic_lm_row_may_hold_null_and_ask_without_a_question(tmp_path: Path) -> None:
    row = {**PROOFWRITER[0], "explanation": None, "raw_logic_programs": [], "question": "Max is kind."}
    (one,) = read(write(tmp_path, "a.json", [row]))
    assert (one.conclusion, one.hops) == ("Max is kind.", None)


def test_a_malformed_row_of_the_hub_is_left_out_and_of_a_file_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rows = [FOLIO_LISTS, {**FOLIO_LISTS, "label": "Perhaps"}, {"premises": []}, FOLIO_TEXT]
    monkeypatch.setitem(modules, "datasets", SimpleNamespace(load_dataset=lambda repository: {"train": rows}))
    found = list(read_source("folio"))
    assert [type(one) for one in found] == [Problem, LeftOut, LeftOut, Problem]
    assert isinstance(found[1], LeftOut) and found[1].where == "yale-nlp/FOLIO/train: 1"
    assert "not a row of the format folio" in found[1].why
    (tmp_path / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    with pytest.raises(InputError, match=r"rows\.json\[1\]: not a row of the format"):
        list(read_source(f"folio:{tmp_path / 'rows.json'}"))


# Files made by others


def counts(path: str) -> Counter[str]:
    found = Counter(type(one).__name__ for one in read_file(SHARED / path))
    return found


@pytest.mark.parametrize(
    ("path", "count"),
    [
        *((f"prontoqa/fictional_{hops}hop.json", 200) for hops in range(1, 6)),
        *((f"prontoqa/false_{hops}hop.json", 40) for hops in range(1, 4)),
        ("prontoqa/logic_lm_dev_first250.json", 250),
    ],
)
def test_all_of_prontoqa_is_read_and_its_labels_are_the_solvers(path: str, count: int) -> None:
    problems = read(problem_file(path))
    assert len(problems) == count
    for one in problems[:: 1 if count == 40 else 10]:
        assert one.label and Verifier(one.facts, one.goal).decide().name == one.label.name
    if "hop" in path:
        assert {one.hops for one in problems} == {int(path.partition("hop")[0][-1])}


@needs_shared_data
def test_folios_rows_are_read_or_left_out() -> None:
    validation = counts("folio/folio-validation-v0.0-sample.jsonl")
    assert validation.total() == 65 and validation["Problem"] >= 60
    assert counts("folio/folio-train-v0.0.jsonl") == {"LeftOut": 1004}  # no formula for any conclusion


@needs_shared_data
def test_proofwriters_labels_are_the_solvers_where_they_are_classical() -> None:
    """ProofWriter labels by forward chaining on literals; classical logic knows more of some Unknowns."""
    problems = read(SHARED / "proofwriter/logic_lm_dev.json")
    assert len(problems) == 600 and len({one.case for one in problems}) == 345
    assert len({one.premises for one in problems}) == 345
    agreed = Counter[str]()
    for one in problems:
        assert one.label
        decision = Verifier(one.facts, one.goal).decide().name
        agreed[one.label.name] += decision == one.label.name
        assert decision in (one.label.name, "INCONSISTENT") or one.label is Answer.UNKNOWN
    assert agreed == {"TRUE": 200, "FALSE": 199, "UNKNOWN": 186}


@pytest.mark.parametrize(
    ("name", "count", "inconsistent"),
    [
        *((f"{rule}_{hops}hop", 100, 0) for rule in ("AndElim", "AndIntro", "OrIntro") for hops in (2, 3)),
        *((f"{rule}_1hop_width{width}", 50, 0) for rule in ("OrElim", "ProofByContra") for width in (2, 3)),
        ("Composed_2hop", 100, 5),
        ("Composed_3hop", 100, 2),
        ("Composed_4hop", 100, 2),
    ],
)
def test_prontoqa_oods_queries_follow_unless_the_premises_are_inconsistent(
    name: str, count: int, inconsistent: int
) -> None:
    problems = read(problem_file(f"prontoqa_ood/{name}.json"))
    if not IS_PUBLISHED:
        inconsistent = 0
    assert len(problems) == count and {one.label for one in problems} == {Answer.TRUE}
    assert {one.hops for one in problems} == {None}  # the proof has any shape: its depth is search's
    decisions = Counter(Verifier(one.facts, one.goal).decide().name for one in problems)
    assert decisions == Counter(TRUE=count - inconsistent, INCONSISTENT=inconsistent)


@needs_shared_data
def test_traces_are_a_source_of_their_problems() -> None:
    problems = read(PUBLISHED_TRACES)
    assert len(problems) == 10 and all(one.id.startswith("ProntoQA_train") for one in problems)
