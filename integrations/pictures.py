"""Pictures of other people, fetched through the guard: no browser is sent where a stranger says.

Small, raster and few: what is larger, slower or something else is no picture. The last ones are
kept, because whoever looks at a queue looks at the same ones.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Collection

import aiohttp

from integrations.guard import guarded_session

MOST_BYTES = 2 * 1024 * 1024
SECONDS = 8.0
KEPT = 24
TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_CHUNK = 64 * 1024


class GuardedPictures:
    """Implements `bot.ports.FetchesPictures`."""

    def __init__(self, allowed_hosts: Collection[str]) -> None:
        self._hosts = allowed_hosts
        self._kept: OrderedDict[str, tuple[str, bytes]] = OrderedDict()

    async def fetch(self, address: str) -> tuple[str, bytes] | None:
        found = self._kept.pop(address, None) or await self._ask(address)
        if found is not None:
            self._kept[address] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found

    async def _ask(self, address: str) -> tuple[str, bytes] | None:
        try:
            async with (
                asyncio.timeout(SECONDS),
                guarded_session(self._hosts) as http,
                http.get(address, max_redirects=3) as answer,
            ):
                return await _read(answer)
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError):
            return None


async def _read(answer: aiohttp.ClientResponse) -> tuple[str, bytes] | None:
    if answer.status != 200 or answer.content_type not in TYPES:
        return None
    data = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        data += chunk
        if len(data) > MOST_BYTES:
            return None
    return answer.content_type, bytes(data)
