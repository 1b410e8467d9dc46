"""How fast steps are checked, text in and strict verdicts out, on one core (CPU time): python benchmarks/verify.py

Five ways over the same careful proofs of 5 hops (made here, in PrOntoQA's English), alternating, medians of the
repeats; the last columns are the ratios to z3 and to the bare regex. Only the first two check a proof:

    kernel               `sokrates`, with every cache emptied before: what a file costs that shares no sentence
    kernel, read before  the first again: what further samples of a problem cost a step; caches hold some 4,000
                         sentences, and these proofs have fewer
    z3, cached terms     "premises and the cited lines entail the claim": terms kept, push and pop a step
    z3, new solver       the same with a solver of its own a step (on a tenth of the steps)
    regex                finds the Actions and judges nothing

Reading premises and conclusion is part of the first two; the z3 rows get formulas that are already read. Then
what is added to the first way by roles, by the default score and by all of its parts, as the median and the range
of the repeats: to these proofs, and to the same with a fault in the third step, for which search has to say what
is missing.

Then `sokrates verify --no-entailed` on a file of such traces, of more sentences than the caches hold, with 1, 2, …
workers up to the number of cores: steps a second of wall-clock time, reading JSON included, and the ratio to one
worker.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import z3

from sokrates.audit.traces import audit_file
from sokrates.data.generator import generate
from sokrates.data.gold import careful
from sokrates.logic import english
from sokrates.logic.formula import Atom, Bound, Forall, Formula, Implies, Not
from sokrates.proof import claims, dependencies, text
from sokrates.proof.kernel import cited
from sokrates.proof.option import Option
from sokrates.proof.problem import from_sentences
from sokrates.proof.text import read_steps, write_steps
from sokrates.proof.verify import Checked, Verifier
from sokrates.score import DEFAULT_WEIGHTS, Scorer

PROBLEMS, REPEATS = 500, 15
TRACES, AUDITS = 40_000, 5  # of the file that workers share, and how often each number of them reads it
DIFFERENT = 5_000  # of them
CACHES = [
    value
    for module in (english, claims, dependencies, text)
    for value in vars(module).values()
    if callable(getattr(value, "cache_clear", None))
]
ACTION = re.compile(r'Action: <Option type="([A-Z_]+)" args="\[([^\]]*)\]" />')

Row = tuple[tuple[str, ...], str, str]


def with_kernel(rows: list[Row]) -> int:
    valid = 0
    for premises, conclusion, written in rows:
        problem = from_sentences(premises, conclusion, id="")
        checked = Verifier(problem.facts, problem.goal).check(read_steps(written))
        valid += sum(verdict.valid for verdict in checked.verdicts)
    return valid


def with_kernel_first_time(rows: list[Row]) -> int:
    for cache in CACHES:
        cache.cache_clear()
    return with_kernel(rows)


def seconds_first_time(rows: list[Row], judge: Callable[[Scorer, Checked], object]) -> float:
    """CPU time of checking traces and of what `judge` makes of that; a trace's answer is the right one."""
    for cache in CACHES:
        cache.cache_clear()
    began = time.process_time()
    for premises, conclusion, written in rows:
        problem = from_sentences(premises, conclusion, id="")
        verifier = Verifier(problem.facts, problem.goal)
        checked = verifier.check(read_steps(written))
        judge(Scorer(replace(problem, label=checked.answer), verifier), checked)
    return time.process_time() - began


def with_fault(row: Row) -> Row:
    """The trace with another fact cited in its third step than the one that its Thought names."""
    premises, conclusion, written = row
    steps = read_steps(written)
    fact, rule = steps[2].option.args  # type: ignore[union-attr]
    wrong = replace(steps[2], option=Option("MODUS_PONENS", (int(fact) - 1, rule)))
    return premises, conclusion, write_steps([*steps[:2], wrong, *steps[3:]])


def compare_judgements(rows: list[Row]) -> None:
    judges: dict[str, Callable[[Scorer, Checked], object]] = {
        "roles": lambda scorer, checked: checked.dependencies.roles,
        "the default score": lambda scorer, checked: scorer.score(checked, DEFAULT_WEIGHTS),
        "all parts": lambda scorer, checked: scorer.parts(checked),
    }
    for kind, traces in (("proofs", rows), ("traces with a fault", list(map(with_fault, rows)))):
        added: dict[str, list[float]] = {name: [] for name in judges}
        for _ in range(REPEATS):
            alone = seconds_first_time(traces, lambda scorer, checked: None)
            for name, judge in judges.items():
                added[name].append(100 * (seconds_first_time(traces, judge) / alone - 1))
        print(f"added to a first check of {kind}, in %:")
        for name, percents in added.items():
            print(f"{name:20}{statistics.median(percents):8.1f} ({min(percents):.1f} to {max(percents):.1f})")


def with_regex(rows: list[Row]) -> int:
    return sum(len(ACTION.findall(written)) for _, _, written in rows)


