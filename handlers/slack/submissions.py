"""Modals that were sent, or closed without a word.

A refusal stands in the modal itself, under the field, where the person's words are not lost; the
modal closes when it is done.
"""

from __future__ import annotations

from pydantic import ValidationError
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.cards.actions import ButtonData, to_command
from bot.cards.pages import CardQuery
from bot.cards.week import WeekQuery
from bot.model.commands import Command, PictureRef, StopEditing
from bot.model.ids import CardToken, PostId
from bot.ports import Clock
from bot.speech.speech import marked
from handlers.post_pictures import Refusal
from handlers.shortening import cut
from handlers.slack.attachments import Attachments, descriptions
from handlers.slack.clerk import Clerk, Corner
from handlers.slack.composer import ALT, FILES, TEXT, WHERE, Draft, command_of
from handlers.slack.labels import LABELS, labels_entry
from handlers.slack.modals import BY, FIELD, WHOM, Memory, notice_view
from handlers.slack.payloads import Submission
from handlers.slack.views import Views
from handlers.visible import sendable, visible

ERROR_TEXT = 500


class Submissions:
    def __init__(self, clerk: Clerk, views: Views, clock: Clock, attachments: Attachments) -> None:
        self._clerk = clerk
        self._views = views
        self._attachments = attachments
        self._clock = clock

    async def entry(self, ack: AsyncAck, body: dict[str, object]) -> None:
        """The editor of a draft, one line, one member, one link, or only a yes."""
        sent = _read(body)
        if sent is None:
            await ack()
            return
        memory = Memory.read(sent.view.private_metadata)
        try:
            data = ButtonData.decode(memory.data)
            command = to_command(data, now=self._clock.now(), entry=sendable(_entry(sent)))
        except ValueError:
            says = marked("This means nothing here. Close it and press again.")
            await self._refuse(ack, sent, FIELD, says)
            return
        await self._carry_out(ack, sent, command, FIELD, memory.channel)

    async def post(self, ack: AsyncAck, body: dict[str, object]) -> None:
        """A new post, or a planned one edited again."""
        sent = _read(body)
        if sent is None:
            await ack()
            return
        draft = Draft.read(sent.view.private_metadata)
        try:
            attached = await self._attached(sent)
        except Refusal as refusal:
            await self._refuse(ack, sent, FILES, refusal.says, **refusal.values)
            return
        try:
            command = command_of(sent.view, (*await self._pictures(sent, draft), *attached))
        except ValueError as error:
            await self._refuse(ack, sent, WHERE, str(error))
            return
        await self._carry_out(ack, sent, command, _text_of(sent), draft.channel)

    async def _attached(self, sent: Submission) -> tuple[PictureRef, ...]:
        """What was attached, kept and described; Refusal with a sentence when it cannot be."""
        files = sent.view.field(FILES).files
        if not files:
            return ()
        described = descriptions(sendable(sent.view.field(ALT).value or ""), len(files))
        return await self._attachments.fetched(sent.user.identity, files, described)

    async def _pictures(self, sent: Submission, draft: Draft) -> tuple[PictureRef, ...]:
        """Those that the planned post has already."""
        if not draft.token:
            return ()
        query = CardQuery(CardToken(draft.token))
        page = await self._clerk.ask(self._clerk.desk.view(query, sent.user.identity))
        return page.post.pictures if page.post else ()

    async def closed(self, ack: AsyncAck, body: dict[str, object]) -> None:
        """An editor was closed: the others need not wait for its person."""
        await ack()
        sent = _read(body)
        if sent is None:
            return
        target = _edited(sent)
        if target is not None:
            await self._clerk.perform(sent.user.identity, sent.id, target)

    async def _carry_out(
        self, ack: AsyncAck, sent: Submission, command: Command, field: str, channel: str
    ) -> None:
        outcome = await self._clerk.perform(sent.user.identity, sent.id, command)
        if not outcome.is_done:
            await self._refuse(ack, sent, field, outcome.says)
            return
        memory = Memory.read(sent.view.private_metadata)
        if memory.week:
            await ack()
            query = WeekQuery(PostId(memory.near), total=memory.total)
            stood = Memory(channel=memory.channel)
            await self._views.week(sent.user, memory.week, query, stood, outcome.says)
            return
        if memory.is_pushed:
            # what it stood over shows how things were before
            await ack(response_action="clear")
        else:
            await ack()
        await self._clerk.tell(Corner(sent.user.id, channel), outcome)

    async def _refuse(
        self, ack: AsyncAck, sent: Submission, field: str, says: str, **values: object
    ) -> None:
        """Under the field; a modal without one turns into the sentence."""
        speech = await self._clerk.speech(sent.user.identity)
        shown = cut(visible(speech.say(says, **values)), ERROR_TEXT)
        if field in sent.view.state.values:
            await ack(response_action="errors", errors={field: shown})
        else:
            await ack(response_action="update", view=notice_view(shown, speech))


def _read(body: dict[str, object]) -> Submission | None:
    try:
        return Submission.model_validate(body)
    except ValidationError:
        return None


def _entry(sent: Submission) -> str:
    field = sent.view.field(FIELD)
    if LABELS in sent.view.state.values:
        return labels_entry(sent)
    if WHOM in sent.view.state.values:
        whom, by = (sent.view.field(one).selected_option for one in (WHOM, BY))
        chosen = [one.value if one is not None else "" for one in (whom, by)]
        return "\n".join([*chosen, field.value or ""])
    if field.selected_option is not None:
        return field.selected_option.value
    return field.value or ""


def _text_of(sent: Submission) -> str:
    """A field of the composer under which a sentence can stand."""
    own = [name for name in sent.view.state.values if name.startswith(TEXT)]
    return own[0] if own else WHERE


def _edited(sent: Submission) -> StopEditing | None:
    draft = Draft.read(sent.view.private_metadata)
    if draft.token:
        return StopEditing(CardToken(draft.token), draft.revision)
    try:
        data = ButtonData.decode(Memory.read(sent.view.private_metadata).data)
    except ValueError:
        return None
    return StopEditing(data.token, data.revision)
