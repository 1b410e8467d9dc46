"""Entailment: worked verdicts, the ways of deciding against each other, limits, and FOLIO's labels.

Speed is not tested here.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
import z3
from formulas import formulas
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_data import SHARED, needs_shared_data

from sokrates.logic import entailment, fol, solver, solver_process
from sokrates.logic.answer import Decision
from sokrates.logic.entailment import Entailment
from sokrates.logic.formula import (
    FALSITY,
    TRUTH,
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
    subformulas,
)

FOLIO = SHARED / "folio" / "folio-validation-v0.0-sample.jsonl"
LABELS = {"True": Decision.TRUE, "False": Decision.FALSE, "Uncertain": Decision.UNKNOWN}
ORDER_WITHOUT_END = ("∀x ∃y R(x, y)", "∀x ¬R(x, x)", "∀x ∀y ∀z ((R(x, y) ∧ R(y, z)) → R(x, z))")
ENDLESS = "∀x ∀y (R(x, y) → ∃z (R(y, z) ∧ ¬R(z, y)))"  # follows from them, and is found


def _formula(text: str) -> Formula:
    return fol.read(text).formula


def _premises(*texts: str) -> Entailment:
    return Entailment([_formula(text) for text in texts])


CHAIN = (
    "∀x (wumpus(x) → tumpus(x))",
    "∀x (tumpus(x) → ¬small(x))",
    "∀x (small(x) → rompus(x))",
    "wumpus(Stella)",
)


@pytest.mark.parametrize(
    ("premises", "goal", "decision"),
    [
        (CHAIN, "tumpus(Stella)", Decision.TRUE),
        (CHAIN, "small(Stella)", Decision.FALSE),
        (CHAIN, "rompus(Stella)", Decision.UNKNOWN),
        (CHAIN, "wumpus(Max)", Decision.UNKNOWN),
        (CHAIN, "∀x (wumpus(x) → ¬small(x))", Decision.TRUE),
        (CHAIN, "∀x (small(x) → ¬wumpus(x))", Decision.TRUE),
        (CHAIN, "∀x (rompus(x) → small(x))", Decision.UNKNOWN),
        (CHAIN, "∃x ¬small(x)", Decision.TRUE),
        (CHAIN, "∃x small(x)", Decision.UNKNOWN),
        ((*CHAIN, "small(Stella)"), "rompus(Max)", Decision.INCONSISTENT),
        (("∃x P(x)",), "P(a)", Decision.UNKNOWN),
        (("∀x P(x)",), "∃x P(x)", Decision.TRUE),  # domains are not empty
        (("P(a)", "¬P(b)"), "∀x P(x)", Decision.FALSE),
        (("P(a)",), "∀x P(x)", Decision.UNKNOWN),
        (("P(a) ⊕ Q(a)", "P(a)"), "Q(a)", Decision.FALSE),
        (("P(a) ↔ Q(a)", "¬P(a)"), "Q(a)", Decision.FALSE),
        (("P(a) ∨ Q(a)", "P(a) → R(a)", "Q(a) → R(a)"), "R(a)", Decision.TRUE),
        (("P(a)",), "P(a, a)", Decision.UNKNOWN),  # another predicate, of arity 2
        (("∃x ∀y R(x, y)",), "∀y ∃x R(x, y)", Decision.TRUE),
        (("∀y ∃x R(x, y)",), "∃x ∀y R(x, y)", Decision.UNKNOWN),
        (("∀y ∃x R(x, y)",), "∃x R(x, a)", Decision.TRUE),
        (("∀x ∃y R(x, y)", "∀x ∀y (R(x, y) → (P(x) ⊕ P(y)))", "P(a)"), "P(b)", Decision.UNKNOWN),  # not by z3
        (("∀x (P(x) ↔ ∃y R(x, y))", "R(a, b)"), "P(a) ∧ ¬P(b)", Decision.UNKNOWN),
        ((), "⊤", Decision.TRUE),
        ((), "⊥", Decision.FALSE),
        ((), "P ∨ ¬P", Decision.TRUE),
        (("⊥",), "⊤", Decision.INCONSISTENT),
    ],
)
def test_decides(premises: tuple[str, ...], goal: str, decision: Decision) -> None:
    assert _premises(*premises).decide(_formula(goal)) is decision


def test_entails_says_less_than_decide() -> None:
    assert _premises(*CHAIN).entails(_formula("rompus(Stella)")) is False
    assert _premises("⊥").entails(_formula("P")) is True


def test_mutual_definitions_do_not_send_z3_in_circles() -> None:
    """As equations under ∀, these two keep z3 5.4.1 rewriting until the limit."""
    definition, other = (_formula(text) for text in ("∀x (P(a, x) ↔ Q(a, a))", "∀x ¬(Q(a, x) ↔ P(a, a))"))
    assert Entailment([definition], 10_000)._by_z3(other).satisfiable is False


@settings(max_examples=80)
@given(st.lists(formulas(max_depth=3), max_size=4), formulas(max_depth=2))
def test_the_searches_agree_with_z3(problem: list[Formula], denial: Formula) -> None:
    premises = Entailment(problem)
    solved = premises._by_z3(denial).satisfiable
    if solved is not None and premises._small is not None:
        if premises._herbrand is not None:
            with suppress(entailment._OutsideFragment):
                assert premises._herbrand.satisfiable_with(denial, 100_000).satisfiable is solved
        assert solved or not premises._small.satisfiable_with(denial, 100_000).satisfiable


def _as_z3_takes_it(formula: Formula, bound: tuple[z3.ExprRef, ...] = ()) -> z3.BoolRef:
    """The formula itself, for z3 to make clauses of; ↔ and ⊕ spelled out, as its equations go round in circles."""
    individual = z3.DeclareSort("individual")
    if isinstance(formula, Atom):
        signature = [*[individual] * len(formula.terms), z3.BoolSort()]
        predicate = z3.Function(f"{formula.predicate} {len(formula.terms)}", *signature)
        return predicate(
            *(bound[-1 - t.index] if isinstance(t, Bound) else z3.Const(t.name, individual) for t in formula.terms)
        )
    if isinstance(formula, Forall | Exists):
        variable = z3.Const(f"x{len(bound)}", individual)
        quantifier = z3.ForAll if isinstance(formula, Forall) else z3.Exists
        return quantifier([variable], _as_z3_takes_it(formula.body, (*bound, variable)))
    parts = [_as_z3_takes_it(part, bound) for part in subformulas(formula)]
    match formula:
        case Not():
            return z3.Not(*parts)
        case And():
            return z3.And(*parts)
        case Or():
            return z3.Or(*parts)
        case Implies():
            return z3.Implies(*parts)
        case Iff():
            return z3.And(z3.Implies(*parts), z3.Implies(*reversed(parts)))
    assert isinstance(formula, Xor)
    return z3.And(z3.Or(*parts), z3.Or(*map(z3.Not, parts)))


@settings(max_examples=80)
@given(st.lists(formulas(max_depth=4), max_size=3), formulas(max_depth=3))
def test_the_clauses_have_a_model_when_the_formulas_have_one(problem: list[Formula], denial: Formula) -> None:
    """z3 on the formulas themselves is the second opinion: its clauses and its functions are its own."""
    solver = z3.Solver()
    solver.set("rlimit", 100_000)
    solver.add(*map(_as_z3_takes_it, (*problem, denial)))
    wanted, found = solver.check(), Entailment(problem)._by_z3(denial).satisfiable
    assert wanted == z3.unknown or found is None or found is (wanted == z3.sat)


@settings(max_examples=60)
@given(st.lists(formulas(max_depth=2), max_size=3), st.lists(formulas(max_depth=2), min_size=2, max_size=5))
def test_a_question_leaves_nothing_behind(problem: list[Formula], goals: list[Formula]) -> None:
    premises = Entailment(problem, rlimit=20_000)
    together = [premises.entails(goal) for goal in goals]
    assert together == [Entailment(problem, rlimit=20_000).entails(goal) for goal in goals]
    assert together == [premises.entails(goal) for goal in goals]


@settings(max_examples=60)
@given(formulas(max_depth=3), formulas(max_depth=3))
def test_verdicts_keep_the_laws_of_logic(premise: Formula, goal: Formula) -> None:
    premises = Entailment([premise])
    assert premises.entails(premise) in (True, None)
    assert premises.entails(TRUTH) is True
    if premises.decide(goal) in (Decision.TRUE, Decision.FALSE):
        assert premises.entails(FALSITY) is not True  # None: of a proved goal's negation, nothing is known
        assert premises.decide(Not(goal)) is not premises.decide(goal)


# Limits


def test_a_problem_without_finite_models_is_undecided() -> None:
    premises = Entailment([_formula(text) for text in ORDER_WITHOUT_END], rlimit=20_000)
    assert premises.entails(_formula("R(a, a)")) is None
    assert premises.decide(_formula("P(a)")) is Decision.UNDECIDED
    assert premises.entails(_formula(ENDLESS)) is True


def test_a_verdict_at_the_limit_does_not_depend_on_what_was_asked_before() -> None:
    texts = ("∀x ∃y R(x, y)", "∀x ∀y (R(x, y) → (P(x) ⊕ P(y)))", "P(a)")
    goals = [_formula(text) for text in ("∃x ¬P(x)", "∃x (R(a, x) ∧ ¬P(x))", "∀x P(x)", "P(b)", "R(a, a)")]
    verdicts = set()
    for rlimit in (50, 200, 350, 500, 650, 800, 1000, 2000, 4000):
        premises = Entailment([_formula(text) for text in texts], rlimit)
        onwards = [premises.entails(goal) for goal in goals]
        backwards = [premises.entails(goal) for goal in reversed(goals)]
        alone = [Entailment([_formula(text) for text in texts], rlimit).entails(goal) for goal in goals]
        assert onwards == backwards[::-1] == alone
        verdicts.update(onwards)
    assert verdicts == {True, False, None}


def pigeonholes(pigeons: int, holes: int) -> str:
    """That each of the pigeons sits in a hole and no two in one: false where there are more of them than holes."""
    each = [" ∨ ".join(f"P(p{p}, h{h})" for h in range(holes)) for p in range(pigeons)]
    pairs = [(p, q, h) for h in range(holes) for p in range(pigeons) for q in range(p)]
    apart = [f"¬(P(p{p}, h{h}) ∧ P(p{q}, h{h}))" for p, q, h in pairs]
    return " ∧ ".join([*(f"({one})" for one in each), *apart])


def test_a_hostile_claim_is_undecided_instead_of_searched_for_long() -> None:
    """Valid, within the readers' length, and out of reach of resolution: it must not hold an audit up."""
    assert _premises("Q(a)").entails(_formula(f"¬({pigeonholes(6, 5)})")) is True
    hostile = _formula(f"¬({pigeonholes(11, 10)})")
    assert _premises("Q(a)").entails(hostile) is None
    assert _premises("Q(a)").decide(hostile) is Decision.UNDECIDED
    assert _premises("Q(a)", "∀x ∃y R(x, y)").entails(hostile) is None


