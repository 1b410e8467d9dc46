"""The report in a browser: what a reader does with it, and that hostile traces can do nothing."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsers import Opened
from playwright.sync_api import Locator, Page, expect
from specimens import CAREFUL, HOSTILE, SHORTCUT, problem
from worked import FIRST, SECOND, TRUE

from sokrates.logic.answer import Answer
from sokrates.report.page import write_run_page, write_traces_page

OpenPage = Callable[..., Opened]
PHONE_PIXELS = 390
ATTACKS = [
    "</script><img src=x onerror=alert(1)>",
    "<img src=http://198.51.100.1/x onerror=alert(2)>",
    "<script>alert(3)</script>",
    "<svg onload=alert(4)>",
    "<!--<script>",
    "]]></script><script>alert(5)</script>",
    "javascript:alert(6)",
    "${alert(7)}{{alert(8)}}{% raw %}",
    "' onmouseover='alert(9)' \" onfocus=\"alert(10)\" autofocus",
    "<iframe srcdoc='<script>parent.alert(11)</script>'>",
    "&lt;b&gt; &amp; \\u003cscript>",
    "<style>*{display:none}</style><base href=//x><meta http-equiv=refresh content=0>",
]


def select(page: Page, name: str, label: str) -> None:
    page.locator(f"#filters [name={name}]").select_option(label=label)


def chosen(page: Page) -> Locator:
    """The line that names the proof that is shown: its id, its file, its verdict."""
    return page.locator(".proof-head")


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of two files, sft and iter3, on three problems."""
    folder = tmp_path_factory.mktemp("page")
    rows_by_name = {
        "alpha": problem().to_json(),
        "beta": problem("Stella is a tumpus.", Answer.TRUE).to_json(),
        "gamma": problem("Stella is a zumpus.", Answer.FALSE).to_json(),
    }
    texts_by_policy = {
        "sft": {"alpha": SHORTCUT, "beta": FIRST + TRUE, "gamma": ""},
        "iter3": {"alpha": CAREFUL, "beta": FIRST + SECOND + TRUE, "gamma": "Thought: I cannot say.\n"},
    }
    files = []
    for policy, texts in texts_by_policy.items():
        files.append(folder / f"{policy}.jsonl")
        rows = []
        for name, text in texts.items():
            row = {**rows_by_name[name], "id": name, "text": text, "tokens": 50}
            if policy == "sft" and name == "alpha":
                row["success_probability"] = [0.98, 0.21, 0.17]
            rows.append(json.dumps(row))
        files[-1].write_text("\n".join(rows), encoding="utf-8")
    write_traces_page(files, folder / "page.html")
    return folder / "page.html"


def test_filters_and_search_find_what_they_should(page_file: Path, open_page: OpenPage) -> None:
    opened = open_page(page_file, "#proofs")
    page, count = opened.page, opened.page.locator("#count")
    expect(count).to_have_text("6 of 6 traces")
    select(page, "policy", "sft")
    expect(count).to_have_text("3 of 6 traces")
    select(page, "verdict", "right, not valid")
    expect(count).to_have_text("1 of 6 traces")
    expect(chosen(page)).to_contain_text("alpha")
    page.get_by_role("button", name="clear").click()
    expect(count).to_have_text("6 of 6 traces")
    select(page, "reason", "rule does not apply")
    expect(count).to_have_text("1 of 6 traces")
    page.get_by_role("button", name="clear").click()
    select(page, "label", "TRUE")
    expect(count).to_have_text("2 of 6 traces")
    page.get_by_role("button", name="clear").click()
    select(page, "option", "MODUS_PONENS")
    expect(count).to_have_text("4 of 6 traces")
    page.get_by_role("button", name="clear").click()
    page.get_by_role("searchbox").fill("CANNOT say")
    expect(count).to_have_text("1 of 6 traces")
    page.get_by_role("searchbox").fill("no such text")
    expect(count).to_have_text("0 of 6 traces")
    expect(page.locator("#proof")).to_contain_text("No trace passes these filters.")
    assert opened.complaints == []


def test_a_step_shows_its_verdict_and_lights_up_what_it_cites(page_file: Path, open_page: OpenPage) -> None:
    page = open_page(page_file, "#proofs?policy=sft&trace=0").page
    steps = page.locator(".proof .step")
    expect(steps).to_have_count(3)
    expect(steps.nth(0)).to_contain_text("Stella is a tumpus")
    expect(steps.nth(0).locator(".gauge")).to_contain_text("98 %")
    expect(steps.nth(1).locator(".why")).to_contain_text("rule does not apply: line 2")
    steps.nth(1).hover()
    assert lit(page) == ["1", "2"]
    steps.nth(0).focus()
    assert lit(page) == ["0", "1"]


