"""Send what the pipeline made here to DVC's remote, so that another machine need not run the stages again.

Sends what `dvc push --run-cache` sends, and the files that it leaves out. Stages that are not up to date are
skipped.
"""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`sokrates push` takes no arguments."""


def run(arguments: argparse.Namespace) -> None:
    from sokrates.ops.remote import push

    pushed = push()
    print(f"stages on the remote: {len(pushed.stages)}; files that are new there: {pushed.files}")
