"""The page as a file: what it holds, and what it refuses to be made of. test_browser.py opens it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from checkouts import GIT
from specimens import CAREFUL, SHORTCUT, problem

from sokrates.intervals import share
from sokrates.io.errors import InputError, UserError
from sokrates.report.page import write_run_page, write_traces_page
from sokrates.report.run_record import read_run_record

ROW = problem().to_json()


def data_of(page: str) -> dict[str, Any]:
    (block,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, flags=re.DOTALL)
    return json.loads(block)


def test_a_page_of_two_files(trace_file: Callable[..., Path], tmp_path: Path) -> None:
    one = trace_file("one.jsonl", {**ROW, "text": SHORTCUT}, {**ROW, "text": CAREFUL})
    two = trace_file("two.jsonl", {**ROW, "text": CAREFUL})
    write_traces_page([one, two], tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<title>SOKRATES: one, two</title>" in page
    assert "50.0 <small>9.5" in page  # one valid trace of two, with Wilson's interval
    data = data_of(page)
    assert data["groups"] == [["traces", "one"], ["traces", "two"]]
    assert len(data["problems"]) == 1 and [row[1] for row in data["traces"]] == [0, 0, 1]
    assert len(data["texts"]) == len(set(data["texts"]))


def test_files_that_label_a_problem_differently_keep_their_labels(
    trace_file: Callable[..., Path], tmp_path: Path
) -> None:
    labels = ("TRUE", None, "FALSE")
    files = [
        trace_file(f"{name}.jsonl", {**ROW, "label": label, "hops": 2 if label else None, "text": CAREFUL})
        for name, label in zip(("base", "none", "other"), labels, strict=True)
    ]
    write_traces_page([*files, trace_file("bad.jsonl", {**ROW, "text": SHORTCUT})], tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    data = data_of(page)
    said = [data["problems"][trace[0]][2:] for trace in data["traces"][:3]]
    true, false = (data["answers"].index(label) for label in ("TRUE", "FALSE"))
    assert said == [[true, 2], [true, 2], [false, 2]]  # the file without labels shares those of the first
    assert [trace[4] for trace in data["traces"][:3]] == [0, -1, 1]


def test_a_file_called_base_is_drawn_as_any_other(trace_file: Callable[..., Path], tmp_path: Path) -> None:
    write_traces_page([trace_file("base.jsonl", {**ROW, "text": SHORTCUT})], tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "No step was rejected" not in page


def test_nothing_that_a_model_wrote_can_end_the_data(trace_file: Callable[..., Path], tmp_path: Path) -> None:
    attack = "</script><!--<script><img src=x onerror=alert(1)>"
    file = trace_file("attack.jsonl", {**ROW, "id": attack, "text": f"Thought: {attack}, so {attack}\n"})
    write_traces_page([file], tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert attack not in page and page.count("</script>") == 2 and "<img" not in page
    assert attack in data_of(page)["texts"]


def test_probabilities_need_one_number_a_step(trace_file: Callable[..., Path], tmp_path: Path) -> None:
    for wrong in ([0.5], [0.5, 0.5, 2], [0.5, 0.5, "1"], "0.5"):
        file = trace_file("t.jsonl", {**ROW, "text": CAREFUL, "success_probability": wrong})
        with pytest.raises(InputError, match=r"t\.jsonl:1: `success_probability`"):
            write_traces_page([file], tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_what_cannot_be_shown_is_said(trace_file: Callable[..., Path], tmp_path: Path) -> None:
    empty, out = trace_file("empty.jsonl"), tmp_path / "page.html"
    with pytest.raises(InputError, match="there is no trace in this file"):
        write_traces_page([empty], out)
    with pytest.raises(UserError, match="named twice"):
        write_traces_page([empty, empty], out)
    with pytest.raises(UserError, match="is one of the files to read"):
        write_traces_page([trace_file("t.jsonl", {**ROW, "text": CAREFUL})], tmp_path / "t.jsonl")
    with pytest.raises(UserError, match="dvc repro evaluate"):
        write_run_page(tmp_path, out)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with a committed pipeline, params of which one has changed, and the record of one stage."""
    root = tmp_path / "checkout"
    root.mkdir()
    (root / "dvc.yaml").write_text("stages:\n  prepare: {}\n  sft: {}\n  report: {}\n")
    (root / "params.yaml").write_text("seed: 7\nproblems:\n  count: 9\ndpo:\n  beta: 0.1\n")
    subprocess.run([*GIT, "init", "-q"], cwd=root, check=True)
    subprocess.run([*GIT, "add", "-A"], cwd=root, check=True)
    subprocess.run([*GIT, "commit", "-qm", "first"], cwd=root, check=True)
    (root / "dvc.lock").write_text(
        "stages:\n  prepare:\n    params: {params.yaml: {seed: 7, problems.count: 9}}\n"
        "  sft:\n    params: {params.yaml: {seed: 7, dpo.beta: 0.3}}\n"
    )
    run = root / "runs/sft/2026-11-26T00-20-29.014559Z"
    run.mkdir(parents=True)
    summary = {"exit_status": 0, "traces": 14400, "tokens": 2920304, "seconds": 67.0, "peak_rss_mib": 1032.4}
    (run / "summary.json").write_text(json.dumps(summary))
    (run / "config.json").write_text(json.dumps({"seed": 7, "dpo": {"beta": 0.3}, "problems": {"count": 9}}))
    return root


