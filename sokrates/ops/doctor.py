"""What this machine offers and what params need, one check a line: `sokrates doctor`.

A check is ok, a warning (the run works, but read the sentence) or failed (it does not). The checks are about the
working directory, which should be the checkout. They change nothing but what DVC itself writes when it opens a
repository, and config.json of a hub model in the hub's cache. The estimates import torch and transformers, about
four seconds; `obstacles` makes none and takes one. Not covered: versions within pyproject.toml's bounds, DVC's
remotes and link types, whether traces or proofs are any good.
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
from collections.abc import Iterator, Sequence
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from sokrates.data.sources import read_source
from sokrates.io.errors import InputError
from sokrates.io.files import ROW_SUFFIXES
from sokrates.ops.fetch import FETCHED
from sokrates.pipeline.machine import gpus, instruction_sets, no_gpu, no_tracker, not_writable, processor_maker
from sokrates.pipeline.params import GENERATED, HUB_DATASETS, Params, named_sets
from sokrates.policy import hub
from sokrates.proof.problem import Problem

if TYPE_CHECKING:
    from sokrates.ops.memory_estimate import MemoryEstimate

GIB = 2**30
LIBRARIES_BYTES = GIB  # of memory, for Python, PyTorch and TRL
TRACES_BYTES = GIB // 4  # of disk, for problems, traces and logs
LOCK_MAKER = "AuthenticAMD"  # of the processor that made the committed dvc.lock
ROWS_READ = 100  # of a source, to see that it can be read
CPU_PARAMETERS = 10**9  # a model with more is not worth training on CPUs


class Check(NamedTuple):
    name: str
    level: Literal["ok", "warning", "failed"]
    text: str  # the finding and, unless it is ok, what to do


def examine(params: Params) -> Iterator[Check]:
    """Every check for a run under `params` in the working directory."""
    for check in _requirements(params):
        yield check
        if check.name == "checkout" and check.level == "failed" and not _in_checkout():
            return
    yield _cores()
    yield _processor()
    yield _git()
    yield from _estimates(params)
    yield from _data([*params.problems.source, *named_sets(params.evaluation.extra).values()])


def obstacles(params: Params, *, planned: bool = False) -> list[str]:
    """What will certainly stop `dvc repro` under `params`; nothing if every stage is up to date.

    planned: the params are not those of the working directory yet
    """
    failed = [check for check in _requirements(params) if check.level == "failed"]
    if failed and failed[0].name == "checkout":  # the other failures may follow from it
        return [failed[0].text]
    if failed and not planned and _up_to_date():
        return []
    read = {"prepare": params.problems.source, "evaluate": list(named_sets(params.evaluation.extra).values())}
    for stage, specs in read.items():
        unreadable = [check for check in _data(specs) if check.level == "failed"]
        if unreadable and (planned or not _up_to_date(stage)):
            failed += unreadable
    return [f"{check.name}: {check.text}" for check in failed]


def _requirements(params: Params) -> Iterator[Check]:
    """The checks whose failure always stops a run."""
    if not _in_checkout():
        text = f"{Path.cwd()} is not a SOKRATES checkout: run this in one"
        yield Check("checkout", "failed", text)
        return
    problem = not_writable()
    yield Check("checkout", "failed" if problem else "ok", problem or f"{Path.cwd()} can be written")
    yield from _packages()
    if params.sampling.engine == "vllm":
        yield _engine()
    yield from _dvc()
    yield _model(params.model.name)
    yield _gpu(params)
    if problem := no_tracker(params.runtime.report_to):
        yield Check("tracker", "failed", problem)


def _in_checkout() -> bool:
    return Path("dvc.yaml").is_file() and Path("stages").is_dir()


def _up_to_date(stage: str | None = None) -> bool:
    """Whether DVC would run nothing, of this stage alone or of any."""
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    logging.getLogger("dvc").setLevel(logging.ERROR)  # it warns that the base model's stage is frozen
    try:
        with Repo(".") as repo:
            return not repo.status(stage)
    except (DvcException, OSError):
        return False


def _packages() -> Iterator[Check]:
    """Python and the packages against the bounds in pyproject.toml."""
    try:
        project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    except (OSError, ValueError, KeyError) as error:
        yield Check("packages", "failed", f"pyproject.toml cannot be used: {error}")
        return
    python, wanted = platform.python_version(), project["requires-python"]
    if python in SpecifierSet(wanted):
        yield Check("python", "ok", python)
    else:
        yield Check("python", "failed", f"{python}, and SOKRATES needs {wanted}: `make setup PYTHON=python3.12`")
    unmet = [
        f"{package.name} {_version(package.name) or 'is missing'} (needs {package.specifier})"
        for package in map(Requirement, project["dependencies"])
        if not _meets(_version(package.name), package.specifier)
    ]
    if unmet:
        yield Check("packages", "failed", f"{'; '.join(unmet)}: `make setup`")
    else:
        named = ", ".join(f"{name} {_version(name)}" for name in ("torch", "transformers", "trl", "dvc"))
        yield Check("packages", "ok", named)


def _engine() -> Check:
    version = _version("vllm")
    if version:
        return Check("engine", "ok", f"vllm {version}")
    text = "sampling.engine is vllm, which is not installed: `pip install -c constraints-vllm.txt -e '.[vllm]'`"
    return Check("engine", "failed", text)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _meets(version: str | None, specifier: SpecifierSet) -> bool:
    # A local version, as in 2.13.0+cpu, names a build of the same release.
    return version is not None and specifier.contains(Version(version).public, prereleases=True)


def _dvc() -> Iterator[Check]:
    """Whether DVC can open the repository, lock it and write into its cache."""
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        repo = Repo(".")
        stages = len(repo.index.stages)
    except (DvcException, OSError) as error:
        yield Check("dvc", "failed", f"DVC cannot open the repository: {error}")
        return
    with repo:
        if os.access(repo.tmp_dir, os.W_OK):
            lock = "dvc.lock" if Path("dvc.lock").is_file() else "no dvc.lock"
            yield Check("dvc", "ok", f"{stages} stages, {lock}")
        else:
            yield Check("dvc", "failed", f"{repo.tmp_dir} cannot be written into, and DVC locks there")
        cache = Path(repo.cache.local.path)
    if os.access(_nearest(cache), os.W_OK):
        yield Check("cache", "ok", str(cache))
    else:
        text = f"{cache} cannot be written into: `dvc cache dir --local FOLDER` names another"
        yield Check("cache", "failed", text)


def _model(name: str) -> Check:
    from huggingface_hub import constants, hf_hub_download

    folder = _model_folder(name)
    lacks = _lacking(folder) if folder else None
    if _is_local(name):
        remedy = "`sokrates fetch smollm2` makes it" if name == str(FETCHED) else "name another model.name"
        return Check("model", "failed", f"{name} {lacks}: {remedy}") if lacks else Check("model", "ok", name)
    if folder and not lacks:
        return Check("model", "ok", f"{name}, in {folder}")
    refused = hub.refusal(name, "model")
    if refused:
        return Check("model", "failed", f"{name} is not in {constants.HF_HUB_CACHE}: {refused}")
    try:  # the hub has just answered, so this does not hang
        hf_hub_download(name, "config.json", etag_timeout=hub.TIMEOUT_SECONDS)
    except OSError as error:
        return Check("model", "failed", f"{name}: the hub has no config.json for it: {error}")
    return Check("model", "ok", f"{name}, to be downloaded by the first run")


def _is_local(name: str) -> bool:
    """Whether a model's name is a folder, as loading decides it."""
    return Path(name).is_dir() or name.count("/") != 1 or name.startswith((".", "/", "data/"))


