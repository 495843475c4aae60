"""Versions of drafts, and the approvals given to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from bot.model.approval import Approval, ApprovalSubject
from bot.model.draft import Draft, DraftOrigin
from bot.model.ids import ApprovalId, BrandId, DraftId, ItemId, MemberId, Moment, RemoteId
from bot.model.publication import Mention
from bot.store.schema import approval, draft

_OF_ITEM = draft.c.item_id == bindparam("item_id")
_NEXT_VERSION = (
    select(func.coalesce(func.max(draft.c.version), 0) + 1)
    .where(draft.c.item_id == bindparam("b_item_id"))
    .scalar_subquery()
)
_ADD = insert(draft).values(version=_NEXT_VERSION).returning(draft)
_LATEST = (
    select(draft)
    .where(_OF_ITEM, draft.c.is_void.is_(False))
    .order_by(draft.c.version.desc())
    .limit(1)
)
_MENTIONS = select(draft.c.mentions).where(draft.c.id == bindparam("id"))
_VERSIONS = select(draft).where(_OF_ITEM).order_by(draft.c.version)
_VOID = (
    update(draft)
    .where(draft.c.item_id == bindparam("b_item_id"), draft.c.is_void.is_(False))
    .values(is_void=True)
)

_APPROVE = insert(approval).returning(approval.c.id)
_YESES = (
    select(approval)
    .where(
        approval.c.subject == bindparam("subject"),
        approval.c.subject_id == bindparam("subject_id"),
        approval.c.version == bindparam("version"),
        approval.c.is_void.is_(False),
    )
    .order_by(approval.c.id)
)
_YESES_TO_HASH = _YESES.where(approval.c.hash == bindparam("hash"))
_SAID = select(approval.c.subject, approval.c.subject_id, approval.c.hash).where(
    approval.c.id == bindparam("id")
)
_TAKE_BACK = (
    update(approval)
    .where(
        approval.c.subject == bindparam("b_subject"),
        approval.c.subject_id == bindparam("b_subject_id"),
        approval.c.hash == bindparam("b_hash"),
    )
    .values(is_void=True)
)


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
        values = {
            "b_item_id": item_id,
            "item_id": item_id,
            "item_revision": item_revision,
            "text": text,
            "origin": origin.value,
            "author_id": author_id,
            "note": note,
            "mentions": [[m.handle, m.remote_id] for m in mentions],
            "created_at": at,
        }
        return _draft(self._c.execute(_ADD, values).one())

    def latest(self, item_id: ItemId) -> Draft | None:
        """The newest version that still fits the item's text."""
        row = self._c.execute(_LATEST, {"item_id": item_id}).one_or_none()
        return None if row is None else _draft(row)

    def mentions(self, draft_id: DraftId) -> tuple[Mention, ...]:
        raw = self._c.execute(_MENTIONS, {"id": draft_id}).scalar_one()
        return tuple(Mention(handle, RemoteId(remote)) for handle, remote in raw)

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
    ) -> ApprovalId:
        """Remember a member's yes; saying it twice to the same hash is one yes."""
        for given in self.approvals(subject, subject_id, version, hash_):
            if given.member_id == member_id:
                return given.id
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

    def void_approvals(self, approval_id: ApprovalId) -> None:
        """A stopped publication takes its yeses with it: whoever wants it must say so again."""
        row = self._c.execute(_SAID, {"id": approval_id}).one()
        same = {"b_subject": row.subject, "b_subject_id": row.subject_id, "b_hash": row.hash}
        self._c.execute(_TAKE_BACK, same)


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
    )
