"""How fast traces are sampled: python benchmarks/sample.py [--help]

The same problems, alternating, medians of the repeats; the last columns are the ratios to the first two rows:

    a call a step          the published loop: `generate` for one trace and one step, the prompt encoded again
    generate               one padded batch after another, K sequences a prompt
    continuous batching    transformers' own
    shared prompt          ours
    adapter merged         the same, the adapter added to the weights first: what its own products cost
    vLLM                   where its extra is installed; each repeat starts it, as a stage does

The first, and on a CPU the third, run on few problems, as they are slow; the table compares rates. With random
weights leave the first out: no step ends before its last token. Run `dvc repro` first: it makes the policy.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from measure import Setting, alternate, made, read_setting, table, timed
from peft import PeftModel

from sokrates.policy.model import save_policy
from sokrates.proof.text import CONCLUDE, read_steps
from sokrates.sampling.continuous_batching import decode_continuously
from sokrates.sampling.request import Request, Tokens
from sokrates.sampling.sampler import Sampler
from sokrates.sampling.shared_prompt import decode
from sokrates.sampling.vllm import decode_with_vllm

LOOP_PROBLEMS = 12  # for the published loop
STEP_TOKENS = 96  # of one step, at most


class Counted:
    """Traces and tokens that a way has written."""

    def __init__(self) -> None:
        self.traces = self.tokens = 0

    def add(self, written: list[list[Tokens]]) -> None:
        self.traces = sum(map(len, written))
        self.tokens = sum(len(tokens) for samples in written for tokens in samples)


def a_call_a_step(model: Any, tokenizer: Any, prompts: list[str], setting: Setting, counted: Counted) -> None:
    sampling = setting.params.sampling
    counted.traces = counted.tokens = 0
    for prompt in prompts:
        for _ in range(sampling.samples):
            text, tokens = "", 0
            for _ in range(sampling.max_steps):
                ids = tokenizer(prompt + text, return_tensors="pt").to(model.device)
                written = model.generate(
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
                tokens += len(written)
                text += tokenizer.decode(written, skip_special_tokens=True)
                steps = read_steps(text)
                if not steps or (steps[-1].option and steps[-1].option.name == CONCLUDE):
                    break
            counted.traces, counted.tokens = counted.traces + 1, counted.tokens + tokens


def padded_batches(model: Any, tokenizer: Any, prompts: list[str], setting: Setting, counted: Counted) -> None:
    sampling, written = setting.params.sampling, []
    size = max(1, sampling.batch_size // sampling.samples)
    for begin in range(0, len(prompts), size):
        batch = tokenizer(
            prompts[begin : begin + size], return_tensors="pt", padding=True, padding_side="left"
        ).to(model.device)
        rows = model.generate(
            **batch,
            do_sample=True,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            top_k=0,
            max_new_tokens=sampling.max_new_tokens,
            num_return_sequences=sampling.samples,
            pad_token_id=tokenizer.pad_token_id,
        )[:, batch["input_ids"].shape[1] :]
        ended = (rows == tokenizer.eos_token_id).long()
        lengths = torch.where(ended.any(1), ended.argmax(1), rows.shape[1]).tolist()
        written += [[row[:length]] for row, length in zip(rows.tolist(), lengths, strict=True)]
    counted.add(written)


def with_merged_adapter(model: Any, ids: list[Tokens], request: Request, counted: Counted) -> None:
    model.merge_adapter()
    counted.add(decode(model, ids, request, silent))
    model.unmerge_adapter()


def silent(count: int) -> None:
    """A progress callback that does nothing."""


def main() -> None:
    setting = read_setting(__doc__ or "", rows=500, trains=False)
    model, tokenizer = setting.policy()
    model.eval()
    sampling = setting.params.sampling
    prompts = [trace.problem.prompt for trace in setting.traces()]
    ids = tokenizer(prompts)["input_ids"]
    request = Sampler.from_params(sampling).request(sampling.samples, 1, tokenizer)
    few = prompts[:LOOP_PROBLEMS]
    few_ids = ids[: len(ids) if setting.gpu else 5 * LOOP_PROBLEMS]
    works: dict[str, Callable[[Counted], None]] = {
        "a call a step": lambda counted: a_call_a_step(model, tokenizer, few, setting, counted),
        "generate": lambda counted: padded_batches(model, tokenizer, prompts, setting, counted),
        "continuous batching": lambda counted: counted.add(decode_continuously(model, few_ids, request, silent)),
        "shared prompt": lambda counted: counted.add(decode(model, ids, request, silent)),
    }
    if isinstance(model, PeftModel):
        works["adapter merged"] = lambda counted: with_merged_adapter(model, ids, request, counted)
    if find_spec("vllm"):
        folder = Path(tempfile.mkdtemp()) if setting.random else made("data/policy/sft")
        if setting.random:
            save_policy(model, tokenizer, folder)
        dtype = setting.params.model.dtype
        works["vLLM"] = lambda counted: counted.add(decode_with_vllm(folder, dtype, ids, request, silent))
    works = setting.chosen(works)
    counted = {name: Counted() for name in works}
    if setting.gpu:
        decode(model, ids, replace(request, max_new_tokens=8), silent)  # the first step loads its kernels

    def rate(name: str) -> float:
        seconds = timed(partial(works[name], counted[name]))
        return counted[name].tokens / seconds

    rates = alternate({name: partial(rate, name) for name in works}, setting.repeats)
    rows = {}
    for name, tokens in rates.items():
        traces = tokens * counted[name].traces / counted[name].tokens
        to = [
            f"{tokens / rates[baseline]:.2f}" if baseline in rates else "-"
            for baseline in ("a call a step", "generate")
        ]
        rows[name] = [f"{traces:,.1f}", f"{tokens:,.0f}", *to]
    title = f"{len(prompts)} problems, {sampling.samples} samples each, medians of {setting.repeats} repeats"
    table(title, ["traces/s", "tokens/s", "to a call", "to generate"], rows)


if __name__ == "__main__":
    main()
