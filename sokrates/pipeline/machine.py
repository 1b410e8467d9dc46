"""The machine that a stage runs on: its GPUs, the checkout's folders, OpenMP's threads.

Nothing here imports torch, but to ask for a GPU that the params need.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

# The folders that stages write into, each where it is there.
WRITTEN = (
    *(".", "runs", ".resume", "metrics", "plots", "data", "data/problems", "data/policy", "data/traces"),
    *("data/success_head", "data/pairs", "data/evaluation"),
)

SPINS = "1000"  # rounds that a thread of OpenMP waits before it sleeps


def let_openmp_threads_sleep() -> None:
    """Has OpenMP's threads wait asleep rather than spin, once torch is loaded; what the user has set stays.

    GCC's OpenMP, which comes with PyTorch, lets a thread that waits for another spin. Where other programs use
    the cores, the thread that is waited for has none to run on, and a step takes up to forty times as long.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", SPINS)


def no_gpu() -> str | None:
    """Why PyTorch has no GPU here and what to do, or None where it has one."""
    import torch  # what trains and samples is what has to see it: it may be a build for CPUs alone

    if torch.cuda.is_available():
        return None
    if gpus():
        return (
            f"PyTorch {torch.__version__} cannot use the one that is here: install PyTorch's CUDA build "
            f"(`make setup CUDA=1`) and a driver that is new enough for it"
        )
    if "CUDA_VISIBLE_DEVICES" in os.environ:
        here = f"CUDA_VISIBLE_DEVICES={os.environ['CUDA_VISIBLE_DEVICES']} leaves none"
    else:
        here = "there is none here, or no driver for it"
    return (
        f"{here}. In a container: `docker run --gpus all`. On CPUs: another profile or, for a small model, "
        f"runtime.needs_gpu: false"
    )


def not_writable() -> str | None:
    """Which folder of the checkout this user cannot write into and what to do, or None."""
    for folder in map(Path, WRITTEN):
        if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
            owner, user = folder.stat().st_uid, os.geteuid()
            mend = (
                "it is read-only: mount the checkout so that it can be written"
                if owner == user or user == 0
                else f"it belongs to user {owner}, and this is user {user}: run as its owner (`docker run --user "
                f'"$(id -u):$(id -g)"`), or give it to this user with `chown -R {user}`'
            )
            return f"{folder.absolute()} cannot be written into: {mend}"
    return None


def gpus() -> list[Any]:
    """NVML's handles of the GPUs that this process may use; none where there is no driver."""
    try:
        import pynvml

        pynvml.nvmlInit()
    except Exception:  # no driver, no library, no permission: a machine without a GPU
        return []
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    names = range(pynvml.nvmlDeviceGetCount()) if visible is None else filter(None, visible.split(","))
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
    if not gpus:
        return {}
    import pynvml

    use = {}
    # A MIG slice reports no utilisation; a line of the log is no reason to stop training.
    with suppress(pynvml.NVMLError):
        use["gpu_memory_mib"] = [int(pynvml.nvmlDeviceGetMemoryInfo(gpu).used) // 2**20 for gpu in gpus]
    with suppress(pynvml.NVMLError):
        use["gpu_utilisation"] = [int(pynvml.nvmlDeviceGetUtilizationRates(gpu).gpu) for gpu in gpus]
    return use
