"""The legs: what is read, what is read again, and what is proved to be gone."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from bot.model.ids import Moment, RemoteId
from bot.model.item import ItemKind
from bot.model.network import Batch, Cursor, IncomingItem, Leg, Removal, Unsupported, Watch
from bot.ports import Connector, Measures
from integrations.bluesky.legs import KEYWORDS, NOTIFICATIONS, OWN, THREADS
from integrations.bluesky.reading import Ourselves, iso, moment_of, post, sort_moment
from tests.contract.connectors.bluesky.case import (
    COMPLAINT,
    EXPECTED,
    MENTION,
    QUOTE,
    ROOT,
    SECOND,
    connected,
)
from tests.contract.connectors.bluesky.fake import BRAND, FAN, HANDLE, FakeBluesky, running_bluesky
from tests.fakes.clock import FakeClock

US = Ourselves(BRAND, HANDLE, "https://bsky.app")
BEGIN = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


@asynccontextmanager
async def _network() -> AsyncIterator[tuple[FakeBluesky, Connector]]:
    async with running_bluesky() as fake, aiohttp.ClientSession() as http:
        yield fake, connected(fake.url, http, FakeClock())


def _mention(number: int, at: datetime, **changes: Any) -> dict[str, Any]:
    moment = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "uri": f"at://{FAN}/app.bsky.feed.post/3n2wdoe{number:06}",
        "cid": f"bafyrei{number}",
        "author": {"did": FAN, "handle": "fan.test"},
        "reason": "mention",
        "record": {"$type": "app.bsky.feed.post", "text": f"number {number}", "createdAt": moment},
        "isRead": False,
        "indexedAt": moment,
    } | changes


def _newest_first(count: int, apart: timedelta) -> list[dict[str, Any]]:
    return [_mention(one, BEGIN + one * apart) for one in range(count)][::-1]


async def _drain(
    connector: Connector, leg: Leg, since: Cursor | None, watch: Watch
) -> tuple[list[IncomingItem], Cursor | None]:
    batches = [await connector.fetch(leg, since, watch)]
    while batches[-1].more:
        batches.append(await connector.fetch(leg, batches[-1].cursor, watch))
    return [one for batch in batches for one in _items(batch)], batches[-1].cursor


def _items(batch: Batch) -> list[IncomingItem]:
    return [one for one in batch.observations if isinstance(one, IncomingItem)]


def _numbers(items: Sequence[IncomingItem]) -> set[int]:
    return {int(item.text.split()[1]) for item in items}


# --- the inbox ----------------------------------------------------------------------------------


async def test_the_first_reading_is_bounded() -> None:
    async with _network() as (fake, connector):
        fake.notifications = _newest_first(450, timedelta(minutes=1))
        items, _ = await _drain(connector, NOTIFICATIONS, None, Watch())
    assert _numbers(items) == set(range(251, 450))


async def test_a_flood_between_two_readings_is_read_to_the_bottom() -> None:
    async with _network() as (fake, connector):
        fake.notifications = _newest_first(10, timedelta(seconds=1))
        _, cursor = await _drain(connector, NOTIFICATIONS, None, Watch())
        fake.notifications = _newest_first(1_800, timedelta(seconds=1))
        batch = await connector.fetch(NOTIFICATIONS, cursor, Watch())
        assert batch.more
        assert len(batch.observations) == 496  # the last entry of a page is read twice
        items, cursor = await _drain(connector, NOTIFICATIONS, cursor, Watch())
        assert _numbers(items) == set(range(1_800))
        again, _ = await _drain(connector, NOTIFICATIONS, cursor, Watch())
    assert max(_numbers(again)) == 1_799
    assert len(again) <= 700


async def test_entries_of_one_millisecond_at_the_end_of_a_page_are_not_skipped() -> None:
    async with _network() as (fake, connector):
        same = [_mention(one, BEGIN) for one in range(60)]
        newer = [_mention(one, BEGIN + timedelta(seconds=1)) for one in range(60, 120)]
        fake.notifications = [*newer, *same]
        items, _ = await _drain(connector, NOTIFICATIONS, None, Watch())
    assert _numbers(items) == set(range(120))


async def test_more_entries_of_one_millisecond_than_a_page_holds_do_not_stop_the_reading() -> None:
    async with _network() as (fake, connector):
        fake.notifications = [
            *(_mention(one, BEGIN + timedelta(seconds=1)) for one in range(150)),
            *(_mention(one, BEGIN) for one in range(150, 160)),
        ]
        items, cursor = await _drain(connector, NOTIFICATIONS, None, Watch())
        items, _ = await _drain(connector, NOTIFICATIONS, cursor, Watch())
    assert set(range(150, 160)) <= _numbers(items)


async def test_a_backdated_post_does_not_hide_what_is_below_it() -> None:
    async with _network() as (fake, connector):
        fake.notifications = _newest_first(5, timedelta(seconds=1))
        _, cursor = await _drain(connector, NOTIFICATIONS, None, Watch())
        fake.notifications = _newest_first(150, timedelta(seconds=1))
        fake.notifications[99]["record"]["createdAt"] = "1999-12-31T00:00:00Z"
        items, _ = await _drain(connector, NOTIFICATIONS, cursor, Watch())
    assert _numbers(items) == set(range(150))


async def test_an_empty_inbox_has_been_seen_too() -> None:
    async with _network() as (fake, connector):
        fake.notifications = []
        _, cursor = await _drain(connector, NOTIFICATIONS, None, Watch())
        fake.notifications = _newest_first(700, timedelta(seconds=1))
        items, _ = await _drain(connector, NOTIFICATIONS, cursor, Watch())
    assert _numbers(items) == set(range(700))


async def test_what_cannot_be_read_is_kept_and_spoils_nothing() -> None:
    async with _network() as (fake, connector):
        fake.notifications = [
            _mention(3, BEGIN, indexedAt="now"),
            _mention(2, BEGIN, record={"$type": "app.bsky.feed.like"}),
            _mention(1, BEGIN, author="nobody"),
            _mention(0, BEGIN),
        ]
        batch = await connector.fetch(NOTIFICATIONS, None, Watch())
    strange = [one for one in batch.observations if isinstance(one, Unsupported)]
    assert [item.text for item in _items(batch)] == ["number 0"]
    assert len(strange) == 3
    assert '"number 3"' in strange[0].payload


async def test_likes_are_passed_over_and_a_new_reason_is_kept() -> None:
    async with _network() as (fake, connector):
        fake.knows_reasons = False
        fake.notifications = [
            _mention(2, BEGIN, reason="like", record={"$type": "app.bsky.feed.like"}),
            _mention(1, BEGIN, reason="serenade"),
            _mention(0, BEGIN),
        ]
        batch = await connector.fetch(NOTIFICATIONS, None, Watch())
    assert [item.text for item in _items(batch)] == ["number 0"]
    (strange,) = [one for one in batch.observations if isinstance(one, Unsupported)]
    assert strange.kind == "notification serenade"


async def test_a_post_that_both_answers_and_mentions_us_is_one_item() -> None:
    async with _network() as (fake, connector):
        fake.notifications = [_mention(1, BEGIN), _mention(1, BEGIN, reason="quote")]
        batch = await connector.fetch(NOTIFICATIONS, None, Watch())
    assert len(batch.observations) == 1


async def test_a_cursor_that_cannot_be_read_begins_anew() -> None:
    async with _network() as (_, connector):
        batch = await connector.fetch(NOTIFICATIONS, Cursor("what is this"), Watch())
    assert tuple(_items(batch)) == EXPECTED


# --- threads ------------------------------------------------------------------------------------

WATCH = Watch(own_posts=(ROOT,))


async def test_a_thread_gives_our_post_and_all_replies_below_it() -> None:
    async with _network() as (_, connector):
        batch = await connector.fetch(THREADS, None, WATCH)
    assert [(item.remote_id, item.by_us, item.kind) for item in _items(batch)] == [
        (ROOT, True, ItemKind.POST),
        (COMPLAINT, False, ItemKind.COMMENT),
        (SECOND, False, ItemKind.REPLY),
    ]
    assert _items(batch)[1] == EXPECTED[0], "the same item whichever leg reads it"


async def test_a_reply_that_was_deleted_is_a_removal_and_is_told_once() -> None:
    async with _network() as (fake, connector):
        first = await connector.fetch(THREADS, None, WATCH)
        assert fake.thread is not None
        fake.thread["replies"][0]["replies"] = []
        fake.gone.add(SECOND)
        second = await connector.fetch(THREADS, first.cursor, WATCH)
        third = await connector.fetch(THREADS, second.cursor, WATCH)
    assert Removal(SECOND) in second.observations
    assert not [one for one in third.observations if isinstance(one, Removal)]


async def test_a_reply_that_is_only_not_shown_is_not_called_removed() -> None:
    async with _network() as (fake, connector):
        first = await connector.fetch(THREADS, None, WATCH)
        assert fake.thread is not None
        fake.thread["replies"] = []
        second = await connector.fetch(THREADS, first.cursor, WATCH)
    assert not [one for one in second.observations if isinstance(one, Removal)]


async def test_our_own_post_is_removed_only_when_its_record_is_gone() -> None:
    async with _network() as (fake, connector):
        fake.thread = None
        late = await connector.fetch(THREADS, None, WATCH)
        fake.records.clear()
        gone = await connector.fetch(THREADS, late.cursor, WATCH)
    assert late.observations == ()
    assert gone.observations == (Removal(ROOT),)


async def test_a_vanished_reply_is_remembered_until_it_was_asked_after() -> None:
    async with _network() as (fake, connector):
        assert fake.thread is not None
        replies = [
            {"$type": "app.bsky.feed.defs#threadViewPost", "post": _mention(one, BEGIN)}
            for one in range(25)
        ]
        fake.thread["replies"] = replies
        batch = await connector.fetch(THREADS, None, WATCH)
        fake.thread["replies"] = []
        removed = []
        for _ in range(3):
            batch = await connector.fetch(THREADS, batch.cursor, WATCH)
            removed += [one for one in batch.observations if isinstance(one, Removal)]
    assert len(removed) == len(set(removed)) == 25


# --- keywords and our own -----------------------------------------------------------------------


async def test_our_handle_is_searched_for_without_being_asked() -> None:
    async with _network() as (_, connector):
        batch = await connector.fetch(KEYWORDS, None, Watch())
    assert [item.text for item in _items(batch)] == [
        "👨‍👩‍👧‍👦 hi @brand.test, do you open on Sunday?",
        "brand.test never replies on the phone, typical",
    ]


async def test_each_keyword_has_its_own_place_and_several_words_are_a_phrase() -> None:
    async with _network() as (fake, connector):
        first = await connector.fetch(KEYWORDS, None, Watch(keywords=("the phone",)))
        await connector.fetch(KEYWORDS, first.cursor, Watch(keywords=("the phone", "sunday")))
    asked = [dict(one.params) for one in fake.exchanges if one.nsid == "app.bsky.feed.searchPosts"]
    assert [one["q"] for one in asked] == [
        HANDLE,
        '"the phone"',
        HANDLE,
        '"the phone"',
        "sunday",
    ]
    assert ["since" in one for one in asked] == [False, False, True, True, False]


async def test_what_we_wrote_anywhere_is_read_from_our_repository() -> None:
    async with _network() as (fake, connector):
        fake.records["app.bsky.feed.post", "3n2wzzzzzz222"] = {
            "$type": "app.bsky.feed.post",
            "text": "Call us, please",
            "createdAt": "2026-11-22T20:00:00.000Z",
            "reply": {
                "root": {"uri": MENTION, "cid": "c"},
                "parent": {"uri": MENTION, "cid": "c"},
            },
        }
        batch = await connector.fetch(OWN, None, Watch())
    native = _items(batch)[-1]
    assert (native.by_us, native.kind) == (True, ItemKind.REPLY)
    assert native.parent_remote_id == native.thread_remote_id == MENTION


# --- single posts -------------------------------------------------------------------------------


def _view(**changes: Any) -> dict[str, Any]:
    return _mention(1, BEGIN) | changes


def test_pictures_of_a_labelled_post_are_sensitive() -> None:
    image = {"thumb": "https://cdn.example/t", "fullsize": "https://cdn.example/f", "alt": "Ouch"}
    view = _view(
        embed={"$type": "app.bsky.embed.images#view", "images": [image]},
        labels=[{"val": "graphic-media"}],
    )
    item = post(view, US, {})
    assert isinstance(item, IncomingItem)
    assert [(one.alt_text, one.is_sensitive) for one in item.media] == [("Ouch", True)]


def test_an_account_without_a_valid_handle_is_linked_by_its_did() -> None:
    item = post(_view(author={"did": FAN, "handle": "handle.invalid"}), US, {})
    assert isinstance(item, IncomingItem)
    assert item.permalink == f"https://bsky.app/profile/{FAN}/post/3n2wdoe000001"


@pytest.mark.parametrize(
    ("claimed", "shown"),
    [
        ("2026-11-22T19:00:00Z", "2026-11-22T19:00:00.000Z"),
        ("2026-11-22T20:00:00+02:00", "2026-11-22T18:00:00.000Z"),
        ("2126-01-01T00:00:00Z", "2026-11-22T20:00:00.123Z"),
        ("not a time", "2026-11-22T20:00:00.123Z"),
        ("2026-11-22T19:00:00", "2026-11-22T20:00:00.123Z"),
        ("0001-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
    ],
)
def test_a_claimed_time_counts_only_when_it_is_not_later_than_the_index(
    claimed: str, shown: str
) -> None:
    assert iso(sort_moment(claimed, "2026-11-22T20:00:00.123Z")) == shown


def test_a_moment_survives_being_written_and_read() -> None:
    for milliseconds in range(1_790_000_000_000, 1_790_000_000_999):
        assert moment_of(iso(Moment(milliseconds))) == milliseconds


def test_a_quote_knows_no_thread_of_ours() -> None:
    assert {item.remote_id: item.thread_remote_id for item in EXPECTED}[RemoteId(QUOTE)] is None


async def test_what_people_did_with_a_post_is_counted_and_one_that_is_gone_is_left_out() -> None:
    async with _network() as (fake, connector):
        uri, post_view = next(iter(fake.posts.items()))
        post_view |= {"likeCount": 12, "repostCount": 4, "quoteCount": 1, "replyCount": 3}
        assert isinstance(connector, Measures)
        found = await connector.measure([RemoteId(uri), RemoteId(f"{uri}x")])
    [(post, seen)] = found.items()
    assert (post, seen.likes, seen.shares, seen.replies, seen.views) == (uri, 12, 5, 3, None)
    assert seen.published_at == moment_of(post_view["record"]["createdAt"])
