"""From a comment to its card by one commit, and what a limit of the chat makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.bootstrap.workshop import rates
from bot.coordination.limits import MemoryLimiter
from bot.coordination.wakeup import LocalWakeup
from bot.metrics import Metrics
from bot.model.channel import CardRefState, ChatRate, Place
from bot.model.due import Lane
from bot.model.ids import CardRefId
from bot.services.settling_in import NamedChannel
from bot.workers.card import CardTask, ChatTiming
from bot.workers.loop import WorkLoop
from tests.fakes.chat import CHAT
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk
from tests.patience import PATIENCE

CARE = NamedChannel("care", CHAT, Place("C-care"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    async with opened_desk(address, channels=(CARE,)) as found:
        yield found


@asynccontextmanager
async def working(kit: DeskKit) -> AsyncIterator[LocalWakeup]:
    """The loop of a desk, at rest after its first comment: from then on nothing is behind."""
    wakeup = LocalWakeup()
    kit.store.on_stir(wakeup.ring)
    lanes = dict.fromkeys(set(Lane) - {Lane.DRAFTS}, 8)
    loop = WorkLoop(
        kit.store, kit.clock, wakeup, kit.tasks, Metrics(), owner="loop", concurrency=lanes
    )
    stop = asyncio.Event()
    running = asyncio.create_task(loop.run(stop))
    try:
        await kit.take(kit.incoming())
        await until(lambda: len(kit.chat.messages) == 1)
        await at_rest(kit)
        yield wakeup
    finally:
        stop.set()
        wakeup.ring()
        await asyncio.wait_for(running, PATIENCE)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - another task makes it so
            await asyncio.sleep(0.01)


async def at_rest(kit: DeskKit) -> None:
    async def rests() -> bool:
        depth = await kit.read(lambda tx: tx.due.depth())
        return not depth.keys() & {Lane.TRIAGE, Lane.CARDS}

    await eventually(rests)


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await holds():  # noqa: ASYNC110 - only the store shows what a loop did
            await asyncio.sleep(0.01)


async def states(kit: DeskKit) -> list[CardRefState]:
    """Of the first two messages."""
    found = await kit.read(lambda tx: tx.card_refs.some([CardRefId(1), CardRefId(2)]))
    return [ref.state for _id, ref in sorted(found.items())]


async def test_a_comment_is_stored_sorted_drawn_and_begun_by_one_commit(kit: DeskKit) -> None:
    async with working(kit):
        stood: list[int] = []
        kit.store.on_commit(lambda: stood.append(len(kit.chat.messages)))
        await kit.take(kit.incoming())
        await until(lambda: len(kit.chat.messages) == 2)
        assert stood.count(1) == 1, "commits before the request"
    assert kit.chat.messages[1].card.number == 2


async def test_a_card_that_was_begun_and_has_to_wait_is_wanted_again_and_posted_once(
    kit: DeskKit,
) -> None:
    kit.chat.posts = ChatRate(1, 1)
    frontends = {CHAT: kit.chat}
    limiter = MemoryLimiter(rates(kit.lines, frontends), kit.clock)
    task = CardTask(kit.store, kit.clock, kit.lines, kit.rules, limiter, frontends, ChatTiming())
    kit.tasks = {**kit.tasks, "card": task}
    async with working(kit) as wakeup:
        await kit.take(kit.incoming())

        async def waits() -> bool:
            return await states(kit) == [CardRefState.SHOWN, CardRefState.WANTED]

        await eventually(waits)
        assert len(kit.chat.messages) == 1
        kit.clock.advance(120)
        wakeup.ring()
        await until(lambda: len(kit.chat.messages) == 2)
    assert [message.card.number for message in kit.chat.messages] == [1, 2]
    assert not kit.chat.messages[1].is_repeat
