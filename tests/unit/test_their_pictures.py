"""Other people's pictures on a card: the first is shown, a sensitive one to whoever asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.cards.card import Card, Picture
from bot.cards.posting import Posting
from bot.model.channel import Place
from bot.model.ids import Monotonic, PostKey
from handlers.console.limits import IN_CHANNEL
from handlers.console.render import Reading as ConsoleReading
from handlers.console.render import Renderer
from handlers.slack.frontend import SlackFrontend
from handlers.slack.line import SlackOptions, slack_line
from handlers.telegram.frontend import preview_of
from handlers.telegram.markup import Reading
from handlers.telegram.render import Drawing, drawn
from integrations.pictures import MOST_BYTES, GuardedPictures
from tests.fakes import sample_cards
from tests.fakes.clock import FakeClock
from tests.fakes.console import browsing
from tests.fakes.desk import FakeDesk
from tests.fakes.sample_cards import NOW
from tests.fakes.slack_server import BOT_TOKEN, SlackServer

ADDRESS = "https://files.example/cup.png"
ZONE = ZoneInfo("UTC")
HERE = Place("C0CARE")
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


def with_picture(*, is_sensitive: bool = False, remote: str = ADDRESS) -> Card:
    card = sample_cards.waiting()
    media = Picture(
        3, "A broken cup", f"/pictures/{card.key}?r=1", is_sensitive=is_sensitive, remote=remote
    )
    return replace(card, media=media)


@asynccontextmanager
async def slack_with(slack: SlackServer) -> AsyncIterator[SlackFrontend]:
    options = SlackOptions(BOT_TOKEN, api_url=slack.api_url)
    async with slack.serving(), slack_line(options, FakeClock()) as line:
        yield SlackFrontend(line)


async def posted(slack: SlackServer, card: Card) -> list[dict[str, object]]:
    async with slack_with(slack) as frontend:
        await frontend.post(Posting(PostKey("0" * 32), HERE, card), Monotonic(1e9))
    [message] = slack.messages
    return message.blocks


async def test_slack_shows_the_first_picture_with_its_description() -> None:
    slack = SlackServer()
    [image] = [one for one in await posted(slack, with_picture()) if one["type"] == "image"]
    assert (image["image_url"], image["alt_text"]) == (ADDRESS, "A broken cup")
    assert slack.complaints == []


async def test_a_picture_that_slack_cannot_fetch_keeps_no_card_away() -> None:
    blocks = await posted(SlackServer(fetches_pictures=False), with_picture())
    assert "3 pictures: A broken cup" in str(blocks)
    assert not any(one["type"] == "image" for one in blocks)


async def test_a_sensitive_picture_is_a_link_in_the_chats() -> None:
    card = with_picture(is_sensitive=True)
    blocks = await posted(SlackServer(), card)
    assert not any(one["type"] == "image" for one in blocks)
    assert "3 pictures, sensitive" in str(blocks)
    assert ADDRESS in str(blocks)
    message = drawn(card, Drawing(Reading(NOW, ZONE)))
    assert f'<a href="{ADDRESS}">Show it</a>' in message.html
    assert preview_of(message).is_disabled


@pytest.mark.parametrize("remote", ["http://files.example/cup.png", "javascript:1", ""])
async def test_chats_are_sent_to_no_other_address(remote: str) -> None:
    card = with_picture(remote=remote)
    assert not any(one["type"] == "image" for one in await posted(SlackServer(), card))
    assert preview_of(drawn(card, Drawing(Reading(NOW, ZONE)))).is_disabled


def test_telegram_shows_it_below_the_text() -> None:
    preview = preview_of(drawn(with_picture(), Drawing(Reading(NOW, ZONE))))
    assert preview.url == ADDRESS
    assert not preview.is_disabled


def test_the_console_shows_ours_alone_and_a_sensitive_one_only_when_opened() -> None:
    reading = ConsoleReading(NOW, ZONE, IN_CHANNEL)
    html = str(Renderer().card(with_picture(), reading))
    assert '<img src="/pictures/' in html
    assert "<details><summary>" not in html
    html = str(Renderer().card(with_picture(is_sensitive=True), reading))
    assert html.index("<details><summary>Show it</summary><img") < html.index("</details>")
    assert ADDRESS not in html


class Fetches:
    def __init__(self) -> None:
        self.asked: list[str] = []

    async def fetch(self, address: str) -> tuple[str, bytes] | None:
        self.asked.append(address)
        return "image/png", PNG


async def test_the_console_fetches_what_stands_on_a_card_and_nothing_else() -> None:
    fetches, card = Fetches(), with_picture()
    async with browsing(FakeDesk([card, sample_cards.published()]), fetches=fetches) as browser:
        await browser.open()
        answer = await browser.get(f"/pictures/{card.key}?r=1")
        assert (answer.status, await answer.read()) == (200, PNG)
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        for token in (sample_cards.published().key, "unknown"):
            assert (await browser.get(f"/pictures/{token}")).status == 404
    assert fetches.asked == [ADDRESS]


@asynccontextmanager
async def pictures_at(body: bytes, kind: str = "image/png") -> AsyncIterator[str]:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type=kind)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with TestServer(app) as server:
        yield str(server.make_url("/cup.png"))


async def test_a_picture_is_fetched_through_the_guard() -> None:
    async with pictures_at(PNG) as address:
        assert await GuardedPictures(()).fetch(address) is None
        allowed = GuardedPictures(("127.0.0.1",))
        assert await allowed.fetch(address) == ("image/png", PNG)
    # the server is gone: the last ones are kept
    assert await allowed.fetch(address) == ("image/png", PNG)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<svg/>", "image/svg+xml"),
        (b"<html>", "text/html"),
        (b"0" * (MOST_BYTES + 1), "image/png"),
    ],
)
async def test_what_is_no_small_picture_is_none(body: bytes, kind: str) -> None:
    async with pictures_at(body, kind) as address:
        assert await GuardedPictures(("127.0.0.1",)).fetch(address) is None
