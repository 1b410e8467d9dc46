"""The wording of formulas in controlled English: candidates, of which `english.write` takes one that reads back.

    every [ADJECTIVE] N is P     everything that is P is P     if something ... then it ...     if ... then ...
    E is P     E chases F     E does not chase F     clauses joined by `and` or `or`

where P is `[not] [a] X`, several joined by `and` or `or`, or `either X or Y but not both`. Not covered: whether a
candidate means its formula; that is for the reader to say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from sokrates.logic.english_words import ADJECTIVES, MAX_WORDS, base_form
from sokrates.logic.formula import And, Atom, Bound, Constant, Forall, Formula, Implies, Not, Or, Term, Xor

_X = Bound(0)
_JOINING = {And: " and ", Or: " or "}
_Refer = Callable[[Term], str]  # the words for an individual


def wordings(formula: Formula, nouns: Collection[str]) -> Iterator[str]:
    """Sentences that may say a formula, the preferred one first; `nouns` take an article."""
    if type(formula) is Forall and type(formula.body) is Implies:
        yield from _rule(formula.body.left, formula.body.right, nouns)
    elif type(formula) is Implies:
        yield from _conditional(formula.left, formula.right, _name, nouns)
    elif sentence := _statement(formula, _name, nouns):
        yield sentence


def _rule(condition: Formula, claim: Formula, nouns: Collection[str]) -> Iterator[str]:
    """For ∀x (condition → claim)."""
    predicate = _predicate(claim, _X, nouns)
    if predicate:
        if kind := _kind(condition, nouns):
            yield f"every {kind} is {predicate}"
        if described := _predicate(condition, _X, nouns):
            yield f"everything that is {described} is {predicate}"
    seen: list[Term] = []

    def refer(term: Term) -> str:
        if term is not _X:
            return _name(term)
        seen.append(term)
        return "something" if len(seen) == 1 else "it"

    yield from _conditional(condition, claim, refer, nouns)


def _kind(condition: Formula, nouns: Collection[str]) -> str | None:
    """`windy grimpus`, for what `every` can stand before; an adjective that is no noun cannot."""
    if type(condition) is Atom and condition.terms == (_X,):
        name = condition.predicate
        return name if name in nouns or name not in ADJECTIVES else None
    return _described_noun(condition, _X, nouns)


def _described_noun(formula: Formula, subject: Term, nouns: Collection[str]) -> str | None:
    """`windy grimpus` for windy(x) ∧ grimpus(x): adjectives, then a noun."""
    if type(formula) is not And or not formula.parts:
        return None
    if not all(type(part) is Atom and part.terms == (subject,) for part in formula.parts):
        return None
    *before, noun = [part.fields[0] for part in formula.parts]
    fits = noun in nouns and all(word in ADJECTIVES and word not in nouns and " " not in noun for word in before)
    described = " ".join([*before, noun])
    return described if fits and described.count(" ") < MAX_WORDS else None


def _predicate(formula: Formula, subject: Term, nouns: Collection[str]) -> str | None:
    """What follows `is` when a formula says of `subject` alone what it is."""
    if described := _described_noun(formula, subject, nouns):
        return with_article(described)
    if type(formula) is And or type(formula) is Or or type(formula) is Xor:
        parts = [_literal_predicate(part, subject, nouns) for part in formula.fields]
        if not parts or None in parts:
            return None
        words = [word for word in parts if word]
        if type(formula) is Xor:
            return f"either {' or '.join(words)} but not both"
        return _JOINING[type(formula)].join(words)
    return _literal_predicate(formula, subject, nouns)


def _literal_predicate(formula: Formula, subject: Term, nouns: Collection[str]) -> str | None:
    positive = formula.body if type(formula) is Not else formula
    if described := _described_noun(positive, subject, nouns):
        text = with_article(described)
    elif type(positive) is Atom and positive.terms == (subject,):
        text = with_article(positive.predicate) if positive.predicate in nouns else positive.predicate
    else:
        return None
    return f"not {text}" if type(formula) is Not else text


def with_article(noun: str) -> str:
    """`a wumpus`, `an impus`."""
    return f"{'an' if noun.startswith(tuple('aeiou')) else 'a'} {noun}"


def _conditional(condition: Formula, claim: Formula, refer: _Refer, nouns: Collection[str]) -> Iterator[str]:
    before = _statement(condition, refer, nouns)
    after = before and _statement(claim, refer, nouns)
    if after:
        yield f"if {before} then {after}"


def _statement(formula: Formula, refer: _Refer, nouns: Collection[str]) -> str | None:
    """`Rex is a numpus and a tumpus` where all is said of one individual, else a clause for each part."""
    subject = _only_subject(formula)
    if subject is not None and (predicate := _predicate(formula, subject, nouns)):
        return f"{refer(subject)} is {predicate}"
    if type(formula) is not And and type(formula) is not Or:
        return _clause(formula, refer, nouns)
    clauses = [_clause(part, refer, nouns) for part in formula.parts]
    return _JOINING[type(formula)].join(filter(None, clauses)) if clauses and None not in clauses else None


def _only_subject(formula: Formula) -> Term | None:
    """The one that all parts are about; None where several are, or where a part of ∧ or ∨ is negated."""
    parts = formula.fields if type(formula) in (And, Or, Xor) else (formula,)
    if type(formula) is not Xor and len(parts) > 1 and any(type(part) is Not for part in parts):
        return None
    subjects = {_subject(part) for part in parts}
    return subjects.pop() if len(subjects) == 1 else None


def _subject(literal: Formula) -> Term | None:
    atom = literal.body if type(literal) is Not else literal
    if type(atom) is And and atom.parts:  # a described noun
        atom = atom.parts[0]
    return atom.terms[0] if type(atom) is Atom and atom.terms else None


def _clause(literal: Formula, refer: _Refer, nouns: Collection[str]) -> str | None:
    """`Rex is not small`, `Rex chases the dog`, `Rex does not chase the dog`."""
    subject = _subject(literal)
    if subject is None:
        return None
    if predicate := _literal_predicate(literal, subject, nouns):
        return f"{refer(subject)} is {predicate}"
    atom = literal.body if type(literal) is Not else literal
    if type(atom) is not Atom or len(atom.terms) != 2 or not base_form(atom.predicate):
        return None
    verb = f"does not {base_form(atom.predicate)}" if type(literal) is Not else atom.predicate
    return f"{refer(subject)} {verb} {refer(atom.terms[1])}"


def _name(term: Term) -> str:
    """`the bald eagle` for the constant the_bald_eagle, `Rex` for Rex."""
    name = term.name if type(term) is Constant else "it"
    return name.replace("_", " ") if name.startswith("the_") else name
