"""A judge of HTML that is not ours: npm `html-validate` (html-validate.org), on Node 22.

It knows the standard's elements, what may stand in which, and what their attributes may hold. The
versions after 10 want a newer Node 22 than its wheel has.
"""

from collections.abc import Mapping

from scripts.peers import node
from scripts.peers.peer import is_stamped, peer_folder, stamp
from scripts.peers.processes import ProcessTree

PACKAGE = "html-validate@10.9.0"


class HtmlJudge:
    name = "html-judge"

    def is_installed(self) -> bool:
        return is_stamped(self.name, PACKAGE)

    def install(self) -> None:
        node.ensure_node()
        # its peers are test runners, over which this npm stumbles
        node.npm_install(peer_folder(self.name), PACKAGE, "--legacy-peer-deps")
        stamp(self.name, PACKAGE)

    def start(self, tree: ProcessTree) -> Mapping[str, object]:
        """{"command"}; nothing runs until a test asks it."""
        program = peer_folder(self.name) / "node_modules/html-validate/bin/html-validate.mjs"
        return {"command": [str(node.node()), str(program)]}
