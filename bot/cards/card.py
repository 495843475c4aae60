"""A card: our message about one thing, before any chat is chosen.

Text is a small tree of spans and never a string with markup: what came from outside is
`Untrusted`, and each renderer decides how to show it as text and nothing but text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from string import Formatter

from bot.cards.actions import ActionName
from bot.cards.chart import Chart
from bot.cards.kinds import CardKind as CardKind  # noqa: PLC0414 - a word of cards
from bot.model.ids import CardToken, Moment
from bot.model.member import ChatIdentity
from bot.speech.speech import ENGLISH, Speech


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Bold:
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """`url` is http or https; `text` may be untrusted and is shown as text."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class MemberName:
    """A member of the team; a chat in which one of `users` is theirs mentions them."""

    slug: str
    name: str
    users: tuple[ChatIdentity, ...] = ()
    """Empty: they are named, and nobody is called."""

    def user_in(self, chat: str) -> str | None:
        """Who is to be mentioned in that chat."""
        return next((one.user for one in self.users if one.chat == chat), None)


@dataclass(frozen=True, slots=True)
class When:
    """A moment, shown in the zone of the channel or the reader."""

    at: Moment


@dataclass(frozen=True, slots=True)
class Untrusted:
    """Somebody else's words: never markup, never a mention, never an instruction."""

    text: str


@dataclass(frozen=True, slots=True)
class Removed:
    """As `Untrusted`: words that are not there any more."""

    text: str


@dataclass(frozen=True, slots=True)
class Added:
    """As `Untrusted`: words that were not there before."""

    text: str


Span = Text | Bold | Link | MemberName | When | Untrusted | Removed | Added
Spans = tuple[Span, ...]


def plain(spans: Sequence[Span]) -> str:
    """The spans as plain text, for fall-backs and screen readers; moments are left out."""
    parts = []
    for span in spans:
        match span:
            case MemberName(name=name):
                parts.append(name)
            case When():
                pass
            case _:
                parts.append(span.text)
    return "".join(parts)


def woven(sentence: str, **parts: Span | Spans) -> Spans:
    """A sentence with spans in place of its `{names}`, in whatever order its language has them."""
    spans: list[Span] = []
    for span in _threads(sentence, parts):
        before = spans[-1] if spans else None
        if isinstance(span, Text) and isinstance(before, Text):
            spans[-1] = Text(before.text + span.text)
        else:
            spans.append(span)
    return tuple(spans)


def _threads(sentence: str, parts: Mapping[str, Span | Spans]) -> Iterator[Span]:
    for said, name, _spec, _conversion in Formatter().parse(sentence):
        if said:
            yield Text(said)
        if name is not None:
            part = parts[name]
            if isinstance(part, tuple):
                yield from part
            else:
                yield part


class Style(StrEnum):
    PRIMARY = "primary"
    PLAIN = "plain"
    DANGER = "danger"


class Group(StrEnum):
    """Where a chat that has little room puts an action."""

    MAIN = "main"
    TONE = "tone"
    SAVED = "saved"
    """Saved replies, each to be made the draft."""
    SNOOZE = "snooze"
    MODERATE = "moderate"
    TEAM = "team"
    BULK = "bulk"
    """The same to many items at once."""
    UPDATES = "updates"
    """How often people outside the desk are told."""
    PULL = "pull"
    """One of many, to be given a card of its own."""
    TAKE_ONE = "take_one"
    """One of what a shift leaves, to go on with."""
    OPEN_ONE = "open_one"
    """The same, to be looked at."""


class Ask(StrEnum):
    """What the front end must ask the person for before the command is complete."""

    NOTHING = "nothing"
    DRAFT = "draft"
    """The draft's text, in an editor that shows the network's length."""
    LINE = "line"
    """One line: an instruction, a reason."""
    REASON = "reason"
    """One line that may stay empty; giving it, or none, is the yes."""
    MEMBER = "member"
    LINK = "link"
    QUESTION = "question"
    """Whom, by when and what: the slug, the time and the words, a line for each."""
    LABELS = "labels"
    """Labels, of which those that the item has are ticked: what is put on and what taken off."""
    POST = "post"
    """The composer, filled with the post."""


