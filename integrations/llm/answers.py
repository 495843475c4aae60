"""What a model answered, read with suspicion: the envelope of either protocol, then the draft.

The library types its answers without checking them, and gives bare text where a server sent HTML;
so the body is read here, as foreign JSON.

https://platform.openai.com/docs/api-reference/responses/object
https://platform.openai.com/docs/api-reference/chat/object
"""

from __future__ import annotations

import json
import re
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field

from bot.errors import DraftingFailed

SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "citations": {"type": "array", "items": {"type": "string"}},
        "asks_for_private_message": {"type": "boolean"},
        "confidence": {"type": "integer"},
    },
    "required": ["text", "citations", "asks_for_private_message", "confidence"],
    "additionalProperties": False,
}
"""Flat, and without ranges: some servers refuse a schema that has them."""

MOST_STARTS = 20
_LENGTH = "The model did not answer: it used up its tokens before the draft was whole."
_FILTERED = "The model did not answer: its server's content filter stopped it."
_REFUSED = "The model did not answer: it refused to write a reply to this comment."
_BROKEN = "The model did not answer in the form asked for; its words cannot be read as a draft."
_EMPTY = "The model did not answer: what it sent is empty."
_QUOTES = {'"': '"', "\u201c": "\u201d", "\u00ab": "\u00bb", "\u201e": "\u201d"}
Model = TypeVar("Model", bound=BaseModel)
_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_PREAMBLE = re.compile(r"\A[^\n]{0,120}:\s*\n")


class NotStructured(Exception):
    """The answer is prose without any JSON: the server did not pass on what was asked for."""


class _Draft(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    text: str


class _Part(BaseModel):
    type: str = ""
    text: str = ""


class _Output(BaseModel):
    type: str = ""
    content: list[_Part] | None = None


class _Incomplete(BaseModel):
    reason: str | None = None


class _Response(BaseModel):
    output: list[_Output]
    status: str | None = None
    incomplete_details: _Incomplete | None = None


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Chat(BaseModel):
    choices: list[_Choice] = Field(min_length=1)


class _Usage(BaseModel):
    total_tokens: int


class _Used(BaseModel):
    usage: _Usage


def words_of_response(body: bytes) -> str:
    """What a /responses answer says; DraftingFailed when it says nothing usable."""
    answer = _read(_Response, body)
    parts = [part for output in answer.output for part in output.content or ()]
    if any(part.type == "refusal" for part in parts):
        raise DraftingFailed(_REFUSED)
    if answer.status == "incomplete":
        reason = answer.incomplete_details.reason if answer.incomplete_details else None
        raise DraftingFailed(_FILTERED if reason == "content_filter" else _LENGTH)
    if answer.status not in {None, "completed"}:
        raise DraftingFailed("The model did not answer: its server gave up on this draft.")
    return "".join(part.text for part in parts if part.type == "output_text")


def tokens_of(body: bytes) -> int:
    """How many tokens an answer says that it took, question included; 0 when it does not say."""
    try:
        return max(0, _Used.model_validate(json.loads(body)).usage.total_tokens)
    except (ValueError, RecursionError):
        return 0


def words_of_chat(body: bytes) -> str:
    """What a /chat/completions answer says; DraftingFailed when it says nothing usable."""
    choice = _read(_Chat, body).choices[0]
    if choice.message.refusal:
        raise DraftingFailed(_REFUSED)
    if choice.finish_reason == "length":
        raise DraftingFailed(_LENGTH)
    if choice.finish_reason == "content_filter":
        raise DraftingFailed(_FILTERED)
    return choice.message.content or ""


def draft_in(words: str) -> str:
    """The draft in a structured answer; NotStructured when there is no JSON in it at all."""
    said = _THOUGHTS.sub("", words)
    if not said.strip():
        raise DraftingFailed(_EMPTY)
    if "{" not in said:
        raise NotStructured
    return _unquoted(_object_in(said).text)


def draft_in_prose(words: str) -> str:
    """The last resort: the whole answer is the reply, when it looks like nothing else."""
    text = _THOUGHTS.sub("", words).strip()
    if not text:
        raise DraftingFailed(_EMPTY)
    if "{" in text or "```" in text or _PREAMBLE.match(text):
        raise DraftingFailed(_BROKEN)
    return _unquoted(text)


def _object_in(words: str) -> _Draft:
    """The first draft, wherever it stands: small models wrap it in words or fences."""
    starts = [match.start() for match in re.finditer(r"\{", words)][:MOST_STARTS]
    for start in starts:
        try:
            return _Draft.model_validate(json.JSONDecoder().raw_decode(words, start)[0])
        except (ValueError, RecursionError):
            continue
    raise DraftingFailed(_BROKEN)


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and _QUOTES.get(text[0]) == text[-1] and text[0] not in text[1:-1]:
        return text[1:-1].strip()
    return text


def _read(model: type[Model], body: bytes) -> Model:
    try:
        return model.model_validate(json.loads(body))
    except (ValueError, RecursionError) as error:
        raise DraftingFailed(
            "The model did not answer: its server sent something that the protocol does not know. "
            "Check base_url under [drafts]."
        ) from error
