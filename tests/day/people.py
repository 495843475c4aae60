"""The team of that day: what a person does with each card that stands in front of them.

They see messages, and do what their chat lets them do: `Slack` and `Telegram` are the thumbs, which
count taps as a phone would. A button is one; a menu is one to open and one to choose; a question
"sure?" is one more; a form is one to send. What was typed is not counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from bot.cards.actions import ButtonData
from bot.model.ids import CardToken
from tests.day.house import House
from tests.fakes.slack_people import pressable
from tests.fakes.slack_server import Message
from tests.fakes.telegram_people import Person, until
from tests.fakes.telegram_world import GROUP, Shown

CLOSE_ALL, HIDE_ALL = "Close all", "Hide and close all"
NO_REPLY, PUBLISH = "No reply needed", "Publish"


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as somebody sees it; `labels` are what can be pressed at once."""

    token: CardToken
    labels: tuple[str, ...]
    message: Message | Shown


class Thumb(Protocol):
    """`who` presses in one chat."""

    def cards(self) -> Iterator[Seen]: ...

    async def press(self, who: str, seen: Seen, label: str) -> None:
        """The one button that begins so; whoever is asked whether they are sure is."""
        ...

    async def choose(self, who: str, seen: Seen, menu: str, option: str) -> None:
        """What a menu offers, should it offer that now."""
        ...

    async def answer(self, who: str, seen: Seen, text: str) -> None:
        """Edit the draft and publish it."""
        ...

    async def write(self, who: str, seen: Seen, label: str, text: str) -> None:
        """Press the button that begins so, and send the line that it asks for."""
        ...

    async def ask(self, who: str, seen: Seen, whom: str, text: str) -> None:
        """A colleague, who has four hours."""
        ...


@dataclass(slots=True)
class Taps:
    """By person."""

    of: dict[str, int] = field(default_factory=dict)

    def add(self, who: str, many: int) -> None:
        self.of[who] = self.of.get(who, 0) + many


@dataclass(slots=True)
class Slack:
    house: House
    taps: Taps

    def cards(self) -> Iterator[Seen]:
        for message in self.house.slack.slack.messages:
            found = [one for block in message.blocks for one in pressable(block)]
            values = [action["value"] for _label, action in found if "value" in action]
            if values:
                yield Seen(_token(values), tuple(label for label, _ in found), message)

    async def press(self, who: str, seen: Seen, label: str) -> None:
        assert isinstance(seen.message, Message)
        full = next(one for one in seen.labels if one.startswith(label))
        await self.house.slack.person(who).press(seen.message, full)
        self.taps.add(who, 2 if label in {CLOSE_ALL, HIDE_ALL} else 1)

    async def choose(self, who: str, seen: Seen, menu: str, option: str) -> None:
        assert isinstance(seen.message, Message)
        offered = next((one for one in seen.labels if one.endswith(option)), None)
        if offered is not None:
            await self.house.slack.person(who).press(seen.message, offered)
            self.taps.add(who, 2)

    async def answer(self, who: str, seen: Seen, text: str) -> None:
        assert isinstance(seen.message, Message)
        person = self.house.slack.person(who)
        await person.press(seen.message, "Edit")
        if not person.has_view:  # the card turned while they looked
            return
        await person.submit({"entry": text})
        self.taps.add(who, 2)

    async def write(self, who: str, seen: Seen, label: str, text: str) -> None:
        assert isinstance(seen.message, Message)
        person = self.house.slack.person(who)
        full = next(one for one in seen.labels if one.startswith(label))
        await person.press(seen.message, full)
        await person.submit({"entry": text})
        self.taps.add(who, 2)

    async def ask(self, who: str, seen: Seen, whom: str, text: str) -> None:
        assert isinstance(seen.message, Message)
        person = self.house.slack.person(who)
        await person.press(seen.message, "Ask…")
        await person.submit({"whom": whom, "by": "4h", "entry": text})
        self.taps.add(who, 2 + 2 + 2 + 1)  # the menu, the colleague, the time, the button


@dataclass(slots=True)
class Telegram:
    house: House
    taps: Taps

    def cards(self) -> Iterator[Seen]:
        for message in self.house.telegram.server.world.by_bot(GROUP):
            values = [
                one["callback_data"] for row in message.keyboard for one in row
                if one.get("callback_data")
            ]  # fmt: skip
            if values:
                yield Seen(_token(values), tuple(map(_plain, message.labels)), message)

    async def press(self, who: str, seen: Seen, label: str) -> None:
        assert isinstance(seen.message, Shown)
        await self._tap(who, seen.message, label)
        if label in {CLOSE_ALL, HIDE_ALL}:
            await self._tap(who, seen.message, "Yes: ")

    async def choose(self, who: str, seen: Seen, menu: str, option: str) -> None:
        assert isinstance(seen.message, Shown)
        await self._tap(who, seen.message, menu)
        offered = any(_plain(one).startswith(option) for one in seen.message.labels)
        await self._tap(who, seen.message, option if offered else "Back")

    async def answer(self, who: str, seen: Seen, text: str) -> None:
        """The words are sent as an answer, and published by a button below what came back."""
        assert isinstance(seen.message, Shown)
        await self._tap(who, seen.message, "Edit")
        asked = await self._said(lambda one: "force_reply" in one.now)
        person = self._person(who)
        written = person.write(text, answering=asked)
        self.taps.add(who, 1)
        saved = await self._said(lambda one: one.answers == written.id and bool(one.keyboard))
        await self._tap(who, saved, PUBLISH)

    async def write(self, who: str, seen: Seen, label: str, text: str) -> None:
        assert isinstance(seen.message, Shown)
        await self._tap(who, seen.message, label)
        await self._reply(who, text)

    async def ask(self, who: str, seen: Seen, whom: str, text: str) -> None:
        assert isinstance(seen.message, Shown)
        for label in ("Team", "Ask…", whom.capitalize(), "In 4 hours"):
            await self._tap(who, seen.message, label)
        await self._reply(who, text)

    async def _reply(self, who: str, text: str) -> None:
        """To the prompt that just came."""
        asked = await self._said(lambda one: "force_reply" in one.now)
        written = self._person(who).write(text, answering=asked)
        await until(self.house.telegram.server, lambda: written.reactions)
        self.taps.add(who, 1)

    async def _tap(self, who: str, message: Shown, label: str) -> None:
        person = self._person(who)
        data = next(
            one["callback_data"] for row in message.keyboard for one in row
            if _plain(one["text"]).startswith(label)
        )  # fmt: skip
        await person.answer_to(person.press(message, data))
        self.taps.add(who, 1)

    async def _said(self, fits: Callable[[Shown], bool]) -> Shown:
        server = self.house.telegram.server

        def last() -> Shown | None:
            return next((one for one in reversed(server.world.by_bot(GROUP)) if fits(one)), None)

        found: Shown = await until(server, last)
        return found

    def _person(self, who: str) -> Person:
        return self.house.telegram.people[who]


def _token(values: list[str]) -> CardToken:
    """Of the card whose buttons these are; a menu's button names it too."""
    for value in values:
        try:
            return ButtonData.decode(value).token
        except ValueError:
            continue
    return CardToken(values[0].split(".")[1])


def _plain(label: str) -> str:
    """Without the icon before it."""
    icon, _, words = label.partition(" ")
    return words if words and not icon.isascii() else label
