"""The success head q̂(s, ω): foresees the verdict on an option from the policy's hidden states.

Its input is the last layer's hidden state where the Action begins (the state s, thought included) and
where it ends (the option ω), so it scores an option before it is executed. A small network, trained on the
solver's verdicts, then calibrated on problems it has not seen (Platt scaling). Not covered: deciding with it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence
from tqdm import tqdm
from transformers import PreTrainedTokenizerBase

from sokrates.errors import UserError
from sokrates.params import SuccessHead as Settings
from sokrates.policy.model import Policy, unwrapped
from sokrates.proof.text import read_steps

BATCH = 64  # traces read, and verdicts trained on, at a time


def features(model: Policy, tokenizer: PreTrainedTokenizerBase, traces: Sequence[tuple[str, str]]) -> list[Tensor]:
    """For each (prompt, text), float32 [steps, 2 × hidden]: a row for each step that `read_steps` gives.

    What was sampled more than once is read once.
    """
    model.eval()
    found: dict[tuple[str, str], Tensor] = {}
    order = sorted(dict.fromkeys(traces), key=lambda trace: sum(map(len, trace)))
    decoder = unwrapped(model).get_decoder()
    with (
        torch.inference_mode(),
        tqdm(total=len(order), desc="hidden states", unit="trace", mininterval=2) as bar,
    ):
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            batch = tokenizer([prompt + text for prompt, text in chosen], return_offsets_mapping=True)
            ids = pad_sequence(list(map(torch.tensor, batch["input_ids"])), batch_first=True)
            # Causal attention alone keeps padding on the right out of what is read: no mask, and faster kernels.
            hidden = decoder(ids.to(model.device)).last_hidden_state.float().cpu()
            for row, (prompt, text) in enumerate(chosen):
                ends = np.array(batch["offset_mapping"][row])[:, 1]
                spans = [step.span for step in read_steps(text) if step.span]
                places = [(len(prompt) + action, len(prompt) + end) for _, action, end in spans]
                at = [[_token(ends, place) for place in pair] for pair in places]
                found[prompt, text] = hidden[row, torch.tensor(at, dtype=torch.long).reshape(-1, 2)].flatten(1)
            bar.update(len(chosen))
    return [found[trace] for trace in traces]


def _token(ends: np.ndarray, characters: int) -> int:
    """The last token that lies within the first `characters` characters; a special token ends at 0."""
    return int(np.flatnonzero((ends > 0) & (ends <= characters))[-1])


@dataclass
class SuccessHead:
    """A trained head: standardisation, network, and the two numbers of its calibration."""

    network: nn.Sequential
    mean: Tensor
    scale: Tensor
    slope: float = 1.0
    offset: float = 0.0

    def logits(self, inputs: Tensor) -> Tensor:
        """Uncalibrated log-odds of success, [steps], for features [steps, 2 × hidden]."""
        with torch.inference_mode():
            return self.network((inputs - self.mean) / self.scale).squeeze(-1)

    def probabilities(self, inputs: Tensor, *, calibrated: bool = True) -> np.ndarray:
        """The probability that each option succeeds, [steps]."""
        logits = self.logits(inputs)
        return torch.sigmoid(self.slope * logits + self.offset if calibrated else logits).numpy()

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        weights = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        save_file({**weights, "mean": self.mean, "scale": self.scale}, folder / "head.safetensors")
        (folder / "calibration.json").write_text(json.dumps({"slope": self.slope, "offset": self.offset}) + "\n")
        shutil.copymode(folder / "calibration.json", folder / "head.safetensors")  # else its writer's alone


def load_head(folder: Path) -> SuccessHead:
    """A head that `SuccessHead.save` wrote. Raises UserError."""
    try:
        weights = load_file(folder / "head.safetensors")
        calibration = json.loads((folder / "calibration.json").read_text())
    except OSError as error:
        raise UserError(f"success head {folder} cannot be read: {error}") from None
    hidden, width = weights["network.0.weight"].shape
    network = _network(width, hidden)
    network.load_state_dict(
        {k.removeprefix("network."): v for k, v in weights.items() if k.startswith("network.")}
    )
    return SuccessHead(network, weights["mean"], weights["scale"], **calibration)


def _network(width: int, hidden: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, 1))


def train_head(inputs: Tensor, verdicts: Tensor, held_out: Tensor, settings: Settings, seed: int) -> SuccessHead:
    """Fits the network on the verdicts that are not held out, and the calibration on those that are.

    inputs: [steps, 2 × hidden]; verdicts: [steps], 1 where the step is valid; held_out: [steps], bool
    """
    torch.manual_seed(seed)
    fit, wanted = inputs[~held_out], verdicts[~held_out].float()
    head = SuccessHead(
        _network(inputs.shape[1], settings.hidden), fit.mean(0), fit.std(0, correction=0).clamp_min(1e-6)
    )
    optimiser = torch.optim.AdamW(head.network.parameters(), lr=settings.learning_rate, weight_decay=0.01)
    standard = (fit - head.mean) / head.scale
    for _ in tqdm(range(settings.epochs), desc="success head", unit="epoch", mininterval=2):
        for chosen in torch.randperm(len(fit)).split(4 * BATCH):
            optimiser.zero_grad()
            loss = nn.functional.binary_cross_entropy_with_logits(
                head.network(standard[chosen]).squeeze(-1), wanted[chosen]
            )
            loss.backward()
            optimiser.step()
    head.network.eval()
    _calibrate(head, inputs[held_out], verdicts[held_out])
    return head


def _calibrate(head: SuccessHead, inputs: Tensor, verdicts: Tensor) -> None:
    """Platt scaling; with verdicts of one kind alone there is nothing to fit."""
    if len(set(verdicts.tolist())) < 2:
        return
    platt = LogisticRegression(C=1e6).fit(head.logits(inputs).numpy()[:, None], verdicts.numpy().astype(int))
    # Digits beyond these depend on the kind of processor.
    head.slope, head.offset = round(float(platt.coef_[0, 0]), 6), round(float(platt.intercept_[0]), 6)
