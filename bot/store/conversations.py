"""Conversations: the threads in which items stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import bindparam, case, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.dml import ReturningInsert

from bot.model.ids import AccountId, ConversationId, Moment, RemoteId
from bot.model.media import PostPicture
from bot.model.text import excerpt
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.schema import conversation
from bot.store.statement import Statement
from bot.store.upsert import Upsert

LONGEST_TITLE = 120
"""Characters of a post that name its thread."""


def _saving(added: sqlite.Insert) -> ReturningInsert[int, str]:
    """Another transaction may store the same thread at the same moment: the later one renews."""
    told = added.excluded
    return added.on_conflict_do_update(
        index_elements=[conversation.c.account_id, conversation.c.root_remote_id],
        set_={
            "changed_at": told.changed_at,
            "title": case((told.title == "", conversation.c.title), else_=told.title),
        },
    ).returning(conversation.c.id, conversation.c.root_remote_id)


def _watching(added: sqlite.Insert) -> sqlite.Insert:
    """Of a thread that is known only what its post says is news, and only when it is other."""
    told = added.excluded
    return added.on_conflict_do_update(
        index_elements=[conversation.c.account_id, conversation.c.root_remote_id],
        set_={"post_text": told.post_text, "post_link": told.post_link},
        where=conversation.c.post_text != told.post_text,
    )


_SAVE = Upsert(conversation, _saving)
_WATCH = Upsert(conversation, _watching)
_TITLE = Statement(select(conversation.c.title).where(conversation.c.id == bindparam("id")))
_PICTURES = ByKeys(
    select(conversation.c.id, conversation.c.root_remote_id, conversation.c.post_picture).where(
        conversation.c.account_id == bindparam("account_id")
    ),
    conversation.c.root_remote_id,
    is_second=True,
)
_PICTURE = Statement(update(conversation).where(conversation.c.id == bindparam("b_id")))
_LATEST = Statement(
    select(conversation.c.root_remote_id)
    .where(conversation.c.account_id == bindparam("account_id"))
    .order_by(conversation.c.changed_at.desc())
    .limit(bindparam("limit"))
)


class Conversations:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def save(
        self, account_id: AccountId, roots: Mapping[RemoteId, str], at: Moment
    ) -> dict[RemoteId, ConversationId]:
        """Ids of the conversations with these roots (root -> title); an empty title is not news."""
        if not roots:
            return {}
        # always in this order, so that two who save the same threads do not wait in a circle
        rows = [_row(account_id, root, roots[root], at) for root in sorted(roots)]
        saved = self._c.execute(_SAVE[self._c.dialect.name], rows)
        return {RemoteId(r.root_remote_id): ConversationId(r.id) for r in saved}

    def watch(
        self, account_id: AccountId, root: RemoteId, text: str, permalink: str, at: Moment
    ) -> None:
        """A post of ours: to be looked into from now on, though nobody has written under it yet."""
        row = _row(account_id, root, excerpt(text, LONGEST_TITLE), at)
        row |= {"post_text": text, "post_link": permalink}
        self._c.execute(_WATCH[self._c.dialect.name], [row])

    def picture(self, account_id: AccountId, told: Mapping[RemoteId, PostPicture]) -> None:
        """What is told of the pictures of these roots; what is known besides stays."""
        if not told:
            return
        for known in _PICTURES.rows(self._c, sorted(told), {"account_id": account_id}):
            picture = told[RemoteId(known.root_remote_id)]
            news = {key: value for key, value in asdict(picture).items() if value}
            merged = {**(known.post_picture or {}), **news}
            if merged != known.post_picture:
                self._c.execute(_PICTURE, {"b_id": known.id, "post_picture": merged})

    def title(self, conversation_id: ConversationId) -> str:
        return str(self._c.execute(_TITLE, {"id": conversation_id}).scalar_one())

    def latest_roots(self, account_id: AccountId, limit: int = 25) -> list[RemoteId]:
        """Roots of the threads with the latest items, newest first."""
        found = self._c.execute(_LATEST, {"account_id": account_id, "limit": limit})
        return [RemoteId(r.root_remote_id) for r in found]


def picture_of(stored: Mapping[str, Any] | None) -> PostPicture | None:
    return None if stored is None else PostPicture(**stored)


def _row(account_id: AccountId, root: RemoteId, title: str, at: Moment) -> dict[str, object]:
    return {
        "account_id": account_id,
        "root_remote_id": root,
        "title": title,
        "changed_at": at,
    }
