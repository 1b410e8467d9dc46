"""The kernel: the one place that says whether a step follows. Small, pure and trusted.

It may be believed because it is short: each rule compares formulas by identity, builds its result from parts
of formulas that the state holds, and refuses whatever does not fit. Nothing is parsed, read from disk or
learned here. A `State` is made from premises and a goal and grows by `apply` alone, so a proof is a value that
only the kernel makes: short of writing to private attributes, no caller can put down a line.

What stays true, and why: a line that may be cited follows, in classical logic, from the premises, the open
assumptions and the lines in scope that EXIST_INSTANTIATION derived; and each of these follows from what came
before it, for some individual that its fresh constant names.

- A rule without a scope derives what follows from the lines that it cites (its docstring says why).
- ASSUME adds its line to the open assumptions, so it may assume anything; it takes parts of formulas that are
  there, so that the options are finitely many.
- CONDITIONAL_PROOF and CONTRADICTION close the innermost assumption: the deduction theorem. Its lines
  cannot be cited any more. What is derived names no individual that its scope introduced.
- UNIV_GENERALIZATION asks for a constant in nothing that is assumed: what follows for it follows for all.
- EXIST_INSTANTIATION takes a constant that no line and no goal mentions; dropping its line at the end
  loses nothing, as neither the goal nor a line outside the scope mentions the constant.
- CONCLUDE looks outside every assumption.

A ∀-quantified rule is used through the instance that matching finds; when that leaves a variable free, the
rule does not apply. "¬P" as a premise means the complement of P: ¬P for P, P for ¬P (sound, as ¬¬P is P).

A strict verdict rests on the trusted base (with its lines, docstrings included):

    proof/kernel 398, arguments 90, record 144, option 63        what follows, and what a proof holds
    logic/formula 364, matching 112, answer 21                   what a formula is, and when two are the same
    logic/english 639, english_words 243, fol 561, notations 354 what a sentence or a formula says
    proof/claims 587, text 239, verify 222                       what a Thought claims and an Action names
    logic/entailment 486, solver 176, solver_process 124, z3     for UNKNOWN alone: that neither answer follows

Limits on work (`budget`) are no part of it: they only refuse, and no result is remembered from one step to the
next. tests/proof/test_kernel.py has tables of what each rule derives and what it refuses.

Not covered: functions and equality; ⊕ as a result, other than by refutation; rewriting inside a formula;
whether a proof is short or uses what it derives; one state used by two threads at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count, islice
from string import ascii_uppercase
from types import MappingProxyType
from typing import TypeVar

from sokrates.logic.answer import Answer, Decision
from sokrates.logic.formula import (
    And,
    Bound,
    Constant,
    Exists,
    Forall,
    Formula,
    Iff,
    Implies,
    Not,
    Or,
    Xor,
    negation,
    substitute,
)
from sokrates.logic.matching import Values, add_foralls, is_open, matching_values, numbered_parts, strip_foralls
from sokrates.proof.arguments import Argument as Takes
from sokrates.proof.arguments import Rule, declared
from sokrates.proof.budget import LARGE_FORMULA_NODES, MAX_OPEN_SCOPES, MAX_WORK_NODES, is_too_large, is_too_much
from sokrates.proof.option import Option, Reason
from sokrates.proof.record import Record

ASSUME, WITNESS = "ASSUME", "EXIST_INSTANTIATION"
_SCOPING = frozenset((ASSUME, WITNESS, "CONDITIONAL_PROOF", "CONTRADICTION"))  # the last two close a scope
_SEARCHING = frozenset((ASSUME, "OR_INTRO"))  # they look for a part inside a formula
Result = Formula | Reason | None  # what a rule derives, TOO_LARGE, or None where it does not apply
_Function = TypeVar("_Function", bound=Callable[..., Result])
_RULES: dict[str, Rule] = {}
RULES: Mapping[str, Rule] = MappingProxyType(_RULES)


def _rule(*kinds: Takes) -> Callable[[_Function], _Function]:
    """Declares a rule by the kinds of its function's arguments; the option has the function's name in capitals."""

    def declare(function: _Function) -> _Function:
        rule = declared(function, kinds)
        _RULES[rule.name] = rule
        return function

    return declare


class State(Record):
    """A proof as far as it goes. It grows by `apply` and `conclude` alone, and belongs to one thread."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        raise TypeError("a subclass of State could put down lines of its own")

    def apply(self, option: Option | None) -> Formula | Reason:
        """Puts down what an option derives, or a hole where it is rejected, at the next index; and returns it.

        None is a step without a readable option. CONCLUDE is for `conclude`: here it is no option.
        """
        if self._concluded or option is None:
            self._lines.append(Reason.HOLE)
            return Reason.AFTER_CONCLUDE if self._concluded else Reason.UNPARSED
        rule, args = _RULES.get(option.name), tuple(option.args)  # once: a forged option could change its mind
        result = Reason.UNKNOWN_OPTION if rule is None else self._try(rule, args)
        searches = rule is not None and rule.name in _SEARCHING
        if searches or self._large:
            self._charge(args, searches)
        if rule is None or isinstance(result, Reason):
            self._lines.append(Reason.HOLE)
            return result
        self._work += result.size
        if result.size > LARGE_FORMULA_NODES:
            self._large[len(self._lines)] = result.size
        if rule.name in _SCOPING:  # before the line, so that an interrupt leaves no line without its scope
            self._change_scope(rule.name, args, result)
        self._lines.append(result)
        return result

    def _change_scope(self, name: str, args: tuple[int | str, ...], result: Formula) -> None:
        """What a rule changes that opens a scope, closes one or names an individual."""
        index = len(self._lines)
        if name == ASSUME:
            self._assumptions = (*self._assumptions, index)
        elif name == WITNESS:
            fresh = result.names - self._lines[args[0]].names  # type: ignore
            self._witnesses = (*self._witnesses, (index, fresh))
        else:
            begin = self._assumptions[-1]
            self._names_so_far()
            self._lines[begin:] = [Reason.OUT_OF_SCOPE] * (index - begin)
            self._witnesses = tuple([witness for witness in self._witnesses if witness[0] < begin])
            self._assumptions = self._assumptions[:-1]

    def conclude(self, option: Option, decide: Callable[[], Decision]) -> Answer | Reason:
        """The answer of CONCLUDE, or why it is rejected; it ends the proof, and no later step is valid.

        `decide` is the solver, asked for UNKNOWN alone.
        """
        result = Reason.AFTER_CONCLUDE if self._concluded else self._answer(tuple(option.args), decide)
        self._concluded = True
        self._lines.append(Reason.HOLE)
        return result

    def _answer(self, args: tuple[int | str, ...], decide: Callable[[], Decision]) -> Answer | Reason:
        if len(args) != 1 or type(args[0]) is not int or args[0] not in (0, 1, 2):
            return Reason.WRONG_ARGUMENTS
        answer = Answer(args[0])
        if answer is Answer.UNKNOWN:
            decision = decide()
            if decision is Decision.UNDECIDED:
                return Reason.UNDECIDED
            return answer if decision is Decision.UNKNOWN else Reason.NOT_DERIVED
        goal, outside = self._goal, self._lines[: self._assumptions[0]] if self._assumptions else self._lines
        if answer is Answer.TRUE:
            return answer if goal in outside else Reason.NOT_DERIVED
        return answer if negation(goal) in outside or Not(goal) in outside else Reason.NOT_DERIVED

    def _try(self, rule: Rule, args: tuple[int | str, ...]) -> Formula | Reason:
        """What the rule derives from the arguments, or why it does not. Puts nothing down."""
        if self._work > MAX_WORK_NODES:
            return Reason.TOO_LARGE
        values = rule.bind(args, self._lines, self._goal)
        if isinstance(values, Reason):
            return values
        if rule.needs_state:
            opened = self._assumptions if rule.name == ASSUME else self._witnesses if rule.name == WITNESS else ()
            result = rule.function(self, *values) if len(opened) < MAX_OPEN_SCOPES else None
        else:
            result = rule.function(*values)
        if result is None:
            return Reason.DOES_NOT_APPLY
        return Reason.TOO_LARGE if type(result) is not Reason and is_too_large(result) else result


