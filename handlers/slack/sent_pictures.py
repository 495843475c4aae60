"""Pictures that somebody sends into the thread of a planned post, as people do with a phone.

With a line "alt: what is on it" for each they come into the post at once. Without, they may be no
more than talk: whoever sent them is asked, privately and with a button, what they show. The rules
are those of the form of a post; nothing is fetched before somebody wants it in the post.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress

from pydantic import BaseModel, ConfigDict, ValidationError
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.cards.card import Card
from bot.cards.pages import CardPage, CardQuery, MessageQuery
from bot.errors import ConnectorError
from bot.model.commands import Outcome, OutcomeKind, PictureRef
from bot.model.ids import CardToken, MessageId
from bot.model.member import ChatIdentity
from bot.speech.speech import Speech, marked
from handlers.post_pictures import SHUT, Refusal, add
from handlers.shortening import cut
from handlers.slack import blocks
from handlers.slack.attachments import Attachments, descriptions
from handlers.slack.clerk import Clerk, Corner
from handlers.slack.composer import ALT, described_field
from handlers.slack.line import SlackLine
from handlers.slack.names import Area, Modal
from handlers.slack.payloads import (
    CHAT,
    Press,
    SentMessage,
    ShownMessage,
    Submission,
    command_id,
)  # fmt: skip
from handlers.slack.spans import Element, unescaped
from handlers.visible import sendable, visible

FETCH_SECONDS = 25.0
"""For those that come with their descriptions: Slack waits for no answer."""
READ_SECONDS = 0.8
"""For reading a message back, of the three that a press and a form have."""
_ERROR = 500

_ALT = re.compile(r"^\s*alt:[ \t]*(.+)$", re.IGNORECASE | re.MULTILINE)

_ASK = marked("Shall this be in the planned post? Then say what it shows.")
_ADD = marked("Add to the post")
_TITLE = marked("Add pictures")
_NOT_READ = marked("Slack did not give us the message with the pictures. Try again.")
_GONE = marked("These pictures are not there any more. Send them again.")


class _Where(BaseModel):
    """What button and form carry: a message in a thread. Its files do not fit in there."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    thread: str
    ts: str
    channel: str = ""
    token: str = ""


