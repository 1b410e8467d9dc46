"""How fast traces are sampled: python benchmarks/sample.py [--help]

Over the same problems, alternating, medians of the repeats; the last columns are the ratios to the first two rows:

    a call a step          the published loop: `generate` for one trace and one step, the prompt encoded again
    generate               one padded batch after another, K sequences a prompt
    continuous batching    transformers' own
    shared prompt          ours

The first is run on few problems, as it is slow; rates are compared. Needs `dvc repro` to have made a policy.
"""

from __future__ import annotations

from typing import Any

import torch
from measure import Setting, alternate, setting, table, timed

from sokrates.policy.decoding import Request, Tokens, decode
from sokrates.policy.engines import decode_continuously
from sokrates.proof.text import CONCLUDE, read_steps

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
    written: list[list[Tokens]] = []
    for prompt in prompts:
        for _ in range(sampling.samples):
            text = ""
            for _ in range(sampling.max_steps):
                ids = tokenizer(prompt + text, return_tensors="pt").to(model.device)
                found = model.generate(
                    **ids,
                    do_sample=True,
                    temperature=sampling.temperature,
                    top_k=0,
                    max_new_tokens=STEP_TOKENS,
                    stop_strings=["/>\n"],
                    tokenizer=tokenizer,
                    pad_token_id=tokenizer.pad_token_id,
                )[0, ids["input_ids"].shape[1] :]
                text += tokenizer.decode(found, skip_special_tokens=True)
                steps = read_steps(text)
                if not steps or (steps[-1].option and steps[-1].option.name == CONCLUDE):
                    break
            written.append([tokenizer(text)["input_ids"]])
    counted.add(written)


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
            top_k=0,
            max_new_tokens=sampling.max_new_tokens,
            num_return_sequences=sampling.samples,
            pad_token_id=tokenizer.pad_token_id,
        )[:, batch["input_ids"].shape[1] :]
        ended = (found == tokenizer.eos_token_id).long()
        lengths = torch.where(ended.any(1), ended.argmax(1), found.shape[1]).tolist()
        written += [[row[:length]] for row, length in zip(found.tolist(), lengths, strict=True)]
    counted.add(written)


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
    counted = {name: Counted() for name in ("a call a step", "generate", "continuous batching", "shared prompt")}
    few, some = prompts[:FEW], ids[: len(ids) if of.gpu else 5 * FEW]
    works = {
        "a call a step": lambda: a_call_a_step(model, tokenizer, few, of, counted["a call a step"]),
        "generate": lambda: padded_batches(model, tokenizer, prompts, of, counted["generate"]),
        "continuous batching": lambda: counted["continuous batching"].add(
            decode_continuously(model, some, asked, lambda count: None)
        ),
        "shared prompt": lambda: counted["shared prompt"].add(decode(model, ids, asked, lambda count: None)),
    }

    def rate(name: str) -> float:
        seconds = timed(works[name])
        return counted[name].tokens / seconds

    rates = alternate({name: lambda name=name: rate(name) for name in works}, of.repeats)  # type: ignore[misc]
    rows = {}
    for name, tokens in rates.items():
        traces = tokens * counted[name].traces / counted[name].tokens
        to = [f"{tokens / rates[baseline]:.2f}" for baseline in ("a call a step", "generate")]
        rows[name] = [f"{traces:,.1f}", f"{tokens:,.0f}", *to]
    title = f"{len(prompts)} problems, {sampling.samples} samples each, medians of {of.repeats} repeats"
    table(title, ["traces/s", "tokens/s", "to a call", "to generate"], rows)


if __name__ == "__main__":
    main()
