"""The verdict as a reward, for trainers that sample by themselves, such as TRL's GRPOTrainer.

    GRPOTrainer(model=…, reward_funcs=sokrates.proof_reward, train_dataset=…)    # whole in docs/reward.md

`proof_reward` is a number for a completion, `proof_credit` the same with its parts and a value for each action.
Both take what trainers pass: completions as text, as messages and as messages in parts; labels as text, bool, int
or None. No completion raises. Not covered: how a trainer uses the values (`benchmarks/reinforcement.py` shows one
way).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from sokrates.io.errors import InputError
from sokrates.logic.answer import Answer
from sokrates.pipeline.params import ScoreWeights
from sokrates.proof.dependencies import Role
from sokrates.proof.problem import LABELS, from_prompt
from sokrates.proof.text import read_steps
from sokrates.proof.verify import Verifier
from sokrates.score import DEFAULT_WEIGHTS, Scorer

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Text = Any  # what TRL passes: plain text, or a conversation whose messages hold text or a list of parts
# What may stand before a proof: blanks, and what a model writes whose thinking is switched off.
_BEFORE_PROOF = re.compile(r"\s*(?:<think>\s*</think>\s*)?")
_ANSWERS = tuple(answer.name for answer in Answer)


@dataclass(frozen=True)
class ActionCredit:
    """One step of a completion and what it contributes.

    value: its share of the part `progress`: positive where a proof needs the step, or where the step of an open
        problem tries something, else 0
    role: what it is to the answer; before a fault, also what it would be if a shortest proof followed
    span: where it begins and ends in the completion (characters)
    tokens: the same in tokens, from the first that reaches into it to before the first that begins after it; None
        without a tokenizer
    """

    value: float
    role: Role
    span: tuple[int, int]
    tokens: tuple[int, int] | None


@dataclass(frozen=True)
class ProofCredit:
    """What one completion earns: the reward, the parts of the score, and every action's share."""

    reward: float
    parts: dict[str, float]
    actions: tuple[ActionCredit, ...]


def proof_reward(
    prompts: Sequence[Text],
    completions: Sequence[Text],
    label: Sequence[Any] | None = None,
    *,
    weights: ScoreWeights = DEFAULT_WEIGHTS,
    label_names: Sequence[str] = _ANSWERS,
    **columns: Any,
) -> list[float]:
    """The score of each completion (`sokrates.score`), with the default weights from 0 to 2.5.

    prompts: as `sokrates.proof.text.write_prompt` makes them; of a conversation, the last message
    completions: what the policy wrote after each prompt, any text at all; of a conversation, the last message. An
        empty `<think>` block before the proof is left out
    label: the dataset's column of right answers: TRUE, FALSE or UNKNOWN in any case, a bool, or an index of
        `label_names`. Where the column or a value is missing, the right answer is the solver's; where the solver
        has none (inconsistent premises, or undecided) no answer is right
    label_names: of a ClassLabel column, `dataset.features["label"].names`
    columns: TRL's other columns and arguments, which are ignored

    Raises ReadError for a malformed prompt, and InputError for an invalid label or other weights: these are
    mistakes in the dataset or the call, not the policy's.
    """
    _check_weights(weights)
    scorers = _scorers(prompts, label, label_names, len(completions))
    return [
        scorer.score(scorer.verifier.check(read_steps(_proof(completion)[0])), weights)
        for scorer, completion in zip(scorers, completions, strict=True)
    ]


def proof_credit(
    prompts: Sequence[Text],
    completions: Sequence[Text],
    label: Sequence[Any] | None = None,
    *,
    weights: ScoreWeights = DEFAULT_WEIGHTS,
    label_names: Sequence[str] = _ANSWERS,
    tokenizer: PreTrainedTokenizerBase | None = None,
    completion_ids: Sequence[Sequence[int]] | None = None,
    **columns: Any,
) -> list[ProofCredit]:
    """The reward of each completion as `proof_reward` gives it, its parts, and the credit of every action.

    tokenizer: then actions have token spans: of `completion_ids`, where they are given, else of the text as the
        tokenizer divides it, without special tokens around it
    completion_ids: the tokens that the policy wrote, as TRL passes them

    The other arguments and the errors are those of `proof_reward`.
    """
    _check_weights(weights)
    ids = completion_ids if completion_ids is not None else [None] * len(completions)
    scorers = _scorers(prompts, label, label_names, len(completions))
    return [
        _credit(scorer, completion, weights, tokenizer, tokens)
        for scorer, completion, tokens in zip(scorers, completions, ids, strict=True)
    ]


