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
from handlers.telegram.audiences import among
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
        query = CardQuery(CardToken(outcome.note))
        html, rows = await self._drawn(user, query, outcome.says)
        alone = None
        if message.chat.type != ChatType.PRIVATE:
            alone = await self._voice.say(Spot(user.id), html, rows)
        if alone is None:
            await self._voice.say(Spot.of(message), html, rows)

    async def open(self, press: Press, token: CardToken) -> None:
        """A card that a message is about, below it."""
        query = CardQuery(token, among=among(press.place[0]))
        html, rows = await self._drawn(press.user, query)
        await self._voice.notice(press.query)
        await self._voice.say(press.spot, html, rows)

    async def draw(self, press: Press, token: CardToken, outcome: Outcome) -> None:
        """The card as it stands now, or what was said where it asks nothing more."""
        if outcome.kind is OutcomeKind.REFUSED:
            return
        query = CardQuery(token, among=among(press.place[0]))
        html, rows = await self._drawn(press.user, query, outcome.says, is_told=True)
        await self._voice.redraw(*press.place, html, rows)

    async def _drawn(
        self, user: User, query: CardQuery, says: str = "", *, is_told: bool = False
    ) -> tuple[str, Rows]:
        """`says` is what there is to say without a card, and `is_told` above one too."""
        view, reader = self._clerk.desk.view, identity_of(user)
        page = await self._clerk.ask(view(query, reader))
        if page.card is None or (says and not page.card.actions):
            gone = (await self._clerk.speech(user)).say("There is no such card any more.")
            return words(says or page.refusal or gone), ()
        desk = await self._clerk.ask(view(DeskQuery(), reader))
        reading = Reading(self._clock.now(), ZoneInfo(desk.zone), desk.speech)
        told = (Text(says),) if is_told else ()
        message = drawn(page.card, Drawing(reading, notice=told, foot=(_FOOT,)))
        return message.html, message.rows