def lit(page: Page) -> list[str]:
    return page.locator(".sheet .lit").evaluate_all("lines => lines.map(line => line.dataset.line)")


def test_two_proofs_side_by_side_with_the_first_difference(page_file: Path, open_page: OpenPage) -> None:
    page = open_page(page_file, "#proofs?trace=0").page
    page.locator("#beside").select_option(label="iter3")
    expect(page.locator(".proof")).to_have_count(2)
    different = page.locator(".first-difference")
    expect(different).to_have_count(2)
    assert different.evaluate_all("lines => lines.map(line => line.dataset.line)") == ["5", "5"]
    assert "beside=3" in page.url


def test_the_graph_shows_what_the_answer_rests_on(page_file: Path, open_page: OpenPage) -> None:
    page = open_page(page_file, "#proofs?trace=3").page
    expect(page.locator(".graph figcaption")).to_contain_text("Premises [0] [1] [2]; steps [4] [5] [6]: 3 of 3.")
    assert page.locator(".graph .node.needed").count() == 6
    page = open_page(page_file, "#proofs?trace=4").page  # its second step is valid and not needed
    expect(page.locator(".graph .node.pale[data-line='5']")).to_have_count(1)


def test_back_and_forward_and_links_lead_to_a_view(page_file: Path, open_page: OpenPage) -> None:
    page = open_page(page_file, "#results").page
    expect(page.get_by_role("heading", name="Results")).to_be_visible()
    page.get_by_role("link", name="Proofs").click()
    select(page, "policy", "iter3")
    page.locator(".row").nth(1).click()
    expect(chosen(page)).to_contain_text("beta")
    address = page.url
    page.go_back()
    page.go_back()
    expect(page.locator("#count")).to_have_text("6 of 6 traces")
    page.go_back()
    expect(page.get_by_role("heading", name="Results")).to_be_visible()
    for _ in range(3):
        page.go_forward()
    expect(page.locator("#count")).to_have_text("3 of 6 traces")
    assert page.url == address
    expect(chosen(page)).to_contain_text("beta")
    again = open_page(page_file, f"#{address.partition('#')[2]}").page
    expect(again.locator("#count")).to_have_text("3 of 6 traces")
    expect(chosen(again)).to_contain_text("beta")


def test_the_proofs_show_after_a_resize_over_the_results(page_file: Path, open_page: OpenPage) -> None:
    page = open_page(page_file, "#results").page
    page.set_viewport_size({"width": 1000, "height": 700})
    page.evaluate("new Promise(requestAnimationFrame)")  # the event `resize` comes with a frame
    page.get_by_role("link", name="Proofs").click()
    expect(page.locator("#count")).to_have_text("6 of 6 traces")
    expect(chosen(page)).to_contain_text("alpha")


@pytest.mark.parametrize("fragment", ["#proofs?trace=99", "#proofs?trace=-1&depth=x&reason=77", "#nowhere", "#%"])
def test_a_wrong_link_breaks_nothing(fragment: str, page_file: Path, open_page: OpenPage) -> None:
    opened = open_page(page_file, fragment)
    expect(opened.page.locator(".top nav")).to_be_visible()
    assert opened.complaints == []


def test_the_keyboard_alone_is_enough(page_file: Path, open_page: OpenPage) -> None:
    page = open_page(page_file, "#proofs").page
    page.locator("#list").focus()
    page.keyboard.press("End")
    expect(chosen(page)).to_contain_text("gamma")
    expect(chosen(page)).to_contain_text("iter3")
    page.keyboard.press("ArrowUp")
    expect(chosen(page)).to_contain_text("beta")
    assert page.locator("#list").get_attribute("aria-activedescendant") == "row-4"
    page.keyboard.press("Home")
    expect(chosen(page)).to_contain_text("alpha")
    expect(chosen(page)).to_contain_text("sft")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("fragment", ["#results", "#proofs?trace=0&beside=3"])
def test_axe_finds_no_serious_fault(fragment: str, scheme: str, page_file: Path, open_page: OpenPage) -> None:
    page = open_page(page_file, fragment).page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    found = Axe().run(page).response["violations"]
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found] == []


@pytest.mark.parametrize("fragment", ["#results", "#proofs?trace=0", "#proofs?trace=0&beside=3"])
def test_a_phone_scrolls_one_way(fragment: str, page_file: Path, open_page: OpenPage) -> None:
    page = open_page(page_file, fragment, width=PHONE_PIXELS).page
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE_PIXELS


def test_each_chart_has_marks_or_says_why_not(page_file: Path, open_page: OpenPage) -> None:
    page = open_page(page_file).page
    charts = page.locator(".chart")
    assert charts.count() == 5
    for number in range(charts.count()):
        chart = charts.nth(number)
        assert chart.locator("svg title").count() > 0 or chart.locator(".empty").inner_text()
        link = chart.get_by_role("link", name=re.compile("Data"))
        with page.expect_download() as download:
            link.click()
        assert download.value.path().read_text(encoding="utf-8").count("\n") > 1


