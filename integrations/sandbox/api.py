"""The sandbox network's HTTP API, documented in docs/connectors/sandbox.md.

GET    /me
GET    /comments?newest=N | since=CHANGE | after_id=cN   (&limit=)
GET    /comments/{id}            GET /comments/{id}/replies?author=me&after_id=cN
POST   /comments/{id}/replies    {"text"}, Idempotency-Key
PATCH  /comments/{id}            {"text"}, one's own
DELETE /comments/{id}            one's own, or a customer's on one's page
POST   /comments/{id}/{hide|unhide|spam|like|unlike}
GET    /posts?before_id=pN       POST /posts {"text", "media": [{"id", "alt"}]}
GET    /posts/{id}               DELETE /posts/{id}
GET    /posts/{id}/reactions
GET    /posts/{id}/comments?after_id=cN
POST   /media                    raw bytes of an image
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, TypeVar

from aiohttp import web

from integrations.sandbox.faults import Faults
from integrations.sandbox.gate import ApiRefusal, Gate
from integrations.sandbox.network import SandboxNetwork
from integrations.sandbox.records import (
    MAX_BRAND_TEXT,
    ChangeKind,
    Comment,
    Picture,
    Post,
    Role,
    clean,
)
from integrations.sandbox.rendering import (
    comment_json,
    news_json,
    number_of,
    page_json,
    post_json,
    user_json,
)

MAX_PICTURE = 8 * 1024 * 1024
PICTURE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
T = TypeVar("T")
_MARKS = {
    "hide": ChangeKind.HIDDEN,
    "unhide": ChangeKind.UNHIDDEN,
    "spam": ChangeKind.SPAM,
}


def build_app(
    network: SandboxNetwork, faults: Faults, *, token: str, stop: asyncio.Event | None = None
) -> web.Application:
    """The API as an application of its own or a part of another; `stop` ends its delays."""
    gate = Gate(faults, token, network.now, stop or asyncio.Event())
    app = web.Application(middlewares=[gate.middleware()])
    api = _Api(network, faults)
    app.router.add_get("/me", api.me)
    app.router.add_get("/comments", api.comments)
    app.router.add_get("/comments/{id}", api.comment)
    app.router.add_patch("/comments/{id}", api.edit)
    app.router.add_delete("/comments/{id}", api.delete_comment)
    app.router.add_get("/comments/{id}/replies", api.replies)
    app.router.add_post("/comments/{id}/replies", api.reply)
    app.router.add_post("/comments/{id}/{action:hide|unhide|spam|like|unlike}", api.moderate)
    app.router.add_get("/posts", api.posts)
    app.router.add_post("/posts", api.publish_post)
    app.router.add_get("/posts/{id}", api.post)
    app.router.add_delete("/posts/{id}", api.delete_post)
    app.router.add_get("/posts/{id}/comments", api.thread)
    app.router.add_get("/posts/{id}/reactions", api.reactions)
    app.router.add_post("/media", api.upload)
    return app


class _Api:
    def __init__(self, network: SandboxNetwork, faults: Faults) -> None:
        self._network = network
        self._faults = faults

    async def me(self, request: web.Request) -> web.Response:
        return web.json_response(
            {**user_json(self._network.brand), "url": self._network.public_url}
        )

    # -- reading -------------------------------------------------------------------------------

    async def comments(self, request: web.Request) -> web.Response:
        query, lag = request.query, self._faults.list_lag_ms
        limit = min(200, max(1, _whole(query.get("limit", "100"))))
        if "since" in query:
            page = await self._network.changed_since(
                _whole(query["since"]), lag_ms=lag, limit=limit
            )
        elif "after_id" in query:
            after = _named(query["after_id"], "c")
            page = await self._network.after_id(after, lag_ms=lag, limit=limit)
        else:
            limit = min(200, max(1, _whole(query.get("newest", "100"))))
            page = await self._network.newest(lag_ms=lag, limit=limit)
        return web.json_response(news_json(self._network, page, self._faults.drift))

    async def comment(self, request: web.Request) -> web.Response:
        return self._comment_answer(await self._comment(request))

    async def replies(self, request: web.Request) -> web.Response:
        parent = await self._comment(request)
        author = request.query.get("author", "")
        if author == "me" and not self._network.shows_own:
            raise ApiRefusal(422, "not_offered", "This network does not list your own replies.")
        page = await self._network.replies(
            parent.id,
            author_id=self._network.brand.id if author == "me" else author,
            after=_named(request.query.get("after_id", "c0"), "c"),
            lag_ms=self._faults.list_lag_ms,
        )
        return web.json_response(page_json(self._network, page, self._faults.drift))

    async def thread(self, request: web.Request) -> web.Response:
        post = await self._post(request)
        page = await self._network.thread(
            post.id,
            after=_named(request.query.get("after_id", "c0"), "c"),
            lag_ms=self._faults.list_lag_ms,
        )
        return web.json_response(page_json(self._network, page, self._faults.drift))

    async def posts(self, request: web.Request) -> web.Response:
        before = request.query.get("before_id")
        found = await self._network.posts(50, _named(before, "p") if before else None)
        lag = self._faults.list_lag_ms
        until = self._network.now() - lag if lag else 2**62
        return web.json_response(
            {
                "posts": [
                    post_json(self._network, post) for post in found if post.published_at <= until
                ],
                "has_more": len(found) == 50,
            }
        )

    async def post(self, request: web.Request) -> web.Response:
        return web.json_response(post_json(self._network, await self._post(request)))

    async def reactions(self, request: web.Request) -> web.Response:
        post = await self._post(request)
        if post.is_deleted:
            raise ApiRefusal(410, "gone", "This post has been deleted.")
        likes, shares, comments, views = await self._network.reactions(post.id)
        counts = {"likes": likes, "shares": shares, "comments": comments, "views": views}
        return web.json_response({"published_at": post.published_at, **counts})

    # -- writing -------------------------------------------------------------------------------

    async def reply(self, request: web.Request) -> web.Response:
        text = _brand_text(await _json(request))
        key = request.headers.get("Idempotency-Key")
        if key and self._network.honours_keys:
            earlier = await self._network.comment_by_key(key)
            if earlier is not None:
                return self._comment_answer(earlier)
        parent = await self._live_comment(request)
        written = await self._network.comment(self._network.brand.id, text, parent=parent, key=key)
        return self._comment_answer(written, 201)

    async def edit(self, request: web.Request) -> web.Response:
        comment = await self._live_comment(request)
        if comment.author.role is not Role.BRAND:
            raise ApiRefusal(422, "not_yours", "Only its author may edit a comment.")
        await self._network.edit(comment.id, _brand_text(await _json(request)))
        return self._comment_answer(await self._network.existing_comment(comment.id))

    async def delete_comment(self, request: web.Request) -> web.Response:
        comment = await self._live_comment(request)
        await self._network.mark(comment.id, ChangeKind.DELETED)
        return web.Response(status=204)

    async def moderate(self, request: web.Request) -> web.Response:
        comment = await self._live_comment(request)
        action = request.match_info["action"]
        if action in _MARKS:
            await self._network.mark(comment.id, _MARKS[action])
        else:
            await self._network.like(comment.id, action == "like")
        return web.Response(status=204)

    async def publish_post(self, request: web.Request) -> web.Response:
        body = await _json(request)
        text = _brand_text(body)
        pictures = await self._pictures(body.get("media", []))
        post = await self._network.publish_post(
            text, pictures, key=request.headers.get("Idempotency-Key")
        )
        return web.json_response(post_json(self._network, post), status=201)

    async def delete_post(self, request: web.Request) -> web.Response:
        post = await self._post(request)
        await self._network.delete_post(post.id)
        return web.Response(status=204)

    async def upload(self, request: web.Request) -> web.Response:
        if request.content_type not in PICTURE_TYPES:
            raise ApiRefusal(422, "not_an_image", "Send a PNG, JPEG, GIF or WebP image.")
        # read by hand: an application around this one may allow smaller bodies
        data = bytearray()
        async for chunk in request.content.iter_chunked(65_536):
            data += chunk
            if len(data) > MAX_PICTURE:
                raise ApiRefusal(422, "too_large", "A picture may have at most 8 MiB.")
        picture_id = await self._network.add_picture(request.content_type, bytes(data))
        return web.json_response({"id": picture_id}, status=201)

    # -- what a request names ------------------------------------------------------------------

    def _comment_answer(self, comment: Comment, status: int = 200) -> web.Response:
        return web.json_response(
            comment_json(self._network, comment, self._faults.drift), status=status
        )

    async def _comment(self, request: web.Request) -> Comment:
        found = await self._network.find_comment(_named(request.match_info["id"], "c"))
        return _required(found, "comment")

    async def _live_comment(self, request: web.Request) -> Comment:
        comment = await self._comment(request)
        if comment.is_deleted:
            raise ApiRefusal(410, "gone", "This comment has been deleted.")
        return comment

    async def _post(self, request: web.Request) -> Post:
        found = await self._network.find_post(_named(request.match_info["id"], "p"))
        return _required(found, "post")

    async def _pictures(self, listed: Any) -> list[Picture]:
        pictures = []
        for entry in listed if isinstance(listed, list) else []:
            picture_id = str(entry.get("id", "")) if isinstance(entry, dict) else ""
            if await self._network.picture(picture_id) is None:
                raise ApiRefusal(422, "unknown_media", "Upload the picture first.")
            pictures.append(Picture(picture_id, str(entry.get("alt", ""))))
        return pictures


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        raise ApiRefusal(400, "bad_json", "The body is not JSON.") from error
    if not isinstance(body, dict):
        raise ApiRefusal(400, "bad_json", "The body is not a JSON object.")
    return body


def _brand_text(body: dict[str, Any]) -> str:
    text = body.get("text")
    if not isinstance(text, str) or not clean(text):
        raise ApiRefusal(422, "empty", "There is no text.")
    if len(clean(text)) > MAX_BRAND_TEXT:
        raise ApiRefusal(422, "too_long", f"At most {MAX_BRAND_TEXT} characters.")
    return text


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise ApiRefusal(400, "bad_parameter", "A parameter is not a whole number.")
    return int(text)


def _named(name: str, kind: str) -> int:
    number = number_of(name, kind)
    if number is None:
        raise ApiRefusal(404, "not_found", "There is nothing of this name.")
    return number


def _required(found: T | None, what: str) -> T:
    if found is None:
        raise ApiRefusal(404, "not_found", f"There is no such {what}.")
    return found
