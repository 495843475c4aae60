"""Descriptions of the pictures that people send for a planned post.

An album is several messages, of which one has words. Lines `alt: what is on it` in these words are
for its pictures in their order; a single one is for the picture that it came with. A picture
without any comes into the post as well, which nobody can approve then: it is noted, and asked about
by its number. Whoever answers describes it.

What is noted of an album stands under its sender, of whom the latest counts; what is noted of a
picture that waits stands under its message, until it is described.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

from telegram import Bot, Message, User
from telegram.error import TelegramError

from bot.cards.pages import CardQuery
from bot.logs import get_logger
from bot.model.commands import AddPicture, EditPost, Outcome, OutcomeKind, PictureRef
from bot.model.ids import CardToken, MediaHash
from bot.model.media import MAX_BYTES
from bot.ports import ChatMemory
from bot.speech.speech import marked
from handlers.post_pictures import Refusal, add
from handlers.telegram.buttons import Alone, Verb
from handlers.telegram.clerk import After, Clerk, identity_of
from handlers.telegram.markup import code, lines, typed, words
from handlers.telegram.prompts import to
from handlers.telegram.voice import Spot, Voice

ASKS = marked("Picture {number} has no description: reply to this with one.")
OVER = marked("This picture was described already.")
NO_WORDS = marked("There are no words in this. Answer once more.")
_ALT = re.compile(r"alt:\s*(.+)", re.IGNORECASE)


def without_alts(text: str) -> tuple[str, tuple[str, ...]]:
    """The words before the last lines `alt: ...`, and what these say."""
    rest, found = typed(text).strip().splitlines(), list[str]()
    while rest and (alt := _ALT.fullmatch(rest[-1].strip())):
        found.insert(0, alt[1].strip())
        rest.pop()
    return "\n".join(rest).strip(), tuple(found)


@dataclass(frozen=True, slots=True)
class Album:
    """`seen` are its messages in the order of their numbers."""

    group: str
    token: str
    seen: tuple[int, ...] = ()
    alts: tuple[str, ...] = ()

    def place(self, message: int) -> int:
        return sorted(self.seen).index(message)

    def alt(self, message: int) -> str:
        place = self.place(message)
        return self.alts[place] if place < len(self.alts) else ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A picture without a description: for which post, and Telegram's name for its file."""

    token: str
    file: str = field(repr=False)


