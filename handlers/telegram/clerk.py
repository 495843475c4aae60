"""The clerk: takes a command to the desk and brings back what a person is told.

Commit, then acknowledge. What the desk did not commit in time is `NotSaved`: then the update is
not confirmed, so Telegram brings it again, and the same press gets the same answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from telegram import User

from bot.errors import StoreError
from bot.logs import get_logger
from bot.model.commands import Command, Order, Outcome, OutcomeKind
from bot.model.ids import CommandId
from bot.model.member import ChatIdentity, Member
from bot.ports import Desk
from bot.speech.speech import Speech, marked, speech_in
from handlers.telegram.markup import CHAT

ANONYMOUS = 1087968824
"""Who writes in a group as the group itself (@GroupAnonymousBot)."""
UNKNOWN = marked("The desk does not know you yet. Ask an admin to add you.")
DESK_SECONDS = 5.0
"""The desk itself gives up after two; this is for a desk that does not."""

After = Callable[[], Awaitable[None]]
"""What is still to be said or shown once an update is dealt with; losing it loses no decision."""

T = TypeVar("T")


class NotSaved(Exception):
    """The desk did not commit it: do not confirm."""


async def nothing() -> None:
    """Nothing is left to be said."""


class Clerk:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._log = get_logger("telegram")

    async def perform(self, user: User, id_: str, command: Command) -> Outcome:
        """What the desk decides; a stranger is told the number that an admin needs."""
        order = Order(CommandId(id_), identity_of(user), command)
        outcome = await self.ask(self.desk.perform(order))
        if outcome.kind is OutcomeKind.REFUSED and await self.member(user) is None:
            number = number_of(user, await self.speech(user))
            return Outcome(outcome.kind, f"{outcome.says} {number}", outcome.note)
        return outcome

    async def member(self, user: User) -> Member | None:
        return await self.ask(self.desk.who(identity_of(user)))

    async def said(self, user: User, outcome: Outcome) -> Outcome:
        """A sentence of this front end's own, in the person's language."""
        speech = await self.speech(user)
        return Outcome(outcome.kind, speech.say(outcome.says), outcome.note)

    async def speech(self, user: User) -> Speech:
        """What is said to this person is said in this; to a stranger in their app's language."""
        try:
            member = await self.member(user)
        except NotSaved:
            member = None
        return speech_in(member.tongue.language if member else user.language_code or "en")

    async def ask(self, asked: Awaitable[T]) -> T:
        """What the desk answers, or NotSaved."""
        try:
            async with asyncio.timeout(DESK_SECONDS):
                return await asked
        except (StoreError, TimeoutError) as error:
            self._log.warning("press_not_saved", says=str(error) or "The desk took too long.")
            raise NotSaved from error


def unknown(user: User, speech: Speech) -> Outcome:
    """For somebody whom the desk does not know: the number that an admin needs."""
    return Outcome(OutcomeKind.REFUSED, f"{speech.say(UNKNOWN)} {number_of(user, speech)}")


def identity_of(user: User) -> ChatIdentity:
    """By the number that Telegram gave them, never by a name."""
    return ChatIdentity(CHAT, str(user.id))


def number_of(user: User, speech: Speech) -> str:
    return speech.say("Your Telegram number is {number}.", number=user.id)
