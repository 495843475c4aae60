"""The week in one modal: planned posts that wait for the reader's yes, one after the other."""

from __future__ import annotations

from pydantic import ValidationError
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.cards.week import WeekQuery
from bot.model.ids import PostId
from handlers.slack.clerk import Clerk
from handlers.slack.modals import BACK, ON, Memory, week_view
from handlers.slack.payloads import Press, SlashCommand
from handlers.slack.views import Views


class Weeks:
    def __init__(self, clerk: Clerk, views: Views) -> None:
        self._clerk = clerk
        self._views = views

    async def command(self, asked: SlashCommand) -> str:
        """Opens the modal where there is something to decide; how much that is."""
        page = await self._clerk.ask(self._clerk.desk.view(WeekQuery(), asked.identity))
        if page.card is not None and not await self._clerk.open(
            asked.trigger_id, week_view(page, Memory(channel=asked.channel_id))
        ):
            return page.speech.say("Slack did not open it. Press again.")
        return page.says

    async def press(self, ack: AsyncAck, body: dict[str, object]) -> None:
        """Goes on or back; it only looks, so nothing is committed."""
        try:
            press = Press.model_validate(body)
        except ValidationError:
            await ack()
            return
        if press.view is not None:
            stood = Memory.read(press.view.private_metadata)
            step = {ON: 1, BACK: -1}.get(press.pressed.action_id, 0)
            query = WeekQuery(PostId(stood.near), step, stood.total)
            await self._views.week(press.user, press.view.id, query, stood)
        await ack()
