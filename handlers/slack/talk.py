"""What is written in the thread below a card: a note of its item, or a picture for its post.

Slack tells of every message where the bot is. Whatever stands below no card of ours is let go
unread, and so is what somebody writes whom the desk does not know.
"""

from __future__ import annotations

import re
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.cards.card import Card, CardKind
from bot.cards.pages import MessageQuery
from bot.model.commands import ChangeNote, WriteNote
from bot.model.ids import MessageId
from bot.model.member import ChatIdentity
from bot.speech.speech import marked
from handlers.slack.clerk import Clerk, Corner, NotSaved
from handlers.slack.payloads import (
    CHAT,
    ChangedEvent,
    MessageChanged,
    MessageSent,
    SentMessage,
    command_id,
)
from handlers.slack.sent_pictures import SentPictures
from handlers.slack.spans import unescaped

NOT_KEPT = marked("This was not kept as a note: the desk was busy. Write it once more.")
_NAMED = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_LINK = re.compile(r"<((?:https?|mailto):[^|>]+)(?:\|[^>]*)?>")

T = TypeVar("T", bound=BaseModel)


class Talk:
    def __init__(self, clerk: Clerk, pictures: SentPictures) -> None:
        self._clerk = clerk
        self._pictures = pictures

    async def heard(self, ack: AsyncAck, body: dict[str, object]) -> None:
        """A message of a channel, or what became of one.

        Bolt has acknowledged it: it does so with events, and drops what we ourselves sent.
        """
        await ack()
        sent, changed = _read(MessageSent, body), _read(MessageChanged, body)
        if sent is not None:
            await self._sent(sent.event)
        elif changed is not None:
            await self._changed(changed.event)

    async def _sent(self, event: SentMessage) -> None:
        if event.is_of_a_bot:
            return
        card = await self._above(event.user, event.channel, event.thread_ts, event.ts)
        if card is None:
            return
        if card.kind is CardKind.POST and event.files:
            await self._pictures.take(event, card)
        elif card.kind is CardKind.ITEM and event.text.strip():
            await self._note(event, card)

    async def _note(self, event: SentMessage, card: Card) -> None:
        who, corner = ChatIdentity(CHAT, event.user), Corner(event.user, event.channel, event.ts)
        id_ = command_id(event.user, event.channel, event.ts)
        try:
            words = await self._words(event.text)
            note = WriteNote(card.key, card.revision, words, _origin(event.channel, event.ts))
            await self._clerk.tell(corner, await self._clerk.perform(who, id_, note))
        except NotSaved:
            await self._clerk.whisper(corner, card.speech.say(NOT_KEPT))

    async def _changed(self, event: ChangedEvent) -> None:
        """By whoever wrote it. What was no note before is none now."""
        before, now = event.previous_message, event.message
        if before.bot_id:
            return
        card = await self._above(before.user, event.channel, before.thread_ts, before.ts)
        if card is None or card.kind is not CardKind.ITEM:
            return
        words = "" if now is None else await self._words(now.text)
        change = ChangeNote(card.key, card.revision, words, _origin(event.channel, before.ts))
        id_ = command_id(before.user, event.channel, before.ts, event.event_ts)
        await self._clerk.perform(ChatIdentity(CHAT, before.user), id_, change)

    async def _above(self, user: str, channel: str, thread: str, ts: str) -> Card | None:
        """The card that the thread stands below, should this person see it."""
        if thread in {"", ts}:
            return None
        query = MessageQuery(CHAT, channel, MessageId(thread))
        page = await self._clerk.ask(self._clerk.desk.view(query, ChatIdentity(CHAT, user)))
        return page.card

    async def _words(self, text: str) -> str:
        """With names for the people whom the desk knows, and links as they are."""
        names: dict[str, str] = {}
        for user in set(_NAMED.findall(text)):
            member = await self._clerk.ask(self._clerk.desk.who(ChatIdentity(CHAT, user)))
            names[user] = user if member is None else member.name
        named = _NAMED.sub(lambda found: f"@{names[found[1]]}", text)
        return unescaped(_LINK.sub(r"\1", named))


def _origin(channel: str, ts: str) -> str:
    return f"{channel}:{ts}"


def _read(shape: type[T], body: dict[str, object]) -> T | None:
    try:
        return shape.model_validate(body)
    except ValidationError:
        return None
