"""Conditions: what somebody may see who does not see everything.

Each is about a thing of the statement around it, and takes `seen`, the numbers of the channels
that they read, and `reader`, their own.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, bindparam, exists, or_

from bot.cards.kinds import CardKind
from bot.model.audience import Sight
from bot.store.among import among
from bot.store.schema import (
    card,
    card_ref,
    incident,
    item,
    page,
    peak,
    peak_item,
    practice,
    question,
)

_SEEN = "seen"


def item_is_seen() -> ColumnElement[bool]:
    """Its card stands in one of the channels, or it is counted on a card there.

    What was only practised in the console stands nowhere and is shown to all.
    """
    counted = exists().where(
        peak_item.c.item_id == item.c.id,
        peak.c.id == peak_item.c.peak_id,
        among(peak.c.channel_id, _SEEN),
    )
    practised = exists().where(practice.c.item_id == item.c.id, practice.c.channel_id.is_(None))
    stands = _stands(CardKind.ITEM, item) & among(card_ref.c.channel_id, _SEEN)
    return or_(
        exists().where(stands).correlate(item),
        counted.correlate(item),
        practised.correlate(item),
    )


def question_is_seen() -> ColumnElement[bool]:
    """The item that it is about is."""
    about = exists().where(item.c.id == question.c.item_id, item_is_seen())
    return about.correlate(question)


def peak_is_seen() -> ColumnElement[bool]:
    return among(peak.c.channel_id, _SEEN)


def incident_is_seen() -> ColumnElement[bool]:
    """Its card stands in one of the channels or in none, or they were woken for it."""
    stands = _stands(CardKind.INCIDENT, incident)
    woken = exists().where(
        page.c.incident_id == incident.c.id, page.c.member_id == bindparam("reader")
    )
    return or_(
        ~exists().where(stands).correlate(incident),
        exists().where(stands & among(card_ref.c.channel_id, _SEEN)).correlate(incident),
        woken.correlate(incident),
    )


def seen_by(sight: Sight) -> dict[str, object]:
    """What these conditions take."""
    return {"seen": sorted(sight.channels), "reader": sight.member_id}


def _stands(kind: CardKind, table: Table) -> ColumnElement[bool]:
    return (
        (card.c.kind == kind.value)
        & (card.c.subject_id == table.c.id)
        & (card_ref.c.card_id == card.c.id)
    )
