"""Proof search: shortest chains, natural deduction for the rest, proofs that always verify; and its bounds."""

from __future__ import annotations

from itertools import pairwise

import pytest
from formulas import formulas
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_data import needs_shared_data, problem_file

from sokrates.data.sources import read_file
from sokrates.logic import fol
from sokrates.logic.answer import Answer, Decision
from sokrates.logic.formula import And, Atom, Constant, Formula, Iff, Implies, Not, Or, Xor
from sokrates.proof.kernel import State
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import Problem, from_formulas, from_sentences
from sokrates.proof.text import CONCLUDE, read_steps, write_steps
from sokrates.proof.verify import Verifier, faithful
from sokrates.search import forward_chaining, knowledge
from sokrates.search.prove import lengths, prove, write_proof


def sentences(*premises: str, goal: str) -> Problem:
    return from_sentences(premises, goal, id="search")


def notation(*premises: str, goal: str) -> Problem:
    return from_formulas([""] * len(premises), "", premises, goal, id="search")


def proof(problem: Problem) -> list[Option] | None:
    """The proof found, which must pass the strict check, also after it was written and read."""
    verifier = Verifier(problem.facts, problem.goal)
    options = prove(problem.state, verifier.decide)
    if options is not None:
        steps = write_proof(problem.state, options, problem.say)
        assert verifier.check(steps).valid(None)
        assert read_steps(write_steps(steps)) == steps
        assert False not in faithful(problem.facts, verifier.check(steps))
    return options


def ponens(*args: int) -> Option:
    return Option("MODUS_PONENS", args)


TRUE, FALSE, UNKNOWN = (Option(CONCLUDE, (answer.value,)) for answer in Answer)


@pytest.mark.parametrize(
    ("problem", "options"),
    [
        (sentences("Stella is small.", goal="Stella is small."), [TRUE]),
        (sentences("Stella is small.", goal="Stella is not small."), [FALSE]),
        (sentences("Stella is not small.", goal="Stella is small."), [FALSE]),
        (
            sentences("Every wumpus is a tumpus.", "Stella is a wumpus.", goal="Stella is not a tumpus."),
            [ponens(1, 0), FALSE],
        ),
        (  # two ways to the goal: the shorter one
            sentences(
                "Stella is an impus.",
                "Every impus is a wumpus.",
                "Every wumpus is a tumpus.",
                "Every impus is a tumpus.",
                "Every tumpus is small.",
                goal="Stella is small.",
            ),
            [ponens(0, 3), ponens(5, 4), TRUE],
        ),
        (  # what the conclusion does not need is left out
            sentences(
                "Every wumpus is red.",
                "Stella is a wumpus.",
                "Every wumpus is a tumpus.",
                "Every wumpus is loud.",
                "Every tumpus is small.",
                "Every tumpus is a rompus.",
                goal="Stella is small.",
            ),
            [ponens(1, 2), ponens(6, 4), TRUE],
        ),
        (  # premises that occur twice
            sentences(
                "Stella is a wumpus.",
                "Wumpuses are tumpuses.",
                "Every wumpus is a tumpus.",
                "Stella is a wumpus.",
                goal="Stella is a tumpus.",
            ),
            [ponens(0, 1), TRUE],
        ),
        (  # a cycle
            sentences(
                "Every wumpus is a tumpus.",
                "Every tumpus is a wumpus.",
                "Every tumpus is small.",
                "Stella is a tumpus.",
                goal="Stella is small.",
            ),
            [ponens(3, 2), TRUE],
        ),
        (  # a negated fact meets a negated antecedent
            notation("∀x (¬P(x) → ¬Q(x))", "¬P(a)", goal="Q(a)"),
            [ponens(1, 0), FALSE],
        ),
        (
            notation("∀x ∀y (R(x, y) → R(y, x))", "∀x ∀y (R(x, y) → P(x))", "R(a, b)", goal="P(b)"),
            [ponens(2, 0), ponens(3, 1), TRUE],
        ),
        (notation("Rain", "Rain → Wet", "Wet → Cold", goal="Cold"), [ponens(0, 1), ponens(3, 2), TRUE]),
    ],
)
def test_a_shortest_proof(problem: Problem, options: list[Option]) -> None:
    assert proof(problem) == options


