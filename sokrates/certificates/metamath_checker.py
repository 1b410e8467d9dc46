"""Asks Metamath whether it accepts certificates, one process each, which takes milliseconds.

A file must begin with the statement that was made from the problem, and after it have nothing but the letters of
one proof: no second statement, no axiom, no gap. Metamath reads its text from a folder of its own, beside our own
sokrates.mm, and checks every proof, those of sokrates.mm included.

Not covered: Coq (`coq_checker`).
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sokrates.certificates.claim import MAX_WORDS, Claim
from sokrates.certificates.metamath import GAP
from sokrates.certificates.metamath_statement import DATABASE
from sokrates.certificates.metamath_steps import DATABASE_FILE
from sokrates.io.errors import UserError

PROCESS_SECONDS: Final = 60  # Metamath gives up a file that takes longer
_COMMANDS: Final = ("set scroll continuous", "read certificate.mm", "verify proof *", "exit")
_PROOF: Final = re.compile(r"\( [A-Za-z0-9.\s-]*\)\s[A-Z\s]*\$\.\n", re.ASCII)
_READ: Final = "No errors were found."
_VERIFIED: Final = "All proofs in the database were verified"


def refusals(claims: Sequence[Claim]) -> list[str | None]:
    """For each certificate None where Metamath accepts it, else why not. Raises UserError without Metamath."""
    metamath = shutil.which("metamath")
    if metamath is None:
        raise UserError("metamath is not here: install it (Debian's package is metamath)")
    with TemporaryDirectory() as folder:
        shutil.copyfile(DATABASE_FILE, Path(folder) / DATABASE)
        return [_refusal(metamath, claim, Path(folder)) for claim in claims]


def _refusal(metamath: str, claim: Claim, folder: Path) -> str | None:
    """Why a certificate is refused. `folder` holds sokrates.mm."""
    text = claim.file.read_text(encoding="ascii", errors="replace")
    if not text.startswith(claim.statement):
        return "it does not state the problem"
    if text == f"{claim.statement}{GAP} $.\n":
        return "a step derives what no theorem does"
    if not _PROOF.fullmatch(text, len(claim.statement)):
        return "its statement is not followed by one proof"
    (folder / "certificate.mm").write_text(text, encoding="ascii")
    try:
        done = subprocess.run(
            [metamath, *_COMMANDS],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="ascii",
            errors="backslashreplace",
            timeout=PROCESS_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"metamath took more than {PROCESS_SECONDS} seconds"
    if done.returncode == 0 and _READ in done.stdout and _VERIFIED in done.stdout and "?" not in done.stdout:
        return None
    words = " ".join(done.stdout[max(0, done.stdout.find("?")) :].split())
    return words[:MAX_WORDS] or f"metamath ended with {done.returncode}"
