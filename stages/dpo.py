"""dpo_iter1..3: the success head and preference pairs from the round's traces, then DPO to the next policy.

python -m stages.dpo ROUND    writes data/{success_head,pairs,policy}/iterROUND, metrics and the loss curve
"""

import gc
import sys
from itertools import groupby
from pathlib import Path

from sokrates.io.files import write_json, write_json_lines
from sokrates.pipeline import params as settings
from sokrates.pipeline.runlog import main, run
from sokrates.policy.model import load_policy, save_policy
from sokrates.proof.trace import Rollout, check_traces, read_traces
from sokrates.success_head.head import fit_head
from sokrates.training.common.resume import resume_folder
from sokrates.training.common.trainer import TrainingContext
from sokrates.training.dpo.pairs import make_pairs
from sokrates.training.dpo.train import train


def dpo(number: int) -> None:
    params = settings.load()
    name, before = f"iter{number}", Path("data/policy") / ("sft" if number == 1 else f"iter{number - 1}")
    with run(f"dpo_{name}", params) as log, resume_folder(f"dpo_{name}") as checkpoints:
        *earlier, traces = (
            list(read_traces(Path("data/traces") / f"iter{n}.jsonl")) for n in range(1, number + 1)
        )
        rollouts = [Rollout(trace, checked) for trace, checked in zip(traces, check_traces(traces), strict=True)]
        writer = load_policy(before, params.model.dtype)  # in the precision of what the head will judge
        head = fit_head(*writer, rollouts, params.success_head, seed=params.seed, earlier=earlier)
        head.save(Path("data/success_head") / name)
        del writer
        gc.collect()  # the model may be in a cycle, and its memory is needed
        by_problem = [list(group) for _, group in groupby(rollouts, lambda rollout: rollout.trace.problem)]
        pairs = [pair for group in by_problem for pair in make_pairs(group, params.preferences)]
        write_json_lines(Path("data/pairs") / f"{name}.jsonl", (pair.to_json() for pair in pairs))
        context = TrainingContext(params.runtime, params.model.dtype, params.seed + number, checkpoints, log)
        model, tokenizer = load_policy(before, params.model.dtype, trainable=True)
        figures = train(model, tokenizer, pairs, before, params.dpo, context)
        save_policy(model, tokenizer, Path("data/policy") / name)
        write_json(Path("plots") / f"dpo_loss_{name}.json", figures.pop("curve"))
        write_json(Path("metrics") / f"dpo_{name}.json", figures)
        log.summary(figures)


if __name__ == "__main__":
    main(lambda: dpo(int(sys.argv[1])))
