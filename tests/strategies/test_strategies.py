"""Strategies with the embedded base model, some of whose steps are valid: what each keeps, and at what cost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

import sokrates
from sokrates.data.generator import generate
from sokrates.data.gold import careful
from sokrates.io.errors import UserError
from sokrates.logic.answer import Answer
from sokrates.logic.formula import Formula
from sokrates.policy.model import load_policy
from sokrates.proof.option import Option, Reason
from sokrates.proof.problem import from_sentences
from sokrates.proof.text import read_steps, write_option, write_steps
from sokrates.proof.verify import Checked, Verifier
from sokrates.sampling.control import Branch, Continuation
from sokrates.sampling.request import Request
from sokrates.sampling.sampler import Sample, Sampler
from sokrates.sampling.shared_prompt import decode
from sokrates.search.applicable import applicable
from sokrates.search.prove import prove
from sokrates.strategies.guided import OPENING, Guided, _Proof
from sokrates.strategies.proof_search import ProofSearch, _Partial, _takes
from sokrates.strategies.scores import Scorer
from sokrates.strategies.search_control import Limits, is_whole_step, line_ends
from sokrates.strategies.solve import Search, solve
from sokrates.strategies.whole_traces import _elected
from sokrates.success_head.features import features
from sokrates.success_head.head import Network, SuccessHead, load_head

MODEL = Path(__file__).parents[2] / "base/model"
SAMPLER = Sampler(temperature=1.0, top_p=1.0, max_steps=4, max_new_tokens=90, batch_size=16)
PROBLEMS = list(
    generate(4, hops=[1, 2], ontologies=["fictional"], distractors=1, unknown_share=0.0, seed=3, levels=2)
)
# Two on which the base model's greedy traces have rejected Actions.
LONG = list(generate(45, hops=[3], ontologies=["fictional"], distractors=1, unknown_share=0.0, seed=4, levels=5))
REJECTED = [LONG[38], LONG[44]]


@pytest.fixture(scope="module")
def head(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A success head that has learned nothing: its estimates differ from step to step, which is enough."""
    torch.manual_seed(5)
    network = Network(load_policy(MODEL, "float32")[0].config.hidden_size, 8)
    folder = tmp_path_factory.mktemp("head")
    SuccessHead(network, "step").save(folder)
    return folder


def solved(name: str, head: Path | None = None, problems: list = PROBLEMS, **options: int) -> list[Sample]:
    options.setdefault("max_steps", 8 if "max_new_tokens" in options else 4)
    search = Search(name, head, candidates=options.pop("candidates", 3), seed=options.pop("seed", 1))
    return solve(MODEL, problems, replace(SAMPLER, **options), search, dtype="float32")


def checked(samples: list[Sample], problems: list = PROBLEMS) -> list[Checked]:
    return [
        Verifier(problem.facts, problem.goal).check(read_steps(sample.text))
        for problem, sample in zip(problems, samples, strict=True)
    ]


@pytest.mark.parametrize(
    "name",
    ["vote", "best-kernel-q-product", "step-both", "beam-kernel-likelihood", "refine-kernel", "guided-kernel"],
)
def test_a_seed_decides_the_traces_and_a_batch_gives_what_single_problems_give(name: str, head: Path) -> None:
    together = solved(name, head)
    # One problem at a time, twice: by the size of the batch, and alone. The random numbers are the problem's own.
    assert together == solved(name, head, batch_size=3)
    assert together[:1] == solved(name, head, PROBLEMS[:1])


@pytest.mark.parametrize("name", ["step-kernel-both", "beam-kernel-q", "refine-kernel"])
def test_what_the_kernel_rejects_does_not_stand(name: str, head: Path) -> None:
    results = checked(solved(name, head))
    verdicts = [verdict for result in results for verdict in result.verdicts]
    assert len(verdicts) >= len(PROBLEMS)
    assert all(verdict.valid for verdict in verdicts)
    for problem, result in zip(PROBLEMS, results, strict=True):  # nor does what stands already
        lines = [*problem.facts, *(verdict.derived for verdict in result.verdicts)]
        assert len(set(lines)) == len(lines)


def test_guided_decoding_never_yields_a_step_rejected_for_its_action() -> None:
    samples = [solved(name, problems=REJECTED, max_new_tokens=200) for name in ("greedy", "guided-kernel")]
    free, guided = ([*checked(written, REJECTED)] for written in samples)
    for before, after, greedy, sample in zip(free, guided, *samples, strict=True):
        assert any(verdict.rejection for verdict in before.verdicts)
        assert not any(verdict.rejection for verdict in after.verdicts)
        valid = [verdict.rejection is None for verdict in before.verdicts].index(False)
        assert len(after.verdicts) > valid  # the rejected Action was written again, and nothing before it
        end = before.steps[valid].span[1]
        assert sample.text[:end] == greedy.text[:end]


