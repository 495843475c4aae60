"""The command line of the real servers: install them, bring them up, ask whether they are there."""

import argparse
import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

from scripts.peers.bluesky import Bluesky
from scripts.peers.browser import Chromium
from scripts.peers.html_judge import HtmlJudge
from scripts.peers.model_servers import Aimock, Mockllm
from scripts.peers.peer import Peer, PeerFailed, cache_folder
from scripts.peers.processes import ProcessEnded, ProcessTree
from scripts.peers.slack_workspace import SlackWorkspace
from scripts.peers.wordpress import WordPress

PEERS: Mapping[str, Peer] = {
    peer.name: peer
    for peer in (
        Bluesky(),
        WordPress(),
        SlackWorkspace(),
        Aimock(),
        Mockllm(),
        Chromium(),
        HtmlJudge(),
    )
}
LOOK_EVERY_SECONDS = 0.5


def install(names: Sequence[str]) -> int:
    """Install what is missing; one installation at a time per cache folder."""
    missing = [name for name in names or PEERS if not PEERS[name].is_installed()]
    if not missing:
        print("everything asked for is installed")
        return 0
    cache_folder().mkdir(parents=True, exist_ok=True)
    with (cache_folder() / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in missing:
            _install(PEERS[name])
    return 0


def _install(peer: Peer) -> None:
    # Somebody else may have installed it while we waited for the lock.
    if peer.is_installed():
        return
    print(f"{peer.name}: installing", flush=True)
    began = time.monotonic()
    peer.install()
    print(f"{peer.name}: installed in {time.monotonic() - began:.0f} s", flush=True)


def installed(names: Sequence[str]) -> int:
    """0 when all of them are installed, else 1; names what is missing."""
    missing = [name for name in names or PEERS if not PEERS[name].is_installed()]
    for name in missing:
        print(f"{name}: not installed. Run: python scripts/peers/run.py install {name}")
    return 1 if missing else 0


def up(names: Sequence[str], address_file: Path | None) -> int:
    """Start the peers, print where they listen as one line of JSON, and stay until a signal."""
    if installed(names):
        return 1
    signal.signal(signal.SIGTERM, _interrupt)
    with ProcessTree() as tree:
        try:
            addresses = {name: _start(PEERS[name], tree) for name in names}
            print(json.dumps(addresses), flush=True)
            if address_file:
                _write_whole(address_file, json.dumps(addresses, indent=2) + "\n")
            return _watch(tree)
        except KeyboardInterrupt:
            return 0
        finally:
            # A second Ctrl-C must not leave databases behind.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            if address_file:
                address_file.unlink(missing_ok=True)


def _start(peer: Peer, tree: ProcessTree) -> Mapping[str, object]:
    began = time.monotonic()
    address = peer.start(tree)
    print(f"{peer.name}: up in {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)
    return address


def _watch(tree: ProcessTree) -> int:
    while True:
        tree.check_alive()
        time.sleep(LOOK_EVERY_SECONDS)


def _write_whole(file: Path, text: str) -> None:
    """Whoever waits for the file finds all of it, and others on the machine not its passwords."""
    unfinished = file.with_name(f"{file.name}.{os.getpid()}")
    unfinished.touch(mode=0o600)
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(file)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/peers/run.py", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for command, meaning in (
        ("install", "install what is missing (all, when no names are given)"),
        ("installed", "exit with 0 when all are installed"),
        ("up", "start them and stay in the foreground until Ctrl-C"),
    ):
        sub = commands.add_parser(command, help=meaning)
        sub.add_argument("names", nargs="+" if command == "up" else "*", metavar="name")
        if command == "up":
            sub.add_argument("--json", type=Path, metavar="FILE", help="also write the JSON here")
    chosen = parser.parse_args()
    unknown = [name for name in chosen.names if name not in PEERS]
    if unknown:
        parser.error(f"there is no peer {', '.join(unknown)}; there are {', '.join(PEERS)}")
    try:
        match chosen.command:
            case "install":
                return install(chosen.names)
            case "installed":
                return installed(chosen.names)
            case _:
                return up(chosen.names, chosen.json)
    except (PeerFailed, ProcessEnded) as failure:
        print(failure, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