class SentPictures:
    """`patient` fetches for a message, `attachments` while Slack waits for an answer."""

    def __init__(self, clerk: Clerk, line: SlackLine, attachments: Attachments) -> None:
        self._clerk = clerk
        self._line = line
        self._attachments = attachments
        self._patient = Attachments(clerk, line, FETCH_SECONDS)

    async def take(self, event: SentMessage, card: Card) -> None:
        """Files in the thread of a planned post."""
        who = ChatIdentity(CHAT, event.user)
        corner = Corner(event.user, event.channel, event.thread_ts)
        lines = _ALT.findall(unescaped(event.text))
        if not lines:
            await self._ask(corner, card.speech, event.ts)
            return
        speech, id_ = card.speech, command_id(event.user, event.channel, event.ts)
        try:
            described = descriptions("\n".join(lines), len(event.files))
            pictures = await self._patient.fetched(who, event.files, described)
            outcome = await self._add(who, id_, card.key, pictures)
        except Refusal as refusal:
            await self._clerk.whisper(corner, speech.say(refusal.says, **refusal.values))
            return
        await self._clerk.tell(corner, outcome)

    async def press(self, ack: AsyncAck, body: dict[str, object]) -> None:
        """The button under what was asked privately: opens the form."""
        try:
            press = Press.model_validate(body)
            where = _Where.model_validate_json(press.pressed.value)
        except ValidationError:
            await ack()
            return
        corner = Corner(press.user.id, press.container.channel_id, where.thread)
        try:
            sent = await self._read_back(where.model_copy(update={"channel": corner.channel}))
            says = await self.open(press.trigger_id, corner, sent)
        except Refusal as refusal:
            says = refusal.says
        await ack()
        if says:
            speech = await self._clerk.speech(press.user.identity)
            await self._clerk.whisper(corner, speech.say(says))

    async def open(self, trigger: str, corner: Corner, sent: ShownMessage) -> str:
        """Ask what the pictures of a message show; empty, or why nothing was opened."""
        page = await self._under(ChatIdentity(CHAT, corner.user), corner.channel, corner.thread)
        if page.card is None or page.post is None:
            return SHUT
        is_open = await self._clerk.open(trigger, _form(page.card, corner, sent))
        return "" if is_open else marked("Slack did not open it. Try again.")

    async def submit(self, ack: AsyncAck, body: dict[str, object]) -> None:
        """The form: a refusal stands under its field."""
        try:
            sent = Submission.model_validate(body)
            where = _Where.model_validate_json(sent.view.private_metadata)
        except ValidationError:
            await ack()
            return
        who = sent.user.identity
        speech = await self._clerk.speech(who)
        try:
            text = sendable(sent.view.field(ALT).value or "")
            files = (await self._read_back(where)).files
            described = descriptions(text, len(files))
            pictures = await self._attachments.fetched(who, files, described)
            outcome = await self._add(who, sent.id, CardToken(where.token), pictures)
        except Refusal as refusal:
            outcome = Outcome(OutcomeKind.REFUSED, speech.say(refusal.says, **refusal.values))
        if not outcome.is_done:
            await ack(response_action="errors", errors={ALT: cut(visible(outcome.says), _ERROR)})
            return
        await ack()
        await self._clerk.tell(Corner(sent.user.id, where.channel, where.thread), outcome)

    async def _add(
        self, who: ChatIdentity, id_: str, token: CardToken, pictures: Sequence[PictureRef]
    ) -> Outcome:
        """Beside those that the post has in its newest version; Refusal. The same again is none."""
        view = self._clerk.desk.view
        return await add(
            lambda: self._clerk.ask(view(CardQuery(token), who)),
            lambda edit: self._clerk.perform(
                who, command_id(who.user, id_, str(edit.revision)), edit
            ),
            pictures,
        )

    async def _under(self, who: ChatIdentity, channel: str, thread: str) -> CardPage:
        query = MessageQuery(CHAT, channel, MessageId(thread))
        return await self._clerk.ask(self._clerk.desk.view(query, who))

    async def _ask(self, corner: Corner, speech: Speech, ts: str) -> None:
        where = _Where(thread=corner.thread, ts=ts).model_dump_json()
        button = blocks.button(speech.say(_ADD), f"{Area.PICTURES}.add", where)
        says = speech.say(_ASK)
        shown = [blocks.note("asked", says), blocks.actions("asked.act", [button])]
        await self._clerk.whisper(corner, says, shown)

    async def _read_back(self, where: _Where) -> SentMessage:
        """The message as it stands in the thread now; Refusal when it has no files any more."""
        arguments = {"channel": where.channel, "ts": where.thread, "inclusive": "true"}
        arguments |= {"oldest": where.ts, "latest": where.ts, "limit": "10"}
        try:
            async with asyncio.timeout(READ_SECONDS):
                answer = await self._line.read("conversations.replies", arguments)
        except (ConnectorError, TimeoutError) as error:
            raise Refusal(_NOT_READ) from error
        for one in answer.get("messages") or []:
            with suppress(ValidationError):
                message = SentMessage.model_validate(one)
                if message.ts == where.ts and message.files:
                    return message
        raise Refusal(_GONE)


def _form(card: Card, corner: Corner, sent: ShownMessage) -> Element:
    say = card.speech.say
    where = _Where(thread=corner.thread, ts=sent.ts, channel=corner.channel, token=card.key)
    names = ", ".join(one.name for one in sent.files)
    field = described_field(card.speech, unescaped(sent.text), is_optional=False)
    body, memory = [blocks.note("files", names), field], where.model_dump_json()
    submit = say("Ask for approval")
    return blocks.modal(Modal.PICTURES, say(_TITLE), body, memory, card.speech, submit=submit)
