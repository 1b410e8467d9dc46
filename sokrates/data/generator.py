"""Makes problems in the manner of PrOntoQA (Saparov & He, 2023): an ontology, a fact, a property to decide.

The conclusion follows from a chain of `hops` rules. Distractors: side rules from concepts of the chain,
a rule that gives an unrelated concept the opposite property, and a second fact that leads elsewhere. Not
covered: the deduction rules of PrOntoQA-OOD; every proof is a chain of modus ponens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from random import Random
from typing import NamedTuple

from sokrates.errors import UserError
from sokrates.logic import english
from sokrates.logic.answer import Answer
from sokrates.proof.problem import Problem, from_sentences

NAMES = "Alex Fae Max Polly Rex Sally Sam Stella Wren".split()
FICTIONAL = (
    "brimpus dumpus gorpus grimpus impus jompus lempus lorpus numpus rompus shumpus sterpus tumpus vumpus "
    "wumpus yumpus zumpus"
).split()
# Properties that exclude each other stand in one family; a concept gets at most one of a family.
PROPERTIES = [
    family.split()
    for family in (
        "blue brown orange red",
        "large small",
        "liquid luminous metallic wooden",
        "opaque transparent",
        "feisty happy nervous shy",
        "bright dull",
        "bitter sour spicy sweet",
        "earthy floral fruity",
        "cold hot temperate",
        "aggressive amenable angry kind mean",
        "discordant loud melodic muffled",
        "fast moderate slow",
        "overcast rainy snowy sunny windy",
    )
]
# True of the world: each path goes from the narrow to the wide; the properties hold of the concept's members.
REAL_PATHS = [
    path.split(" < ")
    for path in (
        "tabby < cat < feline < carnivore < mammal < vertebrate < chordate < animal < organism",
        "poodle < dog < canine < carnivore < mammal < vertebrate < chordate < animal < organism",
        "sparrow < songbird < bird < vertebrate < chordate < animal < organism",
        "viper < snake < reptile < vertebrate < chordate < animal < organism",
        "honeybee < bee < insect < arthropod < invertebrate < animal < organism",
        "monarch < butterfly < insect < arthropod < invertebrate < animal < organism",
        "tarantula < spider < arachnid < arthropod < invertebrate < animal < organism",
        "bristlecone < pine < conifer < tree < plant < organism",
    )
]
REAL_PROPERTIES: dict[str, list[str]] = {
    "tabby": ["striped"],
    "cat": ["not herbivorous"],
    "feline": ["agile"],
    "dog": ["loyal"],
    "canine": ["social"],
    "carnivore": ["predatory"],
    "mammal": ["warm-blooded", "not cold-blooded"],
    "vertebrate": ["not spineless"],
    "chordate": ["bilateral"],
    "animal": ["multicellular", "not photosynthetic"],
    "organism": ["mortal"],
    "songbird": ["vocal"],
    "bird": ["feathered", "not furry"],
    "viper": ["venomous"],
    "snake": ["not legged"],
    "reptile": ["cold-blooded", "scaly"],
    "bee": ["winged"],
    "butterfly": ["colorful"],
    "insect": ["six-legged", "not eight-legged"],
    "arachnid": ["eight-legged", "not winged"],
    "arthropod": ["segmented"],
    "invertebrate": ["spineless"],
    "conifer": ["evergreen"],
    "tree": ["woody"],
    "plant": ["photosynthetic", "not mobile"],
}


class Rule(NamedTuple):
    """`Every kind is [not] [a] claim`; a claim that is a concept takes an article."""

    kind: str
    claim: str
    negative: bool = False


class Ontology(NamedTuple):
    """The chain, the rules beside it and the entity's other concept."""

    chain: list[Rule]  # the last gives the property to decide
    side: list[Rule]
    other: str  # the same as the chain's first concept where the entity has no second fact
    concepts: frozenset[str]


def generate(
    count: int, *, hops: Sequence[int], ontology: str, distractors: int, unknown_share: float, seed: int
) -> Iterator[Problem]:
    """`count` problems, each on its own premises; lengths in equal shares, labels drawn evenly.

    ontology: fictional, real (true of the world) or false (real words, untrue)
    distractors: side rules for each concept of the chain, besides the opposite rule and the second fact
    """
    random = Random(f"problems {seed}")
    for number in range(count):
        length = hops[number % len(hops)]
        make = _true if ontology == "real" else _invented
        made = make(random, length, distractors, FICTIONAL if ontology == "fictional" else _real_words())
        yield _problem(random, made, f"{ontology}-{length}hop-{number}", random.random() < unknown_share)


