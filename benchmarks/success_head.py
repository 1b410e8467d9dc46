"""The success head q̂ in its own right: python benchmarks/success_head.py [--data FOLDER] [--unseen FILE …]

Greedy steps of the policies after SFT and each round, each judged by the head that was trained on samples of that
policy and of earlier ones: on the held-out problems, and on problems of kinds that it has not seen. The pipeline
samples the last policy no more, so for that one a head is trained here, on samples as a fourth round would take
them; it stays in runs/success_head for `strategies.py --head`. Three baselines: the policy's own likelihood of the
step, of its Action alone, and a constant. Calibration (Platt, temperature, isotonic) is fitted on one half of the
held-out problems and measured on the other half and on the unseen problems. q̂ from the state alone
(`success_head.reads: thought`) stands beside q̂ from the whole step, on the whole held-out set.

Writes a JSON file of results and prints a table of it. AURC is the area under the risk-coverage
curve, less is better. Run `dvc repro` first. Not covered: what q̂ is worth for choosing steps (`strategies.py`).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np

from sokrates.data.dataset import numbered
from sokrates.data.sources import read_file
from sokrates.evaluation.calibration import calibration
from sokrates.metrics import HELD_OUT
from sokrates.pipeline import params as settings
from sokrates.pipeline.machine import set_up_processor
from sokrates.proof.problem import Problem
from sokrates.proof.trace import (
    Trace,
    check_traces,
    problems_to_sample,
    read_problem_file,
    read_traces,
)

RESULTS = Path(__file__).parent / "results" / "success_head.json"
HEADS = {"sft": "iter1", "iter1": "iter2", "iter2": "iter3"}  # by the policy that wrote the steps
LAST, LAST_HEAD = "iter3", Path("runs/success_head/iter3")
READINGS = "held_out, by what q reads"
ROWS = [  # of the table: what it is called, which way to give a probability, which figure
    ("AUROC: q̂", "q, Platt", "auroc"),
    ("AUROC: the likelihood of the step", "likelihood", "auroc"),
    ("AUROC: the likelihood of its Action", "likelihood of the Action", "auroc"),
    ("AURC: q̂", "q, Platt", "aurc"),
    ("AURC: the likelihood of the Action", "likelihood of the Action", "aurc"),
    ("ECE: q̂ as it is calibrated on its own traces", "q, as calibrated on its own traces", "ece"),
    ("ECE: q̂, Platt", "q, Platt", "ece"),
    ("ECE: q̂, isotonic", "q, isotonic", "ece"),
    ("ECE: q̂, temperature", "q, temperature", "ece"),
    ("ECE: likelihood, Platt", "likelihood, Platt", "ece"),
    ("Brier: q̂ as it is calibrated on its own traces", "q, as calibrated on its own traces", "brier"),
    ("Brier: q̂, Platt", "q, Platt", "brier"),
    ("Brier: likelihood, Platt", "likelihood, Platt", "brier"),
    ("Brier: a constant", "constant", "brier"),
]
UNSEEN = (  # rows of the table for sets that q̂ has not seen
    *("AUROC: q̂", "AUROC: the likelihood of its Action"),
    *("ECE: q̂ as it is calibrated on its own traces", "ECE: likelihood, Platt"),
    *("Brier: q̂ as it is calibrated on its own traces", "Brier: likelihood, Platt"),
)
Scores = dict[str, np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("data"), help="what `dvc repro` made (default: data)")
    parser.add_argument(
        "--unseen",
        type=Path,
        nargs="*",
        default=[],
        metavar="FILE",
        help="of any format that `label` reads",
    )
    parser.add_argument("--problems", type=int, default=400, help="of each set (default: 400)")
    parser.add_argument("--traces", type=int, help="that heads to compare learn from (default: all of a round)")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FILE", help="(default: %(default)s)")
    arguments = parser.parse_args()
    set_up_processor()  # before torch is loaded
    results: dict[str, Any] = {}
    for policy in (*HEADS, LAST):
        if policy == LAST:
            samples, head = fit_last(arguments.data), LAST_HEAD
        else:
            samples = list(read_traces(arguments.data / "traces" / f"{HEADS[policy]}.jsonl"))
            head = arguments.data / "success_head" / HEADS[policy]
        judge = judge_of(arguments.data / "policy" / policy, head)
        held_out = list(read_traces(arguments.data / "evaluation/held_out" / f"{policy}.jsonl"))[
            : arguments.problems
        ]
        middle = len(held_out) // 2
        fitted, rest = judge(held_out[:middle]), judge(held_out[middle:])
        sets = {HELD_OUT: rest}
        for file in arguments.unseen:
            sets[file.stem] = judge(greedy(arguments.data / "policy" / policy, file, arguments.problems))
        results[policy] = {name: figures(scores, fitted) for name, scores in sets.items()}
        results[policy][READINGS] = figures_by_reading(
            arguments.data / "policy" / policy, samples[: arguments.traces], held_out
        )
        arguments.results.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    print(table(results))


def fit_last(data: Path) -> list[Trace]:
    """Trains the last policy's head, as the stages train one, and saves it in LAST_HEAD.

    Returns the samples of the policy: traces for the training problems that follow those of the last round.
    """
    from reinforcement import sampled

    from sokrates.policy.model import load_policy
    from sokrates.success_head.head import fit_head

    params, policy, number = settings.load(), data / "policy" / LAST, len(HEADS) + 1
    training = read_problem_file(data / "problems/train.jsonl")
    problems, _ = problems_to_sample(training, number, params.sampling.problems, [], 0.0)
    rollouts, _ = sampled(policy, problems, params.seed + number, params)
    model, tokenizer = load_policy(policy, params.model.dtype)
    earlier = [list(read_traces(data / "traces" / f"{name}.jsonl")) for name in HEADS.values()]
    head = fit_head(model, tokenizer, rollouts, params.success_head, seed=params.seed, earlier=earlier)
    head.save(LAST_HEAD)
    return [rollout.trace for rollout in rollouts]


def greedy(policy: Path, file: Path, count: int) -> list[Trace]:
    """Greedy traces for the first problems of a file."""
    from sokrates.sampling.sampler import Sampler
    from sokrates.strategies.solve import GREEDY, solve

    params = settings.load()
    problems = numbered([one for one in read_file(file) if isinstance(one, Problem)], file.stem)[:count]
    samples = solve(policy, problems, Sampler.from_params(params.sampling), GREEDY, dtype=params.model.dtype)
    return [Trace(problem, s.text, s.ended) for problem, s in zip(problems, samples, strict=True)]


def judge_of(policy: Path, folder: Path) -> Callable[[Sequence[Trace]], Scores]:
    """Judges traces: for each step the verdict, q̂ with and without calibration, the likelihoods."""
    import torch

    from sokrates.policy.model import load_policy
    from sokrates.sampling.control import Continuation
    from sokrates.strategies.scores import Scorer
    from sokrates.success_head.head import load_head

    model, tokenizer = load_policy(policy, settings.load().model.dtype)
    trained = load_head(folder)
    scorer = Scorer(tokenizer, None, "likelihood")
    raw = Scorer(tokenizer, replace(trained, slope=1.0, offset=0.0), "q")

    def steps_of(trace: Trace) -> Iterator[tuple[float, float, float]]:
        prompt = tokenizer(trace.problem.prompt)["input_ids"]
        tokens = tokenizer(trace.text)["input_ids"]
        with torch.inference_mode():
            found = model(torch.tensor([prompt + tokens], device=model.device), output_hidden_states=True)
        scores = found.logits[0, len(prompt) - 1 : -1].float().log_softmax(-1)
        log_probs = scores.gather(1, torch.tensor(tokens, device=model.device)[:, None])[:, 0].tolist()
        states = found.hidden_states[-1][0, len(prompt) - 1 :]
        written = Continuation(tokens, log_probs, states, closed=True, ended=trace.ended)
        steps = trace.steps
        actions = [replace(step, span=(step.span[1], *step.span[1:])) for step in steps if step.span]
        yield from zip(
            raw.steps(written, steps), scorer.steps(written, steps), scorer.steps(written, actions), strict=True
        )

    def judge(traces: Sequence[Trace]) -> Scores:
        rows = np.array([row for trace in traces for row in steps_of(trace)])
        verdicts = [v.valid for checked in check_traces(traces) for v in checked.verdicts]
        q = np.exp(rows[:, 0]).clip(1e-6, 1 - 1e-6)
        odds = np.log(q / (1 - q))
        return {
            "verdicts": np.array(verdicts, dtype=int),
            "odds": odds,
            "calibrated": 1 / (1 + np.exp(-(trained.slope * odds + trained.offset))),
            "likelihood": np.exp(rows[:, 1]).clip(1e-30),
            "likelihood of the Action": np.exp(rows[:, 2]).clip(1e-30),
        }

    return judge


def figures(scores: Scores, fitted: Scores) -> dict[str, dict[str, Any]]:
    """For each way to give a probability: its figures on `scores`, after fitting on `fitted`."""
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import LogisticRegression

    verdicts, odds = scores["verdicts"], scores["odds"]
    platt = LogisticRegression(C=1e6).fit(fitted["odds"][:, None], fitted["verdicts"])
    temperature = LogisticRegression(C=1e6, fit_intercept=False).fit(fitted["odds"][:, None], fitted["verdicts"])
    isotonic = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(fitted["odds"], fitted["verdicts"])
    constant = np.full(len(verdicts), fitted["verdicts"].mean())
    ways = {
        "q, as trained": 1 / (1 + np.exp(-odds)),
        "q, as calibrated on its own traces": scores["calibrated"],
        "q, Platt": platt.predict_proba(odds[:, None])[:, 1],
        "q, temperature": temperature.predict_proba(odds[:, None])[:, 1],
        "q, isotonic": isotonic.predict(odds),
        "likelihood": scores["likelihood"],
        "likelihood of the Action": scores["likelihood of the Action"],
        "constant": constant,
    }
    for name in ("likelihood", "likelihood of the Action"):
        fit = LogisticRegression(C=1e6).fit(np.log(fitted[name])[:, None], fitted["verdicts"])
        ways[f"{name}, Platt"] = fit.predict_proba(np.log(scores[name])[:, None])[:, 1]
    return {
        name: {**calibration(p, verdicts), "aurc": area_under_risk_coverage(p, verdicts)}
        for name, p in ways.items()
    }


def figures_by_reading(
    policy: Path, samples: Sequence[Trace], held_out: Sequence[Trace]
) -> dict[str, dict[str, Any]]:
    """Figures on `held_out` of heads that learn from the policy's samples alone, by what of a step they read."""
    import torch

    from sokrates.policy.model import load_policy
    from sokrates.success_head.features import features
    from sokrates.success_head.head import train_head

    params = settings.load()
    model, tokenizer = load_policy(policy, params.model.dtype)

    def read(traces: Sequence[Trace], reads: settings.Reads) -> list[torch.Tensor]:
        return features(model, tokenizer, [(trace.problem.prompt, trace.text) for trace in traces], reads)

    def judged(traces: Sequence[Trace]) -> torch.Tensor:
        return torch.tensor([v.valid for checked in check_traces(traces) for v in checked.verdicts])

    verdicts, valid = judged(samples), judged(held_out).numpy().astype(int)
    calibrating = torch.arange(len(verdicts)) >= len(verdicts) * (1 - params.success_head.holdout_share)
    found = {}
    for reads in get_args(settings.Reads):
        chosen = params.success_head.model_copy(update={"reads": reads})
        head = train_head(read(samples, reads), verdicts, calibrating, chosen, params.seed)
        p = head.probabilities(read(held_out, reads))
        found[f"q, {reads}"] = {**calibration(p, valid), "aurc": area_under_risk_coverage(p, valid)}
    return found


