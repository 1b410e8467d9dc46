"""The command as a user types it: figures, files, and one message with exit code 2 for what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from shared_data import PUBLISHED_TRACES, needs_shared_data
from specimens import CAREFUL, PREMISES, SHORTCUT

ROOT = Path(__file__).parents[1]
PROBLEM = {"premises": PREMISES, "conclusion": "Stella is small.", "label": "FALSE"}


def sokrates(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sokrates.cli", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows))
    return path


def test_verify_prints_the_object_that_is_promised(tmp_path: Path) -> None:
    file = lines(tmp_path / "t.jsonl", {**PROBLEM, "text": CAREFUL}, {**PROBLEM, "text": SHORTCUT})
    done = sokrates("verify", file, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["traces"], found["steps"], found["accuracy"]) == (2, 6, 1.0)
    # of the shortcut's three steps the first is valid; its claims are true all the same
    assert (
        found["strict"]
        == found["actions"]
        == {
            "valid_steps": 4,
            "step_validity": 4 / 6,
            "valid_traces": 1,
            "trace_validity": 0.5,
        }
    )
    assert (found["entailed"]["valid_steps"], found["entailed"]["valid_traces"]) == (6, 2)
    assert found["rejections"] == {"rule does not apply": 1, "conclusion not derived": 1}


def test_verify_writes_the_lines_back_with_a_reason_for_each_step(tmp_path: Path) -> None:
    file, out = lines(tmp_path / "t.jsonl", {**PROBLEM, "text": SHORTCUT, "mine": 3}), tmp_path / "out.jsonl"
    assert sokrates("verify", file, "--out", out).returncode == 0
    row = json.loads(out.read_text())
    assert row["mine"] == 3
    assert [verdict["reason"] for verdict in row["verdicts"]] == [
        None,
        "rule does not apply",
        "conclusion not derived",
    ]


@needs_shared_data
def test_published_samples_are_not_valid() -> None:
    found = json.loads(sokrates("verify", PUBLISHED_TRACES, "--json").stdout)
    assert found["traces"] == 10 and found["strict"]["valid_traces"] == 0
    assert found["strict"]["step_validity"] <= 0.01


def test_prove_writes_traces_that_verify(tmp_path: Path) -> None:
    file, out = (
        lines(tmp_path / "p.jsonl", PROBLEM, {**PROBLEM, "conclusion": "Stella is red."}),
        tmp_path / "o.jsonl",
    )
    done = sokrates("prove", file, "--json", "--out", out)
    assert json.loads(done.stdout) == {"problems": 2, "proved": 2, "verified": 2}
    shown = sokrates("prove", file)
    assert CAREFUL in shown.stdout and "the answer is UNKNOWN" in shown.stdout
    found = json.loads(sokrates("verify", out, "--json").stdout)
    assert found["strict"]["step_validity"] == 1.0


def test_solve_shows_each_step_with_its_verdict(tmp_path: Path) -> None:
    file, out = lines(tmp_path / "p.jsonl", PROBLEM), tmp_path / "o.jsonl"
    done = sokrates("solve", "--model", "base/model", file, "--out", out, "--max-new-tokens", 40)
    assert done.returncode == 0, done.stderr
    assert "Conclusion to evaluate: Stella is small." in done.stdout and "Answer: " in done.stdout
    assert json.loads(out.read_text())["premises"] == PREMISES


@pytest.mark.parametrize(
    ("command", "content", "message"),
    [
        ("verify", [{**PROBLEM, "text": ""}, "{not json"], "bad.jsonl:2: not JSON"),
        ("verify", [{**PROBLEM, "premises": ["Colorless green ideas."], "text": ""}], "bad.jsonl:1: "),
        ("verify", [PROBLEM], "bad.jsonl:1: a trace needs"),
        ("verify", [{**PROBLEM, "label": "MAYBE", "text": ""}], "bad.jsonl:1: `label` must be"),
        ("prove", [PROBLEM, {**PROBLEM, "conclusion": "Wherefore?"}], "bad.jsonl:2: "),
        ("prove", [[1, 2]], "bad.jsonl:1: of none of the formats"),
    ],
)
def test_bad_input_is_one_message_and_nothing_written(
    command: str, content: list[object], message: str, tmp_path: Path
) -> None:
    file, out = lines(tmp_path / "bad.jsonl", *content), tmp_path / "out.jsonl"
    done = sokrates(command, file, "--out", out)
    assert done.returncode == 2
    assert message in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert sorted(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verify", "none.jsonl"], "none.jsonl: cannot be read"),
        (["solve", "--model", "data/none", "none.jsonl"], "none.jsonl: cannot be read"),
        (["solve", "--model", "data/none", "FILE"], "data/none: there is no such folder"),
        (["verify", "FILE", "--out", "."], "cannot be written"),
        (["frobnicate"], "invalid choice"),
    ],
)
def test_wrong_arguments(arguments: list[str], message: str, tmp_path: Path) -> None:
    file = lines(tmp_path / "p.jsonl", {**PROBLEM, "text": CAREFUL})
    done = sokrates(*[file if argument == "FILE" else argument for argument in arguments])
    assert done.returncode == 2 and message in done.stderr
    assert "Traceback" not in done.stderr


def test_hostile_text_is_counted_and_not_obeyed(tmp_path: Path) -> None:
    file = lines(tmp_path / "t.jsonl", {**PROBLEM, "text": "\x1b[2J" + "(" * 1_000_000}, {**PROBLEM, "text": ""})
    found = json.loads(sokrates("verify", file, "--json").stdout)
    assert (found["traces"], found["steps"], found["strict"]["valid_steps"]) == (2, 1, 0)


@pytest.mark.parametrize("command", [[], ["verify"], ["prove"], ["solve"]])
def test_help_explains(command: list[str]) -> None:
    done = sokrates(*command, "--help")
    assert done.returncode == 0 and "premises" in done.stdout
