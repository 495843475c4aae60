"""What machines made of texts, kept with the item that it belongs to and erased with it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, select

from bot.model.ids import ItemId
from bot.model.translation import Translations, Wording
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.schema import translation
from bot.store.statement import Statement
from bot.store.upsert import Upsert

_OF = ByKeys(select(translation), translation.c.item_id)
_KNOWN = Statement(
    select(translation.c.text)
    .where(translation.c.hash == bindparam("hash"), translation.c.language == bindparam("language"))
    .limit(1)
)
_PUT = Upsert(
    translation,
    lambda made: made.on_conflict_do_nothing(index_elements=["item_id", "hash", "language"]),
)


class StoredTranslations:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def of(self, items: Collection[ItemId]) -> dict[ItemId, Translations]:
        """Those that have any."""
        found: dict[ItemId, dict[Wording, str]] = {}
        for r in _OF.rows(self._c, items, {}):
            found.setdefault(ItemId(r.item_id), {})[Wording(r.hash, r.language)] = r.text
        return dict(found)

    def known(self, wanted: Wording) -> str | None:
        """Of whichever item, so that the same words are paid for once."""
        terms = {"hash": wanted.hash, "language": wanted.language}
        found = self._c.execute(_KNOWN, terms).scalar()
        return None if found is None else str(found)

    def put(self, item_id: ItemId, what: Wording, text: str) -> None:
        row = {"item_id": item_id, "hash": what.hash, "language": what.language, "text": text}
        self._c.execute(_PUT[self._c.dialect.name], row)
