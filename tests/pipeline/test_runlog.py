"""Run folders, and how a stage script ends. Not covered: a real GPU (NVML is played here)."""

import gc
import json
import logging
import os
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest

from sokrates.io.errors import UserError
from sokrates.pipeline.machine import AVX2_ONLY, WRITTEN, set_up_processor
from sokrates.pipeline.params import load, read_yaml
from sokrates.pipeline.runlog import main, run

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(path: Path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_run_leaves_its_files():
    params = load(ROOT / "params.yaml")
    with run("sft", params) as log:
        logging.getLogger("sokrates.test").info("∀ is written as it is")
        log.metrics({"loss": 0.5})
        log.metrics({"loss": 0.25}, step=11)
        log.summary({"traces": 3})
    latest = Path("runs/sft/latest")
    assert latest.resolve() == log.folder.resolve()
    assert read(latest / "config.json") == params.model_dump()
    assert "∀ is written as it is" in (latest / "run.log").read_text(encoding="utf-8")
    first, second = map(json.loads, (latest / "metrics.jsonl").read_text().splitlines())
    assert (first["step"], first["loss"], second["step"], second["loss"]) == (1, 0.5, 11, 0.25)
    # 10 steps lie between the two lines
    assert second["seconds_per_step"] == pytest.approx((second["seconds"] - first["seconds"]) / 10, abs=1e-3)
    summary = read(latest / "summary.json")
    assert (summary["traces"], summary["exit_status"], summary["error"]) == (3, 0, None)
    assert summary["seconds"] >= 0 and summary["peak_rss_mib"] > 1


def test_a_resumed_run_counts_its_own_steps_alone() -> None:
    with run("sft", {}) as log:
        log.resume(500)
        log.metrics({"loss": 0.5}, step=510)
    (line,) = map(json.loads, Path("runs/sft/latest/metrics.jsonl").read_text().splitlines())
    assert line["seconds_per_step"] == pytest.approx(line["seconds"] / 10, abs=1e-3)
    assert read(Path("runs/sft/latest/summary.json"))["resumed_from_step"] == 500


def test_runs_never_share_a_folder():
    folders = []
    for _ in range(20):
        with run("sft", {}) as log:
            folders.append(log.folder)
    assert len(set(folders)) == 20 == len(list(Path("runs/sft").glob("2*")))
    assert Path("runs/sft/latest").resolve() == folders[-1].resolve()
    assert not list(Path("runs/sft").glob(".*"))  # the temporary link is gone


@pytest.mark.parametrize(
    ("error", "status"),
    [(RuntimeError("broken"), 1), (UserError("wrong"), 2), (KeyboardInterrupt(), 130), (SystemExit(3), 3)],
)
def test_a_failed_run_says_so(error, status):
    with pytest.raises(type(error)), run("dpo", {}) as log:
        log.summary({"pairs": 5})
        raise error
    summary = read(log.folder / "summary.json")
    assert (summary["exit_status"], summary["pairs"]) == (status, 5)
    assert summary["error"].startswith(type(error).__name__)
    assert "Traceback" in (log.folder / "run.log").read_text()


@pytest.fixture
def for_a_gpu(monkeypatch):
    """Params that need a GPU, where there is none."""
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    params = load(ROOT / "params.yaml")
    return params.model_copy(update={"runtime": params.runtime.model_copy(update={"needs_gpu": True})})


def test_no_run_without_the_gpu_that_the_params_need(for_a_gpu):
    with pytest.raises(UserError, match=r"^sft: these params need a GPU .*CUDA_VISIBLE_DEVICES= leaves none"):
        run("sft", for_a_gpu).__enter__()
    assert not Path("runs").exists()


@pytest.mark.parametrize("stage", ["prepare", "report"])
def test_what_runs_no_model_needs_no_gpu(for_a_gpu, stage):
    with run(stage, for_a_gpu) as log:
        assert log.folder.is_dir()


def test_a_gpu_that_is_there_is_enough(for_a_gpu, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    with run("sft", for_a_gpu) as log:
        assert log.folder.is_dir()


def test_every_folder_that_a_stage_writes_into_is_looked_at():
    stages = read_yaml(ROOT / "dvc.yaml")["stages"].values()
    outs = [out for stage in stages for out in (*stage["outs"], *stage.get("metrics", []))]
    paths = [Path(out if isinstance(out, str) else next(iter(out))) for out in outs]
    assert {str(path.parent) for path in paths} <= set(WRITTEN)


def test_a_file_where_the_runs_should_be():
    Path("runs").write_text("")
    with pytest.raises(UserError, match=r"^sft: runs/sft.* cannot be made: Not a directory"):
        run("sft", {}).__enter__()


def test_logging_is_as_before():
    before = (logging.getLogger().level, list(logging.getLogger().handlers))
    with run("sft", {}):
        pass
    assert (logging.getLogger().level, logging.getLogger().handlers) == before


def test_gpus_are_logged(monkeypatch):
    nvml = types.SimpleNamespace(
        NVMLError=OSError,
        nvmlInit=lambda: None,
        nvmlDeviceGetCount=lambda: 4,
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetMemoryInfo=lambda gpu: types.SimpleNamespace(used=(gpu + 1) * 2**30),
        nvmlDeviceGetUtilizationRates=lambda gpu: types.SimpleNamespace(gpu=50 + gpu),
    )
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,3")
    with run("sft", {}) as log:
        log.metrics({})
    line = read(log.folder / "metrics.jsonl")
    assert line["gpu_memory_mib"] == [2048, 4096]  # (1 + 1) and (3 + 1) GiB
    assert line["gpu_utilisation"] == [51, 53]


@pytest.mark.parametrize(
    ("visible", "used"),
    [(None, "0"), ("2,3", "2"), (" 2, 3", "2"), ("1", "1"), ("GPU-a,GPU-b", "GPU-a"), ("", "")],
)
def test_of_several_gpus_one_is_used(monkeypatch, visible, used):
    """TRL trains on no more in one process."""
    nvml = types.SimpleNamespace(
        NVMLError=OSError,
        nvmlInit=lambda: None,
        nvmlDeviceGetCount=lambda: 4,
        nvmlDeviceGetHandleByIndex=lambda index: index,
    )
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible or "")  # and it is put back
    if visible is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    for name in ("CUDA_DEVICE_ORDER", "GOMP_SPINCOUNT", *AVX2_ONLY):
        monkeypatch.setenv(name, os.environ.get(name, "set"))
    set_up_processor()
    assert os.environ["CUDA_VISIBLE_DEVICES"] == used


SCRIPT = """
from sokrates.io.errors import UserError
from sokrates.pipeline.runlog import main, run

def stage():
    with run("prepare", {{}}):
        {body}

main(stage)
"""


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ("pass", 0, ""),
        ("raise UserError('a.jsonl:3: no premises')", 2, "a.jsonl:3: no premises"),
        ("raise KeyboardInterrupt", 130, "interrupted"),
        ("raise RuntimeError('a bug')", 1, "RuntimeError: a bug"),
    ],
)
def test_how_a_stage_script_ends(body, status, message):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(body=body)], capture_output=True, text=True, cwd=Path.cwd(),
        env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == status
    lines = [line for line in done.stderr.splitlines() if " INFO " not in line]
    if status == 1:  # a bug shows its traceback, once
        assert lines[-1] == message and done.stderr.count("Traceback") == 1
    else:
        assert lines == ([message] if message else [])
    assert read(Path("runs/prepare/latest/summary.json"))["exit_status"] == status


def test_main_gives_no_exit_code_on_success():
    assert main(lambda: None) is None
    gc.unfreeze()  # what belongs to these tests


def test_a_stage_collects_its_own_garbage_and_not_its_imports():
    code = (
        "import gc, sys; sys.argv[0] = '-m'; import stages.prepare as stage; resting = not gc.isenabled();"
        "stage.main(lambda: print(resting, gc.isenabled(), gc.get_freeze_count() > len(gc.get_objects())))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)}
    )
    assert done.stdout.split() == ["True"] * 3, done.stderr
    code = "import gc, stages.prepare; exit(not gc.isenabled())"  # as a spawned child does, or a library
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(ROOT)})


def test_a_python_without_the_packages_gets_one_line():
    done = subprocess.run(  # -S: without site-packages
        [sys.executable, "-S", "-m", "stages.evaluate"], capture_output=True, text=True, cwd=ROOT, env={}
    )
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert re.search(r" lacks \w+ and \d+ more packages: ", line) and "`make setup`" in line
    assert "`git checkout metrics plots` and `dvc checkout`" in line


def test_runlog_does_not_import_torch():
    code = "import sys, sokrates.pipeline.runlog; sys.exit(bool({'torch', 'transformers'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(ROOT)})