def test_what_ran(checkout: Path) -> None:
    record = read_run_record(checkout)
    assert record.commit is not None and re.fullmatch("[0-9a-f]{10}", record.commit)
    assert record.params == {"dpo.beta": 0.3, "problems.count": 9, "seed": 7}
    assert record.changed == {"dpo.beta": (0.1, 0.3)}
    prepare, sft = record.stages
    assert (prepare.name, prepare.seconds, prepare.tokens) == ("prepare", None, None)
    assert (sft.started, sft.seconds, sft.tokens) == ("2026-11-26 00:20:29", 67.0, 2920304)
    assert sft.counts == ("14,400 traces",)


@pytest.mark.parametrize(
    ("config", "summary"),
    [
        ({"seed": 8, "dpo": {"beta": 0.3}, "problems": {"count": 9}}, {"exit_status": 0}),
        ({"seed": 7, "dpo": {"beta": 0.3}, "problems": {"count": 5}}, {"exit_status": 0}),
        ({"seed": 7, "dpo": {}}, {"exit_status": 0}),
        ({"seed": 7, "dpo": {"beta": 0.3}}, {"exit_status": 130}),
        ({"seed": 7, "dpo": {"beta": 0.3}}, None),
    ],
)
def test_a_later_run_with_other_params_or_without_an_end_is_not_shown(
    checkout: Path, config: dict[str, object], summary: dict[str, object] | None
) -> None:
    before = read_run_record(checkout).stages
    run = checkout / "runs/sft/2026-11-27T00-00-00.000000Z"
    run.mkdir()
    (run / "config.json").write_text(json.dumps(config))
    if summary is not None:
        (run / "summary.json").write_text(json.dumps({"seconds": 1.0, "peak_rss_mib": 1.0, **summary}))
    (run.parent / "latest").symlink_to(run.name)
    assert read_run_record(checkout).stages == before and before[1].seconds == 67.0


def test_a_run_whose_record_ends_in_the_middle_is_not_shown(checkout: Path) -> None:
    before = read_run_record(checkout).stages
    run = checkout / "runs/sft/2026-11-27T00-00-00.000000Z"
    run.mkdir()
    (run / "config.json").write_text('{"seed": 7')
    (run / "summary.json").write_text('{"exit_status": 0, "sec')
    assert read_run_record(checkout).stages == before


def test_outside_a_repository_nothing_is_claimed(checkout: Path) -> None:
    shutil.rmtree(checkout / ".git")
    record = read_run_record(checkout)
    assert record.commit is None and record.changed == {}


def test_the_page_of_a_run_says_what_ran(checkout: Path) -> None:
    folder = checkout / "data/evaluation/held_out"
    folder.mkdir(parents=True)
    for policy, text in (("iter1", CAREFUL), ("sft", SHORTCUT), ("base", "")):
        row = {**ROW, "text": text, "tokens": 40}
        (folder / f"{policy}.jsonl").write_text(json.dumps(row) + "\n")
    out = checkout / "reports/report.html"
    write_run_page(checkout, out)
    page = out.read_text(encoding="utf-8")
    assert [policy for _, policy in data_of(page)["groups"]] == ["base", "sft", "iter1"]
    assert "dpo.beta: 0.3" in page and "1 min 07 s" in page and "2,920,304" in page
    empty = re.findall(r'<figure id="chart-(\w+)"(?:(?!</figure>).)*Nothing to draw', page, flags=re.DOTALL)
    assert empty == ["error_classes", "reliability", "risk_coverage", "sft_loss", "dpo_loss"]
    write_run_page(checkout, out)
    assert out.read_text(encoding="utf-8") == page  # where nothing ran in between, no byte changes


def test_the_page_of_a_run_has_its_sets_by_name_after_the_held_out_one(checkout: Path) -> None:
    for name in ("zebra", "mm", "held_out", "a"):
        folder = checkout / "data/evaluation" / name
        folder.mkdir(parents=True)
        (folder / "sft.jsonl").write_text(json.dumps({**ROW, "text": CAREFUL}) + "\n")
    out = checkout / "report.html"
    write_run_page(checkout, out)
    groups = data_of(out.read_text(encoding="utf-8"))["groups"]
    assert [name for name, _ in groups] == ["held_out", "a", "mm", "zebra"]
    shutil.rmtree(checkout / "data/evaluation/held_out")
    with pytest.raises(UserError, match="no evaluated traces"):
        write_run_page(checkout, out)


def test_the_page_of_a_run_draws_its_classes_of_errors(checkout: Path) -> None:
    folder = checkout / "data/evaluation/held_out"
    folder.mkdir(parents=True)
    (folder / "sft.jsonl").write_text(json.dumps({**ROW, "text": SHORTCUT}) + "\n")
    (checkout / "metrics").mkdir()
    classes = {"steps": 2, "shares": {"wrong fact cited": share(1, 2), "stopped early": share(1, 2)}}
    figures = {"held_out": {"sft": {"error_classes": classes}, "base": {}}}
    (checkout / "metrics/evaluation.json").write_text(json.dumps(figures))
    out = checkout / "report.html"
    write_run_page(checkout, out)
    chart = re.search(
        r'<figure id="chart-error_classes"(.*?)</figure>', out.read_text(encoding="utf-8"), re.DOTALL
    )
    assert chart is not None and "wrong fact cited" in chart[1]
