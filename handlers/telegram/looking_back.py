"""What an author said before and what others were told, in a message of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from bot.cards.pages import DeskQuery
from bot.cards.said_before import Said, SaidBeforePage, SaidBeforeQuery
from bot.ports import Clock
from handlers.said_before_words import BY_AUTHOR, NOTHING, TITLE, TO_OTHERS, USE, WE_SAID
from handlers.shortening import cut
from handlers.telegram.audiences import among
from handlers.telegram.buttons import Button, OnCard, Rows
from handlers.telegram.clerk import Clerk
from handlers.telegram.markup import Reading, bold, lines, on_one_line, quote, spans_html, words
from handlers.telegram.press import Press
from handlers.telegram.views import SHUT
from handlers.telegram.voice import Voice
from handlers.visible import visible

SHORT = 220
"""Characters of a text: a message holds both lists."""
MOST = 4
"""Of each list."""


class LookingBack:
    def __init__(self, clerk: Clerk, voice: Voice, clock: Clock) -> None:
        self._clerk = clerk
        self._voice = voice
        self._clock = clock

    async def show(self, press: Press, pressed: OnCard) -> None:
        view = self._clerk.desk.view
        query = SaidBeforeQuery(pressed.token, among(press.place[0]))
        page = await self._clerk.ask(view(query, press.identity))
        if page.card is None:
            gone = page.refusal or page.speech.say("There is no such card any more.")
            await self._voice.notice(press.query, gone, is_alert=True)
            return
        desk = await self._clerk.ask(view(DeskQuery(), press.identity))
        reading = Reading(self._clock.now(), ZoneInfo(desk.zone), page.speech)
        await self._voice.say(press.spot, *drawn_back(page, reading))
        await self._voice.notice(press.query)


def drawn_back(page: SaidBeforePage, reading: Reading) -> tuple[str, Rows]:
    say = page.speech.say
    number = page.card.number if page.card is not None else 0
    told = [bold(say("{what}: {why}", what=say(TITLE), why=f"#\u2060{number}"))]
    rows: list[tuple[Button, ...]] = []
    for title, said in ((BY_AUTHOR, page.by_author), (TO_OTHERS, page.to_others)):
        told += [bold(say(title)), *_part(said[:MOST], page, reading)]
        rows += [(Button(say(USE, number=one.number), one.use),) for one in said[:MOST] if one.use]
    return lines(told), (*rows, (SHUT,))


def _part(said: Sequence[Said], page: SaidBeforePage, reading: Reading) -> Iterator[str]:
    for one in said:
        yield spans_html(on_one_line(one.head), reading)
        if one.theirs:
            yield quote(words(cut(visible(one.theirs), SHORT)))
        if one.ours:
            yield words(page.speech.say(WE_SAID))
            yield quote(words(cut(visible(one.ours), SHORT)))
    if not said:
        yield words(page.speech.say(NOTHING))
