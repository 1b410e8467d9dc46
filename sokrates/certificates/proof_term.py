"""Proofs as terms of Coq: what each step of a strictly valid trace derives, as natural deduction.

Each line becomes `let h4 : what it says := a term in`, so Coq checks every step and not the conclusion alone. A
step that needs no scope is the term that its rule stands for: MODUS_PONENS is application, AND_ELIM a projection.

- ASSUME to the CONDITIONAL_PROOF or CONTRADICTION that closes it is one function of the assumption, and the lines
  in between stand inside. A scope that is open at the end proves `True`, so that its steps are checked too.
- EXIST_INSTANTIATION is a `match` around all that follows in its scope.
- A line that mentions a constant of which nothing is assumed is proved for every individual, as
  `let h4 : forall y : D, …`. Whoever cites it says for which one; UNIV_GENERALIZATION says for all.

Nothing here is trusted: a wrong term is one that Coq refuses. Not covered: UNKNOWN, which models show
(`sokrates.certificates.models`); the steps before it are checked here, with the conclusion `True`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from sokrates.certificates.statement import Names, proposition
from sokrates.certificates.terms import applied, cases, function, injection, nested, projection
from sokrates.logic.answer import Answer
from sokrates.logic.formula import (
    TRUTH,
    And,
    Bound,
    Constant,
    Formula,
    Implies,
    Not,
    Or,
    Term,
    Xor,
    negation,
    substitute,
)
from sokrates.logic.matching import Values, matching_values, strip_foralls
from sokrates.proof.kernel import ASSUME, WITNESS
from sokrates.proof.option import Option

_CLOSING: Final = ("CONDITIONAL_PROOF", "CONTRADICTION")
_ANYONE: Final = "d"  # the individual that is there in any domain


def proof_term(
    names: Names,
    premises: Sequence[Formula],
    goal: Formula,
    answer: Answer,
    steps: Sequence[tuple[Option, Formula]],
) -> str:
    """The term that proves that the premises entail the goal or its negation; of UNKNOWN, `True`.

    steps: the options of a valid trace but for CONCLUDE, each with what it derives
    """
    writer = _Writer(names, premises, goal, steps)
    identifiers = ["classical", "D", "d", *names.predicates.values(), *names.constants.values()]
    identifiers += [line.term for line in writer.lines if line]
    return f"fun {' '.join(identifiers)} =>\n{writer.written(answer)}"


class _Line(NamedTuple):
    """A line that may be cited.

    parameters: the constants for every value of which it is proved, in the order of the term's arguments
    """

    formula: Formula
    term: str
    parameters: tuple[Constant, ...] = ()


class _Individuals(dict[Constant, str]):
    """What stands for each constant: an identifier of Coq. A constant that nothing is known of may be anyone."""

    def __missing__(self, constant: Constant) -> str:
        return _ANYONE

    def with_values(self, values: Mapping[Constant, str]) -> _Individuals:
        return _Individuals({**self, **values})


class _Writer:
    """Writes a trace from its first step to its last.

    lines: as in the proof state; None where a line cannot be cited any more
    individuals: what stands for each constant here
    fixed: the constants of which something is assumed here, so that lines are not proved for all their values
    """

    def __init__(
        self, names: Names, premises: Sequence[Formula], goal: Formula, steps: Sequence[tuple[Option, Formula]]
    ) -> None:
        self._names, self._goal, self._steps = names, goal, steps
        self._premises = len(premises)
        self._closed_by = _closed_by(steps)
        self.lines: list[_Line | None] = [_Line(premise, f"h{i}") for i, premise in enumerate(premises)]
        self._individuals = _Individuals(names.constants)
        self._fixed = frozenset[Constant]().union(*(premise.names for premise in premises))

    def written(self, answer: Answer) -> str:
        """The term's body: the steps, then the line that the answer rests on."""
        return self._block(0, len(self._steps), lambda: self._conclusion(answer))

    def _conclusion(self, answer: Answer) -> str:
        if answer is Answer.UNKNOWN:
            return "I"
        denial = Not(self._goal)
        wanted = (self._goal,) if answer is Answer.TRUE else (negation(self._goal), denial)
        number = next(n for n, line in enumerate(self.lines) if line and line.formula in wanted)
        term = self._cited(number, self._individuals)
        if answer is Answer.FALSE and self._formula(number) is not denial:
            return f"fun goal => goal {term}"
        return term

    # Scopes

    def _block(self, begin: int, end: int, result: Callable[[], str]) -> str:
        """The steps from `begin` to before `end`, around what `result` writes once they stand."""
        text: list[str] = []
        witnesses = 0
        while begin < end:
            option, formula = self._steps[begin]
            if option.name == ASSUME:
                close = self._closed_by.get(begin, end)
                text.append(self._scope(begin, close))
                begin = close
            elif option.name == WITNESS:
                text.append(self._witness(begin, option, formula))
                witnesses += 1
            else:
                text.append(self._let(begin, formula, partial(self._term, option, formula)))
            begin += 1
        return "".join([*text, result(), " end" * witnesses])

    def _let(self, step: int, formula: Formula, write: Callable[[_Individuals], str]) -> str:
        """The line of a step, proved for every value of its constants that are not fixed."""
        number = self._premises + step
        parameters = tuple(sorted(formula.names - self._fixed, key=lambda constant: constant.name))
        # By the line where it begins: scopes that stay open end at one place, one inside the other.
        variables = [f"y{len(self.lines)}_{i}" for i in range(len(parameters))]
        local = self._individuals.with_values(dict(zip(parameters, variables, strict=True)))
        term, says = write(local), self._says(formula, local)
        self.lines.append(_Line(formula, f"h{number}", parameters))
        if variables:
            says, term = f"forall {' '.join(variables)} : D, {says}", f"fun {' '.join(variables)} => {term}"
        return f"let h{number} : {says} :=\n  {term} in\n"

    def _scope(self, begin: int, close: int) -> str:
        """From an ASSUME to the step that closes it, whose line it is; or to the end, a line that nobody cites."""
        assumed, first = self._steps[begin][1], self._premises + begin
        option, formula = self._steps[close] if close < len(self._steps) else (None, Implies(assumed, TRUTH))

        def write(local: _Individuals) -> str:
            outside = self._individuals, self._fixed
            self._individuals, self._fixed = local, self._fixed | assumed.names
            self.lines.append(_Line(assumed, f"h{first}"))
            body = self._block(begin + 1, close, partial(self._reached, option))
            self._individuals, self._fixed = outside
            self.lines[first:] = [None] * (close - begin)
            lemma = f"fun h{first} =>\n{body}"
            if option is not None and option.name == "CONTRADICTION" and type(assumed) is Not:
                return f"classical {self._argument(assumed.body, local)} ({lemma})"
            return lemma

        return self._let(close, formula, write)

    def _reached(self, option: Option | None) -> str:
        """What a scope ends with: what the option that closes it cites, nothing where it stays open."""
        if option is None:
            return "I"
        if option.name == "CONDITIONAL_PROOF":
            return self._cited(option.args[1], self._individuals)
        return _absurd(*[_Cited(self._formula(i), self._cited(i, self._individuals)) for i in option.args])

    def _witness(self, step: int, option: Option, formula: Formula) -> str:
        """∃x P(x) ⊢ P(w): the start of a `match` that ends with the scope."""
        number = self._premises + step
        existential = self._cited(option.args[0], self._individuals)
        fresh = formula.names - self._formula(option.args[0]).names
        self._individuals = self._individuals.with_values(dict.fromkeys(fresh, f"w{number}"))
        self._fixed |= formula.names
        self.lines.append(_Line(formula, f"h{number}"))
        says = self._says(formula, self._individuals)
        return f"match {existential} with ex_intro _ w{number} e =>\nlet h{number} : {says} := e in\n"

    # Rules without a scope

    def _term(self, option: Option, formula: Any, local: _Individuals) -> str:
        """The term for a step that derives `formula`; `local` says what stands for its constants."""
        name: str = option.name
        args: tuple[Any, ...] = option.args
        match name:
            case "UNIV_INSTANTIATION":
                return f"{self._cited(args[0], local)} {local[Constant(args[1])]}"
            case "UNIV_GENERALIZATION":
                return f"fun z => {self._cited(args[0], local.with_values({Constant(args[1]): 'z'}))}"
            case "EXIST_GENERALIZATION":
                body = proposition(formula.body, self._names, local, ("z",))
                return f"ex_intro (fun z : D => {body}) {local[Constant(args[1])]} {self._cited(args[0], local)}"
            case "AND_INTRO":
                return self._conjunction(args, local)
            case "AND_ELIM":
                return projection(self._cited(args[0], local), args[1], len(self._formula(args[0]).parts))
            case "OR_INTRO":
                part = self._formula(args[0])
                return injection(self._cited(args[0], local), formula.parts.index(part), len(formula.parts))
            case "DOUBLE_NEGATION":
                return f"classical {self._argument(formula, local)} {self._cited(args[0], local)}"
            case "BICONDITIONAL_ELIM":
                variables = _variables(formula)
                return f"{function(variables)}proj{args[1] + 1} {applied(self._cited(args[0], local), variables)}"
            case "BICONDITIONAL_INTRO":
                variables = _variables(formula)
                sides = [applied(self._cited(i, local), variables) for i in args]
                return f"{function(variables)}conj {' '.join(sides)}"
        first, second, *more = [_Cited(self._formula(i), self._cited(i, local)) for i in args]
        match name:
            case "MODUS_PONENS":
                return _application(first, second, local)
            case "MODUS_TOLLENS":
                return _modus_tollens(first, second, local)
            case "HYPOTHETICAL_SYLLOGISM":
                return _hypothetical_syllogism(first, second, local)
            case "DISJUNCTIVE_SYLLOGISM":
                return _disjunctive_syllogism(first, second, self._argument(formula, local))
            case "CASE_SPLIT":
                rules = zip(first.formula.fields, (second, *more), strict=True)
                leads = [_application(_Cited(part, "a"), rule, local) for part, rule in rules]
                return cases(f"(proj1 {first.term})" if type(first.formula) is Xor else first.term, leads)
        raise AssertionError(option)

    def _conjunction(self, args: Sequence[int | str], local: _Individuals) -> str:
        """The parts of the lines in one flat conjunction: one that is a conjunction itself is taken apart."""
        opened: list[str] = []
        parts: list[str] = []
        for number, index in enumerate(args):
            formula, term = self._formula(index), self._cited(index, local)
            if type(formula) is And:
                names = [f"b{number}_{i}" for i in range(len(formula.parts))]
                opened.append(f"match {term} with {nested('conj', names) or 'I'} => ")
                parts += names
            else:
                parts.append(term)
        return "".join(opened) + (nested("conj", parts) or "I") + " end" * len(opened)

    # Lines

    def _line(self, index: int | str) -> _Line:
        line = self.lines[index] if isinstance(index, int) else None
        assert line is not None, index
        return line

    def _formula(self, index: int | str) -> Any:
        return self._line(index).formula

    def _cited(self, index: int | str, individuals: _Individuals) -> str:
        """The term for a line, as an argument; `individuals` says for whom it is cited."""
        line = self._line(index)
        return applied(line.term, [individuals[constant] for constant in line.parameters])

    def _says(self, formula: Formula, individuals: _Individuals) -> str:
        return proposition(formula, self._names, individuals)

    def _argument(self, formula: Formula, individuals: _Individuals) -> str:
        return f"({self._says(formula, individuals)})"


