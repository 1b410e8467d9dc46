"""Gold traces are valid, their mutants are not: every verdict is held against a second checker.

For chains of PrOntoQA it is a tiny one that knows modus ponens and modus tollens, as tuples of words, and shares
no code with the kernel: it decides which mutants stay valid (a last step done twice is one). For proofs with
every option, scopes included, it is z3.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from random import Random
from typing import NamedTuple

import pytest
from shared_data import PUBLISHED_TRACES, SHARED, needs_shared_data, problem_file

from sokrates.data.generator import generate
from sokrates.data.gold import careful
from sokrates.data.sources import read_file
from sokrates.logic import fol
from sokrates.logic.answer import Answer
from sokrates.logic.entailment import Entailment
from sokrates.logic.formula import Constant, Formula, Not, constants, substitute
from sokrates.proof.kernel import RULES
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import Problem
from sokrates.proof.text import CONCLUDE, Step, read_formula, read_steps, write_steps
from sokrates.proof.trace import trace_from_json
from sokrates.proof.verify import Checked, Verifier, faithful
from sokrates.search.prove import prove, write_proof

# The second checker


class Said(NamedTuple):
    """A rule about members of `subject` (a concept), or a fact about `subject` (a name)."""

    subject: str
    is_rule: bool
    claim: str
    negative: bool


def singular(word: str) -> str:
    if word.endswith(("flies", "bbies")):
        return word[:-3] + "y"
    if word.endswith(("puses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("us", "ss")) else word


NAME = r"[\w-]+(?: [\w-]+)??"  # at most two words
FORM = re.compile(
    rf"(?P<every>(?:every|each) )?(?P<subject>{NAME}) (?P<verb>is|are) (?P<no>not )?(?:an? )?(?P<claim>{NAME})\.?",
    re.IGNORECASE,
)


@cache
def said(text: str) -> Said | None:
    found = FORM.fullmatch(text.strip())
    if not found:
        return None
    is_rule = bool(found["every"]) or found["verb"] == "are"
    words = [found["subject"], found["claim"]]
    if found["verb"] == "are":
        words = [singular(word) for word in words]
    subject = words[0].lower() if is_rule else words[0]
    return Said(subject, is_rule, words[1].lower(), bool(found["no"]))


def is_valid(problem: Problem, steps: list[Step]) -> bool:
    """Whether every step follows and the last, and only the last, concludes with the label."""
    lines = [said(premise) for premise in problem.premises]
    goal = said(problem.conclusion)
    assert goal and all(lines) and problem.label
    for place, step in enumerate(steps):
        if step.option is None:
            return False
        name, args = step.option.name, step.option.args
        if name == CONCLUDE:
            wanted = {0: goal, 1: goal._replace(negative=not goal.negative)}
            settled = args[0] == 2 if problem.label is Answer.UNKNOWN else wanted.get(args[0]) in lines
            return settled and args == (problem.label.value,) and place == len(steps) - 1
        if name not in ("MODUS_PONENS", "MODUS_TOLLENS"):
            return False  # none other makes a literal of these lines
        if len(args) != 2 or not all(type(arg) is int and arg < len(lines) for arg in args):
            return False
        fact, rule = lines[args[0]], lines[args[1]]
        if fact is None or rule is None or fact.is_rule or not rule.is_rule:
            return False
        if name == "MODUS_PONENS":
            applies = (fact.claim, fact.negative) == (rule.subject, False)
            derived = Said(fact.subject, False, rule.claim, rule.negative)
        else:
            applies = (fact.claim, fact.negative) == (rule.claim, not rule.negative)
            derived = Said(fact.subject, False, rule.subject, True)
        claim = step.thought.rpartition(", so ")[2].rpartition(" [")[0]
        if not applies or said(claim) != derived:
            return False
        lines.append(derived)
    return False


# Mutants


def with_claim(step: Step, change: Callable[[str], str]) -> Step:
    ground, so, claim = step.thought.rpartition(", so ")
    return replace(step, thought=f"{ground}{so}{change(claim)}")


def with_args(step: Step, *args: int | str) -> Step:
    assert step.option
    return replace(step, option=Option(step.option.name, args))


def negated(claim: str) -> str:
    return claim.replace(" is not ", " is ") if " is not " in claim else claim.replace(" is ", " is not ")


def mutants(problem: Problem, gold: list[Step], random: Random) -> Iterator[tuple[str, list[Step]]]:
    """Every way in which the trace can be spoilt, by name; some leave it valid."""
    *body, last = gold
    answer = last.option.args[0] if last.option else None
    yield "last step left out", body
    yield "concludes twice", [*gold, last]
    yield "goes on", [*gold, gold[0]]
    for other in {0, 1, 2} - {answer}:
        yield "conclusion flipped", [*body, with_args(last, other)]
    for place in range(len(body)):
        yield "concludes early", [*body[:place], last, *body[place:]]
        yield "concludes early and stops", [*body[:place], last]
    if not body:
        return
    yield "claims negated", [*(with_claim(step, negated) for step in body), last]
    yield (
        "arguments swapped",
        [*(with_args(step, *reversed(step.option.args)) for step in body if step.option), last],
    )
    every = [arg for step in body if step.option for arg in step.option.args]
    shuffled = random.sample(every, len(every))
    yield "arguments shuffled", [*(with_args(s, *shuffled[2 * i : 2 * i + 2]) for i, s in enumerate(body)), last]
    place = random.randrange(len(body))
    before, step, after = body[:place], body[place], [*body[place + 1 :], last]
    assert step.option
    first, second = step.option.args
    yield "one claim negated", [*before, with_claim(step, negated), *after]
    yield "one step's arguments swapped", [*before, with_args(step, second, first), *after]
    for change in (-1, 1):
        yield "fact's index off by one", [*before, with_args(step, first + change, second), *after]
        yield "rule's index off by one", [*before, with_args(step, first, second + change), *after]
    for name in ({*RULES, CONCLUDE, "RULE"}) - {"MODUS_PONENS"}:
        yield f"renamed {name}", [*before, replace(step, option=Option(name, step.option.args)), *after]
    yield "another entity", [*before, with_claim(step, lambda claim: "Nobody" + claim[claim.index(" ") :]), *after]
    everywhere = [replace(one, thought=re.sub(r"[A-Z]\w+ is", "Nobody is", one.thought)) for one in body]
    yield "another entity everywhere", [*everywhere, last]
    kinds = {line.claim for premise in problem.premises if (line := said(premise))}
    concept = random.choice(sorted(kinds))
    yield (
        "another concept",
        [*before, with_claim(step, lambda claim: re.sub(r"[\w-]+( \[\d+\]\.)$", rf"{concept}\1", claim)), *after],
    )
    yield "step dropped", [*before, *after]
    yield "step duplicated", [*before, step, step, *after]
    to = random.randrange(len(gold))
    rest = [*before, *after]
    yield "step moved", [*rest[:to], step, *rest[to:]]


ALWAYS_WRONG = {
    "last step left out",
    "concludes twice",
    "goes on",
    "conclusion flipped",
    "concludes early",
    "claims negated",
    "arguments swapped",
    "one claim negated",
    "one step's arguments swapped",
    "another entity",
    "another entity everywhere",
    "step dropped",
    *(f"renamed {name}" for name in {*RULES, CONCLUDE, "RULE"} - {"MODUS_PONENS"}),
}


def checked(problem: Problem, steps: list[Step]) -> Checked:
    return Verifier(problem.facts, problem.goal).check(read_steps(write_steps(steps)))


def hold(problems: list[Problem]) -> Counter[str]:
    """Checks the gold traces and their mutants; counts the mutants that stay valid, by mutation."""
    random = Random(7)
    stay: Counter[str] = Counter()
    for problem in problems:
        gold = careful(problem)
        verdict = checked(problem, gold)
        assert verdict.valid(problem.label) and is_valid(problem, gold), problem.id
        assert faithful(problem.facts, verdict) == [True] * len(gold), problem.id
        for mutation, steps in mutants(problem, gold, random):
            valid = is_valid(problem, steps)
            assert checked(problem, steps).valid(problem.label) is valid, (
                problem.id,
                mutation,
                write_steps(steps),
            )
            assert not (valid and mutation in ALWAYS_WRONG), (problem.id, mutation)
            stay[mutation] += valid
    return stay


@pytest.mark.parametrize("ontology", ["fictional", "real", "untrue"])
def test_our_generators_problems(ontology: str) -> None:
    made = generate(60, hops=(1, 2, 3, 4), ontologies=[ontology], distractors=1, unknown_share=0.2, seed=11)
    stay = hold(list(made))
    assert stay["step duplicated"] > 0  # the last step, done twice


def problems_of(name: str) -> list[Problem]:
    found = list(read_file(problem_file(f"prontoqa/{name}")))
    assert all(isinstance(one, Problem) for one in found)
    return [one for one in found if isinstance(one, Problem)]


def test_logic_lms_prontoqa() -> None:
    problems = problems_of("logic_lm_dev_first250.json")
    assert len(problems) == 250
    stay = hold(problems)
    assert set(stay) >= ALWAYS_WRONG
    assert {len(careful(problem)) for problem in problems} <= {5, 6}  # five hops; some distractor is a short cut


@pytest.mark.parametrize("name", [*(f"fictional_{hops}hop.json" for hops in range(1, 6)), "false_1hop.json"])
def test_the_original_generators_problems(name: str) -> None:
    problems = problems_of(name)
    hold(problems[:: 5 if len(problems) > 100 else 1])


# The published samples: the options are called RULE there


@needs_shared_data
@pytest.mark.parametrize("rename", [False, True], ids=["as they are", "RULE taken for MODUS_PONENS"])
def test_of_the_published_samples_no_trace_and_hardly_a_step_is_valid(rename: bool) -> None:
    rows = [json.loads(line) for line in PUBLISHED_TRACES.read_text(encoding="utf-8").splitlines()]
    published, valid, reasons = 0, 0, Counter[Reason | None]()
    for number, row in enumerate(rows):
        problem, steps = trace_from_json(row, f"row {number}")
        if rename:  # in the order fact, rule, whichever way the trace has them
            steps = [replace(step, option=_ponens(step.option)) for step in steps]
        verdict = Verifier(problem.facts, problem.goal).check(steps)
        assert len(verdict.verdicts) == len(row["steps"])
        assert verdict.answer in (problem.label, None)
        assert not verdict.valid(problem.label) and not verdict.valid_actions(problem.label)
        published += sum(step["solver_valid"] for step in row["steps"])
        valid += sum(one.valid for one in verdict.verdicts)
        reasons.update(one.reason for one in verdict.verdicts)
    steps_in_all = sum(reasons.values())
    print(dict(reasons), "valid:", valid, "of", steps_in_all, "published as valid:", published)
    assert valid <= 0.01 * steps_in_all


def _ponens(option: Option | None) -> Option | None:
    return Option("MODUS_PONENS", option.args) if option and option.name == "RULE" else option


# Proofs with every option: z3 is the second checker


def follows(problem: Problem, steps: list[Step]) -> bool:
    """Whether z3 finds each claim to follow from what is assumed where it stands, and the answer to be right.

    Assumed are the premises, the assumptions that are open, and what names a fresh individual; the answer has to
    follow from the premises alone.
    """
    scopes: list[list[Formula]] = [list(problem.facts)]
    for step in steps[:-1]:
        if step.option is None or step.option.name == CONCLUDE:
            return False
        claim = read_formula(
            step.thought.rpartition(" that " if step.option.name == "ASSUME" else ", so ")[2].removeprefix(
                "therefore "
            )[:-6]
        )
        if step.option.name == "ASSUME":
            scopes.append([claim])
        elif step.option.name == "EXIST_INSTANTIATION":
            scopes[-1].append(claim)
        else:
            if step.option.name in ("CONDITIONAL_PROOF", "CONTRADICTION"):
                scopes.pop()
            if Entailment([line for scope in scopes for line in scope]).entails(claim) is not True:
                return False
    last = steps[-1].option if steps else None
    decision = Verifier(problem.facts, problem.goal).decision.name
    return last is not None and last.name == CONCLUDE and Answer(last.args[0]).name == decision


def claiming(step: Step, index: int, claim: Formula) -> Step:
    """The step with another claim, its index in three digits."""
    assumes = step.option is not None and step.option.name == "ASSUME"
    return replace(step, thought=f"{'assume that' if assumes else 'therefore'} {fol.write(claim)} [{index:03}]")


def spoilt(
    gold: list[Step], claims: list[Formula], first: int, random: Random
) -> Iterator[tuple[str, list[Step]]]:
    """Ways to spoil a proof whose steps, but the last, claim `claims`; `first` is the first one's index."""
    *body, last = [
        claiming(step, first + place, claims[place]) if place < len(claims) else step
        for place, step in enumerate(gold)
    ]
    answer = last.option.args[0] if last.option else None
    yield "nothing", [*body, last]
    yield "last step left out", body
    yield "concludes twice", [*body, last, last]
    for other in {0, 1, 2} - {answer}:
        yield "conclusion flipped", [*body, with_args(last, other)]
    for place, step in enumerate(body):
        before, after = body[:place], [*body[place + 1 :], last]
        assert step.option
        args = step.option.args
        yield "concludes early", [*before, last, step, *after]
        yield "claim negated", [*before, claiming(step, first + place, Not(claims[place])), *after]
        for constant in dict.fromkeys(constants(claims[place])):
            other_one = substitute(claims[place], {constant: Constant("Nobody")})
            yield "another entity", [*before, claiming(step, first + place, other_one), *after]
        for at, arg in enumerate(args):
            for change in (-1, 1):
                if type(arg) is int:
                    yield (
                        "off by one",
                        [*before, with_args(step, *args[:at], arg + change, *args[at + 1 :]), *after],
                    )
        yield "arguments swapped", [*before, with_args(step, *reversed(args)), *after]
        yield "renamed", [*before, replace(step, option=Option(random.choice(list(RULES)), args)), *after]
        yield "dropped", [*before, *after]
        yield "duplicated", [*before, step, step, *after]
        to = random.randrange(len(body))
        rest = [*before, *body[place + 1 :]]
        yield "moved", [*rest[:to], step, *rest[to:], last]


