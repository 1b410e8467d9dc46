"""What a run leaves behind: one folder a run, `runs/<stage>/<UTC time>/`, never overwritten.

    with run("sft", params) as log:
        log.metrics({"loss": 0.7}, step=20)
        log.summary({"traces": 40000})

The folder holds run.log (Python's logging, also on stderr), config.json (the params), metrics.jsonl (a
line a call, with GPU memory and utilisation where there is a GPU) and summary.json (also after a failure
or Ctrl-C). `runs/<stage>/latest` links to the newest. Not a DVC out: times and machines differ, and what
results depend on stands in params.yaml. Nothing here imports torch, but to ask for a GPU that the params need.

Before it leaves anything, `run` stops where the stage could not end well: no GPU for params that need one, a
checkout that cannot be written.

`main` is the last line of every stage script: it runs the stage and turns the errors that a user can
mend into one message and an exit code.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sokrates.errors import UserError
from sokrates.params import Params

# The folders that stages write into, each where it is there.
WRITTEN = (
    *(".", "runs", ".resume", "metrics", "plots", "data", "data/problems", "data/policy", "data/traces"),
    *("data/success_head", "data/pairs", "data/evaluation"),
)
FORMAT = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S")

logger = logging.getLogger(__name__)


class RunLog:
    """The open folder of a run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._start = time.monotonic()
        self._gpus = gpus()
        self._summary: dict[str, Any] = {}
        self._last = (0, self._start)  # step and time of the last metrics

    def metrics(self, values: Mapping[str, Any], step: int | None = None) -> None:
        """Append a line to metrics.jsonl; without a step, one more than the last.

        Added to the values: step, time (UTC), seconds since the start, seconds a step since the last
        line, and for each GPU its memory in use (MiB) and utilisation (%).
        """
        last_step, last_time = self._last
        step = last_step + 1 if step is None else step
        now = time.monotonic()
        line = {"step": step, "time": datetime.now(UTC).isoformat(), "seconds": round(now - self._start, 3)}
        if step > last_step:
            line["seconds_per_step"] = round((now - last_time) / (step - last_step), 6)
        self._last = (step, now)
        with (self.folder / "metrics.jsonl").open("a", encoding="utf-8") as file:
            file.write(_json(line | _gpu_use(self._gpus) | dict(values)) + "\n")

    def summary(self, values: Mapping[str, Any]) -> None:
        """Add values to summary.json, which is written when the run ends."""
        self._summary |= values

    def _finish(self, exit_status: int, error: str | None) -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # KiB; bytes on macOS
        end = {
            "exit_status": exit_status,
            "error": error,
            "seconds": round(time.monotonic() - self._start, 3),
            "peak_rss_mib": round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1),
        }
        text = _json(self._summary | end | _gpu_use(self._gpus), indent=2) + "\n"
        (self.folder / "summary.json").write_text(text, encoding="utf-8")


@contextmanager
def run(stage: str, params: BaseModel | Mapping[str, Any]) -> Iterator[RunLog]:
    """Log a stage in a new folder under `runs/<stage>/`; exceptions are recorded and go on.

    Raises UserError where the stage cannot run here; then there is no folder.
    """
    if isinstance(params, Params) and params.runtime.needs_gpu and stage != "prepare":
        problem = no_gpu()
        if problem:
            raise UserError(f"{stage}: these params need a GPU (runtime.needs_gpu), and {problem}")
    problem = not_writable()
    if problem:
        raise UserError(f"{stage}: {problem}")
    try:
        folder = _new_folder(Path("runs") / stage)
    except OSError as failure:
        raise UserError(f"{stage}: {failure.filename} cannot be made: {failure.strerror}") from None
    config = params.model_dump(mode="json") if isinstance(params, BaseModel) else dict(params)
    (folder / "config.json").write_text(_json(config, indent=2) + "\n", encoding="utf-8")
    file, terminal = logging.FileHandler(folder / "run.log", encoding="utf-8"), logging.StreamHandler()
    handlers: list[logging.Handler] = [file, terminal]
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.INFO)
    for handler in handlers:
        handler.setFormatter(FORMAT)
        root.addHandler(handler)
    log = RunLog(folder)
    logger.info("%s: logging to %s", stage, folder)
    status, error = 0, None
    try:
        yield log
    except BaseException as exception:
        status, error = _exit_status(exception), f"{type(exception).__name__}: {exception}"
        root.removeHandler(terminal)  # the terminal gets it from the interpreter or from main
        logger.error("%s failed", stage, exc_info=True)
        raise
    finally:
        log._finish(status, error)
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)


def main(stage: Callable[[], None]) -> None:
    """Run a stage as a script: exit code 2 and its message after a UserError, 130 after Ctrl-C.

    The garbage collector leaves alone what the script has imported, during the run and at its end.
    """
    gc.freeze()
    gc.enable()  # `stages` has turned it off
    try:
        stage()
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)


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


def _exit_status(exception: BaseException) -> int:
    match exception:
        case UserError():
            return 2
        case KeyboardInterrupt():
            return 130
        case SystemExit(code=None):
            return 0
        case SystemExit(code=int(code)):
            return code
    return 1


def _new_folder(parent: Path) -> Path:
    while True:
        folder = parent / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%fZ")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:  # another run started in the same microsecond
            continue
        break
    link = parent / f".{folder.name}.latest"
    link.symlink_to(folder.name)
    os.replace(link, parent / "latest")  # a link cannot be overwritten in place: a reader would find none
    return folder


def _json(values: Mapping[str, Any], indent: int | None = None) -> str:
    # A number of numpy or torch has `item`; what else JSON does not know (a path) is written as text.
    def plain(value: Any) -> Any:
        return value.item() if hasattr(value, "item") else str(value)

    return json.dumps(values, indent=indent, default=plain, ensure_ascii=False)


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


def _gpu_use(gpus: list[Any]) -> dict[str, list[int]]:
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
