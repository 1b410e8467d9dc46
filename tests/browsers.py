"""A page that a test has opened in a browser."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Page


@dataclass
class Opened:
    """A page in the browser, and what must not happen in it.

    complaints: console errors and warnings, uncaught errors, dialogs, and requests other than for the file itself
    """

    page: Page
    complaints: list[str] = field(default_factory=list)
