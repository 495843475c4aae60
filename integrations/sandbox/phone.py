"""The telephone of the demo: pages of the desk ring here, since nobody's own telephone is known.

It takes what the webhook of people on call sends (`docs/howto/be-on-call.md`), tells repeats by
their key, and shows the newest few on the sandbox's page.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from integrations.sandbox.network import SandboxNetwork

SHOWN = 4
_MOST_CHARACTERS = 300
_STATES = {"acknowledged": "Somebody is at it.", "resolved": "It is over."}


@dataclass(frozen=True, slots=True)
class Call:
    """One page; `state` is a sentence about how it went on, empty while it rings."""

    key: str
    name: str
    summary: str
    at: int
    state: str = ""


class Phone:
    def __init__(self, network: SandboxNetwork, token: str) -> None:
        self._network = network
        self._token = token
        self._calls: list[Call] = []

    def to_json(self) -> list[dict[str, Any]]:
        """The newest first."""
        return [
            {"key": one.key, "name": one.name, "summary": one.summary, "at": one.at,
             "state": one.state}
            for one in reversed(self._calls)
        ]  # fmt: skip

    async def ring(self, request: web.Request) -> web.Response:
        sent = request.headers.get("Authorization", "")
        if not secrets.compare_digest(sent.encode(), f"Bearer {self._token}".encode()):
            return _refused(401, "This telephone rings for its desk alone.")
        try:
            body = json.loads(await request.read())
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict) or not isinstance(body.get("key"), str):
            return _refused(400, "The request is no page.")
        self._take(body)
        self._network.ring()
        return web.json_response({"id": body["key"]})

    def _take(self, body: dict[str, Any]) -> None:
        key, event = body["key"], body.get("event")
        if event in _STATES:
            self._calls = [
                replace(one, state=_STATES[event]) if one.key == key else one for one in self._calls
            ]
        elif all(one.key != key for one in self._calls):
            member = body.get("member")
            name = str(member.get("name", "")) if isinstance(member, dict) else ""
            summary = str(body.get("summary", ""))[:_MOST_CHARACTERS]
            self._calls.append(Call(key, name, summary, self._network.now()))
            del self._calls[:-SHOWN]


def _refused(status: int, says: str) -> web.Response:
    return web.json_response({"says": says}, status=status)
