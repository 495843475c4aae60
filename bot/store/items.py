"""Items, their authors and conversations."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from bot.model.ids import (
    AccountId,
    AuthorId,
    BrandId,
    ConversationId,
    ItemId,
    MemberId,
    Moment,
    RemoteId,
)
from bot.model.item import ITEM_MACHINE, Author, ConversationState, Item, ItemKind, ItemState
from bot.model.media import RemoteMedia
from bot.model.network import RemoteAuthor
from bot.model.triage import Triage, triage_from_json, triage_to_json
from bot.store.schema import author, conversation, item

_MANY = 400
"""Keys in one IN list; SQLite's default ceiling of bound parameters is far above it."""


class Items:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    # Items

    def known(self, account_id: AccountId, ids: Sequence[RemoteId]) -> dict[RemoteId, Item]:
        found: dict[RemoteId, Item] = {}
        for start in range(0, len(ids), _MANY):
            part = list(ids[start : start + _MANY])
            wanted = select(item).where(item.c.account_id == account_id, item.c.remote_id.in_(part))
            found.update((RemoteId(r.remote_id), item_of(r)) for r in self._c.execute(wanted))
        return found

    def add(self, rows: Sequence[Mapping[str, Any]]) -> dict[RemoteId, ItemId]:
        """Insert new items of one account; maps by natural key, not by order."""
        if not rows:
            return {}
        statement = insert(item).returning(item.c.id, item.c.remote_id)
        made = self._c.execute(statement, list(rows)).all()
        return {RemoteId(r.remote_id): ItemId(r.id) for r in made}

    def get(self, item_id: ItemId) -> Item:
        return item_of(self._c.execute(select(item).where(item.c.id == item_id)).one())

    def maybe(self, item_id: ItemId) -> Item | None:
        row = self._c.execute(select(item).where(item.c.id == item_id)).one_or_none()
        return None if row is None else item_of(row)

    def edit(self, found: Item, text: str, media: Sequence[RemoteMedia]) -> None:
        """The author changed it: what was drafted for the old text is void."""
        self._set(found.id, text=text, revision=found.revision + 1, media=media_json(media))

    def set_state(self, item_id: ItemId, new: ItemState) -> bool:
        """Move along the machine; False when it cannot be reached from where the item is."""
        sources = [state.value for state in ITEM_MACHINE.sources(new)]
        statement = update(item).where(item.c.id == item_id, item.c.state.in_(sources))
        return self._c.execute(statement.values(state=new.value)).rowcount == 1

    def set_triage(self, item_id: ItemId, triage: Triage) -> None:
        self._set(item_id, triage=triage_to_json(triage))

    def triage(self, item_id: ItemId) -> Triage | None:
        raw = self._c.execute(select(item.c.triage).where(item.c.id == item_id)).scalar()
        return None if raw is None else triage_from_json(raw)

    def assign(self, item_id: ItemId, member_id: MemberId | None) -> None:
        self._set(item_id, assignee_id=member_id)

    def snooze(self, item_id: ItemId, until: Moment | None) -> None:
        self._set(item_id, snoozed_until=until)

    def mark(
        self, item_id: ItemId, *, liked: bool | None = None, hidden: bool | None = None
    ) -> None:
        values: dict[str, Any] = {}
        if liked is not None:
            values["is_liked"] = liked
        if hidden is not None:
            values["is_hidden"] = hidden
        self._set(item_id, **values)

    def set_native_reply(self, item_id: ItemId, permalink: str) -> None:
        self._set(item_id, native_reply=permalink)

    def native_reply(self, item_id: ItemId) -> str | None:
        """Permalink of a reply that was made on the network itself."""
        return self._c.execute(select(item.c.native_reply).where(item.c.id == item_id)).scalar()

    def set_hints(self, item_id: ItemId, hints: Mapping[str, str]) -> None:
        self._set(item_id, hints=dict(hints))

    def watched_threads(self, account_id: AccountId, limit: int = 25) -> list[RemoteId]:
        """Roots of the threads with the latest items, newest first."""
        wanted = (
            select(conversation.c.root_remote_id)
            .where(conversation.c.account_id == account_id)
            .order_by(conversation.c.changed_at.desc())
            .limit(limit)
        )
        return [RemoteId(r.root_remote_id) for r in self._c.execute(wanted)]

    def thread_of(self, item_id: ItemId) -> RemoteId:
        wanted = select(item.c.thread_remote_id).where(item.c.id == item_id)
        return RemoteId(self._c.execute(wanted).scalar_one())

    def states(self, brand_id: BrandId) -> dict[ItemState, int]:
        rows = self._c.execute(
            select(item.c.state, func.count())
            .where(item.c.brand_id == brand_id)
            .group_by(item.c.state)
        )
        return {ItemState(state): int(count) for state, count in rows}

    def _set(self, item_id: ItemId, **values: Any) -> None:
        self._c.execute(update(item).where(item.c.id == item_id).values(values))

    # Authors and conversations

    def save_authors(
        self, account_id: AccountId, people: Collection[RemoteAuthor]
    ) -> dict[RemoteId, AuthorId]:
        """Ids of these authors, made or brought up to date; a forgotten one stays forgotten."""
        latest = {person.remote_id: person for person in people}
        keys = list(latest)
        wanted = select(author).where(
            author.c.account_id == account_id, author.c.remote_id.in_(keys)
        )
        known = {RemoteId(r.remote_id): r for r in self._c.execute(wanted)}
        ids = {key: AuthorId(row.id) for key, row in known.items()}
        for key, row in known.items():
            fresh = latest[key]
            shown = (fresh.handle, fresh.display_name, fresh.url, fresh.followers)
            if not row.is_forgotten and shown != (
                row.handle,
                row.display_name,
                row.url,
                row.followers,
            ):
                self._c.execute(update(author).where(author.c.id == row.id).values(_person(fresh)))
        new = [
            {"account_id": account_id, "remote_id": key, **_person(latest[key])}
            for key in keys
            if key not in known
        ]
        if new:
            made = self._c.execute(insert(author).returning(author.c.id, author.c.remote_id), new)
            ids.update((RemoteId(r.remote_id), AuthorId(r.id)) for r in made)
        return ids

    def author(self, author_id: AuthorId) -> Author:
        return _author(self._c.execute(select(author).where(author.c.id == author_id)).one())

    def authors_named(self, name: str) -> list[Author]:
        """Authors by exact handle (with or without `@`) or remote id."""
        bare = name.removeprefix("@")
        matches = author.c.handle.in_([name, bare, f"@{bare}"]) | (author.c.remote_id == name)
        return [_author(r) for r in self._c.execute(select(author).where(matches))]

    def save_conversations(
        self, account_id: AccountId, roots: Mapping[RemoteId, str], at: Moment
    ) -> dict[RemoteId, ConversationId]:
        """Ids of the conversations with these roots (root -> title)."""
        wanted = select(
            conversation.c.id, conversation.c.root_remote_id, conversation.c.title
        ).where(
            conversation.c.account_id == account_id,
            conversation.c.root_remote_id.in_(list(roots)),
        )
        ids: dict[RemoteId, ConversationId] = {}
        for row in self._c.execute(wanted).all():
            root = RemoteId(row.root_remote_id)
            ids[root] = ConversationId(row.id)
            values = {"changed_at": at, "title": roots[root] or row.title}
            self._c.execute(update(conversation).where(conversation.c.id == row.id).values(values))
        new = [
            {
                "account_id": account_id,
                "root_remote_id": root,
                "title": title,
                "state": ConversationState.NEW.value,
                "changed_at": at,
            }
            for root, title in roots.items()
            if root not in ids
        ]
        if new:
            made = insert(conversation).returning(conversation.c.id, conversation.c.root_remote_id)
            ids.update(
                (RemoteId(r.root_remote_id), ConversationId(r.id))
                for r in self._c.execute(made, new)
            )
        return ids

    def conversation_title(self, conversation_id: ConversationId) -> str:
        wanted = select(conversation.c.title).where(conversation.c.id == conversation_id)
        return str(self._c.execute(wanted).scalar_one())

    def set_conversation(
        self, conversation_id: ConversationId, state: ConversationState, at: Moment
    ) -> None:
        self._c.execute(
            update(conversation)
            .where(conversation.c.id == conversation_id)
            .values(state=state.value, changed_at=at)
        )


