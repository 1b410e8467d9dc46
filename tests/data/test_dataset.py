"""Collecting, splitting and writing gold: nothing leaks across the split, what is left out is counted."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from sys import modules
from types import SimpleNamespace

import pytest
from specimens import problem

from sokrates.data.dataset import apart_from, collect, gold_traces, numbered, read_problems, split, thin
from sokrates.data.generator import generate
from sokrates.data.gold import careful
from sokrates.io.errors import InputError, UserError
from sokrates.logic.answer import Answer
from sokrates.pipeline.params import Problems, Rules
from sokrates.proof.problem import Problem, from_formulas
from sokrates.proof.text import write_steps


def made(count: int, seed: int = 7) -> list[Problem]:
    return list(
        generate(count, hops=(1, 2, 3), ontologies=["fictional"], distractors=1, unknown_share=0.0, seed=seed)
    )


def settings(source: list[str], count: int = 12) -> Problems:
    return Problems(
        source=source,
        count=count,
        hops=[1, 2],
        rules=Rules(**{**dict.fromkeys(Rules.model_fields, 0.0), "modus_ponens": 1.0}),
        widths=[2],
        ontologies=["fictional"],
        levels=3,
        distractors=1,
        order="random",
        facts="last",
        unknown_share=0.0,
        refuted_share=0.3,
        test_share=0.1,
        proofs="shortest",
        thinned_share=0.0,
        careful_share=0.5,
    )


# The split


def test_the_sides_are_disjoint_complete_and_shuffled() -> None:
    problems = made(500)
    train, test = split(problems, 0.1, 7)
    assert len(test) == 50 and len(train) == 450
    held_out = {problem.id for problem in test}
    assert {problem.id for problem in train} == {problem.id for problem in problems} - held_out
    assert [problem.hops for problem in test] != sorted(problem.hops or 0 for problem in test)
    assert train != [problem for problem in problems if problem.id not in held_out]


def test_neither_a_case_nor_a_set_of_premises_is_on_both_sides() -> None:
    random = Random(3)
    problems: list[Problem] = []
    for one in made(200):
        for copy in range(random.choice((1, 1, 2, 4))):  # other questions on the premises, in another order
            premises = random.sample(one.premises, len(one.premises))
            case = one.case if random.random() < 0.5 else f"{one.case} again {copy}"
            problems.append(replace(one, id=f"{one.id}-{copy}", case=case, premises=tuple(premises)))
    for share in (0.1, 0.5, 0.9):
        train, test = split(problems, share, 7)
        assert {one.case for one in train}.isdisjoint(one.case for one in test)
        sets = [{frozenset(one.premises) for one in side} for side in (train, test)]
        assert sets[0].isdisjoint(sets[1])
        assert abs(len(test) / len(problems) - share) < 0.1


def test_a_case_is_held_together_through_others() -> None:
    """a and b share premises, b and c a case: the three stay together."""
    one, other = made(2)
    linked = [replace(one, case="a"), replace(one, case="b"), replace(other, case="b"), replace(other, case="c")]
    for seed in range(20):
        sides = split([*linked, *made(20, seed=9)], 0.5, seed)
        assert sorted(sum(problem in linked for problem in side) for side in sides) == [0, 4]


def test_the_split_is_a_function_of_problems_share_and_seed() -> None:
    problems = made(300)
    assert split(problems, 0.2, 7) == split(problems, 0.2, 7)
    assert split(problems, 0.2, 7) != split(problems, 0.2, 8)


def test_sources_without_a_problem_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").write_text('{"premises": ["Nonsense is nonsense is."], "conclusion": "So."}\n')
    with pytest.raises(UserError, match=r"no problem was read from problems\.source = jsonl:"):
        collect(settings([f"jsonl:{tmp_path / 'none.jsonl'}"]), 7, Counter())


def test_a_problem_without_premises_has_none_to_leave_out() -> None:
    bare = from_formulas([], "Something is red.", [], "∃x Red(x)", id="0", label=Answer.UNKNOWN)
    assert list(thin([bare] * 9, 1.0, 7)) == [bare] * 9


def test_problems_on_the_facts_of_a_training_problem_are_left_out_thinned_or_not() -> None:
    first, second, third, *others = problems = made(30)
    training = [first, replace(second, facts=second.facts[1:], premises=second.premises[1:])]
    training.append(replace(others[0], case=third.case))  # another problem that happens to have its name
    left_out: Counter[str] = Counter()
    asked_again = replace(first, id="again", case="of another file")
    kept = list(apart_from(training, [asked_again, second, third, *others[1:]], left_out))
    assert kept == [third, *others[1:]] and left_out.total() == 2 == len(problems) - 1 - len(kept)


# Gold traces


def test_gold_traces_are_careful_in_the_share_asked_for() -> None:
    problems = made(600)
    left_out: Counter[str] = Counter()
    traces = gold_traces(problems, "shortest", 0.35, 7, left_out)
    assert not left_out and [trace.problem for trace in traces] == problems
    longer = [trace for trace in traces if trace.problem.hops != 1]  # a proof of one step has no shortcut
    assert 0.29 < sum(trace.rationale == "careful" for trace in longer) / len(longer) < 0.41
    assert {trace.rationale for trace in traces if trace.problem.hops == 1} == {"careful"}
    for trace in traces[:50]:
        assert (trace.text == write_steps(careful(trace.problem))) is (trace.rationale == "careful")
    assert traces == gold_traces(problems, "shortest", 0.35, 7, Counter())
    assert traces != gold_traces(problems, "shortest", 0.35, 8, Counter())


@pytest.mark.parametrize(("share", "rationale"), [(0.0, "shortcut"), (1.0, "careful")])
def test_the_shares_ends(share: float, rationale: str) -> None:
    longer = [problem for problem in made(30) if problem.hops != 1]
    assert {trace.rationale for trace in gold_traces(longer, "shortest", share, 7, Counter())} == {rationale}


def test_what_has_no_gold_trace_is_counted() -> None:
    left_out: Counter[str] = Counter()
    wrong = problem(label=Answer.TRUE)
    traces = gold_traces([problem(), wrong, wrong], "shortest", 1.0, 7, left_out)
    assert len(traces) == 1
    assert left_out == {"gold: the proof's answer is not the label": 2}


def test_gold_traces_are_of_the_kind_of_proof_that_is_asked_for() -> None:
    problems = made(60)
    explored = gold_traces(problems, "explore", 1.0, 7, Counter())
    assert [trace.text for trace in explored] == [write_steps(careful(one, "explore")) for one in problems]
    assert sum(len(trace.steps) for trace in explored) > sum(len(careful(one)) for one in problems)


# Collecting


def test_generated_and_files_are_read_in_the_order_of_the_params(tmp_path: Path) -> None:
    file = tmp_path / "some.jsonl"
    rows = [problem().to_json(), {"premises": ["What?"], "conclusion": "Stella is small."}, problem().to_json()]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    left_out: Counter[str] = Counter()
    found = collect(settings(["generated", f"jsonl:{file}"]), 7, left_out)
    assert len(found) == 14 and found[-1] == problem()
    assert left_out.total() == 1
    assert found == collect(settings(["generated", f"jsonl:{file}"]), 7, Counter())
    assert found[:12] != collect(settings(["generated"]), 8, Counter())


def test_knobs_of_the_generator_reach_it() -> None:
    changed = {"levels": 1, "distractors": 0, "facts": "anywhere", "order": "up", "ontologies": ["real"]}
    easy = collect(settings(["generated"]).model_copy(update=changed), 7, Counter())
    given = {"hops": [1, 2], "unknown_share": 0.0, "seed": 7}
    assert easy == list(generate(12, **given, **changed))  # type: ignore[arg-type]
    assert {len(one.premises) for one in easy} == {7, 9}


def test_numbered_problems_name_their_set_and_no_path() -> None:
    first, second = numbered([replace(one, id="/a/b.json[1]", case="/a/b.json[1]") for one in made(2)], "others")
    assert [first.id, first.case, second.id] == ["others 1", "others 1", "others 2"]
    assert first.premises == made(2)[0].premises


def test_a_hub_out_of_reach_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else DVC would record the other sources' problems as what these params make."""

    def refuse(name: str) -> None:
        raise ConnectionError("no network")

    monkeypatch.setitem(modules, "datasets", SimpleNamespace(load_dataset=refuse))
    with pytest.raises(InputError, match=r"yale-nlp/FOLIO cannot be read from the hub \(ConnectionError\)"):
        collect(settings(["generated", "folio"]), 7, Counter())


def test_a_file_that_cannot_be_read_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.jsonl"):
        collect(settings(["generated", f"folio:{tmp_path / 'missing.jsonl'}"]), 7, Counter())


def test_unreadable_sentences_are_counted_by_source_and_reason(tmp_path: Path) -> None:
    file = tmp_path / "some.jsonl"
    rows = [(["Is it?"], "Stella is small."), (["Is she?"], "Stella is small."), ([], "Stella blah blah.")]
    file.write_text("".join(json.dumps({"premises": p, "conclusion": c}) + "\n" for p, c in rows))
    left_out: Counter[str] = Counter()
    assert read_problems(f"jsonl:{file}", left_out) == []
    assert sorted(left_out.values()) == [1, 2] and all(reason.startswith("jsonl: ") for reason in left_out)