@pytest.mark.parametrize("sign", ["↔", "⊕"])
def test_nested_sides_do_not_double_at_every_level(sign: str) -> None:
    """98 levels; each takes two clauses of three literals and four of two, 20 symbols or so."""
    chain = f" {sign} ".join(f"P{number}(a)" for number in range(99))
    premises = Entailment([_formula(chain), *(_formula(f"P{number}(a)") for number in range(1, 99))])
    assert premises.entails(_formula("P0(a)")) is True  # of 99 an even number does not hold, or an odd one does
    assert premises.entails(_formula(f"{chain} {sign} Q(a)" if sign == "⊕" else f"{chain} ↔ Q(a)")) is False
    assert premises.work < 10_000


def test_past_the_limit_of_size_z3_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _premises(*ORDER_WITHOUT_END).entails(_formula(ENDLESS)) is True
    for limit in "MAX_Z3_SYMBOLS", "MAX_LITERALS":
        with monkeypatch.context() as patch:
            patch.setattr(entailment, limit, 5)
            assert _premises(*ORDER_WITHOUT_END).entails(_formula(ENDLESS)) is None


# A quantified part under ↔ and ⊕, in each of which it stands with both signs: z3 doubled it at every level.
# The first, of 188 characters in a Thought, held an audit up for minutes; the second took all of the memory.
def _alternating(parts: int) -> str:
    return "∀x ∃y ∀z ∃w (" + " ∧ ".join(["(A(x) ↔ ∃v B(z, v)) ⊕ C(w)"] * parts) + ")"