def table(results: dict[str, Any]) -> str:
    """Markdown: a column for each policy; the rows of the held-out problems, then some for each other set."""
    policies = [policy for policy in (*HEADS, LAST) if policy in results]
    lines = [f"| | {' | '.join(policies)} |", "|---" * (len(policies) + 1) + "|"]
    names = [name for name in results[policies[0]] if name != READINGS]
    for name in sorted(names, key=lambda name: (name != HELD_OUT, name)):
        of_set = [results[policy][name] for policy in policies]
        lines.append(f"| **{name}**: valid steps, % " + _cells(of_set, "constant", "valid_share", 100, 1))
        for label, way, metric in ROWS if name == HELD_OUT else (row for row in ROWS if row[0] in UNSEEN):
            lines.append(f"| {label} " + _cells(of_set, way, metric, 1, 3))
    return "\n".join(lines)


def _cells(of_set: Sequence[dict[str, Any]], way: str, metric: str, unit: int, digits: int) -> str:
    """A policy's figures; where all of its steps, or none, are valid, AUROC has none."""
    values = [found[way][metric] for found in of_set]
    return "".join("| – " if value is None else f"| {unit * value:.{digits}f} " for value in values) + "|"


def area_under_risk_coverage(probabilities: np.ndarray, verdicts: np.ndarray) -> float:
    """The mean, over all coverages, of the share of steps that are not valid among the most probable ones.

    Of steps that are equally probable each counts as their mean, whatever their order.
    """
    _, tied = np.unique(-probabilities, return_inverse=True)  # the most probable first
    risk = np.bincount(tied, 1 - verdicts) / np.bincount(tied)
    wrong = np.cumsum(risk[np.sort(tied)])
    return float((wrong / np.arange(1, len(tied) + 1)).mean())


if __name__ == "__main__":
    main()
