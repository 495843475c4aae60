"""The pinned message of a group: how much waits, drawn anew when it changes.

One for each group, in its General topic, and only where the bot may pin: a counter that scrolls
away counts nothing.

How far it has come is a note in the store, written before and after each step, so that whoever dies
goes on where it stood:

    (nothing)  ->  ?  ->  number  ->  number*
               asked for   sent        pinned

A number without `*` is pinned (again). At `?` the message may stand there, and nobody knows its
number: one that is pinned is found, else another one is sent. So there is at most one double for
each lost answer; it is never pinned, and goes when somebody answers or pins it.
"""

from __future__ import annotations

import asyncio

from telegram import Bot, ChatMemberAdministrator, MaybeInaccessibleMessage, Message
from telegram.error import BadRequest, ChatMigrated, NetworkError, TelegramError

from bot.cards.pages import Board, QueueFilter
from bot.errors import ConnectorError, StoreError
from bot.logs import get_logger
from bot.ports import ChatMemory
from handlers.telegram.failures import is_gone, is_unchanged
from handlers.telegram.line import UNREADABLE, Myself
from handlers.telegram.request import NothingSent

EVERY_SECONDS = 30.0
NOTE = "counter"
ASKED, PINNED = "?", "*"
MARK = "📥"
"""How the words of a counter begin, in every language."""
NO_RIGHT_ROUNDS = 20
"""Rounds until a group is asked again whether we may pin there by now."""


class Counter:
    def __init__(self, bot: Bot, myself: Myself, memory: ChatMemory) -> None:
        self._bot = bot
        self._myself = myself
        self._memory = memory
        self._shown: dict[str, str] = {}
        self._not_before: dict[str, int] = {}
        self._round = 0
        self._log = get_logger("telegram")

    async def run(self, every: float = EVERY_SECONDS) -> None:
        """Until it is cancelled."""
        while True:
            try:
                await self.count()
            except StoreError as error:
                self._log.info("not_counted", says=str(error))
            await asyncio.sleep(every)

    async def count(self) -> None:
        """Every group once."""
        self._round += 1
        boards: dict[str, Board] = {}
        for board in await self._memory.boards():
            boards.setdefault(board.place.channel, board)
        for channel, board in boards.items():
            text = counted(board)
            if self._shown.get(channel) == text or self._not_before.get(channel, 0) > self._round:
                continue
            try:
                await self._show(channel, text)
            except (TelegramError, ConnectorError, *UNREADABLE) as error:
                self._not_before[channel] = self._round + 2
                self._log.info("not_counted", channel=channel, says=str(error))

    async def _show(self, channel: str, text: str) -> None:
        noted = await self._memory.recall(channel, NOTE)
        try:
            number = noted.rstrip(PINNED)
            if number.isdecimal():
                await self._redraw(channel, number, text)
            elif await self._may_pin(channel):
                number = await self._begin(channel, text, is_repeat=noted == ASKED)
            else:
                self._not_before[channel] = self._round + NO_RIGHT_ROUNDS
                return
            if not noted.endswith(PINNED):
                await self._bot.pin_chat_message(channel, int(number), disable_notification=True)
                await self._memory.keep(channel, NOTE, number + PINNED)
        except ChatMigrated as error:
            await self._memory.moved(channel, str(error.new_chat_id))
            return
        except TelegramError as error:
            if not is_gone(error):
                raise
            await self._memory.keep(channel, NOTE, "")
            return
        self._shown[channel] = text

    async def _redraw(self, channel: str, number: str, text: str) -> None:
        try:
            await self._bot.edit_message_text(text, channel, int(number))
        except TelegramError as error:
            if not is_unchanged(error):
                raise

    async def _begin(self, channel: str, text: str, *, is_repeat: bool) -> str:
        """The number of the message that counts: one that is pinned already, or a new one."""
        pinned = await self._pinned(channel)
        if pinned:
            await self._memory.keep(channel, NOTE, pinned)
            await self._redraw(channel, pinned, text)
            return pinned
        if is_repeat:
            # there may be one that nobody knows of: not one more while Telegram answers nobody
            await self._myself.ask_again()
        await self._memory.keep(channel, NOTE, ASKED)
        try:
            message = await self._bot.send_message(channel, text, disable_notification=True)
        except TelegramError as error:
            if not _may_stand_there(error):
                await self._memory.keep(channel, NOTE, "")
            raise
        number = str(message.message_id)
        await self._memory.keep(channel, NOTE, number)
        return number

    async def _pinned(self, channel: str) -> str:
        """The number of a counter of ours that is pinned there; empty where there is none."""
        me = await self._myself.user()
        found = (await self._bot.get_chat(channel)).pinned_message
        return str(found.message_id) if found and _is_counter(found, me.id) else ""

    async def is_double(self, message: Message) -> bool:
        """Whether somebody answered or pinned a counter beside the one that we know."""
        seen = message.reply_to_message or message.pinned_message
        me = await self._myself.user()
        if seen is None or not _is_counter(seen, me.id):
            return False
        known = (await self._memory.recall(str(message.chat.id), NOTE)).rstrip(PINNED)
        return known.isdecimal() and seen.message_id != int(known)

    async def take_away(self, message: Message) -> None:
        """The double that this message is about."""
        seen = message.reply_to_message or message.pinned_message
        if seen is not None:
            try:
                await self._bot.delete_message(message.chat.id, seen.message_id)
            except TelegramError as error:
                self._log.info("counter_stays", channel=message.chat.id, says=error.message)

    async def _may_pin(self, channel: str) -> bool:
        me = await self._myself.user()
        member = await self._bot.get_chat_member(channel, me.id)
        return isinstance(member, ChatMemberAdministrator) and bool(member.can_pin_messages)


def counted(board: Board) -> str:
    waiting = board.counts.get(QueueFilter.OPEN, 0)
    posts = board.counts.get(QueueFilter.POSTS, 0)
    return board.speech.say(
        "📥 Queue: {waiting} · Planned posts: {posts}", waiting=waiting, posts=posts
    )


def _is_counter(message: MaybeInaccessibleMessage, bot_id: int) -> bool:
    return (
        isinstance(message, Message)
        and message.from_user is not None
        and message.from_user.id == bot_id
        and (message.text or "").startswith(MARK)
    )


def _may_stand_there(error: TelegramError) -> bool:
    """The request may have been carried out, although nobody said so."""
    refused = isinstance(error, (BadRequest, NothingSent))
    return isinstance(error, NetworkError) and not refused
