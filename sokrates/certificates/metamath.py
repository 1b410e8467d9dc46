"""A certificate as a file of Metamath: what is claimed, made from the problem, and its proof, made from a trace.

Each line of the trace is proved in the form `( ga -> says )`, where ga is T. outside every scope, and inside one
the scope around it and what was assumed there: `( ga /\\ assumed )`. Nothing here is trusted: a wrong proof is one
that Metamath refuses.

- A rule of the kernel is a theorem of sokrates.mm, or a few of them.
- A line that is cited from within a scope is weakened to that scope.
- ASSUME opens a scope, and so does EXIST_INSTANTIATION: that there is such an individual is assumed of a variable,
  and the scope ends with the one around it.
- Instances of quantified lines rest on equality: `( x = t -> ( P(x) <-> P(t) ) )`, from the atoms up.
- Steps that the conclusion does not need are proved beside it, so each step of the trace is checked.

Not covered: UNKNOWN, which is no theorem; running Metamath.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from sokrates.certificates.metamath_formulas import Formulas
from sokrates.certificates.metamath_statement import statement
from sokrates.certificates.metamath_steps import Node
from sokrates.logic.answer import Answer
from sokrates.logic.formula import (
    FALSITY,
    TRUTH,
    And,
    Bound,
    Constant,
    Forall,
    Formula,
    Iff,
    Implies,
    Not,
    Or,
    Xor,
    instantiate,
    negation,
    substitute,
)
from sokrates.logic.matching import matching_values, strip_foralls
from sokrates.proof.option import Option

GAP: Final = "?"  # Metamath's sign for a step that is not known


class Certificate(NamedTuple):
    """A file's text, which begins with the statement."""

    statement: str
    text: str


def certificate(
    premises: Sequence[Formula],
    goal: Formula,
    answer: Answer,
    steps: Sequence[tuple[Option, Formula]],
    sentences: Sequence[str] = (),
) -> Certificate | None:
    """The certificate of a trace; None where the answer is UNKNOWN.

    Where no theorem of sokrates.mm derives what a step does, its proof is a gap, which is refused.
    steps: the options of a valid trace but for CONCLUDE, each with what it derives
    sentences: the premises and then the conclusion, as comments
    """
    if answer is Answer.UNKNOWN:
        return None
    writer = _Writer(premises, goal)
    try:
        for option, formula in steps:
            writer.take(option, formula)
        proof = writer.proof(answer)
    except _NoTheorem:
        proof = None
    head = statement(premises, goal, answer, writer.formulas.variables(), sentences)
    return Certificate(head, f"{head}{GAP if proof is None else writer.compressed(proof, head)} $.\n")


class _NoTheorem(Exception):
    """A step derives what no theorem of sokrates.mm does: the kernel has an error."""


class _Line(NamedTuple):
    """A formula and the proof of `( ga -> formula )`."""

    formula: Any
    proof: Node


class _Scope(NamedTuple):
    """What stands around a line.

    parent: the scope around it; None outside all
    context: the formula ga of the lines in it
    assumed: the last part of ga; of the outermost scope, T.
    witness: for EXIST_INSTANTIATION, the line that says there is one and the constant that names it
    """

    parent: _Scope | None
    context: Node
    assumed: Formula
    witness: tuple[_Line, Constant] | None


