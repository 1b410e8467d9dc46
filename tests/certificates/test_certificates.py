"""Certificates of Coq: what they say, that Coq refuses any other, models for UNKNOWN, the command.

Where Coq is not installed these tests skip. Not covered: Coq itself; what Metamath's certificates share with these
(`test_checkers`).
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest
from checkers import COQ, needs
from derivations import Derivation, random_derivation
from specimens import CAREFUL, SHORTCUT, problem
from worked_derivations import NESTED, WORKED, derivation

from sokrates.__main__ import main
from sokrates.certificates.certify import _REFUSALS, certify
from sokrates.certificates.coq import certificate, claimed
from sokrates.certificates.models import find_model
from sokrates.certificates.statement import comment
from sokrates.data.generator import generate
from sokrates.data.gold import careful
from sokrates.io.files import write_json_lines
from sokrates.logic.answer import Answer
from sokrates.logic.fol import read
from sokrates.logic.formula import Constant, Formula, Not, negation
from sokrates.proof.option import Option
from sokrates.proof.problem import from_sentences
from sokrates.proof.text import write_steps
from sokrates.proof.trace import Trace

needs_coq = needs(COQ)
check = COQ.check


def written(proof: Derivation, answer: Answer = Answer.TRUE) -> str:
    """The text of a derivation's certificate."""
    return COQ.written(proof, answer)[0]


# Mutated certificates

CLAIM = claimed(WORKED.premises, WORKED.goal, Answer.TRUE)


def _swap(text: str, one: str, other: str) -> str:
    return text.replace(one, "\0").replace(other, one).replace("\0", other)


def _lets(text: str) -> list[str]:
    return re.findall(r"let h\d+ : .*? in\n", text, re.DOTALL)


