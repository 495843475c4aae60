"""What a front end may ask to see, and the pages it gets: all drawn from committed state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.cards.card import Card, MemberName, Spans
from bot.cards.connecting import ConnectPage, ConnectQuery
from bot.cards.kinds import QueueFilter as QueueFilter  # noqa: PLC0414 - a word of pages
from bot.cards.label_choices import LabelsPage, LabelsQuery
from bot.cards.landing import LandingPage, LandingQuery
from bot.cards.oncall_board import OnCallBoard
from bot.cards.said_before import SaidBeforePage, SaidBeforeQuery
from bot.cards.week import WeekPage, WeekQuery
from bot.model.account import AccountState
from bot.model.channel import Place
from bot.model.commands import PictureRef, VariantText
from bot.model.due import DeadLetter
from bot.model.ids import CardToken, EventId, MediaHash, MessageId, Moment
from bot.model.joining import HookStanding
from bot.model.pace import AT_ONCE, Pace
from bot.model.report import Report, Span
from bot.model.saved_reply import SavedReply
from bot.speech.speech import ENGLISH, Speech

Among = tuple[str, str]
"""A chat and its own id of a channel: what is asked for is shown there, where others read it too,
so nothing comes that they may not see."""


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """`limit` at most 100; `offset` counts cards.

    `label` narrows what waits (open, mine) to the items that are called so, as a person says it.
    """

    filter: QueueFilter = QueueFilter.OPEN
    limit: int = 25
    offset: int = 0
    among: Among | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """Cards of items with all of these words in what was said, drafted or answered, newest first.

    Each is the beginning of a word, whatever its case and accents; `label:name` is an item that is
    called so, by triage or by hand. `limit` at most 100.
    """

    words: str
    limit: int = 25
    offset: int = 0
    among: Among | None = None


@dataclass(frozen=True, slots=True)
class CardQuery:
    """`place`: drawn as it stands there (a chat, and its own id of a channel), not for the reader.

    A place where the desk shows nothing is none.
    """

    token: CardToken
    place: tuple[str, str] | None = None
    among: Among | None = None


@dataclass(frozen=True, slots=True)
class MessageQuery:
    """The card that a message of ours shows; `channel` and `message` are the chat's own ids."""

    chat: str
    channel: str
    message: MessageId


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """One card with everything that happened to it."""

    token: CardToken
    among: Among | None = None


@dataclass(frozen=True, slots=True)
class EditorQuery:
    """What an editor of a draft is filled with, for the one who asks."""

    token: CardToken


@dataclass(frozen=True, slots=True)
class NumberQuery:
    """The card of an item by the number that stands on it."""

    number: int


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


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """What came in lately and what became of it; `account` is a slug, empty for all of them."""

    span: Span = Span.DAY
    account: str = ""
    among: Among | None = None


Query = (
    QueueQuery
    | SearchQuery
    | CardQuery
    | MessageQuery
    | HistoryQuery
    | SaidBeforeQuery
    | LabelsQuery
    | EditorQuery
    | NumberQuery
    | DeskQuery
    | JustHappenedQuery
    | LandingQuery
    | ConnectQuery
    | MediaQuery
    | ReportQuery
    | WeekQuery
)


@dataclass(frozen=True, slots=True)
class QueuePage:
    cards: tuple[Card, ...]
    counts: dict[QueueFilter, int]
    """How many cards each filter would show."""
    total: int
    speech: Speech = ENGLISH
    """The reader's."""


@dataclass(frozen=True, slots=True)
class PostForm:
    """A planned post as the composer is filled with it again."""

    variants: tuple[VariantText, ...]
    slot: Moment | None = None
    pictures: tuple[PictureRef, ...] = ()


@dataclass(frozen=True, slots=True)
class CardPage:
    """`card` None when there is no such card, or they may not see it."""

    card: Card | None
    post: PostForm | None = None
    """What the composer needs, for a card about a post that may still be edited."""
    refusal: str = ""
    """Why they may not see it and who can, to be told to them alone."""


@dataclass(frozen=True, slots=True)
class EditorPage:
    """`text` is the whole draft; `does` is what the editor's button does for this person.

    `card` None when there is no such card.
    """

    card: Card | None
    text: str = ""
    network: str = ""
    does: str = ""
    speech: Speech = ENGLISH


