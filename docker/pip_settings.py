"""pip's settings on this machine, for a build of the image: one pip.conf, and what it names on the disk.

Use: python3 docker/pip_settings.py FOLDER   (writes FOLDER/pip.conf and FOLDER/volumes)
Settings come from `pip config list`: its files, then PIP_* of the environment. Each file or folder that a setting
names becomes a read-only volume of the build, a line each.
"""

from __future__ import annotations

import ast
import configparser
import subprocess
import sys
from pathlib import Path

folder = Path(sys.argv[1])
listed = subprocess.run(
    [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
)
config, volumes = configparser.RawConfigParser(), set()
for line in sorted(listed.stdout.splitlines(), key=lambda line: line.startswith(":env:")):  # the environment wins
    name, value = line.split("=", 1)
    section, option = name.replace(":env:", "global").rsplit(".", 1)
    if not config.has_section(section):
        config.add_section(section)
    config.set(section, option, ast.literal_eval(value))
    for word in ast.literal_eval(value).split():
        # an index in a folder has pages that lead to files beside that folder
        path = Path(word.removeprefix("file://")).parent if word.startswith("file://") else Path(word)
        if path.is_absolute() and path.exists():
            volumes.add(f"--volume={path}:{path}:ro\n")
with (folder / "pip.conf").open("w") as file:
    config.write(file)
(folder / "volumes").write_text("".join(sorted(volumes)))
