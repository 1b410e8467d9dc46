"""Takes the README's picture of a run's report: one problem under SFT and after three rounds, side by side.

    python docs/report_picture.py reports/report.html docs/report.png

Of the held-out problems that SFT gets right by a wrong step and round 3 proves, it shows the shortest, and points
at the wrong step. Needs Debian's chromium, and Playwright (one of the dev packages).
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

WIDTH, HEIGHT = 1280, 780  # CSS pixels
FLAGS = ("--no-sandbox", "--disable-gpu")
# A row of the page's data is a list: explorer.py says what it holds.
CHOOSE = """() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const group = (policy) => data.groups.findIndex(([set, name]) => set === "held_out" && name === policy);
  const [before, after] = [group("sft"), group("iter3")];
  const last = new Map();
  data.traces.forEach((trace, number) => { if (trace[1] === after && trace[5]) last.set(trace[0], number); });
  let best = null;
  data.traces.forEach(([problem, of, , , right, valid, , , steps], number) => {
    if (of !== before || !right || valid || !last.has(problem) || steps[0][4] >= 0) return;
    const length = data.problems[problem][0].length + 4 * steps.length;
    if (best === null || length < best.length) best = { length, trace: number, beside: last.get(problem) };
  });
  return best;
}"""


def take(page: Page, report: Path, picture: Path) -> None:
    """Opens the report at its best problem and saves what is in view."""
    page.goto(report.resolve().as_uri())
    chosen = page.evaluate(CHOOSE)
    if chosen is None:
        sys.exit(f"{report}: no problem that SFT gets right by a wrong step and round 3 proves")
    view = f"policy=sft&verdict=lucky&trace={chosen['trace']}&beside={chosen['beside']}"
    page.goto(f"{report.resolve().as_uri()}#proofs?{view}")
    page.locator(".proof .step.bad").first.hover()
    page.screenshot(path=picture)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("report", type=Path)
    parser.add_argument("picture", type=Path)
    arguments = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("there is no chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        take(page, arguments.report, arguments.picture)
        browser.close()


if __name__ == "__main__":
    main()
