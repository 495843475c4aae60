"""What crosses the border to a network: who we are there, what was said, what it can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from bot.model.ids import Moment, NetworkName, RemoteId
from bot.model.item import ItemKind
from bot.model.media import RemoteMedia

Leg = NewType("Leg", str)
"""One way of reading a network (`notifications`, `threads`, `comments`): has its own cursor."""

Cursor = NewType("Cursor", str)
"""Where a leg stands: opaque to everyone but the connector that wrote it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose token this is."""

    remote_id: RemoteId
    handle: str
    display_name: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class RemoteAuthor:
    remote_id: RemoteId
    handle: str
    display_name: str = ""
    url: str = ""
    followers: int | None = None
    """Reach, where the network tells it."""


@dataclass(frozen=True, slots=True)
class IncomingItem:
    """One public thing as the network shows it now; all text is untrusted.

    Seen again with another `text`, it was edited. `by_us` marks what our own account wrote:
    an echo of a publication, or a reply made natively.
    """

    remote_id: RemoteId
    kind: ItemKind
    author: RemoteAuthor
    text: str
    published_at: Moment
    permalink: str
    parent_remote_id: RemoteId | None = None
    """What it answers, if it answers something."""
    thread_remote_id: RemoteId | None = None
    """Root of its thread (usually a post); the item itself when None."""
    thread_title: str = ""
    """What the thread's root says, in short, for the card's context line."""
    thread_media: tuple[RemoteMedia, ...] = ()
    """The pictures of the thread's root, as far as they are known."""
    by_us: bool = False
    media: tuple[RemoteMedia, ...] = ()
    hints: Mapping[str, str] = field(default_factory=dict)
    """What the connector needs to answer it later (a cid, a visibility); opaque to the core."""


@dataclass(frozen=True, slots=True)
class Removal:
    """The network says that this is gone (deleted, or hidden from everyone)."""

    remote_id: RemoteId


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Something we do not handle; counted and kept, never dropped."""

    kind: str
    payload: str


Observation = IncomingItem | Removal | Unsupported


@dataclass(frozen=True, slots=True)
class Batch:
    """What one fetch brought, oldest first, and where to go on.

    `cursor` None leaves the stored cursor as it is. `more` asks to be fetched again at once.
    """

    observations: tuple[Observation, ...]
    cursor: Cursor | None = None
    more: bool = False


@dataclass(frozen=True, slots=True)
class Watch:
    """What a fetch should look at beside the inbox.

    `own_posts`: latest of our own posts and answered threads, newest first, at most 25.
    `since`: items published before it are of no interest on a first fetch.
    """

    own_posts: tuple[RemoteId, ...] = ()
    keywords: tuple[str, ...] = ()
    since: Moment | None = None


class Capability(StrEnum):
    READ = "read"
    REPLY = "reply"
    POST = "post"
    LIKE = "like"
    HIDE = "hide"
    SPAM = "spam"
    DELETE = "delete"
    """Delete what others wrote."""
    DELETE_OWN = "delete_own"


class ReadBack(StrEnum):
    """What a look at the network proves about a write of ours."""

    IMMEDIATE = "immediate"
    SETTLES = "settles"
    """Absence is proved only after `settle_seconds`."""
    NONE = "none"
    """Nothing can be read back: a person must look."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a connector can do, and for each thing it cannot, the reason in one sentence."""

    network: NetworkName
    title: str
    """The network's name as people write it."""
    can: frozenset[Capability]
    cannot: Mapping[Capability, str]
    legs: Mapping[Leg, int]
    """Each leg with its usual seconds between fetches."""
    read_back: ReadBack = ReadBack.IMMEDIATE
    settle_seconds: float = 0.0
    key_seconds: float = 0.0
    """How long the network knows a key of ours again, so that a repeat makes nothing new; 0: it
    knows none. Asked only where nothing can be read back: a look is better than a promise."""
    requests_per_minute: int = 60
    """How fast the desk may call it; the limiter's rate for one account."""
    is_played: bool = False
    """Nobody is behind it: what was said there before the desk came waits for no answer."""

    def why_not(self, capability: Capability) -> str | None:
        """The reason why it cannot, or None when it can."""
        if capability in self.can:
            return None
        return self.cannot.get(capability, f"{self.title} offers no way to do this.")