def test_the_indices_continue_a_state_with_holes() -> None:
    start = sentences(
        "Every wumpus is a tumpus.", "Tumpuses are small.", "Stella is a wumpus.", goal="Stella is small."
    )
    state = start.state
    assert state.apply(ponens(7, 7)) is Reason.OUT_OF_RANGE
    assert state.apply(None) is Reason.UNPARSED
    assert prove(state, lambda: Decision.TRUE) == [ponens(2, 0), ponens(5, 1), TRUE]
    state = start.state
    assert state.apply(None) is Reason.UNPARSED
    assert state.apply(ponens(2, 0)) is fol.read("tumpus(Stella)").formula
    assert prove(state, lambda: Decision.TRUE) == [ponens(4, 1), TRUE]


@pytest.mark.parametrize(
    "problem",
    [
        sentences("Every wumpus is a tumpus.", "Stella is a tumpus.", goal="Stella is a wumpus."),
        sentences("Every wumpus is a tumpus.", "Stella is a wumpus.", goal="Max is a tumpus."),
        sentences(goal="Stella is a wumpus."),
        notation("∀x (P(x) → Q(x))", "Q(a) ∨ P(a)", goal="P(a)"),
    ],
)
def test_unknown_is_concluded_at_once(problem: Problem) -> None:
    assert proof(problem) == [UNKNOWN]


def option(name: str, *args: int | str) -> Option:
    return Option(name, args)


@pytest.mark.parametrize(
    ("problem", "options"),
    [
        (  # a conjunction as antecedent, made in its order, and one as consequent
            notation("Q(a)", "P(a)", "∀x (P(x) ∧ Q(x) → R(x) ∧ S(x))", goal="S(a)"),
            [option("AND_INTRO", 1, 0), ponens(3, 2), option("AND_ELIM", 4, 1), TRUE],
        ),
        (  # a disjunction as antecedent, and as the goal
            notation("P(a)", "∀x (Q(x) ∨ P(x) → R(x))", goal="S(a) ∨ R(a)"),
            [option("OR_INTRO", 0, 1), ponens(2, 1), option("OR_INTRO", 3, "goal"), TRUE],
        ),
        (  # relations, two variables bound by two facts
            notation("L(a, b)", "L(b, c)", "∀x ∀y ∀z (L(x, y) ∧ L(y, z) → L(x, z))", goal="¬L(a, c)"),
            [option("AND_INTRO", 0, 1), ponens(3, 2), FALSE],
        ),
        (
            notation("P(a)", "∀x (P(x) ↔ Q(x))", goal="Q(a)"),
            [option("BICONDITIONAL_ELIM", 1, 0), ponens(0, 2), TRUE],
        ),
        (
            notation("∀x P(x)", "∀x (P(x) → Q(x))", goal="Q(a)"),
            [option("UNIV_INSTANTIATION", 0, "a"), ponens(2, 1), TRUE],
        ),
        (notation("P(a)", "Q(a)", goal="Q(a) ∧ P(a)"), [option("AND_INTRO", 1, 0), TRUE]),
        (notation("P(a)", "¬P(a)", goal="P(a)"), [TRUE]),
    ],
)
def test_forward_chaining(problem: Problem, options: list[Option]) -> None:
    assert proof(problem) == options


