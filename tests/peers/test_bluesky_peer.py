"""Bluesky itself (PDS and AppView): the whole way of a reply, also when its answer is lost."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.errors import AuthenticationFailed, Rejected, TargetGone
from bot.model.commands import ModerationAction
from bot.model.ids import MediaHash, RemoteId
from bot.model.item import ItemKind
from bot.model.media import OwnMedia
from bot.model.network import Removal, Watch
from bot.model.publication import OutgoingText, ReplyTarget
from integrations.bluesky.legs import KEYWORDS, OWN, THREADS
from tests.contract.connectors.bluesky.case import MemoryVault
from tests.contract.connectors.bluesky.real_network import (
    CLOCK,
    POST,
    Person,
    answer_to,
    brand,
    commented,
    delivered,
    eventually,
    heard,
    person,
    soon,
    unique,
)
from tests.fakes.lost_answer_proxy import LostAnswerProxy, Mode
from tests.peers.servers import BlueskyPeer

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763"
    "f8cfc000000301010018dd8db00000000049454e44ae426082"
)


@pytest.fixture
async def fan(bluesky_peer: BlueskyPeer) -> AsyncIterator[Person]:
    async with person(bluesky_peer, bluesky_peer.fan) as somebody:
        yield somebody


@pytest.fixture
async def owner(bluesky_peer: BlueskyPeer) -> AsyncIterator[Person]:
    """The brand's own human with the official app."""
    async with person(bluesky_peer, bluesky_peer.brand) as somebody:
        yield somebody


# --- reading ------------------------------------------------------------------------------------


async def test_our_token_is_known(bluesky_peer: BlueskyPeer) -> None:
    async with brand(bluesky_peer) as connector:
        identity = await connector.verify()
    assert (identity.remote_id, identity.handle) == (
        bluesky_peer.brand.did,
        bluesky_peer.brand.handle,
    )


async def test_a_wrong_app_password_is_said(bluesky_peer: BlueskyPeer) -> None:
    async with brand(bluesky_peer, app_password="aaaa-bbbb-cccc-dddd") as connector:
        with pytest.raises(AuthenticationFailed, match="Create a new app password"):
            await connector.verify()


async def test_a_reply_a_mention_and_a_quote_are_heard(
    bluesky_peer: BlueskyPeer, owner: Person, fan: Person
) -> None:
    title = unique("Our spring menu is here")
    root = await owner.post(title)
    reply, mention, quote = (unique(word) for word in ("Squashed!", "hi", "Look"))
    handle = f"@{bluesky_peer.brand.handle}"
    await fan.post(reply, reply={"root": root, "parent": root})
    facet = {
        "index": {"byteStart": 0, "byteEnd": len(handle)},
        "features": [{"$type": "app.bsky.richtext.facet#mention", "did": owner.did}],
    }
    await fan.post(f"{handle} {mention}", facets=[facet])
    await fan.post(quote, embed={"$type": "app.bsky.embed.record", "record": root})
    async with brand(bluesky_peer) as connector:
        item = await heard(connector, reply)
        assert (item.kind, item.thread_title) == (ItemKind.COMMENT, title)
        assert item.parent_remote_id == root["uri"]
        assert item == await heard(connector, reply, THREADS, Watch((RemoteId(root["uri"]),)))
        assert (await heard(connector, f"{handle} {mention}")).kind is ItemKind.MENTION
        assert (await heard(connector, quote)).kind is ItemKind.MENTION


async def test_a_handle_written_without_a_facet_is_found_by_search(
    bluesky_peer: BlueskyPeer, fan: Person
) -> None:
    text = unique(f"{bluesky_peer.brand.handle} never calls back")
    await fan.post(text)
    async with brand(bluesky_peer) as connector:
        item = await heard(connector, text, KEYWORDS)
    assert item.kind is ItemKind.MENTION


async def test_what_the_brand_wrote_in_the_app_is_heard_as_ours(
    bluesky_peer: BlueskyPeer, owner: Person, fan: Person
) -> None:
    question = await fan.post(unique("Anybody here?"))
    text = unique("We are!")
    await owner.post(text, reply={"root": question, "parent": question})
    async with brand(bluesky_peer) as connector:
        item = await heard(connector, text, OWN)
    assert item.by_us
    assert item.parent_remote_id == question["uri"]


