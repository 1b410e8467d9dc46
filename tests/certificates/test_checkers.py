"""What holds of both outside checkers: they accept the certificates of valid derivations and no other.

Where a checker is not installed, its tests skip. Not covered: the checkers themselves; what concerns one of them
alone (`test_certificates` for Coq, `test_metamath`).
"""

from __future__ import annotations

import os
from collections import Counter
from functools import partial
from pathlib import Path
from random import Random

import pytest
from checkers import BOTH, Checker
from derivations import Derivation, accepted_derivations, random_derivation
from worked_derivations import BUGS, EDGES, HOSTILE, NESTED, derivation

from sokrates.logic.answer import Answer
from sokrates.logic.formula import Bound, Constant, Forall, Implies, atom
from sokrates.proof import kernel
from sokrates.proof.option import Option

both_checkers = pytest.mark.parametrize("checker", BOTH)
LONG = os.environ.get("SOKRATES_LONG_TESTS")
METAMATH_SYNTAX = ["$) cheat $a |- F. $. $(", "$[ /etc/passwd $]", "$)", "` ~ $", "x0", "ph", "p0", "h0"]


@both_checkers
def test_a_nested_proof_is_accepted(checker: Checker, tmp_path: Path) -> None:
    assert checker.check_derivations(tmp_path, [NESTED]) == [None]


@both_checkers
def test_rules_at_their_edges(checker: Checker, tmp_path: Path) -> None:
    verdicts = checker.check_derivations(tmp_path, [derivation(*edge) for edge in EDGES])
    assert [(edge, why) for edge, why in zip(EDGES, verdicts, strict=True) if why] == []


@both_checkers
@pytest.mark.parametrize(
    ("premise", "goal"), [("¬P(a)", "P(a)"), ("P(a)", "¬P(a)"), ("¬¬P(a)", "¬P(a)"), ("¬(P(a) ∧ Q)", "P(a) ∧ Q")]
)
def test_false_is_that_the_negation_follows(checker: Checker, tmp_path: Path, premise: str, goal: str) -> None:
    assert checker.check_derivations(tmp_path, [derivation([premise], goal, [])], Answer.FALSE) == [None]


@both_checkers
def test_hostile_names_and_sentences(checker: Checker, tmp_path: Path) -> None:
    certificates = []
    for text in (*HOSTILE, *METAMATH_SYNTAX):
        fact, rule = atom(text, Constant(text)), Forall(Implies(atom(text, Bound(0)), atom(text)))
        proof = Derivation([fact, rule], atom(text), [(Option("MODUS_PONENS", (0, 1)), atom(text))])
        certificates.append(checker.written(proof, sentences=[text] * 3))
    assert checker.check(tmp_path, certificates) == [None] * len(certificates)


# Random derivations


def _accepted(checker: Checker, folder: Path, count: int, seed: int) -> Counter[str]:
    return accepted_derivations(partial(checker.check_derivations, folder), count, seed)


@both_checkers
def test_random_derivations_are_accepted(checker: Checker, tmp_path: Path) -> None:
    assert len(_accepted(checker, tmp_path, 100, seed=1)) == len(kernel.RULES)


@both_checkers
@pytest.mark.slow
def test_two_thousand_random_derivations_are_accepted(checker: Checker, tmp_path: Path) -> None:
    tally = _accepted(checker, tmp_path, 2000, seed=2)
    assert min(tally[name] for name in kernel.RULES) > 100, tally


@both_checkers
@pytest.mark.slow
@pytest.mark.skipif(not LONG, reason="100,000 derivations take half an hour: set SOKRATES_LONG_TESTS=1")
def test_random_derivations_at_length(checker: Checker, tmp_path: Path) -> None:
    tally = _accepted(checker, tmp_path, 100_000, seed=3)
    print(dict(tally))
    assert min(tally[name] for name in kernel.RULES) >= 500, tally


# Bugs planted in the kernel


@both_checkers
@pytest.mark.parametrize("rule", BUGS)
def test_a_bug_in_the_kernel_is_caught(
    checker: Checker, rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(kernel._RULES, rule, kernel._RULES[rule]._replace(function=BUGS[rule]))
    random, tally = Random(rule), Counter[str]()
    proofs = [random_derivation(random, tally) for _ in range(60)]
    verdicts = checker.check_derivations(tmp_path, proofs)
    refused = [proof for proof, why in zip(proofs, verdicts, strict=True) if why]
    assert refused
    assert all(rule in [option.name for option, _ in proof.steps] for proof in refused)  # the rest is accepted
