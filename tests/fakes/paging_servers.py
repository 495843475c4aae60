"""Pagers over real HTTP and SMTP that refuse what the real ones refuse, from the vendors' pages.

PagerDuty: Events API v2, https://developer.pagerduty.com/docs/events-api-v2-overview
Opsgenie: https://docs.opsgenie.com/docs/alert-api
Alertmanager: version 4 of `webhook_config`, as Prometheus documents it
The webhook is the team's own; it knows keys when a test says so. `fail` scripts the next answers.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from aiohttp import web

from tests.services import LOOPBACK, free_port

ROUTING_KEY = "r0uting-key-of-this-test-32chars"
GENIE_KEY = "genie-key-of-this-test"
Form = dict[str, Any]


class Fault(StrEnum):
    LOSE_ANSWER = "lose_answer"
    """It is taken, and nobody hears so."""
    LOSE_REQUEST = "lose_request"
    FAULT = "fault"
    TOO_MANY = "too_many"
    REDIRECT = "redirect"


@dataclass(slots=True)
class PagingServer:
    port: int = field(default_factory=free_port)
    alerts: dict[str, Form] = field(default_factory=dict)
    """What is or was open, by its key, with its `status`."""
    notified: list[str] = field(default_factory=list)
    """Keys, each time somebody was woken."""
    requests: list[tuple[str, Form, dict[str, str]]] = field(default_factory=list)
    faults: deque[Fault] = field(default_factory=deque)
    knows_keys: bool = True
    beats: int = 0

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def fail(self, *faults: Fault) -> None:
        self.faults.extend(faults)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[PagingServer]:
        app = web.Application()
        app.router.add_post("/v2/enqueue", self._pagerduty)
        app.router.add_post("/v2/alerts", self._opsgenie)
        app.router.add_post("/v2/alerts/{alias}/{act}", self._opsgenie_act)
        app.router.add_post("/alertmanager", self._alertmanager)
        app.router.add_post("/hook", self._hook)
        app.router.add_get("/beat", self._beat)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, LOOPBACK, self.port).start()
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _read(self, request: web.Request) -> tuple[Form, Fault | None]:
        form: Form = json.loads(await request.read())
        self.requests.append((request.path, form, dict(request.headers)))
        return form, self.faults.popleft() if self.faults else None

    def _open(self, key: str, form: Form) -> None:
        """An alert that is open already wakes nobody anew."""
        before = self.alerts.get(key)
        if before is None or not self.knows_keys:
            self.notified.append(key)
        self.alerts[key] = form | {"status": "open"}

    def _answer(
        self, request: web.Request, fault: Fault | None, status: int, form: Form
    ) -> web.Response:
        match fault:
            case Fault.LOSE_ANSWER | Fault.LOSE_REQUEST:
                if request.transport is not None:
                    request.transport.abort()
                return web.Response(status=500)
            case Fault.FAULT:
                return web.Response(status=502, text="bad gateway")
            case Fault.TOO_MANY:
                return web.json_response({}, status=429, headers={"Retry-After": "7"})
            case Fault.REDIRECT:
                return web.Response(status=302, headers={"Location": "https://elsewhere.example/"})
            case None:
                return web.json_response(form, status=status)

    async def _pagerduty(self, request: web.Request) -> web.Response:
        form, fault = await self._read(request)
        problem = _pagerduty_problem(form)
        if problem:
            refusal = {"status": "invalid event", "message": problem, "errors": [problem]}
            return web.json_response(refusal, status=400)
        key, action = form["dedup_key"], form["event_action"]
        if fault in {None, Fault.LOSE_ANSWER}:
            if action == "trigger":
                self._open(key, form)
            else:
                self.alerts.setdefault(key, {})["status"] = action
        taken = {"status": "success", "message": "Event processed", "dedup_key": key}
        return self._answer(request, fault, 202, taken)

    async def _opsgenie(self, request: web.Request) -> web.Response:
        form, fault = await self._read(request)
        refused = _opsgenie_problem(request, form)
        if refused is not None:
            return refused
        if fault in {None, Fault.LOSE_ANSWER}:
            self._open(form["alias"], form)
        taken = {"result": "Request will be processed", "took": 0.1, "requestId": "req-1"}
        return self._answer(request, fault, 202, taken)

    async def _opsgenie_act(self, request: web.Request) -> web.Response:
        _form, fault = await self._read(request)
        if request.query.get("identifierType") != "alias":
            return web.json_response({"message": "Alert does not exist"}, status=404)
        self.alerts[request.match_info["alias"]]["status"] = request.match_info["act"]
        return self._answer(request, fault, 202, {"requestId": "req-2"})

    async def _alertmanager(self, request: web.Request) -> web.Response:
        form, fault = await self._read(request)
        wanted = {"version", "groupKey", "status", "receiver", "groupLabels", "commonLabels",
                  "commonAnnotations", "externalURL", "alerts"}  # fmt: skip
        if form.get("version") != "4" or wanted - set(form) or not form["alerts"]:
            return web.json_response({"message": "not Alertmanager's"}, status=400)
        if fault in {None, Fault.LOSE_ANSWER}:
            if form["status"] == "firing":
                self._open(form["groupKey"], form)
            else:
                self.alerts[form["groupKey"]]["status"] = "resolved"
        return self._answer(request, fault, 200, {})

    async def _hook(self, request: web.Request) -> web.Response:
        form, fault = await self._read(request)
        if not request.headers.get("Idempotency-Key", "").startswith('"'):
            return web.json_response({"message": "no key"}, status=400)
        if fault in {None, Fault.LOSE_ANSWER}:
            if form["event"] == "page":
                self._open(form["key"], form)
            else:
                self.alerts[form["key"]]["status"] = form["event"]
        return self._answer(request, fault, 200, {"id": "sms-1"})

    async def _beat(self, request: web.Request) -> web.Response:
        self.beats += 1
        return self._answer(request, self.faults.popleft() if self.faults else None, 200, {})


def _pagerduty_problem(form: Form) -> str:
    if form.get("routing_key") != ROUTING_KEY:
        return "Invalid routing key"
    if form.get("event_action") not in {"trigger", "acknowledge", "resolve"}:
        return "event_action"
    if not 0 < len(form.get("dedup_key", "")) <= 255:
        return "dedup_key"
    payload = form.get("payload")
    if form["event_action"] == "trigger":
        if not isinstance(payload, dict) or not 0 < len(payload.get("summary", "")) <= 1024:
            return "payload.summary"
        if payload.get("severity") not in {"critical", "error", "warning", "info"}:
            return "payload.severity"
        if not payload.get("source"):
            return "payload.source"
    return ""


def _opsgenie_problem(request: web.Request, form: Form) -> web.Response | None:
    if request.headers.get("Authorization") != f"GenieKey {GENIE_KEY}":
        return web.json_response({"message": "Key format is not valid!"}, status=401)
    if not 0 < len(form.get("message", "")) <= 130:
        return web.json_response({"message": "Message can not be empty or longer"}, status=422)
    if not 0 < len(form.get("alias", "")) <= 512 or len(form.get("description", "")) > 15_000:
        return web.json_response({"message": "too long"}, status=422)
    if form.get("priority") not in {"P1", "P2", "P3", "P4", "P5"}:
        return web.json_response({"message": "priority"}, status=422)
    if not all(isinstance(one, str) for one in form.get("details", {}).values()):
        return web.json_response({"message": "details must be strings"}, status=422)
    return None


@dataclass(slots=True)
class MailServer:
    """RFC 5321 without extensions; `refuse` answers a command (`RCPT`, `DATA`, `.`) so."""

    port: int = field(default_factory=free_port)
    mails: list[tuple[str, str, str]] = field(default_factory=list)
    """Sender, recipient, content."""
    refuse: dict[str, str] = field(default_factory=dict)
    drop_at: str = ""
    """After which command the line is cut; `.` is after the mail was taken."""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[MailServer]:
        server = await asyncio.start_server(self._serve, LOOPBACK, self.port)
        async with server:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        sender = to = ""
        while line := (await reader.readline()).decode().strip():
            verb = line.split(":")[0].split()[0].upper()
            if verb == "MAIL":
                sender = line.partition("<")[2].partition(">")[0]
            if verb == "RCPT":
                to = line.partition("<")[2].partition(">")[0]
            if verb in {"QUIT", self.drop_at}:
                break
            told = self.refuse.get(verb, "354 go on" if verb == "DATA" else "250 fine")
            writer.write(f"{told}\r\n".encode())
            if verb == "DATA" and told.startswith("354"):
                content = await reader.readuntil(b"\r\n.\r\n")
                if "." not in self.refuse:
                    self.mails.append((sender, to, content.decode()))
                if self.drop_at == ".":
                    break
                writer.write(f"{self.refuse.get('.', '250 queued as 4711')}\r\n".encode())
        writer.close()
