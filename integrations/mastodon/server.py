"""One Mastodon server over HTTP, as one of its accounts."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.model.ids import Monotonic
from bot.ports import Clock
from integrations.mastodon.entities import Status, entity, rows
from integrations.mastodon.errors import check
from integrations.wire import Answer, Params, Wire

LARGEST_ANSWER = 24 * 1024 * 1024
"""Bytes: a context has no pages, and up to 4,096 statuses of some 4 kB."""
_LINK = re.compile(r'<([^>]*)>\s*;\s*rel="?(\w+)"?')


@dataclass(frozen=True, slots=True)
class Page:
    """Rows newest first. `newest` is what to ask for the next time, `older` where it goes on."""

    rows: tuple[Any, ...]
    newest: str
    older: str


class MastodonServer:
    """Every method returns only successes; the errors are those of `check` and of the wire."""

    def __init__(
        self, http: aiohttp.ClientSession, clock: Clock, base_url: str, token: str, timeout: float
    ) -> None:
        self._wire = Wire(
            http,
            clock,
            base_url,
            title="The Mastodon server",
            timeout=timeout,
            largest_answer=LARGEST_ANSWER,
        )
        self._clock = clock
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}

    async def read(self, path: str, params: Params = (), *, scope: str) -> Answer:
        answer = await self._wire.call("GET", path, params=params, headers=self._headers)
        return check(answer, scope=scope, writes=False, now=self._clock.now())

    async def page(self, path: str, params: Params, *, scope: str) -> Page:
        """One page of a list. Its links are read for their ids and never followed."""
        answer = await self.read(path, params, scope=scope)
        found = rows(answer)
        links = _links(answer.headers.get("link", ""))
        newest = links.get("prev", {}).get("min_id") or _id_of(found[:1])
        older = links.get("next", {}).get("max_id", "")
        return Page(found, newest, older)

    async def create_status(
        self, body: dict[str, Any], idempotency_key: str, deadline: Monotonic
    ) -> Status:
        """The one request that makes something visible."""
        answer = await self._wire.call(
            "POST",
            "/api/v1/statuses",
            headers={**self._headers, "Idempotency-Key": idempotency_key},
            json_body=body,
            writes=True,
            deadline=deadline,
        )
        checked = check(answer, scope="write:statuses", writes=True, now=self._clock.now())
        return entity(checked, Status)

    async def act(self, method: str, path: str, *, scope: str) -> Answer:
        """An act that can be repeated without harm, so a lost answer is only `Unavailable`."""
        answer = await self._wire.call(method, path, headers=self._headers)
        return check(answer, scope=scope, writes=False, now=self._clock.now())

    async def upload(self, data: bytes, content_type: str, description: str) -> Answer:
        """A picture that nobody sees until a status carries it."""
        boundary = f"part-{hashlib.sha256(data).hexdigest()}"
        answer = await self._wire.call(
            "POST",
            "/api/v2/media",
            headers=self._headers,
            raw=_form(boundary, data, content_type, description),
            content_type=f"multipart/form-data; boundary={boundary}",
        )
        return check(answer, scope="write:media", writes=False, now=self._clock.now())


def at(collection: str, remote_id: str, rest: str = "") -> str:
    """The path of one thing; an id that came from outside cannot leave its place in it."""
    return f"/api/v1/{collection}/{quote(remote_id, safe='')}{rest}"


def _id_of(found: tuple[Any, ...]) -> str:
    first = found[0] if found else None
    return str(first.get("id") or "") if isinstance(first, dict) else ""


def _links(header: str) -> dict[str, dict[str, str]]:
    """The parameters of the addresses in a `Link` header, by their relation."""
    found = {}
    for address, relation in _LINK.findall(header):
        try:
            found[relation] = dict(URL(address).query)
        except ValueError:
            continue
    return found


def _form(boundary: str, data: bytes, content_type: str, description: str) -> bytes:
    """`multipart/form-data` of one file and its description (RFC 7578)."""
    parts = []
    if description:
        parts.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="description"\r\n'
            f"Content-Type: text/plain; charset=utf-8\r\n\r\n{description}\r\n".encode()
        )
    name = f"picture.{content_type.rsplit('/', 1)[-1]}"
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: {content_type}\r\n\r\n".encode()
    )
    return b"".join([*parts, data, f"\r\n--{boundary}--\r\n".encode()])
