"""The one module that writes and reads traces as text.

    Premises:
      Every wumpus is a tumpus [0].
      Stella is a wumpus [1].
    Conclusion to evaluate: Stella is a tumpus.
    Reasoning:
    Thought: Stella is a wumpus [1] and every wumpus is a tumpus [0], so Stella is a tumpus [2].
    Action: <Option type="MODUS_PONENS" args="[1, 0]" />
    Thought: to evaluate: Stella is a tumpus, Stella is a tumpus [2] holds, so the answer is TRUE.
    Action: <Option type="CONCLUDE" args="[0]" />

Whatever is not of this form reads as an unparsed step: reading never fails, never loses text, and takes
time in proportion to the text's length. What a thought means is decided in `verify`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sokrates.logic import english, fol
from sokrates.logic.answer import Answer
from sokrates.logic.formula import Formula, negation
from sokrates.logic.reading import ReadError
from sokrates.proof.kernel import State
from sokrates.proof.option import Option

CONCLUDE = "CONCLUDE"
REASONING = "Reasoning:\n"  # ends a prompt, on a token boundary
_THOUGHT, _ACTION = "Thought: ", "Action: "
_OPEN, _MIDDLE, _CLOSE = '<Option type="', '" args="[', ']" />'
_MAX_ARGUMENT = 40  # characters; longer ones are refused before anything looks at them
_CLAIM_MARKERS = (", so ", "therefore ", "conclude that ", "derive that ")


@dataclass(frozen=True, slots=True)
class Step:
    """A thought and the option it takes; `option` is None where the text could not be read.

    span: where its text begins and ends in the completion, and where the Action begins within it (characters);
        None for a step that was not read from text
    """

    thought: str
    option: Option | None
    span: tuple[int, int, int] | None = field(default=None, compare=False, repr=False)


Say = Callable[[Formula], str]


def say_with(nouns: Iterable[str]) -> Say:
    """A writer of formulas: as English where they have a form, with these nouns, else in FOL notation."""
    known = frozenset(nouns)
    return lambda formula: english.write(formula, known) or fol.write(formula)


def read_formula(text: str) -> Formula:
    """A formula in either notation, as written: no repair is made. Raises ReadError, the one of English."""
    try:
        return english.read(text)
    except ReadError as error:
        try:
            reading = fol.read(text.strip().removesuffix("."))
        except ReadError:
            raise error from None
        if reading.repairs:
            raise error
        return reading.formula


def write_prompt(premises: Sequence[str], conclusion: str) -> str:
    """The part of a trace that the policy is given."""
    lines = [f"  {premise.strip().rstrip('.')} [{index}].\n" for index, premise in enumerate(premises)]
    return f"Premises:\n{''.join(lines)}Conclusion to evaluate: {conclusion.strip().rstrip('.')}.\n{REASONING}"


def write_steps(steps: Iterable[Step]) -> str:
    """The part of a trace that the policy writes. Every step must have an option."""
    return "".join(
        f"{_THOUGHT}{step.thought}\n{_ACTION}{write_option(step.option)}\n" for step in steps if step.option
    )


def write_option(option: Option) -> str:
    return f"{_OPEN}{option.name}{_MIDDLE}{', '.join(map(str, option.args))}{_CLOSE}"


def read_steps(text: str) -> list[Step]:
    """The steps of what a policy wrote: each Thought line with the Action line after it.

    Every other run of lines that are not all blank is one step that could not be read.
    """
    steps: list[Step] = []
    lines = text.split("\n")
    position = number = 0
    while number < len(lines):
        line, begin = lines[number], position
        number, position = number + 1, position + len(line) + 1
        if line.startswith(_THOUGHT):
            option, action = None, min(position, len(text))
            if number < len(lines) and lines[number].startswith(_ACTION):
                option = read_option(lines[number].removeprefix(_ACTION))
                position += len(lines[number]) + 1
                number += 1
            steps.append(Step(line.removeprefix(_THOUGHT), option, (begin, action, min(position, len(text)))))
        elif line.strip():
            while number < len(lines) and not lines[number].startswith(_THOUGHT):
                position += len(lines[number]) + 1
                number += 1
            end = min(position, len(text))
            steps.append(Step(text[begin:end].rstrip(), None, (begin, begin, end)))
    return steps


def first_steps(text: str, count: int) -> str:
    """The text of its first `count` (at least one) steps, and nothing after them.

    One more is kept after a CONCLUDE, so that a trace that goes on still shows that it does.
    """
    steps = read_steps(text)
    if len(steps) > count and (last := steps[count - 1].option) and last.name == CONCLUDE:
        count += 1
    span = steps[count - 1].span if len(steps) > count else None
    return text[: span[2]] if span else text


def read_option(text: str) -> Option | None:
    """The option that an Action names; None where the text is not exactly of that form."""
    if not (text.startswith(_OPEN) and text.endswith(_CLOSE)):
        return None
    name, middle, inner = text[len(_OPEN) : -len(_CLOSE)].partition(_MIDDLE)
    if not middle or not _is_symbol(name):
        return None
    args: list[int | str] = []
    for arg in inner.split(", ") if inner else []:
        if arg.isascii() and arg.isdecimal() and len(arg) <= _MAX_ARGUMENT and str(int(arg)) == arg:
            args.append(int(arg))
        elif _is_symbol(arg) and not arg[0].isdecimal():
            args.append(arg)
        else:
            return None
    return Option(name, tuple(args))


def _is_symbol(text: str) -> bool:
    return 0 < len(text) <= _MAX_ARGUMENT and text.replace("_", "").replace("-", "").isalnum()


def split_claim(thought: str) -> tuple[str, str | None]:
    """What a thought rests on and what it claims: the text after its last marker, None without one."""
    at, marker = max((thought.rfind(marker), marker) for marker in _CLAIM_MARKERS)
    return (thought, None) if at < 0 else (thought[:at], thought[at + len(marker) :])


def split_citation(text: str) -> tuple[str, int | None]:
    """A sentence and the index that follows it in brackets: `Stella is a wumpus [1].` gives 1."""
    text = text.strip().removesuffix(".").rstrip()
    sentence, bracket, index = text.removesuffix("]").rpartition(" [")
    if text.endswith("]") and bracket and index.isascii() and index.isdecimal() and len(index) < 10:
        return sentence, int(index)
    return text, None


def citations(ground: str) -> list[tuple[str, int]]:
    """The sentences that a thought rests on, each with the index it is cited by."""
    found = []
    for part in ground.split("]")[:-1]:
        sentence, index = split_citation(part + "]")
        if index is not None:
            found.append((sentence.removeprefix(", ").removeprefix(" and ").removeprefix("and "), index))
    return found


def think(state: State, cited: Sequence[int], derived: Formula, say: Say) -> str:
    """The Thought of a step: it cites what it uses and names what it derives, at the next index."""
    ground = " and ".join(f"{say(line)} [{i}]" for i in cited if (line := state.lines[i]) is not None)
    return f"{ground}, so {say(derived)} [{len(state.lines)}]."


def think_conclusion(state: State, answer: Answer, say: Say) -> str:
    """The Thought of CONCLUDE: what is to be evaluated, then the formula that settles it and where it stands.

    Both are said so that whoever writes the answer has the two to compare side by side.
    """
    if answer is Answer.UNKNOWN:
        return f"to evaluate: {say(state.goal)}, neither follows nor its negation, so the answer is UNKNOWN."
    settled = state.goal if answer is Answer.TRUE else negation(state.goal)
    at = next((f" [{index}]" for index, line in enumerate(state.lines) if line is settled), "")
    return f"to evaluate: {say(state.goal)}, {say(settled)}{at} holds, so the answer is {answer.name}."
