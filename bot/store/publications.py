"""Publications and their attempts; every move is a compare-and-set on the state it leaves."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from bot.model.account import AccountState
from bot.model.hold import HoldKind, Leaving
from bot.model.ids import (
    AccountId,
    ApprovalId,
    BrandId,
    ItemId,
    Moment,
    PublicationId,
    RemoteId,
    VariantId,
)
from bot.model.publication import (
    OVER,
    PUBLICATION_MACHINE,
    Attempt,
    Prepared,
    Publication,
    PublicationState,
    Receipt,
    Staged,
    Visibility,
)
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.schema import account, attempt, post_variant, publication
from bot.store.statement import Statement
from bot.store.upsert import Upsert

_QUEUE = Upsert(
    publication, lambda added: added.on_conflict_do_nothing().returning(publication.c.id)
)
_GET = Statement(select(publication).where(publication.c.id == bindparam("id")))
_LOCK = Statement(_GET.core.with_for_update())
_OF_ITEMS = ByKeys(select(publication).order_by(publication.c.id), publication.c.item_id)
_OF_VARIANTS = ByKeys(select(publication).order_by(publication.c.id), publication.c.variant_id)
_OF_ACCOUNT = publication.c.account_id == bindparam("account_id")
_OF_REMOTE = ByKeys(
    select(publication.c.remote_id).where(_OF_ACCOUNT), publication.c.remote_id, is_second=True
)
_WITHOUT_RECEIPT = (
    select(publication)
    .where(
        _OF_ACCOUNT,
        publication.c.state.not_in([one.value for one in OVER]),
    )
    .order_by(publication.c.id)
)
_REPLIES_WITHOUT_RECEIPT = Statement(
    _WITHOUT_RECEIPT.where(publication.c.item_id == bindparam("item_id"))
)
_POSTS_WITHOUT_RECEIPT = Statement(_WITHOUT_RECEIPT.where(publication.c.item_id.is_(None)))
_RECORDED = Statement(
    select(publication)
    .where(
        _OF_ACCOUNT,
        publication.c.state == PublicationState.RECORDED.value,
        publication.c.item_id.is_not(None),
        publication.c.created_at >= bindparam("since"),
    )
    .order_by(publication.c.id)
)
_STATES = Statement(
    select(publication.c.state, func.count()).where(_OF_ACCOUNT).group_by(publication.c.state)
)
# by its variants: of an account with many replies and few posts, all replies would be looked at
_VARIANTS = select(post_variant.c.id).where(post_variant.c.account_id == bindparam("account_id"))
_OWN_POSTS = Statement(
    select(publication.c.remote_id)
    .where(publication.c.variant_id.in_(_VARIANTS), publication.c.remote_id.is_not(None))
    .order_by(publication.c.id.desc())
    .limit(bindparam("limit"))
)
_LEAVING = Statement(
    select(
        publication.c.id,
        publication.c.item_id,
        publication.c.text,
        publication.c.not_before,
        account.c.slug,
    )
    .join(account, account.c.id == publication.c.account_id)
    .where(
        account.c.brand_id == bindparam("brand_id"),
        publication.c.state == PublicationState.QUEUED.value,
        publication.c.is_shadow.is_(False),
        account.c.resume_state != AccountState.SHADOW.value,
    )
    .order_by(publication.c.not_before, publication.c.id)
)
_NOTE = Statement(update(publication).where(publication.c.id == bindparam("b_id")))
_MOVE = Statement(_NOTE.core.where(publication.c.state == bindparam("b_state")))

_BEGIN_ATTEMPT = Statement(
    insert(attempt)
    .values(
        number=select(func.coalesce(func.max(attempt.c.number), 0) + 1)
        .where(attempt.c.publication_id == bindparam("b_publication_id"))
        .scalar_subquery()
    )
    .returning(attempt.c.number)
)
_END_ATTEMPT = Statement(
    update(attempt).where(
        attempt.c.publication_id == bindparam("b_publication_id"), attempt.c.ended_at.is_(None)
    )
)
_ATTEMPTS = Statement(
    select(attempt)
    .where(attempt.c.publication_id == bindparam("publication_id"))
    .order_by(attempt.c.number)
)


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
            "is_shadow": new.is_shadow,
        }
        number = self._c.execute(_QUEUE[self._c.dialect.name], values).scalar()
        return None if number is None else PublicationId(number)

    def get(self, publication_id: PublicationId) -> Publication:
        return _publication(self._c.execute(_GET, {"id": publication_id}).one())

    def lock(self, publication_id: PublicationId) -> Publication:
        """The publication, locked until the transaction ends.

        Whoever decides about one locks it before its due row and before its account, always in
        this order, so that a sender and a person who stops it wait for each other.
        """
        return _publication(self._c.execute(_LOCK, {"id": publication_id}).one())

    def latest_of_item(self, item_id: ItemId) -> Publication | None:
        return self.latest_of_items([item_id]).get(item_id)

    def latest_of_items(self, items: Collection[ItemId]) -> dict[ItemId, Publication]:
        newest = {r.item_id: r for r in _OF_ITEMS.rows(self._c, items, {})}
        return {ItemId(key): _publication(r) for key, r in newest.items()}

    def latest_of_variants(self, variants: Collection[VariantId]) -> dict[VariantId, Publication]:
        rows = _OF_VARIANTS.rows(self._c, variants, {})
        return {VariantId(r.variant_id): _publication(r) for r in rows}

    def of_remote(self, account_id: AccountId, ids: Collection[RemoteId]) -> set[RemoteId]:
        """Which of these remote ids are publications of ours that we have a receipt for."""
        rows = _OF_REMOTE.rows(self._c, ids, {"account_id": account_id})
        return {RemoteId(r.remote_id) for r in rows}

    def without_receipt(self, account_id: AccountId, item_id: ItemId | None) -> list[Publication]:
        """Those an echo may belong to: not proved published, not over without, oldest first."""
        keys = {"account_id": account_id}
        if item_id is None:
            rows = self._c.execute(_POSTS_WITHOUT_RECEIPT, keys)
        else:
            rows = self._c.execute(_REPLIES_WITHOUT_RECEIPT, keys | {"item_id": item_id})
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
        keys = {"b_id": publication_id, "b_state": old.value}
        return self._c.execute(_MOVE, keys | {"state": new.value} | values).rowcount == 1

    def receive(
        self, publication_id: PublicationId, old: PublicationState, receipt: Receipt, says: str = ""
    ) -> bool:
        """It is proved to stand on the network; `says` tells how that came out."""
        return self.move(
            publication_id,
            old,
            PublicationState.PUBLISHED,
            remote_id=receipt.remote_id,
            permalink=receipt.permalink,
            visibility=receipt.visibility.value,
            trouble=says,
        )

    def note(self, publication_id: PublicationId, **values: Any) -> None:
        """Change what is not its state: staged references, looks, trouble."""
        self._c.execute(_NOTE, {"b_id": publication_id, **values})

    def stage(self, publication_id: PublicationId, staged: Staged) -> None:
        self.note(publication_id, staged=dict(staged.refs))

    def recorded(self, account_id: AccountId, since: Moment) -> list[Publication]:
        """Replies that shadow kept since then, oldest first."""
        rows = self._c.execute(_RECORDED, {"account_id": account_id, "since": since})
        return [_publication(r) for r in rows]

    def leaving(self, brand_id: BrandId) -> list[Leaving]:
        """What is approved and waits to leave, not what shadow will record; the first due first."""
        rows = self._c.execute(_LEAVING, {"brand_id": brand_id})
        return [
            Leaving(
                PublicationId(r.id),
                HoldKind.POSTS if r.item_id is None else HoldKind.REPLIES,
                r.slug,
                r.text,
                Moment(r.not_before),
            )
            for r in rows
        ]

    def states(self, account_id: AccountId) -> dict[PublicationState, int]:
        rows = self._c.execute(_STATES, {"account_id": account_id})
        return {PublicationState(state): int(count) for state, count in rows}

    def own_posts(self, account_id: AccountId, limit: int = 10) -> list[RemoteId]:
        """Remote ids of the posts we published here, newest first."""
        rows = self._c.execute(_OWN_POSTS, {"account_id": account_id, "limit": limit})
        return [RemoteId(r.remote_id) for r in rows]

    # Attempts

    def begin_attempt(self, publication_id: PublicationId, at: Moment, deadline: Moment) -> int:
        values = {
            "b_publication_id": publication_id,
            "publication_id": publication_id,
            "started_at": at,
            "deadline": deadline,
        }
        return int(self._c.execute(_BEGIN_ATTEMPT, values).scalar_one())

    def end_attempt(self, publication_id: PublicationId, at: Moment, outcome: str) -> None:
        """Close the open attempt, if there is one."""
        values = {"b_publication_id": publication_id, "ended_at": at, "outcome": outcome}
        self._c.execute(_END_ATTEMPT, values)

    def attempts(self, publication_id: PublicationId) -> list[Attempt]:
        rows = self._c.execute(_ATTEMPTS, {"publication_id": publication_id})
        return [
            Attempt(
                r.number,
                Moment(r.started_at),
                Moment(r.deadline),
                None if r.ended_at is None else Moment(r.ended_at),
                r.outcome,
            )
            for r in rows
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
        is_shadow=bool(r.is_shadow),
        looks=r.looks,
    )
