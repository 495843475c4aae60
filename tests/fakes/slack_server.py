"""A Slack that refuses what Slack refuses, over real HTTP; its channels and views are the judge.

The Web API: unknown methods, wrong tokens, GET, blocks that any of our judges complains about,
channels that are not there or that the bot is not in, one message a second in a channel, 50 edits
a minute, triggers that are used twice or after three seconds. Socket Mode is `slack_sockets`, the
people are `slack_people`. `faults` are taken by the next requests of their method.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from aiohttp import web

from handlers.slack.manifest import SCOPES
from tests.fakes.slack_judges import judged_message, judged_view
from tests.fakes.slack_lint import CHART
from tests.fakes.slack_sockets import Sockets
from tests.patience import PATIENCE
from tests.services import LOOPBACK, free_port

BOT_TOKEN = "xoxb-1-of-this-test"
APP_TOKEN = "xapp-1-of-this-test"
SIGNING_SECRET = "signing-secret-of-this-test"
TEAM = "T0TEAM"
APP = "A0ACMEAPP"
BOT_USER = "U0BOT"
TRIGGER_SECONDS = 10.0
"""Slack's are three; the machine may be busy."""
BURST = 4
EDITS_A_MINUTE = 50

Answer = dict[str, Any]


class Fault(StrEnum):
    """What becomes of one request."""

    LOSE_ANSWER = "lose_answer"
    LOSE_REQUEST = "lose_request"
    ERROR_AFTER_ACTING = "error_after_acting"
    ERROR = "error"
    TOO_MANY = "too_many"
    NONSENSE = "nonsense"


class Refused(Exception):
    """`{"ok": false, "error": <code>}`"""


@dataclass(slots=True)
class Message:
    ts: str
    channel: str
    body: Answer
    looks: list[Answer] = field(default_factory=list)
    """Everything that it ever showed, oldest first."""

    @property
    def blocks(self) -> list[Answer]:
        return self.looks[-1]["blocks"]  # type: ignore[no-any-return]

    @property
    def text(self) -> str:
        return str(self.looks[-1]["text"])


@dataclass(slots=True)
class UploadedFile:
    """`data` None: an address was given, and nothing came yet."""

    id: str
    name: str
    length: int
    alt: str = ""
    data: bytes | None = None


@dataclass(slots=True)
class OpenView:
    """A modal as one person sees it; `errors` by block id, as Slack shows them."""

    id: str
    hash: str
    user: str
    view: Answer
    errors: dict[str, str] = field(default_factory=dict)
    is_open: bool = True


