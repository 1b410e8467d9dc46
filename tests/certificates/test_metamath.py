"""Certificates of Metamath: what they say, that it refuses any other, the command.

Where Metamath is not installed these tests skip. Not covered: Metamath itself; what Coq's certificates share with
these (`test_checkers`).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from checkers import METAMATH, needs
from derivations import random_derivation
from specimens import CAREFUL, SHORTCUT, problem
from worked_derivations import NESTED, WORKED

from sokrates.__main__ import main
from sokrates.certificates.metamath import certificate
from sokrates.certificates.metamath_statement import Variables, statement
from sokrates.logic.answer import Answer
from sokrates.logic.fol import read
from sokrates.logic.formula import Formula, Not, negation
from sokrates.proof.option import Option
from sokrates.proof.problem import from_sentences
from sokrates.proof.trace import Trace

needs_metamath = needs(METAMATH)


# Other files than ours

LETTERS = re.compile(r"(?<=\)\n)[A-Z\n]+(?= \$\.)")


def _letters(text: str, change: Callable[[str], str]) -> str:
    """The text with its compressed proof changed."""
    return LETTERS.sub(lambda found: change(found[0]), text)


MUTATIONS: dict[str, Callable[[str], str]] = {
    "the conclusion negated": lambda text: text.replace("$p |- -. (", "$p |- -. -. ("),
    "a premise dropped": lambda text: re.sub(r"h3 \$e.*\n", "", text),
    "a premise added": lambda text: text.replace("certificate $p", "h4 $e |- F. $.\ncertificate $p"),
    "a premise weakened": lambda text: text.replace("h1 $e |- ( p1_wumpus c_Stella", "h1 $e |- ( p1_wumpus c_Max"),
    "an axiom": lambda text: text.replace("certificate $p", "cheat $a |- F. $.\ncertificate $p"),
    "an axiom after the statement": lambda text: text + "cheat $a |- F. $.\n",
    "a second theorem": lambda text: text + "second $p |- T. $= ( ax-tru ) A $.\n",
    "another database": lambda text: text.replace("$[ sokrates.mm $]", "$[ other.mm $]"),
    "a proof with a gap": lambda text: _letters(text, lambda _: "?"),
    "a normal proof with a gap": lambda text: text[: text.index("$=\n(")] + "$=\n? $.\n",
    "two premises swapped in the proof": lambda text: _letters(
        text, lambda proof: proof.translate(str.maketrans("BCD", "CDB"))
    ),
    "a letter dropped": lambda text: _letters(text, lambda proof: proof[:5] + proof[6:]),
    "a letter doubled": lambda text: _letters(text, lambda proof: proof[0] + proof),
    "a theorem in place of another": lambda text: text.replace(" mpd ", " mtd "),
    "an individual in place of another": lambda text: text.replace(" c0 ", " c1 "),
    "a number out of range": lambda text: _letters(text, lambda proof: proof + "YT"),
    "a proof that is cut off": lambda text: text[: len(text) - 20],
    "no proof": lambda text: text[: text.index("$=\n") + 3],
    "no certificate": lambda text: "",
}  # fmt: skip


@needs_metamath
def test_no_mutated_certificate_is_accepted(tmp_path: Path) -> None:
    assert METAMATH.accepted_mutations(tmp_path, WORKED, MUTATIONS) == []


@needs_metamath
def test_no_changed_letter_of_a_nested_proof_is_accepted(tmp_path: Path) -> None:
    """A proof states nothing twice, so any other letter makes another proof, or none."""
    (original, statement), random = METAMATH.written(NESTED), Random(1)
    begin = LETTERS.search(original)
    assert begin is not None
    changed = []
    while len(changed) < 60:
        place = random.randrange(begin.start(), begin.end())
        letter = random.choice("ABCDEFGHIJKLMNOPQRSTUVWXY")
        if original[place] not in f"\n{letter}":
            text = original[:place] + letter + original[place + 1 :]
            changed.append((text, statement))
    assert [
        text for (text, _), why in zip(changed, METAMATH.check(tmp_path, changed), strict=True) if why is None
    ] == []


@needs_metamath
def test_a_proof_of_something_else_is_refused(tmp_path: Path) -> None:
    """Also where the file states the problem, and goes on with a proof of another."""
    proofs = [random_derivation(Random(seed), Counter()) for seed in range(30)]
    others = []
    for proof in proofs:
        text, own = METAMATH.written(proof)
        variables = Variables(*(len(set(re.findall(rf"\b{kind}\d+\.", own))) for kind in "xy"))
        body = text.removeprefix(own)
        for premises, goal in (
            (proof.premises, Not(proof.goal)),
            ([negation(proof.premises[0]), *proof.premises[1:]], proof.goal),
            (proof.premises[1:], proof.goal),
        ):
            says = statement(premises, goal, Answer.TRUE, variables)
            others += [(text, says), (says + body, says)]
    verdicts = METAMATH.check(tmp_path, others)
    assert verdicts[::2] == ["it does not state the problem"] * len(verdicts[::2])
    # A proof that never uses the premise that is left out or negated may stand, as it proves what is claimed.
    assert all(why for why in verdicts[1::6])


# Statements and files


def test_the_statement_says_what_the_problem_does() -> None:
    facts = [read(text).formula for text in ("∀x (P(x) ∧ ∃y R(x, y) → Q)", 'P("the moon")', "⊥ ⊕ (P(b) ↔ ⊤)")]
    says = statement(facts, read("¬R(a, a) ∨ Q ∨ Q").formula, Answer.FALSE, Variables(2, 1))
    assert says.splitlines() == [
        "$[ sokrates.mm $]",
        "$c p0_Q p1_P p2_R c'0 c_b $.",
        "$v c_a x0 x1 y0 $.",
        "p0 $a pred p0_Q $.",
        "p1 $a pred p1_P $.",
        "p2 $a pred p2_R $.",
        "c0 $a term c'0 $.",
        "c1 $a term c_b $.",
        "c2 $f setvar c_a $.",
        "x0. $f setvar x0 $.",
        "x1. $f setvar x1 $.",
        "y0. $f setvar y0 $.",
        "$d c_a x0 x1 y0 $.",
        "h0 $e |- A. x1 ( ( ( p1_P x1 ) /\\ E. x0 ( p2_R x1 x0 ) ) -> ( p0_Q ) ) $.",
        "h1 $e |- ( p1_P c'0 ) $.",
        "h2 $e |- ( F. \\/_ ( ( p1_P c_b ) <-> T. ) ) $.",
        "certificate $p |- -. ( -. ( p2_R c_a c_a ) \\/ ( ( p0_Q ) \\/ ( p0_Q ) ) ) $=",
    ]


def test_the_documentation_shows_a_certificate() -> None:
    premises = ["Every wumpus is a tumpus.", "Stella is a wumpus.", "Tumpuses are not small."]
    given = from_sentences(premises, "Stella is small.", id="0")
    state, steps = given.state, []
    for option in (Option("MODUS_PONENS", (1, 0)), Option("MODUS_PONENS", (3, 2))):
        result = state.apply(option)
        assert isinstance(result, Formula)
        steps.append((option, result))
    one = certificate(given.facts, given.goal, Answer.FALSE, steps, [*premises, given.conclusion])
    assert one is not None
    assert f"```text\n{one.text}```" in (Path(__file__).parents[2] / "docs/certificates.md").read_text(
        encoding="utf-8"
    )


@needs_metamath
def test_certify_writes_the_database_beside_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unknown = 'Thought: so it is UNKNOWN.\nAction: <Option type="CONCLUDE" args="[2]" />\n'
    traces = [
        Trace(problem(), CAREFUL),
        Trace(problem(), SHORTCUT),
        Trace(problem("Stella is a rompus."), unknown),
    ]
    file = tmp_path / "traces.jsonl"
    file.write_text("".join(json.dumps(trace.to_json()) + "\n" for trace in traces))
    command = ["certify", str(file), "--format", "metamath", "--json", "--out"]
    main([*command, str(tmp_path / "out"), "--check"])
    report = json.loads(capsys.readouterr().out)
    counts = ("traces", "certificates", "accepted", "refused", "not_valid", "no_model")
    assert [report[key] for key in counts] == [3, 1, 1, 0, 1, 1]  # no theorem says UNKNOWN
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["000001.mm", "sokrates.mm"]


@pytest.fixture
def no_metamath(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def test_the_check_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], no_metamath: None
) -> None:
    file = tmp_path / "traces.jsonl"
    file.write_text(json.dumps(Trace(problem(), CAREFUL).to_json()) + "\n")
    with pytest.raises(SystemExit) as stopped:
        main(["certify", str(file), "--out", str(tmp_path / "out"), "--format", "metamath", "--check"])
    assert stopped.value.code == 2 and "Debian's package is metamath" in capsys.readouterr().err
