"""What surrounds the code: locks, Makefile, Procfile, image, compose file, import contracts."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-run.lock")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = {contract["id"]: contract for contract in PROJECT["tool"]["importlinter"]["contracts"]}
EXTRAS = PROJECT["project"]["optional-dependencies"]
RUNTIME = [*PROJECT["project"]["dependencies"], *EXTRAS["build"]]
MACHINES = [
    {
        "sys_platform": platform,
        "platform_system": system,
        "os_name": "nt" if platform == "win32" else "posix",
        "python_version": version,
        "python_full_version": f"{version}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    for platform, system in (("linux", "Linux"), ("darwin", "Darwin"), ("win32", "Windows"))
    for version in ("3.11", "3.12", "3.13", "3.14")
]


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _locked(name: str) -> list[Requirement]:
    lines = (line for line in _text(name).splitlines() if re.match(r"[a-z0-9]", line))
    return [Requirement(line.removesuffix("\\").strip()) for line in lines]


def _applies(requirement: Requirement, machine: dict[str, str]) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(machine)


# --- locks


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_no_address_and_no_path(lock: str) -> None:
    text = _text(lock)
    assert "://" not in text
    assert "file:" not in text
    assert not re.search(r"^--|^-[efir]", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_is_pinned_with_hashes(lock: str) -> None:
    entries = re.split(r"^(?=[a-z0-9])", _text(lock), flags=re.MULTILINE)[1:]
    assert entries
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_satisfies_every_dependency_on_every_machine(lock: str) -> None:
    wanted = [Requirement(text) for text in RUNTIME]
    if lock == "requirements.lock":
        wanted += [Requirement(text) for text in EXTRAS["dev"]]
    pins = _locked(lock)
    unmet = {
        str(need)
        for machine in MACHINES
        for need in wanted
        if need.name != "replydesk" and _applies(need, machine)
        if not any(
            canonicalize_name(pin.name) == canonicalize_name(need.name)
            and _applies(pin, machine)
            and next(iter(pin.specifier)).version in need.specifier
            for pin in pins
        )
    }
    assert unmet == set()


def test_the_image_runs_what_the_tests_tested() -> None:
    """The same versions; what the tests need besides may want one on more systems."""
    tested, run = (
        {(pin.name, str(pin.specifier)) for pin in _locked(lock)}
        for lock in ("requirements.lock", "requirements-run.lock")
    )
    assert run <= tested


def test_the_build_backend_is_in_both_locks() -> None:
    for lock in LOCKS:
        names = {pin.name for pin in _locked(lock)}
        assert {"hatchling", "editables"} <= names


# --- Makefile


def _make(*arguments: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    make = shutil.which("make")
    assert make is not None
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    if path is not None:
        environment["PATH"] = str(path)
    return subprocess.run(
        [make, "--no-print-directory", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def _machine(folder: Path, **programs: str) -> Path:
    """A folder for PATH: the few tools that the Makefile uses, and `programs` as shell scripts."""
    for tool in ("cat", "rm"):
        found = shutil.which(tool)
        assert found is not None
        (folder / tool).symlink_to(found)
    for name, script in programs.items():
        program = folder / name.replace("_", ".")
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)
    return folder


@pytest.mark.parametrize(
    "target",
    "setup demo run test check bench chaos model peers test-peers docs lock".split(),
)
def test_make_help_names_every_target(target: str) -> None:
    said = _make("help")
    assert said.returncode == 0
    assert re.search(rf"^\s+make {target}\s+\S", said.stdout, re.MULTILINE)


def test_a_python_without_venv_is_told_what_to_install(tmp_path: Path) -> None:
    lacking = _machine(tmp_path, python3_12='case "$2" in *ensurepip*) exit 1;; esac')
    said = _make("setup", f"VENV={tmp_path}/venv", path=lacking)
    assert said.returncode != 0
    assert "apt install python3-venv" in said.stderr


def test_a_machine_without_a_new_enough_python_is_told_so(tmp_path: Path) -> None:
    old = _machine(tmp_path, python3="exit 1", python3_14="exit 127")
    said = _make("setup", f"VENV={tmp_path}/venv", path=old)
    assert said.returncode != 0
    assert "needs Python 3.11 or newer" in said.stderr


def test_the_newest_python_that_runs_is_chosen(tmp_path: Path) -> None:
    record = tmp_path / "chosen"
    works = f'case "$1" in -m) echo "$0 $*" >>{record}; exit 9;; --version) echo one;; esac'
    shims = _machine(tmp_path, python3_14="exit 127", python3_13=works, python3_12=works)
    said = _make("setup", f"VENV={tmp_path}/venv", path=shims)
    assert said.returncode != 0
    assert record.read_text(encoding="utf-8").splitlines() == [
        f"{shims}/python3.13 -m venv --clear {tmp_path}/venv"
    ]


# --- what other platforms start


def _procfile() -> dict[str, list[str]]:
    lines = (line.split(":", 1) for line in _text("Procfile").splitlines() if line)
    return {process: shlex.split(command) for process, command in lines}


def _dockerfile() -> list[tuple[str, str]]:
    joined = _text("Dockerfile").replace("\\\n", " ")
    pairs = (line.split(maxsplit=1) for line in joined.splitlines() if line.strip())
    return [(instruction, rest.strip()) for instruction, rest in pairs]


def _compose() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load(_text("compose.yaml"))
    return parsed


def _started() -> set[tuple[str, ...]]:
    """Every command line, without the program's name, that the project's files start."""
    commands = {tuple(words[1:]) for words in _procfile().values()}
    commands |= {tuple(json.loads(rest)) for name, rest in _dockerfile() if name == "CMD"}
    services = _compose()["services"].values()
    return commands | {tuple(service["command"]) for service in services if "command" in service}


def test_the_procfile_has_a_release_a_web_and_a_worker_process() -> None:
    processes = _procfile()
    assert set(processes) == {"release", "web", "worker"}
    assert {words[0] for words in processes.values()} == {"replydesk"}


@pytest.mark.parametrize("words", sorted(_started()), ids=" ".join)
def test_every_command_that_a_platform_starts_is_one_of_ours(words: tuple[str, ...]) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "bot", *words, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert said.returncode == 0, said.stderr


def test_the_image_installs_the_lock_with_hashes_then_the_project_alone() -> None:
    installs = [rest for name, rest in _dockerfile() if name == "RUN" and "pip install" in rest]
    assert len(installs) == 2
    assert "--require-hashes -r requirements-run.lock" in installs[0]
    assert "--no-deps --no-build-isolation ." in installs[1]


def test_the_image_does_not_run_as_root() -> None:
    last_stage = _dockerfile()
    while ("FROM", "python:3.13-slim") in last_stage:
        last_stage = last_stage[last_stage.index(("FROM", "python:3.13-slim")) + 1 :]
    users = [rest for name, rest in last_stage if name == "USER"]
    assert users == ["replydesk"]


def test_everything_that_the_image_copies_is_in_its_context() -> None:
    allowed = {line[1:] for line in _text(".dockerignore").splitlines() if line.startswith("!")}
    copied = {
        word
        for name, rest in _dockerfile()
        if name == "COPY" and not rest.startswith("--from")
        for word in rest.split()[:-1]
    }
    assert copied <= allowed
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_compose_file_waits_for_a_healthy_database_and_a_finished_migration() -> None:
    services = _compose()["services"]
    assert services["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert services["postgres"]["healthcheck"]["test"]
    waits = services["replydesk"]["depends_on"]["migrate"]["condition"]
    assert waits == "service_completed_successfully"


def test_the_compose_file_publishes_on_loopback_only() -> None:
    ports = [
        port for service in _compose()["services"].values() for port in service.get("ports", ())
    ]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_app_json_starts_the_processes_of_the_procfile() -> None:
    app = json.loads(_text("app.json"))
    assert set(app["formation"]) == set(_procfile()) - {"release"}
    assert app["name"] == PROJECT["project"]["name"]
    assert all(not setting["required"] for setting in app["env"].values())


def test_a_procfile_platform_installs_by_hash_and_then_the_project() -> None:
    lines = [line for line in _text("requirements.txt").splitlines() if not line.startswith("#")]
    assert lines == ["-r requirements-run.lock"]
    assert "--no-deps --no-build-isolation ." in _text("bin/post_compile")
    assert os.access(ROOT / "bin/post_compile", os.X_OK)


@pytest.mark.parametrize("script", [".ci/run", ".ci/packages"])
def test_the_gate_scripts_can_be_run(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    assert _text(script).startswith("#!/usr/bin/env bash\n")
    assert "set -euo pipefail" in _text(script)
    subprocess.run(["bash", "-n", script], cwd=ROOT, check=True, timeout=PATIENCE)


# --- who may import whom


def _rooms(package: str) -> set[str]:
    return {
        f"{package}.{path.stem}"
        for path in (ROOT / package).iterdir()
        if path.name != "__init__.py"
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }


def _placed(contract: str) -> set[str]:
    layers: list[str] = CONTRACTS[contract]["layers"]
    return {room.strip() for layer in layers for room in layer.split("|")}


def test_every_room_of_the_core_has_its_place_in_the_house() -> None:
    assert _rooms("bot") - _placed("house") == set()


def test_every_door_has_its_place_beside_the_others() -> None:
    assert _rooms("handlers") - _placed("front-ends") == set()


def test_every_network_is_kept_apart_from_the_others() -> None:
    networks = {room for room in _rooms("integrations") if (ROOT / room.replace(".", "/")).is_dir()}
    assert networks - set(CONTRACTS["networks"]["modules"]) == set()


def test_prompts_are_text_only() -> None:
    code = {path.relative_to(ROOT).as_posix() for path in (ROOT / "prompts").rglob("*.py")}
    assert code <= {"prompts/__init__.py"}
