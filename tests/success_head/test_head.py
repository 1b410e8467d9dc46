"""The success head: where its input stands, and that it learns what can be learnt."""

from __future__ import annotations

from pathlib import Path

import torch
from specimens import CAREFUL
from tokenizers.processors import TemplateProcessing
from worked import STELLA

from sokrates.pipeline.params import SuccessHead as Settings
from sokrates.policy.model import load_policy
from sokrates.success_head.features import features
from sokrates.success_head.head import load_head, train_head

MODEL = Path(__file__).parents[2] / "base/model"


def test_features_are_the_states_where_the_action_begins_and_ends() -> None:
    model, tokenizer = load_policy(MODEL, "float32")
    (found,) = features(model, tokenizer, [(STELLA.prompt, CAREFUL)])
    assert found.shape == (3, 2 * model.config.hidden_size)
    text = STELLA.prompt + CAREFUL
    with torch.inference_mode():
        for row, (begin, end) in enumerate(_actions(text)):
            # A causal model's state at a token depends on what stands before it alone.
            for part, cut in zip(found[row].chunk(2), (begin, end), strict=True):
                whole = tokenizer(text, return_offsets_mapping=True)
                count = sum(end <= cut for _, end in whole["offset_mapping"])  # a token may go on past the cut
                ids = torch.tensor([whole["input_ids"][:count]])
                torch.testing.assert_close(part, model.model(ids).last_hidden_state[0, -1], atol=1e-4, rtol=1e-4)


def _actions(text: str) -> list[tuple[int, int]]:
    """Where each Action line begins and where the one after it does."""
    begins = [i for i in range(len(text)) if text.startswith("Action: ", i)]
    return [(begin, text.index("\n", begin) + 1) for begin in begins]


def test_it_learns_and_calibrates_a_separable_verdict(tmp_path: Path) -> None:
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(4000, 8, generator=generator)
    chance = torch.sigmoid(2 * inputs[:, 0])  # the verdict is drawn with this probability
    verdicts = torch.rand(4000, generator=generator) < chance
    held_out = torch.arange(4000) % 4 == 0
    settings = Settings(hidden=16, epochs=10, learning_rate=1e-2, holdout_share=0.25)
    head = train_head(inputs, verdicts, held_out, settings, seed=0)
    assert abs(torch.tensor(head.probabilities(inputs)) - chance).mean() < 0.05
    head.save(tmp_path)
    assert len({file.stat().st_mode for file in tmp_path.iterdir()}) == 1  # the weights as readable as the rest
    torch.testing.assert_close(load_head(tmp_path).logits(inputs), head.logits(inputs))
    assert (load_head(tmp_path).slope, load_head(tmp_path).offset) == (head.slope, head.offset)


def test_features_do_not_depend_on_the_traces_beside_nor_on_a_token_that_begins_texts() -> None:
    model, tokenizer = load_policy(MODEL, "float32")
    short = CAREFUL[: CAREFUL.index("\n", CAREFUL.index("Action: ")) + 1]
    traces = [(STELLA.prompt, CAREFUL), (STELLA.prompt, short), (STELLA.prompt, ""), (STELLA.prompt, CAREFUL)]
    together = features(model, tokenizer, traces)
    assert [len(found) for found in together] == [3, 1, 0, 3]
    for trace, found in zip(traces, together, strict=True):
        torch.testing.assert_close(found, features(model, tokenizer, [trace])[0], atol=1e-4, rtol=1e-4)
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single=f"{tokenizer.eos_token} $A", special_tokens=[(tokenizer.eos_token, tokenizer.eos_token_id)]
    )
    ids = tokenizer(STELLA.prompt + short)["input_ids"]
    with torch.inference_mode():
        states = model.model(torch.tensor([ids])).last_hidden_state[0]
    found = features(model, tokenizer, traces[1:2])[0]
    torch.testing.assert_close(found[0].chunk(2)[1], states[-1], atol=1e-4, rtol=1e-4)
