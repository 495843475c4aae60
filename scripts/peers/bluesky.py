"""A whole Bluesky network on loopback: directory, PDS and AppView, from npm `@atproto/dev-env`.

Its AppView keeps PostgreSQL and Redis. It listens on all interfaces: run it on a machine whose
ports others cannot reach.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from scripts.peers import debian, node
from scripts.peers.databases import start_postgres, start_redis
from scripts.peers.peer import is_stamped, peer_folder, stamp
from scripts.peers.processes import ProcessTree, free_port

PACKAGE = "@atproto/dev-env@0.6.7"
NEEDS = {**debian.POSTGRES, **debian.REDIS}
SECONDS_TO_START = 120.0
PORTS = ("PLC_PORT", "PDS_PORT", "APPVIEW_PORT", "OZONE_PORT")


class Bluesky:
    name = "bluesky"

    def is_installed(self) -> bool:
        return is_stamped(self.name, PACKAGE) and not debian.missing_packages(NEEDS)

    def install(self) -> None:
        debian.ensure({**NEEDS, **debian.COMPILER})
        node.ensure_node()
        folder = peer_folder(self.name)
        node.npm_install(folder, PACKAGE)
        node.compile_addon(folder / "node_modules/better-sqlite3")
        stamp(self.name, PACKAGE)

    def start(self, tree: ProcessTree) -> Mapping[str, object]:
        """{"pds", "appview", "brand": {handle, did, password, app_password}, "fan": {...}}."""
        answer = tree.folder / "bluesky.json"
        temporary = tree.folder / "bluesky-tmp"
        temporary.mkdir()
        environment = {
            **node.node_environment(),
            **{port: str(free_port()) for port in PORTS},
            "DB_POSTGRES_URL": start_postgres(tree),
            "DB_POSTGRES_SCHEMA": "peer",
            "REDIS_HOST": start_redis(tree),
            "LOG_ENABLED": "false",
            "NODE_ENV": "development",
            "TMPDIR": str(temporary),
            "ANSWER_FILE": str(answer),
        }
        running = tree.start(
            self.name, [node.node(), self._script()], environment=environment, folder=temporary
        )
        tree.wait_until(running, answer.is_file, SECONDS_TO_START)
        address: Mapping[str, object] = json.loads(answer.read_text(encoding="utf-8"))
        return address

    def _script(self) -> Path:
        """The module beside its packages: Node looks for them from where the module lies."""
        source = Path(__file__).with_name("bluesky_network.mjs")
        return Path(shutil.copy(source, peer_folder(self.name) / source.name))
