"""A browser for the report's pages: Debian's Chromium, driven by Playwright. Without it these tests skip."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browsers import Opened
from playwright.sync_api import Browser, BrowserContext, sync_playwright

FLAGS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync""".split()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Opened]]:
    """Opens a file at a fragment in a new window; `width` in pixels."""
    contexts: list[BrowserContext] = []

    def opener(file: Path, fragment: str = "", width: int = 1280) -> Opened:
        context = browser.new_context(viewport={"width": width, "height": 800}, offline=True)
        contexts.append(context)
        opened = Opened(context.new_page())
        note = opened.complaints.append
        opened.page.on("console", lambda message: note(f"console: {message.text}"))
        opened.page.on("pageerror", lambda error: note(f"error: {error}"))
        opened.page.on("dialog", lambda dialog: (note(f"dialog: {dialog.message}"), dialog.dismiss()))
        address = file.resolve().as_uri()
        opened.page.on(
            "request",
            lambda request: None if request.url.startswith(address) else note(f"request: {request.url[:100]}"),
        )
        opened.page.goto(f"{address}{fragment}")
        return opened

    yield opener
    for context in contexts:
        context.close()


@pytest.fixture
def trace_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes rows as a trace file."""

    def write(name: str, *rows: dict[str, object]) -> Path:
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    return write
