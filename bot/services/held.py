"""What is held: asked in the last commit before the network, released by a decision.

A planned post is held while a crisis of its brand is on or its account is paused, and after that
until somebody has decided what becomes of it, where it is asked about: all that a crisis held, of
a pause what was due meanwhile. Held is looked at before expired, so what was kept past its time is
still asked about.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.model.account import Account
from bot.model.hold import HeldVerb, HoldKind
from bot.model.ids import MemberId, Moment, PublicationId
from bot.model.publication import Publication
from bot.speech.speech import marked
from bot.store.tx import Tx

IS_ON = marked("Held: crisis mode is on. It is asked about when crisis mode ends.")
IS_ASKED = marked("Held: it was held back, and nobody has said yet what becomes of it.")


def why_held(tx: Tx, account: Account, publication: Publication) -> str | None:
    """Whoever asks holds the lock of the account: crises and pauses begin and end under it."""
    if publication.item_id is not None:
        return None
    if tx.crises.on(account.brand_id) is not None:
        return IS_ON
    if tx.held_posts.holds(publication.id):
        return IS_ASKED
    return why_paused(tx, account, publication)


def why_paused(tx: Tx, account: Account, publication: Publication) -> str | None:
    kind = HoldKind.POSTS if publication.item_id is None else HoldKind.REPLIES
    if not tx.accounts.is_held(account, kind):
        return None
    does = "is recorded" if publication.is_shadow or account.is_shadow else "leaves"
    return f"Held: {kind.value} are paused. It {does} when a manager unpauses them."


def release(
    tx: Tx,
    publications: Sequence[PublicationId],
    decision: HeldVerb,
    member_id: MemberId,
    now: Moment,
) -> bool:
    """False when no card asked about them."""
    asked = tx.held_posts.decide(publications, decision, member_id, now)
    for card in tx.cards.some(asked).values():
        how = "decided about what was held"
        tx.cards.turn(card.kind, card.subject_id, now, how=how, by=member_id)
    return bool(asked)
