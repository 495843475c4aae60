"""`/desk replies`: the team's saved replies, kept and dropped by a manager."""

from __future__ import annotations

from bot.cards.pages import DeskQuery
from handlers import reply_words
from handlers.shortening import cut
from handlers.slack.clerk import Clerk
from handlers.slack.payloads import SlashCommand

MOST = 2_500
"""Characters of the list."""


async def answer(clerk: Clerk, asked: SlashCommand, rest: str) -> str:
    desk = await clerk.ask(clerk.desk.view(DeskQuery(), asked.identity))
    if not desk.brand:
        says = "The desk does not know you yet. Your member id is {id}."
        return desk.speech.say(says, id=asked.user_id)
    if not rest:
        lines = reply_words.listed(desk.saved_replies, desk.speech)
        return cut("\n".join((*lines, reply_words.how(desk.speech))), MOST)
    try:
        command = reply_words.read(rest)
    except ValueError:
        return reply_words.how(desk.speech)
    return (await clerk.perform(asked.identity, asked.id, command)).says
