"""The reward: the pairs' score for any text, from prompts alone or with labels; and the documented example."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from specimens import CAREFUL, HOSTILE, SHORTCUT, problem
from transformers import AutoTokenizer

from sokrates.io.errors import InputError
from sokrates.logic.answer import Answer
from sokrates.logic.reading import ReadError
from sokrates.pipeline.params import ScoreWeights
from sokrates.proof.dependencies import Role
from sokrates.proof.problem import from_formulas, from_prompt, from_sentences
from sokrates.proof.text import write_prompt
from sokrates.reward import proof_credit, proof_reward

ROOT = Path(__file__).parents[1]
PROMPT = problem().prompt
WRONG = CAREFUL.replace('"[1]" />\n', '"[0]" />\n')  # two valid steps of three, and another answer


def test_the_reward_is_the_score_of_pairs() -> None:
    # careful: 1 + 1 + 1/4 + 1/4. shortcut: one of three steps is progress, and the answer. other answer: 2/3
    wanted = [2.5, 1 / 3 + 1, 2 / 3, 0.0]
    texts = [CAREFUL, SHORTCUT, WRONG, ""]
    assert proof_reward([PROMPT] * 4, texts) == pytest.approx(wanted)
    columns = {"hops": [2] * 4, "trainer_state": None, "completion_ids": [[0]] * 4}
    assert proof_reward([PROMPT] * 4, texts, label=["FALSE"] * 4, **columns) == pytest.approx(wanted)
    assert proof_reward([PROMPT], [CAREFUL], label=["TRUE"]) == [0.0]  # a proof, not of the label's answer
    only_answers = ScoreWeights(validity=0, progress=0, answer=1, proof=0, novel=0, needed=0, format=0, length=0)
    assert proof_reward([PROMPT] * 4, texts, weights=only_answers) == [1.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    "label",
    [
        "FALSE",
        "false",
        " False ",
        False,
        1,
        np.int64(1),
        np.bool_(False),
        torch.tensor(1),
        None,
        "",
        Answer.FALSE,
        math.nan,
    ],
)
def test_labels_are_read_as_datasets_hold_them(label: object) -> None:
    assert proof_reward([PROMPT], [CAREFUL], label=[label]) == [2.5]


def test_a_class_label_is_read_by_its_names() -> None:
    assert proof_reward([PROMPT], [CAREFUL], label=[0], label_names=["False", "True"]) == [2.5]
    assert proof_reward([PROMPT], [CAREFUL], label=[0]) == [0.0]  # TRUE, by CONCLUDE's own numbers
    for wrong in (3, -1, 0.5, "MAYBE", np.array([1, 0]), torch.tensor([1]), torch.tensor([]), [], {}):
        with pytest.raises(InputError, match="label"):
            proof_reward([PROMPT], [CAREFUL], label=[wrong])


SAME_PROOF = {
    "text": CAREFUL,
    "without a last newline": CAREFUL.rstrip(),
    "blanks before": "\n\n  " + CAREFUL,
    "an empty think block": "<think>\n\n</think>\n\n" + CAREFUL,
    "the end-of-text token": CAREFUL.rstrip() + "<|im_end|>",
    "the end-of-text token on its line": CAREFUL + "<|im_end|>\n",
    "CRLF": CAREFUL.replace("\n", "\r\n"),
    "trailing spaces": CAREFUL.replace("\n", "  \n"),
}


@pytest.mark.parametrize("name", SAME_PROOF)
def test_the_same_proof_earns_the_same_however_it_comes(name: str) -> None:
    text = SAME_PROOF[name]
    parts = [{"type": "text", "text": text[:40]}, {"type": "text", "text": text[40:]}]
    for completion in text, [{"role": "assistant", "content": text}], [{"role": "assistant", "content": parts}]:
        (credit,) = proof_credit([PROMPT], [completion])
        assert credit.reward == 2.5
        begins = [text[slice(*action.span)].startswith("Thought: ") for action in credit.actions]
        assert begins == [True] * 3


@pytest.mark.parametrize(
    "nothing", ["", None, [], [{"role": "assistant", "content": None}], "<think></think>", [""]]
)
def test_an_empty_completion_earns_nothing(nothing: object) -> None:
    assert proof_reward([PROMPT], [nothing]) == [0.0]
    assert proof_credit([PROMPT], [nothing])[0].actions == ()


def test_prompts_are_read_as_datasets_hold_them() -> None:
    for prompt in (
        PROMPT.rstrip(),
        f"\n\n{PROMPT}",
        PROMPT.replace("\n", "\r\n"),
        [{"role": "user", "content": [{"text": PROMPT}]}],
    ):
        assert proof_reward([prompt], [CAREFUL]) == [2.5]


def test_credit_of_actions_by_hand() -> None:
    (credit,) = proof_credit([PROMPT], [SHORTCUT])
    assert [action.value for action in credit.actions] == pytest.approx([1 / 3, 0, 0])
    assert [action.role for action in credit.actions] == [Role.NEEDED, Role.REJECTED, Role.REJECTED]
    assert (credit.parts["progress"], credit.parts["answer"], credit.parts["proof"]) == (
        pytest.approx(1 / 3),
        1,
        0,
    )
    assert "".join(SHORTCUT[slice(*action.span)] for action in credit.actions) == SHORTCUT
    assert [action.tokens for action in credit.actions] == [None] * 3


def test_token_spans_cover_the_actions() -> None:
    tokenizer = AutoTokenizer.from_pretrained(ROOT / "base/model")
    text = "<think>\n\n</think>\n" + CAREFUL
    ids = [*tokenizer(text, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id]
    padded = [tokenizer.pad_token_id] * 5 + ids
    for given, written in (None, ids), ([ids], ids), ([padded], padded):
        (credit,) = proof_credit([PROMPT], [text], tokenizer=tokenizer, completion_ids=given)
        for action in credit.actions:
            assert action.tokens is not None
            assert text[slice(*action.span)] in str(tokenizer.decode(written[slice(*action.tokens)]))
        last = credit.actions[-1].tokens
        assert last is not None and last[1] == len(written) - 1  # the end of the text is part of no action


def test_weights_are_all_or_an_error() -> None:
    for wrong in {"answer": 1.0}, None, 1.0:
        for reward in proof_reward, proof_credit:
            with pytest.raises(InputError, match="ScoreWeights"):
                reward([PROMPT], [CAREFUL], weights=wrong)  # type: ignore[arg-type]


def test_conversations_are_read_by_their_last_message() -> None:
    prompt = [{"role": "system", "content": "Prove."}, {"role": "user", "content": PROMPT}]
    assert proof_reward([prompt], [[{"role": "assistant", "content": CAREFUL}]]) == [2.5]


def test_where_nothing_is_right_nothing_is_earned() -> None:
    inconsistent = from_sentences(["Stella is small.", "Stella is not small."], "Stella is small.", id="0").prompt
    text = (
        "Thought: to evaluate: Stella is small, Stella is small [0] holds, so the answer is TRUE.\n"
        'Action: <Option type="CONCLUDE" args="[0]" />\n'
    )
    assert proof_reward([inconsistent], [text]) == [0.0]
    with pytest.raises(InputError, match="MAYBE"):
        proof_reward([PROMPT], [CAREFUL], label=["MAYBE"])


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_raises_or_earns_more_than_a_proof(name: str) -> None:
    (reward,) = proof_reward([PROMPT], [HOSTILE[name]])
    assert 0 <= reward < 2.5


def test_a_prompt_gives_its_problem_back() -> None:
    given = problem()
    read = from_prompt(given.prompt, id="0")
    assert (read.facts, read.goal, read.prompt) == (given.facts, given.goal, given.prompt)
    formulas = from_formulas(["All men die."], "Ann dies", ["∀x (Man(x) → Dies(x))"], "Dies(ann)", id="1")
    read = from_prompt(formulas.prompt, id="1")
    assert (read.facts, read.goal, read.prompt) == (formulas.facts, formulas.goal, formulas.prompt)


@pytest.mark.parametrize(
    ("premises", "conclusion", "why"),
    [
        (["It is false that: Rex is a dog", "Every dog is loud"], "Rex is loud", "a formula stands after a colon"),
        (["All red people are big", "The car is red"], "The car is big", "may be neither"),
        (["All red  people are big", "The car is red"], "The car is big", "may be neither"),
    ],
)
def test_a_prompt_says_no_more_than_its_sentences(premises: list[str], conclusion: str, why: str) -> None:
    with pytest.raises(ReadError, match=why):
        from_prompt(write_prompt(premises, conclusion), id="0")


@pytest.mark.parametrize("prompt", ["", "Stella is small.", PROMPT + "Thought: ", PROMPT.replace("[1]", "[7]")])
def test_what_is_no_prompt_is_refused(prompt: str) -> None:
    with pytest.raises(ReadError):
        proof_reward([prompt], [CAREFUL])


@pytest.mark.slow
def test_the_documented_example_runs(tmp_path: Path) -> None:
    *_, code = re.findall(r"```python\n(.*?)```", (ROOT / "docs/reward.md").read_text(), flags=re.DOTALL)
    code = code.replace("runs/grpo", str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    rewards = [float(found) for found in re.findall(r"'rewards/proof_reward/mean': '?([\d.]+)", done.stdout)]
    assert rewards and all(0 <= reward <= 2.5 for reward in rewards), done.stdout


def test_a_completion_that_has_used_up_the_kernels_room_is_scored() -> None:
    """Search finds no proof that goes on from it, and says so; it does not raise."""
    conjunction = " ∧ ".join(f"P{number}(ann)" for number in range(1200))
    given = from_formulas(["All."], "All.", [conjunction], "P700(ann)", id="1")
    steps = [
        f'Thought: so P{number}(ann).\nAction: <Option type="AND_ELIM" args="[0, {number}]" />\n'
        for number in range(180)
    ]
    (credit,) = proof_credit([given.prompt], ["".join(steps)])
    assert credit.reward == 0 and len(credit.actions) == 180


def test_a_denied_denial_does_not_stop_the_search_for_what_is_to_be_tried() -> None:
    formulas = ["¬¬P(a)", "∀x (¬Q(x) → ¬P(x))"]
    given = from_formulas(formulas, "Q(a) ∧ S(a)", formulas, "Q(a) ∧ S(a)", id="0")
    text = 'Thought: so the answer is UNKNOWN.\nAction: <Option type="CONCLUDE" args="[2]" />\n'
    (reward,) = proof_reward([given.prompt], [text])
    assert 1 <= reward < 2.5  # by contradiction Q(a) follows
