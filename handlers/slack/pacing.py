"""`/desk digest`: when somebody is told what waits for them, and when nobody mentions them."""

from __future__ import annotations

from bot.cards.pages import DeskQuery
from handlers import pace_words
from handlers.slack.clerk import Clerk
from handlers.slack.payloads import SlashCommand


async def answer(clerk: Clerk, asked: SlashCommand, rest: str) -> str:
    if not rest.strip():
        desk = await clerk.ask(clerk.desk.view(DeskQuery(), asked.identity))
        return "\n".join((*pace_words.told(desk.pace, desk.speech), pace_words.how(desk.speech)))
    try:
        command = pace_words.read(rest)
    except ValueError:
        return pace_words.how(await clerk.speech(asked.identity))
    return (await clerk.perform(asked.identity, asked.id, command)).says
