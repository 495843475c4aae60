"""The socket of one feed: it is read, politely and through the guard, and never written."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass, replace

import aiohttp
from yarl import URL

from bot.errors import Rejected, Unavailable
from bot.model.draft import normalised
from bot.model.ids import Monotonic, NetworkName, RemoteId
from bot.model.network import (
    Batch,
    Capabilities,
    Capability,
    Cursor,
    Identity,
    IncomingItem,
    Leg,
    Observation,
    ReadBack,
    Unsupported,
    Watch,
)
from bot.model.publication import (
    LengthReport,
    OutgoingText,
    Prepared,
    Receipt,
    Staged,
)
from bot.ports import Clock
from integrations.definition import Surroundings
from integrations.guard import guarded_session, refusal
from integrations.rss.errors import check
from integrations.rss.reading import Entry, Feed, observe, parse_feed
from integrations.rss.settings import RssSettings
from integrations.wire import Answer, Wire

NAME = NetworkName("rss")
FEED = Leg("feed")
READ_ONLY = "A feed can only be read; answer on the page that the entry links to."
_SEEN_AT_LEAST = 200
_SEEN_AT_MOST = 5_000

CAPABILITIES = Capabilities(
    network=NAME,
    title="RSS",
    can=frozenset({Capability.READ}),
    cannot={
        capability: READ_ONLY for capability in Capability if capability is not Capability.READ
    },
    legs={FEED: 300},
    read_back=ReadBack.NONE,
    requests_per_minute=6,
)


@dataclass(frozen=True, slots=True)
class _Place:
    """What a feed's server wants to hear next time, and the digests of entries already told.

    Feeds have no cursor and drop old entries, so what was seen is remembered: twice the length of
    the feed at least, newest last.
    """

    etag: str = ""
    modified: str = ""
    seen: tuple[str, ...] = ()


class RssConnector:
    """Owns its guarded session, made at the first request and released by `close`."""

    def __init__(
        self, settings: RssSettings, clock: Clock, allow_private_hosts: tuple[str, ...]
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._address = URL(str(settings.url))
        self._allowed = (self._address.host or "", *allow_private_hosts)
        self._http: aiohttp.ClientSession | None = None

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    async def verify(self) -> Identity:
        """The feed's own title and page; nobody's token is needed to read it."""
        feed = await self._parsed(await self._get(_Place()))
        shown = self._address.with_user(None).with_query(None)
        return Identity(
            RemoteId(str(shown)), self._address.host or str(shown), feed.title, feed.link
        )

    async def fetch(self, leg: Leg, since: Cursor | None, watch: Watch) -> Batch:
        place = _Place(**json.loads(since)) if since else _Place()
        answer = await self._get(place)
        if answer.status == 304:
            return Batch(())
        feed = await self._parsed(answer)
        told = self._fresh(feed, frozenset(place.seen), (*self._settings.keywords, *watch.keywords))
        return Batch(told, Cursor(json.dumps(asdict(_after(place, answer, feed)))))

    def prepare(self, text: OutgoingText) -> Prepared:
        length = LengthReport(len(normalised(text.text)), 0, "characters", READ_ONLY)
        return Prepared(NAME, 1, {}, text.seed.hex(), length)

    async def publish(
        self, prepared: Prepared, staged: Staged | None, deadline: Monotonic
    ) -> Receipt:
        raise Rejected(READ_ONLY)

    async def find(self, prepared: Prepared) -> Receipt | None:
        """Nothing of ours was ever sent."""
        return None

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    def _fresh(
        self, feed: Feed, seen: frozenset[str], keywords: tuple[str, ...]
    ) -> tuple[Observation, ...]:
        """Entries not told before, oldest first; those without a date in the feed's order."""
        now = self._clock.now()
        fresh = [
            observe(entry, feed, self._settings.kind, now)
            for entry in reversed(feed.entries)
            if _digest(entry) not in seen
            and (isinstance(entry, Unsupported) or entry.says_one_of(keywords))
        ]
        return tuple(sorted(fresh, key=_when))

    async def _parsed(self, answer: Answer) -> Feed:
        content_type = answer.headers.get("content-type", "")
        address = str(self._address)
        return await asyncio.to_thread(parse_feed, answer.body, content_type, address)

    async def _get(self, place: _Place) -> Answer:
        try:
            answer = await self._wire().call("GET", str(self._address), headers=_conditions(place))
        except Unavailable as error:
            refused = refusal(error)
            if refused is None:
                raise
            raise Unavailable(
                f"The feed was not read: {refused.host} leads to the private address "
                f"{refused.address}. If you trust it, add the host to allow_private_hosts."
            ) from error
        return check(answer, self._clock.now())

    def _wire(self) -> Wire:
        if self._http is None:
            self._http = guarded_session(self._allowed)
        return Wire(
            self._http,
            self._clock,
            str(self._address.origin()),
            title="The feed",
            timeout=self._settings.timeout_seconds,
        )


def _conditions(place: _Place) -> dict[str, str]:
    headers = {
        "Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5",
        "User-Agent": "replydesk (feed reader)",
    }
    if place.etag:
        headers["If-None-Match"] = place.etag
    if place.modified:
        headers["If-Modified-Since"] = place.modified
    return headers


def _after(place: _Place, answer: Answer, feed: Feed) -> _Place:
    present = tuple(dict.fromkeys(_digest(entry) for entry in reversed(feed.entries)))
    now_present = frozenset(present)
    room = min(_SEEN_AT_MOST, max(_SEEN_AT_LEAST, 2 * len(present)))
    older = tuple(digest for digest in place.seen if digest not in now_present)
    return replace(
        place,
        etag=answer.headers.get("etag", ""),
        modified=answer.headers.get("last-modified", ""),
        seen=(*older, *present)[-max(room, len(present)) :],
    )


def _digest(entry: Entry | Unsupported) -> str:
    return entry.digest if isinstance(entry, Entry) else entry.payload[:64]


def _when(observation: Observation) -> int:
    return observation.published_at if isinstance(observation, IncomingItem) else 0


def connect(settings: RssSettings, surroundings: Surroundings) -> RssConnector:
    return RssConnector(settings, surroundings.clock, surroundings.allow_private_hosts)
