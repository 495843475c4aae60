"""A feed before the contract suite; what the recorded one means is written by hand."""

from __future__ import annotations

import hashlib

import aiohttp
from pydantic import HttpUrl

from bot.errors import (
    AuthenticationFailed,
    PermissionMissing,
    RateLimited,
    TargetGone,
    Unavailable,
    UnexpectedResponse,
)
from bot.model.ids import Moment, RemoteId
from bot.model.item import ItemKind
from bot.model.network import IncomingItem, Leg, RemoteAuthor, Watch
from bot.ports import Clock, Connector
from integrations.definition import Surroundings
from integrations.rss import NETWORK
from integrations.rss.settings import RssSettings
from tests.contract.connector_case import ConnectorCase, Fault
from tests.contract.connectors.rss.fake import fake_feed


class NoVault:
    async def load(self) -> str | None:
        raise AssertionError("a feed has no session")

    async def save(self, secret: str) -> None:
        raise AssertionError("a feed has no session")


def connect(url: str, http: aiohttp.ClientSession, clock: Clock) -> Connector:
    settings = RssSettings(url=HttpUrl(url), kind=ItemKind.COMMENT, timeout_seconds=0.3)
    return NETWORK.connect(settings, Surroundings(http, clock, NoVault(), {}, "blog-feed"))


FEED = "Comments for The brand's blog"
TITLE = "Comment on Our new kettle by "
PAGE = "https://blog.example.test/our-new-kettle/"
TO_ANA = f"In reply to Ana Marin ({PAGE}#comment-2)."


def _entry(number: int, name: str, text: str, published_at: int) -> IncomingItem:
    author = f"author:{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    return IncomingItem(
        remote_id=RemoteId(f"https://blog.example.test/?p=1#comment-{number}"),
        kind=ItemKind.COMMENT,
        author=RemoteAuthor(RemoteId(author), name, name),
        text=f"{TITLE}{name}\n\n{text}",
        published_at=Moment(published_at),
        permalink=f"{PAGE}#comment-{number}",
        thread_title=FEED,
    )


FIRST = 1_795_374_979_000
"""2026-11-22T19:16:19Z"""
EXPECTED = (
    _entry(
        5,
        "Brand",
        f"{TO_ANA}\n\nHi <b> & it’s \\ back\\\\slash [gallery] 😀\n\nsecond para\u200b",
        FIRST,
    ),
    _entry(4, "Zoë 😀", f"{TO_ANA}\n\nمرحبا 😀 Tom & Jerry", FIRST),
    _entry(3, "Ion", "Love it!\nSecond line & bold “quotes” https://example.com/x", FIRST),
    _entry(
        2, "Ana Marin", "Where is my order 1234? It’s two weeks late & nobody answers <3", FIRST
    ),
    _entry(7, "Brand", f"{TO_ANA}\n\nSorry, Ana & all!", FIRST + 411_000),
)

CASE = ConnectorCase(
    network="rss",
    start=fake_feed,
    connect=connect,
    leg=Leg("feed"),
    watch=Watch(),
    expected=EXPECTED,
    reply=None,
    secrets=(),
    # A feed's server understands and refuses nothing in the sense of REJECTED. A GET whose kept
    # connection breaks is asked again by aiohttp, unnoticed and harmless.
    reads={
        Fault.UNAUTHORIZED: AuthenticationFailed,
        Fault.FORBIDDEN: PermissionMissing,
        Fault.RATE_LIMITED: RateLimited,
        Fault.GONE: TargetGone,
        Fault.SERVER_ERROR: Unavailable,
        Fault.SLOW_AFTER_ACTING: Unavailable,
        Fault.GARBAGE: UnexpectedResponse,
    },
    writes={},
)
