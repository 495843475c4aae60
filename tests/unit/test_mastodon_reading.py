"""What the Mastodon connector makes of what a server shows."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bot.model.ids import Moment, RemoteId
from bot.model.item import ItemKind
from bot.model.network import Batch, Cursor, IncomingItem, Leg, Removal, Unsupported, Watch
from integrations.mastodon.connector import MastodonConnector
from integrations.mastodon.entities import NamedPerson
from integrations.mastodon.markup import shown_text
from integrations.wire import MAX_ANSWER
from tests.contract.connectors.mastodon.case import (
    ADAS,
    BENS,
    COMPLAINT,
    MORNING,
    OURS,
    POST,
    PRIVATE,
    QUIET,
    TITLE,
    connected,
)
from tests.contract.connectors.mastodon.fake import FakeMastodon, fake_mastodon, recorded
from tests.fakes.clock import START, FakeClock

INBOX, THREADS, HASHTAGS, OWN = map(Leg, ("notifications", "threads", "hashtags", "own"))
WATCH = Watch(own_posts=(POST,))


@asynccontextmanager
async def desk(seconds: float = 5.0) -> AsyncIterator[tuple[MastodonConnector, FakeMastodon]]:
    async with fake_mastodon(Moment(START)) as fake, aiohttp.ClientSession() as http:
        yield connected(fake.url, http, FakeClock(), seconds=seconds), fake


def paths(fake: FakeMastodon) -> list[str]:
    return [one.path for one in fake.exchanges]


async def everything(
    connector: MastodonConnector, leg: Leg, since: Cursor | None, watch: Watch = WATCH
) -> tuple[list[Any], Cursor | None]:
    told: list[Any] = []
    for _ in range(20):
        batch = await connector.fetch(leg, since, watch)
        told += batch.observations
        since = batch.cursor
        if not batch.more:
            return told, since
    raise AssertionError("the reading never ends")


def notification(number: str, **changes: Any) -> dict[str, Any]:
    row = recorded("notifications")[0]
    status = {**row["status"], "id": f"s{number}", **changes}
    return {**row, "id": number, "status": status}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<p>one<br>two<br />three</p><p>four</p>", "one\ntwo\nthree\n\nfour"),
        ("<p>a &lt;b&gt; &amp;amp; c</p>", "a <b> &amp; c"),
        ('<a href="https://x.test/tags/a" rel="tag">#<span>a</span></a>!', "#a!"),
        ('<a class="u-url mention" href="https://h.test/@z">@<span>z</span></a>', "@z@h.test"),
        ('<a href="https://h.test/users/known">@<span>k</span></a>', "@k@h.test"),
        (
            '<a href="https://evil.test/">https://bank.test/</a>',
            "https://bank.test/ (https://evil.test/)",
        ),
        ('<a href="https://evil.test/">our shop</a>', "our shop (https://evil.test/)"),
        ('<a href="https://a.test/">a.test</a>', "a.test"),
        ('<a href="javascript:alert(1)">click</a>', "click"),
        ("<ul><li>one</li><li>two</li></ul>", "one\n\ntwo"),
        ("<script>alert(1)</script>hi<style>x</style>", "hi"),
        ("</p></a></script>broken <![CDATA[ x", "broken <![CDATA[ x"),
        ("nul\x00 and bell\x07", "nul and bell"),
        ("", ""),
    ],
)
def test_html_becomes_what_its_reader_sees(content: str, text: str) -> None:
    people = [NamedPerson(id="1", acct="k@h.test", url="https://h.test/users/known")]
    assert shown_text(content, people, "home.test") == text


async def test_threads_bring_answers_that_name_nobody_and_our_own() -> None:
    async with desk() as (connector, _fake):
        told, _ = await everything(connector, THREADS, None)
    assert told == [ADAS, QUIET, OURS]


async def test_an_edited_answer_is_the_same_item_with_a_new_text() -> None:
    async with desk() as (connector, fake):
        _, cursor = await everything(connector, THREADS, None)
        fake.find(QUIET.remote_id)["content"] = "<p>It came, sorry!</p>"
        told, _ = await everything(connector, THREADS, cursor)
    edited = next(one for one in told if one.remote_id == QUIET.remote_id)
    assert edited.text == "It came, sorry!"


async def test_an_answer_that_vanished_is_asked_after_and_removed() -> None:
    async with desk() as (connector, fake):
        _, cursor = await everything(connector, THREADS, None)
        fake.statuses.remove(fake.find(QUIET.remote_id))
        told, cursor = await everything(connector, THREADS, cursor)
        again, _ = await everything(connector, THREADS, cursor)
    assert Removal(QUIET.remote_id) in told
    assert again == [ADAS, OURS]


async def test_an_answer_that_is_only_no_longer_shown_in_the_thread_is_not_removed() -> None:
    async with desk() as (connector, fake):
        _, cursor = await everything(connector, THREADS, None)
        fake.find(QUIET.remote_id)["in_reply_to_id"] = None
        told, _ = await everything(connector, THREADS, cursor)
    assert told == [ADAS, OURS]


async def test_a_thread_that_is_gone_is_removed_and_the_others_are_read() -> None:
    watch = Watch(own_posts=(RemoteId("deleted"), POST))
    async with desk() as (connector, _fake):
        told, _ = await everything(connector, THREADS, None, watch)
    assert told == [ADAS, QUIET, OURS, Removal(RemoteId("deleted"))]


async def test_many_threads_are_read_in_turns() -> None:
    async with desk() as (connector, fake):
        posts = [fake.add(f"p{n}", in_reply_to_id=None)["id"] for n in range(20)]
        answers = [fake.add(f"a{n}", in_reply_to_id=f"p{n}")["id"] for n in range(20)]
        for row in fake.statuses:
            if row["id"] in posts:
                row["account"] = recorded("me")
        watch = Watch(own_posts=tuple(map(RemoteId, posts)))
        first = await connector.fetch(THREADS, None, watch)
        rest, cursor = await everything(connector, THREADS, first.cursor, watch)
    assert first.more
    assert len(first.observations) < 20
    assert {one.remote_id for one in (*first.observations, *rest)} == set(answers)
    assert json.loads(cursor or "")["done"] == []


async def test_talk_of_others_in_a_thread_that_is_not_ours_is_not_an_item() -> None:
    async with desk() as (connector, fake):
        fake.add("talk", in_reply_to_id=BENS.remote_id)
        fake.add("to us", in_reply_to_id="talk", in_reply_to_account_id=recorded("me")["id"])
        told, _ = await everything(connector, THREADS, None, Watch(own_posts=(BENS.remote_id,)))
    assert [(one.remote_id, one.kind) for one in told] == [("to us", ItemKind.REPLY)]


async def test_hashtags_come_from_settings_and_from_keywords_that_begin_with_one() -> None:
    watch = Watch(keywords=("#Latte", "#coffee", "acme", "#two words"))
    async with desk() as (connector, fake):
        fake.statuses[4]["tags"] = [{"name": "latte", "url": "https://x.test/tags/latte"}]
        told, cursor = await everything(connector, HASHTAGS, None, watch)
        again, _ = await everything(connector, HASHTAGS, cursor, watch)
    assert [one.remote_id for one in told] == [POST, QUIET.remote_id, "115590000000000007"]
    assert [one.kind for one in told] == [ItemKind.POST, ItemKind.REPLY, ItemKind.MENTION]
    assert [one.by_us for one in told] == [True, False, False]
    assert again == []
    assert {path for path in paths(fake) if "timelines" in path} == {
        "/api/v1/timelines/tag/coffee",
        "/api/v1/timelines/tag/Latte",
    }


async def test_what_we_wrote_in_an_app_is_read_as_ours() -> None:
    async with desk() as (connector, fake):
        told, cursor = await everything(connector, OWN, None)
        fake.add("boost", account=recorded("me"), reblog=recorded("statuses")[1])
        fake.add("native", account=recorded("me"), in_reply_to_id=BENS.remote_id)
        again, _ = await everything(connector, OWN, cursor)
    assert [(one.remote_id, one.kind) for one in told] == [
        (POST, ItemKind.POST),
        (OURS.remote_id, ItemKind.REPLY),
    ]
    assert told[1] == OURS
    assert [(one.remote_id, one.by_us) for one in again] == [("native", True)]


async def test_a_flood_is_read_page_by_page_without_a_gap() -> None:
    """Ids that are no numbers and whose order means nothing."""
    async with desk() as (connector, fake):
        _, cursor = await everything(connector, INBOX, None)
        wanted = [f"01KASW{(n * 7) % 100:03}Z" for n in range(100)]
        fake.notifications[:0] = [notification(number) for number in wanted][::-1]
        told, cursor = await everything(connector, INBOX, cursor)
        again, _ = await everything(connector, INBOX, cursor)
    assert [one.remote_id for one in told] == [f"s{number}" for number in wanted]
    assert again == []


async def test_a_first_reading_goes_back_some_pages_but_not_beyond_what_is_of_interest() -> None:
    old = "2026-11-01T00:00:00.000Z"
    async with desk() as (connector, fake):
        fake.notifications += [notification(f"old{n}", created_at=old) for n in range(500)]
        told, _ = await everything(connector, INBOX, None)
        short, _ = await everything(
            connector, INBOX, None, Watch(own_posts=(POST,), since=Moment(MORNING))
        )
    assert len(told) == 120
    assert len(short) == 40
    assert told[-3:] == [ADAS, BENS, PRIVATE]


async def test_what_cannot_be_read_is_kept_and_not_dropped() -> None:
    async with desk() as (connector, fake):
        fake.notifications[1]["status"]["account"] = None
        fake.notifications[2] = {"id": "7", "type": "severed_relationships"}
        told, _ = await everything(connector, INBOX, None)
    assert told[0] == PRIVATE
    assert [one.kind for one in told[1:]] == [
        "notification severed_relationships",
        "unreadable status",
    ]
    assert all(isinstance(one, Unsupported) and one.payload for one in told[1:])


async def test_one_look_finds_the_root_of_many_answers() -> None:
    async with desk() as (connector, fake):
        for n in range(30):
            row = fake.add(f"s{n}", in_reply_to_id=COMPLAINT)
            fake.notifications.insert(0, notification(str(n), **row))
        told, _ = await everything(connector, INBOX, None)
    items = [one for one in told if isinstance(one, IncomingItem)]
    assert {one.thread_title for one in items if one.parent_remote_id} == {TITLE}
    assert sum(path.endswith("/context") for path in paths(fake)) <= 2


async def test_an_unreadable_cursor_begins_anew() -> None:
    async with desk() as (connector, _fake):
        for leg in (INBOX, THREADS, OWN, HASHTAGS):
            first = await connector.fetch(leg, None, WATCH)
            assert await connector.fetch(leg, Cursor("broken"), WATCH) == first
            assert isinstance(first, Batch)


async def test_an_old_server_that_does_not_tell_its_limits_is_read_all_the_same() -> None:
    async with desk() as (connector, fake):
        fake.instance = None
        identity = await connector.verify()
        told, _ = await everything(connector, INBOX, None)
    assert identity.handle == "acme@127.0.0.1"
    assert len(told) == 3


async def test_what_the_servers_own_filter_sets_aside_is_asked_for_too() -> None:
    async with desk() as (connector, fake):
        await everything(connector, INBOX, None)
    asked = [dict(one.params) for one in fake.exchanges if one.path.endswith("/notifications")]
    assert asked
    assert {params["include_filtered"] for params in asked} == {"true"}


async def test_a_thread_of_thousands_of_answers_is_read_whole() -> None:
    """A context has no pages: all of it is one answer of several megabytes."""
    async with desk(seconds=30.0) as (connector, fake):
        padding = "x" * 2_000
        for n in range(1_600):
            fake.add(f"s{n}", in_reply_to_id=None, content=f"<p>{n} {padding}</p>")
        fake.context_of_everything = True
        assert len(json.dumps(fake.statuses)) > MAX_ANSWER
        told, _ = await everything(connector, THREADS, None)
    assert len(told) > 1_600


async def test_what_people_did_with_a_post_is_counted_and_one_that_is_gone_is_left_out() -> None:
    async with desk() as (connector, fake):
        [status] = [one for one in fake.statuses if one["id"] == POST]
        status |= {"favourites_count": 12, "reblogs_count": 5, "replies_count": 3}
        found = await connector.measure([POST, RemoteId("404404")])
    [(post, seen)] = found.items()
    assert (post, seen.likes, seen.shares, seen.replies, seen.views) == (POST, 12, 5, 3, None)
