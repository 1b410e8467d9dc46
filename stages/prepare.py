"""prepare: problems from every source, split by case, with a gold trace of each training problem that is proved.

python -m stages.prepare    writes data/problems/{train,test,gold}.jsonl and metrics/prepare.json
"""

from collections import Counter
from pathlib import Path

from sokrates.data.dataset import collect, count_options, gold_traces, split, thin, with_depth
from sokrates.io.files import write_json, write_json_lines
from sokrates.metrics import purposes
from sokrates.pipeline import params as settings
from sokrates.pipeline.runlog import main, run
from sokrates.proof.trace import check_traces

OUT = Path("data/problems")


def prepare() -> None:
    params = settings.load()
    with run("prepare", params) as log:
        left_out: Counter[str] = Counter()
        problems = collect(params.problems, params.seed, left_out)
        train, test = split(problems, params.problems.test_share, params.seed)
        train = list(thin(train, params.problems.thinned_share, params.seed))
        gold = gold_traces(train, params.problems.proofs, params.problems.careful_share, params.seed, left_out)
        write_json_lines(OUT / "train.jsonl", (problem.to_json() for problem in train))
        write_json_lines(OUT / "test.jsonl", (with_depth(problem).to_json() for problem in test))
        write_json_lines(OUT / "gold.jsonl", (trace.to_json() for trace in gold))
        careful = [trace for trace in gold if trace.rationale == "careful"]
        proofs = [(one.problem, checked) for one, checked in zip(careful, check_traces(careful), strict=True)]
        figures = {
            "problems": len(problems),
            "train": len(train),
            "test": len(test),
            "gold": len(gold),
            "gold_careful": len(careful),
            "gold_steps": count_options(gold),
            "gold_purposes": purposes(proofs),
            "formula_repairs": sum(len(problem.repairs) for problem in problems),
            "left_out": dict(sorted(left_out.items())),
        }
        write_json(Path("metrics/prepare.json"), figures)
        log.summary(figures)


if __name__ == "__main__":
    main(prepare)
