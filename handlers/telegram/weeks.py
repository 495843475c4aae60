"""The week in one message: planned posts that wait for the reader's yes, one after the other."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from telegram import Message, User

from bot.cards.card import Bold
from bot.cards.week import WeekPage, WeekQuery
from bot.model.ids import PostId
from bot.ports import Clock
from handlers.telegram.buttons import Alone, Button, Rows, Verb
from handlers.telegram.clerk import Clerk, identity_of
from handlers.telegram.line import Myself
from handlers.telegram.markup import Reading, words
from handlers.telegram.press import Press
from handlers.telegram.render import Drawing, drawn
from handlers.telegram.views import SHUT
from handlers.telegram.voice import Spot, Voice

STEPS = {"back": -1, "here": 0, "on": 1}
"""What a button says before the number of how many there were: `on-14`."""


class Weeks:
    def __init__(self, clerk: Clerk, voice: Voice, myself: Myself, clock: Clock) -> None:
        self._clerk = clerk
        self._voice = voice
        self._myself = myself
        self._clock = clock

    async def open(self, message: Message, user: User) -> None:
        html, rows = await self._page(user, WeekQuery())
        await self._voice.say(Spot.of(message), html, rows)

    async def turn(self, press: Press, pressed: Alone) -> None:
        """Where the button leads, in place of what stands there."""
        await self._show(press, _query(pressed))

    async def go_on(self, press: Press, foot: Alone) -> None:
        """The same post as it stands now, or the next where it waits no more."""
        await self._show(press, replace(_query(foot), step=0))

    async def _show(self, press: Press, query: WeekQuery) -> None:
        html, rows = await self._page(press.user, query)
        await self._voice.redraw(*press.place, html, rows)

    async def _page(self, user: User, query: WeekQuery) -> tuple[str, Rows]:
        page = await self._clerk.ask(self._clerk.desk.view(query, identity_of(user)))
        if page.card is None:
            return words(page.says), ((SHUT,),)
        reading = Reading(self._clock.now(), ZoneInfo(page.zone), page.speech)
        can_prefill = bool((await self._myself.user()).supports_inline_queries)
        drawing = Drawing(
            reading, can_prefill=can_prefill, notice=(Bold(page.says),), foot=(_foot(page),)
        )
        message = drawn(page.card, drawing)
        return message.html, message.rows


def _foot(page: WeekPage) -> tuple[Button, ...]:
    say, labels = page.speech.say, {"here": "🔄"}
    if page.left > 1:
        labels = {"back": f"‹ {say('Previous')}", "on": f"{say('Skip')} ›"}
    turns = (
        Button(label, Alone(Verb.WEEK, f"{step}-{page.total}", page.near).encode())
        for step, label in labels.items()
    )
    return (*turns, SHUT)


def _query(pressed: Alone) -> WeekQuery:
    step, _, total = pressed.argument.partition("-")
    return WeekQuery(
        PostId(pressed.number), STEPS.get(step, 0), int(total) if total.isdecimal() else 0
    )
