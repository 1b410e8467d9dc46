"""Make one HTML page of trace files: figures, charts and every proof to read.

The page needs no network. Several files stand side by side, each as one policy: a problem that two files share can
be read in both, with the first difference marked, unless they label it differently. `dvc repro` makes the page of
a whole run, reports/report.html.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from sokrates.cli.files import FORMATS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = FORMATS
    parser.add_argument("files", type=Path, nargs="+", metavar="TRACES.jsonl", help="traces, one per line")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="FILE.html", help="the page to write")


def run(arguments: argparse.Namespace) -> None:
    from sokrates.report.page import write_traces_page

    write_traces_page(arguments.files, arguments.out)
    print(f"{arguments.out} is written: open it in a browser")
