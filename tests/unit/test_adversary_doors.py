"""What strangers send that no browser would: each gets an answer, and none breaks anything."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from bot.bootstrap.web import served
from bot.errors import SignatureInvalid
from bot.model.hook import HookRequest
from handlers.console.live import STREAMS_OF_ONE
from handlers.guard import host_name
from handlers.http import build_app, is_hook
from handlers.rooms import Rooms
from integrations.sandbox.hook_reading import read_hook
from integrations.sandbox.same_origin import LOOPBACK_NAMES, is_from_the_page
from integrations.sandbox.server import SandboxServer
from tests.fakes.clock import FakeClock
from tests.fakes.console import browsing
from tests.patience import PATIENCE
from tests.unit.test_http_door import FakeInlet, is_ready, some_metrics

OURS = b"Host: 127.0.0.1\r\n"


@asynccontextmanager
async def door(silent_seconds: float = 60.0) -> AsyncIterator[int]:
    """The HTTP door on a real socket; its port."""
    rooms = Rooms(is_taken=is_hook)
    app = build_app(
        FakeInlet(),
        ready=is_ready,
        metrics=some_metrics,
        allowed_hosts=("localhost", "127.0.0.1", "[::1]", "::1"),
        rooms=rooms,
    )
    listening = socket.create_server(("127.0.0.1", 0))
    async with served(app, listening, silent_seconds=silent_seconds):
        await rooms.open({"/sandbox": web.Application()})
        yield listening.getsockname()[1]


async def told(port: int, request: bytes) -> bytes:
    """What is answered to these very bytes, up to the end of its first piece."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await writer.drain()
    async with asyncio.timeout(PATIENCE):
        answer = await reader.read(65536)
    writer.close()
    return answer


@pytest.mark.parametrize(
    "host",
    [
        b"", b":80", b"[::1", b"[", b"evil@127.0.0.1", b"127.0.0.1\\@evil.example",
        b"evil.example\\@127.0.0.1", b"evil.example/@localhost", b"localhost.evil.example",
        b"127.1", b"0.0.0.0", b"2130706433", b"\xff\xfe", b"localhost,evil.example",
    ],
)  # fmt: skip
async def test_a_host_that_is_not_plainly_one_of_ours_is_refused(host: bytes) -> None:
    async with door() as port:
        for path in (b"/metrics", b"/sandbox/", b"/"):
            answer = await told(port, b"GET " + path + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
            assert answer.split()[1] in {b"421", b"400"}, answer


async def test_a_request_that_names_no_host_at_all_is_refused() -> None:
    async with door() as port:
        assert (await told(port, b"GET /metrics HTTP/1.0\r\n\r\n")).split()[1] == b"421"


@pytest.mark.parametrize("host", [b"127.0.0.1", b"LOCALHOST:8000", b"[::1]:8000", b"localhost."])
async def test_our_own_names_are_served(host: bytes) -> None:
    async with door() as port:
        answer = await told(port, b"GET /metrics HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
        assert answer.split()[1] == b"200"


@pytest.mark.parametrize(
    ("host", "name"),
    [("Desk.Example:443", "desk.example"), ("[FE80::1]:1", "fe80::1"), ("::1", ""), ("a b", "")],
)
def test_a_host_header_is_read_as_its_grammar_says(host: str, name: str) -> None:
    assert host_name(host) == name


async def test_a_hook_that_is_not_compressed_as_it_says_is_refused_without_a_trace(
    caplog: pytest.LogCaptureFixture,
) -> None:
    body = b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"
    async with door() as port:
        with caplog.at_level(logging.INFO):
            answer = await told(port, b"POST /hooks/a/b HTTP/1.1\r\n" + OURS + body)
            nonsense = await told(port, b"GET /\xff HTTP/1.1\r\n" + OURS + b"\r\n")
    assert (answer.split()[1], nonsense.split()[1]) == (b"400", b"400")
    assert [record for record in caplog.records if record.exc_info] == []


async def test_who_begins_a_request_and_never_ends_it_is_hung_up_on() -> None:
    async with door(silent_seconds=0.05) as port:
        for begun in (b"", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "):
            assert await told(port, begun) == b""


def signed(**headers: str) -> HookRequest:
    return HookRequest("POST", headers, {}, b"{}")


@pytest.mark.parametrize("strange", ["\udcff\udcfe", "\u0661\u0662", "é", "sha256=" + "0" * 64])
def test_a_signature_of_any_bytes_is_no_signature(strange: str) -> None:
    both = {"x-sandbox-signature": strange, "x-sandbox-timestamp": strange}
    with pytest.raises(SignatureInvalid):
        read_hook(signed(**both), "the secret", FakeClock().now())
    with pytest.raises(SignatureInvalid):
        read_hook(signed(**both), "", FakeClock().now())


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "replydesk_session=\udcff; replydesk_visit=" + "a" * 43},
        {"Cookie": "replydesk_visit=" + "\udcff" * 43},
        {"Cookie": "replydesk_act_as=\udcff", "X-Act-As": "\udcff"},
    ],
)
async def test_cookies_of_any_bytes_are_no_cookies(headers: dict[str, str]) -> None:
    for act_as in (("olga", "bob"), None):
        async with browsing(act_as=act_as) as browser:
            answer = await browser.client.get("/", headers=headers, allow_redirects=False)
            assert answer.status in {200, 303}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://[::1"},
        {"Origin": "http://\udcff["},
        {"Origin": "null"},
        {"Origin": "http://evil.example@127.0.0.1"},
        {"Content-Type": "application/x-www-form-urlencoded; charset=rot13"},
        {"Content-Type": "multipart/form-data"},
    ],
)
async def test_a_form_from_nowhere_is_refused_and_not_a_fault(headers: dict[str, str]) -> None:
    async with browsing() as browser:
        for path in ("/act-as", "/act", "/orders/pause"):
            sent = await browser.client.post(
                path, data=b"member=bob\xff", headers=headers, allow_redirects=False
            )
            assert sent.status == 403


