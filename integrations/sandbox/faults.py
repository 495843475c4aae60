"""What can be wrong with the sandbox network, switched while it runs.

A switch stays until it is turned; a shot strikes one request and is spent. Faults belong to the
running process and are forgotten when it ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Shot(StrEnum):
    """What happens to one request."""

    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate_limited"
    REJECTED = "rejected"
    GONE = "gone"
    SERVER_ERROR = "server_error"
    """500 without acting."""
    SERVER_ERROR_AFTER_ACTING = "server_error_after_acting"
    LOSE_REQUEST = "lose_request"
    """Drops the connection without acting."""
    LOSE_ANSWER = "lose_answer"
    """Acts, then drops the connection."""
    SLOW_ANSWER = "slow_answer"
    """Acts, then answers after `Faults.slow_answer_ms`."""
    GARBAGE = "garbage"
    """200 with a page that is not the API's."""


class Drift(StrEnum):
    """How the API strays from its documents."""

    NONE = "none"
    UNKNOWN_EVENTS = "unknown_events"
    """Webhooks also carry events of kinds that nobody documented."""
    RENAMED_FIELD = "renamed_field"
    """`text` is called `body`."""


@dataclass(slots=True)
class HookFaults:
    """How webhooks misbehave; times in milliseconds."""

    is_on: bool = True
    """Off: nothing is sent and what happens meanwhile is never sent."""
    late_ms: int = 0
    is_duplicated: bool = False
    is_reordered: bool = False

    def switch(self, name: str, value: Any) -> bool:
        """Whether it was one of these switches."""
        match name, value:
            case "hooks", bool():
                self.is_on = value
            case "hooks_late_ms", int():
                self.late_ms = value
            case "hooks_duplicated", bool():
                self.is_duplicated = value
            case "hooks_reordered", bool():
                self.is_reordered = value
            case _:
                return False
        return True


@dataclass(slots=True)
class Traffic:
    """What the API was asked; `writes` could have made something visible."""

    requests: int = 0
    writes: int = 0


@dataclass(slots=True)
class Faults:
    is_out: bool = False
    """An outage: the API answers 503 `outage` and does nothing; webhooks wait."""
    is_token_dead: bool = False
    slow_ms: int = 0
    """Every API request waits so long before it is looked at."""
    slow_answer_ms: int = 5_000
    list_lag_ms: int = 0
    """Listings show things only after so long. The desk must be told of it (settle_seconds)."""
    rate_limited_until: int = 0
    """UTC milliseconds."""
    retry_after: int = 3
    """Seconds that a 429 names."""
    drift: Drift = Drift.NONE
    hooks: HookFaults = field(default_factory=HookFaults)
    traffic: Traffic = field(default_factory=Traffic)
    _shots: deque[tuple[Shot, bool]] = field(default_factory=deque)

    def strike_next(self, shot: Shot, *, writes_only: bool = False) -> None:
        """Strike the next request (but `GET /me`), or the next that can make something visible."""
        self._shots.append((shot, writes_only))

    def take(self, *, is_write: bool) -> Shot | None:
        for pending in self._shots:
            shot, writes_only = pending
            if is_write or not writes_only:
                self._shots.remove(pending)
                return shot
        return None

    @property
    def pending(self) -> tuple[str, ...]:
        return tuple(shot for shot, _ in self._shots)

    def apply(self, changes: Mapping[str, Any], now: int) -> None:
        """Set switches by their names in the control API; ValueError names a bad one."""
        for name, value in changes.items():
            if not (self._switch(name, value) or self.hooks.switch(name, value)):
                self._strike(name, value, now)

    def _switch(self, name: str, value: Any) -> bool:
        match name, value:
            case "outage", bool():
                self.is_out = value
            case "token_dead", bool():
                self.is_token_dead = value
            case "slow_ms", int():
                self.slow_ms = value
            case "list_lag_ms", int():
                self.list_lag_ms = value
            case "drift", str():
                self.drift = Drift(value)
            case _:
                return False
        return True

    def _strike(self, name: str, value: Any, now: int) -> None:
        match name, value:
            case "rate_limited_seconds", int():
                self.rate_limited_until = now + value * 1000
            case "lose_next_answer", bool():
                self._lose(Shot.LOSE_ANSWER if value else None)
            case "lose_next_reply", bool():
                self._lose(Shot.LOSE_REQUEST if value else None)
            case "strike_next", str():
                self.strike_next(Shot(value), writes_only=True)
            case _:
                raise ValueError(f"There is no fault {name!r} that could be {value!r}.")

    def _lose(self, shot: Shot | None) -> None:
        self._shots.clear()
        if shot is not None:
            self.strike_next(shot, writes_only=True)

    def to_json(self) -> dict[str, Any]:
        return {
            "outage": self.is_out,
            "token_dead": self.is_token_dead,
            "slow_ms": self.slow_ms,
            "list_lag_ms": self.list_lag_ms,
            "drift": self.drift,
            "pending": self.pending,
            "hooks": self.hooks.is_on,
            "hooks_late_ms": self.hooks.late_ms,
            "hooks_duplicated": self.hooks.is_duplicated,
            "hooks_reordered": self.hooks.is_reordered,
            "requests": self.traffic.requests,
            "writes": self.traffic.writes,
        }
