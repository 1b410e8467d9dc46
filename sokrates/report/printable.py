"""Text that others wrote, made safe to show: a terminal obeys control characters, and a browser text direction.

>>> printable("Max\\x1b[2J is \\u202ewet")
'Max\\\\u001b[2J is \\\\u202ewet'
"""

from __future__ import annotations

MAX_CHARACTERS = 2_000  # of a thought, an option or a sentence; more are counted and not shown


def printable(text: str) -> str:
    """The text with an escape for each character that cannot be printed. Line breaks stay."""
    if text.isprintable():
        return text
    return "".join([letter if letter.isprintable() or letter == "\n" else _escape(letter) for letter in text])


def visible(text: str) -> str:
    """The text on one line, printable, at most MAX_CHARACTERS of it; a line break is shown as ⏎."""
    shown = printable(text[:MAX_CHARACTERS]).replace("\n", "⏎")
    if len(text) > MAX_CHARACTERS:
        shown += f" … ({len(text) - MAX_CHARACTERS:,} characters more)"
    return shown


def _escape(letter: str) -> str:
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"
