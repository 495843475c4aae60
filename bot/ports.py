"""The sockets: what the core asks of the outside and what the outside may ask of the core.

Protocols only; every value that crosses one lives in `bot.model` or `bot.cards`. A socket has
at most five methods; a further ability is a further small protocol.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, overload, runtime_checkable

from bot.cards.pages import (
    CardPage,
    CardQuery,
    DeskPage,
    DeskQuery,
    HistoryPage,
    HistoryQuery,
    JustHappenedPage,
    JustHappenedQuery,
    MediaPage,
    MediaQuery,
    QueuePage,
    QueueQuery,
)
from bot.model.commands import ModerationAction, Order, Outcome
from bot.model.draft import DraftProposal, DraftRequest
from bot.model.event import Event
from bot.model.hook import HookReading, HookRequest
from bot.model.ids import EventId, Moment, Monotonic
from bot.model.member import ChatIdentity, Member
from bot.model.network import Batch, Capabilities, Cursor, Identity, Leg, Watch
from bot.model.publication import (
    Mention,
    OutgoingText,
    Prepared,
    Receipt,
    ReplyTarget,
    Staged,
)


class Clock(Protocol):
    """Time, so that tests can own it."""

    def now(self) -> Moment:
        """UTC milliseconds."""
        ...

    def monotonic(self) -> Monotonic:
        """Seconds that never go back."""
        ...


# --- Outward: lines to networks ---------------------------------------------------------------


@runtime_checkable
class Connector(Protocol):
    """One account on one network. It translates: no retry, no sleep, no schedule.

    Every method that touches the network may raise any `ConnectorError`; its class is what the
    caller must do (`bot.errors`).
    """

    @property
    def capabilities(self) -> Capabilities: ...

    async def verify(self) -> Identity:
        """Whose token this is; reads what the server tells of its limits."""
        ...

    async def fetch(self, leg: Leg, since: Cursor | None, watch: Watch) -> Batch:
        """What is new on a leg, oldest first; `since` None is the first fetch ever."""
        ...

    def prepare(self, text: OutgoingText) -> Prepared:
        """Pure: the frozen write, with its key and its length in the network's own count."""
        ...

    async def publish(
        self, prepared: Prepared, staged: Staged | None, deadline: Monotonic
    ) -> Receipt:
        """Exactly one request that can make something visible; never retries.

        Compares `deadline` with the monotonic clock just before the body is written and raises
        `Unavailable` when it has passed. Whatever may have arrived is `OutcomeUnknown`.
        """
        ...

    async def find(self, prepared: Prepared) -> Receipt | None:
        """Look for it on the network; None proves (after the settle time) that it is not there.

        Raises CannotTell when looking proves nothing.
        """
        ...


@runtime_checkable
class Stages(Protocol):
    """Uploads before the write: invisible and repeatable."""

    async def stage(self, prepared: Prepared, media: Sequence[bytes]) -> Staged:
        """Upload the pictures (bytes, in the order of the prepared media)."""
        ...


@runtime_checkable
class ResolvesMentions(Protocol):
    async def resolve(self, text: str) -> tuple[Mention, ...]:
        """The people that a text names, as the network knows them; unknown names are left out."""
        ...


@runtime_checkable
class Moderates(Protocol):
    """Acts that can be repeated without harm; capabilities say which exist."""

    async def moderate(self, action: ModerationAction, target: ReplyTarget) -> None: ...


@runtime_checkable
class ReceivesWebhooks(Protocol):
    def read_hook(self, request: HookRequest) -> HookReading:
        """Verify the signature, then translate. SignatureInvalid or HookMalformed."""
        ...


@runtime_checkable
class Streams(Protocol):
    def stream(self, watch: Watch) -> AsyncIterator[Batch]:
        """What happens now, without cursors; ends by raising when the connection does."""
        ...


@runtime_checkable
class Closes(Protocol):
    async def close(self) -> None:
        """Release sessions; called once."""
        ...


class SessionVault(Protocol):
    """Sealed storage for one account's session (refresh tokens and the like)."""

    async def load(self) -> str | None: ...

    async def save(self, secret: str) -> None: ...


# --- Outward: drafts --------------------------------------------------------------------------


class Drafter(Protocol):
    @property
    def says(self) -> str:
        """One sentence for `check` and the console: who writes, and whether it works."""
        ...

    async def draft(self, request: DraftRequest) -> DraftProposal:
        """One proposal; DraftingFailed when none can be had."""
        ...


@runtime_checkable
class Probes(Protocol):
    async def probe(self) -> str:
        """Ask whether it would answer now; a sentence for `check`, or DraftingFailed."""
        ...


# --- Inward: what doors may ask ---------------------------------------------------------------


class Desk(Protocol):
    """The door that people's clicks come through."""

    async def perform(self, order: Order) -> Outcome:
        """Commit what the order decides, then return; the same order returns the first outcome.

        Raises StoreUnavailable when it could not commit in two seconds: do not acknowledge.
        """
        ...

    @overload
    async def view(self, query: QueueQuery, reader: ChatIdentity) -> QueuePage: ...
    @overload
    async def view(self, query: CardQuery, reader: ChatIdentity) -> CardPage: ...
    @overload
    async def view(self, query: HistoryQuery, reader: ChatIdentity) -> HistoryPage: ...
    @overload
    async def view(self, query: DeskQuery, reader: ChatIdentity) -> DeskPage: ...
    @overload
    async def view(self, query: JustHappenedQuery, reader: ChatIdentity) -> JustHappenedPage: ...
    @overload
    async def view(self, query: MediaQuery, reader: ChatIdentity) -> MediaPage: ...

    async def who(self, identity: ChatIdentity) -> Member | None:
        """The member behind a chat's user id, or None for a stranger."""
        ...


class SignsIn(Protocol):
    """Console sign-in: one-use links exchanged for sessions."""

    async def exchange(self, one_time: str) -> str | None:
        """The secret of a new 12-hour session, or None when the link is spent or too old."""
        ...

    async def recognise(self, session: str) -> ChatIdentity | None:
        """Who a session belongs to, or None when it is unknown or over."""
        ...

    async def sign_out(self, session: str) -> None: ...


class Inlet(Protocol):
    """The door that networks come through."""

    async def receive_hook(self, network: str, hook: str, request: HookRequest) -> str:
        """Verify, store, then return the body of the 200 answer.

        KeyError for a hook that is not configured; SignatureInvalid; HookMalformed;
        StoreUnavailable when it is not stored (answer 503 so that the network sends it again).
        """
        ...


# --- Inside: coordination ---------------------------------------------------------------------


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


__all__ = [
    "Bell",
    "Clock",
    "Closes",
    "Connector",
    "Desk",
    "Drafter",
    "EventFeed",
    "Inlet",
    "Limiter",
    "Moderates",
    "Probes",
    "ReceivesWebhooks",
    "ResolvesMentions",
    "SessionVault",
    "SignsIn",
    "Stages",
    "Streams",
    "Wakeup",
]
