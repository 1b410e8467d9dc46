"""The Problem record: premises, a conclusion to evaluate and, where it is known, the label.

A problem file is a JSON line each with `premises`, `conclusion` and optionally `label`, `id`, `case`, `hops`
and, where the sentences are not controlled English, `premises_fol` and `conclusion_fol`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sokrates.io.errors import InputError
from sokrates.logic import english, fol, notations
from sokrates.logic.answer import Answer
from sokrates.logic.formula import Formula
from sokrates.logic.notations import Notation
from sokrates.logic.reading import ReadError
from sokrates.proof.kernel import State
from sokrates.proof.text import Say, read_formula, read_prompt, say_with, write_prompt

LABELS = {
    "true": Answer.TRUE,
    "false": Answer.FALSE,
    "unknown": Answer.UNKNOWN,
    "uncertain": Answer.UNKNOWN,
}


@dataclass(frozen=True)
class Problem:
    """One question.

    id: unique within its source
    case: what must not be split between training and test; problems on the same premises share it
    premises, conclusion: sentences as shown to the policy
    facts, goal: the formulas they state, in the same order
    label: the right answer, None where unknown
    hops: steps of the source's own proof, None where the source does not say
    repairs: of the notation of its formulas, once for each place
    notation: that its formulas were read in; FOLIO's for sentences alone, as that is how they are shown
    """

    id: str
    case: str
    premises: tuple[str, ...]
    conclusion: str
    facts: tuple[Formula, ...]
    goal: Formula
    label: Answer | None = None
    hops: int | None = None
    repairs: tuple[fol.Repair, ...] = ()
    notation: Notation = Notation.FOLIO

    @property
    def state(self) -> State:
        """A new state, in which nothing has been derived."""
        return State(self.facts, self.goal)

    @property
    def prompt(self) -> str:
        return write_prompt(self.premises, self.conclusion)

    @property
    def repairs_text(self) -> str:
        """The kinds of repair that its formulas took, each once."""
        return "; ".join(dict.fromkeys(repair.value for repair in self.repairs))

    @cached_property
    def nouns(self) -> frozenset[str]:
        """The predicates that its sentences use as nouns: concepts, not properties."""
        return english.nouns((*self.premises, self.conclusion))

    @cached_property
    def say(self) -> Say:
        """The writer of formulas that uses these nouns."""
        return say_with(self.nouns)

    def to_json(self) -> dict[str, Any]:
        """The line of a problem file; `from_json` reads it back."""
        row: dict[str, Any] = {
            "id": self.id,
            "case": self.case,
            "premises": list(self.premises),
            "conclusion": self.conclusion,
            "label": self.label.name if self.label else None,
            "hops": self.hops,
        }
        if not all(
            _reads_as(*pair)
            for pair in zip((*self.premises, self.conclusion), (*self.facts, self.goal), strict=True)
        ):
            row["premises_fol"] = [fol.write(fact) for fact in self.facts]
            row["conclusion_fol"] = fol.write(self.goal)
        return row


def _reads_as(sentence: str, formula: Formula) -> bool:
    try:
        return english.read(sentence) is formula
    except ReadError:
        return False


def from_sentences(
    premises: Sequence[str],
    conclusion: str,
    *,
    id: str,
    case: str | None = None,
    label: Answer | None = None,
    hops: int | None = None,
) -> Problem:
    """A problem in controlled English, whatever the spaces between words. Raises ReadError at the first other."""
    shown = (*premises, conclusion)
    try:
        formulas = english.read_together(shown)
    except ReadError:
        shown = tuple(map(_single_spaced, shown))
        formulas = english.read_together(shown)
    return Problem(id, case or id, shown[:-1], shown[-1], formulas[:-1], formulas[-1], label, hops)


def _single_spaced(text: str) -> str:
    return " ".join(text.split())


def from_formulas(
    premises: Sequence[str],
    conclusion: str,
    premises_fol: Sequence[str],
    conclusion_fol: str,
    *,
    id: str,
    case: str | None = None,
    label: Answer | None = None,
    hops: int | None = None,
) -> Problem:
    """A problem whose sentences come with formulas. The policy is shown both. Raises ReadError.

    The formulas may be in any one of `notations.Notation`; they are shown in FOLIO's.
    """
    notation, readings = _read_formulas((*premises_fol, conclusion_fol))
    *facts, goal = (reading.formula for reading in readings)
    repairs = tuple([repair for reading in readings for repair in reading.repairs])
    shown = tuple(_shown(sentence, fact) for sentence, fact in zip(premises, facts, strict=True))
    return Problem(
        id, case or id, shown, _shown(conclusion, goal), tuple(facts), goal, label, hops, repairs, notation
    )


@lru_cache(maxsize=1)  # the traces of a problem come one after the other
def _read_formulas(texts: tuple[str, ...]) -> tuple[Notation, tuple[fol.Reading, ...]]:
    return notations.read_together(texts)


def _shown(sentence: str, formula: Formula) -> str:
    notation = fol.write(formula)
    sentence = _single_spaced(sentence).rstrip(".")
    if sentence in ("", notation):
        return notation
    return sentence if sentence.endswith(f": {notation}") else f"{sentence}: {notation}"


def from_prompt(prompt: str, *, id: str, label: Answer | None = None) -> Problem:
    """The problem that a prompt shows, its sentences with formulas where they have them. Raises ReadError."""
    premises, conclusion = read_prompt(prompt)
    shown = (*premises, conclusion)
    *facts, goal = formulas = list(map(_read_shown, shown))
    english.read_together(
        tuple(text for text, one in zip(map(_single_spaced, shown), formulas, strict=True) if _reads_as(text, one))
    )
    return Problem(id, id, tuple(premises), conclusion, tuple(facts), goal, label)


def _read_shown(text: str) -> Formula:
    """The formula of a sentence as a prompt shows it: in English, or in notation after the last colon."""
    _, colon, notation = text.rpartition(": ")
    try:
        formula = read_formula(notation)
    except ReadError:
        formula = read_formula(_single_spaced(notation))
    if colon and _reads_as(notation, formula):
        raise ReadError("a formula stands after a colon, no sentence", text, len(text) - len(notation))
    return formula


def from_json(row: Any, id: str) -> Problem:
    """The problem of one line of a problem file; `id` names a line that does not name itself.

    Raises InputError on a missing or ill-typed field, ReadError on an unreadable sentence.
    """
    if not isinstance(row, dict):
        raise InputError("a problem is a JSON object")
    premises, conclusion = row.get("premises"), row.get("conclusion")
    if not isinstance(premises, list) or not all([isinstance(premise, str) for premise in premises]):
        raise InputError("`premises` must be a list of sentences")
    if not isinstance(conclusion, str):
        raise InputError("`conclusion` must be a sentence")
    label = row.get("label")
    if label is not None and str(label).lower() not in LABELS:
        raise InputError(f"`label` must be one of TRUE, FALSE and UNKNOWN, not {label!r}")
    named: dict[str, Any] = {
        "id": str(row.get("id") or row.get("problem_id") or id),
        "case": row.get("case") and str(row["case"]),
        "label": LABELS[str(label).lower()] if label is not None else None,
        "hops": row.get("hops") if isinstance(row.get("hops"), int) else None,
    }
    if "premises_fol" in row:
        formulas = row["premises_fol"]
        if (
            not isinstance(formulas, list)
            or len(formulas) != len(premises)
            or not isinstance(row.get("conclusion_fol"), str)
        ):
            raise InputError("`premises_fol` needs a formula for each premise, and `conclusion_fol` one")
        return from_formulas(
            premises, conclusion, [str(text) for text in formulas], row["conclusion_fol"], **named
        )
    return from_sentences(premises, conclusion, **named)
