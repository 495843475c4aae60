"""People in a workspace that nobody here wrote: what they see is read from it, over its Web API.

It delivers no presses and shows nobody a modal. So presses are signed and sent here, as Slack signs
and sends them, and `Tap` stands in the desk's way to the workspace and keeps what that answered.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.e2e.console_client import eventually
from tests.fakes.slack_people import call, pressable
from tests.peers.servers import SlackPeer

SOON = 60.0
Payload = dict[str, Any]


class Workspace:
    """The peer as somebody reads it who stands in it."""

    def __init__(self, peer: SlackPeer, http: aiohttp.ClientSession) -> None:
        self.peer = peer
        self._http = http

    async def ask(self, method: str, **arguments: str) -> Payload:
        url = f"{self.peer.api_url}/{method}"
        headers = {"Authorization": f"Bearer {self.peer.bot_token}"}
        async with self._http.post(url, data=arguments, headers=headers) as answer:
            told: Payload = await answer.json()
        assert told["ok"], (method, told)
        return told

    async def channel(self, name: str) -> str:
        listed = await self.ask("conversations.list", limit="100")
        return str(next(one["id"] for one in listed["channels"] if one["name"] == name))

    async def member(self, name: str) -> str:
        listed = await self.ask("users.list")
        return str(next(one["id"] for one in listed["members"] if one["name"] == name))

    async def messages(self, channel: str, mark: str) -> list[Payload]:
        """Everything in the channel about a thing, newest first."""
        read = await self.ask(
            "conversations.history", channel=channel, limit="100", include_all_metadata="true"
        )
        return [one for one in read["messages"] if mark in json.dumps(one, ensure_ascii=False)]

    async def card(self, channel: str, mark: str, words: str) -> Payload:
        """The one message about a thing, once it says these words."""

        async def look() -> Payload | None:
            found = await self.messages(channel, mark)
            assert len(found) <= 1, found
            return found[0] if found and words in json.dumps(found[0]) else None

        return await eventually(look, f"{words!r} on the card of {mark}", SOON)


@dataclass(slots=True)
class Tap:
    """Passes everything on, byte for byte, and keeps what the workspace answered, by method."""

    peer: SlackPeer
    http: aiohttp.ClientSession
    url: str = ""
    answers: list[tuple[str, Payload]] = field(default_factory=list)

    async def pass_on(self, request: web.Request) -> web.Response:
        method, body = request.match_info["method"], await request.read()
        kept = {key: request.headers[key] for key in ("Authorization", "Content-Type")}
        url = f"{self.peer.api_url}/{method}"
        async with self.http.post(url, data=body, headers=kept) as answer:
            raw = await answer.read()
            self.answers.append((method, json.loads(raw)))
            return web.Response(body=raw, status=answer.status, content_type="application/json")

    @property
    def counts(self) -> Counter[str]:
        return Counter(method for method, _answer in self.answers)

    async def answered(self, method: str) -> Payload:
        """The newest answer to a method, which was in order."""

        async def look() -> Payload | None:
            found = [answer for name, answer in self.answers if name == method]
            return found[-1] if found else None

        told = await eventually(look, f"an answer to {method}", SOON)
        assert told["ok"], (method, told)
        return told


@asynccontextmanager
async def tapped(peer: SlackPeer, http: aiohttp.ClientSession) -> AsyncIterator[Tap]:
    tap = Tap(peer, http)
    app = web.Application(client_max_size=4 * 1024 * 1024)
    app.router.add_post("/api/{method}", tap.pass_on)
    async with TestServer(app) as server:
        tap.url = str(server.make_url("")).rstrip("/")
        yield tap


@dataclass(slots=True)
class Colleague:
    """`door` is where the desk hears Slack."""

    workspace: Workspace
    user: str
    channel: str
    door: str

    async def press(self, message: Payload, label: str) -> None:
        found = [one for block in message["blocks"] for one in pressable(block) if one[0] == label]
        assert found, f"{label!r} is not on {json.dumps(message['blocks'], ensure_ascii=False)}"
        container = {
            "type": "message",
            "message_ts": message["ts"],
            "channel_id": self.channel,
        }
        action = found[0][1] | {"action_ts": f"{time.time():.6f}"}
        await self._send("block_actions", container=container, actions=[action])

    async def submit(self, view: Payload, words: str) -> None:
        """Write into the one field of a modal, and press its button."""
        [form] = [block for block in view["blocks"] if block["type"] == "input"]
        element = form["element"]
        filled = {element["action_id"]: {"type": element["type"], "value": words}}
        state = {"values": {form["block_id"]: filled}}
        await self._send("view_submission", view=view | {"state": state})

    async def open_home(self) -> None:
        event = {"type": "app_home_opened", "user": self.user, "tab": "home"}
        payload = {
            "type": "event_callback",
            "team_id": (await self.workspace.ask("auth.test"))["team_id"],
            "event_id": f"Ev{time.time_ns()}",
            "event": event,
        }
        await self._deliver("events_api", payload)

    async def _send(self, kind: str, **more: Any) -> None:
        team = (await self.workspace.ask("auth.test"))["team_id"]
        trigger = await self.workspace.ask("views.generateTriggerId", user_id=self.user)
        payload = {
            "type": kind,
            "user": {"id": self.user, "username": "somebody", "team_id": team},
            "team": {"id": team, "domain": "acme"},
            "trigger_id": trigger["trigger_id"],
        }
        await self._deliver("interactive", payload | more)

    async def _deliver(self, kind: str, payload: Payload) -> None:
        secret = self.workspace.peer.signing_secret
        status, answer = await call(self.door, kind, payload, secret=secret)
        assert (status, answer) == (200, {}), (status, answer)
