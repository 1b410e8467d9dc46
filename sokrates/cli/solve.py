"""Let a trained policy write proofs, and show the verdict on each step.

The policy decodes greedily, on the GPU if there is one.
"""

from __future__ import annotations

import argparse
import json
from contextlib import nullcontext
from pathlib import Path

from sokrates.cli.files import add_problem_file
from sokrates.io.errors import UserError, nothing_in

BATCH_SIZE = 32  # problems at a time


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_problem_file(parser)
    parser.add_argument("--model", required=True, metavar="FOLDER", help="a policy, such as data/policy/iter3")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the proofs as a trace file")
    parser.add_argument("--max-new-tokens", type=int, default=768, help="tokens per proof (default: 768)")
    parser.add_argument("--max-steps", type=int, default=15, help="steps kept per proof (default: 15)")


def run(arguments: argparse.Namespace) -> None:
    if min(arguments.max_new_tokens, arguments.max_steps) < 1:
        raise UserError("--max-new-tokens and --max-steps must be at least 1")

    from sokrates import api
    from sokrates.pipeline.machine import set_up_processor

    problems = list(api.read_problems(arguments.file))  # before torch is imported, which takes seconds
    if not problems:
        raise nothing_in(arguments.file, "problem")
    set_up_processor()

    from rich.console import Console

    from sokrates.cli.proof import print_proof
    from sokrates.io.files import whole_file
    from sokrates.policy.model import preferred_dtype
    from sokrates.proof.trace import Trace
    from sokrates.proof.verify import Verifier
    from sokrates.report.proof_view import view_proof
    from sokrates.sampling.sampler import Sampler, sample

    with whole_file(arguments.out) if arguments.out else nullcontext() as out:
        sampler = Sampler(None, 1.0, arguments.max_steps, arguments.max_new_tokens, batch_size=BATCH_SIZE)
        prompts = [problem.prompt for problem in problems]
        samples = sample(arguments.model, prompts, sampler, dtype=preferred_dtype())
        console = Console(highlight=False, emoji=False)
        for problem, (written,) in zip(problems, samples, strict=True):
            trace = Trace(problem, written.text, written.ended)
            verifier = Verifier(problem.facts, problem.goal)
            print_proof(console, problem, view_proof(problem, verifier, verifier.check(trace.steps)))
            if out:
                out.write(json.dumps(trace.to_json(), ensure_ascii=False) + "\n")
