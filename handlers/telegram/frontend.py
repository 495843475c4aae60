"""Cards into groups, supergroups and topics of Telegram.

The Bot API takes no key with a message and cannot be read back, so a message whose answer was lost
is posted again after it can no longer arrive, and says so. What a message is called here is
`<chat>:<number>`: a group that becomes a supergroup numbers its messages anew.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from zoneinfo import ZoneInfo

from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import ChatMigrated, TelegramError

from bot.cards.card import Card, Light, Spans
from bot.cards.posting import Posting
from bot.errors import (
    CannotTell,
    ConnectorError,
    StoreError,
    TargetGone,
    Unavailable,
    UnexpectedResponse,
)
from bot.logs import get_logger
from bot.model.audience import Audience
from bot.model.channel import ChatAbilities, ChatRate, Place
from bot.model.ids import MessageId, Moment, Monotonic, PostKey
from bot.model.network import ReadBack
from bot.ports import ChatMemory, Clock
from handlers.telegram.albums import Albums
from handlers.telegram.audiences import audience_of
from handlers.telegram.buttons import keyboard_form
from handlers.telegram.failures import (
    explained,
    has_bad_markup,
    has_no_topic,
    is_unchanged,
)
from handlers.telegram.line import UNREADABLE, Myself
from handlers.telegram.markup import Reading
from handlers.telegram.render import Drawing, Drawn, drawn
from handlers.telegram.topics import Topics

ABILITIES = ChatAbilities(
    title="Telegram",
    read_back=ReadBack.NONE,
    # Twenty messages a minute are a group's. Legal and safety risks have some of them for
    # themselves, so that they never wait behind a flood, and answers to people need some too.
    posts=ChatRate(per_minute=11, burst=3),
    urgent=ChatRate(per_minute=2, burst=2),
    edits=ChatRate(per_minute=30, burst=10),
    total=ChatRate(per_minute=1_500, burst=25),
    reasons=(
        "Telegram cannot be read back: a card whose posting was not confirmed is posted again, "
        "marked.",
    ),
)


class TelegramFrontend:
    """Implements `bot.ports.ChatFrontend` and `ReachesPeople`."""

    def __init__(
        self,
        bot: Bot,
        myself: Myself,
        memory: ChatMemory,
        topics: Topics,
        albums: Albums,
        clock: Clock,
    ) -> None:
        self._bot = bot
        self._myself = myself
        self._memory = memory
        self._topics = topics
        self._albums = albums
        self._clock = clock
        self._log = get_logger("telegram")

    @property
    def abilities(self) -> ChatAbilities:
        return ABILITIES

    async def post(self, posting: Posting, deadline: Monotonic) -> MessageId:
        place, card = posting.place, posting.card
        if posting.is_repeat:
            # it is posted once more and no oftener: not while Telegram answers nobody
            await self._myself.ask_again()
        message = await self._drawn(place, card, is_repeat=posting.is_repeat, notice=posting.notice)
        try:
            thread = await self._topics.of(place, card)
            album = await self._albums.show(place.channel, thread, card)
            sent = await self._post(place, thread, message, album, deadline, card)
        except TelegramError as error:
            raise await self._explained(error, place, card) from error
        except UNREADABLE as error:
            raise UnexpectedResponse("Telegram's answer cannot be read.") from error
        try:
            await self._albums.remember(place.channel, card, sent.message_id, album)
        except StoreError as error:
            # the card stands there; a note about its pictures must not make it a second one
            self._log.warning("pictures_not_noted", says=str(error))
        return message_id(sent)

    async def redraw(self, place: Place, message: MessageId, card: Card) -> None:
        chat, number = parts_of(message)
        shown = await self._drawn(place, card)
        try:
            await self._edit(chat, number, shown)
            if await self._albums.have_changed(chat, card, number):
                thread = await self._topics.of(place, card)
                await self._albums.change(chat, thread, card, number)
        except TelegramError as error:
            raise await self._explained(error, place, card) from error
        except UNREADABLE as error:
            raise UnexpectedResponse("Telegram's answer cannot be read.") from error

    async def audience(self, place: Place, people: Collection[str]) -> Audience:
        return await audience_of(self._bot, self._clock, place.channel, people)

    async def find(self, key: PostKey, place: Place, since: Moment) -> MessageId | None:
        raise CannotTell("Telegram cannot be asked for a message.")

    async def direct(self, user: str) -> str:
        """A private chat has its user's number; they must have written to the bot once."""
        return user

    async def _drawn(
        self,
        place: Place,
        card: Card,
        *,
        is_repeat: bool = False,
        notice: Spans = (),
    ) -> Drawn:
        me = await self._myself.user()
        reading = Reading(self._clock.now(), ZoneInfo(place.zone), card.speech)
        drawing = Drawing(
            reading,
            can_prefill=bool(me.supports_inline_queries),
            is_repeat=is_repeat,
            notice=notice,
        )
        return drawn(card, drawing)

    async def _post(
        self,
        place: Place,
        thread: int | None,
        message: Drawn,
        album: tuple[int, ...],
        deadline: Monotonic,
        card: Card,
    ) -> Message:
        """The one request that makes the card appear; a refused markup is no request of these."""
        values: dict[str, Any] = {
            "message_thread_id": thread,
            "reply_markup": markup_of(message),
            "link_preview_options": preview_of(message),
            "disable_notification": card.state.light is Light.QUIET,
            "reply_parameters": ReplyParameters(album[0], allow_sending_without_reply=True)
            if album
            else None,
        }
        try:
            try:
                return await self._bot.send_message(
                    place.channel,
                    message.html,
                    parse_mode=ParseMode.HTML,
                    write_timeout=deadline - self._clock.monotonic(),
                    **values,
                )
            except TelegramError as error:
                if not has_bad_markup(error):
                    raise
                self._log.warning("markup_refused", says=error.message)
            return await self._bot.send_message(
                place.channel,
                message.plain,
                write_timeout=deadline - self._clock.monotonic(),
                **values,
            )
        except TelegramError as error:
            if isinstance(explained(error, self._clock.now()), Unavailable):
                await self._albums.take_away(place.channel, album)
            raise

    async def _edit(self, chat: str, number: int, message: Drawn) -> None:
        """A message that shows this already is no error."""
        values: dict[str, Any] = {
            "chat_id": chat,
            "message_id": number,
            "reply_markup": markup_of(message),
            "link_preview_options": preview_of(message),
        }
        try:
            try:
                await self._bot.edit_message_text(message.html, parse_mode=ParseMode.HTML, **values)
            except TelegramError as error:
                if not has_bad_markup(error):
                    raise
                self._log.warning("markup_refused", says=error.message)
                await self._bot.edit_message_text(message.plain, **values)
        except TelegramError as error:
            if not is_unchanged(error):
                raise

    async def _explained(self, error: TelegramError, place: Place, card: Card) -> ConnectorError:
        """What the caller must do; a group that moved and a topic that vanished are seen to."""
        if isinstance(error, ChatMigrated):
            await self._memory.moved(place.channel, str(error.new_chat_id))
            return Unavailable("The group became a supergroup; its cards go there now.")
        if has_no_topic(error):
            try:
                await self._topics.is_lost(place, card)
            except ConnectorError as what:
                return what
        return explained(error, self._clock.now())


def markup_of(message: Drawn) -> InlineKeyboardMarkup | None:
    return InlineKeyboardMarkup.de_json(keyboard_form(message.rows)) if message.rows else None


def preview_of(message: Drawn) -> LinkPreviewOptions:
    """The picture, and of no link that stands in the text."""
    if not message.picture:
        return LinkPreviewOptions(is_disabled=True)
    return LinkPreviewOptions(
        url=message.picture, prefer_small_media=True, show_above_text=message.picture_above
    )


def message_id(message: Message) -> MessageId:
    return MessageId(f"{message.chat.id}:{message.message_id}")


def parts_of(message: MessageId) -> tuple[str, int]:
    """Chat and number; TargetGone for a name that no message of ours has."""
    chat, _, number = message.rpartition(":")
    if not chat or not number.isdecimal():
        raise TargetGone("There is no such message.")
    return chat, int(number)
