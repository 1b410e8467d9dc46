"""Words of controlled English: which carry its grammar, which describe, and how nouns and verbs inflect.

The lists are closed, so that a sentence's formula never depends on another sentence. Nouns whose plural is not
a plain `-s` are looked up in the library inflect, once for each word. Not covered: irregular verbs (`has`),
meanings.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

# Never part of a name: grammar, words that make a sentence say less than one formula (`usually`, `except`),
# numerals, and words that frame a sentence (`suppose`, `might`).
RESERVED = frozenset(
    "n't "
    "every each all any some no none no-one noone most many few several both either neither is are was were be "
    "been being am isn't aren't wasn't weren't don't doesn't didn't can't cannot won't not never an a the and "
    "or nor xor iff if then else so therefore since because but unless assume suppose imagine belong belongs to "
    "do does did has have had here there something someone somebody everything everyone everybody anything "
    "anyone anybody nothing nobody nowhere thing things people that who whom whose what which whoever whatever "
    "when whenever where wherever whether why how he she it they this these those one ones we you i me us him "
    "them my your whose his her hers its our ours their theirs mine yours other others another same such else "
    "may might can could will would shall should must ought always usually often sometimes rarely seldom hardly "
    "scarcely barely almost nearly mostly only just also too normally generally typically commonly frequently "
    "occasionally mainly largely mildly partly partially thus hence consequently accordingly ergo otherwise "
    "instead however although though while whereas despite until still yet already once twice again ever "
    "perhaps maybe probably possibly likely unlikely apparently supposedly allegedly presumably zero two three "
    "four five six seven eight nine ten eleven twelve twenty hundred thousand million dozen dozens half fewer "
    "fewest less least more much enough plenty numerous various countless majority minority exactly except "
    "excepting excluding besides without minus plus somewhere anywhere everywhere elsewhere whichever non".split()
)
# Nor part of a name of a kind, of which they say how much or which; alone after `is` they are properties.
QUANTITIES = frozenset(
    "first second third fourth fifth last sole solely single exclusively alone certain multiple couple pair "
    "handful thirteen fourteen fifteen sixteen seventeen eighteen nineteen thirty forty fifty sixty seventy "
    "eighty ninety".split()
)
OF_KINDS = frozenset("extinct endangered widespread".split())  # properties that a kind has, and no individual


NUMERALS = frozenset("one two three four five six seven eight nine ten".split())


def is_function_word(word: str) -> bool:
    """Whether a word alone could be part of the English around it; a single letter names a proposition."""
    return len(word) > 1 and word.lower() in RESERVED


ARTICLES = ("a", "an")
MAX_WORDS = 3  # of a category or property, leading adjectives counted

# Before a noun, these say something of their own: a small wumpus is small and a wumpus. Before any other word
# a noun is part of one name: an even number is an `even number`.
ADJECTIVES = frozenset(
    "aggressive amenable angry big bitter blue bright brown cold discordant dull earthy fast feisty floral "
    "fruity furry green happy hot kind large liquid loud luminous mean melodic metallic moderate muffled "
    "nervous nice opaque orange overcast quiet rainy red rough round shy slow small smart snowy sour spicy "
    "sunny sweet temperate translucent transparent white windy wooden young".split()
)

# After one of them, these make it a noun: a kind of wumpus.
PREPOSITIONS = frozenset(
    "about among as at by for from in into like near of off on out over than under with".split()
)


# Adjective and noun that name one thing together: a red herring is no herring.
IDIOMS = frozenset(
    "red herring, hot dog, cold war, cold case, blue moon, red tape, white lie, white elephant, white dwarf, "
    "red dwarf, red giant, big bang, big shot, big cheese, big top, small talk, small fry, sweet potato, "
    "sweet tooth, sweet pea, sour grapes, hot potato, hot rod, cold feet, fast food, green light, green card, "
    "blue chip, blue whale, red panda, round robin, rough cut".split(", ")
)
# Singulars that look like a plural, and nouns whose plural looks like the singular.
_SINGULAR = frozenset(
    "gas lens bias canvas atlas alias chaos cosmos pancreas diabetes news means mass yes plus minus "
    "abdomen acumen albumen amen bitumen bremen carmen cerumen cyclamen dolmen foramen hymen lumen omen ramen "
    "regimen rumen semen specimen stamen yemen".split()
)
_INVARIABLE = frozenset(
    "sheep fish deer series species aircraft spacecraft moose bison swine trout salmon offspring headquarters "
    "corps barracks crossroads".split()
)
_IRREGULAR = {
    "children": "child",
    "mice": "mouse",
    "feet": "foot",
    "teeth": "tooth",
    "geese": "goose",
    "oxen": "ox",
    "lice": "louse",
    "dice": "die",
    "criteria": "criterion",
    "phenomena": "phenomenon",
    "bacteria": "bacterium",
    "strata": "stratum",
    "genera": "genus",
    "algae": "alga",
    "larvae": "larva",
    "vertebrae": "vertebra",
}
_IRREGULAR |= {f"{noun}es": noun for noun in "blitz hertz quartz quiz waltz".split()} | {"quizzes": "quiz"}
# Nouns in an -e that the library takes for part of the ending.
_IN_E = (
    "ache headache toothache apache avalanche cache creche moustache mustache niche pastiche porsche psyche "
    "quiche chanteuse masseuse selfie hippie"
)
_IRREGULAR |= {f"{noun}s": noun for noun in _IN_E.split()}
_LATIN = "alumnus bacillus cactus focus fungus locus nucleus radius stimulus"
_IRREGULAR |= {f"{noun[:-2]}i": noun for noun in _LATIN.split()}
# Nouns in a vowel, whose plural in -us or -is looks like a singular.
_IN_VOWEL = "alibi bikini bureau emu gnu guru haiku hindu kiwi menu milieu plateau rabbi safari ski taxi"
_IRREGULAR |= {f"{noun}s": noun for noun in _IN_VOWEL.split()}
# What inflect says of the nouns of our own ontologies and examples: importing it takes more than a second.
LOOKED_UP_BEFORE = {
    "butterflies": "butterfly",
    "starfishes": "starfish",
    "tabbies": "tabby",
    "wolves": "wolf",
}
_IRREGULAR |= LOOKED_UP_BEFORE
# Nouns that take a plain -s, where the library has `egoes`, `golves`, `romen` and `monarches`.
_REGULAR = frozenset(
    "ego golf norman roman wildlife epoch eunuch loch matriarch monarch oligarch patriarch tech".split()
)
_SHORT_IES = frozenset("dies lies pies ties vies".split())
_LOOKED_UP = ("ies", "ves", "oes", "ses", "zes", "xes", "ches", "shes")  # of which a plain -s is not sure
# Names of individuals that end like a plural.
NAMES_IN_S = frozenset(
    "james charles agnes frances moses hermes hercules socrates achilles aristophanes euripides mercedes "
    "dolores lars hans jens nils mars hanks williams evans davis rogers jules yves gilles georges wales athens "
    "brussels naples hughes jones andrews adams sanders stephens wells willis roberts peters watkins "
    "hobbes".split()
)
# Individuals, as `the cat`, of whom `someone` and `people` may speak; of other things they do not. None is an
# adjective, so without an article or a plural it is refused.
ANIMATE = frozenset(
    "bear bird boy cat cow dog eagle girl goose hen horse lion man mouse pig rabbit sheep squirrel tiger wolf "
    "woman child doctor nurse king queen teacher student".split()
)


@lru_cache(maxsize=1 << 14)
def singular(noun: str) -> str:
    """A noun without its plural ending; any other word stays (`luminous`, `careless`).

    >>> [singular(noun) for noun in ("wumpuses", "bodies", "movies", "wolves", "chairmen", "gas")]
    ['wumpus', 'body', 'movie', 'wolf', 'chairman', 'gas']
    """
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    if noun in _SINGULAR or noun in _INVARIABLE or noun in RESERVED:
        return noun
    if noun.endswith("men"):
        return f"{noun[:-2]}an"
    if not noun.endswith("s"):
        return noun
    if noun.endswith(_LOOKED_UP) and not noun.endswith("puses") and noun.isascii() and noun not in _SHORT_IES:
        return _inflection().singular_noun(noun) or noun
    return _without_ending(noun)


@cache
def _inflection() -> Any:
    import inflect  # only where a word needs it: it takes longer to import than all the rest

    return inflect.engine()


def is_plural(noun: str) -> bool:
    """Whether a word has the form of a plural alone."""
    return singular(noun) != noun


def may_be_plural(noun: str) -> bool:
    """Whether a word can be a plural."""
    return noun in _INVARIABLE or singular(noun) != noun


def _without_ending(word: str) -> str:
    """The regular form without -s, of a noun or a verb."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("uses", "xes", "ches", "shes", "sses")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 2:
        return word[:-1]
    return word


