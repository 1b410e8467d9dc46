"""Errors that a user can mend: reported as one message, without a traceback, exit code 2."""


class UserError(Exception):
    """Something given to SOKRATES is wrong; the message says what, where and what to do."""
