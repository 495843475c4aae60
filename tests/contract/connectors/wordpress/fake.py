"""A WordPress site of a few comments that refuses what WordPress 6.1.9 was seen to refuse."""

from __future__ import annotations

import asyncio
import base64
import html
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.model.ids import Moment
from tests.contract.connector_case import Fault

FIXTURES = Path(__file__).with_name("fixtures")
USER = "brand"
PASSWORD = "abcd EFGH 1234 ijkl MNOP 5678"
TOKEN = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
ME = 2
COLUMN = 65_525
STATUSES = {"all": {"approved", "hold"}, "any": {"approved", "hold", "spam", "trash"}}


def recorded(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came in."""

    method: str
    route: str
    params: dict[str, str]
    body: Any


class Refusal(Exception):
    def __init__(self, status: int, code: str, message: str = "Sorry, no.") -> None:
        super().__init__(code)
        told = {"code": code, "message": message, "data": {"status": status}}
        self.answer = web.json_response(told, status=status)


FAULTS = {
    Fault.UNAUTHORIZED: (401, "rest_not_logged_in"),
    Fault.FORBIDDEN: (403, "rest_cannot_create"),
    Fault.REJECTED: (400, "rest_invalid_param"),
    Fault.GONE: (403, "rest_comment_trash_post"),
    Fault.SERVER_ERROR: (500, "internal_server_error"),
}


@dataclass
class FakeWordPress:
    now: Moment
    """The site's clock."""
    url: str = ""
    comments: list[dict[str, Any]] = field(default_factory=lambda: list(recorded("comments")))
    posts: list[dict[str, Any]] = field(default_factory=list)
    media: list[dict[str, Any]] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    capabilities: dict[str, bool] = field(default_factory=lambda: {"moderate_comments": True})
    fault: Fault | None = None
    fail_when_looking: Fault | None = None
    """Happens to the next look for our own comments."""
    statuses: dict[str, set[str]] = field(default_factory=lambda: dict(STATUSES))
    """Which statuses a listing brings."""
    held: bool = False
    """Whether new comments wait for moderation."""

    @property
    def visible(self) -> Sequence[str]:
        recorded_ids = {comment["id"] for comment in recorded("comments")}
        return [
            html.unescape(comment["content"]["raw"])
            for comment in sorted(self.comments, key=lambda comment: int(comment["id"]))
            if comment["id"] not in recorded_ids and comment["author"] == ME
        ] + [post["content"]["raw"] for post in self.posts]

    @property
    def writes(self) -> int:
        made = {"/wp/v2/comments", "/wp/v2/posts"}
        return sum(1 for seen in self.seen if seen.method == "POST" and seen.route in made)

    def fail_next(self, fault: Fault) -> None:
        self.fault = fault

    def comment(self, number: int) -> dict[str, Any]:
        for comment in self.comments:
            if comment["id"] == number:
                return comment
        raise Refusal(404, "rest_comment_invalid_id", "Invalid comment ID.")

    def add(self, number: int, text: str, **more: Any) -> None:
        """A visitor's comment, made like the first recorded one."""
        content = {"raw": html.escape(text, quote=False), "rendered": ""}
        fresh = {**recorded("comments")[-1], "id": number, "content": content, **more}
        self.comments.append(fresh)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        route = request.query["rest_route"]
        raw = await request.read()
        is_json = request.content_type == "application/json" and raw
        body = json.loads(raw) if is_json else raw
        self.seen.append(Seen(request.method, route, dict(request.query), body))
        try:
            self._authenticate(request, route)
            return await self._answer(request, route, body)
        except Refusal as refusal:
            return refusal.answer

    def _authenticate(self, request: web.Request, route: str) -> None:
        if request.headers.get("Authorization") != f"Basic {TOKEN}":
            me = route.endswith("/users/me")
            raise Refusal(401, "rest_not_logged_in" if me else "rest_forbidden_context")

    async def _answer(self, request: web.Request, route: str, body: Any) -> web.StreamResponse:
        collection = route in {"/wp/v2/comments", "/wp/v2/posts"}
        fault = self._take_fault() if collection else None
        if self.fail_when_looking and "author" in request.query:
            fault, self.fail_when_looking = self.fail_when_looking, None
        if fault in FAULTS:
            raise Refusal(*FAULTS[fault])
        if fault is Fault.RATE_LIMITED:
            return web.Response(status=429, headers={"Retry-After": "120"}, text="slow down")
        query = {**request.query, "file_name": request.headers.get("Content-Disposition", "")}
        told, status = self._act(request.method, route, query, body)
        return await self._tell(request, fault, told, status)

    def _take_fault(self) -> Fault | None:
        fault, self.fault = self.fault, None
        return fault

    async def _tell(
        self, request: web.Request, fault: Fault | None, told: Any, status: int
    ) -> web.StreamResponse:
        if fault is Fault.SERVER_ERROR_AFTER_ACTING:
            return web.Response(status=502, text="<html>Bad gateway</html>")
        if fault is Fault.RESET_AFTER_ACTING:
            assert request.transport is not None
            request.transport.abort()
        if fault is Fault.SLOW_AFTER_ACTING:
            await asyncio.sleep(0.6)
        if fault is Fault.GARBAGE:
            return web.json_response({"hello": "world"})
        return web.json_response(told, status=status)

    def _act(self, method: str, route: str, query: dict[str, str], body: Any) -> tuple[Any, int]:
        last = route.rsplit("/", 1)[1]
        match method, route:
            case "GET", "/wp/v2/users/me":
                return {**recorded("me"), "capabilities": self.capabilities}, 200
            case "GET", "/wp/v2/comments":
                return self._list(query), 200
            case "POST", "/wp/v2/comments":
                return self._create(body), 201
            case "GET", "/wp/v2/posts":
                slugs = query["slug"].split(",")
                return [post for post in self.posts if post["slug"] in slugs], 200
            case "POST", "/wp/v2/posts":
                return self._create_post(body), 201
            case "GET", "/wp/v2/media":
                return [each for each in self.media if each["slug"] == query["slug"]], 200
            case "POST", "/wp/v2/media":
                return self._upload(query), 201
            case "GET", _ if last.isdigit():
                return self.comment(int(last)), 200
            case "POST", _ if last.isdigit():
                self.comment(int(last))["status"] = body["status"]
                return self.comment(int(last)), 200
            case "DELETE", _ if last.isdigit():
                return self._trash(int(last)), 200
            case _:
                raise Refusal(404, "rest_no_route")

    def _list(self, query: dict[str, str]) -> list[dict[str, Any]]:
        if int(query["per_page"]) > 100:
            raise Refusal(400, "rest_invalid_param")
        found = [
            comment
            for comment in self.comments
            if comment["status"] in self.statuses[query["status"]]
            and query.get("parent", str(comment["parent"])) == str(comment["parent"])
            and query.get("author", str(comment["author"])) == str(comment["author"])
        ]
        found.sort(key=lambda comment: -int(comment["id"]))
        offset = int(query.get("offset", "0"))
        return found[offset : offset + int(query["per_page"])]

    def _create(self, body: dict[str, Any]) -> dict[str, Any]:
        content = body["content"]["raw"]
        if not content.strip():
            raise Refusal(400, "rest_comment_content_invalid", "Invalid comment content.")
        if len(content.encode()) > COLUMN:
            raise Refusal(400, "comment_content_column_length", "Your comment is too long.")
        twins = [
            comment
            for comment in self.comments
            if comment["author"] == ME
            and comment["parent"] == body["parent"]
            and comment["content"]["raw"] == content
            and comment["status"] != "trash"
        ]
        # Seen on 6.1.9: WordPress compares slashed with unslashed text.
        if twins and "\\" not in content:
            raise Refusal(409, "comment_duplicate", "Duplicate comment detected")
        number = max(int(comment["id"]) for comment in self.comments) + 1
        made: dict[str, Any] = {
            **recorded("created"),
            **body,
            "id": number,
            "content": {"raw": content, "rendered": f"<p>{content}</p>\n"},
            "date_gmt": _iso(self.now),
            "link": f"https://blog.example.test/our-new-kettle/#comment-{number}",
            "status": "hold" if self.held else "approved",
        }
        self.comments.append(made)
        return made

    def _create_post(self, body: dict[str, Any]) -> dict[str, Any]:
        number = 50 + len(self.posts)
        made = {
            "id": number,
            "slug": body["slug"],
            "title": body["title"],
            "content": body["content"],
            "featured_media": body.get("featured_media", 0),
            "status": body["status"],
            "link": f"https://blog.example.test/{body['slug']}/",
        }
        self.posts.append(made)
        return made

    def _upload(self, query: dict[str, str]) -> dict[str, Any]:
        number = 80 + len(self.media)
        made = {
            "id": number,
            "slug": query["file_name"].split('"')[1].split(".")[0],
            "alt_text": query["alt_text"],
            "source_url": f"https://blog.example.test/uploads/{number}.png",
        }
        self.media.append(made)
        return made

    def _trash(self, number: int) -> dict[str, Any]:
        comment = self.comment(number)
        if comment["status"] == "trash":
            raise Refusal(410, "rest_already_trashed", "Already trashed.")
        comment["status"] = "trash"
        return comment


def _iso(moment: Moment) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@asynccontextmanager
async def fake_wordpress(now: Moment) -> AsyncIterator[FakeWordPress]:
    fake = FakeWordPress(now)
    app = web.Application(client_max_size=9 * 1024 * 1024)
    app.router.add_route("*", "/", fake.answer)
    async with TestServer(app) as server:
        fake.url = str(server.make_url("")).rstrip("/")
        yield fake
