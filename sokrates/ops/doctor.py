"""What this machine offers and what params need, one check a line: `sokrates doctor`.

A check is ok, a warning (the run goes, with what the sentence says) or failed (it does not). It is made in the
folder that is the working directory, which should be the checkout. Nothing is changed but what DVC itself makes
on opening a repository, a file in its cache that is deleted at once, and config.json of a hub model in the hub's
cache. Not covered: whether a remote of DVC's answers, whether traces or proofs are any good.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import shutil
import subprocess
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any, Literal, NamedTuple

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from sokrates.data.sources import HUB
from sokrates.ops.memory_estimate import GIB, Footprint, footprint, parameters
from sokrates.pipeline.machine import gpus, no_gpu, not_writable
from sokrates.pipeline.params import Params
from sokrates.policy import hub

LIBRARIES = GIB  # of memory for Python, PyTorch and TRL themselves
TRACES = GIB // 4  # of disk for problems, traces and logs
# Checks that no run gets over; the others estimate, or judge what a stage may not need.
SURE = ("checkout", "python", "packages", "engine", "dvc", "model", "gpu", "cache")
LARGE = 10**9  # parameters of a model that no CPU trains in a useful time


class Check(NamedTuple):
    name: str
    level: Literal["ok", "warning", "failed"]
    text: str  # what was found and, where that is not ok, what to do


def examine(params: Params) -> Iterator[Check]:
    """Every check for a run under `params` in the working directory."""
    if not (Path("dvc.yaml").is_file() and Path("stages").is_dir()):
        yield Check("checkout", "failed", f"{Path.cwd()} holds no pipeline: run this in the checkout of SOKRATES")
        return
    problem = not_writable()
    yield Check("checkout", "failed" if problem else "ok", problem or f"{Path.cwd()} can be written")
    yield from _packages()
    if params.sampling.engine == "vllm":
        yield _engine()
    yield _cores()
    yield _git()
    repo, opened = _dvc()
    yield opened
    model, config, complete = _model(params.model.name)
    yield model
    count, need = parameters(config), footprint(config, params)
    yield from _gpu(params, count, need)
    yield _memory(need, on_gpu=bool(gpus()))
    yield from _disk(need, None if complete else count, repo, params)
    if repo:
        yield from _cache(repo)
        yield _remote(repo)
        repo.close()
    yield from _data(params)


def obstacles(params: Params, *, planned: bool = False) -> list[str]:
    """What will surely stop `dvc repro` under `params`; nothing where it has nothing to run.

    planned: the params are not those of the working directory yet
    """
    failed = [check for check in examine(params) if check.level == "failed" and check.name in SURE]
    if failed and failed[0].name == "checkout":  # what else fails may follow from that
        return [failed[0].text]
    if failed and not planned and _up_to_date():
        return []
    return [f"{check.name}: {check.text}" for check in failed]


def _up_to_date() -> bool:
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    logging.getLogger("dvc").setLevel(logging.ERROR)  # it warns that the base model's stage is frozen
    try:
        with Repo(".") as repo:
            return not repo.status()
    except (DvcException, OSError):
        return False


def _packages() -> Iterator[Check]:
    """Python and packages against pyproject.toml, then against the versions that constraints.txt pins."""
    try:
        project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
        pins = [
            Requirement(line)
            for line in Path("constraints.txt").read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("#")
        ]
    except (OSError, ValueError, KeyError) as error:
        yield Check("packages", "failed", f"pyproject.toml or constraints.txt cannot be used: {error}")
        return
    python, wanted = platform.python_version(), project["requires-python"]
    if python in SpecifierSet(wanted):
        yield Check("python", "ok", python)
    else:
        yield Check("python", "failed", f"{python}, and SOKRATES needs {wanted}: `make setup PYTHON=python3.12`")
    missing = [
        f"{found.name} {_version(found.name) or 'is missing'} (needs {found.specifier})"
        for found in map(Requirement, project["dependencies"])
        if not _meets(_version(found.name), found.specifier)
    ]
    moved = [
        f"{pin.name} {version} ({pin.specifier})"
        for pin in pins
        if (version := _version(pin.name)) and not _meets(version, pin.specifier)
    ]
    if missing:
        yield Check("packages", "failed", f"{'; '.join(missing)}: `make setup`")
    elif moved:
        text = f"not the pinned versions, so figures may differ: {'; '.join(moved)}. To have those: `make setup`"
        yield Check("packages", "warning", text)
    else:
        named = ", ".join(f"{name} {_version(name)}" for name in ("torch", "transformers", "trl", "dvc"))
        yield Check("packages", "ok", f"the pinned versions: {named}")


def _engine() -> Check:
    version = _version("vllm")
    if version:
        return Check("engine", "ok", f"vllm {version}")
    text = (
        "sampling.engine vllm, and vLLM is not installed here: `pip install -c constraints-vllm.txt -e '.[vllm]'`"
    )
    return Check("engine", "failed", text)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _meets(version: str | None, specifier: SpecifierSet) -> bool:
    # A local version, as 2.13.0+cpu, names a build of the same release.
    return version is not None and specifier.contains(Version(version).public, prereleases=True)


def _cores() -> Check:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota, *period = _cgroup("cpu.max").split() or ["max"]
    if quota != "max" and int(quota) < cores * int(period[0]):
        allowed = max(1, int(quota) // int(period[0]))
        if os.environ.get("OMP_NUM_THREADS") != str(allowed):
            text = f"{cores} seen and {int(quota) / int(period[0]):g} allowed: set OMP_NUM_THREADS={allowed}"
            return Check("cores", "warning", text)
    threads = os.environ.get("OMP_NUM_THREADS", "")
    if threads.isdecimal() and int(threads) > cores:
        return Check("cores", "warning", f"{cores}, and OMP_NUM_THREADS={threads} is more: unset it")
    return Check("cores", "ok", f"{cores}" + (f", OMP_NUM_THREADS={threads}" if threads else ""))


def _cgroup(file: str) -> str:
    """A limit that a container sets on this process; empty where there is none."""
    try:
        return (Path("/sys/fs/cgroup") / file).read_text().strip()
    except OSError:
        return ""


def _git() -> Check:
    """The repository as git and, which is stricter about owners, as libgit2 sees it for DVC."""
    import pygit2

    here = Path.cwd()
    trust = f"`git config --global --add safe.directory {here}`"
    try:
        done = subprocess.run(["git", "status", "--porcelain"], capture_output=True, text=True)
    except FileNotFoundError:
        return Check("git", "failed", "there is no git, and DVC needs it: install it")
    if "dubious ownership" in done.stderr:
        return Check("git", "failed", f"the repository belongs to another user, and git refuses it: {trust}")
    if done.returncode:
        return Check("git", "failed", f"{done.stderr.strip().splitlines()[0]}: DVC needs a clone, not a copy")
    try:
        pygit2.Repository(pygit2.discover_repository(str(here)))
    except (pygit2.GitError, KeyError) as error:
        if "not owned" in str(error):  # it reads safe.directory from files alone, not from the environment
            return Check("git", "failed", f"the repository belongs to another user, and DVC refuses it: {trust}")
        return Check("git", "failed", f"DVC's libgit2 cannot open it: {error}")
    changed = len(done.stdout.splitlines())
    if changed:
        text = f"files that are not as committed: {changed}; commit before a run whose figures you keep"
        return Check("git", "warning", text)
    return Check("git", "ok", "a clean checkout")


def _dvc() -> tuple[Any, Check]:
    """DVC's repository, or None, and whether it can be used."""
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        repo = Repo(".")
        stages = len(repo.index.stages)
    except (DvcException, OSError) as error:
        return None, Check("dvc", "failed", f"DVC cannot open the repository: {error}")
    if not os.access(repo.tmp_dir, os.W_OK):
        return repo, Check("dvc", "failed", f"{repo.tmp_dir} cannot be written into, and DVC locks there")
    return repo, Check("dvc", "ok", f"{stages} stages, {'' if Path('dvc.lock').is_file() else 'no '}dvc.lock")


