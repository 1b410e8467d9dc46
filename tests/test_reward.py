"""The reward: the pairs' score for any text, from prompts alone or with labels; and the documented example."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from specimens import CAREFUL, HOSTILE, SHORTCUT, problem

from sokrates.io.errors import InputError
from sokrates.logic.reading import ReadError
from sokrates.proof.problem import from_formulas, from_prompt, from_sentences
from sokrates.reward import proof_reward

ROOT = Path(__file__).parents[1]
PROMPT = problem().prompt
WRONG = CAREFUL.replace('"[1]" />\n', '"[0]" />\n')  # two valid steps of three, and another answer


def test_the_reward_is_the_score_of_pairs() -> None:
    # careful: 3/3 + 1 + 1/2. shortcut: 1/3 + 1. the other answer: 2/3. nothing: 0
    wanted = [2.5, 1 / 3 + 1, 2 / 3, 0.0]
    texts = [CAREFUL, SHORTCUT, WRONG, ""]
    assert proof_reward([PROMPT] * 4, texts) == pytest.approx(wanted)
    assert proof_reward([PROMPT] * 4, texts, label=["FALSE"] * 4, hops=[2] * 4, trainer_state=None) == wanted
    assert proof_reward([PROMPT], [CAREFUL], label=["TRUE"]) == [1.0]  # all steps valid, not the label's answer


def test_conversations_are_read_by_their_last_message() -> None:
    prompt = [{"role": "system", "content": "Prove."}, {"role": "user", "content": PROMPT}]
    assert proof_reward([prompt], [[{"role": "assistant", "content": CAREFUL}]]) == [2.5]


def test_where_nothing_is_right_only_valid_steps_count() -> None:
    inconsistent = from_sentences(["Stella is small.", "Stella is not small."], "Stella is small.", id="0").prompt
    text = (
        "Thought: to evaluate: Stella is small, Stella is small [0] holds, so the answer is TRUE.\n"
        'Action: <Option type="CONCLUDE" args="[0]" />\n'
    )
    assert proof_reward([inconsistent], [text]) == [1.0]
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


@pytest.mark.parametrize("prompt", ["", "Stella is small.", PROMPT + "Thought: ", PROMPT.replace("[1]", "[7]")])
def test_what_is_no_prompt_is_refused(prompt: str) -> None:
    with pytest.raises(ReadError):
        proof_reward([prompt], [CAREFUL])


@pytest.mark.slow
def test_the_documented_example_runs(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/reward.md").read_text(), flags=re.DOTALL)
    code = code.replace("runs/grpo", str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    rewards = [float(found) for found in re.findall(r"'rewards/proof_reward/mean': '?([\d.]+)", done.stdout)]
    assert rewards and all(0 <= reward <= 2.5 for reward in rewards), done.stdout