def media_json(media: Sequence[RemoteMedia]) -> list[dict[str, Any]]:
    return [asdict(picture) for picture in media]


def _person(fresh: RemoteAuthor) -> dict[str, Any]:
    return {
        "handle": fresh.handle,
        "display_name": fresh.display_name,
        "url": fresh.url,
        "followers": fresh.followers,
    }


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


def item_of(r: Any) -> Item:
    return Item(
        id=ItemId(r.id),
        brand_id=BrandId(r.brand_id),
        account_id=AccountId(r.account_id),
        conversation_id=ConversationId(r.conversation_id),
        author_id=AuthorId(r.author_id),
        remote_id=RemoteId(r.remote_id),
        kind=ItemKind(r.kind),
        text=r.text,
        revision=r.revision,
        state=ItemState(r.state),
        published_at=Moment(r.published_at),
        received_at=Moment(r.received_at),
        permalink=r.permalink,
        parent_remote_id=None if r.parent_remote_id is None else RemoteId(r.parent_remote_id),
        hints=r.hints,
        media=tuple(RemoteMedia(**picture) for picture in r.media),
        assignee_id=None if r.assignee_id is None else MemberId(r.assignee_id),
        snoozed_until=None if r.snoozed_until is None else Moment(r.snoozed_until),
        is_liked=r.is_liked,
        is_hidden=r.is_hidden,
    )
