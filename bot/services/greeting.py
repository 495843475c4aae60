"""A test card: an admin sees whether cards arrive in a channel, and what is in the way if not.

It is posted at once and by nobody's due row: it is about nothing, has no button, and a second one
does no harm. That it was sent is audited before it leaves.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping

from bot.cards.connecting import ChatOffer
from bot.cards.greeting_view import greeting_card
from bot.cards.posting import Posting
from bot.cards.retold import retold
from bot.errors import ConnectorError, OutcomeUnknown, RateLimited
from bot.model import commands as c
from bot.model.channel import Place
from bot.model.commands import Order, Outcome, OutcomeKind
from bot.model.event import Subject
from bot.model.ids import TOKEN_LENGTH, CardToken, CommandId, Monotonic, PostKey
from bot.model.member import ChatIdentity
from bot.ports import ChatFrontend, Clock, Desk
from bot.services.deciding import Deciding, done, refused
from bot.speech.speech import ENGLISH, Speech, marked, speech_in

BEGIN_SECONDS = 4.0
ANSWER_SECONDS = 10.0
_NOT_SURE = marked("Not sure that it arrived: the chat did not confirm it. Look in the channel.")


def may_greet(deciding: Deciding, command: c.GreetChannel) -> Outcome:
    """Whether a test card may be sent there: not into a channel of another brand."""
    for channel in deciding.tx.channels.at(command.chat, command.channel):
        if channel.brand_id != deciding.member.brand_id:
            return refused(deciding.speech.say("Another brand of this desk uses this channel."))
    brand_id = deciding.member.brand_id
    deciding.tx.audits.add(
        brand_id,
        "test_card_sent",
        Subject.BRAND,
        brand_id,
        deciding.now,
        member_id=deciding.member.id,
        chat=deciding.identity.chat,
        to=command.chat,
        channel=command.channel,
    )
    return done("")


class Greeting:
    """Implements `bot.ports.Greets`."""

    def __init__(
        self,
        desk: Desk,
        frontends: Mapping[str, ChatFrontend],
        offers: Callable[[], tuple[ChatOffer, ...]],
        clock: Clock,
    ) -> None:
        self._desk = desk
        self._frontends = frontends
        self._offers = offers
        self._clock = clock

    def chats(self) -> tuple[ChatOffer, ...]:
        return self._offers()

    async def greet(
        self, press: CommandId, actor: ChatIdentity, chat: str, place: Place
    ) -> Outcome:
        command = c.GreetChannel(chat, place.channel, place.topic)
        may = await self._desk.perform(Order(press, actor, command))
        if not may.is_done:
            return may
        member = await self._desk.who(actor)
        speech = speech_in(member.tongue.language) if member else ENGLISH
        frontend = self._frontends.get(chat)
        if frontend is None or member is None:
            return refused(speech.say("This desk is not connected to that chat."))
        key = hashlib.sha256(press.encode()).hexdigest()
        posting = Posting(
            PostKey(key[:32]), place, greeting_card(CardToken(key[:TOKEN_LENGTH]), member, speech)
        )
        return await self._post(frontend, posting, speech)

    async def _post(self, frontend: ChatFrontend, posting: Posting, speech: Speech) -> Outcome:
        deadline = Monotonic(self._clock.monotonic() + BEGIN_SECONDS)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await frontend.post(posting, deadline)
        except (OutcomeUnknown, TimeoutError):
            return refused(speech.say(_NOT_SURE))
        except RateLimited:
            return refused(speech.say("The chat takes no more messages right now. Try later."))
        except ConnectorError as error:
            why = retold(speech, str(error))
            return refused(speech.say("It did not arrive: {why}", why=why))
        return Outcome(
            OutcomeKind.DONE, speech.say("The test card stands in the channel. Look at it there.")
        )