async def test_a_deleted_reply_is_a_removal_and_cannot_be_answered(
    bluesky_peer: BlueskyPeer, owner: Person, fan: Person
) -> None:
    async with brand(bluesky_peer) as connector:
        item = await commented(connector, owner, fan)
        watch = Watch(own_posts=(item.thread_remote_id or item.remote_id,))
        before = await connector.fetch(THREADS, None, watch)
        rkey = item.remote_id.rsplit("/", 1)[-1]
        body = {"repo": fan.did, "collection": POST, "rkey": rkey}
        await fan.call("POST", "com.atproto.repo.deleteRecord", body=body)

        async def removed() -> bool:
            batch = await connector.fetch(THREADS, before.cursor, watch)
            return Removal(item.remote_id) in batch.observations

        await eventually(removed)
        with pytest.raises(TargetGone):
            await connector.publish(connector.prepare(answer_to(item, "Sorry")), None, soon())


# --- sessions -----------------------------------------------------------------------------------


async def test_a_refused_access_token_is_renewed_without_the_app_password(
    bluesky_peer: BlueskyPeer,
) -> None:
    vault = MemoryVault()
    async with brand(bluesky_peer, vault=vault) as connector:
        await connector.verify()
    first = json.loads(str(vault.kept))
    vault.kept = json.dumps({**first, "access": "not.a.token"})
    async with brand(bluesky_peer, vault=vault, app_password="wrong") as connector:
        await connector.verify()
    assert json.loads(str(vault.kept))["refresh"] != first["refresh"]


# --- writing ------------------------------------------------------------------------------------


async def test_an_approved_reply_stands_once_and_the_fan_is_told(
    bluesky_peer: BlueskyPeer, owner: Person, fan: Person
) -> None:
    async with brand(bluesky_peer) as connector:
        item = await commented(connector, owner, fan)
        text = unique(f"👨‍👩‍👧 Sorry @{bluesky_peer.fan.handle}, see https://shop.example #cake")
        mentions = await connector.resolve(text)
        assert [mention.remote_id for mention in mentions] == [fan.did]
        prepared = connector.prepare(answer_to(item, text))
        assert await connector.find(prepared) is None
        receipts = await asyncio.gather(
            *(connector.publish(prepared, None, soon()) for _ in range(3))
        )
        assert len(set(receipts)) == 1
        assert await connector.find(prepared) == receipts[0]
        assert receipts[0].permalink.startswith(
            f"https://bsky.app/profile/{bluesky_peer.brand.handle}/post/"
        )
        echo = await heard(
            connector, text, THREADS, Watch((item.thread_remote_id or item.remote_id,))
        )
        assert echo.by_us
        assert echo.remote_id == receipts[0].remote_id
    assert (await owner.texts()).count(text) == 1
    await eventually(lambda: _told(fan, text))


async def _told(somebody: Person, text: str) -> bool:
    return text in [one["record"].get("text") for one in await somebody.inbox()]


@pytest.mark.parametrize("mode", list(Mode))
async def test_whatever_happens_to_the_answer_one_reply_stands(
    bluesky_peer: BlueskyPeer, owner: Person, fan: Person, mode: Mode
) -> None:
    text = unique("A new cake is on its way")
    async with (
        LostAnswerProxy(bluesky_peer.pds) as proxy,
        brand(bluesky_peer, through=proxy.url, seconds=2.0) as connector,
    ):
        item = await commented(connector, owner, fan)
        prepared = connector.prepare(answer_to(item, text))
        proxy.arm(mode, only=lambda _, target: target.endswith("com.atproto.repo.putRecord"))
        receipt, troubles = await delivered(connector, prepared)
    expected = {
        Mode.PASS: [],
        Mode.DROP_AFTER_FORWARD: ["OutcomeUnknown", "found"],
        Mode.DROP_BEFORE_FORWARD: ["OutcomeUnknown"],
        Mode.ERROR_500: ["OutcomeUnknown"],
        Mode.ERROR_500_AFTER_FORWARD: ["OutcomeUnknown", "found"],
        Mode.SLOW: [],
        Mode.DELAY_BEYOND_TIMEOUT: ["OutcomeUnknown", "found"],
        Mode.TOO_MANY_REQUESTS: ["RateLimited"],
        Mode.CLOSE_AFTER_HEADERS: ["OutcomeUnknown", "found"],
    }
    assert troubles == expected[mode]
    assert receipt.remote_id.endswith(f"/{prepared.key}")
    assert (await owner.texts()).count(text) == 1
    await eventually(lambda: _told(fan, text))
    told = [one for one in await fan.inbox() if one["record"].get("text") == text]
    assert len(told) == 1


