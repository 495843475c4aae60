"""Sight: who may see what. A private channel's items are for those who read it.

An item may be seen by whoever reads a channel in which its card stands, or is counted; by managers
and admins always. A channel is open to everybody of the desk unless its chat can tell who reads it,
and says that it is private or has not said anything yet: where that is not known, nobody reads it
(docs/adr/0040). What stands in no channel is seen by those to whom every channel is open.

Questions to colleagues go with the item that they are about. Incidents go with the channels too,
and with whoever was woken for them. Planned posts, statements
and crises are the team's own words, and everybody's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from bot.cards.card import CardKind
from bot.cards.pages import Among
from bot.model.audience import Sight
from bot.model.channel import Channel
from bot.model.event import Event, Subject
from bot.model.ids import (
    BrandId,
    CardId,
    ChannelId,
    IncidentId,
    ItemId,
    PeakId,
    PublicationId,
    QuestionId,
)
from bot.model.member import Member, Role
from bot.services.deciding import Deciding, names
from bot.speech.speech import marked, speech_in
from bot.store.audiences import ReadBy
from bot.store.cards import CardRow
from bot.store.tx import Tx

HIDDEN = marked("This stands in a private channel that you are not in. Ask {names}.")
_NOT_THERE = marked(
    "{name} is not in the private channel where this stands. Add them there first, or give it to "
    "somebody who is."
)
_NOT_ASKED = marked(
    "{name} is not in the private channel where this stands, so they cannot be asked about it. "
    "Ask {names}, or add them there first."
)

_NOT_ASKED_IN = marked(
    "Some of those who read {channel} are not in the private channel where this stands. "
    "It can be asked in {channels}, or of {names}."
)


def sight_of(tx: Tx, member: Member, among: Among | None = None) -> Sight | None:
    """None: they see everything. Shown `among` others it is what those see as well."""
    mine, theirs = _own(tx, member), None
    if among is not None:
        theirs = sight_in(tx, member.brand_id, *among)
    if mine is None or theirs is None:
        return mine or theirs
    return Sight(mine.channels & theirs.channels)


def _own(tx: Tx, member: Member) -> Sight | None:
    if member.role.includes(Role.MANAGER):
        return None
    seen = _seen(tx.audiences.channels(member.brand_id, member.id))
    return None if seen is None else Sight(seen, member.id)


def sight_in(tx: Tx, brand_id: BrandId, chat: str, address: str) -> Sight | None:
    """Of those who read a channel of a chat, whoever they are."""
    here = {one.id for one in tx.channels.at(chat, address)}
    seen = _seen(tx.audiences.channels(brand_id, None), here)
    return None if seen is None else Sight(seen)


def _seen(
    channels: Iterable[ReadBy], here: Collection[ChannelId] = ()
) -> frozenset[ChannelId] | None:
    seen, is_whole = set(), True
    for one in channels:
        if _is_open(one) or one.inside or one.id in here:
            seen.add(one.id)
        elif one.shows_items:
            is_whole = False
    return None if is_whole else frozenset(seen)


def reads(tx: Tx, member: Member, channel_id: ChannelId) -> bool:
    """Whether they are in it, or it is open to the desk."""
    channels = tx.audiences.channels(member.brand_id, member.id)
    return any(one.id == channel_id and (_is_open(one) or one.inside) for one in channels)


def _is_open(channel: ReadBy) -> bool:
    if channel.private is not None:
        return not channel.private
    return channel.is_open is not False


def sees(tx: Tx, sight: Sight | None, card: CardRow) -> bool:
    if sight is None:
        return True
    match card.kind:
        case CardKind.ITEM:
            return bool(tx.audiences.items([ItemId(card.subject_id)], sight))
        case CardKind.QUESTION:
            about = tx.questions.get(QuestionId(card.subject_id))
            return bool(tx.audiences.items([about.item_id], sight))
        case CardKind.PEAK:
            return bool(tx.audiences.peaks([PeakId(card.subject_id)], sight))
        case CardKind.INCIDENT:
            return bool(tx.audiences.incidents([IncidentId(card.subject_id)], sight))
        case _:
            return True


def seen_beside(
    tx: Tx, cards: Sequence[tuple[CardRow, Collection[ItemId]]]
) -> dict[ItemId, Collection[ItemId]]:
    """For the item of each card: those of some others that everybody sees who reads the card.

    One that stands in several channels is read by people who do not read each other's.
    """
    brands = {card.brand_id for card, _others in cards}
    channels = {brand: tx.audiences.channels(brand, None) for brand in brands}
    stands: dict[CardId, set[ChannelId]] = {}
    if any(_seen(some) is not None for some in channels.values()):
        for ref in tx.card_refs.of_cards([card.id for card, _others in cards]):
            stands.setdefault(ref.card_id, set()).add(ref.channel_id)
    found: dict[ItemId, Collection[ItemId]] = {}
    for card, others in cards:
        here = stands.get(card.id, set())
        seen = _seen(channels[card.brand_id], here if len(here) == 1 else ())
        is_whole = seen is None or not others
        found[ItemId(card.subject_id)] = (
            others if is_whole else tx.audiences.items(others, Sight(seen or frozenset()))
        )
    return found


def events_seen(tx: Tx, sight: Sight | None, events: Iterable[Event]) -> list[Event]:
    """Those that tell of nothing that is hidden."""
    told = list(events)
    if sight is None:
        return told
    about = {one.id: _item_of(tx, one) for one in told}
    items = tx.audiences.items({key for key in about.values() if key is not None}, sight)
    incidents = {IncidentId(e.subject_id) for e in told if e.subject is Subject.INCIDENT}
    peaks = {PeakId(e.subject_id) for e in told if e.subject is Subject.PEAK}
    seen_incidents = tx.audiences.incidents(incidents, sight)
    seen_peaks = tx.audiences.peaks(peaks, sight)

    def is_seen(event: Event) -> bool:
        match event.subject:
            case Subject.INCIDENT:
                return event.subject_id in seen_incidents
            case Subject.PEAK:
                return event.subject_id in seen_peaks
            case _:
                number = about[event.id]
                return number is None or number in items

    return [one for one in told if is_seen(one)]


def _item_of(tx: Tx, event: Event) -> ItemId | None:
    match event.subject:
        case Subject.ITEM:
            return ItemId(event.subject_id)
        case Subject.PUBLICATION:
            return tx.publications.get(PublicationId(event.subject_id)).item_id
        case _:
            return None


def why_hidden(tx: Tx, member: Member) -> str:
    """A refusal, in the member's language, that says who can."""
    speech = speech_in(member.tongue.language)
    return speech.say(HIDDEN, names=names(_able(tx, member.brand_id), speech))


