"""A console over the fake desk, and a browser that keeps its cookies and its token."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from aiohttp import ClientResponse, CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from bot.ports import FetchesPictures
from handlers.console.app import build_console
from tests.fakes import sample_cards
from tests.fakes.clock import FakeClock
from tests.fakes.desk import FakeChatJoins, FakeDesk, FakeGreets, FakeJoins, FakeSignsIn

DEMO = ("olga", "bob", "alice")
HOSTS = frozenset({"127.0.0.1", "localhost"})


@dataclass
class Browser:
    client: TestClient[web.Request, web.Application]
    desk: FakeDesk
    signs_in: FakeSignsIn
    csrf: str = ""

    async def get(self, path: str, **options: Any) -> ClientResponse:
        return await self.client.get(path, allow_redirects=False, **options)

    async def text(self, path: str) -> str:
        answer = await self.get(path)
        assert answer.status == 200, await answer.text()
        return await answer.text()

    async def open(self, path: str = "/") -> str:
        """A page as a person opens it; keeps its token."""
        text = await self.text(path)
        found = re.search(r'name="csrf(?:-token" content|" value)="([0-9a-f]{64})"', text)
        assert found, text
        self.csrf = found[1]
        return text

    async def post(self, path: str, body: object, **headers: str) -> ClientResponse:
        """JSON as the page's own scripts send it."""
        sent = {"X-CSRF-Token": self.csrf, **headers}
        return await self.client.post(path, json=body, headers=sent, allow_redirects=False)

    async def submit(self, path: str, **fields: str) -> ClientResponse:
        """A form as the browser sends it."""
        return await self.client.post(
            path, data={"csrf": self.csrf, **fields}, allow_redirects=False
        )

    async def press(self, data: str, entry: str = "", **headers: str) -> ClientResponse:
        body = {"data": data, "entry": entry, "id": str(uuid4())}
        return await self.post("/act", body, **headers)

    async def ask(self, path: str, /, **fields: object) -> ClientResponse:
        return await self.post(path, {"id": str(uuid4()), **fields})

    async def order(self, name: str, /, **fields: object) -> ClientResponse:
        return await self.post(f"/orders/{name}", {"id": str(uuid4()), **fields})


@asynccontextmanager
async def browsing(
    desk: FakeDesk | None = None,
    joins: FakeJoins | None = None,
    greets: FakeGreets | None = None,
    chat_joins: FakeChatJoins | None = None,
    *,
    act_as: Sequence[str] | None = DEMO,
    sandbox: bool = True,
    links: dict[str, str] | None = None,
    ping_seconds: float = 15.0,
    streams_at_most: int = 20,
    fetches: FetchesPictures | None = None,
) -> AsyncIterator[Browser]:
    """A running console; `act_as` None is how it runs in production."""
    desk = desk or FakeDesk(sample_cards.every_shape())
    signs_in = FakeSignsIn(links)
    app = build_console(
        desk,
        desk.feed,
        signs_in,
        joins or FakeJoins(),
        greets or FakeGreets(),
        chat_joins or FakeChatJoins(),
        act_as=act_as,
        sandbox=sandbox,
        clock=FakeClock(),
        allowed_hosts=HOSTS,
        ping_seconds=ping_seconds,
        streams_at_most=streams_at_most,
        fetches=fetches,
    )
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
        yield Browser(client, desk, signs_in)
