"""Planned posts that wait to leave, and those of which a card asks what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import BindParameter, bindparam, select, update

from bot.model.hold import HeldVerb, Pending
from bot.model.ids import AccountId, BrandId, CardId, MemberId, Moment, PostId, PublicationId
from bot.model.post import PostState
from bot.model.publication import PublicationState
from bot.store.among import among
from bot.store.connection import Connection
from bot.store.schema import ID, account, held_post, post, post_variant, publication
from bot.store.statement import Statement
from bot.store.upsert import Upsert

LEFT = (PublicationState.SENDING.value, PublicationState.UNKNOWN.value)
"""States of what has been sent and may not have arrived."""
_BRAND: BindParameter[int] = bindparam("brand_id", type_=ID)

_PARTS = (
    select(
        publication.c.id,
        publication.c.not_before,
        publication.c.text,
        post_variant.c.post_id,
        account.c.name,
        account.c.slug,
    )
    .select_from(post)
    .join(post_variant, post_variant.c.post_id == post.c.id)
    .join(publication, publication.c.variant_id == post_variant.c.id)
    .join(account, account.c.id == publication.c.account_id)
    .where(
        post.c.brand_id == _BRAND,
        post.c.state == PostState.APPROVED.value,
        publication.c.state.in_([PublicationState.QUEUED.value, *LEFT]),
    )
    .order_by(post_variant.c.post_id, publication.c.id)
)
_PENDING = Statement(_PARTS)
_PENDING_ON = Statement(_PARTS.where(account.c.id == bindparam("account_id", type_=ID)))
_UNDECIDED = Statement(
    _PARTS.join(held_post, held_post.c.publication_id == publication.c.id).where(
        held_post.c.card_id == bindparam("card_id"), held_post.c.decided_at.is_(None)
    )
)
_HOLD = Upsert(held_post, lambda held: held.on_conflict_do_nothing())
_HOLDS = Statement(
    select(held_post.c.card_id)
    .where(
        held_post.c.publication_id == bindparam("publication_id"),
        held_post.c.decided_at.is_(None),
    )
    .limit(1)
)
_DECIDE = Statement(
    update(held_post)
    .where(among(held_post.c.publication_id, "b_publications"), held_post.c.decided_at.is_(None))
    .returning(held_post.c.card_id)
)


class HeldPosts:
    def __init__(self, connection: Connection) -> None:
        self._c = connection

    def pending(self, brand_id: BrandId, account_id: AccountId | None = None) -> list[Pending]:
        """Approved posts of which a part has not left for certain; what is due first is first."""
        if account_id is None:
            return _posts(self._c.execute(_PENDING, {"brand_id": brand_id}))
        keys = {"brand_id": brand_id, "account_id": account_id}
        return _posts(self._c.execute(_PENDING_ON, keys))

    def undecided(self, brand_id: BrandId, card_id: CardId) -> list[Pending]:
        """What that card asks about and nobody decided about yet."""
        keys = {"brand_id": brand_id, "card_id": card_id}
        return _posts(self._c.execute(_UNDECIDED, keys))

    def hold(self, card_id: CardId, publications: Sequence[PublicationId]) -> None:
        """They do not leave before somebody has decided."""
        rows = [{"card_id": card_id, "publication_id": one} for one in publications]
        if rows:
            self._c.execute(_HOLD[self._c.dialect.name], rows)

    def holds(self, publication_id: PublicationId) -> bool:
        """Whether some card asks about it and nobody decided yet."""
        keys = {"publication_id": publication_id}
        return self._c.execute(_HOLDS, keys).first() is not None

    def decide(
        self,
        publications: Sequence[PublicationId],
        decision: HeldVerb,
        member_id: MemberId,
        at: Moment,
    ) -> set[CardId]:
        """The cards that asked; none when nothing of it waited for a decision."""
        if not publications:
            return set()
        values = {"decision": decision.value, "decided_by": member_id, "decided_at": at}
        found = self._c.execute(_DECIDE, {"b_publications": list(publications), **values})
        return {CardId(n) for n in found.scalars()}


def _posts(rows: Any) -> list[Pending]:
    """Parts of the same post together."""
    posts = []
    for post_id, parts in groupby(rows, key=lambda r: int(r.post_id)):
        found = list(parts)
        posts.append(
            Pending(
                PostId(post_id),
                Moment(min(r.not_before for r in found)),
                found[0].text,
                tuple(PublicationId(r.id) for r in found),
                tuple(r.name or r.slug for r in found),
            )
        )
    return sorted(posts, key=lambda one: (one.slot, one.post_id))
