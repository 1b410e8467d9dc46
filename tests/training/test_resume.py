"""When a stage finds its checkpoints again, and when it does not; `test_training` resumes from them."""

from pathlib import Path

import pytest

from sokrates.io.errors import UserError
from sokrates.training.common.resume import latest_checkpoint, resume_folder

DVC = """
stages:
  sft:
    cmd: python stages/sft.py
    deps: [code, data.json]
    params: [seed, sft.learning_rate, other.yaml: [a.b], whole.yaml: null]
    outs: [data/policy]
  dpo:
    cmd: python stages/dpo.py
    deps: [data.json]
"""


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("dvc.yaml").write_text(DVC)
    Path("params.yaml").write_text("seed: 7\nsft: {learning_rate: 1e-3, logging: 1}\n")
    Path("other.yaml").write_text("a: {b: 1, c: 1}\n")
    Path("whole.yaml").write_text("x: 1\n")
    Path("data.json").write_text("{}")
    Path("code").mkdir()
    Path("code/a.py").write_text("a = 1\n")


def interrupted(stage: str = "sft", *, resumes: bool | None = None) -> Path:
    """The folder of a run that was killed, with something in it. `resumes`: it found that there, or nothing."""
    with pytest.raises(KeyboardInterrupt), resume_folder(stage) as folder:
        assert resumes is None or list(folder.iterdir()) == ([folder / "kept"] if resumes else [])
        (folder / "kept").touch()
        raise KeyboardInterrupt
    return folder


def test_kept_on_failure_and_deleted_on_success():
    first = interrupted()
    assert first.parent == Path(".resume/sft")
    with resume_folder("sft") as folder:
        assert folder == first and (folder / "kept").exists()
    assert not folder.exists()


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("params.yaml", "seed: 8\nsft: {learning_rate: 1e-3, logging: 1}\n"),
        ("params.yaml", "seed: 7\nsft: {learning_rate: 2e-3, logging: 1}\n"),
        ("other.yaml", "a: {b: 2, c: 1}\n"),
        ("whole.yaml", "x: 2\n"),
        ("data.json", "[]"),
        ("code/a.py", "a = 2\n"),
        ("code/b.py", ""),
    ],
)
def test_a_change_starts_anew_and_the_old_folder_goes_when_a_run_succeeds(file, text):
    old, other_stage = interrupted(), interrupted("dpo")
    before = Path(file).read_text() if Path(file).exists() else None
    Path(file).write_text(text)
    new = interrupted(resumes=False)
    assert new != old and old.exists()
    if before is not None:  # the change is taken back: its checkpoints are found again
        Path(file).write_text(before)
        assert interrupted(resumes=True) == old
        Path(file).write_text(text)
    with resume_folder("sft"):
        pass
    assert not old.exists() and not new.exists()
    assert other_stage.exists()


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("params.yaml", "seed: 7\nsft: {learning_rate: 0.001, logging: 2}\n"),  # not a param of the stage
        ("other.yaml", "a: {b: 1, c: 2}\n"),
        ("code/__pycache__/a.pyc", "compiled"),
    ],
)
def test_what_is_no_dependency_changes_nothing(file, text):
    old = interrupted()
    Path(file).parent.mkdir(exist_ok=True)
    Path(file).write_text(text)
    assert interrupted() == old


def test_errors_name_what_is_missing():
    with pytest.raises(UserError, match="no stage train"), resume_folder("train"):
        pass
    Path("data.json").unlink()
    with pytest.raises(UserError, match=r"data\.json is not there"), resume_folder("sft"):
        pass
    Path("params.yaml").write_text("sft: {learning_rate: 1}\n")
    with pytest.raises(UserError, match=r"params\.yaml has no seed"), resume_folder("sft"):
        pass


def test_the_latest_complete_checkpoint(tmp_path):
    assert latest_checkpoint(tmp_path) is None
    for step in (5, 20, 100):
        (tmp_path / f"checkpoint-{step}").mkdir()
        if step < 100:  # killed while it saved the last one
            (tmp_path / f"checkpoint-{step}" / "trainer_state.json").write_text("{}")
    assert latest_checkpoint(tmp_path) == str(tmp_path / "checkpoint-20")
    assert not (tmp_path / "checkpoint-100").exists()
