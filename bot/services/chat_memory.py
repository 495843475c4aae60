"""What the front end of one chat remembers in the store, and what it tells of its messages.

Where a chat cannot be read back, a press is the only proof of a message whose posting was never
confirmed: it becomes the card's message then, and is not posted again. A press from a message
beside the one that the desk knows comes from a double.

A channel whose id changed keeps the new one, whatever the configuration goes on calling it. Its
old messages are out of reach: cards that still want a decision are posted anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards.kinds import CardKind
from bot.cards.pages import Board, QueueFilter
from bot.model.audience import Sight
from bot.model.channel import CardRef, CardRefState, Channel, Sighted, Sighting
from bot.model.ids import BrandId, CardId, Moment
from bot.services.audiences import follow
from bot.services.moved_channels import MOVED_TO
from bot.services.sight import sight_in
from bot.speech.speech import speech_in
from bot.store.card_refs import new_key
from bot.store.store import Store
from bot.store.tx import Tx

_MOST_ANEW = 500
"""Cards that are posted again after a move."""
_R = CardRefState


class StoredMemory:
    """Implements `bot.ports.ChatMemory` for one chat."""

    def __init__(self, store: Store, chat: str) -> None:
        self._store = store
        self._chat = chat

    async def recall(self, channel: str, name: str) -> str:
        return await self._store.read(lambda tx: tx.chat_notes.read(self._chat, channel, name))

    async def keep(self, channel: str, name: str, value: str) -> None:
        await self._store.write(_keep, _Note(self._chat, channel, name, value))

    async def moved(self, old: str, new: str) -> None:
        await self._store.write(move, Move(self._chat, old, new))

    async def sighted(self, sighting: Sighting) -> Sighted:
        found = await self._store.read(lambda tx: _look(tx, self._chat, sighting))
        if isinstance(found, Sighted):
            return found
        return await self._store.write(_sight, (self._chat, sighting))

    async def boards(self) -> Sequence[Board]:
        return await self._store.read(lambda tx: _boards(tx, self._chat))


@dataclass(frozen=True, slots=True)
class _Note:
    chat: str
    channel: str
    name: str
    value: str


def _keep(tx: Tx, notes: Sequence[_Note]) -> list[None]:
    for note in notes:
        tx.chat_notes.write(note.chat, note.channel, note.name, note.value)
    return [None] * len(notes)


# Sightings


def _sight(tx: Tx, commands: Sequence[tuple[str, Sighting]]) -> list[Sighted]:
    return [_sight_one(tx, chat, sighting) for chat, sighting in commands]


def _sight_one(tx: Tx, chat: str, sighting: Sighting) -> Sighted:
    tx.cards.lock(sighting.token)
    found = _look(tx, chat, sighting)
    if isinstance(found, Sighted):
        return found
    if not tx.card_refs.move(found, found.state, _R.SHOWN, message=sighting.message, look=""):
        return Sighted.STRANGE
    tx.due.add(tx.card_refs.redraw([found.id], tx.now()))
    return Sighted.KNOWN


def _look(tx: Tx, chat: str, sighting: Sighting) -> Sighted | CardRef:
    """What the message is; or the ref whose message it must be, since that has none."""
    card = tx.cards.by_token(sighting.token)
    channels = {
        channel.id: channel
        for channel in tx.channels.at(chat, sighting.channel)
        if card is not None and channel.brand_id == card.brand_id
    }
    if card is None or not channels:
        return Sighted.STRANGE
    refs = [ref for ref in tx.card_refs.of_card(card.id) if ref.channel_id in channels]
    if any(ref.message == sighting.message and ref.state is _R.SHOWN for ref in refs):
        return Sighted.KNOWN
    here = [ref for ref in refs if channels[ref.channel_id].place.topic == sighting.topic] or refs
    if not here:
        return Sighted.STRANGE
    if len(here) == 1 and _may_stand_there(here[0]):
        return here[0]
    if card.kind is CardKind.INCIDENT:
        # pages for it stand beside the card, and are buttons as good as its own
        return Sighted.KNOWN
    return Sighted.DOUBLE if all(ref.state is _R.SHOWN for ref in here) else Sighted.STRANGE


def _may_stand_there(ref: CardRef) -> bool:
    """A request to post it may have left, and nobody knows where it ended."""
    return ref.state in {_R.POSTING, _R.GONE} or (ref.state is _R.WANTED and ref.is_repeat)


# Moving


@dataclass(frozen=True, slots=True)
class Move:
    chat: str
    old: str
    new: str


def move(tx: Tx, commands: Sequence[Move]) -> list[None]:
    for command in commands:
        _move(tx, command)
    return [None] * len(commands)


def _move(tx: Tx, command: Move) -> None:
    here = tx.channels.at(command.chat, command.old)
    tx.chat_notes.write(command.chat, command.old, MOVED_TO, command.new)
    tx.channels.move(command.chat, command.old, command.new)
    if tx.audiences.is_followed(command.chat, command.old):
        follow(tx, tx.channels.at(command.chat, command.new), {command.chat})
    now = tx.now()
    waiting = {brand: _waiting(tx, brand, now) for brand in {one.brand_id for one in here}}
    for channel in here:
        _post_anew(tx, channel, waiting[channel.brand_id], now)


def _post_anew(tx: Tx, channel: Channel, waiting: set[CardId], now: Moment) -> None:
    for ref in tx.card_refs.shown_in(channel.id):
        if ref.card_id not in waiting:
            tx.card_refs.move(ref, _R.SHOWN, _R.GONE)
        elif tx.card_refs.move(ref, _R.SHOWN, _R.WANTED, key=new_key(), message=None, look=""):
            tx.due.add(tx.card_refs.redraw([ref.id], now))


def _waiting(tx: Tx, brand_id: BrandId, now: Moment) -> set[CardId]:
    """Cards that want a decision."""
    wanted = (QueueFilter.OPEN, QueueFilter.POSTS)
    return {
        row.id
        for filter_ in wanted
        for row in tx.cards.page(brand_id, filter_, None, now, _MOST_ANEW, 0)
    }


# Boards


def _boards(tx: Tx, chat: str) -> list[Board]:
    now = tx.now()
    counted: dict[tuple[BrandId, Sight | None], dict[QueueFilter, int]] = {}
    boards = []
    for channel in tx.channels.of_chat(chat):
        brand, sight = channel.brand_id, sight_in(tx, channel.brand_id, chat, channel.place.channel)
        if (brand, sight) not in counted:
            counted[brand, sight] = {
                one: tx.cards.count(brand, one, None, now, sight)
                for one in (QueueFilter.OPEN, QueueFilter.POSTS, QueueFilter.QUIET)
            }
        speech = speech_in(channel.place.language)
        title = channel.title or channel.slug
        boards.append(Board(channel.place, title, counted[brand, sight], speech))
    return boards
