"""The command `sokrates`, one file for each of its commands."""