def _closed_by(steps: Sequence[tuple[Option, Formula]]) -> dict[int, int]:
    """For each ASSUME that is closed, the step that closes it."""
    closed_by: dict[int, int] = {}
    open_scopes: list[int] = []
    for step, (option, _) in enumerate(steps):
        if option.name == ASSUME:
            open_scopes.append(step)
        elif option.name in _CLOSING:
            closed_by[open_scopes.pop()] = step
    return closed_by


# Terms


class _Cited(NamedTuple):
    """A formula and a term that proves it, written so that it can be an argument."""

    formula: Any
    term: str


def _variables(formula: Formula) -> list[str]:
    """A name for each leading ∀, outermost first."""
    return [f"z{i}" for i in range(strip_foralls(formula)[0])]


def _absurd(one: _Cited, other: _Cited) -> str:
    """⊥ from a formula and its denial, in either order."""
    if type(one.formula) is Not and one.formula.body is other.formula:
        return f"({one.term} {other.term})"
    return f"({other.term} {one.term})"


def _opposite(one: Formula, other: Formula) -> bool:
    return Not(one) is other or Not(other) is one


def _application(fact: _Cited, rule: _Cited, local: _Individuals) -> str:
    """P, ∀…(P→Q) ⊢ Q."""
    variables, body = strip_foralls(rule.formula)
    values = matching_values(body.fields[0], fact.formula, variables) or {}
    return f"({_instance(rule, values, local)} {fact.term})"


