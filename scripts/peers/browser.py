"""Chromium from Debian, with the font that shows emoji; Playwright drives it."""

from collections.abc import Mapping

from scripts.peers import debian
from scripts.peers.processes import ProcessTree


class Chromium:
    name = "chromium"

    def is_installed(self) -> bool:
        return not debian.missing_packages(debian.CHROMIUM)

    def install(self) -> None:
        debian.ensure(debian.CHROMIUM)

    def start(self, tree: ProcessTree) -> Mapping[str, object]:
        """{"path"}; nothing runs until a test starts it."""
        return {"path": "/usr/bin/chromium"}
