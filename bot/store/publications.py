"""Publications and their attempts; every move is a compare-and-set on the state it leaves."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.model.ids import (
    AccountId,
    ApprovalId,
    ItemId,
    Moment,
    PublicationId,
    RemoteId,
    VariantId,
)
from bot.model.publication import (
    PUBLICATION_MACHINE,
    Attempt,
    Prepared,
    Publication,
    PublicationState,
    Receipt,
    Staged,
    Visibility,
)
from bot.store.schema import attempt, publication


class Publications:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def add(self, brand_id: int, new: Publication) -> PublicationId | None:
        """Queue it; None when another one for the same item is already on its way."""
        values = {
            "brand_id": brand_id,
            "account_id": new.account_id,
            "approval_id": new.approval_id,
            "item_id": new.item_id,
            "item_revision": new.item_revision,
            "variant_id": new.variant_id,
            "text": new.text,
            "prepared": new.prepared.to_json(),
            "state": PublicationState.QUEUED.value,
            "created_at": new.created_at,
            "not_before": new.not_before,
            "expires_at": new.expires_at,
        }
        dialect = postgresql if self._c.dialect.name == "postgresql" else sqlite
        made = dialect.insert(publication).values(values).on_conflict_do_nothing()
        number = self._c.execute(made.returning(publication.c.id)).scalar()
        return None if number is None else PublicationId(number)

    def get(self, publication_id: PublicationId) -> Publication:
        wanted = select(publication).where(publication.c.id == publication_id)
        return _publication(self._c.execute(wanted).one())

    def latest_of_item(self, item_id: ItemId) -> Publication | None:
        wanted = (
            select(publication)
            .where(publication.c.item_id == item_id)
            .order_by(publication.c.id.desc())
            .limit(1)
        )
        row = self._c.execute(wanted).one_or_none()
        return None if row is None else _publication(row)

    def latest_of_variants(self, variants: Collection[VariantId]) -> dict[VariantId, Publication]:
        wanted = (
            select(publication)
            .where(publication.c.variant_id.in_(list(variants)))
            .order_by(publication.c.id)
        )
        return {VariantId(r.variant_id): _publication(r) for r in self._c.execute(wanted)}

    def of_remote(self, account_id: AccountId, ids: Collection[RemoteId]) -> set[RemoteId]:
        """Which of these remote ids are publications of ours that we have a receipt for."""
        wanted = select(publication.c.remote_id).where(
            publication.c.account_id == account_id, publication.c.remote_id.in_(list(ids))
        )
        return {RemoteId(r.remote_id) for r in self._c.execute(wanted)}

    def without_receipt(self, account_id: AccountId, item_id: ItemId | None) -> list[Publication]:
        """Those an echo may belong to: not proved published, not called off, oldest first."""
        states = [
            state.value
            for state in PublicationState
            if state not in {PublicationState.PUBLISHED, PublicationState.CANCELLED}
        ]
        mine = (publication.c.account_id == account_id) & publication.c.state.in_(states)
        mine &= (
            publication.c.item_id.is_(None) if item_id is None else publication.c.item_id == item_id
        )
        rows = self._c.execute(select(publication).where(mine).order_by(publication.c.id))
        return [_publication(r) for r in rows]

    def move(
        self,
        publication_id: PublicationId,
        old: PublicationState,
        new: PublicationState,
        **values: Any,
    ) -> bool:
        """Compare-and-set along the machine; False when somebody was faster."""
        if not PUBLICATION_MACHINE.allows(old, new):
            raise ValueError(f"a publication does not go from {old} to {new}")
        here = (publication.c.id == publication_id) & (publication.c.state == old.value)
        statement = update(publication).where(here).values(state=new.value, **values)
        return self._c.execute(statement).rowcount == 1

    def receive(
        self, publication_id: PublicationId, old: PublicationState, receipt: Receipt
    ) -> bool:
        """It is proved to stand on the network."""
        return self.move(
            publication_id,
            old,
            PublicationState.PUBLISHED,
            remote_id=receipt.remote_id,
            permalink=receipt.permalink,
            visibility=receipt.visibility.value,
            trouble="",
        )

    def note(self, publication_id: PublicationId, **values: Any) -> None:
        """Change what is not its state: staged references, looks, trouble."""
        here = publication.c.id == publication_id
        self._c.execute(update(publication).where(here).values(values))

    def stage(self, publication_id: PublicationId, staged: Staged) -> None:
        self.note(publication_id, staged=dict(staged.refs))

    def states(self, account_id: AccountId) -> dict[PublicationState, int]:
        rows = self._c.execute(
            select(publication.c.state, func.count())
            .where(publication.c.account_id == account_id)
            .group_by(publication.c.state)
        )
        return {PublicationState(state): int(count) for state, count in rows}

    def own_posts(self, account_id: AccountId, limit: int = 10) -> list[RemoteId]:
        """Remote ids of the posts we published here, newest first."""
        wanted = (
            select(publication.c.remote_id)
            .where(
                publication.c.account_id == account_id,
                publication.c.variant_id.is_not(None),
                publication.c.remote_id.is_not(None),
            )
            .order_by(publication.c.id.desc())
            .limit(limit)
        )
        return [RemoteId(r.remote_id) for r in self._c.execute(wanted)]

    # Attempts

    def begin_attempt(self, publication_id: PublicationId, at: Moment, deadline: Moment) -> int:
        last = select(func.max(attempt.c.number)).where(attempt.c.publication_id == publication_id)
        number = (self._c.execute(last).scalar() or 0) + 1
        self._c.execute(
            insert(attempt).values(
                publication_id=publication_id, number=number, started_at=at, deadline=deadline
            )
        )
        return number

    def end_attempt(self, publication_id: PublicationId, at: Moment, outcome: str) -> None:
        """Close the open attempt, if there is one."""
        open_one = (attempt.c.publication_id == publication_id) & attempt.c.ended_at.is_(None)
        self._c.execute(update(attempt).where(open_one).values(ended_at=at, outcome=outcome))

    def attempts(self, publication_id: PublicationId) -> list[Attempt]:
        wanted = (
            select(attempt)
            .where(attempt.c.publication_id == publication_id)
            .order_by(attempt.c.number)
        )
        return [
            Attempt(
                r.number,
                Moment(r.started_at),
                Moment(r.deadline),
                None if r.ended_at is None else Moment(r.ended_at),
                r.outcome,
            )
            for r in self._c.execute(wanted)
        ]


def _publication(r: Any) -> Publication:
    receipt = None
    if r.remote_id is not None:
        receipt = Receipt(RemoteId(r.remote_id), r.permalink, Visibility(r.visibility))
    return Publication(
        id=PublicationId(r.id),
        account_id=AccountId(r.account_id),
        approval_id=ApprovalId(r.approval_id),
        item_id=None if r.item_id is None else ItemId(r.item_id),
        item_revision=r.item_revision,
        variant_id=None if r.variant_id is None else VariantId(r.variant_id),
        text=r.text,
        prepared=Prepared.from_json(r.prepared),
        state=PublicationState(r.state),
        created_at=Moment(r.created_at),
        not_before=Moment(r.not_before),
        expires_at=None if r.expires_at is None else Moment(r.expires_at),
        staged=None if r.staged is None else Staged(r.staged),
        receipt=receipt,
        trouble=r.trouble,
        looks=r.looks,
    )
