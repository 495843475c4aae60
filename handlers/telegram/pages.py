"""The queue in a chat: its pages, and one card in a page's place with the way back at its foot."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from telegram import Message, User

from bot.cards.pages import CardQuery, DeskQuery, QueueFilter, QueueQuery, SearchQuery
from bot.model.ids import CardToken
from bot.ports import Clock
from handlers.telegram.audiences import among
from handlers.telegram.buttons import Alone, OnCard, Rows, Verb
from handlers.telegram.clerk import Clerk, identity_of
from handlers.telegram.limits import QUEUE_PAGE
from handlers.telegram.line import Myself
from handlers.telegram.markup import Reading, words
from handlers.telegram.press import Press
from handlers.telegram.render import Drawing, drawn
from handlers.telegram.views import SHUT, back_to, found_page, page_of, queue_page
from handlers.telegram.voice import Spot, Voice


class Pages:
    def __init__(self, clerk: Clerk, voice: Voice, myself: Myself, clock: Clock) -> None:
        self._clerk = clerk
        self._voice = voice
        self._myself = myself
        self._clock = clock

    async def open(self, message: Message, user: User, wanted: QueueFilter) -> None:
        """The first page, as an answer to whoever asked for it."""
        html, rows = await self._page(user, message.chat.id, wanted, 0)
        await self._voice.say(Spot.of(message), html, rows)

    async def search(self, message: Message, user: User, wanted: str) -> None:
        """The newest cards with these words."""
        query = SearchQuery(wanted, QUEUE_PAGE, among=among(message.chat.id))
        page = await self._clerk.ask(self._clerk.desk.view(query, identity_of(user)))
        html, rows = found_page(page, wanted, await self._reading(user))
        await self._voice.say(Spot.of(message), html, rows)

    async def turn(self, press: Press, pressed: Alone) -> None:
        try:
            wanted = QueueFilter(pressed.argument)
        except ValueError:
            wanted = QueueFilter.OPEN
        html, rows = await self._page(press.user, press.place[0], wanted, pressed.number)
        await self._voice.redraw(*press.place, html, rows)

    async def show(self, press: Press, pressed: OnCard) -> None:
        await self._voice.notice(press.query)
        await self.draw(press, pressed.token)

    async def draw(self, press: Press, token: CardToken) -> None:
        """The card as it stands now, in place of the message that was pressed."""
        view = self._clerk.desk.view
        query = CardQuery(token, among=among(press.place[0]))
        page = await self._clerk.ask(view(query, press.identity))
        back = page_of(press.foot) or Alone(Verb.PAGE, QueueFilter.OPEN.value)
        if page.card is None:
            speech = await self._clerk.speech(press.user)
            gone = words(page.refusal or speech.say("There is no such card any more."))
            await self._voice.redraw(*press.place, gone, back_to(back, speech))
            return
        reading = await self._reading(press.user)
        can_prefill = bool((await self._myself.user()).supports_inline_queries)
        message = drawn(
            page.card, Drawing(reading, can_prefill=can_prefill, foot=back_to(back, reading.speech))
        )
        await self._voice.redraw(*press.place, message.html, message.rows)

    async def _page(
        self, user: User, chat: int, wanted: QueueFilter, offset: int
    ) -> tuple[str, Rows]:
        query = QueueQuery(wanted, QUEUE_PAGE, offset, among(chat))
        page = await self._clerk.ask(self._clerk.desk.view(query, identity_of(user)))
        if not page.cards and page.total and offset:
            return await self._page(user, chat, wanted, 0)
        html, rows = queue_page(page, wanted, offset, await self._reading(user))
        return html, rows or ((SHUT,),)

    async def _reading(self, user: User) -> Reading:
        desk = await self._clerk.ask(self._clerk.desk.view(DeskQuery(), identity_of(user)))
        return Reading(self._clock.now(), ZoneInfo(desk.zone), desk.speech)
