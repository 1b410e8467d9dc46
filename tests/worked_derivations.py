"""Derivations that both checkers are asked about, names that try to get out of a certificate, and planted bugs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from derivations import Derivation

from sokrates.logic.fol import read
from sokrates.logic.formula import Bound, Constant, Forall, Formula, Implies, Not, instantiate
from sokrates.proof import kernel
from sokrates.proof.text import read_call


def derivation(premises: Sequence[str], goal: str, options: Sequence[str]) -> Derivation:
    """A derivation by options such as `MODUS_PONENS(0, 1)`; each must derive something."""
    facts, aim = [read(text).formula for text in premises], read(goal).formula
    state, steps = kernel.State(facts, aim), []
    for text in options:
        option = read_call(text)
        assert option is not None, text
        result = state.apply(option)
        assert isinstance(result, Formula), (text, result)
        steps.append((option, result))
    return Derivation(facts, aim, steps)


# Whoever is not small likes a tumpus: by refutation within a case within a generalisation, with a witness.
NESTED = derivation(
    ["∀x (wumpus(x) ∨ small(x))", "∀x (wumpus(x) → ∃y (tumpus(y) ∧ likes(x, y)))"],
    "∀x (¬small(x) → ∃y likes(x, y))",
    [
        "UNIV_INSTANTIATION(0, ArbitraryA)",  # 2: wumpus(a) ∨ small(a)
        "UNIV_INSTANTIATION(1, ArbitraryA)",  # 3: wumpus(a) → ∃y (tumpus(y) ∧ likes(a, y))
        "ASSUME(goal, 1, 1, ArbitraryA)",  # 4: ¬(¬small(a) → ∃y likes(a, y))
        "ASSUME(goal, 2, 0, ArbitraryA)",  # 5: ¬small(a)
        "DISJUNCTIVE_SYLLOGISM(2, 5)",  # 6: wumpus(a)
        "MODUS_PONENS(6, 3)",  # 7: ∃y (tumpus(y) ∧ likes(a, y))
        "EXIST_INSTANTIATION(7)",  # 8: tumpus(w) ∧ likes(a, w)
        "AND_ELIM(8, 1)",  # 9: likes(a, w)
        "EXIST_GENERALIZATION(9, WitnessI)",  # 10: ∃y likes(a, y)
        "CONDITIONAL_PROOF(5, 10)",  # 11: ¬small(a) → ∃y likes(a, y)
        "CONTRADICTION(11, 4)",  # 12: the same, outside the assumption
        "UNIV_GENERALIZATION(12, ArbitraryA)",  # 13
    ],
)


EDGES: list[tuple[list[str], str, list[str]]] = [
    # a constant of the goal alone is arbitrary
    (["∀x P(x)"], "Q(a) ∨ ∀x P(x)", ["UNIV_INSTANTIATION(0, a)", "UNIV_GENERALIZATION(1, a)",
        "OR_INTRO(2, goal)"]),
    # a rule whose variable is in none of its parts needs somebody to be there
    (["P(a)", "∀x (P(a) → Q(a))"], "Q(a)", ["MODUS_PONENS(0, 1)"]),
    (["∀x ∀y (R(x, y) → S(y))", "R(a, b)"], "S(b)", ["MODUS_PONENS(1, 0)"]),
    (["∀x ∀y (R(x, y) → S(y))", "¬S(b)"], "¬∀x R(x, b)", ["ASSUME(goal, 1, 0)", "UNIV_INSTANTIATION(2, c)",
        "MODUS_PONENS(3, 0)", "CONTRADICTION(4, 1)"]),
    (["∀x ∀y (R(x, y) → S(y))", "∀x (S(x) → T(x))"], "∀x ∀y (R(x, y) → T(y))",
        ["HYPOTHETICAL_SYLLOGISM(0, 1)"]),
    (["P(a) ∨ Q(a) ∨ P(a)", "¬P(a)"], "Q(a)", ["DISJUNCTIVE_SYLLOGISM(0, 1)"]),
    (["P(a) ∨ P(a)", "¬P(a)"], "⊥", ["DISJUNCTIVE_SYLLOGISM(0, 1)"]),
    (["P(a) ⊕ ¬Q(a)", "Q(a)"], "P(a)", ["DISJUNCTIVE_SYLLOGISM(0, 1)"]),
    (["P(a) ⊕ ¬Q(a)", "P(a)"], "¬¬Q(a)", ["DISJUNCTIVE_SYLLOGISM(0, 1)"]),
    (["¬(P(a) ⊕ Q(a))", "Q(a)"], "P(a)", ["DISJUNCTIVE_SYLLOGISM(0, 1)"]),
    (["¬(P(a) ⊕ Q(a))", "¬P(a)"], "¬Q(a)", ["DISJUNCTIVE_SYLLOGISM(0, 1)"]),
    (["P(a) ⊕ Q(a)", "P(a) → R", "Q(a) → R"], "R", ["CASE_SPLIT(0, 1, 2)"]),
    (["P(a) ∧ Q(a)", "⊤", "R"], "R ∧ P(a) ∧ Q(a)", ["AND_INTRO(2, 1, 0)"]),
    (["⊤"], "⊤", ["AND_INTRO(0, 0)"]),
    (["∀x (P(x) → Q(x))", "∀x (Q(x) → P(x))"], "∀x (P(x) ↔ Q(x))", ["BICONDITIONAL_INTRO(0, 1)"]),
    (["∀x (P(x) ↔ Q(x))"], "∀x (Q(x) → P(x))", ["BICONDITIONAL_ELIM(0, 1)"]),
    # nothing is fresh where the variable is not used; the witness's name is then free for anybody
    (["∃x P(a)", "∀x Q(x)"], "∀x Q(x)", ["EXIST_INSTANTIATION(0)", "UNIV_INSTANTIATION(1, WitnessC)",
        "UNIV_GENERALIZATION(3, WitnessC)"]),
    # what is assumed of an arbitrary individual, once it is discharged, holds of all
    (["∀x (P(x) → Q(x))"], "∀x (P(x) → Q(x) ∧ P(x))", ["ASSUME(goal, 2, 0, c)", "MODUS_PONENS(1, 0)",
        "AND_INTRO(2, 1)", "CONDITIONAL_PROOF(1, 3)", "UNIV_GENERALIZATION(4, c)"]),
    # an assumption that stays open at the end
    (["P(a)", "Q(a)"], "P(a) ∧ Q(a)", ["AND_INTRO(0, 1)", "ASSUME(goal, 1, 1)", "AND_INTRO(3, 0)"]),
    # the conclusion is a premise
    (["P(a)"], "P(a)", []),
]  # fmt: skip


WORKED = derivation(
    ["∀x (wumpus(x) → tumpus(x))", "wumpus(Stella)", "∀x (tumpus(x) → ¬small(x))", "zumpus(Max)"],
    "¬small(Stella)",
    ["MODUS_PONENS(1, 0)", "MODUS_PONENS(4, 2)"],
)

HOSTILE = [
    "*) Axiom cheat : False. (*",
    '"',
    "(* (* (*",
    "(*)",
    "\x00\x1b[31m\n\r",
    "forall",
    "P'",
    "é ∀",
    "\ud800",
]
HOSTILE += ["d", "D", "h0", "", "classical", "x" * 10_000]


# Bugs to plant in the kernel


def affirms_the_consequent(fact: Formula, rule: Formula) -> Formula | None:
    body = rule
    while type(body) is Forall:
        body = instantiate(body, Constant("Stella"))
    return body.left if type(body) is Implies and body.right is fact else None


def denies_the_antecedent(fact: Formula, rule: Formula) -> Formula | None:
    return Not(rule.right) if type(rule) is Implies and Not(rule.left) is fact else None


def reuses_a_name(state: kernel.State, existential: Formula) -> Formula | None:
    return instantiate(existential, Constant("Stella")) if type(existential) is kernel.Exists else None


def discharges_nothing(state: kernel.State, assumed: Formula, reached: Formula) -> Formula | None:
    derived = kernel.conditional_proof(state, assumed, reached)
    return None if derived is None else reached


def generalises_over_anyone(state: kernel.State, fact: Formula, name: str) -> Formula | None:
    if Constant(name) not in fact.names:
        return None
    return Forall(kernel.substitute(fact, {Constant(name): Bound(0)}))


BUGS: dict[str, Callable[..., Formula | None]] = {
    "MODUS_PONENS": affirms_the_consequent,
    "MODUS_TOLLENS": denies_the_antecedent,
    "EXIST_INSTANTIATION": reuses_a_name,
    "CONDITIONAL_PROOF": discharges_nothing,
    "UNIV_GENERALIZATION": generalises_over_anyone,
}
