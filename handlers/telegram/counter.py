"""The pinned message of a group: how much waits, drawn anew when it changes.

One for each group, in its General topic, and only where the bot may pin: a counter that scrolls
away counts nothing.
"""

from __future__ import annotations

import asyncio

from telegram import Bot, ChatMemberAdministrator
from telegram.error import ChatMigrated, TelegramError

from bot.cards.pages import Board, QueueFilter
from bot.errors import StoreError
from bot.logs import get_logger
from bot.ports import ChatMemory
from handlers.telegram.failures import is_gone, is_unchanged
from handlers.telegram.line import Myself

EVERY_SECONDS = 30.0
NOTE = "counter"
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
            except TelegramError as error:
                self._not_before[channel] = self._round + 2
                self._log.info("not_counted", channel=channel, says=error.message)

    async def _show(self, channel: str, text: str) -> None:
        known = await self._memory.recall(channel, NOTE)
        try:
            if known:
                await self._bot.edit_message_text(text, channel, int(known))
            elif await self._may_pin(channel):
                await self._begin(channel, text)
            else:
                self._not_before[channel] = self._round + NO_RIGHT_ROUNDS
                return
        except ChatMigrated as error:
            await self._memory.moved(channel, str(error.new_chat_id))
            return
        except TelegramError as error:
            if is_gone(error):
                await self._memory.keep(channel, NOTE, "")
                return
            if not is_unchanged(error):
                raise
        self._shown[channel] = text

    async def _begin(self, channel: str, text: str) -> None:
        message = await self._bot.send_message(channel, text, disable_notification=True)
        await self._memory.keep(channel, NOTE, str(message.message_id))
        await self._bot.pin_chat_message(channel, message.message_id, disable_notification=True)

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
