"""Interrupts at random moments: each command goes at once, and leaves whole files or none."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
from specimens import CAREFUL, PREMISES

ROOT = Path(__file__).parents[2]
INTERRUPTS = 20 if os.environ.get("SOKRATES_LONG_TESTS") else 3  # of each command
LONGEST = 4.0  # seconds after the start; some interrupts come while Python starts, some when all is done
PROBLEM = {"premises": PREMISES, "conclusion": "Stella is small.", "label": "FALSE", "text": CAREFUL}
HARD = {  # z3's work, in the process that it has
    "premises": [""] * 3,
    "premises_fol": ["∀x ∃y R(x, y)", "∀x ¬R(x, x)", "∀x ∀y ∀z ((R(x, y) ∧ R(y, z)) → R(x, z))"],
    "conclusion": "",
    "conclusion_fol": "∀x ∀y (R(x, y) → ∃z (R(y, z) ∧ (R(z, y) ⊕ R(y, x))))",
    "text": 'Thought: .\nAction: <Option type="CONCLUDE" args="[2]" />\n',
}
COMMANDS = {
    "verify": ["verify", "--out", "OUT", "FILE"],
    "verify with workers": ["verify", "--workers", "2", "--out", "OUT", "FILE"],
    "label": ["label", "FILE"],
    "prove": ["prove", "--out", "OUT", "FILE"],
    "options": ["options", "FILE", "--after", "MODUS_PONENS(1, 0)"],
    "solve": ["solve", "--model", "base/model", "--out", "OUT", "FILE"],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_an_interrupt_ends_a_command_at_once_and_leaves_nothing_half_written(name: str, tmp_path: Path) -> None:
    file, folder = tmp_path / "in.jsonl", tmp_path / "out"
    rows = [PROBLEM, *[HARD, PROBLEM] * 1_500]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    folder.mkdir()
    out = folder / "out.jsonl"
    named = {"FILE": str(file), "OUT": str(out)}
    command = [sys.executable, "-m", "sokrates", *(named.get(word, word) for word in COMMANDS[name])]
    random, slowest = Random(name), 0.0
    for _ in range(INTERRUPTS):
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            # What a shell starts in its background ignores interrupts, and so does what that starts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        time.sleep(random.random() * LONGEST)
        interrupted = time.monotonic()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=30)  # to the end of the pipe: until no worker holds it open
        slowest = max(slowest, time.monotonic() - interrupted)
        # Python itself, where it is interrupted before it runs anything of ours, ends with 1.
        is_pythons = b"KeyboardInterrupt" in errors and b"in main" not in errors
        assert process.returncode in (0, 130, -signal.SIGINT) or is_pythons, errors
        if out.exists():  # it was done
            assert process.returncode == 0 and len(out.read_text().splitlines()) == len(rows)
            out.unlink()
        assert list(folder.iterdir()) == []
    print(f"{name}: the slowest was gone {slowest:.2f} s after its interrupt")


def test_an_interrupt_that_python_drops_comes_again() -> None:
    """In the callback of a weak reference, an exception is reported and goes no further."""
    code = (
        "import os, signal, time, weakref; from sokrates import __main__ as main\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background job ignores it
        "def run(arguments):\n"
        "    objects = [{1}]\n"
        "    callback = weakref.ref(objects[0], lambda _: os.kill(os.getpid(), signal.SIGINT))\n"
        "    objects.clear()\n"
        "    time.sleep(60)\n"
        "main.verify.run = run\n"
        "main.main(['verify', 'traces.jsonl'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=50)
    assert (done.returncode, done.stderr) == (130, "sokrates: interrupted\n")
