"""Channels of the team's chats."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from bot.model.channel import Channel, Place, Route, Shows
from bot.model.ids import BrandId, ChannelId, MemberId
from bot.model.item import ItemKind
from bot.model.pace import AT_ONCE, Pace
from bot.model.triage import Risk
from bot.store.connection import Connection
from bot.store.schema import channel
from bot.store.statement import Statement
from bot.store.stored_pace import pace_from_json, pace_to_json

_USED = channel.c.is_active.is_(True)
_SHARED = channel.c.member_id.is_(None)
_ALL_OF_BRAND = Statement(
    select(channel)
    .where(channel.c.brand_id == bindparam("brand_id"), _USED, _SHARED)
    .order_by(channel.c.id)
)
_DIRECT = Statement(
    select(channel)
    .where(channel.c.brand_id == bindparam("brand_id"), _USED, channel.c.member_id.is_not(None))
    .order_by(channel.c.id)
)
_END_DIRECT = Statement(
    update(channel)
    .where(
        channel.c.brand_id == bindparam("b_brand"),
        channel.c.slug == bindparam("b_slug"),
        channel.c.member_id.is_not(None),
    )
    .values(is_active=False)
)
_OF_BRAND = Statement(_ALL_OF_BRAND.core.where(channel.c.is_suspended.is_(False)))
_GET = Statement(select(channel).where(channel.c.id == bindparam("id")))
_AT = Statement(
    select(channel).where(
        channel.c.chat == bindparam("chat"),
        channel.c.address == bindparam("address"),
        channel.c.is_active.is_(True),
    )
)
_OF_CHAT = Statement(select(channel).where(channel.c.chat == bindparam("chat"), _USED, _SHARED))
_MOVE = Statement(
    update(channel)
    .where(channel.c.chat == bindparam("b_chat"), channel.c.address == bindparam("b_old"))
    .values(address=bindparam("b_new"), is_suspended=False)
)
_SUSPEND = Statement(
    update(channel)
    .where(
        channel.c.chat == bindparam("b_chat"),
        channel.c.address == bindparam("b_address"),
        channel.c.is_suspended != bindparam("b_suspended"),
    )
    .values(is_suspended=bindparam("b_suspended"), trouble="")
)
_NAME = Statement(
    update(channel)
    .where(
        channel.c.brand_id == bindparam("b_brand"),
        channel.c.chat == bindparam("b_chat"),
        channel.c.address == bindparam("b_address"),
        channel.c.topic == bindparam("b_topic"),
        channel.c.from_file.is_(False),
    )
    .values(slug=bindparam("b_slug"))
)
_SAY = Statement(
    update(channel)
    .where(channel.c.id == bindparam("b_id"), channel.c.trouble != bindparam("b_trouble"))
    .values(trouble=bindparam("b_trouble"))
)


class Channels:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def of_brand(self, brand_id: BrandId) -> list[Channel]:
        """Those in which something may land, in the order in which they were added."""
        return [_channel(r) for r in self._c.execute(_OF_BRAND, {"brand_id": brand_id})]

    def all_of_brand(self, brand_id: BrandId) -> list[Channel]:
        """As `of_brand`, and those that we were removed from."""
        return [_channel(r) for r in self._c.execute(_ALL_OF_BRAND, {"brand_id": brand_id})]

    def direct(self, brand_id: BrandId) -> list[Channel]:
        """Conversations with one member each, which no route leads to."""
        return [_channel(r) for r in self._c.execute(_DIRECT, {"brand_id": brand_id})]

    def end_direct(self, brand_id: BrandId, slug: str) -> None:
        self._c.execute(_END_DIRECT, {"b_brand": brand_id, "b_slug": slug})

    def of_chat(self, chat: str) -> list[Channel]:
        """Those in use in one chat, of all brands."""
        return [_channel(r) for r in self._c.execute(_OF_CHAT, {"chat": chat})]

    def get(self, channel_id: ChannelId) -> Channel:
        return _channel(self._c.execute(_GET, {"id": channel_id}).one())

    def at(self, chat: str, address: str) -> list[Channel]:
        """The channels in use of a chat's own channel id: one for each topic."""
        return [_channel(r) for r in self._c.execute(_AT, {"chat": chat, "address": address})]

    def save(
        self, brand_id: BrandId, slug: str, values: Mapping[str, Any], *, from_file: bool
    ) -> None:
        """Make or change a channel; `values` are columns, as `columns_of` spells them."""
        mine = (channel.c.brand_id == brand_id) & (channel.c.slug == slug)
        new = {**values, "is_active": True, "from_file": from_file}
        if self._c.execute(update(channel).where(mine).values(new)).rowcount == 0:
            self._c.execute(insert(channel).values(brand_id=brand_id, slug=slug, **new))

    def retire_unlisted(self, brand_id: BrandId, slugs: Collection[str]) -> None:
        """What left the configuration gets no cards any more."""
        gone = (
            (channel.c.brand_id == brand_id)
            & channel.c.from_file.is_(True)
            & channel.c.slug.not_in(list(slugs))
        )
        self._c.execute(update(channel).where(gone).values(is_active=False))

    def suspend(self, chat: str, address: str, *, is_suspended: bool) -> bool:
        """We are not in it any more, or are again. True when that is news."""
        terms = {"b_chat": chat, "b_address": address, "b_suspended": is_suspended}
        return bool(self._c.execute(_SUSPEND, terms).rowcount)

    def name(self, brand_id: BrandId, slug: str, chat: str, place: Place) -> None:
        """Call a channel that was set up as the configuration does, which names it now too."""
        known = select(channel.c.id).where(channel.c.brand_id == brand_id, channel.c.slug == slug)
        if self._c.execute(known).scalar() is None:
            terms = {"b_brand": brand_id, "b_slug": slug, "b_chat": chat}
            here = {"b_address": place.channel, "b_topic": place.topic}
            self._c.execute(_NAME, terms | here)

    def slugs(self, brand_id: BrandId) -> set[str]:
        """All that were ever given."""
        given = select(channel.c.slug).where(channel.c.brand_id == brand_id)
        return set(self._c.execute(given).scalars())

    def move(self, chat: str, old: str, new: str) -> None:
        """The chat gave a channel another id."""
        self._c.execute(_MOVE, {"b_chat": chat, "b_old": old, "b_new": new})

    def say_trouble(self, channel_id: ChannelId, trouble: str) -> bool:
        """What keeps cards from being posted there, '' for nothing. True when that is news."""
        terms = {"b_id": channel_id, "b_trouble": trouble}
        return self._c.execute(_SAY, terms).rowcount == 1


