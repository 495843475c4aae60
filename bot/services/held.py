"""What crisis mode holds: asked in the last commit before the network, released by a decision.

A planned post is held while a crisis of its brand is on, and after that until somebody has
decided what becomes of it. Held is looked at before expired: what a crisis kept past its time is
still asked about.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.kinds import CardKind
from bot.model.account import Account
from bot.model.crisis import HeldVerb
from bot.model.ids import MemberId, Moment, PublicationId
from bot.model.publication import Publication
from bot.speech.speech import marked
from bot.store.tx import Tx

IS_ON = marked("Held: crisis mode is on. It is asked about when crisis mode ends.")
IS_ASKED = marked("Held: crisis mode held it, and nobody has said yet what becomes of it.")


def why_held(tx: Tx, account: Account, publication: Publication) -> str | None:
    """Whoever asks holds the lock of the account: a crisis begins and ends under it."""
    if publication.item_id is not None:
        return None
    if tx.crises.on(account.brand_id) is not None:
        return IS_ON
    return IS_ASKED if tx.crises.holds(publication.id) else None


def release(
    tx: Tx,
    publications: Sequence[PublicationId],
    decision: HeldVerb,
    member_id: MemberId,
    now: Moment,
) -> bool:
    """False when no crisis asked about them."""
    asked = tx.crises.decide(publications, decision, member_id, now)
    for crisis_id in sorted(asked):
        how = "decided about what was held"
        tx.cards.turn(CardKind.CRISIS, crisis_id, now, how=how, by=member_id)
    return bool(asked)
