"""The gate runs a test that failed once more alone, and passes only what then passes."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[2] / "scripts" / "once_more.py"
PROLOGUE = """
from pathlib import Path
import os, sys

def test_steady():
    with open("runs", "a") as runs:
        runs.write("steady ")
"""
FLAKY = """
def test_flaky():
    already = Path("seen").exists()
    Path("seen").touch()
    assert already, "the first time it rains"
"""
BROKEN = """
def test_broken():
    assert not "it always rains"
"""
STOPPED = """
def test_that_ends_the_run():
    import pytest
    if not Path("stopped").exists():
        Path("stopped").touch()
        pytest.exit("no end of its own", returncode=3)
"""


@dataclass(frozen=True, slots=True)
class Gate:
    passed: bool
    said: str
    steady_runs: int
    """Times that the test which always passes was run."""


def _gate(folder: Path, tests: str, place: str = "test_weather.py") -> Gate:
    recipe = f"{sys.executable} -m pytest --rootdir=. $(T)"
    (folder / "Makefile").write_text(f"test:\n\t{recipe}\n", encoding="utf-8")
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    (folder / place).write_text(PROLOGUE + tests, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, str(PROGRAM), "test"],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    runs = (folder / "runs").read_text(encoding="utf-8").count("steady")
    return Gate(run.returncode == 0, run.stdout + run.stderr, runs)


def test_what_fails_once_and_passes_alone_is_named_and_the_gate_goes_on(tmp_path: Path) -> None:
    gate = _gate(tmp_path, FLAKY)
    assert gate.passed, gate.said
    heading = gate.said.index("Flaky: failed once, passed alone (make test)")
    assert "test_flaky - AssertionError: the first time it rains" in gate.said[heading:]
    assert gate.steady_runs == 1, "only what failed runs again"


@pytest.mark.parametrize("tests", [BROKEN, FLAKY + BROKEN])
def test_what_fails_again_fails_the_gate(tmp_path: Path, tests: str) -> None:
    gate = _gate(tmp_path, tests)
    assert not gate.passed
    assert "Flaky" not in gate.said


def test_a_life_that_breaks_a_promise_fails_the_gate_whatever_passes_alone(tmp_path: Path) -> None:
    gate = _gate(tmp_path, FLAKY, "tests/chaos/model/test_weather.py")
    assert not gate.passed
    assert gate.steady_runs == 1


def test_a_run_that_came_to_no_end_of_its_own_is_not_saved_by_a_second(tmp_path: Path) -> None:
    gate = _gate(tmp_path, FLAKY + STOPPED)
    assert not gate.passed, gate.said
    assert "Flaky" not in gate.said


def test_a_run_without_failures_runs_once(tmp_path: Path) -> None:
    gate = _gate(tmp_path, "")
    assert gate.passed
    assert gate.steady_runs == 1
