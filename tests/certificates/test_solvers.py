"""Other provers' opinions and TPTP. Tests of a prover that is not installed skip."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path

import pytest
from specimens import CAREFUL, problem

from sokrates.__main__ import main
from sokrates.certificates import tptp
from sokrates.certificates.solvers import SOLVERS
from sokrates.logic.answer import Decision
from sokrates.logic.fol import read
from sokrates.logic.formula import Constant, atom
from sokrates.proof.trace import Trace

needs_eprover = pytest.mark.skipif(shutil.which("eprover") is None, reason="needs E (Debian's package eprover)")
needs_cvc5 = pytest.mark.skipif(importlib.util.find_spec("cvc5") is None, reason="needs the extra `solvers`")

CASES = [
    (["∀x (P(x) → Q(x))", "P(a)"], "Q(a)", Decision.TRUE),
    (["∀x (P(x) → Q(x))", "P(a)"], "¬Q(a)", Decision.FALSE),
    (["∀x (P(x) → Q(x))", "P(a)"], "P(b)", Decision.UNKNOWN),
    (["P", "¬P"], "Q", Decision.INCONSISTENT),
    (["∀x P(x)"], "∃x P(x)", Decision.TRUE),  # somebody is there
    (["P(a)", "¬P(b)"], "∃x ∃y (P(x) ⊕ P(y))", Decision.TRUE),
    (["∀x ∀y (R(x, y) ↔ R(y, x))", 'R(a, "b\'s")'], 'R("b\'s", a)', Decision.TRUE),
    (["⊤ → (P ∨ ⊥)"], "P", Decision.TRUE),
    # true in an infinite order alone: no limit is enough
    (["∀x ¬R(x, x)", "∀x ∃y R(x, y)", "∀x ∀y ∀z (R(x, y) ∧ R(y, z) → R(x, z))"], "P(a)", Decision.UNDECIDED),
]  # fmt: skip


@pytest.mark.parametrize(
    "solver", ["z3", pytest.param("cvc5", marks=needs_cvc5), pytest.param("eprover", marks=needs_eprover)]
)
def test_a_solver_decides(solver: str) -> None:
    for premises, goal, decision in CASES:
        facts = [read(text).formula for text in premises]
        assert SOLVERS[solver](facts, read(goal).formula) is decision, (premises, goal)


@needs_cvc5
@needs_eprover
def test_label_lists_what_solvers_disagree_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "problems.jsonl"
    rows = [problem(), problem("Stella is a rompus.", label=None)]
    file.write_text("".join(json.dumps({**row.to_json(), "id": str(i)}) + "\n" for i, row in enumerate(rows)))
    main(["label", str(file), "--solver", "z3,cvc5,eprover", "--json"])
    report = json.loads(capsys.readouterr().out)
    assert (report["agree"], report["unlabelled"], report["solver_disagreements"]) == (1, 1, [])
    monkeypatch.setitem(SOLVERS, "cvc5", lambda premises, goal: Decision.UNKNOWN)
    monkeypatch.setitem(SOLVERS, "eprover", lambda premises, goal: Decision.UNDECIDED)
    main(["label", str(file), "--solver", "z3,cvc5,eprover", "--json"])
    report = json.loads(capsys.readouterr().out)
    assert report["solver_disagreements"] == [
        {"id": "0", "z3": "FALSE", "cvc5": "UNKNOWN", "eprover": "UNDECIDED"}
    ]
    assert report["solver_undecided"] == {"eprover": 2}


@pytest.mark.parametrize("names", ["cvc5", "z3,vampire", "z3,z3", ""])
def test_label_knows_its_solvers(names: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["label", str(tmp_path / "problems.jsonl"), "--solver", names])
    assert stopped.value.code == 2 and "--solver begins with z3" in capsys.readouterr().err


def test_a_problem_in_tptp() -> None:
    facts = [read(text).formula for text in ("∀x (P(x) ∧ ∃y R(x, y) → Q)", "⊥ ⊕ (P(a) ↔ ⊤)")]
    text = tptp.problem(
        [*facts, atom("it's", Constant("a"))], read("¬Q").formula, ["one", "two", "three", "four\n"]
    )
    assert text.splitlines() == [
        "% one",
        "fof(h0, axiom, (! [X0] : ((p1_P(X0) & (? [X1] : p2_R(X0, X1))) => p0_Q))).",
        "% two",
        "fof(h1, axiom, ($false <~> (p1_P(c_a) <=> $true))).",
        "% three",
        "fof(h2, axiom, 'p1\\'2'(c_a)).",
        "% four ",
        "fof(goal, conjecture, (~ p0_Q)).",
    ]


def test_certify_writes_tptp(tmp_path: Path) -> None:
    file, out = tmp_path / "traces.jsonl", tmp_path / "out"
    file.write_text(json.dumps(Trace(problem(), CAREFUL).to_json()) + "\n")
    main(["certify", str(file), "--out", str(out), "--format", "tptp"])
    assert sorted(path.name for path in out.iterdir()) == ["000001.p", "000001.s"]
    assert (out / "000001.p").read_text().endswith("fof(goal, conjecture, p1_small(c_Stella)).\n")
    assert (out / "000001.s").read_text().splitlines()[4:] == [
        "fof(h4, plain, p1_tumpus(c_Stella), inference(modus_ponens, [status(thm)], [h1, h0])).",
        "fof(h5, plain, (~ p1_small(c_Stella)), inference(modus_ponens, [status(thm)], [h4, h2])).",
    ]


def test_only_coq_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["certify", str(tmp_path / "t.jsonl"), "--out", str(tmp_path / "o"), "--format", "tptp", "--check"])
    assert stopped.value.code == 2 and "--format coq" in capsys.readouterr().err
