"""Items: one public thing about the brand each, and the conversations they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.model.ids import (
    AccountId,
    AuthorId,
    BrandId,
    ConversationId,
    ItemId,
    MemberId,
    Moment,
    RemoteId,
)
from bot.model.label import ByHand
from bot.model.media import RemoteMedia
from bot.model.states import StateMachine


class ItemKind(StrEnum):
    COMMENT = "comment"
    MENTION = "mention"
    REPLY = "reply"
    REVIEW = "review"
    MESSAGE = "message"
    POST = "post"


class ItemState(StrEnum):
    """Where an item stands on the desk."""

    NEW = "new"
    """Stored, not triaged yet."""
    OPEN = "open"
    """On the desk: somebody should decide."""
    QUIET = "quiet"
    """Triage says that no reply is needed; nobody has decided."""
    MUTED = "muted"
    """Older than the first sync: stored, searchable, silent."""
    ANSWERING = "answering"
    """A reply was approved and is on its way."""
    ANSWERED = "answered"
    """Our reply stands on the network, ours or native."""
    CLOSED = "closed"
    """A person said that no reply is needed, or that it is spam."""
    GONE = "gone"
    """Deleted on the network."""


UNDECIDED = frozenset({ItemState.OPEN, ItemState.QUIET, ItemState.MUTED})
"""Nobody has decided: it may be drafted, answered, closed or snoozed."""

_ON_DESK = frozenset({ItemState.OPEN, ItemState.QUIET})
_DONE = frozenset({ItemState.ANSWERED, ItemState.CLOSED, ItemState.GONE})

ITEM_MACHINE: StateMachine[ItemState] = StateMachine(
    "item",
    {
        ItemState.NEW: _ON_DESK | _DONE,
        ItemState.MUTED: frozenset({ItemState.OPEN, ItemState.ANSWERING}) | _DONE,
        ItemState.OPEN: frozenset({ItemState.QUIET, ItemState.ANSWERING}) | _DONE,
        ItemState.QUIET: frozenset({ItemState.OPEN, ItemState.ANSWERING}) | _DONE,
        ItemState.ANSWERING: frozenset({ItemState.OPEN}) | _DONE,
        ItemState.ANSWERED: frozenset({ItemState.OPEN, ItemState.GONE}),
        ItemState.CLOSED: frozenset({ItemState.OPEN, ItemState.GONE, ItemState.ANSWERED}),
        ItemState.GONE: frozenset({ItemState.OPEN}),
    },
)


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote an item on one network."""

    id: AuthorId
    account_id: AccountId
    remote_id: RemoteId
    handle: str
    display_name: str
    url: str = ""
    followers: int | None = None


@dataclass(frozen=True, slots=True)
class ReplyClock:
    """Somebody waits since then, and has their reply in time until `due_at`."""

    since: Moment
    due_at: Moment
    tell_at: Moment | None
    """When the team is told next: that it is due soon, then that it is late; None when it was."""


@dataclass(frozen=True, slots=True)
class Item:
    """`id` is the number on its card; `revision` grows when its author edits the text."""

    id: ItemId
    brand_id: BrandId
    account_id: AccountId
    conversation_id: ConversationId
    author_id: AuthorId
    remote_id: RemoteId
    kind: ItemKind
    text: str
    revision: int
    state: ItemState
    published_at: Moment
    received_at: Moment
    permalink: str
    parent_remote_id: RemoteId | None
    hints: Mapping[str, str]
    media: tuple[RemoteMedia, ...] = ()
    assignee_id: MemberId | None = None
    snoozed_until: Moment | None = None
    snoozed_by: MemberId | None = None
    """With no `snoozed_until`: it is back from the snooze of this one."""
    is_liked: bool = False
    is_hidden: bool = False
    follows_id: ItemId | None = None
    """The item that we answered before, and that this one answers again."""
    clock: ReplyClock | None = None
    """Of the goal that its reply has."""
    has_asides: bool = False
    """The team said something about it; without, a card need not look."""
    native_reply: str | None = None
    """Permalink of a reply that somebody of the team made on the network itself."""
    by_hand: ByHand | None = None
    """Labels that a person gave it."""


@dataclass(frozen=True, slots=True)
class NativeReply:
    """What somebody of the team answered on the network itself."""

    remote_id: RemoteId
    permalink: str
    text: str