def _cache(repo: Any) -> Iterator[Check]:
    from dvc.fs import generic

    cache = repo.cache.local
    if not os.access(_nearest(Path(cache.path)), os.W_OK):
        text = f"{cache.path} cannot be written into: `dvc cache dir --local FOLDER` names another"
        yield Check("cache", "failed", text)
        return
    wanted = _link_types(repo)
    # As DVC tries them, each in turn; a copy always goes.
    able = generic.test_links(
        wanted, cache.fs, str(_nearest(Path(cache.path))), repo.fs, os.path.join(repo.tmp_dir, "link")
    )
    if not able:
        text = f"{cache.path} gives no link of the types {', '.join(wanted)}: add copy to them"
        yield Check("cache", "failed", f"{text}, `dvc config --local cache.type reflink,copy`")
    elif os.geteuid() == 0 and {"hardlink", "symlink"} & set(wanted):
        text = f"link types {', '.join(wanted)}: root writes through a link into the cache"
        yield Check("cache", "warning", f"{text}; `dvc config --local cache.type reflink,copy`")
    else:
        yield Check("cache", "ok", f"{cache.path}, files come by {able[0]}")


def _link_types(repo: Any) -> list[str]:
    types = repo.config["cache"].get("type") or ["reflink", "copy"]  # DVC's own default
    return [types] if isinstance(types, str) else list(types)


