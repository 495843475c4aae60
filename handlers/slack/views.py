"""What one person sees apart from the channel: their Home tab, and a card opened over it."""

from __future__ import annotations

from bot.cards.pages import CardQuery, DeskQuery, QueueQuery
from bot.cards.week import WeekQuery
from bot.model.ids import CardToken, PostId
from handlers.slack.clerk import TELL_SECONDS, Clerk, NotSaved
from handlers.slack.home import PER_PAGE, Position, Reader, home
from handlers.slack.modals import Memory, card_view, notice_view, week_view
from handlers.slack.names import Modal
from handlers.slack.payloads import View, Who
from handlers.slack.redrawing import Redrawing
from handlers.slack.render import zone_of
from handlers.slack.spans import Element


class Views:
    def __init__(self, clerk: Clerk, redrawing: Redrawing) -> None:
        self._clerk = clerk
        self._redrawing = redrawing

    async def publish(
        self, user: Who, position: Position, notice: str = "", *, over: View | None = None
    ) -> None:
        """The Home tab of one person; a desk that does not answer leaves the old one.

        `over` is what stands there, as Slack sent it.
        """
        if not await self._redrawing.is_newest(user.id):
            return
        try:
            view = await self._home(user, position, notice)
        except NotSaved:
            return
        body = {"user_id": user.id, "view": view}
        shown = Position.read(over.private_metadata).look if over else ""
        look = Position.read(view["private_metadata"]).look
        await self._redrawing.send(
            user.id, shown, look, lambda: self._clerk.try_to("views.publish", body, TELL_SECONDS)
        )

    async def refresh(self, user: Who, view: View, notice: str) -> None:
        """Draw anew what a press came from."""
        if view.type == "home":
            await self.publish(user, Position.read(view.private_metadata), notice, over=view)
        elif view.callback_id == Modal.CARD:
            memory = Memory.read(view.private_metadata)
            drawn = await self.card(user, CardToken(memory.data), memory, notice)
            if drawn is not None:
                await self._clerk.try_to(
                    "views.update", {"view_id": view.id, "view": drawn}, TELL_SECONDS
                )

        elif view.callback_id == Modal.WEEK:
            stood = Memory.read(view.private_metadata)
            query = WeekQuery(PostId(stood.near), total=stood.total)
            await self.week(user, view.id, query, stood, notice)
        elif view.callback_id == Modal.BEFORE:
            speech = await self._clerk.speech(user.identity)
            body = {"view_id": view.id, "view": notice_view(notice, speech)}
            await self._clerk.try_to("views.update", body, TELL_SECONDS)

    async def week(
        self, user: Who, view_id: str, query: WeekQuery, stood: Memory, notice: str = ""
    ) -> None:
        """Another post of the week in the modal that stands there."""
        page = await self._clerk.ask(self._clerk.desk.view(query, user.identity))
        drawn = week_view(page, stood, notice=notice)
        body = {"view_id": view_id, "view": drawn}
        await self._clerk.try_to("views.update", body, TELL_SECONDS)

    async def card(
        self, user: Who, token: CardToken, memory: Memory, notice: str = ""
    ) -> Element | None:
        """A card as a modal; None when there is no such card for this person."""
        ask, view = self._clerk.ask, self._clerk.desk.view
        card = (await ask(view(CardQuery(token), user.identity))).card
        if card is None:
            return None
        desk = await ask(view(DeskQuery(), user.identity))
        return card_view(card, zone_of(desk.zone), memory, notice=notice)

    async def _home(self, user: Who, position: Position, notice: str) -> Element:
        ask, desk = self._clerk.ask, self._clerk.desk
        member = await ask(desk.who(user.identity))
        query = QueueQuery(position.filter, PER_PAGE, position.offset)
        page = await ask(desk.view(query, user.identity))
        shown = await ask(desk.view(DeskQuery(), user.identity))
        reader = Reader(user.id, member.name if member else "", zone_of(shown.zone))
        return home(page, position, reader, notice=notice)
