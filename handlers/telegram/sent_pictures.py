"""A picture that somebody sends as an answer to the card of a planned post comes into it."""

from __future__ import annotations

from telegram import Message, User

from bot.cards.card import Card, CardKind
from bot.cards.pages import MessageQuery
from handlers.telegram.captions import Captions
from handlers.telegram.clerk import After, Clerk, identity_of, nothing
from handlers.telegram.frontend import message_id
from handlers.telegram.markup import CHAT


def is_sent_to_us(message: Message, bot_id: int) -> bool:
    """A picture in answer to something that the bot said."""
    said = message.reply_to_message
    if not message.photo or said is None or said.from_user is None:
        return False
    # in a topic that we made, whatever is written answers its making
    return said.from_user.id == bot_id and said.forum_topic_created is None


class SentPictures:
    def __init__(self, clerk: Clerk, captions: Captions) -> None:
        self._clerk = clerk
        self._captions = captions

    async def take(self, message: Message, user: User) -> After:
        """NotSaved leaves the message unconfirmed. Under anything but a post it is talk."""
        card = await self._answered(message, user)
        if card is None or card.kind is not CardKind.POST:
            return nothing
        return await self._captions.take(message, user, card.key)

    async def _answered(self, message: Message, user: User) -> Card | None:
        said = message.reply_to_message
        assert said is not None
        query = MessageQuery(CHAT, str(said.chat.id), message_id(said))
        return (await self._clerk.ask(self._clerk.desk.view(query, identity_of(user)))).card
