"""Outward: pages to whoever is on call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

# Only annotations name them, so no start pays for the half that its part does not use.
if TYPE_CHECKING:
    from bot.model.ids import (
        Monotonic,
    )
    from bot.model.paging import OutgoingPage, PagerAbilities


class Pager(Protocol):
    """One route to on-call people that is no chat. It translates: no retry, no schedule."""

    @property
    def abilities(self) -> PagerAbilities: ...

    async def page(self, page: OutgoingPage, deadline: Monotonic) -> str:
        """Exactly one request that pages; the route's own receipt of it, which may be empty.

        Compares `deadline` with the monotonic clock just before the body is written and raises
        `Unavailable` when it has passed. Whatever may have arrived is `OutcomeUnknown`; other
        errors are any `ConnectorError`.
        """
        ...


@runtime_checkable
class Settles(Protocol):
    """A pager that keeps what it was sent open until it is told; may be told again freely."""

    async def settle(self, page: OutgoingPage, *, is_over: bool) -> None:
        """Somebody is at it, or it is over; any `ConnectorError`."""
        ...


@runtime_checkable
class Beats(Protocol):
    """An address outside that misses us when we are silent."""

    async def beat(self) -> None:
        """We are alive; any `ConnectorError`."""
        ...
