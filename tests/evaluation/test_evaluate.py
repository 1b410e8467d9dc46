"""Evaluation of a policy on sets of problems: what its metrics say beside the shares of `test_metrics`."""

from __future__ import annotations

from pathlib import Path

from sokrates.data.generator import generate
from sokrates.evaluation.evaluate import Evaluated, evaluate
from sokrates.sampling.sampler import Sampler
from sokrates.strategies.solve import GREEDY, Search

MODEL = Path(__file__).parents[2] / "base/model"
SAMPLER = Sampler(temperature=1.0, top_p=1.0, max_steps=4, max_new_tokens=40, batch_size=8)
PROBLEMS = list(
    generate(3, hops=[1], ontologies=["fictional"], distractors=1, unknown_share=0.0, seed=3, levels=2)
)


def evaluated(search: Search) -> Evaluated:
    return evaluate(MODEL, None, {"a": PROBLEMS[:1], "b": PROBLEMS[1:]}, SAMPLER, "float32", search)["b"]


def test_metrics_name_the_strategy_and_what_it_cost() -> None:
    voted = evaluated(Search("vote", candidates=2))
    assert voted.metrics["strategy"] == "vote" and voted.metrics["candidates"] == 2
    assert voted.metrics["tokens"] == sum(voted.tokens) > sum(evaluated(GREEDY).tokens)
    assert not {"strategy", "candidates", "tokens"} & evaluated(GREEDY).metrics.keys()
