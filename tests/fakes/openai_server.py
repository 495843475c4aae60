"""A server that speaks the OpenAI protocol as well, or as badly, as a test wants.

    async with running_openai() as server, drafting(server) as drafter:
        server.speaks = Speaks.SCHEMAS
        await drafter.draft(a_request())
        assert server.paths == ["/v1/responses", "/v1/chat/completions"]

The shapes of answers and errors are the vendor's; compatible servers differ in `speaks`.
https://platform.openai.com/docs/api-reference (read 2026-11-22)
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum, auto
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.coordination.breaker import LocalBreaker
from bot.model.draft import DraftRequest
from bot.model.ids import BrandId
from integrations.llm import TRANSLATION, OpenAIDrafter
from integrations.llm.prompt import load_prompt
from tests.fakes.clock import FakeClock
from tests.patience import PATIENCE

RESPONSES = "/v1/responses"
CHAT = "/v1/chat/completions"
PROMPT = load_prompt("draft.v1")
NAME = PROMPT.name
KEY = "sk-secret-0123456789"


class Speaks(IntEnum):
    """How much of the protocol the server knows; each knows what those before it know."""

    PROSE = auto()
    """/chat/completions; `response_format` is ignored without a word."""
    CHAT = auto()
    """/chat/completions; any `response_format` is refused."""
    OBJECTS = auto()
    """llama.cpp's Python server: any JSON object, a schema is a 500."""
    SCHEMAS = auto()
    """Chat with enforced schemas, no /responses."""
    ALL = auto()


class Fault(StrEnum):
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate_limited"
    NO_MODEL = "no_model"
    BAD_TEMPERATURE = "bad_temperature"
    TOO_LONG = "too_long"
    ECHOES_KEY = "echoes_key"
    SERVER_ERROR = "server_error"
    HANGS = "hangs"
    DROPS = "drops"
    HTML = "html"
    WRONG_SHAPE = "wrong_shape"
    REFUSES = "refuses"
    CUT = "cut"
    FILTERED = "filtered"


@dataclass(frozen=True, slots=True)
class Asked:
    path: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def system(self) -> str:
        return str(self.body.get("instructions") or self.body["messages"][0]["content"])

    @property
    def user(self) -> str:
        return str(self.body.get("input") or self.body["messages"][-1]["content"])

    @property
    def form(self) -> str:
        """The kind of answer that was asked for, or nothing."""
        wanted = self.body.get("text", {}).get("format") or self.body.get("response_format") or {}
        return str(wanted.get("type", ""))


def as_json(text: str) -> str:
    """What a model that obeys the prompt says."""
    return json.dumps(
        {"text": text, "citations": [], "asks_for_private_message": False, "confidence": 80},
        ensure_ascii=False,
    )


