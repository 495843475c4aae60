"""Presence: in which channels of a chat we are at all, as its front end is told.

Who removes us from a channel suspends it: nothing lands there, and what would have goes where it
goes when no channel asks for it. The Desk page says so, and an invitation takes it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.event import EventKind, Subject
from bot.model.member import ChatIdentity
from bot.services.audiences import Passage, follow, passed
from bot.store.store import Store
from bot.store.tx import Tx


class StoredPresence:
    """Implements `bot.ports.ChatPresence` for one chat."""

    def __init__(self, store: Store, chat: str) -> None:
        self._store = store
        self._chat = chat

    async def came(self, channel: str) -> bool:
        return await self._store.write(move, Move(self._chat, channel, is_here=True))

    async def left(self, channel: str) -> None:
        await self._store.write(move, Move(self._chat, channel, is_here=False))

    async def entered(self, channel: str, user: str) -> None:
        who = ChatIdentity(self._chat, user)
        await self._store.write(passed, Passage(channel, who, is_inside=True))

    async def quit(self, channel: str, user: str) -> None:
        who = ChatIdentity(self._chat, user)
        await self._store.write(passed, Passage(channel, who, is_inside=False))


@dataclass(frozen=True, slots=True)
class Move:
    chat: str
    channel: str
    is_here: bool


def move(tx: Tx, commands: Sequence[Move]) -> list[bool]:
    """Whether the desk knows what lands there. It happened, whoever did it; nobody is asked."""
    return [_move(tx, command) for command in commands]


def _move(tx: Tx, command: Move) -> bool:
    known = tx.channels.at(command.chat, command.channel)
    if command.is_here:
        follow(tx, known, {command.chat})
    if not tx.channels.suspend(command.chat, command.channel, is_suspended=not command.is_here):
        return bool(known)
    action = "channel_resumed" if command.is_here else "channel_suspended"
    for one in known:
        now = tx.now()
        tx.events.add(
            EventKind.CHANNEL_CHANGED, one.brand_id, Subject.CHANNEL, one.id, now, how=action
        )
        tx.audits.add(one.brand_id, action, Subject.CHANNEL, one.id, now, chat=command.chat)
    return bool(known)
