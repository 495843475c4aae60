"""Everything that a card may show, read in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model.approval import ApprovalPolicy, Demand, Shortage
from bot.model.bulk import Bulk
from bot.model.channel import Channel
from bot.model.crisis import Crisis, StakeholderUpdate
from bot.model.draft import Draft
from bot.model.engagement import Engagement
from bot.model.goals import Awaited
from bot.model.hold import HoldChange, Pending
from bot.model.holding import HoldingStatement
from bot.model.ids import AccountId, CardToken, ItemId, Moment, PostId, VariantId
from bot.model.incident import Incident
from bot.model.item import Author, Item, NativeReply
from bot.model.media import PostPicture
from bot.model.member import ENGLISH_TONGUE, ChatIdentity, Member, Tongue
from bot.model.network import Capability
from bot.model.note import Note
from bot.model.peak import Cluster, Peak, Sample
from bot.model.post import Post
from bot.model.practice import LastYes
from bot.model.promise import Promise
from bot.model.publication import LengthReport, Publication
from bot.model.question import Question
from bot.model.saved_reply import SavedReply
from bot.model.translation import Translations
from bot.model.triage import UNDETERMINED, Risk, Triage
from bot.speech.speech import Speech, speech_in


@dataclass(frozen=True, slots=True)
class PracticeFacts:
    """Of an item that is nobody's; `last_yes` is of the latest reply to it."""

    begun_at: Moment
    last_yes: LastYes | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was said before: somebody's words and our reply to them; either may be gone (empty)."""

    theirs: str
    ours: str
    is_same_author: bool


@dataclass(frozen=True, slots=True)
class Above:
    """The comment that an item answers directly."""

    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Contact:
    """Something that an author wrote before, and our reply to it; empty where there is none."""

    at: Moment
    theirs: str
    ours: str


@dataclass(frozen=True, slots=True)
class Contacts:
    """How often an author wrote to us before, and the last times, newest first."""

    count: int
    last: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class Raised:
    """A member escalated it; `called` are the names of whom that called."""

    by: Member
    at: Moment
    called: tuple[str, ...]
    reason: str
    is_open: bool
    """What it opened is not resolved yet."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its people."""

    question: Question
    asker: Member
    asked: Member | Channel
    answered_by: Member | None


@dataclass(frozen=True, slots=True)
class Routed:
    """Whom a risk is for: people with who they are in the chats, where the card calls them."""

    risk: Risk
    people: tuple[tuple[Member, tuple[ChatIdentity, ...]], ...]
    channel: Channel | None
    asks: tuple[str, ...]
    """All of them, as questions name them."""


