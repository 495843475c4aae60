"""What the bot says besides cards: answers to presses, prompts, pages. Never a decision.

Whatever fails here is logged and forgotten: what was decided stands, the card is redrawn by
itself, and a person who sees nothing presses again.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from telegram import (
    Bot,
    CallbackQuery,
    ForceReply,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReactionTypeEmoji,
    ReplyParameters,
    User,
)
from telegram.constants import ChatType, ParseMode
from telegram.error import TelegramError

from bot.logs import get_logger
from bot.model.commands import Outcome
from handlers.shortening import cut
from handlers.telegram.buttons import Rows, keyboard_form
from handlers.telegram.failures import is_too_late, is_unchanged
from handlers.telegram.limits import PLACEHOLDER, TOAST
from handlers.telegram.markup import plain, words

T = TypeVar("T")

DONE = "👍"
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something is said: a chat, its topic, and the message that it answers."""

    chat: int
    thread: int | None = None
    answers: int | None = None

    @classmethod
    def of(cls, message: Message) -> Spot:
        thread = message.message_thread_id if message.is_topic_message else None
        return cls(message.chat.id, thread, message.message_id)


class Voice:
    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._log = get_logger("telegram")

    async def toast(self, query: CallbackQuery, outcome: Outcome) -> None:
        """To the one who pressed: in passing when it is done, else to be read and put away."""
        await self.notice(query, outcome.says, is_alert=not outcome.is_done)

    async def notice(self, query: CallbackQuery, says: str = "", *, is_alert: bool = False) -> None:
        await self._try(
            self._bot.answer_callback_query(query.id, cut(says, TOAST), show_alert=is_alert)
        )

    async def say(self, spot: Spot, html: str, rows: Rows = ()) -> Message | None:
        markup = InlineKeyboardMarkup.de_json(keyboard_form(rows)) if rows else None
        return await self._send(spot, html, markup)

    async def ask(self, spot: Spot, html: str, placeholder: str) -> Message | None:
        """A message that opens an answer on the phone of whoever it mentions."""
        field = cut(placeholder, PLACEHOLDER)
        return await self._send(
            spot, html, ForceReply(selective=True, input_field_placeholder=field or None)
        )

    async def _send(
        self, spot: Spot, html: str, markup: InlineKeyboardMarkup | ForceReply | None
    ) -> Message | None:
        reply = (
            ReplyParameters(spot.answers, allow_sending_without_reply=True)
            if spot.answers
            else None
        )
        return await self._try(
            self._bot.send_message(
                spot.chat,
                html,
                parse_mode=ParseMode.HTML,
                message_thread_id=spot.thread,
                reply_parameters=reply,
                reply_markup=markup,
                link_preview_options=NO_PREVIEW,
            )
        )

    async def agree(self, message: Message) -> None:
        """A thumb on what a person wrote, in place of one more message."""
        await self._try(
            self._bot.set_message_reaction(
                message.chat.id, message.message_id, ReactionTypeEmoji(DONE)
            )
        )

    async def refuse(self, message: Message, says: str) -> None:
        await self.say(Spot.of(message), words(says))

    async def tell(self, message: Message, user: User, outcome: Outcome) -> None:
        """What became of a command: a refusal to the person alone, where they let us write."""
        is_for_one = not outcome.is_done and message.chat.type != ChatType.PRIVATE
        if not (is_for_one and await self.say(Spot(user.id), words(outcome.says))):
            await self.refuse(message, outcome.says)

    async def redraw(self, chat: int, message: int, html: str, rows: Rows = ()) -> None:
        await self._try(
            self._bot.edit_message_text(
                html,
                chat,
                message,
                parse_mode=ParseMode.HTML,
                reply_markup=InlineKeyboardMarkup.de_json(keyboard_form(rows)) if rows else None,
                link_preview_options=NO_PREVIEW,
            )
        )

    async def show_buttons(self, chat: int, message: int, rows: Rows) -> bool:
        """False when Telegram did not show them."""
        markup = InlineKeyboardMarkup.de_json(keyboard_form(rows)) if rows else None
        shown = await self._try(
            self._bot.edit_message_reply_markup(chat, message, reply_markup=markup)
        )
        return shown is not None

    async def take_away(self, chat: int, message: int, instead: str) -> None:
        """Deletes a message of ours; where Telegram does not let us, says what is left of it."""
        if await self._try(self._bot.delete_message(chat, message)) is None:
            await self.redraw(chat, message, words(instead))

    async def _try(self, call: Awaitable[T]) -> T | None:
        try:
            return await call
        except TelegramError as error:
            if not (is_unchanged(error) or is_too_late(error)):
                self._log.warning("not_said", says=plain(error.message)[:200])
            return None
