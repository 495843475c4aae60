"""Looking back from a card: what its author said before, and what others were told about the like.

Both are read of committed state as its reader may see it. A reply that stands on the network can
become the draft with one press, with the name of whoever is answered now in place of the other's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from bot.cards.actions import ActionName, ButtonData
from bot.cards.card import Card, CardKind
from bot.cards.labels import WRITTEN_BY
from bot.cards.said_before import Said, SaidBeforePage
from bot.model.audience import Sight
from bot.model.commands import Outcome, OutcomeKind
from bot.model.ids import ItemId
from bot.model.item import UNDECIDED
from bot.model.publication import Publication, PublicationState
from bot.model.saved_reply import SLOT, filled, with_slot_for
from bot.model.triage import UNDETERMINED, Triage
from bot.services.approvals import save_words
from bot.services.deciding import Deciding, refused, stands_otherwise
from bot.services.handling import item_of
from bot.services.likeness import likest, stems_of
from bot.services.reply_templates import plain_first_name
from bot.services.sight import sees, sight_of, why_hidden
from bot.speech.speech import Speech
from bot.store.cards import CardRow
from bot.store.items import WholeItem
from bot.store.tx import Tx

MOST = 6
"""Of each list."""
CONSIDERED = 100
"""Answered items, the newest with a word in common, among which the likest are found."""
MOST_STEMS = 12
"""Words of the item that are looked for, the longest."""


def page(tx: Tx, card: Card, sight: Sight | None, speech: Speech) -> SaidBeforePage:
    """Of a card that its reader may see."""
    whole = tx.items.whole(ItemId(card.number)) if card.kind is CardKind.ITEM else None
    if whole is None:
        return SaidBeforePage(card, speech=speech)
    by_author = _by_author(tx, whole, sight)
    others = [key for key in _alike(tx, whole, sight) if key not in by_author]
    button = card if whole.item.state in UNDECIDED else None
    return SaidBeforePage(
        card,
        _lines(tx, by_author, button),
        _lines(tx, others, button),
        speech=speech,
    )


def use(deciding: Deciding, card: CardRow, number: int) -> Outcome:
    """What was told then becomes the draft, for people to edit and approve."""
    tx, item = deciding.tx, item_of(deciding, card)
    if item.state not in UNDECIDED:
        return stands_otherwise(item)
    told = tx.items.whole(ItemId(number))
    if told is None or told.item.brand_id != item.brand_id:
        return Outcome(OutcomeKind.MISSING, "There is no such reply any more.")
    if not sees(tx, sight_of(tx, deciding.member), tx.cards.of(CardKind.ITEM, told.item.id)):
        return refused(why_hidden(tx, deciding.member))
    words, _link = _reply(told, tx.publications.latest_of_item(told.item.id))
    if not words:
        return Outcome(OutcomeKind.MISSING, "There is no such reply any more.")
    author = tx.items.author(item.author_id)
    words = _readdressed(
        words, told.author.display_name or told.author.handle, author.display_name or author.handle
    )
    note = f"{WRITTEN_BY}{deciding.member.name} (#{number})"
    outcome = save_words(deciding, card, words, note=note)
    if outcome.is_done:
        deciding.audit("told_reply_used", card, item=number)
    return outcome


def _readdressed(words: str, other: str, author: str) -> str:
    """Braces of a reply's own are no places for names."""
    if SLOT.search(words):
        return words
    slotted = with_slot_for(plain_first_name(other), words)
    return filled(slotted, {"author": plain_first_name(author)}).lstrip(" ,")


def _by_author(tx: Tx, whole: WholeItem, sight: Sight | None) -> list[ItemId]:
    found = tx.items.of_author(whole.author.id, MOST + 1)
    others = [key for key in found if key != whole.item.id]
    return [key for key in others if key in _seen(tx, others, sight)][:MOST]


def _alike(tx: Tx, whole: WholeItem, sight: Sight | None) -> list[ItemId]:
    """Answered items of other authors, in its language and about one of its matters."""
    stems = sorted(stems_of(whole.item.text), key=lambda stem: (-len(stem), stem))[:MOST_STEMS]
    found = tx.search.answered(whole.item.brand_id, stems, CONSIDERED, sight)
    wholes = tx.items.wholes(found)
    practice = {one.id for one in tx.accounts.of_brand(whole.item.brand_id) if one.is_practice}
    texts = {
        int(key): one.item.text
        for key, one in wholes.items()
        if one.author.id != whole.author.id
        and one.item.account_id not in practice
        and _same_matter(whole.triage, one.triage)
    }
    return [ItemId(key) for key in likest(whole.item.text, texts, MOST)]


def _same_matter(one: Triage | None, other: Triage | None) -> bool:
    if one is None or other is None:
        return False
    languages = {one.language, other.language} - {UNDETERMINED}
    return len(languages) < 2 and not set(one.intents).isdisjoint(other.intents)


def _seen(tx: Tx, items: Collection[ItemId], sight: Sight | None) -> Collection[ItemId]:
    return items if sight is None else tx.audiences.items(items, sight)


def _lines(tx: Tx, items: Iterable[ItemId], button: Card | None) -> tuple[Said, ...]:
    keys = list(items)
    wholes = tx.items.wholes(keys)
    replies: Mapping[ItemId, Publication] = tx.publications.latest_of_items(keys)
    return tuple(_line(wholes[key], replies.get(key), button) for key in keys)


def _line(whole: WholeItem, reply: Publication | None, button: Card | None) -> Said:
    item, author = whole.item, whole.author
    ours, link = _reply(whole, reply)
    return Said(
        item.id,
        item.published_at,
        author.display_name or author.handle,
        item.text,
        ours,
        link or item.permalink,
        _button(button, item.id) if button is not None and ours else "",
    )


def _button(card: Card, number: ItemId) -> str:
    return ButtonData(ActionName.TOLD, card.key, card.revision, str(number)).encode()


def _reply(whole: WholeItem, reply: Publication | None) -> tuple[str, str]:
    """What stands on the network below it, and where; both empty where nothing does."""
    if reply is not None and reply.state is PublicationState.PUBLISHED:
        return reply.text, (reply.receipt.permalink or "") if reply.receipt else ""
    native = whole.native_reply
    return ("", "") if native is None else (native.text, native.permalink)
