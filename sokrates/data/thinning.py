"""Training problems without some of the premises that their proofs do not need.

A problem of the original PrOntoQA has 9, 13, 17, 21 or 25 premises. A policy that sees no other number gives the
first line that it derives one of these indices, wherever the list ends. Not covered: held-out problems, which stay
as their source has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random

from sokrates.data.gold import shortest_proof
from sokrates.logic.answer import Answer
from sokrates.proof.kernel import cited
from sokrates.proof.problem import Problem
from sokrates.proof.text import CONCLUDE
from sokrates.proof.verify import Verifier

MOST_LEFT_OUT = 0.5  # of the premises that the proof does not cite


def thin(problems: Iterable[Problem], share: float, seed: int) -> Iterator[Problem]:
    """The problems, of which this share, drawn by `seed`, have lost premises; labels and order stay.

    A problem that has no proof stays as it is.
    """
    random = Random(f"thin {seed}")
    for problem in problems:
        yield _thinned(random, problem) if random.random() < share else problem


def _thinned(random: Random, problem: Problem) -> Problem:
    proof = shortest_proof(problem, Verifier(problem.facts, problem.goal))
    if proof is None or problem.label is Answer.UNKNOWN:
        return problem
    needed = {line for option in proof if option.name != CONCLUDE for line in cited(option)}
    left_out = random.uniform(0, MOST_LEFT_OUT)
    kept = [index for index in range(len(problem.facts)) if index in needed or random.random() >= left_out]
    return replace(
        problem,
        premises=tuple(problem.premises[index] for index in kept),
        facts=tuple(problem.facts[index] for index in kept),
    )
