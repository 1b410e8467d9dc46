"""The commands of `sokrates`, one file each; `sokrates.__main__` holds their table."""
