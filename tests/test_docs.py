"""What the documentation says is so: commands run, examples print what is shown, links and paths exist.

A shell block marked `sh` runs in a fresh clone. One with a second word (`sh trains`, `sh docker`, `sh dvc`) would
train, or needs a container or a remote: its commands are compared with the Makefile, params.yaml, compose.yaml and
the parsers.
"""

from __future__ import annotations

import html
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest
import yaml
from checkouts import commit_work_tree, run_in
from dvc.cli.parser import get_main_parser

import sokrates
from sokrates import __main__ as command_line
from sokrates.pipeline import params as settings
from sokrates.proof.kernel import RULES
from sokrates.proof.text import CONCLUDE

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").glob("*.md")), ROOT / "benchmarks/README.md"]
PAGES += [ROOT / "data/raw/README.md"]
README = (ROOT / "README.md").read_text(encoding="utf-8")
AUDITING = (ROOT / "docs/auditing.md").read_text(encoding="utf-8")
LANGUAGE = (ROOT / "docs/language.md").read_text(encoding="utf-8")
LANGUAGES = {"python", "json", "text", "sh", "coq"}
BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)


def commands(*, run: bool) -> list[tuple[str, str]]:
    """Each command of the shell blocks that are run, or of those that are not, with its page."""
    return [
        (page.name, command)
        for page in PAGES
        for info, block in BLOCK.findall(page.read_text(encoding="utf-8"))
        if info.startswith("sh") and (info == "sh") is run
        for line in block.splitlines()
        if (command := re.split(r"\s{2,}#", line)[0].strip())
    ]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    commit_work_tree(folder)
    return folder


def test_every_block_says_what_it_is() -> None:
    """A shell command in a block without a language would not be tested."""
    for page in PAGES:
        for info, _ in BLOCK.findall(page.read_text(encoding="utf-8")):
            assert info.partition(" ")[0] in LANGUAGES, f"{page.name}: a block of {info or 'no language'}"


@pytest.mark.parametrize("page", sorted({page for page, _ in commands(run=True)}))
def test_the_commands_of_a_page_run_in_a_fresh_clone_one_after_the_other(page: str, tmp_path: Path) -> None:
    commit_work_tree(tmp_path)
    for command in (command for name, command in commands(run=True) if name == page):
        if command == "source .venv/bin/activate":
            continue  # the tests run inside the environment already
        words = shlex.split(command)
        if words[0] == "sokrates":  # as the clone has it, not as it is installed
            words = [sys.executable, "-m", *words]
        if "solve" in words:
            words += ["--max-new-tokens", "20"]  # the base model is not trained to end its proofs
        run_in(tmp_path, *words, PYTHONPATH=str(tmp_path))


@pytest.mark.parametrize(("page", "command"), commands(run=False))
def test_the_command_that_is_not_run_exists(page: str, command: str) -> None:
    name, *words = [word for word in shlex.split(command) if not re.match(r"[A-Z_]+=\S+$", word)]
    if name == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
        assert {word for word in words if "=" not in word} <= set(targets)
    elif name == "dvc":
        arguments = get_main_parser().parse_args(words)
        for change in getattr(arguments, "set_param", None) or []:
            key, _, value = change.partition("=")
            params = yaml.safe_load((ROOT / "params.yaml").read_text())
            section = params
            for part in key.split(".")[:-1]:
                section = section[part]
            assert key.split(".")[-1] in section, f"params.yaml has no {key}"
            section[key.split(".")[-1]] = yaml.safe_load(value)
            settings.Params.model_validate(params)
    elif name == "python":
        assert words[:2] == ["-m", "pytest"] or (ROOT / words[0]).is_file()
        for word in words[2:]:
            is_own = word.startswith("data/raw/")  # the user's
            assert word.startswith("-") or word == "not slow" or is_own or (ROOT / word).exists(), word
    elif name == "docker" and words[0] == "compose":
        service, *inner = words[words.index("--rm") + 1 :]
        assert service in yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
        assert inner == ["dvc", "repro"]
    elif name == "docker":
        assert words[0] == "run" and words[words.index("sokrates") :] == ["sokrates", "dvc", "repro"]
    elif name == "export":
        assert words[0].partition("=")[0] in (ROOT / "compose.yaml").read_text()
    elif name == "sokrates":
        command_line.parser().parse_args(words)
    else:
        assert name in ("source", "pre-commit"), f"nothing here checks `{command}`"


