"""Three rounds of DPO beside reinforcement learning from the same verdicts, on one budget of problems and samples.

    python benchmarks/reinforcement.py                  every method on seeds 7, 8 and 9, from data/policy/sft
    python benchmarks/reinforcement.py --methods kto --seeds 7 --problems 64

Each method starts from the same SFT policy and samples `sampling.samples` traces for each of the same problems,
three times `--problems` (default: `sampling.problems`), at the temperature of params.yaml:

    dpo            three rounds: sample, pairs by `preferences`, DPO
    kto            three rounds: sample, KTO on all traces that ended; strictly valid proofs are desirable
    grpo-answer    GRPO; the reward is 1 for the right answer
    grpo-score     GRPO; the reward is the score of `sokrates.proof_reward`
    grpo-credit    the same, but an advantage above 0 goes to the tokens of actions with a value alone, and one
                   below 0 to those of all others (`sokrates.reward.proof_credit`)

Greedy traces on the held-out problems give accuracy, trace validity, needed share and length ratio. A row in
benchmarks/results/reinforcement.json is not computed again, and an interrupted GRPO run resumes from its last
checkpoint in runs/reinforcement. Not covered: the choice of each method's learning rate.
"""

# ruff: noqa: E402
from __future__ import annotations

import argparse
import json
import shutil
import statistics
from collections.abc import Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import Any, cast

from sokrates.pipeline.machine import set_up_processor

set_up_processor()  # before torch is loaded

import torch
from datasets import Dataset
from transformers import PreTrainedTokenizerBase
from trl import GRPOConfig, GRPOTrainer, KTOConfig, KTOTrainer

from sokrates.evaluation.evaluate import evaluate
from sokrates.pipeline import params as settings
from sokrates.pipeline.params import Params, ScoreWeights
from sokrates.pipeline.runlog import run
from sokrates.policy.model import device, load_policy, save_policy
from sokrates.proof.problem import Problem
from sokrates.proof.trace import Rollout, Trace, check_traces, read_problem_file
from sokrates.reward import ProofCredit, proof_credit, proof_reward
from sokrates.sampling.sampler import Sampler, sample
from sokrates.training.common.resume import latest_checkpoint
from sokrates.training.common.trainer import TrainingContext
from sokrates.training.dpo.pairs import make_pairs
from sokrates.training.dpo.train import train as train_dpo

RESULTS = Path(__file__).parent / "results" / "reinforcement.json"
METHODS = ("dpo", "kto", "grpo-answer", "grpo-score", "grpo-credit")
ROUNDS = 3
FIGURES = ("accuracy", "trace_validity", "needed_share", "repeats", "length_ratio")
GRPO_PROBLEMS = 16  # a step
GRPO_LEARNING_RATE = 1e-4
KTO_LEARNING_RATE = 1e-4
KTO_BATCH = 32  # traces a step
ANSWER_ALONE = ScoreWeights(validity=0, progress=0, answer=1, proof=0, novel=0, needed=0, format=0, length=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[7, 8, 9])
    parser.add_argument("--problems", type=int, help="training problems a round (default: sampling.problems)")
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder with problems/ and policy/sft")
    parser.add_argument("--results", type=Path, default=RESULTS, help="JSON file of the rows")
    chosen = parser.parse_args()
    params = settings.load()
    count = chosen.problems or params.sampling.problems
    rows = json.loads(chosen.results.read_text()) if chosen.results.exists() else {}
    for seed in chosen.seeds:
        for method in chosen.methods:
            name = f"{method} seed {seed}, {count} problems a round"
            if name not in rows:
                rows[name] = {"method": method, **measured(method, seed, count, chosen.data, params)}
                chosen.results.write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n")
    print(table({name: row for name, row in rows.items() if name.endswith(f" {count} problems a round")}))


def measured(method: str, seed: int, count: int, data: Path, params: Params) -> dict[str, Any]:
    """Trains a policy and evaluates it. Returns its figures and the tokens that it sampled while it learned."""
    folder = Path("runs/reinforcement") / f"{method}-{seed}-{count}"
    folder.mkdir(parents=True, exist_ok=True)
    problems = list(islice(read_problem_file(data / "problems/train.jsonl"), ROUNDS * count))
    start, policy = data / "policy/sft", folder / "policy"
    if method.startswith("grpo"):
        tokens = train_grpo(method, start, policy, problems, seed, params)
    else:
        tokens = train_in_rounds(method, start, policy, problems, count, seed, params)
    held_out = list(islice(read_problem_file(data / "problems/test.jsonl"), params.evaluation.problems))
    sampler = Sampler.from_params(params.sampling, greedy=True)
    found = evaluate(policy, None, {"held_out": held_out}, sampler, params.model.dtype)["held_out"]
    return {"seed": seed, "tokens": tokens, **{name: found.metrics[name] for name in FIGURES}}


