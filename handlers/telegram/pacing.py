"""`/digest`: when somebody is told what waits for them, and when nobody mentions them."""

from __future__ import annotations

from telegram import Message, User

from bot.cards.pages import DeskQuery
from handlers import pace_words
from handlers.telegram.clerk import After, Clerk, identity_of
from handlers.telegram.voice import Voice


async def take(clerk: Clerk, voice: Voice, message: Message, user: User, rest: str) -> After:
    """NotSaved leaves the message unconfirmed."""
    if not rest.strip():
        desk = await clerk.ask(clerk.desk.view(DeskQuery(), identity_of(user)))
        lines = (*pace_words.told(desk.pace, desk.speech), pace_words.how(desk.speech))
        return lambda: voice.refuse(message, "\n".join(lines))
    try:
        command = pace_words.read(rest)
    except ValueError:
        says = pace_words.how(await clerk.speech(user))
        return lambda: voice.refuse(message, says)
    id_ = f"message:{message.chat.id}:{message.message_id}"
    outcome = await clerk.perform(user, id_, command)
    return lambda: voice.tell(message, user, outcome)
