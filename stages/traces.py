"""traces_iter1..3: samples traces from the policy of the round before and checks every step.

python -m stages.traces ROUND    writes data/traces/iterROUND.jsonl and metrics/traces_iterROUND.json
"""

import sys
from pathlib import Path

from sokrates.io.files import write_json, write_json_lines
from sokrates.pipeline import params as settings
from sokrates.pipeline.runlog import main, run
from sokrates.proof.trace import Trace, check_traces, problems_to_sample, read_problem_file, read_traces, tally
from sokrates.sampling.sampler import Sampler, sample


def traces(number: int) -> None:
    params = settings.load()
    name, before = f"iter{number}", "sft" if number == 1 else f"iter{number - 1}"
    with run(f"traces_{name}", params) as log:
        training = read_problem_file(Path("data/problems/train.jsonl"))
        last = read_traces(Path("data/traces") / f"{before}.jsonl") if number > 1 else []
        problems, retried = problems_to_sample(
            training, number, params.sampling.problems, last, params.sampling.retried_share
        )
        drawn = sample(
            Path("data/policy") / before,
            [problem.prompt for problem in problems],
            Sampler.from_params(params.sampling),
            dtype=params.model.dtype,
            samples=params.sampling.samples,
            seed=params.seed + number,
        )
        written = [Trace(p, s.text, s.ended) for p, samples in zip(problems, drawn, strict=True) for s in samples]
        write_json_lines(Path("data/traces") / f"{name}.jsonl", (trace.to_json() for trace in written))
        figures = {"retried_problems": retried, **tally(written, check_traces(written))}
        write_json(Path("metrics") / f"traces_{name}.json", figures)
        log.summary({**figures, "tokens": sum(s.tokens for samples in drawn for s in samples)})


if __name__ == "__main__":
    main(lambda: traces(int(sys.argv[1])))
