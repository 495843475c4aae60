"""The press on a card that asks about a pause or its end: done once, for whoever asked alone.

it was done by somebody else meanwhile        says who and when, and changes nothing
what waits is much else than what was shown   says so and asks anew
pressed again                                 the first answer again
"""

from __future__ import annotations

from bot.cards.hold_view import what_of
from bot.cards.kinds import CardKind
from bot.model import commands as c
from bot.model.account import Account
from bot.model.commands import Outcome, OutcomeKind
from bot.model.event import EventKind, Subject
from bot.model.hold import HoldChange, HoldChangeState, HoldVerb
from bot.model.ids import SECOND, HoldChangeId, MemberId, Moment
from bot.services import operating, pausing
from bot.services.deciding import Deciding, ago, done, refused
from bot.speech.speech import marked
from bot.store.cards import CardRow

_DONE_BY: dict[HoldVerb, str] = {
    HoldVerb.PAUSE: marked("{name} paused {what} {ago}. Nothing was changed."),
    HoldVerb.UNPAUSE: marked("{name} unpaused {what} {ago}. Nothing was changed."),
}


def go_ahead(deciding: Deciding, card: CardRow) -> Outcome:
    tx = deciding.tx
    change = tx.hold_changes.get(HoldChangeId(card.subject_id))
    account = None if change.account_id is None else tx.accounts.get(change.account_id)
    objection = _why_not(deciding, change) or _by_another(deciding, change, account)
    if objection is not None:
        return objection
    waits = pausing.shown(tx, change.brand_id, change.kinds, account)
    if waits.is_much_else(change.shown):
        tx.hold_changes.show(change.id, waits)
        _sign(deciding, card, "hold_asked_anew", "was asked anew, for what waits has changed")
        return Outcome(
            OutcomeKind.STALE,
            "What waits to leave has changed since you were asked, and nothing was done. Look "
            "at it again, then press.",
            note=card.token,
        )
    outcome = _carried_out(deciding, change, account, card)
    if outcome.is_done:
        tx.hold_changes.settle(change.id, HoldChangeState.DONE)
        _sign(deciding, card, f"hold_{change.verb.value}_pressed", "did what this asked")
    return outcome


def not_now(deciding: Deciding, card: CardRow) -> Outcome:
    change = deciding.tx.hold_changes.get(HoldChangeId(card.subject_id))
    objection = _why_not(deciding, change)
    if objection is not None:
        return objection
    deciding.tx.hold_changes.settle(change.id, HoldChangeState.DROPPED)
    _sign(deciding, card, "hold_dropped", "said not now")
    return done("Put away. Nothing was changed.")


def _carried_out(
    deciding: Deciding, change: HoldChange, account: Account | None, card: CardRow
) -> Outcome:
    slug = None if account is None else account.slug
    if change.verb is HoldVerb.PAUSE:
        return operating.pause(deciding, c.Pause(change.kinds, slug, change.reason))
    return operating.unpause(deciding, c.Unpause(change.kinds, slug), card)


def _why_not(deciding: Deciding, change: HoldChange) -> Outcome | None:
    if change.member_id != deciding.member.id:
        says = "{name} was asked this, not you. Say it yourself, and you are asked."
        name = deciding.tx.people.get(change.member_id).name
        return refused(deciding.speech.say(says, name=name))
    match change.state:
        case HoldChangeState.ASKED:
            return None
        case HoldChangeState.DONE:
            return refused("This is done already. Say it again to be asked again.")
        case HoldChangeState.DROPPED:
            return refused("This was put away. Say it again to be asked again.")


def _by_another(deciding: Deciding, change: HoldChange, account: Account | None) -> Outcome | None:
    """Who did the same since it was asked, if anybody did."""
    done_by = _paused_by if change.verb is HoldVerb.PAUSE else _unpaused_by
    found = done_by(deciding, change)
    if found is None:
        return None
    member_id, at = found
    speech = deciding.speech
    says = speech.say(
        _DONE_BY[change.verb],
        name=deciding.tx.people.get(member_id).name,
        what=what_of(change.kinds, "" if account is None else account.slug, speech),
        ago=ago(max(0, deciding.now - at) // SECOND, speech),
    )
    return Outcome(OutcomeKind.STALE, says)


def _paused_by(deciding: Deciding, change: HoldChange) -> tuple[MemberId, Moment] | None:
    since = [
        one
        for one in deciding.tx.accounts.holds(change.brand_id)
        if one.account_id == change.account_id
        and one.kind in change.kinds
        and one.created_at > change.asked_at
    ]
    if {one.kind for one in since} != set(change.kinds):
        return None
    last = max(since, key=lambda one: one.created_at)
    return last.member_id, last.created_at


def _unpaused_by(deciding: Deciding, change: HoldChange) -> tuple[MemberId, Moment] | None:
    tx = deciding.tx
    held = (one for one in tx.accounts.holds(change.brand_id) if one.kind in change.kinds)
    if any(one.account_id == change.account_id for one in held):
        return None
    subject = Subject.BRAND if change.account_id is None else Subject.ACCOUNT
    number = change.brand_id if change.account_id is None else change.account_id
    changes = (
        one
        for one in reversed(tx.events.about(subject, number))
        if one.kind is EventKind.HOLD_CHANGED and one.at > change.asked_at
    )
    last = next(changes, None)
    if last is None or last.member_id is None:
        return None
    return last.member_id, last.at


def _sign(deciding: Deciding, card: CardRow, action: str, how: str) -> None:
    tx, member, now = deciding.tx, deciding.member, deciding.now
    tx.cards.turn(CardKind.HOLD, card.subject_id, now, how=how, by=member.id)
    tx.events.add(
        EventKind.HOLD_CHANGED,
        member.brand_id,
        Subject.HOLD,
        card.subject_id,
        now,
        member_id=member.id,
        how=action,
    )
    deciding.audit(action, card)
