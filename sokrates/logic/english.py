"""Controlled English: reads and writes the sentences of PrOntoQA, PrOntoQA-OOD, LoGiPT and ProofWriter.

    Every/Each K is P.    Ks are P.    All Ks are P.    Everything that is P is P.    If S then S.    S.

K   a kind (Ks in the plural): one to three words, `windy grimpus`; in the plural also `red, cold things` and
    `red people`
P   what something is: `[not] [a] X`, or several joined by `and` or `or` (`X, Y, and Z`; `X and Y and Z`), or
    `either X or Y but not both`, which is ⊕
S   clauses, joined likewise: `E is P`, `E chases F`, `E does not chase F`, `E [does not] belong[s] to Ks`;
    later ones may leave out E, or `E is`. In a conditional, `something` or `someone` may be the first subject;
    `it` or `they` is then the same individual, and the sentence is a ∀. So may X, Y or Z, which is then the same
    individual wherever it is a subject. The conditional reaches to its end.
E   a capitalised name of two letters or more, a number in digits, or `the cat`, which is the constant the_cat

`parse` also takes what a chain of thought says and does not state: `Assume S`, `This contradicts with S`, and
`Since S, S`, which argues for what follows the last comma. A category
called N, a property called N and the plural of N are the same predicate. Before a noun, the words of
`english_words.ADJECTIVES` are predicates of their own: `a small wumpus` is small and a wumpus, while an
`even number` is one thing. A relation is named by its verb's third person.

Reading is total: any other text raises ReadError, above all one with more than one reading (`A and B or C`, `not
A and B`, `either A or B`, `a clever or patient nurse`, `made of wood and steel`), identity (`Ava is Sam`), a
single letter as a name (`X is red`), a noun whose number disagrees (`Cats is red`, `a wolves`) or that has no
article (`Ava is wolf and hunter`), an idiom (`a red herring`) and the words of `english_words.RESERVED`,
QUANTITIES and OF_KINDS where a name would be. `read_together` also refuses what only several sentences show. A
word in ADJECTIVES is no noun (`an orange`), and before two nouns what it describes is not clear (`a small
business owner`).

    >>> read("Wumpuses are not luminous.") is read("every wumpus is not luminous")
    True
    >>> rule = read("If something is red and it does not chase the dog then it is big.")
    >>> write(rule, ())
    'if something is red and it does not chase the dog then it is big'
    >>> parse("Since Sam is sad, Sam is red.").since is read("Sam is sad.")
    True

Not covered: ∃ and ↔, pronouns for named individuals, relations between two unnamed ones, nested conditionals.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from sokrates.logic.english_wording import wordings
from sokrates.logic.english_words import (
    ADJECTIVES,
    ANIMATE,
    ARTICLES,
    IDIOMS,
    MAX_WORDS,
    NAMES_IN_S,
    NUMERALS,
    OF_KINDS,
    PREPOSITIONS,
    QUANTITIES,
    RESERVED,
    base_form,
    is_plural,
    may_be_plural,
    plural,
    singular,
    third_person,
)
from sokrates.logic.formula import (
    And,
    Atom,
    Bound,
    Constant,
    Forall,
    Formula,
    Implies,
    Not,
    Or,
    Term,
    Xor,
    atom,
    atoms,
)
from sokrates.logic.reading import ReadError

__all__ = ["MAX_LENGTH", "Sentence", "nouns", "parse", "plural", "read", "read_together", "write"]

MAX_LENGTH = 300  # characters of a sentence
_MAX_NAME_WORDS = 2  # after `the`
_NO_NAMES: frozenset[str] = frozenset()
_X = Bound(0)
_UNNAMED = {"something": "it", "someone": "they", "somebody": "they"}  # and the pronoun that takes each up
_LETTERS = ("X", "Y", "Z")  # likewise, and taken up by themselves
_NOT_USUAL = RESERVED | QUANTITIES | OF_KINDS
_VERBS = frozenset(("is", "are", "do", "does", "belong", "belongs"))
# First words that say the same, so that a sentence is read once.
_SAME = {"Every": "every", "Each": "every", "each": "every", "All": "all", "If": "if", "Everything": "everything"}
_NAME = "[a-z]+(?: [a-z]+)?"
_USUAL = re.compile(
    f"(?:every ({_NAME}) is|([A-Za-z][a-z]*(?: [a-z]+)?) are|([A-Z][a-z]+) is) (not )?(an? )?({_NAME})"
)
_CONNECTIVES: dict[str, type[And] | type[Or]] = {"and": And, "or": Or}


class Sentence(NamedTuple):
    """What a sentence says, which of its predicates it uses as nouns, and how it is put.

    bare: the predicates that it uses without an article or a plural
    names: the individuals that it names, in small letters, as a kind would be named: `cat` for `the cat`
    persons: it speaks of `someone` or `people`
    opener: of a chain of thought's sentence that is no plain statement: assume, contradicts or since
    since: the ground that a `since` gives
    ambiguous: the nouns that may be an adjective's spelling too; `wumpus` in `Sally is wumpus` is a noun
    """

    formula: Formula
    nouns: frozenset[str]
    bare: frozenset[str] = frozenset()
    persons: bool = False
    opener: str | None = None
    since: Formula | None = None
    ambiguous: frozenset[str] = _NO_NAMES
    names: frozenset[str] = _NO_NAMES


def read(text: str) -> Formula:
    """The formula that a sentence states. Raises ReadError, also where it only assumes or argues."""
    sentence = parse(text)
    if sentence.opener:
        raise ReadError("not a plain statement", text, 0)
    return sentence.formula


def nouns(sentences: Iterable[str]) -> frozenset[str]:
    """The predicates that these sentences use as nouns; sentences of other forms say nothing."""
    names: set[str] = set()
    for text in sentences:
        try:
            names |= parse(text).nouns
        except ReadError:
            continue
    return frozenset(names)


def write(formula: Formula, nouns: Collection[str]) -> str | None:
    """The sentence for a formula, in one fixed wording without a full stop; None where it has no form.

    The first word is as in the middle of a sentence. `nouns` take an article. Reading gives the formula
    back: one whose names are none of controlled English (`Student(rina)`) has no form.
    """
    for text in wordings(formula, nouns):
        try:
            if read(text) is formula:
                return text
        except ReadError:
            continue
    return None


def parse(text: str) -> Sentence:
    """What a sentence says, also one of a chain of thought: `Assume …`, `This contradicts with …`, `Since …, …`.

    Raises ReadError.
    """
    if len(text) > MAX_LENGTH:
        raise ReadError(f"a sentence has at most {MAX_LENGTH} characters", text, MAX_LENGTH)
    first, space, rest = text.removesuffix(".").partition(" ")
    try:
        return _parse(_SAME.get(first, first) + space + rest)
    except ReadError:
        return _Reader(text).sentence()  # for the error's place


@lru_cache(maxsize=1 << 16)  # keeps what was read: no text that is refused, so no long one
def _parse(text: str) -> Sentence:
    return _usual(text) or _Reader(text).sentence()


def _usual(text: str) -> Sentence | None:
    """What `_Reader` makes of the sentences that most problems consist of, by one pattern; None for all others.

    These are `every K is P`, `Ks are P` and `E is P`, where K and P are one word, or two without an adjective.
    """
    form = _USUAL.fullmatch(text)
    if form is None:
        return None
    kind, kinds, individual, negative, article, said = form.groups()
    if kinds:
        kind = _usual_name(kinds.lower(), True)
        claim, is_noun = _usual_name(said, True), True
        if claim is None:
            claim, is_noun = _usual_name(said, False), False
    else:
        kind = _usual_name(kind or individual.lower(), False)
        claim, is_noun = _usual_name(said, False), article is not None
    if kind is None or claim is None or (kinds and article):
        return None
    if claim.rpartition(" ")[2] in (ADJECTIVES if is_noun else ANIMATE):
        return None
    if not individual and kind.rpartition(" ")[2] in ADJECTIVES:
        return None
    formula: Formula = Atom(claim, (Constant(individual) if individual else _X,))
    if negative:
        formula = Not(formula)
    nouns = [claim] if is_noun else []
    if not individual:
        formula = Forall(Implies(Atom(kind, (_X,)), formula))
        nouns.append(kind)
    bare = _NO_NAMES if is_noun else frozenset((claim,))
    ambiguous = [noun for noun in nouns if not noun.endswith("us")]
    return Sentence(
        formula,
        frozenset(nouns) if nouns else _NO_NAMES,
        bare,
        ambiguous=frozenset(ambiguous) if ambiguous else _NO_NAMES,
        names=frozenset((individual.lower(),)) if individual else _NO_NAMES,
    )


@lru_cache(maxsize=1 << 14)
def _usual_name(text: str, is_plural_form: bool) -> str | None:
    """The name of a kind or property in small letters; None where `_Reader` has to look at it."""
    *before, last = text.split(" ")
    words = [*before, singular(last)]
    fits = may_be_plural(last) if is_plural_form else words[-1] == last
    is_described = bool(before) and (words[0] in ADJECTIVES or words[0] in PREPOSITIONS or "of" in words)
    return " ".join(words) if fits and not is_described and _NOT_USUAL.isdisjoint(words) else None


@lru_cache(maxsize=1 << 10)  # samples of a problem are read one after the other
def read_together(texts: tuple[str, ...]) -> tuple[Formula, ...]:
    """The formulas that the sentences of a problem state. Raises ReadError, at the first that is refused.

    Also refused are sentences that are clear one by one and not together: one spelling as a noun and as an
    adjective (`a square`, `The box is square`), `people` or `someone` beside things (`All red people are big`,
    `The car is red`), and the name of a kind as that of an individual (`The whale is big`, `Willy is a whale`).
    """
    sentences = [*map(parse, texts)]
    ambiguous = _NO_NAMES.union(*[sentence.ambiguous for sentence in sentences])
    if ambiguous:
        bare = _NO_NAMES.union(*[sentence.bare for sentence in sentences])
        for name in sorted(ambiguous & bare):
            _refuse(texts, [sentence.bare for sentence in sentences], name, "is a noun elsewhere and an adjective")
    names = _NO_NAMES.union(*[sentence.names for sentence in sentences])
    if names:
        nouns = _NO_NAMES.union(*[sentence.nouns for sentence in sentences])
        for name in sorted(names & nouns):
            why = "is a kind elsewhere, and here an individual or all of it"
            _refuse(texts, [sentence.names for sentence in sentences], name, why)
    if True in [sentence.persons for sentence in sentences]:
        for text, sentence in zip(texts, sentences, strict=True):
            if (thing := a_thing(sentence.formula)) is not None:
                raise ReadError(f"`people` or `someone` elsewhere, and {thing} may be neither", text, 0)
    for text, sentence in zip(texts, sentences, strict=True):
        if sentence.opener:
            raise ReadError("not a plain statement", text, 0)
    return tuple([sentence.formula for sentence in sentences])


def _refuse(texts: Sequence[str], uses: Sequence[Collection[str]], name: str, why: str) -> None:
    """Raises ReadError at the first text that uses the name so."""
    text = next(text for text, used in zip(texts, uses, strict=True) if name in used)
    raise ReadError(f"{name!r} {why}", text, max(0, text.lower().find(name)))


def a_thing(formula: Formula) -> str | None:
    """An individual that the formula says something of and that `people` or `someone` need not mean; or None."""
    for subject in {one.terms[0] for one in atoms(formula) if one.terms}:
        name = subject.name if type(subject) is Constant else ""
        if name.isdigit() or (name.startswith("the_") and name.rpartition("_")[2] not in ANIMATE):
            return name.replace("_", " ")
    return None


class _Topic(NamedTuple):
    """What a clause was about, for a next one that leaves it out."""

    subject: Term
    is_plural: bool = False  # of kinds: nouns are plurals
    is_they: bool = False  # `they are`, `they chase`
    is_copular: bool = True  # `is` or `are`, so that the next clause may be `[not] [a] X` alone
    is_negative: bool = False
    has_article: bool = False  # a part of the list before
    has_preposition: bool = False  # the part before


class _Reader:
    """Reads one sentence. `start` and `end` are the numbers of a first word and of one past the last."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._spelt = text.strip().removesuffix(".").rstrip().split(" ")  # words as they stand
        if not all(map(str.isalpha, self._spelt)):
            self._spelt = self._parted()
        self._words = [word.lower() for word in self._spelt]
        self._nouns: set[str] = set()
        self._bare: set[str] = set()
        self._persons = False
        self._unnamed_at = -1  # where `something` may stand
        self._pronoun: str | None = None  # that takes it up, once it has been introduced

    def _parted(self) -> list[str]:
        """The words; a comma is a word of its own."""
        parts, self._spelt = self._spelt, []
        for part in parts:
            word = part.removesuffix(",")
            self._spelt.append(word)
            if not (word.isalpha() or _is_word(word) or _is_number(word)):
                what = f"{word!r} is not a word of controlled English" if word else "a word is missing"
                raise self._error(what, len(self._spelt) - 1)
            if len(word) < len(part):
                self._spelt.append(",")
        return self._spelt

    def sentence(self) -> Sentence:
        words, end = self._words, len(self._words)
        opener = since = None
        if words[0] == "assume":
            opener, formula = "assume", self._statement(1, end)
        elif words[:3] == ["this", "contradicts", "with"]:
            opener, formula = "contradicts", self._statement(3, end)
        elif words[0] == "since" and "," in words:
            comma = end - 1 - words[::-1].index(",")
            opener, since, formula = "since", self._statement(1, comma), self._statement(comma + 1, end)
        else:
            formula = self._statement(0, end)
        nouns, bare = frozenset(self._nouns), frozenset(self._bare)
        ambiguous = frozenset([name for name in nouns if not name.endswith("us")]) or _NO_NAMES
        names = [t.name for one in atoms(formula) for t in one.terms if type(t) is Constant]
        return Sentence(
            formula, nouns, bare, self._persons, opener, since, ambiguous, frozenset(map(_as_kind, names))
        )

    def _statement(self, start: int, end: int) -> Formula:
        first = self._words[start] if start < end else ""
        if first in ("every", "each"):
            verb = self._find("is", start, end)
            kind = self._kind(start + 1, verb, _X)
            return _rule(kind, self._predicates(verb + 1, end, _Topic(_X)))
        if first == "everything":
            return self._everything(start, end)
        if first == "if":
            return self._conditional(start, end)
        if "are" in self._words[start:end]:
            verb = self._find("are", start, end)
            kind = self._plural_kind(start + (first == "all"), verb, _X)
            return _rule(kind, self._predicates(verb + 1, end, _Topic(_X, is_plural=True)))
        return self._clauses(start, end)

    def _everything(self, start: int, end: int) -> Formula:
        if self._words[start + 1 : start + 3] != ["that", "is"]:
            raise self._error("`everything` is followed by `that is`", start)
        verb = self._find("is", start + 3, end)
        kind = self._predicates(start + 3, verb, _Topic(_X))
        return _rule(kind, self._predicates(verb + 1, end, _Topic(_X)))

    def _conditional(self, start: int, end: int) -> Formula:
        then = self._find("then", start, end)
        self._unnamed_at = start + 1
        condition = self._clauses(start + 1, then - (self._words[then - 1] == ","))
        claim = self._clauses(then + 1, end)
        is_rule, self._pronoun = self._pronoun is not None, None
        return _rule(condition, claim) if is_rule else Implies(condition, claim)

    # Clauses

    def _clauses(self, start: int, end: int) -> Formula:
        """Clauses joined by one connective."""
        if "either" in self._words[start:end]:  # its `or` joins predicates
            return self._clause(start, end, None)[0]
        connective, spans = self._joined(start, end)
        topic, parts = None, []
        for span in spans:
            part, topic = self._clause(*span, topic)
            parts.append(part)
        return connective(*parts)

    def _clause(self, start: int, end: int, before: _Topic | None) -> tuple[Formula, _Topic]:
        """One clause and what it is about; what it leaves out is taken from the clause before."""
        topic, verb = self._subject(start, end)
        if topic is not None:
            return self._verb_phrase(verb, end, topic)
        if before is None or start == end:
            raise self._error("no sentence form fits", start)
        if before.is_copular and not self._has_verb(start, end):
            return self._predicate(start, end, before), self._next(start, end, before)
        return self._verb_phrase(start, end, before)

    def _subject(self, start: int, end: int) -> tuple[_Topic | None, int]:
        """What a clause begins with, and where its verb does; None where no subject stands there."""
        first = self._words[start] if start < end else ""
        if start == self._unnamed_at and first in _UNNAMED:
            self._pronoun = _UNNAMED[first]
            self._persons |= first != "something"
            return _Topic(_X), start + 1
        if start == self._unnamed_at and self._spelt[start] in _LETTERS:
            self._pronoun = first
            return _Topic(_X), start + 1
        if first and first == self._pronoun:
            return _Topic(_X, is_they=first == "they"), start + 1
        if first == "the":
            verb = self._verb(start, end)
            return _Topic(self._individual(start, verb)), verb
        if first and self._is_name(start):
            return _Topic(self._individual(start, start + 1)), start + 1
        return None, start

    def _verb(self, start: int, end: int) -> int:
        """Where the verb stands whose subject begins with `the`: before the object, where it is a relation."""
        for at in range(start, end):
            if self._words[at] in _VERBS:
                return at
        if self._is_name(end - 1):
            return end - 2
        objects = [at for at in range(start + 1, end) if self._words[at] == "the"]
        return objects[-1] - 1 if objects else end

    def _has_verb(self, start: int, end: int) -> bool:
        words = self._words[start:end]
        return not _VERBS.isdisjoint(words) or "the" in words or self._is_name(end - 1)

    def _verb_phrase(self, start: int, end: int, topic: _Topic) -> tuple[Formula, _Topic]:
        """`is P`, `chases F`, `does not chase F`, `belongs to Ks` or `does not belong to Ks`."""
        words = self._words[start:end]
        if words[:1] == ["are" if topic.is_they else "is"]:
            topic = topic._replace(is_copular=True, is_negative=False, has_article=False, has_preposition=False)
            return self._predicates(start + 1, end, topic), self._next(start + 1, end, topic)
        is_negative = words[:2] == ["do" if topic.is_they else "does", "not"]
        is_base = topic.is_they or is_negative
        verb = start + 2 if is_negative else start
        if self._words[verb : verb + 2] == ["belong" if is_base else "belongs", "to"]:
            if self._spelt[end - 1][0].isupper() and not self._words[end - 1].endswith("uses"):
                raise self._error(f"{self._spelt[end - 1]!r} may be a name", end - 1)
            claim = self._plural_kind(verb + 2, end, topic.subject)
        else:
            name = self._relation(verb, end, is_base)
            claim = atom(name, topic.subject, self._individual(verb + 1, end))
        return Not(claim) if is_negative else claim, topic._replace(is_copular=False, is_negative=is_negative)

    def _relation(self, verb: int, end: int, is_base: bool) -> str:
        """The name of a relation, from either form of its verb."""
        word = self._spelt[verb] if verb < end else ""
        name = third_person(word) if is_base else base_form(word) and word
        if not name:
            raise self._error("no sentence form fits", verb)
        return name

    def _individual(self, start: int, end: int) -> Constant:
        """`Rex`, or `the bald eagle`, which is the constant the_bald_eagle."""
        words = self._words[start:end]
        if words[:1] == ["the"] and 1 <= len(words) - 1 <= _MAX_NAME_WORDS:
            for at, word in enumerate(words[1:], start + 1):
                if (
                    word in RESERVED
                    or word in QUANTITIES
                    or not word.replace("-", "").isalpha()
                    or self._spelt[at] != word
                ):
                    raise self._error(f"{word!r} cannot be part of a name", at)
            if is_plural(words[-1]):
                raise self._error(f"{words[-1]!r} is a plural", end - 1)
            if len(words) == 2 or not words[-1].endswith(("ly", "even")):  # an adverb of what follows
                return Constant("_".join(words))
        elif len(words) == 1 and self._is_name(start):
            name = words[0]
            if not name.endswith(("as", "os")) and name not in NAMES_IN_S and is_plural(name):
                raise self._error(f"{self._spelt[start]!r} may be a plural", start)
            return Constant(self._spelt[start])
        raise self._error("not a name", start)

    def _is_name(self, at: int) -> bool:
        """A capitalised word, or a number; a single letter would be a variable."""
        word = self._spelt[at]
        return (word[0].isupper() and len(word) > 1 and self._words[at] not in RESERVED) or _is_number(word)

    # Predicates and kinds

    def _predicates(self, start: int, end: int, topic: _Topic) -> Formula:
        """What follows `is` or `are`."""
        is_either = self._words[start : start + 1] == ["either"]
        connective, spans = self._joined(start + 1, end - 3) if is_either else self._joined(start, end)
        if is_either and not (
            connective is Or and len(spans) == 2 and self._words[end - 3 : end] == ["but", "not", "both"]
        ):
            raise self._error("`either X or Y` is followed by `but not both`", start)
        parts = []
        for first, last in spans:
            parts.append(self._predicate(first, last, topic))
            topic = self._next(first, last, topic)
        return Xor(*parts) if is_either else connective(*parts)

    def _next(self, start: int, end: int, topic: _Topic) -> _Topic:
        """What the next part of a list has to know of this one, `[not] [a] X`."""
        words = self._words[start:end]
        is_negative = words[:1] == ["not"]
        has_article = topic.has_article or words[is_negative : is_negative + 1] in (["a"], ["an"])
        has_preposition = not PREPOSITIONS.isdisjoint(words)
        return topic._replace(is_negative=is_negative, has_article=has_article, has_preposition=has_preposition)

    def _predicate(self, start: int, end: int, topic: _Topic) -> Formula:
        """`[not] [a] X`."""
        is_negative = self._words[start:end][:1] == ["not"]
        if topic.is_negative and not is_negative:
            raise self._error("how far the `not` before reaches is not clear", start)
        at = start + is_negative
        has_article = at < end and self._words[at] in ARTICLES
        if topic.has_preposition or (topic.has_article and not has_article and end - at > 1):
            raise self._error("the list may go on inside the part before: `a clever or patient nurse`", start)
        if has_article and topic.is_plural:
            raise self._error("an article after 'are'", at)
        if has_article and is_plural(self._words[end - 1]):
            raise self._error(f"an article before the plural {self._words[end - 1]!r}", at)
        if not has_article and not topic.is_plural and at < end and self._spelt[at][0].isupper():
            raise self._error(f"{self._spelt[at]!r} is a name, and `is` is no identity", at)
        words = self._words[at + has_article : end]
        one = words if has_article else _singular(words)
        if one != words and not topic.is_plural:  # `is a wizard and flies`
            raise self._error(f"{words[-1]!r} is a plural or a verb", end - 1)
        is_noun = has_article or (topic.is_plural and words[-1:] != [] and may_be_plural(words[-1]))
        claim = self._described(at + has_article, one, topic.subject, is_noun)
        if not is_noun and words[-1] in ANIMATE:  # `Ava is wolf and hunter`
            raise self._error(f"the noun {words[-1]!r} has neither an article nor a plural", end - 1)
        return Not(claim) if is_negative else claim

    def _kind(self, start: int, end: int, subject: Term) -> Formula:
        if start < end and is_plural(self._words[end - 1]):
            raise self._error(f"a plural, {self._words[end - 1]!r}, after 'every'", end - 1)
        return self._described(start, self._words[start:end], subject, True)

    def _plural_kind(self, start: int, end: int, subject: Term) -> Formula:
        """`windy grimpuses`, `red, cold things`: what is said of a subject that is one of these."""
        words = self._words[start:end]
        before: list[Formula] = []
        while words[1:2] == [","]:
            if words[0] not in ADJECTIVES:
                raise self._error(f"{words[0]!r} is no adjective", start)
            before.append(atom(words[0], subject))
            words, start = words[2:], start + 2
        if words[-1:] in (["things"], ["people"]) and len(words) == 2:
            self._persons |= words[-1] == "people"
            if is_plural(words[0]):
                raise self._error(f"{words[0]!r} is a plural", start)
            return And(*before, self._described(start, words[:1], subject, False))
        if words and _NOT_USUAL.isdisjoint(words) and not may_be_plural(words[-1]):
            raise self._error(f"{words[-1]!r} is no plural", end - 1)
        return And(*before, self._described(start, _singular(words), subject, True))

    def _described(self, start: int, words: list[str], subject: Term, is_noun: bool) -> Formula:
        """A name of one to three words; of a noun, leading adjectives are predicates of their own.

        Refused: `kind of wumpus`, `lots of dogs`, `second dog`, an adjective as the noun or before two words, and,
        where a noun would have an article or a plural, `bright red`.
        """
        if not 1 <= len(words) <= MAX_WORDS:
            raise self._error(f"a category or property has one to {MAX_WORDS} words", start)
        if is_noun and words[-1] in ADJECTIVES:
            raise self._error(f"{words[-1]!r} is an adjective", start)
        if is_noun and len(words) > 1 and (words[0] in PREPOSITIONS or (words[1] == "of" and is_plural(words[0]))):
            raise self._error(f"{' '.join(words[:2])!r} does not begin a name", start)
        for at, word in enumerate(words, start):
            is_how_much = word in QUANTITIES and (is_noun or len(words) > 1)
            if word in RESERVED or word in OF_KINDS or is_how_much or word == "," or _is_number(word):
                raise self._error(f"{word!r} cannot be part of a name", at)
        count = 0
        while count < len(words) - 1 and words[count] in ADJECTIVES:
            count += 1
        if count and (not is_noun or count < len(words) - 1):
            raise self._error(f"what {words[count - 1]!r} describes is not clear", start)
        if count and f"{words[count - 1]} {words[count]}" in IDIOMS:
            raise self._error(f"`{words[count - 1]} {words[count]}` is an idiom", start)
        names = [*words[:count], " ".join(words[count:])]
        if is_noun:
            self._nouns.add(names[-1])
            self._bare.update(names[:-1])
        else:
            self._bare.add(names[-1])
        return And(*[atom(name, subject) for name in names])

    # Words

    def _joined(self, start: int, end: int) -> tuple[type[And] | type[Or], list[tuple[int, int]]]:
        """What `and` or `or` joins: `X and Y and Z` or `X, Y, and Z`."""
        words = self._words
        part = words[start:end]
        if "and" not in part and "or" not in part and "," not in words:
            return And, [(start, end)]
        joins = [at for at in range(start, end) if words[at] in _CONNECTIVES]
        commas = [at for at in range(start, end) if words[at] == ","]
        for at in joins:
            if words[at] != words[joins[0]]:
                raise self._error("`and` and `or` in one list", at)
        connective = _CONNECTIVES[words[joins[0]]] if joins else And
        if commas and (len(commas) < 2 or joins != [commas[-1] + 1]):
            raise self._error("commas belong in a list of three or more, as `X, Y, and Z`", commas[0])
        cuts = commas or joins
        starts = [start, *[at + 1 for at in cuts]]
        if commas:
            starts[-1] += 1
        return connective, list(zip(starts, [*cuts, end], strict=True))

    def _find(self, verb: str, start: int, end: int) -> int:
        for at in range(start, end):
            if self._words[at] == verb:
                return at
        raise self._error(f"no {verb!r}", start)

    def _error(self, message: str, at: int) -> ReadError:
        if at >= len(self._spelt):
            return ReadError(message, self._text, len(self._text))
        place = len(self._text) - len(self._text.lstrip())
        for word, following in pairwise(self._spelt[: at + 1]):
            place += len(word) + (following != ",")
        return ReadError(message, self._text, min(place, len(self._text)))


def _is_word(word: str) -> bool:
    if word.isalpha() or word.lower() in RESERVED:
        return True
    parts = word.lower().replace("'", "-").split("-")
    if not "".join(parts).isalpha():
        return False
    named = parts[1:] if parts[-1].endswith("ed") and parts[0] in NUMERALS else parts  # `six-legged`
    return RESERVED.isdisjoint([*named, "".join(parts)])  # `some-one` and `not-all` are no names


def _as_kind(name: str) -> str:
    return name.lower().removeprefix("the_").replace("_", " ")


def _is_number(word: str) -> bool:
    """Digits alone, which name a number: `12 is even`. How many (`12 wolves`) is never read."""
    return word.isascii() and word.isdigit()


def _rule(kind: Formula, claim: Formula) -> Formula:
    return Forall(Implies(kind, claim))


def _singular(words: list[str]) -> list[str]:
    return [*words[:-1], singular(words[-1])] if words else words
