"""The lost-answer proxy itself, against a small network that remembers what reached it."""

import asyncio
import gzip
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web
from multidict import CIMultiDictProxy
from yarl import URL

from tests.fakes.lost_answer_proxy import LostAnswerProxy, Mode
from tests.patience import PATIENCE

PACKED = gzip.compress(b"created", mtime=0)


@dataclass(frozen=True, slots=True)
class Seen:
    method: str
    target: str
    headers: CIMultiDictProxy[str]
    body: bytes


@dataclass(slots=True)
class Network:
    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.seen.append(Seen(request.method, request.raw_path, request.headers, body))
        self.reached.set()
        answer = web.Response(status=201, reason="Made", body=PACKED)
        answer.headers.add("Content-Encoding", "gzip")
        answer.headers.add("Set-Cookie", "a=1")
        answer.headers.add("Set-Cookie", "b=2")
        answer.headers.add("Location", f"{self.url}/elsewhere")
        return answer


@pytest.fixture
async def network() -> AsyncIterator[Network]:
    network = Network()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", network.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    network.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield network
    await runner.cleanup()


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


async def send(client: aiohttp.ClientSession, proxy: LostAnswerProxy, method: str = "POST") -> int:
    url = f"{proxy.url}/comments"
    async with client.request(method, url, data=b"hello", allow_redirects=False) as answer:
        await answer.read()
        return answer.status


async def test_path_query_and_body_reach_the_network_byte_for_byte(
    network: Network, client: aiohttp.ClientSession
) -> None:
    target = "/a%2Fb/%C3%A9//c?rest_route=/wp/v2&x=%2f+%20&empty=&flag"
    async with LostAnswerProxy(network.url) as proxy:
        await client.post(URL(proxy.url + target, encoded=True), data=b"\x00\xff")
    assert [(seen.method, seen.target, seen.body) for seen in network.seen] == [
        ("POST", target, b"\x00\xff")
    ]


async def test_headers_reach_the_network_as_sent_and_host_is_the_networks(
    network: Network, client: aiohttp.ClientSession
) -> None:
    sent = {"Authorization": "Bearer t", "User-Agent": "desk", "Content-Type": "text/x"}
    async with LostAnswerProxy(network.url) as proxy:
        await client.post(f"{proxy.url}/comments", data=b"hello", headers=sent)
    headers = network.seen[0].headers
    assert {name: headers[name] for name in sent} == sent
    assert headers["Host"] == network.url.removeprefix("http://")
    assert headers.getall("Content-Length") == ["5"]


async def test_an_answer_that_passes_is_not_changed(network: Network) -> None:
    async with (
        LostAnswerProxy(network.url) as proxy,
        aiohttp.ClientSession(auto_decompress=False) as client,
        client.post(f"{proxy.url}/comments", allow_redirects=False) as answer,
    ):
        assert (answer.status, answer.reason, await answer.read()) == (201, "Made", PACKED)
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers.getall("Set-Cookie") == ["a=1", "b=2"]
        assert answer.headers["Location"] == f"{network.url}/elsewhere"


@pytest.mark.parametrize(
    ("mode", "reached"), [(Mode.DROP_AFTER_FORWARD, 1), (Mode.DROP_BEFORE_FORWARD, 0)]
)
async def test_a_drop_breaks_the_connection_and_only_one_of_them_reaches_the_network(
    network: Network, client: aiohttp.ClientSession, mode: Mode, reached: int
) -> None:
    async with LostAnswerProxy(network.url, mode=mode) as proxy:
        with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
            await send(client, proxy)
        assert len(network.seen) == reached
        assert proxy.forwarded["POST", "/comments"] == reached
        assert proxy.harmed["POST", "/comments"] == 1


async def test_a_500_hides_a_write_that_the_network_made(
    network: Network, client: aiohttp.ClientSession
) -> None:
    async with LostAnswerProxy(network.url, mode=Mode.ERROR_500_AFTER_FORWARD) as proxy:
        assert await send(client, proxy) == 500
    assert len(network.seen) == 1


async def test_a_500_of_the_proxy_keeps_the_write_from_the_network(
    network: Network, client: aiohttp.ClientSession
) -> None:
    async with LostAnswerProxy(network.url, mode=Mode.ERROR_500) as proxy:
        assert await send(client, proxy) == 500
        assert await send(client, proxy) == 201
    assert len(network.seen) == 1