class Captions:
    def __init__(self, bot: Bot, clerk: Clerk, voice: Voice, memory: ChatMemory) -> None:
        self._bot = bot
        self._clerk = clerk
        self._voice = voice
        self._memory = memory
        self._in_turn = asyncio.Lock()
        self._log = get_logger("telegram")

    async def post_of(self, message: Message, user: User) -> CardToken | None:
        """The post that the rest of this album went to."""
        album = await self._album(message, user)
        return CardToken(album.token) if album is not None else None

    async def take(self, message: Message, user: User, token: CardToken) -> After:
        """A picture for this post. NotSaved leaves the message unconfirmed."""
        async with self._in_turn:
            album = await self._noted(message, user, token)
        described = album.alt(message.message_id)
        if not described:
            return await self._wait(message, user, token, album.place(message.message_id) + 1)
        outcome = await self._add(message, user, token, message.message_id, described)
        if outcome.is_done:
            await self._describe_earlier(message, user, album)
        return self._told(message, user, outcome)

    async def answer(self, message: Message, user: User, asked: Alone) -> After:
        """The description that was asked for; the first one counts."""
        async with self._in_turn:
            return await self._answered(message, user, asked)

    async def _answered(self, message: Message, user: User, asked: Alone) -> After:
        speech, number = await self._clerk.speech(user), int(asked.argument or 0)
        if not await self._recall(message, number):
            return lambda: self._voice.refuse(message, speech.say(OVER))
        text = typed(message.text or "").strip()
        _before, alts = without_alts(text)
        described = " ".join((alts[0] if alts else text).split())
        if not described:
            return lambda: self._voice.refuse(message, speech.say(NO_WORDS))
        outcome = await self._add_waiting(message, user, number, described)
        prompt = message.reply_to_message

        async def told() -> None:
            if outcome.is_done and prompt is not None:
                await self._voice.take_away(prompt.chat.id, prompt.message_id, "✓")
            await self._told(message, user, outcome)()

        return told

    def _told(self, message: Message, user: User, outcome: Outcome) -> After:
        if outcome.is_done:
            return lambda: self._voice.agree(message)
        return lambda: self._voice.tell(message, user, outcome)

    # Albums

    async def _album(self, message: Message, user: User) -> Album | None:
        if message.media_group_id is None:
            return None
        noted = await self._clerk.ask(self._memory.recall(str(message.chat.id), _of(user)))
        raw = json.loads(noted) if noted else {}
        if raw.get("group") != message.media_group_id:
            return None
        return Album(raw["group"], raw["token"], tuple(raw["seen"]), tuple(raw["alts"]))

    async def _noted(self, message: Message, user: User, token: CardToken) -> Album:
        """The album with this picture in it; one of its own where it came alone."""
        group, number = message.media_group_id or "", message.message_id
        known = await self._album(message, user) or Album(group, token)
        seen = tuple(dict.fromkeys((*known.seen, number)))
        album = replace(known, seen=seen)
        _words, alts = without_alts(message.caption or "")
        if len(alts) == 1:
            place = album.place(number)
            before = (*album.alts, *("" for _ in range(place)))[:place]
            album = replace(album, alts=(*before, *alts, *album.alts[place + 1 :]))
        elif alts:
            album = replace(album, alts=alts)
        if group:
            chat = str(message.chat.id)
            await self._clerk.ask(self._memory.keep(chat, _of(user), json.dumps(asdict(album))))
        return album

    async def _describe_earlier(self, message: Message, user: User, album: Album) -> None:
        """The words of an album may come with a later picture than they describe."""
        for number in album.seen:
            described = album.alt(number)
            if described and await self._recall(message, number):
                await self._add_waiting(message, user, number, described)

    # Pictures that wait

    async def _wait(self, message: Message, user: User, token: CardToken, number: int) -> After:
        outcome = await self._add(message, user, token, message.message_id, "")
        if not outcome.is_done:
            return self._told(message, user, outcome)
        waiting = json.dumps(asdict(Waiting(token, message.photo[-1].file_id)))
        await self._keep(message, message.message_id, waiting)
        speech = await self._clerk.speech(user)
        reference = Alone(Verb.ALT, str(message.message_id)).encode()
        says = f"🖼 {to(user, speech)}: {words(speech.say(ASKS, number=number))}"
        placeholder = speech.say("what is on it")
        html = lines((says, code(reference)))

        async def ask() -> None:
            await self._voice.ask(Spot.of(message), html, placeholder)

        return ask

    async def _recall(self, message: Message, number: int) -> str:
        chat = str(message.chat.id)
        return await self._clerk.ask(self._memory.recall(chat, _waiting(number)))

    async def _keep(self, message: Message, number: int, value: str) -> None:
        chat = str(message.chat.id)
        await self._clerk.ask(self._memory.keep(chat, _waiting(number), value))

    async def _add_waiting(
        self, message: Message, user: User, number: int, described: str
    ) -> Outcome:
        waiting = Waiting(**json.loads(await self._recall(message, number)))
        outcome = await self._add(
            message, user, CardToken(waiting.token), number, described, waiting.file
        )
        if outcome.is_done:
            await self._keep(message, number, "")
        return outcome

    # Into the post

    async def _add(
        self,
        message: Message,
        user: User,
        token: CardToken,
        number: int,
        described: str,
        file: str = "",
    ) -> Outcome:
        """`number` is the message that brought the picture, `file` its name where that is not
        this one.
        """

        async def perform(edit: EditPost) -> Outcome:
            id_ = f"message:{message.chat.id}:{number}:{edit.revision}"
            return await self._clerk.perform(user, id_, edit)

        try:
            file = file or message.photo[-1].file_id
            pictures = await self.upload(message, user, number, described, file)
            look = self._clerk.desk.view
            return await add(
                lambda: self._clerk.ask(look(CardQuery(token), identity_of(user))),
                perform,
                pictures,
            )
        except Refusal as refusal:
            says = (await self._clerk.speech(user)).say(refusal.says, **refusal.values)
        except ValueError as error:
            says = (await self._clerk.speech(user)).say(str(error))
        return Outcome(OutcomeKind.REFUSED, says)

    async def upload(
        self, message: Message, user: User, number: int, described: str, file: str
    ) -> Sequence[PictureRef]:
        """Make it a picture of ours; ValueError, with a sentence, when it cannot be."""
        data = await self._download(file)
        id_ = f"picture:{message.chat.id}:{number}"
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


def _of(user: User) -> str:
    return f"sent:{user.id}"


def _waiting(number: int) -> str:
    return f"waiting:{number}"
