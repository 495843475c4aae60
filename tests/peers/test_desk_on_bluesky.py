"""The whole desk on a real Bluesky network: a fan is answered once, and is told of it once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.contract.connectors.bluesky.real_network import Person, Strong, person
from tests.fakes.lost_answer_proxy import Mode
from tests.peers.desk_on_a_peer import (
    HARMFUL,
    KILLED_IN,
    Comment,
    DeskOnAPeer,
    Reply,
    desk_before,
    eventually,
    unique,
)
from tests.peers.servers import BlueskyPeer

# One desk and one browser for the module, so one event loop for it too.
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


class Sky:
    """One post of the brand, and a fan who replies to it or mentions the brand elsewhere."""

    title = "Bluesky"

    def __init__(self, peer: BlueskyPeer, owner: Person, fan: Person, post: Strong) -> None:
        self._peer = peer
        self._owner = owner
        self._fan = fan
        self._post = post
        self.address = peer.pds
        self.password = str(peer.brand.app_password)

    def account(self, address: str) -> str:
        """The account's own document leads past a proxy, so the data server is named too."""
        pds = f'pds = "{address}"' if address != self.address else ""
        return f"""
network = "bluesky"
handle = "{self._peer.brand.handle}"
app_password = {{ file = "password" }}
service = "{address}"
{pds}
"""

    def is_write(self, method: str, target: str) -> bool:
        return target.endswith("com.atproto.repo.putRecord")

    async def comment(self, words: str) -> Comment:
        made = await self._fan.post(words, reply={"root": self._post, "parent": self._post})
        return await self._heard(words, made["uri"])

    async def mention(self, words: str) -> Comment:
        handle = f"@{self._peer.brand.handle}"
        facet = {
            "index": {"byteStart": 0, "byteEnd": len(handle)},
            "features": [{"$type": "app.bsky.richtext.facet#mention", "did": self._peer.brand.did}],
        }
        made = await self._fan.post(f"{handle} {words}", facets=[facet])
        return await self._heard(words, made["uri"])

    async def _heard(self, words: str, uri: str) -> Comment:
        """As soon as the brand can hear of it, so that the desk's next look brings it."""

        async def told() -> bool:
            return any(one["uri"] == uri for one in await self._owner.inbox())

        await eventually(told)
        return Comment(words, uri)

    async def replies(self, comment: Comment) -> list[Reply]:
        """The thread as the fan sees it."""
        params = {"uri": comment.place, "depth": "1"}
        page = await self._fan.call("GET", "app.bsky.feed.getPostThread", params)
        posts: list[dict[str, Any]] = [one["post"] for one in page["thread"]["replies"]]
        return [
            Reply(post["record"]["text"], f"/post/{post['uri'].rpartition('/')[2]}")
            for post in posts
            if post["author"]["did"] == self._peer.brand.did
        ]

    async def settled(self, comment: Comment, reply: Reply) -> None:
        async def told() -> list[str]:
            return [
                one["reason"]
                for one in await self._fan.inbox()
                if one["record"].get("text") == reply.words
            ]

        assert await eventually(told) == ["reply"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sky(bluesky_peer: BlueskyPeer) -> AsyncIterator[Sky]:
    async with (
        person(bluesky_peer, bluesky_peer.fan) as fan,
        person(bluesky_peer, bluesky_peer.brand) as owner,
    ):
        yield Sky(bluesky_peer, owner, fan, await owner.post(unique("Our spring menu is here")))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(
    sky: Sky, chromium_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[DeskOnAPeer]:
    folder = tmp_path_factory.mktemp("bluesky")
    async with desk_before(sky, folder, chromium_path, 1 + len(HARMFUL) + len(KILLED_IN)) as desk:
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def far_desk(desk: DeskOnAPeer) -> DeskOnAPeer:
    """From here on answers can get lost on the way."""
    await desk.lose_answers_from_now_on()
    return desk


async def test_a_fans_new_reply_and_mention_are_answered_from_the_console_and_the_fan_is_told(
    sky: Sky, desk: DeskOnAPeer
) -> None:
    reply = await sky.comment(unique("Is the cake gluten free?"))
    mention = await sky.mention(unique("do you deliver on Sundays?"))
    for comment in (reply, mention):
        words = await desk.approve_edited(comment)
        await desk.published(comment, words)


@pytest.mark.parametrize("mode", HARMFUL)
async def test_however_the_answer_is_lost_exactly_one_reply_stands(
    far_desk: DeskOnAPeer, mode: Mode
) -> None:
    await far_desk.publish_while(mode, far_desk.waiting.pop())


@pytest.mark.parametrize("mode", KILLED_IN)
async def test_a_desk_killed_when_its_write_was_harmed_leaves_exactly_one_reply(
    far_desk: DeskOnAPeer, mode: Mode
) -> None:
    await far_desk.killed_when_harmed(mode, far_desk.waiting.pop())


async def test_a_desk_killed_while_it_sends_finds_its_reply_and_repeats_none(
    far_desk: DeskOnAPeer,
) -> None:
    await far_desk.killed_while_sending(far_desk.waiting.pop())
    await far_desk.nothing_came_late()
