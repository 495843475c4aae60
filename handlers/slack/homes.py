"""Doings on the Home tab: choose a filter, turn a page, open a card, write a post."""

from __future__ import annotations

from pydantic import ValidationError
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.cards.pages import DeskQuery, QueueFilter
from bot.model.ids import CardToken
from handlers.slack.clerk import Clerk
from handlers.slack.composer import composer
from handlers.slack.home import COMPOSE, HOME, Position
from handlers.slack.modals import Memory, notice_view
from handlers.slack.payloads import HomeOpened, Press, Who
from handlers.slack.views import Views


class Homes:
    def __init__(self, clerk: Clerk, views: Views) -> None:
        self._clerk = clerk
        self._views = views

    async def opened(self, ack: AsyncAck, body: dict[str, object]) -> None:
        await ack()
        try:
            event = HomeOpened.model_validate(body).event
        except ValidationError:
            return
        if event.tab in {"", "home"}:
            stood = Position.read(event.view.private_metadata if event.view else "")
            await self._views.publish(Who(id=event.user), stood, over=event.view)

    async def press(self, ack: AsyncAck, body: dict[str, object]) -> None:
        try:
            press = Press.model_validate(body)
        except ValidationError:
            await ack()
            return
        match press.pressed.action_id:
            case action if action == COMPOSE:
                await self.compose(ack, press.user, press.trigger_id, "")
            case action if action.startswith(f"{HOME}.open"):
                await self._open(ack, press)
            case _:
                await ack()
                await self._views.publish(press.user, _position(press), over=press.view)

    async def compose(self, ack: AsyncAck, user: Who, trigger: str, channel: str) -> None:
        desk = await self._clerk.ask(self._clerk.desk.view(DeskQuery(), user.identity))
        try:
            view = composer(desk, channel)
        except ValueError as error:
            view = notice_view(desk.speech.say(str(error)), desk.speech)
        await self._clerk.open(trigger, view)
        await ack()

    async def _open(self, ack: AsyncAck, press: Press) -> None:
        memory = Memory(channel=press.container.channel_id)
        view = await self._views.card(press.user, CardToken(press.pressed.data), memory)
        speech = await self._clerk.speech(press.user.identity)
        gone = notice_view(speech.say("There is no such card any more."), speech)
        await self._clerk.open(press.trigger_id, view or gone)
        await ack()


def _position(press: Press) -> Position:
    """Where the press leads to, from where the person stood."""
    stood = Position.read(press.view.private_metadata if press.view else "")
    chosen = press.pressed.data
    if press.pressed.action_id == f"{HOME}.filter" and chosen in set(QueueFilter):
        return Position(filter=QueueFilter(chosen))
    is_page = press.pressed.action_id.startswith(f"{HOME}.page")
    if is_page and chosen.isascii() and chosen.isdecimal() and len(chosen) < 6:
        return Position(filter=stood.filter, offset=int(chosen))
    return stood
