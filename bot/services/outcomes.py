"""How a publication ended, and what that does to the item or post it belongs to.

Every function here moves the publication by compare-and-set, and does nothing more when
somebody else was faster.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Any

from bot.cards.kinds import CardKind
from bot.model.event import REACHED, Subject
from bot.model.ids import BrandId, Moment, PostId
from bot.model.item import ItemState
from bot.model.media import own_pictures
from bot.model.post import PostState
from bot.model.publication import OVER, Publication, PublicationState, Receipt
from bot.store.tx import Tx


class Found(StrEnum):
    """How it came out that a lost answer was a yes; the event tells it under this name."""

    LOOKING = "found_by_looking"
    SHOWN = "found_as_shown"
    REPEATED = "repeated_when_absent"


_FOUND = {
    Found.LOOKING: (
        "Its answer was lost; the desk looked, found it there and did not send it again."
    ),
    Found.SHOWN: "Its answer was lost; the network showed it, so it was not sent again.",
    Found.REPEATED: (
        "Its first answer was lost; the desk looked, it was not there, and it was sent once more."
    ),
}


def published(
    tx: Tx, publication: Publication, receipt: Receipt, now: Moment, found: Found | None = None
) -> bool:
    """The network's proof is here. The yes is spent: the same words again need another one."""
    says = "" if found is None else _FOUND[found]
    if publication.state in OVER or not tx.publications.receive(
        publication.id, publication.state, receipt, says
    ):
        return False
    tx.publications.end_attempt(publication.id, now, "published")
    tx.due.drop(f"publish:{publication.id}")
    tx.drafts.void_approvals(publication.approval_id)
    if publication.item_id is not None:
        tx.items.answer(publication.item_id, now)
    elif receipt.remote_id:
        _watch(tx, publication, receipt, now)
    proved = replace(publication, receipt=receipt)
    state, told = PublicationState.PUBLISHED, "" if found is None else found.value
    show(tx, proved, state, now, how="published this", told=told)
    return True


def _watch(tx: Tx, publication: Publication, receipt: Receipt, now: Moment) -> None:
    """What people write under a post of ours is to be seen, and under what they write it."""
    account_id, root = publication.account_id, receipt.remote_id
    tx.items.watch_thread(account_id, root, publication.text, receipt.permalink, now)
    assert publication.variant_id is not None
    post = tx.posts.get(PostId(tx.posts.of_variant(publication.variant_id)))
    picture = own_pictures(post.media)
    if picture is not None:
        tx.items.picture_threads(account_id, {root: picture})


def unsettled(
    tx: Tx,
    publication: Publication,
    new: PublicationState,
    now: Moment,
    *,
    trouble: str,
    told: str = "",
) -> bool:
    """On to `unknown`, `needs_human` or back to `queued`: not over yet."""
    if not tx.publications.move(publication.id, publication.state, new, trouble=trouble):
        return False
    show(tx, publication, new, now, how="tried to publish this", told=told)
    return True


def given_up(
    tx: Tx, publication: Publication, new: PublicationState, now: Moment, *, trouble: str
) -> bool:
    """`failed` or `cancelled`: the item is open again, the words stay for another try."""
    if not tx.publications.move(publication.id, publication.state, new, trouble=trouble):
        return False
    tx.publications.end_attempt(publication.id, now, new.value)
    tx.due.drop(f"publish:{publication.id}")
    if new is PublicationState.CANCELLED:
        tx.drafts.void_approvals(publication.approval_id)
    _release(tx, publication)
    show(tx, publication, new, now, how="stopped this from being published")
    return True


def recorded(tx: Tx, publication: Publication, now: Moment) -> bool:
    """In shadow this is the end: the decision is kept, and the yes is spent."""
    state = PublicationState.RECORDED
    if not tx.publications.move(publication.id, publication.state, state, trouble=""):
        return False
    tx.due.drop(f"publish:{publication.id}")
    tx.drafts.void_approvals(publication.approval_id)
    if publication.item_id is not None:
        tx.items.set_state(publication.item_id, ItemState.CLOSED)
    show(tx, publication, state, now, how="recorded this and sent nothing")
    return True


def _release(tx: Tx, publication: Publication) -> None:
    """The item is open again unless it was deleted or closed meanwhile; a post waits again."""
    if publication.item_id is not None:
        if tx.items.get(publication.item_id).state is ItemState.ANSWERING:
            tx.items.set_state(publication.item_id, ItemState.OPEN)
        return
    assert publication.variant_id is not None
    post = tx.posts.get(PostId(tx.posts.of_variant(publication.variant_id)))
    parts = tx.publications.latest_of_variants([variant.id for variant in post.variants])
    if all(part.state is PublicationState.CANCELLED for part in parts.values()):
        tx.posts.set_state(post.id, PostState.WAITING)


def show(
    tx: Tx,
    publication: Publication,
    state: PublicationState,
    now: Moment,
    *,
    how: str,
    told: str = "",
) -> None:
    """Turn the card, tell the feed (`told` is how it came to that), write the audit."""
    brand_id = tx.accounts.get(publication.account_id).brand_id
    turn(tx, publication, now, how=how)
    tell(tx, brand_id, publication, state, now, told)
    _card, subject, subject_id = about(tx, publication)
    receipt = publication.receipt
    tx.audits.add(
        brand_id,
        f"publication_{state.value}",
        subject,
        subject_id,
        now,
        text=publication.text,
        publication=publication.id,
        key=publication.prepared.key,
        remote_id=receipt.remote_id if receipt else None,
    )


def turn(tx: Tx, publication: Publication, now: Moment, *, how: str) -> None:
    """`how` is what the desk did, as a clause in the past tense."""
    kind, _subject, subject_id = about(tx, publication)
    tx.cards.turn(kind, subject_id, now, how=f"The desk {how}")


def tell(
    tx: Tx,
    brand_id: BrandId,
    publication: Publication,
    state: PublicationState,
    now: Moment,
    told: str = "",
) -> None:
    _kind, subject, subject_id = about(tx, publication)
    facts: dict[str, Any] = {"publication": publication.id}
    if told:
        facts["how"] = told
    tx.events.add(REACHED[state], brand_id, subject, subject_id, now, **facts)


def about(tx: Tx, publication: Publication) -> tuple[CardKind, Subject, int]:
    """What a publication belongs to: the kind of its card and the subject's id."""
    if publication.item_id is not None:
        return CardKind.ITEM, Subject.ITEM, publication.item_id
    assert publication.variant_id is not None
    return CardKind.POST, Subject.POST, tx.posts.of_variant(publication.variant_id)
