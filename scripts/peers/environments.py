"""A Python environment per peer, so that its packages never meet the project's."""

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.peers.debian import ensure
from scripts.peers.peer import Word, run


def make_environment(folder: Path, packages: Sequence[str]) -> None:
    """Make a fresh environment at `folder` with `packages` in it."""
    if importlib.util.find_spec("ensurepip") is None:
        ensure({"usr/lib/python3*/ensurepip/__init__.py": "python3-venv"})
    run([sys.executable, "-m", "venv", "--clear", folder])
    pip: list[Word] = [folder / "bin/python", "-m", "pip", "--disable-pip-version-check"]
    run([*pip, "install", "--quiet", *packages])
