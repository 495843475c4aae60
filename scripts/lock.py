"""Renew both lock files: hashes for every platform and Python we support, and no addresses.

`requirements.lock` is what `make setup` installs, `requirements-run.lock` what an image installs.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {
    "requirements.lock": ("--extra", "dev"),
    "requirements-run.lock": ("--extra", "build"),
}
COMPILE = (
    "pip",
    "compile",
    "pyproject.toml",
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--custom-compile-command",
    "make lock",
    "--quiet",
)


def main() -> int:
    for name, extras in LOCKS.items():
        command = [sys.executable, "-m", "uv", *COMPILE, *extras, "--output-file", name]
        subprocess.run([*command, *sys.argv[1:]], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        text = (ROOT / name).read_text(encoding="utf-8")
        if "://" in text or "--find-links" in text:
            print(f"{name} contains an address. Look at it before you commit.", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
