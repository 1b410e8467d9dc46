"""Drills: texts in the English of the problems that exercise single skills, without a goal or a proof.

Three kinds. *Cite*: every premise once more, in any order, in the fixed wording, with its index. *Look up*:
the rules about a concept that is named. *Derive*: modus ponens steps in random order from whatever applies,
Thought and Action lines as in a trace. No drill has a conclusion to evaluate, and none a CONCLUDE.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from sokrates.data.generator import generate
from sokrates.logic.formula import Atom, Forall, Implies
from sokrates.proof.kernel import derive
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import Problem
from sokrates.proof.text import REASONING, Step, think, write_prompt, write_steps

# Difficulty grows with the number of the text: hops and distractors of the ontology it is about.
LEVELS = [
    ([1, 2], 0),
    ([1, 2, 3], 0),
    ([1, 2, 3], 1),
    ([1, 2, 3], 1),
    ([1, 2, 3, 3, 4], 1),
]
MAX_STEPS = 4


def drills(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """`count` pairs of prompt and completion, from easy to hard; the last third has the hardest level."""
    random = Random(seed)
    for level, (hops, distractors) in enumerate(LEVELS):
        share = count // 3 if level == len(LEVELS) - 1 else (count - count // 3) // (len(LEVELS) - 1)
        for ontology, part in ("fictional", 0.9), ("false", 0.1):
            problems = generate(
                round(share * part),
                hops=hops,
                ontology=ontology,
                distractors=distractors,
                unknown_share=0.0,
                seed=seed * 1000 + level,
            )
            for problem in problems:
                yield _drill(random, problem)


def _drill(random: Random, problem: Problem) -> tuple[str, str]:
    prompt = write_prompt(problem.premises, "?").split("Conclusion to evaluate")[0] + REASONING
    kind = random.random()
    if kind < 0.15:
        return prompt, _cite(random, problem)
    if kind < 0.25:
        return prompt, _look_up(random, problem)
    return prompt, _derive(random, problem)


def _cite(random: Random, problem: Problem) -> str:
    order = random.sample(range(len(problem.facts)), len(problem.facts))
    return "".join(f"Thought: {problem.say(problem.facts[index])} [{index}].\n" for index in order)


def _look_up(random: Random, problem: Problem) -> str:
    about: dict[str, list[int]] = {}
    for index, fact in enumerate(problem.facts):
        if type(fact) is Forall and type(fact.body) is Implies and type(fact.body.left) is Atom:
            about.setdefault(fact.body.left.predicate, []).append(index)
    names = random.sample(sorted(about), len(about))
    return "".join(
        f"Thought: {name}: {' and '.join(f'{problem.say(problem.facts[i])} [{i}]' for i in about[name])}.\n"
        for name in names
    )


def _derive(random: Random, problem: Problem) -> str:
    state = problem.state
    steps: list[Step] = []
    rules = [i for i, fact in enumerate(problem.facts) if type(fact) is Forall]
    known = set(problem.facts)
    while len(steps) < MAX_STEPS:
        found = []
        for fact, line in enumerate(state.lines):
            for rule in rules if type(line) is Atom else ():
                derived = derive(state, Option("MODUS_PONENS", (fact, rule)))
                if not isinstance(derived, Reason) and derived not in known:
                    found.append((fact, rule, derived))
        if not found:
            break
        fact, rule, derived = random.choice(found)
        option = Option("MODUS_PONENS", (fact, rule))
        steps.append(Step(think(state, option, derived, problem.say), option))
        known.add(derived)
        state.apply(option)
    return write_steps(steps)
