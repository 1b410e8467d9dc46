"""Samples traces: batched generation with a KV cache, K traces a prompt.

Prompts are sorted by length so that a batch has little padding. The same model, settings and seed give the
same text on one machine. Not covered: other engines, decoding that only admits valid options.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from tqdm import tqdm
from transformers import GenerationConfig, PreTrainedTokenizerBase

from sokrates.params import Sampling
from sokrates.policy.model import Policy
from sokrates.proof.text import first_steps


@dataclass(frozen=True)
class Sampler:
    """How traces are drawn.

    temperature: of the softmax; None is greedy
    top_p: nucleus
    max_steps: steps of a trace that are kept
    max_new_tokens: tokens of a trace
    batch_size: traces generated at a time
    """

    temperature: float | None
    top_p: float
    max_steps: int
    max_new_tokens: int
    batch_size: int

    @classmethod
    def from_params(cls, settings: Sampling, *, greedy: bool = False) -> Sampler:
        """The sampler that params ask for, or the same with no randomness."""
        temperature = None if greedy else settings.temperature
        return cls(temperature, settings.top_p, settings.max_steps, settings.max_new_tokens, settings.batch_size)


@dataclass(frozen=True)
class Sample:
    """What the policy wrote after a prompt; `ended`: it stopped by itself and nothing was cut off."""

    text: str
    ended: bool


def sample(
    model: Policy,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[str],
    sampler: Sampler,
    *,
    samples: int = 1,
    seed: int = 0,
) -> list[list[Sample]]:
    """For each prompt, `samples` traces, in the order of the prompts."""
    torch.manual_seed(seed)
    model.eval()
    found: list[list[Sample]] = [[] for _ in prompts]
    order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))
    size = max(1, sampler.batch_size // samples)
    config = _generation(tokenizer, sampler, samples)
    with (
        torch.inference_mode(),
        tqdm(total=len(prompts) * samples, desc="sampling", unit="trace", mininterval=2) as bar,
    ):
        for start in range(0, len(order), size):
            chosen = order[start : start + size]
            batch = tokenizer(
                [prompts[index] for index in chosen], return_tensors="pt", padding=True, padding_side="left"
            ).to(model.device)
            written = model.generate(**batch, generation_config=config)[:, batch["input_ids"].shape[1] :]
            for row, tokens in enumerate(written):
                found[chosen[row // samples]].append(_read(tokenizer, tokens, sampler))
            bar.update(len(written))
    return found


def _generation(tokenizer: PreTrainedTokenizerBase, sampler: Sampler, samples: int) -> GenerationConfig:
    greedy = sampler.temperature is None
    return GenerationConfig(
        max_new_tokens=sampler.max_new_tokens,
        do_sample=not greedy,
        temperature=None if greedy else sampler.temperature,
        top_p=None if greedy else sampler.top_p,
        top_k=None if greedy else 0,
        num_return_sequences=samples,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )


def _read(tokenizer: PreTrainedTokenizerBase, tokens: torch.Tensor, sampler: Sampler) -> Sample:
    ended = bool((tokens == tokenizer.eos_token_id).any())
    text = str(tokenizer.decode(tokens, skip_special_tokens=True))
    kept = first_steps(text, sampler.max_steps)
    return Sample(kept, ended and kept == text)
