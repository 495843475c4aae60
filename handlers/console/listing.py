"""Cards in a list, page by page: the queue behind its filters, and what a search found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from bot.cards.label_choices import LabelChoice
from bot.cards.pages import QueueFilter, QueuePage
from bot.speech.speech import marked

PAGE_SIZE = 25

FILTERS = {
    QueueFilter.OPEN: marked("Open"),
    QueueFilter.MINE: marked("Mine"),
    QueueFilter.POSTS: marked("Posts"),
    QueueFilter.QUIET: marked("Quiet"),
    QueueFilter.DONE: marked("Done"),
    QueueFilter.BACKLOG: marked("Backlog"),
    QueueFilter.ALL: marked("All"),
}
EMPTY = {
    QueueFilter.OPEN: (
        marked("All answered"),
        marked("New comments and mentions appear here by themselves."),
    ),
    QueueFilter.MINE: (
        marked("Nothing is yours"),
        marked("Take a card, or ask a colleague to give you one."),
    ),
    QueueFilter.POSTS: (marked("No planned posts"), marked("Write one under New post.")),
    QueueFilter.QUIET: (marked("Nothing quiet"), marked("Items that need no reply are kept here.")),
    QueueFilter.DONE: (
        marked("Nothing done yet"),
        marked("What was published or closed is kept here."),
    ),
    QueueFilter.BACKLOG: (
        marked("No backlog"),
        marked("What was there before the desk came is kept here."),
    ),
    QueueFilter.ALL: (
        marked("Nothing yet"),
        marked("New comments and mentions appear here by themselves."),
    ),
}


WAITING = (QueueFilter.OPEN, QueueFilter.MINE)
"""Filters that a label narrows."""
NONE_CALLED_SO = (
    marked("Nothing waits with this label"),
    marked("What is answered or closed is found by a search for label:name."),
)


@dataclass(frozen=True, slots=True)
class Called:
    """A label by which the queue can be narrowed."""

    label: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    label: str
    href: str
    count: int
    is_current: bool


def found_values(page: QueuePage, wanted: str, number: int) -> dict[str, object]:
    return {"cards": page.cards, "wanted": wanted, "total": page.total} | _pager(
        page, number, lambda to: f"/search?{urlencode({'q': wanted, 'page': to})}"
    )


def _pager(page: QueuePage, number: int, href: Callable[[int], str]) -> dict[str, object]:
    pages = max(-(-page.total // PAGE_SIZE), 1)
    return {
        "page_number": number,
        "pages": pages,
        "before": href(number - 1) if number > 1 else "",
        "after": href(number + 1) if number < pages else "",
    }


def queue_values(
    page: QueuePage, chosen: QueueFilter, number: int, label: str, labels: Sequence[LabelChoice]
) -> dict[str, object]:
    say = page.speech.say
    title, says = NONE_CALLED_SO if label else EMPTY[chosen]
    return _pager(page, number, lambda to: queue_href(chosen, to, label)) | {
        "label": label,
        "called": [
            Called(one.label, queue_href(chosen, label=one.value), one.value == label)
            for one in labels
            if chosen in WAITING
        ],
        "everything": queue_href(chosen),
        "cards": page.cards,
        "filter": chosen,
        "tabs": [
            Tab(one.value, say(label), queue_href(one), page.counts.get(one, 0), one is chosen)
            for one, label in FILTERS.items()
        ],
        "empty_title": say(title),
        "empty_says": say(says),
    }


def queue_href(chosen: QueueFilter, number: int = 1, label: str = "") -> str:
    query = {} if chosen is QueueFilter.OPEN else {"filter": chosen.value}
    if label:
        query["label"] = label
    if number > 1:
        query["page"] = str(number)
    return f"/?{urlencode(query)}" if query else "/"
