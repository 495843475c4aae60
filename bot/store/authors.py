"""Authors: who wrote the items of an account."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
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
    select(author).where(author.c.account_id == bindparam("account_id")),
    author.c.remote_id,
    is_second=True,
)
_SOME = ByKeys(select(author), author.c.id)
_SHOWN = ("handle", "display_name", "url", "followers")
_ADD = Upsert(author, lambda added: added.on_conflict_do_nothing())
"""Another transaction may store the same author at the same moment."""

_RENEW = Statement(
    update(author).where(author.c.id == bindparam("b_id"), author.c.is_forgotten.is_(False))
)


@dataclass(frozen=True, slots=True)
class KnownAuthor:
    id: AuthorId
    is_forgotten: bool
    shown: tuple[str, str, str, int | None]


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

    def known(
        self, account_id: AccountId, keys: Collection[RemoteId]
    ) -> dict[RemoteId, KnownAuthor]:
        """Those of these that have written before."""
        rows = _KNOWN.rows(self._c, keys, {"account_id": account_id})
        return {RemoteId(r.remote_id): _known(r) for r in rows}

    def save(
        self,
        account_id: AccountId,
        people: Collection[RemoteAuthor],
        known: Mapping[RemoteId, KnownAuthor],
    ) -> dict[RemoteId, AuthorId]:
        """Ids of these authors, made or brought up to date; a forgotten one stays forgotten.

        `known` are those of them that have written before.
        """
        latest = {person.remote_id: person for person in people}
        told = {key: _shown(person) for key, person in latest.items()}
        changed = [
            {"b_id": known[key].id, **dict(zip(_SHOWN, shown, strict=True))}
            for key, shown in told.items()
            if key in known and not known[key].is_forgotten and known[key].shown != shown
        ]
        if changed:
            self._c.execute(_RENEW, changed)
        new = {key: shown for key, shown in told.items() if key not in known}
        if new:
            rows = [
                {
                    "account_id": account_id,
                    "remote_id": key,
                    **dict(zip(_SHOWN, shown, strict=True)),
                }
                for key, shown in new.items()
            ]
            self._c.execute(_ADD[self._c.dialect.name], rows)
        everybody = {**known, **self.known(account_id, new)}
        return {key: everybody[key].id for key in latest}


def _shown(person: RemoteAuthor) -> tuple[str, str, str, int | None]:
    return person.handle, person.display_name, person.url, person.followers


def _known(r: Any) -> KnownAuthor:
    shown = (r.handle, r.display_name, r.url, r.followers)
    return KnownAuthor(AuthorId(r.id), bool(r.is_forgotten), shown)


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
