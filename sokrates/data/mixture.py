"""The problems of `problems.source: [generated]`: of each kind of proof the share that `problems.rules` sets.

A kind drafts what follows from what (`deduction`, `composition`, `first_order`; chains of modus ponens come whole
from `generator`). Here a draft gets its sentences, an order and a label. *UNKNOWN*: in a premise that the proof
cites one word is another, such that neither answer follows; the number of premises gives no label away. Each
problem that is drafted is verified before it is given out: the solver gives its label, and its sentences read
back as its formulas. Not covered: gold traces (`gold`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from random import Random

from sokrates.data.composition import composed
from sokrates.data.deduction import (
    Draft,
    Kind,
    OutOfWords,
    and_elimination,
    and_introduction,
    contradiction,
    or_elimination,
    or_introduction,
)
from sokrates.data.first_order import first_order
from sokrates.data.generator import FICTIONAL, PROPERTIES, generate
from sokrates.data.sentences import sentence
from sokrates.io.errors import UserError
from sokrates.logic import fol
from sokrates.logic.answer import Answer
from sokrates.logic.formula import Atom, Formula, negation, predicates, subformulas
from sokrates.pipeline.params import Problems
from sokrates.proof.kernel import State, cited
from sokrates.proof.problem import Problem, from_formulas, from_sentences
from sokrates.proof.text import CONCLUDE
from sokrates.proof.verify import Verifier
from sokrates.search.prove import prove

MODUS_PONENS = "modus_ponens"
KINDS: Mapping[str, Kind] = {
    "and_introduction": and_introduction,
    "and_elimination": and_elimination,
    "or_introduction": or_introduction,
    "or_elimination": or_elimination,
    "contradiction": contradiction,
    "composed": composed,
    "first_order": first_order,
}
MAX_DRAFTS = 200  # for one problem; a draft is given up that words do not last for, or that the solver refuses
_NOUNS = frozenset(FICTIONAL)
_ADJECTIVES = [word for family in PROPERTIES for word in family]


def generate_mixture(settings: Problems, seed: int) -> Iterator[Problem]:
    """`settings.count` problems, kind by kind; lengths and widths of each in equal shares.

    Raises UserError where a kind has no problem of a length and a width.
    """
    counts = share_out(settings.count, settings.rules.model_dump())
    if counts[MODUS_PONENS]:
        yield from generate(
            counts[MODUS_PONENS],
            hops=settings.hops,
            ontologies=settings.ontologies,
            levels=settings.levels,
            distractors=settings.distractors,
            order=settings.order,
            facts=settings.facts,
            unknown_share=settings.unknown_share,
            seed=seed,
        )
    for kind in KINDS:
        yield from generate_kind(
            kind,
            counts[kind],
            hops=settings.hops,
            widths=settings.widths,
            unknown_share=settings.unknown_share,
            refuted_share=settings.refuted_share,
            seed=seed,
        )


def generate_kind(
    kind: str,
    count: int,
    *,
    hops: Sequence[int],
    widths: Sequence[int],
    unknown_share: float,
    refuted_share: float,
    seed: int,
) -> Iterator[Problem]:
    """`count` problems of one of KINDS, in equal shares of each length and width, as `Problems` describes them.

    Raises UserError where the kind has no problem of a length and a width.
    """
    random = Random(f"{kind} {seed}")
    sizes = [(length, width) for width in widths for length in hops]
    for number in range(count):
        length, width = sizes[number % len(sizes)]
        label = _draw_label(random, unknown_share, refuted_share)
        yield _make(random, kind, length, width, label, refuted_share, f"{kind}-{length}hop-{number}")


def share_out(count: int, weights: Mapping[str, float]) -> Counter[str]:
    """How many of `count` each name gets, in proportion to the weights, by largest remainder."""
    total = sum(weights.values())
    exact = {name: count * weight / total for name, weight in weights.items()}
    counts = Counter({name: int(number) for name, number in exact.items()})
    by_remainder = sorted(weights, key=lambda name: counts[name] - exact[name])
    counts.update(by_remainder[: count - counts.total()])
    return counts


def _draw_label(random: Random, unknown_share: float, refuted_share: float) -> Answer:
    if random.random() < unknown_share:
        return Answer.UNKNOWN
    return Answer.FALSE if random.random() < refuted_share else Answer.TRUE


def _make(
    random: Random, kind: str, hops: int, width: int, label: Answer, refuted_share: float, id: str
) -> Problem:
    """A problem with this label, drafted until one passes.

    A refuted one ends with a literal, which may be a denial. As many of the proved ones do, and the same share of
    the open ones, so that where half are refuted neither form nor `not` gives the label away; where none is, all
    end as the original's.
    """
    literal_shares = {
        Answer.TRUE: refuted_share / (1 - refuted_share),
        Answer.FALSE: 1.0,
        Answer.UNKNOWN: 2 * refuted_share,
    }
    for _ in range(MAX_DRAFTS):
        is_literal = random.random() < literal_shares[label]
        try:
            draft = KINDS[kind](random, hops, width, is_literal)
        except OutOfWords:
            continue
        asks_denial = label is Answer.FALSE or (label is Answer.UNKNOWN and is_literal and random.random() < 0.5)
        made = _labelled(random, draft, negation(draft.proved) if asks_denial else draft.proved, label)
        if made is not None:
            return _worded(random, *made, label=label, id=id, hops=hops)
    raise UserError(
        f"problems.hops, problems.widths: no problem of {kind} with hops {hops} and width {width} can be said"
    )


def _labelled(random: Random, draft: Draft, goal: Formula, label: Answer) -> tuple[list[Formula], Formula] | None:
    """The premises in their order, and the conclusion; None where the solver does not give the label."""
    premises = [*random.sample(draft.rules, len(draft.rules)), *random.sample(draft.facts, len(draft.facts))]
    if label is not Answer.UNKNOWN:
        return (premises, goal) if _decides(premises, goal, label) else None
    options = prove(State(premises, goal), Verifier(premises, goal).decide)
    if options is None:
        return None
    used = {index for option in options if option.name != CONCLUDE for index in cited(option)}
    needed = [index for index in sorted(used) if index < len(premises)]
    for index in random.sample(needed, len(needed)):
        for premise in _with_another_word(random, premises, index):
            changed = [*premises[:index], premise, *premises[index + 1 :]]
            if _decides(changed, goal, label):
                return changed, goal
    return None


def _with_another_word(random: Random, premises: Sequence[Formula], index: int) -> Iterator[Formula]:
    """A premise with another concept for one of its own, or another property, each way once.

    Words that are said already come first, as the number of different words would give the label away, too.
    """
    said = {word for premise in premises for word in predicates(premise)}
    own = list(dict.fromkeys(predicates(premises[index])))
    for word in random.sample(own, len(own)):
        kind = next((words for words in (FICTIONAL, _ADJECTIVES) if word in words), ())
        others = [other for other in random.sample(kind, len(kind)) if other not in own]
        for other in sorted(others, key=lambda other: other not in said):
            premise = _renamed(premises[index], word, other)
            if premise not in premises:
                yield premise


def _renamed(formula: Formula, word: str, other: str) -> Formula:
    if type(formula) is Atom:
        return Atom(other, formula.terms) if formula.predicate == word else formula
    return type(formula)(*[_renamed(part, word, other) for part in subformulas(formula)])


def _decides(premises: list[Formula], goal: Formula, label: Answer) -> bool:
    return Verifier(premises, goal).decide().name == label.name


def _worded(
    random: Random, premises: list[Formula], goal: Formula, *, label: Answer, id: str, hops: int
) -> Problem:
    """In English where all of it has a form, else in notation."""
    sentences = [sentence(random, formula, _NOUNS) for formula in (*premises, goal)]
    said = [one for one in sentences if one is not None]
    if len(said) == len(sentences):
        made = from_sentences(said[:-1], said[-1], id=id, label=label, hops=hops)
    else:
        written = [fol.write(formula) for formula in premises]
        made = from_formulas([""] * len(written), "", written, fol.write(goal), id=id, label=label, hops=hops)
    if made.facts != tuple(premises) or made.goal is not goal:
        raise AssertionError(f"{id} does not read back as the formulas that it was made of")
    return made
