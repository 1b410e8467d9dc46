"""The command as a user types it: figures, files, and one message with exit code 2 for what is wrong."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from checkouts import commit_work_tree, run_in
from shared_data import PUBLISHED_TRACES, needs_shared_data
from specimens import CAREFUL, PREMISES, SHORTCUT

from sokrates.success_head.head import Network, SuccessHead

ROOT = Path(__file__).parents[1]
AUDITING = (ROOT / "docs" / "auditing.md").read_text(encoding="utf-8")
PROBLEM = {"premises": PREMISES, "conclusion": "Stella is small.", "label": "FALSE"}


def sokrates(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sokrates", *map(str, arguments)]
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


@needs_shared_data
def test_the_page_on_auditing_shows_what_the_command_finds() -> None:
    found = json.loads(sokrates("verify", PUBLISHED_TRACES, "--json").stdout)
    section = AUDITING.partition("## The traces of the first SOKRATES\n")[2].partition("\n## ")[0]
    assert f"{found['traces']} traces, {found['steps']} steps, accuracy {found['accuracy']:.1%}" in section
    for reading in ("strict", "actions", "cited", "entailed"):
        counts = found[reading]
        shares = f"{counts['step_validity']:.1%} | {counts['valid_traces']} | {counts['trace_validity']:.1%}"
        assert f"| {reading} | {counts['valid_steps']} | {shares} |" in section
    rows = re.findall(r"^\| ([a-z ]+) \| (\d+) \|$", section, flags=re.MULTILINE)
    assert {reason: int(steps) for reason, steps in rows} == found["rejections"]
    published = [step for line in PUBLISHED_TRACES.open(encoding="utf-8") for step in json.loads(line)["steps"]]
    claimed = sum(step["solver_valid"] for step in published)
    assert f"calls {claimed} of the {len(published)} steps valid" in section


def test_the_line_that_the_page_on_auditing_shows_is_read(tmp_path: Path) -> None:
    (line,) = re.findall(r"```json\n(.*?)```", AUDITING, flags=re.DOTALL)
    found = json.loads(sokrates("verify", lines(tmp_path / "t.jsonl", json.loads(line)), "--json").stdout)
    assert (found["steps"], found["strict"]["valid_traces"]) == (2, 1)


def _many_traces(path: Path) -> Path:
    """More lines than a worker takes at once, of several kinds and lengths."""
    published = {**PROBLEM, "steps": [{"thought": "so Stella is red.", "action": "nothing"}] * 3}
    rows = [{**PROBLEM, "text": CAREFUL}, {**PROBLEM, "text": SHORTCUT}, published, {**PROBLEM, "text": ""}]
    return lines(path, *[{**rows[(i * i + i // 7) % 4], "number": i} for i in range(450)])


def test_workers_find_and_write_what_one_finds_and_writes(tmp_path: Path) -> None:
    file = _many_traces(tmp_path / "t.jsonl")
    alone = sokrates("verify", file, "--json", "--out", tmp_path / "1.jsonl")
    together = sokrates("verify", file, "--json", "--out", tmp_path / "3.jsonl", "--workers", 3)
    assert alone.returncode == together.returncode == 0, together.stderr
    assert alone.stdout == together.stdout
    assert (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "3.jsonl").read_bytes()
    written = [json.loads(line) for line in (tmp_path / "3.jsonl").read_text().splitlines()]
    assert [row["number"] for row in written] == list(range(450))


@pytest.mark.parametrize("workers", [1, 3])
def test_the_first_bad_line_is_named_and_nothing_written_whoever_checks(workers: int, tmp_path: Path) -> None:
    file, out = _many_traces(tmp_path / "t.jsonl"), tmp_path / "out.jsonl"
    content = file.read_bytes().splitlines()
    content[129], content[130], content[440] = b"{not json", b"\xff", b"[]"
    file.write_bytes(b"\n".join(content))
    done = sokrates("verify", file, "--out", out, "--workers", workers)
    assert done.returncode == 2
    assert "t.jsonl:130: not JSON" in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert sorted(tmp_path.iterdir()) == [file]


def test_an_interrupt_ends_the_workers_too_without_a_word_from_them(tmp_path: Path) -> None:
    line = json.dumps({**PROBLEM, "text": CAREFUL}).encode() + b"\n"
    command = [sys.executable, "-m", "sokrates", "verify", "/dev/stdin", "--workers", "2"]
    command += ["--out", str(tmp_path / "out.jsonl")]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        start_new_session=True,
        # What a shell starts in its background ignores interrupts, and so does what that starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdin and process.stderr
        process.stdin.write(line * 4000)  # many times what a pipe and the chunks in flight hold: it is at work
        process.stdin.flush()
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=30) == 130
        # to the end of the pipe, that is, until no process holds it open
        assert process.stderr.read() == b"sokrates: interrupted\n"
    assert list(tmp_path.iterdir()) == []


def test_the_entailed_reading_can_be_left_out(tmp_path: Path) -> None:
    file = lines(tmp_path / "t.jsonl", {**PROBLEM, "text": CAREFUL})
    found, shorter = (
        json.loads(sokrates("verify", file, "--json", *more).stdout) for more in ([], ["--no-entailed"])
    )
    left_out = ("cited", "entailed", "inconsistent_premises", "purposes")
    assert shorter == {**found, **dict.fromkeys(left_out)}
    assert re.search(r"entailed +│ +– +│ +– +│ +– +│ +–", sokrates("verify", file, "--no-entailed").stdout)


LABELLED: list[dict[str, Any]] = [
    PROBLEM,
    {**PROBLEM, "id": "mislabelled", "label": "TRUE"},
    {**PROBLEM, "conclusion": "Wherefore?"},
]


def test_label_prints_one_object(tmp_path: Path) -> None:
    done = sokrates("label", lines(tmp_path / "p.jsonl", *LABELLED), "--json")
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    wanted = {"problems": 3, "parsed": 2, "agree": 1, "disagree": 1, "undecided": 0, "inconsistent": 0}
    assert {key: found[key] for key in wanted} == wanted
    assert found["seconds"] >= 0
    assert found["disagreements"] == [{"id": "mislabelled", "label": "TRUE", "decision": "FALSE"}]


def test_label_lists_what_is_wrong_and_fails_for_what_it_leaves_out(tmp_path: Path) -> None:
    repaired = {
        "id": "repaired",
        "premises": ["p"],
        "conclusion": "q",
        "premises_fol": ["P(a)."],
        "conclusion_fol": "P(a)",
    }
    done = sokrates("label", lines(tmp_path / "p.jsonl", *LABELLED, repaired))
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith(
        "4 problems, 3 parsed: 1 agree, 1 disagree, 0 undecided, 0 inconsistent, 1 unlabelled"
    )
    assert (
        "  mislabelled  TRUE  FALSE\n" in done.stdout
        and "  repaired  1  a full stop at the end is dropped\n" in done.stdout
    )
    assert "p.jsonl:3" in done.stdout and "Wherefore?" in done.stdout


def test_label_by_closure(tmp_path: Path) -> None:
    found = json.loads(
        sokrates("label", lines(tmp_path / "p.jsonl", PROBLEM), "--json", "--semantics", "closure").stdout
    )
    assert (found["parsed"], found["agree"], found["left_out"]) == (1, 1, [])


def test_prove_follows_the_chains_of_a_file(tmp_path: Path) -> None:
    example = {
        "question": "Every wumpus is a tumpus. Tumpuses are not small. Stella is a wumpus.",
        "query": "True or false: Stella is small.",
        "chain_of_thought": [
            "Stella is a wumpus.",
            "Every wumpus is a tumpus.",
            "Stella is a tumpus.",
            "Tumpuses are not small.",
            "Stella is not small.",
        ],
        "answer": "False",
    }
    leap = {**example, "chain_of_thought": ["Stella is a wumpus.", "Stella is not small."]}
    file = tmp_path / "chains.json"
    file.write_text(json.dumps({"example1": {"test_example": example}, "example2": {"test_example": leap}}))
    done = sokrates("prove", file, "--chains", "--json")
    counts = json.loads(done.stdout)
    assert (counts["problems"], counts["proved"], counts["verified"], counts["agree"]) == (2, 1, 1, 1)
    assert "example2: sentence 2, 'Stella is not small.': it does not follow" in done.stderr
    assert json.loads(sokrates("prove", file, "--json").stdout)["proved"] == 2  # search does not read them


def test_prove_writes_traces_that_verify(tmp_path: Path) -> None:
    file, out = (
        lines(tmp_path / "p.jsonl", PROBLEM, {**PROBLEM, "conclusion": "Stella is red."}),
        tmp_path / "o.jsonl",
    )
    done = sokrates("prove", file, "--json", "--out", out)
    proved = {"problems": 2, "proved": 2, "verified": 2, "agree": 1, "differ": 1}
    assert json.loads(done.stdout) == {**proved, "inconsistent": 0, "unlabelled": 0, "left_out": 0}
    assert f"{file}:2: proved UNKNOWN; the label is FALSE" in done.stderr and done.returncode == 0
    shown = sokrates("prove", file)
    assert CAREFUL in shown.stdout and "the answer is UNKNOWN" in shown.stdout
    found = json.loads(sokrates("verify", out, "--json").stdout)
    assert found["strict"]["step_validity"] == 1.0


def test_prove_names_what_cannot_be_read_goes_on_and_fails(tmp_path: Path) -> None:
    file = lines(tmp_path / "p.jsonl", PROBLEM, {**PROBLEM, "conclusion": "Wherefore?"}, PROBLEM)
    done = sokrates("prove", file, "--json")
    counts = json.loads(done.stdout)
    assert (counts["problems"], counts["left_out"], counts["proved"], counts["verified"]) == (3, 1, 2, 2)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{file}:2: ") and "Wherefore?" in done.stderr


def test_prove_says_what_it_proved(tmp_path: Path) -> None:
    """A proof from a contradiction is no solved problem, whatever it proves."""
    contradiction = {"premises": ["a", "b"], "premises_fol": ["P(a).", "¬P(a)"]}
    rows = [
        {**PROBLEM, "id": "right"},
        {**PROBLEM, "id": "wrong", "label": "TRUE"},
        {key: value for key, value in PROBLEM.items() if key != "label"} | {"id": "open"},
        {**contradiction, "conclusion": "c", "conclusion_fol": "Q(b)", "id": "contradiction", "label": "TRUE"},
    ]
    file = lines(tmp_path / "p.jsonl", *rows)
    counts = json.loads(sokrates("prove", file, "--json").stdout)
    compared = {"agree": 1, "differ": 1, "inconsistent": 1, "unlabelled": 1}
    assert counts == {"problems": 4, "proved": 4, "verified": 4, **compared, "left_out": 0}
    done = sokrates("prove", file)
    assert [line for line in done.stdout.splitlines() if line.startswith("proved ")] == [
        "proved FALSE; the label agrees",
        "proved FALSE; the label is TRUE",
        "proved FALSE; there is no label",
        "proved TRUE; but the premises are inconsistent, and every answer follows from them",
    ]
    assert done.returncode == 0
    assert done.stderr.splitlines()[:2] == [
        "wrong: proved FALSE; the label is TRUE",
        "contradiction: repaired: a full stop at the end is dropped",
    ]


def test_options_lists_what_is_valid_after_others(tmp_path: Path) -> None:
    file = lines(tmp_path / "p.jsonl", PROBLEM)
    found = json.loads(sokrates("options", file, "--json").stdout)
    assert {"option": "MODUS_PONENS(1, 0)", "derives": "Stella is a tumpus"} in found
    assert "CONCLUDE(1)" not in {row["option"] for row in found}
    shown = sokrates("options", file, "--after", "MODUS_PONENS(1, 0)", "MODUS_PONENS(4, 2)").stdout
    assert "[5] Stella is not small" in shown and shown.rstrip().endswith("ends the proof")
    assert "\nCONCLUDE(1) " in shown
    for bad, message in {
        "MODUS_PONENS(0, 1)": 'is rejected: rule does not apply: line 1, "Stella is a wumpus", is not a rule',
        "CONCLUDE(1)": "ends the proof",
        "MODUS": "is not an option",
    }.items():
        done = sokrates("options", file, "--after", bad)
        assert done.returncode == 2 and message in done.stderr


def test_solve_shows_each_step_with_its_verdict(tmp_path: Path) -> None:
    file, out = lines(tmp_path / "p.jsonl", PROBLEM), tmp_path / "o.jsonl"
    done = sokrates("solve", "--model", "base/model", file, "--out", out, "--max-new-tokens", 40)
    assert done.returncode == 0, done.stderr
    assert "Conclusion to evaluate: Stella is small." in done.stdout and "Answer: " in done.stdout
    assert json.loads(out.read_text())["premises"] == PREMISES


def test_the_proofs_are_written_though_nobody_reads_the_rest_of_the_output(tmp_path: Path) -> None:
    file, out = lines(tmp_path / "p.jsonl", *[PROBLEM] * 3), tmp_path / "o.jsonl"
    solve = [sys.executable, "-m", "sokrates", "solve", "--model", "base/model", str(file)]
    command = [*solve, "--out", str(out), "--max-new-tokens", "40"]
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as nobody:
        done = subprocess.run(command, cwd=ROOT, stdout=nobody, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, "Error" in done.stderr) == (0, False), done.stderr
    assert len(out.read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--seed", "-1", "--strategy", "vote"], "--seed must be from 0 to 4294967295"),
        (
            ["--strategy", "best-q-product", "--success-head", "HEAD"],
            "reads 8 numbers a token, and this policy has 96: take the head that was trained with it",
        ),
    ],
)
def test_what_solve_refuses(tmp_path: Path, arguments: list[str], message: str) -> None:
    file, head = lines(tmp_path / "p.jsonl", PROBLEM), tmp_path / "head"
    SuccessHead(Network(8, 4), "step").save(head)
    named = [str(head) if word == "HEAD" else word for word in arguments]
    done = sokrates("solve", "--model", "base/model", file, *named)
    assert done.returncode == 2 and message in done.stderr, done.stderr


def test_verify_has_a_bound_on_workers_and_says_which_folder_is_shut(tmp_path: Path) -> None:
    file = lines(tmp_path / "t.jsonl", {**PROBLEM, "text": CAREFUL})
    done = sokrates("verify", file, "--workers", 3_000_000_000)
    assert done.returncode == 2 and "--workers must be from 1 to 1024" in done.stderr
    done = sokrates("verify", tmp_path / ("a" * 5_000))
    assert done.returncode == 2 and "cannot be read: File name too long" in done.stderr, done.stderr


def test_report_makes_a_page_and_show_prints_the_same_proofs(tmp_path: Path) -> None:
    file = lines(tmp_path / "t.jsonl", {**PROBLEM, "text": CAREFUL}, {**PROBLEM, "id": "short", "text": SHORTCUT})
    done = sokrates("report", file, "-o", tmp_path / "page.html")
    written = f"{tmp_path / 'page.html'} is written: open it in a browser\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, written, "")
    assert "Stella is a wumpus" in (tmp_path / "page.html").read_text()
    shown = sokrates("verify", file, "--no-entailed", "--show", 5).stdout
    assert shown.count("Conclusion to evaluate: Stella is small.") == 1  # the careful proof is valid
    assert "[5] ✗ Stella is a wumpus [1] and every tumpus is not small" in shown
    assert "rule does not apply: line 2" in shown and "Answer: FALSE, right; not a valid proof" in shown
    assert sokrates("verify", file, "--show", 5, "--json").returncode == 2


@pytest.mark.parametrize(
    ("command", "content", "message"),
    [
        ("verify", [{**PROBLEM, "text": ""}, "{not json"], "bad.jsonl:2: not JSON"),
        ("verify", [{**PROBLEM, "premises": ["Colorless green ideas."], "text": ""}], "bad.jsonl:1: "),
        ("verify", [PROBLEM], "bad.jsonl:1: a trace needs"),
        ("verify", [{"context": "Max is red.", "answer": "A"}], "bad.jsonl:1: a trace needs"),
        ("verify", [{**PROBLEM, "label": "MAYBE", "text": ""}], "bad.jsonl:1: `label` must be"),
        ("prove", [PROBLEM, "{not json"], "bad.jsonl:2: "),
        ("prove", [[1, 2]], "bad.jsonl[0]: matches none of the formats"),
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
        (["verify", "none.jsonl"], "sokrates: none.jsonl: cannot be read: No such file or directory\n"),
        (["prove", "docs"], "sokrates: docs: cannot be read: Is a directory\n"),
        (["solve", "--model", "data/none", "none.jsonl"], "none.jsonl: cannot be read"),
        (["solve", "--model", "data/none", "FILE"], "data/none: there is no such folder"),
        (["verify", "FILE", "--out", "."], "cannot be written"),
        (["verify", "FILE", "--workers", "0"], "--workers must be from 1 to 1024"),
        (["label", "none.jsonl"], "none.jsonl: cannot be read"),
        (["solve", "--model", "docs", "FILE"], "model docs: this folder holds no model"),
        (["verify", "FILE", "--show", "-1"], "--show must be at least 0"),
        (["solve", "--model", "base/model", "FILE", "--seed", "1"], "--seed: --strategy greedy does not use it"),
        (["solve", "--model", "base/model", "FILE", "--strategy", "step-q"], "step-q needs --success-head FOLDER"),
        (["verify", "/dev/null", "--show", "1"], "/dev/null: --show reads a file twice"),
        (["prove", "/dev/null", "--chains"], "/dev/null: --chains reads a file twice"),
        (["label", "FILE", "--solver", "cvc5"], "--solver begins with z3; cvc5 and eprover may follow"),
        (["options", "FILE", "--id", "nobody"], "there is no problem with the id nobody"),
        (["label", "FILE", "--semantics", "fuzzy"], "invalid choice"),
        (["frobnicate"], "invalid choice"),
        (["verify", "FILE", "--wrong"], "usage: sokrates verify"),
        (["verify", "FILE", "--out", "README.md/out.jsonl"], "README.md is a file, not a folder"),
        (["certify", "FILE", "--out", "README.md"], "README.md is a file, not a folder"),
        (["report", "FILE", "FILE", "-o", "none.html"], "p.jsonl is named twice"),
        (["solve", "--model", "data/policy/none", "FILE"], "none: there is no such folder: `dvc repro` trains"),
    ],
)
def test_wrong_arguments(arguments: list[str], message: str, tmp_path: Path) -> None:
    file = lines(tmp_path / "p.jsonl", {**PROBLEM, "text": CAREFUL})
    done = sokrates(*[file if argument == "FILE" else argument for argument in arguments])
    assert done.returncode == 2 and message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("content", ["", "\n\n"])
@pytest.mark.parametrize(
    ("command", "options", "kind"),
    [
        ("verify", ["--json"], "trace"),
        ("verify", ["--out", "OUT"], "trace"),
        ("report", ["--out", "OUT"], "trace"),
        ("certify", ["--out", "OUT"], "trace"),
        ("label", ["--json"], "problem"),
        ("prove", ["--out", "OUT"], "problem"),
        ("options", [], "problem"),
        ("solve", ["--model", "base/model", "--out", "OUT"], "problem"),
    ],
)
def test_a_file_without_rows_is_an_error(
    command: str, options: list[str], kind: str, content: str, tmp_path: Path
) -> None:
    file = tmp_path / "empty.jsonl"
    file.write_text(content)
    done = sokrates(command, file, *[tmp_path / "out" if option == "OUT" else option for option in options])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"sokrates: {file}: there is no {kind} in this file\n"
    assert list(tmp_path.iterdir()) == [file]


def test_counts_of_one_are_singular(tmp_path: Path) -> None:
    file = lines(tmp_path / "t.jsonl", {**PROBLEM, "text": CAREFUL})
    assert sokrates("verify", file, "--no-entailed").stdout.startswith("1 trace, 3 steps, accuracy 100.0%\n")
    certified = sokrates("certify", file, "--out", tmp_path / "coq").stdout
    assert certified == "1 trace, 1 certificate; 0 not strictly valid, 0 without counter-models\n"


def test_where_no_option_is_valid_that_is_said(tmp_path: Path) -> None:
    parts = " ∧ ".join(f"P{number}(x, y, z)" for number in range(600))  # too large to assume
    row = {"premises": [], "conclusion": "All.", "premises_fol": [], "conclusion_fol": f"∀x ∀y ∀z ({parts})"}
    assert sokrates("options", lines(tmp_path / "p.jsonl", row)).stdout.endswith("no option is valid here\n")


def test_options_stand_in_two_columns(tmp_path: Path) -> None:
    file = lines(tmp_path / "p.jsonl", PROBLEM)
    listed = json.loads(sokrates("options", file, "--json").stdout)
    rows = sokrates("options", file).stdout.partition("\n\n")[2].splitlines()
    width = max(len(option["option"]) for option in listed)
    assert [row[: width + 2].rstrip() for row in rows] == [option["option"] for option in listed]
    assert [row[width + 2 :] for row in rows] == [option["derives"] for option in listed]


def test_hostile_text_is_counted_and_not_obeyed(tmp_path: Path) -> None:
    file = lines(tmp_path / "t.jsonl", {**PROBLEM, "text": "\x1b[2J" + "(" * 1_000_000}, {**PROBLEM, "text": ""})
    found = json.loads(sokrates("verify", file, "--json").stdout)
    assert (found["traces"], found["steps"], found["strict"]["valid_steps"]) == (2, 1, 0)


@pytest.mark.parametrize("command", [[], ["verify"], ["label"], ["prove"], ["options"], ["solve"], ["report"]])
def test_help_explains(command: list[str]) -> None:
    done = sokrates(*command, "--help")
    assert done.returncode == 0 and "premises" in done.stdout


def test_version_is_the_packages() -> None:
    done = sokrates("--version")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert done.returncode == 0 and done.stdout == f"sokrates {project['version']}\n"


def test_push_says_what_it_lacks(tmp_path: Path) -> None:
    commit_work_tree(tmp_path)
    command = [sys.executable, "-m", "sokrates", "push"]

    def push() -> tuple[int, str, str]:
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    message = "sokrates: there is no remote to push to: `dvc remote add --default NAME URL` (docs/remote.md)\n"
    assert push() == (2, "", message)
    run_in(tmp_path, "dvc", "remote", "add", "--default", "store", str(tmp_path / "store"))
    assert push() == (
        2,
        "",
        "sokrates: no stage is up to date here, so there is nothing to push: `dvc repro` first\n",
    )
    assert not (tmp_path / "store").exists()
