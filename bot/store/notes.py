"""Notes of the team about items."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from bot.model.ids import BrandId, ItemId, MemberId, Moment, NoteId
from bot.model.note import Note
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.schema import note
from bot.store.statement import Statement

_ADD = Statement(insert(note).returning(note.c.id))
_GET = Statement(select(note).where(note.c.id == bindparam("id")))
_AT = Statement(select(note).where(note.c.origin == bindparam("origin")))
_SAY = Statement(update(note).where(note.c.id == bindparam("b_id")))
_DROP = Statement(delete(note).where(note.c.id == bindparam("id")))
_OF_ITEMS = ByKeys(select(note), note.c.item_id)


class Notes:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def add(self, written: Note) -> NoteId:
        """Its id is the one returned, whatever `written` says."""
        values = {
            "brand_id": written.brand_id,
            "item_id": written.item_id,
            "member_id": written.member_id,
            "text": written.text,
            "at": written.at,
            "origin": written.origin or None,
        }
        return NoteId(self._c.execute(_ADD, values).scalar_one())

    def maybe(self, number: NoteId) -> Note | None:
        """None once it was taken back or forgotten."""
        row = self._c.execute(_GET, {"id": number}).first()
        return None if row is None else _note(row)

    def at(self, origin: str) -> Note | None:
        """What somebody wrote there."""
        row = self._c.execute(_AT, {"origin": origin}).first()
        return None if row is None else _note(row)

    def of_items(self, items: Collection[ItemId]) -> dict[ItemId, list[Note]]:
        """Of each, oldest first."""
        found: dict[ItemId, list[Note]] = {}
        for row in sorted(_OF_ITEMS.rows(self._c, items, {}), key=lambda r: r.id):
            found.setdefault(ItemId(row.item_id), []).append(_note(row))
        return found

    def say(self, number: NoteId, text: str) -> None:
        """Other words; whoever decides holds the lock of the card."""
        self._c.execute(_SAY, {"b_id": number, "text": text})

    def drop(self, number: NoteId) -> None:
        self._c.execute(_DROP, {"id": number})


def _note(r: Any) -> Note:
    return Note(
        id=NoteId(r.id),
        brand_id=BrandId(r.brand_id),
        item_id=ItemId(r.item_id),
        member_id=MemberId(r.member_id),
        text=r.text,
        at=Moment(r.at),
        origin=r.origin or "",
    )
