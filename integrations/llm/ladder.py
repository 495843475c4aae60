"""The ways of asking one model for a structured answer, from the strictest to the plainest.

    responses     /responses with a JSON schema that the server enforces
    chat_schema   /chat/completions with the same schema
    chat_object   /chat/completions, any JSON object
    chat_plain    /chat/completions and nothing else; the JSON is asked for in words

Compatible servers know some of these, and say so in many ways (`failures.wants_another_form`) or
not at all: they answer in prose. The rung that served is remembered for an hour, so that the
others are tried once an hour and not once a draft. Keys, limits and time-outs never step down.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionMessageParam

from bot.ports import Spending
from integrations.llm.answers import (
    SCHEMA,
    NotStructured,
    draft_in,
    draft_in_prose,
    tokens_of,
    words_of_chat,
    words_of_response,
)
from integrations.llm.prompt import Messages

REMEMBERED_SECONDS = 3_600.0
THINKING_TOKENS = 4_096
"""On top of the prompt's own: a reasoning model spends its allowance before it writes a word."""


class Rung(StrEnum):
    RESPONSES = "responses"
    CHAT_SCHEMA = "chat_schema"
    CHAT_OBJECT = "chat_object"
    CHAT_PLAIN = "chat_plain"


class RungMemory:
    """The rung that served last, for one model on one server."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._rung = Rung.RESPONSES
        self._until = 0.0

    def rungs(self) -> tuple[Rung, ...]:
        """Where to begin, and what is left below."""
        first = self._rung if self._monotonic() < self._until else Rung.RESPONSES
        return tuple(Rung)[tuple(Rung).index(first) :]

    def served(self, rung: Rung) -> None:
        """The hour runs from the first time, so that a server which learns is noticed."""
        if rung is not self._rung or self._monotonic() >= self._until:
            self._rung = rung
            self._until = self._monotonic() + REMEMBERED_SECONDS

    def forget(self) -> None:
        self._until = 0.0


class Asking:
    """One question on one rung."""

    def __init__(
        self,
        client: AsyncOpenAI,
        model: str,
        temperature: float | None,
        max_output_tokens: int,
        spending: Spending | None = None,
    ) -> None:
        self._spending = spending
        self._client = client
        self._model = model
        self._max_tokens = max_output_tokens + THINKING_TOKENS
        self._extra = {} if temperature is None else {"temperature": temperature}

    async def draft(self, rung: Rung, messages: Messages) -> str:
        """APIError, DraftingFailed, or NotStructured where the answer is mere prose."""
        if rung is Rung.RESPONSES:
            return draft_in(await self._response(messages))
        words = await self._chat(rung, messages)
        try:
            return draft_in(words)
        except NotStructured:
            if rung is not Rung.CHAT_PLAIN:
                raise
            return draft_in_prose(words)

    async def _response(self, messages: Messages) -> str:
        answer = await self._client.responses.with_raw_response.create(
            model=self._model,
            instructions=messages.system,
            input=messages.user,
            text={
                "format": {"type": "json_schema", "name": "draft", "schema": SCHEMA, "strict": True}
            },
            max_output_tokens=self._max_tokens,
            store=False,
            extra_body=self._extra,
        )
        await self._count(answer.content)
        return words_of_response(answer.content)

    async def _chat(self, rung: Rung, messages: Messages) -> str:
        said: list[ChatCompletionMessageParam] = [
            {"role": "system", "content": messages.system},
            {"role": "user", "content": messages.user},
        ]
        answer = await self._client.chat.completions.with_raw_response.create(
            model=self._model, messages=said, extra_body=self._form(rung) | self._extra
        )
        await self._count(answer.content)
        return words_of_chat(answer.content)

    async def _count(self, body: bytes) -> None:
        """What was paid for counts, whether the answer can be used or not."""
        if self._spending is not None:
            await self._spending.add(tokens_of(body))

    def _form(self, rung: Rung) -> dict[str, object]:
        """The plainest rung sends nothing that a server could stumble over."""
        match rung:
            case Rung.CHAT_SCHEMA:
                schema = {"name": "draft", "schema": SCHEMA, "strict": True}
                form: dict[str, object] = {"type": "json_schema", "json_schema": schema}
            case Rung.CHAT_OBJECT:
                # llama.cpp honours a schema here; others ignore it.
                form = {"type": "json_object", "schema": SCHEMA}
            case _:
                return {}
        # Not max_completion_tokens: who knows that word also knows /responses.
        return {"response_format": form, "max_tokens": self._max_tokens}
