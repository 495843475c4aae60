"""Where a person of the team sits: in front of the console, or in the chat that the relay feeds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp

from bot.cards.actions import ActionName, ButtonData
from tests.chaos.book import comment_at, comment_of, mark_of
from tests.e2e.console_client import Person, SeenCard, Unserved
from tests.fakes.relay_tool import RelayTool


@dataclass(frozen=True, slots=True)
class Offer:
    """A card that may be approved, as it is seen from one seat."""

    comment: str
    mark: str
    draft: str
    approve: str
    edit: str
    """Button data."""


class Seat(Protocol):
    @property
    def who(self) -> str: ...

    async def offers(self) -> Sequence[Offer]:
        """What waits for a yes; Unserved when it cannot be seen now."""
        ...

    async def press(self, data: str, entry: str, press_id: str) -> int:
        """The status of the answer; aiohttp's errors when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class AtConsole:
    person: Person
    who: str

    async def offers(self) -> Sequence[Offer]:
        try:
            cards = await self.person.newest()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unserved("the console does not answer") from error
        return [_from_console(card) for card in cards if card.button(ActionName.APPROVE)]

    async def press(self, data: str, entry: str, press_id: str) -> int:
        return (await self.person.press_data(data, entry, press=press_id)).status


def _from_console(card: SeenCard) -> Offer:
    return Offer(
        comment_of(card),
        mark_of(card.quote),
        card.draft,
        card.button(ActionName.APPROVE) or "",
        card.button(ActionName.EDIT) or "",
    )


@dataclass(frozen=True, slots=True)
class InChat:
    tool: RelayTool
    desk_url: str
    who: str

    async def offers(self) -> Sequence[Offer]:
        seen = [ChatCard(shown.card) for shown in self.tool.messages]
        return [card.offer for card in seen if card.button(ActionName.APPROVE)]

    async def press(self, data: str, entry: str, press_id: str) -> int:
        status, _told = await self.tool.press(
            self.desk_url, self.who, data, press_id=press_id, entry=entry
        )
        return status


@dataclass(frozen=True, slots=True)
class ChatCard:
    """A card as the relay's tool got it."""

    form: dict[str, Any]

    @property
    def mark(self) -> str:
        return mark_of(_words(self.form["quote"]))

    @property
    def comment(self) -> str:
        links = [span["url"] for span in self.form["source"] if span["is"] == "link"]
        return next(filter(None, map(comment_at, links)), "")

    @property
    def state(self) -> str:
        return _words(self.form["state"]["spans"])

    @property
    def links(self) -> tuple[str, ...]:
        return tuple(link["url"] for link in self.form["links"])

    @property
    def offer(self) -> Offer:
        draft = self.form["draft"]
        return Offer(
            self.comment,
            self.mark,
            draft["text"] if draft else "",
            self.button(ActionName.APPROVE),
            self.button(ActionName.EDIT),
        )

    def button(self, action: ActionName) -> str:
        """Empty when the card does not offer it."""
        for one in self.form["actions"]:
            data = str(one["data"])
            if ButtonData.decode(data).action is action:
                return data
        return ""


def _words(spans: Sequence[dict[str, Any]]) -> str:
    return re.sub(r"\s+", " ", " ".join(str(span.get("text", "")) for span in spans)).strip()
