"""WordPress itself: what the connector believes of it, and that no lost answer doubles a reply."""

from __future__ import annotations

import itertools
import secrets
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from pydantic import HttpUrl

from bot.coordination.clock import SystemClock
from bot.errors import (
    AuthenticationFailed,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    TargetGone,
    Unavailable,
    UnexpectedResponse,
)
from bot.model.commands import ModerationAction
from bot.model.draft import normalised
from bot.model.ids import MediaHash, Monotonic, RemoteId
from bot.model.media import OwnMedia
from bot.model.network import Batch, Cursor, IncomingItem, Leg, Removal, Watch
from bot.model.publication import (
    OutgoingText,
    Prepared,
    Receipt,
    ReplyTarget,
    Staged,
    Visibility,
)
from integrations.definition import Surroundings
from integrations.rss import NETWORK as RSS
from integrations.rss.connector import RssConnector
from integrations.rss.settings import RssSettings
from integrations.wordpress.connector import WordPressConnector
from integrations.wordpress.site import WordPressSite
from tests.fakes.lost_answer_proxy import LostAnswerProxy, Mode
from tests.peers.servers import WordPressPeer

COMMENTS, CHANGES = Leg("comments"), Leg("changes")
WATCH = Watch()
numbers = itertools.count(1)


CLOCK = SystemClock()


class NoVault:
    async def load(self) -> str | None:
        return None

    async def save(self, secret: str) -> None:
        raise AssertionError("nothing to keep")


@asynccontextmanager
async def brand(
    peer: WordPressPeer, url: str = "", seconds: float = 15.0
) -> AsyncIterator[WordPressConnector]:
    async with aiohttp.ClientSession() as http:
        site = WordPressSite(
            http,
            CLOCK,
            url or peer.url,
            user=peer.user,
            password=peer.application_password,
            timeout=seconds,
        )
        yield WordPressConnector(site)


async def say(peer: WordPressPeer, text: str, author: str = "Ana") -> str:
    """A visitor fills in the form below the post; returns the text, made unique."""
    unique = f"{text} ({next(numbers)}-{secrets.token_hex(3)})"
    form = {
        "comment_post_ID": str(peer.post_id),
        "author": author,
        "email": "ana@example.test",
        "comment": unique,
        "comment_parent": "0",
    }
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{peer.url}/wp-comments-post.php", data=form, allow_redirects=False) as answer,
    ):
        assert answer.status == 302, await answer.text()
    return unique


async def everything(
    connector: WordPressConnector, leg: Leg = COMMENTS, since: Cursor | None = None
) -> list[Batch]:
    batches = [await connector.fetch(leg, since, WATCH)]
    while batches[-1].more:
        batches.append(await connector.fetch(leg, batches[-1].cursor, WATCH))
    return batches


async def items(connector: WordPressConnector) -> list[IncomingItem]:
    return [
        observation
        for batch in await everything(connector)
        for observation in batch.observations
        if isinstance(observation, IncomingItem)
    ]


async def said(connector: WordPressConnector, text: str) -> IncomingItem:
    return next(item for item in await items(connector) if item.text == text)


async def answers(connector: WordPressConnector, item: IncomingItem) -> list[IncomingItem]:
    return [each for each in await items(connector) if each.parent_remote_id == item.remote_id]


def target(item: IncomingItem) -> ReplyTarget:
    assert item.thread_remote_id is not None
    return ReplyTarget(
        item.remote_id,
        item.thread_remote_id,
        item.author.remote_id,
        item.author.handle,
        item.hints,
    )


def reply(item: IncomingItem, text: str) -> OutgoingText:
    return OutgoingText(text, CLOCK.now(), secrets.token_bytes(16), target=target(item))


async def publish(connector: WordPressConnector, prepared: Prepared) -> Receipt:
    return await connector.publish(prepared, None, Monotonic(CLOCK.monotonic() + 20))


async def publish_as_the_desk_does(
    connector: WordPressConnector, prepared: Prepared
) -> tuple[Receipt, list[ConnectorError]]:
    """Wait and send again when nothing was sent; look first when it may have been."""
    troubles: list[ConnectorError] = []
    for _ in range(4):
        try:
            return await publish(connector, prepared), troubles
        except (Unavailable, RateLimited) as error:
            troubles.append(error)
        except (OutcomeUnknown, UnexpectedResponse) as error:
            troubles.append(error)
            found = await connector.find(prepared)
            if found is not None:
                return found, troubles
    raise AssertionError(f"never published: {troubles}")


async def test_a_visitors_comment_is_answered_once_and_both_are_read_back(
    wordpress_peer: WordPressPeer,
) -> None:
    async with brand(wordpress_peer) as connector:
        identity = await connector.verify()
        assert identity.handle == wordpress_peer.user
        comment = await said(connector, await say(wordpress_peer, 'It\'s <3 & "late"'))
        assert comment.thread_title == "Our new kettle"
        assert not comment.by_us
        text = "Sorry, Ana & <b>all</b>!\n\nSee https://example.com/?a=1&b=2 \\o/ 😀 [gallery]"
        prepared = connector.prepare(reply(comment, text))
        assert await connector.find(prepared) is None
        receipt = await publish(connector, prepared)
        assert receipt.visibility is Visibility.VISIBLE
        assert await connector.find(prepared) == receipt
        (answer,) = await answers(connector, comment)
    assert answer.by_us
    assert answer.text == text
    assert answer.remote_id == receipt.remote_id
    assert answer.permalink == receipt.permalink


