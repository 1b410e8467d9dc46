"""Where a stage keeps its checkpoints: a killed run resumes, a changed one starts from the beginning.

    with resume_folder("sft") as folder:
        trainer.train(resume_from_checkpoint=latest_checkpoint(folder))

The folder is `.resume/<stage>/<key>/`, outside every DVC out: with DVC's own `persist` a run would resume from
checkpoints made under other params. The key is a hash of the params and the content of the deps (code included)
that dvc.yaml names for the stage, so only the same stage with the same code, data and params finds a checkpoint
again. Not covered: versions of libraries, and what dvc.yaml does not name.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sokrates.io.errors import UserError
from sokrates.pipeline.params import read_yaml


@contextmanager
def resume_folder(stage: str) -> Iterator[Path]:
    """The stage's folder for checkpoints, kept after an exception.

    On success all of the stage's folders are deleted; until then a run whose params come back finds its own again.
    """
    parent = Path(".resume") / stage
    folder = parent / _key(stage)
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    shutil.rmtree(parent, ignore_errors=True)


def latest_checkpoint(folder: str | Path) -> str | None:
    """The last complete checkpoint that a transformers trainer left in a folder, or None."""
    from transformers.trainer_utils import get_last_checkpoint

    for checkpoint in Path(folder).glob("checkpoint-*"):
        # The trainer writes this file last: without it the process was killed while saving.
        if not (checkpoint / "trainer_state.json").exists():
            shutil.rmtree(checkpoint, ignore_errors=True)
    checkpoint_folder: str | None = get_last_checkpoint(str(folder))
    return checkpoint_folder


def _key(stage: str) -> str:
    stages = read_yaml("dvc.yaml")["stages"]
    if stage not in stages:
        raise UserError(f"dvc.yaml has no stage {stage}")
    digest = hashlib.sha256()
    files: dict[str, Any] = {}
    values = {}
    for params_file, name in _param_names(stages[stage].get("params", [])):
        if params_file not in files:
            files[params_file] = read_yaml(params_file)
        values[f"{params_file}:{name}"] = _value(params_file, files[params_file], name)
    digest.update(json.dumps(values, sort_keys=True).encode())
    for dep in sorted(_path(entry) for entry in stages[stage].get("deps", [])):
        for file in _files(Path(dep)):
            with file.open("rb") as content:
                digest.update(f"{file}\0{hashlib.file_digest(content, 'sha256').hexdigest()}\0".encode())
    return digest.hexdigest()[:16]


def _param_names(entries: list[Any]) -> Iterator[tuple[str, str]]:
    """(file, dotted name) of each entry; the name is empty where a whole file is meant."""
    for entry in entries:
        for file, names in entry.items() if isinstance(entry, dict) else [("params.yaml", [entry])]:
            for name in names or [""]:
                yield file, name


def _value(file: str, value: Any, name: str) -> Any:
    for part in filter(None, name.split(".")):
        if not isinstance(value, dict) or part not in value:
            raise UserError(f"{file} has no {name}, which dvc.yaml names")
        value = value[part]
    return value


def _path(entry: str | dict[str, Any]) -> str:
    return entry if isinstance(entry, str) else next(iter(entry))  # `path: {options}`


def _files(dep: Path) -> Iterator[Path]:
    if dep.is_file():
        yield dep
    elif dep.is_dir():
        # As in .dvcignore: compiled Python is not part of a dep.
        yield from sorted(f for f in dep.rglob("*") if f.is_file() and "__pycache__" not in f.parts)
    else:
        raise UserError(f"{dep} is not there, and dvc.yaml names it as a dep")
