"""The problems of `problems.source: [generated]`: of each kind of proof the share that `problems.rules` sets.

A kind drafts what follows from what (`deduction`, `composition`, `first_order`; chains of modus ponens come whole
from `generator`). Here a draft gets its sentences, an order and a label. Nothing but a proof is to give the label
away: where a literal is asked, its opposite is claimed as often, of concepts that lead nowhere. UNKNOWN: a premise
that the proof cites exchanges a word with another, such that neither answer follows; in problems that have an
answer two do that are not cited. Where no exchange opens a problem, a word is replaced.

Each problem is verified before it is given out: the solver gives its label, and its sentences read back as its
formulas. Not covered: gold traces (`gold`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
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
from sokrates.data.exchange import Change, exchanges, literals, replacements, sides
from sokrates.data.first_order import first_order
from sokrates.data.generator import FICTIONAL, PROPERTIES, generate
from sokrates.data.sentences import rule, sentence
from sokrates.io.errors import UserError
from sokrates.logic import fol
from sokrates.logic.answer import Answer
from sokrates.logic.formula import Atom, Bound, Formula, Not, atom, negation, predicates
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
MAX_ALTERED = 10  # changes of a problem that has an answer, of which one is looked for that leaves the proof
MAX_DRAFTS = 200  # for one problem; a draft is given up that words do not last for, or that the solver refuses
_NOUNS = frozenset(FICTIONAL)
WORDS = (FICTIONAL, [word for family in PROPERTIES for word in family])  # each can stand for others of its kind
CHANGES = (  # of words, in the order in which they are tried
    partial(exchanges, kinds=WORDS, like_for_like=True),
    partial(exchanges, kinds=WORDS, like_for_like=False),
    partial(replacements, kinds=WORDS),
)


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
        id = f"{kind}-{length}hop-{number}"
        yield _make(random, kind, length, width, label, refuted_share, unknown_share > 0, id)


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
    random: Random,
    kind: str,
    hops: int,
    width: int,
    label: Answer,
    refuted_share: float,
    beside_open: bool,
    id: str,
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
            if refuted_share:
                draft = _with_opposites(random, draft)
        except OutOfWords:
            continue
        asks_denial = label is Answer.FALSE or (label is Answer.UNKNOWN and is_literal and random.random() < 0.5)
        made = _labelled(
            random, draft, negation(draft.proved) if asks_denial else draft.proved, label, beside_open=beside_open
        )
        if made is not None:
            return _worded(random, *made, label=label, id=id, hops=hops)
    raise UserError(
        f"problems.hops, problems.widths: no problem of {kind} with hops {hops} and width {width} can be said"
    )


def _with_opposites(random: Random, draft: Draft) -> Draft:
    """Where a literal is proved, as many rules claim its opposite, of concepts that lead nowhere, as claim it.

    Or as many as there are words for.
    """
    if type(draft.proved.body if type(draft.proved) is Not else draft.proved) is not Atom:
        return draft
    (asked,) = literals(draft.proved)
    premises = [*draft.rules, *draft.facts]
    claimed = Counter(literal for premise in premises for literal in literals(sides(premise)[-1]))
    opposite = asked._replace(is_denied=not asked.is_denied)
    said = {word for formula in (*premises, draft.proved) for word in predicates(formula)}
    unused = [word for word in FICTIONAL if word not in said]
    wanted = min(max(0, claimed[asked] - claimed[opposite]), len(unused))
    claim = atom(asked.word, Bound(0))
    rules = [
        rule(atom(word, Bound(0)), Not(claim) if opposite.is_denied else claim)
        for word in random.sample(unused, wanted)
    ]
    return draft._replace(rules=[*draft.rules, *rules])


def _labelled(
    random: Random, draft: Draft, goal: Formula, label: Answer, *, beside_open: bool
) -> tuple[list[Formula], Formula] | None:
    """The premises in their order, and the conclusion; None where the solver does not give the label.

    beside_open: some of the problems are open: then in those that have an answer words change too, in premises
        that the proof does not cite, in the way in which the problem could be opened
    """
    premises = [*random.sample(draft.rules, len(draft.rules)), *random.sample(draft.facts, len(draft.facts))]
    if label is not Answer.UNKNOWN and not _decides(premises, goal, label):
        return None
    if not beside_open:
        return premises, goal
    proof = _cited(premises, goal)
    for change in CHANGES if proof else ():
        opened = _first(change(random, premises, proof, range(len(premises))), goal, Answer.UNKNOWN)
        if opened is None:
            continue
        if label is Answer.UNKNOWN:
            return opened.premises, goal
        beside = [index for index in range(len(premises)) if index not in proof]
        like = [index for index in beside if type(premises[index]) is type(premises[opened.changed])]
        few = islice(change(random, premises, like or beside, beside), MAX_ALTERED)
        altered = _first(few, goal, label, proof)
        return altered.premises if altered else premises, goal
    return None


def _first(
    changes: Iterable[Change], goal: Formula, label: Answer, proof: Sequence[int] | None = None
) -> Change | None:
    """The first after which a problem has this label and, where it is given, a proof that cites these premises."""
    for change in changes:
        if _decides(change.premises, goal, label) and proof in (None, _cited(change.premises, goal)):
            return change
    return None


def _cited(premises: list[Formula], goal: Formula) -> list[int]:
    """The premises that the proof cites which search finds; none where it finds none, or it is of UNKNOWN."""
    options = prove(State(premises, goal), Verifier(premises, goal).decide)
    used = {index for option in options or () if option.name != CONCLUDE for index in cited(option)}
    return [index for index in sorted(used) if index < len(premises)]


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
