"""What a front end must know again after a restart, by the chat's own channel id and a name."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import bindparam, delete, select

from bot.store.connection import Connection
from bot.store.schema import chat_note
from bot.store.statement import Statement
from bot.store.upsert import Upsert

_HERE = (
    (chat_note.c.chat == bindparam("b_chat"))
    & (chat_note.c.address == bindparam("b_address"))
    & (chat_note.c.name == bindparam("b_name"))
)
_READ = Statement(select(chat_note.c.value).where(_HERE))
_FORGET = Statement(delete(chat_note).where(_HERE))
_NAMED = Statement(
    select(chat_note.c.chat, chat_note.c.address, chat_note.c.value).where(
        chat_note.c.name == bindparam("name")
    )
)


_WRITE = Upsert(
    chat_note,
    lambda made: made.on_conflict_do_update(
        index_elements=["chat", "address", "name"], set_={"value": made.excluded.value}
    ),
)


class ChatNotes:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def read(self, chat: str, address: str, name: str) -> str:
        """Empty when there is none."""
        found = self._c.execute(_READ, _keys(chat, address, name)).first()
        return "" if found is None else str(found.value)

    def write(self, chat: str, address: str, name: str, value: str) -> None:
        """An empty value forgets."""
        if not value:
            self._c.execute(_FORGET, _keys(chat, address, name))
            return
        row = {"chat": chat, "address": address, "name": name, "value": value}
        self._c.execute(_WRITE[self._c.dialect.name], row)

    def named(self, name: str) -> Mapping[tuple[str, str], str]:
        """(chat, channel id) -> value, of all notes with this name."""
        return {(r.chat, r.address): r.value for r in self._c.execute(_NAMED, {"name": name})}


def _keys(chat: str, address: str, name: str) -> dict[str, str]:
    return {"b_chat": chat, "b_address": address, "b_name": name}
