"""Outward: lines to networks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Protocol, runtime_checkable

# Only annotations name them, so no start pays for the half that its part does not use.
if TYPE_CHECKING:
    from bot.cards.connecting import JoiningPage
    from bot.model.commands import ModerationAction
    from bot.model.engagement import Reactions
    from bot.model.hook import HookReading, HookRequest
    from bot.model.ids import (
        Moment,
        Monotonic,
        NetworkName,
        RemoteId,
    )
    from bot.model.network import Batch, Capabilities, Cursor, Identity, Leg, Watch
    from bot.model.publication import (
        Mention,
        OutgoingText,
        Prepared,
        Receipt,
        ReplyTarget,
        Staged,
    )


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
class Recalls(Protocol):
    async def recall(self, at: Cursor | None, since: Moment) -> Batch:
        """A page of what was said of us since then, the oldest first; `at` None is the first page.

        Read once, when an account is new, and only counted. A cursor of its own: where a page
        ends says nothing to `fetch`.
        """
        ...


@runtime_checkable
class Measures(Protocol):
    async def measure(self, posts: Sequence[RemoteId]) -> Mapping[RemoteId, Reactions]:
        """What people did with these (at most ten); those that are not shown are left out."""
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


class Tried(Protocol):
    """A line that is open for one question, made from what a person wrote."""

    @property
    def connector(self) -> Connector: ...

    @property
    def settings(self) -> Mapping[str, object]:
        """The connector's own settings, without secrets."""
        ...

    @property
    def secrets(self) -> Mapping[str, str]:
        """By the name of their setting."""
        ...

    @property
    def hook(self) -> Mapping[str, str]:
        """A new secret for its webhooks by its setting; none where the network sends none."""
        ...


class Wires(Protocol):
    """Networks, keys and the lines of this process, as far as connecting an account needs them."""

    def page(self) -> JoiningPage:
        """What can be connected, and whether secrets can be sealed."""
        ...

    def trying(
        self, network: NetworkName, answers: Mapping[str, str]
    ) -> AbstractAsyncContextManager[Tried]:
        """A line for one question; AnswersRefused. Nothing is kept of it."""
        ...

    def seal(self, secret: str, context: str) -> str:
        """ConfigurationError where there is no key."""
        ...

    def make_key(self) -> None:
        """Blocks for a moment; ConfigurationError where it cannot be made."""
        ...

    async def plug_in(self) -> None:
        """Lines of this process for the accounts that the store has now."""
        ...
