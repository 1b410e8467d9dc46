"""The success head q̂(s, ω): predicts the verdict on an option from the policy's hidden states.

Its input is the last layer's hidden state where the Action begins (the state s, thought included) and
where it ends (the option ω), so it scores an option before it is executed. A small network, trained on the
kernel's verdicts, then calibrated on problems it has not seen (Platt scaling). Not covered: using it to decide.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from tqdm import tqdm
from transformers import PreTrainedTokenizerBase

from sokrates.io.errors import UserError
from sokrates.pipeline.params import SuccessHead as Settings
from sokrates.policy.model import Policy
from sokrates.proof.trace import Rollout
from sokrates.success_head.features import features

BATCH = 64  # traces read, and verdicts trained on, at a time


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
            logits: Tensor = self.network((inputs - self.mean) / self.scale)
            return logits.squeeze(-1)

    def probabilities(self, inputs: Tensor, *, calibrated: bool = True) -> np.ndarray:
        """The probability that each option succeeds, [steps]."""
        logits = self.logits(inputs)
        return torch.sigmoid(self.slope * logits + self.offset if calibrated else logits).numpy()

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        weights = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        save_file({**weights, "mean": self.mean, "scale": self.scale}, folder / "head.safetensors")
        (folder / "calibration.json").write_text(json.dumps({"slope": self.slope, "offset": self.offset}) + "\n")
        # safetensors makes files that only their owner can read.
        shutil.copymode(folder / "calibration.json", folder / "head.safetensors")


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
    """Fits the network to the verdicts that are not held out, and the calibration to those that are.

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
    """Platt scaling; verdicts that are all valid or all invalid have nothing to fit."""
    if len(set(verdicts.tolist())) < 2:
        return
    platt = LogisticRegression(C=1e6).fit(head.logits(inputs).numpy()[:, None], verdicts.numpy().astype(int))
    # Further digits depend on the kind of processor.
    head.slope, head.offset = round(float(platt.coef_[0, 0]), 6), round(float(platt.intercept_[0]), 6)


def fit_head(
    model: Policy,
    tokenizer: PreTrainedTokenizerBase,
    rollouts: Sequence[Rollout],
    settings: Settings,
    *,
    seed: int,
) -> SuccessHead:
    """A head that predicts the strict verdict on each step from the hidden states of `model`, the traces' writer.

    A share of the problems, with all their steps, is held out for calibration. Raises UserError.
    """
    problems = list(dict.fromkeys(rollout.trace.problem.prompt for rollout in rollouts))
    count = max(1, round(len(problems) * settings.holdout_share))
    held_out_problems = set(Random(f"head {seed}").sample(problems, count))
    inputs = features(
        model, tokenizer, [(rollout.trace.problem.prompt, rollout.trace.text) for rollout in rollouts]
    )
    verdicts = torch.tensor([v.valid for rollout in rollouts for v in rollout.checked.verdicts])
    held_out = torch.tensor(
        [r.trace.problem.prompt in held_out_problems for r in rollouts for _ in r.checked.verdicts]
    )
    if not len(verdicts) or bool(held_out.all()):
        raise UserError("the sampled traces have too few steps to train a success head: raise sampling.problems")
    return train_head(torch.cat(inputs), verdicts, held_out, settings, seed)