class _Writer:
    """Proves a trace's lines from its first step to its last.

    _lines: as in the proof state, each with its scope; None where a line cannot be cited any more
    """

    def __init__(self, premises: Sequence[Formula], goal: Formula) -> None:
        self._goal = goal
        self.formulas = Formulas(premises, goal)
        self._steps = self.formulas.steps
        self._apply = self._steps.apply
        self._scope = _Scope(None, self._apply("wtr"), TRUTH, None)
        self._anybody = Constant("anybody")
        self._lines: list[tuple[_Line, _Scope] | None] = []
        self._proved: list[tuple[Node, Node]] = []  # what each step says, as a whole, and its proof
        for i, premise in enumerate(premises):
            proof = self._apply(
                "a1i", self._steps.leaf(f"h{i}"), ph=self.formulas.wff(premise), ga=self._scope.context
            )
            self._lines.append((_Line(premise, proof), self._scope))

    def compressed(self, proof: Node, head: str) -> str:
        """The text of a proof, given the file above it."""
        rows = [row.split() for row in head.splitlines() if not row.startswith("$")]
        named = {token for row in rows if row[1] in ("$e", "$p") for token in row}
        hypotheses = [row[0] for row in rows if row[1] == "$e" or (row[1] == "$f" and row[3] in named)]
        return self._steps.compressed(proof, hypotheses)

    def proof(self, answer: Answer) -> Node:
        """The proof of the conclusion, and beside it of each step that it does not need."""
        denial = Not(self._goal)
        wanted = (self._goal,) if answer is Answer.TRUE else (negation(self._goal), denial)
        settling = next((entry for entry in self._lines if entry and entry[0].formula in wanted), None)
        if settling is None:
            raise _NoTheorem
        line, scope = settling
        while scope.parent is not None:
            line = self._without_witness(scope, line)
            scope = scope.parent
        self._scope = scope
        if answer is Answer.FALSE and line.formula is not denial:
            line = self._denied_twice(line)
        says = self.formulas.wff(line.formula)
        root = self._apply("done", line.proof, ph=says)
        needed = self._steps.reachable(root)
        for other, proof in reversed(self._proved):
            if proof not in needed:
                root = self._apply("also", root, proof, ph=says, ps=other)
                needed |= self._steps.reachable(proof)
        return root

    # Steps

    def take(self, option: Option, formula: Formula) -> None:
        """Proves what the next step derives."""
        args: tuple[Any, ...] = option.args
        match option.name:
            case "ASSUME":
                line = self._open(formula, None)
            case "EXIST_INSTANTIATION":
                line = self._witness(self._cited(args[0]), formula)
            case "CONDITIONAL_PROOF":
                line = self._implication(self._cited(args[1]))
            case "CONTRADICTION":
                line = self._refutation(*map(self._cited, args))
            case _:
                line = self._derived(option, formula)
        if line.formula is not formula:
            raise _NoTheorem
        self._lines.append((line, self._scope))
        says = self._apply("wim", ph=self._scope.context, ps=self.formulas.wff(formula))
        self._proved.append((says, line.proof))

    def _derived(self, option: Option, formula: Any) -> _Line:
        """What an option derives that opens and closes nothing."""
        args: tuple[Any, ...] = option.args
        first = self._cited(args[0])
        match option.name:
            case "UNIV_INSTANTIATION":
                return self._instance(first, [Constant(args[1])])
            case "UNIV_GENERALIZATION":
                return self._generalised(first, [Constant(args[1])])
            case "EXIST_GENERALIZATION":
                return self._exists(first, Constant(args[1]), formula)
            case "AND_INTRO":
                return self._conjunction([self._cited(i) for i in args])
            case "AND_ELIM":
                return self._conjunct(first, args[1])
            case "OR_INTRO":
                return self._disjunction(first, formula)
            case "DOUBLE_NEGATION":
                return self._line("dn", formula, first, ph=formula)
            case "BICONDITIONAL_ELIM":
                return self._under_foralls(partial(self._direction, args[1]), first)
        second, *more = [self._cited(i) for i in args[1:]]
        match option.name:
            case "MODUS_PONENS":
                return self._modus_ponens(first, second)
            case "MODUS_TOLLENS":
                return self._modus_tollens(first, second)
            case "HYPOTHETICAL_SYLLOGISM":
                return self._under_foralls(partial(self._syllogism, second), first)
            case "DISJUNCTIVE_SYLLOGISM":
                return self._disjunctive_syllogism(first, second, formula)
            case "CASE_SPLIT":
                return self._cases(first, [second, *more])
            case "BICONDITIONAL_INTRO":
                return self._under_foralls(self._both_ways, first, second)
        raise _NoTheorem

    # Scopes

    def _open(self, assumed: Formula, witness: tuple[_Line, Constant] | None) -> _Line:
        """The first line of a new scope: what it assumes."""
        outside = self._scope
        context = self._apply("wan", ph=outside.context, ps=self.formulas.wff(assumed))
        self._scope = _Scope(outside, context, assumed, witness)
        return _Line(assumed, self._apply("ax-andr", ph=outside.context, ps=self.formulas.wff(assumed)))

    def _witness(self, existential: _Line, formula: Formula) -> _Line:
        """∃x P(x) ⊢ P(w), in a scope that assumes P(w)."""
        fresh = formula.names - existential.formula.names
        (name,) = fresh or (self.formulas.new_constant(),)
        return self._open(formula, (existential, name))

    def _close(self, reached: _Line) -> tuple[_Line, Any]:
        """Leaves the scope of the innermost assumption; what it reached, still under it, and the assumption."""
        while self._scope.witness is not None:
            reached = self._without_witness(self._scope, reached)
            self._scope = _outside(self._scope)
        scope = self._scope
        self._lines = [
            entry if entry is None or not _is_inside(entry[1], scope) else None for entry in self._lines
        ]
        self._scope = _outside(scope)
        return reached, scope.assumed

    def _implication(self, reached: _Line) -> _Line:
        reached, assumed = self._close(reached)
        return self._line("disch", Implies(assumed, reached.formula), reached, ph=assumed, ps=reached.formula)

    def _refutation(self, one: _Line, other: _Line) -> _Line:
        fact, denial = (one, other) if other.formula is Not(one.formula) else (other, one)
        absurd, assumed = self._close(self._line("abs", FALSITY, fact, denial, ph=fact.formula, ps=FALSITY))
        if type(assumed) is Not:
            return self._line("prove", assumed.body, absurd, ph=assumed.body)
        return self._line("refute", Not(assumed), absurd, ph=assumed)

    def _without_witness(self, scope: _Scope, line: _Line) -> _Line:
        """A line of a witness's scope, outside it."""
        if scope.witness is None:
            raise _NoTheorem
        existential, name = scope.witness
        body, x, y = existential.formula.body, self.formulas.variable(existential.formula), self._setvar(name)
        assumed, says, equal = self.formulas.substitution(body, self.formulas.term(name), self._apply("tv", x=x))
        proof = self._apply(
            "ew", existential.proof, equal, line.proof,
            ga=_outside(scope).context, ph=says, ps=assumed, ch=self.formulas.wff(line.formula), x=x, y=y,
        )  # fmt: skip
        return _Line(line.formula, proof)

    # Quantifiers

    def _instance(self, universal: _Line, individuals: Sequence[Constant]) -> _Line:
        """A line for these values of its leading variables, outermost first."""
        for name in individuals:
            x, term = self.formulas.variable(universal.formula), self.formulas.term(name)
            general, special, equal = self.formulas.substitution(
                universal.formula.body, self._apply("tv", x=x), term
            )
            proof = self._apply(
                "ui", universal.proof, equal, ga=self._scope.context, ph=general, ps=special, x=x, t=term
            )
            universal = _Line(instantiate(universal.formula, name), proof)
        return universal

    def _generalised(self, line: _Line, individuals: Sequence[Constant]) -> _Line:
        """A line for all values of constants of which nothing is assumed: innermost variable first."""
        for name in individuals:
            formula: Any = Forall(substitute(line.formula, {name: Bound(0)}))
            x = self.formulas.variable(formula)
            special, general, equal = self.formulas.substitution(
                formula.body, self.formulas.term(name), self._apply("tv", x=x)
            )
            proof = self._apply(
                "ug", line.proof, equal,
                ga=self._scope.context, ph=special, ps=general, x=x, y=self._setvar(name),
            )  # fmt: skip
            line = _Line(formula, proof)
        return line

    def _setvar(self, name: Constant) -> Node:
        variable = self.formulas.setvar(name)
        if variable is None:
            raise _NoTheorem
        return variable

    def _exists(self, line: _Line, name: Constant, formula: Any) -> _Line:
        x, term = self.formulas.variable(formula), self.formulas.term(name)
        general, special, equal = self.formulas.substitution(formula.body, self._apply("tv", x=x), term)
        proof = self._apply("eg", line.proof, equal, ga=self._scope.context, ph=general, ps=special, x=x, t=term)
        return _Line(formula, proof)

    def _under_foralls(self, rule: Callable[..., _Line], *lines: _Line) -> _Line:
        """What a rule derives from lines under the same ∀, by way of arbitrary individuals."""
        arbitrary = [self.formulas.new_constant() for _ in range(strip_foralls(lines[0].formula)[0])]
        derived = rule(*[self._instance(line, arbitrary) for line in lines])
        return self._generalised(derived, arbitrary[::-1])

    def _fitting(self, rule: _Line, patterns: Callable[[Any], Sequence[Formula]], fact: Formula) -> _Line:
        """The instance of a rule, an implication, of which one of the patterns is the fact.

        A variable that matching gives no value stands for anybody.
        """
        variables, body = strip_foralls(rule.formula)
        for pattern in patterns(body) if type(body) is Implies else ():
            values = matching_values(pattern, fact, variables)
            if values is not None:
                individuals: list[Any] = [values.get(Bound(i), self._anybody) for i in reversed(range(variables))]
                return self._instance(rule, individuals)
        raise _NoTheorem

    # Rules without a quantifier

    def _line(self, label: str, formula: Formula, *lines: _Line, **variables: Formula) -> _Line:
        """A line by a theorem that takes ga and these formulas."""
        named = {name: self.formulas.wff(one) for name, one in variables.items()}
        proof = self._apply(label, *(line.proof for line in lines), ga=self._scope.context, **named)
        return _Line(formula, proof)

    def _modus_ponens(self, fact: _Line, rule: _Line) -> _Line:
        instance = self._fitting(rule, _antecedent, fact.formula)
        consequent = instance.formula.right
        return self._line("mpd", consequent, fact, instance, ph=fact.formula, ps=consequent)

    def _modus_tollens(self, fact: _Line, rule: _Line) -> _Line:
        instance = self._fitting(rule, lambda body: (negation(body.right), Not(body.right)), fact.formula)
        antecedent, consequent = instance.formula.fields
        if fact.formula is not Not(consequent):
            fact = self._denied_twice(fact)
        return self._line("mtd", Not(antecedent), fact, instance, ph=antecedent, ps=consequent)

    def _denied_twice(self, line: _Line) -> _Line:
        return self._line("nn", Not(Not(line.formula)), line, ph=line.formula)

    def _syllogism(self, second: _Line, first: _Line) -> _Line:
        left, middle = first.formula.fields
        instance = self._fitting(second, _antecedent, middle)
        right = instance.formula.right
        return self._line("syld", Implies(left, right), first, instance, ph=left, ps=middle, ch=right)

    def _direction(self, direction: int, line: _Line) -> _Line:
        left, right = line.formula.fields
        formula = Implies(right, left) if direction else Implies(left, right)
        return self._line("bir" if direction else "bil", formula, line, ph=left, ps=right)

    def _both_ways(self, there: _Line, back: _Line) -> _Line:
        left, right = there.formula.fields
        return self._line("bii", Iff(left, right), there, back, ph=left, ps=right)

    def _conjunction(self, lines: Sequence[_Line]) -> _Line:
        """One flat conjunction: a line that is a conjunction itself is taken apart."""
        parts: list[_Line] = []
        for line in lines:
            if type(line.formula) is And:
                parts += [self._conjunct(line, i) for i in range(len(line.formula.parts))]
            else:
                parts.append(line)
        if not parts:
            true = self._apply("ax-tru")
            return _Line(TRUTH, self._apply("a1i", true, ph=self._apply("wtr"), ga=self._scope.context))
        whole = parts.pop()
        for part in reversed(parts):
            both = And(part.formula, whole.formula)
            whole = self._line("andi", both, part, whole, ph=part.formula, ps=whole.formula)
        return whole

    def _conjunct(self, line: _Line, number: int) -> _Line:
        parts = line.formula.parts
        for i in range(number):
            rest = And(*parts[i + 1 :])
            line = self._line("andr", rest, line, ph=parts[i], ps=rest)
        if number == len(parts) - 1:
            return line
        return self._line("andl", parts[number], line, ph=parts[number], ps=And(*parts[number + 1 :]))

    def _disjunction(self, line: _Line, formula: Any) -> _Line:
        """A disjunction from one of its parts."""
        parts = formula.parts
        number = parts.index(line.formula)
        if number < len(parts) - 1:
            line = self._line("orl", Or(*parts[number:]), line, ph=parts[number], ps=Or(*parts[number + 1 :]))
        for i in reversed(range(number)):
            line = self._line("orr", Or(*parts[i:]), line, ph=parts[i], ps=Or(*parts[i + 1 :]))
        return line

    def _cases(self, either: _Line, rules: Sequence[_Line]) -> _Line:
        parts = zip(either.formula.fields, rules, strict=True)
        leads = [self._fitting(rule, _antecedent, part) for part, rule in parts]
        proof = either.proof
        if type(either.formula) is Xor:
            left, right = map(self.formulas.wff, either.formula.fields)
            proof = self._apply("xoor", proof, ga=self._scope.context, ph=left, ps=right)
        return self._from_each(proof, leads)

    def _from_each(self, either: Node, leads: Sequence[_Line]) -> _Line:
        """What each part of a disjunction leads to. leads: for each part, the line `part → reached`."""
        *others, last = leads
        part, reached = map(self.formulas.wff, last.formula.fields)
        parts, lead = part, last.proof
        for other in reversed(others):
            part = self.formulas.wff(other.formula.left)
            lead = self._apply("orimp", other.proof, lead, ga=self._scope.context, ph=part, ps=parts, ch=reached)
            parts = self._apply("wor", ph=part, ps=parts)
        return _Line(
            last.formula.right, self._apply("mpd", either, lead, ga=self._scope.context, ph=parts, ps=reached)
        )

    def _disjunctive_syllogism(self, disjunction: _Line, fact: _Line, formula: Formula) -> _Line:
        if type(disjunction.formula) is Or:
            leads = [self._lead(part, fact, formula) for part in disjunction.formula.parts]
            return self._from_each(disjunction.proof, leads)
        differ = type(disjunction.formula) is Xor
        left, right = (disjunction.formula if differ else disjunction.formula.body).fields
        for side, part in ("l", left), ("r", right):
            same = part is fact.formula
            if same or _opposite(part, fact.formula):
                if not same and fact.formula is not Not(part):
                    fact = self._denied_twice(fact)
                label = f"{'xo' if differ else 'nx'}{side}{'p' if same else 'n'}"
                return self._line(label, formula, disjunction, fact, ph=left, ps=right)
        raise _NoTheorem

    def _lead(self, part: Any, fact: _Line, formula: Formula) -> _Line:
        """`part → formula`: the part is absurd, or it is one of the formula's parts or the formula itself."""
        lead = Implies(part, formula)
        if fact.formula is Not(part):
            return self._line("absn", lead, fact, ph=part, ps=formula)
        if part is Not(fact.formula):
            return self._line("absp", lead, fact, ph=fact.formula, ps=formula)
        line = self._open(part, None)
        if part is not formula:
            line = self._disjunction(line, formula)
        self._scope = _outside(self._scope)
        return self._line("disch", lead, line, ph=part, ps=formula)

    # Lines

    def _cited(self, index: int) -> _Line:
        """A line, in the scope that is open here."""
        entry = self._lines[index]
        if entry is None:
            raise _NoTheorem
        line, scope = entry
        between = []
        inner = self._scope
        while inner is not scope:
            between.append(inner)
            inner = _outside(inner)
        says, proof = self.formulas.wff(line.formula), line.proof
        for inner in reversed(between):
            assumed = self.formulas.wff(inner.assumed)
            proof = self._apply("weak", proof, ga=_outside(inner).context, ph=says, ps=assumed)
        return _Line(line.formula, proof)


def _antecedent(implication: Any) -> tuple[Formula]:
    return (implication.left,)


def _outside(scope: _Scope) -> _Scope:
    if scope.parent is None:
        raise _NoTheorem
    return scope.parent


def _is_inside(scope: _Scope, outer: _Scope) -> bool:
    """Whether a scope is the outer one or within it."""
    inner: _Scope | None = scope
    while inner is not None and inner is not outer:
        inner = inner.parent
    return inner is not None


def _opposite(one: Formula, other: Formula) -> bool:
    return Not(one) is other or Not(other) is one
