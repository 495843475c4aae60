"""Feeds as they really are: broken, hostile, without dates or names, changed after the fact."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import ValidationError

from bot.errors import Unavailable, UnexpectedResponse
from bot.model.network import Batch, Cursor, IncomingItem, Leg, Watch
from integrations.definition import Surroundings
from integrations.rss import NETWORK
from integrations.rss.connector import RssConnector
from integrations.rss.reading import MAX_TEXT, Entry, parse_feed
from integrations.rss.settings import RssSettings
from tests.contract.connectors.rss.case import NoVault
from tests.contract.connectors.rss.fake import FakeFeed, fake_feed, recorded
from tests.fakes.clock import START, FakeClock

FEED = Leg("feed")


@asynccontextmanager
async def watching(
    body: str | bytes = b"",
    *,
    settings: dict[str, object] | None = None,
    allow: tuple[str, ...] = (),
) -> AsyncIterator[tuple[FakeFeed, RssConnector]]:
    async with fake_feed() as fake, aiohttp.ClientSession() as http:
        if body:
            fake.body = body.encode() if isinstance(body, str) else body
        chosen = RssSettings.model_validate({"url": fake.url, **(settings or {})})
        around = Surroundings(http, FakeClock(), NoVault(), {}, "feed", allow)
        connector = NETWORK.connect(chosen, around)
        assert isinstance(connector, RssConnector)
        try:
            yield fake, connector
        finally:
            await connector.close()


def feed(*entries: str) -> str:
    inside = "".join(f"<item>{entry}</item>" for entry in entries)
    return f'<rss version="2.0"><channel><title>A blog</title>{inside}</channel></rss>'


def named(*names: str) -> str:
    return feed(
        *(f"<guid isPermaLink='false'>{name}</guid><title>On {name}</title>" for name in names)
    )


async def fetched(
    connector: RssConnector, since: Cursor | None = None, *keywords: str
) -> tuple[list[IncomingItem], Batch]:
    batch = await connector.fetch(FEED, since, Watch(keywords=keywords))
    return [each for each in batch.observations if isinstance(each, IncomingItem)], batch


async def test_atom_is_read_like_rss() -> None:
    async with watching(recorded("posts.atom")) as (_, connector):
        (post,), _ = await fetched(connector)
        identity = await connector.verify()
    assert post.remote_id == "https://blog.example.test/?p=1"
    assert post.permalink == "https://blog.example.test/our-new-kettle/"
    assert post.text == (
        "Our new kettle\n\nIt boils a litre in two minutes. Tell us what you think!"
    )
    assert post.published_at == 1_795_374_949_000  # 2026-11-22T19:15:49Z
    assert (identity.display_name, identity.url) == (
        "The brand's blog",
        "https://blog.example.test",
    )


async def test_a_feed_that_did_not_change_is_asked_for_with_what_it_said_last() -> None:
    async with watching() as (fake, connector):
        _, first = await fetched(connector)
        _, second = await fetched(connector, first.cursor)
    assert second == Batch(())
    assert fake.conditions == [("", ""), (fake.etag, fake.modified)]


async def test_only_new_and_edited_entries_are_told_again() -> None:
    async with watching(named("b", "a")) as (fake, connector):
        items, batch = await fetched(connector)
        assert [item.remote_id for item in items] == ["a", "b"]
        fake.body, fake.etag = named("d", "c", "b", "a").encode(), '"two"'
        items, batch = await fetched(connector, batch.cursor)
        assert [item.remote_id for item in items] == ["c", "d"]
        fake.body, fake.etag = named("d", "a").replace("On a", "On A!").encode(), '"three"'
        (edited,), _ = await fetched(connector, batch.cursor)
    assert (edited.remote_id, edited.text) == ("a", "On A!")


async def test_an_entry_that_left_the_feed_for_a_while_is_not_told_again() -> None:
    async with watching(named("b", "a")) as (fake, connector):
        _, batch = await fetched(connector)
        fake.body, fake.etag = named("c").encode(), '"two"'
        _, batch = await fetched(connector, batch.cursor)
        fake.body, fake.etag = named("c", "b", "a").encode(), '"three"'
        items, _ = await fetched(connector, batch.cursor)
    assert items == []


async def test_what_is_remembered_has_an_end() -> None:
    async with watching() as (fake, connector):
        cursor: Cursor | None = None
        for page in range(30):
            names = [f"{page}-{number}" for number in range(20)]
            fake.body, fake.etag = named(*names).encode(), f'"{page}"'
            _, batch = await fetched(connector, cursor)
            cursor = batch.cursor
    assert cursor is not None
    assert len(json.loads(cursor)["seen"]) == 200


async def test_keywords_choose_and_the_rest_is_not_asked_about_again() -> None:
    async with watching(named("kettle", "toaster", "oven"), settings={"keywords": ["KETTLE"]}) as (
        fake,
        connector,
    ):
        items, batch = await fetched(connector, None, "Oven")
        fake.etag = '"two"'
        again, _ = await fetched(connector, batch.cursor, "oven")
    assert [item.remote_id for item in items] == ["oven", "kettle"]
    assert again == []


@pytest.mark.parametrize(
    ("dates", "published_at"),
    [
        ("", START),
        ("<pubDate>yesterday, I think</pubDate>", START),
        ("<pubDate>Sun, 22 Nov 2026 19:15:49 GMT</pubDate>", 1_795_374_949_000),
        ("<pubDate>Sun, 22 Nov 2026 22:15:49 +0300</pubDate>", 1_795_374_949_000),
        ("<pubDate>Fri, 01 Jan 2100 00:00:00 GMT</pubDate>", START),
        ("<pubDate>Fri, 01 Jan 1904 00:00:00 GMT</pubDate>", START),
    ],
)
async def test_a_date_is_believed_unless_it_is_missing_or_in_the_future(
    dates: str, published_at: int
) -> None:
    async with watching(feed(f"<title>x</title>{dates}")) as (_, connector):
        (item,), _ = await fetched(connector)
    assert item.published_at == published_at


async def test_an_entry_without_an_id_is_known_by_its_link_and_title() -> None:
    entry = "<title>x</title><link>https://a.example/1</link>"
    async with watching(feed(entry)) as (_, connector):
        (one,), _ = await fetched(connector)
        (same,), _ = await fetched(connector)
    assert one.remote_id == same.remote_id
    assert Entry(link="https://a.example/1", title="x").remote_id.startswith("entry:")
    assert Entry(link="https://a.example/2", title="x").remote_id != one.remote_id
    assert len(Entry(id="x" * 10_000).remote_id) < 100


async def test_hostile_content_is_only_text() -> None:
    entry = (
        "<guid>1</guid><link>javascript:alert(1)</link><author>&lt;b&gt;Eve&lt;/b&gt;</author>"
        "<title>&lt;script&gt;x()&lt;/script&gt;&lt;!channel&gt; hi</title>"
        "<description><![CDATA[<img src=x onerror=alert(1) alt='pic'> <a "
        "href='https://evil.example'>your bank</a>\u202e]]></description>"
    )
    async with watching(feed(entry)) as (_, connector):
        (item,), _ = await fetched(connector)
    assert item.permalink == ""
    assert "script" not in item.text
    assert "your bank (https://evil.example)" in item.text
    assert "<" not in item.author.handle


async def test_a_long_entry_is_cut() -> None:
    async with watching(feed(f"<title>x</title><description>{'y' * 100_000}</description>")) as (
        _,
        connector,
    ):
        (item,), _ = await fetched(connector)
    assert len(item.text) == MAX_TEXT


@pytest.mark.parametrize(
    "body", [b"<html><body>Hello</body></html>", b"{}", b"\x00\xff\xfe", b"plain words"]
)
async def test_what_is_no_feed_says_where_to_look(body: bytes) -> None:
    async with watching(body) as (_, connector):
        with pytest.raises(UnexpectedResponse, match="link to its feed"):
            await fetched(connector)


async def test_an_empty_feed_is_a_feed() -> None:
    async with watching(feed()) as (_, connector):
        items, batch = await fetched(connector)
    assert items == []
    assert batch.cursor is not None


async def test_a_feed_broken_in_the_middle_gives_what_came_before() -> None:
    broken = named("a", "b")[: -len("</channel></rss>")] + "<item><title>un & closed"
    async with watching(broken) as (_, connector):
        items, _ = await fetched(connector)
    assert {"a", "b"} <= {item.remote_id for item in items}


def test_a_body_that_names_a_file_opens_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text(named("secret"))
    with pytest.raises(UnexpectedResponse):
        parse_feed(str(secret).encode(), "text/plain", "https://a.example/")


def test_an_entity_bomb_does_not_go_off() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE rss [<!ENTITY e0 "boom">{levels}]>{feed("<title>&e9;</title>")}'
    began = time.monotonic()
    try:
        parsed = parse_feed(bomb.encode(), "application/rss+xml", "https://a.example/")
    except UnexpectedResponse:
        return
    assert sum(len(entry.text) for entry in parsed.entries if isinstance(entry, Entry)) < 100_000
    assert time.monotonic() - began < 30


async def test_more_than_five_megabytes_are_not_read() -> None:
    async with watching(feed("<title>x</title>" + " " * 5_300_000)) as (_, connector):
        with pytest.raises(UnexpectedResponse, match="more than"):
            await fetched(connector)


@pytest.mark.parametrize(
    "location", ["http://[::1]:9/", "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/"]
)
async def test_a_redirect_into_a_private_network_is_refused_with_what_to_do(location: str) -> None:
    async with watching() as (fake, connector):
        fake.redirect_to = location
        with pytest.raises(Unavailable, match="allow_private_hosts"):
            await fetched(connector)


async def test_a_private_host_that_was_allowed_may_be_redirected_to() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=named("inside"))

    app = web.Application()
    app.router.add_get("/inside", answer)
    async with TestServer(app) as server:
        inside = f"http://localhost:{server.port}/inside"
        async with watching(allow=("localhost",)) as (fake, connector):
            fake.redirect_to = inside
            items, _ = await fetched(connector)
        async with watching() as (fake, connector):
            fake.redirect_to = inside
            with pytest.raises(Unavailable):
                await fetched(connector)
    assert [item.remote_id for item in items] == ["inside"]


async def test_it_closes_without_having_been_used() -> None:
    async with watching() as (_, connector):
        await connector.close()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "not an address", "ftp://a.example/feed"])
def test_only_web_addresses_are_accepted_in_the_settings(url: str) -> None:
    with pytest.raises(ValidationError):
        RssSettings.model_validate({"url": url})
