"""What people write in answer to a card: a note of its item, or a picture for its post."""

from __future__ import annotations

from telegram import Message, User

from bot.cards.card import Card, CardKind
from bot.cards.pages import MessageQuery
from bot.model.commands import ChangeNote, WriteNote
from handlers.telegram.answers import command_id
from handlers.telegram.captions import Captions
from handlers.telegram.clerk import After, Clerk, identity_of, nothing
from handlers.telegram.frontend import message_id
from handlers.telegram.markup import CHAT
from handlers.telegram.voice import Voice


def is_said_to_us(message: Message, bot_id: int) -> bool:
    """Words or a picture in answer to something that the bot said."""
    said = message.reply_to_message
    if said is None or said.from_user is None or not (message.photo or _words(message)):
        return False
    # in a topic that we made, whatever is written answers its making
    return said.from_user.id == bot_id and said.forum_topic_created is None


class Talk:
    def __init__(self, clerk: Clerk, voice: Voice, captions: Captions) -> None:
        self._clerk = clerk
        self._voice = voice
        self._captions = captions

    async def take(self, message: Message, user: User) -> After:
        """NotSaved leaves the message unconfirmed. Of anything but an item or a post it is talk."""
        card = await self._answered(message, user)
        if card is not None and card.kind is CardKind.POST and message.photo:
            return await self._captions.take(message, user, card.key)
        if card is not None and card.kind is CardKind.ITEM and _words(message):
            return await self._note(message, user, card)
        return nothing

    async def changed(self, message: Message, user: User) -> After:
        """The note becomes what its message is now; what was none before is none now."""
        card = await self._answered(message, user)
        if card is not None and card.kind is CardKind.ITEM:
            origin, edited = message_id(message), message.edit_date
            id_ = f"{command_id(message)}:{edited.timestamp() if edited else 0:.0f}"
            change = ChangeNote(card.key, card.revision, _words(message), origin)
            await self._clerk.perform(user, id_, change)
        return nothing

    async def _note(self, message: Message, user: User, card: Card) -> After:
        note = WriteNote(card.key, card.revision, _words(message), message_id(message))
        outcome = await self._clerk.perform(user, command_id(message), note)
        if outcome.is_done:
            return lambda: self._voice.agree(message)
        return lambda: self._voice.tell(message, user, outcome)

    async def _answered(self, message: Message, user: User) -> Card | None:
        said = message.reply_to_message
        assert said is not None
        query = MessageQuery(CHAT, str(said.chat.id), message_id(said))
        return (await self._clerk.ask(self._clerk.desk.view(query, identity_of(user)))).card


def _words(message: Message) -> str:
    return (message.text or message.caption or "").strip()
