"""Guided decoding: greedy, and an Action can only be an option that is valid in the state.

At the Action each token is the likeliest of those that continue a valid option. To list a state's options takes
longer than to write one, so the Action is first written freely: a valid one is what the trie of all valid options
gives too, as its tokens are in it. An Action that the kernel rejects is cut off and written once more within the
trie of `search.applicable`, where only the name that is chosen has its arguments listed. The claim is checked as
always: the step may still claim another formula than it derives. A line that is no step, or that has no room for a
valid Action, ends the trace before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Any

from torch import Tensor
from transformers import PreTrainedTokenizerBase

from sokrates.io.errors import UserError
from sokrates.logic.answer import Answer, Decision
from sokrates.proof.kernel import State
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import Problem
from sokrates.proof.text import CONCLUDE, read_steps, write_option
from sokrates.proof.verify import Verifier
from sokrates.sampling.control import Branch, Continuation, Trie
from sokrates.search.applicable import applicable, applicable_names
from sokrates.strategies.search_control import Limits, Results, is_whole_step, option_begins

_OPENING = '<Option type="'
OPENING = f"Action: {_OPENING}"
THOUGHT_END = "].\n"  # shares a token with OPENING in some tokenizers


@dataclass
class _Proof:
    """A proof in progress.

    state: what it has derived
    text, steps, length: the text of its steps, their number and their tokens
    within_trie: the Action of the step in progress is written within the trie
    """

    verifier: Verifier
    state: State
    text: str = ""
    steps: int = 0
    length: int = 0
    within_trie: bool = False


class Guided:
    """The control of guided decoding, of one continuation a prompt. Raises UserError for unsuited tokenizers."""

    def __init__(
        self, problems: Sequence[Problem], tokenizer: PreTrainedTokenizerBase, limits: Limits, pauses: Tensor
    ) -> None:
        self.results = Results(problems, limits.max_steps)
        self.tokenizer, self.limits = tokenizer, limits
        self.pauses, self.max_draws = pauses, limits.max_draws
        self._proofs: dict[int, _Proof] = {}
        self._before = tokenizer(f"{THOUGHT_END}{OPENING}", add_special_tokens=False)["input_ids"]
        # One cache for all states: their options are mostly the same.
        self._tokens = lru_cache(maxsize=1 << 16)(self._tokens_of)

    def next(
        self, prompt: int, continuations: Sequence[Continuation], spent: int
    ) -> Sequence[Branch | None] | None:
        (continuation,) = continuations
        problem = self.results.problems[prompt]
        if prompt not in self._proofs:
            self._proofs[prompt] = _Proof(Verifier(problem.facts, problem.goal), problem.state)
        proof = self._proofs[prompt]
        text = str(self.tokenizer.decode(continuation.tokens, skip_special_tokens=True))
        written = text[len(proof.text) :]
        if not (continuation.closed or is_whole_step(written)):
            return [Branch(0, len(continuation.tokens))]
        steps = read_steps(text)[proof.steps :]
        option = steps[0].option if len(steps) == 1 and written.endswith("\n") else None
        valid = option is not None and _apply(proof, option)
        if valid:
            proof.text, proof.steps, proof.length = text, proof.steps + 1, len(continuation.tokens)
        concluded = valid and option is not None and option.name == CONCLUDE
        if concluded or proof.steps >= self.limits.max_steps or (valid and continuation.closed):
            self._settle(prompt, concluded, spent)
            return None
        if valid:
            proof.within_trie = False
            return [Branch(0, proof.length)]
        begin = option_begins(self.tokenizer, continuation.tokens, OPENING)
        has_action = begin is not None and begin > proof.length
        if not has_action or proof.within_trie or spent >= self.limits.max_tokens:
            self._settle(prompt, continuation.ended and not written, spent)
            return None
        proof.within_trie = True
        assert begin is not None
        return [Branch(0, begin, trie=self._trie(proof))]

    def _settle(self, prompt: int, concluded: bool, spent: int) -> None:
        self.results.settle(prompt, self._proofs.pop(prompt).text, concluded, spent)

    def _trie(self, proof: _Proof) -> Trie:
        """The tokens of the options that are valid in the proof's state."""
        names = applicable_names(proof.state)
        if CONCLUDE not in names and proof.verifier.decision is Decision.UNKNOWN:
            names.append(CONCLUDE)
        root: dict[int, Trie] = {}
        for name in names:
            *beginning, last = self._tokens(_head(name))
            node: Any = root
            for token in beginning:
                node = node.setdefault(token, {})
            node[last] = _Arguments(partial(self._arguments, proof.state, proof.verifier, name))
        return root

    def _arguments(self, state: State, verifier: Verifier, name: str) -> Trie:
        """The tokens of the arguments that an option of this name can have, to the end of the line."""
        options = applicable(state, name)
        if name == CONCLUDE and verifier.decision is Decision.UNKNOWN:
            options.append(Option(CONCLUDE, (Answer.UNKNOWN.value,)))
        head = self._tokens(_head(name))
        root: dict[int, Trie] = {}
        for option in options:
            tokens = self._tokens(f"{write_option(option).removeprefix(_OPENING)}\n")
            if tokens[: len(head)] != head:
                raise UserError("guided decoding needs a tokenizer whose tokens end before an option's arguments")
            node: Any = root
            for token in tokens[len(head) :]:
                node = node.setdefault(token, {})
        return root

    def _tokens_of(self, text: str) -> tuple[int, ...]:
        """The tokens of what follows OPENING."""
        whole = self.tokenizer(f"{THOUGHT_END}{OPENING}{text}", add_special_tokens=False)["input_ids"]
        begin = len(self._before)
        if whole[:begin] != self._before:
            raise UserError("guided decoding needs a tokenizer whose tokens end before the name of an option")
        return tuple(whole[begin:])


class _Arguments(Mapping[int, Trie]):
    """A part of a trie that is made when it is reached: most names are never chosen."""

    def __init__(self, make: Callable[[], Trie]) -> None:
        self._make = make

    @cached_property
    def _trie(self) -> Trie:
        return self._make()

    def __getitem__(self, token: int) -> Trie:
        return self._trie[token]

    def __iter__(self) -> Iterator[int]:
        return iter(self._trie)

    def __len__(self) -> int:
        return len(self._trie)


def _head(name: str) -> str:
    """An option's name, up to its arguments."""
    return f'{name}" args="['


def _apply(proof: _Proof, option: Option) -> bool:
    """Whether the option is valid in the proof's state, which then holds what it derives."""
    state = proof.state.copy()
    if option.name == CONCLUDE:
        applied = isinstance(state.conclude(option, proof.verifier.decide), Answer)
    else:
        applied = not isinstance(state.apply(option), Reason)
    if applied:
        proof.state = state
    return applied
