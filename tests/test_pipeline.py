"""dvc.yaml against the code, and the whole pipeline on the smoke profile through real `dvc repro`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from checkouts import run_in
from imports import PACKAGE, ROOT, reachable, read_params

PLOTS = yaml.safe_load((ROOT / "dvc.yaml").read_text())["plots"]
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
NAMES = ["prepare", "sft", *(f"{kind}_iter{i}" for i in (1, 2, 3) for kind in ("traces", "dpo")), "evaluate"]


def script(stage: str) -> Path:
    return ROOT / Path(*STAGES[stage]["cmd"].split()[2].split(".")).with_suffix(".py")


def test_the_stages_are_the_nine_of_the_design() -> None:
    assert sorted(STAGES) == sorted(NAMES)


@pytest.mark.parametrize("stage", NAMES)
def test_deps_are_exactly_the_modules_that_the_script_reaches(stage: str) -> None:
    declared: set[str] = set()
    for dep in STAGES[stage]["deps"]:
        if dep.startswith("sokrates"):
            path = ROOT / dep
            files = path.glob("*.py") if path.is_dir() else [path]
            declared |= {str(file.relative_to(ROOT)) for file in files if file.name != "__init__.py"}
    assert declared == reachable(script(stage))
    assert str(script(stage).relative_to(ROOT)) in STAGES[stage]["deps"]


@pytest.mark.parametrize("stage", NAMES)
def test_params_are_exactly_those_that_the_script_reads(stage: str) -> None:
    assert sorted(STAGES[stage]["params"]) == sorted(read_params(script(stage)))


def test_package_inits_hold_text_alone() -> None:
    for init in PACKAGE.rglob("__init__.py"):
        source = init.read_text().strip()
        assert source.startswith('"""') and source.endswith('"""') and source.count('"""') == 2, init


def test_checking_a_proof_needs_neither_torch_nor_transformers() -> None:
    code = (
        "import sys, sokrates.problems.dataset, sokrates.proof.verify, sokrates.cli;"
        "sys.exit(bool({'torch', 'transformers', 'datasets'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def stages_to_run(folder: Path) -> set[str]:
    """The stages that `dvc repro` would run: those that DVC finds changed, and what follows from them."""
    found = set(json.loads(run_in(folder, "dvc", "status", "--json")))
    for name in NAMES:  # in the order of the pipeline
        made = {out for stage in found for out in STAGES[stage]["outs"] if isinstance(out, str)}
        if made & set(STAGES[name]["deps"]):
            found.add(name)
    return found


@pytest.mark.slow
def test_smoke_profile_runs_every_stage(clone: Path) -> None:
    figures = json.loads((clone / "metrics/evaluation.json").read_text())
    assert list(figures["held_out"]) == ["base", "iter1", "iter2", "iter3", "sft"]
    for policy, found in figures["held_out"].items():
        assert found["traces"] == 24, policy
        assert 0 <= found["accuracy"]["low"] <= found["accuracy"]["value"] <= found["accuracy"]["high"] <= 1
    assert set(figures["success_head"]) == {"sft", "iter1", "iter2"}
    prepared = json.loads((clone / "metrics/prepare.json").read_text())
    assert (prepared["train"], prepared["test"], prepared["left_out"]) == (270, 30, {})
    for stage in NAMES:
        summary = json.loads((clone / "runs" / stage / "latest/summary.json").read_text())
        assert summary["exit_status"] == 0
    assert not (clone / ".resume").exists() or not any((clone / ".resume").rglob("checkpoint-*"))


@pytest.mark.slow
def test_a_second_repro_runs_nothing(clone: Path) -> None:
    assert stages_to_run(clone) == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("params.yaml", "beta: 0.1", "beta: 0.3", set(NAMES[3:])),
        ("params.yaml", "logging_steps: ", "logging_steps: 1", set()),
        ("sokrates/evaluation/metrics.py", "from __future__", "# a comment\nfrom __future__", {"evaluate"}),
        ("sokrates/training/dpo.py", "from __future__", "# a comment\nfrom __future__", set(NAMES[3:])),
    ],
)
def test_only_what_a_change_affects_runs_again(
    clone: Path, file: str, old: str, new: str, expected: set[str]
) -> None:
    path = clone / file
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new, 1))
    try:
        assert stages_to_run(clone) == expected
    finally:
        path.write_text(before)


@pytest.mark.slow
def test_plots_are_drawn_without_a_network(clone: Path) -> None:
    run_in(clone, sys.executable, "-m", "sokrates.evaluation.render", "page", ".dvc/tmp/plots.html")
    run_in(clone, "dvc", "plots", "show")
    page = (clone / "dvc_plots/index.html").read_text()
    assert "<script src" not in page and page.count("vegaEmbed('#") == len(PLOTS) == 6
    run_in(clone, sys.executable, "-m", "sokrates.evaluation.render", "svg", "plots")
    assert "trace_validity" in (clone / "plots/rounds.svg").read_text()
