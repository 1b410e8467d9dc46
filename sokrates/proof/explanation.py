"""Why a step is rejected, in one sentence: which line, what it says, and what the rule needed.

A verdict has a reason from a closed list (`option.Reason`); the sentence is for people. It is made on demand, from
the proof replayed up to the step, so checking costs nothing more. Not covered: whether a step is valid
(`kernel`, `verify`), and what would have been the right step (`sokrates.search`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from sokrates.logic.answer import Answer
from sokrates.logic.formula import And, Bound, Constant, Formula, Implies, Not, Or, Xor, negation, substitute
from sokrates.logic.matching import Values, matching_values, numbered_parts, strip_foralls
from sokrates.logic.reading import ReadError
from sokrates.proof.arguments import GOAL, Argument
from sokrates.proof.budget import MAX_DERIVED_NODES, MAX_OPEN_SCOPES, MAX_WORK_NODES
from sokrates.proof.claims import read_thought
from sokrates.proof.kernel import ASSUME, RULES, WITNESS, State, cited
from sokrates.proof.option import Option, Reason
from sokrates.proof.text import CONCLUDE, Say, Step, read_formula
from sokrates.proof.verify import Checked, Verdict, Verifier

MAX_SHOWN = 200  # characters of a formula or a claim
_PLACEHOLDERS = "XYZUVW"  # stand for a rule's variables
_PLACEHOLDER = re.compile(r"\b([XYZUVW])xx(x*)\b")
_KINDS = {
    Argument.LINE: "a line",
    Argument.LINE_OR_GOAL: "a line or the goal",
    Argument.CONSTANT: "a name",
    Argument.NUMBER: "a number",
}


def explanations(verifier: Verifier, checked: Checked, say: Say) -> Iterator[str | None]:
    """For each step of a checked trace why it is not valid; None where it is.

    say: writes a formula as the reader of the sentence knows it (`Problem.say`)
    """
    state = State(verifier.premises, verifier.goal)
    for step, verdict in zip(checked.steps, checked.verdicts, strict=True):
        yield None if verdict.reason is None else explain(state, step, verdict, say)
        state.apply(step.option)


def explain(state: State, step: Step, verdict: Verdict, say: Say) -> str:
    """Why the step is not valid in the state that it was taken in."""
    match verdict.reason:
        case Reason.AFTER_CONCLUDE:
            return "the proof ended with the CONCLUDE before it"
        case Reason.UNPARSED:
            return 'the step needs a line `Thought: …` and then one `Action: <Option type="NAME" args="[…]" />`'
        case Reason.NO_CLAIM:
            said = "assume that …" if step.option and step.option.name == ASSUME else ", so …"
            return f'the Thought has to state what the step derives and nothing else, as "{said}"'
        case Reason.UNREADABLE_CLAIM:
            return _why_unreadable(step)
        case Reason.OTHER_CLAIM if verdict.claim is not None and verdict.derived is not None:
            return f"the Thought claims {_quoted(verdict.claim, say)}, but {verdict.option} derives " + _quoted(
                verdict.derived, say
            )
    assert step.option is not None and verdict.reason is not None
    name = step.option.name
    why = _why_no_answer if name == CONCLUDE else _why_rejected
    return f"{str(step.option)[:MAX_SHOWN]}: {why(state, step.option, verdict.reason, say)}"


def _why_unreadable(step: Step) -> str:
    assertion = read_thought(step.thought, step.option is not None and step.option.name == ASSUME)
    if assertion.persons:
        return "the claim speaks of people, and the problem of what may be none"
    claim = assertion.unread
    try:
        read_formula(claim)
    except ReadError as error:
        return f"the claim cannot be read: {error}"
    return f"the claim {claim[:MAX_SHOWN]!r} gives its formula more than one index"


def _why_no_answer(state: State, option: Option, reason: Reason, say: Say) -> str:
    if reason is Reason.WRONG_ARGUMENTS:
        return "it takes one number: 0 for TRUE, 1 for FALSE, 2 for UNKNOWN"
    if reason is Reason.UNDECIDED:
        return "the solver reached its limit before it could say whether the conclusion follows"
    if option.args[0] == Answer.UNKNOWN.value:
        return f"the premises do settle {_quoted(state.goal, say)}, so the answer is not UNKNOWN"
    settling = state.goal if option.args[0] == Answer.TRUE.value else negation(state.goal)
    if settling in state.lines:
        return f"{_quoted(settling, say)} was derived only under an assumption that is still open"
    return f"no line says {_quoted(settling, say)}"


def _why_rejected(state: State, option: Option, reason: Reason, say: Say) -> str:
    rule = RULES.get(option.name)
    if rule is None:
        return f"there is no such option; there are {', '.join(RULES)} and {CONCLUDE}"
    if reason is Reason.WRONG_ARGUMENTS:
        more = f" and any number of {_KINDS[rule.more].removeprefix('a ')}s more" if rule.more else ""
        return f"it takes {', '.join(_KINDS[kind] for kind in rule.kinds)}{more}"
    if reason is Reason.TOO_LARGE and state.work > MAX_WORK_NODES:
        return f"the steps before it have used up the work that a proof may take ({MAX_WORK_NODES} nodes)"
    if reason is Reason.TOO_LARGE:
        return f"what it derives has more than {MAX_DERIVED_NODES} nodes, or is nested too deep"
    if reason is Reason.DOES_NOT_APPLY:
        return _NEEDS[option.name](_Cited(state, option, say))
    wrong = next(i for i in cited(option) if not 0 <= i < len(state.lines) or state.lines[i] is reason)
    if reason is Reason.OUT_OF_RANGE:
        return f"there is no line {wrong}; the lines so far are 0 to {len(state.lines) - 1}"
    if reason is Reason.HOLE:
        return f"line {wrong} derives nothing, as its step was rejected"
    return f"line {wrong} belongs to an assumption that is closed, so it cannot be cited"


class _Cited:
    """What an option cites, in words."""

    def __init__(self, state: State, option: Option, say: Say) -> None:
        self.state, self.args, self.say = state, option.args, say

    def formula(self, place: int) -> Formula:
        arg = self.args[place]
        return self.state.goal if arg == GOAL else self.state.lines[arg]

    def line(self, place: int) -> str:
        """`line 3, "every tumpus is a wumpus",` for one of the arguments."""
        arg = self.args[place]
        where = "the goal" if arg == GOAL else f"line {arg}"
        return f"{where}, {self.quoted(self.formula(place))},"

    def says(self, place: int) -> str:
        return f"line {self.args[place]} says {self.quoted(self.formula(place))}"

    def quoted(self, formula: Formula) -> str:
        return _quoted(formula, self.say)

    def form(self, pattern: Formula, variables: int) -> str:
        """A pattern with X, Y, … for its variables."""
        # English takes no single letter for a name, so a longer one is written, and shortened where it stands.
        names: Values = {Bound(i): Constant(f"{_PLACEHOLDERS[i % 6]}xx{'x' * (i // 6)}") for i in range(variables)}
        text = self.quoted(substitute(pattern, names) if names else pattern)
        return _PLACEHOLDER.sub(lambda name: name[1] + "'" * len(name[2]), text)


def _quoted(formula: Formula, say: Say) -> str:
    text = say(formula)
    return f'"{text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"}"'


def _modus_ponens(cite: _Cited) -> str:
    variables, body = strip_foralls(cite.formula(1))
    if not isinstance(body, Implies):
        return f"{cite.line(1)} is not a rule: it needs an implication"
    form = cite.form(body.left, variables)
    if matching_values(body.left, cite.formula(0), variables) is not None:
        return f"{cite.line(1)} has a variable that {form} gives no value"
    needed = f"a premise of the form {form}" if variables else f"the premise {form}"
    return f"{cite.line(1)} needs {needed}; {cite.says(0)}"


def _modus_tollens(cite: _Cited) -> str:
    variables, body = strip_foralls(cite.formula(1))
    if not isinstance(body, Implies):
        return f"{cite.line(1)} is not a rule: it needs an implication"
    form = cite.form(negation(body.right), variables)
    return f"{cite.line(1)} needs a premise of the form {form}, which denies its consequent; {cite.says(0)}"


def _hypothetical_syllogism(cite: _Cited) -> str:
    for place in (0, 1):
        if not isinstance(strip_foralls(cite.formula(place))[1], Implies):
            return f"{cite.line(place)} is not a rule: it needs two implications"
    (variables, first), (others, second) = strip_foralls(cite.formula(0)), strip_foralls(cite.formula(1))
    reached, needed = cite.form(first.fields[1], variables), cite.form(second.fields[0], others)
    return f"{cite.line(0)} leads to {reached}, but {cite.line(1)} starts from {needed}"


def _disjunctive_syllogism(cite: _Cited) -> str:
    either = cite.formula(0)
    body = either.body if isinstance(either, Not) else either
    if not isinstance(either, Or) and not isinstance(body, Xor):
        return f"{cite.line(0)} is not a disjunction"
    parts = " or ".join(cite.quoted(negation(part)) for part in islice(body.fields, 6))
    also = ", or one of its parts" if isinstance(body, Xor) else ""
    return f"{cite.line(0)} needs a line that denies one of its parts, as {parts}{also}; {cite.says(1)}"


def _univ_generalization(cite: _Cited) -> str:
    name = Constant(str(cite.args[1]))
    if name not in cite.formula(0).names:
        return f"{cite.line(0)} does not mention {name.name}"
    resting = next((formula for formula in cite.state.assumed() if name in formula.names), None)
    because = f"{cite.quoted(resting)} is about it" if resting else "an open scope is about it"
    return f"{name.name} is not arbitrary: {because}"


def _exist_instantiation(cite: _Cited) -> str:
    if len(cite.state.witnesses) == MAX_OPEN_SCOPES:
        return f"{MAX_OPEN_SCOPES} individuals are named already, which is the most"
    return f"{cite.line(0)} does not say that something exists"


def _or_intro(cite: _Cited) -> str:
    return f"{cite.line(1)} has no disjunction with {cite.quoted(cite.formula(0))} for a part"


def _case_split(cite: _Cited) -> str:
    either = cite.formula(0)
    if not isinstance(either, Or | Xor):
        return f"{cite.line(0)} is not a disjunction"
    if len(cite.args) - 1 != len(either.fields):
        return f"{cite.line(0)} has {len(either.fields)} cases, and {len(cite.args) - 1} are given"
    return f"the cases do not lead from each part of {cite.quoted(either)}, in this order, to one conclusion"


def _biconditional_intro(cite: _Cited) -> str:
    return f"{cite.line(0)} and {cite.line(1)} are not an implication and its converse"


def _biconditional_elim(cite: _Cited) -> str:
    if cite.args[1] not in (0, 1):
        return f"the direction is 0, left to right, or 1, right to left, not {cite.args[1]}"
    return f"{cite.line(0)} is not a biconditional"


def _assume(cite: _Cited) -> str:
    whole, part, complement, *names = cite.formula(0), *cite.args[1:]
    if len(cite.state.assumptions) == MAX_OPEN_SCOPES:
        return f"{MAX_OPEN_SCOPES} assumptions are open already, which is the most"
    if complement not in (0, 1):
        return f"the third argument is 0, the part itself, or 1, its complement, not {complement}"
    if not isinstance(part, int) or not 0 <= part < whole.size:
        return f"{cite.line(0)} has the parts 0 to {whole.size - 1}, not {part}"
    variables = next(islice(numbered_parts(whole), part, None))[1]
    return (
        f"part {part} of {cite.quoted(whole)} is under {variables} quantifiers, and {len(names)} names are given"
    )


def _conditional_proof(cite: _Cited) -> str:
    assumptions = cite.state.assumptions
    if not assumptions:
        return "no assumption is open"
    if cite.formula(0) is not cite.state.lines[assumptions[-1]]:
        innermost = cite.quoted(cite.state.lines[assumptions[-1]])
        return f"it closes the innermost assumption, line {assumptions[-1]}, {innermost}, and {cite.says(0)}"
    return f"{cite.line(1)} mentions an individual that {WITNESS} named under the assumption"


def _contradiction(cite: _Cited) -> str:
    if not cite.state.assumptions:
        return "no assumption is open that it could refute"
    return f"{cite.line(0)} and {cite.line(1)} do not contradict each other"


def _and_elim(cite: _Cited) -> str:
    whole = cite.formula(0)
    if not isinstance(whole, And):
        return f"{cite.line(0)} is not a conjunction"
    return f"{cite.line(0)} has {len(whole.parts)} parts, counted from 0: there is no part {cite.args[1]}"


_NEEDS: dict[str, Callable[[_Cited], str]] = {
    "MODUS_PONENS": _modus_ponens,
    "MODUS_TOLLENS": _modus_tollens,
    "HYPOTHETICAL_SYLLOGISM": _hypothetical_syllogism,
    "DISJUNCTIVE_SYLLOGISM": _disjunctive_syllogism,
    "UNIV_INSTANTIATION": lambda cite: f"{cite.line(0)} does not speak of everything: it needs a leading ∀",
    "UNIV_GENERALIZATION": _univ_generalization,
    "EXIST_INSTANTIATION": _exist_instantiation,
    "EXIST_GENERALIZATION": lambda cite: f"{cite.line(0)} does not mention {cite.args[1]}",
    "AND_ELIM": _and_elim,
    "OR_INTRO": _or_intro,
    "CASE_SPLIT": _case_split,
    "BICONDITIONAL_INTRO": _biconditional_intro,
    "BICONDITIONAL_ELIM": _biconditional_elim,
    "DOUBLE_NEGATION": lambda cite: f"{cite.line(0)} does not begin with two negations",
    ASSUME: _assume,
    "CONDITIONAL_PROOF": _conditional_proof,
    "CONTRADICTION": _contradiction,
}  # AND_INTRO always applies
