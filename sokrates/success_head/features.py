"""The input of the success head: the policy's hidden states where an Action begins and where it ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from tqdm import tqdm
from transformers import PreTrainedTokenizerBase

from sokrates.policy.model import Policy, unwrapped
from sokrates.proof.text import read_steps

BATCH = 64  # traces in a forward pass
CPU_BATCH = 4  # the same on a CPU, whose caches hold no more


def features(model: Policy, tokenizer: PreTrainedTokenizerBase, traces: Sequence[tuple[str, str]]) -> list[Tensor]:
    """For each (prompt, text), float32 [steps, 2 × hidden]: a row for each step that `read_steps` gives.

    A trace that was sampled several times is read once.
    """
    model.eval()
    features_by_trace: dict[tuple[str, str], Tensor] = {}
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
            hidden = decoder(ids.to(model.device), use_cache=False).last_hidden_state.float().cpu()
            for row, (prompt, text) in enumerate(chosen):
                ends = np.array(batch["offset_mapping"][row])[:, 1]
                spans = [step.span for step in read_steps(text) if step.span]
                places = [(len(prompt) + action, len(prompt) + end) for _, action, end in spans]
                tokens = [[_token(ends, place) for place in pair] for pair in places]
                indices = torch.tensor(tokens, dtype=torch.long).reshape(-1, 2)  # [steps, 2]
                features_by_trace[prompt, text] = hidden[row, indices].flatten(1)
            bar.update(len(chosen))
    return [features_by_trace[trace] for trace in traces]


def _token(ends: np.ndarray, characters: int) -> int:
    """The index of the last token within the first `characters` characters; a special token ends at 0."""
    return int(np.flatnonzero((ends > 0) & (ends <= characters))[-1])