def _able(tx: Tx, brand_id: BrandId) -> list[Member]:
    return [one for one in tx.people.of_brand(brand_id) if one.role.includes(Role.MANAGER)]


def why_not_theirs(deciding: Deciding, taker: Member, card: CardRow) -> str:
    """Why a member cannot be given what they may not see; empty for one who may."""
    if sees(deciding.tx, sight_of(deciding.tx, taker), card):
        return ""
    return deciding.speech.say(_NOT_THERE, name=taker.name)


def why_not_asked(deciding: Deciding, asked: Member, card: CardRow) -> str:
    """Why a member cannot be asked about what they may not see, and who can; else empty."""
    tx, asker = deciding.tx, deciding.member
    if sees(tx, sight_of(tx, asked), card):
        return ""
    others = [one for one in tx.people.of_brand(asker.brand_id) if one.id != asker.id]
    able = [one for one in others if sees(tx, sight_of(tx, one), card)]
    who = names(able, deciding.speech)
    return deciding.speech.say(_NOT_ASKED, name=asked.name, names=who)


def why_not_asked_in(deciding: Deciding, asked: Channel, card: CardRow) -> str:
    """Why a channel cannot be asked about what its readers may not see, and who can; else empty."""
    tx, asker, speech = deciding.tx, deciding.member, deciding.speech
    if _seen_in(tx, asked, card):
        return ""
    channels = [one for one in tx.channels.of_brand(asker.brand_id) if _seen_in(tx, one, card)]
    people = [one for one in tx.people.of_brand(asker.brand_id) if one.id != asker.id]
    able = [one for one in people if sees(tx, sight_of(tx, one), card)]
    titles = [one.title or one.slug for one in channels]
    return speech.say(
        _NOT_ASKED_IN,
        channel=asked.title or asked.slug,
        channels=", ".join(titles) or speech.say("no channel"),
        names=names(able, speech),
    )


def _seen_in(tx: Tx, channel: Channel, card: CardRow) -> bool:
    return sees(tx, sight_in(tx, channel.brand_id, channel.chat, channel.place.channel), card)
