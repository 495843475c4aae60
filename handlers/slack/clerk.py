"""The clerk: takes a command to the desk, and a sentence back to the person, and to nobody else.

Commit, then acknowledge: what the desk did not commit within its time is `NotSaved`, and whoever
catches that leaves the press unacknowledged, so that Slack shows its own error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.errors import ConnectorError, StoreError
from bot.logs import get_logger
from bot.model.commands import Command, Order, Outcome, OutcomeKind
from bot.model.ids import CommandId
from bot.model.member import ChatIdentity
from bot.ports import Desk
from bot.speech.speech import ENGLISH, Speech, speech_in
from handlers.shortening import cut
from handlers.slack.composer import without_files
from handlers.slack.limits import SENTENCE
from handlers.slack.line import SlackLine
from handlers.slack.spans import Element, escaped

DESK_SECONDS = 2.2
"""The desk itself gives up after two; Slack waits for three."""

OPEN_SECONDS = 2.5
"""A trigger opens a view for three seconds."""

TELL_SECONDS = 5.0

T = TypeVar("T")


class NotSaved(Exception):
    """The desk did not commit it: do not acknowledge."""


@dataclass(frozen=True, slots=True)
class Corner:
    """Where one person is told something that nobody else sees: a channel, or empty for nowhere.

    `thread` is the message under which they are.
    """

    user: str
    channel: str = ""
    thread: str = ""


class Clerk:
    def __init__(self, desk: Desk, line: SlackLine) -> None:
        self.desk = desk
        self._line = line
        self._log = get_logger("slack")

    async def perform(self, actor: ChatIdentity, id_: CommandId, command: Command) -> Outcome:
        return await self.ask(self.desk.perform(Order(id_, actor, command)))

    async def speech(self, reader: ChatIdentity) -> Speech:
        """What is said to this person alone is said in this; a stranger gets English."""
        member = await self.ask(self.desk.who(reader))
        return ENGLISH if member is None else speech_in(member.tongue.language)

    async def ask(self, asked: Awaitable[T]) -> T:
        """What the desk answers, or NotSaved."""
        try:
            async with asyncio.timeout(DESK_SECONDS):
                return await asked
        except (StoreError, TimeoutError) as error:
            self._log.warning("press_not_saved", says=str(error) or "The desk took too long.")
            raise NotSaved from error

    async def tell(self, corner: Corner, outcome: Outcome) -> None:
        """What was done is seen on the card; what was not, and what waits for others, is said."""
        if outcome.kind is not OutcomeKind.DONE or outcome.note:
            await self.whisper(corner, outcome.says)

    async def whisper(self, corner: Corner, says: str, shown: Sequence[Element] = ()) -> None:
        """A message that one person sees and that is gone after a reload; never a state."""
        if not corner.channel:
            return
        text = escaped(cut(says, SENTENCE))
        body: Element = {"channel": corner.channel, "user": corner.user, "text": text}
        body |= {"parse": "none"}
        if corner.thread:
            body["thread_ts"] = corner.thread
        if shown:
            body["blocks"] = list(shown)
        await self.try_to("chat.postEphemeral", body, TELL_SECONDS)

    async def open(self, trigger: str, view: Element, *, method: str = "views.open") -> bool:
        """`views.push` opens it over the modal that the press came from.

        What Slack does not open is tried without the field for files: an app that was installed
        before there was one may not have it.
        """
        body = {"trigger_id": trigger, "view": view}
        if await self.try_to(method, body, OPEN_SECONDS):
            return True
        plainer = without_files(view)
        return plainer != view and await self.try_to(method, body | {"view": plainer}, OPEN_SECONDS)

    async def try_to(self, method: str, body: dict[str, Any], seconds: float) -> bool:
        """A call that only people's eyes wait for: without it they press again."""
        try:
            async with asyncio.timeout(seconds):
                await self._line.write(method, body)
        except (ConnectorError, TimeoutError) as error:
            says = str(error) or "Slack took too long."
            self._log.warning("not_shown", method=method, says=says)
            return False
        return True
