"""Inside: the clock, alarms, and what processes share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Protocol

# Only annotations name them, so no start pays for the half that its part does not use.
if TYPE_CHECKING:
    from bot.model.event import Event
    from bot.model.ids import (
        EventId,
        Moment,
        Monotonic,
    )
    from bot.model.incident import Alert


class Clock(Protocol):
    """Time, so that tests can own it."""

    def now(self) -> Moment:
        """UTC milliseconds."""
        ...

    def monotonic(self) -> Monotonic:
        """Seconds that never go back."""
        ...


class Alarms(Protocol):
    """Where whatever finds something that people must know of says so."""

    async def sound(self, alerts: Sequence[Alert]) -> None:
        """Durable when it returns: each opened an incident or joined the one of its cause."""
        ...


class Limiter(Protocol):
    async def reserve(self, keys: Sequence[str]) -> int:
        """Milliseconds to wait before acting; 0 has reserved one act on all keys at once."""
        ...

    async def close_until(self, key: str, until: Moment) -> None:
        """The network said 429: nobody acts on this key before then."""
        ...


class Wakeup(Protocol):
    """Tells sleeping loops that something was committed. A lost call costs one poll."""

    def ring(self) -> None: ...

    def bell(self) -> AbstractAsyncContextManager[Bell]: ...


class Bell(Protocol):
    async def wait(self, seconds: float) -> None:
        """Return at the next ring, or after that many seconds."""
        ...


class EventFeed(Protocol):
    async def since(self, last: EventId, limit: int = 200) -> Sequence[Event]:
        """Committed events after `last`, in order."""
        ...

    async def latest(self) -> EventId: ...

    def follow(self, last: EventId) -> AsyncIterator[Event]:
        """Events after `last` as they are committed, for ever."""
        ...


class Breaker(Protocol):
    """Leaves a server alone that fails again and again; see `bot.model.breaker`."""

    async def seconds_left(self) -> float:
        """How long nobody may ask; 0 when one may."""
        ...

    async def enter(self) -> float:
        """As `seconds_left`; 0 lets the caller ask, who then tells how it ended.

        Of those who waited only one is let in, until it is known how that ended.
        """
        ...

    async def succeeded(self) -> None: ...

    async def failed(self) -> None: ...


class Spending(Protocol):
    """How much of something was used today (UTC), by everybody who shares it."""

    async def spent(self) -> int: ...

    async def add(self, amount: int) -> None: ...


class EventStream(Protocol):
    """A copy of the newest events for other programs. CoordinationLost while it is away."""

    @property
    def keeps(self) -> int:
        """About how many events; older ones fall out."""
        ...

    async def append(self, events: Sequence[Event], after: EventId) -> EventId:
        """Copy events, each at most once; answers the last one that stands in the stream then.

        `after` is the answer before. A smaller answer than that: the stream has forgotten, and
        nothing was copied.
        """
        ...

    async def begin_anew(self) -> None:
        """Forget everything, the groups of its readers too."""
        ...