@dataclass(slots=True)
class SlackServer:
    """`channels` maps what exists to whether the bot is in it."""

    port: int = field(default_factory=free_port)
    channels: dict[str, bool] = field(default_factory=lambda: {"C0CARE": True, "C0OUT": False})
    private: dict[str, set[str]] = field(default_factory=dict)
    """Of those that are private, who is in them."""
    bot_tokens: set[str] = field(default_factory=lambda: {BOT_TOKEN})
    """Those that are good now, of one and the same bot."""
    scopes: set[str] = field(default_factory=lambda: set(SCOPES))
    people: dict[str, Answer] = field(default_factory=dict)
    """What `users.info` tells of each person of the workspace, beside the usual."""
    messages: list[Message] = field(default_factory=list)
    replies: list[Message] = field(default_factory=list)
    """What stands in threads; `thread_ts` of their body names the message above."""
    files: dict[str, UploadedFile] = field(default_factory=dict)
    downloads: int = 0
    before_download: Callable[[], Awaitable[object]] = field(default=lambda: asyncio.sleep(0))
    whispers: list[tuple[str, str, str]] = field(default_factory=list)
    """Ephemeral messages: channel, user, text."""
    whispered: list[Message] = field(default_factory=list)
    """The same ones as messages, with what can be pressed in them."""
    views: dict[str, OpenView] = field(default_factory=dict)
    homes: dict[str, Answer] = field(default_factory=dict)
    calls: list[tuple[str, Answer]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    """What was sent and should never have been."""
    fetches_pictures: bool = True
    """Whether what an image names, a block or an accessory, can be fetched from here."""
    knows_charts: bool = True
    """Whether the block for charts is rolled out here."""
    faults: dict[str, deque[Fault]] = field(default_factory=dict)
    lag_seconds: float = 0.0
    """How long a message can be posted already and not be in the history."""
    reads_as: Callable[[Answer], Answer] = field(default=lambda message: message)
    """What becomes of a message between its posting and the history."""
    now: Callable[[], float] = time.time
    """Seconds since 1970, of Slack's own clock."""
    page: int = 1_000
    """Messages on a page of the history at most."""
    triggers: dict[str, tuple[str, float]] = field(default_factory=dict)
    sockets: Sockets = field(init=False)
    passed: Callable[[], float] = time.monotonic
    """Seconds, by which it counts what may be done in a minute."""
    _spent: dict[str, deque[float]] = field(default_factory=dict)
    _numbers: int = 0

    def __post_init__(self) -> None:
        self.sockets = Sockets(self.port, {APP_TOKEN})

    @property
    def api_url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/api"

    def fail(self, method: str, *faults: Fault) -> None:
        self.faults.setdefault(method, deque()).extend(faults)

    def rest(self) -> None:
        """As if nothing had been asked of it for a while."""
        self._spent.clear()

    def trigger(self, user: str) -> str:
        self._numbers += 1
        name = f"trigger-{self._numbers}"
        self.triggers[name] = (user, time.monotonic())
        return name

    def called(self, method: str) -> list[Answer]:
        return [body for name, body in self.calls if name == method]

    def in_channel(self, channel: str) -> list[Message]:
        return [one for one in self.messages if one.channel == channel]

    def in_thread(self, ts: str) -> list[Message]:
        return [one for one in self.replies if one.body["thread_ts"] == ts]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[SlackServer]:
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/files/{file}", self._download)
        app.router.add_get("/link", self.sockets.serve)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, LOOPBACK, self.port).start()
        try:
            yield self
        finally:
            await self.sockets.close()
            await runner.cleanup()

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        body = await _read(request)
        self.calls.append((method, body))
        waiting = self.faults.get(method)
        fault = waiting.popleft() if waiting else None
        if fault in {Fault.LOSE_REQUEST, Fault.ERROR, Fault.TOO_MANY, Fault.NONSENSE}:
            return _broken(request, fault)
        try:
            answer: Answer = {"ok": True} | await self._act(request, method, body)
        except Refused as refused:
            code = str(refused)
            if code == "ratelimited":
                return _broken(request, Fault.TOO_MANY)
            answer = {"ok": False, "error": code}
        if fault is Fault.LOSE_ANSWER:
            return _broken(request, Fault.LOSE_REQUEST)
        if fault is Fault.ERROR_AFTER_ACTING:
            return _broken(request, Fault.ERROR)
        told = {"X-OAuth-Scopes": ",".join(sorted(self.scopes))} if method == "auth.test" else {}
        return web.json_response(answer, headers=told)

    async def _act(self, request: web.Request, method: str, body: Answer) -> Answer:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        is_opening = method == "apps.connections.open"
        if token not in (self.sockets.app_tokens if is_opening else self.bot_tokens):
            raise Refused("invalid_auth" if token else "not_authed")
        known: Mapping[str, Callable[[Answer], Answer]] = {
            "auth.test": self._auth_test,
            "bots.info": self._bot,
            "apps.connections.open": self._open_connection,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "chat.postEphemeral": self._whisper,
            "blocks.validate": self._validate,
            "conversations.open": self._open_direct,
            "files.getUploadURLExternal": self._upload_address,
            "files.completeUploadExternal": self._complete_upload,
            "conversations.history": self._history,
            "conversations.replies": self._thread,
            "conversations.info": self._info,
            "conversations.members": self._members,
            "users.info": self._user,
            "views.open": self._open_view,
            "views.push": self._open_view,
            "views.update": self._update_view,
            "views.publish": self._publish_view,
        }
        if method not in known:
            raise Refused("unknown_method")
        if request.method != "POST":
            self._complain(f"{request.method} {method}")
            raise Refused("invalid_form_data")
        return known[method](body)

    # Messages

    def _auth_test(self, body: Answer) -> Answer:
        bot = {"user": "replydesk", "user_id": BOT_USER, "bot_id": "B0BOT"}
        return bot | {"team": "Acme", "team_id": TEAM, "url": "https://acme.slack.example/"}

    def _bot(self, body: Answer) -> Answer:
        return {"bot": {"id": body["bot"], "app_id": APP}}

    def _open_connection(self, body: Answer) -> Answer:
        return {"url": self.sockets.ticket()}

    def _post(self, body: Answer) -> Answer:
        channel = self._channel(body)
        self._spend(f"post:{channel}", BURST, 1.0)
        self._judge_message(body)
        message = Message(self._ts(), channel, body, [body])
        if "thread_ts" in body:
            # a reply's own ts, or a message that is gone, is no thread
            self._stands(channel, str(body["thread_ts"]))
            self.replies.append(message)
        else:
            self.messages.append(message)
        shown = _as_read(message, with_metadata=True)
        return {"channel": channel, "ts": message.ts, "message": shown}

    def _update(self, body: Answer) -> Answer:
        channel = self._channel(body)
        self._spend("edit", EDITS_A_MINUTE, 60.0 / EDITS_A_MINUTE)
        found = [one for one in self.in_channel(channel) if one.ts == body["ts"]]
        if not found:
            raise Refused("message_not_found")
        self._judge_message(body)
        found[0].looks.append(body)
        return {"channel": channel, "ts": body["ts"]}

    def _delete(self, body: Answer) -> Answer:
        channel = self._channel(body)
        found = [one for one in self.messages + self.replies if one.ts == body["ts"]]
        if not found or found[0].channel != channel:
            raise Refused("message_not_found")
        (self.replies if found[0] in self.replies else self.messages).remove(found[0])
        return {"channel": channel, "ts": body["ts"]}

    def _validate(self, body: Answer) -> Answer:
        if len(body.keys() & {"blocks", "view", "message"}) != 1:
            raise Refused("invalid_arguments")
        kind, thing = next((name, json.loads(raw)) for name, raw in body.items())
        message = {"text": "-", "blocks": thing} if kind == "blocks" else thing
        found = judged_view(thing) if kind == "view" else judged_message(message)
        return _invalid(kind, found) if found else {}

    def _whisper(self, body: Answer) -> Answer:
        channel = self._channel(body)
        if "<" in body["text"]:
            self._complain(f"unescaped: {body['text']!r}")
        if "thread_ts" in body:
            self._stands(channel, body["thread_ts"])
        if "blocks" in body:
            self._judge_message(body)
        self.whispers.append((channel, body["user"], body["text"]))
        self.whispered.append(Message(f"{time.time():.6f}", channel, body, [body]))
        return {"message_ts": self.whispered[-1].ts}

    # Files

    def _upload_address(self, body: Answer) -> Answer:
        self._needs("files:write")
        if not body.get("filename") or not str(body.get("length", "")).isdecimal():
            raise Refused("invalid_arguments")
        self._numbers += 1
        file = UploadedFile(f"F0FILE{self._numbers:04}", body["filename"], int(body["length"]))
        file.alt = str(body.get("alt_txt", ""))
        self.files[file.id] = file
        return {"upload_url": f"http://{LOOPBACK}:{self.port}/upload/{file.id}", "file_id": file.id}

    async def _upload(self, request: web.Request) -> web.Response:
        """The bytes, and nothing of ours besides."""
        waiting = self.faults.get("upload")
        if waiting:
            return _broken(request, waiting.popleft())
        file = self.files.get(request.match_info["file"])
        if "Authorization" in request.headers:
            self._complain("the token went along with an upload")
        data = await request.read()
        if file is None or len(data) != file.length:
            return web.Response(status=400, text="bad upload")
        file.data = data
        return web.Response(text=f"OK - {len(data)}")

    def _complete_upload(self, body: Answer) -> Answer:
        """They appear together as one message, and twice when it is asked for twice."""
        self._needs("files:write")
        found = [self.files.get(one.get("id")) for one in body.get("files") or []]
        if not found or any(one is None or one.data is None for one in found):
            raise Refused("file_not_found")
        channel = self._channel({"channel": body.get("channel_id")})
        self._stands(channel, str(body.get("thread_ts", "")))
        self._spend(f"post:{channel}", BURST, 1.0)
        shown = {**body, "text": body.get("initial_comment", ""), "blocks": []}
        self.replies.append(Message(self._ts(), channel, shown, [shown]))
        return {"files": [{"id": one["id"], "title": one.get("title")} for one in body["files"]]}

    def attached(self, name: str, data: bytes, mimetype: str = "image/png") -> Answer:
        """A file that a person put into a modal, as a submission tells of it."""
        self._numbers += 1
        file = UploadedFile(f"F0SENT{self._numbers:04}", name, len(data), data=data)
        self.files[file.id] = file
        address = f"http://{LOOPBACK}:{self.port}/files/{file.id}"
        about = {"id": file.id, "name": name, "mimetype": mimetype, "size": len(data)}
        return about | {"url_private": address, "url_private_download": address}

    def written(self, user: str, under: Message, text: str, files: list[Answer]) -> Message:
        """What a person writes into a thread, with its files."""
        body = {"user": user, "thread_ts": under.ts, "text": text, "files": files}
        message = Message(self._ts(), under.channel, body, [body])
        self.replies.append(message)
        return message

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """Whoever may not read files is sent to the page where people sign in."""
        waiting = self.faults.get("download")
        if waiting:
            return _broken(request, waiting.popleft())
        self.downloads += 1
        await self.before_download()
        file = self.files.get(request.match_info["file"])
        token = request.headers.get("Authorization", "")
        if token.removeprefix("Bearer ") not in self.bot_tokens or "files:read" not in self.scopes:
            return web.Response(text="<html>Sign in</html>", content_type="text/html")
        if file is None or file.data is None:
            return web.Response(status=404)
        return web.Response(body=file.data, content_type="application/octet-stream")

    def _needs(self, scope: str) -> None:
        if scope not in self.scopes:
            raise Refused("missing_scope")

    def _ts(self) -> str:
        """No two messages have the same."""
        taken = {one.ts for one in self.messages + self.replies}
        now = self.now()
        while f"{now:.6f}" in taken:
            now += 0.000_01
        return f"{now:.6f}"

    def _stands(self, channel: str, ts: str) -> None:
        if not any(one.ts == ts for one in self.in_channel(channel)):
            raise Refused("thread_not_found")

    def _thread(self, body: Answer) -> Answer:
        """The message above with its replies, oldest first."""
        channel = self._channel(body)
        self._stands(channel, str(body.get("ts", "")))
        above = [one for one in self.in_channel(channel) if one.ts == body["ts"]]
        return self._read_back(body, [*above, *self.in_thread(body["ts"])])

    def _history(self, body: Answer) -> Answer:
        """Messages of the channel itself, newest first, without what stands in threads."""
        return self._read_back(body, list(reversed(self.in_channel(self._channel(body)))))

    def _read_back(self, body: Answer, messages: list[Message]) -> Answer:
        if "channels:history" not in self.scopes:
            raise Refused("missing_scope")
        before = self.now() + 0.001 - self.lag_seconds
        oldest, first = float(body.get("oldest", 0)), int(body.get("cursor") or 0)
        latest = float(body.get("latest") or before)
        ends = {oldest, latest} if body.get("inclusive") in {"true", "1"} else set()
        found = [
            one
            for one in messages
            if float(one.ts) <= before
            and (oldest < float(one.ts) <= latest or float(one.ts) in ends)
        ]
        size = min(int(body.get("limit", 100)), self.page, 999)
        shown = found[first : first + size]
        with_metadata = body.get("include_all_metadata") in {"true", "1"}
        return {
            "messages": [
                self.reads_as(_as_read(one, with_metadata=with_metadata)) for one in shown
            ],
            "response_metadata": {
                "next_cursor": str(first + size) if len(found) > first + size else ""
            },
        }

    def _open_direct(self, body: Answer) -> Answer:
        """The same conversation however often it is asked for."""
        if "im:write" not in self.scopes:
            raise Refused("missing_scope")
        if body["users"] not in self.people:
            raise Refused("user_not_found")
        channel = f"D{body['users'][1:]}"
        self.channels.setdefault(channel, True)
        return {"channel": {"id": channel}}

    def _info(self, body: Answer) -> Answer:
        if body["channel"] not in self.channels:
            raise Refused("channel_not_found")
        is_member = self.channels[body["channel"]]
        about = {"id": body["channel"], "name": "care", "is_member": is_member}
        return {"channel": about | {"is_private": body["channel"] in self.private}}

    def _members(self, body: Answer) -> Answer:
        """Two on a page, so that whoever asks has to turn it."""
        if "groups:read" not in self.scopes:
            raise Refused("missing_scope")
        inside, at = sorted(self.private[body["channel"]]), int(body.get("cursor") or 0)
        more = str(at + 2) if inside[at + 2 :] else ""
        return {"members": inside[at : at + 2], "response_metadata": {"next_cursor": more}}

    def _user(self, body: Answer) -> Answer:
        if "users:read" not in self.scopes:
            raise Refused("missing_scope")
        if body["user"] not in self.people:
            raise Refused("user_not_found")
        usual = {"id": body["user"], "team_id": TEAM, "deleted": False, "is_bot": False}
        return {"user": usual | self.people[body["user"]]}

    # Views

    def _open_view(self, body: Answer) -> Answer:
        user, minted = self.triggers.pop(body["trigger_id"], ("", 0.0))
        if not user:
            raise Refused("exchanged_trigger_id")
        if time.monotonic() - minted > TRIGGER_SECONDS:
            raise Refused("expired_trigger_id")
        self._judge(judged_view(body["view"]))
        if '"file_input"' in json.dumps(body["view"]) and "files:read" not in self.scopes:
            self.triggers[body["trigger_id"]] = (user, minted)
            raise Refused("missing_scope")
        self._numbers += 1
        view = OpenView(f"V{self._numbers}", f"h{self._numbers}", user, body["view"])
        self.views[view.id] = view
        return {"view": body["view"] | {"id": view.id, "hash": view.hash}}

    def _update_view(self, body: Answer) -> Answer:
        view = self.views.get(body["view_id"])
        if view is None or not view.is_open:
            raise Refused("not_found")
        if body.get("hash", view.hash) != view.hash:
            raise Refused("hash_conflict")
        self._judge(judged_view(body["view"]))
        self._numbers += 1
        view.view, view.hash = body["view"], f"h{self._numbers}"
        return {"view": view.view | {"id": view.id, "hash": view.hash}}

    def _publish_view(self, body: Answer) -> Answer:
        self._judge(judged_view(body["view"]))
        self.homes[body["user_id"]] = body["view"]
        return {"view": body["view"]}

    # What Slack refuses

    def _channel(self, body: Answer) -> str:
        channel = str(body.get("channel", ""))
        if channel not in self.channels:
            raise Refused("channel_not_found")
        if not self.channels[channel]:
            raise Refused("not_in_channel")
        return channel

    def _judge_message(self, body: Answer) -> None:
        if not self.knows_charts and any(one["type"] == CHART for one in body["blocks"]):
            raise Refused("invalid_blocks")
        if not self.fetches_pictures and any(map(_shows_picture, body["blocks"])):
            raise Refused("invalid_blocks")
        self._judge(judged_message(body))

    def _judge(self, found: list[str]) -> None:
        if found:
            self.complaints += found
            raise Refused("invalid_blocks")

    def _complain(self, says: str) -> None:
        self.complaints.append(says)

    def _spend(self, key: str, burst: int, seconds: float) -> None:
        """At most `burst` at once, and one every `seconds` on average."""
        now = self.passed()
        spent = self._spent.setdefault(key, deque())
        while spent and now - spent[0] > burst * seconds:
            spent.popleft()
        if len(spent) >= burst:
            raise Refused("ratelimited")
        spent.append(now)


