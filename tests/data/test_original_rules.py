"""Our problems of PrOntoQA-OOD's rules beside the original's files: forms and proportions, as in docs/rules.md."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from shared_data import SHARED, needs_shared_data

from sokrates.data.mixture import generate_mixture
from sokrates.data.sources import read_file
from sokrates.pipeline.params import Rules, load
from sokrates.proof.problem import Problem

COUNT = 120  # of our problems for each file; of compositions, which differ more, four times as many
FILES = [  # file, kind, hops, width
    ("AndIntro_2hop", "and_introduction", 2, 2),
    ("AndIntro_3hop", "and_introduction", 3, 2),
    ("AndElim_2hop", "and_elimination", 2, 2),
    ("AndElim_3hop", "and_elimination", 3, 2),
    ("OrIntro_2hop", "or_introduction", 2, 2),
    ("OrIntro_3hop", "or_introduction", 3, 2),
    ("OrElim_1hop_width2", "or_elimination", 1, 2),
    ("OrElim_1hop_width3", "or_elimination", 1, 3),
    ("ProofByContra_1hop_width2", "contradiction", 1, 2),
    ("ProofByContra_1hop_width3", "contradiction", 1, 3),
    ("Composed_2hop", "composed", 2, 2),
    ("Composed_3hop", "composed", 3, 2),
    ("Composed_4hop", "composed", 4, 2),
]
# How far ours may be from theirs: of single rules, and of compositions, which we draw in another way.
TOLERANCES = {
    "premises": (1.3, 1.3),
    "facts": (1.1, 0.8),
    "facts last": (0.0, 0.2),
    "conclusions with not": (0.0, 0.2),
    "conclusions with or": (0.0, 0.2),
    "every": (0.05, 0.05),
    "each": (0.05, 0.05),
    "plural": (0.07, 0.07),
    "everything": (0.05, 0.08),
    "sentences with not": (0.0, 0.04),
    "sentences with and": (0.05, 0.08),
    "sentences with or": (0.05, 0.08),
    "lists with commas": (0.09, 0.08),
    "facts with and": (0.0, 0.1),
    "denials that stand first": (0.0, 0.25),
}
OUT_OF = {
    **dict.fromkeys(
        ("premises", "facts", "facts last", "conclusions with not", "conclusions with or"), "problems"
    ),
    "facts with and": "facts",
    "denials that stand first": "facts with and not",
}


def form(sentence: str) -> str:
    """How a sentence begins: every, each, plural, everything, or that it is a fact."""
    first = sentence.split(" ")[0]
    if first in ("Every", "Each", "Everything"):
        return first.lower()
    return "plural" if " are " in sentence else "fact"


def shape(problems: list[Problem]) -> dict[str, float]:
    """Means of a problem, and shares of what OUT_OF says, else of the sentences, by the names of docs/rules.md."""
    found: Counter[str] = Counter(problems=len(problems))
    for problem in problems:
        forms = [form(premise) for premise in problem.premises]
        facts = forms.count("fact")
        found["premises"] += len(forms)
        found["facts"] += facts
        found["facts last"] += forms[len(forms) - facts :] == ["fact"] * facts
        found["conclusions with not"] += " not " in problem.conclusion
        found["conclusions with or"] += " or " in problem.conclusion
        for premise, name in zip(problem.premises, forms, strict=True):
            found[name] += 1
            for word in ("not", "and", "or"):
                found[f"sentences with {word}"] += f" {word} " in premise
            found["lists with commas"] += ", " in premise
            if name == "fact" and " and " in premise:
                found["facts with and"] += 1
                found["facts with and not"] += " not " in premise
                found["denials that stand first"] += " not " in re.split(", | and ", premise)[0]
    return {name: found[name] / max(1, found[OUT_OF.get(name, "premises")]) for name in TOLERANCES}


def ours(kind: str, hops: int, width: int, count: int) -> list[Problem]:
    """Problems as the original makes them: all to be proved."""
    rules = Rules(**{**dict.fromkeys(Rules.model_fields, 0.0), kind: 1.0})
    changed = {"count": count, "rules": rules, "hops": [hops], "widths": [width]}
    plain = {"unknown_share": 0.0, "refuted_share": 0.0}
    return list(generate_mixture(load().problems.model_copy(update={**changed, **plain}), seed=7))


@needs_shared_data
@pytest.mark.parametrize(("file", "kind", "hops", "width"), FILES)
def test_forms_and_proportions_are_the_originals(file: str, kind: str, hops: int, width: int) -> None:
    read = read_file(SHARED / "prontoqa_ood" / f"{file}.json")
    expected = shape([problem for problem in read if isinstance(problem, Problem)])
    found = shape(ours(kind, hops, width, 4 * COUNT if kind == "composed" else COUNT))
    differences = {name: abs(found[name] - expected[name]) for name in TOLERANCES}
    allowed = {name: pair[kind == "composed"] for name, pair in TOLERANCES.items()}
    assert not {name: away for name, away in differences.items() if away > allowed[name] + 1e-9}
