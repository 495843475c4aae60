"""Labels by hand: a person says what an item is about.

Their words stand over what triage said, now and whenever it is sorted again: on the card, for the
drafter, in reports and, for the urgency, in the reply goal. Where the item lands stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.cards.labels import LABELS_OF_INTENTS, LABELS_OF_URGENCIES
from bot.model.commands import Outcome
from bot.model.event import EventKind
from bot.model.ids import BrandId
from bot.model.item import UNDECIDED, Item
from bot.model.label import ByHand
from bot.model.triage import Intent, Urgency
from bot.services import goals
from bot.services.deciding import Deciding, done, refused
from bot.services.handling import item_of, sign
from bot.speech.speech import Speech
from bot.store.cards import CardRow


def put(deciding: Deciding, card: CardRow, words: str) -> Outcome:
    item, own = item_of(deciding, card), _own(deciding, card.brand_id)
    known = _known(own, deciding.speech)
    said = [one.strip().casefold() for one in words.split(",") if one.strip()]
    unknown = [one for one in said if one not in known]
    if unknown or not said:
        return refused(
            deciding.speech.say(
                "Write labels with commas between them. There are {labels}.",
                labels=", ".join(_offered(own, deciding.speech)),
            )
        )
    found = {known[one] for one in said}
    labels = ByHand(
        intents=tuple(one for one in Intent if one in found),
        urgency=next((one for one in Urgency if one in found), None),
        own=tuple(one for one in own if one in found),
    )
    _apply(deciding, item, labels)
    label = ", ".join(labels.words).capitalize()
    sign(
        deciding, card, item, EventKind.ITEM_LABELLED, "labelled this",
        told={"label": label}, label=label,
    )  # fmt: skip
    return done("Labelled. It stays so when the comment is sorted again.")


def _apply(deciding: Deciding, item: Item, labels: ByHand) -> None:
    tx, triage = deciding.tx, deciding.tx.items.triage(item.id)
    tx.items.set_by_hand(item.id, labels)
    if triage is None:
        return
    corrected = labels.over(triage)
    tx.items.set_triage(item.id, corrected)
    if item.state in UNDECIDED and item.clock is not None:
        is_next = item.follows_id is not None
        goals.start(tx, deciding.rules.goals, [(item, corrected, is_next)])


def _own(deciding: Deciding, brand_id: BrandId) -> tuple[str, ...]:
    return deciding.rules.labels.get(deciding.tx.accounts.brand(brand_id).slug, ())


def _known(own: tuple[str, ...], speech: Speech) -> Mapping[str, str]:
    """What each word means: in English, in the member's language, or the team's own."""
    words: dict[str, str] = {}
    offered: Mapping[str, str] = {**LABELS_OF_INTENTS, **LABELS_OF_URGENCIES}
    for label, meant in offered.items():
        words |= {label: meant, speech.say(label).casefold(): meant}
    return words | {one.casefold(): one for one in own}


def _offered(own: tuple[str, ...], speech: Speech) -> list[str]:
    return [*map(speech.say, (*LABELS_OF_INTENTS, *LABELS_OF_URGENCIES)), *own]
