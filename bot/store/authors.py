"""Authors: who wrote the items of an account."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, select, update

from bot.model.ids import AccountId, AuthorId, RemoteId
from bot.model.item import Author
from bot.model.network import RemoteAuthor
from bot.store.among import among
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.schema import author
from bot.store.statement import Statement
from bot.store.upsert import Upsert

_GET = Statement(select(author).where(author.c.id == bindparam("id")))
_NAMED = Statement(
    select(author).where(
        among(author.c.handle, "handles") | (author.c.remote_id == bindparam("remote_id"))
    )
)
_KNOWN = ByKeys(
    select(author).where(author.c.account_id == bindparam("account_id")), author.c.remote_id
)
_SOME = ByKeys(select(author), author.c.id)
_ADD = Upsert(author, lambda added: added.on_conflict_do_nothing())
"""Another transaction may store the same author at the same moment."""

_RENEW = Statement(update(author).where(author.c.id == bindparam("b_id")))


class Authors:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def get(self, author_id: AuthorId) -> Author:
        return _author(self._c.execute(_GET, {"id": author_id}).one())

    def some(self, ids: Collection[AuthorId]) -> list[Author]:
        """Those of these that there are."""
        return [_author(r) for r in _SOME.rows(self._c, ids, {})]

    def named(self, name: str) -> list[Author]:
        """Authors by exact handle (with or without `@`) or remote id."""
        bare = name.removeprefix("@")
        keys = {"handles": [name, bare, f"@{bare}"], "remote_id": name}
        return [_author(r) for r in self._c.execute(_NAMED, keys)]

    def save(
        self, account_id: AccountId, people: Collection[RemoteAuthor]
    ) -> dict[RemoteId, AuthorId]:
        """Ids of these authors, made or brought up to date; a forgotten one stays forgotten."""
        latest = {person.remote_id: person for person in people}
        here = {"account_id": account_id}
        known = {RemoteId(r.remote_id): r for r in _KNOWN.rows(self._c, latest, here)}
        ids = {key: AuthorId(row.id) for key, row in known.items()}
        changed = [
            {"b_id": row.id, **_shown(latest[key])}
            for key, row in known.items()
            if not row.is_forgotten and _is_changed(row, latest[key])
        ]
        if changed:
            self._c.execute(_RENEW, changed)
        new = [
            {"account_id": account_id, "remote_id": key, **_shown(person)}
            for key, person in latest.items()
            if key not in known
        ]
        if new:
            self._c.execute(_ADD[self._c.dialect.name], new)
            now_known = _KNOWN.rows(self._c, latest, here)
            ids = {RemoteId(r.remote_id): AuthorId(r.id) for r in now_known}
        return ids


def _shown(person: RemoteAuthor) -> dict[str, Any]:
    return {
        "handle": person.handle,
        "display_name": person.display_name,
        "url": person.url,
        "followers": person.followers,
    }


def _is_changed(row: Any, fresh: RemoteAuthor) -> bool:
    shown = (fresh.handle, fresh.display_name, fresh.url, fresh.followers)
    return shown != (row.handle, row.display_name, row.url, row.followers)


def _author(r: Any) -> Author:
    return Author(
        id=AuthorId(r.id),
        account_id=AccountId(r.account_id),
        remote_id=RemoteId(r.remote_id),
        handle=r.handle,
        display_name=r.display_name,
        url=r.url,
        followers=r.followers,
    )
