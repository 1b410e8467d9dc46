"""dvc.yaml against the code, and the whole pipeline on the smoke profile through real `dvc repro`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile

import grimp
import pytest
import yaml
from checkouts import run_in
from imports import PACKAGE, ROOT, reachable, read_params

from sokrates.data.generator import generate
from sokrates.data.gold import careful
from sokrates.proof.text import write_steps
from sokrates.proof.trace import Trace

PLOTS = yaml.safe_load((ROOT / "dvc.yaml").read_text())["plots"]
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
# A stage need not reach these of a package: the first two are for commands, the public names and the report; the
# report alone does not reach the third, and takes no time.
UNREACHED = {
    "sokrates/search/applicable.py",
    "sokrates/proof/explanation.py",
    "sokrates/search/exploring.py",
}
# Each may import what stands before it, and nothing that stands after.
ORDER = """io pipeline intervals logic proof search score metrics data policy sampling success_head strategies
training.common training.sft training.dpo evaluation certificates audit reward report ops api cli""".split()
ROUNDS = [f"{kind}_iter{number}" for number in (1, 2, 3) for kind in ("traces", "dpo")]
NAMES = ["prepare", "sft", *ROUNDS, "evaluate", "report"]


def script(stage: str) -> Path:
    return ROOT / Path(*STAGES[stage]["cmd"].split()[2].split(".")).with_suffix(".py")


def test_the_stages_are_the_ten_of_the_design() -> None:
    assert sorted(STAGES) == sorted(NAMES)


@pytest.mark.parametrize("stage", NAMES)
def test_deps_are_exactly_the_packages_that_the_script_reaches(stage: str) -> None:
    declared = {dep for dep in STAGES[stage]["deps"] if dep.startswith("sokrates")}
    assert declared == {unit(file) for file in reachable(script(stage))}
    assert str(script(stage).relative_to(ROOT)) in STAGES[stage]["deps"]


def unit(file: str) -> str:
    """What a stage depends on for a file of `sokrates/`: its package, or a root file itself."""
    path = Path(file)
    return file if path.parent == Path("sokrates") else str(path.parent)


@pytest.mark.parametrize("stage", NAMES)
def test_no_stage_depends_on_a_package_that_it_reaches_only_in_part(stage: str) -> None:
    reached = reachable(script(stage))
    for dep in filter(lambda dep: (ROOT / dep).is_dir(), {unit(file) for file in reached}):
        whole = {str(file.relative_to(ROOT)) for file in (ROOT / dep).glob("*.py")} - {f"{dep}/__init__.py"}
        assert whole - reached <= UNREACHED, f"{stage} reaches {dep} in part: cut the package elsewhere"


@pytest.mark.parametrize("stage", NAMES)
def test_params_are_exactly_those_that_the_script_reads(stage: str) -> None:
    assert sorted(STAGES[stage].get("params", [])) == sorted(read_params(script(stage)))


def test_imports_run_one_way() -> None:
    graph = grimp.build_graph("sokrates", cache_dir=None)
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            assert place(imported) <= place(module), f"{module} imports {imported}"


def place(module: str) -> int:
    """Where a module's package stands in ORDER; `sokrates` itself stands after all."""
    names = [name for name in ORDER if f"{module}.".startswith(f"sokrates.{name}.")]
    return ORDER.index(names[0]) if names else len(ORDER)


def test_logic_needs_nothing_of_ours_and_proof_only_logic_and_files() -> None:
    graph = grimp.build_graph("sokrates", cache_dir=None)
    for package, allowed in ("logic", {"logic"}), ("proof", {"logic", "proof", "io"}):
        for module in graph.find_descendants(f"sokrates.{package}"):
            imported = graph.find_modules_directly_imported_by(module)
            assert {name.split(".")[1] for name in imported} <= allowed, module


def test_package_inits_hold_text_alone() -> None:
    """All but the root's, which offers the public names and imports none of them until it is used."""
    for init in set(PACKAGE.rglob("__init__.py")) - {PACKAGE / "__init__.py"}:
        source = init.read_text().strip()
        assert source.startswith('"""') and source.endswith('"""') and source.count('"""') == 2, init


