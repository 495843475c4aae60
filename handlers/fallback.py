"""A room that gets every address which no other room has.

aiohttp mounts applications under a prefix, which may not be empty, or under a host name, which
is asked before any path. This resource stands at "/", where the router looks last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from aiohttp import web

_Resolved = tuple[web.UrlMappingMatchInfo | None, set[str]]


class Fallback(web.AbstractResource):
    """Resolves in `room`, except below a path that `is_taken` by the outer application."""

    def __init__(self, room: web.Application, is_taken: Callable[[str], bool]) -> None:
        super().__init__()
        self._room = room
        self._is_taken = is_taken

    @property
    def canonical(self) -> str:
        return "/"

    async def resolve(self, request: web.Request) -> _Resolved:
        if self._is_taken(request.path):
            return None, set()
        found = await self._room.router.resolve(request)
        found.add_app(self._room)
        return found, set()

    def raw_match(self, path: str) -> bool:
        return False

    def add_prefix(self, prefix: str) -> NoReturn:
        raise RuntimeError("The fallback stands at the root and cannot be moved.")

    def url_for(self, **kwargs: str) -> NoReturn:
        raise RuntimeError("The fallback has no address of its own.")

    def get_info(self) -> Any:
        return {"path": self.canonical, "app": self._room}

    def __len__(self) -> int:
        return len(self._room.router.routes())

    def __iter__(self) -> Iterator[web.AbstractRoute]:
        return iter(self._room.router.routes())


def mount_at_root(
    app: web.Application, room: web.Application, is_taken: Callable[[str], bool]
) -> None:
    """Serve `room` at "/" behind everything else, and let it live as long as `app` does."""

    async def start(_: web.Application) -> None:
        await room.startup()

    async def shut_down(_: web.Application) -> None:
        await room.shutdown()

    async def clean_up(_: web.Application) -> None:
        await room.cleanup()

    room.freeze()
    app.router.register_resource(Fallback(room, is_taken))
    app.on_startup.append(start)
    app.on_shutdown.append(shut_down)
    app.on_cleanup.append(clean_up)
