"""The picture of the post that a comment stands under is on its card, in every chat."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.cards.card import Card, Picture, Untrusted
from bot.model.ids import RemoteId
from bot.model.item import ItemKind
from bot.model.media import RemoteMedia
from bot.model.network import IncomingItem, Watch
from handlers.console.limits import IN_CHANNEL
from handlers.console.render import Reading as ConsoleReading
from handlers.console.render import Renderer
from handlers.telegram.frontend import preview_of
from handlers.telegram.markup import Reading
from handlers.telegram.render import Drawing, drawn
from integrations.bluesky.legs import NOTIFICATIONS, THREADS
from tests.contract.connectors.bluesky.case import ROOT
from tests.contract.connectors.mastodon.case import POST
from tests.contract.connectors.mastodon.fake import recorded
from tests.fakes import sample_cards
from tests.fakes.console import browsing
from tests.fakes.desk import FakeDesk
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk
from tests.fakes.sample_cards import NOW
from tests.fakes.slack_server import SlackServer
from tests.unit.test_bluesky_reading import _network
from tests.unit.test_mastodon_reading import INBOX, desk, everything
from tests.unit.test_mastodon_reading import THREADS as MASTODON_THREADS
from tests.unit.test_posts import approve, composed, picture
from tests.unit.test_their_pictures import ADDRESS, Fetches, posted, with_picture

ZONE = ZoneInfo("UTC")
POSTS = "https://files.example/post.png"
TEA = RemoteMedia(POSTS, "A cup of tea")
THREAD = RemoteId("post-1")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    async with opened_desk(desk_address(request, tmp_path, request.param)) as kit:
        yield kit


def under(card: Card, *, is_sensitive: bool = False) -> Card:
    """The same, under a post with two pictures."""
    media = Picture(
        2, "A cup of tea", f"/pictures/{card.key}/post?p=1", is_sensitive=is_sensitive, remote=POSTS
    )
    return replace(card, context=(Untrusted("Under our post"),), context_media=media)


async def shown(kit: DeskKit, number: int) -> Picture:
    media = (await kit.card_of(number)).context_media
    assert media is not None
    return media


async def test_a_comment_brings_the_picture_of_its_post(kit: DeskKit) -> None:
    item = await kit.comment(thread_media=(TEA, TEA))
    media = await shown(kit, item)
    assert (media.count, media.alt_text, media.remote) == (2, "A cup of tea", POSTS)
    assert media.url.startswith(f"/pictures/{await kit.token_of(item)}/post?p=")
    assert await shown(kit, await kit.comment("And mine?")) is not None
    other = await kit.comment("Another post", thread_remote_id=RemoteId("post-2"))
    assert (await kit.card_of(other)).context_media is None


async def test_a_post_of_ours_that_was_written_there_has_its_picture(kit: DeskKit) -> None:
    post: dict[str, Any] = {"kind": ItemKind.POST, "by_us": True, "remote_id": THREAD}
    item = await kit.comment()
    await kit.take(kit.incoming("Tea.", thread_remote_id=None, media=(TEA,), **post))
    assert (await shown(kit, item)).remote == POSTS


async def test_a_post_that_left_from_here_shows_ours_and_then_the_networks_too(
    kit: DeskKit,
) -> None:
    """The console has our own bytes; chats fetch from the network, once it tells where."""
    pictures = await picture(kit)
    card = await composed(kit, pictures=pictures)
    await approve(kit, card)
    await kit.pass_time(60)
    (publication,) = kit.network.visible
    remote_id = RemoteId(publication.remote_id)
    item = await kit.comment(thread_remote_id=remote_id, thread_title="Tea is ready.")
    media = await shown(kit, item)
    assert (media.url, media.remote) == (f"/media/{pictures[0].hash}", "")
    assert media.alt_text == pictures[0].alt_text
    post: dict[str, Any] = {"kind": ItemKind.POST, "by_us": True, "remote_id": remote_id}
    await kit.take(kit.incoming("Tea is ready.", thread_remote_id=None, media=(TEA,), **post))
    media = await shown(kit, item)
    assert (media.url, media.remote) == (f"/media/{pictures[0].hash}", POSTS)


async def test_who_is_forgotten_leaves_no_picture_of_their_post(kit: DeskKit) -> None:
    root = await kit.comment("My post", remote_id=THREAD, thread_remote_id=None, media=(TEA,))
    item = await kit.comment("An answer", thread_media=(TEA,))
    assert (await kit.card_of(item)).context_media is not None
    await kit.do(lambda tx: tx.erasures.items([root]))
    assert (await kit.card_of(item)).context_media is None


async def test_slack_shows_it_beside_its_line_and_the_comments_below() -> None:
    slack = SlackServer()
    blocks = await posted(slack, under(with_picture()))
    [section] = [one for one in blocks if one["type"] == "section"]
    image = {"type": "image", "image_url": POSTS, "alt_text": "A cup of tea"}
    assert section["accessory"] == image
    assert "2 pictures: A cup of tea" in str(section["text"])
    [comments] = [one for one in blocks if one["type"] == "image"]
    assert comments["image_url"] == ADDRESS
    assert slack.complaints == []


async def test_a_post_whose_picture_slack_cannot_fetch_keeps_its_line() -> None:
    blocks = await posted(SlackServer(fetches_pictures=False), under(sample_cards.waiting()))
    assert "2 pictures: A cup of tea" in str(blocks)
    assert POSTS not in str(blocks)


async def test_a_sensitive_picture_of_a_post_is_a_link() -> None:
    card = under(sample_cards.waiting(), is_sensitive=True)
    blocks = str(await posted(SlackServer(), card))
    assert ("accessory" in blocks, POSTS in blocks) == (False, True)
    message = drawn(card, Drawing(Reading(NOW, ZONE)))
    assert f'<a href="{POSTS}">Show it</a>' in message.html
    assert preview_of(message).is_disabled
    html = str(Renderer().card(card, ConsoleReading(NOW, ZONE, IN_CHANNEL)))
    assert html.index("<summary>Show it</summary><img") < html.index("</details>")


def test_telegram_shows_it_above_the_text_and_links_it_beside_the_comments_own() -> None:
    alone = drawn(under(sample_cards.waiting()), Drawing(Reading(NOW, ZONE)))
    preview = preview_of(alone)
    assert (preview.url, preview.show_above_text) == (POSTS, True)
    assert "2 pictures: A cup of tea" in alone.html
    assert POSTS not in alone.html
    both = drawn(under(with_picture()), Drawing(Reading(NOW, ZONE)))
    preview = preview_of(both)
    assert (preview.url, preview.show_above_text) == (ADDRESS, False)
    assert f'<a href="{POSTS}">Show it</a>' in both.html


async def test_the_console_shows_it_through_us() -> None:
    fetches, card = Fetches(), under(with_picture())
    html = str(Renderer().card(card, ConsoleReading(NOW, ZONE, IN_CHANNEL)))
    assert f'<img src="/pictures/{card.key}/post?p=1"' in html
    assert html.index("/post?p=1") < html.index(f"/pictures/{card.key}?r=1")
    async with browsing(FakeDesk([card, sample_cards.published()]), fetches=fetches) as browser:
        await browser.open()
        assert (await browser.get(f"/pictures/{card.key}/post?p=1")).status == 200
        assert (await browser.get(f"/pictures/{sample_cards.published().key}/post")).status == 404
    assert fetches.asked == [POSTS]


async def test_mastodon_tells_the_pictures_of_a_thread() -> None:
    cup = recorded("statuses")[2]["media_attachments"][0]
    async with desk() as (connector, fake):
        fake.statuses[0] = {**fake.statuses[0], "media_attachments": [cup], "sensitive": True}
        for leg in (INBOX, MASTODON_THREADS):
            told, _ = await everything(connector, leg, None)
            items = [one for one in told if isinstance(one, IncomingItem)]
            below = [one for one in items if one.thread_remote_id == POST]
            assert below
            small = RemoteMedia(cup["preview_url"], "A broken cup", is_sensitive=True)
            assert {one.thread_media for one in below} == {(small,)}


async def test_bluesky_tells_the_pictures_of_a_thread() -> None:
    image = {"thumb": "https://cdn.example/t", "fullsize": "https://cdn.example/f", "alt": "Tea"}
    embed = {"$type": "app.bsky.embed.images#view", "images": [image]}
    async with _network() as (fake, connector):
        fake.posts[ROOT] = {**fake.posts[ROOT], "embed": embed}
        assert fake.thread is not None
        fake.thread["post"] = {**fake.thread["post"], "embed": embed}
        for leg in (NOTIFICATIONS, THREADS):
            batch = await connector.fetch(leg, None, Watch(own_posts=(ROOT,)))
            items = [one for one in batch.observations if isinstance(one, IncomingItem)]
            below = [one for one in items if one.thread_remote_id == ROOT]
            assert below
            assert {one.thread_media for one in below} == {
                (RemoteMedia("https://cdn.example/t", "Tea"),)
            }
