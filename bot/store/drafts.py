"""Versions of drafts, and the approvals given to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from bot.model.approval import Approval, ApprovalSubject
from bot.model.draft import Draft, DraftOrigin
from bot.model.ids import ApprovalId, BrandId, DraftId, ItemId, MemberId, Moment, RemoteId
from bot.model.publication import Mention
from bot.store.schema import approval, draft


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
        last = select(func.max(draft.c.version)).where(draft.c.item_id == item_id)
        version = (self._c.execute(last).scalar() or 0) + 1
        made = (
            insert(draft)
            .values(
                item_id=item_id,
                item_revision=item_revision,
                version=version,
                text=text,
                origin=origin.value,
                author_id=author_id,
                note=note,
                mentions=[[m.handle, m.remote_id] for m in mentions],
                created_at=at,
            )
            .returning(draft)
        )
        return _draft(self._c.execute(made).one())

    def latest(self, item_id: ItemId) -> Draft | None:
        """The newest version that still fits the item's text."""
        wanted = (
            select(draft)
            .where(draft.c.item_id == item_id, draft.c.is_void.is_(False))
            .order_by(draft.c.version.desc())
            .limit(1)
        )
        row = self._c.execute(wanted).one_or_none()
        return None if row is None else _draft(row)

    def mentions(self, draft_id: DraftId) -> tuple[Mention, ...]:
        raw = self._c.execute(select(draft.c.mentions).where(draft.c.id == draft_id)).scalar_one()
        return tuple(Mention(handle, RemoteId(remote)) for handle, remote in raw)

    def versions(self, item_id: ItemId) -> list[Draft]:
        wanted = select(draft).where(draft.c.item_id == item_id).order_by(draft.c.version)
        return [_draft(r) for r in self._c.execute(wanted)]

    def void(self, item_id: ItemId) -> int:
        """Nothing written so far may be approved any more."""
        live = (draft.c.item_id == item_id) & draft.c.is_void.is_(False)
        return self._c.execute(update(draft).where(live).values(is_void=True)).rowcount

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
        made = (
            insert(approval)
            .values(
                brand_id=brand_id,
                subject=subject.value,
                subject_id=subject_id,
                version=version,
                hash=hash_,
                member_id=member_id,
                given_at=at,
            )
            .returning(approval.c.id)
        )
        return ApprovalId(self._c.execute(made).scalar_one())

    def approvals(
        self, subject: ApprovalSubject, subject_id: int, version: int, hash_: str | None = None
    ) -> list[Approval]:
        """All yeses to this very version (and hash); a yes to other words does not count."""
        mine = (
            (approval.c.subject == subject.value)
            & (approval.c.subject_id == subject_id)
            & (approval.c.version == version)
            & approval.c.is_void.is_(False)
        )
        if hash_ is not None:
            mine &= approval.c.hash == hash_
        rows = self._c.execute(select(approval).where(mine).order_by(approval.c.id))
        return [
            Approval(ApprovalId(r.id), r.hash, MemberId(r.member_id), Moment(r.given_at))
            for r in rows
        ]

    def void_approvals(self, approval_id: ApprovalId) -> None:
        """A stopped publication takes its yeses with it: whoever wants it must say so again."""
        said = select(approval.c.subject, approval.c.subject_id, approval.c.hash).where(
            approval.c.id == approval_id
        )
        row = self._c.execute(said).one()
        same = (
            (approval.c.subject == row.subject)
            & (approval.c.subject_id == row.subject_id)
            & (approval.c.hash == row.hash)
        )
        self._c.execute(update(approval).where(same).values(is_void=True))


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
