"""Shortcuts: a new post from anywhere, and a colleague's words as the brand's reply."""

from __future__ import annotations

from pydantic import ValidationError
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.cards.actions import ActionName, ButtonData
from bot.cards.card import Action, Ask, Card, CardKind
from bot.cards.pages import DeskQuery, EditorQuery, MessageQuery
from bot.model.commands import StartEditing
from bot.model.ids import MessageId
from bot.speech.speech import marked
from handlers.slack.clerk import Clerk, Corner
from handlers.slack.homes import Homes
from handlers.slack.modals import Asking, Memory, editor
from handlers.slack.names import REPLY
from handlers.slack.payloads import CHAT, Shortcut, command_id
from handlers.slack.render import zone_of
from handlers.slack.sent_pictures import SentPictures
from handlers.slack.spans import Element, unescaped

_ELSEWHERE = marked("This works on a card of the desk, and on messages in the thread under one.")
_NO_DRAFT = marked("There is nothing to answer on this card now.")
_NOT_OPENED = marked("Slack did not open it. Try again.")


class Shortcuts:
    def __init__(self, clerk: Clerk, homes: Homes, pictures: SentPictures) -> None:
        self._clerk = clerk
        self._homes = homes
        self._pictures = pictures

    async def new_post(self, ack: AsyncAck, body: dict[str, object]) -> None:
        used = _read(body)
        if used is None:
            await ack()
        else:
            await self._homes.compose(ack, used.user, used.trigger_id, "")

    async def reply(self, ack: AsyncAck, body: dict[str, object]) -> None:
        """Open the editor with the words of a message in the card's thread.

        Thread talk stays inside: only the editor's own button publishes. Pictures under a planned
        post are offered to it.
        """
        used = _read(body)
        if used is None or used.message is None or used.channel is None:
            await ack()
            return
        corner = Corner(used.user.id, used.channel.id)
        says = await self._open_editor(used)
        await ack()
        if says:
            speech = await self._clerk.speech(used.user.identity)
            await self._clerk.whisper(corner, speech.say(says))

    async def _open_editor(self, used: Shortcut) -> str:
        """Empty, or why nothing was opened."""
        card = await self._card_of(used)
        if card is None:
            return _ELSEWHERE
        assert used.message is not None
        if card.kind is CardKind.POST and used.message.files and used.message.thread_ts:
            assert used.channel is not None
            corner = Corner(used.user.id, used.channel.id, used.message.thread_ts)
            return await self._pictures.open(used.trigger_id, corner, used.message)
        edit = [one for one in card.actions if one.name is ActionName.EDIT and one.ask is Ask.DRAFT]
        if not edit:
            return _NO_DRAFT
        id_ = command_id(used.user.id, card.key, REPLY, used.trigger_id)
        start = StartEditing(card.key, card.revision)
        started = await self._clerk.perform(used.user.identity, id_, start)
        if not started.is_done:
            return started.says
        try:
            view = await self._editor(used, card, edit[0], started.says if started.note else "")
        except ValueError as error:
            return str(error)
        is_open = await self._clerk.open(used.trigger_id, view)
        return "" if is_open else _NOT_OPENED

    async def _card_of(self, used: Shortcut) -> Card | None:
        """The card that the message shows, or under which it stands."""
        assert used.message is not None
        assert used.channel is not None
        shown = MessageId(used.message.thread_ts or used.message.ts)
        query = MessageQuery(CHAT, used.channel.id, shown)
        page = await self._clerk.ask(self._clerk.desk.view(query, used.user.identity))
        return page.card

    async def _editor(self, used: Shortcut, card: Card, edit: Action, notice: str) -> Element:
        assert used.message is not None
        assert used.channel is not None
        ask, view = self._clerk.ask, self._clerk.desk.view
        page = await ask(view(EditorQuery(card.key), used.user.identity))
        desk = await ask(view(DeskQuery(), used.user.identity))
        data = ButtonData(edit.name, card.key, card.revision).encode()
        memory = Memory(data=data, channel=used.channel.id)
        is_talk = used.message.thread_ts not in {"", used.message.ts}
        asking = Asking(card, edit, memory, zone_of(desk.zone))
        return editor(
            page, asking, notice=notice, text=unescaped(used.message.text) if is_talk else None
        )


def _read(body: dict[str, object]) -> Shortcut | None:
    try:
        return Shortcut.model_validate(body)
    except ValidationError:
        return None
