"""A network, a chat and a model server over real HTTP, each behind a proxy that harms one call.

The proxies count together: the k-th request of all, whoever makes it, meets the chosen mode. What
the network sends to the desk, its hooks, passes a proxy too.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType

import aiohttp
from aiohttp import web

from bot.cards.card import Light
from bot.coordination.breaker import LocalBreaker
from bot.model.account import SecretRef
from bot.model.channel import Place
from bot.model.ids import CardToken, RemoteId
from bot.ports import Drafter
from bot.services.fallback_drafter import FallbackDrafter
from bot.services.reply_templates import load_reply_templates
from bot.services.settling_in import NamedChannel
from bot.services.template_drafter import TemplateDrafter
from handlers.http import Readiness, build_app
from handlers.relay import RelayFrontend, RelayOptions
from integrations.definition import Surroundings
from integrations.llm import OpenAIDrafter
from integrations.sandbox.connector import connect
from integrations.sandbox.faults import Shot
from integrations.sandbox.hooks import signed_headers
from integrations.sandbox.rendering import comment_json
from integrations.sandbox.server import SandboxServer
from integrations.sandbox.settings import SandboxSettings
from integrations.sandbox.world import WorldOptions
from tests.chaos.kth_desk import PATIENCE, Around, KthDesk
from tests.chaos.kth_verdict import Look
from tests.fakes.desk_kit import DeskClock
from tests.fakes.lost_answer_proxy import LostAnswerProxy, Mode
from tests.fakes.openai_server import KEY, PROMPT, running_openai
from tests.fakes.relay_tool import SECRET, Fault, RelayTool
from tests.services import LOOPBACK

TOKEN = "sandbox-token-of-this-test"
HOOK_SECRET = "hook-secret-of-this-test"
PATIENT_SECONDS = 0.5
"""How long everybody here waits for an answer."""
SLOW_SECONDS = 0.1
HOLD_SECONDS = 2.0

Counted = Callable[[str, str], bool]
"""(method, path with query): does this request count?"""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a network knows again: a key of ours, and what we wrote."""

    has_keys: bool = True
    can_be_read_back: bool = True

    @property
    def may_park(self) -> bool:
        """Whether a person must be asked after a lost answer."""
        return not (self.has_keys or self.can_be_read_back)


class Toll:
    """Counts requests of all proxies; the k-th meets the mode, once."""

    def __init__(self) -> None:
        self._proxies: list[LostAnswerProxy] = []
        self.choose(Mode.PASS, 0)

    def choose(self, mode: Mode, k: int, counts: Counted = lambda _method, _path: True) -> None:
        self._mode, self._k, self._counts = mode, k, counts
        self.counted, self.struck = 0, ""

    def arm(self) -> None:
        for proxy in self._proxies:
            proxy.arm(self._mode, only=self._is_its_turn, times=None)

    def disarm(self) -> None:
        for proxy in self._proxies:
            proxy.arm(Mode.PASS)

    @asynccontextmanager
    async def before(self, upstream: str) -> AsyncIterator[str]:
        """The address of a proxy in front of `upstream`, `http://host:port`."""
        proxy = LostAnswerProxy(upstream, hold_seconds=HOLD_SECONDS, slow_seconds=SLOW_SECONDS)
        async with proxy:
            self._proxies.append(proxy)
            yield proxy.url

    def _is_its_turn(self, method: str, path: str) -> bool:
        if not self._counts(method, path):
            return False
        self.counted += 1
        if self.counted != self._k:
            return False
        self.struck = f"{method} {path}"
        return True


