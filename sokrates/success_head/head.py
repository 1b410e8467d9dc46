"""The success head q̂(s, ω): predicts the verdict on an option from the policy's hidden states.

Its input is the last layer's hidden states over the tokens of a step, Thought and Action, so it scores an option
before it is executed. Attention with learned queries pools them; a small network turns what is pooled into
log-odds. It is trained on the kernel's verdicts, then calibrated on problems it has not seen (Platt scaling). Not
covered: using it to decide.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from random import Random

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence
from tqdm import tqdm
from transformers import PreTrainedTokenizerBase

from sokrates.io.errors import UserError
from sokrates.pipeline.params import Reads
from sokrates.pipeline.params import SuccessHead as Settings
from sokrates.policy.model import Policy
from sokrates.proof.trace import Rollout, Trace, check_traces
from sokrates.success_head.features import features

BATCH = 128  # steps that are read at a time
QUERIES, WIDTH = 8, 32  # of the attention, and of what each of them pools


class Network(nn.Module):
    """Attention pooling over a step's tokens, then a hidden layer. Standardises its input.

    mean, scale: [features], of the tokens it learned from
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("scale", torch.ones(features))
        self.query = nn.Linear(features, QUERIES)
        self.value = nn.Linear(features, WIDTH)
        self.output = nn.Sequential(nn.Linear(QUERIES * WIDTH, hidden), nn.GELU(), nn.Linear(hidden, 1))

    def forward(self, steps: Sequence[Tensor]) -> Tensor:
        """Log-odds [steps], for each step its tokens' features [tokens, features]."""
        lengths = torch.tensor([len(step) for step in steps])
        tokens = (pad_sequence([step.float() for step in steps], batch_first=True) - self.mean) / self.scale
        is_padding = torch.arange(tokens.shape[1]) >= lengths[:, None]  # [steps, tokens]
        weights = self.query(tokens).masked_fill(is_padding[..., None], -torch.inf).softmax(1)  # of the tokens
        pooled = weights.mT @ self.value(tokens)  # [steps, queries, width]
        odds: Tensor = self.output(pooled.flatten(1)).squeeze(-1)
        return odds


@dataclass
class SuccessHead:
    """A trained head: its network, what of a step it reads, and the two numbers of its calibration."""

    network: Network
    reads: Reads
    slope: float = 1.0
    offset: float = 0.0

    def logits(self, steps: Sequence[Tensor]) -> Tensor:
        """Uncalibrated log-odds of success, [steps], for each step its tokens' features [tokens, features]."""
        batches = [steps[start : start + BATCH] for start in range(0, len(steps), BATCH)]
        with torch.inference_mode():
            return torch.cat([self.network(batch) for batch in batches]) if batches else torch.zeros(0)

    def probabilities(self, steps: Sequence[Tensor], *, calibrated: bool = True) -> np.ndarray:
        """The probability that each option succeeds, [steps]."""
        logits = self.logits(steps)
        return torch.sigmoid(self.slope * logits + self.offset if calibrated else logits).numpy()

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        save_file(self.network.state_dict(), folder / "head.safetensors")
        described = {"reads": self.reads, "slope": self.slope, "offset": self.offset}
        (folder / "head.json").write_text(json.dumps(described) + "\n")
        # safetensors makes files that only their owner can read.
        shutil.copymode(folder / "head.json", folder / "head.safetensors")


def load_head(folder: Path) -> SuccessHead:
    """A head that `SuccessHead.save` wrote. Raises UserError."""
    try:
        weights = load_file(folder / "head.safetensors")
        described = json.loads((folder / "head.json").read_text())
        network = Network(weights["value.weight"].shape[1], weights["output.0.weight"].shape[0])
        network.load_state_dict(weights)
        return SuccessHead(network, **described)
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise UserError(f"success head {folder} cannot be read: {error}") from None


