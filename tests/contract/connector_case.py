"""What a connector brings to the contract suite: its fake network, and how to connect to it.

The fake network is an aiohttp server on loopback that speaks the vendor's API from recorded
fixtures and refuses what the vendor refuses. It counts what became visible, because that is
what the suite judges by. What it publishes it dates at the case's own `reply.at` (or a few
seconds later), so that a look can tell an older identical text from the one looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import aiohttp

from bot.errors import ConnectorError
from bot.model.network import IncomingItem, Leg, Watch
from bot.model.publication import OutgoingText
from bot.ports import Clock, Connector


class Fault(StrEnum):
    """What the fake network does with the next request that reads or writes content."""

    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate_limited"
    REJECTED = "rejected"
    GONE = "gone"
    SERVER_ERROR = "server_error"
    """5xx without acting."""
    SERVER_ERROR_AFTER_ACTING = "server_error_after_acting"
    RESET_AFTER_ACTING = "reset_after_acting"
    """Acts, then drops the connection without an answer."""
    SLOW_AFTER_ACTING = "slow_after_acting"
    """Acts, then answers later than the connector's time-out."""
    GARBAGE = "garbage"
    """200 with a body that is not what the vendor documents."""


class FakeNetwork(Protocol):
    @property
    def url(self) -> str: ...

    @property
    def visible(self) -> Sequence[str]:
        """Texts that our account has made visible, in order."""
        ...

    @property
    def writes(self) -> int:
        """Requests that could have made something visible."""
        ...

    def fail_next(self, fault: Fault) -> None:
        """Applies to the next content request only (not to logging in)."""
        ...


@dataclass(frozen=True, slots=True)
class ConnectorCase:
    """`secrets` must never appear in a log line, a repr or an error.

    `reads[fault]` and `writes[fault]`: the error class that `fetch` and `publish` must raise.
    A fault that a network cannot show is left out, with a comment that says why.
    """

    network: str
    start: Callable[[], AbstractAsyncContextManager[FakeNetwork]]
    connect: Callable[[str, aiohttp.ClientSession, Clock], Connector]
    """Base URL -> connector with short time-outs (at most 0.5 s)."""
    leg: Leg
    watch: Watch
    expected: tuple[IncomingItem, ...]
    """Hand-written: what the first fetch of `leg` must give from the recorded fixtures."""
    reply: OutgoingText | None
    """A reply to one of the items; None for a network that only reads."""
    secrets: tuple[str, ...]
    reads: dict[Fault, type[ConnectorError]]
    writes: dict[Fault, type[ConnectorError]]
