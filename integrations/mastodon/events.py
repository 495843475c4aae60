"""Frames of the streaming API, translated. Pure.

A frame is `{"stream": [...], "event": name, "payload": text}`, where the payload is JSON once
more, or a bare id for `delete` (https://docs.joinmastodon.org/methods/streaming/#events).
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from bot.model.ids import RemoteId
from bot.model.network import Removal, Unsupported
from integrations.mastodon.entities import Entity, Status
from integrations.mastodon.reading import Ourselves, concerns, mention_in, payload, status_in

_NOT_FOR_US = frozenset(
    {
        "announcement",
        "announcement.delete",
        "announcement.reaction",
        "conversation",
        "encrypted_message",
        "filters_changed",
        "notifications_merged",
    }
)


class Frame(Entity):
    event: str
    stream: tuple[str, ...] = ()
    payload: Any = None


def read_frame(text: str, us: Ourselves) -> Status | Removal | Unsupported | None:
    """What a frame tells; None for what is not about us.

    An error (`{"error": ...}`) may be about one hashtag alone: a server that means the whole
    connection closes it.
    """
    try:
        raw = json.loads(text)
    except ValueError:
        return Unsupported("unreadable frame", text[:4000])
    if isinstance(raw, dict) and "error" in raw:
        return Unsupported("stream error", text[:4000])
    try:
        frame = Frame.model_validate(raw)
    except ValidationError:
        return Unsupported("unreadable frame", text[:4000])
    return _read(frame, us)


def _read(frame: Frame, us: Ourselves) -> Status | Removal | Unsupported | None:
    match frame.event:
        case "notification":
            return _notification(_parsed(frame.payload))
        case "update" | "status.update":
            return _status(_parsed(frame.payload), frame, us)
        case "delete":
            return Removal(RemoteId(str(frame.payload)))
        case event if event in _NOT_FOR_US:
            return None
        case event:
            return Unsupported(f"event {event[:80]}", payload(frame.payload))


def _notification(raw: Any) -> Status | Unsupported | None:
    """Likes, boosts and followers are not items."""
    if isinstance(raw, dict) and raw.get("type", "mention") != "mention":
        return None
    return mention_in(raw)


def _status(raw: Any, frame: Frame, us: Ourselves) -> Status | Unsupported | None:
    """The home stream carries everybody we follow; only what concerns us is an item."""
    status = status_in(raw)
    if isinstance(status, Unsupported):
        return status
    if status.reblog is not None:
        return None
    is_watched = "hashtag" in frame.stream
    return status if is_watched or concerns(status, us) else None


def _parsed(told: Any) -> Any:
    """The payload is JSON within JSON; some servers send the object itself."""
    if not isinstance(told, str):
        return told
    try:
        return json.loads(told)
    except ValueError:
        return told
