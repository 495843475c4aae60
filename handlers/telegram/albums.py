"""Pictures beside a card: those of a planned post, and the counts behind a rise.

An album can carry no buttons, so a post's stands above its card, which answers it. It is the card
that matters: where pictures cannot be shown, or not in time, the card says how many there are and
goes without. A picture is uploaded once; after that Telegram knows it by a name of its own.

Counts are drawn by us, and nobody waits for that: they come as an answer to a card that stands
there, with its first redraw, and anew when the highest of them has doubled.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import Bot, InputMediaPhoto, Message, ReplyParameters
from telegram.error import ChatMigrated, TelegramError

from bot.cards.card import Card, CardKind
from bot.cards.pages import Shot
from bot.logs import get_logger
from bot.ports import ChatMemory, Gallery
from handlers.charting import ChartPainter, height_of
from handlers.telegram.failures import has_no_topic
from handlers.telegram.limits import ALBUM, PICTURE
from handlers.telegram.request import Flooded, NothingSent

SECONDS = 3.0
"""For the upload; the card must begin a second later."""
MOST_KNOWN = 500


@dataclass(frozen=True, slots=True)
class _Shown:
    pictures: str
    messages: tuple[int, ...]


class Albums:
    def __init__(
        self, bot: Bot, memory: ChatMemory, gallery: Gallery, painter: ChartPainter
    ) -> None:
        self._bot = bot
        self._memory = memory
        self._gallery = gallery
        self._painter = painter
        self._names: dict[str, str] = {}
        self._log = get_logger("telegram")

    async def show(
        self, chat: str, thread: int | None, card: Card, *, answering: int | None = None
    ) -> tuple[int, ...]:
        """The messages of the album, none where there is none or it could not be shown.

        Raises the library's error when nothing was sent and the card had better wait too.
        """
        if not self._pictures_of(card) or (card.chart is not None and answering is None):
            return ()
        shots = [one for one in await self._shots(card) if len(one.data) <= PICTURE]
        if not shots:
            return ()
        try:
            messages = await self._send(chat, thread, shots[:ALBUM], answering)
        except (Flooded, NothingSent, ChatMigrated):
            raise
        except TelegramError as error:
            if has_no_topic(error):
                raise
            self._log.warning("pictures_not_shown", channel=chat, says=error.message)
            return ()
        self._learn(shots, messages)
        return tuple(message.message_id for message in messages)

    async def _shots(self, card: Card) -> Sequence[Shot]:
        if card.chart is None:
            return await self._gallery.pictures(card.key)
        drawn = await self._painter.shot(card.chart, card.speech)
        return () if drawn is None else (drawn,)

    async def remember(self, chat: str, card: Card, message: int, album: Sequence[int]) -> None:
        """Which pictures stand beside this card, for when they change.

        Those that could not be shown count as shown, so that each redraw does not try again.
        """
        if card.chart is None:
            await self._keep(chat, card, message, album)

    async def _keep(self, chat: str, card: Card, message: int, album: Sequence[int]) -> None:
        pictures = self._pictures_of(card)
        if pictures:
            shown = {"pictures": pictures, "messages": list(album)}
            await self._memory.keep(chat, _note(message), json.dumps(shown))

    async def _noted(self, chat: str, message: int) -> _Shown:
        noted = await self._memory.recall(chat, _note(message))
        raw = json.loads(noted) if noted else {"pictures": "", "messages": []}
        return _Shown(str(raw["pictures"]), tuple(int(number) for number in raw["messages"]))

    async def have_changed(self, chat: str, card: Card, message: int) -> bool:
        """Whether the card is about other pictures than those that stand beside it."""
        if card.kind is not CardKind.POST and not self._pictures_of(card):
            return False
        return (await self._noted(chat, message)).pictures != self._pictures_of(card)

    async def change(self, chat: str, thread: int | None, card: Card, message: int) -> None:
        """Takes away what stands beside the card, and shows the others as an answer to it."""
        await self.take_away(chat, (await self._noted(chat, message)).messages)
        await self._memory.keep(chat, _note(message), "")
        album = await self.show(chat, thread, card, answering=message)
        await self._keep(chat, card, message, album)

    def _pictures_of(self, card: Card) -> str:
        """Equal for pictures that are equal, as far as a card tells; empty where there are none."""
        if card.chart is not None and self._painter.is_there:
            return height_of(card.chart)
        media = card.media if card.kind is CardKind.POST else None
        return "" if media is None else f"{media.count}:{media.url}:{media.alt_text}"

    async def take_away(self, chat: str, album: Sequence[int]) -> None:
        """As far as Telegram lets us."""
        if album:
            try:
                await self._bot.delete_messages(chat, list(album))
            except TelegramError as error:
                self._log.info("pictures_stay", channel=chat, says=error.message)

    async def _send(
        self, chat: str, thread: int | None, shots: Sequence[Shot], answering: int | None
    ) -> Sequence[Message]:
        reply = ReplyParameters(answering, allow_sending_without_reply=True) if answering else None
        if len(shots) == 1:
            [shot] = shots
            message = await self._bot.send_photo(
                chat,
                self._names.get(shot.hash, shot.data),
                message_thread_id=thread,
                reply_parameters=reply,
                disable_notification=True,
                read_timeout=SECONDS,
                filename=f"{shot.hash[:12]}.{_ending(shot)}",
            )
            return [message]
        media = [
            InputMediaPhoto(
                self._names.get(shot.hash, shot.data),
                filename=f"{shot.hash[:12]}.{_ending(shot)}",
            )
            for shot in shots
        ]
        return await self._bot.send_media_group(
            chat,
            media,
            message_thread_id=thread,
            reply_parameters=reply,
            disable_notification=True,
            read_timeout=SECONDS,
        )

    def _learn(self, shots: Sequence[Shot], messages: Sequence[Message]) -> None:
        for shot, message in zip(shots, messages, strict=False):
            if message.photo:
                self._names[shot.hash] = message.photo[-1].file_id
        while len(self._names) > MOST_KNOWN:
            del self._names[next(iter(self._names))]


def _ending(shot: Shot) -> str:
    return shot.content_type.rpartition("/")[2]


def _note(message: int) -> str:
    return f"album:{message}"
