"""`sokrates doctor`: the exit code, and the sentence for each thing that can be wrong. GPU and hub are played."""

from __future__ import annotations

import http.server
import json
import os
import platform
import shutil
import subprocess
import sys
import threading
import types
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from checkouts import commit_work_tree, run_in
from models import QWEN3_8B

from sokrates.ops import doctor
from sokrates.pipeline import machine
from sokrates.pipeline.params import load

NOBODY = 65534


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkout")
    commit_work_tree(folder)
    return folder


@pytest.fixture
def checkout(committed: Path, tmp_path: Path) -> Path:
    """A clean checkout with the smoke profile as params.yaml, in which nothing has run."""
    return Path(shutil.copytree(committed, tmp_path / "checkout"))


def examine(folder: Path, *arguments: str, **environment: str) -> tuple[int, dict[str, list[tuple[str, str]]]]:
    """The exit code, and level and text of the checks by name."""
    done = sokrates(folder, "doctor", "--json", *arguments, **environment)
    found: dict[str, list[tuple[str, str]]] = {}
    for check in json.loads(done.stdout)["checks"]:
        found.setdefault(check["name"], []).append((check["level"], check["text"]))
    return done.returncode, found


def sokrates(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    # A home of its own: what the user's git trusts and what the user's hub cache holds are no part of the test.
    home = {"HOME": str(folder.parent), "HF_HOME": str(folder.parent / "hf"), "CUDA_VISIBLE_DEVICES": ""}
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "OMP_"))}
    return subprocess.run(
        [sys.executable, "-m", "sokrates", *arguments],
        cwd=folder,
        env=kept | home | environment,
        capture_output=True,
        text=True,
    )


