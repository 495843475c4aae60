"""What a real server must be able to do here: be installed once, and be started many times.

Everything a peer installs lies below `cache_folder()/<its name>` (Debian packages apart). What one
run writes, databases above all, lies in a temporary folder that goes when the run ends.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from scripts.peers.processes import ProcessTree

CACHE_VARIABLE = "REPLYDESK_PEERS_DIR"
OUTPUT_SHOWN_ON_FAILURE = 4000

Word = str | Path


class PeerFailed(Exception):
    """A peer cannot be installed or started; the text says why and what to do."""


class Peer(Protocol):
    @property
    def name(self) -> str: ...

    def is_installed(self) -> bool: ...

    def install(self) -> None:
        """Repeatable; raises PeerFailed."""

    def start(self, tree: ProcessTree) -> Mapping[str, object]:
        """Start with empty state, wait until it answers, and return its addresses and accounts."""


def cache_folder() -> Path:
    """Where everything is installed: REPLYDESK_PEERS_DIR, else ~/.cache/replydesk-peers."""
    named = os.environ.get(CACHE_VARIABLE)
    return Path(named).expanduser().resolve() if named else Path.home() / ".cache/replydesk-peers"


def peer_folder(name: str) -> Path:
    return cache_folder() / name


def is_stamped(name: str, contents: str) -> bool:
    """True when `contents` (the versions wanted) were installed completely."""
    stamp = peer_folder(name) / "installed-for"
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == contents


def stamp(name: str, contents: str) -> None:
    (peer_folder(name) / "installed-for").write_text(contents, encoding="utf-8")


def run(
    command: Sequence[Word],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    seconds: float = 1800,
) -> str:
    """Run to the end and return standard output; PeerFailed shows the end of what was printed."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PeerFailed(f"{' '.join(words)} did not run to its end: {error}") from error
    if done.returncode:
        printed = (done.stdout + done.stderr)[-OUTPUT_SHOWN_ON_FAILURE:]
        raise PeerFailed(f"{' '.join(words)} ended with {done.returncode}:\n{printed}")
    return done.stdout
