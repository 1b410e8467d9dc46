"""The public names: what `import sokrates` offers, what it costs, and what each function gives a user."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from specimens import CAREFUL, PREMISES, SHORTCUT

import sokrates

SMALL = sokrates.problem(PREMISES, "Stella is small.", label="FALSE")


def test_every_public_name_is_there_and_documented() -> None:
    for name in set(sokrates.__all__) - {"__version__"}:
        assert getattr(sokrates, name).__doc__, name
    assert set(sokrates.__all__) <= set(dir(sokrates))
    with pytest.raises(AttributeError, match="has no attribute 'theorem'"):
        _ = sokrates.theorem  # type: ignore[attr-defined]


def test_import_loads_nothing_before_it_is_used() -> None:
    code = "import sys, sokrates; print([name for name in sys.modules if name.startswith('sokrates.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "[]\n"
    code = "import sys, sokrates; sokrates.verify; print({'torch', 'transformers', 'datasets'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "set()\n"


def test_the_package_is_typed() -> None:
    assert (Path(sokrates.__file__).parent / "py.typed").is_file()


def test_a_problem_from_sentences_formulas_and_both_is_the_same_problem() -> None:
    sentences = sokrates.problem(["Every wumpus is a tumpus.", "Stella is a wumpus."], "Stella is a tumpus.")
    formulas = sokrates.problem(["∀x (Wumpus(x) → Tumpus(x))", "Wumpus(Stella)"], "Tumpus(Stella)")
    both = sokrates.problem(
        ["Wumpuses, all of them, are tumpuses: ∀x (Wumpus(x) → Tumpus(x))", "Wumpus(Stella)"],
        "She too: Tumpus(Stella)",
    )
    assert formulas.facts == both.facts and formulas.goal is both.goal
    for one in sentences, formulas, both:
        assert sokrates.label(one) is sokrates.Decision.TRUE
        proof = sokrates.prove(one)
        assert proof and [str(option) for option in proof.options] == ["MODUS_PONENS(1, 0)", "CONCLUDE(0)"]
        assert sokrates.verify(one, proof.text).valid


@pytest.mark.parametrize("text", ["Colorless green ideas.", "Stella is small.\nStella is red.", ""])
def test_a_premise_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(sokrates.ReadError):
        sokrates.problem([text], "Stella is small.")


def test_a_label_is_one_of_three() -> None:
    assert SMALL.label is sokrates.Answer.FALSE
    assert sokrates.problem(PREMISES, "Stella is small.", label=sokrates.Answer.TRUE).label is sokrates.Answer.TRUE
    with pytest.raises(sokrates.InputError, match="TRUE, FALSE or UNKNOWN, not 'maybe'"):
        sokrates.problem(PREMISES, "Stella is small.", label="maybe")


def test_other_values_are_named() -> None:
    one = sokrates.problem(["Max is red."], "Max is red.")
    with pytest.raises(sokrates.InputError, match="a label is TRUE, FALSE or UNKNOWN, not True"):
        sokrates.problem(["Max is red."], "Max is red.", label=True)  # type: ignore[arg-type]
    with pytest.raises(sokrates.InputError, match="semantics are classical or closure, not 'open'"):
        sokrates.label(one, "open")  # type: ignore[arg-type]
    with pytest.raises(sokrates.InputError, match="None is not an option"):
        sokrates.verify(one, [None])  # type: ignore[list-item]


def test_verify_says_of_each_step_whether_it_is_valid_and_why_not() -> None:
    careful, shortcut = sokrates.verify(SMALL, CAREFUL), sokrates.verify(SMALL, SHORTCUT)
    assert careful.valid and careful.answer is sokrates.Answer.FALSE
    assert [step.derived for step in careful.steps] == ["Stella is a tumpus", "Stella is not small", None]
    assert [step.valid for step in shortcut.steps] == [True, False, False] and not shortcut.valid
    assert [step.reason for step in shortcut.steps] == [None, "rule does not apply", "conclusion not derived"]
    assert [step.action for step in shortcut.steps][1:] == ["MODUS_PONENS(1, 2)", "CONCLUDE(1)"]
    assert [step.explanation is None for step in shortcut.steps] == [True, False, False]
    explained = 'line 2, "every tumpus is not small", needs a premise of the form "X is a tumpus"'
    assert shortcut.steps[1].rejection == f'rule does not apply: {explained}; line 1 says "Stella is a wumpus"'
    shown = str(shortcut)
    assert [line[0] for line in shown.splitlines() if line[0] in "✓✗"] == ["✓", "✗", "✗"]
    assert shown.endswith("Answer: FALSE, right; not a valid proof")


def test_a_list_of_options_claims_nothing_and_text_must_claim_what_it_derives() -> None:
    calls = ["MODUS_PONENS(1, 0)", "MODUS_PONENS(4, 2)", "CONCLUDE(1)"]
    assert sokrates.verify(SMALL, calls).valid
    assert str(sokrates.verify(SMALL, calls)).startswith("✓ MODUS_PONENS(1, 0) derives Stella is a tumpus\n")
    unfaithful = CAREFUL.replace("so Stella is a tumpus", "so Stella is a zumpus")
    assert sokrates.verify(SMALL, unfaithful).steps[0].reason == "claim is another formula"
    with pytest.raises(sokrates.InputError, match="'MODUS' is not an option"):
        sokrates.verify(SMALL, ["MODUS"])


def test_a_valid_proof_of_the_wrong_answer_is_not_valid() -> None:
    mislabelled = sokrates.problem(PREMISES, "Stella is small.", label="TRUE")
    checked = sokrates.verify(mislabelled, CAREFUL)
    assert all(step.valid for step in checked.steps) and not checked.valid
    assert checked.summary == "Answer: FALSE, label TRUE; not a valid proof"
    assert not sokrates.verify(SMALL, "").valid  # no answer at all


def test_text_that_is_no_trace_is_a_step_that_is_not_valid() -> None:
    (step,) = sokrates.verify(SMALL, "I think she is.").steps
    assert (step.valid, step.action, step.reason) == (False, None, "unparsed")


def test_what_is_not_entailed_either_way_is_unknown() -> None:
    red = sokrates.problem(PREMISES, "Stella is red.")
    proof = sokrates.prove(red)
    assert proof and sokrates.verify(red, proof.text).answer is sokrates.Answer.UNKNOWN
    both = sokrates.problem([*PREMISES, "Stella is small."], "Stella is red.")
    assert sokrates.label(both) is sokrates.Decision.INCONSISTENT
    assert sokrates.label(SMALL, "closure") is sokrates.Decision.FALSE


def test_options_are_those_that_are_valid_after_others() -> None:
    before = dict(sokrates.options(SMALL))
    assert before["MODUS_PONENS(1, 0)"] == "Stella is a tumpus" and "CONCLUDE(1)" not in before
    after = dict(sokrates.options(SMALL, ["MODUS_PONENS(1, 0)", "MODUS_PONENS(4, 2)"]))
    assert after["CONCLUDE(1)"] is None
    with pytest.raises(sokrates.InputError) as error:
        sokrates.options(SMALL, ["MODUS_PONENS(0, 1)"])
    why = 'line 1, "Stella is a wumpus", is not a rule: it needs an implication'
    assert str(error.value) == f"MODUS_PONENS(0, 1) is rejected: rule does not apply: {why}"
    with pytest.raises(sokrates.InputError, match=r"there is no line 4; the lines so far are 0 to 3"):
        sokrates.options(SMALL, ["MODUS_PONENS(4, 2)"])
    with pytest.raises(sokrates.InputError, match=r"CONCLUDE\(1\) ends the proof"):
        sokrates.options(SMALL, ["MODUS_PONENS(1, 0)", "MODUS_PONENS(4, 2)", "CONCLUDE(1)"])


def test_one_string_is_no_list() -> None:
    with pytest.raises(TypeError, match="give a list of sentences"):
        sokrates.problem("Stella is a wumpus.", "Stella is a wumpus.")
    with pytest.raises(TypeError, match="give a list of options"):
        sokrates.options(SMALL, "MODUS_PONENS(1, 0)")


def test_files_are_read_in_either_format_and_errors_name_the_line(tmp_path: Path) -> None:
    ours = {"premises": PREMISES, "conclusion": "Stella is small.", "label": "FALSE", "text": CAREFUL}
    published = {key: ours[key] for key in ("premises", "conclusion", "label")}
    actions = ['<Option type="MODUS_PONENS" args="[1, 0]" />', '<Option type="CONCLUDE" args="[0]" />']
    steps = [{"thought": "so Stella is red.", "action": action} for action in actions]
    file = tmp_path / "t.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in (ours, {**published, "steps": steps})))
    verdicts = [sokrates.verify(*row) for row in sokrates.read_traces(file)]
    assert [one.valid for one in verdicts] == [True, False]
    assert [one.id for one in sokrates.read_problems(file)] == [f"{file}:1", f"{file}:2"]
    file.write_text(json.dumps({**ours, "conclusion": "Wherefore?"}) + "\n")
    for read in sokrates.read_problems, sokrates.read_traces:
        with pytest.raises(sokrates.InputError, match=r"t\.jsonl:1: .*Wherefore"):
            list(read(str(file)))


def test_the_reward_is_a_public_name() -> None:
    rewards = sokrates.proof_reward([SMALL.prompt] * 2, [CAREFUL, SHORTCUT], label=["FALSE"] * 2)
    assert rewards == [2.5, 1 / 3 + 1]  # three of three steps valid, right, all valid; one of three, right
