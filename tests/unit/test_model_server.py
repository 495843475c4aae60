"""The two requests to a model's server: what is tried again, when, and with which credentials."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from integrations.llm.wire import ModelServer, Refused, Unreachable

KEY = "sk-of-this-test"
Answer = tuple[int, Mapping[str, str]]


class Server:
    """Gives these answers one after the other, then 200, and remembers what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.asked: list[web.Request] = []
        self.bodies: list[object] = []
        self.waits: list[float] = []
        """Seconds that were to be waited between two tries; nobody waits."""

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        self.bodies.append(await request.json())
        status, headers = self._answers.pop(0) if self._answers else (200, {})
        return web.json_response(
            {"error": {"message": f"It is {KEY}"}}, status=status, headers=headers
        )

    @asynccontextmanager
    async def asked_by(self, retries: int = 1, user: str = "") -> AsyncIterator[ModelServer]:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self.answer)
        async with TestServer(app) as server:
            address = str(server.make_url("/v1/")).replace("//", f"//{user}", 1)
            asking = ModelServer(address, KEY, retries, sleep=self.sleep)
            try:
                yield asking
            finally:
                await asking.close()


@pytest.mark.parametrize(
    ("status", "headers", "least", "most"),
    [
        (408, {}, 0.375, 0.5),
        (409, {}, 0.375, 0.5),
        (429, {}, 0.375, 0.5),
        (500, {}, 0.375, 0.5),
        (503, {"Retry-After": "7"}, 7, 7),
        (429, {"Retry-After": "7", "retry-after-ms": "1500"}, 1.5, 1.5),
        (429, {"Retry-After": "Mon, 30 Nov 2026 10:00:00 GMT"}, 0.375, 0.5),
        (400, {"x-should-retry": "true"}, 0.375, 0.5),
    ],
)
async def test_what_may_pass_is_asked_once_more(
    status: int, headers: Mapping[str, str], least: float, most: float
) -> None:
    server = Server((status, headers))
    async with server.asked_by() as asking:
        assert await asking.ask("chat/completions", {"model": "m"})
    assert server.bodies == [{"model": "m"}, {"model": "m"}]
    (wait,) = server.waits
    assert least <= wait <= most


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (400, {}),
        (401, {}),
        (404, {}),
        (503, {"x-should-retry": "false"}),
        (429, {"Retry-After": "121"}),
    ],
)
async def test_what_stays_as_it_is_is_not_asked_again(
    status: int, headers: Mapping[str, str]
) -> None:
    server = Server((status, headers))
    async with server.asked_by(retries=3) as asking:
        with pytest.raises(Refused) as caught:
            await asking.ask("chat/completions", {})
    assert (caught.value.status, len(server.asked), server.waits) == (status, 1, [])
    assert KEY in caught.value.message
    assert KEY not in str(caught.value)


async def test_each_wait_is_longer_and_the_last_answer_counts() -> None:
    server = Server(*[(500, {})] * 4)
    async with server.asked_by(retries=3) as asking:
        with pytest.raises(Refused):
            await asking.ask("chat/completions", {})
    assert len(server.asked) == 4
    assert [0.375, 0.75, 1.5] <= server.waits <= [0.5, 1.0, 2.0]


async def test_where_nobody_listens_is_asked_again_too() -> None:
    nobody = Server()
    asking = ModelServer("http://127.0.0.1:9/v1", KEY, 1, sleep=nobody.sleep)
    with pytest.raises(Unreachable):
        await asking.ask("responses", {})
    await asking.close()
    assert len(nobody.waits) == 1


async def test_the_key_is_sent_unless_the_address_has_a_name_and_a_password() -> None:
    with_key, with_name = Server(), Server()
    async with with_key.asked_by() as asking:
        await asking.ask("chat/completions", {})
    async with with_name.asked_by(user="olga:secret@") as asking:
        await asking.ask("chat/completions", {})
    assert with_key.asked[0].headers["Authorization"] == f"Bearer {KEY}"
    assert (
        with_name.asked[0].headers["Authorization"] == f"Basic {b64encode(b'olga:secret').decode()}"
    )


async def test_the_proxy_of_the_environment_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = Server()
    app = web.Application()
    app.router.add_post("/{there:.*}", proxy.answer)
    async with TestServer(app) as server:
        monkeypatch.setenv("http_proxy", str(server.make_url("/")))
        monkeypatch.setenv("no_proxy", "")
        asking = ModelServer("http://model.example.test/v1", KEY, 0)
        async with asyncio.timeout(20):
            await asking.ask("responses", {})
        await asking.close()
    assert proxy.asked[0].headers["Host"] == "model.example.test"
