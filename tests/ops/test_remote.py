"""docs/remote.md as it is written, against an S3 server on this machine: a second machine rebuilds nothing.

Not covered: other stores than S3's, and a network between the machines.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from checkouts import GIT, ROOT, commit_all, run_in
from moto.server import ThreadedMotoServer

PAGE = (ROOT / "docs/remote.md").read_text(encoding="utf-8")
KEYS = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing", "AWS_DEFAULT_REGION": "us-east-1"}
ENDPOINT, BUCKET = "https://s3.example.org", "sokrates-runs"  # as the page has them


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """The address of an S3 server with an empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        url = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
        client = boto3.client(
            "s3",
            endpoint_url=url,
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
            region_name=KEYS["AWS_DEFAULT_REGION"],
        )
        client.create_bucket(Bucket=BUCKET)
        yield url
    finally:
        server.stop()


def commands(heading: str) -> list[str]:
    """The commands of the page's section, without comments."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    (block,) = re.findall(r"```sh dvc\n(.*?)```", section, flags=re.DOTALL)
    return [line.split("  #")[0].strip() for line in block.splitlines()]


def follow(folder: Path, heading: str, store: str) -> str:
    """Types a section's commands; returns what the last prints."""
    printed = ""
    for command in commands(heading):
        printed = run_in(folder, "sh", "-c", command.replace(ENDPOINT, store), **KEYS)
    return printed


@pytest.fixture(scope="module")
def pushed(clone: Path, store: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A machine that has run the pipeline and pushed everything."""
    first = tmp_path_factory.mktemp("remote") / "first"
    shutil.copytree(clone, first, symlinks=True)
    commit_all(first, "run")
    follow(first, "The store, once", store)
    commit_all(first, "remote")
    follow(first, "The machine that has run the pipeline", store)
    return first


def second_machine(pushed: Path, name: str) -> Path:
    second = pushed.with_name(name)
    run_in(pushed.parent, *GIT, "clone", "-q", str(pushed), name)
    assert not (second / ".dvc/cache").exists() and not (second / "data/policy").exists()
    return second


@pytest.mark.slow
def test_a_second_machine_pulls_and_runs_no_stage(pushed: Path, store: str) -> None:
    second = second_machine(pushed, "second")
    assert "Data and pipelines are up to date." in follow(second, "The machine that continues", store)
    assert not (second / "runs").exists()
    for made in ("data/policy/iter3/model.safetensors", "data/traces/iter3.jsonl"):
        assert (second / made).read_bytes() == (pushed / made).read_bytes()
    assert run_in(second, "git", "status", "--porcelain") == ""


@pytest.mark.slow
def test_the_run_cache_restores_what_no_lock_names(pushed: Path, store: str) -> None:
    third = second_machine(pushed, "third")
    lock = (third / "dvc.lock").read_text()
    (third / "dvc.lock").unlink()
    for figures in (*third.glob("metrics/*.json"), *third.glob("plots/*.json")):
        figures.unlink()
    printed = follow(third, "What another machine has run with other params", store)
    assert printed.count("is cached - skipping run, checking out outputs") == 10
    assert "Running stage" not in printed and not (third / "runs").exists()
    assert (third / "dvc.lock").read_text() == lock
    assert run_in(third, "git", "status", "--porcelain") == ""


@pytest.mark.slow
def test_the_run_cache_that_is_pulled_is_enough(pushed: Path, store: str) -> None:
    """With `dvc pull --run-cache`, whose files for the outs in git `dvc repro --pull` brings."""
    fifth = second_machine(pushed, "fifth")
    run_in(fifth, "dvc", "pull", "--run-cache", **KEYS)
    (fifth / "dvc.lock").unlink()
    for made in ("problems", "policy", "traces", "pairs", "success_head", "evaluation"):
        shutil.rmtree(fifth / "data" / made)
    printed = run_in(fifth, "dvc", "repro", "--pull", **KEYS)
    assert printed.count("is cached - skipping run, checking out outputs") == 10 and not (fifth / "runs").exists()
    assert run_in(fifth, "git", "status", "--porcelain") == ""


@pytest.mark.slow
def test_without_the_remote_the_stages_would_run(pushed: Path) -> None:
    """What the two tests above would see if nothing came from the store."""
    fourth = second_machine(pushed, "fourth")
    assert "Running stage 'prepare'" in run_in(fourth, "dvc", "repro", "--dry", "prepare")
