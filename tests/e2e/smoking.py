"""`replydesk smoke` as its owner runs it: a desk with both chats, a terminal, and thumbs."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from integrations.sandbox.server import SandboxServer
from tests.e2e.loop import network_of, written
from tests.e2e.process import REPLYDESK, START_SECONDS, DeskHome, said_by, surroundings
from tests.fakes.slack_server import APP_TOKEN, BOT_TOKEN, SlackServer
from tests.fakes.telegram_server import TOKEN, TelegramServer
from tests.fakes.telegram_world import GROUP
from tests.services import LOOPBACK, free_port

CHANNEL = "C0CARE"
SECRETS = {
    "SLACK_BOT_TOKEN": BOT_TOKEN,
    "SLACK_APP_TOKEN": APP_TOKEN,
    "TELEGRAM_BOT_TOKEN": TOKEN,
}
CHATS = """
[[brands.channels]]
slug = "care"
chat = "slack"
channel = "{channel}"

[[brands.channels]]
slug = "group"
chat = "telegram"
channel = "{group}"

[slack]
api_url = "{slack}"

[telegram]
base_url = "{telegram}"
"""


@dataclass(slots=True)
class Outcome:
    code: int
    said: str
    report: Mapping[str, Any]

    def verdict(self, where: str, step: str) -> str:
        return str(self._row(where, step)["verdict"])

    def says(self, where: str, step: str) -> str:
        return str(self._row(where, step)["says"])

    def _row(self, where: str, step: str) -> Mapping[str, Any]:
        rows = self.report["steps"]
        [row] = [one for one in rows if (one["where"], one["step"]) == (where, step)]
        return row  # type: ignore[no-any-return]


@dataclass(slots=True)
class Terminal:
    """One `replydesk smoke` with somebody at it, whose answers are typed ahead."""

    process: asyncio.subprocess.Process
    said: str = ""

    async def until(self, words: str) -> None:
        assert self.process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            while words not in self.said:
                piece = await self.process.stdout.read(4096)
                assert piece, f"It ended without saying {words!r}: {self.said}"
                self.said += piece.decode()

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    async def ended(self) -> int:
        assert self.process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            self.said += (await self.process.stdout.read()).decode()
            return await self.process.wait()


@dataclass(slots=True)
class Place:
    home: DeskHome
    slack: SlackServer
    telegram: TelegramServer
    sandbox: SandboxServer
    comment: str
    records: Path = field(init=False)

    def __post_init__(self) -> None:
        self.records = self.home.folder.parent / "records"

    async def unattended(self, *words: str) -> Outcome:
        reply = f"acme={self.comment}"
        code, said = await said_by(
            self.home.folder, "smoke", "--yes", "--reply", reply, *words, environment=SECRETS
        )
        return Outcome(code, said, self.report())

    @asynccontextmanager
    async def attended(self, *words: str, answers: str = "y\n" * 40) -> AsyncIterator[Terminal]:
        process = await asyncio.create_subprocess_exec(
            *REPLYDESK,
            "smoke",
            *words,
            cwd=self.home.folder,
            env=surroundings(SECRETS),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        assert process.stdin is not None
        process.stdin.write(answers.encode())
        try:
            yield Terminal(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    def report(self) -> Mapping[str, Any]:
        """The latest; empty where none was written."""
        found = sorted((self.home.folder / ".replydesk" / "smoke").glob("*.json"))
        document: Mapping[str, Any] = json.loads(found[-1].read_text("utf-8")) if found else {}
        return document

    @property
    def left(self) -> list[str]:
        """What stands in the two channels still."""
        shown = [one.text for one in self.slack.messages]
        return shown + [one.text for one in self.telegram.world.messages]


@asynccontextmanager
async def smoking(
    folder: Path, *, channel: str = CHANNEL, group: int = GROUP
) -> AsyncIterator[Place]:
    async with SlackServer().serving() as slack, TelegramServer().serving() as telegram:
        telegram.world.chats[GROUP].is_forum = True
        home = DeskHome(folder / "desk", network=f"http://{LOOPBACK}:{free_port()}/sandbox/api")
        home.configure(
            more=CHATS.format(
                channel=channel, group=group, slack=slack.api_url, telegram=telegram.url
            )
        )
        home.lay_database()
        async with network_of(home, hooks=False) as sandbox:
            comment = await written(sandbox, "Where is my order, says olga@example.com?")
            yield Place(home, slack, telegram, sandbox, comment)
            assert telegram.judged == []