@dataclass(frozen=True, slots=True)
class Action:
    """A button. `argument` completes the command (`1h`, `formal`, a member's slug)."""

    name: ActionName
    label: str
    style: Style = Style.PLAIN
    group: Group = Group.MAIN
    argument: str = ""
    ask: Ask = Ask.NOTHING
    confirm: str = ""
    """A question to be answered with yes first; only before something that hurts."""
    hint: str = ""
    """A whole sentence for screen readers and tool tips."""
    in_menu: str = ""
    """What it is called in a menu that has its group's name; empty is the label."""
    first: tuple[str, ...] = ()
    """Whom a list of those who can be asked begins with."""


@dataclass(frozen=True, slots=True)
class Opener:
    """A button that shows another card to whoever presses, where they press."""

    label: str
    token: CardToken
    revision: int
    hint: str = ""
    """A whole sentence for screen readers and tool tips."""


@dataclass(frozen=True, slots=True)
class CardDraft:
    """`used` of `limit` in the network's own `unit`; the limit is for the editor.

    `title` is `Draft reply`, or `Our reply` once it is approved; then there is no `version` (0).
    """

    title: str
    text: str
    origin: str
    version: int
    used: int
    limit: int
    unit: str


@dataclass(frozen=True, slots=True)
class Picture:
    """`count` pictures of which the first is shown; `url` is a path on our own server or empty."""

    count: int
    alt_text: str
    url: str = ""
    is_sensitive: bool = False
    """Shown to nobody who did not ask for it."""
    remote: str = ""
    """Where the network has the first one; no browser is sent there by itself."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A text that was said before, under a `title` that says by whom."""

    title: str
    text: str
    changes: Spans = ()
    """What became of it, where there is a next version: shown in place of the text."""

    @property
    def shown(self) -> Spans:
        return self.changes or (Untrusted(self.text),)


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands on the network in place of the draft above it, under a `title` that says so."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """Lines under a `title`, of one line each."""

    title: str
    lines: tuple[Spans, ...]


@dataclass(frozen=True, slots=True)
class Translation:
    """What a machine says that a text says, under a `title` that says so. Never sent."""

    title: str
    text: str


class Light(StrEnum):
    """How the state line looks; words always say the same."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    TROUBLE = "trouble"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class StateLine:
    light: Light
    spans: Spans


@dataclass(frozen=True, slots=True)
class Card:
    """Everything a front end needs; equal cards look equal everywhere."""

    kind: CardKind
    key: CardToken
    revision: int
    number: int
    """The item's or post's id: #1042."""
    source: Spans
    context: Spans = ()
    context_media: Picture | None = None
    """Of the post that the context names; shown right below it."""
    earlier: tuple[Earlier, ...] = ()
    """Between the context and the quote: what the quote answers."""
    quote: Spans = ()
    contacts: Told | None = None
    """What its author wrote to us before, with our replies; shown below the facts."""
    media: Picture | None = None
    facts: tuple[Spans, ...] = ()
    chart: Chart | None = None
    """For front ends that can draw; the facts say it in text."""
    draft: CardDraft | None = None
    beside: Beside | None = None
    """Shown right below the draft."""
    actions: tuple[Action, ...] = ()
    opens: tuple[Opener, ...] = ()
    """The cards that its lines are about."""
    state: StateLine = StateLine(Light.QUIET, ())
    links: tuple[Link, ...] = ()
    fallback: str = ""
    """One line for notifications."""
    account: str = ""
    """Name of the account that it came to; empty for what belongs to none or to several."""
    is_urgent: bool = False
    """About a risk that has a card of its own even in a flood."""
    translations: tuple[Translation, ...] = ()
    """Of what the reader does not read; shown between the draft and the buttons."""
    speech: Speech = ENGLISH
    """What it is drawn in; what a front end adds is said in the same."""