class Z3:
    """z3 on the formulas of modus ponens: unary predicates, constants, one ∀."""

    def __init__(self) -> None:
        self.sort = z3.DeclareSort("individual")
        self.terms: dict[Formula, z3.BoolRef] = {}

    def term(self, formula: Formula) -> z3.BoolRef:
        if formula not in self.terms:
            self.terms[formula] = self.translated(formula)
        return self.terms[formula]

    def translated(self, formula: Formula) -> z3.BoolRef:
        match formula:
            case Atom():
                (term,) = formula.terms
                name = "x" if isinstance(term, Bound) else f"constant {term.name}"
                return z3.Function(formula.predicate, self.sort, z3.BoolSort())(z3.Const(name, self.sort))
            case Not():
                return z3.Not(self.translated(formula.body))
            case Implies():
                return z3.Implies(self.translated(formula.left), self.translated(formula.right))
            case Forall():
                return z3.ForAll([z3.Const("x", self.sort)], self.translated(formula.body))
        raise AssertionError(formula)


Question = tuple[list[Formula], Formula]


def with_z3_cached(questions: list[Question]) -> int:
    z, solver, valid = Z3(), z3.SimpleSolver(), 0
    for used, claim in questions:
        solver.push()
        for formula in used:
            solver.add(z.term(formula))
        solver.add(z3.Not(z.term(claim)))
        valid += solver.check() == z3.unsat
        solver.pop()
    return valid


def with_z3_anew(questions: list[Question]) -> int:
    valid = 0
    for used, claim in questions:
        z, solver = Z3(), z3.Solver()
        solver.add(*(z.term(formula) for formula in used), z3.Not(z.term(claim)))
        valid += solver.check() == z3.unsat
    return valid


def questions_of(rows: list[Row]) -> list[Question]:
    """What each step but CONCLUDE rests on and claims."""
    questions = []
    for premises, conclusion, written in rows:
        problem = from_sentences(premises, conclusion, id="")
        lines: list[Formula] = list(problem.facts)
        for verdict in Verifier(problem.facts, problem.goal).check(read_steps(written)).verdicts:
            if verdict.option and verdict.claim:
                questions.append(([lines[index] for index in cited(verdict.option)], verdict.claim))
                lines.append(verdict.claim)
    return questions


def audit(path: Path, workers: int) -> float:
    """Seconds to check the file."""
    began = time.perf_counter()
    parts = [part.audit for part in audit_file(path, entailed=False, workers=workers)]
    seconds = time.perf_counter() - began
    if sum(part.valid_traces["strict"] for part in parts) != TRACES:
        raise AssertionError("a proof is not valid")
    return seconds


def compare_workers(rows: list[Row]) -> None:
    counts = range(1, (os.cpu_count() or 1) + 1)
    seconds: dict[int, list[float]] = {count: [] for count in counts}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "traces.jsonl")
        with path.open("w", encoding="utf-8") as file:
            for number in range(TRACES):
                premises, conclusion, written = rows[number % DIFFERENT]
                file.write(json.dumps({"premises": premises, "conclusion": conclusion, "text": written}) + "\n")
        steps = with_regex(rows) * TRACES // DIFFERENT
        for _ in range(AUDITS):
            for count in counts:
                seconds[count].append(audit(path, count))
    one = statistics.median(seconds[1])
    print(f"\na file of {steps} steps, medians of {AUDITS} repeats")
    print(f"{'workers':20}{'steps/s':>12}{'to one':>12}")
    for count in counts:
        median = statistics.median(seconds[count])
        print(f"{count:<20}{steps / median:12,.0f}{one / median:12.2f}")


def proofs(count: int) -> list[Row]:
    made = generate(count, hops=[5], ontologies=["fictional"], distractors=1, unknown_share=0.0, seed=7)
    return [(problem.premises, problem.conclusion, write_steps(careful(problem))) for problem in made]


def main() -> None:
    rows = proofs(PROBLEMS)
    steps = with_regex(rows)
    questions = questions_of(rows)
    few = questions[::10]
    ways: dict[str, tuple[Callable[[], int], int]] = {
        "kernel": (lambda: with_kernel_first_time(rows), steps),
        "kernel, read before": (lambda: with_kernel(rows), steps),
        "z3, cached terms": (lambda: with_z3_cached(questions), len(questions)),
        "z3, new solver": (lambda: with_z3_anew(few), len(few)),
        "regex": (lambda: with_regex(rows), steps),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(REPEATS):
        for name, (check, count) in ways.items():
            began = time.process_time()
            valid = check()
            rates[name].append(count / (time.process_time() - began))
            if valid != count:
                raise AssertionError(f"{name}: {valid} of {count} steps are valid")
    medians = {name: statistics.median(of) for name, of in rates.items()}
    print(f"{steps} steps of {PROBLEMS} proofs, medians of {REPEATS} repeats")
    baselines = ("z3, new solver", "z3, cached terms", "regex")
    print(f"{'':20}{'steps/s':>12}" + "".join(f"{f'to {name}':>20}" for name in baselines))
    for name, rate in medians.items():
        print(f"{name:20}{rate:12,.0f}" + "".join(f"{rate / medians[of]:20,.4g}" for of in baselines))
    compare_judgements(rows)
    compare_workers(proofs(DIFFERENT))


if __name__ == "__main__":
    main()
