"""A problem small enough to check by hand, and traces of it."""

from sokrates.logic.answer import Answer
from sokrates.problems.record import Problem, from_sentences
from sokrates.problems.traces import Trace, check_traces
from sokrates.training.pairs import Rollout

STELLA = from_sentences(
    ["Every wumpus is a tumpus.", "Stella is a wumpus.", "Tumpuses are not small."],
    "Stella is small.",
    id="stella",
    label=Answer.FALSE,
    hops=2,
)
FIRST = (
    "Thought: Stella is a wumpus [1] and every wumpus is a tumpus [0], so Stella is a tumpus [3].\n"
    'Action: <Option type="MODUS_PONENS" args="[1, 0]" />\n'
)
SECOND = (
    "Thought: Stella is a tumpus [3] and every tumpus is not small [2], so Stella is not small [4].\n"
    'Action: <Option type="MODUS_PONENS" args="[3, 2]" />\n'
)
SHORTCUT = SECOND.replace("Stella is a tumpus [3]", "Stella is a wumpus [1]").replace("[3, 2]", "[1, 2]")
FALSE = (
    'Thought: Stella is not small holds, so the answer is FALSE.\nAction: <Option type="CONCLUDE" args="[1]" />\n'
)
TRUE = 'Thought: Stella is small holds, so the answer is TRUE.\nAction: <Option type="CONCLUDE" args="[0]" />\n'
CAREFUL = FIRST + SECOND + FALSE


def rollout(text: str, problem: Problem = STELLA) -> Rollout:
    trace = Trace(problem, text)
    (checked,) = check_traces([trace])
    return Rollout(trace, checked)
