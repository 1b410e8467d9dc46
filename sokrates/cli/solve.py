"""Let a trained policy write proofs, and show the verdict on each step.

The policy runs on the GPU if there is one. It decodes greedily, or by another strategy:

    greedy                              one trace, of the likeliest tokens
    vote                                the answer that most of K traces give
    best-likelihood, best-q-product,    of K traces the one whose steps score best: by the policy's likelihood,
    best-q-minimum                      or by the success head's q (their product or the least)
    vote-kernel, best-kernel-…          the same among the traces that the kernel accepts, if there are any
    step-likelihood, step-q, step-both  K next steps, the best one is kept: by likelihood, by q, by their product
    step-kernel-…                       the same among the steps that the kernel accepts
    beam-kernel-…                       likewise, the K / 2 best partial proofs go on together
    refine-kernel                       greedy; a step that the kernel rejects is cut off and written again, while
                                        the tokens of K traces last
    guided-kernel                       greedy; an Action can only be an option that the kernel accepts

`…` is likelihood, q or both (after best-kernel: likelihood, q-product or q-minimum). K is --candidates.
Strategies with q or both in their name need --success-head.
"""

from __future__ import annotations

import argparse
import json
from contextlib import nullcontext
from pathlib import Path

from sokrates.cli.files import add_problem_file
from sokrates.cli.output import terminal
from sokrates.io.errors import UserError, nothing_in
from sokrates.pipeline.strategy import STRATEGIES, read_strategy

BATCH_SIZE = 32  # traces at a time
CANDIDATES = 4
MAX_SEED = 2**32 - 1
TEMPERATURE = 0.7  # of strategies that sample, as in the default run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_problem_file(parser)
    parser.add_argument("--model", required=True, metavar="FOLDER", help="a policy, such as data/policy/iter3")
    parser.add_argument(
        "--strategy",
        default="greedy",
        choices=STRATEGIES,
        metavar="NAME",
        help="how it looks for a proof, as listed above (default: greedy)",
    )
    parser.add_argument(
        "--candidates", type=int, metavar="K", help="traces or next steps to choose from (default: 4)"
    )
    parser.add_argument(
        "--success-head",
        type=Path,
        metavar="FOLDER",
        help="the head of the policy, such as data/success_head/iter1 for data/policy/sft",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="for strategies that sample (default: 0)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the proofs as a trace file")
    parser.add_argument(
        "--max-new-tokens", type=int, default=768, metavar="N", help="tokens per proof, at most (default: 768)"
    )
    parser.add_argument(
        "--max-steps", type=int, default=15, metavar="N", help="steps per proof, at most (default: 15)"
    )


def run(arguments: argparse.Namespace) -> None:
    candidates = CANDIDATES if arguments.candidates is None else arguments.candidates
    if min(arguments.max_new_tokens, arguments.max_steps, candidates) < 1:
        raise UserError("--max-new-tokens, --max-steps and --candidates must be at least 1")
    if not 0 <= (arguments.seed or 0) <= MAX_SEED:
        raise UserError(f"--seed must be from 0 to {MAX_SEED}")
    strategy = read_strategy(arguments.strategy)
    for option, value, is_used in (
        ("--candidates", arguments.candidates, strategy.uses_candidates),
        ("--success-head", arguments.success_head, strategy.needs_head),
        ("--seed", arguments.seed, strategy.uses_candidates),
    ):
        if value is not None and not is_used:
            raise UserError(f"{option}: --strategy {arguments.strategy} does not use it")
    if strategy.needs_head and arguments.success_head is None:
        raise UserError(f"--strategy {arguments.strategy} needs --success-head FOLDER")

    from sokrates import api
    from sokrates.pipeline.machine import set_up_processor

    problems = list(api.read_problems(arguments.file))  # before torch is imported, which takes seconds
    if not problems:
        raise nothing_in(arguments.file, "problem")
    set_up_processor()

    from sokrates.cli.proof import print_proof
    from sokrates.io.files import whole_file
    from sokrates.policy.model import preferred_dtype
    from sokrates.proof.trace import Trace
    from sokrates.proof.verify import Verifier
    from sokrates.report.proof_view import view_proof
    from sokrates.sampling.sampler import Sampler
    from sokrates.strategies.solve import Search, solve

    sampler = Sampler(TEMPERATURE, 1.0, arguments.max_steps, arguments.max_new_tokens, batch_size=BATCH_SIZE)
    search = Search(arguments.strategy, arguments.success_head, candidates, arguments.seed or 0)
    with whole_file(arguments.out) if arguments.out else nullcontext() as out:  # before the work, which takes long
        samples = solve(arguments.model, problems, sampler, search, dtype=preferred_dtype())
        traces = [Trace(problem, one.text, one.ended) for problem, one in zip(problems, samples, strict=True)]
        if out:
            out.writelines(json.dumps(trace.to_json(), ensure_ascii=False) + "\n" for trace in traces)
    console = terminal(highlight=False, emoji=False)
    for trace in traces:
        problem, verifier = trace.problem, Verifier(trace.problem.facts, trace.problem.goal)
        print_proof(console, problem, view_proof(problem, verifier, verifier.check(trace.steps)))
