"""Practice: one marked comment that is nobody's, on which a team tries everything for real.

It is an item of the brand's practice account like any other item, delivered by the desk itself:
triage, draft, card, approval and publication are those of every day. Its line ends in this process,
so whatever is approved, nothing leaves (docs/adr/0027). It lands where it was begun and nowhere
else, and counts in no queue, peak or figure.
"""

from __future__ import annotations

import secrets

from bot.cards.kinds import CardKind
from bot.model.account import PRACTICE_SLUG
from bot.model.commands import BeginPractice, Outcome
from bot.model.event import EventKind, Subject
from bot.model.ids import DAY, Moment, RemoteId
from bot.model.item import Item, ItemKind, ItemState
from bot.model.network import IncomingItem, RemoteAuthor
from bot.model.practice import Practice
from bot.services import intake
from bot.services.deciding import Deciding, done, refused
from bot.services.routing import channel_at
from bot.speech.speech import marked, speech_in
from bot.store.tx import Tx

LASTS = DAY
"""Milliseconds after which a practice that nobody finished is closed."""

COMMENTS = (
    marked("Hello! I ordered a week ago and my parcel still has not arrived. Where is it?"),
    marked("My parcel arrived broken. I am very disappointed. Can I have my money back?"),
)
"""One after the other; both ask for an answer, in every language of the desk."""

WRITER = marked("Practice customer")
NOT_HERE = marked(
    "Nothing lands in this channel yet, so there is nothing to practise here. An admin can choose "
    "what lands here first."
)
BEGUN = marked("The practice comment is on its way to this channel. Nothing of it leaves the desk.")


def begin(deciding: Deciding, command: BeginPractice) -> Outcome:
    """An earlier one that stands unfinished in the same place is closed."""
    tx, member = deciding.tx, deciding.member
    channel = channel_at(tx, member.brand_id, command.chat, command.channel, command.topic)
    if command.chat and channel is None:
        return refused(NOT_HERE)
    account = tx.accounts.by_slug(member.brand_id, PRACTICE_SLUG)
    if account is None:
        return refused("This desk was not set up for practice. Restart it once.")
    where = None if channel is None else channel.id
    for old in tx.practices.unfinished(member.brand_id):
        if old.channel_id == where:
            _close(tx, old, deciding.now, "The desk began another practice here")
    language = member.tongue.language if channel is None else channel.place.language
    text = COMMENTS[tx.practices.how_many() % len(COMMENTS)]
    incoming = _comment(language, text, deciding.now)
    intake.take(tx, [intake.Delivery(account.id, (incoming,))])
    item = tx.items.known(account.id, [incoming.remote_id])[incoming.remote_id]
    card = tx.cards.of(CardKind.ITEM, item.id)
    tx.practices.add(Practice(item.id, card.id, where, member.id, deciding.now))
    _tell(deciding, item)
    deciding.audit("practice_begun", card)
    return done(BEGUN, note=card.token)


def close_old(tx: Tx, now: Moment) -> None:
    """Those that nobody finished within a day."""
    for brand in tx.accounts.brands():
        for old in tx.practices.unfinished(brand.id):
            if old.begun_at < now - LASTS:
                _close(tx, old, now, "The desk closed this practice, a day old")


def _comment(language: str, text: str, now: Moment) -> IncomingItem:
    """By somebody new each time: nobody has a history with what is practised."""
    say, key = speech_in(language).say, RemoteId(secrets.token_hex(8))
    return IncomingItem(
        remote_id=key,
        kind=ItemKind.COMMENT,
        author=RemoteAuthor(key, say(WRITER)),
        text=say(text),
        published_at=now,
        permalink="",
    )


def _close(tx: Tx, old: Practice, now: Moment, how: str) -> None:
    """Undone as by a person who says that no reply is needed."""
    item = tx.items.get(old.item_id)
    tx.items.set_state(item.id, ItemState.CLOSED)
    for kind in ("triage", "draft"):
        tx.due.drop(f"{kind}:{item.id}")
    tx.cards.turn(CardKind.ITEM, item.id, now, how=how)
    tx.events.add(EventKind.ITEM_CLOSED, item.brand_id, Subject.ITEM, item.id, now)


def _tell(deciding: Deciding, item: Item) -> None:
    deciding.tx.events.add(
        EventKind.PRACTICE_BEGUN,
        item.brand_id,
        Subject.ITEM,
        item.id,
        deciding.now,
        member_id=deciding.member.id,
    )
