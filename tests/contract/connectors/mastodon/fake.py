"""A small Mastodon server that refuses what its documents say it refuses.

In its two characters it does with an `Idempotency-Key` what Mastodon does (the same key gives
the same status) or what GoToSocial does (nothing).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

from bot.model.ids import Moment
from tests.contract.connector_case import Fault
from tests.contract.connectors.mastodon.rendering import rendered

FIXTURES = Path(__file__).with_name("fixtures")
TOKEN = "s3cr3t-bearer-of-acme"
LIMIT = 500
RESET = "2026-11-30T09:05:00.000000Z"

Row = dict[str, Any]


def recorded(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request as it came in and the answer that it got."""

    method: str
    path: str
    params: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    content_type: str
    body: Any
    status: int
    answer: Any


class Refusal(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


FAULTS = {
    Fault.UNAUTHORIZED: (401, "The access token was revoked"),
    Fault.FORBIDDEN: (403, "This action is outside the authorized scopes"),
    Fault.REJECTED: (422, "Validation failed: Text character limit of 500 exceeded"),
    Fault.GONE: (404, "Record not found"),
    Fault.SERVER_ERROR: (503, "There was a temporary problem serving your request"),
}


@dataclass
class FakeMastodon:
    now: Moment
    """The server's clock."""
    honours_keys: bool = True
    url: str = ""
    statuses: list[Row] = field(default_factory=lambda: list(recorded("statuses")))
    notifications: list[Row] = field(default_factory=lambda: list(recorded("notifications")))
    instance: Row | None = field(default_factory=lambda: dict(recorded("instance")))
    made: dict[str, str] = field(default_factory=dict)
    """Statuses that were posted here: id -> the text as it was typed."""
    keys: dict[str, str] = field(default_factory=dict)
    media: dict[str, Row] = field(default_factory=dict)
    processing: int = 0
    """How many looks at an upload still find it unfinished."""
    exchanges: list[Exchange] = field(default_factory=list)
    fault: Fault | None = None
    fail_when_looking: Fault | None = None
    """Happens to the next context or list of our own statuses."""
    render: Callable[[str], str] | None = None
    """How this server writes HTML, where it is not Mastodon's way."""
    frames: list[str] = field(default_factory=list)
    """What the next stream says before it closes."""
    orders: list[Row] = field(default_factory=list)
    """What streams were asked for."""
    context_of_everything: bool = False
    """Whether all statuses are one thread."""
    also_accepts: str = ""
    """A token that is revoked by the time it knocks at the stream."""

    @property
    def visible(self) -> Sequence[str]:
        return [self.made[row["id"]] for row in self.statuses if row["id"] in self.made]

    @property
    def writes(self) -> int:
        return sum(
            1 for one in self.exchanges if (one.method, one.path) == ("POST", "/api/v1/statuses")
        )

    def fail_next(self, fault: Fault) -> None:
        self.fault = fault

    def find(self, number: str) -> Row:
        for row in self.statuses:
            if row["id"] == number:
                return row
        raise Refusal(404, "Record not found")

    def add(self, number: str, **changes: Any) -> Row:
        """A status like the quiet answer of the fixtures, with some leaves changed."""
        row = {**recorded("statuses")[4], "id": number, **changes}
        self.statuses.append(row)
        return row

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/api/v1/streaming":
            return await self._stream(request)
        is_json = request.content_type == "application/json" and request.body_exists
        body: Any = await request.json() if is_json else await _form(request)
        fault = self._fault_for(request)
        try:
            status, told, headers = self._answer(request, body, fault)
        except Refusal as refusal:
            status, told, headers = refusal.status, {"error": str(refusal)}, {}
        self._note(request, body, status, told)
        return await self._tell(
            request, fault, web.json_response(told, status=status, headers=headers)
        )

    def _note(self, request: web.Request, body: Any, status: int, told: Any) -> None:
        self.exchanges.append(
            Exchange(
                request.method,
                request.path,
                tuple(request.query.items()),
                dict(request.headers),
                request.content_type,
                body,
                status,
                told,
            )
        )

    def _answer(
        self, request: web.Request, body: Any, fault: Fault | None
    ) -> tuple[int, Any, dict[str, str]]:
        if request.headers.get("Authorization") not in self._accepted():
            raise Refusal(401, "The access token is invalid")
        if fault in FAULTS:
            raise Refusal(*FAULTS[fault])
        if fault is Fault.RATE_LIMITED:
            return 429, {"error": "Too many requests"}, {"X-RateLimit-Reset": RESET}
        return self._act(request, body)

    def _accepted(self) -> set[str]:
        return {f"Bearer {token}" for token in (TOKEN, self.also_accepts) if token}

    def _fault_for(self, request: web.Request) -> Fault | None:
        is_list = request.path.endswith(("/context", "/statuses", "/notifications"))
        fault: Fault | None = None
        if self.fail_when_looking and is_list and request.method == "GET":
            fault, self.fail_when_looking = self.fail_when_looking, None
        elif is_list or "/timelines/" in request.path:
            fault, self.fault = self.fault, None
        return fault

    async def _tell(
        self, request: web.Request, fault: Fault | None, told: web.Response
    ) -> web.StreamResponse:
        if fault is Fault.SERVER_ERROR_AFTER_ACTING:
            return web.Response(status=504, text="<html>Gateway timeout</html>")
        if fault is Fault.RESET_AFTER_ACTING:
            assert request.transport is not None
            request.transport.abort()
        if fault is Fault.SLOW_AFTER_ACTING:
            await asyncio.sleep(0.6)
        if fault is Fault.GARBAGE:
            return web.json_response({"hello": "world"})
        return told

    def _act(self, request: web.Request, body: Any) -> tuple[int, Any, dict[str, str]]:
        path = request.path.removeprefix("/api/").split("/")
        if request.method == "GET":
            return self._read(request, path)
        match request.method, path:
            case "POST", ["v1", "statuses"]:
                return 200, self._post(body, request.headers["Idempotency-Key"]), {}
            case "POST", ["v1", "statuses", number, "favourite" | "unfavourite" as act]:
                self.find(number)["favourited"] = act == "favourite"
                return 200, self.find(number), {}
            case "DELETE", ["v1", "statuses", number]:
                return 200, self._delete(number), {}
            case "POST", ["v2", "media"]:
                return self._upload(body)
            case _:
                raise Refusal(404, "The page you are looking for isn't here")

    def _read(self, request: web.Request, path: list[str]) -> tuple[int, Any, dict[str, str]]:
        match path:
            case ["v1", "accounts", "verify_credentials"]:
                return 200, recorded("me"), {}
            case ["v2", "instance"] if self.instance is not None:
                return 200, self.instance, {}
            case ["v1", "notifications"]:
                return self._list(request, self.notifications[::-1])
            case ["v1", "accounts", number, "statuses"]:
                return self._list(request, self._by(number, request))
            case ["v1", "timelines", "tag", tag]:
                return self._list(request, self._tagged(tag))
            case ["v1", "statuses", number, "context"]:
                return 200, self._context(self.find(number)), {}
            case ["v1", "statuses", number, "source"] if number in self.made:
                return 200, {"id": number, "text": self.made[number], "spoiler_text": ""}, {}
            case ["v1", "statuses", number]:
                return 200, self.find(number), {}
            case ["v1", "media", number]:
                return self._look_at(number)
            case _:
                raise Refusal(404, "The page you are looking for isn't here")

    def _list(
        self, request: web.Request, oldest_first: list[Row]
    ) -> tuple[int, list[Row], dict[str, str]]:
        """The page directly after `min_id`, or the newest before `max_id`; newest first."""
        limit = int(request.query["limit"])
        ids = [row["id"] for row in oldest_first]
        if "min_id" in request.query:
            start = _place(ids, request.query["min_id"]) + 1
            page = oldest_first[start : start + limit]
        else:
            end = _place(ids, request.query["max_id"]) if "max_id" in request.query else len(ids)
            page = oldest_first[max(0, end - limit) : end]
        if not page:
            return 200, [], {}
        here = f"{self.url}{request.path}?limit={limit}"
        link = (
            f'<{here}&max_id={page[0]["id"]}>; rel="next", '
            f'<{here}&min_id={page[-1]["id"]}>; rel="prev"'
        )
        return 200, page[::-1], {"Link": link}

    def _by(self, number: str, request: web.Request) -> list[Row]:
        no_answers = request.query.get("exclude_replies") == "true"
        return [
            row
            for row in self.statuses
            if row["account"]["id"] == number and not (no_answers and row["in_reply_to_id"])
        ]

    def _tagged(self, tag: str) -> list[Row]:
        return [
            row for row in self.statuses if tag.lower() in [each["name"] for each in row["tags"]]
        ]

    def _context(self, row: Row) -> Row:
        above: list[Row] = []
        parent = row["in_reply_to_id"]
        while parent is not None:
            found = self.find(parent)
            above.insert(0, found)
            parent = found["in_reply_to_id"]
        if self.context_of_everything:
            return {"ancestors": [], "descendants": self.statuses[1:]}
        below = [row]
        for each in self.statuses:
            if each["in_reply_to_id"] in [one["id"] for one in below]:
                below.append(each)
        return {"ancestors": above, "descendants": below[1:]}

    def _post(self, body: Row, key: str) -> Row:
        if self.honours_keys and key in self.keys:
            return self.find(self.keys[key])
        text = body.get("status", "")
        if len(text) > LIMIT * 2:
            code = 422 if self.honours_keys else 400
            raise Refusal(code, "Validation failed: Text character limit exceeded")
        parent = self.find(body["in_reply_to_id"]) if "in_reply_to_id" in body else None
        made = self._made(f"01KASW{len(self.made):020}", text, parent, body)
        self.statuses.append(made)
        self.made[made["id"]] = text
        self.keys[key] = made["id"]
        return made

    def _made(self, number: str, text: str, parent: Row | None, body: Row) -> Row:
        ours = recorded("statuses")[0]
        people = {row["account"]["acct"]: row["account"] for row in recorded("statuses")}
        named = [acct for acct in people if f"@{acct}" in text]
        return {
            **ours,
            "id": number,
            "created_at": datetime.fromtimestamp(self.now / 1000, UTC).isoformat(),
            "in_reply_to_id": parent["id"] if parent else None,
            "in_reply_to_account_id": parent["account"]["id"] if parent else None,
            "visibility": body["visibility"],
            "language": body.get("language"),
            "spoiler_text": body.get("spoiler_text", ""),
            "content": (self.render or rendered)(text),
            "media_attachments": [self.media[number] for number in body.get("media_ids", [])],
            "mentions": [
                {leaf: people[acct][leaf] for leaf in ("id", "username", "acct", "url")}
                for acct in named
            ],
            "tags": [],
            "url": f"https://social.example.test/@acme/{number}",
            "uri": f"https://social.example.test/users/acme/statuses/{number}",
        }

    def _delete(self, number: str) -> Row:
        row = self.find(number)
        if row["account"]["id"] != recorded("me")["id"]:
            raise Refusal(404, "Record not found")
        self.statuses.remove(row)
        for other in self.statuses:
            if other["in_reply_to_id"] == number:
                other["in_reply_to_id"] = None
        return {**row, "text": self.made.pop(number, "")}

    def _upload(self, body: Row) -> tuple[int, Row, dict[str, str]]:
        number = f"M{len(self.media)}"
        ready = {
            **recorded("statuses")[2]["media_attachments"][0],
            "id": number,
            "description": body.get("description"),
        }
        self.media[number] = ready
        return (202, {**ready, "url": None}, {}) if self.processing else (200, ready, {})

    def _look_at(self, number: str) -> tuple[int, Row, dict[str, str]]:
        if number not in self.media:
            raise Refusal(404, "Record not found")
        self.processing -= 1
        row = self.media[number]
        return (206, {**row, "url": None}, {}) if self.processing > 0 else (200, row, {})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"error": "Missing access token"}, status=401)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.orders.append(dict(request.query))
        try:
            async with asyncio.timeout(0.1):
                async for message in socket:
                    if message.type is WSMsgType.TEXT:
                        self.orders.append(json.loads(message.data))
        except TimeoutError:
            pass
        for frame in self.frames:
            await socket.send_str(frame)
        await socket.close()
        return socket


def _place(ids: list[str], number: str) -> int:
    return ids.index(number) if number in ids else -1


async def _form(request: web.Request) -> Any:
    if request.content_type != "multipart/form-data":
        return None
    told: Row = {}
    for name, part in (await request.post()).items():
        told[name] = part.file.read() if isinstance(part, web.FileField) else part
    return told


@asynccontextmanager
async def fake_mastodon(now: Moment, *, honours_keys: bool = True) -> AsyncIterator[FakeMastodon]:
    fake = FakeMastodon(now, honours_keys)
    application = web.Application(client_max_size=16 * 1024 * 1024)
    application.router.add_route("*", "/{path:.*}", fake.answer)
    async with TestServer(application) as server:
        fake.url = str(server.make_url("")).rstrip("/")
        assert fake.instance is not None
        # as GoToSocial advertises it, on plain HTTP too
        address = fake.url.replace("http://", "wss://")
        configuration = fake.instance["configuration"]
        fake.instance["configuration"] = {
            **configuration,
            "urls": {**configuration["urls"], "streaming": address},
        }
        yield fake
