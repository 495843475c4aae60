"""What the card of a pause or its end shows: counted anew whenever it is drawn."""

from __future__ import annotations

from bot.cards.facts import HoldFacts
from bot.model.hold import HoldChange, HoldChangeState, HoldKind, HoldVerb, Pending
from bot.model.ids import HoldChangeId, Moment
from bot.services import pausing
from bot.store.cards import CardRow
from bot.store.tx import Tx


def hold_facts(tx: Tx, card: CardRow, now: Moment) -> HoldFacts:
    change = tx.hold_changes.get(HoldChangeId(card.subject_id))
    account = None if change.account_id is None else tx.accounts.get(change.account_id)
    is_asked = change.state is HoldChangeState.ASKED
    waits = pausing.shown(tx, change.brand_id, change.kinds, account)
    posts = _posts(tx, card, change)
    is_late = is_asked and change.verb is HoldVerb.UNPAUSE
    return HoldFacts(
        token=card.token,
        revision=card.revision,
        change=change,
        brand=tx.accounts.brand(change.brand_id).name,
        account="" if account is None else account.slug,
        asked_by=tx.people.get(change.member_id),
        posts=tuple(posts),
        late=sum(one.slot <= now for one in posts) if is_late else 0,
        replies=waits.replies if is_asked else 0,
        away=pausing.on_their_way(tx, change.brand_id, account) if is_asked else 0,
    )


def _posts(tx: Tx, card: CardRow, change: HoldChange) -> list[Pending]:
    match change.state:
        case HoldChangeState.ASKED if HoldKind.POSTS in change.kinds:
            return tx.held_posts.pending(change.brand_id, change.account_id)
        case HoldChangeState.DONE:
            return tx.held_posts.undecided(change.brand_id, card.id)
        case _:
            return []