def columns_of(
    chat: str,
    place: Place,
    *,
    title: str,
    shows: Collection[Shows],
    routes: Collection[Route],
    reads: Collection[str] = (),
    threads: bool = True,
    private: bool | None = None,
    pace: Pace = AT_ONCE,
) -> dict[str, Any]:
    """A channel as the columns of its row."""
    return {
        "chat": chat,
        "address": place.channel,
        "topic": place.topic,
        "title": title,
        "language": place.language,
        "zone": place.zone,
        "shows": sorted(shows),
        "reads": " ".join(reads),
        "threads": threads,
        "private": private,
        "pace": pace_to_json(pace),
        "routes": [
            {
                "accounts": list(route.accounts),
                "kinds": list(route.kinds),
                "languages": list(route.languages),
                "risks": list(route.risks),
                "labels": list(route.labels),
            }
            for route in routes
        ],
    }


def _channel(r: Any) -> Channel:
    return Channel(
        id=ChannelId(r.id),
        brand_id=BrandId(r.brand_id),
        slug=r.slug,
        chat=r.chat,
        place=Place(r.address, r.topic, r.language, r.zone),
        title=r.title,
        shows=frozenset(Shows(one) for one in r.shows),
        routes=tuple(_route(one) for one in r.routes),
        trouble=r.trouble,
        from_file=bool(r.from_file),
        is_suspended=bool(r.is_suspended),
        reads=tuple(r.reads.split()),
        threads=bool(r.threads),
        private=None if r.private is None else bool(r.private),
        pace=pace_from_json(r.pace),
        member_id=None if r.member_id is None else MemberId(r.member_id),
    )


def _route(raw: Mapping[str, Any]) -> Route:
    return Route(
        accounts=tuple(raw["accounts"]),
        kinds=tuple(ItemKind(kind) for kind in raw["kinds"]),
        languages=tuple(raw["languages"]),
        risks=tuple(Risk(risk) for risk in raw["risks"]),
        # rows of an older release have none
        labels=tuple(raw.get("labels", ())),
    )
