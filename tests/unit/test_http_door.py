"""The HTTP door as networks, probes and strangers meet it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.errors import HookMalformed, SignatureInvalid, StoreUnavailable
from bot.model.hook import MAX_BODY, HookRequest
from handlers.http import Readiness, build_app, is_hook
from handlers.rooms import Rooms
from tests.patience import PATIENCE

HOSTS = {"127.0.0.1", "desk.example"}
Client = TestClient[web.Request, web.Application]


class FakeInlet:
    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.received: list[tuple[str, str, HookRequest]] = []

    async def receive_hook(self, network: str, hook: str, request: HookRequest) -> str:
        self.received.append((network, hook, request))
        if self.error:
            raise self.error
        return "EVENT_RECEIVED"


async def is_ready() -> Readiness:
    return Readiness(True)


async def is_ready_without_redis() -> Readiness:
    return Readiness(True, ("Redis does not answer.",))


async def some_metrics() -> bytes:
    return b"replydesk_items_total 3\n"


async def is_not_ready() -> Readiness:
    return Readiness(False, ("The database does not answer.", "No worker was seen for a minute."))


@asynccontextmanager
async def door(
    inlet: FakeInlet | None = None,
    *,
    ready: Callable[[], Awaitable[Readiness]] = is_ready,
    mounts: dict[str, web.Application] | None = None,
    open_metrics: bool = False,
) -> AsyncIterator[Client]:
    """With its rooms open."""
    rooms = Rooms(is_taken=is_hook)
    app = build_app(
        inlet or FakeInlet(),
        ready=ready,
        metrics=some_metrics,
        allowed_hosts=HOSTS,
        rooms=rooms,
        open_metrics=open_metrics,
    )
    async with TestClient(TestServer(app)) as client:
        await rooms.open(mounts or {})
        yield client


async def test_a_hook_reaches_the_inlet_with_the_very_bytes_that_were_signed() -> None:
    inlet = FakeInlet()
    async with door(inlet) as client:
        body = b'{"a": 1,\r\n "b":\xff}'
        answer = await client.post("/hooks/sandbox/main?x=1", data=body, headers={"X-Sig": "s"})
        assert answer.status == 200
        assert await answer.text() == "EVENT_RECEIVED"
    network, hook, request = inlet.received[0]
    assert (network, hook, request.method, request.body) == ("sandbox", "main", "POST", body)
    assert request.headers["x-sig"] == "s"
    assert request.query == {"x": "1"}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (KeyError("no such hook"), 404),
        (SignatureInvalid("secret detail"), 401),
        (HookMalformed("secret detail"), 400),
        (StoreUnavailable("secret detail"), 503),
    ],
)
async def test_a_hook_that_is_not_taken_is_answered_by_one_sentence(
    error: Exception, status: int
) -> None:
    async with door(FakeInlet(error)) as client:
        answer = await client.post("/hooks/sandbox/main", data=b"{}")
        text = await answer.text()
    assert answer.status == status
    assert text.endswith(".")
    assert "secret detail" not in text
    assert "\n" not in text


async def test_a_hook_that_was_not_stored_is_asked_for_again() -> None:
    async with door(FakeInlet(StoreUnavailable("busy"))) as client:
        answer = await client.post("/hooks/sandbox/main", data=b"{}")
    assert int(answer.headers["Retry-After"]) > 0


async def test_a_hook_of_ten_mebibytes_is_refused_without_being_read() -> None:
    inlet = FakeInlet()
    sent = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(160):
            sent += 64 * 1024
            yield b"x" * 64 * 1024

    async with door(inlet) as client:
        answer = await client.post(
            "/hooks/sandbox/main", data=body(), headers={"Content-Length": str(10 * MAX_BODY)}
        )
        assert answer.status == 413
    assert inlet.received == []
    assert sent < 10 * MAX_BODY


async def test_a_hook_without_a_length_is_refused_once_it_passes_the_cap() -> None:
    inlet = FakeInlet()

    async def body() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY // 65536 + 1):
            yield b"x" * 65536

    async with door(inlet) as client:
        answer = await client.post("/hooks/sandbox/main", data=body())
        assert answer.status == 413
    assert inlet.received == []


async def test_a_hook_of_exactly_the_cap_is_taken() -> None:
    inlet = FakeInlet()
    async with door(inlet) as client:
        answer = await client.post("/hooks/sandbox/main", data=b"x" * MAX_BODY)
    assert answer.status == 200
    assert len(inlet.received[0][2].body) == MAX_BODY


async def test_a_hook_is_not_looked_at_with_get() -> None:
    async with door() as client:
        answer = await client.get("/hooks/sandbox/main")
    assert answer.status == 405


async def test_readiness_says_everything_that_is_missing() -> None:
    async with door(ready=is_not_ready) as client:
        answer = await client.get("/readyz")
        text = await answer.text()
        alive = await client.get("/healthz")
    assert answer.status == 503
    assert text == "The database does not answer.\nNo worker was seen for a minute.\n"
    assert alive.status == 200


async def test_a_ready_desk_says_so() -> None:
    async with door() as client:
        answer = await client.get("/readyz")
        assert (answer.status, await answer.text()) == (200, "replydesk is ready.\n")


async def test_a_desk_that_works_with_less_than_it_could_is_ready_and_says_with_what() -> None:
    async with door(ready=is_ready_without_redis) as client:
        answer = await client.get("/readyz")
        assert (answer.status, await answer.text()) == (200, "Redis does not answer.\n")


async def test_metrics_are_shown_to_this_machine() -> None:
    async with door() as client:
        answer = await client.get("/metrics")
        assert await answer.read() == b"replydesk_items_total 3\n"
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
async def test_metrics_are_not_shown_through_a_proxy(header: str) -> None:
    async with door() as client:
        answer = await client.get("/metrics", headers={header: "203.0.113.9"})
        opened = await answer.text()
    assert answer.status == 403
    assert "replydesk_items_total" not in opened


async def test_metrics_are_shown_to_everybody_when_that_is_configured() -> None:
    async with door(open_metrics=True) as client:
        answer = await client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "[", "desk.example@x"]
)
async def test_a_name_that_is_not_ours_is_refused(host: str) -> None:
    async with door(mounts={"/": said("room")}) as client:
        for path in ("/", "/metrics"):
            assert (await client.get(path, headers={"Host": host})).status == 421


@pytest.mark.parametrize("host", ["desk.example", "DESK.example:8443", "127.0.0.1:1"])
async def test_a_name_of_ours_is_served_on_any_port(host: str) -> None:
    async with door(mounts={"/": said("room")}) as client:
        assert (await client.get("/", headers={"Host": host})).status == 200


async def test_hooks_and_health_answer_under_any_name() -> None:
    async with door() as client:
        other = {"Host": "10.1.2.3"}
        assert (await client.post("/hooks/sandbox/main", data=b"", headers=other)).status == 200
        assert (await client.get("/healthz", headers=other)).status == 200


async def test_rooms_are_mounted_and_the_one_at_the_root_takes_what_is_left() -> None:
    async with door(mounts={"/": said("console"), "/sandbox": said("sandbox")}) as client:
        assert await (await client.get("/")).text() == "console /"
        assert await (await client.get("/cards/x")).text() == "console /cards/x"
        assert await (await client.get("/sandbox/")).text() == "sandbox /sandbox/"
        assert await (await client.get("/healthz")).text() == "replydesk is running.\n"


async def test_a_room_at_the_root_lives_as_long_as_the_door() -> None:
    room = said("console")
    life: list[str] = []

    async def start(_: web.Application) -> None:
        life.append("start")

    async def stop(_: web.Application) -> None:
        life.append("shutdown")

    async def clean(_: web.Application) -> None:
        life.append("cleanup")

    room.on_startup.append(start)
    room.on_shutdown.append(stop)
    room.on_cleanup.append(clean)
    async with door(mounts={"/": room}) as client:
        assert (await client.get("/")).status == 200
    assert life == ["start", "shutdown", "cleanup"]


async def test_hooks_are_taken_before_the_rooms_are_open_and_who_asks_for_a_room_waits() -> None:
    inlet, rooms = FakeInlet(), Rooms(is_taken=is_hook)
    app = build_app(inlet, ready=is_ready, metrics=some_metrics, allowed_hosts=HOSTS, rooms=rooms)
    async with TestClient(TestServer(app)) as client:
        asked = [asyncio.create_task(get(client, path)) for path in ("/cards/x", "/sandbox/")]
        assert (await client.post("/hooks/sandbox/main", data=b"{}")).status == 200
        assert (await client.post("/hooks/sandbox", data=b"{}")).status == 404
        assert (await client.get("/healthz")).status == 200
        assert len(inlet.received) == 1
        done, waiting = await asyncio.wait(asked, timeout=0.1)
        assert (len(done), len(waiting)) == (0, 2)
        await rooms.open({"/": said("console"), "/sandbox": said("sandbox")})
        assert await asyncio.gather(*asked) == ["console /cards/x", "sandbox /sandbox/"]


async def test_rooms_that_do_not_open_are_told_as_a_moment_to_wait() -> None:
    rooms = Rooms(is_taken=is_hook, opening_seconds=0.05)
    app = build_app(
        FakeInlet(), ready=is_ready, metrics=some_metrics, allowed_hosts=HOSTS, rooms=rooms
    )
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/")
        assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert (await client.get("/", headers={"Host": "evil.example"})).status == 421


async def test_who_waits_for_a_room_is_let_go_when_the_door_closes() -> None:
    rooms = Rooms(is_taken=is_hook, opening_seconds=60.0)
    app = build_app(
        FakeInlet(), ready=is_ready, metrics=some_metrics, allowed_hosts=HOSTS, rooms=rooms
    )
    server = TestServer(app)
    async with TestClient(server) as client:
        asked = asyncio.create_task(client.get("/"))
        await asyncio.sleep(0.05)
        await asyncio.wait_for(server.close(), PATIENCE)
        assert (await asked).status == 503


async def get(client: Client, path: str) -> str:
    return await (await client.get(path)).text()


async def test_every_answer_carries_the_security_headers_unless_a_room_says_otherwise() -> None:
    room = said("console", {"Content-Security-Policy": "default-src 'none'"})
    async with door(mounts={"/": room, "/sandbox": said("sandbox")}) as client:
        hook = await client.post("/hooks/a/b", data=b"")
        console = await client.get("/")
        sandbox = await client.get("/sandbox/")
    assert hook.headers["X-Content-Type-Options"] == "nosniff"
    assert hook.headers["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'self'" in sandbox.headers["Content-Security-Policy"]
    assert console.headers["Content-Security-Policy"] == "default-src 'none'"


def said(words: str, headers: dict[str, str] | None = None) -> web.Application:
    """A room that answers every address with its name."""
    room = web.Application()

    async def say(request: web.Request) -> web.Response:
        return web.Response(text=f"{words} {request.path}", headers=headers)

    room.router.add_get("/{path:.*}", say)
    return room
