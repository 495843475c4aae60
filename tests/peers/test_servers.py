"""The real servers answer as expected, before any connector of ours is blamed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.peers.servers import BlueskyAccount, BlueskyPeer, ModelPeer, WordPressPeer

PATIENCE_SECONDS = 20.0


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    timeout = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session:
        yield session


async def eventually(look: Callable[[], Awaitable[list[dict[str, Any]]]]) -> list[dict[str, Any]]:
    """The first answer that is not empty."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if found := await look():
                return found
            await asyncio.sleep(0.05)


async def test_a_visitors_comment_on_the_blog_is_read_by_the_brand(
    wordpress_peer: WordPressPeer, client: aiohttp.ClientSession
) -> None:
    form = {
        "comment_post_ID": str(wordpress_peer.post_id),
        "author": "Fan",
        "email": "fan@example.test",
        "comment": f"Does it come in blue? {datetime.now(UTC):%H:%M:%S.%f}",
        "comment_parent": "0",
    }
    sent = await client.post(f"{wordpress_peer.url}/wp-comments-post.php", data=form)
    assert sent.history[0].status == 302
    signed_in = aiohttp.encode_basic_auth(wordpress_peer.user, wordpress_peer.application_password)
    read = await client.get(
        f"{wordpress_peer.url}/wp-json/wp/v2/comments",
        params={"context": "edit", "post": str(wordpress_peer.post_id)},
        headers={"Authorization": signed_in},
    )
    assert form["comment"] in [comment["content"]["raw"] for comment in await read.json()]


class Author:
    """One signed-in account, by the bare protocol."""

    def __init__(self, client: aiohttp.ClientSession, pds: str, account: BlueskyAccount) -> None:
        self._client = client
        self._pds = pds
        self._account = account
        self._headers: dict[str, str] = {}

    async def sign_in(self) -> None:
        password = self._account.app_password or self._account.password
        session = await self._post(
            "com.atproto.server.createSession",
            {"identifier": self._account.handle, "password": password},
        )
        self._headers = {"Authorization": f"Bearer {session['accessJwt']}"}

    async def write(self, text: str, reply: dict[str, Any] | None = None) -> dict[str, str]:
        """The strong reference of the new post, once the AppView shows it."""
        record = {"$type": "app.bsky.feed.post", "text": text}
        record["createdAt"] = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        made = await self._post(
            "com.atproto.repo.createRecord",
            {
                "repo": self._account.did,
                "collection": "app.bsky.feed.post",
                "record": {**record, **({"reply": reply} if reply else {})},
            },
        )
        await eventually(lambda: self.read("app.bsky.feed.getPosts", "posts", uris=made["uri"]))
        return {"uri": made["uri"], "cid": made["cid"]}

    async def read(self, method: str, key: str, **params: str) -> list[dict[str, Any]]:
        url = f"{self._pds}/xrpc/{method}"
        async with self._client.get(url, params=params, headers=self._headers) as answer:
            found: list[dict[str, Any]] = (await answer.json())[key]
            return found

    async def _post(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        url = f"{self._pds}/xrpc/{method}"
        async with self._client.post(url, json=body, headers=self._headers) as answer:
            values: dict[str, Any] = await answer.json()
            return values


async def test_a_fans_reply_on_bluesky_is_a_notification_of_the_brand(
    bluesky_peer: BlueskyPeer, client: aiohttp.ClientSession
) -> None:
    brand = Author(client, bluesky_peer.pds, bluesky_peer.brand)
    fan = Author(client, bluesky_peer.pds, bluesky_peer.fan)
    await brand.sign_in()
    await fan.sign_in()
    post = await brand.write("Our new kettle")
    reply = await fan.write("Does it come in blue?", {"root": post, "parent": post})

    async def told() -> list[dict[str, Any]]:
        listed = await brand.read("app.bsky.notification.listNotifications", "notifications")
        return [item for item in listed if item["uri"] == reply["uri"]]

    [notification] = await eventually(told)
    assert notification["reason"] == "reply"
    assert notification["author"]["handle"] == bluesky_peer.fan.handle


@pytest.mark.parametrize("name", ["aimock_peer", "mockllm_peer"])
async def test_a_model_server_answers_a_chat(
    name: str, request: pytest.FixtureRequest, client: aiohttp.ClientSession
) -> None:
    model: ModelPeer = request.getfixturevalue(name)
    answer = await client.post(
        f"{model.base_url}/chat/completions",
        json={"model": "gpt-4o", "messages": [{"role": "user", "content": "Are you there?"}]},
        headers={"Authorization": f"Bearer {model.api_key}"},
    )
    assert (await answer.json())["choices"][0]["message"]["content"] == "Yes."


def test_chromium_is_a_program(chromium_path: Path) -> None:
    assert chromium_path.is_file()
