"""A worker that lost its lease in the middle of a redraw: its older card may arrive last.

Nobody can take such a request back. Whatever became of it, the message shows in the end what the
desk shows; on both databases.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.cards.card import Card
from bot.errors import OutcomeUnknown
from bot.model import commands as c
from bot.model.channel import Place
from bot.model.due import DueRow, Lane
from bot.model.ids import SECOND, MessageId
from bot.services.settling_in import NamedChannel
from bot.workers.loop import LEASE
from tests.contract.store_case import DATABASES
from tests.fakes.chat import CHAT, FakeChat
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk

Redraw = Callable[[FakeChat, Place, MessageId, Card], Awaitable[None]]


@pytest.fixture(params=DATABASES)
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    care = NamedChannel("care", CHAT, Place("C-care"))
    async with opened_desk(address, channels=(care,)) as kit:
        yield kit


@dataclass(slots=True)
class Held:
    """Redraws of one worker that are on their way until they are let go; then they arrive."""

    redraw: Redraw
    error: Exception | None = None
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, chat: FakeChat, place: Place, message: MessageId, card: Card) -> None:
        self.reached.set()
        await self.let_go.wait()
        await self.redraw(chat, place, message, card)
        if self.error is not None:
            raise self.error


async def begun(kit: DeskKit, held: Held, patch: pytest.MonkeyPatch) -> asyncio.Task[None]:
    """A worker that has claimed the card, and whose redraw is on its way."""

    async def redraw(chat: FakeChat, place: Place, message: MessageId, card: Card) -> None:
        await held(chat, place, message, card)

    patch.setattr(FakeChat, "redraw", redraw)
    row = await claimed(kit)

    async def work() -> None:
        await kit.tasks["card"](row)

    working = asyncio.create_task(work())
    await asyncio.wait_for(held.reached.wait(), 20)
    patch.setattr(FakeChat, "redraw", held.redraw)
    return working


async def claimed(kit: DeskKit) -> DueRow:
    [row] = [row for row in await kit.claim(*Lane) if row.kind == "card"]
    return row


async def turned(kit: DeskKit, item: int, press: type[c.Take] | type[c.StartEditing]) -> None:
    assert (await kit.press("bob", await kit.card_of(item), press)).is_done
    kit.clock.advance(0.05)


async def shows_the_desk_s_card(kit: DeskKit, item: int) -> None:
    await kit.pass_time(60)
    [message] = kit.chat.messages
    assert message.card == await kit.card_of(item)


async def test_it_arrives_after_the_heir_s(kit: DeskKit, monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (None, OutcomeUnknown("The answer was lost.")):
        item = await kit.comment()
        await turned(kit, item, c.Take)
        former = Held(FakeChat.redraw, error)
        working = await begun(kit, former, monkeypatch)
        await turned(kit, item, c.StartEditing)
        kit.clock.advance(LEASE / SECOND + 1)
        await kit.work()
        former.let_go.set()
        await working
        assert kit.chat.messages[0].card != await kit.card_of(item), "the older one arrived last"
        await shows_the_desk_s_card(kit, item)
        kit.chat.messages.clear()


async def test_it_arrives_while_the_heir_waits_for_its_answer(
    kit: DeskKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = await kit.comment()
    await turned(kit, item, c.Take)
    former = Held(FakeChat.redraw)
    working = await begun(kit, former, monkeypatch)
    await turned(kit, item, c.StartEditing)
    kit.clock.advance(LEASE / SECOND + 1)

    async def drawn(chat: FakeChat, place: Place, message: MessageId, card: Card) -> None:
        monkeypatch.setattr(FakeChat, "redraw", former.redraw)
        await former.redraw(chat, place, message, card)
        former.let_go.set()
        await working

    monkeypatch.setattr(FakeChat, "redraw", drawn)
    await kit.tasks["card"](await claimed(kit))
    assert kit.chat.messages[0].card != await kit.card_of(item), "the older one arrived last"
    await shows_the_desk_s_card(kit, item)


async def test_it_is_called_off_and_arrives_all_the_same(
    kit: DeskKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = await kit.comment()
    await turned(kit, item, c.Take)
    former = Held(FakeChat.redraw)
    older = await kit.card_of(item)
    working = await begun(kit, former, monkeypatch)
    await turned(kit, item, c.StartEditing)
    kit.clock.advance(LEASE / SECOND + 1)
    await kit.work()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    kit.chat.messages[0].looks.append(older)
    await shows_the_desk_s_card(kit, item)