async def _read(request: web.Request) -> Answer:
    raw = await request.read()
    if request.content_type == "application/json":
        body: Answer = json.loads(raw or b"{}")
        return body
    return dict(await request.post())


def _shows_picture(block: Answer) -> bool:
    return "image" in {block["type"], block.get("accessory", {}).get("type")}


def _invalid(kind: str, found: list[str]) -> Answer:
    errors = [{"pointer": "/0", "code": "failed_constraint", "message": one} for one in found]
    return {"ok": False, "error": f"invalid_{kind}", "errors": errors}


def _as_read(message: Message, *, with_metadata: bool) -> Answer:
    if "user" in message.body:
        return {"type": "message", "channel": message.channel, "ts": message.ts, **message.body}
    shown: Answer = {
        "type": "message",
        "user": BOT_USER,
        "bot_id": "B0BOT",
        "ts": message.ts,
        "text": message.text,
        "blocks": message.blocks,
    }
    if "files" in message.body:
        shown["files"] = [{"id": one["id"]} for one in message.body["files"]]
    metadata = message.body.get("metadata")
    if metadata is None:
        return shown
    return shown | {"metadata": metadata if with_metadata else {"event_type": "hidden"}}


def _broken(request: web.Request, fault: Fault) -> web.Response:
    match fault:
        case Fault.LOSE_REQUEST:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        case Fault.TOO_MANY:
            return web.Response(
                status=429,
                headers={"Retry-After": "1"},
                body=b'{"ok": false, "error": "ratelimited"}',
                content_type="application/json",
            )
        case Fault.NONSENSE:
            return web.Response(text="<html>bad gateway</html>", content_type="text/html")
        case _:
            return web.Response(status=503, text="upstream connect error")


async def until(claim: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Return when it holds; an AssertionError when it never does."""
    end = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < end, "it never came to hold"
        await asyncio.sleep(0.01)
