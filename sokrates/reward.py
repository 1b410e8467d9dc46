"""The verdict as a reward, for trainers that sample by themselves: TRL's GRPOTrainer and its kin.

    GRPOTrainer(model=…, reward_funcs=proof_reward, train_dataset=…)    # docs/reward.md has it whole

The reward is the score that preference pairs are made by (`sokrates.proof.trace.Rollout`): the share of valid
steps, 1 more for the right answer, ½ more where all is valid; between 0 and 2.5. Not covered: a reward for each
step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sokrates.errors import InputError
from sokrates.logic.answer import Answer
from sokrates.proof.problem import LABELS, Problem, from_prompt
from sokrates.proof.trace import Rollout, Trace
from sokrates.proof.verify import Verifier

Text = str | Sequence[dict[str, str]]  # as TRL hands it over: plain, or a conversation


def proof_reward(
    prompts: Sequence[Text],
    completions: Sequence[Text],
    label: Sequence[str | None] | None = None,
    **columns: Any,
) -> list[float]:
    """The score of each completion.

    prompts: as `sokrates.proof.text.write_prompt` makes them; of a conversation its last message
    completions: what the policy wrote after each, any text at all
    label: the dataset's column of right answers; where it is missing, the right answer is the solver's, and where
        the solver has none (inconsistent premises, undecided) no answer is right
    columns: TRL's other columns and arguments, not used

    Raises ReadError for a prompt that is none and InputError for a label that is none: mistakes of the dataset
    and not of the policy.
    """
    labels = label if label is not None else [None] * len(prompts)
    known: dict[str, tuple[Problem, Verifier]] = {}
    rewards = []
    for prompt, completion, said in zip(map(_plain, prompts), map(_plain, completions), labels, strict=True):
        if prompt not in known:
            problem = from_prompt(prompt, id="prompt")
            known[prompt] = problem, Verifier(problem.facts, problem.goal)
        problem, verifier = known[prompt]
        if said and said.lower() not in LABELS:
            raise InputError(f"`label` must be one of TRUE, FALSE and UNKNOWN, not {said!r}")
        right = LABELS[said.lower()] if said else Answer.__members__.get(verifier.decision.name)
        trace = Trace(replace(problem, label=right), completion)
        rewards.append(Rollout(trace, verifier.check(trace.steps)).score("solver"))
    return rewards


def _plain(text: Text) -> str:
    return text if isinstance(text, str) else text[-1]["content"]