def _model_folder(name: str) -> Path | None:
    """Where a model's files are or should be; None for a model of the hub with no file on this machine."""
    if _is_local(name):
        return Path(name)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except LocalEntryNotFoundError:
        return None


def _lacking(folder: Path) -> str | None:
    """What a model's folder lacks, or None."""
    if not folder.is_dir():
        return "is not a folder"
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


def _gpu(params: Params) -> Check:
    devices = gpus()
    if not devices and not params.runtime.needs_gpu:
        return Check("gpu", "ok", "none, and these params run without")
    try:
        problem = no_gpu()
    except ImportError:
        problem = "PyTorch is not installed: `make setup`"
    if problem:
        if params.runtime.needs_gpu:
            return Check("gpu", "failed", f"these params need one (runtime.needs_gpu), and {problem}")
        return Check("gpu", "warning", problem)
    import pynvml

    names = [
        f"{pynvml.nvmlDeviceGetName(gpu)}, {_gib(pynvml.nvmlDeviceGetMemoryInfo(gpu).total)}" for gpu in devices
    ]
    return Check("gpu", "ok", f"{'; '.join(names)}; driver {pynvml.nvmlSystemGetDriverVersion()}")


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


def _processor() -> Check:
    """The committed dvc.lock is of one maker's AVX2, which wider processors keep to (`set_up_processor`)."""
    sets = instruction_sets()
    if "avx2" not in sets:
        text = (
            f"{platform.machine()} without AVX2: figures can differ from the committed ones in their last digits"
        )
        return Check("processor", "warning", text)
    widest = "AVX-512, used as AVX2" if "avx512f" in sets else "AVX2"
    maker = processor_maker()
    text = f"{platform.machine()} with {widest}"
    if maker not in ("", LOCK_MAKER):
        text += f" ({maker}): figures can differ from the committed ones as seeds do"
    return Check("processor", "ok", text)


