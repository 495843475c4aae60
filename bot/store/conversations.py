"""Conversations: the threads in which items stand."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.model.ids import AccountId, ConversationId, Moment, RemoteId
from bot.model.item import ConversationState
from bot.store.by_keys import ByKeys
from bot.store.schema import conversation

_KNOWN = ByKeys(
    select(conversation.c.id, conversation.c.root_remote_id, conversation.c.title).where(
        conversation.c.account_id == bindparam("account_id")
    ),
    conversation.c.root_remote_id,
)
_ADD = {
    "sqlite": sqlite.insert(conversation).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(conversation).on_conflict_do_nothing(),
}
"""Another transaction may store the same thread at the same moment."""

_SET = update(conversation).where(conversation.c.id == bindparam("b_id"))
_TITLE = select(conversation.c.title).where(conversation.c.id == bindparam("id"))
_LATEST = (
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
        """Ids of the conversations with these roots (root -> title)."""
        here = {"account_id": account_id}
        known = _KNOWN.rows(self._c, roots, here)
        ids = {RemoteId(r.root_remote_id): ConversationId(r.id) for r in known}
        if known:
            self._c.execute(
                _SET,
                [
                    {"b_id": r.id, "changed_at": at, "title": roots[r.root_remote_id] or r.title}
                    for r in known
                ],
            )
        new = [
            _row(account_id, root, title, at) for root, title in roots.items() if root not in ids
        ]
        if new:
            self._c.execute(_ADD[self._c.dialect.name], new)
            now_known = _KNOWN.rows(self._c, roots, here)
            ids = {RemoteId(r.root_remote_id): ConversationId(r.id) for r in now_known}
        return ids

    def watch(self, account_id: AccountId, root: RemoteId, title: str, at: Moment) -> None:
        """A thread to look into from now on, though nobody has written in it yet."""
        self._c.execute(_ADD[self._c.dialect.name], [_row(account_id, root, title, at)])

    def title(self, conversation_id: ConversationId) -> str:
        return str(self._c.execute(_TITLE, {"id": conversation_id}).scalar_one())

    def set_state(
        self, conversation_id: ConversationId, state: ConversationState, at: Moment
    ) -> None:
        values = {"b_id": conversation_id, "state": state.value, "changed_at": at}
        self._c.execute(_SET, values)

    def latest_roots(self, account_id: AccountId, limit: int = 25) -> list[RemoteId]:
        """Roots of the threads with the latest items, newest first."""
        found = self._c.execute(_LATEST, {"account_id": account_id, "limit": limit})
        return [RemoteId(r.root_remote_id) for r in found]


def _row(account_id: AccountId, root: RemoteId, title: str, at: Moment) -> dict[str, object]:
    return {
        "account_id": account_id,
        "root_remote_id": root,
        "title": title,
        "state": ConversationState.NEW.value,
        "changed_at": at,
    }
