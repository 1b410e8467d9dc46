"""Pieces of the worked problem's traces, and what a round makes of them."""

from specimens import CAREFUL, SHORTCUT, problem

from sokrates.logic.answer import Answer
from sokrates.proof.problem import Problem, from_sentences
from sokrates.proof.trace import Rollout, Trace, check_traces

STELLA = problem()
_STEPS = ["".join(pair) for pair in zip(*[iter(CAREFUL.splitlines(keepends=True))] * 2, strict=True)]
FIRST, SECOND, FALSE = _STEPS
SHORT = "".join(SHORTCUT.splitlines(keepends=True)[2:4])  # the second step, from the first fact
TRUE = (
    "Thought: to evaluate: Stella is small, Stella is small holds, so the answer is TRUE.\n"
    'Action: <Option type="CONCLUDE" args="[0]" />\n'
)
# A valid step that leads nowhere, and the proof put down one line further
ASIDE = (
    "Thought: Stella is a wumpus [1] and Stella is a wumpus [1], so Stella is a wumpus and a wumpus.\n"
    'Action: <Option type="AND_INTRO" args="[1, 1]" />\n'
)


def one_line_further(text: str) -> str:
    return text.replace("[5]", "[6]").replace("[4]", "[5]").replace("[4, 2]", "[5, 2]")


LATER = one_line_further(CAREFUL)


def rollout(text: str, problem: Problem = STELLA, *, ended: bool = True) -> Rollout:
    trace = Trace(problem, text, ended)
    (checked,) = check_traces([trace])
    return Rollout(trace, checked)


# An open problem: two lines to try, and UNKNOWN to say.
RULES = ["Every wumpus is a tumpus.", "Every tumpus is a lempus.", "Stella is a wumpus."]
OPEN = from_sentences(RULES, "Stella is red.", id="0", label=Answer.UNKNOWN)
TUMPUS = 'Thought: so Stella is a tumpus.\nAction: <Option type="MODUS_PONENS" args="[2, 0]" />\n'
LEMPUS = 'Thought: so Stella is a lempus.\nAction: <Option type="MODUS_PONENS" args="[3, 1]" />\n'
WRONG = 'Thought: so Stella is red.\nAction: <Option type="MODUS_PONENS" args="[2, 1]" />\n'
UNKNOWN = 'Thought: so the answer is UNKNOWN.\nAction: <Option type="CONCLUDE" args="[2]" />\n'
