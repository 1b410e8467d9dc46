"""How fast traces are sampled: python benchmarks/sample.py [--help]

Over the same problems, alternating, medians of the repeats; the last columns are the ratios to the first two rows:

    a call a step          the published loop: `generate` for one trace and one step, the prompt encoded again
    generate               one padded batch after another, K sequences a prompt
    continuous batching    transformers' own
    shared prompt          ours
    vLLM                   where its extra is installed; its start is counted each time, as a stage has it

The first, and on a CPU the third, are run on few problems, as they are slow; rates are compared. Needs `dvc repro`
to have made a policy.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from measure import Setting, alternate, made, setting, table, timed

from sokrates.policy.model import save_policy
from sokrates.proof.text import CONCLUDE, read_steps
from sokrates.sampling.continuous_batching import decode_continuously
from sokrates.sampling.request import Request, Tokens
from sokrates.sampling.shared_prompt import decode
from sokrates.sampling.vllm import decode_with_vllm

FEW = 12  # problems of the published loop
STEP_TOKENS = 96  # of one step, at most


class Counted:
    """Traces and tokens that a way has written."""

    def __init__(self) -> None:
        self.traces = self.tokens = 0

    def add(self, written: list[list[Tokens]]) -> None:
        self.traces = sum(map(len, written))
        self.tokens = sum(len(tokens) for some in written for tokens in some)


def a_call_a_step(model: Any, tokenizer: Any, prompts: list[str], of: Setting, counted: Counted) -> None:
    sampling = of.params.sampling
    counted.traces = counted.tokens = 0
    for prompt in prompts:
        for _ in range(sampling.samples):
            text, tokens = "", 0
            for _ in range(sampling.max_steps):
                ids = tokenizer(prompt + text, return_tensors="pt").to(model.device)
                found = model.generate(
                    **ids,
                    do_sample=True,
                    temperature=sampling.temperature,
                    top_p=sampling.top_p,
                    top_k=0,
                    max_new_tokens=STEP_TOKENS,
                    stop_strings=["/>\n"],
                    tokenizer=tokenizer,
                    pad_token_id=tokenizer.pad_token_id,
                )[0, ids["input_ids"].shape[1] :]
                tokens += len(found)
                text += tokenizer.decode(found, skip_special_tokens=True)
                steps = read_steps(text)
                if not steps or (steps[-1].option and steps[-1].option.name == CONCLUDE):
                    break
            counted.traces, counted.tokens = counted.traces + 1, counted.tokens + tokens


def padded_batches(model: Any, tokenizer: Any, prompts: list[str], of: Setting, counted: Counted) -> None:
    sampling, written = of.params.sampling, []
    size = max(1, sampling.batch_size // sampling.samples)
    for begin in range(0, len(prompts), size):
        batch = tokenizer(
            prompts[begin : begin + size], return_tensors="pt", padding=True, padding_side="left"
        ).to(model.device)
        found = model.generate(
            **batch,
            do_sample=True,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            top_k=0,
            max_new_tokens=sampling.max_new_tokens,
            num_return_sequences=sampling.samples,
            pad_token_id=tokenizer.pad_token_id,
        )[:, batch["input_ids"].shape[1] :]
        ended = (found == tokenizer.eos_token_id).long()
        lengths = torch.where(ended.any(1), ended.argmax(1), found.shape[1]).tolist()
        written += [[row[:length]] for row, length in zip(found.tolist(), lengths, strict=True)]
    counted.add(written)


def silent(count: int) -> None:
    """Progress that nobody is told of."""


def main() -> None:
    of = setting(__doc__ or "", rows=500)
    model, tokenizer = of.policy()
    model.eval()
    sampling = of.params.sampling
    prompts = [trace.problem.prompt for trace in of.traces()]
    ids = tokenizer(prompts)["input_ids"]
    asked = Request(
        sampling.samples,
        sampling.temperature,
        sampling.top_p,
        sampling.max_new_tokens,
        end=tokenizer.eos_token_id,
        batch_size=sampling.batch_size,
        seed=1,
    )
    few, some = prompts[:FEW], ids[: len(ids) if of.gpu else 5 * FEW]
    works: dict[str, Callable[[Counted], None]] = {
        "a call a step": lambda counted: a_call_a_step(model, tokenizer, few, of, counted),
        "generate": lambda counted: padded_batches(model, tokenizer, prompts, of, counted),
        "continuous batching": lambda counted: counted.add(decode_continuously(model, some, asked, silent)),
        "shared prompt": lambda counted: counted.add(decode(model, ids, asked, silent)),
    }
    if find_spec("vllm"):
        folder = Path(tempfile.mkdtemp()) if of.random else made("data/policy/sft")
        if of.random:
            save_policy(model, tokenizer, folder)
        dtype = of.params.model.dtype
        works["vLLM"] = lambda counted: counted.add(decode_with_vllm(folder, dtype, ids, asked, silent))
    counted = {name: Counted() for name in works}

    def rate(name: str) -> float:
        seconds = timed(partial(works[name], counted[name]))
        return counted[name].tokens / seconds

    rates = alternate({name: partial(rate, name) for name in works}, of.repeats)
    rows = {}
    for name, tokens in rates.items():
        traces = tokens * counted[name].traces / counted[name].tokens
        to = [f"{tokens / rates[baseline]:.2f}" for baseline in ("a call a step", "generate")]
        rows[name] = [f"{traces:,.1f}", f"{tokens:,.0f}", *to]
    title = f"{len(prompts)} problems, {sampling.samples} samples each, medians of {of.repeats} repeats"
    table(title, ["traces/s", "tokens/s", "to a call", "to generate"], rows)


if __name__ == "__main__":
    main()
