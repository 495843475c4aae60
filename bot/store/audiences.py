"""Who reads each channel of the chats that can tell; what none is asked about is open to the desk.

Of its people only those are kept whom the desk knows.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, exists, select

from bot.model.audience import Audience, Sight
from bot.model.channel import Shows
from bot.model.ids import BrandId, ChannelId, IncidentId, ItemId, MemberId, Moment, PeakId
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.schema import (
    audience,
    audience_member,
    channel,
    chat_identity,
    incident,
    item,
    member,
    peak,
)
from bot.store.seen import incident_is_seen, item_is_seen, peak_is_seen, seen_by
from bot.store.statement import Statement
from bot.store.upsert import Upsert

_HERE = (audience.c.chat == channel.c.chat) & (audience.c.address == channel.c.address)
_INSIDE = (
    exists()
    .where(
        audience_member.c.chat == channel.c.chat,
        audience_member.c.address == channel.c.address,
        chat_identity.c.chat == audience_member.c.chat,
        chat_identity.c.user == audience_member.c.user,
        chat_identity.c.member_id == bindparam("member_id"),
    )
    .correlate(channel)
)
_READ_BY = Statement(
    select(
        channel.c.id,
        channel.c.shows,
        channel.c.private,
        audience.c.is_open,
        _INSIDE.label("inside"),
    )
    .select_from(channel.outerjoin(audience, _HERE))
    .where(channel.c.brand_id == bindparam("brand_id"))
)
_PEOPLE = Statement(
    select(chat_identity.c.user)
    .join(member, member.c.id == chat_identity.c.member_id)
    .where(chat_identity.c.chat == bindparam("chat"), member.c.is_active.is_(True))
    .order_by(chat_identity.c.user)
)
_PUT = Upsert(
    audience,
    lambda told: told.on_conflict_do_update(
        index_elements=["chat", "address"],
        set_={"is_open": told.excluded.is_open, "told_at": told.excluded.told_at},
    ),
)
_BEGIN = Upsert(audience, lambda begun: begun.on_conflict_do_nothing())
_ENTER = Upsert(audience_member, lambda entered: entered.on_conflict_do_nothing())
_OF = (audience_member.c.chat == bindparam("b_chat")) & (
    audience_member.c.address == bindparam("b_address")
)
_EMPTY = Statement(delete(audience_member).where(_OF))
_LEAVE = Statement(
    delete(audience_member).where(_OF, audience_member.c.user == bindparam("b_user"))
)
_FOLLOWED = Statement(
    select(audience.c.chat).where(
        audience.c.chat == bindparam("chat"), audience.c.address == bindparam("address")
    )
)
_ITEMS = ByKeys(select(item.c.id).where(item_is_seen()), item.c.id)
_INCIDENTS = ByKeys(select(incident.c.id).where(incident_is_seen()), incident.c.id)
_PEAKS = ByKeys(select(peak.c.id).where(peak_is_seen()), peak.c.id)


@dataclass(frozen=True, slots=True)
class ReadBy:
    """A channel as somebody stands to it. `is_open` None: nobody is asked who reads it."""

    id: ChannelId
    shows_items: bool
    private: bool | None
    """What the configuration says, if it says anything."""
    is_open: bool | None
    inside: bool


class Audiences:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def channels(self, brand_id: BrandId, member_id: MemberId | None) -> list[ReadBy]:
        """All channels that the brand ever had; nobody in particular is inside of none."""
        rows = self._c.execute(_READ_BY, {"brand_id": brand_id, "member_id": member_id})
        return [_read_by(r) for r in rows]

    def people(self, chat: str) -> list[str]:
        """Whom the desk knows there, by the chat's own ids."""
        return [str(r.user) for r in self._c.execute(_PEOPLE, {"chat": chat})]

    def put(self, chat: str, address: str, told: Audience, at: Moment) -> None:
        here = {"chat": chat, "address": address}
        dialect = self._c.dialect.name
        self._c.execute(_PUT[dialect], here | {"is_open": told.is_open, "told_at": at})
        self._c.execute(_EMPTY, {"b_chat": chat, "b_address": address})
        for user in sorted(told.inside):
            self._c.execute(_ENTER[dialect], here | {"user": user})

    def begin(self, chat: str, address: str, at: Moment) -> None:
        """Its chat will tell; until it does nobody reads it. What was told already stays."""
        row = {"chat": chat, "address": address, "is_open": False, "told_at": at}
        self._c.execute(_BEGIN[self._c.dialect.name], row)

    def is_followed(self, chat: str, address: str) -> bool:
        """Whether its chat is asked who reads it."""
        here = {"chat": chat, "address": address}
        return self._c.execute(_FOLLOWED, here).first() is not None

    def enter(self, chat: str, address: str, user: str) -> None:
        terms = {"chat": chat, "address": address, "user": user}
        self._c.execute(_ENTER[self._c.dialect.name], terms)

    def leave(self, chat: str, address: str, user: str) -> None:
        self._c.execute(_LEAVE, {"b_chat": chat, "b_address": address, "b_user": user})

    # What is seen from there

    def items(self, ids: Collection[ItemId], sight: Sight) -> set[ItemId]:
        """Those of these items that they may see."""
        return {ItemId(r.id) for r in _ITEMS.rows(self._c, ids, seen_by(sight))}

    def incidents(self, ids: Collection[IncidentId], sight: Sight) -> set[IncidentId]:
        return {IncidentId(r.id) for r in _INCIDENTS.rows(self._c, ids, seen_by(sight))}

    def peaks(self, ids: Collection[PeakId], sight: Sight) -> set[PeakId]:
        return {PeakId(r.id) for r in _PEAKS.rows(self._c, ids, seen_by(sight))}


def _read_by(r: Any) -> ReadBy:
    return ReadBy(
        ChannelId(r.id),
        Shows.ITEMS.value in r.shows,
        None if r.private is None else bool(r.private),
        None if r.is_open is None else bool(r.is_open),
        bool(r.inside),
    )