@pytest.mark.parametrize(
    ("mode", "trouble"),
    [
        (Mode.PASS, None),
        (Mode.DROP_AFTER_FORWARD, OutcomeUnknown),
        (Mode.DROP_BEFORE_FORWARD, OutcomeUnknown),
        (Mode.ERROR_500, OutcomeUnknown),
        (Mode.ERROR_500_AFTER_FORWARD, OutcomeUnknown),
        (Mode.SLOW, None),
        (Mode.DELAY_BEYOND_TIMEOUT, OutcomeUnknown),
        (Mode.TOO_MANY_REQUESTS, RateLimited),
        (Mode.CLOSE_AFTER_HEADERS, OutcomeUnknown),
    ],
)
@pytest.mark.parametrize(
    "text", ["We are looking into it.", "Back\\slash, which WordPress doubles"]
)
async def test_however_the_answer_is_lost_one_reply_stands(
    wordpress_peer: WordPressPeer, mode: Mode, trouble: type[ConnectorError] | None, text: str
) -> None:
    comment_text = await say(wordpress_peer, "Where is my parcel?")
    async with (
        LostAnswerProxy(wordpress_peer.url, mode=mode) as proxy,
        brand(wordpress_peer, proxy.url, seconds=2.0) as connector,
    ):
        comment = await said(connector, comment_text)
        prepared = connector.prepare(reply(comment, text))
        receipt, troubles = await publish_as_the_desk_does(connector, prepared)
    assert [type(each) for each in troubles] == ([trouble] if trouble else [])
    async with brand(wordpress_peer) as connector:
        (answer,) = await answers(connector, comment)
        assert await connector.find(prepared) == receipt
    assert answer.text == text
    assert answer.remote_id == receipt.remote_id


async def test_a_reply_sent_twice_by_mistake_is_noticed(wordpress_peer: WordPressPeer) -> None:
    async with brand(wordpress_peer) as connector:
        comment = await said(connector, await say(wordpress_peer, "Hello?"))
        prepared = connector.prepare(reply(comment, "Hello!"))
        await publish(connector, prepared)
        with pytest.raises(OutcomeUnknown):
            await publish(connector, prepared)
        assert len(await answers(connector, comment)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "\u202eשלום\u202c \u200b\u2060 a\u00a0b",
        "<script>alert(1)</script> <!channel> &lt;i&gt; &nbsp;",
        "nul \x00 and escape \x1b[31m",
        "lone \ud83d surrogate",
        "👨‍👩‍👧‍👦 e\u0301 x\u0336",
        "tabs\tand   spaces\n\n\n\nand lines\r\nend",
        'quotes " \' `code` %s {0} $1 \\n \\" \\\\',
        "ä" * 30_000,
    ],
)
async def test_whatever_the_text_it_is_found_again(
    wordpress_peer: WordPressPeer, text: str
) -> None:
    async with brand(wordpress_peer) as connector:
        comment = await said(connector, await say(wordpress_peer, "Say anything"))
        prepared = connector.prepare(reply(comment, text))
        assert prepared.length.fits
        receipt = await publish(connector, prepared)
        assert await connector.find(prepared) == receipt
        (answer,) = await answers(connector, comment)
    kept = "".join(each for each in normalised(text) if each >= " " or each in "\n\t")
    assert answer.text.split() == kept.split()


async def test_a_text_as_long_as_the_column_fits_and_one_byte_more_does_not(
    wordpress_peer: WordPressPeer,
) -> None:
    async with brand(wordpress_peer) as connector:
        comment = await said(connector, await say(wordpress_peer, "Write me a novel"))
        fitting = connector.prepare(reply(comment, "x" * 65_525))
        assert fitting.length.fits
        await publish(connector, fitting)
        longer = connector.prepare(reply(comment, "y" * 65_526))
        assert not longer.length.fits
        with pytest.raises(Rejected):
            await publish(connector, longer)


async def test_a_comment_that_is_gone_is_not_answered(wordpress_peer: WordPressPeer) -> None:
    async with brand(wordpress_peer) as connector:
        comment = await said(connector, await say(wordpress_peer, "Never mind"))
        await connector.moderate(ModerationAction.DELETE, target(comment))
        await connector.moderate(ModerationAction.DELETE, target(comment))
        with pytest.raises(TargetGone):
            await publish(connector, connector.prepare(reply(comment, "We do mind")))
        assert not await answers(connector, comment)


