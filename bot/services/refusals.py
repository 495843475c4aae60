"""Refusals: what somebody wanted and may not is written down as what they may.

One row for each press; the same press again is answered from memory and writes nothing. The audit
is kept for ever, so nobody may fill it by pressing on: of one person it takes a hundred refusals in
an hour, then one row that says that more follow. All of them are counted in the metrics.

What proves no sender (a forged signature, an old one, a wrong secret) never comes here: it names
nobody. The doors answer 401, and `bot.services.unproved` writes down that it happens.
"""

from __future__ import annotations

from bot.model.commands import OnCard, Order, Outcome
from bot.model.event import Subject
from bot.model.ids import HOUR, BrandId, Moment
from bot.model.member import Member
from bot.services.deciding import SUBJECT_OF
from bot.store.cards import CardRow
from bot.store.tx import Tx

AT_MOST = 100
"""Refusals of one person that are audited one by one within `WINDOW`."""
WINDOW = HOUR


def write_down(tx: Tx, order: Order, outcome: Outcome) -> None:
    """Who wanted what, and that it was refused; words and names are not in it."""
    before = tx.cards.refused_since(order.actor, Moment(tx.now() - WINDOW), AT_MOST + 1)
    if before > AT_MOST:
        return
    member = tx.people.ever(order.actor)
    card = tx.cards.by_token(order.command.token) if isinstance(order.command, OnCard) else None
    brand_id = _brand(tx, member, card)
    if brand_id is None:
        return
    subject, number = _subject(card, brand_id)
    tx.audits.add(
        brand_id,
        "refused" if before < AT_MOST else "refusals_go_on",
        subject,
        number,
        tx.now(),
        member_id=None if member is None else member.id,
        chat=order.actor.chat,
        text=None if member else order.actor.user,
        command=type(order.command).__name__,
        outcome=outcome.kind.value,
        role=_role(member),
    )


def _brand(tx: Tx, member: Member | None, card: CardRow | None) -> BrandId | None:
    """The member's; of a stranger the card's, and without a card the desk's first brand."""
    if member is not None:
        return member.brand_id
    if card is not None:
        return card.brand_id
    brands = tx.accounts.brands()
    return brands[0].id if brands else None


def _subject(card: CardRow | None, brand_id: BrandId) -> tuple[Subject, int]:
    """The thing on the card, unless it belongs to somebody else's brand."""
    subject = None if card is None else SUBJECT_OF.get(card.kind)
    if card is None or subject is None or card.brand_id != brand_id:
        return Subject.BRAND, brand_id
    return subject, card.subject_id


def _role(member: Member | None) -> str:
    if member is None:
        return "stranger"
    return member.role.value if member.is_active else "former"
