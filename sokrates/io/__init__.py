"""Errors that a user can fix, and files of JSON: what every other package may use."""
