"""What items are found by: texts, authors, drafts, replies, notes, and what colleagues were asked.

The index follows the events, a few seconds behind, and takes up what is older than the first of
them from the newest back. So it costs a comment nothing on its way to the team.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.cards.labels import LABELS_OF_INTENTS, LABELS_OF_URGENCIES
from bot.model.due import DueRow
from bot.model.event import Event, Subject
from bot.model.ids import BrandId, ItemId, PublicationId
from bot.model.label import labels_of, word_of
from bot.model.triage import Intent, Urgency
from bot.services.folded_text import fold
from bot.speech.speech import Speech
from bot.store.items import WholeItem
from bot.store.search import Progress
from bot.store.tx import Tx

MOST_WORDS = 8
"""Of one search."""
LONGEST = 4_000
"""Characters of one text that are looked at."""
_WORD = re.compile(r"[^\W_]+")
_EVERYDAY = frozenset(map(word_of, (Intent.OTHER, Urgency.NORMAL)))
"""What nobody looks for, and most items are."""
_CALLED = re.compile(r"\blabel:\s*(?:[\"“«„]([^\"”»“]+)[\"”»“]|(\S+))", re.IGNORECASE)


def words_of(text: str) -> list[str]:
    """Folded words, each once: without case, accents and marks."""
    return list(dict.fromkeys(_WORD.findall(fold(text[:LONGEST]))))


def wanted_words(text: str, speech: Speech) -> list[str]:
    """Of what somebody looks for; `label:name` is one word that only what is called so has."""
    called = [one[1] or one[2] for one in _CALLED.finditer(text)]
    said = {fold(speech.say(word)): word for word in (*LABELS_OF_INTENTS, *LABELS_OF_URGENCIES)}
    labels = [_word_of(said.get(fold(one), one)) for one in called]
    return [*labels, *words_of(_CALLED.sub(" ", text))][:MOST_WORDS]


def _word_of(label: str) -> str:
    """`press kit` as `labelpresskit`, so that `label:press` finds it and a text with both not."""
    return "label" + "".join(_WORD.findall(fold(label)))


@dataclass(frozen=True, slots=True)
class Indexing:
    """What a round found to be indexed, and how far the index is then; `goes_on` with the next."""

    row: DueRow
    events: Sequence[Event]
    earlier: Sequence[ItemId]
    reached: Progress
    goes_on: bool


def index(tx: Tx, commands: Sequence[Indexing]) -> list[None]:
    for command in commands:
        row = command.row
        ours = tx.due.again(row, 0, counts=False) if command.goes_on else tx.due.done(row)
        if ours:
            _put(tx, {*_items_of(tx, command.events), *command.earlier})
            tx.search.progressed(command.reached)
    return [None] * len(commands)


def _items_of(tx: Tx, events: Sequence[Event]) -> Iterator[ItemId]:
    for event in events:
        if event.subject is Subject.ITEM:
            yield ItemId(event.subject_id)
        elif event.subject is Subject.PUBLICATION:
            item_id = tx.publications.get(PublicationId(event.subject_id)).item_id
            if item_id is not None:
                yield item_id


def _put(tx: Tx, items: Collection[ItemId]) -> None:
    wholes = tx.items.wholes(items)
    drafts = tx.drafts.latest_of(wholes)
    replies = tx.publications.latest_of_items(wholes)
    asides = _asides(tx, wholes)
    put: dict[ItemId, tuple[BrandId, str]] = {}
    for item_id, whole in wholes.items():
        texts = list(_texts(whole))
        if item_id in drafts:
            texts.append(drafts[item_id].text)
        if item_id in replies:
            texts.append(replies[item_id].text)
        texts += asides.get(item_id, ())
        put[item_id] = (whole.item.brand_id, " ".join(words_of(" ".join(texts))))
    tx.search.put(put)


def _asides(tx: Tx, wholes: Mapping[ItemId, WholeItem]) -> dict[ItemId, list[str]]:
    """What the team noted of each, what colleagues were asked about it, and what they answered."""
    items = [key for key, one in wholes.items() if one.item.has_asides]
    questions, notes = tx.questions.of_items(items), tx.notes.of_items(items)
    asked = {
        key: [s for one in some for s in (one.text, one.answer)] for key, some in questions.items()
    }
    return {key: [*asked.get(key, ()), *(one.text for one in notes.get(key, ()))] for key in items}


def _texts(whole: WholeItem) -> Iterator[str]:
    item, author = whole.item, whole.author
    yield str(item.id)
    yield author.handle
    yield author.display_name
    yield item.text
    if item.by_hand is not None:
        yield " ".join(item.by_hand.words)
    yield from map(_word_of, labels_of(whole.triage, item.by_hand) - _EVERYDAY)
    if whole.native_reply is not None:
        yield whole.native_reply.text