def test_checking_a_proof_needs_neither_torch_nor_transformers() -> None:
    code = (
        "import sys, sokrates.data.dataset, sokrates.proof.verify, sokrates.__main__;"
        "sys.exit(bool({'torch', 'transformers', 'datasets'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_verify_loads_no_library_that_it_does_not_use() -> None:
    """inflect and scipy take longer to import than checking a thousand traces does."""
    made = generate(40, hops=[2], ontologies=["real", "fictional"], distractors=1, unknown_share=0.0, seed=1)
    with NamedTemporaryFile("w", suffix=".jsonl") as file:
        for problem in made:
            file.write(json.dumps(Trace(problem, write_steps(careful(problem))).to_json()) + "\n")
        file.flush()
        code = (
            "import sys; from sokrates.__main__ import main; main(['verify', '--json', sys.argv[1]]);"
            "sys.exit(bool({'scipy', 'inflect', 'torch'} & set(sys.modules)))"
        )
        assert subprocess.run([sys.executable, "-c", code, file.name], cwd=ROOT).returncode == 0


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
    of_gold = prepared["gold_purposes"]
    assert (of_gold["repeats"]["value"], of_gold["restatements"]["value"]) == (0, 0)
    assert of_gold["needed_share"]["value"] <= 1 <= of_gold["length_ratio"]["value"]
    for stage in NAMES:
        summary = json.loads((clone / "runs" / stage / "latest/summary.json").read_text())
        assert summary["exit_status"] == 0
        assert ("tokens" in summary) == (stage not in ("prepare", "report")), stage
    assert not (clone / ".resume").exists() or not any((clone / ".resume").rglob("checkpoint-*"))


@pytest.fixture
def own(clone: Path, tmp_path: Path) -> Path:
    """A copy of the clone, for a test that changes more than it would put back."""
    return Path(shutil.copytree(clone, tmp_path / "own", symlinks=True))


@pytest.mark.slow
def test_extra_sets_are_evaluated_by_the_strategy_that_params_name(own: Path) -> None:
    seen, *_ = (own / "data/problems/train.jsonl").read_text().splitlines()
    long = {"premises": ["Max is red."] * 400, "conclusion": "Max is red.", "label": "TRUE"}
    examples = (own / "docs/examples/held_out.jsonl").read_text()
    (own / "mixed.jsonl").write_text(f"{examples}{seen}\n{json.dumps(long)}\n")
    (own / "seen.jsonl").write_text(f"{seen}\n")
    params = (own / "params.yaml").read_text()
    changed = params.replace("problems: 24 ", "problems: 2 ").replace(
        "strategy: greedy", "strategy: best-q-product"
    )
    (own / "params.yaml").write_text(changed.replace("extra: []", "extra: [mixed=jsonl:mixed.jsonl]"))
    run_in(own, sys.executable, "-m", "stages.evaluate")
    figures = json.loads((own / "metrics/evaluation.json").read_text())
    assert list(figures["left_out"]) == ["mixed"] and sorted(figures["left_out"]["mixed"].values()) == [1, 1]
    assert (own / "data/evaluation/mixed/iter3.jsonl").read_text().count("\n") == 3
    for policy, found in figures["mixed"].items():
        assert found["traces"] == 3
        strategy = None if policy == "base" else "best-q-product"
        assert (found.get("strategy"), found.get("candidates")) == (strategy, strategy and 4), policy
    (own / "params.yaml").write_text(changed.replace("extra: []", "extra: [seen=jsonl:seen.jsonl]"))
    with pytest.raises(AssertionError, match=r"evaluation\.extra: seen has no problem to evaluate: .* \(1\)"):
        run_in(own, sys.executable, "-m", "stages.evaluate")


@pytest.mark.slow
def test_a_second_repro_runs_nothing(clone: Path) -> None:
    assert stages_to_run(clone) == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("params.yaml", "beta: 0.1", "beta: 0.3", set(NAMES[3:])),
        ("params.yaml", "logging_steps: ", "logging_steps: 1", set()),
        (
            "sokrates/evaluation/report.py",
            "from __future__",
            "# a comment\nfrom __future__",
            {"evaluate", "report"},
        ),
        ("sokrates/report/charts.py", "from __future__", "# a comment\nfrom __future__", {"report"}),
        ("sokrates/training/dpo/train.py", "from __future__", "# a comment\nfrom __future__", set(NAMES[3:])),
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
def test_plots_are_drawn_without_a_network(own: Path) -> None:
    run_in(own, "dvc", "plots", "show")  # before set-up
    assert (own / "dvc_plots/index.html").read_text().count("vegaEmbed(") == len(PLOTS)
    run_in(own, sys.executable, "-m", "sokrates.ops.plots", "page", ".dvc/tmp/plots.html")
    run_in(own, "dvc", "config", "--local", "plots.html_template", "tmp/plots.html")
    run_in(own, "dvc", "plots", "show")
    page = (own / "dvc_plots/index.html").read_text()
    assert "<script src" not in page and page.count("vegaEmbed('#") == len(PLOTS) == 9
    run_in(own, sys.executable, "-m", "sokrates.ops.plots", "svg", "plots")
    assert "trace_validity" in (own / "plots/rounds.svg").read_text()
