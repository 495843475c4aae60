"""`/link`: a code that says in another chat who somebody is, and the same here with a code.

A code is made in a private chat alone: what stands in a group is read by others. One that is given
in a group is spent at once, which is the safest that can become of it.
"""

from __future__ import annotations

from telegram import Message, User
from telegram.constants import ChatType

from bot.model.commands import MakeLinkCode, UseLinkCode
from bot.speech.speech import marked
from handlers.telegram.clerk import After, Clerk
from handlers.telegram.markup import code, lines, words
from handlers.telegram.voice import Spot, Voice

NOT_HERE = marked("Write /link to me in a private chat: whoever has the code is you.")
GONE = marked("It was shown already; ask for another one.")


class Linking:
    def __init__(self, clerk: Clerk, voice: Voice) -> None:
        self._clerk = clerk
        self._voice = voice

    async def take(self, message: Message, user: User, rest: str) -> After:
        """NotSaved leaves the message unconfirmed."""
        given = rest.strip()
        id_ = f"message:{message.chat.id}:{message.message_id}"
        if given:
            outcome = await self._clerk.perform(user, id_, UseLinkCode(given))
            return lambda: self._voice.tell(message, user, outcome)
        if message.chat.type != ChatType.PRIVATE:
            says = (await self._clerk.speech(user)).say(NOT_HERE)
            return lambda: self._voice.refuse(message, says)
        outcome = await self._clerk.perform(user, id_, MakeLinkCode())
        if not outcome.is_done:
            return lambda: self._voice.tell(message, user, outcome)
        gone = (await self._clerk.speech(user)).say(GONE)
        shown = code(outcome.once) if outcome.once else words(gone)
        html = lines((words(outcome.says), shown))
        return lambda: self._say(message, html)

    async def _say(self, message: Message, html: str) -> None:
        await self._voice.say(Spot.of(message), html)
