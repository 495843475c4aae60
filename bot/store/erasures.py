"""Erasing what one author wrote, and what was written to them, from every table that holds it.

Rows stay: numbers, states and hashes are the desk's own, and a network that shows the same thing
again must find it known. The author's remote id stays too, because only by it can the desk
recognise, and keep nothing of, what they write later.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, delete, func, or_, select, update

from bot.model.ids import AccountId, AuthorId, ItemId, PublicationId, RemoteId
from bot.model.network import Unsupported
from bot.model.publication import Prepared, PublicationState
from bot.store.by_keys import ByKeys, parts
from bot.store.connection import Connection
from bot.store.schema import (
    author,
    conversation,
    draft,
    escalation,
    item,
    note,
    promise,
    publication,
    question,
    translation,
    unsupported,
)
from bot.store.statement import Statement
from bot.store.stored_triage import triage_from_json, triage_to_json

_SHORTEST_NAME = 3
"""Characters; a shorter name stands in half of all payloads."""
_ON_THE_WAY = tuple(
    state.value
    for state in (
        PublicationState.SENDING,
        PublicationState.UNKNOWN,
        PublicationState.NEEDS_HUMAN,
    )
)

_WORDLESS = ByKeys(
    select(item.c.remote_id)
    .join(author, author.c.id == item.c.author_id)
    .where(item.c.account_id == bindparam("account_id"), author.c.is_forgotten.is_(True)),
    item.c.remote_id,
    is_second=True,
)
_FORGOTTEN_HERE = Statement(
    select(author.c.remote_id).where(
        author.c.account_id == bindparam("account_id"), author.c.is_forgotten.is_(True)
    )
)


class Erasures:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def items_of(self, author_id: AuthorId) -> list[ItemId]:
        wanted = select(item.c.id).where(item.c.author_id == author_id).order_by(item.c.id)
        return [ItemId(number) for number in self._c.execute(wanted).scalars()]

    def count_items(self, author_id: AuthorId) -> int:
        wanted = select(func.count()).where(item.c.author_id == author_id)
        return int(self._c.execute(wanted).scalar_one())

    def wordless(self, account_id: AccountId, items: Sequence[RemoteId]) -> set[RemoteId]:
        """Which of these items are by authors who asked to be forgotten."""
        rows = _WORDLESS.rows(self._c, items, {"account_id": account_id})
        return {RemoteId(r.remote_id) for r in rows}

    def without_the_forgotten(
        self, account_id: AccountId, found: Sequence[Unsupported]
    ) -> list[Unsupported]:
        """The same, without the payloads that name an author who asked to be forgotten."""
        people = self._c.execute(_FORGOTTEN_HERE, {"account_id": account_id}).scalars()
        names = {spelled for key in people for spelled in (json.dumps(key), repr(key))}
        return [
            replace(one, payload="") if any(name in one.payload for name in names) else one
            for one in found
        ]

    def unproved(self, items: Sequence[ItemId]) -> list[ItemId]:
        """Items with a reply that may be leaving now: its text is still needed to look for it."""
        found: list[ItemId] = []
        for part in parts(items):
            wanted = select(publication.c.item_id).where(
                publication.c.item_id.in_(part), publication.c.state.in_(_ON_THE_WAY)
            )
            found += [ItemId(number) for number in self._c.execute(wanted).scalars()]
        return sorted(found)

    def author(self, author_id: AuthorId) -> None:
        placeholder = f"forgotten #{author_id}"
        self._c.execute(
            update(author)
            .where(author.c.id == author_id)
            .values(
                handle=placeholder,
                display_name=placeholder,
                url="",
                followers=None,
                is_forgotten=True,
            )
        )

    def items(self, items: Sequence[ItemId]) -> None:
        for part in parts(items):
            rows = self._c.execute(
                select(item.c.id, item.c.account_id, item.c.remote_id, item.c.triage).where(
                    item.c.id.in_(part)
                )
            ).all()
            self._c.execute(
                update(item)
                .where(item.c.id.in_(part))
                .values(
                    text="",
                    permalink="",
                    hints={},
                    media=[],
                    native_reply_text="",
                    revision=item.c.revision + 1,
                )
            )
            for row in rows:
                self._title(row.account_id, row.remote_id)
                if row.triage is not None:
                    kept = _without_evidence(row.triage)
                    self._c.execute(update(item).where(item.c.id == row.id).values(triage=kept))

    def translations(self, items: Sequence[ItemId]) -> None:
        """What machines made of these and of the replies to them."""
        for part in parts(items):
            self._c.execute(delete(translation).where(translation.c.item_id.in_(part)))

    def asides(self, items: Sequence[ItemId]) -> None:
        """What the team said about these among itself."""
        for part in parts(items):
            mine = escalation.c.item_id.in_(part)
            self._c.execute(update(escalation).where(mine).values(reason=""))
            theirs = question.c.item_id.in_(part)
            self._c.execute(update(question).where(theirs).values(text="", answer=""))
            self._c.execute(delete(note).where(note.c.item_id.in_(part)))
            made = promise.c.item_id.in_(part)
            self._c.execute(update(promise).where(made).values(text=""))

    def drafts(self, items: Sequence[ItemId]) -> int:
        """Every version that answers one of these."""
        erased = 0
        for part in parts(items):
            mine = draft.c.item_id.in_(part)
            values = {"text": "", "mentions": [], "is_void": True}
            erased += self._c.execute(update(draft).where(mine).values(values)).rowcount
        return erased

    def publications(self, items: Sequence[ItemId]) -> list[PublicationId]:
        """Every reply to one of these; the receipt, which is ours, stays."""
        found: list[PublicationId] = []
        for part in parts(items):
            wanted = select(publication.c.id, publication.c.prepared).where(
                publication.c.item_id.in_(part)
            )
            for row in self._c.execute(wanted).all():
                blank = replace(Prepared.from_json(row.prepared), request={})
                self._c.execute(
                    update(publication)
                    .where(publication.c.id == row.id)
                    .values(text="", prepared=blank.to_json(), staged={})
                )
                found.append(PublicationId(row.id))
        return found

    def unsupported(self, account_id: AccountId, names: Collection[str]) -> int:
        """Raw payloads of the account in which one of these names stands."""
        spelled = {
            spelling
            for name in names
            if len(name) >= _SHORTEST_NAME
            for spelling in (name, json.dumps(name)[1:-1])
        }
        if not spelled:
            return 0
        mentions = or_(
            *(unsupported.c.payload.contains(name, autoescape=True) for name in sorted(spelled))
        )
        # what came for an account that is not ours is kept without one
        kept_for = (unsupported.c.account_id == account_id) | unsupported.c.account_id.is_(None)
        here = kept_for & mentions
        return self._c.execute(update(unsupported).where(here).values(payload="")).rowcount

    def _title(self, account_id: int, root: str) -> None:
        theirs = (conversation.c.account_id == account_id) & (conversation.c.root_remote_id == root)
        self._c.execute(update(conversation).where(theirs).values(title="", post_picture=None))


def _without_evidence(raw: Any) -> list[object]:
    """What was understood stays; the words that it was understood from do not."""
    triage = triage_from_json(raw)
    reasons = tuple(replace(reason, evidence="") for reason in triage.reasons)
    return triage_to_json(replace(triage, reasons=reasons))
