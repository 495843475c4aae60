"""Versions of drafts, and the approvals given to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from bot.model.approval import Approval, ApprovalSubject
from bot.model.draft import Draft, DraftOrigin
from bot.model.ids import ApprovalId, BrandId, DraftId, ItemId, MemberId, Moment, RemoteId
from bot.model.publication import Mention
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.schema import approval, draft
from bot.store.statement import Statement

_OF_ITEM = draft.c.item_id == bindparam("item_id")
_NEXT_VERSION = (
    select(func.coalesce(func.max(draft.c.version), 0) + 1)
    .where(draft.c.item_id == bindparam("b_item_id"))
    .scalar_subquery()
)
_ADD = Statement(insert(draft).values(version=_NEXT_VERSION).returning(draft))
_LATEST = ByKeys(
    select(draft).where(draft.c.is_void.is_(False)).order_by(draft.c.version), draft.c.item_id
)
_VERSIONS = Statement(select(draft).where(_OF_ITEM).order_by(draft.c.version))
_VOID = Statement(
    update(draft)
    .where(draft.c.item_id == bindparam("b_item_id"), draft.c.is_void.is_(False))
    .values(is_void=True)
)

_APPROVE = Statement(insert(approval).returning(approval.c.id))
_STANDING = (
    select(approval)
    .where(approval.c.subject == bindparam("subject"), approval.c.is_void.is_(False))
    .order_by(approval.c.id)
)
_YESES = Statement(
    _STANDING.where(
        approval.c.subject_id == bindparam("subject_id"),
        approval.c.version == bindparam("version"),
    )
)
_APPROVED = ByKeys(_STANDING.with_only_columns(approval.c.subject_id), approval.c.subject_id)
_YESES_TO_HASH = Statement(_YESES.core.where(approval.c.hash == bindparam("hash")))
_SAID = Statement(
    select(approval.c.subject, approval.c.subject_id, approval.c.hash).where(
        approval.c.id == bindparam("id")
    )
)
_TAKE_BACK = Statement(
    update(approval)
    .where(
        approval.c.subject == bindparam("b_subject"),
        approval.c.subject_id == bindparam("b_subject_id"),
        approval.c.hash == bindparam("b_hash"),
    )
    .values(is_void=True)
)


@dataclass(frozen=True, slots=True)
class NewDraft:
    """What is to be the next version of an item's draft; `author_id` as in `Draft`."""

    item_id: ItemId
    item_revision: int
    text: str
    origin: DraftOrigin
    author_id: MemberId | None
    note: str
    mentions: tuple[Mention, ...] = ()


class Drafts:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def add(
        self,
        item_id: ItemId,
        item_revision: int,
        text: str,
        *,
        origin: DraftOrigin,
        author_id: MemberId | None,
        note: str,
        at: Moment,
        mentions: Sequence[Mention] = (),
    ) -> Draft:
        """Append the next version."""
        new = NewDraft(item_id, item_revision, text, origin, author_id, note, tuple(mentions))
        return self.add_all([new], at)[0]

    def add_all(self, new: Sequence[NewDraft], at: Moment) -> list[Draft]:
        """Append the next version of each of these items."""
        values = [_columns(one, at) for one in new]
        return [_draft(r) for r in self._c.execute(_ADD, values)] if values else []

    def latest(self, item_id: ItemId) -> Draft | None:
        """The newest version that still fits the item's text."""
        return self.latest_of([item_id]).get(item_id)

    def latest_of(self, items: Collection[ItemId]) -> dict[ItemId, Draft]:
        """As `latest`, of those that have one."""
        newest = {r.item_id: r for r in _LATEST.rows(self._c, items, {})}
        return {ItemId(key): _draft(r) for key, r in newest.items()}

    def versions(self, item_id: ItemId) -> list[Draft]:
        return [_draft(r) for r in self._c.execute(_VERSIONS, {"item_id": item_id})]

    def void(self, item_id: ItemId) -> int:
        """Nothing written so far may be approved any more."""
        return self._c.execute(_VOID, {"b_item_id": item_id}).rowcount

    # Approvals

    def approve(
        self,
        brand_id: BrandId,
        subject: ApprovalSubject,
        subject_id: int,
        version: int,
        hash_: str,
        member_id: MemberId,
        at: Moment,
        given: Sequence[Approval] | None = None,
    ) -> ApprovalId:
        """Remember a member's yes; saying it twice to the same hash is one yes.

        `given` are the yeses to this hash, where whoever asks has read them.
        """
        if given is None:
            given = self.approvals(subject, subject_id, version, hash_)
        for one in given:
            if one.member_id == member_id:
                return one.id
        values = {
            "brand_id": brand_id,
            "subject": subject.value,
            "subject_id": subject_id,
            "version": version,
            "hash": hash_,
            "member_id": member_id,
            "given_at": at,
        }
        return ApprovalId(self._c.execute(_APPROVE, values).scalar_one())

    def approvals(
        self, subject: ApprovalSubject, subject_id: int, version: int, hash_: str | None = None
    ) -> list[Approval]:
        """All yeses to this very version (and hash); a yes to other words does not count."""
        keys = {"subject": subject.value, "subject_id": subject_id, "version": version}
        if hash_ is None:
            rows = self._c.execute(_YESES, keys)
        else:
            rows = self._c.execute(_YESES_TO_HASH, keys | {"hash": hash_})
        return [
            Approval(ApprovalId(r.id), r.hash, MemberId(r.member_id), Moment(r.given_at))
            for r in rows
        ]

    def approved(self, subject: ApprovalSubject, subjects: Collection[int]) -> set[int]:
        """Those of these that somebody said yes to, to whichever version."""
        rows = _APPROVED.rows(self._c, subjects, {"subject": subject.value})
        return {int(r.subject_id) for r in rows}

    def void_approvals(self, approval_id: ApprovalId) -> None:
        """A stopped publication takes its yeses with it: whoever wants it must say so again."""
        row = self._c.execute(_SAID, {"id": approval_id}).one()
        same = {"b_subject": row.subject, "b_subject_id": row.subject_id, "b_hash": row.hash}
        self._c.execute(_TAKE_BACK, same)


def _columns(new: NewDraft, at: Moment) -> dict[str, Any]:
    return {
        "b_item_id": new.item_id,
        "item_id": new.item_id,
        "item_revision": new.item_revision,
        "text": new.text,
        "origin": new.origin.value,
        "author_id": new.author_id,
        "note": new.note,
        "mentions": [[m.handle, m.remote_id] for m in new.mentions],
        "created_at": at,
    }


def _draft(r: Any) -> Draft:
    return Draft(
        id=DraftId(r.id),
        item_id=ItemId(r.item_id),
        item_revision=r.item_revision,
        version=r.version,
        text=r.text,
        origin=DraftOrigin(r.origin),
        author_id=None if r.author_id is None else MemberId(r.author_id),
        note=r.note,
        created_at=Moment(r.created_at),
        is_void=r.is_void,
        mentions=tuple(Mention(handle, RemoteId(remote)) for handle, remote in r.mentions),
    )