def _real_words() -> list[str]:
    return sorted({concept for path in REAL_PATHS for concept in path})


def _invented(random: Random, hops: int, distractors: int, words: Sequence[str]) -> Ontology:
    """Concepts drawn at random, so that nothing known of the world helps."""
    if hops > len(words) - 2:  # the opposite rule and the second fact need a concept each
        raise UserError(f"problems.hops: at most {len(words) - 2} with this ontology, not {hops}")
    names = random.sample(list(words), min(len(words), hops + hops * distractors + 3))
    families = random.sample(PROPERTIES, len(PROPERTIES))
    chain_concepts, spare = names[:hops], names[hops:]
    chain = [Rule(kind, claim) for kind, claim in pairwise(chain_concepts)]
    goal = random.choice(families.pop())
    chain.append(Rule(chain_concepts[-1], goal, random.random() < 0.5))
    opposed, other = spare.pop(), spare.pop()
    side = [Rule(opposed, goal, not chain[-1].negative)]
    for kind in [*chain_concepts, other]:
        for _ in range(distractors):
            if spare and random.random() < 0.5:
                side.append(Rule(kind, spare.pop()))
            elif families:
                side.append(Rule(kind, random.choice(families.pop()), random.random() < 0.5))
    return Ontology(chain, side, other, frozenset(names))


def _true(random: Random, hops: int, distractors: int, words: Sequence[str]) -> Ontology:
    """A stretch of a path of the real taxonomy, and other true rules."""
    stretches = [
        path[start : start + hops]
        for path in REAL_PATHS
        for start in range(len(path) - hops + 1)
        if path[start + hops - 1] in REAL_PROPERTIES
    ]
    if not stretches:
        raise UserError(f"problems.hops: no path of the real ontology has {hops} rules")
    concepts = random.choice(stretches)
    name = random.choice(REAL_PROPERTIES[concepts[-1]])
    chain = [Rule(kind, claim) for kind, claim in pairwise(concepts)]
    chain.append(_real_rule(concepts[-1], name))
    true = {Rule(kind, claim) for path in REAL_PATHS for kind, claim in pairwise(path)}
    true |= {_real_rule(kind, name) for kind, names in REAL_PROPERTIES.items() for name in names}
    goal = chain[-1].claim
    rules = [
        rule for rule in sorted(true) if rule not in chain and rule.claim != goal and rule.kind != concepts[0]
    ]
    side = random.sample(rules, min(len(rules), distractors * (hops + 1) + 1))
    return Ontology(chain, side, concepts[0], frozenset(words))


def _real_rule(kind: str, property_: str) -> Rule:
    return Rule(kind, property_.removeprefix("not "), property_.startswith("not "))


def _problem(random: Random, made: Ontology, id: str, unknown: bool) -> Problem:
    entity = random.choice(NAMES)
    sentences = [_sentence(random, rule, made.concepts) for rule in [*made.chain, *made.side]]
    facts = [f"{entity} is {_phrase(kind, made.concepts)}." for kind in {made.chain[0].kind: 0, made.other: 0}]
    last = made.chain[-1]
    if unknown:  # without the rule that settles it, the property is open
        sentences.pop(len(made.chain) - 1)
    premises = [*sentences, *facts]
    random.shuffle(premises)
    asked_negative = random.random() < 0.5
    conclusion = f"{entity} is {'not ' if asked_negative else ''}{last.claim}."
    label = Answer.UNKNOWN if unknown else Answer.TRUE if asked_negative == last.negative else Answer.FALSE
    return from_sentences(premises, conclusion, id=id, label=label, hops=len(made.chain))


def _sentence(random: Random, rule: Rule, concepts: frozenset[str]) -> str:
    negation = "not " if rule.negative else ""
    wording = random.choice(("Every", "Each", "plural"))
    if wording == "plural":
        claim = english.plural(rule.claim) if rule.claim in concepts else rule.claim
        return f"{english.plural(rule.kind).capitalize()} are {negation}{claim}."
    return f"{wording} {rule.kind} is {negation}{_phrase(rule.claim, concepts)}."


def _phrase(claim: str, concepts: frozenset[str]) -> str:
    if claim not in concepts:
        return claim
    return f"{'an' if claim[0] in 'aeiou' else 'a'} {claim}"
