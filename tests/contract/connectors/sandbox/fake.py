"""The sandbox network before each contract test: the real one, on a free port, with faults."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from tempfile import TemporaryDirectory

from integrations.sandbox.faults import Shot
from integrations.sandbox.network import SandboxNetwork
from integrations.sandbox.server import SandboxServer
from tests.contract.connector_case import Fault
from tests.fakes.clock import START

FIXTURES = Path(__file__).parent / "fixtures"
TOKEN = "sandbox-token-9f4c2e"
BY_US_BEFORE = 1
"""Replies of ours in the recorded world."""
PUBLIC_URL = "https://sandbox.example/"

SHOTS = {
    Fault.UNAUTHORIZED: Shot.UNAUTHORIZED,
    Fault.FORBIDDEN: Shot.FORBIDDEN,
    Fault.RATE_LIMITED: Shot.RATE_LIMITED,
    Fault.REJECTED: Shot.REJECTED,
    Fault.GONE: Shot.GONE,
    Fault.SERVER_ERROR: Shot.SERVER_ERROR,
    Fault.SERVER_ERROR_AFTER_ACTING: Shot.SERVER_ERROR_AFTER_ACTING,
    Fault.RESET_AFTER_ACTING: Shot.LOSE_ANSWER,
    Fault.SLOW_AFTER_ACTING: Shot.SLOW_ANSWER,
    Fault.GARBAGE: Shot.GARBAGE,
}


class FakeSandbox:
    """Judges by the network's file, not by what the network says."""

    def __init__(self, server: SandboxServer, path: Path) -> None:
        self._server = server
        self._path = path

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def visible(self) -> Sequence[str]:
        with closing(sqlite3.connect(self._path)) as file:
            rows = file.execute(
                "SELECT text FROM comments WHERE author = 'acme' AND NOT deleted ORDER BY id"
            ).fetchall()
        return [text for (text,) in rows][BY_US_BEFORE:]

    @property
    def writes(self) -> int:
        return self._server.faults.traffic.writes

    def fail_next(self, fault: Fault) -> None:
        self._server.faults.strike_next(SHOTS[fault])


@asynccontextmanager
async def start() -> AsyncIterator[FakeSandbox]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "sandbox.sqlite"
        async with SandboxServer(str(path), token=TOKEN, now=lambda: START) as server:
            server.world.stands_at(PUBLIC_URL)
            server.faults.slow_answer_ms = 2_000
            await _fill(server.network)
            yield FakeSandbox(server, path)


async def _fill(network: SandboxNetwork) -> None:
    world = json.loads((FIXTURES / "world.json").read_text(encoding="utf-8"))
    for post in world["posts"]:
        await network.publish_post(post["text"], at=post["published_at"])
    for comment in world["comments"]:
        parent = comment["parent"]
        await network.comment(
            comment["author"],
            comment["text"],
            post_id=comment["post"],
            parent=await network.existing_comment(parent) if parent else None,
            at=comment["published_at"],
        )