def _equivalent(parts: int) -> str:
    return " ↔ ".join(f"(∀x ∃y (R(x, y) ⊕ ∃z P{number}(x, z)))" for number in range(parts))


@pytest.mark.parametrize("text", [_alternating, _equivalent])
def test_quantified_parts_do_not_double_at_every_level(text: Callable[[int], str]) -> None:
    """The clauses of a formula of twice the length are twice as many, or so."""
    formulas = [_formula(text(parts)) for parts in (8, 16, 32)]
    clauses = [entailment._Clausifier().clausified([formula]) for formula in formulas]
    symbols = [sum(map(entailment._symbols, one)) for one in clauses]
    assert symbols[1] < 2.2 * symbols[0] and symbols[2] < 2.2 * symbols[1]
    premises = _premises("Q(a)", "∀x ∃y R(x, y)")
    assert premises.entails(formulas[2]) in (False, None)
    assert premises.entails(Not(formulas[2])) in (False, None)
    assert Entailment([formulas[2]]).decide(_formula("Q(a)")) in (Decision.UNKNOWN, Decision.UNDECIDED)


def test_the_first_of_them_is_decided() -> None:
    assert Entailment([_formula(_alternating(6))]).decide(_formula("Q(a)")) is Decision.UNKNOWN


# The solver process


