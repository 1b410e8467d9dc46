"""The input of the success head: the policy's hidden states over the tokens of a step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from tqdm import tqdm
from transformers import PreTrainedTokenizerBase

from sokrates.pipeline.params import Reads
from sokrates.policy.model import Policy, unwrapped
from sokrates.proof.text import read_steps

BATCH = 64  # traces in a forward pass
CPU_BATCH = 4  # the same on a CPU, whose caches hold no more


def features(
    model: Policy, tokenizer: PreTrainedTokenizerBase, traces: Sequence[tuple[str, str]], reads: Reads
) -> list[Tensor]:
    """[tokens, hidden] of each step that `read_steps` gives of each (prompt, text) in turn, in the model's dtype.

    These are the last layer's states, on the CPU. A trace that was sampled several times is read once.
    reads: whether the tokens are those of the Thought alone or of the whole step
    """
    model.eval()
    features_by_trace: dict[tuple[str, str], list[Tensor]] = {}
    order = sorted(dict.fromkeys(traces), key=lambda trace: sum(map(len, trace)))
    decoder = unwrapped(model).get_decoder()
    size = CPU_BATCH if model.device.type == "cpu" else BATCH
    with (
        torch.inference_mode(),
        tqdm(total=len(order), desc="hidden states", unit="trace", mininterval=2) as bar,
    ):
        for start in range(0, len(order), size):
            chosen = order[start : start + size]
            batch = tokenizer([prompt + text for prompt, text in chosen], return_offsets_mapping=True)
            ids = pad_sequence(list(map(torch.tensor, batch["input_ids"])), batch_first=True)
            # Causal attention hides padding on the right, so no mask is needed, and kernels are faster.
            hidden = decoder(ids.to(model.device), use_cache=False).last_hidden_state.cpu()
            for row, (prompt, text) in enumerate(chosen):
                ends = np.array(batch["offset_mapping"][row])[:, 1]
                spans = [read_span(step.place, reads) for step in read_steps(text)]
                places = [[_within(ends, len(prompt) + place) for place in span] for span in spans]
                # A part without a token of its own is read from the token before it.
                features_by_trace[prompt, text] = [hidden[row, min(b, e - 1) : e].clone() for b, e in places]
            bar.update(len(chosen))
    return [step for trace in traces for step in features_by_trace[trace]]


def read_span(span: tuple[int, int, int], reads: Reads) -> tuple[int, int]:
    """The part of a step that a head reads, in characters."""
    begin, action, end = span
    return begin, end if reads == "step" else action


def _within(ends: np.ndarray, characters: int) -> int:
    """How many of the first tokens lie within the first `characters` characters; a special token ends at 0."""
    return int(np.flatnonzero((ends > 0) & (ends <= characters))[-1]) + 1