@pytest.mark.parametrize(
    ("problem", "options"),
    [
        (
            sentences("Every wumpus is a tumpus.", "Stella is not a tumpus.", goal="Stella is a wumpus."),
            [option("MODUS_TOLLENS", 1, 0), FALSE],
        ),
        (  # each case is a rule that is there already
            notation("P(a) ∨ P(b)", "∀x (P(x) → Q)", goal="Q"),
            [option("CASE_SPLIT", 0, 1, 1), TRUE],
        ),
        (notation("P(a) ∨ Q(a)", "¬P(a)", goal="Q(a)"), [option("DISJUNCTIVE_SYLLOGISM", 0, 1), TRUE]),
        (
            notation("∀x P(x)", goal="∃x P(x)"),
            [option("UNIV_INSTANTIATION", 0, "ArbitraryA"), option("EXIST_GENERALIZATION", 1, "ArbitraryA"), TRUE],
        ),
        (
            notation("P → Q", "Q → R", goal="P → R"),
            [option("HYPOTHETICAL_SYLLOGISM", 0, 1), TRUE],
        ),
        (
            notation("∀x (P(x) → Q(x))", "∀x (Q(x) → R(x))", "∀x (R(x) → S(x))", goal="P(b) → S(b)"),
            [
                option("HYPOTHETICAL_SYLLOGISM", 0, 1),
                option("HYPOTHETICAL_SYLLOGISM", 3, 2),
                option("UNIV_INSTANTIATION", 4, "b"),
                TRUE,
            ],
        ),
        (
            notation("∀x (P(x) → Q(x))", "∀x (Q(x) → P(x))", goal="∀x (P(x) ↔ Q(x))"),
            [option("BICONDITIONAL_INTRO", 0, 1), TRUE],
        ),
        (
            notation("∀x ∀y (P(x, y) → Q(x, y))", "∀x ∀y (Q(x, y) → R(x, y))", goal="∀x ∀y (P(x, y) → R(x, y))"),
            [option("HYPOTHETICAL_SYLLOGISM", 0, 1), TRUE],
        ),
        (  # two arbitrary individuals that one option names
            notation("∃x P(x)", goal="∀x ∀y (Q(x, y) → Q(x, y))"),
            [
                option("ASSUME", "goal", 3, 0, "ArbitraryA", "ArbitraryB"),
                option("CONDITIONAL_PROOF", 1, 1),
                option("UNIV_GENERALIZATION", 2, "ArbitraryB"),
                option("UNIV_GENERALIZATION", 3, "ArbitraryA"),
                TRUE,
            ],
        ),
        (
            notation("∀x (P(x) → Q(x))", "∀x (Q(x) → R(x))", "∀x (S(x) → R(x))", "P(a) ∨ S(a)", goal="R(a)"),
            [option("HYPOTHETICAL_SYLLOGISM", 0, 1), option("CASE_SPLIT", 3, 4, 2), TRUE],
        ),
        (
            notation("∀x (P(x) → Q(x))", "∀x P(x)", goal="∀x Q(x)"),
            [
                option("UNIV_INSTANTIATION", 1, "ArbitraryA"),
                ponens(2, 0),
                option("UNIV_GENERALIZATION", 3, "ArbitraryA"),
                TRUE,
            ],
        ),
        (
            notation("∃x P(x)", "∀x (P(x) → Q(x))", goal="∃x Q(x)"),
            [
                option("EXIST_INSTANTIATION", 0),
                ponens(2, 1),
                option("EXIST_GENERALIZATION", 3, "WitnessC"),
                TRUE,
            ],
        ),
        (  # by contradiction; what is known from the assumption alone stands in its scope
            notation("P → Q", "¬P → Q", goal="Q"),
            [
                option("ASSUME", "goal", 0, 1),
                option("MODUS_TOLLENS", 2, 0),
                ponens(3, 1),
                option("CONTRADICTION", 4, 2),
                TRUE,
            ],
        ),
        (  # premises that contradict each other prove anything, by way of its complement
            notation("P", "¬P", goal="Q"),
            [option("ASSUME", "goal", 0, 1), option("CONTRADICTION", 1, 0), TRUE],
        ),
        (
            notation("P", goal="¬¬P"),
            [
                option("ASSUME", "goal", 0, 1),
                option("CONDITIONAL_PROOF", 1, 1),
                option("MODUS_TOLLENS", 0, 2),
                TRUE,
            ],
        ),
    ],
)
def test_natural_deduction(problem: Problem, options: list[Option]) -> None:
    assert proof(problem) == options


