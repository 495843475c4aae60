"""`/oncall`, `/away`, `/back` and `/shift`: who is on call, who stands in, and who is here."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from telegram import Message, User

from bot.cards.pages import DeskPage, DeskQuery
from bot.model.commands import ComeBack, Command, ExpectPeak, StandIn, TestPages
from bot.ports import Clock
from handlers import away_words, oncall_words, shift_words
from handlers.oncall_words import Verb
from handlers.telegram.clerk import After, Clerk, identity_of, unknown
from handlers.telegram.teaming import Teaming
from handlers.telegram.voice import Voice


class OnCalling:
    def __init__(self, clerk: Clerk, voice: Voice, teaming: Teaming, clock: Clock) -> None:
        self._clerk = clerk
        self._voice = voice
        self._teaming = teaming
        self._clock = clock

    async def take(self, message: Message, user: User, rest: str) -> After:
        """NotSaved leaves the message unconfirmed."""
        desk = await self._clerk.ask(self._clerk.desk.view(DeskQuery(), identity_of(user)))
        if not desk.brand:
            stranger = unknown(user, desk.speech)
            return lambda: self._voice.tell(message, user, stranger)
        if not rest.strip():
            listed = self._list(desk)
            return lambda: self._voice.refuse(message, listed)
        try:
            command = await self._command(desk, rest)
        except ValueError:
            says = oncall_words.how(desk.speech)
            return lambda: self._voice.refuse(message, says)
        return await self._done(message, user, command)

    async def away(self, message: Message, user: User, rest: str) -> After:
        desk = await self._clerk.ask(self._clerk.desk.view(DeskQuery(), identity_of(user)))
        try:
            command = away_words.read(rest, self._clock.now(), ZoneInfo(desk.zone))
        except ValueError:
            says = away_words.how(desk.speech)
            return lambda: self._voice.refuse(message, says)
        return await self._done(message, user, command)

    async def back(self, message: Message, user: User) -> After:
        return await self._done(message, user, ComeBack())

    async def shift(self, message: Message, user: User, rest: str) -> After:
        desk = await self._clerk.ask(self._clerk.desk.view(DeskQuery(), identity_of(user)))
        if not desk.brand:
            stranger = unknown(user, desk.speech)
            return lambda: self._voice.tell(message, user, stranger)
        if not rest.strip():
            listed = self._shifts(desk)
            return lambda: self._voice.refuse(message, listed)
        try:
            command = shift_words.read(rest)
        except ValueError:
            says = shift_words.how(desk.speech)
            return lambda: self._voice.refuse(message, says)
        return await self._done(message, user, command)

    def _shifts(self, desk: DeskPage) -> str:
        zone, now = ZoneInfo(desk.zone), self._clock.now()
        lines = shift_words.listed(desk.members, now, zone, desk.speech)
        return "\n".join((*lines, shift_words.how(desk.speech)))

    async def _done(self, message: Message, user: User, command: Command) -> After:
        id_ = f"message:{message.chat.id}:{message.message_id}"
        outcome = await self._clerk.perform(user, id_, command)
        return lambda: self._voice.tell(message, user, outcome)

    def _list(self, desk: DeskPage) -> str:
        lines = oncall_words.listed(
            desk.oncall, self._clock.now(), ZoneInfo(desk.zone), desk.speech
        )
        return "\n".join((*lines, oncall_words.how(desk.speech)))

    async def _command(self, desk: DeskPage, rest: str) -> Command:
        order = oncall_words.read(rest.split(), self._clock.now(), ZoneInfo(desk.zone))
        match order.verb:
            case Verb.TEST:
                return TestPages()
            case Verb.EXPECT:
                return ExpectPeak(order.until, order.rest)
            case Verb.OVERRIDE:
                slug = await self._teaming.slug(order.who)
                return StandIn(slug, order.until, order.rest)