def _credit(
    scorer: Scorer,
    completion: Text,
    weights: ScoreWeights,
    tokenizer: PreTrainedTokenizerBase | None,
    ids: Sequence[int] | None,
) -> ProofCredit:
    text, skipped = _proof(completion)
    checked = scorer.verifier.check(read_steps(text))
    credit = scorer.credit(checked)
    values = credit.values(len(checked.steps))
    ends = None if tokenizer is None else _token_ends(tokenizer, _plain(completion), ids)
    actions = []
    for number, step in enumerate(checked.steps):
        span = step.place[0] + skipped, step.place[2] + skipped
        is_needed = number in credit.needed and scorer.label is not Answer.UNKNOWN
        role = Role.NEEDED if is_needed else checked.dependencies.roles[number]
        tokens = None if ends is None else _tokens(ends, span)
        actions.append(ActionCredit(values[number], role, span, tokens))
    parts = scorer.parts(checked)
    reward = sum(weight * parts[name] for name, weight in weights)
    return ProofCredit(reward, parts, tuple(actions))


def _scorers(
    prompts: Sequence[Text], labels: Sequence[Any] | None, label_names: Sequence[str], count: int
) -> Iterator[Scorer]:
    """A scorer for each completion; completions of a prompt share what was found for it."""
    known: dict[tuple[str, Answer | None], Scorer] = {}
    for prompt, given in zip(prompts, labels if labels is not None else [None] * count, strict=True):
        text = f"{_plain(prompt).replace(chr(13), '').strip()}\n"
        label = _label(given, label_names)
        if (text, label) not in known:
            problem = from_prompt(text, id="prompt", label=label)
            verifier = Verifier(problem.facts, problem.goal)
            right = label if label is not None else Answer.__members__.get(verifier.decision.name)
            known[text, label] = Scorer(replace(problem, label=right), verifier)
        yield known[text, label]


def _label(given: Any, names: Sequence[str]) -> Answer | None:
    """The answer that a column's value states; None where it states none. Raises InputError."""
    if getattr(given, "ndim", 0):  # an array, or a tensor
        raise _no_label(given, names)
    value = given.item() if hasattr(given, "ndim") else given  # a number of NumPy's or torch's
    if isinstance(value, Answer):
        return value
    try:
        if value is None or value == "" or value != value:  # nan differs from itself
            return None
    except TypeError:  # pandas' NA, which cannot be compared
        return None
    if isinstance(value, bool):
        return Answer.TRUE if value else Answer.FALSE
    if isinstance(value, int) and 0 <= value < len(names):
        value = names[value]
    name = str(value).strip().lower()
    if name not in LABELS:
        raise _no_label(given, names)
    return LABELS[name]


def _no_label(given: Any, names: Sequence[str]) -> InputError:
    return InputError(
        f"`label` must be one of TRUE, FALSE and UNKNOWN, a bool or an index of {names}, not {given!r}"
    )


def _check_weights(weights: Any) -> None:
    if not isinstance(weights, ScoreWeights):
        raise InputError(f"`weights` must be a sokrates.ScoreWeights with all of its parts, not {weights!r}")


def _plain(text: Text) -> str:
    """The text of a prompt or a completion; of a conversation, that of the last message."""
    if isinstance(text, str):
        return text
    if isinstance(text, Mapping):
        return _plain(text.get("content", text.get("text")))
    if isinstance(text, Sequence) and text:
        parts = [part for part in text if not (isinstance(part, Mapping) and "role" in part)]
        return "".join(map(_plain, parts)) if parts else _plain(text[-1])
    return ""


def _proof(completion: Text) -> tuple[str, int]:
    """The completion without blanks and an empty `<think>` block before it, and how many characters these had."""
    text = _plain(completion)
    skipped = _BEFORE_PROOF.match(text).end()  # type: ignore[union-attr]
    return text[skipped:], skipped


def _token_ends(tokenizer: PreTrainedTokenizerBase, text: str, ids: Sequence[int] | None) -> list[int]:
    """Where in the text each token ends (characters); special tokens, such as padding, are none of it."""
    if ids is None:
        offsets = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
        return [end for _, end in offsets]
    tokens = list(ids)
    pieces = [_decoded(tokenizer, [token]) for token in tokens]
    if text.startswith("".join(pieces)[: len(text)]):
        return [min(end, len(text)) for end in accumulate(map(len, pieces))]
    # A character of several tokens: what is decoded up to a token says where it ends.
    return [min(len(_decoded(tokenizer, tokens[: number + 1])), len(text)) for number in range(len(tokens))]


def _decoded(tokenizer: PreTrainedTokenizerBase, tokens: list[int]) -> str:
    return str(tokenizer.decode(tokens, skip_special_tokens=True))


def _tokens(ends: Sequence[int], span: tuple[int, int]) -> tuple[int, int]:
    """The tokens that reach into a span of characters."""
    begin = next((number for number, end in enumerate(ends) if end > span[0]), len(ends))
    end = next((number + 1 for number, end in enumerate(ends) if end >= span[1]), len(ends))
    return begin, max(begin, end)
