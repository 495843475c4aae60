"""A card as a message of Telegram: pure, and equal cards give equal messages.

    who, where, when                      bold is the network's or the member's name
    under what
    > what they said, word for word       folded when it is long
    facts that change the decision
    Draft reply · where it is from
    > the draft
    state · #1042

Somebody else's words stand in quotes, or on a line with ours and then without line breaks, so
that they cannot pass for ours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bot.cards.card import Card, CardDraft, CardKind, Earlier, Light, Picture, Spans, Told
from bot.speech.speech import Speech, marked
from handlers.pictures import pictures_counted, shown_at_once, shown_when_asked
from handlers.shortening import cut
from handlers.team_words import Choice
from handlers.telegram import limits
from handlers.telegram.buttons import Rows
from handlers.telegram.keyboard import (
    KeyboardOptions,
    asked_action,
    card_rows,
    menu_rows,
    sure_rows,
)
from handlers.telegram.markup import (
    Reading,
    bold,
    folded_quote,
    italic,
    lines,
    link,
    on_one_line,
    one_line,
    plain,
    quote,
    seen,
    spans_html,
    words,
)
from handlers.visible import is_web_link, visible

LIGHTS = {
    Light.WAITING: "🟡",
    Light.WORKING: "⏳",
    Light.DONE: "✅",
    Light.TROUBLE: "🔴",
    Light.QUIET: "⚪",
}
REPEATED = marked(
    "↻ Posted again: Telegram did not confirm the first time, so this card may stand here twice."
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message: its HTML, the same without markup, and its buttons."""

    html: str
    rows: Rows = ()
    picture: str = ""
    """An address that Telegram fetches and shows below the text; a dead one shows nothing."""
    picture_above: bool = False
    """It is of the post, which the text names first: shown above it."""

    @property
    def plain(self) -> str:
        return plain(self.html)


@dataclass(frozen=True, slots=True)
class Drawing:
    """How a card is drawn, beside what it says: the menu that is open, and whom it lists."""

    reading: Reading
    can_prefill: bool = False
    is_repeat: bool = False
    notice: Spans = ()
    """A sentence above the card, which calls somebody."""
    menu: str = ""
    sure: str = ""
    """The action to be asked about first, as its button named it."""
    choices: tuple[Choice, ...] = ()
    foot: Rows = field(default=())


def drawn(card: Card, drawing: Drawing) -> Drawn:
    """The whole message, within every limit of Telegram."""
    read = limits.within(card, limits.READ)
    clear = _clear(read)

    def text(one: Card) -> str:
        return _html(one, drawing)

    shown = limits.fitted(clear, lambda one: plain(text(one)))
    is_cut = _words_of(shown) != _words_of(clear) or _words_of(read) != _words_of(card)
    options = KeyboardOptions(drawing.can_prefill, is_cut, drawing.foot)
    picture = shown_at_once(card.media) or shown_at_once(shown.context_media)
    above = bool(picture) and _shows_post(shown)
    return Drawn(text(shown), _rows(card, drawing, options), picture, picture_above=above)


def whole(card: Card) -> tuple[str, ...]:
    """Everything that a card may have cut, as messages under each other."""
    parts = [(card.speech.say("What they said"), "".join(_raw(card)))]
    if card.draft is not None:
        parts.append((card.draft.title, card.draft.text))
    if card.beside is not None:
        parts.append((card.beside.title, card.beside.text))
    parts += [(told.title, told.text) for told in card.translations]
    return tuple(
        html for title, text in parts if text.strip() for html in _pieces(title, visible(text))
    )


def _pieces(title: str, text: str) -> Sequence[str]:
    """As many messages as it takes; every piece has room for the markup and the joiners."""
    size = limits.TEXT // 4
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    head = cut(one_line(title), 40)
    return [
        lines((bold(head if len(pieces) == 1 else f"{head} {number}/{len(pieces)}"),
               quote(words(piece))))
        for number, piece in enumerate(pieces, 1)
    ]  # fmt: skip


def _rows(card: Card, drawing: Drawing, options: KeyboardOptions) -> Rows:
    action = asked_action(card, drawing.sure) if drawing.sure else None
    if action is not None:
        return sure_rows(card, action, options)
    if drawing.menu:
        return menu_rows(card, drawing.menu, options, drawing.choices)
    return card_rows(card, options)


