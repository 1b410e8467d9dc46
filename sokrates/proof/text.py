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

Anything else is read as an unparsed step: reading never fails, never loses text, and takes time linear in the
text's length. Not covered: what a Thought claims (`sokrates.proof.claims`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sokrates.logic import english, fol
from sokrates.logic.answer import Answer
from sokrates.logic.formula import Formula, negation
from sokrates.logic.reading import ReadError
from sokrates.proof.kernel import ASSUME, State, cited
from sokrates.proof.option import MAX_SYMBOL, QUOTED, Option, Reason, is_symbol, write_argument

CONCLUDE = "CONCLUDE"
REASONING = "Reasoning:\n"  # ends a prompt, on a token boundary
_ACTION = len("Action: ")
# A Thought line with the Action line after it, or all lines up to the next Thought. Linear: characters are taken
# possessively, and nothing follows a group that could fail and send it back. The groups themselves are not
# possessive: before 3.11.5 Python reads such a group past the line that its lookahead forbids.
_RUN = re.compile(
    r"Thought: ([^\n]*+)\n?+(?:[ \t]*+Action: ([^\n]*+)\n?+)?"
    r"|((?:(?!Thought: )[^\n]*+\n)*(?:(?!Thought: )[^\n]++)?)"
)
_BLANK_LINES = re.compile(r"(?:[^\S\n]*+\n)*")
_OPEN, _MIDDLE, _CLOSE = '<Option type="', '" args="[', ']" />'
_ARGUMENT = re.compile(rf"(?:(?<=,)|\A)((?:\s*{QUOTED})?[^,]*+)")  # the text between two commas
_IS_QUOTED = re.compile(QUOTED)
_ESCAPED = re.compile(r"\\(.)")
_MAX_CACHED_CHARACTERS = 300  # of a text that a cache keeps
# Not part of a step: labels on a line of their own, and tokens with which models end a text.
END_OF_TEXT = ("<|im_end|>", "<|endoftext|>", "<|end_of_text|>", "<|eot_id|>", "<|end|>", "</s>", "<eos>")
_STEP_LABEL = r"(?:\#+ )?\**(?:Step [0-9]{1,9}[:.]?|[0-9]{1,9}[.)])\**:?"
_NO_STEP = re.compile(
    rf"(?:[^\S\n]*+(?:{_STEP_LABEL}|{'|'.join(map(re.escape, END_OF_TEXT))})?[^\S\n]*+(?:\n|\Z))*"
)


@dataclass(slots=True)
class Step:
    """A thought and the option it takes; `option` is None where the text could not be read.

    span: where its text begins and ends in the completion, and where the Action begins within it (characters);
        None for a step that was not read from text
    """

    thought: str
    option: Option | None
    span: tuple[int, int, int] | None = field(default=None, compare=False, repr=False)

    @property
    def place(self) -> tuple[int, int, int]:
        """The span of a step that was read from text."""
        assert self.span is not None
        return self.span


Say = Callable[[Formula], str]


def say_with(nouns: Iterable[str]) -> Say:
    """A writer of formulas: as English where they have a form, with these nouns, else in FOL notation."""
    known = frozenset(nouns)
    return lambda formula: english.write(formula, known) or fol.write(formula)


def read_formula(text: str) -> Formula:
    """A formula in either notation, as written: no repair is made. Raises ReadError, the one of English."""
    return _read_formula(text) if len(text) <= _MAX_CACHED_CHARACTERS else _read_formula.__wrapped__(text)


@lru_cache(maxsize=1 << 16)
def _read_formula(text: str) -> Formula:
    try:
        return english.read(text)
    except ReadError as error:
        try:
            reading = fol.read(text.strip().removesuffix("."))
        except ReadError:
            raise error from None
        if not {*reading.repairs} <= {fol.Repair.NARROW_SCOPE}:  # ∀x P(x) → Q as every logic book has it
            raise error
        return reading.formula


def write_prompt(premises: Sequence[str], conclusion: str) -> str:
    """The part of a trace that the policy is given."""
    lines = [f"  {premise.strip().rstrip('.')} [{index}].\n" for index, premise in enumerate(premises)]
    return f"Premises:\n{''.join(lines)}Conclusion to evaluate: {conclusion.strip().rstrip('.')}.\n{REASONING}"


def read_prompt(prompt: str) -> tuple[list[str], str]:
    """The premises and the conclusion of a prompt. Raises ReadError for a malformed prompt."""
    head, listed, rest = prompt.partition("Premises:\n")
    given, evaluate, rest = rest.partition("Conclusion to evaluate: ")
    conclusion, ended, after = rest.partition(f"\n{REASONING}")
    premises = [split_citation(line) for line in given.splitlines()]
    if head or after or not (listed and evaluate and ended):
        raise ReadError("not a prompt of the traces' form", prompt, 0)
    if [index for _, index in premises] != list(range(len(premises))):
        raise ReadError("the premises are not numbered from 0", prompt, len(listed))
    return [f"{sentence}." for sentence, _ in premises], conclusion


def write_steps(steps: Iterable[Step]) -> str:
    """The part of a trace that the policy writes. Every step must have an option."""
    return "".join(
        f"Thought: {step.thought}\nAction: {write_option(step.option)}\n" for step in steps if step.option
    )


