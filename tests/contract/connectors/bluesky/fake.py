"""A data server on loopback that speaks XRPC from recorded answers and refuses as the real one.

It keeps one repository (the brand's) with the semantics of `putRecord` that were measured: the
same body again is 200, another body under the same key is `InvalidSwap`.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from integrations.bluesky.syntax import AtUri, is_tid
from tests.contract.connector_case import Fault

FIXTURES = Path(__file__).with_name("fixtures")
BRAND = "did:plc:brand2brand2brand2brand2"
FAN = "did:plc:fan2fan2fan2fan2fan2fan2"
HANDLE = "brand.test"
APP_PASSWORD = "evov-nn4d-e763-gw5q"
POST = "app.bsky.feed.post"
SLOW = 0.9
CONTENT = frozenset(
    {
        "app.bsky.notification.listNotifications",
        "app.bsky.feed.getPostThread",
        "app.bsky.feed.searchPosts",
        "com.atproto.repo.listRecords",
        "com.atproto.repo.getRecord",
        "com.atproto.repo.putRecord",
    }
)
REFUSALS = {
    Fault.UNAUTHORIZED: (401, "AuthenticationRequired", "Authentication Required"),
    Fault.FORBIDDEN: (403, "Forbidden", "Account is not allowed to do this"),
    Fault.RATE_LIMITED: (429, "RateLimitExceeded", "Rate Limit Exceeded"),
    Fault.REJECTED: (400, "InvalidRequest", "Invalid app.bsky.feed.post record"),
    Fault.SERVER_ERROR: (502, "UpstreamFailure", "Upstream service unreachable"),
}

Reply = tuple[int, Any]


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def cid_of(value: Any) -> str:
    """A well-formed CID; the real one hashes CBOR instead of JSON."""
    digest = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).digest()
    packed = base64.b32encode(b"\x01\x71\x12\x20" + digest)
    return "b" + packed.decode().lower().rstrip("=")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, for the checker of lexicons."""

    method: str
    nsid: str
    params: tuple[tuple[str, str], ...]
    body: Any
    status: int
    answer: Any


