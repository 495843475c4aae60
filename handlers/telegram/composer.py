"""A planned post from a chat: `/new`, an account, and the text as an answer.

at 2026-12-24 18:00          a first line like this chooses the time, in the brand's zone
The words of the post.       pictures may come with them, with their descriptions in the last lines
alt: A green coat on a chair
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from telegram import Message, User

from bot.cards.pages import AccountRow, DeskPage, DeskQuery
from bot.model.commands import ComposePost, PictureRef, VariantText
from bot.model.ids import CardToken, Moment
from bot.speech.speech import ENGLISH, Speech, marked
from handlers.account_words import choice_of
from handlers.telegram.buttons import Alone, Button, Verb, mark
from handlers.telegram.captions import Captions, without_alts
from handlers.telegram.clerk import After, Clerk, identity_of
from handlers.telegram.markup import code, lines, words
from handlers.telegram.press import Press
from handlers.telegram.prompts import to
from handlers.telegram.views import SHUT
from handlers.telegram.voice import Spot, Voice

ALL = "all"
_AT = re.compile(r"at\s+(\d{4}-\d{2}-\d{2})[ T](\d{1,2}:\d{2})\s*", re.IGNORECASE)
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
    alts: tuple[str, ...] = ()
    """What its last lines say is on the pictures."""


def taken_apart(text: str, zone: ZoneInfo, speech: Speech = ENGLISH) -> Draught:
    """ValueError, with a sentence, for a time that there is not."""
    said, alts = without_alts(text)
    first, _, rest = said.partition("\n")
    if at := _AT.fullmatch(first):
        return Draught(rest.strip(), _moment(f"{at[1]} {at[2]}", zone, speech), alts)
    return Draught(said, None, alts)


def _moment(written: str, zone: ZoneInfo, speech: Speech) -> Moment:
    try:
        local = datetime.strptime(written, "%Y-%m-%d %H:%M").replace(tzinfo=zone)
        seconds = local.astimezone(UTC).timestamp()
    except (ValueError, OverflowError) as error:
        says = speech.say("There is no such time: {written}. Write it like this.", written=written)
        raise ValueError(says) from error
    return Moment(int(seconds) * 1000)


class Composer:
    def __init__(self, clerk: Clerk, voice: Voice, captions: Captions) -> None:
        self._clerk = clerk
        self._voice = voice
        self._captions = captions

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
            speech = desk.speech
            each = (
                (_button(choice_of(one.name or one.slug, one, speech), mark(one.slug)),)
                for one in accounts
            )
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
        """NotSaved leaves the message unconfirmed. The pictures of an album are one post's."""
        begun = await self._captions.post_of(message, user)
        if begun is not None:
            return await self._captions.take(message, user, begun)
        desk = await self._desk(user)
        accounts = [one.slug for one in _able(desk) if asked.argument in {ALL, mark(one.slug)}]
        try:
            draught = taken_apart(
                message.text or message.caption or "", ZoneInfo(desk.zone), desk.speech
            )
            pictures = await self._pictures(message, user, draught)
        except ValueError as error:
            says = desk.speech.say(str(error))
            return lambda: self._voice.refuse(message, says)
        variants = tuple(VariantText(slug, draught.text) for slug in accounts)
        command = ComposePost(variants, draught.slot, tuple(pictures))
        id_ = f"message:{message.chat.id}:{message.message_id}"
        outcome = await self._clerk.perform(user, id_, command)
        is_whole = message.media_group_id is None and bool(draught.alts)
        if not message.photo or is_whole or not outcome.is_done:
            return lambda: self._voice.tell(message, user, outcome)
        more = await self._captions.take(message, user, CardToken(outcome.note))

        async def told() -> None:
            await self._voice.tell(message, user, outcome)
            await more()

        return told

    async def _pictures(
        self, message: Message, user: User, draught: Draught
    ) -> Sequence[PictureRef]:
        """The one that came with the words, if they describe it; else it is asked about."""
        if message.photo and not (draught.alts or draught.text):
            raise ValueError(NEEDS_ALT)
        if not (message.photo and draught.alts):
            return ()
        file = message.photo[-1].file_id
        number = message.message_id
        return await self._captions.upload(message, user, number, draught.alts[0], file)

    async def _desk(self, user: User) -> DeskPage:
        return await self._clerk.ask(self._clerk.desk.view(DeskQuery(), identity_of(user)))


def _able(desk: DeskPage) -> Sequence[AccountRow]:
    return [one for one in desk.accounts if one.can_post]


def _button(label: str, account: str) -> Button:
    return Button(label, Alone(Verb.NEW, account).encode())
