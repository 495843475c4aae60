"""The whole desk on a real WordPress: a visitor's comment becomes a card, and one reply stands."""

from __future__ import annotations

import base64
import html
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.fakes.lost_answer_proxy import Mode
from tests.peers.desk_on_a_peer import (
    HARMFUL,
    KILLED_IN,
    Comment,
    DeskOnAPeer,
    Reply,
    desk_before,
    unique,
)
from tests.peers.servers import WordPressPeer

# One desk and one browser for the module, so one event loop for it too.
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


class Blog:
    """The comments below one post, as every visitor sees them."""

    title = "WordPress"

    def __init__(self, peer: WordPressPeer, http: aiohttp.ClientSession) -> None:
        self._peer = peer
        self._http = http
        self.address = peer.url
        self.password = peer.application_password

    def account(self, address: str) -> str:
        return f"""
network = "wordpress"
url = "{address}"
user = "{self._peer.user}"
application_password = {{ file = "password" }}
"""

    def is_write(self, method: str, target: str) -> bool:
        return method == "POST"

    async def comment(self, words: str) -> Comment:
        """A visitor fills in the form below the post."""
        form = {
            "comment_post_ID": str(self._peer.post_id),
            "author": "Ana",
            "email": "ana@example.test",
            "comment": words,
            "comment_parent": "0",
        }
        address = f"{self._peer.url}/wp-comments-post.php"
        async with self._http.post(address, data=form, allow_redirects=False) as answer:
            assert answer.status == 302, await answer.text()
            return Comment(words, answer.headers["Location"].rpartition("#comment-")[2])

    async def replies(self, comment: Comment) -> list[Reply]:
        """Only what visitors see, but as it was written: WordPress shows curly quotes."""
        params = {
            "rest_route": "/wp/v2/comments",
            "context": "edit",
            "status": "approve",
            "parent": comment.place,
        }
        us = base64.b64encode(f"{self._peer.user}:{self.password}".encode()).decode()
        headers = {"Authorization": f"Basic {us}"}
        async with self._http.get(f"{self._peer.url}/", params=params, headers=headers) as answer:
            rows: list[dict[str, Any]] = await answer.json()
        return [
            Reply(html.unescape(row["content"]["raw"]), f"#comment-{row['id']}") for row in rows
        ]

    async def settled(self, comment: Comment, reply: Reply) -> None:
        """Visitors are told by letter, which the peer does not send."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(
    wordpress_peer: WordPressPeer, chromium_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[DeskOnAPeer]:
    folder = tmp_path_factory.mktemp("wordpress")
    async with (
        aiohttp.ClientSession() as http,
        desk_before(
            Blog(wordpress_peer, http), folder, chromium_path, 1 + len(HARMFUL) + len(KILLED_IN)
        ) as desk,
    ):
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def far_desk(desk: DeskOnAPeer) -> DeskOnAPeer:
    """From here on answers can get lost on the way."""
    await desk.lose_answers_from_now_on()
    return desk


async def test_a_new_comment_is_answered_from_the_console_and_its_link_leads_to_the_reply(
    desk: DeskOnAPeer,
) -> None:
    comment = await desk.street.comment(unique("Do you ship to Oradea?"))
    words = await desk.approve_edited(comment)
    reply = await desk.published(comment, words)
    visitor = await desk.bob.context.new_page()
    link = desk.card(comment).get_by_role("link", name="Our reply on WordPress")
    await visitor.goto(await link.get_attribute("href") or "")
    await expect(visitor.locator(reply.ending).first).to_contain_text("Ask for Bob")
    await visitor.close()


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
