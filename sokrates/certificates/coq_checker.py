"""Asks Coq whether it accepts certificates, thousands a process.

Coq loads each file in a module of its own. Then, outside the module, it is asked to prove the problem's statement
by that file's certificate, and to print what the proof assumes. The statement comes from the problem and not from
the file, so a file that proves something else is refused, however well it proves it; so is one that adds an axiom.

Not covered: files that somebody else wrote, which could print what they like: run `coqc` on each, and `coqchk`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from itertools import count
from typing import Final

from sokrates.certificates.claim import MAX_WORDS, Claim
from sokrates.certificates.statement import XOR
from sokrates.io.errors import UserError

COMMAND_SECONDS: Final = 60  # Coq gives up a file that takes longer
_STARTED: Final = re.compile(r"Interactive Module C(\d+) started\n")
_PROVED: Final = re.compile(r"proved\d+ is defined\s+Closed under the global context\s*\Z")
_ERROR: Final = re.compile(r"^Error:(.*?)(?:\n\n|\Z)", re.DOTALL | re.MULTILINE)
_PROMPT: Final = "Coq < "


def refusals(claims: Sequence[Claim]) -> list[str | None]:
    """For each certificate None where Coq accepts it, else Coq's words. Raises UserError where there is no Coq."""
    coq = shutil.which("coqtop")
    if coq is None:
        raise UserError("coqtop is not here: install Coq (Debian's package is coq)")
    verdicts: list[str | None] = []
    while len(verdicts) < len(claims):
        verdicts += _verdicts(coq, claims[len(verdicts) :])
    return verdicts


def _verdicts(coq: str, claims: Sequence[Claim]) -> list[str | None]:
    """The verdicts of one process: on all, or up to the certificate at which it died."""
    commands = [f"Set Default Timeout {COMMAND_SECONDS}.\n", XOR, *map(_commands, count(), claims)]
    done = subprocess.run(
        [coq, "-q"],
        input="".join(commands),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="backslashreplace",
        check=False,
    )
    _, *output = _STARTED.split(done.stdout.replace(_PROMPT, ""))
    numbers, texts = output[::2], output[1::2]
    if numbers != [str(number) for number in range(len(numbers))] or not numbers:
        raise UserError(f"coqtop did not read the certificates: {done.stdout[-MAX_WORDS:]}")
    verdicts = [_refusal(text) for text in texts]
    if len(verdicts) < len(claims) and verdicts[-1] is None:
        verdicts.append(f"coqtop ended with {done.returncode}")
    return verdicts


def _commands(number: int, claim: Claim) -> str:
    path = str(claim.file.resolve()).replace('"', '""')
    return (
        f'Module C{number}.\nLoad "{path}".\nEnd C{number}.\n'
        f"Definition proved{number} : {claim.statement} := C{number}.certificate.\n"
        f"Print Assumptions proved{number}.\n"
    )


def _refusal(output: str) -> str | None:
    """Why Coq refused a certificate, from what it printed about it."""
    error = _ERROR.search(output)
    if error:
        return " ".join(error[1].split())[:MAX_WORDS]
    if _PROVED.search(output):
        return None
    return f"it assumes more than its premises: {' '.join(output.split())}"[:MAX_WORDS]
