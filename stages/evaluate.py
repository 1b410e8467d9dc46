"""evaluate: the base model, SFT and each round on the held-out problems and any extra sets.

python -m stages.evaluate    writes metrics/evaluation.json, plots/*.json and data/evaluation
"""

from collections import Counter
from itertools import islice, pairwise
from pathlib import Path

from sokrates.data.dataset import apart_from, numbered, read_problems, with_depth
from sokrates.evaluation.evaluate import evaluate as evaluate_policy
from sokrates.evaluation.evaluate import with_room
from sokrates.evaluation.report import write_report
from sokrates.io.errors import UserError
from sokrates.metrics import HELD_OUT
from sokrates.pipeline import params as settings
from sokrates.pipeline.runlog import main, run
from sokrates.proof.trace import read_problem_file
from sokrates.sampling.sampler import Sampler
from sokrates.strategies.solve import GREEDY, Search

ROUNDS = ("sft", "iter1", "iter2", "iter3")


def evaluate() -> None:
    params = settings.load()
    with run("evaluate", params) as log:
        held_out = read_problem_file(Path("data/problems/test.jsonl"))
        sets = {HELD_OUT: list(islice(held_out, params.evaluation.problems))}
        left_out: dict[str, Counter[str]] = {}
        extra = settings.named_sets(params.evaluation.extra)
        training = list(read_problem_file(Path("data/problems/train.jsonl"))) if extra else []
        for name, source in extra.items():
            left_out[name] = Counter()
            problems = apart_from(training, read_problems(source, left_out[name]), left_out[name])
            fitting = with_room(problems, params.model.name, params.sampling.max_new_tokens, left_out[name])
            sets[name] = numbered([with_depth(problem) for problem in fitting], name)
            if not sets[name]:
                reasons = "; ".join(f"{why} ({count})" for why, count in left_out[name].items())
                raise UserError(f"evaluation.extra: {name} has no problem to evaluate: {reasons or 'it is empty'}")
        sampler = Sampler.from_params(params.sampling)
        policies: dict[str, Path | str] = {
            "base": params.model.name,
            **{name: Path("data/policy") / name for name in ROUNDS},
        }
        heads = {before: Path("data/success_head") / name for before, name in pairwise(ROUNDS)}
        results = {}
        for name, policy in policies.items():
            head = heads.get(name)
            search = Search(
                params.evaluation.strategy, head or heads["iter2"], params.evaluation.candidates, params.seed
            )  # no head was trained on the last policy's traces: the one of the round before judges its steps
            results[name] = evaluate_policy(
                policy, head, sets, sampler, params.model.dtype, GREEDY if name == "base" else search
            )
            log.metrics({"policy": name, **results[name][HELD_OUT].metrics})
        written = [tokens for by_set in results.values() for one in by_set.values() for tokens in one.tokens]
        log.summary({"traces": len(written), "tokens": sum(written)})
        write_report(results, left_out, Path("metrics/evaluation.json"), Path("plots"), Path("data/evaluation"))


if __name__ == "__main__":
    main(evaluate)
