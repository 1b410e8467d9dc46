"""prepare: problems from every source, split by case, with gold traces that pass the strict check.

python -m stages.prepare    writes data/problems/{train,test}.jsonl and metrics/prepare.json
"""

from collections import Counter
from pathlib import Path
from typing import Any

from sokrates import params as settings
from sokrates.problems.dataset import collect, gold_traces, split
from sokrates.problems.traces import write_json, write_lines
from sokrates.runlog import main, run

OUT = Path("data/problems")


def prepare() -> None:
    params = settings.load()
    with run("prepare", params) as log:
        left_out: Counter[str] = Counter()
        problems = collect(params.problems, params.seed, left_out)
        train, test = split(problems, params.problems.test_share, params.seed)
        figures: dict[str, Any] = {"problems": len(problems)}
        for name, part, share in ("train", train, params.problems.careful_share), ("test", test, 1.0):
            traces = gold_traces(part, share, params.seed, left_out)
            write_lines(OUT / f"{name}.jsonl", (trace.to_json() for trace in traces))
            figures[name] = len(traces)
            figures[f"{name}_careful"] = sum(trace.rationale == "careful" for trace in traces)
        figures["left_out"] = dict(sorted(left_out.items()))
        write_json(Path("metrics/prepare.json"), figures)
        log.summary(figures)


if __name__ == "__main__":
    main(prepare)
