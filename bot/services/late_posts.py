"""Planned posts whose time passed while they were paused: somebody says what becomes of each."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.cards.kinds import CardKind
from bot.model.hold import HoldChangeState, HoldKind
from bot.model.ids import AccountId, BrandId, HoldChangeId, PublicationId
from bot.services.deciding import Deciding
from bot.services.routing import land_apart
from bot.store.cards import CardRow
from bot.store.tx import Tx


def paused_accounts(tx: Tx, brand_id: BrandId) -> set[AccountId]:
    accounts = tx.accounts.of_brand(brand_id)
    return {one.id for one in accounts if tx.accounts.is_held(one, HoldKind.POSTS)}


def late_since(deciding: Deciding, paused: Collection[AccountId]) -> list[PublicationId]:
    """Of accounts that were paused and are not any more; what crisis mode holds that asks about."""
    tx, brand_id = deciding.tx, deciding.member.brand_id
    if tx.crises.on(brand_id) is not None:
        return []
    freed = {tx.accounts.get(one).slug for one in set(paused) - paused_accounts(tx, brand_id)}
    return [
        one.publication_id
        for one in tx.publications.leaving(brand_id)
        if one.kind is HoldKind.POSTS
        and one.account in freed
        and one.at <= deciding.now
        and not tx.held_posts.holds(one.publication_id)
    ]


def ask_about(deciding: Deciding, card: CardRow, late: Sequence[PublicationId]) -> str:
    """The card asks about each, where everything lands; says so."""
    tx, speech, number = deciding.tx, deciding.speech, HoldChangeId(card.subject_id)
    tx.held_posts.hold(card.id, late)
    tx.hold_changes.settle(number, HoldChangeState.DONE)
    where = land_apart(tx, card.brand_id, CardKind.HOLD, number, None, deciding.now)
    says = speech.plural(
        "{count} post is late: its card asks what becomes of it.",
        "{count} posts are late: a card asks about each, and none leaves by itself.",
        len(late),
    )
    if not where:
        return says
    return f"{says} {speech.say('It stands in {channels}.', channels=', '.join(where))}"
