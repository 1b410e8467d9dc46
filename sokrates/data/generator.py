"""Makes problems with the distribution of the original PrOntoQA generator (Saparov & He, 2023).

An ontology is a trunk of concepts, each below the next. Every concept of the trunk but the widest has one property
and further parents that lead nowhere (dead ends, with a property of their own). One rule gives an unrelated
concept the opposite of the asked property. Two facts say what the entity is: the concept that the proof starts
from, and another that leads nowhere. With one dead end a concept, L levels make 4L + 5 premises, as the original
has them (docs/distribution.md compares the two). UNKNOWN, which the original does not ask for: the asked property
is that of a concept between the entity's and the narrowest, so where some problems are open, every trunk goes on
below by two levels. At the greatest length that words last for it is one level, and the narrowest is asked.

Not covered: the deduction rules of PrOntoQA-OOD; every proof is a chain of modus ponens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from random import Random
from typing import NamedTuple

from sokrates.io.errors import UserError
from sokrates.logic import english
from sokrates.logic.answer import Answer
from sokrates.logic.english_wording import with_article
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
    "poodle": ["curly"],
    "dog": ["loyal"],
    "canine": ["social"],
    "carnivore": ["predatory"],
    "mammal": ["warm-blooded", "not cold-blooded"],
    "vertebrate": ["not spineless"],
    "chordate": ["bilateral"],
    "animal": ["multicellular", "not photosynthetic"],
    "organism": ["mortal"],
    "sparrow": ["plump"],
    "songbird": ["vocal"],
    "bird": ["feathered", "not furry"],
    "viper": ["venomous"],
    "snake": ["not legged"],
    "reptile": ["cold-blooded", "scaly"],
    "honeybee": ["industrious"],
    "bee": ["winged"],
    "monarch": ["migratory"],
    "butterfly": ["colorful"],
    "insect": ["six-legged", "not eight-legged"],
    "tarantula": ["hairy"],
    "spider": ["not herbivorous"],
    "arachnid": ["eight-legged", "not winged"],
    "arthropod": ["segmented"],
    "invertebrate": ["spineless"],
    "bristlecone": ["ancient"],
    "pine": ["resinous"],
    "conifer": ["evergreen"],
    "tree": ["woody"],
    "plant": ["photosynthetic", "not mobile"],
}
# True of the world: wider concepts beside the paths, each with a property, for the dead ends.
REAL_DEAD_ENDS: dict[str, list[tuple[str, str]]] = {
    "cat": [("mouser", "quick")],
    "feline": [("climber", "nimble")],
    "dog": [("companion", "friendly")],
    "canine": [("runner", "enduring")],
    "carnivore": [("hunter", "patient")],
    "mammal": [("breather", "not gilled")],
    "bird": [("singer", "audible")],
    "snake": [("crawler", "not upright")],
    "bee": [("pollinator", "useful")],
    "butterfly": [("flier", "light")],
    "spider": [("weaver", "skilled")],
    "animal": [("eater", "hungry"), ("sleeper", "restful"), ("consumer", "not self-sufficient")],
    "tree": [("climate regulator", "beneficial")],
    "plant": [("producer", "green"), ("oxygen maker", "valuable"), ("light catcher", "not nocturnal")],
    "organism": [
        ("organism", "alive"),
        ("lifeform", "not lifeless"),
        ("grower", "changeable"),
        ("descendant", "related"),
        ("energy user", "active"),
        ("reproducer", "fertile"),
    ],
}
# True of the world: for each property above a concept beside the paths that has its opposite.
REAL_OPPOSITES = {
    "striped": "polar bear", "not herbivorous": "cow", "agile": "sloth", "curly": "greyhound", "loyal": "cuckoo",
    "social": "hermit", "predatory": "grazer", "warm-blooded": "trout", "cold-blooded": "whale",
    "not cold-blooded": "lizard", "spineless": "trout", "not spineless": "oyster", "bilateral": "starfish",
    "multicellular": "amoeba", "photosynthetic": "mushroom", "not photosynthetic": "fern",
    "mortal": "number", "plump": "stork", "vocal": "worm", "feathered": "whale", "not furry": "bear",
    "venomous": "whale", "not legged": "bear", "scaly": "frog", "industrious": "sloth", "winged": "worm",
    "not winged": "bat", "migratory": "oyster", "colorful": "crow", "six-legged": "bear", "eight-legged": "ant",
    "not eight-legged": "scorpion",
    "hairy": "frog", "segmented": "oyster", "ancient": "seedling", "resinous": "fern", "evergreen": "oak",
    "woody": "fern", "not mobile": "whale",
}  # fmt: skip
# True of the entity by chance: what else it is, a wider concept, a property.
REAL_OTHERS = [
    ("gift", "present", "welcome"),
    ("champion", "winner", "proud"),
    ("resident", "inhabitant", "local"),
    ("survivor", "veteran", "tested"),
    ("favourite", "darling", "popular"),
]
# The original's words for its false ontologies; each ontology keeps to one field.
FALSE_FIELDS = [
    field.split(",")
    for field in (
        "animal,ant,arthropod,butterfly,carnivore,cat,cow,crustacean,dog,feline,insect,invertebrate,lepidopteran,"
        "mammal,moth,sheep,snake,spider,vertebrate",
        "composite number,even number,fraction,integer,Mersenne prime,natural number,negative number,number,"
        "prime number,real number",
    )
]
FALSE_LEVELS = 3  # most levels of them, unless a proof needs more
BELOW = 2  # levels below the entity's concept, where some problems are open


NEGATIVE = 1 / 3  # share of the rules about a property that deny it
ASKED_NEGATIVE = 0.45  # the same of the rules that decide the asked property


class Rule(NamedTuple):
    """`Every kind is [not] [a] claim`; a claim that is a concept takes an article."""

    kind: str
    claim: str
    negative: bool = False


class Ontology(NamedTuple):
    """What a problem is about.

    first: the concept that a proof starts from
    asked: the rule that gives the asked property
    rules: every rule, grouped by concept, from the narrowest concept of the trunk to the widest
    other: the entity's second concept
    concepts: every word that takes an article
    """

    first: str
    asked: Rule
    rules: list[list[Rule]]
    other: str
    concepts: frozenset[str]


def generate(
    count: int,
    *,
    hops: Sequence[int],
    ontologies: Sequence[str],
    distractors: int,
    unknown_share: float,
    seed: int,
    levels: int = 5,
    order: str = "random",
    facts: str = "last",
) -> Iterator[Problem]:
    """`count` problems, each on its own premises; lengths and ontologies in equal shares, labels drawn evenly.

    hops: rules that a shortest proof applies
    ontologies: fictional, real (true of the world) or untrue (real words, rules that are false)
    distractors: dead ends of each concept
    levels: most levels of the trunk, at least the number of hops; see `draw_levels`
    order: of the rules: random, up (from the narrowest concept of the trunk) or down
    facts: last (after the rules) or anywhere
    """
    random, labels = Random(f"problems {seed}"), Random(f"labels {seed}")
    for number in range(count):
        length = hops[number % len(hops)]
        ontology = ontologies[number // len(hops) % len(ontologies)]
        unknown = labels.random() < unknown_share
        place = _Place(length, unknown_share > 0, unknown)
        if ontology == "real":
            made = _true(random, place, levels, distractors)
        elif ontology == "untrue":
            made = _invented(random, place, min(levels, FALSE_LEVELS), distractors, FALSE_FIELDS)
        else:
            made = _invented(random, place, levels, distractors, [FICTIONAL])
        random.random()  # it drew `unknown` once: so a seed goes on giving the same problems
        yield _problem(random, made, order, facts, f"{ontology}-{length}hop-{number}", length, unknown)


class _Place(NamedTuple):
    """Where on the trunk a proof starts, and which concept's property is asked.

    hops: from the first concept to the asked property
    beside_open: some problems are open, so the trunk goes on below the first concept in all
    unknown: the asked concept is one below, which the proof does not reach. It is not the narrowest, if that can
        be: no rule claims that one, which would tell
    """

    hops: int
    beside_open: bool
    unknown: bool

    @property
    def why(self) -> str:
        """Why there have to be more levels than hops, where there do."""
        return ", where some problems are open" if self.beside_open else ""

    def levels(self, longest: int) -> int:
        """How many there have to be, of as many as words last for."""
        return self.hops + (max(1, min(BELOW, longest - self.hops)) if self.beside_open else 0)

    def draw(self, random: Random, least: int, levels: int) -> tuple[int, int]:
        """The levels of the first and of the asked concept."""
        below = least - self.hops
        first = random.randrange(below, levels - self.hops + 1)
        return first, random.randrange(below - 1, first) if self.unknown else first + self.hops - 1


def draw_levels(random: Random, hops: int, least: int, most: int) -> int:
    """The original's number of levels: at each, the trunk ends with probability 1 / (2 hops + 4)."""
    choices = range(least, max(least, most) + 1)
    return random.choices(choices, [(1 - 1 / (2 * hops + 4)) ** level for level in choices])[0]


