"""Promises: a person notes by when something was promised, and is reminded until it is done.

noted       on the card of the item, in one line that names the time; rules only suggest it
due         one row for each promise, an hour before: a message that mentions whoever noted it
kept        by anybody who may answer; it stands on hand-over cards until then
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.card import CardKind
from bot.model import commands as c
from bot.model.commands import Outcome
from bot.model.draft import normalised
from bot.model.due import NEVER_DEAD, DueRow, Lane, NewDue
from bot.model.event import EventKind, Subject
from bot.model.ids import HOUR, MINUTE, Moment, PromiseId
from bot.model.peak import Rolling, RollKind
from bot.model.promise import Promise, PromiseState
from bot.services import rolling
from bot.services.deciding import Deciding, done, refused
from bot.services.handling import item_of, sign
from bot.services.promise_rules import named_time
from bot.services.routing import channels_of_item
from bot.speech.speech import marked
from bot.store.cards import CardRow
from bot.store.tx import Tx

LONGEST = 300
"""Characters of what was promised."""
BEFORE = HOUR
EVERY = 10 * MINUTE
"""Milliseconds between two redraws of the card that reminds."""
CLUSTER = ("waiting", "")
MADE = "noted a promise"
KEPT = "kept a promise"
PRACTICE = marked("This is for practice, and nothing is promised in it.")
NO_TIME = marked(
    "Say by when, in one line: “Friday 15:00 we call back”, “tomorrow”, “in 2 days” or a date "
    "like 2026-12-24."
)


def make(deciding: Deciding, card: CardRow, text: str) -> Outcome:
    tx, now, item = deciding.tx, deciding.now, item_of(deciding, card)
    if tx.accounts.get(item.account_id).is_practice:
        return refused(PRACTICE)
    words = normalised(text)[:LONGEST]
    named = named_time(words, now, tx.accounts.brand(item.brand_id).zone)
    if named is None:
        return refused(NO_TIME)
    member = deciding.member
    number = tx.promises.add(
        Promise(PromiseId(0), item.brand_id, item.id, member.id, words, now, named.due_at)
    )
    tx.items.set_asides(item.id)
    tx.due.put(promise_due(number, Moment(max(now, named.due_at - BEFORE))))
    sign(
        deciding, card, item, EventKind.PROMISE_MADE, MADE, text=words,
        told={"promise": number}, promise=number,
    )  # fmt: skip
    return done("Noted. You are reminded an hour before, and hand-over cards show it.")


def keep(deciding: Deciding, card: CardRow, command: c.KeepPromise) -> Outcome:
    """From the card of its item, or from that of a hand-over."""
    tx, made = deciding.tx, deciding.tx.promises.maybe(PromiseId(command.promise))
    if made is None or made.brand_id != deciding.member.brand_id:
        return refused("There is no such promise any more.")
    own = tx.cards.of(CardKind.ITEM, made.item_id)
    tx.cards.lock(own.token)
    if not tx.promises.keep(made.id):
        return done("This was done already.")
    tx.due.drop(_key(made.id))
    _stop_reminding(tx, made, deciding.now)
    item = tx.items.get(made.item_id)
    sign(
        deciding, own, item, EventKind.PROMISE_KEPT, KEPT,
        told={"promise": made.id}, promise=made.id,
    )  # fmt: skip
    if card.kind is CardKind.PEAK:
        by = deciding.member.id
        tx.cards.turn(CardKind.PEAK, card.subject_id, deciding.now, how=KEPT, by=by)
    return done("Done. Nobody is reminded of it any more.")


def remind(tx: Tx, rows: Sequence[DueRow]) -> list[None]:
    for row in rows:
        made = tx.promises.maybe(PromiseId(row.arg["promise"]))
        if tx.due.done(row) and made is not None and made.state is PromiseState.OPEN:
            _remind(tx, made, tx.now())
    return [None] * len(rows)


def promise_due(number: PromiseId, at: Moment) -> NewDue:
    arg = {"promise": number}
    return NewDue("promise", _key(number), Lane.CARDS, at, arg, max_attempts=NEVER_DEAD)


def _key(number: PromiseId) -> str:
    return f"promise:{number}"


def _about(made: Promise) -> Rolling:
    return Rolling(RollKind.PROMISED, made.id)


def _remind(tx: Tx, made: Promise, now: Moment) -> None:
    tx.events.add(
        EventKind.PROMISE_DUE, made.brand_id, Subject.ITEM, made.item_id, now, promise=made.id
    )
    for channel in channels_of_item(tx, made.item_id):
        number = rolling.begin(tx, made.brand_id, channel.id, _about(made), EVERY, now)
        if number is not None:
            tx.peaks.join(number, made.item_id, CLUSTER, now)


def _stop_reminding(tx: Tx, made: Promise, now: Moment) -> None:
    for channel in tx.channels.of_brand(made.brand_id):
        number = rolling.going_on(tx, channel.id, _about(made))
        if number is not None and tx.peaks.end(number, now):
            tx.due.drop(rolling.key_of(number))
            tx.cards.turn(CardKind.PEAK, number, now, how="The desk counted again")
