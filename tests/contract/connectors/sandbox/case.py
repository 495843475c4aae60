"""What the contract suite expects of the sandbox connector, written by hand."""

from __future__ import annotations

from types import MappingProxyType

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
from bot.model.network import IncomingItem, Leg, RemoteAuthor, Watch
from bot.model.publication import OutgoingText, ReplyTarget
from bot.ports import Clock, Connector
from integrations.definition import Surroundings
from integrations.sandbox.connector import connect
from integrations.sandbox.settings import SandboxSettings
from tests.contract.connector_case import ConnectorCase, Fault
from tests.contract.connectors.sandbox.fake import PUBLIC_URL, TOKEN, start
from tests.fakes.clock import START

HOOK_SECRET = "hook-secret-77aa10"
TITLE = "Spring tea boxes are on their way!"


class NoVault:
    async def load(self) -> str | None:
        return None

    async def save(self, secret: str) -> None:
        raise AssertionError("the sandbox has no sessions")


def connect_to(url: str, http: aiohttp.ClientSession, clock: Clock) -> Connector:
    settings = SandboxSettings(
        base_url=url,
        token=SecretRef(env="SANDBOX_TOKEN"),
        hook_secret=SecretRef(env="SANDBOX_HOOK_SECRET"),
        timeout_seconds=0.5,
    )
    secrets = MappingProxyType({"token": TOKEN, "hook_secret": HOOK_SECRET})
    return connect(settings, Surroundings(http, clock, NoVault(), secrets, "sandbox"))


def _author(user: str, name: str, handle: str, followers: int) -> RemoteAuthor:
    return RemoteAuthor(RemoteId(user), handle, name, "", followers)


EXPECTED = (
    IncomingItem(
        remote_id=RemoteId("c1"),
        kind=ItemKind.COMMENT,
        author=_author("maya", "Maya Chen", "maya.brews", 312),
        text="My box arrived broken. Can you replace it?",
        published_at=Moment(1_789_993_600_000),
        permalink=f"{PUBLIC_URL}#c1",
        parent_remote_id=RemoteId("p1"),
        thread_remote_id=RemoteId("p1"),
        thread_title=TITLE,
    ),
    IncomingItem(
        remote_id=RemoteId("c2"),
        kind=ItemKind.REPLY,
        author=_author("katya", "Катя Соколова", "katya.tea", 2_045),
        text="У меня тоже! <b>Что делать?</b>",
        published_at=Moment(1_789_993_660_000),
        permalink=f"{PUBLIC_URL}#c2",
        parent_remote_id=RemoteId("c1"),
        thread_remote_id=RemoteId("p1"),
        thread_title=TITLE,
    ),
    IncomingItem(
        remote_id=RemoteId("c3"),
        kind=ItemKind.REPLY,
        author=_author("acme", "Acme Tea", "acme_tea", 48_200),
        text="Катя, напишите нам номер заказа.",
        published_at=Moment(1_789_993_720_000),
        permalink=f"{PUBLIC_URL}#c3",
        parent_remote_id=RemoteId("c2"),
        thread_remote_id=RemoteId("p1"),
        thread_title=TITLE,
        by_us=True,
    ),
)

CASE = ConnectorCase(
    network="sandbox",
    start=start,
    connect=connect_to,
    leg=Leg("comments"),
    watch=Watch(),
    expected=EXPECTED,
    reply=OutgoingText(
        text="We are so sorry, Maya! A new box leaves today.",
        at=START,
        seed=b"sixteen bytes ok",
        target=ReplyTarget(RemoteId("c1"), RemoteId("p1"), RemoteId("maya"), "maya.brews"),
    ),
    secrets=(TOKEN, HOOK_SECRET),
    reads={
        Fault.UNAUTHORIZED: AuthenticationFailed,
        Fault.FORBIDDEN: PermissionMissing,
        Fault.RATE_LIMITED: RateLimited,
        Fault.REJECTED: Rejected,
        Fault.GONE: TargetGone,
        Fault.SERVER_ERROR: Unavailable,
        Fault.SERVER_ERROR_AFTER_ACTING: Unavailable,
        # no RESET_AFTER_ACTING: the HTTP client repeats a read when a kept connection drops
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