@dataclass(frozen=True, slots=True)
class Noted:
    """How many notes an item has, and the newest with whoever wrote it."""

    count: int
    last: Note
    by: Member


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    """Of the card of a question; `quote` is the comment that it is about."""

    token: CardToken
    revision: int
    asked: Asked
    quote: str
    called: tuple[ChatIdentity, ...]
    """Who the asked one is in the chats, while the question waits."""
    tongue: Tongue = ENGLISH_TONGUE
    """Of whoever it is drawn for."""

    @property
    def speech(self) -> Speech:
        return speech_in(self.tongue.language)


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise, with who noted it."""

    promise: Promise
    by: Member
    is_open: bool


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """Of an item."""

    token: CardToken
    revision: int
    item: Item
    author: Author
    account_name: str
    network: str
    """The network's title."""
    thread_title: str
    triage: Triage | None
    draft: Draft | None
    length: LengthReport | None
    """Of the draft, in the network's own count."""
    publication: Publication | None
    policy: ApprovalPolicy
    approvals: int
    asked_by: Member | None
    assignee: Member | None
    editor: Member | None
    """Who has an editor open on it now."""
    native_reply: NativeReply | None
    cannot: Mapping[Capability, str]
    """What this account cannot do, with the reason."""
    now: Moment
    is_vip: bool = False
    """The team named the author, or enough people follow them."""
    before: Exchange | None = None
    """What it answers again."""
    above: Above | None = None
    contacts: Contacts | None = None
    called: tuple[ChatIdentity, ...] = ()
    """Who the assignee is in the chats, where the card is to mention them."""
    post_text: str = ""
    """Of our own post that it stands under; empty where it is not ours."""
    post_link: str = ""
    post_picture: PostPicture | None = None
    """Of the post that it stands under, whosever that is."""
    translations: Translations = field(default_factory=dict)
    """By machines, of the comment and of drafts."""
    reply_language: str = UNDETERMINED
    """ISO 639-1, of the words of ours that the card shows."""
    statements: tuple[HoldingStatement, ...] = ()
    """That may be used, in its language; only while a crisis is on."""
    saved: tuple[SavedReply, ...] = ()
    """In its language, what is used most first."""
    spread: Engagement | None = None
    """Of the post it stands under, or is; only where something can be told."""
    is_shadow: bool = False
    """What is approved is recorded, and nothing leaves."""
    is_watch_only: bool = False
    """Nothing can be approved."""
    practice: PracticeFacts | None = None
    """Set where the team only practises."""
    raised: Raised | None = None
    asked: tuple[Asked, ...] = ()
    """What colleagues were asked about it, oldest first."""
    routed: tuple[Routed, ...] = ()
    """Whom its risks are for."""
    snoozer: Member | None = None
    """Who snoozed it, also once it is back, for as long as nobody decides."""
    noted: Noted | None = None
    signature: str = ""
    """What is published behind the words of the draft, where the brand wants initials."""
    promises: tuple[Promised, ...] = ()
    """Oldest first."""
    seems_promised: tuple[str, Moment] | None = None
    """Words of our reply that seem to promise something, and by when."""
    tongue: Tongue = ENGLISH_TONGUE
    """Of whoever it is drawn for."""

    @property
    def speech(self) -> Speech:
        return speech_in(self.tongue.language)

    @property
    def lets_nothing_leave(self) -> bool:
        return self.is_shadow or self.is_watch_only


@dataclass(frozen=True, slots=True)
class PostFacts:
    """Of a planned post."""

    token: CardToken
    revision: int
    post: Post
    author: Member
    places: Mapping[AccountId, tuple[str, str]]
    """Account -> its name, its network's title."""
    lengths: Mapping[VariantId, LengthReport]
    publications: Mapping[VariantId, Publication]
    policy: ApprovalPolicy
    approvals: int
    editor: Member | None
    now: Moment
    watch_only: frozenset[AccountId] = frozenset()
    """Its accounts that let nothing be approved."""
    shadow: frozenset[AccountId] = frozenset()
    """Its accounts that record what is approved, and send nothing."""
    languages: Mapping[str, str] = field(default_factory=dict)
    """ISO 639-1 of each text of its variants."""
    translations: Translations = field(default_factory=dict)
    """By machines, of these texts."""
    tongue: Tongue = ENGLISH_TONGUE
    """Of whoever it is drawn for."""

    @property
    def speech(self) -> Speech:
        return speech_in(self.tongue.language)


@dataclass(frozen=True, slots=True)
class ReminderFacts:
    """Of a card that reminds of a post which nobody approved yet."""

    token: CardToken
    revision: int
    post: Post
    is_over: bool
    called: tuple[tuple[Member, tuple[ChatIdentity, ...]], ...]
    """Whom it is for, and who they are in the chats."""
    tongue: Tongue = ENGLISH_TONGUE
    """Of whoever it is drawn for."""

    @property
    def speech(self) -> Speech:
        return speech_in(self.tongue.language)