def _remote(repo: Any) -> Check:
    from dvc.fs import get_fs_cls, get_fs_config

    name = repo.config["core"].get("remote")
    if not name:
        return Check("remote", "ok", "none: outs stay on this machine (docs/remote.md)")
    url = repo.config["remote"][name]["url"]
    try:
        lacking = get_fs_cls(get_fs_config(repo.config, name=name)).get_missing_deps()
    except ImportError as error:  # the scheme's plugin is not installed at all
        lacking = [str(error)]
    if lacking:
        return Check("remote", "warning", f"{name}, {url}, cannot be used: `pip install -e '.[remote]'`")
    return Check("remote", "ok", f"{name}, {url}")


def _model(name: str) -> tuple[Check, dict[str, Any], bool]:
    """The check of the model, its config (empty where there is none to read) and whether all of it is here."""
    if Path(name).is_dir() or name.count("/") != 1 or name.startswith((".", "/", "data/")):  # as loading has it
        folder, lacking = Path(name), _lacking(Path(name))
        if lacking:
            return Check("model", "failed", f"{name} {lacking}: name another model.name"), _config(folder), False
        return Check("model", "ok", f"{name}{_size(_config(folder))}"), _config(folder), True

    from huggingface_hub import constants, hf_hub_download, snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    config = {}
    with suppress(LocalEntryNotFoundError):
        folder = Path(snapshot_download(name, local_files_only=True))
        config = _config(folder)
        if not _lacking(folder):
            return Check("model", "ok", f"{name}{_size(config)}, in {folder}"), config, True
    refused = hub.refusal(name, "model")
    if refused:
        return Check("model", "failed", f"{name} is not in {constants.HF_HUB_CACHE}: {refused}"), config, False
    try:  # the hub has just answered, so this does not hang
        config = _config(Path(hf_hub_download(name, "config.json", etag_timeout=hub.SECONDS)).parent)
    except OSError as error:
        return Check("model", "failed", f"{name}: the hub has no config.json for it: {error}"), config, False
    return Check("model", "ok", f"{name}{_size(config)}, to be downloaded by the first run"), config, False


def _size(config: dict[str, Any]) -> str:
    count = parameters(config)
    return f", {_counted(count)} parameters" if count else ""