@pytest.mark.parametrize(
    ("problem", "answer"),
    [
        (notation(goal="P ∨ ¬P"), Answer.TRUE),
        (notation(goal="((P → Q) → P) → P"), Answer.TRUE),
        (notation(goal="(P → Q) ∨ (Q → P)"), Answer.TRUE),
        (notation(goal="∃x (P(x) → ∀y P(y))"), Answer.TRUE),  # the drinker
        (notation("¬∀x P(x)", goal="∃x ¬P(x)"), Answer.TRUE),
        (notation("¬∃x P(x)", goal="∀x ¬P(x)"), Answer.TRUE),
        (notation("∃x ∀y L(x, y)", goal="∀y ∃x L(x, y)"), Answer.TRUE),
        (notation("L(a, a)", goal="∃x L(x, a)"), Answer.TRUE),  # not every a is generalized
        (notation("P ⊕ Q", "Q ⊕ R", goal="P ↔ R"), Answer.TRUE),
        (notation("¬(P ⊕ Q)", "¬(Q ↔ R)", goal="P ⊕ R"), Answer.TRUE),
        (notation("P ↔ (Q ∧ R)", "¬(Q → S)", goal="R → P"), Answer.TRUE),
        (notation("(P ∧ Q) ∨ (P ∧ R)", goal="P → ¬(Q ∨ R)"), Answer.FALSE),
        (notation("∀x (P(x) ⊕ Q(x))", "∃x ¬Q(x)", goal="∀x Q(x)"), Answer.FALSE),
        (  # the witness depends on the arbitrary individual
            notation(
                "∀x ∃y L(x, y)",
                "∀x ∀y (L(x, y) → L(y, x))",
                "∀x ∀y ∀z (L(x, y) ∧ L(y, z) → L(x, z))",
                goal="∀x L(x, x)",
            ),
            Answer.TRUE,
        ),
    ],
)
def test_what_takes_assumptions_is_proved(problem: Problem, answer: Answer) -> None:
    options = proof(problem)
    assert options is not None and options[-1] == Option(CONCLUDE, (answer.value,))


def test_what_the_solver_leaves_open_is_not_proved() -> None:
    open_ = sentences("Stella is red.", goal="Stella is small.")
    assert prove(open_.state, lambda: Decision.UNDECIDED) is None


@pytest.mark.parametrize("backwards", [False, True])
def test_a_chain_of_two_thousand_hops(backwards: bool) -> None:
    rules = [f"∀x (p{number}(x) → p{number + 1}(x))" for number in range(2000)]
    order = list(range(2000))[:: -1 if backwards else 1]
    chain = notation(*(rules[number] for number in order), "p0(a)", goal="p2000(a)")
    options = prove(chain.state, lambda: Decision.TRUE)
    assert options is not None and len(options) == 2001
    checked = Verifier(chain.facts, chain.goal).check(write_proof(chain.state, options, chain.say))
    assert checked.valid(Answer.TRUE)


@pytest.mark.parametrize(
    "problem",
    [
        notation("P → Q", "Q → R", goal="P → R"),
        notation("P → Q", "¬P → Q", goal="Q"),
        notation("P ∨ Q", "P → R ∧ S", "Q → S", goal="S ∨ T"),
        notation("∀x (P(x) ⊕ Q(x))", "∃x ¬Q(x)", goal="∀x Q(x)"),
        notation("P ⊕ Q", "Q ⊕ R", goal="P ↔ R"),
        notation("∀x (P(x) → ¬Q(x))", goal="¬∃x (P(x) ∧ Q(x))"),
    ],
)
def test_a_proof_goes_on_from_each_of_its_states(problem: Problem) -> None:
    verifier = Verifier(problem.facts, problem.goal)
    options = prove(problem.state, verifier.decide)
    assert options is not None
    state = problem.state
    for count, taken in enumerate(options):
        rest = prove(state, verifier.decide)
        assert rest is not None
        steps = write_proof(problem.state, options[:count] + rest, problem.say)
        assert verifier.check(steps).valid(None)
        if state.assumptions:  # the scope that is open is used, or closed by one step and its proof made anew
            assert len(rest) <= len(options) + 1
        if taken.name != CONCLUDE:
            state.apply(taken)


def test_a_proof_is_not_longer_than_itself() -> None:
    """A chain of four rules is found; the disjunctive syllogism beside it has two steps and the ratio one."""
    chain = [f"Every {a} is a {b}." for a, b in pairwise(["wumpus", "tumpus", "numpus", "yumpus", "zumpus"])]
    problem = sentences(
        "Rex is a wumpus.", *chain, "Rex is a gorpus or a zumpus.", "Rex is not a gorpus.", goal="Rex is a zumpus."
    )
    short = write_proof(
        problem.state, [Option("DISJUNCTIVE_SYLLOGISM", (5, 6)), Option(CONCLUDE, (0,))], problem.say
    )
    checked = Verifier(problem.facts, problem.goal).check(short)
    assert lengths(problem, checked) == (2, 2)
    assert len(proof(problem) or ()) == 5