MUTATIONS: dict[str, Callable[[str], str]] = {
    "the conclusion negated": lambda text: text.replace("  ~ p1_small c_Stella.", "  ~ ~ p1_small c_Stella."),
    "a premise dropped": lambda text: text.replace("  p1_zumpus c_Max ->\n", "").replace(" h3 =>", " =>"),
    "a premise added": lambda text: (
        text.replace("  p1_zumpus c_Max", "  False ->\n  p1_zumpus c_Max").replace("h3 =>", "_ h3 =>")
    ),
    "a premise weakened": lambda text: text.replace("  p1_wumpus c_Stella ->", "  p1_wumpus c_Max ->"),
    "two premises swapped": lambda text: _swap(text, "  p1_zumpus c_Max ->\n", "  p1_wumpus c_Stella ->\n"),
    "two steps swapped": lambda text: _swap(text, *_lets(text)),
    "a step dropped": lambda text: text.replace(_lets(text)[0], ""),
    "a step that cites another line": lambda text: text.replace("c_Stella) h1", "c_Stella) h3"),
    "a claim negated": lambda text: text.replace("let h4 : p1", "let h4 : ~ p1"),
    "another individual": lambda text: text.replace("(h0 c_Stella)", "(h0 c_Max)"),
    "the conclusion from another line": lambda text: text.replace("h5.\n", "h4.\n"),
    "an axiom": lambda text: re.sub(
        r"Definition cert.*", "Axiom cheat : statement.\nDefinition certificate := cheat.\n", text, flags=re.S
    ),
    "a trivial statement": lambda text: re.sub(
        r"Prop :=\n  forall .*", "Prop := True.\nDefinition certificate : statement := I.\n", text, flags=re.S
    ),
    "an individual that nobody promised": lambda text: text.replace("(D : Type) (d : D)", "(D : Type) (d e : D)"),
    "an end that is missing": lambda text: text[: len(text) // 2],
    "no certificate": lambda text: "",
}  # fmt: skip


@needs_coq
def test_no_mutated_certificate_is_accepted(tmp_path: Path) -> None:
    assert COQ.accepted_mutations(tmp_path, WORKED, MUTATIONS) == []


@needs_coq
def test_scopes_that_stay_open_keep_their_individuals_apart(tmp_path: Path) -> None:
    premises = ["∀x ∀y (P(y) ∨ Q(x))", "R(Rex)"]
    assumed = ["ASSUME(0, 2, 1, Max, nobody)", "UNIV_INSTANTIATION(0, Max)", "ASSUME(0, 2, 1, Stella, Stella)"]
    proof = derivation(premises, premises[1], [*assumed, "AND_INTRO(3, 1)"])
    assert COQ.check_derivations(tmp_path, [proof]) == [None]


NESTED_MUTATIONS: dict[str, Callable[[str], str]] = {
    "an assumption that is not discharged": lambda text: text.replace("fun h5 =>\n", "", 1),
    "a refutation that assumes nothing": lambda text: text.replace("(fun h4 =>\n", "(\n"),
    "a witness that is not there": lambda text: re.sub(r"match .* with ex_intro _ w8 e =>", "let w8 := d in", text)
    .replace("let h8", "let e := h6 in let h8").replace(" end", ""),
    "a generalisation over a fixed individual": lambda text: text.replace("fun z => (h12 z)", "fun z => (h12 d)"),
    "intuitionistic logic": lambda text: text.replace("classical (", "(fun (P : Prop) (n : ~ ~ P) => n) ("),
}  # fmt: skip


@needs_coq
def test_no_mutated_scope_is_accepted(tmp_path: Path) -> None:
    assert COQ.accepted_mutations(tmp_path, NESTED, NESTED_MUTATIONS) == []


@needs_coq
def test_a_proof_of_something_else_is_refused(tmp_path: Path) -> None:
    """However well the file proves what it says: the statement comes from the problem."""
    proofs = [random_derivation(Random(seed), Counter()) for seed in range(40)]
    others = []
    for proof in proofs:
        premises, goal, _ = proof
        others += [
            (written(proof), claimed(premises, Not(goal), Answer.TRUE)),
            (written(proof), claimed(premises, goal, Answer.FALSE)),
            (written(proof), claimed(premises, goal, Answer.UNKNOWN)),
            (written(proof), claimed([negation(premises[0]), *premises[1:]], goal, Answer.TRUE)),
            (written(proof), claimed(premises[1:], goal, Answer.TRUE)),
        ]
    assert [case for case, why in zip(others, check(tmp_path, others), strict=True) if why is None] == []


@needs_coq
def test_a_changed_meaning_of_xor_is_refused(tmp_path: Path) -> None:
    proof = derivation(["P(a) ⊕ Q(a)", "P(a)"], "¬Q(a)", ["DISJUNCTIVE_SYLLOGISM(0, 1)"])
    statement = claimed(proof.premises, proof.goal, Answer.TRUE)
    changed = re.sub(r"Prop := \(P.*\.", r"Prop := (~ P \\/ ~ Q) /\\ ~ (P /\\ Q).", written(proof), count=1)
    assert [why is None for why in check(tmp_path, [(written(proof), statement), (changed, statement)])] == [
        True,
        False,
    ]


@needs_coq
def test_a_refused_certificate_hides_no_other(tmp_path: Path) -> None:
    good, bad = written(WORKED), MUTATIONS["a step dropped"](written(WORKED))
    texts = [good, bad, good, "Section open.\n" + bad, good, good]
    verdicts = check(tmp_path, [(text, CLAIM) for text in texts])
    assert [why is None for why in verdicts] == [True, False, True, False, True, True]
    assert verdicts[1] == "The reference h4 was not found in the current environment."


# UNKNOWN


def unknown(premises: Sequence[str], goal: str) -> tuple[str | None, str]:
    proof = derivation(premises, goal, [])
    text = certificate(proof.premises, proof.goal, Answer.UNKNOWN, [])
    return text, claimed(proof.premises, proof.goal, Answer.UNKNOWN)


UNKNOWNS = [
    (["∀x (P(x) → Q(x))", "P(a)"], "R(a)"),
    (["P(a)", "¬P(b)", "∃x Q(x)"], "∃x (P(x) ∧ Q(x))"),
    (["∀x ∃y R(x, y)", "∀x ¬R(x, x)"], "∃x ∃y (R(x, y) ∧ R(y, x))"),
    (["P(a) ⊕ Q(a)", "¬(P(b) ⊕ Q(b))", "P(a) ↔ P(b)", "S ∨ T"], "Q(a) ∧ S"),
    (["∀x (P(x) ∨ Q(x))", "¬∃x (P(x) ∧ Q(x))", "∃x P(x)", "∃x Q(x)"], "P(a)"),
    (["⊤"], "P"),
    ([f"P{i}(c{i}) ∧ ¬P{i}(c{j})" for i in range(4) for j in range(4) if i < j], "P0(c4)"),
]


@needs_coq
def test_two_models_certify_unknown(tmp_path: Path) -> None:
    certificates = [unknown(*case) for case in UNKNOWNS]
    assert check(tmp_path, certificates) == [None] * len(UNKNOWNS)  # type: ignore[arg-type]


@needs_coq
def test_the_steps_before_unknown_are_checked(tmp_path: Path) -> None:
    premises, goal = ["∀x (P(x) → Q(x))", "P(a)", "∃x Q(x)"], "R(a) ∧ R(b)"
    proof = derivation(premises, goal, ["MODUS_PONENS(1, 0)", "EXIST_INSTANTIATION(2)", "ASSUME(goal, 1, 0)"])
    text, statement = written(proof, Answer.UNKNOWN), claimed(proof.premises, proof.goal, Answer.UNKNOWN)
    changed = text.replace("let h3 : p1_Q c_a", "let h3 : p1_Q c_b")
    assert changed != text
    assert [why is None for why in check(tmp_path, [(text, statement), (changed, statement)])] == [True, False]


@needs_coq
def test_another_model_does_not(tmp_path: Path) -> None:
    text, statement = unknown(["∀x (P(x) → Q(x))", "P(a)"], "R(a)")
    assert text is not None
    changed = [_swap(text, "True end", "False end"), text.replace("conj Goal_true", "conj Goal_false")]
    changed.append(text.replace("c_a : D := e0", "c_a : D := e1"))
    assert all(one != text for one in changed)
    assert None not in check(tmp_path, [(one, statement) for one in changed])


def test_what_follows_has_no_counter_model() -> None:
    facts = [read(text).formula for text in ("∀x (P(x) → Q(x))", "P(a)", "¬Q(a)")]
    assert find_model(facts) is None
    model = find_model(facts[:2])
    assert model is not None and ("Q", (model.constants[Constant("a")],)) in model.facts


def test_premises_with_infinite_models_alone_are_not_certified() -> None:
    order = ["∀x ¬R(x, x)", "∀x ∃y R(x, y)", "∀x ∀y ∀z (R(x, y) ∧ R(y, z) → R(x, z))"]
    assert unknown(order, "P(a)")[0] is None


# Statements and files


def test_the_statement_says_what_the_problem_does() -> None:
    facts = [read(text).formula for text in ("∀x (P(x) ∧ ∃y R(x, y) → Q)", 'P("the moon")', "⊥ ⊕ (P(a) ↔ ⊤)")]
    lines = claimed(facts, read("¬R(a, a)").formula, Answer.FALSE).splitlines()
    assert lines == [
        "forall (classical : forall P : Prop, ~ ~ P -> P) (D : Type) (d : D)",
        "  (p0_Q : Prop)",
        "  (p1_P : D -> Prop)",
        "  (p2_R : D -> D -> Prop)",
        "  (c'0 c_a : D),",
        "  (forall x0 : D, ((p1_P x0 /\\ (exists x1 : D, p2_R x0 x1)) -> p0_Q)) ->",
        "  p1_P c'0 ->",
        "  (xor (False) ((p1_P c_a <-> True))) ->",
        "  ~ ~ p2_R c_a c_a",
    ]


def test_a_comment_ends_where_it_should() -> None:
    assert comment("a*)b\n") == "a·)b "


def test_the_documentation_shows_a_certificate() -> None:
    premises = ["Every wumpus is a tumpus.", "Stella is a wumpus.", "Tumpuses are not small."]
    given = from_sentences(premises, "Stella is small.", id="0")
    state, steps = given.state, []
    for option in (Option("MODUS_PONENS", (1, 0)), Option("MODUS_PONENS", (3, 2))):
        result = state.apply(option)
        assert isinstance(result, Formula)
        steps.append((option, result))
    text = certificate(given.facts, given.goal, Answer.FALSE, steps, [*premises, given.conclusion])
    assert f"```coq\n{text}```" in (Path(__file__).parents[2] / "docs/certificates.md").read_text(encoding="utf-8")


@needs_coq
def test_certify_counts_each_trace_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    conclude = 'Thought: so it is UNKNOWN.\nAction: <Option type="CONCLUDE" args="[2]" />\n'
    traces = [
        Trace(problem(), CAREFUL),
        Trace(problem(), SHORTCUT),  # not strictly valid
        Trace(problem("Stella is a rompus."), conclude),
        Trace(problem(), conclude),  # not valid: its answer is FALSE
    ]
    file = tmp_path / "traces.jsonl"
    file.write_text("".join(json.dumps(trace.to_json()) + "\n" for trace in traces))
    main(["certify", str(file), "--out", str(tmp_path / "out"), "--check", "--json"])
    report = json.loads(capsys.readouterr().out)
    counts = ("traces", "certificates", "accepted", "refused", "not_valid", "no_model")
    assert [report[key] for key in counts] == [4, 2, 2, 0, 2, 0]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["000001.v", "000003.v"]


def test_certify_reads_traces_whatever_the_files_shape(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [Trace(problem(), text).to_json() for text in (SHORTCUT, CAREFUL)]
    file = tmp_path / "traces.json"
    file.write_bytes(gzip.compress(json.dumps(rows, indent=2).encode()))
    main(["certify", str(file), "--out", str(tmp_path / "out"), "--json"])
    report = json.loads(capsys.readouterr().out)
    assert (report["traces"], report["certificates"]) == (2, 1)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["000002.v"]


def test_certify_without_check_asks_no_checker(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    file = tmp_path / "traces.jsonl"
    file.write_text(json.dumps(Trace(problem(), CAREFUL).to_json()) + "\n")
    main(["certify", str(file), "--out", str(tmp_path / "out"), "--json"])
    report = json.loads(capsys.readouterr().out)
    assert (report["certificates"], report["accepted"], report["refused"]) == (1, None, None)
    with pytest.raises(SystemExit) as stopped:
        main(["certify", str(file), "--out", str(tmp_path / "out")])
    assert stopped.value.code == 2 and "has files in it" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stopped:
        main(["certify", str(file), "--out", str(tmp_path / "checked"), "--check"])
    assert stopped.value.code == 2 and "install Coq" in capsys.readouterr().err
    assert not (tmp_path / "checked").exists()


def test_certify_ends_with_1_where_a_certificate_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = "The reference h4 was not found in the current environment."
    monkeypatch.setitem(_REFUSALS, "coq", lambda claims: [refused for _ in claims])
    file = tmp_path / "traces.jsonl"
    file.write_text(json.dumps(Trace(problem(), CAREFUL).to_json()) + "\n")
    for form in [], ["--json"]:
        with pytest.raises(SystemExit) as stopped:
            main(["certify", str(file), "--out", str(tmp_path / f"out{len(form)}"), "--check", *form])
        assert stopped.value.code == 1 and refused in capsys.readouterr().out


@needs_coq
def test_gold_proofs_are_accepted(tmp_path: Path) -> None:
    made = generate(60, hops=(1, 2, 3), ontologies=["untrue"], distractors=1, unknown_share=0.2, seed=1)
    file = tmp_path / "traces.jsonl"
    write_json_lines(file, (Trace(one, write_steps(careful(one))).to_json() for one in made))
    *_, certified = certify(file, tmp_path / "out", check=True)
    assert (certified.traces, certified.certificates, certified.refusals) == (60, 60, [])
