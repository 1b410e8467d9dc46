"""Checks labels: decides each problem and compares what is decided with what its file says.

For `sokrates label`. Two semantics: `classical` is entailment (z3), `closure` is ProofWriter's own, forward
chaining on literals. Not covered: whether a problem's formulas say what its sentences do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final

from sokrates.audit.proofwriter_semantics import Closure, NotCovered
from sokrates.audit.similar_names import similar_names
from sokrates.certificates.solvers import SOLVERS
from sokrates.data.sources import LeftOut
from sokrates.logic.answer import Decision
from sokrates.logic.entailment import Entailment
from sokrates.logic.formula import Formula
from sokrates.logic.notations import Notation
from sokrates.proof.problem import Problem

SEMANTICS: Final[dict[str, Callable[[Sequence[Formula]], Closure | Entailment]]] = {
    "classical": Entailment,
    "closure": Closure,
}


@dataclass
class Labels:
    """What was found; each problem that was read is in exactly one of `verdicts`, or left out.

    problems: rows, those left out included
    parsed: problems that could be read
    verdicts: how many problems agree, disagree, are undecided, inconsistent or unlabelled
    disagreements: problems that were decided otherwise than their label says
    no_verdict: problems that are undecided or whose premises are inconsistent
    notations: how many problems have formulas in each notation that is not FOLIO's
    repairs: problems whose notation had to be repaired, with the number of repairs and what they were
    similar_names: problems with names that differ so little that one may be a slip, a row for each pair
    left_out: rows that could not be read, or that the semantics does not cover, with the reason
    solver_disagreements: problems that two solvers decide differently, with what each says
    solver_undecided: for each further solver, how many problems it leaves undecided
    seconds: for reading and deciding
    """

    problems: int = 0
    parsed: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    disagreements: list[dict[str, str | None]] = field(default_factory=list)
    no_verdict: list[dict[str, str | None]] = field(default_factory=list)
    notations: Counter[str] = field(default_factory=Counter)
    repairs: list[dict[str, str | int]] = field(default_factory=list)
    similar_names: list[dict[str, str]] = field(default_factory=list)
    left_out: list[dict[str, str]] = field(default_factory=list)
    solver_disagreements: list[dict[str, str | None]] = field(default_factory=list)
    solver_undecided: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The object that `sokrates label --json` prints."""
        kinds = ("agree", "disagree", "undecided", "inconsistent", "unlabelled")
        return {
            "problems": self.problems,
            "parsed": self.parsed,
            **{kind: self.verdicts[kind] for kind in kinds},
            "seconds": round(self.seconds, 3),
            "disagreements": self.disagreements,
            "no_verdict": self.no_verdict,
            "notations": dict(self.notations),
            "repairs": self.repairs,
            "similar_names": self.similar_names,
            "left_out": self.left_out,
            "solver_disagreements": self.solver_disagreements,
            "solver_undecided": dict(self.solver_undecided),
        }


def check_labels(
    problems: Iterable[Problem | LeftOut], semantics: str, further_solvers: Sequence[str] = ()
) -> Labels:
    """Decides each problem by one of SEMANTICS. Raises what reading `problems` raises.

    further_solvers: of `certificates.solvers`, asked for a second opinion on what is decided classically
    """
    start = perf_counter()
    labels = Labels()
    for problem in problems:
        labels.problems += 1
        if isinstance(problem, LeftOut):
            labels.left_out.append({"id": problem.where, "why": problem.why})
            continue
        labels.parsed += 1
        if problem.notation is not Notation.FOLIO:
            labels.notations[problem.notation.value] += 1
        pairs = similar_names(problem)
        labels.similar_names += [{"id": problem.id, "name": one, "like": other} for one, other in pairs]
        if problem.repairs:
            labels.repairs.append(
                {"id": problem.id, "repairs": len(problem.repairs), "kinds": problem.repairs_text}
            )
        try:
            decision = SEMANTICS[semantics](problem.facts).decide(problem.goal)
        except NotCovered as error:
            labels.left_out.append({"id": problem.id, "why": str(error)})
            continue
        _count(labels, problem, decision)
        _ask_others(labels, problem, decision, further_solvers)
    labels.seconds = perf_counter() - start
    return labels


def _count(labels: Labels, problem: Problem, decision: Decision) -> None:
    shown = {
        "id": problem.id,
        "label": problem.label.name if problem.label else None,
        "decision": decision.name,
    }
    if decision in (Decision.UNDECIDED, Decision.INCONSISTENT):
        labels.verdicts[decision.name.lower()] += 1
        labels.no_verdict.append(shown)
    elif problem.label is None:
        labels.verdicts["unlabelled"] += 1
    elif problem.label.name == decision.name:
        labels.verdicts["agree"] += 1
    else:
        labels.verdicts["disagree"] += 1
        labels.disagreements.append(shown)


def _ask_others(labels: Labels, problem: Problem, decision: Decision, solvers: Sequence[str]) -> None:
    opinions = {name: SOLVERS[name](problem.facts, problem.goal) for name in solvers}
    labels.solver_undecided.update(name for name, one in opinions.items() if one is Decision.UNDECIDED)
    if len({decision, *opinions.values()} - {Decision.UNDECIDED}) > 1:
        decisions = {name: one.name for name, one in opinions.items()}
        labels.solver_disagreements.append({"id": problem.id, "z3": decision.name, **decisions})
