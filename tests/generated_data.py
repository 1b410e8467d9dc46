"""Files in the formats of PrOntoQA, PrOntoQA-OOD, Logic-LM and FOLIO, for a checkout without the published ones.

Proofs are built first, and the premises are what they use, in a random order, with rules that lead elsewhere. So
labels and gold chains are right by construction, without our reader or our solver. Not covered: the frequencies of
the published files' sentences.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from functools import lru_cache
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

NOUNS = [
    f"{start}{end}"
    for start, end in product(("w", "t", "d", "gr", "l", "r", "st", "z"), ("umpus", "impus", "orpus"))
]
ADJECTIVES = "small red sour bright loud cold shy wooden".split()
NAMES = "Max Stella Rex Wren Fae Polly".split()
_FOLDER = tempfile.TemporaryDirectory(prefix="sokrates-generated-")


class Example:
    """One problem under construction: premises, the sentences of its proof, and words not yet used."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.nouns = random.sample(NOUNS, len(NOUNS))
        self.adjectives = random.sample(ADJECTIVES, len(ADJECTIVES))
        self.name = random.choice(NAMES)
        self.premises: list[str] = []
        self.chain: list[str] = []

    def noun(self) -> str:
        return self.nouns.pop()

    def given(self, sentence: str) -> None:
        """A premise that the proof uses next."""
        if sentence not in self.premises:
            self.premises.append(sentence)
        self.chain.append(sentence)

    def rule(self, kind: str, claim: str) -> str:
        """`kind` is a noun; the claim is what a rule says of it, such as `a tumpus` or `not small`."""
        return f"{self.random.choice(('Every', 'Each'))} {kind} is {claim}."

    def shuffled(self) -> str:
        """The premises with rules that lead elsewhere, in a random order."""
        unused = [self.noun() for _ in range(3)]
        self.premises += [self.rule(unused[0], f"a {unused[1]}"), f"{unused[1].capitalize()}es are {unused[2]}es."]
        self.random.shuffle(self.premises)
        return " ".join(self.premises)


def _modus_ponens(example: Example, hops: int) -> tuple[str, str, str]:
    """The question, the query's sentence and the label of a chain of modus ponens that ends in an adjective."""
    kind = example.noun()
    example.given(f"{example.name} is a {kind}.")
    for _ in range(hops - 1):
        above = example.noun()
        example.given(example.rule(kind, f"a {above}"))
        example.premises.append(example.rule(kind, example.adjectives.pop(0)))
        example.chain.append(f"{example.name} is a {above}.")
        kind = above
    adjective, denied = example.adjectives.pop(), example.random.random() < 0.5
    claim = f"not {adjective}" if denied else adjective
    example.given(example.rule(kind, claim))
    example.chain.append(f"{example.name} is {claim}.")
    example.premises.append(example.rule(example.noun(), adjective if denied else f"not {adjective}"))
    label = example.random.choice(("True", "False"))
    asked = claim if label == "True" else adjective if denied else f"not {adjective}"
    return example.shuffled(), f"{example.name} is {asked}.", label


def _and_introduction(example: Example, kind: str) -> str:
    other, above = example.noun(), example.noun()
    example.given(f"{example.name} is a {other}.")
    example.chain.append(f"{example.name} is a {kind} and a {other}.")
    example.given(f"Everything that is a {kind} and a {other} is a {above}.")
    example.chain.append(f"{example.name} is a {above}.")
    return above


def _and_elimination(example: Example, kind: str) -> str:
    above, other = example.noun(), example.noun()
    example.given(example.rule(kind, f"a {other} and a {above}"))
    example.chain += [f"{example.name} is a {other} and a {above}.", f"{example.name} is a {above}."]
    return above


def _or_introduction(example: Example, kind: str) -> str:
    other, above = example.noun(), example.noun()
    example.chain.append(f"{example.name} is a {kind} or a {other}.")
    example.given(f"Everything that is a {kind} or a {other} is a {above}.")
    example.chain.append(f"{example.name} is a {above}.")
    return above


def _repeated(example: Example, hops: int, links: list[Callable[[Example, str], str]]) -> str:
    kind = example.noun()
    example.given(f"{example.name} is a {kind}.")
    for hop in range(hops):
        kind = links[hop % len(links)](example, kind)
    return f"{example.name} is a {kind}."


def _or_elimination(example: Example, width: int) -> str:
    cases, above = [example.noun() for _ in range(width)], example.noun()
    name = example.name
    for case in cases:
        example.chain.append(f"Assume {name} is a {case}.")
        example.given(example.rule(case, f"a {above}"))
        example.chain.append(f"{name} is a {above}.")
    either = f"{name} is a {', a '.join(cases[:-1])}{',' if width > 2 else ''} or a {cases[-1]}"
    example.premises.append(f"{either}.")
    example.chain.append(f"Since {either}, {name} is a {above}.")
    return f"{name} is a {above}."


