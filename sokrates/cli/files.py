"""The files that commands read: the formats, as `--help` describes them, and the argument that names a file."""

from __future__ import annotations

import argparse
from pathlib import Path

from sokrates.io.errors import UserError

FORMATS = """\
A problem file holds JSON objects, one on each line or all in a list, with `premises` (a list of sentences),
`conclusion` and, optionally, `label` (TRUE, FALSE or UNKNOWN). The files of PrOntoQA, Logic-LM, LINC,
FOLIO, LoGiPT, ProofWriter, RuleTaker, ProverQA and MALLS can be given as published, and compressed with
gzip (docs/sources.md). A trace file holds problems, each with `text` (the completion of our prompt) or, in the
published format, with `steps`, each of which has `thought` and `action`."""


def refuse_pipe(path: Path, option: str) -> None:
    """Raises UserError for a pipe or a device, of which nothing would be left for the second reading."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise UserError(f"{path}: {option} reads a file twice: name a regular file")


def add_problem_file(parser: argparse.ArgumentParser) -> None:
    """Adds the argument FILE, a file of problems, and the description of the formats."""
    parser.add_argument("file", type=Path, metavar="FILE", help="problems, in any of the formats below")
    parser.epilog = FORMATS