class OverHttp:
    """Implements `Outside`."""

    def __init__(
        self,
        kind: Kind,
        toll: Toll,
        sandbox: SandboxServer,
        tool: RelayTool,
        http: aiohttp.ClientSession,
        around: Around,
    ) -> None:
        self.may_park = kind.may_park
        self.toll = toll
        self.around = around
        self._sandbox = sandbox
        self._tool = tool
        self._http = http
        self._hook = ""
        self._post = 0

    @asynccontextmanager
    async def hooks_to(self, desk: KthDesk) -> AsyncIterator[None]:
        """The desk's real door, behind a proxy."""
        door = build_app(desk.inlet, ready=_is_ready, metrics=_no_metrics, allowed_hosts={LOOPBACK})
        async with _served(door) as address, self.toll.before(address) as proxy:
            self._hook = f"{proxy}/hooks/sandbox/main"
            yield

    async def comment(self, text: str) -> RemoteId:
        network = self._sandbox.network
        if not self._post:
            self._post = (await network.publish_post("Slow mornings")).id
        said = await network.comment("maya", text, post_id=self._post)
        return RemoteId(f"c{said.id}")

    def lose_answers(self) -> None:
        """The next reply and the next card arrive; their answers do not."""
        self._sandbox.faults.strike_next(Shot.LOSE_ANSWER, writes_only=True)
        self._tool.faults.append(Fault.LOSE_ANSWER)

    def lose_requests(self) -> None:
        """The next reply and the next card do not arrive."""
        self._sandbox.faults.strike_next(Shot.LOSE_REQUEST, writes_only=True)
        self._tool.faults.append(Fault.LOSE_REQUEST)

    async def send_hook(self, desk: KthDesk) -> None:
        """The network tells of its latest change until somebody answers 200."""
        network = self._sandbox.network
        (*_, change) = await network.changes_since(await network.latest_change() - 1)
        told = {"kind": change.kind, "change": change.number}
        events = [{**told, "comment": comment_json(network, change.comment)}]
        name = f"d{change.number}"
        delivery = {"delivery": name, "account": network.brand.id, "events": events}
        body = json.dumps(delivery).encode()
        for _ in range(PATIENCE):
            if await self._is_taken(body, signed_headers(HOOK_SECRET, network.now(), name, body)):
                said = RemoteId(f"c{change.comment.id}")
                assert desk.item(said) is not None, "the hook was answered, but not stored"
                return
        raise AssertionError("the hook is never taken")

    async def _is_taken(self, body: bytes, headers: dict[str, str]) -> bool:
        try:
            async with self._http.post(self._hook, data=body, headers=headers) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def standing(self) -> Sequence[tuple[RemoteId | None, str]]:
        network = self._sandbox.network
        replies = [(f"c{one.parent_id}", one.text) for one in await network.brand_replies()]
        posts = [one.text for one in await network.posts(200) if one.id != self._post]
        stand: list[tuple[RemoteId | None, str]] = [(None, text) for text in posts]
        return [*stand, *((RemoteId(target), text) for target, text in replies)]

    def shown(self, token: CardToken) -> Sequence[Look]:
        assert self._tool.refused == []
        return [_look(one.card) for one in self._tool.of_token(token)]


def _look(card: dict[str, object]) -> Look:
    state, links = card["state"], card["links"]
    assert isinstance(state, dict)
    assert isinstance(links, list)
    says = "".join(span.get("text", "") for span in state["spans"])
    return Look(Light(state["light"]), says, tuple(link["url"] for link in links))


@asynccontextmanager
async def over_http(clock: DeskClock, kind: Kind) -> AsyncIterator[OverHttp]:
    """A network of this kind, a chat that can be read back, and a model."""
    async with AsyncExitStack() as stack:
        enter, toll = stack.enter_async_context, Toll()
        options = WorldOptions(is_seeded=False, life_most=0, honours_keys=kind.has_keys)
        sandbox = await enter(SandboxServer(token=TOKEN, options=options, now=clock.now))
        sandbox.network.shows_own = kind.can_be_read_back
        tool = await enter(RelayTool(clock=clock).serving())
        model = await enter(running_openai())
        http = await enter(
            aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=PATIENT_SECONDS),
            )
        )
        network = await enter(toll.before(sandbox.url.removesuffix("/sandbox/api")))
        chat = await enter(toll.before(tool.url.removesuffix("/cards")))
        written = await enter(toll.before(model.url.removesuffix("/v1")))
        relay = RelayOptions(f"{chat}/cards", SECRET, timeout_seconds=PATIENT_SECONDS)
        around = Around(
            "sandbox",
            connect(_settings(kind, f"{network}/sandbox/api"), _surroundings(http, clock)),
            {"relay": RelayFrontend(http, clock, relay)},
            (NamedChannel("care", "relay", Place("care")),),
            await _drafter(stack, clock, f"{written}/v1"),
        )
        yield OverHttp(kind, toll, sandbox, tool, http, around)


def _settings(kind: Kind, address: str) -> SandboxSettings:
    return SandboxSettings(
        base_url=address,
        token=SecretRef(env="TOKEN"),
        hook_secret=SecretRef(env="HOOK_SECRET"),
        has_idempotency_keys=kind.has_keys,
        can_be_read_back=kind.can_be_read_back,
        poll_seconds=5,
        timeout_seconds=PATIENT_SECONDS,
    )


def _surroundings(http: aiohttp.ClientSession, clock: DeskClock) -> Surroundings:
    secrets = MappingProxyType({"token": TOKEN, "hook_secret": HOOK_SECRET})
    return Surroundings(http, clock, NoVault(), secrets, "acme")


async def _drafter(stack: AsyncExitStack, clock: DeskClock, address: str) -> Drafter:
    model = OpenAIDrafter(
        PROMPT,
        model="test-model",
        base_url=address,
        api_key=KEY,
        timeout_seconds=PATIENT_SECONDS,
        max_retries=0,
        breaker=LocalBreaker(clock.monotonic),
        monotonic=clock.monotonic,
    )
    stack.push_async_callback(model.close)
    return FallbackDrafter(model, TemplateDrafter(load_reply_templates()))


class NoVault:
    async def load(self) -> str | None:
        return None

    async def save(self, secret: str) -> None:
        raise AssertionError("the sandbox has no sessions")


async def _no_metrics() -> bytes:
    return b""


async def _is_ready() -> Readiness:
    return Readiness(True)


@asynccontextmanager
async def _served(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, 0).start()
    try:
        yield f"http://{LOOPBACK}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
