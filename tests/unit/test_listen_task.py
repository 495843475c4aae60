"""A chat is listened to by one process, and its silence is told where people look."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.cards.pages import DeskQuery
from bot.errors import AuthenticationFailed, RateLimited, Unavailable
from bot.model.channel import Place
from bot.model.due import Lane
from bot.model.event import EventKind, Subject
from bot.model.ids import SECOND
from bot.services.listening import set_to_listen
from bot.services.settling_in import NamedChannel
from bot.workers.listen import ListenTask
from tests.fakes.chat import CHAT
from tests.fakes.desk_kit import DeskKit, desk_address, opened_desk

CARE = NamedChannel("care", CHAT, Place("C-care"))


@dataclass(slots=True)
class Line:
    """Connects when `error` is none, and then stays; or raises it."""

    error: Exception | None = None
    stands: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False

    async def listen(self, connected: Callable[[], Awaitable[None]]) -> None:
        if self.error is not None:
            raise self.error
        await connected()
        self.stands.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended = True


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeskKit]:
    address = desk_address(request, tmp_path, request.param)
    async with opened_desk(address, channels=(CARE,)) as found:
        await found.store.write(set_to_listen, (CHAT,))
        yield found


async def once(kit: DeskKit, line: Line) -> int:
    """One claim of the row; how long until the next one may be, in milliseconds."""
    [row] = await kit.claim(Lane.STREAMS)
    task = asyncio.create_task(ListenTask(kit.store, kit.clock, {CHAT: line})(row))
    standing = asyncio.create_task(line.stands.wait())
    await asyncio.wait({task, standing}, return_when=asyncio.FIRST_COMPLETED)
    if line.error is None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert line.ended
        await kit.do(lambda tx: tx.due.release())
        return 0
    standing.cancel()
    await task
    due = await kit.next_due(Lane.STREAMS)
    assert due is not None
    return due - kit.clock.now()


async def trouble(kit: DeskKit) -> str:
    page = await kit.desk.view(DeskQuery(), kit.who("bob"))
    return page.channels[0].trouble


async def told(kit: DeskKit) -> int:
    [channel] = await kit.read(lambda tx: tx.channels.of_chat(CHAT))
    events = await kit.read(lambda tx: tx.events.about(Subject.CHANNEL, channel.id))
    return len([one for one in events if one.kind is EventKind.CHANNEL_CHANGED])


async def test_a_line_that_cannot_be_made_is_told_until_it_stands(kit: DeskKit) -> None:
    assert await trouble(kit) == ""
    await once(kit, Line(Unavailable("Slack cannot be reached.")))
    assert await trouble(kit) == "Slack cannot be reached."
    assert await told(kit) == 1
    kit.clock.advance(600)
    await once(kit, Line())
    assert await trouble(kit) == ""
    assert await told(kit) == 2


async def test_a_line_that_stands_again_forgets_how_often_it_failed(kit: DeskKit) -> None:
    for _ in range(6):
        await once(kit, Line(Unavailable("down")))
        kit.clock.advance(600)
    await once(kit, Line())
    kit.clock.advance(1)
    [row] = await kit.claim(Lane.STREAMS)
    assert row.attempt <= 2


async def test_a_rate_limit_is_waited_out_exactly(kit: DeskKit) -> None:
    until = kit.clock.now() + 47 * SECOND
    waited = await once(kit, Line(RateLimited("slow", until=until)))
    assert 46 * SECOND < waited < 48 * SECOND


async def test_a_wrong_token_is_asked_about_once_a_minute(kit: DeskKit) -> None:
    waited = await once(kit, Line(AuthenticationFailed("The token is wrong.")))
    assert 59 * SECOND < waited < 61 * SECOND


async def test_a_chat_that_left_the_configuration_is_not_listened_to(kit: DeskKit) -> None:
    await kit.store.write(set_to_listen, ())
    assert await kit.claim(Lane.STREAMS) == []