def _instance(universal: _Cited, values: Values, local: _Individuals) -> str:
    """A line for these values of its leading variables; one without a value may be anyone."""
    variables = [Bound(i) for i in reversed(range(strip_foralls(universal.formula)[0]))]
    arguments = [local[values[v]] if v in values else _ANYONE for v in variables]  # type: ignore[index]
    return applied(universal.term, arguments)


def _modus_tollens(fact: _Cited, rule: _Cited, local: _Individuals) -> str:
    variables, body = strip_foralls(rule.formula)
    consequent = body.fields[1]
    values = matching_values(negation(consequent), fact.formula, variables)
    if values is None:
        values = matching_values(Not(consequent), fact.formula, variables) or {}
    reached = _Cited(substitute(consequent, values), f"({_instance(rule, values, local)} p)")
    return f"fun p => {_absurd(reached, fact)}"


def _hypothetical_syllogism(first: _Cited, second: _Cited, local: _Individuals) -> str:
    variables, body = _variables(first.formula), strip_foralls(first.formula)[1]
    longest = max((len(c.name) for c in first.formula.names | second.formula.names), default=0)
    arbitrary = [Constant("x" * (longest + 1 + i)) for i in range(len(variables))]  # of no formula here
    bound: dict[Term, Term] = {Bound(i): constant for i, constant in enumerate(reversed(arbitrary))}
    reached = _Cited(substitute(body.fields[1], bound), f"({applied(first.term, variables)} p)")
    local = local.with_values(dict(zip(arbitrary, variables, strict=True)))
    return f"{function([*variables, 'p'])}{_application(reached, second, local)}"


