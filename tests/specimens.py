"""A worked problem of two hops, its careful proof as text, and hostile texts. Needs no torch."""

from __future__ import annotations

from random import Random

from sokrates.logic.answer import Answer
from sokrates.proof.problem import Problem, from_sentences
from sokrates.proof.text import Step, read_steps
from sokrates.proof.verify import Checked, Verifier

PREMISES = [
    "Every wumpus is a tumpus.",
    "Stella is a wumpus.",
    "Tumpuses are not small.",
    "Each zumpus is small.",
]
CAREFUL = """\
Thought: Stella is a wumpus [1] and every wumpus is a tumpus [0], so Stella is a tumpus [4].
Action: <Option type="MODUS_PONENS" args="[1, 0]" />
Thought: Stella is a tumpus [4] and every tumpus is not small [2], so Stella is not small [5].
Action: <Option type="MODUS_PONENS" args="[4, 2]" />
Thought: to evaluate: Stella is small, Stella is not small [5] holds, so the answer is FALSE.
Action: <Option type="CONCLUDE" args="[1]" />
"""
SHORTCUT = """\
Thought: Stella is a wumpus [1] and every wumpus is a tumpus [0], so Stella is a tumpus [4].
Action: <Option type="MODUS_PONENS" args="[1, 0]" />
Thought: Stella is a wumpus [1] and every tumpus is not small [2], so Stella is not small [5].
Action: <Option type="MODUS_PONENS" args="[1, 2]" />
Thought: to evaluate: Stella is small, Stella is not small [5] holds, so the answer is FALSE.
Action: <Option type="CONCLUDE" args="[1]" />
"""


def problem(conclusion: str = "Stella is small.", label: Answer | None = Answer.FALSE) -> Problem:
    return from_sentences(PREMISES, conclusion, id="worked", label=label, hops=2)


def verifier(conclusion: str = "Stella is small.") -> Verifier:
    return Verifier(problem(conclusion).facts, problem(conclusion).goal)


def check(text: str, conclusion: str = "Stella is small.") -> Checked:
    return verifier(conclusion).check(read_steps(text))


def step(thought: str, action: str) -> Step:
    """A step from its thought and its action as `NAME 1, 0`."""
    name, _, args = action.partition(" ")
    (read,) = read_steps(f'Thought: {thought}\nAction: <Option type="{name}" args="[{args}]" />\n')
    return read


def _noise(seed: int) -> str:
    return Random(seed).randbytes(20_000).decode("utf-8", errors="replace")


_OPTION = 'Action: <Option type="MODUS_PONENS" args="[{}]" />\n'


def _steps(*actions: str) -> str:
    """Steps that claim nothing."""
    steps = (action.partition(" ") for action in actions)
    return "".join(f'Thought: x\nAction: <Option type="{name}" args="[{args}]" />\n' for name, _, args in steps)


# Stella is a wumpus, 256 times in one conjunction: the derived lines are 4 to 11
_WIDE = _steps("AND_INTRO 1, 1", *(f"AND_INTRO {index}, {index}" for index in range(4, 11)))
_CHAINS = ["→".join(f"{connective}P(a{one})" for one in range(1500)) for connective in ("", "¬")]
HOSTILE = {
    "empty": "",
    "blank": " \n\t\n\x0b\n",
    "random bytes": _noise(1),
    "random bytes as steps": "\n".join(f"Thought: {_noise(seed)}\nAction: {_noise(-seed)}" for seed in (2, 3)),
    "parentheses": "(" * 1_000_000,
    "parentheses claimed": f"Thought: so, so {'(' * 1_000_000}\n{_OPTION.format('1, 1')}",
    "negations claimed": f"Thought: so, so {'¬' * 19_000}Small(Stella)\n{_OPTION.format('1, 1')}",
    "brackets": f"Thought: {'Stella is a wumpus [1] [' * 40_000}, so x\n{_OPTION.format('1, 1')}",
    "markers": f"Thought: {', so therefore ' * 70_000}\n{_OPTION.format('1, 1')}",
    "one word many times": "Thought: " + "wumpus " * 150_000,
    "ten thousand thoughts": "Thought: x\n" * 10_000,
    "ten thousand wrong steps": f"Thought: x, so y\n{_OPTION.format('0, 0')}" * 10_000,
    "ten thousand stray lines": "Action: x\n\n" * 10_000,
    "index of a thousand digits": f"Thought: x [{'9' * 1000}], so y [{'9' * 1000}].\n{_OPTION.format('9' * 1000)}",
    "ten thousand digits": f"Thought: x\n{_OPTION.format('1' * 10_000)}",
    "forty digits": f"Thought: x\n{_OPTION.format(f'1, {10**39}')}",
    "hundred thousand arguments": f"Thought: x\n{_OPTION.format(', '.join(['1'] * 100_000))}",
    "conjunctions of conjunctions": _WIDE + _steps(f"AND_INTRO {', '.join(['11'] * 100_000)}") * 3,
    "searches in vain": _WIDE + _steps(*["OR_INTRO 0, 11"] * 10_000),
    "parts assumed": _WIDE + _steps(*["ASSUME 11, 250, 0", "CONDITIONAL_PROOF 12, 12"] * 5_000),
    "scopes without end": _steps(*["ASSUME goal, 0, 0", "CONDITIONAL_PROOF 4, 4"] * 5_000),
    "long implications claimed": "".join(
        f"Thought: so, so {one}\n{_OPTION.format('1, 1')}" for one in _CHAINS * 25
    ),
    "other digits": f"Thought: x\n{_OPTION.format('١, ٠')}{_OPTION.format('²')}{_OPTION.format('１, ０')}",
    "signs": f"Thought: x\n{_OPTION.format('-1, +0')}Thought: x\n{_OPTION.format('1.0, 0x0')}",
    "control characters": CAREFUL.replace("Stella", "St\x00el\x1bla\x7f"),
    "bidi": CAREFUL.replace("Stella", "\u202eStella\u202c").replace("[1, 0]", "[\u20661, 0\u2069]"),
    "zero width": CAREFUL.replace("Stella", "Stel\u200bla").replace("[", "[\ufeff"),
    "emoji": CAREFUL.replace("Stella", "Stella 🦉").replace("MODUS_PONENS", "🦉"),
    "lone surrogates": CAREFUL.replace("Stella", "\ud800").replace("[1", "[\udfff"),
    "carriage returns": CAREFUL.replace("\n", "\r"),
    "other line ends": CAREFUL.replace("\n", "\u2028"),
    "nested quotes": CAREFUL.replace('type="', 'type=""').replace('" />', '"" />'),
    "options in options": CAREFUL.replace("MODUS_PONENS", '<Option type="MODUS_PONENS" args="[1, 0]" />'),
    "another prompt": CAREFUL.replace("Thought: ", "Reasoning:\nThought: ").replace("Action", "Premises"),
}