def _lacking(folder: Path) -> str | None:
    """What a model's folder lacks to be loaded."""
    if not folder.is_dir():
        return "is no folder here"
    if not (folder / "config.json").is_file():
        return "holds no config.json"
    indices = [folder / f"{weights}.index.json" for weights in ("model.safetensors", "pytorch_model.bin")]
    index = next((index for index in indices if index.is_file()), None)
    if index:
        try:
            shards = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return f"has an {index.name} that cannot be read"
        gone = [shard for shard in shards if not (folder / shard).is_file()]
        if gone:
            return f"lacks {len(gone)} of {len(shards)} files of weights, {gone[0]} among them"
    elif not any((folder / file).is_file() for file in ("model.safetensors", "pytorch_model.bin")):
        return "holds no weights (model.safetensors)"
    if not any((folder / file).is_file() for file in ("tokenizer.json", "tokenizer.model", "vocab.json")):
        return "holds no tokenizer (tokenizer.json)"
    return None


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return config if isinstance(config, dict) else {}


def _gpu(params: Params, count: int | None, need: Footprint | None) -> Iterator[Check]:
    found = gpus()
    if not found and not params.runtime.needs_gpu:
        if count and count > LARGE:
            text = f"none, and a model of {_counted(count)} parameters takes weeks on CPUs: run it on a GPU"
            yield Check("gpu", "warning", text)
        else:
            yield Check("gpu", "ok", "none, and these params run without")
        return
    try:
        problem = no_gpu()
    except ImportError:
        problem = "PyTorch is not installed: `make setup`"
    if problem:
        needs = params.runtime.needs_gpu
        start = "these params need one (runtime.needs_gpu), and " if needs else ""
        yield Check("gpu", "failed" if needs else "warning", start + problem)
        return
    import pynvml

    sizes = [pynvml.nvmlDeviceGetMemoryInfo(gpu) for gpu in found]
    names = [
        f"{pynvml.nvmlDeviceGetName(gpu)}, {_gib(size.total)}" for gpu, size in zip(found, sizes, strict=True)
    ]
    yield Check("gpu", "ok", f"{'; '.join(names)}; driver {pynvml.nvmlSystemGetDriverVersion()}")
    total, used = sizes[0].total, sizes[0].total - sizes[0].free
    if need is None:
        yield _fits("gpu memory", None, None, total, used)
        return
    # Micro-batches that are left to the trainer take what is free, so they need no more than the smallest.
    training = need.smallest if params.runtime.micro_batch == "auto" else need.whole
    yield _fits("gpu memory", max(need.smallest, need.weights), max(training, need.sampling), total, used)


def _memory(need: Footprint | None, *, on_gpu: bool) -> Check:
    import psutil

    memory = psutil.virtual_memory()
    total, used = memory.total, memory.total - memory.available
    limit, current = _cgroup("memory.max"), _cgroup("memory.current")
    if limit.isdecimal() and current.isdecimal() and int(limit) < total:
        total, used = int(limit), int(current)
    if need is None:
        return _fits("memory", None, None, total, used)
    if on_gpu:  # the weights pass through it on their way to the GPU
        return _fits("memory", need.weights + LIBRARIES, need.weights + LIBRARIES, total, used)
    least = max(need.smallest, need.weights) + LIBRARIES
    return _fits("memory", least, max(need.whole, need.sampling) + LIBRARIES, total, used)


def _fits(name: str, least: int | None, wanted: int | None, total: int, used: int) -> Check:
    """Whether a model fits into a memory of `total` bytes, of which others use `used`.

    least: bytes without which the params cannot run
    wanted: bytes that a run needs if its batches stay as they are
    """
    if least is None or wanted is None:
        return Check(name, "warning", f"{_gib(total)}; what the model needs is unknown while it cannot be read")
    if least > total:
        text = f"{_gib(least)} for training in the smallest steps (an estimate), and {_gib(total)} in all"
        return Check(name, "failed", f"{text}: take a smaller model, or model.adapter: lora")
    text = f"a run needs {_gib(wanted)} of {_gib(total)} (an estimate)"
    smaller = "set runtime.micro_batch: 1 and lower sampling.batch_size"
    if wanted > total:
        return Check(name, "warning", f"{text}: {smaller}")
    if wanted > total - used:
        return Check(name, "warning", f"{text}, and others use {_gib(used)} now: stop them, or {smaller}")
    return Check(name, "ok", text)


