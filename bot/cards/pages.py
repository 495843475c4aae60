"""What a front end may ask to see, and the pages it gets: all drawn from committed state."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.cards.card import Card, Spans
from bot.model.account import AccountState
from bot.model.commands import PictureRef, VariantText
from bot.model.due import DeadLetter
from bot.model.ids import CardToken, EventId, Moment


class QueueFilter(StrEnum):
    OPEN = "open"
    """Waits for a decision: open items, approvals, what needs a human."""
    MINE = "mine"
    POSTS = "posts"
    QUIET = "quiet"
    DONE = "done"
    BACKLOG = "backlog"
    """Muted at the first sync."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """`limit` at most 100; `offset` counts cards."""

    filter: QueueFilter = QueueFilter.OPEN
    limit: int = 25
    offset: int = 0


@dataclass(frozen=True, slots=True)
class CardQuery:
    token: CardToken


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """One card with everything that happened to it."""

    token: CardToken


@dataclass(frozen=True, slots=True)
class DeskQuery:
    """Accounts, members, holds, dead letters: how the desk is."""


@dataclass(frozen=True, slots=True)
class JustHappenedQuery:
    """The latest events of the brand, newest first."""

    limit: int = 50


@dataclass(frozen=True, slots=True)
class MediaQuery:
    hash: str


Query = QueueQuery | CardQuery | HistoryQuery | DeskQuery | JustHappenedQuery | MediaQuery


@dataclass(frozen=True, slots=True)
class QueuePage:
    cards: tuple[Card, ...]
    counts: dict[QueueFilter, int]
    """How many cards each filter would show."""
    total: int


@dataclass(frozen=True, slots=True)
class PostForm:
    """A planned post as the composer is filled with it again."""

    variants: tuple[VariantText, ...]
    slot: Moment | None = None
    pictures: tuple[PictureRef, ...] = ()


@dataclass(frozen=True, slots=True)
class CardPage:
    """`card` None when there is no such card."""

    card: Card | None
    post: PostForm | None = None
    """What the composer needs, for a card about a post that may still be edited."""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    at: Moment
    spans: Spans
    detail: str = ""
    """Texts of versions and the like; untrusted, shown as text."""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    card: Card | None
    lines: tuple[HistoryLine, ...]
    why: tuple[str, ...]
    """The reasons of triage, one sentence each, with the words it saw."""
    audit: tuple[str, ...]
    """Audit rows about it, oldest first, in words."""


@dataclass(frozen=True, slots=True)
class AccountRow:
    slug: str
    name: str
    network: str
    """The network's title."""
    state: AccountState
    trouble: str
    last_heard_at: Moment | None
    can: tuple[str, ...]
    cannot: tuple[str, ...]
    """Sentences with reasons."""
    can_post: bool
    text_limit: int
    text_unit: str


@dataclass(frozen=True, slots=True)
class MemberRow:
    slug: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class DeskPage:
    brand: str
    accounts: tuple[AccountRow, ...]
    members: tuple[MemberRow, ...]
    holds: tuple[str, ...]
    dead_letters: tuple[DeadLetter, ...]
    drafter: str
    """One sentence: who writes the drafts, and what works without a key."""
    languages: tuple[str, ...]
    zone: str


@dataclass(frozen=True, slots=True)
class JustHappenedPage:
    lines: tuple[HistoryLine, ...]
    last_id: EventId


@dataclass(frozen=True, slots=True)
class MediaPage:
    """The bytes of a picture of ours, or None."""

    content_type: str
    data: bytes | None


Page = QueuePage | CardPage | HistoryPage | DeskPage | JustHappenedPage | MediaPage