async def test_a_post_with_pictures_stands_with_their_words(
    bluesky_peer: BlueskyPeer, owner: Person
) -> None:
    picture = OwnMedia(
        MediaHash(hashlib.sha256(PNG).hexdigest()), "image/png", "A red dot", len(PNG)
    )
    text = unique("Look")
    async with brand(bluesky_peer) as connector:
        prepared = connector.prepare(
            OutgoingText(text, CLOCK.now(), secrets.token_bytes(16), media=(picture,))
        )
        staged = await connector.stage(prepared, [PNG])
        receipt, _ = await delivered(connector, prepared, staged)

    async def shown() -> list[Any]:
        page = await owner.call("GET", "app.bsky.feed.getPosts", {"uris": receipt.remote_id})
        return list(page["posts"])

    (post,) = await eventually(shown)
    assert [image["alt"] for image in post["embed"]["images"]] == ["A red dot"]


@pytest.mark.parametrize("sign", ["a", "👨‍👩‍👧‍👦", "न", "e\u0301"])
async def test_the_server_counts_as_we_count(bluesky_peer: BlueskyPeer, sign: str) -> None:
    most = min(300, 3_000 // len(sign.encode()))
    async with brand(bluesky_peer) as connector:
        for count, fits in ((most, True), (most + 1, False)):
            prepared = connector.prepare(
                OutgoingText(sign * count, CLOCK.now(), secrets.token_bytes(16))
            )
            assert prepared.length.fits is fits
            if fits:
                await connector.publish(prepared, None, soon())
                continue
            with pytest.raises(Rejected, match="too big"):
                await connector.publish(prepared, None, soon())


async def test_a_closed_thread_is_refused_before_anything_is_sent(
    bluesky_peer: BlueskyPeer, owner: Person, fan: Person
) -> None:
    text = unique("Not talking to anybody")
    handle = f"@{bluesky_peer.brand.handle}"
    facet = {
        "index": {"byteStart": 0, "byteEnd": len(handle)},
        "features": [{"$type": "app.bsky.richtext.facet#mention", "did": owner.did}],
    }
    made = await fan.post(f"{handle} {text}", facets=[facet])
    rkey = made["uri"].rsplit("/", 1)[-1]
    gate = {
        "$type": "app.bsky.feed.threadgate",
        "post": made["uri"],
        "allow": [],
        "createdAt": "2026-11-22T20:00:00.000Z",
    }
    body = {"repo": fan.did, "collection": gate["$type"], "rkey": rkey, "record": gate}
    await fan.call("POST", "com.atproto.repo.putRecord", body=body)
    async with brand(bluesky_peer) as connector:
        item = await heard(connector, f"{handle} {text}")
        reply = unique("We still care")

        async def closed() -> bool:
            page = await owner.call("GET", "app.bsky.feed.getPosts", {"uris": made["uri"]})
            return bool(page["posts"][0].get("viewer", {}).get("replyDisabled"))

        await eventually(closed)
        with pytest.raises(Rejected, match="closed"):
            await connector.publish(connector.prepare(answer_to(item, reply)), None, soon())
    assert reply not in await owner.texts()


# --- moderation ---------------------------------------------------------------------------------


async def test_likes_hidden_replies_and_deletion_can_be_repeated(
    bluesky_peer: BlueskyPeer, owner: Person, fan: Person
) -> None:
    async with brand(bluesky_peer) as connector:
        item = await commented(connector, owner, fan)
        target = answer_to(item, "").target
        assert target is not None
        for action in (ModerationAction.LIKE, ModerationAction.HIDE):
            await connector.moderate(action, target)
            await connector.moderate(action, target)
        await eventually(lambda: _likes(owner, item.remote_id))
        gate = await owner.call(
            "GET",
            "com.atproto.repo.getRecord",
            {
                "repo": owner.did,
                "collection": "app.bsky.feed.threadgate",
                "rkey": target.thread_remote_id.rsplit("/", 1)[-1],
            },
        )
        assert gate["value"]["hiddenReplies"] == [item.remote_id]
        for action in (ModerationAction.UNLIKE, ModerationAction.UNHIDE):
            await connector.moderate(action, target)
            await connector.moderate(action, target)
        prepared = connector.prepare(answer_to(item, unique("Said too quickly")))
        receipt = await connector.publish(prepared, None, soon())
        ours = ReplyTarget(
            receipt.remote_id, target.thread_remote_id, RemoteId(owner.did), "brand.test"
        )
        await connector.moderate(ModerationAction.DELETE_OWN, ours)
        await connector.moderate(ModerationAction.DELETE_OWN, ours)
        assert await connector.find(prepared) is None


async def _likes(somebody: Person, uri: str) -> bool:
    page = await somebody.call("GET", "app.bsky.feed.getPosts", {"uris": uri})
    return bool(page["posts"][0]["likeCount"] == 1)