def _disk(need: Footprint | None, download: int | None, repo: Any, params: Params) -> Iterator[Check]:
    """Free disk for policies (each also in DVC's cache), checkpoints and a model still to be downloaded.

    download: the model's parameters; None where it is here already
    """
    from huggingface_hub import constants

    if need is None:
        here = _gib(shutil.disk_usage(".").free)
        yield Check("disk", "warning", f"{here} free; what the model needs is unknown while it cannot be read")
        return
    cache = Path(repo.cache.local.path) if repo else Path()
    checkpoint = 3 * need.policy  # weights and two moments
    wanted = [
        (Path(), 4 * need.policy + checkpoint * (params.runtime.save_total_limit + 1) + TRACES),  # one in writing
        (cache, 4 * need.policy + TRACES),
    ]
    if download:  # models are published in two-byte numbers
        wanted.append((Path(constants.HF_HUB_CACHE), 2 * download))
    by_device: dict[int, list[tuple[Path, int]]] = defaultdict(list)
    for folder, size in wanted:
        place = _nearest(folder)
        by_device[place.stat().st_dev].append((place, size))
    for places in by_device.values():
        place, needed = places[0][0], sum(size for _, size in places)
        free = shutil.disk_usage(place).free
        text = f"{_gib(free)} free at {place}, and a run needs {_gib(needed)} at the most"
        yield Check("disk", "ok", text) if free >= needed else Check("disk", "failed", f"{text}: make room")


def _data(params: Params) -> Iterator[Check]:
    """Each source of problems; one that the hub alone has may fail, as long as another is left."""
    found = {spec: _source(spec) for spec in params.problems.source}
    left = any(problem is None for problem in found.values())
    for spec, problem in found.items():
        if problem and left and spec in HUB:
            yield Check("data", "warning", f"{spec}: {problem}. `prepare` goes on without it")
        else:
            yield Check("data", "failed" if problem else "ok", f"{spec}: {problem}" if problem else spec)
    for spec in params.evaluation.extra_sets.values():
        problem = _source(spec)
        yield Check("data", "failed" if problem else "ok", f"{spec}: {problem}" if problem else spec)


def _source(spec: str) -> str | None:
    """Why a source cannot be read and what to do, or None."""
    name, _, path = spec.partition(":")
    if name == "generated":
        return None
    if not path:
        return _cached_or(HUB[name]) if name in HUB else f"it needs a path, {name}:PATH"
    place = Path(path)
    if place.is_dir() and not any(file.suffix in (".json", ".jsonl") for file in place.iterdir()):
        return f"{place} holds no .json or .jsonl file: put the source's files there"
    if not os.access(place, os.R_OK):
        return f"{place} is not there or cannot be read: put it there, or name another"
    return None


def _cached_or(dataset: str) -> str | None:
    """None where `datasets` has it from an earlier run, else what the hub says."""
    from huggingface_hub import constants

    made = os.environ.get("HF_DATASETS_CACHE") or Path(constants.HF_HOME, "datasets")
    if (Path(made) / dataset.replace("/", "___").lower()).is_dir():
        return None
    return hub.refusal(dataset, "dataset")


def _nearest(folder: Path) -> Path:
    """The folder itself, or the nearest above it that is there."""
    folder = folder.absolute()
    return next(place for place in (folder, *folder.parents) if place.is_dir())


def _gib(size: float) -> str:
    return f"{size / GIB:.1f} GiB"


def _counted(count: int) -> str:
    return f"{count / 1e9:.2f} billion" if count >= 10**9 else f"{count / 1e6:.1f} million"
