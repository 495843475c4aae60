"""Who reads a group of Telegram.

A group with a public name can be read by anybody. Telegram lists nobody of another one, but says
of each person who is asked about whether they are in it; for certain only where the bot is an
administrator: https://core.telegram.org/bots/api#getchatmember
"""

from __future__ import annotations

from collections.abc import Collection

from telegram import Bot, ChatMember, ChatMemberRestricted
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import BadRequest, TelegramError

from bot.model.audience import Audience
from bot.ports import Clock
from handlers.telegram.failures import explained
from handlers.telegram.markup import CHAT

OUTSIDE = frozenset({ChatMemberStatus.LEFT, ChatMemberStatus.BANNED})


async def audience_of(bot: Bot, clock: Clock, channel: str, people: Collection[str]) -> Audience:
    """Any `ConnectorError`."""
    try:
        chat = await bot.get_chat(channel)
        if chat.type == ChatType.PRIVATE:
            return Audience(is_open=False, inside=frozenset({channel}))
        if chat.username:
            return Audience(is_open=True)
        inside = [one for one in people if await _is_inside(bot, channel, one)]
    except TelegramError as error:
        raise explained(error, clock.now()) from error
    return Audience(is_open=False, inside=frozenset(inside))


async def _is_inside(bot: Bot, channel: str, user: str) -> bool:
    try:
        member = await bot.get_chat_member(channel, int(user))
    except BadRequest:
        # nobody whom Telegram knows there
        return False
    return is_inside(member)


def among(chat: int) -> tuple[str, str] | None:
    """Who reads what is said in this chat; None for a person's own chat with the bot.

    Groups have negative numbers: https://core.telegram.org/api/bots/ids
    """
    return None if chat > 0 else (CHAT, str(chat))


def is_inside(member: ChatMember) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return bool(member.is_member)
    return member.status not in OUTSIDE
