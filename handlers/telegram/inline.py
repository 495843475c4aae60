"""Editing where one types: a short draft stands in the input field after the bot's name.

A button puts `save.<card>.<revision> <draft>` there. While the person changes it, Telegram asks us
with every pause, and the one result that we offer sends it into the chat with its reference in the
last line, where it is taken like an answer to a prompt. It needs inline mode, which @BotFather
switches on (/setinline).
"""

from __future__ import annotations

from telegram import Bot, InlineQuery, InlineQueryResultArticle, InputTextMessageContent, Message
from telegram.error import TelegramError

from bot.cards.actions import ActionName, ButtonData
from bot.cards.pages import CardQuery
from bot.logs import get_logger
from handlers.shortening import cut
from handlers.telegram.clerk import Clerk, identity_of
from handlers.telegram.limits import TEXT, units
from handlers.telegram.prompts import Asked, in_last_line


class InlineEditing:
    def __init__(self, bot: Bot, clerk: Clerk) -> None:
        self._bot = bot
        self._clerk = clerk
        self._log = get_logger("telegram")

    async def offer(self, query: InlineQuery) -> None:
        """One result for a member who edits a card; nothing for everybody else."""
        results = await self._results(query)
        try:
            await self._bot.answer_inline_query(query.id, results, cache_time=0, is_personal=True)
        except TelegramError as error:
            self._log.info("inline_not_answered", says=error.message)

    async def _results(self, query: InlineQuery) -> list[InlineQueryResultArticle]:
        reference, _, text = query.query.partition(" ")
        asked = in_last_line(reference)
        text = text.strip()
        if not isinstance(asked, ButtonData) or asked.action is not ActionName.SAVE or not text:
            return []
        asked_for = self._clerk.desk.view(CardQuery(asked.token), identity_of(query.from_user))
        card = (await self._clerk.ask(asked_for)).card
        content = f"{text}\n{asked.encode()}"
        if card is None or units(content) > TEXT:
            return []
        return [
            InlineQueryResultArticle(
                id=asked.encode(),
                title=card.speech.say("Save as the next version of #{number}", number=card.number),
                description=cut(text, 200),
                input_message_content=InputTextMessageContent(content),
            )
        ]


def sent_inline(message: Message, bot_id: int) -> tuple[Asked, str] | None:
    """What a message that was sent through us belongs to, and its words."""
    if message.via_bot is None or message.via_bot.id != bot_id or not message.text:
        return None
    text, _, _reference = message.text.rpartition("\n")
    asked = in_last_line(message.text)
    return None if asked is None else (asked, text)
