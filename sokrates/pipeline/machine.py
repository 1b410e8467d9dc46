"""The machine that a stage runs on: its packages, its processor, its GPUs, the checkout's folders.

This module imports only the standard library, as it must load where packages are missing. Only `no_gpu` imports
torch and only `gpus` and `gpu_use` import NVML, when they are called.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
# The folders that stages write into; one that does not exist yet is made by its stage.
WRITTEN = (
    *(".", "runs", ".resume", "metrics", "plots", "data", "data/problems", "data/policy", "data/traces"),
    *("data/success_head", "data/pairs", "data/evaluation", "reports"),
)

SPIN_ROUNDS = "1000"  # that a waiting OpenMP thread spins before it sleeps
# What makes libraries use AVX2 where a processor has more: their wider code paths round differently.
AVX2_ONLY = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_CBWR": "AVX2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    "OPENBLAS_CORETYPE": "Haswell",
}
CPUINFO = Path("/proc/cpuinfo")


def missing_packages() -> list[str]:
    """The dependencies of pyproject.toml that this Python does not have; `doctor` checks versions."""
    try:
        import tomllib
    except ModuleNotFoundError:
        return ["tomllib (a part of Python since 3.11)"]
    dependencies = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    missing = []
    for dependency in dependencies:
        name = re.split(r"[^\w.-]", dependency, maxsplit=1)[0]
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
    return missing


def no_tracker(package: str) -> str | None:
    """Why this tracker of `runtime.report_to` cannot be used and what to do, or None."""
    if package == "none" or find_spec(package) is not None:
        return None
    return f"runtime.report_to is {package}, which is not installed: `pip install {package}`, or report_to: none"


def set_up_processor() -> None:
    """Sets what numeric libraries read when they are loaded, so call it before; the user's settings stay.

    One GPU is used, the first of those that may be: TRL refuses to train on several in one process.

    OpenMP's waiting threads sleep instead of spin: GCC's OpenMP, which PyTorch brings, lets a waiting thread take
    the core of the thread that it waits for where other programs use the cores, and a step takes several times as
    long. On x86-64 libraries keep to AVX2, so that processors with and without AVX-512 give the same bytes.
    """
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")  # as NVML counts them
    if "CUDA_VISIBLE_DEVICES" in os.environ or len(gpus()) > 1:
        os.environ["CUDA_VISIBLE_DEVICES"] = os.environ.get("CUDA_VISIBLE_DEVICES", "0").partition(",")[0].strip()
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", SPIN_ROUNDS)
    if "avx2" in instruction_sets():
        for name, value in AVX2_ONLY.items():
            os.environ.setdefault(name, value)


def instruction_sets() -> list[str]:
    """The vector extensions that Linux lists for an x86-64 processor, such as `avx2` and `avx512f`."""
    return [flag for flag in _cpuinfo("flags").split() if flag.startswith(("avx", "fma", "amx"))]


def processor_maker() -> str:
    """Who made an x86-64 processor, as `AuthenticAMD` or `GenuineIntel`; empty where Linux does not say."""
    return _cpuinfo("vendor_id").strip()


def _cpuinfo(name: str) -> str:
    """What Linux says of the first processor, or nothing."""
    try:
        found = re.search(rf"^{name}\s*:(.*)", CPUINFO.read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        return ""
    return found[1] if found else ""


def no_gpu() -> str | None:
    """Why PyTorch has no GPU here and what to do, or None where it has one."""
    import torch  # torch must see it, as torch trains and samples, and its build may be for CPUs only

    if torch.cuda.is_available():
        return None
    if gpus():
        return (
            f"PyTorch {torch.__version__} cannot use this machine's: install PyTorch's CUDA build "
            f"(`make setup CUDA=1`) and a driver that is new enough for it"
        )
    if "CUDA_VISIBLE_DEVICES" in os.environ:
        reason = f"CUDA_VISIBLE_DEVICES={os.environ['CUDA_VISIBLE_DEVICES']} leaves none"
    else:
        reason = "this machine has none, or no driver for it"
    return (
        f"{reason}. In a container: `docker run --gpus all`. On CPUs: another profile or, for a small model, "
        f"runtime.needs_gpu: false"
    )


def not_writable() -> str | None:
    """Which folder of the checkout this user cannot write into and what to do, or None."""
    for folder in map(Path, WRITTEN):
        if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
            owner, user = folder.stat().st_uid, os.geteuid()
            fix = (
                "it is read-only: mount the checkout so that it can be written"
                if owner == user or user == 0
                else f"it belongs to user {owner}, and this is user {user}: run as its owner (`docker run --user "
                f'"$(id -u):$(id -g)"`), or give it to this user with `chown -R {user}`'
            )
            return f"{folder.absolute()} cannot be written into: {fix}"
    return None


def gpus() -> list[Any]:
    """NVML's handles of the GPUs that this process may use; none where there is no driver."""
    try:
        import pynvml

        pynvml.nvmlInit()
    except Exception:  # no driver, no library, no permission: a machine without a GPU
        return []
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    names = (
        range(pynvml.nvmlDeviceGetCount()) if visible is None else filter(None, map(str.strip, visible.split(",")))
    )
    handles = []
    for name in map(str, names):
        try:
            if name.isdecimal():
                handles.append(pynvml.nvmlDeviceGetHandleByIndex(int(name)))
            else:
                handles.append(pynvml.nvmlDeviceGetHandleByUUID(name))
        except pynvml.NVMLError:  # CUDA_VISIBLE_DEVICES=-1, or a name that this driver does not have
            break
    return handles


def gpu_names() -> list[str]:
    """The names of the GPUs that this process may use, as `NVIDIA H100 80GB HBM3`."""
    handles = gpus()
    if not handles:
        return []
    import pynvml

    return [str(pynvml.nvmlDeviceGetName(handle)) for handle in handles]


def gpu_use(gpus: list[Any]) -> dict[str, list[int]]:
    """Memory in use (MiB) and utilisation (%) of each GPU, as far as NVML knows them."""
    if not gpus:
        return {}
    import pynvml

    use = {}
    # A MIG slice reports no utilisation, and that must not stop training.
    with suppress(pynvml.NVMLError):
        use["gpu_memory_mib"] = [int(pynvml.nvmlDeviceGetMemoryInfo(gpu).used) // 2**20 for gpu in gpus]
    with suppress(pynvml.NVMLError):
        use["gpu_utilisation"] = [int(pynvml.nvmlDeviceGetUtilizationRates(gpu).gpu) for gpu in gpus]
    return use
