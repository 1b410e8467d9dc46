"""A certificate as a file of Coq: what is claimed, made from the problem, and its proof, made from a trace.

`coqc FILE` accepts or refuses it, and prints what the proof assumes, which must be nothing. For UNKNOWN the proof
is two models, and the trace's steps are checked as a definition of their own. Not covered: running Coq.
"""

from __future__ import annotations

from collections.abc import Sequence

from sokrates.certificates.models import find_model, model_definitions
from sokrates.certificates.proof_term import proof_term
from sokrates.certificates.statement import XOR, Names, comment, statement
from sokrates.logic.answer import Answer
from sokrates.logic.formula import TRUTH, Formula, Not
from sokrates.proof.option import Option


def claimed(premises: Sequence[Formula], goal: Formula, answer: Answer) -> str:
    """The proposition that a certificate of this answer must prove."""
    return statement(Names([*premises, goal]), premises, goal, answer)


def certificate(
    premises: Sequence[Formula],
    goal: Formula,
    answer: Answer,
    steps: Sequence[tuple[Option, Formula]],
    sentences: Sequence[str] = (),
) -> str | None:
    """The text of a certificate; None where the answer is UNKNOWN and no finite models show it.

    steps: the options of a valid trace but for CONCLUDE, each with what it derives
    sentences: the premises and then the conclusion, as comments
    """
    names = Names([*premises, goal])
    says = statement(names, premises, goal, answer, sentences)
    parts = [f"(* Concludes {answer.name}: {comment(sentences[-1])} *)\n" if sentences else "", XOR]
    parts.append(f"Definition statement : Prop :=\n  {says}.\n\n")
    proof = proof_term(names, premises, goal, answer, steps)
    if answer is Answer.UNKNOWN:
        parts.append(f"Definition steps : {statement(names, premises, TRUTH, Answer.TRUE)} :=\n{proof}.\n\n")
        for module, claim in ("Goal_true", goal), ("Goal_false", Not(goal)):
            model = find_model([*premises, claim])
            if model is None:
                return None
            definitions = model_definitions(names, model, [*premises, claim])
            parts.append(f"Module {module}.\n{definitions}End {module}.\n\n")
        proof = "conj Goal_true.model Goal_false.model"
    parts.append(f"Definition certificate : statement :=\n{proof}.\n\nPrint Assumptions certificate.\n")
    return "".join(parts)
