"""Other provers' opinions: what cvc5 and E say of the question that z3 answers.

    z3        `sokrates.logic.entailment`, which also answers without z3 where it can
    cvc5      needs the extra `solvers`
    eprover   the prover E, a program (Debian's package eprover)

Each works under limits of its own that do not depend on the machine's speed (but for what would take E ten
minutes); past them it is undecided.
Not covered: proofs (`sokrates.certificates.coq`).
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from typing import Any, Final

from sokrates.certificates import tptp
from sokrates.io.errors import UserError
from sokrates.logic.answer import Decision
from sokrates.logic.entailment import DECISIONS, Entailment
from sokrates.logic.formula import (
    FALSITY,
    And,
    Atom,
    Bound,
    Constant,
    Exists,
    Forall,
    Formula,
    Iff,
    Implies,
    Not,
    Or,
    Term,
    Xor,
    subformulas,
)

CVC5_LIMIT: Final = 200_000  # cvc5's unit of work, for each question
E_CLAUSES: Final = 20_000  # that E processes, for each question
E_SECONDS: Final = 600.0  # for what comes before, which the limit of clauses does not bound
_STATUS: Final = re.compile(r"SZS status (\w+)")


def solve_z3(premises: Sequence[Formula], goal: Formula) -> Decision:
    """What our own entailment says."""
    return Entailment(premises).decide(goal)


def solve_cvc5(premises: Sequence[Formula], goal: Formula) -> Decision:
    """What cvc5 says. Raises UserError where it is not installed."""
    return _decision(_unsatisfiable, premises, goal)


def solve_eprover(premises: Sequence[Formula], goal: Formula) -> Decision:
    """What E says. Raises UserError where it is not installed."""
    return _decision(_e_proves, premises, goal)


SOLVERS: Final[dict[str, Callable[[Sequence[Formula], Formula], Decision]]] = {
    "z3": solve_z3,
    "cvc5": solve_cvc5,
    "eprover": solve_eprover,
}


def _decision(
    contradicts: Callable[[Sequence[Formula]], bool | None], premises: Sequence[Formula], goal: Formula
) -> Decision:
    """What a solver says that finds formulas contradictory, or not, or does not know (None)."""
    follows = contradicts([*premises, Not(goal)]), contradicts([*premises, goal])
    return DECISIONS.get(follows, Decision.UNDECIDED)


def _e_proves(formulas: Sequence[Formula]) -> bool | None:
    """Whether E finds the formulas contradictory."""
    program = shutil.which("eprover")
    if program is None:
        raise UserError("eprover is not here: install E (Debian's package is eprover)")
    try:
        done = subprocess.run(
            [program, "--auto", "--tstp-format", "-s", f"--processed-clauses-limit={E_CLAUSES}"],
            input=tptp.problem(formulas, FALSITY),
            capture_output=True,
            text=True,
            check=False,
            timeout=E_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return None
    status = _STATUS.search(done.stdout)
    if status is None:
        raise UserError(f"eprover gave no answer: {(done.stdout + done.stderr)[-500:]}")
    return {"Theorem": True, "ContradictoryAxioms": True, "CounterSatisfiable": False}.get(status[1])


def _unsatisfiable(formulas: Sequence[Formula]) -> bool | None:
    """Whether cvc5 finds no model; it looks for a finite one first."""
    try:
        import cvc5
    except ImportError:
        raise UserError("cvc5 is not here: install the extra, sokrates[solvers]") from None
    for finite in ("true", "false"):
        terms = cvc5.TermManager()
        solver = cvc5.Solver(terms)
        solver.setLogic("UF")
        solver.setOption("finite-model-find", finite)
        solver.setOption("rlimit-per", str(CVC5_LIMIT))
        translation = _Translation(terms)
        for formula in formulas:
            solver.assertFormula(translation.translated(formula, ()))
        result = solver.checkSat()
        if not result.isUnknown():
            return bool(result.isUnsat())
    return None


class _Translation:
    """Formulas as terms of cvc5; names are numbered in the order in which they come."""

    def __init__(self, terms: Any) -> None:
        from cvc5 import Kind

        self._terms, self._kind = terms, Kind
        self._sort = terms.mkUninterpretedSort("individual")
        self._symbols: dict[Constant | tuple[str, int], Any] = {}

    def translated(self, formula: Formula, bound: tuple[Any, ...]) -> Any:
        """The term for a formula; `bound` are its bound variables, innermost last."""
        make, kind = self._terms.mkTerm, self._kind
        match formula:
            case Atom():
                arguments = [self._individual(term, bound) for term in formula.terms]
                predicate = self._predicate(formula.predicate, len(arguments))
                return make(kind.APPLY_UF, predicate, *arguments) if arguments else predicate
            case Forall() | Exists():
                variable = self._terms.mkVar(self._sort, f"x{len(bound)}")
                body = self.translated(formula.body, (*bound, variable))
                variables = make(kind.VARIABLE_LIST, variable)
                return make(kind.FORALL if type(formula) is Forall else kind.EXISTS, variables, body)
            case And(parts=()) | Or(parts=()):
                return self._terms.mkBoolean(type(formula) is And)
        kinds = {Not: kind.NOT, And: kind.AND, Or: kind.OR, Implies: kind.IMPLIES, Iff: kind.EQUAL, Xor: kind.XOR}
        return make(kinds[type(formula)], *[self.translated(part, bound) for part in subformulas(formula)])

    def _individual(self, term: Term, bound: tuple[Any, ...]) -> Any:
        if isinstance(term, Bound):
            return bound[-1 - term.index]
        if term not in self._symbols:
            self._symbols[term] = self._terms.mkConst(self._sort, f"c{len(self._symbols)}")
        return self._symbols[term]

    def _predicate(self, name: str, arity: int) -> Any:
        key = name, arity
        if key not in self._symbols:
            boolean = self._terms.getBooleanSort()
            sort = self._terms.mkFunctionSort([self._sort] * arity, boolean) if arity else boolean
            self._symbols[key] = self._terms.mkConst(sort, f"p{len(self._symbols)}")
        return self._symbols[key]
