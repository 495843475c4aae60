"""A team that works in a fake Telegram: a settled desk, the front end over the wire, its people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.model.channel import Place
from bot.model.ids import ItemId
from bot.model.member import ChatIdentity
from bot.services.chat_memory import StoredMemory
from bot.services.deciding import DeskRules
from bot.services.gallery import StoredGallery
from bot.services.presence import StoredPresence
from bot.services.settling_in import NamedChannel
from bot.workers.audience import AudienceTask
from bot.workers.card import CardTask, ChatTiming
from bot.workers.digest import DigestTask
from handlers.telegram import PATH, Connected, TelegramOptions, Webhook, connect
from tests.fakes.desk_kit import DeskKit, opened_desk
from tests.fakes.telegram_people import Person
from tests.fakes.telegram_server import TOKEN, TelegramServer
from tests.fakes.telegram_world import BOT, GROUP, Shown
from tests.services import LOOPBACK, free_port

SECRET = "a-secret_of-this-test"
CARE = NamedChannel("care", "telegram", Place(str(GROUP)), "Care")
NUMBERS = {"vic": 1001, "olga": 1002, "bob": 1003, "eve": 1004, "alice": 1005, "ada": 1006}


@dataclass(slots=True)
class Team:
    kit: DeskKit
    server: TelegramServer
    connected: Connected
    people: dict[str, Person]
    memory: StoredMemory
    stranger: Person
    listening: list[asyncio.Task[None]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Person:
        return self.people[name]

    async def card(self, item: ItemId) -> Shown:
        """The message of an item's card."""
        token = await self.kit.token_of(item)
        found = [
            one
            for one in self.server.world.by_bot()
            if any(
                f".{token}." in button.get("callback_data", "")
                for row in one.keyboard
                for button in row
            )
        ]
        assert len(found) == 1, [one.text for one in found]
        return found[0]

    async def comes(self, text: str = "Where is my order? I want my money back.") -> Shown:
        """A comment arrives; its card."""
        return await self.card(await self.kit.comment(text))

    def last(self) -> Shown:
        return self.server.world.by_bot()[-1]

    async def listen(self) -> None:
        """Returns when the connection stands."""
        stands = asyncio.Event()

        async def connected() -> None:
            stands.set()

        task = asyncio.create_task(self.connected.listener.listen(connected))
        self.listening.append(task)
        standing = asyncio.create_task(stands.wait())
        await asyncio.wait({task, standing}, return_when=asyncio.FIRST_COMPLETED)
        standing.cancel()
        if task.done():
            task.result()

    async def stop_listening(self) -> None:
        for task in self.listening:
            task.cancel()
        await asyncio.gather(*self.listening, return_exceptions=True)
        self.listening.clear()


@asynccontextmanager
async def opened_team(
    address: str,
    *,
    by_webhook: bool = False,
    can_prefill: bool = False,
    rules: DeskRules | None = None,
    channels: Sequence[NamedChannel] = (CARE,),
    **options: Any,
) -> AsyncIterator[Team]:
    """Listening, by long poll or by webhook; nothing is running but what a test runs."""
    async with (
        opened_desk(address, channels=channels, rules=rules) as kit,
        team_over(kit, by_webhook=by_webhook, can_prefill=can_prefill, **options) as team,
    ):
        frontends = {"telegram": team.connected.frontend}
        kit.tasks = {
            **kit.tasks,
            "audience": AudienceTask(kit.store, kit.clock, frontends),
            "digest": DigestTask(kit.store, kit.clock, kit.lines, kit.rules, frontends),
            "card": CardTask(
                kit.store, kit.clock, kit.lines, kit.rules, kit.limiter,
                frontends, ChatTiming(),
            ),
        }  # fmt: skip
        yield team


@asynccontextmanager
async def team_over(
    kit: DeskKit, *, by_webhook: bool = False, can_prefill: bool = False, **options: Any
) -> AsyncIterator[Team]:
    """The fake Telegram in front of a desk; the caller connects what works for the desk."""
    server = TelegramServer()
    server.me["supports_inline_queries"] = can_prefill
    async with server.serving(), aiohttp.ClientSession() as http:
        memory = StoredMemory(kit.store, "telegram")
        usual = TelegramOptions(TOKEN, server.url, counter=False, answer_seconds=3, poll_seconds=2)
        port = free_port()
        url = f"http://{LOOPBACK}:{port}{PATH}/update"
        webhook = Webhook(url, SECRET) if by_webhook else None
        connected = connect(
            http, kit.clock, kit.desk, memory, StoredPresence(kit.store, "telegram"),
            StoredGallery(kit.store), replace(usual, **options), webhook,
        )  # fmt: skip
        served = await _served(connected, port)
        team = Team(
            kit,
            server,
            connected,
            {slug: Person(server, number, slug.title()) for slug, number in NUMBERS.items()},
            memory,
            Person(server, 4242, "Eve"),
        )
        await kit.do(_identify)
        await team.listen()
        try:
            yield team
            assert server.judged == []
        finally:
            await team.stop_listening()
            if served is not None:
                await served.close()


async def _served(connected: Connected, port: int) -> TestServer | None:
    if connected.door is None:
        return None
    app = web.Application()
    app.add_subapp(PATH, connected.door)
    served = TestServer(app, host=LOOPBACK, port=port)
    await served.start_server()
    return served


def _identify(tx: Any) -> None:
    brand = tx.accounts.brands()[0].id
    for slug, number in NUMBERS.items():
        member = tx.people.by_slug(brand, slug)
        tx.people.identify(member, ChatIdentity("telegram", str(number)))


__all__ = ["BOT", "GROUP", "SECRET", "Team", "opened_team"]
