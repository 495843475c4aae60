"""App Home: the queue as one person sees it, with filters and pages. Pure, plain dicts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.cards.card import Card, Spans, Text
from bot.cards.pages import QueueFilter, QueuePage
from bot.speech.speech import ENGLISH, Speech, marked
from handlers.shortening import shortened
from handlers.slack import blocks
from handlers.slack.limits import SENTENCE
from handlers.slack.names import Area
from handlers.slack.render import buttons_of, state_spans
from handlers.slack.spans import Element, rich

PER_PAGE = 10
HOME = Area.HOME
"""The first word of `action_id`: `home.filter`, `home.page`, `home.refresh`, `home.open`."""

COMPOSE = "home.compose"
_BUTTONS = 2
_QUOTED = 220

FILTERS = {
    QueueFilter.OPEN: marked("Waiting"),
    QueueFilter.MINE: marked("Mine"),
    QueueFilter.POSTS: marked("Posts"),
    QueueFilter.QUIET: marked("No reply needed"),
    QueueFilter.DONE: marked("Done"),
    QueueFilter.BACKLOG: marked("Backlog"),
    QueueFilter.ALL: marked("All"),
}


class Position(BaseModel):
    """Where a reader stands in the queue; the Home tab remembers it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    filter: QueueFilter = QueueFilter.OPEN
    offset: int = Field(default=0, ge=0, le=100_000)
    look: str = Field(default="", max_length=64)
    """Hex sha256 of what the tab shows."""

    @classmethod
    def read(cls, text: str) -> Position:
        try:
            return cls.model_validate_json(text)
        except ValidationError:
            return cls()


@dataclass(frozen=True, slots=True)
class Reader:
    """`name` is empty for somebody whom the desk does not know; `user` is Slack's id of them."""

    user: str
    name: str
    zone: tzinfo


def home(page: QueuePage, position: Position, reader: Reader, *, notice: str = "") -> Element:
    body = list(_body(page, position, reader, notice) if reader.name else _stranger(reader))
    shown = json.dumps([position.filter, position.offset, body])
    look = hashlib.sha256(shown.encode("utf-8", "replace")).hexdigest()
    remembered = position.model_copy(update={"look": look}).model_dump_json()
    return {"type": "home", "private_metadata": remembered, "blocks": body}


def _stranger(reader: Reader) -> Iterator[Element]:
    yield _header("replydesk")
    says = ENGLISH.say(
        "The desk does not know you yet. Give an admin your member id, to be put beside your "
        "name as `slack`: {id}",
        id=reader.user,
    )
    yield blocks.note("stranger", says)


def _body(page: QueuePage, position: Position, reader: Reader, notice: str) -> Iterator[Element]:
    say = page.speech.say
    yield _header(say("Your queue"))
    if notice:
        yield blocks.note("notice", notice)
    counts = " · ".join(
        f"{say(FILTERS[one])} {count}" for one, count in page.counts.items() if count
    )
    yield blocks.note("counts", counts or say("Nothing has come yet."))
    yield blocks.actions("choose", _choices(position, page.speech))
    yield {"type": "divider", "block_id": "divider"}
    for card in page.cards:
        yield from _row(card, reader.zone)
    if not page.cards:
        yield blocks.note(
            "nothing", say("{filter}: nothing here.", filter=say(FILTERS[position.filter]))
        )
    turning = list(_pages(page, position))
    if turning:
        yield blocks.actions("pages", turning)


def _header(title: str) -> Element:
    return {"type": "header", "block_id": "header", "text": blocks.plain(title, 150)}


def _choices(position: Position, speech: Speech) -> list[Element]:
    say = speech.say
    options = {one: blocks.option(say(title), one.value) for one, title in FILTERS.items()}
    return [
        {
            "type": "static_select",
            "action_id": f"{HOME}.filter",
            "initial_option": options[position.filter],
            "options": list(options.values()),
        },
        blocks.button(say("Refresh"), f"{HOME}.refresh", "refresh"),
        blocks.button(say("New post"), COMPOSE, "compose"),
    ]


def _row(card: Card, zone: tzinfo) -> Iterator[Element]:
    say = card.speech.say
    said = rich(shortened(card.source, 160), zone, card.speech)
    quoted = rich(shortened(card.quote, _QUOTED), zone, card.speech)
    parts = [
        *([blocks.section(said)] if said else []),
        *([blocks.quote(quoted)] if quoted else []),
    ]
    if parts:
        yield blocks.rich_text(f"said.{card.key}", *parts)
    yield from blocks.line(f"state.{card.key}", _state(card), zone, card.speech)
    first = [one for one in buttons_of(card) if one["type"] == "button"][:_BUTTONS]
    hint = say("Open #{number}", number=card.number)
    opens = blocks.button(say("Open card"), f"{HOME}.open", card.key, hint=hint)
    yield blocks.actions(f"act.{card.key}", [*first, opens])


def _state(card: Card) -> Spans:
    facts = tuple(span for fact in card.facts[:2] for span in (Text(" · "), *fact))
    return shortened((*state_spans(card), *facts), SENTENCE // 4)


def _pages(page: QueuePage, position: Position) -> Iterator[Element]:
    if position.offset > 0:
        before = max(0, position.offset - PER_PAGE)
        yield blocks.button(page.speech.say("Newer"), f"{HOME}.page.newer", str(before))
    after = position.offset + PER_PAGE
    if after < page.total:
        yield blocks.button(page.speech.say("Older"), f"{HOME}.page.older", str(after))
