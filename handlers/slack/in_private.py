"""A card that one person alone sees: nothing redraws it, so each press shows it anew."""

from __future__ import annotations

from bot.cards.pages import CardQuery, DeskQuery
from bot.model.commands import Outcome, OutcomeKind
from bot.model.ids import CardToken
from bot.model.member import ChatIdentity
from handlers.slack import blocks
from handlers.slack.clerk import Clerk, Corner
from handlers.slack.payloads import Press
from handlers.slack.render import render, zone_of
from handlers.slack.spans import Element


async def asks(clerk: Clerk, reader: ChatIdentity, outcome: Outcome) -> tuple[str, list[Element]]:
    """Text and blocks of what an order answers; with a card where it asks by one."""
    shown = await _drawn(clerk, reader, outcome.note) if outcome.is_done else []
    return outcome.says, shown


async def tell(clerk: Clerk, press: Press, token: CardToken, outcome: Outcome) -> None:
    """What a press on such a card came to, and the card while it asks something still."""
    reader, shown = press.user.identity, []
    if outcome.kind is not OutcomeKind.REFUSED:
        shown = await _drawn(clerk, reader, token, outcome.says)
    await clerk.whisper(Corner(press.user.id, press.container.channel_id), outcome.says, shown)


async def _drawn(clerk: Clerk, reader: ChatIdentity, token: str, notice: str = "") -> list[Element]:
    if not token:
        return []
    view = clerk.desk.view
    card = (await clerk.ask(view(CardQuery(CardToken(token)), reader))).card
    if card is None or not card.actions:
        return []
    desk = await clerk.ask(view(DeskQuery(), reader))
    told = [blocks.note("told", notice)] if notice else []
    return [*told, *render(card, zone_of(desk.zone)).blocks]