@pytest.mark.parametrize("left", [0, 2])
def test_an_action_is_written_within_the_trie_once_and_a_proof_without_room_for_it_ends(left: int) -> None:
    """REJECTED's first rejected Actions are cut off by the end of the room: what fits before them is kept."""
    _, tokenizer = load_policy(MODEL, "float32")
    for problem, greedy in zip(REJECTED, solved("greedy", problems=REJECTED, max_new_tokens=200), strict=True):
        verdicts = Verifier(problem.facts, problem.goal).check(read_steps(greedy.text))
        valid = [verdict.rejection is None for verdict in verdicts.verdicts].index(False)
        begin, action, _ = verdicts.steps[valid].span
        room = len(tokenizer(greedy.text[: action + len(OPENING)])["input_ids"]) + left
        (sample,) = solved("guided-kernel", problems=[problem], max_new_tokens=room)
        assert sample.text == greedy.text[:begin] and not sample.ended
        assert sample.tokens <= room + left  # what is left after OPENING, and no more


def test_a_trie_allows_the_valid_options_of_a_state_and_nothing_else() -> None:
    _, tokenizer = load_policy(MODEL, "float32")
    guided = Guided(PROBLEMS, tokenizer, Limits(4, 9, 9, 1, 1.0), torch.zeros(1))
    problem = PROBLEMS[0]
    proof = _Proof(Verifier(problem.facts, problem.goal), problem.state)
    for option in prove(problem.state, proof.verifier.decide)[:-1]:
        proof.state.apply(option)
    paths = [((), guided._trie(proof))]
    texts = []
    while paths:
        tokens, node = paths.pop()
        paths += [((*tokens, token), below) for token, below in node.items()]
        if not node:
            texts.append(tokenizer.decode(tokens))
    options = [write_option(option) for option in applicable(proof.state)]
    assert sorted(texts) == sorted(option.split('"', 1)[1] + "\n" for option in options)
    assert any(text.startswith("CONCLUDE") for text in texts) and any("MODUS_PONENS" in text for text in texts)


class Forked:
    """At the second pause, the first continuation takes the second one's first line and goes on alone, greedy."""

    def __init__(self, pauses: torch.Tensor) -> None:
        self.pauses, self.max_draws, self.pause = pauses, 80, 0
        self.prefix: list[int] = []
        self.final: Continuation | None = None

    def next(self, prompt: int, continuations: list[Continuation], spent: int) -> list[Branch | None] | None:
        self.pause += 1
        if self.pause == 1:
            self.prefix = continuations[1].tokens
            return [Branch(number, len(each.tokens)) for number, each in enumerate(continuations)]
        if self.pause == 2:
            return [Branch(1, len(self.prefix), temperature=0.0), None]
        self.final = continuations[0]
        return None


def test_a_continuation_goes_on_from_another_ones_tokens_as_if_it_had_written_them() -> None:
    model, tokenizer = load_policy(MODEL, "float32")
    control = Forked(line_ends(tokenizer, model.config.vocab_size))
    ids = tokenizer(PROBLEMS[0].prompt)["input_ids"]
    request = Request(2, 1.5, 1.0, 60, end=tokenizer.eos_token_id, batch_size=2, seed=4)
    decode(model, [ids], request, lambda count: None, control)
    assert control.final is not None
    length, tokens = len(control.prefix), control.final.tokens
    assert tokens[:length] == control.prefix and len(tokens) > length
    with torch.inference_mode():
        logits = model(torch.tensor([ids + tokens])).logits[0, len(ids) - 1 : -1]
    assert logits[length:].argmax(-1).tolist() == tokens[length:]
    log_probs = logits.log_softmax(-1).gather(1, torch.tensor(tokens)[:, None])[:, 0]
    torch.testing.assert_close(torch.tensor(control.final.log_probs), log_probs, atol=1e-4, rtol=1e-4)


class Once:
    """Asked once, when the continuations have no more room."""

    max_draws = 3

    def __init__(self, pauses: torch.Tensor) -> None:
        self.pauses = pauses
        self.asked: list[Continuation] = []

    def next(self, prompt: int, continuations: list[Continuation], spent: int) -> None:
        self.asked = continuations


def test_what_was_cut_off_for_want_of_room_has_not_ended_whatever_the_end_tokens_number() -> None:
    """The place behind a trace without room is 0, as is the end token of some models."""
    model, tokenizer = load_policy(MODEL, "float32")
    ids = tokenizer(PROBLEMS[0].prompt)["input_ids"]
    control = Once(torch.zeros(model.config.vocab_size, dtype=torch.bool))
    decode(model, [ids], Request(2, 1.0, 1.0, 3, end=0, batch_size=2, seed=4), lambda count: None, control)
    assert [(one.closed, one.ended, len(one.tokens)) for one in control.asked] == [(True, False, 3)] * 2


