"""Translating: what readers of an item cannot read, told in their language.

Of each item that waits for an answer the comment, and of its latest draft the words, are
translated into the language of every channel and member that does not read the comment's. A
translation belongs to exact words: changed words have none until they are translated anew. It is
shown beside what was said, marked as a machine's, and nothing ever sends it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.cards.card import CardKind
from bot.model.due import DueRow, Lane, NewDue
from bot.model.ids import ItemId, Moment
from bot.model.item import UNDECIDED, Item
from bot.model.member import Tongue
from bot.model.translation import Wording, wording
from bot.store.tx import Tx

MOST = 2_000
"""Characters; a longer text is not translated, because a part of it could mislead."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`known` is what was made of the same words before."""

    what: Wording
    text: str
    source: str
    known: str | None


@dataclass(frozen=True, slots=True)
class Translated:
    row: DueRow
    made: Mapping[Wording, str]


def translate_due(item_id: ItemId, at: Moment) -> NewDue:
    return NewDue("translate", f"translate:{item_id}", Lane.DRAFTS, at, {"item": item_id})


def wanted(tx: Tx, row: DueRow) -> list[Wanted]:
    """What is still to be translated of an item; nothing once somebody decided."""
    item = tx.items.maybe(ItemId(row.arg["item"]))
    triage = None if item is None else tx.items.triage(item.id)
    if item is None or triage is None or item.state not in UNDECIDED:
        return []
    draft = tx.drafts.latest(item.id)
    texts = [item.text] if draft is None else [item.text, draft.text]
    stored = tx.translations.of([item.id]).get(item.id, {})
    asked = [
        (wording(text, language), text)
        for language in _languages(tx, item, triage.language)
        for text in texts
        if text.strip() and len(text) <= MOST
    ]
    return [
        Wanted(what, text, triage.language, tx.translations.known(what))
        for what, text in dict(asked).items()
        if what not in stored
    ]


def _languages(tx: Tx, item: Item, source: str) -> list[str]:
    """Of those who do not read the comment, each once."""
    return sorted({one.language for one in _readers(tx, item) if not one.understands(source)})


def _readers(tx: Tx, item: Item) -> Iterator[Tongue]:
    yield from (channel.tongue for channel in tx.channels.of_brand(item.brand_id))
    yield from (member.tongue for member in tx.people.of_brand(item.brand_id))


def keep(tx: Tx, commands: Sequence[Translated]) -> list[None]:
    """The card is drawn anew, so that nobody says yes to words they could not read before."""
    for command in commands:
        item_id = ItemId(command.row.arg["item"])
        if tx.due.done(command.row) and command.made:
            tx.cards.lock_of(CardKind.ITEM, item_id)
            for what, text in command.made.items():
                tx.translations.put(item_id, what, text)
            tx.cards.turn(CardKind.ITEM, item_id, tx.now(), how="The desk translated this")
    return [None] * len(commands)
