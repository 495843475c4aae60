"""The rooms beside the hooks: opened when they are loaded, and waited for until then.

aiohttp freezes what an application can route when it begins to serve. So `Rooms` is one resource
at "/", where the router looks last, and what it opens is an application of its own. Whoever asks
for a room that is not open yet is held for a moment instead of being turned away.

aiohttp mounts applications under a prefix, which may not be empty, or under a host name, which is
asked before any path: the room at "/" is such a resource too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

from aiohttp import web
from aiohttp.web_urldispatcher import MatchInfoError

from handlers.late_doors import LateDoors

_Resolved = tuple[web.UrlMappingMatchInfo | None, set[str]]

OPENING_SECONDS = 20.0
"""How long somebody is held before a room that does not open; loading takes one or two."""
RETRY_AFTER_SECONDS = 2


class _AtTheRoot(web.AbstractResource):
    """Asked last, for every address; it has none of its own."""

    @property
    def canonical(self) -> str:
        return "/"

    def raw_match(self, path: str) -> bool:
        return False

    def add_prefix(self, prefix: str) -> NoReturn:
        raise RuntimeError("What stands at the root cannot be moved.")

    def url_for(self, **kwargs: str) -> NoReturn:
        raise RuntimeError("What stands at the root has no address of its own.")

    def get_info(self) -> Any:
        return {"path": self.canonical}

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[web.AbstractRoute]:
        return iter(())


class Rooms(_AtTheRoot):
    """Resolves in the rooms that were opened, except where the outer application `is_taken`."""

    def __init__(
        self, is_taken: Callable[[str], bool], *, opening_seconds: float = OPENING_SECONDS
    ) -> None:
        super().__init__()
        self._is_taken = is_taken
        self._opening_seconds = opening_seconds
        self._house: web.Application | None = None
        self._late = LateDoors()
        self._settled = asyncio.Event()

    @property
    def are_open(self) -> bool:
        return self._house is not None

    def install(self, app: web.Application) -> None:
        """Behind everything that `app` routes itself; the rooms end when it does."""
        app.router.register_resource(self)
        app.on_shutdown.append(self._shut_down)
        app.on_cleanup.append(self._clean_up)

    async def open(
        self, mounts: Mapping[str, web.Application], late: LateDoors | None = None
    ) -> None:
        """Serve these from now on, by path; the one at "/" gets whatever no other has.

        What is opened later has precedence.
        """
        house = web.Application()
        for path, room in mounts.items():
            if path == "/":
                _live_together(house, room)
                house.router.register_resource(_Last(room))
            else:
                house.add_subapp(path, room)
        house.freeze()
        await house.startup()
        self._house = house
        self._late = late or self._late
        self._settled.set()

    async def resolve(self, request: web.Request) -> _Resolved:
        if self._is_taken(request.path):
            return None, set()
        house = await self._opened()
        if house is None:
            return MatchInfoError(_not_yet()), set()
        late = await self._late.resolve(request)
        if late is not None:
            return late, set()
        found = await house.router.resolve(request)
        found.add_app(house)
        return found, set()

    async def _opened(self) -> web.Application | None:
        if self._house is None:
            try:
                await asyncio.wait_for(self._settled.wait(), self._opening_seconds)
            except TimeoutError:
                return None
        return self._house

    async def _shut_down(self, _: web.Application) -> None:
        self._settled.set()
        if self._house is not None:
            await self._house.shutdown()

    async def _clean_up(self, _: web.Application) -> None:
        if self._house is not None:
            await self._house.cleanup()


class _Last(_AtTheRoot):
    def __init__(self, room: web.Application) -> None:
        super().__init__()
        self._room = room

    async def resolve(self, request: web.Request) -> _Resolved:
        found = await self._room.router.resolve(request)
        found.add_app(self._room)
        return found, set()


def _live_together(house: web.Application, room: web.Application) -> None:
    async def start(_: web.Application) -> None:
        await room.startup()

    async def shut_down(_: web.Application) -> None:
        await room.shutdown()

    async def clean_up(_: web.Application) -> None:
        await room.cleanup()

    room.freeze()
    house.on_startup.append(start)
    house.on_shutdown.append(shut_down)
    house.on_cleanup.append(clean_up)


def _not_yet() -> web.HTTPServiceUnavailable:
    return web.HTTPServiceUnavailable(
        text="The desk is still being opened. Try again in a moment.",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )
