"""The record of a run: one folder for each, `runs/<stage>/<UTC time>/`, never overwritten.

    with run("sft", params) as log:
        log.metrics({"loss": 0.7}, step=20)
        log.summary({"traces": 40000})

The folder holds run.log (Python's logging, also on stderr), config.json (the params), metrics.jsonl (a
line a call, with GPU memory and utilisation where there is a GPU) and summary.json (also after a failure
or Ctrl-C). `runs/<stage>/latest` links to the newest. It is not a DVC out: times and machines differ, and
results depend only on params.yaml. This module imports torch only to ask for a GPU that the params need.

Before it writes anything, `run` stops a stage that would fail: no GPU for params that need one, a checkout that
cannot be written.

`main` is the last line of every stage script: it runs the stage and turns the errors that a user can fix
into one message and an exit code.
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
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sokrates.io.errors import UserError
from sokrates.io.files import whole_file
from sokrates.pipeline.machine import gpu_use, gpus, no_gpu, not_writable
from sokrates.pipeline.params import Params

FORMAT = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S")

WITHOUT_MODEL = ("prepare", "report")  # the stages that run anywhere

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
        """Append a line to metrics.jsonl; without a step, the step is one more than the last.

        It adds to the values: step, time (UTC), seconds since the start, seconds a step since the last
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
            file.write(_json(line | gpu_use(self._gpus) | dict(values)) + "\n")

    def resume(self, step: int) -> None:
        """Says that the run goes on from this step of an earlier run, whose time is not its own."""
        self._last = (step, time.monotonic())
        self.summary({"resumed_from_step": step})

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
        text = _json(self._summary | end | gpu_use(self._gpus), indent=2) + "\n"
        with whole_file(self.folder / "summary.json") as file:
            file.write(text)


@contextmanager
def run(stage: str, params: BaseModel | Mapping[str, Any]) -> Iterator[RunLog]:
    """Log a stage in a new folder under `runs/<stage>/`; an exception is recorded and raised again.

    Raises UserError where the stage cannot run on this machine; then there is no folder.
    """
    if isinstance(params, Params) and params.runtime.needs_gpu and stage not in WITHOUT_MODEL:
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
    with whole_file(folder / "config.json") as written:
        written.write(_json(config, indent=2) + "\n")
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
        root.removeHandler(terminal)  # the interpreter or main prints it there
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

    The garbage collector skips what the script has imported, during the run and at its end.
    """
    gc.freeze()
    gc.enable()  # `stages` has stopped it
    try:
        stage()
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)


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
    os.replace(link, parent / "latest")  # replaced in one step, so that a reader always finds a link
    return folder


def _json(values: Mapping[str, Any], indent: int | None = None) -> str:
    # Numbers of numpy and torch have `item`; anything else that JSON does not know (a path) is written as text.
    def plain(value: Any) -> Any:
        return value.item() if hasattr(value, "item") else str(value)

    return json.dumps(values, indent=indent, default=plain, ensure_ascii=False)
