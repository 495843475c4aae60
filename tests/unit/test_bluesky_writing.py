"""What is frozen at approval, and what happens to it on the way out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyuegc import EGC

from bot.errors import CannotTell, OutcomeUnknown, Rejected, TargetGone, Unavailable
from bot.model.ids import MediaHash, Moment, RemoteId
from bot.model.media import OwnMedia
from bot.model.publication import Mention, OutgoingText, Prepared
from bot.ports import Connector, ResolvesMentions, Stages
from integrations.bluesky.characters import characters_in
from integrations.bluesky.syntax import is_tid, mint_tid
from integrations.bluesky.writing import prepare
from tests.contract.connectors.bluesky.case import COMPLAINT, REPLY, TARGET, connected
from tests.contract.connectors.bluesky.fake import BRAND, FakeBluesky, running_bluesky
from tests.fakes.clock import FakeClock

CUP = OwnMedia(MediaHash("c" * 64), "image/png", "A cup", 9)


@asynccontextmanager
async def _network() -> AsyncIterator[tuple[FakeBluesky, Connector, FakeClock]]:
    clock = FakeClock()
    async with running_bluesky() as fake, aiohttp.ClientSession() as http:
        yield fake, connected(fake.url, http, clock), clock


def _post(text: str, *media: OwnMedia) -> OutgoingText:
    return OutgoingText(text, Moment(1_795_375_400_000), b"a seed", media=media)


# --- prepare ------------------------------------------------------------------------------------


def test_a_reply_is_frozen_with_everything_that_will_be_sent() -> None:
    text = replace(
        REPLY,
        text=" Sorry @fan.test! ",
        mentions=(Mention("fan.test", RemoteId("did:plc:fan2fan2fan2fan2fan2fan2")),),
    )
    prepared = prepare(text)
    assert prepared.request == {
        "collection": "app.bsky.feed.post",
        "rkey": prepared.key,
        "media": [],
        "record": {
            "$type": "app.bsky.feed.post",
            "text": "Sorry @fan.test!",
            "createdAt": "2026-11-22T19:23:20.000Z",
            "langs": ["en"],
            "facets": [
                {
                    "index": {"byteStart": 6, "byteEnd": 15},
                    "features": [
                        {
                            "$type": "app.bsky.richtext.facet#mention",
                            "did": "did:plc:fan2fan2fan2fan2fan2fan2",
                        }
                    ],
                }
            ],
            "reply": {
                "root": {"uri": TARGET.hints["root_uri"], "cid": TARGET.hints["root_cid"]},
                "parent": {"uri": COMPLAINT, "cid": TARGET.hints["cid"]},
            },
        },
    }


def test_a_reply_to_what_begins_a_thread_has_it_as_its_root_too() -> None:
    target = replace(TARGET, hints={"cid": "bafyroot"})
    reply = prepare(replace(REPLY, target=target)).request["record"]["reply"]
    assert reply["root"] == reply["parent"] == {"uri": COMPLAINT, "cid": "bafyroot"}


def test_another_approval_of_the_same_text_has_another_key() -> None:
    first = prepare(REPLY)
    assert prepare(replace(REPLY, seed=b"another seed")).key != first.key
    assert prepare(replace(REPLY, at=Moment(REPLY.at + 1))).key > first.key


@given(st.integers(0, 2**42), st.binary(max_size=32))
def test_a_key_is_always_a_tid_and_sorts_by_its_moment(at: int, seed: bytes) -> None:
    key = mint_tid(Moment(at), seed)
    assert is_tid(key)
    assert key < mint_tid(Moment(at + 1), b"other")


def test_the_first_thirteen_digits_of_a_known_moment() -> None:
    # 1 ms is 1000 µs, moved up by the 10 bits of the clock id
    assert mint_tid(Moment(0), b"")[:8] == "22222222"
    assert mint_tid(Moment(2**43), b"")[0] == "b"


@pytest.mark.parametrize(
    ("text", "used", "fits"),
    [
        ("a" * 300, 300, True),
        ("a" * 301, 301, False),
        ("👨‍👩‍👧‍👦" * 100, 100, True),
        ("नमस्ते " * 75, 299, True),
        ("e\u0301" * 300, 300, True),
        ("\u0e49" * 300, 1, True),
    ],
)
def test_length_is_counted_in_grapheme_clusters(text: str, used: int, fits: bool) -> None:
    length = prepare(_post(text)).length
    assert (length.used, length.limit, length.fits) == (used, 300, fits)


def test_few_characters_of_many_bytes_are_too_long_with_a_sentence() -> None:
    length = prepare(_post("👨‍👩‍👧‍👦" * 150)).length
    assert length.used == 150
    assert length.problem == "Bluesky takes at most 3000 bytes and this text has 3750; shorten it."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (_post(""), "no text"),
        (_post("Five", *[CUP] * 5), "at most 4 pictures"),
        (_post("Big", replace(CUP, size=2_000_001)), "at most 2 MB"),
        (replace(REPLY, target=replace(TARGET, hints={})), "not known well enough"),
    ],
)
def test_what_cannot_be_sent_is_reported_and_not_raised(text: OutgoingText, words: str) -> None:
    length = prepare(text).length
    assert words in length.problem
    assert not length.fits


def test_a_picture_without_words_is_a_post() -> None:
    assert prepare(_post("", CUP)).length.fits


# --- publish and find ---------------------------------------------------------------------------


async def test_a_deleted_parent_is_noticed_before_anything_is_sent() -> None:
    async with _network() as (fake, connector, clock):
        fake.gone.add(COMPLAINT)
        with pytest.raises(TargetGone):
            await connector.publish(connector.prepare(REPLY), None, clock.deadline_in(5))
        assert fake.writes == 0


async def test_a_closed_thread_is_refused_although_the_server_would_take_the_reply() -> None:
    async with _network() as (fake, connector, clock):
        fake.posts[COMPLAINT]["viewer"] = {"replyDisabled": True}
        with pytest.raises(Rejected, match="closed"):
            await connector.publish(connector.prepare(REPLY), None, clock.deadline_in(5))
        assert fake.writes == 0


async def test_a_parent_that_stands_but_is_not_shown_to_us_is_not_called_gone() -> None:
    async with _network() as (fake, connector, clock):

        async def shows_nothing(request: Any, body: Any) -> tuple[int, Any]:
            return 200, {"posts": []}

        fake._calls["app.bsky.feed.getPosts"] = shows_nothing
        with pytest.raises(Rejected, match="blocked"):
            await connector.publish(connector.prepare(REPLY), None, clock.deadline_in(5))


async def test_the_same_write_again_leaves_one_reply() -> None:
    async with _network() as (fake, connector, clock):
        prepared = connector.prepare(REPLY)
        receipts = {
            (await connector.publish(prepared, None, clock.deadline_in(5))).remote_id
            for _ in range(3)
        }
        assert receipts == {f"at://{BRAND}/app.bsky.feed.post/{prepared.key}"}
        assert list(fake.visible) == [REPLY.text]


async def test_another_text_under_our_key_is_unknown_first_and_then_for_a_person() -> None:
    async with _network() as (fake, connector, clock):
        prepared = connector.prepare(REPLY)
        fake.records["app.bsky.feed.post", prepared.key] = {"text": "Somebody else"}
        with pytest.raises(OutcomeUnknown):
            await connector.publish(prepared, None, clock.deadline_in(5))
        with pytest.raises(CannotTell) as caught:
            await connector.find(prepared)
        assert caught.value.look_again_at is None
        assert list(fake.visible) == []


async def test_a_stored_write_is_published_as_it_was_frozen() -> None:
    async with _network() as (fake, connector, clock):
        stored = connector.prepare(REPLY).to_json()
        clock.advance(86_400)
        receipt = await connector.publish(Prepared.from_json(stored), None, clock.deadline_in(5))
        record = fake.records["app.bsky.feed.post", receipt.remote_id.rsplit("/", 1)[-1]]
        assert record["createdAt"] == "2026-11-22T19:23:20.000Z"
        assert receipt.permalink == f"https://bsky.app/profile/brand.test/post/{record_key(stored)}"


def record_key(stored: str) -> str:
    return Prepared.from_json(stored).key


async def test_pictures_are_uploaded_first_and_stand_in_their_order_with_their_words() -> None:
    media = (CUP, replace(CUP, hash=MediaHash("d" * 64), alt_text="A plate"))
    async with _network() as (fake, connector, clock):
        assert isinstance(connector, Stages)
        prepared = connector.prepare(_post("Two", *media))
        with pytest.raises(Unavailable):
            await connector.publish(prepared, None, clock.deadline_in(5))
        staged = await connector.stage(prepared, [b"first", b"second"])
        assert await connector.stage(prepared, [b"first", b"second"]) == staged
        await connector.publish(prepared, staged, clock.deadline_in(5))
        images = fake.records["app.bsky.feed.post", prepared.key]["embed"]["images"]
    assert [(image["alt"], image["image"]["size"]) for image in images] == [
        ("A cup", 5),
        ("A plate", 6),
    ]


async def test_only_people_whom_the_network_knows_become_mentions() -> None:
    async with _network() as (_, connector, _clock):
        assert isinstance(connector, ResolvesMentions)
        found = await connector.resolve("Hi @Fan.test and @nobody.test, @x")
    assert found == (Mention("Fan.test", RemoteId("did:plc:fan2fan2fan2fan2fan2fan2")),)


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_letters_are_counted_without_the_tables_as_with_them(text: str) -> None:
    assert characters_in(text) == len(EGC(text))