def derive(state: State, option: Option) -> Formula | Reason:
    """What `state.apply` would derive from an option, or why it would be rejected. Puts nothing down."""
    if state._concluded:
        return Reason.AFTER_CONCLUDE
    rule = _RULES.get(option.name)
    return Reason.UNKNOWN_OPTION if rule is None else state._try(rule, tuple(option.args))


def cited(option: Option) -> list[int]:
    """The indices of the lines that an option of a known rule uses, in the order of its arguments."""
    return _RULES[option.name].cited(option.args)


def _instance(formula: Formula, values: Values, variables: int) -> Result:
    """The formula with its variables' values; None where one that it uses has none. Its size does not change."""
    if len(values) < variables and is_open(formula, values):
        return None
    if is_too_large(formula):
        return Reason.TOO_LARGE
    return substitute(formula, values) if variables else formula


# The rules. Each docstring says what is derived from what, and why. None where the rule does not apply.


@_rule(Takes.LINE, Takes.LINE)
def modus_ponens(fact: Formula, rule: Formula) -> Result:
    """P, P→Q ⊢ Q: what holds of the rule's antecedent holds of its consequent."""
    variables, body = strip_foralls(rule)
    if type(body) is not Implies:
        return None
    values = matching_values(body.left, fact, variables)
    return None if values is None else _instance(body.right, values, variables)


