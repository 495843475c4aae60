"""The wire's one judgement: was anything begun? And its limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from bot.errors import OutcomeUnknown, Unavailable, UnexpectedResponse
from integrations.wire import MAX_ANSWER, Wire
from tests.fakes.clock import FakeClock

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Server:
    """Does with each request what the test says, and remembers the bodies that arrived."""

    answer: Handler
    bodies: list[str] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.text())
        return await self.answer(request)


@asynccontextmanager
async def serving(answer: Handler) -> AsyncIterator[tuple[Server, Wire, FakeClock]]:
    server, clock = Server(answer), FakeClock()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    async with TestServer(app) as running, aiohttp.ClientSession() as http:
        server.url = str(running.make_url(""))
        yield server, Wire(http, clock, server.url, title="Example", timeout=0.3), clock


async def fine(request: web.Request) -> web.StreamResponse:
    return web.json_response({"path": request.path_qs}, headers={"X-Limit": "7"})


async def reset(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def too_slow(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(0.6)
    return web.Response()


async def cut_short(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    response.content_length = 100
    await response.prepare(request)
    await response.write(b"only this")
    assert request.transport is not None
    request.transport.close()
    return response


async def endless(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"x" * (MAX_ANSWER + 1))


async def elsewhere(request: web.Request) -> web.StreamResponse:
    if request.path == "/there":
        return await fine(request)
    return web.Response(status=302, headers={"Location": "/there"})


async def refused(request: web.Request) -> web.StreamResponse:
    return web.Response(status=418, text="<p>no</p>")


async def test_a_complete_answer_is_returned_whatever_its_status() -> None:
    async with serving(refused) as (_, wire, _):
        answer = await wire.call("POST", "/a", json_body={}, writes=True)
    assert (answer.status, answer.ok) == (418, False)
    with pytest.raises(UnexpectedResponse) as caught:
        answer.json()
    assert caught.value.payload == "<p>no</p>"


async def test_parameters_are_encoded_and_header_names_come_in_lower_case() -> None:
    async with serving(fine) as (_, wire, _):
        answer = await wire.call("GET", "/a", params=[("q", "a&b=c"), ("q", "ü")])
    assert answer.json() == {"path": "/a?q=a%26b%3Dc&q=%C3%BC"}
    assert answer.headers["x-limit"] == "7"


@pytest.mark.parametrize("lost", [reset, too_slow, cut_short])
async def test_a_write_whose_answer_was_lost_is_unknown_and_was_sent_once(lost: Handler) -> None:
    async with serving(lost) as (server, wire, _):
        with pytest.raises(OutcomeUnknown):
            await wire.call("POST", "/", json_body={"a": "ü"}, writes=True)
        assert server.bodies == ['{"a":"ü"}']


@pytest.mark.parametrize("lost", [reset, too_slow, cut_short])
async def test_a_reading_whose_answer_was_lost_may_be_repeated(lost: Handler) -> None:
    async with serving(lost) as (_, wire, _):
        with pytest.raises(Unavailable):
            await wire.call("GET", "/")


async def test_a_write_on_a_kept_connection_that_breaks_is_not_sent_again() -> None:
    async def first_fine(request: web.Request) -> web.StreamResponse:
        return await (fine if request.path == "/first" else reset)(request)

    async with serving(first_fine) as (server, wire, _):
        await wire.call("GET", "/first")
        with pytest.raises(OutcomeUnknown):
            await wire.call("POST", "/second", json_body={}, writes=True)
        assert server.bodies == ["", "{}"]


async def test_a_write_after_its_deadline_never_begins() -> None:
    async with serving(fine) as (server, wire, clock):
        with pytest.raises(Unavailable):
            await wire.call(
                "POST", "/", json_body={}, writes=True, deadline=clock.deadline_in(-0.001)
            )
        assert server.bodies == []


async def test_the_deadline_counts_when_the_body_begins_not_when_the_call_does() -> None:
    async with serving(fine) as (server, _, clock):

        async def takes_long(*_: object) -> None:
            clock.advance(2)

        connecting = aiohttp.TraceConfig()
        connecting.on_connection_create_end.append(takes_long)
        async with aiohttp.ClientSession(trace_configs=[connecting]) as http:
            wire = Wire(http, clock, server.url, title="Example")
            with pytest.raises(Unavailable):
                await wire.call(
                    "POST", "/", json_body={}, writes=True, deadline=clock.deadline_in(1)
                )
        assert server.bodies == []


async def test_a_write_to_nobody_is_known_not_to_have_happened() -> None:
    async with aiohttp.ClientSession() as http:
        wire = Wire(http, FakeClock(), f"http://127.0.0.1:{unused_port()}", title="Example")
        with pytest.raises(Unavailable):
            await wire.call("POST", "/", json_body={}, writes=True)


async def test_an_answer_that_is_too_long_is_refused() -> None:
    async with serving(endless) as (_, wire, _):
        with pytest.raises(UnexpectedResponse, match="more than"):
            await wire.call("GET", "/", timeout=5)


async def test_a_reading_follows_a_redirect_and_a_write_does_not() -> None:
    async with serving(elsewhere) as (server, wire, _):
        assert (await wire.call("GET", "/here")).json() == {"path": "/there"}
        answer = await wire.call("POST", "/here", json_body={}, writes=True)
        assert answer.status == 302
        assert len(server.bodies) == 3