def _process_id() -> int:
    assert solver._process._process
    return solver._process._process.pid


def _asks_the_process() -> bool | None:
    return _premises(*ORDER_WITHOUT_END).entails(_formula(ENDLESS))


def test_a_solver_process_that_is_killed_is_started_anew() -> None:
    assert _asks_the_process() is True
    before = _process_id()
    assert _asks_the_process() is True and _process_id() == before
    assert solver._process._process
    solver._process._process.kill()
    solver._process._process.wait()
    assert _asks_the_process() is True and _process_id() != before


@pytest.mark.parametrize(
    ("limit", "less"),
    [
        ("MEMORY_BYTES: Final = 256 << 20", "MEMORY_BYTES: Final = 1 << 20"),
        ("CPU_SECONDS: Final = 2.0", "CPU_SECONDS: Final = 0.0001"),
    ],
)
def test_past_a_limit_of_the_process_a_question_is_undecided(
    limit: str, less: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With next to no memory, or time, for z3: no exception, and the next question is answered as ever."""
    assert _asks_the_process() is True
    source = Path(solver_process.__file__).read_text(encoding="utf-8")
    assert source.count(limit) == 1
    (tmp_path / "solver_process.py").write_text(source.replace(limit, less))
    with monkeypatch.context() as patch:
        patch.setattr(solver_process, "__file__", str(tmp_path / "solver_process.py"))
        solver._process.stop()
        assert _asks_the_process() is None
        solver._process.stop()
    assert _asks_the_process() is True


def test_a_solver_that_does_not_answer_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _asks_the_process() is True
    before = _process_id()
    os.kill(before, signal.SIGSTOP)
    monkeypatch.setattr(solver, "ANSWER_SECONDS", 0.05)
    assert _asks_the_process() is None
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


def test_a_solver_that_cannot_be_started_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    solver._process.stop()
    monkeypatch.setattr(solver_process, "__file__", str(tmp_path / "none.py"))
    with pytest.raises(solver.SolverError, match="solver process could not be started"):
        _asks_the_process()


def test_a_forked_process_has_a_solver_of_its_own() -> None:
    assert _asks_the_process() is True
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
        answers = [pool.submit(_asks_the_process) for _ in range(8)]
        assert _asks_the_process() is True
        assert all(answer.result() is True for answer in answers)


def test_threads_ask_ground_questions_at_once() -> None:
    """With one context for both, z3 ends the process."""
    either = [[a, b] for a in (1, -1) for b in (2, -2)]  # every assignment of two atoms is against one of these
    questions = [(either, False), (either[1:], True)] * 150
    with ThreadPoolExecutor(3) as pool:
        answers = [
            [*pool.map(lambda one: solver.ground_model(one[0], 10**6).satisfiable, questions)] for _ in (1, 2)
        ]
    assert answers == [[expected for _, expected in questions]] * 2


def test_every_exception_of_z3_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise z3.Z3Exception("out of memory")

    monkeypatch.setattr(z3.Solver, "check", fail)
    assert solver.ground_model([[1, 2], [-1, -2]], 1000).satisfiable is None
    question = {"rlimit": 1000, "clauses": [[(0, True, [0])], [(1, False, [[0, 1]])]]}
    assert solver_process.answer(question) == (None, 1000)


def test_past_the_limit_of_grounding_z3_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entailment, "MAX_SYMBOLS", 1)
    premises = _premises(*CHAIN)
    assert premises._herbrand is None
    assert premises.decide(_formula("small(Stella)")) is Decision.FALSE
    assert premises.decide(_formula("rompus(Stella)")) is Decision.UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        " ↔ ".join(f"P{i}(a)" for i in range(90)),
        " ∨ ".join(f"(P{i}(a) ∧ Q{i}(a))" for i in range(60)),
        " ∨ ".join(["(⊥ ∧ P ∧ ⊥)"] * 60) + " ∨ Q",
        " ".join(f"∀v{i}" for i in range(60)) + f" P({', '.join(f'v{i}' for i in range(60))})",
    ],
)
def test_formulas_that_explode_as_clauses_are_decided(text: str) -> None:
    assert _premises(text, "S(a)", "S(b)").decide(_formula("S(c)")) is Decision.UNKNOWN


# FOLIO

# line of the file (from 0): what z3 finds where the annotators label otherwise, and why
DISAGREEMENTS = {
    19: Decision.UNKNOWN,  # label False: no premise says that one has a single favourite season
    52: Decision.UNKNOWN,  # label True: Meetings(x) stands for Meeting(x), and ⊕ for "both or neither"
}


@needs_shared_data
def test_folio_labels_agree() -> None:
    rows = [json.loads(line) for line in FOLIO.read_text(encoding="utf-8").splitlines()]
    disagreements = {}
    for number, row in enumerate(rows):
        decision = _premises(*row["premises-FOL"]).decide(_formula(row["conclusion-FOL"]))
        if decision is not LABELS[row["label"]]:
            disagreements[number] = decision
    assert len(rows) == 65
    assert disagreements == DISAGREEMENTS


ORDER = (
    "∀x ∃y Above(x, y)",
    "∀x ¬Above(x, x)",
    "∀x ∀y ∀z ((Above(x, y) ∧ Above(y, z)) → Above(x, z))",
    "Above(ann, bea)",
)


@pytest.mark.parametrize(
    ("goal", "decision"),
    [
        ("Above(bea, ann)", Decision.FALSE),
        ("¬Above(bea, ann)", Decision.TRUE),
        ("Above(bea, cid)", Decision.UNDECIDED),  # no finite model shows it
    ],
)
def test_what_is_proved_is_decided_where_every_model_is_infinite(goal: str, decision: Decision) -> None:
    assert _premises(*ORDER).decide(_formula(goal)) is decision