def _cgroup(file: str) -> str:
    """A limit that a container sets; empty where there is none."""
    try:
        return (Path("/sys/fs/cgroup") / file).read_text().strip()
    except OSError:
        return ""


def _git() -> Check:
    """Whether git, and libgit2, which DVC uses and which is stricter about owners, accept the repository."""
    import pygit2

    checkout = Path.cwd()
    trust = f"`git config --global --add safe.directory {checkout}`"
    try:
        done = subprocess.run(["git", "status", "--porcelain"], capture_output=True, text=True)
    except FileNotFoundError:
        return Check("git", "failed", "there is no git, and DVC needs it: install it")
    if "dubious ownership" in done.stderr:
        return Check("git", "failed", f"the repository belongs to another user, and git refuses it: {trust}")
    if done.returncode:
        return Check("git", "failed", f"{done.stderr.strip().splitlines()[0]}: DVC needs a clone, not a copy")
    try:
        pygit2.Repository(pygit2.discover_repository(str(checkout)))
    except (pygit2.GitError, KeyError) as error:
        if "not owned" in str(error):  # it reads safe.directory only from files, not from the environment
            return Check("git", "failed", f"the repository belongs to another user, and DVC refuses it: {trust}")
        return Check("git", "failed", f"DVC's libgit2 cannot open it: {error}")
    changed = len(done.stdout.splitlines())
    if changed:
        text = f"files that are not as committed: {changed}; commit before a run whose figures you keep"
        return Check("git", "warning", text)
    return Check("git", "ok", "a clean checkout")


def _estimates(params: Params) -> Iterator[Check]:
    """What the model needs against what the machine has: memory, a GPU's memory, disk, time."""
    from sokrates.ops.memory_estimate import memory_estimate

    folder = _model_folder(params.model.name)
    estimate = memory_estimate(_config(folder) if folder else {}, params)
    if estimate is None:
        text = "what the model needs is unknown, as its config.json cannot be used"
        yield Check("memory", "warning", text)
        return
    devices = gpus()
    if devices:
        yield _gpu_memory(estimate, devices[0], params)
    elif estimate.parameters > CPU_PARAMETERS:
        text = f"a model of {_counted(estimate.parameters)} parameters takes weeks on CPUs: run it on a GPU"
        yield Check("time", "warning", text)
    yield _memory(estimate, on_gpu=bool(devices))
    is_here = folder is not None and not _lacking(folder)
    yield from _disk(estimate, 0 if is_here else estimate.parameters, params)


def _gpu_memory(estimate: MemoryEstimate, gpu: Any, params: Params) -> Check:
    import pynvml

    memory = pynvml.nvmlDeviceGetMemoryInfo(gpu)
    # With `auto` the trainer chooses micro-batches that fit, so it needs no more than the smallest.
    training = estimate.smallest if params.runtime.micro_batch == "auto" else estimate.whole
    least, wanted = max(estimate.smallest, estimate.weights), max(training, estimate.sampling)
    return _fits("gpu memory", least, wanted, memory.total, memory.total - memory.free)


def _memory(estimate: MemoryEstimate, *, on_gpu: bool) -> Check:
    import psutil

    memory = psutil.virtual_memory()
    total, used = memory.total, memory.total - memory.available
    limit, current = _cgroup("memory.max"), _cgroup("memory.current")
    if limit.isdecimal() and current.isdecimal() and int(limit) < total:
        total, used = int(limit), int(current)
    if on_gpu:  # the weights pass through memory on their way to the GPU
        least = wanted = estimate.weights
    else:
        least = max(estimate.smallest, estimate.weights)
        wanted = max(estimate.whole, estimate.sampling)
    return _fits("memory", least + LIBRARIES_BYTES, wanted + LIBRARIES_BYTES, total, used)


