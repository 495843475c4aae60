"""`/replies`: the team's saved replies, kept and dropped by a manager."""

from __future__ import annotations

from telegram import Message, User

from bot.cards.pages import DeskQuery
from handlers import reply_words
from handlers.telegram.clerk import After, Clerk, identity_of, unknown
from handlers.telegram.voice import Voice


async def take(clerk: Clerk, voice: Voice, message: Message, user: User, rest: str) -> After:
    """NotSaved leaves the message unconfirmed."""
    desk = await clerk.ask(clerk.desk.view(DeskQuery(), identity_of(user)))
    if not desk.brand:
        stranger = unknown(user, desk.speech)
        return lambda: voice.tell(message, user, stranger)
    if not rest.strip():
        lines = reply_words.listed(desk.saved_replies, desk.speech)
        shown = "\n".join((*lines, reply_words.how(desk.speech)))
        return lambda: voice.refuse(message, shown)
    try:
        command = reply_words.read(rest)
    except ValueError:
        says = reply_words.how(desk.speech)
        return lambda: voice.refuse(message, says)
    id_ = f"message:{message.chat.id}:{message.message_id}"
    outcome = await clerk.perform(user, id_, command)
    return lambda: voice.tell(message, user, outcome)
