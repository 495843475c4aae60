"""A picture that somebody sends as an answer to the card of a planned post comes into it.

Its description is the last line of its words: `alt: what is on it`. Each picture of an album is a
message with words of its own.
"""

from __future__ import annotations

from telegram import Message, User

from bot.cards.card import Card, CardKind
from bot.cards.pages import CardQuery, MessageQuery
from bot.model.commands import EditPost, Outcome, OutcomeKind
from handlers.post_pictures import Refusal, add
from handlers.telegram.clerk import After, Clerk, identity_of, nothing
from handlers.telegram.composer import Composer, alt_text
from handlers.telegram.frontend import message_id
from handlers.telegram.markup import CHAT
from handlers.telegram.voice import Voice


def is_sent_to_us(message: Message, bot_id: int) -> bool:
    """A picture in answer to something that the bot said."""
    said = message.reply_to_message
    if not message.photo or said is None or said.from_user is None:
        return False
    # in a topic that we made, whatever is written answers its making
    return said.from_user.id == bot_id and said.forum_topic_created is None


class SentPictures:
    def __init__(self, clerk: Clerk, composer: Composer, voice: Voice) -> None:
        self._clerk = clerk
        self._composer = composer
        self._voice = voice

    async def take(self, message: Message, user: User) -> After:
        """NotSaved leaves the message unconfirmed. Under anything but a post it is talk."""
        card = await self._answered(message, user)
        if card is None or card.kind is not CardKind.POST:
            return nothing
        outcome = await self._added(message, user, card)
        if outcome.is_done:
            return lambda: self._voice.agree(message)
        return lambda: self._voice.tell(message, user, outcome)

    async def _answered(self, message: Message, user: User) -> Card | None:
        said = message.reply_to_message
        assert said is not None
        query = MessageQuery(CHAT, str(said.chat.id), message_id(said))
        return (await self._clerk.ask(self._clerk.desk.view(query, identity_of(user)))).card

    async def _added(self, message: Message, user: User, card: Card) -> Outcome:
        speech = await self._clerk.speech(user)
        view, who = self._clerk.desk.view, identity_of(user)
        id_ = f"message:{message.chat.id}:{message.message_id}"

        async def perform(edit: EditPost) -> Outcome:
            return await self._clerk.perform(user, f"{id_}:{edit.revision}", edit)

        try:
            pictures = await self._composer.pictures(message, user, alt_text(message.caption or ""))
            return await add(
                lambda: self._clerk.ask(view(CardQuery(card.key), who)), perform, pictures
            )
        except Refusal as refusal:
            says = speech.say(refusal.says, **refusal.values)
        except ValueError as error:
            says = speech.say(str(error))
        return Outcome(OutcomeKind.REFUSED, says)
