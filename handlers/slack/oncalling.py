"""`/desk oncall`, `away`, `back` and `shift`: who is on call, who stands in, and who is here."""

from __future__ import annotations

from bot.cards.pages import DeskPage, DeskQuery
from bot.model.commands import ComeBack, Command, ExpectPeak, StandIn, TestPages
from bot.ports import Clock
from handlers import away_words, oncall_words, shift_words
from handlers.oncall_words import Verb
from handlers.shortening import cut
from handlers.slack.clerk import Clerk
from handlers.slack.payloads import SlashCommand
from handlers.slack.render import zone_of
from handlers.slack.teaming import Teaming

MOST = 2_500
"""Characters of the list."""


class OnCalling:
    def __init__(self, clerk: Clerk, teaming: Teaming, clock: Clock) -> None:
        self._clerk = clerk
        self._teaming = teaming
        self._clock = clock

    async def answer(self, asked: SlashCommand, rest: str) -> str:
        desk = await self._clerk.ask(self._clerk.desk.view(DeskQuery(), asked.identity))
        if not desk.brand:
            return desk.speech.say(
                "The desk does not know you yet. Your member id is {id}.", id=asked.user_id
            )
        if not rest:
            return self._list(desk)
        try:
            command = await self._command(desk, rest)
        except ValueError:
            return oncall_words.how(desk.speech)
        return (await self._clerk.perform(asked.identity, asked.id, command)).says

    async def away(self, asked: SlashCommand, rest: str) -> str:
        desk = await self._clerk.ask(self._clerk.desk.view(DeskQuery(), asked.identity))
        try:
            command = away_words.read(rest, self._clock.now(), zone_of(desk.zone))
        except ValueError:
            return away_words.how(desk.speech)
        return (await self._clerk.perform(asked.identity, asked.id, command)).says

    async def back(self, asked: SlashCommand) -> str:
        return (await self._clerk.perform(asked.identity, asked.id, ComeBack())).says

    async def shift(self, asked: SlashCommand, rest: str) -> str:
        desk = await self._clerk.ask(self._clerk.desk.view(DeskQuery(), asked.identity))
        if not rest:
            now, zone = self._clock.now(), zone_of(desk.zone)
            lines = shift_words.listed(desk.members, now, zone, desk.speech)
            return cut("\n".join((*lines, shift_words.how(desk.speech))), MOST)
        try:
            command = shift_words.read(rest)
        except ValueError:
            return shift_words.how(desk.speech)
        return (await self._clerk.perform(asked.identity, asked.id, command)).says

    def _list(self, desk: DeskPage) -> str:
        zone, now = zone_of(desk.zone), self._clock.now()
        lines = oncall_words.listed(desk.oncall, now, zone, desk.speech)
        return cut("\n".join((*lines, oncall_words.how(desk.speech))), MOST)

    async def _command(self, desk: DeskPage, rest: str) -> Command:
        order = oncall_words.read(rest.split(), self._clock.now(), zone_of(desk.zone))
        match order.verb:
            case Verb.TEST:
                return TestPages()
            case Verb.EXPECT:
                return ExpectPeak(order.until, order.rest)
            case Verb.OVERRIDE:
                slug = await self._teaming.slug(order.who)
                return StandIn(slug, order.until, order.rest)
