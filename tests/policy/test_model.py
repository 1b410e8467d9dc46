"""Policies' folders: which tokenizers are refused, and whose tokenizer counts."""

from __future__ import annotations

import shutil
from pathlib import Path

import huggingface_hub
import pytest
from peft import LoraConfig, get_peft_model
from tokenizers import AddedToken
from tokenizers.processors import TemplateProcessing

from sokrates.io.errors import UserError
from sokrates.pipeline.params import load
from sokrates.policy.model import load_base, load_policy, load_tokenizer, save_policy

MODEL = Path(__file__).parents[2] / "base/model"


def test_a_tokenizer_that_ends_every_text_is_refused(tmp_path: Path) -> None:
    tokenizer = load_tokenizer(MODEL)
    end = tokenizer.eos_token
    for single, refused in ((f"{end} $A", False), (f"$A {end}", True)):
        tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
            single=single, special_tokens=[(end, tokenizer.eos_token_id)]
        )
        tokenizer.save_pretrained(tmp_path)
        if refused:
            with pytest.raises(UserError, match="ends every text with a special token"):
                load_tokenizer(tmp_path)
        else:
            assert load_tokenizer(tmp_path)("x")["input_ids"][0] == tokenizer.eos_token_id


def test_an_adapter_on_a_projection_that_the_model_lacks_is_refused() -> None:
    """PEFT adapts those that it finds, and says nothing of the others."""
    settings = load(MODEL.parents[1] / "params.yaml").model
    lora = settings.model_copy(
        update={"name": str(MODEL), "adapter": "lora", "lora_targets": ["q_proj", "gate_prj"]}
    )
    with pytest.raises(UserError, match=r"^model\.lora_targets: .*base/model has no projection gate_prj$"):
        load_base(lora, seed=0)
    with pytest.raises(UserError, match=r"^model\.lora_targets: .*not supported"):
        load_base(lora.model_copy(update={"lora_targets": ["mlp"]}), seed=0)
    adapted, _ = load_base(lora.model_copy(update={"lora_targets": ["self_attn.q_proj"]}), seed=0)
    trained = [name for name, weight in adapted.named_parameters() if weight.requires_grad]
    assert trained and all(".self_attn.q_proj.lora_" in name for name in trained)


def test_weights_that_end_in_the_middle_are_one_message(tmp_path: Path) -> None:
    shutil.copytree(MODEL, tmp_path / "model")
    weights = tmp_path / "model/model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(UserError, match=r"model .* cannot be loaded: "):
        load_policy(tmp_path / "model", "float32")


def test_an_adapter_comes_with_the_tokenizer_beside_it(tmp_path: Path) -> None:
    model, tokenizer = load_policy(MODEL, "float32")
    tokenizer.add_special_tokens({"pad_token": AddedToken("<unused>", special=True)})
    lora = LoraConfig(r=2, target_modules=["q_proj"])
    save_policy(get_peft_model(model, lora), tokenizer, tmp_path)
    adapted, own = load_policy(tmp_path, "float32")
    assert own.pad_token == "<unused>"
    assert adapted.generation_config.pad_token_id == own.pad_token_id


def test_a_policy_is_the_same_file_by_file_whether_the_hub_could_be_reached_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for offline in (False, True):
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", offline)
        model, tokenizer = load_policy(MODEL, "float32")
        save_policy(model, tokenizer, tmp_path / str(offline))
    online = {file.name: file.read_bytes() for file in (tmp_path / "False").iterdir()}
    assert {file.name: file.read_bytes() for file in (tmp_path / "True").iterdir()} == online
