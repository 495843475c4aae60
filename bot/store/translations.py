"""What machines made of texts: of items and the replies to them, and of planned posts.

Each is kept with what it belongs to, and what was made of an item is erased with it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Generic, TypeVar

from sqlalchemy import Table, bindparam, select

from bot.model.ids import ItemId, PostId
from bot.model.translation import Translations, Wording
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.schema import post_translation, translation
from bot.store.statement import Statement
from bot.store.upsert import Upsert

Owner = TypeVar("Owner", ItemId, PostId)


class _Shelf:
    """The statements of one table; `owner` is the column of what the texts belong to."""

    def __init__(self, table: Table, owner: str) -> None:
        self.owner = owner
        self.of = ByKeys(select(table), table.c[owner])
        self.known = Statement(
            select(table.c.text)
            .where(table.c.hash == bindparam("hash"), table.c.language == bindparam("language"))
            .limit(1)
        )
        self.put = Upsert(
            table,
            lambda made: made.on_conflict_do_nothing(index_elements=[owner, "hash", "language"]),
        )


_OF_ITEMS = _Shelf(translation, "item_id")
_OF_POSTS = _Shelf(post_translation, "post_id")


class StoredTranslations(Generic[Owner]):
    def __init__(self, connection: Connection, shelf: _Shelf) -> None:
        self._c = connection
        self._shelf = shelf

    def of(self, owners: Collection[Owner]) -> dict[Owner, Translations]:
        """Those that have any."""
        found: dict[Owner, dict[Wording, str]] = {}
        for r in self._shelf.of.rows(self._c, owners, {}):
            owner: Owner = getattr(r, self._shelf.owner)
            found.setdefault(owner, {})[Wording(r.hash, r.language)] = r.text
        return dict(found)

    def known(self, wanted: Wording) -> str | None:
        """Of whatever it was made, so that the same words are paid for once."""
        terms = {"hash": wanted.hash, "language": wanted.language}
        found = self._c.execute(self._shelf.known, terms).scalar()
        return None if found is None else str(found)

    def put(self, owner: Owner, what: Wording, text: str) -> None:
        row = {
            self._shelf.owner: owner,
            "hash": what.hash,
            "language": what.language,
            "text": text,
        }
        self._c.execute(self._shelf.put[self._c.dialect.name], row)


def of_all(
    connection: Connection,
) -> tuple[StoredTranslations[ItemId], StoredTranslations[PostId]]:
    """Of items, and of planned posts."""
    items: StoredTranslations[ItemId] = StoredTranslations(connection, _OF_ITEMS)
    posts: StoredTranslations[PostId] = StoredTranslations(connection, _OF_POSTS)
    return items, posts