class FakeOpenAI:
    """`says` is the model: what it answers to what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.speaks = Speaks.ALL
        self.fault: Fault | None = None
        self.faults_left: int | None = None
        """How many more requests meet the fault; None: all."""
        self.says: Callable[[Asked], str] = lambda asked: as_json("Thank you, we will look at it.")
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self.release = asyncio.Event()
        """Set: nobody waits. Cleared by a test to hold all answers back."""
        self.release.set()
        self._now = 0
        self._arrival = asyncio.Condition()

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    async def has_been_asked(self, times: int) -> None:
        async with asyncio.timeout(PATIENCE), self._arrival:
            await self._arrival.wait_for(lambda: len(self.asked) >= times)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        asked = Asked(request.path, await request.json(), dict(request.headers))
        async with self._arrival:
            self.asked.append(asked)
            self._arrival.notify_all()
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            await self.release.wait()
            return await self._answer(request, asked)
        finally:
            self._now -= 1

    async def _answer(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        fault = self._take_fault()
        if fault is not None:
            return await _faulty(request, asked, fault)
        if asked.path == RESPONSES:
            if self.speaks < Speaks.ALL:
                raise web.HTTPNotFound(text='{"detail": "Not Found"}')
            return web.json_response(_response(self.says(asked)))
        return self._refused_form(asked.form) or web.json_response(_chat(self.says(asked)))

    def _refused_form(self, form: str) -> web.Response | None:
        if form and self.speaks is Speaks.CHAT:
            return _error(400, "Unknown parameter: 'response_format'.")
        if form == "json_schema" and self.speaks is Speaks.OBJECTS:
            return _error(500, "Input should be 'text' or 'json_object': response_format.type")
        return None

    def _take_fault(self) -> Fault | None:
        if self.fault is None or self.faults_left == 0:
            return None
        if self.faults_left is not None:
            self.faults_left -= 1
        return self.fault


def _response(text: str, **changed: Any) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": []}
    message = {"type": "message", "id": "msg_1", "role": "assistant", "content": [part]}
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_796_029_200,
        "model": "test-model",
        "status": "completed",
        "incomplete_details": None,
        "output": [{"type": "reasoning", "id": "rs_1", "summary": []}, message],
        **changed,
    }


def _chat(text: str | None, *, finish: str = "stop", refusal: str | None = None) -> dict[str, Any]:
    message = {"role": "assistant", "content": text, "refusal": refusal}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_796_029_200,
        "model": "test-model",
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }


def _error(status: int, message: str, **more: str) -> web.Response:
    # The SDK waits as long as this header says before it tries again.
    body = {"error": {"message": message, "type": "invalid_request_error", **more}}
    return web.json_response(body, status=status, headers={"retry-after-ms": "1"})


_ERRORS: Mapping[Fault, tuple[int, str, Mapping[str, str]]] = {
    Fault.UNAUTHORIZED: (401, "Incorrect API key provided: {key}.", {"code": "invalid_api_key"}),
    Fault.FORBIDDEN: (403, "Key {key} has no access to this model.", {}),
    Fault.RATE_LIMITED: (429, "Rate limit reached.", {"code": "rate_limit_exceeded"}),
    Fault.NO_MODEL: (404, "The model does not exist.", {"code": "model_not_found"}),
    Fault.BAD_TEMPERATURE: (400, "Unsupported value: 'temperature'.", {"param": "temperature"}),
    Fault.TOO_LONG: (400, "This prompt is too long for me.", {"code": "context_length_exceeded"}),
    Fault.ECHOES_KEY: (400, "Bad header Authorization: Bearer {key}", {}),
    Fault.SERVER_ERROR: (503, "The engine is overloaded.", {}),
}


async def _faulty(request: web.Request, asked: Asked, fault: Fault) -> web.StreamResponse:
    if fault in _ERRORS:
        status, message, more = _ERRORS[fault]
        key = asked.headers["Authorization"].removeprefix("Bearer ")
        return _error(status, message.format(key=key), **more)
    match fault:
        case Fault.HANGS:
            await asyncio.Event().wait()
            raise AssertionError("nobody sets it")
        case Fault.DROPS:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        case Fault.HTML:
            return web.Response(text="<html>Sign in</html>", content_type="text/html")
        case Fault.WRONG_SHAPE:
            return web.json_response({"choices": [], "output": "?"})
        case _:
            return web.json_response(_unwilling(asked.path, fault))


def _unwilling(path: str, fault: Fault) -> dict[str, Any]:
    """The ways in which a model politely does not answer."""
    if path == CHAT:
        match fault:
            case Fault.REFUSES:
                return _chat(None, refusal="I cannot help with that.")
            case Fault.CUT:
                return _chat('{"text": "We are', finish="length")
            case _:
                return _chat(None, finish="content_filter")
    if fault is Fault.REFUSES:
        part = {"type": "refusal", "refusal": "I cannot help with that."}
        message = {"type": "message", "id": "m", "role": "assistant", "content": [part]}
        return _response("", output=[message])
    reason = "max_output_tokens" if fault is Fault.CUT else "content_filter"
    return _response('{"text": "We', status="incomplete", incomplete_details={"reason": reason})


@asynccontextmanager
async def running_openai() -> AsyncIterator[FakeOpenAI]:
    fake = FakeOpenAI()
    app = web.Application()
    app.router.add_post(RESPONSES, fake.handle)
    app.router.add_post(CHAT, fake.handle)
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0)
    fake.url = str(server.make_url("/v1"))
    try:
        yield fake
    finally:
        await server.close()


def a_request(text: str = "My kettle leaks.", **changed: Any) -> DraftRequest:
    request = DraftRequest(
        brand_id=BrandId(1),
        brand_name="Acme",
        voice="Warm, never cute.",
        network_title="Bluesky",
        max_length=300,
        language="en",
        text=text,
        author_name="Dana",
        context="Our new kettle",
        intents=("complaint", "product"),
        risks=(),
    )
    return replace(request, **changed)


@asynccontextmanager
async def drafting(
    server: FakeOpenAI,
    *,
    clock: FakeClock | None = None,
    timeout_seconds: float = 20.0,
    max_concurrency: int = 4,
    max_retries: int = 0,
    temperature: float | None = None,
) -> AsyncIterator[OpenAIDrafter]:
    monotonic = (clock or FakeClock()).monotonic
    drafter = OpenAIDrafter(
        PROMPT,
        translation=load_prompt(TRANSLATION),
        model="test-model",
        base_url=server.url,
        api_key=KEY,
        timeout_seconds=timeout_seconds,
        temperature=temperature,
        max_concurrency=max_concurrency,
        max_retries=max_retries,
        breaker=LocalBreaker(monotonic),
        monotonic=monotonic,
    )
    try:
        yield drafter
    finally:
        await drafter.close()