@lru_cache(maxsize=1 << 14)
def plural(noun: str) -> str:
    """The plural of a noun's last word; a word that is a plural already stays.

    Reading gives the noun back, but for nouns that share their plural with another (`axis`, `basis`, `leave`).
    A noun without a plural takes an -s (`informations`), as `information` is not read as one.

    >>> [plural(noun) for noun in ("wumpus", "even number", "body", "wolf", "monarch", "sheep")]
    ['wumpuses', 'even numbers', 'bodies', 'wolves', 'monarchs', 'sheep']
    """
    words, space, last = noun.rpartition(" ")
    if last in _INVARIABLE or singular(last) != last:
        return noun
    written = last + "s" if last in _REGULAR else _inflection().plural_noun(last)
    regular = _with_ending(last)
    is_read_back = written != last and singular(written) == last
    return words + space + (regular if not is_read_back and singular(regular) == last else written)


def _with_ending(noun: str) -> str:
    """The regular plural of a noun, which is also the third person of a verb."""
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("us", "x", "ch", "sh", "ss")) else "s")


def base_form(verb: str) -> str | None:
    """`chase` for `chases`; None for what is not the regular third person of a verb."""
    base = verb[:-1] if verb.endswith("uses") else _without_ending(verb)
    is_inflected = base != verb and _with_ending(base) == verb
    return base if is_inflected and _is_regular(base) and verb not in RESERVED else None


def third_person(base: str) -> str | None:
    """`chases` for `chase`; None for what is not the base form of a regular verb."""
    verb = _with_ending(base)
    return verb if base_form(verb) == base else None


# Past tenses, which are no base form: `they took`.
_PAST = frozenset(
    "took saw ate ran went made gave got found knew thought came wrote drew held kept left lost met paid said "
    "sold sent told won bought brought built caught chose drank drove fell felt fought flew forgot grew heard "
    "hid led lent rode rose sang sat slept spoke spent stood stole swam taught threw understood woke wore".split()
)
_BASE_IN_ED = frozenset("need feed heed speed bleed breed seed weed embed wed shed shred".split())


def _is_regular(base: str) -> bool:
    if base in _PAST or (base.endswith("ed") and base not in _BASE_IN_ED):
        return False
    return base.isalpha() and base.islower() and base not in RESERVED and not base.endswith(("o", "oe"))
