"""A whole desk whose team works in the fake Slack, by socket or by HTTP, over real libraries."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.coordination.clock import SystemClock
from bot.model.channel import Place
from bot.model.member import ChatIdentity
from bot.ports import Clock
from bot.services.deciding import DeskRules
from bot.services.presence import StoredPresence
from bot.services.settling_in import NamedChannel
from bot.workers.audience import AudienceTask
from bot.workers.card import CardTask, ChatTiming
from bot.workers.digest import DigestTask
from bot.workers.pictures import PicturesTask
from bot.workers.thread import ThreadTask
from handlers.slack.connecting import InFlight, SocketTiming, by_http, by_socket
from handlers.slack.frontend import CHAT, SlackFrontend
from handlers.slack.line import SlackOptions, slack_line
from tests.fakes.desk_kit import DeskKit, opened_desk
from tests.fakes.slack_people import Deliver, Person
from tests.fakes.slack_people import by_http as http_delivery
from tests.fakes.slack_server import (
    APP_TOKEN,
    BOT_TOKEN,
    SIGNING_SECRET,
    Message,
    SlackServer,
    until,
)

CHANNEL = "C0CARE"
CARE = NamedChannel("care", CHAT, Place(CHANNEL))
IDS = {name: f"U0{name.upper()}" for name in ("vic", "olga", "bob", "eve", "alice", "ada")}
QUICK = SocketTiming(ping=0.2, look=0.05, connect=3.0, silent=0.6, disconnected=0.6, settle=1.0)


@dataclass(slots=True)
class SlackDesk:
    kit: DeskKit
    slack: SlackServer
    deliver: Deliver
    in_flight: InFlight
    frontend: SlackFrontend
    address: str = ""
    """Of the HTTP door, where there is one."""
    people: dict[str, Person] = field(default_factory=dict)

    def person(self, name: str) -> Person:
        user = IDS.get(name, f"U0{name.upper()}")
        return self.people.setdefault(name, Person(self.slack, user, self._to_the_end))

    async def _to_the_end(self, kind: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        """Deliver, and wait until the app has told what it tells after its acknowledgement."""
        answer = await self.deliver(kind, payload)
        await self.in_flight.settle(10.0)
        return answer

    @property
    def message(self) -> Message:
        return self.slack.messages[-1]

    async def card(self, text: str = "Where is my order? I want my money back.") -> Message:
        """A comment comes, and its card stands in the channel with a draft."""
        await self.kit.comment(text)
        return self.message

    async def work(self) -> None:
        await self.kit.work()


@asynccontextmanager
async def slack_desk(
    address: str,
    mode: str = "socket",
    *,
    channels: Sequence[NamedChannel] = (CARE,),
    timing: SocketTiming = QUICK,
    rules: DeskRules | None = None,
) -> AsyncIterator[SlackDesk]:
    """`mode` is socket or http. What was sent and should not have been fails at the end."""
    async with opened_desk(address, channels=channels, rules=rules) as kit:
        kit.clock.jump((SystemClock().now() - kit.clock.now()) / 1000)
        async with slack_over(kit, mode, timing) as desk:
            connect_tasks(kit, {CHAT: desk.frontend})
            yield desk


def connect_tasks(kit: DeskKit, frontends: Mapping[str, Any]) -> None:
    """What posts, redraws and tells does so in these chats."""
    kept = (kit.store, kit.clock, kit.limiter, frontends, ChatTiming())
    kit.tasks = {
        **kit.tasks,
        "card": CardTask(
            kit.store, kit.clock, kit.lines, kit.rules, kit.limiter, frontends, ChatTiming()
        ),
        "audience": AudienceTask(kit.store, kit.clock, frontends),
        "digest": DigestTask(kit.store, kit.clock, kit.lines, kit.rules, frontends),
        "pictures": PicturesTask(*kept),
        "thread": ThreadTask(*kept),
    }


@asynccontextmanager
async def slack_over(
    kit: DeskKit,
    mode: str = "socket",
    timing: SocketTiming = QUICK,
    clock: Clock | None = None,
) -> AsyncIterator[SlackDesk]:
    """The fake Slack in front of a desk; whatever works for the desk is connected by the caller.

    `clock`: what the socket's door reads times by, unless it is the system's.
    """
    async with SlackServer().serving() as slack, contextlib.AsyncExitStack() as stack:
        slack.now = lambda: kit.clock.now() / 1000
        await kit.do(_introduce)
        options = SlackOptions(BOT_TOKEN, APP_TOKEN, SIGNING_SECRET, slack.api_url)
        line = await stack.enter_async_context(slack_line(options, kit.clock))
        frontend = SlackFrontend(line)
        in_flight, presence = InFlight(), StoredPresence(kit.store, CHAT)
        if mode == "http":
            app = web.Application()
            app.add_subapp("/chats/slack", by_http(line, kit.desk, kit.clock, presence, in_flight))
            server = await stack.enter_async_context(TestServer(app))
            door = str(server.make_url("/chats/slack/events"))
            yield SlackDesk(kit, slack, http_delivery(door), in_flight, frontend, door)
        else:
            socket = by_socket(line, kit.desk, clock or SystemClock(), presence, in_flight, timing)
            listening = asyncio.create_task(socket.listen(_nothing))
            stack.push_async_callback(_end, listening)
            await until(lambda: bool(slack.sockets.open) or listening.done())
            yield SlackDesk(kit, slack, slack.sockets.deliver, in_flight, frontend)
        assert slack.complaints == []


async def _nothing() -> None:
    """Nobody has to be told that the connection stands."""


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _introduce(tx: Any) -> None:
    brand = tx.accounts.brands()[0].id
    for name, user in IDS.items():
        member = tx.people.by_slug(brand, name)
        tx.people.identify(member, ChatIdentity(CHAT, user))
