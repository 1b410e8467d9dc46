"""Writes a certificate for each strictly valid trace of a file, and has an outside checker check them.

For `sokrates certify`. A certificate is a file of Coq, named after the trace's line: the statement, made from the
problem alone, and the proof, made from the trace. In TPTP it is two files, the problem (.p) and the steps (.s).
Whether the label is right plays no part: what is certified is that the trace's answer follows. Not covered: traces
that are not strictly valid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from sokrates.certificates import tptp
from sokrates.certificates.checker import Claim, refusals
from sokrates.certificates.coq import certificate, claimed
from sokrates.io.errors import UserError
from sokrates.io.files import read_json_lines, whole_file
from sokrates.proof.trace import trace_from_json, verifier_for
from sokrates.proof.verify import Verifier

BATCH: Final = 1000  # certificates for each process of the checker


@dataclass
class Certified:
    """Counts over the traces of a file.

    checks: whether the checker is asked
    certificates: files written
    no_model: traces that conclude UNKNOWN validly, for which no finite counter-models were found
    not_valid: traces that are not strictly valid
    refusals: certificates that the checker refused, with its words
    bytes: of all the certificates
    seconds, check_seconds: for reading, verifying and writing; for the checker
    """

    checks: bool
    traces: int = 0
    certificates: int = 0
    no_model: int = 0
    not_valid: int = 0
    refusals: list[dict[str, str]] = field(default_factory=list)
    bytes: int = 0
    seconds: float = 0.0
    check_seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The object that `sokrates certify --json` prints; null: the checker was not asked."""
        return {
            "traces": self.traces,
            "certificates": self.certificates,
            "accepted": self.certificates - len(self.refusals) if self.checks else None,
            "refused": len(self.refusals) if self.checks else None,
            "not_valid": self.not_valid,
            "no_model": self.no_model,
            "bytes": self.bytes,
            "seconds": round(self.seconds, 3),
            "check_seconds": round(self.check_seconds, 3),
            "refusals": self.refusals,
        }


def certify(path: Path, folder: Path, *, notation: str = "coq", check: bool) -> Iterator[Certified]:
    """Certifies the traces of a file; yields the counts so far after each batch, the same object each time.

    notation: coq, or tptp, which nothing here checks
    Raises InputError with file and line, and UserError where the folder has files or there is no checker.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise UserError(f"{folder}: has files in it: name a new folder")
    if check and notation != "coq":
        raise UserError("--check needs --format coq")
    certified = Certified(check)
    claims = _claims(path, folder, notation, certified)
    while True:
        start = perf_counter()
        batch = list(islice(claims, BATCH))
        certified.seconds += perf_counter() - start
        if check and batch:
            start = perf_counter()
            certified.refusals += [
                {"file": str(claim.file), "why": why}
                for claim, why in zip(batch, refusals(batch), strict=True)
                if why is not None
            ]
            certified.check_seconds += perf_counter() - start
        yield certified
        if len(batch) < BATCH:
            return


def _claims(path: Path, folder: Path, notation: str, certified: Certified) -> Iterator[Claim]:
    """Writes a certificate for each strictly valid trace."""
    verifier: Verifier | None = None
    for number, (where, row) in enumerate(read_json_lines(path), start=1):
        problem, steps = trace_from_json(row, where)
        verifier = verifier_for(problem, verifier)
        checked = verifier.check(steps)
        certified.traces += 1
        if checked.answer is None or not checked.valid(None):
            certified.not_valid += 1
            continue
        derived = [(v.option, v.derived) for v in checked.verdicts if v.option and v.derived]
        sentences = [*problem.premises, problem.conclusion]
        texts: dict[str, str | None]
        if notation == "coq":
            texts = {".v": certificate(problem.facts, problem.goal, checked.answer, derived, sentences)}
        else:
            texts = {
                ".p": tptp.problem(problem.facts, problem.goal, sentences),
                ".s": tptp.derivation(problem.facts, problem.goal, derived),
            }
        if None in texts.values():
            certified.no_model += 1
            continue
        certified.certificates += 1
        for suffix, text in texts.items():
            file = folder / f"{number:06}{suffix}"
            with whole_file(file) as out:
                out.write(text or "")
            certified.bytes += file.stat().st_size
        yield Claim(file, claimed(problem.facts, problem.goal, checked.answer))
