"""WordPress before the contract suite; what the recorded comments mean is written by hand."""

from __future__ import annotations

import aiohttp
from pydantic import HttpUrl

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
from bot.model.network import IncomingItem, Leg, RemoteAuthor, Watch
from bot.model.publication import OutgoingText, ReplyTarget
from bot.ports import Clock, Connector
from integrations.definition import Surroundings
from integrations.wordpress import NETWORK
from integrations.wordpress.settings import WordPressSettings
from tests.contract.connector_case import ConnectorCase, Fault
from tests.contract.connectors.wordpress.fake import PASSWORD, TOKEN, USER, fake_wordpress
from tests.fakes.clock import START


class EmptyVault:
    async def load(self) -> str | None:
        return None

    async def save(self, secret: str) -> None:
        raise AssertionError("WordPress has no sessions to keep")


def connect(url: str, http: aiohttp.ClientSession, clock: Clock) -> Connector:
    settings = WordPressSettings(
        url=HttpUrl(url),
        user=USER,
        application_password=SecretRef(env="UNUSED"),
        timeout_seconds=0.3,
    )
    secrets = {"application_password": PASSWORD}
    return NETWORK.connect(settings, Surroundings(http, clock, EmptyVault(), secrets, "blog"))


WRITTEN = Moment(1_795_374_979_000)
"""2026-11-22T19:16:19Z"""
POST = RemoteId("post:1")
PAGE = "https://blog.example.test/our-new-kettle/"
ANA = RemoteAuthor(RemoteId("guest:ffc4b5d8fdf3544b"), "Ana Marin", "Ana Marin")
ION = RemoteAuthor(RemoteId("guest:7a92aa12b17e9f13"), "Ion", "Ion")
ZOE = RemoteAuthor(RemoteId("guest:d9e4f6f336b4c1c5"), "Zoë 😀", "Zoë 😀")
BRAND = RemoteAuthor(RemoteId("user:2"), "Brand", "Brand")
TITLE = "Our new kettle"

EXPECTED = (
    IncomingItem(
        remote_id=RemoteId("comment:2"),
        kind=ItemKind.COMMENT,
        author=ANA,
        text="Where is my order 1234? It's two weeks late & nobody answers <3",
        published_at=WRITTEN,
        permalink=f"{PAGE}#comment-2",
        thread_remote_id=POST,
        thread_title=TITLE,
        hints={"status": "approved"},
    ),
    IncomingItem(
        remote_id=RemoteId("comment:3"),
        kind=ItemKind.COMMENT,
        author=ION,
        text='Love it!\nSecond line & bold "quotes" https://example.com/x',
        published_at=WRITTEN,
        permalink=f"{PAGE}#comment-3",
        thread_remote_id=POST,
        thread_title=TITLE,
        hints={"status": "hold"},
    ),
    IncomingItem(
        remote_id=RemoteId("comment:4"),
        kind=ItemKind.REPLY,
        author=ZOE,
        text="مرحبا 😀 Tom & Jerry",
        published_at=WRITTEN,
        permalink=f"{PAGE}#comment-4",
        parent_remote_id=RemoteId("comment:2"),
        thread_remote_id=POST,
        thread_title=TITLE,
        hints={"status": "approved"},
    ),
    IncomingItem(
        remote_id=RemoteId("comment:5"),
        kind=ItemKind.REPLY,
        author=BRAND,
        text="Hi <b> & it's \\ back\\\\slash [gallery] 😀\n\nsecond para\u200b",
        published_at=WRITTEN,
        permalink=f"{PAGE}#comment-5",
        parent_remote_id=RemoteId("comment:2"),
        thread_remote_id=POST,
        thread_title=TITLE,
        by_us=True,
        hints={"status": "approved"},
    ),
)

REPLY = OutgoingText(
    text="Sorry, Ana & all! <3 It's on its way: https://example.com/?a=1&b=2\nYours, Olga",
    at=START,
    seed=bytes(range(16)),
    language="en",
    target=ReplyTarget(
        remote_id=RemoteId("comment:2"),
        thread_remote_id=POST,
        author_remote_id=ANA.remote_id,
        author_handle=ANA.handle,
        hints={"status": "approved"},
    ),
)

CASE = ConnectorCase(
    network="wordpress",
    start=lambda: fake_wordpress(Moment(START + 2_000)),
    connect=connect,
    leg=Leg("comments"),
    watch=Watch(),
    expected=EXPECTED,
    reply=REPLY,
    secrets=(PASSWORD, TOKEN),
    # A list of comments cannot be gone, and a GET whose kept connection breaks is asked again by
    # aiohttp, unnoticed and harmless.
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