@dataclass(frozen=True, slots=True)
class HistoryLine:
    at: Moment
    spans: Spans
    detail: str = ""
    """Texts of versions and the like; untrusted, shown as text."""


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A private note as it reads now; `text` is shown as text."""

    at: Moment
    by: MemberName
    text: str


@dataclass(frozen=True, slots=True)
class HistoryPage:
    card: Card | None
    lines: tuple[HistoryLine, ...]
    why: tuple[str, ...]
    """The reasons of triage, one sentence each, with the words it saw."""
    audit: tuple[str, ...]
    """Audit rows about it, oldest first, in words."""
    speech: Speech = ENGLISH
    refusal: str = ""
    """As of a `CardPage`."""
    notes: tuple[NoteLine, ...] = ()
    """Of an item, oldest first."""


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
    network_name: str = ""
    """The network as the configuration calls it."""
    remote_id: str = ""
    """Who it is on the network; empty until first verified."""
    is_named: bool = True
    """In the configuration, where alone its token is changed."""
    next: str = ""
    """One sentence: what is to be done with it, if anything."""
    held: tuple[str, ...] = ()
    """Kinds that are paused on this very account."""
    token_ends_at: Moment | None = None
    """From then on the network takes its token no more, as somebody said."""
    hook: HookStanding | None = None
    """Its webhooks, should it have been connected here and its network send any."""


@dataclass(frozen=True, slots=True)
class MemberRow:
    slug: str
    name: str
    role: str
    is_named: bool = True
    """In the configuration, where alone they are changed."""
    chats: tuple[str, ...] = ()
    """Where the desk knows them."""
    away_until: Moment | None = None
    """None for whoever is here."""
    shift_until: Moment | None = None
    """None for whoever is on no shift now."""
    shift_begins: Moment | None = None
    """When their next one begins by the plan, if there is any."""


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """`trouble` is a sentence while cards cannot be posted there, or presses are not heard."""

    title: str
    chat: str
    trouble: str
    place: tuple[str, str, str] = ("", "", "")
    """The chat, and its own ids of the channel and of the topic in it."""
    stands: str = ""
    """One sentence on what lands there."""
    slug: str = ""
    """Empty where the desk was removed, so nothing can be written there."""


@dataclass(frozen=True, slots=True)
class LeftLine:
    """Something that a shift leaves; `token` is of the card on which it is decided."""

    token: CardToken
    says: str
    due_at: Moment | None


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
    channels: tuple[ChannelRow, ...] = ()
    troubles: tuple[str, ...] = ()
    """What does not work although the desk goes on, one sentence each."""
    saved_replies: tuple[SavedReply, ...] = ()
    """What is used most comes first."""
    is_away: bool = False
    """The reader is."""
    is_on_shift: bool = False
    pace: Pace = AT_ONCE
    """The reader's own."""
    leaving: tuple[str, ...] = ()
    """How much waits to leave, which a pause would hold."""
    left: tuple[LeftLine, ...] = ()
    """What the reader would leave if their shift ended now."""
    oncall: OnCallBoard | None = None
    """None where nobody is ever paged."""
    speech: Speech = ENGLISH
    """The reader's; `zone` is theirs too, should they have one."""


@dataclass(frozen=True, slots=True)
class JustHappenedPage:
    lines: tuple[HistoryLine, ...]
    last_id: EventId
    speech: Speech = ENGLISH


@dataclass(frozen=True, slots=True)
class MediaPage:
    """The bytes of a picture of ours, or None."""

    content_type: str
    data: bytes | None


@dataclass(frozen=True, slots=True)
class ReportPage:
    """`report` is None for a stranger, and where `trouble` says why there is none."""

    report: Report | None
    brand: str = ""
    account: str = ""
    """The slug that was asked for."""
    zone: str = "UTC"
    """The reader's, in which its days are days."""
    trouble: str = ""
    speech: Speech = ENGLISH


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture of ours with its bytes."""

    hash: MediaHash
    alt_text: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Board:
    """A channel with how much waits for its readers."""

    place: Place
    title: str
    counts: Mapping[QueueFilter, int]
    speech: Speech = ENGLISH
    """The channel's."""


Page = (
    QueuePage
    | CardPage
    | HistoryPage
    | SaidBeforePage
    | LabelsPage
    | EditorPage
    | DeskPage
    | JustHappenedPage
    | LandingPage
    | ConnectPage
    | MediaPage
    | ReportPage
    | WeekPage
)
