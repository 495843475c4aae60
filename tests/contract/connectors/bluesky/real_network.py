"""Before a real Bluesky network: the brand's connector, and people who know nothing of our code."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import aiohttp

from bot.coordination.clock import SystemClock
from bot.errors import OutcomeUnknown, RateLimited, Unavailable, UnexpectedResponse
from bot.model.account import SecretRef
from bot.model.ids import Monotonic
from bot.model.network import IncomingItem, Leg, Watch
from bot.model.publication import OutgoingText, Prepared, Receipt, ReplyTarget, Staged
from integrations.bluesky.connector import BlueskyConnector, connect
from integrations.bluesky.legs import NOTIFICATIONS
from integrations.bluesky.settings import BlueskySettings
from integrations.definition import Surroundings
from tests.contract.connectors.bluesky.case import MemoryVault
from tests.peers.servers import BlueskyAccount, BlueskyPeer

POST = "app.bsky.feed.post"
CLOCK = SystemClock()
numbers = itertools.count(1)
Strong = dict[str, str]
T = TypeVar("T")


@asynccontextmanager
async def brand(
    peer: BlueskyPeer,
    *,
    through: str = "",
    vault: MemoryVault | None = None,
    app_password: str | None = None,
    seconds: float = 10.0,
) -> AsyncIterator[BlueskyConnector]:
    """`through` is a proxy; the DID document would lead past it."""
    settings = BlueskySettings(
        handle=peer.brand.handle,
        app_password=SecretRef(env="UNUSED"),
        service=through or peer.pds,
        pds=through,
        timeout_seconds=seconds,
    )
    async with aiohttp.ClientSession() as http:
        connector = connect(
            settings,
            Surroundings(
                http=http,
                clock=CLOCK,
                vault=vault or MemoryVault(),
                secrets={"app_password": app_password or str(peer.brand.app_password)},
                slug="bluesky",
            ),
        )
        assert isinstance(connector, BlueskyConnector)
        yield connector


class Person:
    """Somebody with the official API and no knowledge of our code."""

    def __init__(self, http: aiohttp.ClientSession, pds: str, did: str, token: str) -> None:
        self._http = http
        self._pds = pds
        self.did = did
        self._token = token

    async def call(self, method: str, nsid: str, params: Any = None, body: Any = None) -> Any:
        async with self._http.request(
            method,
            f"{self._pds}/xrpc/{nsid}",
            params=params,
            json=body,
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=aiohttp.ClientTimeout(total=10),
        ) as response:
            return await response.json()

    async def post(self, text: str, **more: Any) -> Strong:
        """Write a post and wait until the AppView shows it: a reply before that notifies nobody."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        record = {"$type": POST, "text": text, "createdAt": now, **more}
        body = {"repo": self.did, "collection": POST, "record": record}
        made = await self.call("POST", "com.atproto.repo.createRecord", body=body)
        uri = made["uri"]

        async def shown() -> bool:
            return bool((await self.call("GET", "app.bsky.feed.getPosts", {"uris": uri}))["posts"])

        await eventually(shown)
        return {"uri": uri, "cid": made["cid"]}

    async def inbox(self) -> list[dict[str, Any]]:
        page = await self.call("GET", "app.bsky.notification.listNotifications", {"limit": "100"})
        return list(page["notifications"])

    async def texts(self) -> list[str]:
        params = {"repo": self.did, "collection": POST, "limit": "100"}
        page = await self.call("GET", "com.atproto.repo.listRecords", params)
        return [record["value"]["text"] for record in page["records"]]


@asynccontextmanager
async def person(peer: BlueskyPeer, account: BlueskyAccount) -> AsyncIterator[Person]:
    async with (
        aiohttp.ClientSession() as http,
        http.post(
            f"{peer.pds}/xrpc/com.atproto.server.createSession",
            json={"identifier": account.handle, "password": account.password},
        ) as response,
    ):
        session = await response.json()
        yield Person(http, peer.pds, account.did, session["accessJwt"])


async def eventually(holds: Callable[[], Awaitable[T]], seconds: float = 15.0) -> T:
    """The AppView follows its data servers with a delay of its own."""
    end = CLOCK.monotonic() + seconds
    while True:
        found = await holds()
        if found or CLOCK.monotonic() > end:
            assert found, "it did not happen in time"
            return found
        await asyncio.sleep(0.1)


def soon() -> Monotonic:
    return Monotonic(CLOCK.monotonic() + 10)


def unique(words: str) -> str:
    return f"{words} ({next(numbers)}-{secrets.token_hex(4)})"


def answer_to(item: IncomingItem, text: str) -> OutgoingText:
    target = ReplyTarget(
        remote_id=item.remote_id,
        thread_remote_id=item.thread_remote_id or item.remote_id,
        author_remote_id=item.author.remote_id,
        author_handle=item.author.handle,
        hints=item.hints,
    )
    return OutgoingText(text, CLOCK.now(), secrets.token_bytes(16), "en", target)


async def heard(
    connector: BlueskyConnector, text: str, leg: Leg = NOTIFICATIONS, watch: Watch | None = None
) -> IncomingItem:
    """The item with this text, as soon as a leg brings it."""

    async def found() -> IncomingItem | None:
        batch = await connector.fetch(leg, None, watch or Watch())
        items = [one for one in batch.observations if isinstance(one, IncomingItem)]
        return next((item for item in items if item.text == text), None)

    item = await eventually(found)
    assert item is not None
    return item


async def commented(connector: BlueskyConnector, owner: Person, fan: Person) -> IncomingItem:
    """A fan's reply to a new post of the brand, as the desk hears it."""
    root = await owner.post(unique("Our spring menu is here"))
    text = unique("The cake arrived squashed")
    await fan.post(text, reply={"root": root, "parent": root})
    return await heard(connector, text)


async def delivered(
    connector: BlueskyConnector, prepared: Prepared, staged: Staged | None = None
) -> tuple[Receipt, list[str]]:
    """As the publisher does: look before anything is repeated. Also the troubles on the way."""
    troubles: list[str] = []
    for _ in range(4):
        try:
            return await connector.publish(prepared, staged, soon()), troubles
        except (Unavailable, RateLimited) as error:
            troubles.append(type(error).__name__)
        except (OutcomeUnknown, UnexpectedResponse) as error:
            troubles.append(type(error).__name__)
            found = await connector.find(prepared)
            if found is not None:
                return found, [*troubles, "found"]
    raise AssertionError(f"it never arrived: {troubles}")
