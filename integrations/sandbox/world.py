"""The whole sandbox in one process: network, API, pane, webhooks and the life of its customers.

async with SandboxWorld(path, token=..., hook=HookTarget(...)) as world:
    app.add_subapp("/sandbox", world.application())     # pane; the API is at /sandbox/api
    world.stands_at("http://127.0.0.1:8080/sandbox/")
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType

import aiohttp
from aiohttp import web

from integrations.sandbox.api import build_app
from integrations.sandbox.control import Controls
from integrations.sandbox.crowd import Crowd
from integrations.sandbox.faults import Faults
from integrations.sandbox.hooks import RETRIES, HookSender, HookTarget
from integrations.sandbox.network import SandboxNetwork, system_now
from integrations.sandbox.pane import build_pane
from integrations.sandbox.phone import Phone
from integrations.sandbox.records import Role, User
from integrations.sandbox.same_origin import LOOPBACK_NAMES
from integrations.sandbox.seed import life, seed


@dataclass(frozen=True, slots=True)
class WorldOptions:
    """`life_most` 0 switches the trickle off; `pace` is seconds between viral complaints.

    `past_days` is how long customers have been writing when a world is seeded.
    """

    is_seeded: bool = True
    past_days: int = 0
    are_comments_seeded: bool = True
    life_most: int = 60
    life_first: float = 1.5
    life_between: tuple[float, float] = (20.0, 40.0)
    honours_keys: bool = True
    pace: float = 1.5
    hook_retries: Sequence[float] = RETRIES
    allowed_hosts: frozenset[str] = LOOPBACK_NAMES


class SandboxWorld:
    """`path` is the network's SQLite file or `:memory:`; `hook` None sends no webhooks."""

    def __init__(
        self,
        path: str,
        *,
        token: str,
        hook: HookTarget | None = None,
        options: WorldOptions | None = None,
        now: Callable[[], int] = system_now,
    ) -> None:
        self._path = path
        self._token = token
        self._hook = hook
        self._options = options or WorldOptions()
        self._now = now
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._network: SandboxNetwork | None = None
        self._controls: Controls | None = None
        self._http: aiohttp.ClientSession | None = None
        self.faults = Faults()

    async def __aenter__(self) -> SandboxWorld:
        options = self._options
        network = await SandboxNetwork.open(self._path, now=self._now)
        network.honours_keys = options.honours_keys
        self._network = network
        self._controls = Controls(network, self.faults, Crowd(network, pace=options.pace))
        if options.is_seeded:
            await seed(
                network,
                past_days=options.past_days,
                has_comments=options.are_comments_seeded,
            )
        if self._hook is not None:
            self.send_hooks_to(self._hook)
        if options.life_most:
            self._tasks.append(asyncio.create_task(self._live(), name="sandbox-life"))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self.network.ring()
        if self._controls is not None:
            await self._controls.close()
        try:
            await asyncio.gather(*self._tasks)
        finally:
            if self._http is not None:
                await self._http.close()
            await self.network.close()

    @property
    def network(self) -> SandboxNetwork:
        """RuntimeError before the world was entered."""
        if self._network is None:
            raise RuntimeError("Enter the sandbox world before using its network.")
        return self._network

    def stands_at(self, public_url: str) -> None:
        """Where the pane is seen, with a trailing slash: permalinks begin with it."""
        self.network.public_url = public_url

    def send_hooks_to(self, target: HookTarget) -> None:
        """Begin to send webhooks, for who learns the address late; call once."""
        if self._http is not None:
            raise RuntimeError("This sandbox already sends its webhooks somewhere.")
        self._http = aiohttp.ClientSession()
        sender = HookSender(
            self.network, self.faults, self._http, target, retries=self._options.hook_retries
        )
        self._tasks.append(asyncio.create_task(sender.run(self._stop), name="sandbox-hooks"))

    def api(self) -> web.Application:
        """The API alone, to serve or to mount."""
        return build_app(self.network, self.faults, token=self._token, stop=self._stop)

    def application(self) -> web.Application:
        """The pane, with the API under `/api`; mount it where the pane shall stand."""
        assert self._controls is not None
        pane = build_pane(
            self.network,
            self.faults,
            self._controls,
            Phone(self.network, self._token),
            stop=self._stop,
            allowed_hosts=self._options.allowed_hosts,
        )
        pane.add_subapp("/api", self.api())
        return pane

    async def customer_says(self, name: str, followers: int, text: str) -> int:
        """One comment under the newest post, by whoever has this name; its number."""
        writer = User(
            hashlib.sha256(name.encode()).hexdigest()[:12], name, name.lower().replace(" ", "."),
            Role.CUSTOMER, "en", followers, len(name) % 12,
        )  # fmt: skip
        await self.network.meet(writer)
        post = (await self.network.posts(1))[0]
        return (await self.network.comment(writer.id, text, post_id=post.id)).id

    async def visible_replies(self) -> Mapping[str, list[str]]:
        """The brand's replies that stand now, by the remote id of what they answer.

        The judge of "exactly once": one approval, one text.
        """
        standing: dict[str, list[str]] = {}
        for reply in await self.network.brand_replies():
            if not reply.is_deleted:
                standing.setdefault(f"c{reply.parent_id}", []).append(reply.text)
        return standing

    async def visible_posts(self) -> list[str]:
        """The brand's posts that stand now, oldest first (at most 200)."""
        posts = await self.network.posts(200)
        return [post.text for post in reversed(posts) if not post.is_deleted]

    async def _live(self) -> None:
        options = self._options
        await life(
            self.network,
            self._stop,
            first=options.life_first,
            between=options.life_between,
            most=options.life_most,
        )