async def test_a_slow_answer_comes_late_and_whole(
    network: Network, client: aiohttp.ClientSession
) -> None:
    async with LostAnswerProxy(network.url, mode=Mode.SLOW, slow_seconds=0.2) as proxy:
        begun = time.monotonic()
        assert await send(client, proxy) == 201
        assert time.monotonic() - begun >= 0.2
    assert len(network.seen) == 1


async def test_a_held_answer_outlasts_the_clients_patience_and_the_write_is_made(
    network: Network, client: aiohttp.ClientSession
) -> None:
    async with LostAnswerProxy(network.url, mode=Mode.DELAY_BEYOND_TIMEOUT) as proxy:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(send(client, proxy), 0.1)
        await asyncio.wait_for(network.reached.wait(), PATIENCE)


async def test_a_held_answer_comes_when_the_client_waits_long_enough(
    network: Network, client: aiohttp.ClientSession
) -> None:
    held = LostAnswerProxy(network.url, mode=Mode.DELAY_BEYOND_TIMEOUT, hold_seconds=0.01)
    async with held as proxy:
        assert await send(client, proxy) == 201


async def test_too_many_requests_names_the_wait_and_reaches_nobody(
    network: Network, client: aiohttp.ClientSession
) -> None:
    limited = LostAnswerProxy(network.url, mode=Mode.TOO_MANY_REQUESTS, retry_after_seconds=7)
    async with limited as proxy, client.post(f"{proxy.url}/comments") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
    assert network.seen == []


async def test_a_connection_closed_after_the_headers_loses_the_body(
    network: Network, client: aiohttp.ClientSession
) -> None:
    async with (
        LostAnswerProxy(network.url, mode=Mode.CLOSE_AFTER_HEADERS) as proxy,
        client.post(f"{proxy.url}/comments", allow_redirects=False) as answer,
    ):
        assert answer.status == 201
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()
    assert len(network.seen) == 1


async def test_after_the_given_times_everything_passes(
    network: Network, client: aiohttp.ClientSession
) -> None:
    async with LostAnswerProxy(network.url, mode=Mode.TOO_MANY_REQUESTS, times=2) as proxy:
        assert [await send(client, proxy) for _ in range(4)] == [429, 429, 201, 201]


async def test_without_a_number_of_times_nothing_passes(
    network: Network, client: aiohttp.ClientSession
) -> None:
    async with LostAnswerProxy(network.url, mode=Mode.TOO_MANY_REQUESTS, times=None) as proxy:
        assert [await send(client, proxy) for _ in range(3)] == [429, 429, 429]


async def test_reads_pass_and_do_not_use_up_the_times(
    network: Network, client: aiohttp.ClientSession
) -> None:
    async with LostAnswerProxy(network.url, mode=Mode.TOO_MANY_REQUESTS) as proxy:
        assert await send(client, proxy, "GET") == 201
        assert await send(client, proxy) == 429


async def test_a_predicate_sees_the_query_and_spares_what_it_does_not_name(
    network: Network, client: aiohttp.ClientSession
) -> None:
    def names_b(method: str, target: str) -> bool:
        return "route=b" in target

    async with LostAnswerProxy(network.url, mode=Mode.TOO_MANY_REQUESTS, only=names_b) as proxy:
        spared = await client.post(f"{proxy.url}/?route=a", allow_redirects=False)
        harmed = await client.get(f"{proxy.url}/?route=b")
    assert (spared.status, harmed.status) == (201, 429)


async def test_arming_again_changes_what_the_next_request_meets(
    network: Network, client: aiohttp.ClientSession
) -> None:
    async with LostAnswerProxy(network.url) as proxy:
        assert await send(client, proxy) == 201
        proxy.arm(Mode.ERROR_500_AFTER_FORWARD)
        assert [await send(client, proxy) for _ in range(2)] == [500, 201]


async def test_a_network_that_is_down_is_a_502(client: aiohttp.ClientSession) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        async with LostAnswerProxy(f"http://127.0.0.1:{taken.getsockname()[1]}") as proxy:
            assert await send(client, proxy) == 502