@_rule(Takes.LINE, Takes.LINE)
def modus_tollens(fact: Formula, rule: Formula) -> Result:
    """¬Q, P→Q ⊢ ¬P: if P held, Q would."""
    variables, body = strip_foralls(rule)
    if type(body) is not Implies:
        return None
    values = matching_values(negation(body.right), fact, variables)
    if values is None:
        values = matching_values(Not(body.right), fact, variables)
    antecedent = None if values is None else _instance(body.left, values, variables)
    return Not(antecedent) if isinstance(antecedent, Formula) else antecedent


@_rule(Takes.LINE, Takes.LINE)
def hypothetical_syllogism(first: Formula, second: Formula) -> Result:
    """P→Q, Q→R ⊢ P→R; under the quantifiers of the first, which hold for arbitrary individuals."""
    variables, body = strip_foralls(first)
    if type(body) is not Implies:
        return None
    taken = first.names | second.names
    fresh = (constant for i in count() if (constant := Constant(f"arbitrary {i}")) not in taken)
    arbitrary: Values = {Bound(index): next(fresh) for index in range(variables)}
    consequent = modus_ponens(substitute(body.right, arbitrary), second)
    if not isinstance(consequent, Formula):
        return consequent
    consequent = substitute(consequent, {value: key for key, value in arbitrary.items()})
    return add_foralls(variables, Implies(body.left, consequent))


@_rule(Takes.LINE, Takes.LINE)
def disjunctive_syllogism(disjunction: Formula, fact: Formula) -> Result:
    """P∨Q, ¬P ⊢ Q: one part holds. P⊕Q, ¬P ⊢ Q; P⊕Q, P ⊢ ¬Q: exactly one does. ¬(P⊕Q), P ⊢ Q: both or none."""
    if type(disjunction) is Or:
        rest = [part for part in disjunction.parts if not _opposite(part, fact)]
        return Or(*rest) if len(rest) < len(disjunction.parts) else None
    differ = type(disjunction) is Xor
    either = disjunction if differ else disjunction.body if type(disjunction) is Not else None
    if type(either) is Xor:
        for part, other in (either.left, either.right), (either.right, either.left):
            if part is fact or _opposite(part, fact):
                return other if (part is fact) != differ else Not(other)
    return None


@_rule(Takes.LINE, Takes.CONSTANT)
def univ_instantiation(universal: Formula, name: str) -> Result:
    """∀x P(x) ⊢ P(c): what holds of all holds of c, a constant of any name."""
    return _instance(universal.body, {Bound(0): Constant(name)}, 1) if type(universal) is Forall else None


@_rule(Takes.STATE, Takes.LINE, Takes.CONSTANT)
def univ_generalization(state: State, fact: Formula, name: str) -> Result:
    """P(c), c arbitrary ⊢ ∀x P(x): nothing that P(c) rests on mentions c, so it holds of any individual."""
    constant = Constant(name)
    rests_on = (state._lines[i] for i in (*state._assumptions, *(index for index, _ in state._witnesses)))
    if constant not in fact.names or constant in state._names_of_premises():
        return None
    if any(isinstance(line, Reason) or constant in line.names for line in rests_on):
        return None
    return Reason.TOO_LARGE if is_too_large(fact) else Forall(substitute(fact, {constant: Bound(0)}))


@_rule(Takes.STATE, Takes.LINE)
def exist_instantiation(state: State, existential: Formula) -> Result:
    """∃x P(x) ⊢ P(c) for a constant that is fresh: it names an individual of which P holds."""
    if type(existential) is not Exists:
        return None
    name = "Witness" + "".join(ascii_uppercase[int(digit)] for digit in str(len(state._lines)))
    while Constant(name) in state._names_so_far():
        name += "X"
    return _instance(existential.body, {Bound(0): Constant(name)}, 1)


@_rule(Takes.LINE, Takes.CONSTANT)
def exist_generalization(fact: Formula, name: str) -> Result:
    """P(c) ⊢ ∃x P(x), for every place where c stands: c is such an x."""
    constant = Constant(name)
    if constant not in fact.names:
        return None
    return Reason.TOO_LARGE if is_too_large(fact) else Exists(substitute(fact, {constant: Bound(0)}))


@_rule(Takes.LINE, Takes.LINE, Takes.MORE_LINES)
def and_intro(*parts: Formula) -> Result:
    """P, Q ⊢ P∧Q."""
    return Reason.TOO_LARGE if is_too_much(parts) else And(*parts)


