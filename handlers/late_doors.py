"""Doors of chats that are opened and shut while the desk serves.

aiohttp freezes what an application can route when it begins to serve, so these are asked beside it
(`handlers.rooms`).
"""

from __future__ import annotations

from aiohttp import web
from aiohttp.web_urldispatcher import PrefixedSubAppResource


class LateDoors:
    def __init__(self) -> None:
        self._open: dict[str, PrefixedSubAppResource] = {}

    async def open(self, path: str, door: web.Application) -> None:
        """Serve it below `path` from now on, in place of what stood there."""
        resource = PrefixedSubAppResource(path, door)
        door.freeze()
        await door.startup()
        self._open[path] = resource

    def shut(self, path: str) -> None:
        """What is under way there is finished."""
        self._open.pop(path, None)

    async def resolve(self, request: web.Request) -> web.UrlMappingMatchInfo | None:
        """None where no such door is open."""
        for path, resource in self._open.items():
            if request.path.startswith(f"{path}/"):
                found, _methods = await resource.resolve(request)
                return found
        return None