# Rounds of sampling and training


def train_in_rounds(
    method: str, start: Path, policy: Path, problems: Sequence[Problem], count: int, seed: int, params: Params
) -> int:
    tokens, before = 0, start
    for number in range(ROUNDS):
        after = policy.with_name(f"round{number + 1}")
        rollouts, written = sampled(before, problems[number * count : (number + 1) * count], seed + number, params)
        tokens += written
        train = {"dpo": dpo_round, "kto": kto_round}[method]
        train(before, after, rollouts, seed + number, params)
        before = after
    shutil.copytree(before, policy, dirs_exist_ok=True)
    return tokens


def sampled(policy: Path, problems: Sequence[Problem], seed: int, params: Params) -> tuple[list[Rollout], int]:
    """Checked traces of the policy, and the tokens that it wrote."""
    drawn = sample(
        policy,
        [problem.prompt for problem in problems],
        Sampler.from_params(params.sampling),
        dtype=params.model.dtype,
        samples=params.sampling.samples,
        seed=seed,
    )
    traces = [Trace(p, s.text, s.ended) for p, samples in zip(problems, drawn, strict=True) for s in samples]
    rollouts = [Rollout(trace, checked) for trace, checked in zip(traces, check_traces(traces), strict=True)]
    return rollouts, sum(s.tokens for samples in drawn for s in samples)


def dpo_round(before: Path, after: Path, rollouts: Sequence[Rollout], seed: int, params: Params) -> None:
    by_problem = [list(group) for _, group in groupby(rollouts, lambda rollout: rollout.trace.problem)]
    pairs = [pair for group in by_problem for pair in make_pairs(group, params.preferences)]
    model, tokenizer = load_policy(before, params.model.dtype, trainable=True)
    checkpoints = after / "checkpoints"
    with run("reinforcement_dpo", params) as log:
        context = TrainingContext(params.runtime, params.model.dtype, seed, checkpoints, log)
        train_dpo(model, tokenizer, pairs, before, params.dpo, context)
    save_policy(model, tokenizer, after)
    shutil.rmtree(checkpoints, ignore_errors=True)


def kto_round(before: Path, after: Path, rollouts: Sequence[Rollout], seed: int, params: Params) -> None:
    """KTO on every trace that ended; TRL would end a text that was cut off."""
    rows = [
        {
            "prompt": rollout.trace.problem.prompt,
            "completion": rollout.trace.text,
            "label": rollout.right and rollout.checked.valid(rollout.trace.problem.label),
        }
        for rollout in rollouts
        if rollout.trace.ended
    ]
    model, tokenizer = load_policy(before, params.model.dtype, trainable=True)
    reference = load_policy(before, params.model.dtype, trainable=True)[0].requires_grad_(False)
    config = KTOConfig(
        **_common(after / "checkpoints", seed, params),
        per_device_train_batch_size=KTO_BATCH,
        num_train_epochs=1,
        learning_rate=KTO_LEARNING_RATE,
        max_length=params.dpo.max_length,
    )
    trainer = KTOTrainer(
        model=model,
        ref_model=reference,
        args=config,
        train_dataset=Dataset.from_list(rows).shuffle(seed=seed),
        processing_class=tokenizer,
    )
    trainer.train()
    save_policy(model, tokenizer, after)
    shutil.rmtree(after / "checkpoints", ignore_errors=True)


# GRPO


class CreditGRPOTrainer(GRPOTrainer):
    """GRPO with an advantage for each token: see `spread`."""

    _credits: list[ProofCredit]

    def _calculate_rewards(self, inputs: Any, prompts: Any, completions: Any, completion_ids_list: Any) -> Any:
        self._credits = proof_credit(
            prompts,
            completions,
            [row["label"] for row in inputs],
            tokenizer=cast(PreTrainedTokenizerBase, self.processing_class),
            completion_ids=completion_ids_list,
        )
        return super()._calculate_rewards(inputs, prompts, completions, completion_ids_list)

    def _generate_and_score_completions(self, inputs: Any) -> Any:
        output = super()._generate_and_score_completions(inputs)
        output["advantages"] = spread(output["advantages"], self._credits, output["completion_ids"].shape[1])
        return output


