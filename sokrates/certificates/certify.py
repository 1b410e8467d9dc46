"""Writes a certificate for each strictly valid trace of a file, and has an outside checker check them.

For `sokrates certify`. A certificate is a file of Coq or of Metamath, named after the trace's number in its file:
the statement, made from the problem alone, and the proof, made from the trace. In TPTP, which nothing here checks,
it is two files, the problem (.p) and the steps (.s).
Whether the label is right plays no part: what is certified is that the trace's answer follows. Not covered: traces
that are not strictly valid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from shutil import copyfile
from time import perf_counter
from typing import Any, Final

from sokrates.certificates import coq, coq_checker, metamath, metamath_checker, tptp
from sokrates.certificates.claim import Claim
from sokrates.certificates.metamath_steps import DATABASE_FILE
from sokrates.io.errors import UserError
from sokrates.io.files import read_rows, whole_file
from sokrates.logic.answer import Answer
from sokrates.proof.problem import Problem
from sokrates.proof.trace import trace_from_json, verifier_for
from sokrates.proof.verify import Checked, Verifier

BATCH: Final = 1000  # certificates for each process of the checker
_REFUSALS: Final = {"coq": coq_checker.refusals, "metamath": metamath_checker.refusals}


@dataclass
class Certified:
    """Counts over the traces of a file.

    checks: whether the checker is asked
    certificates: files written
    no_model: traces that conclude UNKNOWN validly, for which no finite counter-models were found; in Metamath,
        which has no models, all that conclude UNKNOWN validly
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

    notation: coq, metamath or tptp
    Raises InputError with file and place, and UserError where the folder has files or there is no checker.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise UserError(f"{folder}: has files in it: name a new folder")
    if check and notation not in _REFUSALS:
        raise UserError(f"--check needs --format {' or '.join(_REFUSALS)}")
    if check:
        _REFUSALS[notation]([])  # a checker that is missing is missed before anything is written
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
                for claim, why in zip(batch, _REFUSALS[notation](batch), strict=True)
                if why is not None
            ]
            certified.check_seconds += perf_counter() - start
        yield certified
        if len(batch) < BATCH:
            return


def _claims(path: Path, folder: Path, notation: str, certified: Certified) -> Iterator[Claim]:
    """Writes a certificate for each strictly valid trace."""
    verifier: Verifier | None = None
    for number, (where, row) in enumerate(read_rows(path), start=1):
        problem, steps = trace_from_json(row, where)
        verifier = verifier_for(problem, verifier)
        checked = verifier.check(steps)
        certified.traces += 1
        if checked.answer is None or not checked.valid(None):
            certified.not_valid += 1
            continue
        files, statement = _files(problem, checked, checked.answer, notation)
        if not files:
            certified.no_model += 1
            continue
        certified.certificates += 1
        for suffix, text in files.items():
            file = folder / f"{number:06}{suffix}"
            with whole_file(file) as out:
                out.write(text)
            certified.bytes += file.stat().st_size
        if notation == "metamath" and certified.certificates == 1:
            copyfile(DATABASE_FILE, folder / DATABASE_FILE.name)
        yield Claim(file, statement)


def _files(problem: Problem, checked: Checked, answer: Answer, notation: str) -> tuple[dict[str, str], str]:
    """The files of a trace's certificate, by suffix, and what they must prove; no file where it has none."""
    facts, goal, sentences = problem.facts, problem.goal, [*problem.premises, problem.conclusion]
    derived = [(v.option, v.derived) for v in checked.verdicts if v.option and v.derived]
    if notation == "tptp":
        return {".p": tptp.problem(facts, goal, sentences), ".s": tptp.derivation(facts, goal, derived)}, ""
    if notation == "metamath":
        certificate = metamath.certificate(facts, goal, answer, derived, sentences)
        return ({".mm": certificate.text}, certificate.statement) if certificate else ({}, "")
    text = coq.certificate(facts, goal, answer, derived, sentences)
    return ({".v": text} if text else {}), coq.claimed(facts, goal, answer)
