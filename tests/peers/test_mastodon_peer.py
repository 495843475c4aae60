"""A real server of the Mastodon API: what the connector believes of it, and that nothing doubles.

Works with whatever `REPLYDESK_PEER_MASTODON_URL` names: Mastodon, GoToSocial or another. Two
accounts on it, each with a token; nothing else has to be there.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bot.coordination.clock import SystemClock
from bot.errors import (
    AuthenticationFailed,
    ConnectorError,
    OutcomeUnknown,
    PermissionMissing,
    RateLimited,
    TargetGone,
    Unavailable,
    UnexpectedResponse,
)
from bot.model.account import SecretRef
from bot.model.commands import ModerationAction
from bot.model.ids import MediaHash, Monotonic, RemoteId
from bot.model.item import ItemKind
from bot.model.media import OwnMedia
from bot.model.network import Cursor, IncomingItem, Leg, Removal, Watch
from bot.model.publication import OutgoingText, Prepared, Receipt, ReplyTarget
from integrations.definition import Surroundings
from integrations.mastodon import NETWORK
from integrations.mastodon.connector import MastodonConnector
from integrations.mastodon.settings import MastodonSettings
from tests.fakes.lost_answer_proxy import LostAnswerProxy, Mode
from tests.peers.servers import MastodonPeer

INBOX, THREADS, HASHTAGS, OWN = map(Leg, ("notifications", "threads", "hashtags", "own"))
CLOCK = SystemClock()
SECONDS_TO_ARRIVE = 15.0
numbers = itertools.count(1)


class NoVault:
    async def load(self) -> str | None:
        return None

    async def save(self, secret: str) -> None:
        raise AssertionError("nothing to keep")


@asynccontextmanager
async def brand(
    peer: MastodonPeer, url: str = "", token: str = "", seconds: float = 15.0
) -> AsyncIterator[MastodonConnector]:
    async with aiohttp.ClientSession() as http:
        settings = MastodonSettings(
            base_url=url or peer.url, access_token=SecretRef(env="UNUSED"), timeout_seconds=seconds
        )
        token = token or peer.brand_token
        around = Surroundings(http, CLOCK, NoVault(), {"access_token": token}, "peer")
        connector = NETWORK.connect(settings, around)
        assert isinstance(connector, MastodonConnector)
        yield connector


class Fan:
    """Somebody in an app, without our connector."""

    def __init__(self, http: aiohttp.ClientSession, peer: MastodonPeer) -> None:
        self._http = http
        self._peer = peer

    async def call(self, method: str, path: str, **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._peer.fan_token}"}
        async with self._http.request(
            method, f"{self._peer.url}{path}", json=body or None, headers=headers
        ) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def say(self, text: str, parent: str = "", visibility: str = "public") -> str:
        body = {"status": text, "visibility": visibility}
        if parent:
            body["in_reply_to_id"] = parent
        return str((await self.call("POST", "/api/v1/statuses", **body))["id"])

    async def answers(self, parent: str) -> list[Any]:
        shown = await self.call("GET", f"/api/v1/statuses/{parent}/context")
        return [one for one in shown["descendants"] if one["in_reply_to_id"] == parent]


@asynccontextmanager
async def fan(peer: MastodonPeer) -> AsyncIterator[Fan]:
    async with aiohttp.ClientSession() as http:
        yield Fan(http, peer)


def unique(text: str) -> str:
    return f"{text} ({next(numbers)}-{secrets.token_hex(3)})"


async def named(connector: MastodonConnector) -> str:
    return "@" + (await connector.verify()).handle.split("@")[0]


async def everything(
    connector: MastodonConnector, leg: Leg, since: Cursor | None, watch: Watch
) -> tuple[list[Any], Cursor | None]:
    told: list[Any] = []
    while True:
        batch = await connector.fetch(leg, since, watch)
        told += batch.observations
        since = batch.cursor
        if not batch.more:
            return told, since


async def item_of(
    connector: MastodonConnector, remote_id: str, leg: Leg = INBOX, watch: Watch | None = None
) -> IncomingItem:
    """The item once it has arrived: servers deliver notifications in the background."""
    deadline = CLOCK.monotonic() + SECONDS_TO_ARRIVE
    while CLOCK.monotonic() < deadline:
        told, _ = await everything(connector, leg, None, watch or Watch())
        for one in told:
            if isinstance(one, IncomingItem) and one.remote_id == remote_id:
                return one
        await asyncio.sleep(0.2)
    raise AssertionError(f"{remote_id} never arrived")


def reply(item: IncomingItem, text: str, **options: str) -> OutgoingText:
    target = ReplyTarget(
        item.remote_id,
        item.thread_remote_id or item.remote_id,
        item.author.remote_id,
        item.author.handle,
        item.hints,
    )
    return OutgoingText(text, CLOCK.now(), secrets.token_bytes(16), target=target, options=options)


async def publish(connector: MastodonConnector, prepared: Prepared) -> Receipt:
    return await connector.publish(prepared, None, Monotonic(CLOCK.monotonic() + 20))


async def publish_as_the_desk_does(
    connector: MastodonConnector, prepared: Prepared
) -> tuple[Receipt, list[type[ConnectorError]]]:
    """Wait and send again when nothing was sent; look first when it may have been."""
    troubles: list[type[ConnectorError]] = []
    for _ in range(4):
        try:
            return await publish(connector, prepared), troubles
        except (Unavailable, RateLimited) as error:
            troubles.append(type(error))
        except (OutcomeUnknown, UnexpectedResponse) as error:
            troubles.append(type(error))
            found = await connector.find(prepared)
            if found is not None:
                return found, troubles
    raise AssertionError(f"never published: {troubles}")


async def test_a_mention_is_read_answered_once_and_found_again(
    mastodon_peer: MastodonPeer,
) -> None:
    async with brand(mastodon_peer) as connector, fan(mastodon_peer) as person:
        text = unique("where is my <order> & my money?")
        number = await person.say(f"{await named(connector)} {text}\n\nhttps://example.com/a?b=c")
        mention = await item_of(connector, number)
        assert mention.kind is ItemKind.MENTION
        assert mention.text.endswith(f"{text}\n\nhttps://example.com/a?b=c")
        prepared = connector.prepare(reply(mention, "Sorry! It's <b>on</b> its way & soon there"))
        assert await connector.find(prepared) is None
        receipt = await publish(connector, prepared)
        assert await connector.find(prepared) == receipt
        (answer,) = await person.answers(number)
    assert answer["id"] == receipt.remote_id
    assert [one["acct"] for one in answer["mentions"]] == [mention.hints["acct"]]


@pytest.mark.parametrize(
    ("mode", "trouble"),
    [
        (Mode.PASS, []),
        (Mode.DROP_AFTER_FORWARD, [OutcomeUnknown]),
        (Mode.DROP_BEFORE_FORWARD, [OutcomeUnknown]),
        (Mode.ERROR_500, [OutcomeUnknown]),
        (Mode.ERROR_500_AFTER_FORWARD, [OutcomeUnknown]),
        (Mode.SLOW, []),
        (Mode.DELAY_BEYOND_TIMEOUT, [OutcomeUnknown]),
        (Mode.TOO_MANY_REQUESTS, [RateLimited]),
        (Mode.CLOSE_AFTER_HEADERS, [OutcomeUnknown]),
    ],
)
async def test_however_the_answer_is_lost_one_reply_stands(
    mastodon_peer: MastodonPeer, mode: Mode, trouble: list[type[ConnectorError]]
) -> None:
    async with (
        LostAnswerProxy(mastodon_peer.url, mode=mode) as proxy,
        brand(mastodon_peer, proxy.url, seconds=5.0) as connector,
        fan(mastodon_peer) as person,
    ):
        number = await person.say(unique(f"{await named(connector)} hello?"))
        mention = await item_of(connector, number)
        prepared = connector.prepare(reply(mention, "We are looking into it."))
        receipt, troubles = await publish_as_the_desk_does(connector, prepared)
        assert troubles == trouble
        (answer,) = await person.answers(number)
    assert answer["id"] == receipt.remote_id


async def test_a_private_word_is_answered_in_private(mastodon_peer: MastodonPeer) -> None:
    async with brand(mastodon_peer) as connector, fan(mastodon_peer) as person:
        number = await person.say(
            unique(f"{await named(connector)} between us"), visibility="direct"
        )
        mention = await item_of(connector, number)
        assert mention.kind is ItemKind.MESSAGE
        prepared = connector.prepare(reply(mention, "Of course.", visibility="public"))
        receipt = await publish(connector, prepared)
        assert await connector.find(prepared) == receipt
        (answer,) = await person.answers(number)
    assert answer["visibility"] == "direct"


async def test_answers_that_name_nobody_edits_and_deletions_are_seen_in_threads(
    mastodon_peer: MastodonPeer,
) -> None:
    async with brand(mastodon_peer) as connector, fan(mastodon_peer) as person:
        title = unique("Our winter roast is here")
        post = connector.prepare(OutgoingText(title, CLOCK.now(), secrets.token_bytes(16)))
        receipt = await publish(connector, post)
        assert await connector.find(post) == receipt
        assert (await item_of(connector, receipt.remote_id, OWN)).by_us
        number = await person.say(unique("too bitter for me"), receipt.remote_id)
        watch = Watch(own_posts=(receipt.remote_id,))
        comment = await item_of(connector, number, THREADS, watch)
        assert (comment.kind, comment.thread_title) == (ItemKind.COMMENT, title)
        assert comment.thread_remote_id == receipt.remote_id
        _, cursor = await everything(connector, THREADS, None, watch)
        await person.call("PUT", f"/api/v1/statuses/{number}", status="not so bitter")
        told, cursor = await everything(connector, THREADS, cursor, watch)
        assert [one.text for one in told] == ["not so bitter"]
        await person.call("DELETE", f"/api/v1/statuses/{number}")
        told, _ = await everything(connector, THREADS, cursor, watch)
    assert told == [Removal(RemoteId(number))]


async def test_mentions_after_the_cursor_come_in_order_and_without_a_gap(
    mastodon_peer: MastodonPeer,
) -> None:
    async with brand(mastodon_peer) as connector, fan(mastodon_peer) as person:
        name = await named(connector)
        await item_of(connector, await person.say(unique(f"{name} first")))
        _, cursor = await everything(connector, INBOX, None, Watch())
        wanted = [await person.say(unique(f"{name} one of many")) for _ in range(5)]
        await item_of(connector, wanted[-1])
        told, cursor = await everything(connector, INBOX, cursor, Watch())
        assert [one.remote_id for one in told] == wanted
        assert await everything(connector, INBOX, cursor, Watch()) == ([], cursor)


async def test_a_mention_is_heard_on_the_stream_at_once(mastodon_peer: MastodonPeer) -> None:
    async with brand(mastodon_peer) as connector, fan(mastodon_peer) as person:
        name = await named(connector)
        stream = connector.stream(Watch())
        first = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(1.0)
        number = await person.say(unique(f"{name} can you hear me?"))
        batch = await asyncio.wait_for(first, SECONDS_TO_ARRIVE)
        await stream.aclose()
    assert [getattr(one, "remote_id", None) for one in batch.observations] == [number]


async def test_hashtags_are_read(mastodon_peer: MastodonPeer) -> None:
    tag = f"roast{secrets.token_hex(4)}"
    async with brand(mastodon_peer) as connector, fan(mastodon_peer) as person:
        number = await person.say(unique(f"I like #{tag}"))
        item = await item_of(connector, number, HASHTAGS, Watch(keywords=(f"#{tag}",)))
    assert item.text.startswith(f"I like #{tag}")


async def test_a_post_carries_its_picture_and_is_taken_back(mastodon_peer: MastodonPeer) -> None:
    data = picture()
    red = OwnMedia(MediaHash("ab" * 32), "image/png", 'A "red" point', len(data))
    async with brand(mastodon_peer) as connector, fan(mastodon_peer) as person:
        await connector.verify()
        prepared = connector.prepare(
            OutgoingText(unique("Look"), CLOCK.now(), secrets.token_bytes(16), media=(red,))
        )
        staged = await connector.stage(prepared, [data])
        receipt = await connector.publish(prepared, staged, Monotonic(CLOCK.monotonic() + 20))
        assert await connector.find(prepared) == receipt
        shown = await person.call("GET", f"/api/v1/statuses/{receipt.remote_id}")
        assert [one["description"] for one in shown["media_attachments"]] == ['A "red" point']
        ours = ReplyTarget(receipt.remote_id, receipt.remote_id, RemoteId(""), "")
        await connector.moderate(ModerationAction.DELETE_OWN, ours)
        await connector.moderate(ModerationAction.DELETE_OWN, ours)
        assert await connector.find(prepared) is None


async def test_likes_and_the_limits_of_what_is_ours(mastodon_peer: MastodonPeer) -> None:
    async with brand(mastodon_peer) as connector, fan(mastodon_peer) as person:
        number = await person.say(unique(f"{await named(connector)} like me"))
        target = reply(await item_of(connector, number), "x").target
        assert target is not None
        for action, count in (
            (ModerationAction.LIKE, 1),
            (ModerationAction.LIKE, 1),
            (ModerationAction.UNLIKE, 0),
        ):
            await connector.moderate(action, target)
            shown = await person.call("GET", f"/api/v1/statuses/{number}")
            assert shown["favourites_count"] == count
        with pytest.raises(PermissionMissing):
            await connector.moderate(ModerationAction.DELETE_OWN, target)


async def test_what_is_gone_is_not_answered(mastodon_peer: MastodonPeer) -> None:
    async with brand(mastodon_peer) as connector, fan(mastodon_peer) as person:
        number = await person.say(unique(f"{await named(connector)} never mind"))
        mention = await item_of(connector, number)
        await person.call("DELETE", f"/api/v1/statuses/{number}")
        with pytest.raises(TargetGone):
            await publish(connector, connector.prepare(reply(mention, "We do mind")))


async def test_a_wrong_token_says_what_to_do(mastodon_peer: MastodonPeer) -> None:
    async with brand(mastodon_peer, token="wrong") as connector:
        with pytest.raises(AuthenticationFailed, match="access token"):
            await connector.verify()


def picture() -> bytes:
    """A PNG of one red point."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\x00\xff\x00\x00")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", header), chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    )
