"""From sources to the training and the test split: collect, split by case, write gold traces.

What cannot be used is counted, never dropped in silence.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from random import Random

from tqdm import tqdm

from sokrates.errors import UserError
from sokrates.params import Problems
from sokrates.problems.generator import generate
from sokrates.problems.gold import NoGoldTrace, careful, shortcut
from sokrates.problems.record import Problem, ProblemError
from sokrates.problems.sources import HUB, LeftOut, read_source
from sokrates.problems.traces import Trace
from sokrates.proof.text import write_steps

logger = logging.getLogger(__name__)


def collect(settings: Problems, seed: int, left_out: Counter[str]) -> list[Problem]:
    """The problems of every source; what a source cannot give is logged and counted in `left_out`.

    A hub that cannot be reached is logged and the other sources go on. Raises UserError where none is left.
    """
    found: list[Problem] = []
    for spec in settings.source:
        if spec == "generated":
            made = generate(
                settings.count,
                hops=settings.hops,
                ontology=settings.ontology,
                distractors=settings.distractors,
                unknown_share=settings.unknown_share,
                seed=seed,
            )
            found.extend(tqdm(made, total=settings.count, desc="generating", unit="problem", mininterval=2))
            continue
        try:
            found.extend(read_problems(spec, left_out))
        except ProblemError as error:
            if spec not in HUB:
                raise
            logger.warning("source %s is skipped: %s", spec, error)
            left_out[f"{spec}: source unavailable"] += 1
    if not found:
        raise UserError(f"no problem was read from problems.source = {', '.join(settings.source)}")
    return found


def read_problems(spec: str, left_out: Counter[str]) -> list[Problem]:
    """The problems of one source that can be read; the others are logged and counted."""
    found = []
    for item in read_source(spec):
        if isinstance(item, LeftOut):
            logger.info("left out: %s: %s", item.where, item.why)
            left_out[f"{spec.partition(':')[0]}: unreadable"] += 1
        else:
            found.append(item)
    return found


def split(problems: Sequence[Problem], test_share: float, seed: int) -> tuple[list[Problem], list[Problem]]:
    """Training and test problems: a case, or a problem that occurs twice, is on one side only.

    The sides are drawn by case, so their sizes follow `test_share` as closely as the cases allow.
    """
    side: dict[str, str] = {}  # the case, and the premises, → the group they belong to

    def group(key: str) -> str:
        while side.setdefault(key, key) != key:
            key = side[key]
        return key

    for problem in problems:
        side[group(f"case {problem.case}")] = group(f"on {' '.join(sorted(problem.premises))}")
    groups = [group(f"case {problem.case}") for problem in problems]
    names = sorted(set(groups))
    Random(f"split {seed}").shuffle(names)
    held_out = set(names[: round(len(names) * test_share)])
    train = [problem for problem, name in zip(problems, groups, strict=True) if name not in held_out]
    test = [problem for problem, name in zip(problems, groups, strict=True) if name in held_out]
    return train, test


def gold_traces(
    problems: Sequence[Problem], careful_share: float, seed: int, left_out: Counter[str]
) -> list[Trace]:
    """A gold trace for each problem that has one, careful or shortcut; the others are counted."""
    random = Random(f"rationales {seed}")
    found = []
    for problem in tqdm(problems, desc="gold traces", unit="trace", mininterval=2):
        is_careful = random.random() < careful_share
        try:
            steps = careful(problem)
        except NoGoldTrace as error:
            left_out[f"gold: {error}"] += 1
            continue
        text = write_steps(steps if is_careful else shortcut(problem, steps))
        found.append(Trace(problem, text, rationale="careful" if is_careful else "shortcut"))
    return found
