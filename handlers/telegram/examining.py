"""What `check` asks Telegram before a run: whose token it is, and what the bot may do where."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from telegram import (
    Bot,
    ChatFullInfo,
    ChatMember,
    ChatMemberAdministrator,
    ChatMemberOwner,
    ChatMemberRestricted,
    User,
)
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import ChatMigrated, TelegramError

from bot.errors import ConnectorError
from bot.model.channel import ChatFinding, Place
from bot.ports import Clock
from handlers.telegram.failures import explained
from handlers.telegram.line import UNREADABLE, Myself, TelegramOptions

_OUT = {ChatMemberStatus.LEFT, ChatMemberStatus.BANNED}


class Examination:
    """Implements `bot.ports.Examines`; nothing is posted or changed."""

    def __init__(self, bot: Bot, myself: Myself, clock: Clock, options: TelegramOptions) -> None:
        self._bot = bot
        self._myself = myself
        self._clock = clock
        self._options = options

    async def examine(self, places: Sequence[Place]) -> Sequence[ChatFinding]:
        me = await self._myself.user()
        found = [ChatFinding(f"The token is that of @{me.username}.{_abilities(me)}")]
        for channel in dict.fromkeys(place.channel for place in places):
            topics = {place.topic for place in places if place.channel == channel} - {""}
            found += [one async for one in self._group(channel, topics, me)]
        return found

    async def _group(self, channel: str, topics: set[str], me: User) -> AsyncIterator[ChatFinding]:
        try:
            chat = await self._bot.get_chat(channel)
            member = await self._bot.get_chat_member(channel, me.id)
        except ChatMigrated as error:
            yield _trouble(
                f"{channel} became a supergroup. Its id is {error.new_chat_id} now: put that into "
                "`channel`. The desk follows by itself until then."
            )
            return
        except TelegramError as error:
            yield _trouble(f"{channel}: {self._said(error)}")
            return
        except UNREADABLE:
            yield _trouble(f"What Telegram tells of {channel} cannot be read. Is base_url right?")
            return
        name = chat.title or channel
        if chat.type == ChatType.PRIVATE:
            yield ChatFinding(f"{channel} is a person's own chat with the bot; cards go there.")
            return
        if member.status in _OUT:
            yield _trouble(f"The bot is not in {name}. Add it to the group.")
            return
        if isinstance(member, ChatMemberRestricted) and not member.can_send_messages:
            yield _trouble(f"The bot may not write in {name}. Lift its restriction.")
            return
        for says in self._missing(name, chat, member, topics):
            yield _trouble(says)
        yield ChatFinding(f"Cards can be posted in {name}.{_pins(member)}")

    def _missing(
        self, name: str, chat: ChatFullInfo, member: ChatMember, topics: set[str]
    ) -> Sequence[str]:
        """What its topics lack, as sentences."""
        named = {topic for topic in topics if not topic.isdecimal()}
        if named and not chat.is_forum:
            return [
                f"{name} has no topics, so there can be no {', '.join(sorted(named))}. Switch "
                "topics on in the group, or leave `topic` out."
            ]
        makes_topics = bool(named) or (self._options.topics != "none" and chat.is_forum)
        if makes_topics and not _may(member, "can_manage_topics"):
            return [f"The bot may not make topics in {name}. Give it the right to manage topics."]
        return []

    def _said(self, error: TelegramError) -> ConnectorError:
        return explained(error, self._clock.now())


def _abilities(me: User) -> str:
    says = []
    if me.can_read_all_group_messages:
        says.append(
            "It reads everything that is said in its groups; the desk needs less: @BotFather, "
            "/setprivacy, Enable"
        )
    if not me.supports_inline_queries:
        says.append(
            "Short drafts could be edited where one types: @BotFather, /setinline switches it on"
        )
    return "".join(f" {one}." for one in says)


def _pins(member: ChatMember) -> str:
    if _may(member, "can_pin_messages"):
        return ""
    return " There is no pinned counter, because the bot may not pin messages."


def _may(member: ChatMember, right: str) -> bool:
    if isinstance(member, ChatMemberOwner):
        return True
    return isinstance(member, ChatMemberAdministrator) and bool(getattr(member, right, False))


def _trouble(says: str) -> ChatFinding:
    return ChatFinding(says, is_trouble=True)