async def test_changes_tell_of_hiding_spam_trash_and_return(wordpress_peer: WordPressPeer) -> None:
    async with brand(wordpress_peer) as connector:
        comment = await said(connector, await say(wordpress_peer, "Buy cheap pills"))
        cursor = (await connector.fetch(CHANGES, None, WATCH)).cursor
        for action, seen in (
            (ModerationAction.HIDE, ()),
            (ModerationAction.HIDE, ()),
            (ModerationAction.UNHIDE, ()),
            (ModerationAction.SPAM, (Removal(comment.remote_id),)),
            (ModerationAction.UNHIDE, (comment,)),
            (ModerationAction.DELETE_OWN, (Removal(comment.remote_id),)),
        ):
            await connector.moderate(action, target(comment))
            batch = await connector.fetch(CHANGES, cursor, WATCH)
            assert batch.observations == seen, action
            cursor = batch.cursor


async def test_new_comments_are_read_from_where_the_cursor_stands(
    wordpress_peer: WordPressPeer,
) -> None:
    async with brand(wordpress_peer) as connector:
        cursor = (await everything(connector))[-1].cursor
        assert not (await connector.fetch(COMMENTS, cursor, WATCH)).observations
        told = [await say(wordpress_peer, "One of many", author=f"Fan {n}") for n in range(25)]
        batches = await everything(connector, since=cursor)
        seen = [item for batch in batches for item in batch.observations]
        assert [item.text for item in seen if isinstance(item, IncomingItem)] == told


async def test_a_wrong_password_says_what_to_do(wordpress_peer: WordPressPeer) -> None:
    async with aiohttp.ClientSession() as http:
        site = WordPressSite(
            http, CLOCK, wordpress_peer.url, user="brand", password="no", timeout=15.0
        )
        with pytest.raises(AuthenticationFailed, match="application password"):
            await WordPressConnector(site).verify()


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


async def post_as_the_desk_does(
    connector: WordPressConnector, prepared: Prepared, staged: Staged, mode: Mode
) -> Receipt:
    deadline = Monotonic(CLOCK.monotonic() + 20)
    if mode is Mode.PASS:
        return await connector.publish(prepared, staged, deadline)
    with pytest.raises(OutcomeUnknown):
        await connector.publish(prepared, staged, deadline)
    found = await connector.find(prepared)
    assert found is not None
    return found


@pytest.mark.parametrize("mode", [Mode.PASS, Mode.DROP_AFTER_FORWARD, Mode.DELAY_BEYOND_TIMEOUT])
async def test_a_post_with_a_picture_stands_once_however_its_answer_is_lost(
    wordpress_peer: WordPressPeer, mode: Mode
) -> None:
    data = picture()
    red = OwnMedia(MediaHash("ab" * 32), "image/png", 'A "red" point & more', len(data))
    post = OutgoingText(
        "Winter [gallery] <b>sale</b>\n\nFrom Monday.\nAll week.",
        CLOCK.now(),
        secrets.token_bytes(16),
        media=(red,),
    )
    async with (
        LostAnswerProxy(wordpress_peer.url) as proxy,
        brand(wordpress_peer, proxy.url, seconds=3.0) as connector,
    ):
        prepared = connector.prepare(post)
        staged = await connector.stage(prepared, [data])
        assert await connector.stage(prepared, [data]) == staged
        assert await connector.find(prepared) is None
        proxy.arm(mode)
        receipt = await post_as_the_desk_does(connector, prepared, staged, mode)
        assert await connector.find(prepared) == receipt
        async with aiohttp.ClientSession() as http, http.get(receipt.permalink) as page:
            shown = await page.text()
        ours = ReplyTarget(receipt.remote_id, receipt.remote_id, RemoteId(""), "")
        for _ in range(2):
            await connector.moderate(ModerationAction.DELETE_OWN, ours)
        found = await connector.find(prepared)
        assert found is not None, "in the trash it is still ours"
        assert found.visibility is Visibility.HELD
    assert page.status == 200
    assert "<b>sale" not in shown
    assert "[gallery]" in shown.replace("&#91;", "[").replace("&#93;", "]")
    assert "From Monday.<br" in shown
    assert f'src="{staged.refs[red.hash]["source_url"]}"' in shown


async def test_its_feed_is_read_once_and_then_not_modified(wordpress_peer: WordPressPeer) -> None:
    text = await say(wordpress_peer, "Read me in the feed")
    settings = RssSettings(url=HttpUrl(f"{wordpress_peer.url}/?feed=comments-rss2"))
    async with aiohttp.ClientSession() as http:
        feed = RSS.connect(settings, Surroundings(http, CLOCK, NoVault(), {}, "feed"))
        assert isinstance(feed, RssConnector)
        try:
            identity = await feed.verify()
            assert "brand" in identity.display_name
            first = await feed.fetch(Leg("feed"), None, WATCH)
            newest = first.observations[-1]
            assert isinstance(newest, IncomingItem)
            assert text in newest.text
            again = await feed.fetch(Leg("feed"), first.cursor, WATCH)
        finally:
            await feed.close()
    assert again == Batch(())
