"""Formulas of every shape through every entry that takes text from others, under a watchdog.

A formula comes as a claim, a premise or a conclusion, in notation and in what looks like English. Each is answered
within limits of CPU time and memory, alike on a second run and with less memory. What the answer is, other tests
say.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from random import Random

LONG = os.environ.get("SOKRATES_LONG_TESTS")
FORMULAS = 10_000 if LONG else 200
SECONDS = 1.0  # of CPU time for a row: a claim, and the decision on a conclusion
MEMORY_BYTES = 500 << 20  # of a process, all formulas together; and of its solver process

_NAMES = [*"abcxyz" * 3, "Max", "café", '"the moon"', "x1", "a-b", "not"]
_PREDICATES = [*"PQRS", "Likes", "belongs to", "T90", "P.Q"]
_WORDS = (
    "every each all some no wumpus wumpuses tumpus is are not a an the red Max Sally and or if then who that so "
    "they it likes chases , . everything someone either only"
).split()


def _formula(random: Random, depth: int, bound: int = 0) -> str:
    """A formula, or nearly one: quantifiers under ↔ and ⊕ above all."""
    if depth == 0 or random.random() < 0.08:
        arity = random.choice((0, 1, 1, 2, 2, 3, 6))
        variables = [f"v{number}" for number in range(bound)]
        terms = [
            random.choice(variables) if variables and random.random() < 0.8 else random.choice(_NAMES)
            for _ in range(arity)
        ]
        name = random.choice(_PREDICATES) if random.random() < 0.2 else f"{random.choice('PQRS')}{arity}"
        return f"{name}({', '.join(terms)})" if arity else name
    part = [_formula(random, depth - 1, bound + (number == 0)) for number in range(2)]
    kind = random.random()
    if kind < 0.4:
        return f"{random.choice('∀∃')}v{bound} ({part[0]})"
    if kind < 0.5:
        return f"¬({part[1]})"
    left = _formula(random, depth - 1, bound)
    return f"({left} {random.choice('↔↔⊕⊕→∧∨')} {part[1]})"


def _text(random: Random) -> str:
    made = _formula(random, random.randint(1, 9))
    kind = random.random()
    if kind < 0.1:  # a part repeated: nested sides
        sign = random.choice(["↔", "⊕", "→", "∧", "∨"])
        made = f" {sign} ".join([f"({made})"] * random.randint(2, 60))
    elif kind < 0.15:
        made = "".join(f"{random.choice('∀∃')}v{number} " for number in range(random.randint(5, 90))) + f"({made})"
    elif kind < 0.25:  # broken
        at = random.randrange(len(made))
        made = made[:at] + random.choice(["", "(", ")", "↔", ",", "\n", "\ud800", "¬" * 200]) + made[at + 1 :]
    elif kind < 0.35:
        made = " ".join(random.choices(_WORDS, k=random.randint(3, 40)))
    return made[:20_000]


def _rows(count: int, seed: int) -> list[dict[str, object]]:
    """Each formula as a claim, a premise or a conclusion."""
    rows = []
    for number in range(count):
        random = Random(f"{seed} {number}")
        text, other = _text(random), _formula(random, 3)
        english = {"premises": ["Max is a wumpus.", "Every wumpus is a tumpus."], "conclusion": "Max is a tumpus."}
        sentence = " ".join(random.choices(_WORDS, k=random.randint(3, 12)))
        row = random.choice([
            {"claim": text, **english},
            {"claim": sentence, **english, "conclusion": random.choice([sentence, "Max is red."])},
            {"claim": other, "premises": [""], "premises_fol": [text], "conclusion": "", "conclusion_fol": other},
            {"claim": text, "premises": [""], "premises_fol": [other], "conclusion": "", "conclusion_fol": text},
            {"claim": text, "premises": [""], "premises_fol": [text], "conclusion": "", "conclusion_fol": text},
        ])  # fmt: skip
        rows.append(row)
    return rows


def _run(path: Path, address_space: int | None = None) -> tuple[list[object], list[float], list[int]]:
    """The verdicts, the seconds and the two peaks of memory (KiB) of a run on a file of rows."""

    def limit() -> None:
        if address_space:
            resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))

    command = [sys.executable, str(Path(__file__).with_name("answer_rows.py")), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit, timeout=2 * FORMULAS)
    assert done.returncode == 0, done.stderr
    *answers, peaks = [json.loads(line) for line in done.stdout.splitlines()]
    return [found for found, _ in answers], [seconds for _, seconds in answers], peaks


def test_every_formula_is_answered_within_the_limits_and_alike_each_time(tmp_path: Path) -> None:
    rows = _rows(FORMULAS, seed=5)
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found, seconds, peaks = _run(path)
    assert len(found) == len(rows)
    slowest = max(range(len(rows)), key=seconds.__getitem__)
    print(f"slowest {seconds[slowest]:.2f} s of CPU, peaks {[peak >> 10 for peak in peaks]} MiB")
    assert seconds[slowest] < SECONDS, rows[slowest]
    assert max(peaks) << 10 < MEMORY_BYTES
    decided = {one[0] for one in found if isinstance(one, list)}
    assert decided >= {
        "TRUE",
        "UNKNOWN",
        "INCONSISTENT",
        "UNDECIDED",
    }  # the fuzz reaches the solver, and its limits
    again, _, _ = _run(path)
    assert again == found
    with_less, _, _ = _run(path, address_space=MEMORY_BYTES)
    assert with_less == found
