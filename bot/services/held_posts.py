"""What becomes of the posts that were held: one press of a person for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from bot.cards.held_view import WRITE_WHEN
from bot.cards.kinds import CardKind
from bot.model import commands as c
from bot.model import when
from bot.model.commands import Outcome, OutcomeKind
from bot.model.crisis import CrisisMoment, CrisisState
from bot.model.event import EventKind, Subject
from bot.model.hold import HeldVerb, HoldKind, Pending
from bot.model.ids import DAY, HOUR, CrisisId, Moment, PostId
from bot.model.post import PostState
from bot.model.publication import Publication, PublicationState
from bot.services import held, outcomes, scheduling
from bot.services.deciding import Deciding, done, refused
from bot.speech.speech import marked
from bot.store.cards import CardRow

LATER: Mapping[HeldVerb, int] = {HeldVerb.HOUR: HOUR, HeldVerb.DAY: DAY}
"""Milliseconds from the press."""
_SAYS: Mapping[HeldVerb, str] = {
    HeldVerb.NOW: marked("It leaves now."),
    HeldVerb.HOUR: marked("It leaves in an hour."),
    HeldVerb.DAY: marked("It leaves in a day, at this time."),
    HeldVerb.AT: marked("It leaves at that time."),
    HeldVerb.CANCEL: marked("Cancelled. It will not be sent."),
}
_HOWS: Mapping[HeldVerb, str] = {
    HeldVerb.NOW: marked("let this leave"),
    HeldVerb.HOUR: marked("moved this post"),
    HeldVerb.DAY: marked("moved this post"),
    HeldVerb.AT: marked("moved this post"),
    HeldVerb.CANCEL: marked("cancelled this post"),
}


def decide(deciding: Deciding, card: CardRow, command: c.DecideHeld) -> Outcome:
    tx, brand_id = deciding.tx, card.brand_id
    if card.kind is CardKind.CRISIS and not _is_over(deciding, card):
        return refused("It is asked about when crisis mode has ended.")
    if tx.crises.on(brand_id) is not None:
        return refused("Crisis mode is on again, so it is held again until that ends.")
    undecided = tx.held_posts.undecided(brand_id, card.id)
    asked = {one.post_id: one for one in undecided}.get(PostId(command.post))
    if asked is None:
        says = "That post is decided already. Nothing was changed; look at the card again."
        return Outcome(OutcomeKind.STALE, says)
    parts = [tx.publications.lock(part) for part in asked.publications]
    waiting = [one for one in parts if one.state is PublicationState.QUEUED]
    if command.verb is HeldVerb.CANCEL:
        if not waiting:
            says = "A request for it left before, and its answer was lost. Wait until it is found."
            return refused(says)
        _cancel(deciding, asked, waiting)
    elif command.verb is HeldVerb.NOW and _are_paused(deciding, waiting):
        return refused("Posts are paused there, so it would not leave. Unpause them first.")
    else:
        try:
            slot = _slot(deciding, command)
        except ValueError:
            return refused(WRITE_WHEN)
        scheduling.rearrange(deciding, asked.post_id, waiting, slot)
    held.release(tx, asked.publications, command.verb, deciding.member.id, deciding.now)
    _sign(deciding, card, asked, command.verb)
    silent = _in_shadow(deciding, waiting) if command.verb is not HeldVerb.CANCEL else []
    if silent:
        says = "{account} is in shadow: this is recorded, and nothing leaves."
        return done(deciding.speech.say(says, account=", ".join(silent)))
    return done(_SAYS[command.verb])


def _slot(deciding: Deciding, command: c.DecideHeld) -> Moment | None:
    """None is now; ValueError for what is no time to come. An hour is one of the member's own."""
    if command.verb is HeldVerb.AT:
        member = deciding.member
        zone = member.tongue.zone or deciding.tx.accounts.brand(member.brand_id).zone
        slot, _rest = when.read(command.when.split(), deciding.now, ZoneInfo(zone))
        if slot <= deciding.now:
            raise ValueError(command.when)
        return slot
    later = LATER.get(command.verb)
    return None if later is None else Moment(deciding.now + later)


def _is_over(deciding: Deciding, card: CardRow) -> bool:
    return deciding.tx.crises.get(CrisisId(card.subject_id)).state is CrisisState.OVER


def _in_shadow(deciding: Deciding, waiting: list[Publication]) -> list[str]:
    """The accounts of these, where from none of them anything would leave."""
    parts = [(one, deciding.tx.accounts.get(one.account_id)) for one in waiting]
    recorded = [account.slug for one, account in parts if one.is_shadow or account.is_shadow]
    return recorded if len(recorded) == len(parts) else []


def _are_paused(deciding: Deciding, waiting: list[Publication]) -> bool:
    accounts = deciding.tx.accounts
    parts = (accounts.get(one.account_id) for one in waiting)
    return any(accounts.is_held(account, HoldKind.POSTS) for account in parts)


def _cancel(deciding: Deciding, asked: Pending, waiting: list[Publication]) -> None:
    """What has left stays where it is."""
    tx = deciding.tx
    trouble = f"Cancelled by {deciding.member.name}."
    for one in waiting:
        outcomes.given_up(tx, one, PublicationState.CANCELLED, deciding.now, trouble=trouble)
    if tx.posts.get(asked.post_id).state is PostState.WAITING:
        tx.posts.set_state(asked.post_id, PostState.CANCELLED)


def _sign(deciding: Deciding, card: CardRow, asked: Pending, verb: HeldVerb) -> None:
    tx, member, now = deciding.tx, deciding.member, deciding.now
    facts: dict[str, Any] = {"post": asked.post_id, "verb": verb.value}
    if card.kind is CardKind.CRISIS:
        tx.crises.happened(CrisisId(card.subject_id), CrisisMoment.DECIDED, now, member.id, **facts)
    how, post_card = _HOWS[verb], tx.cards.of(CardKind.POST, asked.post_id)
    tx.cards.turn(CardKind.POST, asked.post_id, now, how=how, by=member.id)
    kind = EventKind.POST_CANCELLED if verb is HeldVerb.CANCEL else EventKind.POST_EDITED
    tx.events.add(kind, member.brand_id, Subject.POST, asked.post_id, now, member_id=member.id)
    deciding.audit(f"{card.kind.value}_decided", card, **facts)
    deciding.audit(f"held_{verb.name.lower()}", post_card)
