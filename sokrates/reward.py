"""The verdict as a reward, for trainers that sample by themselves, such as TRL's GRPOTrainer.

    GRPOTrainer(model=…, reward_funcs=sokrates.proof_reward, train_dataset=…)    # whole in docs/reward.md

The reward is the score by which preference pairs are made (`sokrates.proof.trace.Rollout.score`): the share of
valid steps, plus 1 for the right answer, plus ½ if the whole trace is valid; from 0 to 2.5. Not covered: a reward
for each step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sokrates.io.errors import InputError
from sokrates.logic.answer import Answer
from sokrates.proof.problem import LABELS, Problem, from_prompt
from sokrates.proof.trace import Rollout, Trace
from sokrates.proof.verify import Verifier

Text = str | Sequence[dict[str, str]]  # what TRL passes: plain text, or a conversation


def proof_reward(
    prompts: Sequence[Text],
    completions: Sequence[Text],
    label: Sequence[str | None] | None = None,
    **columns: Any,
) -> list[float]:
    """The score of each completion, from 0 to 2.5.

    prompts: as `sokrates.proof.text.write_prompt` makes them; of a conversation, the last message
    completions: what the policy wrote after each prompt, any text at all
    label: the dataset's column of right answers. Where it is missing, the right answer is the solver's; where the
        solver has none (inconsistent premises, or undecided) no answer is right
    columns: TRL's other columns and arguments, which are ignored

    Raises ReadError for a malformed prompt and InputError for an invalid label: these are mistakes in the dataset,
    not the policy's.
    """
    labels = label if label is not None else [None] * len(prompts)
    known: dict[str, tuple[Problem, Verifier]] = {}
    rewards = []
    for prompt, completion, given in zip(map(_plain, prompts), map(_plain, completions), labels, strict=True):
        if prompt not in known:
            problem = from_prompt(prompt, id="prompt")
            known[prompt] = problem, Verifier(problem.facts, problem.goal)
        problem, verifier = known[prompt]
        if given and given.lower() not in LABELS:
            raise InputError(f"`label` must be one of TRUE, FALSE and UNKNOWN, not {given!r}")
        right = LABELS[given.lower()] if given else Answer.__members__.get(verifier.decision.name)
        trace = Trace(replace(problem, label=right), completion)
        rewards.append(Rollout(trace, verifier.check(trace.steps)).score("solver"))
    return rewards


def _plain(text: Text) -> str:
    return text if isinstance(text, str) else text[-1]["content"]
