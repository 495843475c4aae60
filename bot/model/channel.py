"""Channels of the team's chats, which cards land in them, and where each card stands there."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.model.ids import (
    BrandId,
    CardId,
    CardRefId,
    CardToken,
    ChannelId,
    MemberId,
    MessageId,
    Moment,
    PostKey,
)
from bot.model.item import ItemKind
from bot.model.label import folded
from bot.model.member import Tongue
from bot.model.network import ReadBack
from bot.model.pace import AT_ONCE, Pace
from bot.model.triage import Risk


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands: a chat's own id of a channel or group, and a topic or ''.

    `language` (ISO 639-1) and `zone` (IANA) are what its readers share.
    """

    channel: str
    topic: str = ""
    language: str = "en"
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Traits:
    """What a route looks at of an item."""

    account: str
    """Slug."""
    kind: ItemKind
    language: str
    risks: tuple[Risk, ...] = ()
    labels: frozenset[str] = frozenset()
    """Folded: topics, the urgency, and the team's own."""


@dataclass(frozen=True, slots=True)
class Route:
    """Conditions that must all hold; an empty one holds for everything."""

    accounts: tuple[str, ...] = ()
    kinds: tuple[ItemKind, ...] = ()
    languages: tuple[str, ...] = ()
    risks: tuple[Risk, ...] = ()
    """Holds when the item carries at least one of them."""
    labels: tuple[str, ...] = ()
    """Holds when the item has at least one: topics and urgencies in English, or the team's own."""

    def takes(self, traits: Traits) -> bool:
        return (
            (not self.accounts or traits.account in self.accounts)
            and (not self.kinds or traits.kind in self.kinds)
            and (not self.languages or traits.language in self.languages)
            and (not self.risks or not set(self.risks).isdisjoint(traits.risks))
            and (not self.labels or not traits.labels.isdisjoint(map(folded, self.labels)))
        )


class Shows(StrEnum):
    """What a channel is for."""

    ITEMS = "items"
    POSTS = "posts"


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel without routes takes everything it `shows`."""

    id: ChannelId
    brand_id: BrandId
    slug: str
    chat: str
    """Name of the front end: `slack`, `telegram`, `relay`."""
    place: Place
    title: str = ""
    shows: frozenset[Shows] = frozenset(Shows)
    routes: tuple[Route, ...] = ()
    trouble: str = ""
    """A sentence for the team while cards cannot be posted there, otherwise empty."""
    from_file: bool = True
    """The configuration names it; otherwise it was set up from a chat or the console."""
    is_suspended: bool = False
    """We were removed from it, so nothing lands there."""
    reads: tuple[str, ...] = ()
    """ISO 639-1: what its readers read besides its language; empty is not known."""
    threads: bool = True
    """Whether what happens to a thing is told in the thread under its card."""
    private: bool | None = None
    """Whether what stands there is for those alone who are in it; None: as its chat says."""
    pace: Pace = AT_ONCE

    member_id: MemberId | None = None
    """Whose direct messages it is; its place is their own id in the chat."""

    @property
    def tongue(self) -> Tongue:
        """Of its readers together."""
        return Tongue(self.place.language, self.place.zone, self.reads)

    def takes(self, traits: Traits) -> bool:
        if Shows.ITEMS not in self.shows:
            return False
        return not self.routes or any(route.takes(traits) for route in self.routes)


class CardRefState(StrEnum):
    WANTED = "wanted"
    """To be posted; nothing of it can stand in the chat."""
    POSTING = "posting"
    """A request may have left; only looking, or time, can tell."""
    SHOWN = "shown"
    GONE = "gone"
    """Somebody deleted our message; the card stays in the queue."""


@dataclass(frozen=True, slots=True)
class CardRef:
    """Where one card is in one channel. Unique on card and channel."""

    id: CardRefId
    card_id: CardId
    channel_id: ChannelId
    state: CardRefState
    key: PostKey
    message: MessageId | None = None
    look: str = ""
    """Hex digest of what was drawn last."""
    posting_since: Moment | None = None
    posting_until: Moment | None = None
    """After this nothing of the posting that began can arrive any more."""
    is_repeat: bool = False
    """Posted again without proof that the first posting was lost."""


class ChatAct(StrEnum):
    """What a chat limits apart."""

    POST = "post"
    URGENT = "urgent"
    """Posting what must not wait behind other cards, where a chat keeps room for that."""
    EDIT = "edit"
    THREAD = "thread"
    """Telling what happened under a card; it counts as posting too."""


@dataclass(frozen=True, slots=True)
class ChatFinding:
    """One thing that a chat says about itself before a run, as a sentence."""

    says: str
    is_trouble: bool = False


@dataclass(frozen=True, slots=True)
class ChatRate:
    """At most so many a minute on average, and `burst` at once after a rest."""

    per_minute: float
    burst: int


@dataclass(frozen=True, slots=True)
class ChatAbilities:
    """What a chat can do, and how fast it may be asked to.

    `posts` and `edits` hold for one channel, `edits_in_all` for the edits in all of them, `total`
    for everything we ask of the chat.
    """

    title: str
    read_back: ReadBack
    settle_seconds: float = 0.0
    posts: ChatRate | None = None
    urgent: ChatRate | None = None
    """Room of their own for cards about legal and safety risks, beside `posts`; None: none."""
    threads: ChatRate | None = None
    """For what is told under cards, of what `posts` allows."""
    edits: ChatRate | None = None
    edits_in_all: ChatRate | None = None
    total: ChatRate | None = None
    reasons: tuple[str, ...] = field(default=())
    """What it cannot do, each as a sentence."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A press came from this message of ours, which shows a card."""

    channel: str
    topic: str
    message: MessageId
    token: CardToken


class Sighted(StrEnum):
    """What a message that was seen is to the desk."""

    KNOWN = "known"
    """The card stands there, as far as the desk knows or now knows."""
    DOUBLE = "double"
    """The card stands in another message of this channel: this one is to be taken away."""
    STRANGE = "strange"
    """Nothing of the desk's is to stand in this channel."""
