"""Updates from Telegram: each is taken, which commits what it decides, and then answered.

Who takes an update confirms it only after that, so a press survives whatever dies here. What cannot
be understood is counted and left; what fails in a way that nobody foresaw is tried three times,
because one such update must not keep all others from being heard.
"""

from __future__ import annotations

import re
from typing import Any

from telegram import Bot, CallbackQuery, Message, Update, User
from telegram.error import TelegramError

from bot.errors import ConnectorError
from bot.logs import get_logger
from bot.ports import ChatMemory
from bot.speech.speech import ENGLISH, marked
from handlers.telegram.answers import Answers
from handlers.telegram.clerk import ANONYMOUS, After, Clerk, NotSaved, nothing
from handlers.telegram.counter import Counter
from handlers.telegram.inline import InlineEditing, sent_inline
from handlers.telegram.landing import Landings
from handlers.telegram.line import Myself
from handlers.telegram.orders import Orders
from handlers.telegram.presses import Presses
from handlers.telegram.prompts import asked_by
from handlers.telegram.talk import Talk, is_said_to_us
from handlers.telegram.voice import Voice

ALLOWED = (
    "message",
    "edited_message",
    "callback_query",
    "inline_query",
    "my_chat_member",
    "chat_member",
)
TRIES = 3
FAULT = marked("This did not work, by a fault of the desk. It is in its log.")
AS_THE_GROUP = marked(
    "You write as the group itself, so the desk cannot tell who you are. Switch “Remain anonymous” "
    "off in your rights as an administrator, then do it again."
)


class Updates:
    def __init__(
        self,
        bot: Bot,
        myself: Myself,
        memory: ChatMemory,
        clerk: Clerk,
        presses: Presses,
        answers: Answers,
        orders: Orders,
        inline: InlineEditing,
        landings: Landings,
        talk: Talk,
        voice: Voice,
        counter: Counter,
    ) -> None:
        self._bot = bot
        self._myself = myself
        self._memory = memory
        self._clerk = clerk
        self._presses = presses
        self._answers = answers
        self._orders = orders
        self._inline = inline
        self._landings = landings
        self._talk = talk
        self._voice = voice
        self._counter = counter
        self._tries: dict[int, int] = {}
        self._log = get_logger("telegram")

    async def take(self, raw: Any) -> After:
        """What is left to be said once it is dealt with. NotSaved: do not confirm it."""
        try:
            update = Update.de_json(raw, self._bot)
        except (TypeError, KeyError, ValueError, AttributeError, TelegramError) as error:
            self._log.warning("update_not_understood", error=type(error).__name__)
            return nothing
        try:
            after = await self._dispatch(update)
        except ConnectorError as error:
            raise NotSaved from error
        except NotSaved:
            raise
        except Exception as error:  # noqa: BLE001 - the boundary of what people ask for
            self._count(update, error)
            after = self._sorry(update)
        self._tries.pop(update.update_id, None)
        return self._guarded(after)

    def _count(self, update: Update, error: Exception) -> None:
        """Raises NotSaved while there are tries left."""
        tries = self._tries.get(update.update_id, 0) + 1
        self._tries[update.update_id] = tries
        self._log.error("update_failed", error=type(error).__name__, says=str(error), tries=tries)
        if tries < TRIES:
            raise NotSaved from error

    def _sorry(self, update: Update) -> After:
        query, message = update.callback_query, update.message
        if query is not None:
            return lambda: self._alert(query, FAULT)
        if message is not None:
            return lambda: self._refuse(message, FAULT)
        return nothing

    async def _alert(self, query: CallbackQuery, says: str) -> None:
        speech = await self._clerk.speech(query.from_user)
        await self._voice.notice(query, speech.say(says), is_alert=True)

    async def _refuse(self, message: Message, says: str) -> None:
        user = message.from_user
        speech = ENGLISH if user is None else await self._clerk.speech(user)
        await self._voice.refuse(message, speech.say(says))

    def _guarded(self, after: After) -> After:
        async def guarded() -> None:
            try:
                await after()
            except (NotSaved, ConnectorError) as error:
                # a card draws itself anew; whoever sees nothing presses again
                self._log.warning("not_answered", says=str(error) or "The desk was busy.")

        return guarded

    async def _dispatch(self, update: Update) -> After:
        if update.callback_query is not None:
            return await self._presses.take(update.callback_query)
        if update.inline_query is not None:
            query = update.inline_query
            return lambda: self._inline.offer(query)
        if update.my_chat_member is not None:
            change = update.my_chat_member
            status = change.new_chat_member.status
            self._log.info("place_in_chat_changed", channel=change.chat.id, status=status)
            return await self._landings.moved(change)
        if update.chat_member is not None:
            return await self._landings.passed(update.chat_member)
        if update.message is not None:
            return await self._hear(update.message)
        if update.edited_message is not None:
            return await self._heard_anew(update.edited_message)
        return nothing

    async def _hear(self, message: Message) -> After:
        if message.migrate_to_chat_id is not None:
            old, new = str(message.chat.id), str(message.migrate_to_chat_id)
            await self._clerk.ask(self._memory.moved(old, new))
            return nothing
        user = message.from_user
        if user is None:
            return nothing
        if await self._clerk.ask(self._counter.is_double(message)):
            return lambda: self._counter.take_away(message)
        return await self._heard(message, user)

    async def _heard(self, message: Message, user: User) -> After:
        """Commands, and answers to prompts and cards; what else the team says is its own."""
        me = await self._myself.user()
        inline = sent_inline(message, me.id)
        asked = inline[0] if inline else asked_by(message, me.id)
        command = _command_of(message, me.username or "")
        is_to_us = is_said_to_us(message, me.id)
        if asked is None and command is None and not is_to_us:
            return nothing
        if user.id == ANONYMOUS or message.sender_chat is not None:
            return lambda: self._refuse(message, AS_THE_GROUP)
        if user.is_bot:
            return nothing
        if asked is not None:
            text = inline[1] if inline else message.text or message.caption or ""
            return await self._answers.take(message, user, asked, text)
        if command is not None:
            return await self._orders.take(message, user, *command)
        return await self._talk.take(message, user)

    async def _heard_anew(self, message: Message) -> After:
        """Somebody changed what they wrote: a note below a card is what it says now."""
        user, me = message.from_user, await self._myself.user()
        if user is None or user.is_bot or not is_said_to_us(message, me.id):
            return nothing
        return await self._talk.changed(message, user)


_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,64})(?:@(\w+))?[ \t]*(.*)", re.DOTALL)


def _command_of(message: Message, username: str) -> tuple[str, str] | None:
    """The word after a slash at the very beginning, and what follows it."""
    match = _COMMAND.fullmatch(message.text or "")
    if match is None or (match[2] and match[2].lower() != username.lower()):
        return None
    return match[1].lower(), match[3]
