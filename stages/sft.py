"""sft: fine-tunes the base model on the gold traces.

python -m stages.sft    writes data/policy/sft, metrics/sft.json and plots/sft_loss.json
"""

from pathlib import Path

from sokrates.io.files import write_json
from sokrates.pipeline import params as settings
from sokrates.pipeline.runlog import main, run
from sokrates.policy.model import load_base, save_policy
from sokrates.proof.trace import read_traces
from sokrates.training.common.resume import resume_folder
from sokrates.training.common.trainer import TrainingContext
from sokrates.training.sft.train import train


def sft() -> None:
    params = settings.load()
    with run("sft", params) as log, resume_folder("sft") as checkpoints:
        traces = [
            trace
            for trace in read_traces(Path("data/problems/gold.jsonl"))
            if params.sft.rationales in ("all", trace.rationale)
        ]
        model, tokenizer = load_base(params.model, seed=params.seed)
        context = TrainingContext(params.runtime, params.model.dtype, params.seed, checkpoints, log)
        figures = train(model, tokenizer, traces, params.sft, context)
        save_policy(model, tokenizer, Path("data/policy/sft"))
        write_json(Path("plots/sft_loss.json"), figures.pop("curve"))
        write_json(Path("metrics/sft.json"), figures)
        log.summary(figures)


if __name__ == "__main__":
    main(sft)