async def test_a_form_larger_than_ours_is_not_read() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"member=bob&" * 100

    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    async with browsing() as browser:
        answer = await browser.client.post("/act-as", data=pieces(), headers=kind)
        assert answer.status == 403


async def test_one_member_with_many_tabs_leaves_room_for_the_others() -> None:
    async with browsing(act_as=("olga", "bob"), streams_at_most=STREAMS_OF_ONE + 5) as browser:
        mine = [await browser.get("/events") for _ in range(STREAMS_OF_ONE + 1)]
        assert [answer.status for answer in mine] == [200] * STREAMS_OF_ONE + [503]
        bobs = await browser.get("/events", headers={"X-Act-As": "bob"})
        assert bobs.status == 200
        for stream in (*mine, bobs):
            stream.close()


async def test_the_sandbox_page_takes_nothing_that_is_not_small_plain_json() -> None:
    ours = b"X-Sandbox-Control: 1\r\nContent-Type: application/json; charset=rot13\r\n"
    async with SandboxServer() as sandbox:
        port = int(sandbox.url.rpartition(":")[2].partition("/")[0])
        for body in (b"[" * 100_000, b"\xff", b"9" * 5_000, b'"\\ud800"', b'{"rate": 1e999}'):
            length = f"Content-Length: {len(body)}\r\n\r\n".encode()
            for button in (b"comment", b"edit", b"faults"):
                start = b"POST /sandbox/control/" + button + b" HTTP/1.1\r\n" + OURS
                answer = await told(port, start + ours + length + body)
                assert answer.split()[1] in {b"400", b"422"}, (button, body[:20], answer)
        strange = b"GET /sandbox/api/me HTTP/1.1\r\nAuthorization: Bearer \xff\r\n"
        assert (await told(port, strange + OURS + b"\r\n")).split()[1] == b"401"


@pytest.mark.parametrize(("name", "value"), [("Host", "[::1"), ("Origin", "http://[")])
def test_an_address_that_cannot_be_read_is_not_the_sandbox_page(name: str, value: str) -> None:
    headers = {
        "Host": "127.0.0.1", "X-Sandbox-Control": "1", "Content-Type": "application/json",
        name: value,
    }  # fmt: skip
    request = make_mocked_request("POST", "/control/more", headers=headers)
    assert not is_from_the_page(request, LOOPBACK_NAMES)
