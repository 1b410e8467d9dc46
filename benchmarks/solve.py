"""How fast the strategies of `sokrates solve` write: python benchmarks/solve.py [--help]

Each solves the first held-out problems with the policy of the last round; alternating, medians of the repeats. The
last column is tokens a second beside greedy's in the same run. Tokens are those of all continuations of a problem,
kept or not. Loading the policy counts, which takes some tenths of a second. Run `dvc repro` first: it makes the
policy, the head and the problems. Not covered: what a strategy proves for its tokens (`strategies.py`).
"""

from __future__ import annotations

import argparse
from functools import partial
from itertools import islice

from measure import alternate, made, restart_with_sleeping_threads, table, timed

from sokrates.pipeline import params as settings
from sokrates.pipeline.strategy import STRATEGIES
from sokrates.proof.problem import Problem
from sokrates.proof.trace import read_problem_file
from sokrates.sampling.sampler import Sampler
from sokrates.strategies.solve import Search, solve

MEASURED = (
    "guided-kernel",
    "refine-kernel",
    "best-likelihood",
    "best-kernel-q-product",
    "step-kernel-likelihood",
    "step-kernel-both",
    "beam-kernel-likelihood",
)


def main() -> None:
    restart_with_sleeping_threads()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", type=int, default=400, help="default: %(default)s")
    parser.add_argument("--candidates", type=int, default=4, metavar="K", help="default: %(default)s")
    parser.add_argument("--repeats", type=int, default=5, help="of each strategy (default: %(default)s)")
    parser.add_argument(
        "--strategies", nargs="+", default=MEASURED, choices=STRATEGIES, metavar="NAME", help="beside greedy"
    )
    arguments = parser.parse_args()
    problems = list(islice(read_problem_file(made("data/problems/test.jsonl")), arguments.problems))
    names = dict.fromkeys(["greedy", *arguments.strategies])
    tokens: dict[str, int] = {}
    ways = {name: partial(rate, name, problems, arguments.candidates, tokens) for name in names}
    rates = alternate(ways, arguments.repeats)
    rows = {
        name: [f"{tokens[name] / len(problems):,.0f}", f"{rate:,.0f}", f"{rate / rates['greedy']:.2f}"]
        for name, rate in rates.items()
    }
    title = f"{len(problems)} problems, K = {arguments.candidates}, medians of {arguments.repeats} repeats"
    table(title, ["tokens", "tokens/s", "to greedy"], rows)


def rate(name: str, problems: list[Problem], candidates: int, tokens: dict[str, int]) -> float:
    """Tokens a second of one strategy; notes how many it wrote."""
    params = settings.load()
    search = Search(name, made("data/success_head/iter3"), candidates, params.seed)
    sampler = Sampler.from_params(params.sampling)

    def work() -> None:
        samples = solve(made("data/policy/iter3"), problems, sampler, search, dtype=params.model.dtype)
        tokens[name] = sum(sample.tokens for sample in samples)

    seconds = timed(work)
    return tokens[name] / seconds


if __name__ == "__main__":
    main()