def _fits(name: str, least: int, wanted: int, total: int, used: int) -> Check:
    """Whether a model fits into `total` bytes of memory, of which other programs use `used`.

    least: bytes that the params need with the smallest batches
    wanted: bytes that they need with their own batches
    """
    if least > total:
        text = f"{_gib(least)} for training in the smallest steps (an estimate), and {_gib(total)} in all"
        return Check(name, "failed", f"{text}: take a smaller model, or model.adapter: lora")
    text = f"a run needs {_gib(wanted)} of {_gib(total)} (an estimate)"
    smaller = "set runtime.micro_batch: 1 and lower sampling.batch_size"
    if wanted > total:
        return Check(name, "warning", f"{text}: {smaller}")
    if wanted > total - used:
        return Check(name, "warning", f"{text}, and other programs use {_gib(used)} now: stop them, or {smaller}")
    return Check(name, "ok", text)


def _disk(estimate: MemoryEstimate, download: int, params: Params) -> Iterator[Check]:
    """Free disk for policies (each also in DVC's cache), checkpoints and the model's download.

    download: parameters of a model that is not on this machine yet, else 0
    """
    from huggingface_hub import constants

    checkpoint = 3 * estimate.policy  # weights and two moments
    checkpoints = params.runtime.save_total_limit + 1  # one is being written while the others are kept
    needs = [
        (Path(), 4 * estimate.policy + checkpoint * checkpoints + TRACES_BYTES),
        (Path(".dvc/cache"), 4 * estimate.policy + TRACES_BYTES),
        (Path(constants.HF_HUB_CACHE), 2 * download),  # models are published in two-byte numbers
    ]
    by_device: dict[int, list[tuple[Path, int]]] = defaultdict(list)
    for folder, size in needs:
        place = _nearest(folder)
        by_device[place.stat().st_dev].append((place, size))
    for places in by_device.values():
        place, needed = places[0][0], sum(size for _, size in places)
        free = shutil.disk_usage(place).free
        text = f"{_gib(free)} free at {place}, and a run needs at most {_gib(needed)}"
        yield Check("disk", "ok", text) if free >= needed else Check("disk", "failed", f"{text}: make room")


def _data(specs: Sequence[str]) -> Iterator[Check]:
    """Whether each of these sources can be read."""
    for spec in specs:
        problem = _unreadable(spec)
        yield Check("data", "failed" if problem else "ok", f"{spec}: {problem}" if problem else spec)


def _unreadable(spec: str) -> str | None:
    """Why a source cannot be read and what to do, or None."""
    name, _, path = spec.partition(":")
    if name == GENERATED:
        return None
    if not path:
        return _cached_or_refused(HUB_DATASETS[name.partition("@")[0]])
    place = Path(path)
    if place.is_dir() and not any(file.name.endswith(ROW_SUFFIXES) for file in place.iterdir()):
        return f"{place} holds no .json or .jsonl file: put the source's files there"
    if not os.access(place, os.R_OK):
        return f"{place} does not exist or cannot be read: put it there, or name another"
    try:
        readable = sum(isinstance(one, Problem) for one in islice(read_source(spec), ROWS_READ))
    except InputError as error:
        return str(error)
    if not readable:
        return f"it has no problem that can be read among its first {ROWS_READ}: `sokrates label` says why"
    return None


def _cached_or_refused(dataset: str) -> str | None:
    """None where `datasets` has it from an earlier run, else what the hub says."""
    from huggingface_hub import constants

    cache = os.environ.get("HF_DATASETS_CACHE") or Path(constants.HF_HOME, "datasets")
    if (Path(cache) / dataset.replace("/", "___").lower()).is_dir():
        return None
    return hub.refusal(dataset, "dataset")


def _nearest(folder: Path) -> Path:
    """The folder itself, or the nearest parent that exists."""
    folder = folder.absolute()
    return next(place for place in (folder, *folder.parents) if place.is_dir())


def _gib(size: float) -> str:
    return f"{size / GIB:.1f} GiB"


def _counted(count: int) -> str:
    return f"{count / 1e9:.2f} billion" if count >= 10**9 else f"{count / 1e6:.1f} million"
