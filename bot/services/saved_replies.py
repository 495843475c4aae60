"""Saved replies: kept by a manager, made the draft of a comment by anybody who writes drafts.

What one becomes is a draft like any other: edited, gated and approved as the policy says.
"""

from __future__ import annotations

from bot.cards.labels import WRITTEN_BY
from bot.model import commands as c
from bot.model.commands import Outcome, OutcomeKind
from bot.model.draft import normalised
from bot.model.event import Subject
from bot.model.ids import ItemId, SavedReplyId
from bot.model.item import UNDECIDED, Item
from bot.model.saved_reply import (
    SLOTS,
    SavedReply,
    filled,
    has_bare_author,
    unknown_slot,
    with_slot_for,
)
from bot.model.signature import unsigned
from bot.services.approvals import save_words
from bot.services.deciding import Deciding, done, refused, stands_otherwise
from bot.services.reply_templates import plain_first_name
from bot.speech.speech import LANGUAGES, marked
from bot.store.cards import CardRow

LONGEST_NAME = 60
LONGEST = 5_000
"""Characters of a saved reply."""
MOST = 200
"""Of a brand: a picker of more helps nobody."""
_GONE = marked("There is no such saved reply any more.")


def use(deciding: Deciding, card: CardRow, number: int) -> Outcome:
    """It becomes the item's next draft, for people to edit and approve."""
    tx = deciding.tx
    item = tx.items.get(ItemId(card.subject_id))
    if item.state not in UNDECIDED:
        return stands_otherwise(item)
    reply = tx.saved_replies.maybe(SavedReplyId(number))
    if reply is None or reply.brand_id != item.brand_id:
        return Outcome(OutcomeKind.MISSING, _GONE)
    source = f"{deciding.member.name} ({reply.name})"
    words = filled(reply.text, _values(deciding, item))
    outcome = save_words(deciding, card, words, note=f"{WRITTEN_BY}{source}")
    if outcome.is_done:
        tx.saved_replies.count_use(reply.id)
        deciding.audit("saved_reply_used", card, reply=reply.id, name=reply.name)
    return outcome


def keep(deciding: Deciding, card: CardRow, name: str) -> Outcome:
    """The draft that is shown, with a slot where the author is named."""
    tx = deciding.tx
    item = tx.items.get(ItemId(card.subject_id))
    draft = tx.drafts.latest(item.id)
    if draft is None:
        return refused("There is no draft to keep. Write one first.")
    author = tx.items.author(item.author_id)
    text = with_slot_for(
        plain_first_name(author.display_name or author.handle), unsigned(draft.text)
    )
    return _put(deciding, name, _language(deciding, item), text)


def write(deciding: Deciding, command: c.WriteReply) -> Outcome:
    if command.language not in LANGUAGES:
        languages = ", ".join(LANGUAGES)
        return refused(
            deciding.speech.say("Choose one of these languages: {languages}.", languages=languages)
        )
    return _put(deciding, command.name, command.language, command.text)


def drop(deciding: Deciding, number: int) -> Outcome:
    reply = deciding.tx.saved_replies.maybe(SavedReplyId(number))
    if reply is None or reply.brand_id != deciding.member.brand_id:
        return Outcome(OutcomeKind.MISSING, _GONE)
    deciding.tx.saved_replies.drop(reply.id)
    _audit(deciding, "saved_reply_dropped", reply)
    return done(deciding.speech.say("Dropped: no card offers “{name}” any more.", name=reply.name))


def _put(deciding: Deciding, said: str, language: str, text: str) -> Outcome:
    tx, brand = deciding.tx, deciding.member.brand_id
    name, words = " ".join(said.split()), normalised(text)
    objection = _objection(deciding, name, words)
    if objection is not None:
        return objection
    before = tx.saved_replies.named(brand, name, language)
    if before is None and tx.saved_replies.count(brand) >= MOST:
        says = "There are {count} saved replies already. Drop one that nobody uses first."
        return refused(deciding.speech.say(says, count=MOST))
    tx.saved_replies.put(brand, name, language, words, deciding.member.id, deciding.now)
    kept = tx.saved_replies.named(brand, name, language)
    assert kept is not None
    _audit(deciding, "saved_reply_kept", kept)
    says = deciding.speech.say("Kept as “{name}”. Cards in its language offer it.", name=name)
    if before is not None:
        says = deciding.speech.say("Kept as “{name}”, in place of what stood there.", name=name)
    return done(says)


def _objection(deciding: Deciding, name: str, words: str) -> Outcome | None:
    if not name or len(name) > LONGEST_NAME:
        return refused("Give the saved reply a name of at most 60 characters.")
    if not words or len(words) > LONGEST:
        return refused("Write at most 5,000 characters, and at least one.")
    unknown, say = unknown_slot(words), deciding.speech.say
    if unknown is not None:
        known = ", ".join(sorted(SLOTS))
        says = "{slot} means nothing here. What is filled in: {known}."
        return refused(say(says, slot=unknown, known=known))
    if has_bare_author(words):
        says = (
            "Greet before the name, as in “Hello {slot}”: where an author has no plain name the "
            "sentence must stand without it."
        )
        return refused(say(says, slot="{author}"))
    return None


def _values(deciding: Deciding, item: Item) -> dict[str, str]:
    tx = deciding.tx
    author, account = tx.items.author(item.author_id), tx.accounts.get(item.account_id)
    return {
        "author": plain_first_name(author.display_name or author.handle),
        "brand": tx.accounts.brand(item.brand_id).name,
        "account": account.name or account.slug,
        "network": deciding.lines.title(account),
        "agent": deciding.member.name,
    }


def _language(deciding: Deciding, item: Item) -> str:
    """The comment's, should the desk speak it, else the brand's first that it does."""
    triage = deciding.tx.items.triage(item.id)
    spoken = deciding.tx.accounts.brand(item.brand_id).languages
    known = [triage.language] if triage else []
    return next((one for one in (*known, *spoken) if one in LANGUAGES), "en")


def _audit(deciding: Deciding, action: str, reply: SavedReply) -> None:
    """Under the brand, with the words that a text of the audit keeps."""
    member = deciding.member
    deciding.tx.audits.add(
        member.brand_id,
        action,
        Subject.BRAND,
        member.brand_id,
        deciding.now,
        member_id=member.id,
        chat=deciding.identity.chat,
        text=reply.text,
        name=reply.name,
        language=reply.language,
    )
