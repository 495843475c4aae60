"""What a person may do to a publication: stop it, retry it, look for it, say what they saw."""

from __future__ import annotations

from bot.cards.card import CardKind
from bot.model.commands import Outcome, OutcomeKind
from bot.model.ids import ItemId, PostId, RemoteId
from bot.model.item import ItemState
from bot.model.member import Role
from bot.model.publication import Publication, PublicationState, Receipt
from bot.services import outcomes
from bot.services.approvals import publish_due
from bot.services.deciding import Deciding, done, lacks_role, refused
from bot.store.cards import CardRow

_P = PublicationState


def of_card(deciding: Deciding, card: CardRow, *states: PublicationState) -> list[Publication]:
    """The card's latest publications that stand in one of these states."""
    tx = deciding.tx
    if card.kind is CardKind.ITEM:
        latest = tx.publications.latest_of_item(ItemId(card.subject_id))
        found = [] if latest is None else [latest]
    else:
        post = tx.posts.get(PostId(card.subject_id))
        variants = [variant.id for variant in post.variants]
        found = list(tx.publications.latest_of_variants(variants).values())
    return [publication for publication in found if publication.state in states]


def stop(deciding: Deciding, card: CardRow) -> Outcome:
    """Within the undo window, or while it is held; one's own takes no higher role."""
    queued = of_card(deciding, card, _P.QUEUED)
    if not queued:
        return Outcome(OutcomeKind.STALE, "Too late to stop it: it is already on its way.")
    if card.changed_by != deciding.member.id:
        objection = lacks_role(deciding, Role.APPROVER)
        if objection is not None:
            return objection
    stopped = [
        outcomes.given_up(
            deciding.tx,
            publication,
            _P.CANCELLED,
            deciding.now,
            trouble=f"Stopped by {deciding.member.name}.",
        )
        for publication in queued
    ]
    if not any(stopped):
        return Outcome(OutcomeKind.STALE, "Too late to stop it: it is already on its way.")
    _sign(deciding, card, "stopped", "stopped this")
    return done("Stopped. Nothing was sent.")


def retry(deciding: Deciding, card: CardRow) -> Outcome:
    """A failed one again; one that needs a human again, because a person says it is not there."""
    tries = of_card(deciding, card, _P.FAILED, _P.NEEDS_HUMAN)
    if not tries:
        return refused("There is nothing to send again on this card.")
    if any(publication.state is _P.NEEDS_HUMAN for publication in tries):
        objection = lacks_role(deciding, Role.MANAGER)
        if objection is not None:
            return objection
    if card.kind is CardKind.ITEM and _is_settled(deciding, card):
        return refused("This comment is settled; reopen it to answer it.")
    for publication in tries:
        moved = deciding.tx.publications.move(
            publication.id,
            publication.state,
            _P.QUEUED,
            trouble="",
            not_before=deciding.now,
            expires_at=None,
        )
        if moved:
            if publication.state is _P.NEEDS_HUMAN:
                # a person says that it is not there; no look of the desk's did
                deciding.tx.publications.note(publication.id, looks=0)
            deciding.tx.due.put(publish_due(publication.id, deciding.now))
            if publication.item_id is not None:
                deciding.tx.items.set_state(publication.item_id, ItemState.ANSWERING)
            brand_id = deciding.member.brand_id
            outcomes.tell(deciding.tx, brand_id, publication, _P.QUEUED, deciding.now)
    _sign(deciding, card, "retried", "sent this again")
    return done("Sending it again.")


def look_again(deciding: Deciding, card: CardRow) -> Outcome:
    doubtful = of_card(deciding, card, _P.UNKNOWN, _P.NEEDS_HUMAN)
    if not doubtful:
        return refused("Its outcome is known; there is nothing to look for.")
    for publication in doubtful:
        deciding.tx.due.put(publish_due(publication.id, deciding.now))
    _sign(deciding, card, "asked_to_look", "asked the desk to look again")
    return done("Looking on the network now.")


def confirm(deciding: Deciding, card: CardRow, permalink: str) -> Outcome:
    """A person saw it on the network: that is the proof."""
    if permalink and not permalink.startswith(("https://", "http://")):
        return refused("Give the whole link, beginning with https://, or leave it empty.")
    doubtful = of_card(deciding, card, _P.NEEDS_HUMAN, _P.UNKNOWN)
    if not doubtful:
        return refused("Its outcome is known already.")
    for publication in doubtful:
        receipt = Receipt(RemoteId(f"seen:{publication.id}"), permalink)
        outcomes.published(deciding.tx, publication, receipt, deciding.now)
    _sign(deciding, card, "confirmed_published", "saw this on the network")
    return done("Noted as published.")


def abandon(deciding: Deciding, card: CardRow) -> Outcome:
    stuck = of_card(deciding, card, _P.FAILED, _P.NEEDS_HUMAN)
    if not stuck:
        return refused("There is nothing to give up on this card.")
    if any(publication.state is _P.NEEDS_HUMAN for publication in stuck):
        objection = lacks_role(deciding, Role.MANAGER)
        if objection is not None:
            return objection
    for publication in stuck:
        says = f"Given up by {deciding.member.name}."
        outcomes.given_up(deciding.tx, publication, _P.CANCELLED, deciding.now, trouble=says)
    _sign(deciding, card, "abandoned", "gave this up")
    if card.kind is CardKind.ITEM:
        return done("Given up. The comment is open again.")
    return done("Given up. It will not be sent.")


def _is_settled(deciding: Deciding, card: CardRow) -> bool:
    item = deciding.tx.items.get(ItemId(card.subject_id))
    return item.state not in {ItemState.OPEN, ItemState.ANSWERING}


def _sign(deciding: Deciding, card: CardRow, action: str, how: str) -> None:
    deciding.audit(action, card)
    deciding.tx.cards.turn(card.kind, card.subject_id, deciding.now, how=how, by=deciding.member.id)
