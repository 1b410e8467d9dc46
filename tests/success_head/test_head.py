"""The success head: what it reads, and that it learns what can be learnt."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from specimens import CAREFUL, PREMISES, SHORTCUT
from tokenizers.processors import TemplateProcessing
from worked import STELLA, rollout

from sokrates.io.errors import UserError
from sokrates.pipeline.params import Reads
from sokrates.pipeline.params import SuccessHead as Settings
from sokrates.policy.model import load_policy
from sokrates.proof.problem import from_sentences
from sokrates.proof.text import read_steps
from sokrates.success_head.features import features
from sokrates.success_head.head import fit_head, load_head, train_head

SETTINGS = Settings(reads="step", hidden=16, epochs=10, learning_rate=1e-2, holdout_share=0.25, replayed=0)
MODEL = Path(__file__).parents[2] / "base/model"


@pytest.mark.parametrize("reads", ["thought", "step"])
def test_features_are_the_states_of_the_tokens_of_a_step(reads: Reads) -> None:
    model, tokenizer = load_policy(MODEL, "float32")
    text = f"nonsense\n{CAREFUL}"  # what cannot be read as a step is one, too
    rows = features(model, tokenizer, [(STELLA.prompt, text)], reads)
    whole = tokenizer(STELLA.prompt + text, return_offsets_mapping=True)
    ids, offsets = torch.tensor([whole["input_ids"]]), whole["offset_mapping"]
    with torch.inference_mode():
        states = model.model(ids).last_hidden_state[0]
    begin = len(STELLA.prompt)
    for step, of_step in zip(read_steps(text), rows, strict=True):
        assert step.span is not None
        end = len(STELLA.prompt) + step.span[1 if reads == "thought" else 2]
        tokens = [index for index, (_, last) in enumerate(offsets) if begin < last <= end]
        tokens = tokens or [sum(last <= begin for _, last in offsets) - 1]  # a Thought of no token
        torch.testing.assert_close(of_step, states[tokens], atol=1e-4, rtol=1e-4)
        begin = len(STELLA.prompt) + step.span[2]
    assert len(rows) == 4


@pytest.mark.parametrize("valid", [0.5, 1.0])
def test_a_head_that_diverges_is_an_error(valid: float) -> None:
    generator = torch.Generator().manual_seed(0)
    steps = [torch.randn(3, 8, generator=generator) for _ in range(400)]
    verdicts = torch.rand(400, generator=generator) < valid
    huge = SETTINGS.model_copy(update={"learning_rate": 1e30})
    with pytest.raises(UserError, match=r"diverged: try a lower success_head\.learning_rate"):
        train_head(steps, verdicts, torch.arange(400) % 4 == 0, huge, seed=0)


def test_it_learns_and_calibrates_a_verdict_that_one_token_of_each_step_tells(tmp_path: Path) -> None:
    generator = torch.Generator().manual_seed(0)
    lengths = torch.randint(1, 6, (4000,), generator=generator).tolist()
    steps = [torch.randn(length, 8, generator=generator) for length in lengths]
    for step in steps:
        step[:, 1] = 0.0
        step[int(torch.randint(len(step), (1,), generator=generator)), 1] = 3.0  # marks the token that tells
    telling = torch.stack([step[step[:, 1].argmax(), 0] for step in steps])
    chance = torch.sigmoid(2 * telling)  # the verdict is drawn with this probability
    verdicts = torch.rand(4000, generator=generator) < chance
    held_out = torch.arange(4000) % 4 == 0
    head = train_head(steps, verdicts, held_out, SETTINGS, seed=0)
    assert abs(torch.tensor(head.probabilities(steps)) - chance).mean() < 0.05
    head.save(tmp_path)
    assert len({file.stat().st_mode for file in tmp_path.iterdir()}) == 1  # the weights as readable as the rest
    loaded = load_head(tmp_path)
    torch.testing.assert_close(loaded.logits(steps), head.logits(steps))
    assert (loaded.slope, loaded.offset, loaded.reads) == (head.slope, head.offset, "step")
    (tmp_path / "head.json").write_text('{"reads": "step"')
    with pytest.raises(UserError, match="cannot be read"):
        load_head(tmp_path)
    alone = torch.cat([head.logits([step]) for step in steps[:50]])
    torch.testing.assert_close(alone, head.logits(steps)[:50])  # padding counts for nothing


def test_features_do_not_depend_on_the_traces_beside_nor_on_a_token_that_begins_texts() -> None:
    model, tokenizer = load_policy(MODEL, "float32")
    short = CAREFUL[: CAREFUL.index("\n", CAREFUL.index("Action: ")) + 1]
    traces = [(STELLA.prompt, CAREFUL), (STELLA.prompt, short), (STELLA.prompt, ""), (STELLA.prompt, CAREFUL)]
    alone = [features(model, tokenizer, [trace], "step") for trace in traces]
    assert [len(steps) for steps in alone] == [3, 1, 0, 3]
    together = features(model, tokenizer, traces, "step")
    torch.testing.assert_close(together, [step for steps in alone for step in steps], atol=1e-4, rtol=1e-4)
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single=f"{tokenizer.eos_token} $A", special_tokens=[(tokenizer.eos_token, tokenizer.eos_token_id)]
    )
    ids = tokenizer(STELLA.prompt + short)["input_ids"]
    with torch.inference_mode():
        states = model.model(torch.tensor([ids])).last_hidden_state[0]
    (step,) = features(model, tokenizer, traces[1:2], "step")
    torch.testing.assert_close(step, states[-len(step) :], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(("replayed", "replayed_steps"), [(0, 0), (3, 18), (1000, 48)])
def test_it_learns_from_different_traces_of_earlier_rounds_and_calibrates_on_its_own(
    replayed: int, replayed_steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of five problems one is held out, in this round and in two before, with two different traces of each."""
    model, tokenizer = load_policy(MODEL, "float32")
    conclusions = [
        "Stella is small.",
        "Stella is not small.",
        "Stella is a tumpus.",
        "Rex is small.",
        "Rex is old.",
    ]
    problems = [from_sentences(PREMISES, one, id=one, label=None) for one in conclusions]
    before = [rollout(text, one).trace for one in problems for text in (CAREFUL, SHORTCUT, CAREFUL)]
    seen: list[tuple[torch.Tensor, torch.Tensor]] = []

    def train(
        steps: list[torch.Tensor], verdicts: torch.Tensor, held_out: torch.Tensor, settings: Settings, seed: int
    ) -> None:
        assert len(steps) == len(verdicts) == len(held_out)
        seen.append((verdicts, held_out))

    monkeypatch.setattr("sokrates.success_head.head.train_head", train)
    settings = SETTINGS.model_copy(update={"replayed": replayed, "holdout_share": 0.2})
    own = [rollout(CAREFUL, one) for one in problems]
    fit_head(model, tokenizer, own, settings, seed=3, earlier=[before, before])
    ((verdicts, held_out),) = seen
    assert len(verdicts) == 15 + replayed_steps
    assert held_out.sum() == held_out[:15].sum() == 3
    assert verdicts[:15].tolist() == [verdict.valid for one in own for verdict in one.checked.verdicts]
    assert bool((~verdicts[15:]).any()) == (replayed_steps > 0)  # of SHORTCUT
