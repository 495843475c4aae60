"""The connection that presses come through: made anew when lost or deaf, told when it cannot be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from bot.coordination.clock import SystemClock
from bot.errors import AuthenticationFailed, ConnectorError, StoreUnavailable, Unavailable
from bot.model.commands import Order, Outcome
from handlers.slack.connecting import InFlight, by_socket
from handlers.slack.line import SlackLine, SlackOptions, slack_line
from handlers.slack.render import render
from tests.fakes.desk import FakeDesk, NoPresence
from tests.fakes.desk_kit import desk_address
from tests.fakes.sample_cards import waiting
from tests.fakes.slack_desk import QUICK, SlackDesk, slack_desk
from tests.fakes.slack_people import Person
from tests.fakes.slack_server import (
    APP_TOKEN,
    BOT_TOKEN,
    Fault,
    Message,
    SlackServer,
    until,
)
from tests.patience import PATIENCE

CLOCK = SystemClock()


@pytest.fixture
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SlackDesk]:
    async with slack_desk(desk_address(request, tmp_path)) as made:
        yield made


async def test_a_connection_that_ends_is_made_again_and_heard(desk: SlackDesk) -> None:
    message = await desk.card()
    await desk.slack.sockets.drop()
    await until(lambda: desk.slack.sockets.made == 2 and bool(desk.slack.sockets.open))
    await desk.person("bob").press(message, "Publish")
    await desk.kit.pass_time(30)
    assert len(desk.kit.network.visible) == 1


async def test_a_connection_that_slack_asks_to_leave_is_replaced(desk: SlackDesk) -> None:
    message = await desk.card()
    await desk.slack.sockets.ask_to_leave()
    await until(lambda: desk.slack.sockets.made == 2 and bool(desk.slack.sockets.open))
    await desk.person("bob").press(message, "Publish")
    assert desk.person("bob").troubles == []


async def test_a_deaf_connection_is_replaced_by_a_new_handler(desk: SlackDesk) -> None:
    message = await desk.card()
    asked = len(desk.slack.called("apps.connections.open"))
    desk.slack.sockets.is_deaf = True
    await until(lambda: len(desk.slack.called("apps.connections.open")) > asked)
    desk.slack.sockets.is_deaf = False
    bob = desk.person("bob")

    async def is_heard() -> bool:
        await bob.press(message, "Publish")
        return bob.troubles == []

    for _ in range(5):
        if await is_heard():
            break
        bob.troubles.clear()
        await asyncio.sleep(0.5)
    assert bob.troubles == []


# --- without a desk


@asynccontextmanager
async def listening(
    slack: SlackServer, desk: FakeDesk, **options: Any
) -> AsyncIterator[tuple[asyncio.Task[None], list[None]]]:
    """The task that listens, and how often it said that the connection stands."""
    stood: list[None] = []

    async def stands() -> None:
        stood.append(None)

    wanted = replace(SlackOptions(BOT_TOKEN, APP_TOKEN, api_url=slack.api_url), **options)
    async with slack_line(wanted, CLOCK) as line:
        task = asyncio.create_task(_listen(line, desk, stands))
        try:
            yield task, stood
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _listen(line: SlackLine, desk: FakeDesk, stands: Any) -> None:
    await by_socket(line, desk, CLOCK, NoPresence(), InFlight(), QUICK).listen(stands)


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer().serving() as served:
        yield served


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"bot_token": "xoxb-wrong"}, AuthenticationFailed),
        ({"app_token": "xapp-wrong"}, AuthenticationFailed),
        ({"api_url": "http://127.0.0.1:9/api"}, Unavailable),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
async def test_what_keeps_it_from_connecting_is_told_at_once(
    slack: SlackServer, options: dict[str, str], error: type[ConnectorError]
) -> None:
    async with listening(slack, FakeDesk(), **options) as (task, stood):
        with pytest.raises(error):
            await asyncio.wait_for(task, PATIENCE)
    assert stood == []
    assert len(slack.calls) <= 2


async def test_a_socket_that_does_not_open_is_given_up_in_time(slack: SlackServer) -> None:
    slack.sockets.refuses = True
    async with listening(slack, FakeDesk()) as (task, stood):
        with pytest.raises(Unavailable, match="did not answer"):
            await asyncio.wait_for(task, PATIENCE)
    assert stood == []


async def test_it_says_when_it_stands(slack: SlackServer) -> None:
    async with listening(slack, FakeDesk()) as (_task, stood):
        await until(lambda: len(stood) == 1)


# --- what was not committed is not acknowledged


class SlowDesk(FakeDesk):
    """Takes `delay` seconds for every order."""

    delay = 0.0

    async def perform(self, order: Order) -> Outcome:
        self.orders.append(order)
        await asyncio.sleep(self.delay)
        self.orders.pop()
        return await super().perform(order)


def shown(desk: FakeDesk, slack: SlackServer) -> Message:
    card = next(iter(desk.cards.values()))
    look = {"text": "card", "blocks": render(card, UTC).blocks}
    message = Message("1795958863.000001", "C0CARE", look, [look])
    slack.messages.append(message)
    return message


async def test_a_press_that_was_not_saved_is_not_acknowledged_and_may_be_repeated(
    slack: SlackServer,
) -> None:
    desk = SlowDesk([waiting()])
    async with listening(slack, desk) as (_task, stood):
        await until(lambda: bool(stood))
        bob, message = Person(slack, "bob", slack.sockets.deliver), shown(desk, slack)
        desk.answers.append(StoreUnavailable("The database is busy."))
        await bob.press(message, "No reply needed")
        assert bob.troubles == ["block_actions"]
        assert await bob.again() is not None
    assert [type(order.command).__name__ for order in desk.orders][-1] == "NoReplyNeeded"
    assert len({order.id for order in desk.orders}) == 1


async def test_a_desk_that_takes_too_long_is_not_acknowledged(slack: SlackServer) -> None:
    desk = SlowDesk([waiting()])
    async with listening(slack, desk) as (_task, stood):
        await until(lambda: bool(stood))
        bob, message = Person(slack, "bob", slack.sockets.deliver), shown(desk, slack)
        slack.sockets.ack_seconds, desk.delay = 3.0, 4.0
        await bob.press(message, "No reply needed")
        assert bob.troubles == ["block_actions"]


async def test_a_stop_finishes_the_press_that_is_under_way(slack: SlackServer) -> None:
    desk = SlowDesk([waiting()])
    async with listening(slack, desk) as (task, stood):
        await until(lambda: bool(stood))
        bob, message = Person(slack, "bob", slack.sockets.deliver), shown(desk, slack)
        desk.delay = 0.4
        pressing = asyncio.create_task(bob.press(message, "No reply needed"))
        await until(lambda: bool(desk.orders))
        task.cancel()
        await pressing
    assert bob.troubles == []


async def test_a_slack_that_is_down_for_a_moment_is_listened_to_again(slack: SlackServer) -> None:
    async with listening(slack, FakeDesk()) as (task, stood):
        await until(lambda: bool(stood))
        slack.fail("apps.connections.open", Fault.ERROR, Fault.LOSE_REQUEST)
        await slack.sockets.drop()
        await until(lambda: slack.sockets.made >= 2 or task.done())
