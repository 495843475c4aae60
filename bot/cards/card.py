"""A card: our message about one thing, before any chat is chosen.

Text is a small tree of spans and never a string with markup: what came from outside is
`Untrusted`, and each renderer decides how to show it as text and nothing but text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.cards.actions import ActionName
from bot.model.ids import CardToken, Moment


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
    """A member of the team; a chat that can will mention them."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class When:
    """A moment, shown in the zone of the channel or the reader."""

    at: Moment


@dataclass(frozen=True, slots=True)
class Untrusted:
    """Somebody else's words: never markup, never a mention, never an instruction."""

    text: str


Span = Text | Bold | Link | MemberName | When | Untrusted
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


class CardKind(StrEnum):
    ITEM = "item"
    POST = "post"
    ACCOUNT = "account"


class Style(StrEnum):
    PRIMARY = "primary"
    PLAIN = "plain"
    DANGER = "danger"


class Group(StrEnum):
    """Where a chat that has little room puts an action."""

    MAIN = "main"
    TONE = "tone"
    SNOOZE = "snooze"
    MODERATE = "moderate"
    TEAM = "team"


class Ask(StrEnum):
    """What the front end must ask the person for before the command is complete."""

    NOTHING = "nothing"
    DRAFT = "draft"
    """The draft's text, in an editor that shows the network's length."""
    LINE = "line"
    """One line: an instruction, a reason."""
    MEMBER = "member"
    LINK = "link"
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
    quote: Spans = ()
    media: Picture | None = None
    facts: tuple[Spans, ...] = ()
    draft: CardDraft | None = None
    actions: tuple[Action, ...] = ()
    state: StateLine = StateLine(Light.QUIET, ())
    links: tuple[Link, ...] = ()
    fallback: str = ""
    """One line for notifications."""
