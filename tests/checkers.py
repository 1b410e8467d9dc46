"""The outside checkers of certificates: how a certificate is written for each, and what each refuses."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from derivations import Derivation

from sokrates.certificates import coq, coq_checker, metamath, metamath_checker
from sokrates.certificates.claim import Claim
from sokrates.logic.answer import Answer


@dataclass(frozen=True)
class Checker:
    """write: gives a derivation's certificate and the statement that it must prove; its sentences are comments."""

    name: str
    program: str
    suffix: str
    write: Callable[[Derivation, Answer, Sequence[str]], tuple[str, str]]
    refusals: Callable[[Sequence[Claim]], list[str | None]]

    def written(
        self, proof: Derivation, answer: Answer = Answer.TRUE, sentences: Sequence[str] = ()
    ) -> tuple[str, str]:
        """The text of a derivation's certificate, and the statement that it must prove."""
        return self.write(proof, answer, sentences)

    def check(self, folder: Path, certificates: Sequence[tuple[str, str]]) -> list[str | None]:
        """The refusals, None for an acceptance, of certificates with the statement that each must prove."""
        claims = []
        for number, (text, statement) in enumerate(certificates):
            file = folder / f"{number}{self.suffix}"
            file.write_text(text, encoding="utf-8")
            claims.append(Claim(file, statement))
        return self.refusals(claims)

    def check_derivations(
        self, folder: Path, proofs: Sequence[Derivation], answer: Answer = Answer.TRUE
    ) -> list[str | None]:
        return self.check(folder, [self.written(proof, answer) for proof in proofs])

    def accepted_mutations(
        self, folder: Path, proof: Derivation, mutations: Mapping[str, Callable[[str], str]]
    ) -> list[str]:
        """The names of the mutations of a certificate that are accepted; the certificate itself must be."""
        original, statement = self.written(proof)
        mutated = {name: mutate(original) for name, mutate in mutations.items()}
        assert [name for name, text in mutated.items() if text == original] == []
        verdicts = self.check(folder, [(text, statement) for text in (original, *mutated.values())])
        assert verdicts[0] is None
        return [name for name, why in zip(mutated, verdicts[1:], strict=True) if why is None]


def _write_for_coq(proof: Derivation, answer: Answer, sentences: Sequence[str]) -> tuple[str, str]:
    text = coq.certificate(proof.premises, proof.goal, answer, proof.steps, sentences)
    assert text is not None
    return text, coq.claimed(proof.premises, proof.goal, answer)


def _write_for_metamath(proof: Derivation, answer: Answer, sentences: Sequence[str]) -> tuple[str, str]:
    certificate = metamath.certificate(proof.premises, proof.goal, answer, proof.steps, sentences)
    assert certificate is not None
    return certificate.text, certificate.statement


COQ = Checker("Coq", "coqtop", ".v", _write_for_coq, coq_checker.refusals)
METAMATH = Checker("Metamath", "metamath", ".mm", _write_for_metamath, metamath_checker.refusals)


def needs(checker: Checker) -> pytest.MarkDecorator:
    """Skips a test where the checker is not installed."""
    reason = f"needs {checker.name} (Debian's package {checker.name.lower()})"
    return pytest.mark.skipif(shutil.which(checker.program) is None, reason=reason)


BOTH = [pytest.param(checker, id=checker.name, marks=needs(checker)) for checker in (COQ, METAMATH)]