@dataclass(frozen=True, slots=True)
class GoalFacts:
    """Of a card about replies that are due soon, or late."""

    token: CardToken
    revision: int
    peak: Peak
    awaited: tuple[Awaited, ...]
    """Some of those that still wait, the first due first."""
    total: int
    waiting: int
    called: tuple[tuple[Member, tuple[ChatIdentity, ...]], ...]
    """Whom it is for, and who they are in the chats."""
    question: str = ""
    """What was asked or promised, on a card that reminds of it."""
    clusters: tuple[Cluster, ...] = ()
    """What a digest is about, largest first."""
    tongue: Tongue = ENGLISH_TONGUE
    """Of whoever it is drawn for."""

    @property
    def speech(self) -> Speech:
        return speech_in(self.tongue.language)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A line of a hand-over; `permalink` may be empty."""

    item_id: ItemId
    author: str
    text: str
    permalink: str
    due_at: Moment | None
    assignee: Member | None
    asks_approval: bool


@dataclass(frozen=True, slots=True)
class HandOverFacts:
    """Of what a shift leaves to the next one."""

    token: CardToken
    revision: int
    peak: Peak
    shown: tuple[HandedOver, ...]
    total: int
    page: int
    pages: int
    promises: tuple[Promised, ...]
    posts: tuple[tuple[PostId, Moment | None], ...]
    """That wait for approval, each with when it is to leave."""
    called: tuple[tuple[Member, tuple[ChatIdentity, ...]], ...]
    """Who is on shift, and who they are in the chats."""
    is_over: bool
    tongue: Tongue = ENGLISH_TONGUE
    """Of whoever it is drawn for."""

    @property
    def speech(self) -> Speech:
        return speech_in(self.tongue.language)


@dataclass(frozen=True, slots=True)
class QuietFacts:
    """Of the card of what needs no reply, or of what advertises."""

    token: CardToken
    revision: int
    peak: Peak
    account_name: str
    network: str
    """The network's title."""
    waiting: int
    """How many nobody decided about."""
    reasons: tuple[tuple[str, int], ...]
    """Why none of them needs a reply, in English, and how many; most frequent first."""
    shown: tuple[Sample, ...]
    page: int
    pages: int
    can_like: bool
    can_hide: bool = False
    is_shadow: bool = False
    is_watch_only: bool = False
    bulks: tuple[Bulk, ...] = ()
    """What is being done to all of them right now."""
    tongue: Tongue = ENGLISH_TONGUE
    """Of whoever it is drawn for."""

    @property
    def speech(self) -> Speech:
        return speech_in(self.tongue.language)


@dataclass(frozen=True, slots=True)
class FirstDayFacts:
    """Of the card that says how the last 30 days of a new account went."""

    token: CardToken
    revision: int
    peak: Peak
    account_name: str
    network: str
    """The network's title."""
    comments: int
    unanswered: int
    """Comments that want an answer and had none, when the account was connected."""
    waiting: int
    """How many of these are silent still."""
    shown: tuple[Sample, ...]
    """The newest of those."""
    median: int | None
    """Milliseconds that a reply took, where any is known."""
    is_shadow: bool = False
    is_watch_only: bool = False
    bulks: tuple[Bulk, ...] = ()
    tongue: Tongue = ENGLISH_TONGUE
    """Of whoever it is drawn for."""

    @property
    def speech(self) -> Speech:
        return speech_in(self.tongue.language)


@dataclass(frozen=True, slots=True)
class PeakFacts:
    """Of a peak."""

    token: CardToken
    revision: int
    peak: Peak
    clusters: tuple[Cluster, ...]
    """Largest first."""
    threads: tuple[tuple[str, int, Moment], ...]
    """Title, items and first moment of the posts under which most of it happens."""
    last_minute: int
    """Items that came in the last minute."""
    bulks: tuple[Bulk, ...] = ()
    """What is being done to many of them right now."""
    can_hide: bool = True
    """Whether any account of the brand can hide what others write."""
    can_answer: bool = True
    """Whether anything can be approved for any of them."""
    silent: tuple[str, ...] = ()
    """Names of accounts that some of it came to, from which nothing leaves."""
    tongue: Tongue = ENGLISH_TONGUE
    """Of whoever it is drawn for."""

    @property
    def speech(self) -> Speech:
        return speech_in(self.tongue.language)


