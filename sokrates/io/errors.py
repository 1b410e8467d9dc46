"""Errors that a user can fix: reported as one message, without a traceback, exit code 2."""


class UserError(Exception):
    """Something given to SOKRATES is wrong; the message says what, where and what to do."""


class InputError(UserError):
    """A file, row, problem or trace that cannot be read; the message says what is wrong and where."""
