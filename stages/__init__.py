"""The stages of dvc.yaml, a script each; what they do is in `sokrates`.

A stage imports some five thousand modules, whose objects live as long as it does. Python's garbage collector
would walk them again and again, so it rests until `sokrates.runlog.main` has set them aside. That changes no
result, so this file is no dependency of any stage.
"""

import gc
import sys

if sys.argv[0] == "-m":  # `python -m stages.…` is looking for its script; not whoever else imports one
    gc.disable()