@dataclass(frozen=True, slots=True)
class IncidentFacts:
    """Of an incident."""

    token: CardToken
    revision: int
    incident: Incident
    account: str
    """Name of the account that it began at; empty when it is of none."""
    samples: tuple[Sample, ...]
    """The first items, the first seen first."""
    networks: tuple[tuple[str, int], ...]
    """Titles, with how many of its items came from there."""
    on_call: tuple[str, ...]
    """Names of those who were paged since it fires, each once."""
    next_names: tuple[str, ...] | None
    """Whom the next step pages; empty for routes alone, None when there is no further step."""
    delivered: tuple[tuple[str, str], ...]
    """Name and route of whom a page reached."""
    undelivered: tuple[tuple[str, str], ...]
    """Name of whom no route took a page for yet, with the last reason."""
    now: Moment
    clusters: tuple[Cluster, ...] = ()
    """What its comments say, most frequent first; empty where all say one thing."""
    curve: tuple[int, ...] = ()
    """What was counted in each five minutes up to now, oldest first."""
    borne: float | None = None
    """Alerts like this one that the team bears a week for nothing, once it was judged."""
    lead: Member | None = None
    comms: Member | None = None
    scribe: Member | None = None
    acknowledged_by: Member | None = None
    resolved_by: Member | None = None
    raised: Raised | None = None
    """Set where a member opened it."""
    called: tuple[tuple[Member, tuple[ChatIdentity, ...]], ...] = ()
    """Whom its card calls, as nobody is paged for it, and who they are in the chats."""
    tongue: Tongue = ENGLISH_TONGUE
    """Of whoever it is drawn for."""

    @property
    def speech(self) -> Speech:
        return speech_in(self.tongue.language)


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """Of a version of a holding statement."""

    token: CardToken
    revision: int
    statement: HoldingStatement
    owner: Member
    approved_by: Member | None
    now: Moment
    tongue: Tongue = ENGLISH_TONGUE
    """Of whoever it is drawn for."""

    @property
    def speech(self) -> Speech:
        return speech_in(self.tongue.language)


@dataclass(frozen=True, slots=True)
class UpdateFacts:
    """Of an update for stakeholders."""

    token: CardToken
    revision: int
    update: StakeholderUpdate
    brand: str
    lead: Member | None
    called: tuple[ChatIdentity, ...]
    """Who the lead is in the chats."""
    sent_by: Member | None
    tongue: Tongue = ENGLISH_TONGUE
    """Of whoever it is drawn for."""

    @property
    def speech(self) -> Speech:
        return speech_in(self.tongue.language)


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """Of a pause or its end."""

    token: CardToken
    revision: int
    change: HoldChange
    brand: str
    account: str
    """Slug of the one that is meant, or empty."""
    asked_by: Member
    posts: tuple[Pending, ...]
    """What waits; once it is done, those that were late and nobody decided about yet."""
    late: int = 0
    """Of those that wait, whose time has passed while they were held."""
    replies: int = 0
    away: int = 0
    """Publications that entered `sending` and have no outcome."""
    tongue: Tongue = ENGLISH_TONGUE
    """Of whoever it is drawn for."""

    @property
    def speech(self) -> Speech:
        return speech_in(self.tongue.language)


@dataclass(frozen=True, slots=True)
class CrisisFacts:
    """Of a crisis."""

    token: CardToken
    revision: int
    crisis: Crisis
    brand: str
    posts: tuple[Pending, ...]
    """What it would hold, or holds; once it is over, what nobody decided about yet."""
    away: int
    """Publications of the brand that entered `sending` and have no outcome."""
    answers: int
    """Works on many at once that answer."""
    approvals: tuple[tuple[Demand, ApprovalPolicy], ...]
    """What is asked for usually, and while it is on."""
    statements: tuple[HoldingStatement, ...]
    """Those that may be used."""
    sums: tuple[Shortage, ...]
    """Why the team cannot have one approver more."""
    proposed_by: Member
    lead: Member | None = None
    started_by: Member | None = None
    ended_by: Member | None = None
    tongue: Tongue = ENGLISH_TONGUE
    """Of whoever it is drawn for."""

    @property
    def speech(self) -> Speech:
        return speech_in(self.tongue.language)
