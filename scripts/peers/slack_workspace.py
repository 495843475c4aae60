"""A workspace of Slack from npm `emulate` (github.com/vercel-labs/emulate), its Web API alone.

It keeps channels, messages with their metadata, files and views; it opens no socket, presses no
button, limits no rate and judges no block. The tag `latest` of that name is still an older package
of somebody else: only the exact version is this one.
"""

import json
import secrets
from collections.abc import Mapping

from scripts.peers import node
from scripts.peers.peer import is_stamped, peer_folder, stamp
from scripts.peers.processes import ProcessTree, accepts_connections, free_port

PACKAGE = "emulate@0.12.2"
BOT = "test_token_admin"
"""One of its own; there is no way to choose another."""
SECONDS_TO_START = 30.0


class SlackWorkspace:
    name = "slack"

    def is_installed(self) -> bool:
        return is_stamped(self.name, PACKAGE)

    def install(self) -> None:
        node.ensure_node()
        node.npm_install(peer_folder(self.name), PACKAGE)
        stamp(self.name, PACKAGE)

    def start(self, tree: ProcessTree) -> Mapping[str, object]:
        """{"api_url", "bot_token", "signing_secret"}; its people are bob and olga, #care stands."""
        port, secret = free_port(), secrets.token_hex(16)
        seed = tree.folder / "slack-seed.json"
        seed.write_text(json.dumps(_seed(secret)), encoding="utf-8")
        program = peer_folder(self.name) / "node_modules/emulate/dist/index.js"
        running = tree.start(
            self.name,
            [
                *(node.node(), program, "start", "--service", "slack"),
                *("--port", str(port), "--seed", seed),
            ],
            environment=node.node_environment(),
        )
        tree.wait_until(running, lambda: accepts_connections(port), SECONDS_TO_START)
        return {
            "api_url": f"http://127.0.0.1:{port}/api",
            "bot_token": BOT,
            "signing_secret": secret,
        }


def _seed(secret: str) -> Mapping[str, object]:
    return {
        "slack": {
            "team": {"name": "Acme", "domain": "acme"},
            "users": [{"name": "bob"}, {"name": "olga"}],
            "channels": [{"name": "care"}],
            "bots": [{"name": "replydesk"}],
            "signing_secret": secret,
        }
    }
