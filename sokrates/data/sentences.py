"""Writes formulas in the sentence forms of PrOntoQA-OOD, each in one of its wordings, drawn as the original draws.

    Every/Each K is P.    Ks are P.    Everything that is P is P.    E is P.    E is not P and E is P.

K is a concept, also with adjectives before it; P a list of literals joined by `and` or `or`, of three or more with
commas or without, alike often. Each sentence is read back, and has to give its formula. Not covered: formulas that
controlled English has no form for; `english.write`, which has one wording for each formula.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from random import Random

from sokrates.logic import english
from sokrates.logic.english_wording import with_article
from sokrates.logic.formula import And, Atom, Bound, Constant, Forall, Formula, Implies, Not, Or, Term, substitute


def sentence(random: Random, formula: Formula, nouns: Collection[str]) -> str | None:
    """A sentence for a formula; None where controlled English has no form for it. `nouns` take an article.

    What is not of the forms above has the one wording of `english.write`.
    Raises AssertionError where the reader takes the sentence for another formula: a fault of this module.
    """
    written = english.write(formula, nouns)
    if written is None:
        return None
    if type(formula) is Forall and type(formula.body) is Implies:
        kind, claim = formula.body.left, formula.body.right
        said = _rule(random, kind, claim, nouns) if _is_list(kind) and _is_list(claim) else _whole(written)
    else:
        said = _fact(random, formula, nouns) if _is_list(formula) else _whole(written)
    if english.read(said) is not formula:
        raise AssertionError(f"{said!r} does not say {formula}")
    return said


def _whole(written: str) -> str:
    return f"{written[0].upper()}{written[1:]}."


def _is_list(formula: Formula) -> bool:
    """Whether it is a literal, or literals joined by ∧ or by ∨, about one individual."""
    parts = formula.parts if isinstance(formula, And | Or) else (formula,)
    positive = [part.body if isinstance(part, Not) else part for part in parts]
    return all(isinstance(one, Atom) for one in positive) and len({one.fields[1] for one in positive}) == 1


def _rule(random: Random, kind: Formula, claim: Formula, nouns: Collection[str]) -> str:
    described = _described(kind, nouns)
    if described is None:
        return f"Everything that is {_list(random, kind, nouns)} is {_list(random, claim, nouns)}."
    if random.random() < 0.5:
        plural = english.plural(described)
        return f"{plural[0].upper()}{plural[1:]} are {_list(random, claim, nouns, is_plural=True)}."
    return f"{random.choice(('Every', 'Each'))} {described} is {_list(random, claim, nouns)}."


def _fact(random: Random, formula: Formula, nouns: Collection[str]) -> str:
    """A clause for each part where one is denied, as the original has it, else one clause for all."""
    name = _subject(formula).name  # type: ignore[union-attr]
    if type(formula) is And and any(type(part) is Not for part in formula.parts):
        return f"{_joined(random, [f'{name} is {_literal(part, nouns)}' for part in formula.parts], 'and')}."
    return f"{name} is {_list(random, formula, nouns)}."


def _subject(formula: Formula) -> Term:
    part = formula
    while type(part) is not Atom:
        part = part.fields[0]
    return part.terms[0]


def _described(kind: Formula, nouns: Collection[str]) -> str | None:
    """`wumpus`, or `small wumpus` for small(x) ∧ wumpus(x): what `every` can stand before."""
    parts = kind.parts if type(kind) is And else (kind,)
    words = [part.predicate for part in parts if type(part) is Atom]
    *before, noun = words or [""]
    fits = len(words) == len(parts) and noun in nouns and not any(word in nouns for word in before)
    return " ".join(words) if fits else None


def _list(random: Random, formula: Formula, nouns: Collection[str], is_plural: bool = False) -> str:
    """What follows `is` or `are`."""
    if type(formula) is And and (described := _described(formula, nouns)):
        return english.plural(described) if is_plural else with_article(described)
    parts = formula.parts if isinstance(formula, And | Or) else (formula,)
    said = [_literal(part, nouns, is_plural) for part in parts]
    return _joined(random, said, "or" if type(formula) is Or else "and")


def _literal(literal: Formula, nouns: Collection[str], is_plural: bool = False) -> str:
    positive = literal.body if type(literal) is Not else literal
    assert type(positive) is Atom
    word = positive.predicate
    if word in nouns:
        word = english.plural(word) if is_plural else with_article(word)
    return f"not {word}" if type(literal) is Not else word


def _joined(random: Random, parts: Sequence[str], connective: str) -> str:
    if len(parts) > 2 and random.random() < 0.5:
        return f"{', '.join(parts[:-1])}, {connective} {parts[-1]}"
    return f" {connective} ".join(parts)


def rule(kind: Formula, claim: Formula) -> Formula:
    """∀x (kind → claim), for formulas about `Bound(0)`."""
    return Forall(Implies(kind, claim))


def about(formula: Formula, entity: Constant) -> Formula:
    """What a formula about `Bound(0)` says of an individual."""
    return substitute(formula, {Bound(0): entity})
