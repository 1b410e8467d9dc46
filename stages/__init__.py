"""The stages of dvc.yaml, a script each; what they do is in `sokrates`.

A stage imports some five thousand modules, whose objects live as long as it does. Python's garbage collector
would walk them again and again, so it rests until `sokrates.runlog.main` has set them aside.
"""

import gc

gc.disable()
