"""Updates for stakeholders: the lead is reminded at the times set, writes one, and it is sent.

A reminder is a card that calls the lead. Written, it is the update, and the same card is posted in
the channel for stakeholders. When the next one is due it begins anew: what was not sent until then
was missed, and the timeline says so. The timer is a due row, written by whoever sets it.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.kinds import CardKind
from bot.model import commands as c
from bot.model.commands import Outcome
from bot.model.crisis import Crisis, CrisisMoment, CrisisState, StakeholderUpdate
from bot.model.draft import normalised
from bot.model.due import NEVER_DEAD, DueRow, Lane, NewDue
from bot.model.event import EventKind, Subject
from bot.model.ids import DAY, MINUTE, CrisisId, MemberId, Moment, UpdateId
from bot.services.deciding import Deciding, done, refused
from bot.services.routing import channel_at, land_apart
from bot.speech.speech import marked
from bot.store.cards import CardRow
from bot.store.tx import Tx

LONGEST = 5_000
"""Characters of an update."""
NOT_ON = marked("Crisis mode is not on.")


def schedule(deciding: Deciding, command: c.ScheduleUpdates) -> Outcome:
    """How often one is due, and, where the command names a place, where they go."""
    tx, member, say = deciding.tx, deciding.member, deciding.speech.say
    crisis = tx.crises.on(member.brand_id)
    if crisis is None:
        return refused(NOT_ON)
    if command.every and not 5 * MINUTE <= command.every <= 7 * DAY:
        return refused("Updates are due every 5 minutes at most, and once in 7 days at least.")
    if command.chat and command.every:
        here = channel_at(tx, member.brand_id, command.chat, command.channel, command.topic)
        if here is None:
            return refused("Nothing lands in this channel yet. An admin can choose that first.")
        tx.crises.note(crisis.id, updates_channel_id=here.id)
    tx.crises.note(crisis.id, update_every=command.every or None)
    if command.every:
        tx.due.put(update_due(crisis.id, Moment(deciding.now + command.every)))
    else:
        tx.due.drop(due_key(crisis.id))
    minutes = command.every // MINUTE
    _tell(
        tx, crisis, CrisisMoment.SCHEDULED, deciding.now, "set when updates are due",
        by=member.id, minutes=minutes,
    )  # fmt: skip
    if not command.every:
        return done("Nobody is reminded of updates any more.")
    return done(say("The lead is reminded every {minutes} minutes.", minutes=minutes))


def send(deciding: Deciding, card: CardRow, text: str) -> Outcome:
    """From the reminder, or from the card of the crisis."""
    tx, now, words = deciding.tx, deciding.now, normalised(text)
    if not words or len(words) > LONGEST:
        return refused("Write at most 5,000 characters, and at least one.")
    if card.kind is CardKind.CRISIS:
        crisis = tx.crises.get(CrisisId(card.subject_id))
        waiting = tx.stakeholder_updates.waiting(crisis.id)
        update = waiting[0] if waiting else None
    else:
        update = tx.stakeholder_updates.get(UpdateId(card.subject_id))
        crisis = tx.crises.get(update.crisis_id)
        if update.sent_at is not None or update.is_missed:
            return refused("This one is not due any more. Look at the card of the crisis.")
    if crisis.state is not CrisisState.ON:
        return refused(NOT_ON)
    if update is None:
        update = _begun(tx, crisis, now)
    number = tx.stakeholder_updates.send(update, words, deciding.member.id, now)
    where = _land(tx, crisis, update, now)
    if crisis.update_every is not None:
        tx.due.put(update_due(crisis.id, Moment(now + crisis.update_every)))
    _turn(tx, update, now, "sent this update", deciding.member.id)
    _tell(
        tx, crisis, CrisisMoment.UPDATED, now, "sent an update", by=deciding.member.id,
        number=number,
    )  # fmt: skip
    deciding.audit("crisis_updated", card, text=words, number=number)
    if not where:
        return done("Sent to the console alone: no channel of a chat takes it.")
    channels = ", ".join(where)
    return done(deciding.speech.say("On its way to {channels}.", channels=channels))


def remind(tx: Tx, rows: Sequence[DueRow]) -> list[None]:
    """An update is due: the lead is called, and the next one is due in as long again."""
    for row in rows:
        now, crisis = tx.now(), tx.crises.get(CrisisId(row.arg["crisis"]))
        if crisis.state is not CrisisState.ON or crisis.update_every is None:
            tx.due.done(row)
        elif tx.due.again(row, crisis.update_every, counts=False):
            miss(tx, crisis, now)
            update = _begun(tx, crisis, now)
            land_apart(tx, crisis.brand_id, CardKind.UPDATE, update.id, None, now)
            _tell(tx, crisis, CrisisMoment.UPDATE_DUE, now, "The desk asked for an update")
    return [None] * len(rows)


def miss(tx: Tx, crisis: Crisis, now: Moment) -> None:
    """What waits was not sent in time."""
    for late in tx.stakeholder_updates.waiting(crisis.id):
        tx.stakeholder_updates.miss(late.id)
        _turn(tx, late, now, "The desk asked for the next update")
        tx.crises.happened(crisis.id, CrisisMoment.MISSED, now)


def update_due(crisis_id: CrisisId, at: Moment) -> NewDue:
    arg = {"crisis": crisis_id}
    return NewDue("crisis", due_key(crisis_id), Lane.CARDS, at, arg, max_attempts=NEVER_DEAD)


def due_key(crisis_id: CrisisId) -> str:
    return f"crisis:{crisis_id}"


def _begun(tx: Tx, crisis: Crisis, now: Moment) -> StakeholderUpdate:
    number = tx.stakeholder_updates.add(crisis, now)
    tx.cards.add(crisis.brand_id, CardKind.UPDATE, [number], now)
    return tx.stakeholder_updates.get(number)


def _land(tx: Tx, crisis: Crisis, update: StakeholderUpdate, now: Moment) -> list[str]:
    """In the channel for stakeholders, else where everything of the crisis lands."""
    here = crisis.updates_channel_id
    channel = None if here is None else tx.channels.get(here)
    if channel is not None and channel.is_suspended:
        channel = None
    return land_apart(tx, crisis.brand_id, CardKind.UPDATE, update.id, channel, now)


def _turn(
    tx: Tx, update: StakeholderUpdate, now: Moment, how: str, by: MemberId | None = None
) -> None:
    tx.cards.turn(CardKind.UPDATE, update.id, now, how=how, by=by)


def _tell(
    tx: Tx,
    crisis: Crisis,
    what: CrisisMoment,
    now: Moment,
    how: str,
    *,
    by: MemberId | None = None,
    **facts: int,
) -> None:
    """On the crisis' own card, in its thread and on its timeline."""
    tx.crises.happened(crisis.id, what, now, by, **facts)
    tx.cards.turn(CardKind.CRISIS, crisis.id, now, how=how, by=by)
    told = {"member_id": by, "how": how} if by is not None else {"how": how}
    kind, subject = EventKind.CRISIS_CHANGED, Subject.CRISIS
    tx.events.add(kind, crisis.brand_id, subject, crisis.id, now, **told)
