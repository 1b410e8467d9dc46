"""What stages set before numeric libraries are loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sokrates.pipeline import machine

ROOT = Path(__file__).parents[2]
NAMES = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY", *machine.AVX2_ONLY)


@pytest.fixture
def processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of the processor's flags, and an environment in which nothing is set."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(machine, "CPUINFO", tmp_path / "cpuinfo")
    (tmp_path / "cpuinfo").write_text("flags\t\t: fpu avx avx2 fma avx512f\n")
    yield tmp_path / "cpuinfo"
    for name in NAMES:
        os.environ.pop(name, None)


def test_threads_do_not_spin_and_libraries_keep_to_avx2(processor: Path) -> None:
    machine.set_up_processor()
    assert {name: os.environ.get(name) for name in NAMES} == {
        "GOMP_SPINCOUNT": "1000",
        "OMP_WAIT_POLICY": None,
        **machine.AVX2_ONLY,
    }


def test_what_the_user_has_set_stays(processor: Path) -> None:
    os.environ |= {"OMP_WAIT_POLICY": "active", "ATEN_CPU_CAPABILITY": "avx512"}
    machine.set_up_processor()
    assert os.environ["ATEN_CPU_CAPABILITY"] == "avx512"
    assert os.environ["OMP_WAIT_POLICY"] == "active" and "GOMP_SPINCOUNT" not in os.environ
    assert os.environ["MKL_CBWR"] == "AVX2"


def test_a_processor_without_avx2_is_left_alone(processor: Path) -> None:
    processor.write_text("flags\t\t: fpu avx\n")
    machine.set_up_processor()
    assert os.environ.get("GOMP_SPINCOUNT") == "1000"
    assert not set(machine.AVX2_ONLY) & set(os.environ)


def test_stages_set_it_before_they_load_torch() -> None:
    code = "import os, sys, stages; print(os.environ['GOMP_SPINCOUNT'], 'torch' in sys.modules)"
    environment = {name: value for name, value in os.environ.items() if name not in NAMES}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["1000", "False"]
