"""Every request we make and every answer our fake gives is valid after Bluesky's own lexicons."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.model.commands import ModerationAction
from bot.model.ids import MediaHash
from bot.model.media import OwnMedia
from bot.model.network import Watch
from bot.model.publication import OutgoingText, Prepared
from bot.ports import Connector, Moderates, ResolvesMentions, Stages
from integrations.bluesky import syntax
from integrations.bluesky.legs import KEYWORDS, NOTIFICATIONS, OWN, THREADS
from integrations.bluesky.writing import prepare
from tests.contract.connectors.bluesky.case import REPLY, ROOT, TARGET, connected
from tests.contract.connectors.bluesky.fake import (
    FakeBluesky,
    cid_of,
    fixture,
    running_bluesky,
)
from tests.contract.connectors.bluesky.lexicon import FORMATS, Lexicons
from tests.fakes.clock import FakeClock

PICTURE = b"\x89PNG a small picture"


@pytest.fixture
def lexicons(specs_dir: Path) -> Lexicons:
    return Lexicons(specs_dir / "bluesky/lexicons")


async def _use_everything(connector: Connector, fake: FakeBluesky, clock: FakeClock) -> None:
    assert isinstance(connector, Stages)
    assert isinstance(connector, Moderates)
    assert isinstance(connector, ResolvesMentions)
    await connector.verify()
    fake.end_access()
    watch = Watch(own_posts=(ROOT,), keywords=("the phone", "menu"), since=clock.now())
    for leg in (NOTIFICATIONS, THREADS, KEYWORDS, OWN):
        batch = await connector.fetch(leg, None, watch)
        await connector.fetch(leg, batch.cursor, watch)
    mentions = await connector.resolve("Thanks @fan.test and @nobody.test!")
    reply = OutgoingText(
        "Thanks @fan.test, see https://shop.example/refund #cake",
        at=REPLY.at,
        seed=REPLY.seed,
        language="en",
        target=TARGET,
        mentions=mentions,
    )
    await connector.publish(connector.prepare(reply), None, clock.deadline_in(9))
    await connector.find(connector.prepare(reply))
    picture = OwnMedia(
        MediaHash(hashlib.sha256(PICTURE).hexdigest()), "image/png", "A cup", len(PICTURE)
    )
    post = connector.prepare(OutgoingText("A cup", REPLY.at, b"post", media=(picture,)))
    staged = await connector.stage(post, [PICTURE])
    await connector.publish(post, staged, clock.deadline_in(9))
    for action in (
        ModerationAction.LIKE,
        ModerationAction.UNLIKE,
        ModerationAction.HIDE,
        ModerationAction.UNHIDE,
    ):
        await connector.moderate(action, TARGET)


async def test_every_request_and_every_answer_follows_its_lexicon(lexicons: Lexicons) -> None:
    clock = FakeClock()
    async with running_bluesky() as fake, aiohttp.ClientSession() as http:
        await _use_everything(connected(fake.url, http, clock), fake, clock)
    problems = []
    for one in fake.exchanges:
        problems += lexicons.request_problems(one.method, one.nsid, one.params, one.body)
        problems += lexicons.answer_problems(one.nsid, one.status, one.answer)
    assert problems == []
    called = {one.nsid for one in fake.exchanges}
    assert called == {
        "com.atproto.server.createSession",
        "com.atproto.server.refreshSession",
        "com.atproto.server.getSession",
        "com.atproto.identity.resolveHandle",
        "com.atproto.repo.uploadBlob",
        "com.atproto.repo.putRecord",
        "com.atproto.repo.deleteRecord",
        "com.atproto.repo.getRecord",
        "com.atproto.repo.listRecords",
        "app.bsky.feed.getPosts",
        "app.bsky.feed.getPostThread",
        "app.bsky.feed.searchPosts",
        "app.bsky.notification.listNotifications",
    }


@pytest.mark.parametrize(
    ("name", "nsid"),
    [
        ("notifications", "app.bsky.notification.listNotifications"),
        ("thread", "app.bsky.feed.getPostThread"),
        ("search", "app.bsky.feed.searchPosts"),
        ("posts", "app.bsky.feed.getPosts"),
        ("records", "com.atproto.repo.listRecords"),
        ("session", "com.atproto.server.createSession"),
    ],
)
def test_every_fixture_follows_its_lexicon(lexicons: Lexicons, name: str, nsid: str) -> None:
    assert lexicons.answer_problems(nsid, 200, fixture(name)) == []


def _record(**changes: Any) -> dict[str, Any]:
    prepared: Prepared = prepare(REPLY)
    return {**prepared.request["record"], **changes}


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        (_record(text="a" * 301), "grapheme too big (maximum 300, got 301)"),
        (_record(text="👨‍👩‍👧‍👦" * 200), "string too big (maximum 3000, got 5000)"),
        (_record(createdAt="yesterday"), "is not a datetime"),
        (_record(langs=["en", "fr", "de", "ru"]), "array too big"),
        (_record(reply={"root": {"uri": "x", "cid": "y"}}), "$record.reply.parent: missing"),
        (_record(embed={"$type": "app.bsky.embed.images", "images": [{}]}), "alt: missing"),
        (_record(facets=[{"index": {"byteStart": -1, "byteEnd": 2}, "features": []}]), "range"),
    ],
)
def test_the_checker_sees_what_is_wrong(
    lexicons: Lexicons, record: dict[str, Any], problem: str
) -> None:
    assert any(problem in one for one in lexicons.record_problems(record))


def test_the_frozen_record_follows_the_lexicon_and_its_key_is_a_tid(lexicons: Lexicons) -> None:
    prepared = prepare(REPLY)
    assert lexicons.record_problems(prepared.request["record"]) == []
    assert syntax.is_tid(prepared.key)
    assert FORMATS["cid"](cid_of({}))


# --- the vectors that all implementations share -------------------------------------------------


def _vectors(specs_dir: Path, name: str) -> list[str]:
    path = specs_dir / "bluesky/interop-test-files/syntax" / f"{name}.txt"
    lines = path.read_text(encoding="utf-8").split("\n")
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize(
    ("kind", "accepts"),
    [
        ("tid", syntax.is_tid),
        ("handle", syntax.is_handle),
        ("did", syntax.is_did),
        ("nsid", syntax.is_nsid),
        ("recordkey", syntax.is_record_key),
        ("aturi", FORMATS["at-uri"]),
    ],
)
def test_names_are_judged_as_every_implementation_judges_them(
    specs_dir: Path, kind: str, accepts: Any
) -> None:
    valid = _vectors(specs_dir, f"{kind}_syntax_valid")
    invalid = _vectors(specs_dir, f"{kind}_syntax_invalid")
    # an at-uri of a whole collection names no record, and we have no use for it
    refused = [one for one in valid if not accepts(one) and one.count("/") != 3]
    assert refused == []
    assert [one for one in invalid if accepts(one)] == []
    assert valid
    assert invalid
