"""Fail when a locked package has a known vulnerability.

pip-audit asks the registry's vulnerability feed about every line of the lock. Where the feed cannot
be reached the check passes, and says loudly that nothing was checked: a build without a network
must be possible, a silent one must not.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
TIMEOUT_SECONDS = 300
UNREACHABLE = ("ConnectionError", "ConnectTimeout", "ReadTimeout", "ProxyError", "SSLError")
UNREACHABLE_SAYS = ("could not connect", "not redirecting properly")


@dataclass(frozen=True, slots=True)
class Verdict:
    passed: bool
    sentence: str


def judge(answer: str, complaints: str) -> Verdict:
    """Read pip-audit's JSON (`answer`) and what it wrote to stderr (`complaints`)."""
    try:
        found = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return _without_answer(complaints)
    vulnerable = [
        f"{package['name']} {package['version']}: {finding['id']}, "
        f"fixed in {', '.join(finding['fix_versions']) or 'no version yet'}"
        for package in found
        for finding in package.get("vulns", ())
    ]
    if vulnerable:
        lines = "\n  ".join(vulnerable)
        return Verdict(False, f"Known vulnerabilities in the lock:\n  {lines}")
    unknown = [package["name"] for package in found if "skip_reason" in package]
    if len(unknown) == len(found):
        return _nothing_was_checked("the feed knows none of the locked packages")
    left_out = f" Not in the feed: {', '.join(unknown)}." if unknown else ""
    checked = len(found) - len(unknown)
    return Verdict(
        True, f"No known vulnerabilities in {checked} of {len(found)} packages.{left_out}"
    )


def _without_answer(complaints: str) -> Verdict:
    lowered = complaints.lower()
    unreachable = any(name in complaints for name in UNREACHABLE)
    if unreachable or any(words in lowered for words in UNREACHABLE_SAYS):
        return _nothing_was_checked("the feed cannot be reached")
    return Verdict(False, f"pip-audit failed:\n{complaints}")


def _nothing_was_checked(why: str) -> Verdict:
    return Verdict(
        True,
        f"WARNING: NO PACKAGE WAS CHECKED FOR VULNERABILITIES: {why}. "
        "Run `make check` again where the package registry is reachable.",
    )


def main() -> int:
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes"]
    options = ["--requirement", str(LOCK), "--format", "json", "--progress-spinner", "off"]
    try:
        ran = subprocess.run(
            [*command, *options],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        verdict = _nothing_was_checked("the feed did not answer in time")
    else:
        verdict = judge(ran.stdout, ran.stderr)
    print(verdict.sentence)
    return 0 if verdict.passed else 1


if __name__ == "__main__":
    raise SystemExit(main())
