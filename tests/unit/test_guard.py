"""No address that a stranger chose leads into a private network."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer

from integrations.guard import guarded_session, is_public, refusal


class Names(AbstractResolver):
    """A resolver whose answers a test decides; each name has one answer per question."""

    def __init__(self, answers: Mapping[str, list[list[str]]]) -> None:
        self._answers = {name: list(each) for name, each in answers.items()}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            {
                "hostname": host,
                "host": address,
                "port": port,
                "family": socket.AF_INET6 if ":" in address else socket.AF_INET,
                "proto": 0,
                "flags": 0,
            }
            for address in self._answers[host].pop(0)
        ]

    async def close(self) -> None:
        return


@asynccontextmanager
async def secret_server(location: str = "") -> AsyncIterator[int]:
    """On loopback, with something that nobody outside may read."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if location and request.path == "/":
            raise web.HTTPFound(location.replace("PORT", str(request.url.port)))
        return web.Response(text="secret")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with TestServer(app) as server:
        assert server.port is not None
        yield server.port


async def refused(http: aiohttp.ClientSession, url: str) -> str:
    with pytest.raises(aiohttp.ClientError) as caught:
        await http.get(url)
    found = refusal(caught.value)
    assert found is not None, f"refused for another reason: {caught.value!r}"
    return found.address


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.251",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:c0a8:101::1",
        "2001:db8::1",
        "fc00::1",
        "fd12:3456:789a::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "localhost",
        "",
        "127.1",
        "0x7f000001",
    ],
)
def test_an_address_that_is_not_public_is_told(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.215.14", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"]
)
def test_a_public_address_is_told(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"])
async def test_an_address_written_as_a_number_is_refused(host: str) -> None:
    async with guarded_session() as http:
        await refused(http, f"http://{host}:9/")


async def test_a_name_is_judged_by_every_address_it_has() -> None:
    names = Names({"evil.example": [["127.0.0.1"]], "mixed.example": [["1.1.1.1", "10.0.0.1"]]})
    async with guarded_session(resolver=names) as http:
        assert await refused(http, "http://evil.example/") == "127.0.0.1"
        assert await refused(http, "http://mixed.example/") == "10.0.0.1"


async def test_a_name_that_changes_its_address_is_judged_each_time() -> None:
    names = Names({"trusted.example": [["127.0.0.1"]], "rebind.example": [["127.0.0.1"]]})
    async with (
        secret_server() as port,
        guarded_session(["trusted.example"], resolver=names) as http,
    ):
        async with http.get(f"http://trusted.example:{port}/") as answer:
            assert await answer.text() == "secret"
        assert await refused(http, f"http://rebind.example:{port}/") == "127.0.0.1"


@pytest.mark.parametrize("location", ["http://[::1]:PORT/secret", "http://evil.example:PORT/x"])
async def test_a_redirect_into_a_private_network_is_refused(location: str) -> None:
    names = Names({"blog.example": [["127.0.0.1"]], "evil.example": [["127.0.0.1"]]})
    async with (
        secret_server(location) as port,
        guarded_session(["blog.example"], resolver=names) as http,
    ):
        await refused(http, f"http://blog.example:{port}/")


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://x/"])
async def test_a_redirect_to_another_scheme_is_not_followed(location: str) -> None:
    async with secret_server(location) as port, guarded_session(["127.0.0.1"]) as http:
        with pytest.raises(aiohttp.ClientError):
            await http.get(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("allowed", ["127.0.0.1", "localhost", "LOCALHOST."])
async def test_a_host_that_an_operator_wrote_is_allowed(allowed: str) -> None:
    host = allowed.rstrip(".").lower()
    names = Names({"localhost": [["127.0.0.1"]]})
    async with (
        secret_server() as port,
        guarded_session([allowed], resolver=names) as http,
        http.get(f"http://{host}:{port}/") as answer,
    ):
        assert await answer.text() == "secret"


async def test_a_failure_for_another_reason_is_no_refusal() -> None:
    async with guarded_session(["127.0.0.1"]) as http:
        with pytest.raises(aiohttp.ClientError) as caught:
            await http.get("http://127.0.0.1:9/")
    assert refusal(caught.value) is None
