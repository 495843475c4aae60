"""A card that is one person's alone: an answer with buttons that each press draws anew.

Where they let us write it comes to them alone, else it is the answer where they are.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from telegram import Message, User
from telegram.constants import ChatType

from bot.cards.card import Text
from bot.cards.pages import CardQuery, DeskQuery
from bot.model.commands import Outcome, OutcomeKind
from bot.model.ids import CardToken
from bot.ports import Clock
from handlers.telegram.buttons import Alone, Button, Rows, Verb
from handlers.telegram.clerk import Clerk, identity_of
from handlers.telegram.markup import Reading, words
from handlers.telegram.press import Press
from handlers.telegram.render import Drawing, drawn
from handlers.telegram.views import page_of
from handlers.telegram.voice import Spot, Voice

OWN = "own"
_FOOT = (Button("✕", Alone(Verb.SHUT, OWN).encode()),)


def is_own(foot: Rows) -> bool:
    shut = page_of(foot, Verb.SHUT)
    return shut is not None and shut.argument == OWN


class InPrivate:
    def __init__(self, clerk: Clerk, voice: Voice, clock: Clock) -> None:
        self._clerk = clerk
        self._voice = voice
        self._clock = clock

    async def tell(self, message: Message, user: User, outcome: Outcome) -> None:
        """What an order came to; with a card where it asks by one."""
        if not (outcome.is_done and outcome.note):
            await self._voice.tell(message, user, outcome)
            return
        html, rows = await self._drawn(user, CardToken(outcome.note), "")
        alone = None
        if message.chat.type != ChatType.PRIVATE:
            alone = await self._voice.say(Spot(user.id), html, rows)
        if alone is None:
            await self._voice.say(Spot.of(message), html, rows)

    async def draw(self, press: Press, token: CardToken, outcome: Outcome) -> None:
        """The card as it stands now, or what was said where it asks nothing more."""
        if outcome.kind is OutcomeKind.REFUSED:
            return
        html, rows = await self._drawn(press.user, token, outcome.says)
        await self._voice.redraw(*press.place, html, rows)

    async def _drawn(self, user: User, token: CardToken, notice: str) -> tuple[str, Rows]:
        view, reader = self._clerk.desk.view, identity_of(user)
        card = (await self._clerk.ask(view(CardQuery(token), reader))).card
        if card is None or not card.actions:
            return words(notice), ()
        desk = await self._clerk.ask(view(DeskQuery(), reader))
        reading = Reading(self._clock.now(), ZoneInfo(desk.zone), desk.speech)
        told = (Text(notice),) if notice else ()
        message = drawn(card, Drawing(reading, can_prefill=False, notice=told, foot=(_FOOT,)))
        return message.html, message.rows
