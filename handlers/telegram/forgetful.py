"""A memory for as long as one checklist lasts: it leaves nothing behind, and has no pictures."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.pages import Board, Shot
from bot.model.channel import Sighted, Sighting
from bot.model.ids import CardToken


class Forgetful:
    """Implements `bot.ports.ChatMemory`."""

    def __init__(self) -> None:
        self._notes: dict[tuple[str, str], str] = {}

    async def recall(self, channel: str, name: str) -> str:
        return self._notes.get((channel, name), "")

    async def keep(self, channel: str, name: str, value: str) -> None:
        self._notes[channel, name] = value

    async def moved(self, old: str, new: str) -> None:
        """Nothing of it is kept."""

    async def sighted(self, sighting: Sighting) -> Sighted:
        return Sighted.STRANGE

    async def boards(self) -> Sequence[Board]:
        return ()


class NoPictures:
    """Implements `bot.ports.Gallery`."""

    async def pictures(self, token: CardToken) -> Sequence[Shot]:
        return ()
