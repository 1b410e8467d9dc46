"""Samples traces: K for each prompt, with the engine that params name.

The same policy, settings and seed give the same text on one machine. Not covered: how an engine writes (one file
for each beside this one), decoding that only admits valid options.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tqdm import tqdm
from transformers import PreTrainedTokenizerBase

from sokrates.pipeline.params import Sampling
from sokrates.policy.model import load_policy, load_tokenizer
from sokrates.proof.text import first_steps
from sokrates.sampling.continuous_batching import decode_continuously
from sokrates.sampling.request import Request, Tokens
from sokrates.sampling.shared_prompt import decode
from sokrates.sampling.vllm import decode_with_vllm


@dataclass(frozen=True)
class Sampler:
    """How traces are sampled.

    temperature: of the softmax; None is greedy
    top_p: nucleus
    max_steps: steps of a trace that are kept
    max_new_tokens: of a trace, at most
    batch_size: traces written at a time
    engine: one of params' `sampling.engine`
    """

    temperature: float | None
    top_p: float
    max_steps: int
    max_new_tokens: int
    batch_size: int
    engine: str = "shared_prompt"

    @classmethod
    def from_params(cls, settings: Sampling, *, greedy: bool = False) -> Sampler:
        """The sampler that params describe, or its greedy version."""
        return cls(
            None if greedy else settings.temperature,
            settings.top_p,
            settings.max_steps,
            settings.max_new_tokens,
            settings.batch_size,
            settings.engine,
        )

    def request(self, samples: int, seed: int, tokenizer: PreTrainedTokenizerBase) -> Request:
        """What an engine is asked for: so many traces of each prompt, drawn by this seed."""
        return Request(
            samples,
            self.temperature,
            self.top_p,
            self.max_new_tokens,
            end=tokenizer.eos_token_id,
            batch_size=self.batch_size,
            seed=seed,
        )


@dataclass(frozen=True)
class Sample:
    """A policy's text after a prompt.

    ended: it stopped by itself and nothing was cut off
    tokens: the number that it wrote, with those that were cut off
    """

    text: str
    ended: bool
    tokens: int


def sample(
    policy: Path | str,
    prompts: Sequence[str],
    sampler: Sampler,
    *,
    dtype: str,
    samples: int = 1,
    seed: int = 0,
) -> list[list[Sample]]:
    """For each prompt, in order, `samples` traces of a policy. Raises UserError.

    policy: a folder that a stage has saved, or any model by folder or name
    dtype: float32 or bfloat16, of its weights
    """
    write: Callable[[Sequence[Tokens], Request, Callable[[int], object]], list[list[Tokens]]]
    if sampler.engine == "vllm":
        tokenizer, write = load_tokenizer(policy), partial(decode_with_vllm, Path(policy), dtype)
    else:
        model, tokenizer = load_policy(policy, dtype)
        engines = {"shared_prompt": decode, "continuous_batching": decode_continuously}
        write = partial(engines[sampler.engine], model)
    ids: list[Tokens] = tokenizer(list(prompts))["input_ids"] if prompts else []
    with tqdm(total=len(prompts) * samples, desc="sampling", unit="trace", mininterval=2) as bar:
        written = write(ids, sampler.request(samples, seed, tokenizer), bar.update)
    return [[_read(tokenizer, tokens, sampler) for tokens in traces] for traces in written]


def _read(tokenizer: PreTrainedTokenizerBase, tokens: Tokens, sampler: Sampler) -> Sample:
    text = str(tokenizer.decode(tokens, skip_special_tokens=True))
    kept = first_steps(text, sampler.max_steps)
    return Sample(kept, len(tokens) < sampler.max_new_tokens and kept == text, len(tokens))
