"""Controlled English: reads and writes the sentences of PrOntoQA and LoGiPT.

    Every/Each N is [not] [a] X.    Ns are [not] Xs.    E is [not] [a] X.    E [does not] belong[s] to Ns.

where N and X are one to three words and E is a capitalised name. A category called N, a property
called N and the plural of N are the same predicate. Reading is total: any other text raises ReadError.

    >>> read("Wumpuses are not luminous.") is read("every wumpus is not luminous")
    True
    >>> write(read("Alex is an impus"), nouns(["Every impus is small"]))
    'Alex is an impus'

Not covered: conjunctions, conditionals, relations.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

from sokrates.logic.formula import Atom, Bound, Constant, Forall, Formula, Implies, Not, Term, atom
from sokrates.logic.reading import ReadError

MAX_LENGTH = 300  # characters of a sentence
_MAX_WORDS = 3  # of a predicate's name
_RESERVED = frozenset(
    "every each all any some no none most many few several both either neither is are was were be not never a an "
    "the and or nor if then so therefore since because but unless belong belongs to does do there here "
    "something someone somebody everything everyone everybody anything anyone anybody nothing nobody "
    "thing things that who which whoever it he she they this these those one we you i "
    "always usually often sometimes rarely seldom hardly scarcely almost nearly only".split()
)
_ARTICLES = ("a", "an")


class Sentence(NamedTuple):
    """What a sentence says, and which of its predicates it uses as nouns."""

    formula: Formula
    nouns: frozenset[str]


def read(text: str) -> Formula:
    """The formula that a sentence states. Raises ReadError."""
    return parse(text).formula


def nouns(sentences: Iterable[str]) -> frozenset[str]:
    """The predicates that these sentences use as nouns; sentences of other forms say nothing."""
    found: set[str] = set()
    for text in sentences:
        try:
            found |= parse(text).nouns
        except ReadError:
            continue
    return frozenset(found)


def parse(text: str) -> Sentence:
    """`read` together with the nouns. Raises ReadError."""
    if len(text) > MAX_LENGTH:  # before the cache, so that no long text is kept
        raise ReadError(f"a sentence has at most {MAX_LENGTH} characters", text, MAX_LENGTH)
    return _parse(text)


@lru_cache(maxsize=1 << 16)
def _parse(text: str) -> Sentence:
    words = text.strip().removesuffix(".").rstrip().split(" ")
    for word in words:
        if not _is_word(word):
            raise ReadError(f"{word!r} is not a word of controlled English", text, _place(word, text))
    first, lower = words[0], [word.lower() for word in words]
    if lower[0] in ("every", "each"):
        verb = _position(lower, ("is",), text)
        kind = _name(lower[1:verb], text)
        claim, used = _predicate(lower[verb + 1 :], False, Bound(0), text)
        return Sentence(_rule(kind, claim), used | {kind})
    if "are" in lower:
        verb = _position(lower, ("are",), text)
        kind = _name(_singular(lower[:verb]), text)
        claim, used = _predicate(lower[verb + 1 :], True, Bound(0), text)
        return Sentence(_rule(kind, claim), used | {kind})
    if not first[0].isupper() or lower[0] in _RESERVED:
        raise ReadError(f"{first!r} is not a name", text, 0)
    entity = Constant(first)
    if lower[1:2] == ["is"]:
        claim, used = _predicate(lower[2:], False, entity, text)
        return Sentence(claim, used)
    for belongs, negative in (["belongs", "to"], False), (["does", "not", "belong", "to"], True):
        if lower[1 : 1 + len(belongs)] == belongs:
            kind = _name(_singular(lower[1 + len(belongs) :]), text)
            member = atom(kind, entity)
            return Sentence(Not(member) if negative else member, frozenset({kind}))
    raise ReadError("no sentence form fits", text, 0)


def _is_word(word: str) -> bool:
    return word.replace("-", "").replace("'", "").isalpha()


def _place(word: str, text: str) -> int:
    """Where a word of the text begins, whatever its case."""
    at = 0
    for found in text.split(" "):
        if word.lower() in (found.strip().lower(), found.strip().removesuffix(".").lower()):
            break
        at += len(found) + 1
    return min(at, len(text))


def _position(words: list[str], verbs: tuple[str, ...], text: str) -> int:
    for position, word in enumerate(words):
        if word in verbs:
            return position
    raise ReadError(f"no {' or '.join(verbs)!r}", text, 0)


def _rule(kind: str, claim: Formula) -> Formula:
    return Forall(Implies(atom(kind, Bound(0)), claim))


def _predicate(words: list[str], plural: bool, subject: Term, text: str) -> tuple[Formula, frozenset[str]]:
    """What follows the verb: `[not] [a] X`."""
    negative = words[:1] == ["not"]
    words = words[1:] if negative else words
    article = words[:1] != [] and words[0] in _ARTICLES
    if article and plural:
        raise ReadError("an article after 'are'", text, _place(words[0], text))
    words = words[1:] if article else words
    singular = _singular(words) if plural else words
    name = _name(singular, text)
    claim: Formula = atom(name, subject)
    return (Not(claim) if negative else claim), frozenset({name} if article or singular != words else ())


def _name(words: list[str], text: str) -> str:
    if not 1 <= len(words) <= _MAX_WORDS:
        raise ReadError(f"a category or property has one to {_MAX_WORDS} words", text, 0)
    for word in words:
        if word in _RESERVED:
            raise ReadError(f"{word!r} cannot be part of a name", text, _place(word, text))
    return " ".join(words)


def _singular(words: list[str]) -> list[str]:
    """The last word without its plural ending; adjectives (`luminous`, `careless`) stay."""
    if not words:
        return words
    last = words[-1]
    if last.endswith("ies") and len(last) > 4:
        last = last[:-3] + "y"
    elif last.endswith(("uses", "xes", "ches", "shes", "sses")):
        last = last[:-2]
    elif last.endswith("s") and not last.endswith(("ss", "us", "is")) and len(last) > 2:
        last = last[:-1]
    return [*words[:-1], last]


def plural(noun: str) -> str:
    """The plural of a noun's last word; reading gives the noun back.

    >>> plural("wumpus"), plural("even number"), plural("body")
    ('wumpuses', 'even numbers', 'bodies')
    """
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("us", "x", "ch", "sh", "ss")) else "s")


def write(formula: Formula, nouns: Collection[str]) -> str | None:
    """The sentence for a formula, in one fixed wording without a full stop; None where it has no form.

    The first word is as in the middle of a sentence. `nouns` take an article. Reading gives the formula
    back: one whose names are none of controlled English (`Student(rina)`) has no form.
    """
    said = _wording(formula, nouns)
    try:
        return said if said and read(said) is formula else None
    except ReadError:
        return None


def _wording(formula: Formula, nouns: Collection[str]) -> str | None:
    if type(formula) is Forall and type(formula.body) is Implies:
        kind, claim = formula.body.left, formula.body.right
        if type(kind) is Atom and kind.terms == (Bound(0),):
            said = _say(claim, Bound(0), nouns)
            return said and f"every {kind.predicate} is {said}"
        return None
    literal = formula.body if type(formula) is Not else formula
    if type(literal) is Atom and len(literal.terms) == 1 and type(literal.terms[0]) is Constant:
        said = _say(formula, literal.terms[0], nouns)
        return said and f"{literal.terms[0].name} is {said}"
    return None


def _say(claim: Formula, subject: Term, nouns: Collection[str]) -> str | None:
    literal = claim.body if type(claim) is Not else claim
    if type(literal) is not Atom or literal.terms != (subject,):
        return None
    name = literal.predicate
    article = ("an " if name.startswith(tuple("aeiou")) else "a ") if name in nouns else ""
    return f"{'not ' if type(claim) is Not else ''}{article}{name}"
