"""Evaluation of a policy on sets of problems: what its metrics say beside the shares of `test_metrics`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from sokrates.data.generator import generate
from sokrates.evaluation.evaluate import Evaluated, evaluate, with_room
from sokrates.policy.model import load_tokenizer
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


def test_problems_without_room_for_a_trace_are_left_out_and_counted() -> None:
    """The base model has 1,024 positions."""
    longer = next(
        generate(1, hops=[3], ontologies=["fictional"], distractors=1, unknown_share=0.0, seed=3, levels=4)
    )
    tokenizer = load_tokenizer(MODEL)
    room = 1024 - max(len(tokenizer(one.prompt)["input_ids"]) for one in PROBLEMS)
    left_out: Counter[str] = Counter()
    assert list(with_room([longer, *PROBLEMS], str(MODEL), room, left_out)) == PROBLEMS
    assert left_out == {"prompt and trace may be longer than the model's 1024 positions": 1}
