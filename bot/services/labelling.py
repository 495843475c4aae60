"""Labels by hand: a person says what an item is about.

Their words stand over what triage said, now and whenever it is sorted again: on the card, for the
drafter, in reports, in routes and, for the urgency, in the reply goal. People say what they put on
and what they take off, so two of them at once lose nothing of each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from bot.cards.card import Card
from bot.cards.label_choices import LabelChoice, LabelKind, LabelsPage
from bot.cards.labels import LABELS_OF_INTENTS, LABELS_OF_URGENCIES, spoken
from bot.model import commands as c
from bot.model.commands import Outcome
from bot.model.event import EventKind
from bot.model.ids import BrandId, ItemId
from bot.model.item import UNDECIDED, Item, ItemState
from bot.model.label import LONGEST, MOST_OWN, ByHand, Label, folded, labels_of
from bot.services import goals
from bot.services.deciding import Deciding, DeskRules, done, refused
from bot.services.handling import item_of, sign
from bot.services.peaks import Peaks
from bot.services.routing import Landing, land_where_taken_now
from bot.speech.speech import Speech
from bot.store.cards import CardRow
from bot.store.tx import Tx

OFFERED = 60
"""Of the team's own labels, those that were used last."""


def change(deciding: Deciding, card: CardRow, command: c.ChangeLabels) -> Outcome:
    tx, item, say = deciding.tx, item_of(deciding, card), deciding.speech.say
    known = _Known(deciding, item, (*command.put_on, *command.taken_off))
    fresh = known.strange(command.put_on)
    if not all(map(_fits, fresh)):
        says = say(
            "A label has at most {count} characters, letters among them, and no commas.",
            count=LONGEST,
        )
        return refused(says)
    put_on = ByHand.of((*known.some_of(command.put_on), *fresh))
    taken_off = ByHand.of(known.some_of(command.taken_off))
    before, triage = item.by_hand or ByHand(), tx.items.triage(item.id)
    labels = before.changed(triage, put_on, taken_off)
    if labels == before:
        return done("Nothing is changed by this.")
    if len(labels.own) > MOST_OWN:
        return refused(say("A comment takes at most {count} labels of the team.", count=MOST_OWN))
    channels = _apply(deciding, item, labels)
    told = {"label": _told(put_on), "off": _told(taken_off)}
    text = f"+ {told['label']} - {told['off']}"
    sign(deciding, card, item, EventKind.ITEM_LABELLED, "labelled this", text=text, told=told)
    if channels:
        names = ", ".join(channels)
        return done(say("Labelled. Its card comes to {channels} too.", channels=names))
    if fresh:
        return done(say("Labelled. New among your labels: {names}.", names=", ".join(fresh)))
    return done("Labelled. It stays so when the comment is sorted again.")


def page(tx: Tx, card: Card, rules: DeskRules, speech: Speech) -> LabelsPage:
    """What the item has is ticked."""
    item = tx.items.get(ItemId(card.number))
    has = labels_of(tx.items.triage(item.id), item.by_hand)
    choices = tuple(
        replace(one, is_on=folded(one.value) in has)
        for one in offered(tx, rules, item.brand_id, speech, item.by_hand)
    )
    return LabelsPage(card, choices, speech=speech)


def offered(
    tx: Tx, rules: DeskRules, brand_id: BrandId, speech: Speech, by_hand: ByHand | None = None
) -> tuple[LabelChoice, ...]:
    """What triage knows; of the team's own what an item has, what is configured or was used."""
    configured = rules.labels.get(tx.accounts.brand(brand_id).slug, ())
    own: dict[str, str] = {}
    for one in (*(by_hand or ByHand()).own, *configured, *tx.labels.latest(brand_id, OFFERED)):
        own.setdefault(folded(one), one)
    kinds = (
        (LabelKind.TOPIC, LABELS_OF_INTENTS),
        (LabelKind.URGENCY, LABELS_OF_URGENCIES),
        (LabelKind.OWN, own.values()),
    )
    return tuple(
        LabelChoice(word, spoken(speech, word) if kind is not LabelKind.OWN else word, kind)
        for kind, words in kinds
        for word in words
    )


def meant_by(
    tx: Tx, rules: DeskRules, brand_id: BrandId, speech: Speech, word: str
) -> Label | None:
    """What a person calls so; None for no label."""
    return _meanings(tx, rules, brand_id, speech, (word,)).get(folded(word))


def _meanings(
    tx: Tx, rules: DeskRules, brand_id: BrandId, speech: Speech, words: Collection[str]
) -> dict[str, Label]:
    """By folded word, these among them: topics and urgencies in two languages, the team's own."""
    configured = rules.labels.get(tx.accounts.brand(brand_id).slug, ())
    known: dict[str, Label] = {folded(one): one for one in configured}
    known |= tx.labels.spelled(brand_id, [folded(one) for one in words])
    for word, meant in (*LABELS_OF_INTENTS.items(), *LABELS_OF_URGENCIES.items()):
        known |= {word: meant, folded(speech.say(word)): meant}
    return known


class _Known:
    """What words mean to a member, about an item; its own labels are spelled as it has them."""

    def __init__(self, deciding: Deciding, item: Item, words: Collection[str]) -> None:
        of_brand = (deciding.tx, deciding.rules, item.brand_id, deciding.speech)
        own = {folded(one): one for one in (item.by_hand or ByHand()).own}
        self._known = _meanings(*of_brand, words) | own

    def meant(self, word: str) -> Label | None:
        return self._known.get(folded(word))

    def strange(self, words: Iterable[str]) -> list[str]:
        """Those that mean nothing yet, each once."""
        names = {folded(one): " ".join(one.split()) for one in words if self.meant(one) is None}
        return list(names.values())

    def some_of(self, words: Iterable[str]) -> list[Label]:
        return [meant for one in words if (meant := self.meant(one)) is not None]


def _fits(name: str) -> bool:
    is_plain = name.isprintable() and "," not in name
    return is_plain and len(name) <= LONGEST and any(one.isalnum() for one in name)


def _told(labels: ByHand) -> str:
    told = ", ".join(labels.words)
    return told[:1].upper() + told[1:]


def _apply(deciding: Deciding, item: Item, labels: ByHand) -> list[str]:
    """The names of the channels whose routes take it only now."""
    tx, triage = deciding.tx, deciding.tx.items.triage(item.id)
    tx.items.set_by_hand(item.id, labels)
    tx.labels.put(item.brand_id, item.id, labels.own, deciding.now)
    if triage is None:
        return []
    corrected = labels.over(triage)
    tx.items.set_triage(item.id, corrected)
    if item.state in UNDECIDED and item.clock is not None:
        is_next = item.follows_id is not None
        goals.start(tx, deciding.rules.goals, [(item, corrected, is_next)])
    if item.state is not ItemState.OPEN:
        return []
    landing = Landing(replace(item, by_hand=labels), corrected)
    return land_where_taken_now(tx, Peaks(deciding.rules.peaks), landing, item, triage)