def change(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text()
    assert text.count(old) == 1, f"{old!r} should stand once in {file}"
    (folder / file).write_text(text.replace(old, new))


def test_a_clean_checkout_can_run_the_smoke_profile(checkout: Path) -> None:
    code, found = examine(checkout)
    assert code == 0
    assert set(found) == {
        *("checkout", "python", "packages", "cores", "processor", "git", "dvc", "model", "gpu", "memory", "disk"),
        *("cache", "data"),
    }
    assert [level for checks in found.values() for level, _ in checks if level == "failed"] == []
    assert found["git"] == [("ok", "a clean checkout")]
    assert found["gpu"] == [("ok", "none, and these params run without")]
    assert run_in(checkout, "git", "status", "--porcelain") == ""
    assert not (checkout / ".dvc/cache").exists() and not (checkout / "runs").exists()


def test_the_lines_for_people(checkout: Path) -> None:
    done = sokrates(checkout, "doctor", "--profile", "smoke")
    assert (done.returncode, done.stderr) == (0, "")
    first, *lines = done.stdout.splitlines()
    assert first == "for profiles/smoke.yaml:"
    assert "model      ok      base/model" in lines
    assert any(line.startswith("memory     ok      a run needs ") for line in lines)
    assert "\x1b" not in done.stdout


def test_a_profile_or_params_file_that_is_not_there(checkout: Path) -> None:
    done = sokrates(checkout, "doctor", "--profile", "large")
    assert done.returncode == 2 and done.stdout == ""
    profiles = "qwen3-8b, smoke, smollm2-135m, smollm2-135m-cpu"
    assert done.stderr == f"sokrates: there is no profiles/large.yaml: the profiles are {profiles}\n"
    change(checkout, "params.yaml", "  delta: 0.1 ", "  dleta: 0.1 ")
    done = sokrates(checkout, "doctor")
    assert done.returncode == 2 and "unknown (did you mean preferences.delta?)" in done.stderr


def test_quiet_says_what_stops_the_pipeline_alone(checkout: Path) -> None:
    done = sokrates(checkout, "doctor", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    change(checkout, "params.yaml", "needs_gpu: false", "needs_gpu: true ")
    done = sokrates(checkout, "doctor", "--quiet")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("sokrates: gpu: these params need one (runtime.needs_gpu)")
    change(checkout, "params.yaml", "source: [generated]", "source: [folio:none]")
    *before, added = sokrates(checkout, "doctor", "--quiet").stderr.splitlines(keepends=True)
    assert before == [done.stderr] and added.startswith("sokrates: data: folio:none: none does not exist")
    (checkout / "dvc.yaml").write_text("stages: {}\n")  # with nothing to run there is nothing to stop
    done = sokrates(checkout, "doctor", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert sokrates(checkout, "doctor", "--quiet", "--params", "params.yaml").returncode == 0
    assert (
        sokrates(checkout, "doctor", "--quiet", "--profile", "qwen3-8b").returncode == 2
    )  # not the params here yet


def test_another_folder_than_the_checkout(checkout: Path, tmp_path: Path) -> None:
    code, found = examine(tmp_path, "--params", str(checkout / "params.yaml"), PYTHONPATH=str(checkout))
    assert code == 2 and list(found) == ["checkout"]
    assert "is not a SOKRATES checkout" in found["checkout"][0][1]


def test_a_profile_that_needs_a_gpu_without_one(checkout: Path) -> None:
    change(checkout, "params.yaml", "needs_gpu: false", "needs_gpu: true ")
    code, found = examine(checkout)
    assert code == 2
    ((level, text),) = found["gpu"]
    assert level == "failed" and "docker run --gpus all" in text and "CUDA_VISIBLE_DEVICES= leaves none" in text


@pytest.mark.slow  # a stage imports PyTorch
@pytest.mark.parametrize("stage", ["sft", "traces 1", "dpo 1", "evaluate"])
def test_a_stage_refuses_before_it_leaves_anything(checkout: Path, stage: str) -> None:
    change(checkout, "params.yaml", "needs_gpu: false", "needs_gpu: true ")
    name, *number = stage.split()
    done = subprocess.run(
        [sys.executable, "-m", f"stages.{name}", *number],
        cwd=checkout,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    (message,) = done.stderr.splitlines()
    full_name = f"{name}{'_iter1' if number else ''}"
    assert message.startswith(
        f"{full_name}: these params need a GPU (runtime.needs_gpu), and CUDA_VISIBLE_DEVICES="
    )
    assert run_in(checkout, "git", "status", "--porcelain") == " M params.yaml\n"
    assert not (checkout / "runs").exists() and not (checkout / ".resume").exists()


def test_packages(checkout: Path) -> None:
    change(checkout, "pyproject.toml", '"rich>=14"', '"rich>=999", "no-such-package>=1"')
    change(checkout, "pyproject.toml", 'requires-python = ">=3.11"', 'requires-python = ">=4"')
    code, found = examine(checkout)
    assert code == 2
    ((level, text),) = found["packages"]
    assert level == "failed" and f"rich {version('rich')} (needs >=999)" in text
    assert "no-such-package is missing" in text
    assert found["python"][0][0] == "failed" and "needs >=4" in found["python"][0][1]


def test_git_as_git_sees_it(checkout: Path) -> None:
    (checkout / "notes.txt").write_text("mine")
    code, found = examine(checkout)
    assert code == 0
    assert found["git"] == [
        ("warning", "files that are not as committed: 1; commit before a run whose figures you keep")
    ]
    shutil.rmtree(checkout / ".git")
    code, found = examine(checkout, GIT_CEILING_DIRECTORIES=str(checkout.parent))
    assert code == 2
    assert found["git"][0][0] == "failed" and "not a git repository" in found["git"][0][1]
    assert found["dvc"][0][0] == "failed"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a repository to another user")
def test_a_repository_of_another_user(checkout: Path) -> None:
    for path in (checkout, *checkout.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    code, found = examine(checkout)
    assert code == 2
    mend = f"`git config --global --add safe.directory {checkout}`"
    assert found["git"][0] == ("failed", f"the repository belongs to another user, and git refuses it: {mend}")
    # What the environment says, git believes and libgit2 does not.
    trusted = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": str(checkout)}
    code, found = examine(checkout, **trusted)
    assert code == 2
    assert found["git"][0] == ("failed", f"the repository belongs to another user, and DVC refuses it: {mend}")
    (checkout.parent / ".gitconfig").write_text(f"[safe]\n\tdirectory = {checkout}\n")
    code, found = examine(checkout)
    assert code == 0 and found["git"] == [("ok", "a clean checkout")]


@pytest.fixture
def for_nobody(checkout: Path) -> Iterator[list[str]]:
    """The command that runs Python as a user who owns nothing, in a checkout that this user may read."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("needs root and setpriv to become another user")
    command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", sys.executable]
    opened = [folder for folder in (checkout, *checkout.parents) if folder.stat().st_uid == 0]
    modes = {folder: folder.stat().st_mode for folder in opened}
    try:
        for folder, mode in modes.items():
            folder.chmod(mode | 0o055)
        if subprocess.run([*command, "-c", "import z3"], cwd=checkout, capture_output=True).returncode:
            pytest.skip("another user cannot run this Python")
        yield command
    finally:
        for folder, mode in modes.items():
            folder.chmod(mode)


@pytest.mark.parametrize("stage", ["prepare", pytest.param("sft", marks=pytest.mark.slow)])
def test_a_stage_in_a_checkout_of_another_user(checkout: Path, for_nobody: list[str], stage: str) -> None:
    done = subprocess.run(
        [*for_nobody, "-m", f"stages.{stage}"], cwd=checkout, capture_output=True, text=True, env={"HOME": "/"}
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.splitlines() == [
        f"{stage}: {checkout} cannot be written into: it belongs to user 0, and this is user {NOBODY}: run as its "
        f'owner (`docker run --user "$(id -u):$(id -g)"`), or give it to this user with `chown -R {NOBODY}`'
    ]
    assert not (checkout / "runs").exists()


def test_doctor_in_a_checkout_of_another_user(checkout: Path, for_nobody: list[str]) -> None:
    done = subprocess.run(
        [*for_nobody, "-m", "sokrates", "doctor", "--json"],
        cwd=checkout,
        capture_output=True,
        text=True,
        env={"HOME": "/nowhere", "PATH": os.environ["PATH"]},
    )
    assert (done.returncode, done.stderr) == (2, "")
    found = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert found["checkout"]["level"] == found["git"]["level"] == "failed"


def test_a_folder_that_an_earlier_run_made_read_only(checkout: Path, for_nobody: list[str]) -> None:
    """Another user's run may leave one folder that cannot be written in a checkout that can."""
    for path in (checkout, *checkout.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    (checkout / "data/policy").mkdir()
    done = subprocess.run(
        [*for_nobody, "-m", "stages.prepare"], cwd=checkout, capture_output=True, text=True, env={"HOME": "/"}
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"prepare: {checkout}/data/policy cannot be written into: it belongs to user 0")


def test_a_checkout_that_is_mounted_read_only(checkout: Path) -> None:
    mount = f"mount --bind {checkout} {checkout} && mount -o remount,ro,bind {checkout} && cd {checkout} && "
    inside = ["unshare", "--mount", "sh", "-c"]
    if os.geteuid() != 0 or subprocess.run([*inside, mount + "true"], capture_output=True).returncode:
        pytest.skip("needs root that may mount")
    stage = subprocess.run(
        [*inside, f"{mount} {sys.executable} -m stages.prepare"], capture_output=True, text=True
    )
    message = f"{checkout} cannot be written into: it is read-only: mount the checkout so that it can be written"
    assert (stage.returncode, stage.stderr) == (2, f"prepare: {message}\n")
    found = subprocess.run(
        [*inside, f"{mount} {sys.executable} -m sokrates doctor --json"], capture_output=True, text=True
    )
    assert found.returncode == 2
    checks = json.loads(found.stdout)["checks"]
    assert checks[0] == {"name": "checkout", "level": "failed", "text": message}
    assert {check["name"]: check["level"] for check in checks}["dvc"] == "failed"


@pytest.mark.parametrize(
    ("remove", "says"),
    [
        ("config.json", "holds no config.json"),
        ("model.safetensors", "holds no weights"),
        ("tokenizer.json", "holds no tokenizer"),
    ],
)
def test_a_model_folder_that_is_not_complete(checkout: Path, remove: str, says: str) -> None:
    (checkout / "base/model" / remove).unlink()
    code, found = examine(checkout)
    assert code == 2
    ((status, said),) = found["model"]
    assert status == "failed" and said.startswith(f"base/model {says}")


def test_a_model_that_lacks_a_file_of_its_weights(checkout: Path) -> None:
    index = {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
    (checkout / "base/model/model.safetensors.index.json").write_text(json.dumps(index))
    (checkout / "base/model/model-1.safetensors").write_bytes(b"")
    code, found = examine(checkout)
    assert code == 2
    assert "lacks 1 of 2 files of weights, model-2.safetensors among them" in found["model"][0][1]


def test_a_model_that_sokrates_fetches(checkout: Path) -> None:
    change(checkout, "params.yaml", "name: base/model ", "name: data/models/smollm2 ")
    code, found = examine(checkout)
    assert code == 2
    assert found["model"][0][1] == "data/models/smollm2 is not a folder: `sokrates fetch smollm2` makes it"


class Hub(http.server.BaseHTTPRequestHandler):
    """Answers as the hub does: the name of the repository says how."""

    def do_GET(self) -> None:
        if "/gated" in self.path:
            self.reply(403, {"X-Error-Code": "GatedRepo"})
        elif "/nowhere" in self.path:
            self.reply(404, {"X-Error-Code": "RepoNotFound"})
        elif "/broken" in self.path:
            self.reply(503, {})
        elif self.path.endswith("/config.json"):
            commit, tag = "1" * 40, '"1"'
            self.reply(200, {"X-Repo-Commit": commit, "ETag": tag}, json.dumps(QWEN3_8B).encode())
        else:
            self.reply(200, {})

    do_HEAD = do_GET

    def reply(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("name", "level", "says"),
    [
        ("some/gated", "failed", "it is gated: accept its terms on {hub}/some/gated, then `hf auth login`"),
        ("some/nowhere", "failed", "not found, or no access: check the name, or `hf auth login`"),
        ("some/broken", "failed", "{hub} answers with an error (503): try again later"),
        ("some/model", "ok", "some/model, to be downloaded by the first run"),
    ],
)
def test_a_model_of_the_hub(checkout: Path, hub: str, name: str, level: str, says: str) -> None:
    change(checkout, "params.yaml", "name: base/model ", f"name: {name} ")
    code, found = examine(checkout, HF_ENDPOINT=hub)
    assert found["model"][0][0] == level and says.format(hub=hub) in found["model"][0][1]
    assert level == "ok" or code == 2
    if level == "ok":  # 8 billion parameters, every one trained: no GPU here, so it must fit into memory
        assert found["time"][0][0] == "warning" and "8.19 billion parameters takes weeks" in found["time"][0][1]


def test_a_model_of_the_hub_without_a_network(checkout: Path) -> None:
    change(checkout, "params.yaml", "name: base/model ", "name: some/model ")
    code, found = examine(checkout, HF_ENDPOINT="http://127.0.0.1:9")
    assert code == 2
    assert "http://127.0.0.1:9 cannot be reached" in found["model"][0][1]
    code, found = examine(checkout, HF_HUB_OFFLINE="1")
    assert code == 2 and "HF_HUB_OFFLINE is set: unset it" in found["model"][0][1]


@pytest.mark.slow  # a stage imports PyTorch
def test_a_stage_with_a_model_of_the_hub_and_no_network(checkout: Path) -> None:
    change(checkout, "params.yaml", "name: base/model ", "name: some/model ")
    (checkout / "data/problems").mkdir()
    gold = {"premises": ["Stella is a cat."], "conclusion": "Stella is a cat.", "text": "", "rationale": "careful"}
    (checkout / "data/problems/gold.jsonl").write_text(json.dumps(gold) + "\n")
    done = subprocess.run(
        [sys.executable, "-m", "stages.sft"],
        cwd=checkout,
        env={**os.environ, "HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(checkout.parent / "hf")},
        timeout=60,  # the hub's library alone would try for about as long
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2, done.stderr
    (message,) = [line for line in done.stderr.splitlines() if " INFO " not in line]
    assert message.startswith("model some/model is not on this machine: http://127.0.0.1:9 cannot be reached")
    assert not (checkout / "data/policy").exists() and not (checkout / "metrics/sft.json").exists()


def test_data(checkout: Path, hub: str) -> None:
    change(
        checkout,
        "params.yaml",
        "source: [generated] ",
        "source: [generated, folio@train, 'jsonl:none.jsonl', prontoqa:data/raw] ",
    )
    change(checkout, "params.yaml", "extra: [] ", "extra: [stories=folio:data/folio.jsonl, hub=logipt] ")
    rows = checkout / "data/folio.jsonl"
    rows.write_text(
        '{"premises": ["Rex barks."], "premises-FOL": ["Barks(rex)"], "conclusion": "Rex barks.", '
        '"conclusion-FOL": "Barks(rex)", "label": "True"}\n'
    )
    code, found = examine(checkout, HF_ENDPOINT="http://127.0.0.1:9")
    assert code == 2
    levels = [level for level, _ in found["data"]]
    texts = [text for _, text in found["data"]]
    assert levels == ["ok", "failed", "failed", "failed", "ok", "failed"]
    assert "none.jsonl does not exist" in texts[2] and "data/raw holds no .json or .jsonl file" in texts[3]
    _, found = examine(checkout, HF_ENDPOINT=hub)
    assert [level for level, _ in found["data"]] == ["ok", "ok", "failed", "failed", "ok", "ok"]
    rows.write_text("{}\n")  # found after hours of training, otherwise
    _, found = examine(checkout, HF_ENDPOINT=hub)
    assert (
        found["data"][4][0] == "failed"
        and "data/folio.jsonl:1: not a row of the format folio" in found["data"][4][1]
    )


def test_a_cache_that_cannot_be_written(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_in(checkout, "dvc", "cache", "dir", "--local", "/proc/cache")
    monkeypatch.chdir(checkout)
    monkeypatch.setattr(
        os, "access", lambda path, mode: not str(path).startswith("/proc")
    )  # root may write anywhere
    message = "cache: /proc/cache/files/md5 cannot be written into: `dvc cache dir --local FOLDER` names another"
    assert doctor.obstacles(load()) == [message]


GIB = 2**30


@pytest.mark.parametrize(
    ("size", "level", "says"),
    [
        (80, "ok", "a run needs 56.3 GiB of 80.0 GiB (an estimate)"),
        (24, "warning", "a run needs 56.3 GiB of 24.0 GiB (an estimate): set runtime.micro_batch: 1 and lower"),
        (16, "failed", "19.6 GiB for training in the smallest steps (an estimate), and 16.0 GiB in all: take a"),
    ],
)
def test_the_memory_of_a_gpu(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, size: int, level: str, says: str
) -> None:
    shutil.copytree(checkout / "base/model", checkout / "qwen")
    (checkout / "qwen/config.json").write_text(json.dumps(QWEN3_8B))
    nvml = types.SimpleNamespace(
        NVMLError=OSError,
        nvmlInit=lambda: None,
        nvmlDeviceGetCount=lambda: 1,
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetMemoryInfo=lambda gpu: types.SimpleNamespace(total=size * GIB, free=size * GIB, used=0),
        nvmlDeviceGetName=lambda gpu: "H0",
        nvmlSystemGetDriverVersion=lambda: "580",
    )
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(doctor, "no_gpu", lambda: None)
    monkeypatch.chdir(checkout)
    change(checkout, "profiles/qwen3-8b.yaml", "name: Qwen/Qwen3-8B ", "name: qwen ")
    found = {check.name: check for check in doctor.examine(load("profiles/qwen3-8b.yaml"))}
    assert found["gpu"].text == f"H0, {size}.0 GiB; driver 580"
    assert found["gpu memory"].level == level and says in found["gpu memory"].text


def test_a_gpu_that_pytorch_cannot_use(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr("sokrates.pipeline.machine.gpus", lambda: ["a GPU"])
    monkeypatch.setattr(doctor, "gpus", lambda: ["a GPU"])
    monkeypatch.chdir(checkout)
    (check,) = [check for check in doctor.examine(load("profiles/qwen3-8b.yaml")) if check.name == "gpu"]
    assert check.level == "failed" and "install PyTorch's CUDA build (`make setup CUDA=1`)" in check.text


@pytest.mark.parametrize(
    ("limits", "threads", "level", "says"),
    [
        ({}, None, "ok", "8"),
        ({"cpu.max": "max 100000"}, "4", "ok", "8, OMP_NUM_THREADS=4"),
        ({"cpu.max": "250000 100000"}, None, "warning", "8 seen and 2.5 allowed: set OMP_NUM_THREADS=2"),
        ({"cpu.max": "250000 100000"}, "2", "ok", "8, OMP_NUM_THREADS=2"),
        ({}, "9", "warning", "8, and OMP_NUM_THREADS=9 is more: unset it"),
    ],
)
def test_cores(
    monkeypatch: pytest.MonkeyPatch, limits: dict[str, str], threads: str | None, level: str, says: str
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)
    monkeypatch.setattr(doctor, "_cgroup", lambda file: limits.get(file, ""))
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if threads:
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
    assert doctor._cores() == ("cores", level, says)


@pytest.mark.parametrize(
    ("flags", "level", "says"),
    [
        ("fpu avx avx2 fma", "ok", "with AVX2"),
        ("fpu avx avx2 fma avx512f", "ok", "with AVX-512, used as AVX2"),
        ("fpu avx", "warning", "without AVX2: figures can differ from the committed ones in their last digits"),
        (
            "fpu avx2\nvendor_id\t: GenuineIntel",
            "ok",
            "with AVX2 (GenuineIntel): figures can differ from the committed ones as seeds do",
        ),
        ("fpu avx2\nvendor_id\t: AuthenticAMD", "ok", "with AVX2"),
    ],
)
def test_the_processor_says_what_it_shares_with_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: str, level: str, says: str
) -> None:
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nflags\t\t: {flags}\nprocessor\t: 1\n")
    monkeypatch.setattr(machine, "CPUINFO", tmp_path / "cpuinfo")
    assert doctor._processor() == ("processor", level, f"{platform.machine()} {says}")


def test_a_container_with_less_memory_than_the_machine(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {"memory.max": str(GIB // 2), "memory.current": "0"}
    monkeypatch.setattr(doctor, "_cgroup", lambda file: limits.get(file, ""))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.chdir(checkout)
    (check,) = [check for check in doctor.examine(load()) if check.name == "memory"]
    assert check.level == "failed" and "and 0.5 GiB in all" in check.text
