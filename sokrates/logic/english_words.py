"""Words of controlled English: which ones carry its grammar, which ones describe, and how nouns and verbs inflect.

The lists are closed, so that a sentence's formula never depends on another sentence. Not covered: irregular
inflection (`mice`, `has`), and meanings.
"""

from __future__ import annotations

# Never part of a name: grammar, words that make a sentence say less than one formula (`usually`, `most`, `except`),
# numerals, and words that frame a sentence (`suppose`, `might`).
RESERVED = frozenset(
    "every each all any some no none no-one noone most many few several both either neither is are was were be been "
    "being am isn't aren't wasn't weren't don't doesn't didn't can't cannot won't "
    "not never an a the and or nor xor iff if then else so therefore since because but unless assume suppose imagine "
    "belong belongs to do does did "
    "has have had here there something someone somebody everything everyone everybody anything anyone anybody "
    "nothing nobody nowhere thing things people that who whom whose what which whoever whatever when whenever where "
    "wherever whether why how he she it they this these "
    "those one ones we you i me us him them my your whose his her hers its our ours their theirs mine yours "
    "other others another same such else "
    "may might can could will would shall should must ought "
    "always usually often sometimes rarely seldom hardly scarcely barely almost nearly mostly only just also too "
    "normally generally typically commonly frequently occasionally mainly largely mildly partly partially "
    "thus hence consequently accordingly ergo otherwise instead however although though while whereas despite until "
    "still yet already once twice again ever perhaps maybe probably possibly likely unlikely apparently "
    "supposedly allegedly presumably "
    "zero two three four five six seven eight nine ten eleven twelve twenty hundred thousand million dozen dozens half "
    "fewer fewest less least more much enough plenty numerous various countless majority minority exactly "
    "except excepting excluding besides without minus plus".split()
)
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


def singular(word: str) -> str:
    """A word without its plural ending; adjectives (`luminous`, `careless`) stay."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("uses", "xes", "ches", "shes", "sses")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 2:
        return word[:-1]
    return word


def plural(noun: str) -> str:
    """The plural of a noun's last word; reading gives the noun back.

    >>> plural("wumpus"), plural("even number"), plural("body")
    ('wumpuses', 'even numbers', 'bodies')
    """
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("us", "x", "ch", "sh", "ss")) else "s")


def base_form(verb: str) -> str | None:
    """`chase` for `chases`; None for what is not the regular third person of a verb."""
    base = verb[:-1] if verb.endswith("uses") else singular(verb)
    is_inflected = base != verb and plural(base) == verb
    return base if is_inflected and _is_regular(base) and verb not in RESERVED else None


def third_person(base: str) -> str | None:
    """`chases` for `chase`; None for what is not the base form of a regular verb."""
    verb = plural(base)
    return verb if base_form(verb) == base else None


def _is_regular(base: str) -> bool:
    return base.isalpha() and base.islower() and base not in RESERVED and not base.endswith(("o", "oe"))
