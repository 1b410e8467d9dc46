"""Drills: texts in the English of the problems that exercise single skills, without a goal or a conclusion.

Most are about chains of modus ponens, with some premises left out: their number can be any, and says nothing about
the ontology. Four kinds. *Cite*: premises once more, in any order, in the fixed wording, each with its index.
*Look up*: the rules about concepts that are named. *Derive*: modus ponens steps in random order from whatever
applies, Thought and Action lines as in a trace. *Explore*: the same in the order of a proof that explores
(sokrates/search/exploring.py), until nothing is left. The rest are shortest proofs of every other kind
(sokrates/data/mixture.py), up to the step that assumes or derives the goal by name. No drill has a conclusion to
evaluate or a CONCLUDE.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile
from random import Random

from sokrates.data.generator import generate
from sokrates.data.gold import careful
from sokrates.data.mixture import KINDS, generate_kind
from sokrates.logic import english
from sokrates.logic.formula import Atom, Forall, Implies
from sokrates.logic.matching import atom_of
from sokrates.proof.arguments import GOAL
from sokrates.proof.kernel import derive
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import Problem, from_sentences
from sokrates.proof.text import REASONING, write_steps
from sokrates.search.exploring import explore
from sokrates.search.prove import write_proof

# Difficulty grows with the number of the text: hops, most levels and distractors of the ontology it is about.
STAGES = [
    ([1], 1, 0),
    ([1, 2], 2, 0),
    ([1, 2], 2, 1),
    ([1, 2, 3], 3, 1),
    ([1, 2, 3, 4, 5], 5, 1),
]
ONTOLOGY_SHARES = {"fictional": 0.48, "untrue": 0.45, "real": 0.07}  # of the texts
THINNED_SHARE = 0.65  # of the texts: some premises are left out
MOST_LEFT_OUT = 0.8  # of the rules of a text that leaves some out; fewer more often
ONE_FACT_SHARE = 0.4  # of the texts that leave some out: one fact about the entity
STRAIGHT_SHARE = 0.1  # of the texts: about ontologies with neither fork nor shuffling
LAST_SHARE = 0.85  # of the texts, in the last stage
CITED = 10  # premises of a text that cites
NAMED = 4  # concepts of a text that looks up
DERIVED = 6  # steps of a text that derives
EXPLORED = 10  # steps of a text that explores
OTHER_SHARE = 0.12  # of the texts, in the last stage: proofs of other kinds


def drills(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """`count` pairs of prompt and completion, from easy to hard."""
    random = Random(seed)
    for stage, (hops, levels, distractors) in enumerate(STAGES):
        share = LAST_SHARE if stage == len(STAGES) - 1 else (1 - LAST_SHARE) / (len(STAGES) - 1)
        problems = {
            (ontology, order): generate(
                count,
                hops=hops,
                levels=levels,
                ontologies=[ontology],
                distractors=distractors if order == "random" else 0,
                order=order,
                unknown_share=0.0,
                seed=seed * 1000 + stage,
            )
            for ontology in ONTOLOGY_SHARES
            for order in ("random", "up")
        }
        is_last = stage == len(STAGES) - 1
        others = _proofs(problems_of_other_kinds(count, seed))
        for _ in range(round(count * share)):
            if is_last and random.random() < OTHER_SHARE:
                yield next(others)
                continue
            (ontology,) = random.choices(list(ONTOLOGY_SHARES), list(ONTOLOGY_SHARES.values()))
            order = "up" if random.random() < STRAIGHT_SHARE else "random"
            yield _drill(random, _leave_out(random, next(problems[ontology, order])))


def problems_of_other_kinds(count: int, seed: int) -> Iterator[Problem]:
    """At least `count`, of each kind in turn, but chains of modus ponens."""
    kinds = [
        generate_kind(
            kind,
            count // len(KINDS) + 1,
            hops=[1, 2],
            widths=[2],
            unknown_share=0.0,
            refuted_share=0.3,
            seed=seed,
        )
        for kind in KINDS
    ]
    for problems in zip(*kinds, strict=True):
        yield from problems


def _leave_out(random: Random, problem: Problem) -> Problem:
    """The problem, often without some of its rules, at times without one of its facts, which stand last."""
    if random.random() >= THINNED_SHARE:
        return problem
    *rules, first, second = problem.premises
    left_out = random.triangular(0, MOST_LEFT_OUT, 0)
    kept = [rule for rule in rules if random.random() >= left_out]
    facts = [random.choice((first, second))] if random.random() < ONE_FACT_SHARE else [first, second]
    return from_sentences([*kept, *facts], problem.conclusion, id=problem.id, label=None)


def _prompt(problem: Problem) -> str:
    return problem.prompt.split("Conclusion to evaluate")[0] + REASONING


def _proofs(problems: Iterable[Problem]) -> Iterator[tuple[str, str]]:
    for problem in problems:
        steps = list(takewhile(lambda step: step.option and GOAL not in step.option.args, careful(problem)[:-1]))
        if steps:
            yield _prompt(problem), write_steps(steps)


def _drill(random: Random, problem: Problem) -> tuple[str, str]:
    """An exercise on the problem; where one has nothing to write, the premises are cited."""
    exercises = {_cite: 0.08, _look_up: 0.24, _derive: 0.18, _explore: 0.5}
    (write,) = random.choices(list(exercises), list(exercises.values()))
    return _prompt(problem), write(random, problem) or _cite(random, problem)


def _cite(random: Random, problem: Problem) -> str:
    order = random.sample(range(len(problem.facts)), min(CITED, len(problem.facts)))
    return "".join(f"Thought: {problem.say(problem.facts[index])} [{index}].\n" for index in order)


def _look_up(random: Random, problem: Problem) -> str:
    """The rules about some concepts, or those that give some concepts and properties."""
    about: dict[str, list[int]] = {}
    side = random.choice(("left", "right", "right"))
    for index, fact in enumerate(problem.facts):
        if type(fact) is Forall and type(fact.body) is Implies:
            about.setdefault(atom_of(getattr(fact.body, side)).predicate, []).append(index)
    names = random.sample(sorted(about), min(NAMED, len(about)))
    return "".join(
        f"Thought: {name}: {' and '.join(f'{problem.say(problem.facts[i])} [{i}]' for i in about[name])}.\n"
        for name in names
    )


def _derive(random: Random, problem: Problem) -> str:
    state = problem.state
    options: list[Option] = []
    rules = [i for i, fact in enumerate(problem.facts) if type(fact) is Forall]
    while len(options) < DERIVED:
        applicable = []
        for fact, line in enumerate(state.lines):
            for rule in rules if type(line) is Atom else ():
                option = Option("MODUS_PONENS", (fact, rule))
                derived = derive(state, option)
                if not isinstance(derived, Reason) and derived not in state.lines:
                    applicable.append((option, derived))
        if not applicable:
            break
        option, derived = random.choice(applicable)
        options.append(option)
        state.apply(option)
    return write_steps(write_proof(problem.state, options, problem.say))


def _explore(_: Random, problem: Problem) -> str:
    explored = explore(problem.state, english.nouns((*problem.premises, problem.conclusion)))
    options = [option for option, _ in zip(explored, range(EXPLORED), strict=False)]
    return write_steps(write_proof(problem.state, options, problem.say))
