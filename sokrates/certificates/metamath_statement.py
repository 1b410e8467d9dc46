"""What a certificate of Metamath claims: declarations, premises, conclusion, made from the problem and the answer.

    >>> from sokrates.logic.formula import Constant, Forall, Implies, atom
    >>> man = Forall(Implies(atom("man", Bound(0)), atom("mortal", Bound(0))))
    >>> plato = [atom(name, Constant("Plato")) for name in ("man", "mortal")]
    >>> print(statement([man, plato[0]], plato[1], Answer.TRUE, Variables(1, 0)), end="")
    $[ sokrates.mm $]
    $c p1_man p1_mortal c_Plato $.
    $v x0 $.
    p0 $a pred p1_man $.
    p1 $a pred p1_mortal $.
    c0 $a term c_Plato $.
    x0. $f setvar x0 $.
    h0 $e |- A. x0 ( ( p1_man x0 ) -> ( p1_mortal x0 ) ) $.
    h1 $e |- ( p1_man c_Plato ) $.
    certificate $p |- ( p1_mortal c_Plato ) $=

How many variables are declared is the proof's: those that no premise or conclusion has stand for nothing.
sokrates.mm has the logic. The problem adds no axiom: predicates and constants are symbols alone, and its premises
are the hypotheses of one theorem. A constant that no premise mentions is a variable, so the theorem holds whoever
it stands for. Two constants may name one individual.

Not covered: proofs (`sokrates.certificates.metamath`); UNKNOWN, which is no theorem.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from sokrates.certificates.statement import Names, comment
from sokrates.logic.answer import Answer
from sokrates.logic.formula import (
    And,
    Atom,
    Bound,
    Exists,
    Forall,
    Formula,
    Iff,
    Implies,
    Not,
    Or,
    Xor,
    constants,
    subformulas,
)

DATABASE: Final = "sokrates.mm"
_INFIX: Final = {And: "/\\", Or: "\\/", Implies: "->", Iff: "<->", Xor: "\\/_"}
_ESCAPED: Final = str.maketrans({"$": "S", "~": "-", "`": "'"})  # what Metamath reads in comments


class Variables(NamedTuple):
    """How many variables a certificate declares; all of them are distinct.

    bound: x0, x1, …, for quantifiers: that of a quantifier is numbered by the quantifiers nested inside it
    individuals: y0, y1, …, which the proof uses
    """

    bound: int
    individuals: int


def statement(
    premises: Sequence[Formula], goal: Formula, answer: Answer, variables: Variables, comments: Sequence[str] = ()
) -> str:
    """A certificate up to its proof. The answer is TRUE or FALSE.

    comments: for each premise and then the conclusion, what to print above it
    """
    names = Names([*premises, goal])
    fixed = frozenset(name for premise in premises for name in constants(premise))
    above = [f"$( {_comment(text)} $)\n" for text in comments] or [""] * (len(premises) + 1)
    symbols = [*names.predicates.values(), *(text for name, text in names.constants.items() if name in fixed)]
    free = [text for name, text in names.constants.items() if name not in fixed]
    free += [f"x{i}" for i in range(variables.bound)] + [f"y{i}" for i in range(variables.individuals)]
    lines = [f"$[ {DATABASE} $]\n"]
    if symbols:
        lines.append(f"$c {' '.join(symbols)} $.\n")
    if free:
        lines.append(f"$v {' '.join(free)} $.\n")
    lines += [f"p{i} $a pred {identifier} $.\n" for i, identifier in enumerate(names.predicates.values())]
    for i, (name, identifier) in enumerate(names.constants.items()):
        lines.append(f"c{i} $a term {identifier} $.\n" if name in fixed else f"c{i} $f setvar {identifier} $.\n")
    lines += [f"{variable}. $f setvar {variable} $.\n" for variable in free if variable[0] in "xy"]
    if len(free) > 1:
        lines.append(f"$d {' '.join(free)} $.\n")
    for i, premise in enumerate(premises):
        lines.append(f"{above[i]}h{i} $e |- {written(premise, names)} $.\n")
    conclusion = goal if answer is Answer.TRUE else Not(goal)
    lines.append(f"{above[-1]}certificate $p |- {written(conclusion, names)} $=\n")
    return "".join(lines)


def written(formula: Formula, names: Names, bound: tuple[str, ...] = ()) -> str:
    """A formula in Metamath's notation; ∧ and ∨ of several parts are nested to the right.

    bound: the variables of the quantifiers around it, outermost first
    """
    match formula:
        case Atom():
            terms = [bound[-1 - t.index] if isinstance(t, Bound) else names.constants[t] for t in formula.terms]
            return f"( {' '.join([names.predicates[formula.predicate, len(terms)], *terms])} )"
        case Not():
            return f"-. {written(formula.body, names, bound)}"
        case Forall() | Exists():
            variable = f"x{rank(formula.body)}"
            quantifier = "A." if type(formula) is Forall else "E."
            return f"{quantifier} {variable} {written(formula.body, names, (*bound, variable))}"
        case And(parts=()):
            return "T."
        case Or(parts=()):
            return "F."
    *parts, last = [written(part, names, bound) for part in formula.fields]
    infix = _INFIX[type(formula)]
    return "".join(f"( {part} {infix} " for part in parts) + last + " )" * len(parts)


def rank(formula: Formula) -> int:
    """The number of quantifiers on the path that has most."""
    inner = max(map(rank, subformulas(formula)), default=0)
    return inner + (type(formula) in (Forall, Exists))


def _comment(text: str) -> str:
    """Text that cannot end the comment that it stands in, in ASCII."""
    return comment(text).encode("ascii", "backslashreplace").decode().translate(_ESCAPED)