def _by_contradiction(example: Example, width: int) -> str:
    kinds, above = [example.noun() for _ in range(width)], example.noun()
    name = example.name
    listed = f"a {', a '.join(kinds[:-1])}{',' if width > 2 else ''} or a {kinds[-1]}"
    example.premises += [f"Everything that is {listed} is a {above}.", f"{name} is not a {above}."]
    for kind in kinds:
        example.chain += [
            f"Assume {name} is a {kind}.",
            f"{name} is {listed}.",
            f"Everything that is {listed} is a {above}.",
            f"{name} is a {above}.",
            f"This contradicts with {name} is not a {above}.",
            f"{name} is not a {kind}.",
        ]
    denials = [f"{name} is not a {kind}" for kind in kinds]
    example.chain.append(f"{' and '.join(denials)}.")
    return example.chain[-1]


RULES: dict[str, Callable[[Example, int], str]] = {
    "AndIntro": lambda example, hops: _repeated(example, hops - 1, [_and_introduction]),
    "AndElim": lambda example, hops: _repeated(example, hops - 1, [_and_elimination]),
    "OrIntro": lambda example, hops: _repeated(example, hops - 1, [_or_introduction]),
    "Composed": lambda example, hops: _repeated(
        example, hops, [_and_elimination, _or_introduction, _and_introduction]
    ),
    "OrElim": _or_elimination,
    "ProofByContra": _by_contradiction,
}


def _prontoqa(name: str) -> dict[str, Any]:
    """The file of one of PrOntoQA's or PrOntoQA-OOD's settings, in the generator's format."""
    rule, _, size = name.partition("_")
    random, rows = Random(name), {}
    is_ood = rule in RULES
    count = (50 if "width" in name else 100) if is_ood else 40 if rule == "false" else 200
    number = int(size.partition("hop")[0]) if "width" not in size else int(size[-1])
    for index in range(1, count + 1):
        example = Example(random)
        if is_ood:
            query = RULES[rule](example, number)
            row = {"question": example.shuffled(), "query": f"Prove: {query}"}
        else:
            question, query, label = _modus_ponens(example, number)
            row = {"question": question, "query": f"True or false: {query}", "answer": label}
        rows[f"example{index}"] = {"test_example": {**row, "chain_of_thought": example.chain}}
    return rows


def _logic_lm_prontoqa() -> list[dict[str, Any]]:
    random, rows = Random("logic_lm"), []
    for index in range(1, 251):
        example = Example(random)
        context, query, label = _modus_ponens(example, 5)
        rows.append(
            {
                "id": f"ProntoQA_{index}",
                "context": context,
                "question": f"Is the following statement true or false? {query}",
                "options": ["A) True", "B) False"],
                "answer": "A" if label == "True" else "B",
                "explanation": example.chain,
            }
        )
    return rows


# Worked by hand: who is what, and what ProofWriter's forward chaining and classical logic agree on.
_ANIMALS = (
    "Anne is kind. Anne chases Bob. Bob is not green. If someone is kind and they chase Bob then they are green. "
    "All green people are quiet."
)
_QUESTIONS = {"Anne is green.": "A", "Anne is quiet.": "A", "Bob is green.": "B", "Bob is quiet.": "C"}


def _logic_lm_proofwriter() -> list[dict[str, Any]]:
    return [
        {
            "id": f"ProofWriter_Generated-OWA-1_Q{index}",
            "context": _ANIMALS,
            "question": f"Is the following statement true, false, or unknown? {query}",
            "options": ["A) True", "B) False", "C) Unknown"],
            "answer": answer,
        }
        for index, (query, answer) in enumerate(_QUESTIONS.items(), start=1)
    ]


_FOLIO = [
    (["∀x (Student(x) → Studies(x))", "∃x (Student(x) ∧ Tired(x))"], "∃x (Studies(x) ∧ Tired(x))", "True"),
    (["∀x (Bird(x) ⊕ Fish(x))", "¬Bird(nemo)"], "Bird(nemo)", "False"),
    (["∀x (Dog(x) → Barks(x) ∨ Sleeps(x))", "Dog(rex)", "¬Sleeps(rex)"], "Barks(rex)", "True"),
    (["∀x (Likes(x, tea) → Calm(x))", "Calm(ann)"], "Likes(ann, tea)", "Uncertain"),
    (["Open(shop) ↔ Day(monday)", "Day(monday)"], "¬Open(shop)", "False"),
]


def _folio() -> list[dict[str, Any]]:
    return [
        {
            "premises": [f"Premise {number}." for number, _ in enumerate(premises)],
            "premises-FOL": premises,
            "conclusion": "The conclusion.",
            "conclusion-FOL": conclusion,
            "label": label,
            "story_id": story,
        }
        for story, (premises, conclusion, label) in enumerate(_FOLIO)
    ]


@lru_cache
def problem_file(name: str) -> Path:
    """The generated file of this name; the same in every run."""
    path = Path(_FOLDER.name, name)
    path.parent.mkdir(exist_ok=True)
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in _folio()), encoding="utf-8")
        return path
    rows: object
    if path.stem == "logic_lm_dev":
        rows = _logic_lm_proofwriter()
    elif path.stem == "logic_lm_dev_first250":
        rows = _logic_lm_prontoqa()
    else:
        rows = _prontoqa(path.stem)
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path
