"""The stages of dvc.yaml, one script each; what they do is in `sokrates`.

This file does what a process needs before its stage imports anything. A Python that lacks our packages gets one
line instead of a traceback, so this file imports only what every Python has. The numeric libraries are set up.
Python's garbage collector stops until `sokrates.pipeline.runlog.main`: a stage imports some five thousand modules,
whose objects live as long as the process, and the collector would walk them again and again. What changes a result
is in `sokrates`, so this file is a dependency of no stage.
"""

import gc
import sys

from sokrates.pipeline.machine import missing_packages, set_up_processor

set_up_processor()
if sys.argv[0] == "-m":  # `python -m stages.…` is looking for its script; other importers are not stopped
    missing = missing_packages()
    if missing:
        rest = f" and {len(missing) - 1} more packages" if len(missing) > 1 else ""
        print(
            f"{sys.executable} lacks {missing[0]}{rest}: `make setup`, `. .venv/bin/activate`, and run again. "
            "DVC has deleted the stage's outs: `git checkout metrics plots` and `dvc checkout` restore them.",
            file=sys.stderr,
        )
        sys.exit(2)
    gc.disable()