class FakeBluesky:
    """Tests may change every public attribute; lists are newest first as on the network."""

    def __init__(self) -> None:
        self.url = ""
        self.writes = 0
        self.exchanges: list[Exchange] = []
        self.notifications: list[dict[str, Any]] = fixture("notifications")["notifications"]
        self.hits: list[dict[str, Any]] = fixture("search")["posts"]
        self.posts = {post["uri"]: post for post in fixture("posts")["posts"]}
        self.thread: dict[str, Any] | None = fixture("thread")["thread"]
        self.records: dict[tuple[str, str], dict[str, Any]] = {
            (POST, record["uri"].rsplit("/", 1)[-1]): record["value"]
            for record in fixture("records")["records"]
        }
        self.handles = {HANDLE: BRAND, "fan.test": FAN}
        self.gone: set[str] = set()
        self.knows_reasons = True
        self.password = APP_PASSWORD
        self.live: set[str] = set()
        """Access and refresh tokens that are accepted."""
        self.logins = 0
        self.refreshes = 0
        self.did_document: Any = fixture("session")["didDoc"]
        self._visible: list[str] = []
        self._fault: Fault | None = None
        self._calls: dict[str, Callable[[web.Request, Any], Awaitable[Reply]]] = {
            "com.atproto.server.getSession": self._get_session,
            "com.atproto.identity.resolveHandle": self._resolve_handle,
            "app.bsky.notification.listNotifications": self._list_notifications,
            "app.bsky.feed.searchPosts": self._search_posts,
            "app.bsky.feed.getPosts": self._get_posts,
            "app.bsky.feed.getPostThread": self._get_thread,
            "com.atproto.repo.listRecords": self._list_records,
            "com.atproto.repo.getRecord": self._get_record,
            "com.atproto.repo.putRecord": self._put_record,
            "com.atproto.repo.deleteRecord": self._delete_record,
            "com.atproto.repo.uploadBlob": self._upload_blob,
        }

    @property
    def visible(self) -> Sequence[str]:
        return self._visible

    def fail_next(self, fault: Fault) -> None:
        self._fault = fault

    def end_access(self) -> None:
        """Every access token is over; refresh tokens still work."""
        self.live = {token for token in self.live if token.startswith("refresh")}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        nsid = request.match_info["nsid"]
        raw = await request.read()
        is_json = request.content_type == "application/json" and raw
        body: Any = json.loads(raw) if is_json else raw
        if nsid == "com.atproto.repo.putRecord" and body["collection"] == POST:
            self.writes += 1
        fault = self._fault if nsid in CONTENT else None
        if fault is not None and (fault is not Fault.GONE or nsid == "com.atproto.repo.putRecord"):
            self._fault = None
            return await self._broken(fault, nsid, request, body)
        status, told = await self._told(nsid, request, body)
        params = tuple(request.query.items())
        self.exchanges.append(Exchange(request.method, nsid, params, body, status, told))
        return web.json_response(told, status=status)

    async def _told(self, nsid: str, request: web.Request, body: Any) -> Reply:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if nsid == "com.atproto.server.createSession":
            return self._create_session(body)
        if nsid == "com.atproto.server.refreshSession":
            return self._refresh_session(token)
        if token not in self.live or not token.startswith("access"):
            return 400, {"error": "ExpiredToken", "message": "Token has expired"}
        return await self._calls[nsid](request, body)

    async def _broken(
        self, fault: Fault, nsid: str, request: web.Request, body: Any
    ) -> web.StreamResponse:
        if fault in REFUSALS:
            status, name, message = REFUSALS[fault]
            headers = {"Retry-After": "290"} if status == 429 else {}
            return web.json_response(
                {"error": name, "message": message}, status=status, headers=headers
            )
        if fault is Fault.GARBAGE:
            return web.json_response({"hello": ["world"]})
        status, told = await self._told(nsid, request, body)
        if fault is Fault.SLOW_AFTER_ACTING:
            await asyncio.sleep(SLOW)
        if fault is Fault.SERVER_ERROR_AFTER_ACTING:
            return web.json_response({"error": "InternalServerError"}, status=500)
        if fault is Fault.RESET_AFTER_ACTING and request.transport is not None:
            request.transport.abort()
        return web.json_response(told, status=status)

    # --- sessions -----------------------------------------------------------------------------

    def _create_session(self, body: Any) -> Reply:
        self.logins += 1
        if body != {"identifier": HANDLE, "password": self.password}:
            return 401, {
                "error": "AuthenticationRequired",
                "message": "Invalid identifier or password",
            }
        return self._session()

    def _refresh_session(self, token: str) -> Reply:
        self.refreshes += 1
        if token not in self.live or not token.startswith("refresh"):
            return 400, {"error": "ExpiredToken", "message": "Token has expired"}
        return self._session()

    def _session(self) -> Reply:
        number = self.logins + self.refreshes
        access, refresh = f"access-token-{number}", f"refresh-token-{number}"
        self.live |= {access, refresh}
        told = fixture("session")
        told |= {"accessJwt": access, "refreshJwt": refresh, "didDoc": self.did_document}
        return 200, told

    async def _get_session(self, request: web.Request, body: Any) -> Reply:
        return 200, {"did": BRAND, "handle": HANDLE, "active": True}

    async def _resolve_handle(self, request: web.Request, body: Any) -> Reply:
        did = self.handles.get(request.query["handle"])
        if did is None:
            return 400, {"error": "HandleNotFound", "message": "Unable to resolve handle"}
        return 200, {"did": did}

    # --- reading ------------------------------------------------------------------------------

    async def _list_notifications(self, request: web.Request, body: Any) -> Reply:
        """The cursor is the moment of the last entry; what follows is strictly older."""
        reasons = request.query.getall("reasons", []) if self.knows_reasons else []
        page = _page(
            [one for one in self.notifications if not reasons or one["reason"] in reasons],
            request,
        )
        return 200, {"notifications": page[0], **page[1]}

    async def _search_posts(self, request: web.Request, body: Any) -> Reply:
        words = request.query["q"].strip('"').casefold()
        hits = [hit for hit in self.hits if words in hit["record"]["text"].casefold()]
        page = _page(hits, request)
        return 200, {"posts": page[0], **page[1]}

    async def _get_posts(self, request: web.Request, body: Any) -> Reply:
        uris = request.query.getall("uris")
        if len(uris) > 25:
            return 400, {"error": "InvalidRequest", "message": "array too big (maximum 25)"}
        if self._fault is Fault.GONE:
            self._fault = None
            self.gone.update(uris)
        shown = [self.posts[uri] for uri in uris if uri in self.posts and uri not in self.gone]
        return 200, {"posts": shown}

    async def _get_thread(self, request: web.Request, body: Any) -> Reply:
        uri = request.query["uri"]
        if self.thread is None or self.thread["post"]["uri"] != uri:
            return 400, {"error": "NotFound", "message": f"Post not found: {uri}"}
        return 200, {"thread": self.thread}

    async def _list_records(self, request: web.Request, body: Any) -> Reply:
        keys = sorted((key for place, key in self.records if place == POST), reverse=True)
        records = [
            {"uri": str(AtUri(BRAND, POST, key)), "cid": cid_of(value), "value": value}
            for key in keys
            for value in [self.records[POST, key]]
        ]
        return 200, {"records": records, **({"cursor": keys[-1]} if keys else {})}

    async def _get_record(self, request: web.Request, body: Any) -> Reply:
        query = request.query
        uri = str(AtUri(query["repo"], query["collection"], query["rkey"]))
        value = (
            self.records.get((query["collection"], query["rkey"]))
            if query["repo"] == BRAND
            else self.posts.get(uri, {}).get("record")
        )
        if value is None or uri in self.gone:
            return 400, {"error": "RecordNotFound", "message": f"Could not locate record: {uri}"}
        return 200, {"uri": uri, "cid": cid_of(value), "value": value}

    # --- writing ------------------------------------------------------------------------------

    async def _put_record(self, request: web.Request, body: Any) -> Reply:
        place, record = (body["collection"], body["rkey"]), body["record"]
        if body["collection"] in {POST, "app.bsky.feed.like"} and not is_tid(body["rkey"]):
            return 400, {"error": "InvalidRequest", "message": "Invalid TID string"}
        uri = str(AtUri(BRAND, *place))
        told = {"uri": uri, "cid": cid_of(record), "validationStatus": "valid"}
        current = self.records.get(place)
        if current == record:
            return 200, told
        current_cid = cid_of(current) if current is not None else None
        if "swapRecord" in body and body["swapRecord"] != current_cid:
            return 400, {"error": "InvalidSwap", "message": f"Record was at {current_cid}"}
        self.records[place] = record
        if body["collection"] == POST:
            self._visible.append(record["text"])
        return 200, {**told, "commit": {"cid": cid_of(told), "rev": "3n2wdqjja3c22"}}

    async def _delete_record(self, request: web.Request, body: Any) -> Reply:
        if body["repo"] != BRAND:
            return 401, {"error": "AuthenticationRequired", "message": "Authentication Required"}
        removed = self.records.pop((body["collection"], body["rkey"]), None)
        if removed is None:
            return 200, {}
        return 200, {"commit": {"cid": cid_of(removed), "rev": "3n2wdqjksuc22"}}

    async def _upload_blob(self, request: web.Request, body: Any) -> Reply:
        digest = base64.b32encode(b"\x01\x55\x12\x20" + hashlib.sha256(body).digest())
        blob = {
            "$type": "blob",
            "ref": {"$link": "b" + digest.decode().lower().rstrip("=")},
            "mimeType": request.content_type,
            "size": len(body),
        }
        return 200, {"blob": blob}


def _page(
    entries: list[dict[str, Any]], request: web.Request
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    limit = int(request.query.get("limit", "50"))
    below = request.query.get("cursor")
    left = [one for one in entries if below is None or one["indexedAt"] < below]
    page = left[:limit]
    return page, {"cursor": page[-1]["indexedAt"]} if len(page) == limit else {}


@asynccontextmanager
async def running_bluesky() -> AsyncIterator[FakeBluesky]:
    fake = FakeBluesky()
    app = web.Application(client_max_size=16 * 1024 * 1024)
    app.router.add_route("*", "/xrpc/{nsid}", fake.answer)
    async with TestServer(app, host="127.0.0.1") as server:
        fake.url = str(server.make_url("")).rstrip("/")
        yield fake