@_rule(Takes.LINE, Takes.NUMBER)
def and_elim(conjunction: Formula, part: int) -> Result:
    """P₀∧…∧Pₙ ⊢ P_k."""
    if type(conjunction) is And and 0 <= part < len(conjunction.parts):
        return conjunction.parts[part]
    return None


@_rule(Takes.LINE, Takes.LINE_OR_GOAL)
def or_intro(fact: Formula, within: Formula) -> Result:
    """P ⊢ the first disjunction, or instance of one, inside `within` (a line or the goal) with P for a part."""
    for formula, variables in numbered_parts(within):
        if type(formula) is Or:
            for part in formula.parts:
                values = matching_values(part, fact, variables)
                instance = None if values is None else _instance(formula, values, variables)
                if instance is not None:
                    return instance
    return None


@_rule(Takes.LINE)
def double_negation(fact: Formula) -> Result:
    """¬¬P ⊢ P."""
    return fact.body.body if type(fact) is Not and type(fact.body) is Not else None


@_rule(Takes.LINE, Takes.LINE, Takes.LINE, Takes.MORE_LINES)
def case_split(disjunction: Formula, *rules: Formula) -> Result:
    """P∨Q (or P⊕Q), P→R, Q→R ⊢ R: one of the parts holds, and each leads to R."""
    if type(disjunction) not in (Or, Xor) or len(rules) != len(disjunction.fields):
        return None
    reached = {modus_ponens(part, rule) for part, rule in zip(disjunction.fields, rules, strict=True)}
    return reached.pop() if len(reached) == 1 else None


@_rule(Takes.LINE, Takes.LINE)
def biconditional_intro(first: Formula, second: Formula) -> Result:
    """P→Q, Q→P ⊢ P↔Q; likewise under the same number of ∀."""
    (variables, there), (others, back) = strip_foralls(first), strip_foralls(second)
    if variables != others or type(there) is not Implies or type(back) is not Implies:
        return None
    if there.left is not back.right or there.right is not back.left:
        return None
    return add_foralls(variables, Iff(there.left, there.right))


@_rule(Takes.LINE, Takes.NUMBER)
def biconditional_elim(biconditional: Formula, direction: int) -> Result:
    """P↔Q ⊢ P→Q (direction 0) or Q→P (direction 1); likewise under ∀."""
    variables, body = strip_foralls(biconditional)
    if type(body) is not Iff or direction not in (0, 1):
        return None
    sides = (body.left, body.right) if direction == 0 else (body.right, body.left)
    return add_foralls(variables, Implies(*sides))


@_rule(Takes.STATE, Takes.LINE_OR_GOAL, Takes.NUMBER, Takes.NUMBER, Takes.MORE_CONSTANTS)
def assume(state: State, within: Formula, part: int, complement: int, *names: str) -> Result:
    """Opens a scope with a part of `within`: number `part`, breadth first, 0 the whole.

    complement: 1 assumes its complement, 0 the part as it stands
    names: constants for the variables of the quantifiers around it, outermost first
    """
    if complement not in (0, 1) or not 0 <= part < within.size:
        return None
    formula, variables = next(islice(numbered_parts(within), part, None))
    if variables != len(names):
        return None
    values: Values = {Bound(i): Constant(name) for i, name in enumerate(reversed(names))}
    return _instance(negation(formula) if complement else formula, values, variables)


@_rule(Takes.STATE, Takes.LINE, Takes.LINE)
def conditional_proof(state: State, assumed: Formula, reached: Formula) -> Result:
    """Assumed P, reached Q ⊢ P→Q, closing P, the innermost assumption.

    What P's scope introduced as a fresh individual must not be in Q.
    """
    if not state._assumptions or state._lines[state._assumptions[-1]] is not assumed:
        return None
    inside = (fresh for index, fresh in state._witnesses if index > state._assumptions[-1])
    return None if any(fresh & reached.names for fresh in inside) else Implies(assumed, reached)


@_rule(Takes.STATE, Takes.LINE, Takes.LINE)
def contradiction(state: State, fact: Formula, denial: Formula) -> Result:
    """P, ¬P ⊢ the complement of the innermost assumption, closing it: both cannot hold, so it does not."""
    if not state._assumptions or not _opposite(fact, denial):
        return None
    assumed = state._lines[state._assumptions[-1]]
    return None if isinstance(assumed, Reason) else negation(assumed)


def _opposite(one: Formula, other: Formula) -> bool:
    return (type(one) is Not and one.body is other) or (type(other) is Not and other.body is one)