def test_readmes_proof_gets_the_verdicts_that_it_shows() -> None:
    """One step is valid, the next is not, and both say what a person needs to see that."""
    (code,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    shown = README.partition("```python")[2].partition("```text\n")[2].partition("```")[0]
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == shown, done.stderr
    assert [line[0] for line in shown.splitlines() if line[0] in "✓✗"] == ["✓", "✗", "✗"]


def test_the_page_on_auditing_shows_what_the_command_prints(checkout: Path) -> None:
    command = (sys.executable, "-m", "sokrates", "verify", "docs/examples/traces.jsonl", "--json")
    report = json.loads(run_in(checkout, *command, PYTHONPATH=str(checkout)))
    section = AUDITING.partition("## What it finds\n")[2].partition("\n## ")[0]
    assert f"{report['traces']} traces, {report['steps']} steps, accuracy {report['accuracy']:.1%}" in section
    for reading in ("strict", "actions", "cited", "entailed"):
        counts = report[reading]
        shares = f"{counts['step_validity']:.1%} | {counts['valid_traces']} | {counts['trace_validity']:.1%}"
        assert f"| {reading} | {counts['valid_steps']} | {shares} |" in section
    rows = re.findall(r"^\| ([a-z ]+) \| (\d+) \|$", section, flags=re.MULTILINE)
    assert {name: int(steps) for name, steps in rows} == report["rejections"] | report["claims"]
    purposes = re.findall(r"^\| ([a-z ]+) \| (\d+) \| [\d.]+% \|$", section, flags=re.MULTILINE)
    assert {name: int(steps) for name, steps in purposes} == report["purposes"]["steps"]
    needed, length = (report["purposes"][name] for name in ("needed_share", "length_ratio"))
    assert f"needed share: {needed['value']:.1%} [{needed['low']:.1%}, {needed['high']:.1%}] of" in section
    assert length["low"] == length["high"]  # there is one proof
    assert f"have {length['value']:.2f} times" in section
    (explanation,) = re.findall(r"```text\n(.*)\n```", section)
    run_in(checkout, *command[:-1], "--out", "explained.jsonl", PYTHONPATH=str(checkout))
    written = [json.loads(line) for line in (checkout / "explained.jsonl").read_text().splitlines()]
    (shortcut,) = (row for row in written if row["id"] == "shortcut")
    assert shortcut["verdicts"][1]["explanation"] == explanation


def test_the_page_on_the_language_has_every_option_with_an_example_that_holds() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)\((.*?)\)` \| .* \| (.*) \|$", LANGUAGE, flags=re.MULTILINE)
    assert [name for name, _, _ in rows] == [*RULES, CONCLUDE]
    for name, arguments, example in rows[:-1]:
        fixed = [argument for argument in arguments.split(", ") if argument != "…"]
        more = (fixed[-1] != arguments.split(", ")[-1]) and RULES[name].more
        assert len(fixed) == len(RULES[name].kinds) + (name == "ASSUME"), name  # which has `c, …`
        assert more is (RULES[name].more or False), name
        premises, _, rest = example.partition(": ")
        *options, derived = re.findall(r"`([^`]+)`", rest)
        problem = sokrates.problem(re.findall(r"`([^`]+)`", premises), "¬P(a)")
        *lines, _answer = str(sokrates.verify(problem, options)).splitlines()
        assert all(line.startswith("✓ ") for line in lines), name
        assert lines[-1] == f"✓ {options[-1]} derives {derived}"
    assert rows[-1][2] == "`P(a)`: `CONCLUDE(1)`"
    assert sokrates.verify(sokrates.problem(["P(a)"], "¬P(a)", label="FALSE"), ["CONCLUDE(1)"]).valid


def test_the_page_on_the_language_shows_sentences_and_thoughts_that_are_read() -> None:
    section = LANGUAGE.partition("## Sentences\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\|.*\| (.*) \|$", section, flags=re.MULTILINE)
    sentences = re.findall(r"[A-Z][^.|]*\.", " ".join(cells))
    assert len(sentences) == 7
    for formula in [*sentences, *re.findall(r"`((?:∀|forall).*?)`", section)]:
        sokrates.problem([], formula)
    for refused in "A and B or C", "not A and B":
        assert f"`{refused}`" in section
        with pytest.raises(sokrates.ReadError):
            sokrates.problem([], f"Max is {refused.replace('A', 'red').replace('B', 'big').replace('C', 'sad')}.")
    (thought,) = re.findall(r"^(Thought: .*)$", LANGUAGE, flags=re.MULTILINE)
    (since,) = re.findall(r"`(Since .*?\.)`", LANGUAGE)
    problem = sokrates.problem(
        ["Every wumpus is a tumpus.", "Stella is a wumpus.", "Tumpuses are small."], "Stella is a tumpus."
    )
    for text in thought, f"Thought: {since}":
        checked = sokrates.verify(problem, f'{text}\nAction: <Option type="MODUS_PONENS" args="[1, 0]" />\n')
        assert checked.steps[0].valid, checked


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match("https?://", target):
            continue
        path, _, anchor = target.partition("#")
        linked = page.parent / path if path else page
        assert linked.exists(), f"{page.name} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), flags=re.MULTILINE)
            assert anchor in map(slug, headings), f"{page.name} links to {target}"


def test_every_path_that_readme_and_contributing_name_exists() -> None:
    folders = "sokrates|stages|tests|profiles|benchmarks|base|metrics|docs"
    for page in README, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"):
        for path in re.findall(rf"`((?:{folders})/[\w./-]+)`", page):
            if "NAME" not in path:
                assert (ROOT / path).exists(), path


def test_the_listing_has_a_line_for_each_package_and_root_file() -> None:
    listing = re.findall(r"## The files\n.*?```text\n(.*?)```", README, flags=re.DOTALL)[0]
    lines = listing.splitlines()
    begin = lines.index("sokrates/")
    inside = [line for line in lines[begin + 1 :] if line.startswith("  ")]
    outside = lines[: begin + 1] + lines[begin + 1 + len(inside) :]
    names = {name for line in inside for name in re.split(r"\s{2,}", line.strip())[0].split()}
    packages = {
        f"{init.parent.relative_to(ROOT / 'sokrates')}/" for init in ROOT.glob("sokrates/*/**/__init__.py")
    }
    packages -= {"training/"}  # listed by its parts
    files = {file.name for file in ROOT.glob("sokrates/*.py")}
    assert names == packages | files
    named = {name for line in outside for name in re.split(r"\s{2,}", line)[0].split()}
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    root = {name.partition("/")[0] + ("/" if "/" in name else "") for name in tracked.splitlines()}
    quiet = {"LICENSE", ".gitignore", ".dockerignore", ".dvcignore", ".dvc/"}  # nobody needs these explained
    pages = {name for name in root if name.endswith((".md", ".cff"))}
    constraints = {name for name in root if name.startswith("constraints")}
    assert named == (root - quiet - pages - constraints) | {"constraints*.txt"}


# Modules that `proof.verify` imports and that no strict verdict rests on: they only refuse, write, or report.
NOT_TRUSTED = {
    *("io/errors.py", "io/files.py", "logic/reading.py", "logic/english_wording.py"),
    *("proof/budget.py", "proof/dependencies.py"),
}


def test_the_trusted_base_is_what_verification_imports() -> None:
    section = README.partition("## What a verdict rests on\n")[2].partition("\n## ")[0]
    listed = {name: int(lines) for name, lines in re.findall(r"`((?:proof|logic)/\w+\.py)` (\d+)", section)}
    imported = grimp.build_graph("sokrates", cache_dir=None).find_upstream_modules("sokrates.proof.verify")
    files = {f"{module.removeprefix('sokrates.').replace('.', '/')}.py" for module in imported}
    files = {file for file in files if (ROOT / "sokrates" / file).is_file()}
    files |= {"proof/verify.py", "logic/notations.py"}  # the second translates formulas before `fol` reads them
    assert set(listed) == files - NOT_TRUSTED
    for file, lines in listed.items():  # to a tenth: the order of magnitude is the point
        actual = len((ROOT / "sokrates" / file).read_text(encoding="utf-8").splitlines())
        assert abs(actual - lines) <= 0.1 * actual, f"{file} has {actual} lines"


@pytest.mark.slow
def test_the_reference_has_the_public_names_and_no_dead_link(checkout: Path) -> None:
    recipe = run_in(checkout, "make", "--dry-run", "--old-file=.venv/installed", "docs").splitlines()
    command = " ".join(recipe[next(n for n, line in enumerate(recipe) if line.startswith("pdoc")) :])
    run_in(checkout, "sh", "-c", command.replace("\\", ""), PYTHONPATH=str(checkout))
    pages = {page: page.read_text(encoding="utf-8") for page in (checkout / "site").rglob("*.html")}
    anchors = {page: set(re.findall(r'\bid="([^"]+)"', text)) for page, text in pages.items()}
    assert set(sokrates.__all__) - {"__version__"} <= anchors[checkout / "site/sokrates.html"]
    for page, text in pages.items():
        text = re.sub("<script>.*?</script>", "", text, flags=re.DOTALL)  # the search box's template
        for target in map(html.unescape, re.findall(r'\bhref="([^"]+)"', text)):
            if not re.match("https?:|data:", target):
                path, _, anchor = target.partition("#")
                linked = Path(os.path.normpath(page.parent / path)) if path else page
                assert linked in pages and (not anchor or anchor in anchors[linked]), (
                    f"{page.name} links to {target}"
                )


def test_the_issue_form_and_the_hooks_are_well_formed() -> None:
    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/bug.yml").read_text())
    assert any("sokrates doctor --json" in item["attributes"]["label"] for item in form["body"])
    subprocess.run(["pre-commit", "validate-config"], cwd=ROOT, check=True)
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    lint = re.findall(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)[0]
    for hook in hooks:
        assert hook["entry"].replace(" --force-exclude", "") in lint, "the hooks check what `make lint` checks"


def test_the_citation_has_the_packages_version_and_licence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])