def _invented(
    random: Random, place: _Place, levels: int, distractors: int, fields: Sequence[Sequence[str]]
) -> Ontology:
    """Concepts of one of the fields, drawn at random, so that nothing known of the world helps."""
    most = [min(len(words) - 4, len(PROPERTIES) - 1) // (1 + distractors) for words in fields]
    least = place.levels(max(most))
    if least > max(most):
        longest = max(0, max(most) - place.beside_open)
        raise UserError(
            f"problems.hops: with {distractors} distractors at most {longest} of this ontology{place.why}, not "
            f"{place.hops}"
        )
    words, longest = random.choice([pair for pair in zip(fields, most, strict=True) if least <= pair[1]])
    count = draw_levels(random, place.hops, least, min(levels, longest))
    names = random.sample(list(words), (1 + distractors) * count + 4)
    families = random.sample(PROPERTIES, len(PROPERTIES))

    def property_of(concept: str) -> Rule:
        return Rule(concept, random.choice(families.pop()), random.random() < NEGATIVE)

    trunk = [names.pop() for _ in range(count + 1)]
    properties = [property_of(concept) for concept in trunk[:-1]]
    rules = []
    for (concept, parent), own in zip(pairwise(trunk), properties, strict=True):
        dead_ends = [names.pop() for _ in range(distractors)]
        rules.append([Rule(concept, parent), *(Rule(concept, end) for end in dead_ends), own])
        rules.extend([property_of(end)] for end in dead_ends)
    first, asked = place.draw(random, least, count)
    decided = properties[asked]._replace(negative=random.random() < ASKED_NEGATIVE)
    rules[(1 + distractors) * asked][-1] = decided
    opposed, other, beyond = names
    rules.append([decided._replace(kind=opposed, negative=not decided.negative)])
    rules.append([Rule(other, beyond), property_of(other)])
    return Ontology(trunk[first], decided, rules, other, frozenset(words))


def _true(random: Random, place: _Place, levels: int, distractors: int) -> Ontology:
    """A stretch of a path of the real taxonomy for the trunk, and true rules about it."""
    least = place.levels(max(map(len, REAL_PATHS)) - 1)
    paths = [path for path in REAL_PATHS if len(path) > least]
    if not paths:
        raise UserError(f"problems.hops: no path of the real ontology has {least + 1} concepts{place.why}")
    path = random.choice(paths)
    count = draw_levels(random, place.hops, least, min(levels, len(path) - 1))
    low = random.randrange(len(path) - count)
    trunk = path[low : low + count + 1]
    properties = [_real_rule(concept, random.choice(REAL_PROPERTIES[concept])) for concept in trunk[:-1]]
    rules, taken = [], set(trunk)
    for (concept, parent), own in zip(pairwise(trunk), properties, strict=True):
        wider = [end for above in path[path.index(concept) :] for end in REAL_DEAD_ENDS.get(above, [])]
        free = [end for end in wider if end[0] not in taken]
        dead_ends = random.sample(free, min(distractors, len(free)))
        taken.update(name for name, _ in dead_ends)
        rules.append([Rule(concept, parent), *(Rule(concept, end) for end, _ in dead_ends), own])
        rules.extend([_real_rule(end, property_)] for end, property_ in dead_ends)
    first, asked = place.draw(random, least, count)
    decided = properties[asked]
    opposite = REAL_OPPOSITES[f"{'not ' if decided.negative else ''}{decided.claim}"]
    rules.append([Rule(opposite, decided.claim, not decided.negative)])
    other, beyond, property_ = random.choice(REAL_OTHERS)
    rules.append([Rule(other, beyond), Rule(other, property_)])
    named = {rule.kind for group in rules for rule in group} | {*trunk, beyond} | taken
    return Ontology(trunk[first], decided, rules, other, frozenset(named))


def _real_rule(kind: str, property_: str) -> Rule:
    return Rule(kind, property_.removeprefix("not "), property_.startswith("not "))


def _problem(random: Random, made: Ontology, order: str, facts: str, id: str, hops: int, unknown: bool) -> Problem:
    entity = random.choice(NAMES)
    rules = [rule for group in made.rules for rule in group]
    if order == "random":
        random.shuffle(rules)
    elif order == "down":
        rules.reverse()
    premises = [_sentence(random, rule, made.concepts) for rule in rules]
    entity_is = [f"{entity} is {_phrase(kind, made.concepts)}." for kind in (made.first, made.other)]
    random.shuffle(entity_is)
    for fact in entity_is:
        premises.insert(len(premises) if facts == "last" else random.randrange(len(premises) + 1), fact)
    asked_negative = random.random() < 0.5
    conclusion = f"{entity} is {'not ' if asked_negative else ''}{made.asked.claim}."
    label = Answer.TRUE if asked_negative == made.asked.negative else Answer.FALSE
    return from_sentences(premises, conclusion, id=id, label=Answer.UNKNOWN if unknown else label, hops=hops)


def _sentence(random: Random, rule: Rule, concepts: frozenset[str]) -> str:
    """Half of the rules are plural, the others say `every` or `each`, alike often."""
    negation = "not " if rule.negative else ""
    if random.random() < 0.5:
        claim = english.plural(rule.claim) if rule.claim in concepts else rule.claim
        kinds = english.plural(rule.kind)
        return f"{kinds[0].upper()}{kinds[1:]} are {negation}{claim}."
    return f"{random.choice(('Every', 'Each'))} {rule.kind} is {negation}{_phrase(rule.claim, concepts)}."


def _phrase(claim: str, concepts: frozenset[str]) -> str:
    return with_article(claim) if claim in concepts else claim
