"""What happened to a card's thing, as one message of the thread under the card."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from bot.cards.card import Text, Untrusted, When, plain
from bot.cards.pages import HistoryLine
from bot.cards.posting import Telling
from handlers.shortening import cut, shortened
from handlers.slack import blocks
from handlers.slack.limits import FALLBACK
from handlers.slack.spans import Element, escaped, in_figures, rich

LINE = 400
DETAIL = 600


def thread_message(telling: Telling, zone: tzinfo) -> Element:
    """Text and blocks, without where it goes; nothing in it is parsed."""
    parts = [part for line in telling.lines for part in _parts(line, telling, zone)]
    if telling.more:
        says = telling.speech.plural(
            "{count} earlier step stands in the console.",
            "{count} earlier steps stand in the console.",
            telling.more,
        )
        parts.insert(0, blocks.section(rich((Text(says),), zone, telling.speech)))
    return {
        "text": escaped(cut(_said(telling, zone), FALLBACK)),
        "blocks": [blocks.rich_text("told", *parts)],
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _parts(line: HistoryLine, telling: Telling, zone: tzinfo) -> Iterator[Element]:
    spans = (When(line.at), Text(" "), *shortened(line.spans, LINE), Text("\n"))
    yield blocks.section(rich(spans, zone, telling.speech))
    detail = rich((Untrusted(cut(line.detail.strip(), DETAIL)),), zone, telling.speech)
    if detail:
        yield blocks.quote(detail)


def _said(telling: Telling, zone: tzinfo) -> str:
    """For notifications and screen readers."""
    said = [
        f"{in_figures(line.at, zone, telling.speech)} {plain(line.spans)}" for line in telling.lines
    ]
    return "\n".join(said)
