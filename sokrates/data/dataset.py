"""From sources to the training and the test split: collect, split by case, thin, write gold traces.

Problems that cannot be used are counted.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from random import Random

from tqdm import tqdm

from sokrates.data.gold import NoGoldTrace, careful, shortcut, shortest_proof
from sokrates.data.mixture import generate_mixture
from sokrates.data.sources import LeftOut, read_source
from sokrates.io.errors import UserError
from sokrates.logic.answer import Answer
from sokrates.logic.formula import Forall, Formula, predicates
from sokrates.pipeline.params import GENERATED, Problems
from sokrates.proof.kernel import cited
from sokrates.proof.problem import Problem
from sokrates.proof.text import CONCLUDE, write_steps
from sokrates.proof.trace import Trace
from sokrates.proof.verify import Verifier

MOST_LEFT_OUT = 0.5  # of the premises that a thinned problem's proof does not cite

logger = logging.getLogger(__name__)


def collect(settings: Problems, seed: int, left_out: Counter[str]) -> list[Problem]:
    """The problems of every source; those that cannot be read are logged and counted in `left_out`.

    Raises UserError if no source gives a problem.
    """
    problems: list[Problem] = []
    for spec in settings.source:
        if spec == GENERATED:
            generated = generate_mixture(settings, seed)
            problems.extend(
                tqdm(generated, total=settings.count, desc="generating", unit="problem", mininterval=2)
            )
            continue
        problems.extend(read_problems(spec, left_out))
    if not problems:
        raise UserError(f"no problem was read from problems.source = {', '.join(settings.source)}")
    return problems


def read_problems(spec: str, left_out: Counter[str]) -> list[Problem]:
    """The problems of one source that can be read; the others are logged, and counted by reason."""
    problems = []
    for item in read_source(spec):
        if isinstance(item, LeftOut):
            logger.info("left out: %s: %s", item.where, item.why)
            left_out[f"{spec.partition(':')[0]}: {item.reason}"] += 1
        else:
            problems.append(item)
    return problems


def numbered(problems: Sequence[Problem], name: str) -> list[Problem]:
    """The problems with ids `NAME 1`, `NAME 2`, …, so that no output names a path."""
    ids = [f"{name} {number}" for number, _ in enumerate(problems, start=1)]
    return [replace(problem, id=id, case=id) for problem, id in zip(problems, ids, strict=True)]


def apart_from(
    training: Iterable[Problem], problems: Iterable[Problem], left_out: Counter[str]
) -> Iterator[Problem]:
    """The problems on whose facts there is no training problem, thinned or not; the others are counted."""
    facts: set[frozenset[Formula]] = set()
    alike: dict[Hashable, list[frozenset[Formula]]] = {}  # by case and by goal, as a thinned one has fewer facts
    for problem in training:
        own = frozenset(problem.facts)
        facts.add(own)
        for key in (problem.case, problem.goal):
            alike.setdefault(key, []).append(own)
    for problem in problems:
        its = frozenset(problem.facts)
        if its in facts or any(own <= its for key in (problem.case, problem.goal) for own in alike.get(key, ())):
            left_out["on the facts of a training problem"] += 1
        else:
            yield problem


def split(problems: Sequence[Problem], test_share: float, seed: int) -> tuple[list[Problem], list[Problem]]:
    """Training and test problems in an order drawn by `seed`; no case, and no set of facts, is on both sides.

    `test_share` of the cases are held out, at least one. Raises UserError where that leaves a side empty.
    """
    parent: dict[Hashable, Hashable] = {}  # a case, or a set of facts → another of the same group

    def group(key: Hashable) -> Hashable:
        while parent.setdefault(key, key) != key:
            parent[key] = key = parent[parent[key]]  # paths get shorter on the way
        return key

    for problem in problems:
        parent[group(problem.case)] = group(frozenset(problem.facts))
    groups = [group(problem.case) for problem in problems]
    names = list(dict.fromkeys(groups))
    random = Random(f"split {seed}")
    random.shuffle(names)
    held_out = set(names[: max(1, round(len(names) * test_share))])
    sides: tuple[list[Problem], list[Problem]] = [], []
    for problem, name in zip(problems, groups, strict=True):
        sides[name in held_out].append(problem)
    if not all(sides):
        raise UserError(f"{len(problems)} problems of {len(names)} cases are too few to hold some out")
    for side in sides:
        random.shuffle(side)
    return sides


def with_depth(problem: Problem) -> Problem:
    """The problem with the length of its shortest proof for `hops`, where its source does not say."""
    if problem.hops is not None:
        return problem
    try:
        return replace(problem, hops=len(careful(problem)) - 1)
    except NoGoldTrace:
        return problem


def thin(problems: Iterable[Problem], share: float, seed: int) -> Iterator[Problem]:
    """The problems, of which this share, drawn by `seed`, have lost premises that their proofs do not need.

    A problem of the original PrOntoQA has 9, 13, 17, 21 or 25 premises. A policy that sees no other number gives
    the first line that it derives one of these indices, wherever the list ends. Labels and order stay, of an
    UNKNOWN problem also a fact and what has a word of the goal; a problem that has no proof stays as it is.
    """
    random = Random(f"thin {seed}")
    for problem in problems:
        yield _thinned(random, problem) if random.random() < share else problem


def _thinned(random: Random, problem: Problem) -> Problem:
    proof = shortest_proof(problem, Verifier(problem.facts, problem.goal))
    if proof is None or not problem.facts:
        return problem
    needed = {line for option in proof if option.name != CONCLUDE for line in cited(option)}
    if problem.label is Answer.UNKNOWN:
        facts = [index for index, fact in enumerate(problem.facts) if type(fact) is not Forall]
        asked = set(predicates(problem.goal))
        needed = {random.choice(facts or range(len(problem.facts)))}
        needed |= {index for index, fact in enumerate(problem.facts) if not asked.isdisjoint(predicates(fact))}
    left_out = random.uniform(0, MOST_LEFT_OUT)
    kept = [index for index in range(len(problem.facts)) if index in needed or random.random() >= left_out]
    return replace(
        problem,
        premises=tuple(problem.premises[index] for index in kept),
        facts=tuple(problem.facts[index] for index in kept),
    )


def gold_traces(
    problems: Sequence[Problem], proofs: str, careful_share: float, seed: int, left_out: Counter[str]
) -> list[Trace]:
    """A gold trace for each problem that has one; the others are counted.

    proofs: shortest, explore or plan

    A share of the traces, drawn at random, is careful, and the rest take the shortcut. A proof that applies no
    rule to a derived line has no shortcut: its trace is careful, and its rationale says so.
    """
    random = Random(f"rationales {seed}")
    traces = []
    for problem in tqdm(problems, desc="gold traces", unit="trace", mininterval=2):
        wants_shortcut = random.random() >= careful_share
        try:
            steps = careful(problem, proofs)
        except NoGoldTrace as error:
            left_out[f"gold: {error}"] += 1
            continue
        written = shortcut(problem, steps) if wants_shortcut else steps
        rationale = "careful" if written == steps else "shortcut"
        traces.append(Trace(problem, write_steps(written), rationale=rationale))
    return traces


def count_options(traces: Sequence[Trace]) -> dict[str, int]:
    """The number of steps of each option, CONCLUDE by its answer: `CONCLUDE TRUE`."""
    counts: Counter[str] = Counter()
    for trace in traces:
        for step in trace.steps:
            if step.option is not None:
                is_answer = step.option.name == CONCLUDE
                counts[f"{CONCLUDE} {Answer(step.option.args[0]).name}" if is_answer else step.option.name] += 1
    return dict(sorted(counts.items()))