@pytest.fixture(scope="module")
def hostile_file(tmp_path_factory: pytest.TempPathFactory) -> Path:

    folder = tmp_path_factory.mktemp("hostile")
    attacks = [f"Thought: {attack}, so {attack}\nAction: {attack}\n" for attack in ATTACKS]
    texts = [*attacks, *HOSTILE.values(), "Thought: " + "A" * 4_000_000]
    assert len(texts) >= 40
    rows = [
        {**problem().to_json(), "id": ATTACKS[number % len(ATTACKS)], "text": text}
        for number, text in enumerate(texts)
    ]
    path = folder / "<img src=x onerror=alert(0)>.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    write_traces_page([path], folder / "page.html")
    return folder / "page.html"


def test_hostile_traces_do_nothing(hostile_file: Path, open_page: OpenPage) -> None:
    assert hostile_file.stat().st_size < 5_000_000
    opened = open_page(hostile_file, "#proofs?trace=0", width=PHONE_PIXELS)
    page = opened.page
    total = int(page.locator("#count").inner_text().split()[0])
    for number in range(total):
        page.evaluate(f"location.hash = '#proofs?trace={number}'")
        expect(page.locator(f"#row-{number}[aria-selected=true]")).to_be_visible()
        if number < len(ATTACKS):
            assert ATTACKS[number] in page.locator(".proof .thought").inner_text()
        for step in page.locator(".step").all()[:2]:
            step.hover()
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE_PIXELS, number
    assert page.locator("img, iframe, base, object").count() == 0
    assert page.locator("script").count() == 2
    assert opened.complaints == []


@pytest.mark.slow
def test_a_long_list_draws_only_what_is_in_view(tmp_path: Path, open_page: OpenPage) -> None:

    row = json.dumps({**problem().to_json(), "text": SHORTCUT}) + "\n"
    last = json.dumps({**problem().to_json(), "id": "the last", "text": CAREFUL}) + "\n"
    (tmp_path / "many.jsonl").write_text(row * 19_999 + last)
    write_traces_page([tmp_path / "many.jsonl"], tmp_path / "page.html")
    page = open_page(tmp_path / "page.html", "#proofs").page
    expect(page.locator("#count")).to_have_text("20,000 of 20,000 traces")
    assert page.locator(".row").count() < 50
    page.locator("#list").evaluate("list => { list.scrollTop = list.scrollHeight; }")
    expect(page.get_by_text("the last")).to_be_visible()
    select(page, "verdict", "valid proof")
    expect(page.locator("#count")).to_have_text("1 of 20,000 traces")


@pytest.mark.slow
def test_the_pipelines_own_report(clone: Path, open_page: OpenPage) -> None:
    opened = open_page(clone / "reports/report.html")
    page = opened.page
    assert (clone / "reports/report.html").stat().st_size < 5_000_000
    for name in "results", "charts", "run":
        expect(page.locator(f"#{name}")).to_be_visible()
    assert page.locator(".results tbody tr").count() == 5
    assert page.locator(".stages tbody tr").count() == 9
    for chart in page.locator(".chart").all():
        assert chart.locator("svg title").count() > 0, chart.inner_text()
    page.get_by_role("link", name="Proofs").click()
    expect(page.locator("#count")).to_have_text("120 of 120 traces")
    assert opened.complaints == []


@pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no chromium here: apt-get install chromium")
def test_the_readmes_picture_is_taken_of_a_run(tmp_path: Path) -> None:
    folder = tmp_path / "data/evaluation/held_out"
    folder.mkdir(parents=True)
    (tmp_path / "dvc.yaml").write_text("stages: {report: {}}\n")
    for policy, text in (("sft", SHORTCUT), ("iter3", CAREFUL)):
        row = {**problem().to_json(), "id": "alpha", "text": text}
        (folder / f"{policy}.jsonl").write_text(json.dumps(row) + "\n")
    report, picture = tmp_path / "report.html", tmp_path / "report.png"
    write_run_page(tmp_path, report)
    script = Path(__file__).parents[2] / "docs/report_picture.py"
    subprocess.run([sys.executable, str(script), str(report), str(picture)], check=True)
    assert picture.read_bytes().startswith(b"\x89PNG")
    (folder / "iter3.jsonl").write_text((folder / "sft.jsonl").read_text())
    write_run_page(tmp_path, report)
    done = subprocess.run([sys.executable, str(script), str(report), str(picture)], capture_output=True, text=True)
    assert done.returncode == 1 and "no problem that SFT gets right by a wrong step" in done.stderr