WIDE = [f"{kind}(a{number})" for kind in "PQS" for number in range(150)]


def test_what_is_known_is_not_joined_again() -> None:
    problem = notation(*WIDE, "∀x ∀y ∀z (P(x) ∧ Q(y) ∧ S(z) → R(x))", goal="R(a149)")
    assert proof(problem) is not None


def test_an_assumption_that_is_of_no_use_is_closed() -> None:
    problem = notation("P(a)", "∀x (P(x) → Q(x))", goal="Q(a)")
    state = problem.state
    state.apply(option("ASSUME", 1, 3, 1, "b"))
    options = prove(state, lambda: Decision.TRUE)
    assert options == [option("CONDITIONAL_PROOF", 2, 2), ponens(0, 1), TRUE]


PIGEONS = [" ∨ ".join(f"in(p{pigeon}, h{hole})" for hole in range(6)) for pigeon in range(7)] + [
    f"¬(in(p{one}, h{hole}) ∧ in(p{other}, h{hole}))"
    for hole in range(6)
    for one in range(7)
    for other in range(one)
]
LINKS = [f"L(a{number}, a{number + 1})" for number in range(90)]


@pytest.mark.parametrize(
    "problem",
    [
        notation(*PIGEONS, goal="P"),  # true, by more cases than are looked at
        notation(*LINKS, "∀x ∀y ∀z (L(x, y) ∧ L(y, z) → L(x, z))", goal="L(a90, a0)"),  # 729,000 instances
        notation(*WIDE, "∀x ∀y ∀z (P(x) ∧ Q(y) ∧ S(z) ∧ N(x, y, z) → R(x))", goal="R(a0)"),  # 10,000,000 joins
        notation("∀x ∃y L(x, y)", "∀x ∀y ∀z (L(x, y) ∧ L(y, z) → L(x, z))", goal="∀x L(x, x)"),  # no end
        notation("P", goal=" ∨ ".join(f"P{number}" for number in range(400))),
    ],
)
def test_the_search_is_bounded(problem: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the limits, here a tenth of what they are, none of these would end within the patience of a test."""
    monkeypatch.setattr(forward_chaining, "MAX_JOINED", forward_chaining.MAX_JOINED // 10)
    monkeypatch.setattr(knowledge, "MAX_WORK", knowledge.MAX_WORK // 10)
    assert prove(problem.state, lambda: Decision.UNDECIDED) is None


CONJUNCTS = " ∧ ".join(f"P{number}(x)" for number in range(600))


@pytest.mark.parametrize(
    "problem",
    [
        notation(f"∀x ({CONJUNCTS})", goal="P3(ann)"),  # the instance would have more than 500 nodes
        notation(  # no formula is large; looking for each disjunction in its rule is too much work in all
            *(f"(P{n} ∨ D{n}) → P{n + 1}" for n in range(1100)), "P0", goal="P1100"
        ),
    ],
)
def test_a_proof_that_the_kernel_has_no_room_for_is_not_found(problem: Problem) -> None:
    assert prove(problem.state, lambda: Decision.TRUE) is None


CONCEPTS = [f"{letter}umpus" for letter in "bcdfgj"]
rules = st.tuples(st.sampled_from(CONCEPTS), st.sampled_from([*CONCEPTS, "small", "red"]), st.booleans()).map(
    lambda rule: f"Every {rule[0]} is {'not ' if rule[2] else ''}{rule[1]}."
)


@given(st.lists(rules, max_size=10), st.sampled_from(CONCEPTS), st.sampled_from(["small", "red"]))
@settings(max_examples=200)
def test_proofs_are_minimal_and_verify(premises: list[str], start: str, asked: str) -> None:
    problem = sentences(*premises, f"Stella is a {start}.", goal=f"Stella is {asked}.")
    options = proof(problem)
    # the least number of rules from the entity's concept to the property or its negation, by plain search
    reached, frontier, hops = {start}, {start}, 0
    while frontier and not reached & {asked, f"not {asked}"}:
        told = [premise[:-1].split(" ", 3) for premise in premises]
        frontier = {claim for _, kind, _, claim in told if kind in frontier} - reached
        reached, hops = reached | frontier, hops + 1
    if reached & {asked, f"not {asked}"}:
        assert options is not None and len(options) == hops + 1
    else:  # premises that contradict each other prove it in another way
        consistent = Verifier(problem.facts, problem.goal).decision is not Decision.INCONSISTENT
        assert options == [UNKNOWN] if consistent else options is not None


LETTERS = st.sampled_from("PQRS").map(lambda name: Atom(name, (Constant("a"),)))


def compound(part: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    kinds = st.sampled_from((And, Or, Implies, Iff, Xor))
    return part.map(Not) | st.builds(lambda kind, one, other: kind(one, other), kinds, part, part)


def checked(premises: list[Formula], goal: Formula) -> tuple[Decision, list[Option] | None]:
    """What z3 says, and the proof found, which must be valid."""
    verifier = Verifier(premises, goal)
    options = prove(State(premises, goal), verifier.decide)
    if options is not None:
        steps = write_proof(State(premises, goal), options, fol.write)
        assert verifier.check(steps).valid(None)
    return verifier.decision, options


@given(st.lists(compound(compound(LETTERS) | LETTERS), max_size=3), compound(LETTERS) | LETTERS)
@settings(max_examples=300)
def test_what_follows_without_quantifiers_is_proved(premises: list[Formula], goal: Formula) -> None:
    decision, options = checked(premises, goal)
    assert options is not None
    if decision in (Decision.TRUE, Decision.FALSE, Decision.UNKNOWN):
        assert options[-1] == Option(CONCLUDE, (Answer[decision.name].value,))


@given(st.lists(formulas(3), max_size=3), formulas(3))
@settings(max_examples=300)
def test_what_is_found_with_quantifiers_is_valid(premises: list[Formula], goal: Formula) -> None:
    _, options = checked(premises, goal)
    assert options == checked(premises, goal)[1]


def test_a_disjunction_of_which_one_denial_leaves_nothing() -> None:
    wet = Atom("wet", (Constant("Stella"),))
    checked([Or(wet, Not(Not(wet)))], wet)


def found_in(path: str) -> list[tuple[Problem, Decision, Answer | None, int]]:
    """Each problem of a shared file with z3's decision, the answer that was proved, and the number of steps."""
    results = []
    for problem in read_file(problem_file(path)):
        assert isinstance(problem, Problem), problem
        verifier = Verifier(problem.facts, problem.goal)
        options = prove(problem.state, verifier.decide)
        answer = None
        if options is not None:
            trace = verifier.check(write_proof(problem.state, options, problem.say))
            assert trace.valid(None), problem.id
            answer = trace.answer
        results.append((problem, verifier.decision, answer, len(options or ())))
    return results


OOD = {
    **{rule: ("2hop", "3hop") for rule in ("AndElim", "AndIntro", "OrIntro")},
    "Composed": ("2hop", "3hop", "4hop"),
    **{rule: ("1hop_width2", "1hop_width3") for rule in ("OrElim", "ProofByContra")},
}


@pytest.mark.parametrize("rule", OOD)
def test_every_query_of_prontoqa_ood_is_proved(rule: str) -> None:
    for size in OOD[rule]:
        for problem, decision, answer, steps in found_in(f"prontoqa_ood/{rule}_{size}.json"):
            assert answer is Answer.TRUE or decision is Decision.INCONSISTENT, problem.id
            assert steps <= 12, problem.id


@needs_shared_data
def test_every_true_and_false_of_proofwriter_is_proved() -> None:
    results = found_in("proofwriter/logic_lm_dev.json")
    settled = [(problem, answer) for problem, _, answer, _ in results if problem.label is not Answer.UNKNOWN]
    assert len(results) == 600 and len(settled) == 400
    assert all(answer is problem.label for problem, answer in settled)


@needs_shared_data
def test_what_z3_confirms_of_folio_is_proved() -> None:
    results = found_in("folio/folio-validation-v0.0-sample.jsonl")
    settled = [
        (answer, steps)
        for problem, decision, answer, steps in results
        if problem.label in (Answer.TRUE, Answer.FALSE) and problem.label.name == decision.name
    ]
    assert len(settled) == 39 and all(answer is not None for answer, _ in settled)
    assert max(steps for _, steps in settled) <= 35