def test_scores_are_the_success_heads_and_the_policys_own(head: Path) -> None:
    model, tokenizer = load_policy(MODEL, "float32")
    prompt = PROBLEMS[0].prompt
    (sample, *_) = solved("greedy")
    ids, tokens = tokenizer(prompt)["input_ids"], tokenizer(sample.text)["input_ids"]
    with torch.inference_mode():
        output = model(torch.tensor([ids + tokens]), output_hidden_states=True)
    log_probs = output.logits[0, len(ids) - 1 : -1].log_softmax(-1).gather(1, torch.tensor(tokens)[:, None])[:, 0]
    written = Continuation(
        tokens, log_probs.tolist(), output.hidden_states[-1][0, len(ids) - 1 :], closed=True, ended=True
    )
    steps = read_steps(sample.text)
    assert len(steps) > 1
    trained = load_head(head)
    inputs = features(model, tokenizer, [(prompt, sample.text)], "step")
    estimates = torch.tensor(trained.probabilities(inputs)).log()
    likelihood = torch.tensor(Scorer(tokenizer, None, "likelihood").steps(written, steps))
    q, both = (torch.tensor(Scorer(tokenizer, trained, score).steps(written, steps)) for score in ("q", "both"))
    torch.testing.assert_close(q, estimates, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(both, q + likelihood)
    torch.testing.assert_close(
        likelihood.sum(), log_probs.sum(), atol=1e-3, rtol=1e-3
    )  # the steps are all the text


def test_a_vote_takes_the_first_trace_with_the_most_frequent_answer() -> None:
    answers = [Answer.FALSE, Answer.TRUE, None, Answer.TRUE, Answer.FALSE, None, None]
    assert _elected(answers[:4]) == 1  # TRUE twice, FALSE once; traces without an answer do not vote
    assert _elected(answers) == 0  # two each: the answer that came first
    assert _elected([None, None]) == 0


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ('Thought: so.\nAction: <Option type="A" args="[]" />\n', True),
        ("Thought: so.\n", False),
        ("Thought: so", False),
        ("Thought: so.\nmore\n", True),
        ("\n", True),
    ],
)
def test_a_thought_alone_waits_for_its_action(text: str, whole: bool) -> None:
    assert is_whole_step(text) is whole


def test_partial_proofs_are_the_same_only_if_their_lines_stand_in_the_same_scopes() -> None:
    problem = sokrates.problem(["Every wumpus is a tumpus.", "Stella is a wumpus."], "Stella is red.")
    step, assume = Option("MODUS_PONENS", (1, 0)), Option("ASSUME", ("goal", 0, 0))

    def lines(*options: Option) -> object:
        state = problem.state
        assert all(isinstance(state.apply(option), Formula) for option in options)
        return _Partial("", 0, len(options), state, 0.0).lines

    assert lines(step, assume) != lines(assume, step)  # there the step's line ends with the assumption
    both = Option("AND_INTRO", (1, 1))
    assert lines(step, both) == lines(both, step)


def test_a_step_may_derive_what_stood_in_the_scope_that_it_closes() -> None:
    """Wumpuses are not wumpuses, so nobody is one: the proof derives that twice, once under the assumption."""
    given = from_sentences(["Every wumpus is not a wumpus."], "Stella is a wumpus.", id="0", label=Answer.FALSE)
    verifier, state = Verifier(given.facts, given.goal), given.state
    steps = read_steps(write_steps(careful(given)))
    assert [step.option.name for step in steps] == ["ASSUME", "MODUS_PONENS", "CONTRADICTION", "CONCLUDE"]
    assert all(_takes(verifier, state, step) for step in steps)
    again = given.state
    assert _takes(verifier, again, steps[0]) and not _takes(verifier, again, steps[0])  # assumed already


def test_retries_draw_at_a_temperature_that_rises_to_one_and_never_falls() -> None:
    _, tokenizer = load_policy(MODEL, "float32")
    for lowest, expected in (0.7, [0.7, 0.8, 1.0, 1.0]), (1.3, [1.3, 1.3, 1.3, 1.3]):
        limits = Limits(4, 9, 9, 8, lowest)
        search = ProofSearch([], Scorer(tokenizer, None, "likelihood"), limits, torch.zeros(1), 1, True)
        assert [search._temperature(retries) for retries in (0, 1, 3, 8)] == pytest.approx(expected)


def test_what_a_strategy_lacks_is_one_message() -> None:
    with pytest.raises(UserError, match="strategy step-q needs a success head"):
        solved("step-q")
    with pytest.raises(UserError, match=r"strategy vote needs sampling\.engine shared_prompt, not vllm"):
        solve(MODEL, PROBLEMS, replace(SAMPLER, engine="vllm"), Search("vote"), dtype="float32")


def test_tokens_count_those_that_were_cut_off() -> None:
    for kept, whole in zip(solved("vote"), solved("greedy"), strict=True):
        assert kept.tokens > whole.tokens  # three traces, of which the first is the greedy one
    assert Reason.AFTER_CONCLUDE not in {v.reason for c in checked(solved("vote")) for v in c.verdicts}
