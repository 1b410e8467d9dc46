"""Solves problems with a policy by one of the strategies, which differ in what they try and what they keep.

    greedy                              one trace, of the likeliest tokens
    vote                                the answer that most of K traces give
    best-q-product, best-q-minimum,     of K traces the one whose steps score best: by the success head's q̂ (their
    best-likelihood                     product or the least), or by the policy's own likelihood
    vote-kernel, best-kernel-…          the same among the traces that the kernel accepts, if there are any
    step-likelihood, step-q, step-both  K next steps, the best one is kept: by likelihood, by q̂, by their product
    step-kernel-…                       the same among the steps that the kernel accepts
    beam-kernel-…                       likewise, the K / 2 best partial proofs go on together
    refine-kernel                       greedy; a step that the kernel rejects is cut off and written again, while
                                        the tokens of K traces last
    guided-kernel                       greedy; an Action can only be an option that the kernel accepts

What has `kernel` in its name makes valid traces by construction, but for vote-kernel and best-kernel where none
of the K is valid; so what it is worth is how many problems it proves, and what that costs in tokens. They run
on the engine `shared_prompt`. Not covered: retraining on what they find; showing the kernel's explanation to
the policy, which proves less (benchmarks/README.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tqdm import tqdm
from transformers import PreTrainedTokenizerBase

from sokrates.io.errors import UserError
from sokrates.pipeline.strategy import read_strategy
from sokrates.policy.model import Policy, load_policy
from sokrates.proof.problem import Problem
from sokrates.sampling.control import Control
from sokrates.sampling.sampler import Sample, Sampler, sample
from sokrates.sampling.shared_prompt import decode
from sokrates.strategies.guided import Guided
from sokrates.strategies.proof_search import ProofSearch
from sokrates.strategies.scores import Scorer
from sokrates.strategies.search_control import Limits, Results, line_ends
from sokrates.strategies.whole_traces import Choosing, WholeTraces
from sokrates.success_head.head import load_head

DRAWS_PER_TOKEN = 2  # that one of several continuations may write, for each token that a trace may have
RETRIES = 8  # of a problem, for each of K: times that no step counted and all were written again


@dataclass(frozen=True)
class Search:
    """A strategy and what it needs.

    strategy: one of `pipeline.strategy.STRATEGIES`
    head: the success head's folder, for the strategies that ask q̂
    candidates: K, the continuations of a problem; greedy, guided and refine write one (refine: up to K times)
    seed: of the random numbers
    """

    strategy: str
    head: Path | None = None
    candidates: int = 4
    seed: int = 0


GREEDY = Search("greedy")


def solve(
    policy: Path | str, problems: Sequence[Problem], sampler: Sampler, search: Search, *, dtype: str
) -> list[Sample]:
    """A trace for each problem, in order; its `tokens` are those of every continuation. Raises UserError.

    sampler: its temperature is that of continuations that are drawn; what is greedy ignores it
    """
    chosen = read_strategy(search.strategy)
    if chosen.method == "greedy":
        prompts = [problem.prompt for problem in problems]
        return [one for (one,) in sample(policy, prompts, replace(sampler, temperature=None), dtype=dtype)]
    if chosen.method in ("best", "vote"):
        return solve_by_whole_traces(policy, problems, sampler, [search], dtype=dtype)[0]
    _check(sampler, search)
    model, tokenizer = load_policy(policy, dtype)
    samples = search.candidates if chosen.has_candidates else 1
    candidates = search.candidates if chosen.uses_candidates else 1
    limits, pauses = _limits(sampler, candidates, samples), line_ends(tokenizer, _vocabulary(model))
    control: ProofSearch | Guided
    if chosen.method == "guided":
        control = Guided(problems, tokenizer, limits, pauses)
    else:
        width = max(2, samples // 2) if chosen.method == "beam" else 1
        control = ProofSearch(problems, _scorer(model, tokenizer, search), limits, pauses, width, chosen.kernel)
    _run(model, tokenizer, problems, sampler, samples, search.seed, control)
    return control.results.in_order()


def solve_by_whole_traces(
    policy: Path | str, problems: Sequence[Problem], sampler: Sampler, searches: Sequence[Search], *, dtype: str
) -> list[list[Sample]]:
    """As `solve`, for several ways to choose a trace. All choose from the same traces, each from its first K.

    searches: best-… and vote…; the first one's seed counts
    """
    for search in searches:
        _check(sampler, search)
    model, tokenizer = load_policy(policy, dtype)
    samples = max(search.candidates for search in searches)
    choices = []
    for search in searches:
        chosen = read_strategy(search.strategy)
        results = Results(problems, sampler.max_steps)
        choices.append(
            Choosing(results, _scorer(model, tokenizer, search), chosen.choice, chosen.kernel, search.candidates)
        )
    control = WholeTraces(choices, _limits(sampler, samples, samples), _vocabulary(model))
    _run(model, tokenizer, problems, sampler, samples, searches[0].seed, control)
    return [choice.results.in_order() for choice in choices]


def _check(sampler: Sampler, search: Search) -> None:
    if sampler.engine != "shared_prompt":
        raise UserError(f"strategy {search.strategy} needs sampling.engine shared_prompt, not {sampler.engine}")
    if read_strategy(search.strategy).needs_head and search.head is None:
        raise UserError(f"strategy {search.strategy} needs a success head")


def _scorer(model: Policy, tokenizer: PreTrainedTokenizerBase, search: Search) -> Scorer:
    """Raises UserError where the head was trained on another kind of model."""
    chosen = read_strategy(search.strategy)
    head = load_head(search.head) if search.head and chosen.needs_head else None
    width = model.get_output_embeddings().weight.shape[1]
    if head is not None and head.network.value.in_features != width:
        raise UserError(
            f"success head {search.head} reads {head.network.value.in_features} numbers a token, and this policy "
            f"has {width}: take the head that was trained with it"
        )
    return Scorer(tokenizer, head, chosen.score)


def _limits(sampler: Sampler, candidates: int, samples: int) -> Limits:
    assert sampler.temperature is not None
    tokens = max(DRAWS_PER_TOKEN, candidates) * sampler.max_new_tokens
    draws = tokens if samples == 1 else DRAWS_PER_TOKEN * sampler.max_new_tokens
    return Limits(sampler.max_steps, draws, tokens, RETRIES * candidates, sampler.temperature)


def _vocabulary(model: Policy) -> int:
    return int(model.get_output_embeddings().weight.shape[0])


def _run(
    model: Policy,
    tokenizer: PreTrainedTokenizerBase,
    problems: Sequence[Problem],
    sampler: Sampler,
    samples: int,
    seed: int,
    control: Control,
) -> None:
    ids = tokenizer([problem.prompt for problem in problems])["input_ids"] if problems else []
    with tqdm(total=len(problems) * samples, desc="solving", unit="trace", mininterval=2) as bar:
        decode(model, ids, sampler.request(samples, seed, tokenizer), bar.update, control)