def _disjunctive_syllogism(disjunction: _Cited, fact: _Cited, derived: str) -> str:
    """derived: the formula, as an argument."""
    formula, term = disjunction
    if type(formula) is Or:
        rest = [part for part in formula.parts if not _opposite(part, fact.formula)]
        branches, kept = [], 0
        for part in formula.parts:
            if _opposite(part, fact.formula):
                branches.append(f"False_ind _ {_absurd(_Cited(part, 'a'), fact)}")
            else:
                branches.append(injection("a", kept, len(rest)))
                kept += 1
        return cases(term, branches)
    either = formula if type(formula) is Xor else formula.body
    part = next(p for p in either.fields if p is fact.formula or _opposite(p, fact.formula))
    is_left = part is either.left
    this, that = ("or_introl", "or_intror") if is_left else ("or_intror", "or_introl")
    first, second = ("proj1", "proj2") if is_left else ("proj2", "proj1")
    absurd = _absurd(_Cited(part, "a"), fact)
    if type(formula) is Xor:
        if part is fact.formula:  # P⊕Q, P ⊢ ¬Q
            return f"fun q => proj2 {term} (conj {' '.join([fact.term, 'q'] if is_left else ['q', fact.term])})"
        return f"match proj1 {term} with {this} a => False_ind _ {absurd} | {that} q => q end"
    if part is fact.formula:  # ¬(P⊕Q), P ⊢ Q
        return f"classical {derived} (fun n => {term} (conj ({this} {fact.term}) (fun b => n ({second} b))))"
    absurd = _absurd(_Cited(part, f"({first} b)"), fact)  # ¬(P⊕Q), ¬P ⊢ ¬Q
    return f"fun q => {term} (conj ({that} q) (fun b => {absurd}))"
