"""Run a target of the Makefile that runs tests, and what fails there once more alone.

    python scripts/once_more.py test

A test that fails and then passes alone is flaky: it is named under a heading of its own, with what
its first failure said, and the target counts as passed. A test that fails again, and a run that
came to no end of its own, make this program fail as the run did. A life of the model test that
breaks a promise is no flake, whatever passes afterwards: it is a counterexample.
"""

import os
import re
import subprocess
import sys

HEADING = "Flaky: failed once, passed alone"
SUMMARY = re.compile(
    r"^=+ short test summary info =+\n(?P<lines>.*?)^(?:=+ )?\d+ \w+(?:,.*)? in [\d.]+s",
    re.MULTILINE | re.DOTALL,
)
PROOF = "tests/chaos/model/"
ONLY_TESTS_FAILED = re.compile(r"^make.*\*\*\* .* Error 1$", re.MULTILINE)
"""How make says that pytest ran everything and some of it failed; a broken run has other codes."""


def main(target: str) -> int:
    """Returns the exit code for the gate."""
    code, said = _make(target, "T=--cache-clear")
    summary = SUMMARY.search(said)
    if code == 0 or summary is None or not ONLY_TESTS_FAILED.search(said):
        return code
    if PROOF in summary["lines"]:
        return code
    print(f"\nWhat failed in `make {target}` runs once more, alone.\n", flush=True)
    again, _ = _make(target, "JOBS=0", "T=--last-failed --last-failed-no-failures=none --maxfail=1")
    if again == 0:
        print(f"\n=== {HEADING} (make {target})\n{summary['lines']}", flush=True)
    return again


def _make(*arguments: str) -> tuple[int, str]:
    """Run make; its exit code and what it said, which is shown while it says it."""
    said: list[str] = []
    with subprocess.Popen(
        ["make", "--no-print-directory", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        text=True,
        errors="replace",
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            said.append(line)
    return running.returncode, "".join(said)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
