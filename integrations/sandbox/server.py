"""The sandbox as a server of its own on loopback, for tests and for training against `run`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from types import TracebackType

from aiohttp import web

from integrations.sandbox.faults import Faults
from integrations.sandbox.hooks import HookTarget
from integrations.sandbox.network import SandboxNetwork, system_now
from integrations.sandbox.world import SandboxWorld, WorldOptions

BARE = WorldOptions(is_seeded=False, life_most=0)
"""No posts, no customers: a test brings its own."""


class SandboxServer:
    """Serves the pane at `pane_url` and the API at `url`; `port` 0 takes a free one."""

    def __init__(
        self,
        path: str = ":memory:",
        *,
        token: str = "sandbox-token",  # noqa: S107
        hook: HookTarget | None = None,
        options: WorldOptions = BARE,
        port: int = 0,
        now: Callable[[], int] = system_now,
    ) -> None:
        self.world = SandboxWorld(path, token=token, hook=hook, options=options, now=now)
        self._port = port
        self._stack = AsyncExitStack()
        self.url = ""
        self.pane_url = ""

    async def __aenter__(self) -> SandboxServer:
        await self._stack.enter_async_context(self.world)
        app = web.Application()
        app.add_subapp("/sandbox", self.world.application())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", self._port)
        await site.start()
        port = runner.addresses[0][1]
        self.pane_url = f"http://127.0.0.1:{port}/sandbox/"
        self.url = f"{self.pane_url}api"
        self.world.stands_at(self.pane_url)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    @property
    def network(self) -> SandboxNetwork:
        return self.world.network

    @property
    def faults(self) -> Faults:
        return self.world.faults

    async def visible_replies(self) -> Mapping[str, list[str]]:
        """The brand's replies that stand now, by the remote id of what they answer."""
        return await self.world.visible_replies()
