"""What a person picks labels from, and what their picking says to the desk."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.cards.card import Card
from bot.model.ids import CardToken
from bot.speech.speech import ENGLISH, Speech, marked


class LabelKind(StrEnum):
    """In the order in which they are offered."""

    TOPIC = "topic"
    URGENCY = "urgency"
    OWN = "own"


KINDS = {
    LabelKind.TOPIC: marked("Topics"),
    LabelKind.URGENCY: marked("Urgency"),
    LabelKind.OWN: marked("Labels of the team"),
}


@dataclass(frozen=True, slots=True)
class LabelChoice:
    """`value` is what the command calls it, `label` what people do; `is_on` the item has it."""

    value: str
    label: str
    kind: LabelKind
    is_on: bool = False


@dataclass(frozen=True, slots=True)
class LabelsQuery:
    """Of the card of an item; without one all that the brand has, of which none is ticked."""

    token: CardToken | None = None


@dataclass(frozen=True, slots=True)
class LabelsPage:
    """`card` and `refusal` as of a `CardPage`; of a brand there is no card."""

    card: Card | None
    choices: tuple[LabelChoice, ...] = ()
    refusal: str = ""
    speech: Speech = ENGLISH

    def of(self, kind: LabelKind) -> list[LabelChoice]:
        return [one for one in self.choices if one.kind is kind]


def entry_of(before: Collection[str], after: Collection[str], more: Iterable[str] = ()) -> str:
    """What differs between what was ticked when somebody began and now, as a press says it."""
    put_on = [one for one in after if one not in before]
    taken_off = [one for one in before if one not in after]
    signed = (*(f"+{one}" for one in (*put_on, *more)), *(f"-{one}" for one in taken_off))
    return "\n".join(signed)
