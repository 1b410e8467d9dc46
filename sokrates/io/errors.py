"""Errors that a user can fix: reported as one message, without a traceback, exit code 2."""

from __future__ import annotations

from pathlib import Path


class UserError(Exception):
    """Something given to SOKRATES is wrong; the message says what, where and what to do."""


class InputError(UserError):
    """A file, row, problem or trace that cannot be read; the message says what is wrong and where."""


def unreadable(path: Path, error: Exception) -> InputError:
    """What to raise for a file that cannot be opened or read."""
    return InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}")


def nothing_in(path: Path, kind: str) -> InputError:
    """What to raise for a file without one row of a kind, such as `trace`."""
    return InputError(f"{path}: there is no {kind} in this file")
