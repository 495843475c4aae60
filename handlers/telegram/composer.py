"""A planned post from a chat: `/new`, an account, and the text as an answer.

at 2026-12-24 18:00          a first line like this chooses the time, in the brand's zone
The words of the post.       a picture may come with them, with its description in the last line
alt: A green coat on a chair
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from telegram import Bot, Message, User
from telegram.error import TelegramError

from bot.cards.pages import AccountRow, DeskPage, DeskQuery
from bot.logs import get_logger
from bot.model.commands import AddPicture, ComposePost, PictureRef, VariantText
from bot.model.ids import MediaHash, Moment
from bot.model.media import MAX_BYTES
from bot.speech.speech import ENGLISH, Speech, marked
from handlers.telegram.buttons import Alone, Button, Verb, mark
from handlers.telegram.clerk import After, Clerk, identity_of
from handlers.telegram.markup import code, lines, typed, words
from handlers.telegram.press import Press
from handlers.telegram.prompts import to
from handlers.telegram.views import SHUT
from handlers.telegram.voice import Spot, Voice

ALL = "all"
_AT = re.compile(r"at\s+(\d{4}-\d{2}-\d{2})[ T](\d{1,2}:\d{2})\s*", re.IGNORECASE)
_ALT = re.compile(r"alt:\s*(.+)", re.IGNORECASE)
HOW = marked(
    "Answer with the text of the post. A first line “at 2026-12-24 18:00” chooses its time. A "
    "picture needs a last line “alt: what is on it”."
)

NEEDS_ALT = marked(
    "A picture needs a description for people who cannot see it. Send both again with a last "
    "line: alt: what is on it"
)


@dataclass(frozen=True, slots=True)
class Draught:
    """What a person wrote, taken apart."""

    text: str
    slot: Moment | None = None
    alt_text: str = ""


def taken_apart(text: str, zone: ZoneInfo, speech: Speech = ENGLISH) -> Draught:
    """ValueError, with a sentence, for a time that there is not."""
    rest = typed(text).strip().splitlines()
    slot, described = None, ""
    if rest and (at := _AT.fullmatch(rest[0])):
        slot = _moment(f"{at[1]} {at[2]}", zone, speech)
        rest = rest[1:]
    if rest and (described := alt_text(rest[-1])):
        rest = rest[:-1]
    return Draught("\n".join(rest).strip(), slot, described)


def alt_text(text: str) -> str:
    """What the last line says is on a picture; empty when it does not."""
    alt = _ALT.fullmatch(typed(text).strip().rpartition("\n")[2].strip())
    return alt[1].strip() if alt else ""


def _moment(written: str, zone: ZoneInfo, speech: Speech) -> Moment:
    try:
        local = datetime.strptime(written, "%Y-%m-%d %H:%M").replace(tzinfo=zone)
        seconds = local.astimezone(UTC).timestamp()
    except (ValueError, OverflowError) as error:
        says = speech.say("There is no such time: {written}. Write it like this.", written=written)
        raise ValueError(says) from error
    return Moment(int(seconds) * 1000)


class Composer:
    def __init__(self, bot: Bot, clerk: Clerk, voice: Voice) -> None:
        self._bot = bot
        self._clerk = clerk
        self._voice = voice
        self._log = get_logger("telegram")

    async def choose(self, message: Message, user: User) -> None:
        """Which account is it for? With a single one the text is asked for at once."""
        desk = await self._desk(user)
        accounts, say = _able(desk), desk.speech.say
        spot = Spot.of(message)
        if not accounts:
            await self._voice.refuse(message, say("No account here can take posts."))
        elif len(accounts) == 1:
            await self._prompt(user, spot, mark(accounts[0].slug))
        else:
            each = ((_button(one.name or one.slug, mark(one.slug)),) for one in accounts)
            rows = (*each, (_button(say("All of them"), ALL), SHUT))
            await self._voice.say(spot, words(say("A new post: for which account?")), rows)

    async def ask(self, press: Press, pressed: Alone) -> None:
        await self._prompt(press.user, press.spot, pressed.argument)

    async def _prompt(self, user: User, spot: Spot, account: str) -> None:
        reference = Alone(Verb.NEW, account).encode()
        speech = await self._clerk.speech(user)
        html = lines((f"📝 {to(user, speech)}: {words(speech.say(HOW))}", code(reference)))
        await self._voice.ask(spot, html, speech.say("the text of the post"))

    async def take(self, message: Message, user: User, asked: Alone) -> After:
        """NotSaved leaves the message unconfirmed."""
        desk = await self._desk(user)
        accounts = [one.slug for one in _able(desk) if asked.argument in {ALL, mark(one.slug)}]
        try:
            draught = taken_apart(
                message.text or message.caption or "", ZoneInfo(desk.zone), desk.speech
            )
            pictures = await self.pictures(message, user, draught.alt_text)
        except ValueError as error:
            says = desk.speech.say(str(error))
            return lambda: self._voice.refuse(message, says)
        variants = tuple(VariantText(slug, draught.text) for slug in accounts)
        command = ComposePost(variants, draught.slot, pictures)
        id_ = f"message:{message.chat.id}:{message.message_id}"
        outcome = await self._clerk.perform(user, id_, command)
        return lambda: self._voice.tell(message, user, outcome)

    async def pictures(
        self, message: Message, user: User, described: str
    ) -> tuple[PictureRef, ...]:
        """The picture that came with the words; ValueError, with a sentence, when it cannot be."""
        if not message.photo:
            return ()
        if not described:
            raise ValueError(NEEDS_ALT)
        data = await self._download(message.photo[-1].file_id)
        id_ = f"picture:{message.chat.id}:{message.message_id}"
        outcome = await self._clerk.perform(user, id_, AddPicture("image/jpeg", data))
        if not outcome.is_done:
            raise ValueError(outcome.says)
        return (PictureRef(MediaHash(outcome.note), described),)

    async def _download(self, file_id: str) -> bytes:
        try:
            file = await self._bot.get_file(file_id)
            data = bytes(await file.download_as_bytearray())
        except TelegramError as error:
            self._log.warning("picture_not_loaded", says=error.message)
            raise ValueError(
                marked("Telegram did not give us the picture. Send it again.")
            ) from error
        if len(data) > MAX_BYTES:
            raise ValueError(marked("A picture may have at most 8 MiB. Make it smaller."))
        return data

    async def _desk(self, user: User) -> DeskPage:
        return await self._clerk.ask(self._clerk.desk.view(DeskQuery(), identity_of(user)))


def _able(desk: DeskPage) -> Sequence[AccountRow]:
    return [one for one in desk.accounts if one.can_post]


def _button(label: str, account: str) -> Button:
    return Button(label, Alone(Verb.NEW, account).encode())
