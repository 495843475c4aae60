"""A webhook as it came in, and what a network wants to hear back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.model.ids import RemoteId
from bot.model.network import Observation

MAX_BODY = 1024 * 1024
"""Bytes; a larger hook is answered 413 unread."""


@dataclass(frozen=True, slots=True)
class HookRequest:
    """`headers` keys are lower case; `body` is the raw bytes that the signature covers."""

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HookDelivery:
    """What a hook told, for one account of the network (`account` is the remote id there)."""

    account: RemoteId
    observations: tuple[Observation, ...]


@dataclass(frozen=True, slots=True)
class HookReading:
    """A verified hook translated: deliveries to store, and the body of the 200 answer."""

    deliveries: tuple[HookDelivery, ...]
    answer: str = ""