def _html(card: Card, drawing: Drawing) -> str:
    reading = drawing.reading
    is_open = card.kind is CardKind.POST
    return lines(
        (
            _notice(card, drawing),
            spans_html(card.source, reading),
            spans_html(card.context, reading),
            _media(card.context_media, card.speech, links=not _shows_post(card)),
            *(part for before in card.earlier for part in _earlier(before, reading)),
            bold(card.speech.say("Now")) if card.earlier else "",
            _quote(spans_html(card.quote, reading), quote if is_open else folded_quote),
            _media(card.media, card.speech),
            " · ".join(filter(None, (spans_html(fact, reading) for fact in card.facts))),
            _contacts(card.contacts, reading),
            *_draft(card.draft, card.speech),
            *(_titled(card.beside.title, card.beside.text) if card.beside else ()),
            *(part for one in card.translations for part in _titled(f"🌐 {one.title}", one.text)),
            _state(card, reading),
            " · ".join(link(one.text, one.url) for one in card.links if is_web_link(one.url)),
        )
    )


def _notice(card: Card, drawing: Drawing) -> str:
    if drawing.notice:
        return spans_html(on_one_line(drawing.notice), drawing.reading)
    return italic(card.speech.say(REPEATED)) if drawing.is_repeat else ""


def _quote(html: str, when_long: Callable[[str], str]) -> str:
    text = plain(html)
    is_long = len(text) > limits.LONG_QUOTE or text.count("\n") >= limits.LONG_QUOTE_LINES
    return when_long(html) if is_long else quote(html)


def _shows_post(card: Card) -> bool:
    """A message shows one picture: that of the post where the comment has none."""
    return not shown_at_once(card.media) and bool(shown_at_once(card.context_media))


def _media(media: Picture | None, speech: Speech, *, links: bool = False) -> str:
    """`links`: to one that may be shown at once, too."""
    if media is None or not media.count:
        return ""
    says = pictures_counted(media, speech)
    if media.alt_text:
        says = speech.say("{what}: {why}", what=says, why=media.alt_text)
    address = shown_when_asked(media) or (shown_at_once(media) if links else "")
    asked = f" · {link(speech.say('Show it'), address)}" if address else ""
    return f"🖼 {words(says)}{asked}"


def _contacts(told: Told | None, reading: Reading) -> str:
    """Folded: its title and the newest are seen."""
    if told is None:
        return ""
    said = (spans_html(line, reading) for line in told.lines)
    return folded_quote(lines((bold(told.title), *said)))


def _draft(draft: CardDraft | None, speech: Speech) -> Sequence[str]:
    """Its title with where it is from, then the words."""
    if draft is None:
        return ()
    about = [draft.origin] if draft.origin else []
    if draft.version:
        about.append(f"v{draft.version}")
    if draft.text:
        about.append(speech.say("{used} of {limit}", used=draft.used, limit=draft.limit))
    title = " ".join(filter(None, (bold(draft.title), italic(" · ".join(about)))))
    return (title, quote(words(draft.text)))


def _titled(title: str, text: str) -> Sequence[str]:
    return (bold(title), quote(words(text)))


def _earlier(before: Earlier, reading: Reading) -> Sequence[str]:
    return (bold(before.title), quote(spans_html(before.shown, reading)))


def _state(card: Card, reading: Reading) -> str:
    says = spans_html(card.state.spans, reading)
    number = f"#\u2060{card.number}" if card.number else ""
    said = f"{LIGHTS[card.state.light]} {says}" if says else ""
    return " · ".join(part for part in (said, number) if part)


def _clear(card: Card) -> Card:
    """Every character visible; what stands on a line with our words has no line breaks."""
    draft = card.draft
    return replace(
        card,
        source=on_one_line(card.source),
        context=on_one_line(card.context),
        earlier=tuple(
            replace(
                one,
                title=one_line(one.title),
                text=visible(one.text),
                changes=seen(one.changes),
            )
            for one in card.earlier
        ),
        contacts=card.contacts
        and replace(card.contacts, lines=tuple(map(on_one_line, card.contacts.lines))),
        quote=seen(card.quote),
        media=_on_a_line(card.media),
        context_media=_on_a_line(card.context_media),
        facts=tuple(on_one_line(fact) for fact in card.facts),
        draft=replace(
            draft,
            title=one_line(draft.title),
            text=visible(draft.text),
            origin=one_line(draft.origin),
            unit=one_line(draft.unit),
        )
        if draft
        else None,
        beside=card.beside and replace(card.beside, text=visible(card.beside.text)),
        translations=tuple(replace(one, text=visible(one.text)) for one in card.translations),
        state=replace(card.state, spans=on_one_line(card.state.spans)),
        links=tuple(replace(one, text=one_line(one.text)) for one in card.links),
    )


def _on_a_line(media: Picture | None) -> Picture | None:
    return media and replace(media, alt_text=one_line(media.alt_text))


def _raw(card: Card) -> Sequence[str]:
    return [span.text for span in card.quote if hasattr(span, "text")]


def _words_of(card: Card) -> tuple[object, ...]:
    """What a person must be able to read whole before they decide."""
    return (card.quote, card.draft.text if card.draft else "", card.beside, card.translations)
