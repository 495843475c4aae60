"""Two OpenAI-compatible servers that answer from files.

aimock knows chat, json_schema, Responses, faults and a request journal; what it has no answer for
is a 503. Answers are added while it runs: POST /__aimock/fixtures. mockllm knows plain chat only.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

from scripts.peers import node
from scripts.peers.environments import make_environment
from scripts.peers.peer import is_stamped, peer_folder, stamp
from scripts.peers.processes import ProcessTree, accepts_connections, free_port

AIMOCK_PACKAGE = "@copilotkit/aimock@1.43.0"
AIMOCK_KEY = "sk-test-1234"
MOCKLLM_PACKAGE = "mockllm==0.0.8"
SECONDS_TO_START = 30.0
ANSWERS = Path(__file__).with_name("model_answers")


class Aimock:
    name = "aimock"

    def is_installed(self) -> bool:
        return is_stamped(self.name, AIMOCK_PACKAGE)

    def install(self) -> None:
        node.ensure_node()
        node.npm_install(peer_folder(self.name), AIMOCK_PACKAGE)
        stamp(self.name, AIMOCK_PACKAGE)

    def start(self, tree: ProcessTree) -> Mapping[str, object]:
        """{"base_url", "api_key"}; the control API lies beside /v1, at /__aimock."""
        port = free_port()
        program = peer_folder(self.name) / "node_modules/@copilotkit/aimock/dist/cli.js"
        running = tree.start(
            self.name,
            [
                *(node.node(), program, "--host", "127.0.0.1", "--port", str(port)),
                *("--fixtures", ANSWERS / "aimock", "--strict", "--log-level", "warn"),
            ],
            environment={**node.node_environment(), "AIMOCK_API_KEYS": AIMOCK_KEY},
        )
        tree.wait_until(running, lambda: accepts_connections(port), SECONDS_TO_START)
        return {"base_url": f"http://127.0.0.1:{port}/v1", "api_key": AIMOCK_KEY}


class Mockllm:
    name = "mockllm"

    def is_installed(self) -> bool:
        return is_stamped(self.name, MOCKLLM_PACKAGE)

    def install(self) -> None:
        make_environment(peer_folder(self.name), [MOCKLLM_PACKAGE])
        stamp(self.name, MOCKLLM_PACKAGE)

    def start(self, tree: ProcessTree) -> Mapping[str, object]:
        """{"base_url", "api_key"}; the key is not looked at."""
        port = free_port()
        answers = shutil.copy(ANSWERS / "mockllm.yml", tree.folder)
        program = peer_folder(self.name) / "bin/mockllm"
        address = ["--host", "127.0.0.1", "--port", str(port)]
        running = tree.start(self.name, [program, "start", "--responses", answers, *address])
        tree.wait_until(running, lambda: accepts_connections(port), SECONDS_TO_START)
        return {"base_url": f"http://127.0.0.1:{port}/v1", "api_key": "not-looked-at"}