def train_head(
    steps: Sequence[Tensor], verdicts: Tensor, held_out: Tensor, settings: Settings, seed: int
) -> SuccessHead:
    """Fits the network to the verdicts that are not held out, the calibration to those that are. Raises UserError.

    steps: of each, [tokens, features]; verdicts: [steps], 1 where the step is valid; held_out: [steps], bool
    """
    torch.manual_seed(seed)
    fit, wanted = list(compress(steps, ~held_out)), verdicts[~held_out].float()
    network = Network(fit[0].shape[1], settings.hidden)
    count = sum(len(step) for step in fit)  # of tokens
    network.mean = (torch.stack([step.double().sum(0) for step in fit]).sum(0) / count).float()
    squares = torch.stack([(step.double() - network.mean).square().sum(0) for step in fit]).sum(0)
    network.scale = (squares / count).sqrt().float().clamp_min(1e-6)
    optimiser = torch.optim.AdamW(network.parameters(), lr=settings.learning_rate, weight_decay=0.01)
    batches = settings.epochs * -(-len(fit) // BATCH)
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.0, batches)
    lengths = torch.tensor([len(step) for step in fit])
    for _ in tqdm(range(settings.epochs), desc="success head", unit="epoch", mininterval=2):
        for batch in _batches(lengths):
            optimiser.zero_grad()
            odds = network([fit[index] for index in batch])
            nn.functional.binary_cross_entropy_with_logits(odds, wanted[batch]).backward()
            optimiser.step()
            schedule.step()
    if not all(bool(weight.isfinite().all()) for weight in network.parameters()):
        raise UserError("the success head diverged: try a lower success_head.learning_rate")
    head = SuccessHead(network.eval(), settings.reads)
    _calibrate(head, list(compress(steps, held_out)), verdicts[held_out])
    return head


def _batches(lengths: Tensor) -> Iterator[Tensor]:
    """The indices of the steps in random batches, of like length within sixteen, so that little is padding."""
    for window in torch.randperm(len(lengths)).split(16 * BATCH):
        yield from window[lengths[window].argsort(stable=True)].split(BATCH)


def _calibrate(head: SuccessHead, steps: Sequence[Tensor], verdicts: Tensor) -> None:
    """Platt scaling; verdicts that are all valid or all invalid have nothing to fit."""
    if len(set(verdicts.tolist())) < 2:
        return
    platt = LogisticRegression(C=1e6).fit(head.logits(steps).numpy()[:, None], verdicts.numpy().astype(int))
    # Further digits depend on the kind of processor.
    head.slope, head.offset = round(float(platt.coef_[0, 0]), 6), round(float(platt.intercept_[0]), 6)


def fit_head(
    model: Policy,
    tokenizer: PreTrainedTokenizerBase,
    rollouts: Sequence[Rollout],
    settings: Settings,
    *,
    seed: int,
    earlier: Sequence[Sequence[Trace]] = (),
) -> SuccessHead:
    """A head that predicts the strict verdict on a step from the hidden states of `model`, the rollouts' writer.

    A share of the problems, with all their steps, is held out for calibration. Raises UserError.
    earlier: the traces of each round before. It learns from at most `settings.replayed` different ones of each,
        about problems that are not held out: where nearly all steps of a policy are valid, its own show little of
        what is not
    """
    problems = list(dict.fromkeys(rollout.trace.problem.prompt for rollout in rollouts))
    count = max(1, round(len(problems) * settings.holdout_share))
    held_out_problems = set(Random(f"head {seed}").sample(problems, count))
    others = [[trace for trace in traces if trace.problem.prompt not in held_out_problems] for traces in earlier]
    read = [*rollouts, *(one for traces in others for one in _drawn(traces, settings.replayed, seed))]
    texts = [(rollout.trace.problem.prompt, rollout.trace.text) for rollout in read]
    steps = features(model, tokenizer, texts, settings.reads)
    verdicts = torch.tensor([v.valid for rollout in read for v in rollout.checked.verdicts])
    own = [r.trace.problem.prompt in held_out_problems for r in rollouts for _ in r.checked.verdicts]
    held_out = torch.tensor(own + [False] * (len(verdicts) - len(own)))
    if not own or all(own):
        raise UserError("the sampled traces have too few steps to train a success head: raise sampling.problems")
    return train_head(steps, verdicts, held_out, settings, seed)


def _drawn(traces: Sequence[Trace], count: int, seed: int) -> list[Rollout]:
    """At most `count` different ones of the traces, drawn by `seed`, with the verdicts on them."""
    different = list({(trace.problem.prompt, trace.text): trace for trace in traces}.values())
    places = Random(f"replayed {seed}").sample(range(len(different)), min(count, len(different)))
    drawn = [different[place] for place in sorted(places)]
    return [Rollout(trace, checked) for trace, checked in zip(drawn, check_traces(drawn), strict=True)]
