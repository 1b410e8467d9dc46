"""Write a certificate for each strictly valid trace, which an outside checker accepts or refuses.

A certificate is one file: the problem's premises and conclusion as a proposition, and a proof of it made from the
trace. For UNKNOWN it holds two finite models of the premises, one with the conclusion and one without. Whoever
reads the proposition and trusts the checker need not trust SOKRATES. The checker is Coq or Metamath (Debian's
packages coq and metamath).
Traces that are not strictly valid have no certificate. The exit code is 1 if the checker refuses a certificate.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from sokrates.cli.files import FORMATS
from sokrates.cli.output import INCOMPLETE, counted
from sokrates.io.errors import nothing_in


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = FORMATS
    parser.add_argument("file", type=Path, metavar="FILE", help="traces, in either of the formats below")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="a new folder: 000017.v certifies the 17th trace"
    )
    parser.add_argument(
        "--format",
        choices=("coq", "metamath", "tptp"),
        default="coq",
        help="coq (default); metamath, for TRUE and FALSE alone; or tptp: the problem as 000017.p and the "
        "steps as 000017.s, for provers to read",
    )
    parser.add_argument("--check", action="store_true", help="run the checker on the certificates")
    parser.add_argument(
        "--json",
        action="store_true",
        help='print one object {"traces", "certificates", "accepted", "refused", "not_valid", "no_model", …, '
        '"refusals"}; without --check, accepted and refused are null',
    )


def run(arguments: argparse.Namespace) -> int:
    from tqdm import tqdm

    from sokrates.certificates.certify import certify

    report: dict[str, Any] = {}
    with tqdm(desc="certifying", unit="trace", disable=not sys.stderr.isatty(), delay=1) as bar:
        for certified in certify(arguments.file, arguments.out, notation=arguments.format, check=arguments.check):
            report = certified.to_json()
            bar.update(report["traces"] - bar.n)
    if not report["traces"]:
        raise nothing_in(arguments.file, "trace")
    code = INCOMPLETE if report["refused"] else 0
    if arguments.json:
        print(json.dumps(report, indent=2))
        return code
    verdict = f", {report['accepted']} accepted and {report['refused']} refused" if arguments.check else ""
    counts = f"{counted(report['traces'], 'trace')}, {counted(report['certificates'], 'certificate')}"
    left_out = f"{report['not_valid']} not strictly valid, {report['no_model']} without counter-models"
    print(f"{counts}{verdict}; {left_out}")
    for refusal in report["refusals"]:
        print(f"refused: {refusal['file']}: {refusal['why']}")
    return code
