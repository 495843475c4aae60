"""Holding statements: written, approved by somebody else, and then a draft with one press.

Each version has a card, on which it is approved, revised and retired in whatever chat it stands. A
later version is used once it is approved; until then the earlier one is.
"""

from __future__ import annotations

from bot.cards.kinds import CardKind
from bot.cards.labels import WRITTEN_BY
from bot.model import commands as c
from bot.model.approval import ApprovalSubject
from bot.model.commands import Outcome, OutcomeKind
from bot.model.draft import normalised
from bot.model.event import EventKind, Subject
from bot.model.holding import HoldingStatement
from bot.model.ids import DAY, ItemId, Moment, StatementId
from bot.model.item import UNDECIDED
from bot.services.approvals import save_words
from bot.services.deciding import Deciding, done, lacks_role, refused, stands_otherwise, who_can
from bot.services.routing import channel_at, land_apart
from bot.speech.speech import LANGUAGES
from bot.store.cards import CardRow

LONGEST_NAME = 60
LONGEST = 5_000
"""Characters of a statement."""
MOST_DAYS = 365


def write(deciding: Deciding, command: c.WriteStatement) -> Outcome:
    name, text = " ".join(command.name.split()), normalised(command.text)
    if not name or len(name) > LONGEST_NAME:
        return refused("Give the statement a name of at most 60 characters.")
    if command.language not in LANGUAGES:
        languages = ", ".join(LANGUAGES)
        return refused(
            deciding.speech.say("Choose one of these languages: {languages}.", languages=languages)
        )
    if not 1 <= command.days <= MOST_DAYS:
        return refused("It expires after 1 to 365 days. Choose how many.")
    here = (command.chat, command.channel, command.topic)
    return _written(deciding, name, command.language, text, command.days * DAY, here)


def revise(deciding: Deciding, card: CardRow, text: str) -> Outcome:
    """The next version, which lasts as long as this one did."""
    old = deciding.tx.holding.get(StatementId(card.subject_id))
    lasts = old.expires_at - old.written_at
    return _written(deciding, old.name, old.language, normalised(text), lasts, ("", "", ""))


def _written(
    deciding: Deciding, name: str, language: str, text: str, lasts: int, here: tuple[str, str, str]
) -> Outcome:
    tx, member, now = deciding.tx, deciding.member, deciding.now
    if not text or len(text) > LONGEST:
        return refused("Write at most 5,000 characters, and at least one.")
    expires = Moment(now + lasts)
    number = tx.holding.add(member.brand_id, name, language, text, member.id, now, expires)
    tx.cards.add(member.brand_id, CardKind.STATEMENT, [number], now)
    channel = channel_at(tx, member.brand_id, *here)
    land_apart(tx, member.brand_id, CardKind.STATEMENT, number, channel, now)
    card = tx.cards.of(CardKind.STATEMENT, number)
    _sign(deciding, card, "wrote this statement", text)
    says = deciding.speech.say("It waits for approval by {names}.", names=_approvers(deciding))
    return done(says, note=card.token)


def approve(deciding: Deciding, card: CardRow) -> Outcome:
    statement = deciding.tx.holding.get(StatementId(card.subject_id))
    if statement.approved_at is not None or statement.retired_at is not None:
        return refused("This statement does not wait for approval.")
    objection = lacks_role(deciding, deciding.policy(ApprovalSubject.REPLY).role)
    if objection is not None:
        return objection
    if statement.owner_id == deciding.member.id:
        says = "You wrote this statement, so somebody else must approve it: {names}."
        return refused(deciding.speech.say(says, names=_approvers(deciding)))
    deciding.tx.holding.note(statement.id, approved_by=deciding.member.id, approved_at=deciding.now)
    _sign(deciding, card, "approved this", statement.text)
    return done("Approved. While crisis mode is on, cards in its language offer it.")


def retire(deciding: Deciding, card: CardRow) -> Outcome:
    statement = deciding.tx.holding.get(StatementId(card.subject_id))
    if statement.retired_at is not None:
        return refused("This statement is retired already.")
    deciding.tx.holding.note(statement.id, retired_by=deciding.member.id, retired_at=deciding.now)
    _sign(deciding, card, "retired this", None)
    return done("Retired. No card offers it any more.")


def use(deciding: Deciding, card: CardRow, command: c.UseStatement) -> Outcome:
    """The statement becomes the item's next draft, for people to approve as any other."""
    tx = deciding.tx
    item = tx.items.get(ItemId(card.subject_id))
    if item.state not in UNDECIDED:
        return stands_otherwise(item)
    statement = tx.holding.maybe(StatementId(command.statement))
    if statement is None or statement.brand_id != item.brand_id:
        return Outcome(OutcomeKind.MISSING, "There is no such statement any more.")
    if not _is_latest(deciding, statement):
        return refused("That statement is not in force any more. Look at the card again.")
    source = f"{deciding.member.name} ({statement.name} · {statement.version})"
    outcome = save_words(deciding, card, statement.text, note=f"{WRITTEN_BY}{source}")
    deciding.audit("statement_used", card, statement=statement.id, version=statement.version)
    return outcome


def _is_latest(deciding: Deciding, statement: HoldingStatement) -> bool:
    usable = deciding.tx.holding.usable(statement.brand_id, deciding.now)
    return any(one.id == statement.id for one in usable)


def _approvers(deciding: Deciding) -> str:
    return who_can(deciding, deciding.policy(ApprovalSubject.REPLY).role, but=deciding.member)


def _sign(deciding: Deciding, card: CardRow, how: str, text: str | None) -> None:
    tx, member, now = deciding.tx, deciding.member, deciding.now
    tx.cards.turn(CardKind.STATEMENT, card.subject_id, now, how=how, by=member.id)
    tx.events.add(
        EventKind.STATEMENT_CHANGED,
        member.brand_id,
        Subject.STATEMENT,
        card.subject_id,
        now,
        member_id=member.id,
        how=how,
    )
    deciding.audit(f"statement_{how.split(maxsplit=1)[0]}", card, text=text)
