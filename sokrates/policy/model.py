"""Loads the language model that writes proofs, and saves it as the next policy.

A policy is a folder: a whole model, or a LoRA adapter that names its base, with the tokenizer beside it.
Not covered: sampling from it (`sampling`), training it (`sokrates.training`).
"""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import try_to_load_from_cache
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from sokrates.io.errors import UserError
from sokrates.pipeline.params import Model
from sokrates.policy.hub import refusal

logging.disable_progress_bar()
# TRL and PEFT read transformers' old name of a property; nothing here can pass them the new one.
warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)

MODEL_FILES = ("config.json", "adapter_config.json", "tokenizer_config.json")  # a model has one of them at least
TRAINED_DTYPE = "float32"  # bfloat16 would round small steps away; autocast still computes in bfloat16
LOGIT_SCALES = (
    *("final_logit_softcapping", "logit_scale", "logits_scaling"),
    *("lm_head_multiplier", "output_multiplier"),
)
Policy = Any  # PreTrainedModel | PeftModel: both look up attributes at run time, so their types say nothing


def load_base(settings: Model, *, seed: int) -> tuple[Policy, PreTrainedTokenizerBase]:
    """The model that SFT starts from, with a new adapter where `settings` ask for one. Raises UserError.

    seed: for the adapter's first weights
    """
    tokenizer = load_tokenizer(settings.name)
    model = _load(settings.name, settings.dtype if settings.adapter == "lora" else TRAINED_DTYPE, tokenizer)
    return with_adapter(model, settings, seed=seed), tokenizer


def with_adapter(model: PreTrainedModel, settings: Model, *, seed: int) -> Policy:
    """The model with a new adapter where `settings` ask for one. Raises UserError for a target that it lacks."""
    torch.manual_seed(seed)
    if settings.adapter == "none":
        return model
    lora = LoraConfig(
        r=settings.lora_r,
        lora_alpha=settings.lora_alpha,
        lora_dropout=settings.lora_dropout,
        target_modules=settings.lora_targets,
        task_type="CAUSAL_LM",
    )
    own = [name for name, _ in model.named_modules()]
    for target in settings.lora_targets:  # PEFT says nothing of a target that it does not find beside others
        if not any(name == target or name.endswith(f".{target}") for name in own):
            raise UserError(f"model.lora_targets: {settings.name} has no projection {target}")
    try:
        return get_peft_model(model, lora)
    except ValueError as error:
        raise UserError(f"model.lora_targets: {' '.join(str(error).split())}") from None


def load_policy(
    folder: Path | str, dtype: str, *, trainable: bool = False
) -> tuple[Policy, PreTrainedTokenizerBase]:
    """A policy that a stage has saved, or any model by folder or name. Raises UserError.

    dtype: float32 or bfloat16, for weights that are not trained
    """
    folder = Path(folder)
    tokenizer = load_tokenizer(folder)
    if not (folder / "adapter_config.json").is_file():
        return _load(str(folder), TRAINED_DTYPE if trainable else dtype, tokenizer), tokenizer
    try:
        base = LoraConfig.from_pretrained(str(folder)).base_model_name_or_path
        model = _load(str(base), dtype, tokenizer)
        # Only training needs an adapter in float32; for reading, that would cost two casts a layer.
        adapted = PeftModel.from_pretrained(
            model, folder, is_trainable=trainable, autocast_adapter_dtype=trainable
        )
        return adapted, tokenizer
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise UserError(f"adapter {folder} cannot be loaded: {error}") from None


def positions(name: str) -> int | None:
    """How many tokens a model, by folder or name, was built for; None where it does not say. Raises UserError."""
    with _loading(name):
        config = AutoConfig.from_pretrained(name).get_text_config()
    return getattr(config, "max_position_embeddings", None)


def load_tokenizer(folder: Path | str) -> PreTrainedTokenizerBase:
    """The tokenizer of a policy's folder, or of any model by folder or name. Raises UserError."""
    with _loading(str(folder)):
        tokenizer = AutoTokenizer.from_pretrained(str(folder))
    if not tokenizer.is_fast:
        raise UserError(f"tokenizer {folder} cannot map tokens to characters: it needs tokenizer.json")
    if tokenizer("x")["input_ids"][-1] in tokenizer.all_special_ids:
        raise UserError(
            f"tokenizer {folder} ends every text with a special token, which would come between a prompt and its "
            f"proof: switch it off (add_eos_token: false, or the post-processor in tokenizer.json)"
        )
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


@contextmanager
def _loading(name: str) -> Iterator[None]:
    folder = Path(name)
    if not folder.is_dir() and (name.startswith((".", "/", "data/")) or name.count("/") != 1):
        remedy = ": `dvc repro` trains the policies there" if name.startswith("data/policy/") else ""
        raise UserError(f"model {name}: there is no such folder{remedy}")
    if folder.is_dir() and not any((folder / file).is_file() for file in MODEL_FILES):
        raise UserError(f"model {name}: this folder holds no model: it has none of {', '.join(MODEL_FILES)}")
    try:
        if not folder.is_dir() and not isinstance(try_to_load_from_cache(name, "config.json"), str):
            refused = refusal(name, "model", errors=False)
            if refused:
                raise UserError(f"model {name} is not on this machine: {refused}")
        yield
    except (OSError, ValueError, SafetensorError) as error:
        needed = (
            "A folder needs config.json, the weights and the tokenizer"
            if folder.is_dir()
            else "A hub model needs the network, and a gated one `hf auth login`"
        )
        raise UserError(f"model {name} cannot be loaded: {' '.join(str(error).split())} {needed}.") from None


def _load(name: str, dtype: str, tokenizer: PreTrainedTokenizerBase) -> PreTrainedModel:
    with _loading(name):
        model = AutoModelForCausalLM.from_pretrained(name, dtype=getattr(torch, dtype))
    # A hub model brings its own sampling settings, such as a repetition penalty, and citing repeats.
    model.generation_config = GenerationConfig(
        pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id
    )
    model.to(device())  # type: ignore[arg-type]
    return model


def unwrapped(model: Policy) -> Policy:
    """The transformers model without PEFT's wrapper; it still has the adapter's layers."""
    return model.get_base_model() if isinstance(model, PeftModel) else model


def logit_scales(config: PreTrainedConfig) -> list[str]:
    """The names of the settings in a model's (text) config that scale or cap its logits."""
    return [name for name in LOGIT_SCALES if getattr(config, name, None) not in (None, 1, 1.0)]


def device() -> torch.device:
    """The GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def preferred_dtype() -> str:
    """The best dtype for a model that is not trained: half the memory on a GPU, no rounding on a CPU."""
    return "bfloat16" if torch.cuda.is_available() else "float32"


def save_policy(model: Policy, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Writes a policy folder: the whole model, or the adapter alone."""
    options: dict[str, Any] = {"selected_adapters": ["default"]} if isinstance(model, PeftModel) else {}
    model.save_pretrained(str(folder), **options)
    tokenizer.init_kwargs["local_files_only"] = False  # how it was loaded is no part of it
    tokenizer.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    for weights in folder.glob("*.safetensors"):  # safetensors makes files that only their owner can read
        shutil.copymode(folder / "tokenizer_config.json", weights)
    adapter = folder / "adapter_config.json"
    if adapter.exists():  # PEFT writes sets in an order that changes from run to run
        config = json.loads(adapter.read_text())
        ordered = {key: sorted(value) if isinstance(value, list) else value for key, value in config.items()}
        adapter.write_text(json.dumps(ordered, indent=2, sort_keys=True) + "\n")
