"""The whole desk on a Mastodon of our own making, whether it honours an Idempotency-Key or not.

No real server of this kind can be installed from a registry. The fake is the one whose every
exchange the contract suite checks against Mastodon's own description; here it is a peer over HTTP.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio

from bot.coordination.clock import SystemClock
from tests.contract.connectors.mastodon.fake import TOKEN, FakeMastodon, fake_mastodon, recorded
from tests.fakes.lost_answer_proxy import Mode
from tests.peers.desk_on_a_peer import (
    HARMFUL,
    KILLED_IN,
    Comment,
    DeskOnAPeer,
    Reply,
    desk_before,
)

# One desk and one browser for each kind of server, so one event loop for the module too.
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

ADA = "@ada@far.example.test "
"""Whom every reply names first."""


class Fediverse:
    """One post of the brand, and Ada who answers it."""

    title = "Mastodon"
    password = TOKEN

    def __init__(self, server: FakeMastodon) -> None:
        self._server = server
        self._numbers = count(1)
        self.address = server.url

    def account(self, address: str) -> str:
        return f"""
network = "mastodon"
base_url = "{address}"
access_token = {{ file = "password" }}
"""

    def is_write(self, method: str, target: str) -> bool:
        return (method, target) == ("POST", "/api/v1/statuses")

    async def comment(self, words: str) -> Comment:
        """As her own server delivers it: a status, and a notification of it."""
        number = f"11600000000000{next(self._numbers):04}"
        complaint, notification = recorded("statuses")[1], recorded("notifications")[-1]
        now = datetime.now(UTC).isoformat()
        status = {
            **complaint,
            "id": number,
            "content": f"<p>@acme {words}</p>",
            "created_at": now,
            "url": f"https://far.example.test/@ada/{number}",
        }
        self._server.statuses.append(status)
        told = {**notification, "id": f"8{number}", "status": status, "created_at": now}
        # newest first, as the server lists them
        self._server.notifications.insert(0, told)
        return Comment(words, number)

    async def replies(self, comment: Comment) -> list[Reply]:
        made = self._server.made
        return [
            Reply(made[row["id"]].removeprefix(ADA), f"/@acme/{row['id']}")
            for row in self._server.statuses
            if row["in_reply_to_id"] == comment.place and row["id"] in made
        ]

    async def settled(self, comment: Comment, reply: Reply) -> None:
        """Nobody is told by a server that stands alone."""


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=[True, False], ids=["honours keys", "ignores keys"]
)
async def desk(
    request: pytest.FixtureRequest, chromium_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[DeskOnAPeer]:
    """From the first comment on answers can get lost on the way."""
    folder = tmp_path_factory.mktemp("mastodon")
    honours: bool = request.param
    async with fake_mastodon(SystemClock().now(), honours_keys=honours) as server, _ticking(server):
        server.notifications.clear()
        comments = 2 + len(HARMFUL) + len(KILLED_IN)
        async with desk_before(Fediverse(server), folder, chromium_path, comments) as desk:
            await desk.lose_answers_from_now_on()
            yield desk


@contextlib.asynccontextmanager
async def _ticking(server: FakeMastodon) -> AsyncIterator[None]:
    async def tick() -> None:
        while True:
            server.now = SystemClock().now()
            await asyncio.sleep(0.2)

    ticking = asyncio.create_task(tick())
    yield
    ticking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await ticking


@pytest.mark.parametrize("mode", HARMFUL)
async def test_however_the_answer_is_lost_exactly_one_reply_stands(
    desk: DeskOnAPeer, mode: Mode
) -> None:
    await desk.publish_while(mode, desk.waiting.pop())


@pytest.mark.parametrize("mode", KILLED_IN)
async def test_a_desk_killed_when_its_write_was_harmed_leaves_exactly_one_reply(
    desk: DeskOnAPeer, mode: Mode
) -> None:
    await desk.killed_when_harmed(mode, desk.waiting.pop())


async def test_a_desk_killed_while_it_sends_finds_its_reply_and_repeats_none(
    desk: DeskOnAPeer,
) -> None:
    await desk.killed_while_sending(desk.waiting.pop())
    await desk.nothing_came_late()
