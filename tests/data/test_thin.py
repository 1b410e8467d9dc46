"""Thinned training problems keep their labels, their proofs and the order of what is left."""

from sokrates.data.dataset import MOST_LEFT_OUT, thin
from sokrates.data.generator import generate
from sokrates.data.gold import careful
from sokrates.logic.answer import Answer
from sokrates.proof.problem import from_sentences
from sokrates.proof.verify import Verifier


def _problems(count: int) -> list:
    return list(
        generate(
            count, hops=[1, 2, 3], ontologies=["fictional", "untrue"], distractors=1, unknown_share=0.2, seed=3
        )
    )


def _is_subsequence(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    rest = iter(whole)
    return all(sentence in rest for sentence in part)


def test_each_thinned_problem_has_its_label_and_a_proof_by_the_premises_that_are_left():
    problems = _problems(60)
    for before, after in zip(problems, thin(problems, 1.0, seed=5), strict=True):
        assert (after.id, after.case, after.conclusion, after.label) == (
            before.id,
            before.case,
            before.conclusion,
            before.label,
        )
        assert _is_subsequence(after.premises, before.premises)
        assert len(after.premises) == len(after.facts)
        assert len(after.premises) >= (1 - MOST_LEFT_OUT) / 2 * len(before.premises)
        assert Verifier(after.facts, after.goal).decide().name == before.label.name
        careful(after, "explore")  # raises NoGoldTrace where there is no proof


def test_numbers_of_premises_occur_that_the_generator_never_has():
    counts = {len(problem.premises) for problem in thin(_problems(300), 1.0, seed=5)}
    assert {10, 11, 12, 14, 15, 16, 18} <= counts


def test_the_share_is_of_the_problems():
    problems = _problems(400)
    thinned = sum(before != after for before, after in zip(problems, thin(problems, 0.25, seed=5), strict=True))
    assert 40 < thinned < 110  # of 400, a quarter drawn; of these few lose nothing
    assert list(thin(problems, 0.0, seed=5)) == problems


def test_an_unknown_problem_loses_premises_too_but_keeps_a_fact():
    unknown = [problem for problem in _problems(200) if problem.label is Answer.UNKNOWN]
    thinned = list(thin(unknown, 1.0, seed=0))
    assert sum(before != after for before, after in zip(unknown, thinned, strict=True)) > 0.8 * len(unknown)
    assert all(any(premise.count(" is a") and premise[0] != "E" for premise in one.premises) for one in thinned)


def test_one_without_a_proof_stays():
    inconsistent = from_sentences(["Max is red.", "Max is not red."], "Max is kind.", id="b", label=None)
    assert list(thin([inconsistent], 1.0, seed=0)) == [inconsistent]