def spread(advantages: torch.Tensor, credits: Sequence[ProofCredit], tokens: int) -> torch.Tensor:
    """An advantage for each token, [traces, tokens], from one for each trace, [traces].

    Above 0 it goes to the tokens of actions with a value alone, below 0 to all others: so a step after the first
    fault earns nothing, nor does UNKNOWN before every way was tried. Tokens after the last action, such as
    the end of the text, are treated as part of it.
    """
    valued = torch.zeros(len(credits), tokens, dtype=torch.bool)
    for row, credit in enumerate(credits):
        for number, action in enumerate(credit.actions):
            assert action.tokens is not None
            begin, end = action.tokens
            last = number == len(credit.actions) - 1
            valued[row, begin : tokens if last else end] = action.value > 0
    above = advantages.unsqueeze(1) > 0
    return advantages.unsqueeze(1) * (valued.to(advantages.device) == above)


def train_grpo(
    method: str, start: Path, policy: Path, problems: Sequence[Problem], seed: int, params: Params
) -> int:
    model, tokenizer = load_policy(start, params.model.dtype, trainable=True)
    checkpoints = policy.with_name("checkpoints")
    config = GRPOConfig(
        **_common(checkpoints, seed, params),
        max_steps=max(1, len(problems) // GRPO_PROBLEMS),
        num_generations=params.sampling.samples,
        per_device_train_batch_size=GRPO_PROBLEMS * params.sampling.samples,
        max_completion_length=params.sampling.max_new_tokens,
        temperature=params.sampling.temperature,
        top_p=params.sampling.top_p,
        learning_rate=GRPO_LEARNING_RATE,
        shuffle_dataset=False,
        save_steps=25,
        save_total_limit=1,
    )
    reward: Any = answer_reward if method == "grpo-answer" else proof_reward
    kind = CreditGRPOTrainer if method == "grpo-credit" else GRPOTrainer
    trainer = kind(
        model,
        reward,
        config,
        Dataset.from_list([{"prompt": one.prompt, "label": one.label and one.label.name} for one in problems]),
        processing_class=tokenizer,
    )
    trainer.train(resume_from_checkpoint=latest_checkpoint(checkpoints))
    save_policy(model, tokenizer, policy)
    written = [
        entry["completions/mean_length"]
        for entry in trainer.state.log_history
        if "completions/mean_length" in entry
    ]
    shutil.rmtree(checkpoints, ignore_errors=True)
    return round(sum(written) * GRPO_PROBLEMS * params.sampling.samples)


def answer_reward(prompts: Any, completions: Any, label: Any, **columns: Any) -> list[float]:
    """1 for the right answer, whatever the steps."""
    return proof_reward(prompts, completions, label, weights=ANSWER_ALONE)


def _common(folder: Path, seed: int, params: Params) -> dict[str, Any]:
    gpu = device().type == "cuda"
    return {
        "output_dir": str(folder),
        "lr_scheduler_type": "linear",
        "logging_steps": 1,
        "seed": seed,
        "use_cpu": not gpu,
        "bf16": gpu and params.model.dtype == "bfloat16",
        "dataloader_pin_memory": gpu,
        "report_to": "none",
        "disable_tqdm": True,
    }


def table(rows: dict[str, Any]) -> str:
    """Markdown: a row a method, the mean over its seeds and their range. All rows must be of one budget."""
    lines = ["| | " + " | ".join((*FIGURES, "sampled tokens", "seeds")) + " |", "|---" * (len(FIGURES) + 3) + "|"]
    for method in METHODS:
        runs = [row for row in rows.values() if row["method"] == method]
        if runs:
            cells = [_range([row[figure]["value"] for row in runs]) for figure in FIGURES]
            tokens = f"{statistics.mean(row['tokens'] for row in runs):,.0f}"
            lines.append(f"| {method} | {' | '.join([*cells, tokens, str(len(runs))])} |")
    return "\n".join(lines)


def _range(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    return f"{statistics.mean(known):.3f} [{min(known):.3f}, {max(known):.3f}]"


if __name__ == "__main__":
    main()
