"""Traces on disk: round trips, the published format, files written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specimens import CAREFUL, HOSTILE, SHORTCUT, problem

from sokrates.io.errors import InputError
from sokrates.io.files import read_json_lines, whole_file, write_json, write_json_lines
from sokrates.logic.answer import Answer
from sokrates.proof.option import Option
from sokrates.proof.problem import Problem, from_formulas, from_json
from sokrates.proof.text import Step
from sokrates.proof.trace import Trace, check_traces, problems_to_sample, read_traces, tally, trace_from_json

FORMULAS = ["Rain → Wet", 'Rain ∨ "a \\"b"(rex)']
FOL = from_formulas(["If it rains, it is wet", ""], "Is it?", FORMULAS, "Wet", id="fol")


# Problems and traces as JSON


@pytest.mark.parametrize("one", [problem(), problem(label=None), problem("Stella is red.", Answer.UNKNOWN), FOL])
def test_a_problem_reads_back(one: Problem) -> None:
    assert from_json(json.loads(json.dumps(one.to_json())), "") == one


def test_formulas_are_written_where_the_sentences_do_not_say_them() -> None:
    assert "premises_fol" not in problem().to_json()
    assert FOL.to_json()["premises_fol"] == FORMULAS


@pytest.mark.parametrize("label", ["TRUE", "true", "True", True])
def test_labels_in_any_spelling(label: object) -> None:
    row = {**problem().to_json(), "label": label}
    assert from_json(row, "").label is Answer.TRUE
    assert from_json({**row, "label": "Uncertain"}, "").label is Answer.UNKNOWN


def test_a_line_that_does_not_name_itself_is_named_by_its_place() -> None:
    row = {"premises": ["Stella is small."], "conclusion": "Stella is red."}
    assert from_json(row, "file:3").id == from_json(row, "file:3").case == "file:3"


TRACES = [
    Trace(problem(), CAREFUL, rationale="careful"),
    Trace(problem(), SHORTCUT, ended=False),
    Trace(FOL, ""),
    Trace(problem("Stella is red.", None), "no form\r\n\u2028\u0085 \ud800 \x00 🦉"),
]


def test_traces_read_back(tmp_path: Path) -> None:
    file = tmp_path / "traces.jsonl"
    assert write_json_lines(file, (trace.to_json() for trace in TRACES)) == 4
    assert list(read_traces(file)) == TRACES
    assert len(file.read_bytes().splitlines()) == 4


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_reads_back(tmp_path: Path, text: str) -> None:
    file = tmp_path / "traces.jsonl"
    write_json_lines(file, [Trace(problem(), text).to_json()])
    assert [trace.text for trace in read_traces(file)] == [text]


@given(st.text(st.characters()) | st.text(st.characters(categories=["Cs", "Cc", "Zl"])))
def test_any_text_reads_back(text: str) -> None:
    row = json.loads(json.dumps(Trace(problem(), text).to_json(), ensure_ascii=False))
    assert row["text"] == text


# Either format


def test_our_format_and_the_published_one_give_the_same_steps() -> None:
    ours = Trace(problem(), CAREFUL)
    lines = CAREFUL.splitlines()
    steps = [
        {
            "thought": thought.removeprefix("Thought: "),
            "action": action.removeprefix("Action: "),
            "solver_valid": True,
        }
        for thought, action in zip(lines[::2], lines[1::2], strict=True)
    ]
    published = {**problem().to_json(), "problem_id": "worked", "steps": steps}
    assert trace_from_json(ours.to_json(), "here:1") == trace_from_json(published, "here:1")
    assert trace_from_json(published, "here:1") == (problem(), ours.steps)


def test_published_steps_may_lack_fields_or_have_other_types() -> None:
    row = {
        **problem().to_json(),
        "steps": [{}, {"thought": 3, "action": None}, {"action": '<Option type="A" args="[]" />'}],
    }
    assert trace_from_json(row, "here:1")[1] == [Step("", None), Step("3", None), Step("", Option("A", ()))]


@pytest.mark.parametrize(
    "row",
    [
        3,
        None,
        [],
        {},
        {"premises": ["Stella is small."], "conclusion": "Stella is red."},
        {**problem().to_json(), "steps": "x"},
        {**problem().to_json(), "steps": ["x"]},
        {**problem().to_json(), "text": 3},
        {"premises": ["(("], "conclusion": "Stella is red.", "text": ""},
        {"premises": [], "conclusion": "Stella is red.", "text": "", "label": "maybe"},
    ],
)
def test_a_line_of_neither_format_is_refused_with_its_place(row: object) -> None:
    with pytest.raises(InputError, match=r"^here\.jsonl:7: "):
        trace_from_json(row, "here.jsonl:7")


def test_malformed_files_are_refused_with_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "traces.jsonl"
    good = json.dumps(TRACES[0].to_json())
    for bad in "{", "[" * 100_000, "3", '{"premises": [], "conclusion": "Stella is red."}', "\\ud800":
        file.write_text(f"{good}\n\n{bad}\n")
        with pytest.raises(InputError, match=r"traces\.jsonl:3: "):
            list(read_traces(file))
    file.write_bytes(b"\xff\xfe")
    for path in file, tmp_path / "missing.jsonl", tmp_path:
        with pytest.raises(InputError, match="cannot be read"):
            list(read_json_lines(path))


# Verdicts


def test_traces_are_tallied() -> None:
    traces = [Trace(problem(), CAREFUL), Trace(problem(), SHORTCUT), Trace(problem(), "")]
    assert tally(traces, check_traces(traces)) == {
        "traces": 3,
        "steps": 6,
        "right_answers": 2,
        "valid_steps": 4,
        "valid_traces": 1,
        "rejections": {"conclusion not derived": 1, "rule does not apply": 1},
    }


def test_each_trace_is_checked_against_its_own_problem() -> None:
    traces = [
        Trace(problem(), CAREFUL),
        Trace(problem("Stella is not small."), CAREFUL),
        Trace(problem(), CAREFUL),
    ]
    assert [checked.valid(None) for checked in check_traces(traces)] == [True, False, True]


# Whole files


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit, MemoryError])
@pytest.mark.parametrize("before", [None, "old\n"])
def test_a_file_is_written_whole_or_not_at_all(
    tmp_path: Path, error: type[BaseException], before: str | None
) -> None:
    file = tmp_path / "new" / "file.jsonl"
    if before:
        file.parent.mkdir()
        file.write_text(before)

    def rows() -> Iterator[dict[str, int]]:
        yield {"a": 1}
        raise error

    with pytest.raises(error):
        write_json_lines(file, rows())
    assert [path.name for path in file.parent.iterdir()] == (["file.jsonl"] if before else [])
    assert not before or file.read_text() == before


def test_a_value_that_is_no_json_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        write_json(tmp_path / "a.json", {"a": object()})
    assert not list(tmp_path.iterdir())


def test_a_file_takes_its_place_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    with whole_file(file) as out:
        out.write("x")
        assert not file.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_equal_values_are_equal_files(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"b": 1, "a": [2.5, "é"]})
    write_json(tmp_path / "b.json", {"a": [2.5, "é"], "b": 1})
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"a": [2.5, "é"], "b": 1}


def test_a_round_takes_the_next_problems_and_at_most_its_share_of_those_proved_by_some_traces() -> None:
    training = [replace(problem(), id=str(number)) for number in range(5)]
    outcomes = {0: (CAREFUL, CAREFUL), 1: (CAREFUL, SHORTCUT), 2: (SHORTCUT, SHORTCUT), 3: (SHORTCUT, CAREFUL)}
    before = [Trace(training[number], text) for number, texts in outcomes.items() for text in texts]

    def ids(number: int, share: float, count: int = 4) -> tuple[list[str], int]:
        problems, retried = problems_to_sample(training, number, count, before if number > 1 else [], share)
        return [one.id for one in problems], retried

    assert ids(1, 0.5) == (["0", "1", "2", "3"], 0)
    assert ids(2, 0.0) == (["4", "0", "1", "2"], 0)
    assert ids(2, 0.3) == (["1", "4", "0", "2"], 1)
    assert ids(2, 1.0) == (["1", "3", "4", "0"], 2)
    assert ids(1, 0.0, count=9) == (["0", "1", "2", "3", "4"], 0)  # a problem is sampled once a round
