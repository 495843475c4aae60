"""The command line as a test calls it: a folder, what is typed, and what was said."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli import main
from tests.unit.small_desk import comment, deliver, small_desk

CONFIG = """
[desk]
port = 8000
[[brands]]
slug = "acme"
name = "Acme"
[[brands.members]]
slug = "olga"
name = "Olga"
role = "agent"
[[brands.members]]
slug = "alice"
name = "Alice"
role = "admin"
"""


@dataclass(frozen=True, slots=True)
class Said:
    code: int
    out: str
    err: str


class Desk:
    """A folder to run commands in."""

    def __init__(
        self, folder: Path, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch
    ) -> None:
        self.folder = folder
        self._capture = capture
        self._patch = patch
        self.say()

    def write(self, text: str, name: str = "replydesk.toml") -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def say(self, *answers: str) -> None:
        """What the person types, line by line; then there is nobody."""
        typed = "".join(f"{answer}\n" for answer in answers)
        self._patch.setattr("sys.stdin", io.StringIO(typed))

    def run(self, *words: str) -> Said:
        code = main(words)
        said = self._capture.readouterr()
        return Said(code, said.out, said.err)

    def settle(self) -> None:
        """As after a first run: a team, an account, and a comment."""
        (self.folder / ".replydesk").mkdir()
        asyncio.run(_settle(f"sqlite:///{self.folder}/.replydesk/desk.db"))


async def _settle(address: str) -> None:
    async with small_desk(address) as store:
        await deliver(store, comment("c1", "Where is my tea?"))