def write_option(option: Option) -> str:
    return f"{_OPEN}{option.name}{_MIDDLE}{', '.join(map(write_argument, option.args))}{_CLOSE}"


def read_steps(text: str) -> list[Step]:
    """The steps that a policy wrote: each Thought line with the Action line after it.

    Any other run of lines is one unparsed step, unless all of them are blank.
    """
    steps: list[Step] = []
    for run in _RUN.finditer(text):
        thought, action, other = run.groups()
        begin, end = run.span()
        if thought is not None:
            option = None if action is None else read_option(action)
            steps.append(Step(thought, option, (begin, end if action is None else run.start(2) - _ACTION, end)))
        elif not _NO_STEP.fullmatch(other):
            begin += _BLANK_LINES.match(other).end()  # type: ignore[union-attr]
            steps.append(Step(text[begin:end].rstrip(), None, (begin, begin, end)))
    return steps


def first_steps(text: str, count: int) -> str:
    """The text of its first `count` (at least one) steps, and nothing after them.

    After a CONCLUDE one more is kept, to show that the trace goes on.
    """
    steps = read_steps(text)
    if len(steps) > count and (last := steps[count - 1].option) and last.name == CONCLUDE:
        count += 1
    return text[: steps[count - 1].place[2]] if len(steps) > count else text


def read_option(text: str) -> Option | None:
    """The option that an Action names; None where the text is not of that form.

    Spaces around it and around an argument do not count. An argument is an index, a name of letters, digits, _ and
    -, or any name in single quotes: 'Mt. Rainier'. `CONCLUDE` may name its answer: [TRUE].
    """
    return _read_option(text) if len(text) <= _MAX_CACHED_CHARACTERS else _read_option.__wrapped__(text)


@lru_cache(maxsize=1 << 14)
def _read_option(text: str) -> Option | None:
    text = text.strip()
    while text.endswith(END_OF_TEXT):
        text = text[: text.rindex("<")].rstrip()
    if not (text.startswith(_OPEN) and text.endswith(_CLOSE)):
        return None
    name, middle, inner = text[len(_OPEN) : -len(_CLOSE)].partition(_MIDDLE)
    args = _read_args(inner) if middle and is_symbol(name) else None
    if args is None:
        return None
    if name == CONCLUDE and len(args) == 1 and args[0] in Answer.__members__:
        args = [Answer[str(args[0])].value]
    return Option(name, tuple(args))


def _read_args(inner: str) -> list[int | str] | None:
    args: list[int | str] = []
    for arg in _ARGUMENT.findall(inner) if inner.strip() else []:
        arg = arg.strip()
        if arg.isascii() and arg.isdecimal() and len(arg) <= MAX_SYMBOL and str(int(arg)) == arg:
            args.append(int(arg))
        elif is_symbol(arg) and not arg[0].isdecimal():
            args.append(arg)
        elif _IS_QUOTED.fullmatch(arg):
            args.append(_ESCAPED.sub(lambda escaped: "\n" if escaped[1] == "n" else escaped[1], arg[1:-1]))
        else:
            return None
    return args


def read_call(text: str) -> Option | None:
    """The option that is written as people write it, `MODUS_PONENS(1, 0)`."""
    name, bracket, args = text.strip().partition("(")
    return read_option(f"{_OPEN}{name}{_MIDDLE}{args[:-1]}{_CLOSE}") if bracket and args.endswith(")") else None


def split_citation(text: str) -> tuple[str, int | None]:
    """A sentence and the index that follows it in brackets: `Stella is a wumpus [1].` gives 1."""
    sentence, _, cited = text.rpartition(" [")
    index, bracket, rest = cited.partition("]")
    if bracket and _is_index(index) and rest.strip() in ("", "."):
        return sentence.strip(), int(index)
    return text.strip().removesuffix(".").rstrip(), None


def _is_index(text: str) -> bool:
    return len(text) < 10 and text.isascii() and text.isdecimal()


def think(state: State, option: Option, derived: Formula, say: Say) -> str:
    """The Thought of a step: it cites what it uses and names what it derives, at the next index."""
    claim = f"{say(derived)} [{len(state.lines)}]."
    if option.name == ASSUME:
        return f"assume that {claim}"
    lines = [(index, state.lines[index]) for index in cited(option)]
    ground = " and ".join(f"{say(line)} [{index}]" for index, line in lines if not isinstance(line, Reason))
    return f"{ground}, so {claim}"


def think_conclusion(state: State, answer: Answer, say: Say) -> str:
    """The Thought of CONCLUDE: what is to be evaluated, then the formula that settles it, with its index.

    It states both, so that a model has the two side by side when it writes the answer.
    """
    if answer is Answer.UNKNOWN:
        return f"to evaluate: {say(state.goal)}, neither follows nor its negation, so the answer is UNKNOWN."
    settled = state.goal if answer is Answer.TRUE else negation(state.goal)
    citation = next((f" [{index}]" for index, line in enumerate(state.lines) if line is settled), "")
    return f"to evaluate: {say(state.goal)}, {say(settled)}{citation} holds, so the answer is {answer.name}."