def hold_all(problems: Sequence[Problem]) -> Counter[str]:
    """Proves the problems, spoils the proofs; none that is valid may be wrong. Counts options and mutants."""
    random, tally = Random(7), Counter[str]()
    for problem in problems:
        verifier = Verifier(problem.facts, problem.goal)
        options = prove(problem.state, verifier.decide)
        assert options, problem.id
        gold = write_proof(problem.state, options, problem.say)
        tally.update(option.name for option in options)
        claims = [one.derived for one in verifier.check(gold).verdicts if one.derived is not None]
        for mutation, steps in spoilt(gold, claims, len(problem.facts), random):
            valid = checked(problem, steps).valid(Answer[verifier.decision.name])
            assert valid or mutation != "nothing", (problem.id, write_steps(steps))
            assert not (valid and mutation in ("last step left out", "concludes twice", "conclusion flipped"))
            assert not (valid and mutation in ("concludes early", "claim negated", "another entity"))
            assert not valid or follows(problem, steps), (problem.id, mutation, write_steps(steps))
            tally["mutants"] += 1
            # Steps that do not rest on one another may change places.
            tally["valid mutants"] += valid and mutation not in ("nothing", "moved")
    return tally


@needs_shared_data
def test_folios_and_the_other_rules_proofs() -> None:
    folio = [one for one in read_file(SHARED / "folio" / "folio-validation-v0.0-sample.jsonl")]
    problems = [one for one in folio if isinstance(one, Problem)][::4]
    for path in sorted((SHARED / "prontoqa_ood").glob("*.json")):
        problems += [one for one in read_file(path) if isinstance(one, Problem)][:3]
    usable = [
        one for one in problems if Verifier(one.facts, one.goal).decision.name in ("TRUE", "FALSE", "UNKNOWN")
    ]
    tally = hold_all(usable)
    print(dict(tally))
    assert tally["mutants"] > 2000 and tally["valid mutants"] < 0.04 * tally["mutants"], tally
    scoped = {"ASSUME", "CONDITIONAL_PROOF", "CONTRADICTION", "CASE_SPLIT", "AND_INTRO", "AND_ELIM", "OR_INTRO"}
    assert scoped <= set(tally), scoped - set(tally)
