"""What Bluesky brings to the contract suite."""

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
from bot.model.network import IncomingItem, RemoteAuthor, Watch
from bot.model.publication import OutgoingText, ReplyTarget
from bot.ports import Clock, Connector
from integrations.bluesky import NETWORK
from integrations.bluesky.legs import NOTIFICATIONS
from integrations.bluesky.settings import BlueskySettings
from integrations.definition import Surroundings
from tests.contract.connector_case import ConnectorCase, Fault
from tests.contract.connectors.bluesky.fake import APP_PASSWORD, BRAND, FAN, HANDLE, running_bluesky

ROOT = RemoteId(f"at://{BRAND}/app.bsky.feed.post/3n2wdoejsf222")
COMPLAINT = RemoteId(f"at://{FAN}/app.bsky.feed.post/3n2wdoekqns22")
SECOND = RemoteId(f"at://{FAN}/app.bsky.feed.post/3n2wdoelf6222")
MENTION = RemoteId(f"at://{FAN}/app.bsky.feed.post/3n2wdoelus222")
QUOTE = RemoteId(f"at://{FAN}/app.bsky.feed.post/3n2wdoemxx222")
ROOT_CID = "bafyreigulgz7r5rrv5sgrcd4huh7qw72ckqxvbgauadpmasamrizykurfq"
COMPLAINT_CID = "bafyreiaf53nkjydg4k2yq5a2qkapqu6afz2zabe7vgbijwf6lon2c7vpbq"
TITLE = "Our spring menu is here: twelve new cakes, baked every morning."
AUTHOR = RemoteAuthor(RemoteId(FAN), "fan.test", "", "https://bsky.app/profile/fan.test")


class MemoryVault:
    def __init__(self, kept: str | None = None) -> None:
        self.kept = kept

    async def load(self) -> str | None:
        return self.kept

    async def save(self, secret: str) -> None:
        self.kept = secret


def connected(
    url: str,
    http: aiohttp.ClientSession,
    clock: Clock,
    *,
    vault: MemoryVault | None = None,
    app_password: str = APP_PASSWORD,
    pds: str = "",
    private_hosts: tuple[str, ...] = (),
) -> Connector:
    settings = BlueskySettings(
        handle=HANDLE,
        app_password=SecretRef(env="BLUESKY_APP_PASSWORD"),
        service=url,
        pds=pds,
        timeout_seconds=0.4,
    )
    surroundings = Surroundings(
        http=http,
        clock=clock,
        vault=vault or MemoryVault(),
        secrets={"app_password": app_password},
        slug="bluesky",
        allow_private_hosts=private_hosts,
    )
    return NETWORK.connect(settings, surroundings)


EXPECTED = (
    IncomingItem(
        remote_id=COMPLAINT,
        kind=ItemKind.COMMENT,
        author=AUTHOR,
        text="The lemon cake arrived squashed and nobody answers the phone 😡",
        published_at=Moment(1795375395000),
        permalink="https://bsky.app/profile/fan.test/post/3n2wdoekqns22",
        parent_remote_id=ROOT,
        thread_remote_id=ROOT,
        thread_title=TITLE,
        hints={"cid": COMPLAINT_CID, "root_uri": ROOT, "root_cid": ROOT_CID},
    ),
    IncomingItem(
        remote_id=SECOND,
        kind=ItemKind.REPLY,
        author=AUTHOR,
        text="And it is the second time!",
        published_at=Moment(1795375395022),
        permalink="https://bsky.app/profile/fan.test/post/3n2wdoelf6222",
        parent_remote_id=COMPLAINT,
        thread_remote_id=ROOT,
        thread_title=TITLE,
        hints={
            "cid": "bafyreicbbglaao2ugau3rcdhb6ejlad7fmdystjd4upu4mjl4jj5uw7etq",
            "root_uri": ROOT,
            "root_cid": ROOT_CID,
        },
    ),
    IncomingItem(
        remote_id=MENTION,
        kind=ItemKind.MENTION,
        author=AUTHOR,
        text="👨‍👩‍👧‍👦 hi @brand.test, do you open on Sunday?",
        published_at=Moment(1795375395037),
        permalink="https://bsky.app/profile/fan.test/post/3n2wdoelus222",
        hints={"cid": "bafyreicncbovj4pf3dm55ektcis6l4udijnw5pvb5vtpegsubb3dhi7ada"},
    ),
    IncomingItem(
        remote_id=QUOTE,
        kind=ItemKind.MENTION,
        author=AUTHOR,
        text="Look at this menu",
        published_at=Moment(1795375395074),
        permalink="https://bsky.app/profile/fan.test/post/3n2wdoemxx222",
        media=(
            RemoteMedia(
                url="https://cdn.example/img/feed_thumbnail/plain/did:plc:fan2fan2fan2fan2fan2"
                "fan2/bafkreibsed6hqogm3kykhiq3lwcjqj24pk7gsmflxmcz5h63je43xkgc7u",
                alt_text="A table full of cakes",
            ),
        ),
        hints={"cid": "bafyreian3hbtmwdqxi2ey47jodwhgeidqacaraiadhviti7lhjcnlo2huu"},
    ),
)

TARGET = ReplyTarget(
    remote_id=COMPLAINT,
    thread_remote_id=ROOT,
    author_remote_id=RemoteId(FAN),
    author_handle="fan.test",
    hints={"cid": COMPLAINT_CID, "root_uri": ROOT, "root_cid": ROOT_CID},
)
REPLY = OutgoingText(
    text="We are sorry! A new cake is on its way to you.",
    at=Moment(1795375400000),
    seed=bytes(range(16)),
    language="en",
    target=TARGET,
)

CASE = ConnectorCase(
    network="bluesky",
    start=running_bluesky,
    connect=connected,
    leg=NOTIFICATIONS,
    watch=Watch(own_posts=(ROOT,)),
    expected=EXPECTED,
    reply=REPLY,
    secrets=(APP_PASSWORD, "access-token-1", "refresh-token-1"),
    # An inbox cannot be gone, so GONE is a fault of writing only.
    reads={
        Fault.UNAUTHORIZED: AuthenticationFailed,
        Fault.FORBIDDEN: PermissionMissing,
        Fault.RATE_LIMITED: RateLimited,
        Fault.REJECTED: Rejected,
        Fault.SERVER_ERROR: Unavailable,
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
