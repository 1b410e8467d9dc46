"""The stages of dvc.yaml, a script each; what they do is in `sokrates`.

What a process needs before its stage imports torch stands here. OpenMP's threads sleep while they wait. A stage
imports some five thousand modules, whose objects live as long as it does; Python's garbage collector would walk
them again and again, so it rests until `sokrates.pipeline.runlog.main` has set them aside. Neither changes a
result, so this file is a dependency of no stage.
"""

import gc
import sys

from sokrates.pipeline.machine import let_openmp_threads_sleep

let_openmp_threads_sleep()
if sys.argv[0] == "-m":  # `python -m stages.…` is looking for its script; not whoever else imports one
    gc.disable()
