"""Mastodon before the contract suite; what the fixtures mean is written by hand."""

from __future__ import annotations

import aiohttp

from bot.errors import (
    AuthenticationFailed,
    OutcomeUnknown,
    PermissionMissing,
    RateLimited,
    Rejected,
    TargetGone,
    Unavailable,
    UnexpectedResponse,
)
from bot.model.account import SecretRef
from bot.model.ids import Moment, RemoteId
from bot.model.item import ItemKind
from bot.model.media import RemoteMedia
from bot.model.network import IncomingItem, Leg, RemoteAuthor, Watch
from bot.model.publication import OutgoingText, ReplyTarget
from bot.ports import Clock
from integrations.definition import Surroundings
from integrations.mastodon import NETWORK
from integrations.mastodon.connector import MastodonConnector
from integrations.mastodon.settings import MastodonSettings
from tests.contract.connector_case import ConnectorCase, Fault
from tests.contract.connectors.mastodon.fake import TOKEN, fake_mastodon
from tests.fakes.clock import START


class EmptyVault:
    async def load(self) -> str | None:
        return None

    async def save(self, secret: str) -> None:
        raise AssertionError("Mastodon has no sessions to keep")


def connected(
    url: str, http: aiohttp.ClientSession, clock: Clock, *, token: str = TOKEN, seconds: float = 0.3
) -> MastodonConnector:
    settings = MastodonSettings(
        base_url=url,
        access_token=SecretRef(env="UNUSED"),
        hashtags=("coffee",),
        timeout_seconds=seconds,
    )
    around = Surroundings(http, clock, EmptyVault(), {"access_token": token}, "fediverse")
    connector = NETWORK.connect(settings, around)
    assert isinstance(connector, MastodonConnector)
    return connector


MORNING = 1_795_334_400_000
"""2026-11-22T08:00:00Z"""
POST = RemoteId("115590000000000001")
COMPLAINT = RemoteId("115590000000000002")
BRAND = RemoteAuthor(
    RemoteId("109000000000000001"),
    "acme@social.example.test",
    "Acme Coffee",
    "https://social.example.test/@acme",
    5200,
)
ADA = RemoteAuthor(
    RemoteId("109000000000000002"),
    "ada@far.example.test",
    "Ada Byron",
    "https://far.example.test/@ada",
    41,
)
BEN = RemoteAuthor(
    RemoteId("109000000000000003"),
    "ben@social.example.test",
    "Ben",
    "https://social.example.test/@ben",
    7,
)
TITLE = "Our winter roast is here. #coffee"

ADAS = IncomingItem(
    remote_id=COMPLAINT,
    kind=ItemKind.COMMENT,
    author=ADA,
    text="@acme@social.example.test my order 1234 never came & nobody answers <3\n"
    "see https://far.example.test/orders/1234?from=mail",
    published_at=Moment(MORNING + 300_000),
    permalink="https://far.example.test/@ada/115590000000000002",
    parent_remote_id=POST,
    thread_remote_id=POST,
    thread_title=TITLE,
    hints={"visibility": "public", "acct": "ada@far.example.test", "language": "en"},
)
BENS = IncomingItem(
    remote_id=RemoteId("115590000000000003"),
    kind=ItemKind.MENTION,
    author=BEN,
    text="broken things\n\nLook what @acme@social.example.test sent me\n\n"
    "Thanks @ada@far.example.test for the tip!",
    published_at=Moment(MORNING + 390_250),
    permalink="https://social.example.test/@ben/115590000000000003",
    media=(RemoteMedia("https://files.example.test/small/cup.png", "A broken cup", True),),
    hints={
        "visibility": "unlisted",
        "acct": "ben",
        "spoiler_text": "broken things",
        "language": "en",
    },
)
PRIVATE = IncomingItem(
    remote_id=RemoteId("115590000000000004"),
    kind=ItemKind.MESSAGE,
    author=BEN,
    text="@acme@social.example.test my phone number is 555-0100",
    published_at=Moment(MORNING + 420_000),
    permalink="https://social.example.test/@ben/115590000000000004",
    hints={"visibility": "direct", "acct": "ben"},
)
QUIET = IncomingItem(
    remote_id=RemoteId("115590000000000005"),
    kind=ItemKind.REPLY,
    author=BEN,
    text="Same here, no parcel",
    published_at=Moment(MORNING + 480_000),
    permalink="https://social.example.test/@ben/115590000000000005",
    parent_remote_id=COMPLAINT,
    thread_remote_id=POST,
    thread_title=TITLE,
    hints={"visibility": "public", "acct": "ben", "language": "en"},
)
OURS = IncomingItem(
    remote_id=RemoteId("115590000000000006"),
    kind=ItemKind.REPLY,
    author=BRAND,
    text="We are looking into it.",
    published_at=Moment(MORNING + 540_000),
    permalink="https://social.example.test/@acme/115590000000000006",
    parent_remote_id=COMPLAINT,
    thread_remote_id=POST,
    thread_title=TITLE,
    by_us=True,
    hints={"visibility": "public", "acct": "acme", "language": "en"},
)

TARGET = ReplyTarget(
    remote_id=COMPLAINT,
    thread_remote_id=POST,
    author_remote_id=ADA.remote_id,
    author_handle=ADA.handle,
    hints=ADAS.hints,
)
REPLY = OutgoingText(
    text="@ada@far.example.test Sorry, Ada & all! <3 It's on its way:\n"
    "https://acme.example.test/?a=1&b=2\n\nYours, Olga",
    at=START,
    seed=bytes(range(16)),
    language="en",
    target=TARGET,
)

CASE = ConnectorCase(
    network="mastodon",
    start=lambda: fake_mastodon(Moment(START + 2_000)),
    connect=connected,
    leg=Leg("notifications"),
    watch=Watch(own_posts=(POST,)),
    expected=(ADAS, BENS, PRIVATE),
    reply=REPLY,
    secrets=(TOKEN,),
    # A list of notifications cannot be gone, and a GET whose kept connection breaks is asked
    # again by aiohttp, unnoticed and harmless.
    reads={
        Fault.UNAUTHORIZED: AuthenticationFailed,
        Fault.FORBIDDEN: PermissionMissing,
        Fault.RATE_LIMITED: RateLimited,
        Fault.REJECTED: Rejected,
        Fault.SERVER_ERROR: Unavailable,
        Fault.SLOW_AFTER_ACTING: Unavailable,
        Fault.GARBAGE: UnexpectedResponse,
    },
    writes={
        Fault.UNAUTHORIZED: AuthenticationFailed,
        Fault.FORBIDDEN: PermissionMissing,
        Fault.RATE_LIMITED: RateLimited,
        Fault.REJECTED: Rejected,
        Fault.GONE: TargetGone,
        Fault.SERVER_ERROR: OutcomeUnknown,
        Fault.SERVER_ERROR_AFTER_ACTING: OutcomeUnknown,
        Fault.RESET_AFTER_ACTING: OutcomeUnknown,
        Fault.SLOW_AFTER_ACTING: OutcomeUnknown,
        Fault.GARBAGE: UnexpectedResponse,
    },
)
