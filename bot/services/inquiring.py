"""Asking a colleague, or whoever reads a channel: the question, the answer, what comes of both.

asked       a card with the quote, the question and the time stands where the cards of the item
            land, and names the asked one there, or in the channel that is asked, where it calls
            nobody; nobody is asked about what they may not see
answered    a private note on the item's card and in its history; a new draft is written that
            knows it. Nothing of it leaves by itself
due         one row for each question: whoever is asked is reminded, and the asker told, by a
            card that is a message of its own, for as long as the item is undecided; in a channel
            that is asked too
withdrawn   by the asker, or a manager
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.cards.card import CardKind
from bot.model import commands as c
from bot.model.business_hours import OFFICE, BusinessHours
from bot.model.channel import Channel
from bot.model.commands import Outcome
from bot.model.draft import normalised
from bot.model.due import NEVER_DEAD, DueRow, Lane, NewDue
from bot.model.event import EventKind, Subject
from bot.model.ids import MINUTE, BrandId, MemberId, Moment, QuestionId
from bot.model.item import UNDECIDED, Item
from bot.model.member import Role
from bot.model.peak import Rolling, RollKind
from bot.model.question import DueBy, Question, QuestionState
from bot.services import rolling
from bot.services.addressees import (
    Addressee,
    addressee,
    lands_in,
    name_of,
    reminded_in,
    why_not_answered_by,
)
from bot.services.deciding import Deciding, done, lacks_role, refused, stands_otherwise
from bot.services.drafting import draft_due
from bot.services.handling import item_of, sign
from bot.speech.speech import marked
from bot.store.cards import CardRow
from bot.store.tx import Tx

LONGEST = 2_000
"""Characters of a question, and of its answer."""
EVERY = 10 * MINUTE
"""Milliseconds between two redraws of the card that reminds."""
PRACTICE = marked("This is for practice, and nobody is asked about it.")
OVER = marked("This question is not waiting any more. Look at the card of the comment.")


def ask(deciding: Deciding, card: CardRow, command: c.AskColleague) -> Outcome:
    item = item_of(deciding, card)
    objection = why_nothing_is_asked(deciding, item)
    if objection is not None:
        return objection
    words = normalised(command.text)[:LONGEST]
    if not words:
        return refused("Write what you want to know.")
    whom = addressee(deciding, card, command.to)
    if isinstance(whom, Outcome):
        return whom
    due = due_moment(deciding, item.brand_id, command.due)
    put_question(deciding, card, item, whom, words, due)
    says = "Asked. The answer of {name} comes to this card."
    if isinstance(whom, Channel):
        says = "Asked in {name}. The answer comes to this card."
    return done(deciding.speech.say(says, name=name_of(whom)))


def put_question(
    deciding: Deciding, card: CardRow, item: Item, whom: Addressee, words: str, due: Moment
) -> None:
    """A question with a card of its own, on its way to where it belongs."""
    tx, now = deciding.tx, deciding.now
    question = Question(
        QuestionId(0),
        item.brand_id,
        item.id,
        deciding.member.id,
        None if isinstance(whom, Channel) else whom.id,
        words,
        now,
        due,
        channel_id=whom.id if isinstance(whom, Channel) else None,
    )
    question = replace(question, id=tx.questions.add(question))
    tx.items.set_asides(item.id)
    tx.cards.add(item.brand_id, CardKind.QUESTION, [question.id], now)
    _land(tx, question, now)
    tx.due.put(question_due(question.id, due))
    sign(
        deciding, card, item, EventKind.QUESTION_ASKED, f"asked {name_of(whom)}", text=words,
        told={"question": question.id}, question=question.id,
    )  # fmt: skip


def why_nothing_is_asked(deciding: Deciding, item: Item) -> Outcome | None:
    """What is decided asks nobody any more, nor does what is only for practice."""
    if item.state not in UNDECIDED:
        return stands_otherwise(item)
    is_practice = deciding.tx.accounts.get(item.account_id).is_practice
    return refused(PRACTICE) if is_practice else None


def due_moment(deciding: Deciding, brand_id: BrandId, due: DueBy) -> Moment:
    return due.moment(deciding.now, _hours(deciding, brand_id))


def answer(deciding: Deciding, card: CardRow, text: str) -> Outcome:
    tx, asked = deciding.tx, _question_of(deciding, card)
    objection = why_not_answered_by(deciding, asked)
    if objection is not None:
        return objection
    if asked.state is not QuestionState.WAITING:
        return refused(OVER)
    words = normalised(text)[:LONGEST]
    if not words:
        return refused("Write the answer first.")
    tx.questions.note(
        asked.id,
        state=QuestionState.ANSWERED.value,
        answer=words,
        answered_by=deciding.member.id,
        answered_at=deciding.now,
    )
    _ended(deciding, card, asked, EventKind.QUESTION_ANSWERED, "answered the question", words)
    if _draft_anew(tx, asked, deciding.now):
        return done("Thank you. It stands on the card as a private note, and a new draft knows it.")
    return done("Thank you. It stands on the card as a private note.")


def _draft_anew(tx: Tx, asked: Question, now: Moment) -> bool:
    """Where somebody wrote the draft themselves it stays; they read the note."""
    item, latest = tx.items.get(asked.item_id), tx.drafts.latest_of([asked.item_id])
    is_somebodys = any(one.author_id is not None for one in latest.values())
    if item.state not in UNDECIDED or is_somebodys:
        return False
    tx.due.put(draft_due(item, now))
    return True


def withdraw(deciding: Deciding, card: CardRow) -> Outcome:
    asked = _question_of(deciding, card)
    if asked.asker_id != deciding.member.id:
        objection = lacks_role(deciding, Role.MANAGER)
        if objection is not None:
            return objection
    if asked.state is not QuestionState.WAITING:
        return refused(OVER)
    deciding.tx.questions.note(asked.id, state=QuestionState.WITHDRAWN.value)
    _ended(deciding, card, asked, EventKind.QUESTION_WITHDRAWN, "withdrew the question", None)
    return done("Withdrawn. Nobody is reminded of it.")


def remind(tx: Tx, rows: Sequence[DueRow]) -> list[None]:
    """The time has come: the asked one is reminded and the asker told, once."""
    for row in rows:
        number = QuestionId(row.arg["question"])
        tx.cards.lock_of(CardKind.QUESTION, number)  # it may be answered at the same moment
        asked = tx.questions.get(number)
        waits = asked.state is QuestionState.WAITING
        if tx.due.done(row) and waits and tx.items.get(asked.item_id).state in UNDECIDED:
            _remind(tx, asked, tx.now())
    return [None] * len(rows)


def question_due(number: QuestionId, at: Moment) -> NewDue:
    arg = {"question": number}
    return NewDue("question", _key(number), Lane.CARDS, at, arg, max_attempts=NEVER_DEAD)


def _key(number: QuestionId) -> str:
    return f"question:{number}"


def _hours(deciding: Deciding, brand_id: BrandId) -> BusinessHours:
    brand = deciding.tx.accounts.brand(brand_id)
    policy = deciding.rules.goals.get(brand.slug)
    return BusinessHours(brand.zone, OFFICE) if policy is None else policy.hours


def _land(tx: Tx, asked: Question, now: Moment) -> None:
    card = tx.cards.of(CardKind.QUESTION, asked.id)
    tx.due.add(tx.card_refs.add([(card.id, one.id) for one in lands_in(tx, asked)], now))


def _question_of(deciding: Deciding, card: CardRow) -> Question:
    return deciding.tx.questions.get(QuestionId(card.subject_id))


def _ended(
    deciding: Deciding, card: CardRow, asked: Question, kind: EventKind, how: str, text: str | None
) -> None:
    tx, now, member = deciding.tx, deciding.now, deciding.member
    tx.due.drop(_key(asked.id))
    _stop_reminding(tx, asked, now)
    tx.cards.turn(CardKind.QUESTION, asked.id, now, how=how, by=member.id)
    _tell(tx, asked, kind, how, now, member.id)
    deciding.audit(kind.value, card, text=text)


def _remind(tx: Tx, asked: Question, now: Moment) -> None:
    tx.questions.note(asked.id, is_late=True)
    how = "The desk reminded of this"
    tx.cards.turn(CardKind.QUESTION, asked.id, now, how=how)
    _tell(tx, asked, EventKind.QUESTION_LATE, how, now, None)
    for channel in reminded_in(tx, asked):
        number = rolling.begin(tx, asked.brand_id, channel.id, _about(asked), EVERY, now)
        if number is not None:
            tx.peaks.join(number, asked.item_id, rolling.WAITING, now)


def _stop_reminding(tx: Tx, asked: Question, now: Moment) -> None:
    """The cards that remind of it say that it is over."""
    for channel in tx.channels.of_brand(asked.brand_id) if asked.is_late else ():
        number = rolling.going_on(tx, channel.id, _about(asked))
        if number is not None and tx.peaks.end(number, now):
            tx.due.drop(rolling.key_of(number))
            tx.cards.turn(CardKind.PEAK, number, now, how="The desk counted again")


def _about(asked: Question) -> Rolling:
    return Rolling(RollKind.ASKED, asked.id)


def _tell(
    tx: Tx, asked: Question, kind: EventKind, how: str, now: Moment, by: MemberId | None
) -> None:
    """On the card of the item and in its history."""
    tx.cards.turn(CardKind.ITEM, asked.item_id, now, how=how, by=by)
    tx.events.add(
        kind, asked.brand_id, Subject.ITEM, asked.item_id, now, member_id=by, question=asked.id
    )
