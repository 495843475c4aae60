"""Cards as Slack blocks: pure, and the only place where a card's spans become blocks.

From top to bottom: who and where, the post it stands under, what they said, the facts that change
the decision, our draft, the buttons, one line of state. Every block is named for its role and
the card's revision: a button of an older look is recognised, and a menu of the new one is unset.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.cards.actions import ButtonData
from bot.cards.card import (
    Action,
    Card,
    CardDraft,
    CardKind,
    Group,
    Light,
    Link,
    Opener,
    Spans,
    Style,
    Text,
    Told,
    plain,
)
from bot.speech.speech import Speech, marked
from handlers.fitting import Limits, fitted
from handlers.said_before_words import TITLE
from handlers.shortening import cut
from handlers.slack import blocks
from handlers.slack.card_pictures import pictures_line, place_below, with_pictures
from handlers.slack.charts import chart_block
from handlers.slack.limits import (
    FALLBACK,
    IN_CHANNEL,
    MAIN_BUTTONS,
    MENU_OPTIONS,
)
from handlers.slack.names import Area
from handlers.slack.spans import Element, escaped, only_words, rich, words
from handlers.visible import is_web_link

ACT = Area.ACT
"""The first word of `action_id` where a value is a button's data: `act.approve`, `act.more`."""

ALT = 1_000
"""Characters that describe a picture; Slack takes twice as many."""
SEE = "see"
"""The first word of a value that only looks: `see.<card token>`."""

BEFORE = "before"
"""As `SEE`: what its author said before, and what others were told."""

REPEATED = marked("Shown again: it is not sure that the first message arrived.")

_LIGHTS = {
    Light.WAITING: "🟡",
    Light.WORKING: "⏳",
    Light.DONE: "✅",
    Light.TROUBLE: "🔴",
    Light.QUIET: "⚪",
}
_MENUS = {
    Group.TONE: marked("Tone"),
    Group.SAVED: marked("Saved replies"),
    Group.SNOOZE: marked("Snooze"),
    Group.MODERATE: marked("Moderate"),
    Group.TEAM: marked("Team"),
    Group.BULK: marked("All of them"),
    Group.UPDATES: marked("Updates"),
    Group.PULL: marked("Pull one out"),
    Group.TAKE_ONE: marked("Take one"),
    Group.OPEN_ONE: marked("Open one"),
}
_WITH_HISTORY = {
    CardKind.ITEM,
    CardKind.POST,
    CardKind.INCIDENT,
    CardKind.CRISIS,
    CardKind.STATEMENT,
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """`text` is what notifications and screen readers get; it is parsed, so it is escaped."""

    text: str
    blocks: list[Element]


def render(
    card: Card,
    zone: tzinfo,
    limits: Limits = IN_CHANNEL,
    *,
    notice: Spans = (),
    has_chart: bool = False,
    has_picture: bool = False,
) -> Drawn:
    """A message; `notice` is a sentence above the card, in its language.

    `has_chart`: counts are drawn too, which only messages can. `has_picture`: Slack fetches the
    first picture of the comment and of its post, and shows them.
    """
    blocks_ = list(_blocks(card, zone, limits, notice))
    if has_picture:
        blocks_ = with_pictures(blocks_, card)
    if has_chart and card.chart is not None:
        mark = f"r{card.revision}"
        below = place_below(blocks_, f"facts.{mark}")
        blocks_.insert(below, chart_block(card.chart, mark, card.speech))
    return Drawn(fallback_of(card), blocks_)


def fallback_of(card: Card) -> str:
    """One escaped line, never empty."""
    words_ = card.fallback or f"{plain(card.source)}: {plain(card.quote)}"
    return escaped(cut(" ".join(words_.split()), FALLBACK)) or f"#{card.number}"


def zone_of(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _blocks(card: Card, zone: tzinfo, limits: Limits, notice: Spans) -> Iterator[Element]:
    shown, mark = fitted(card, limits), f"r{card.revision}"
    yield from _notice(notice, mark, zone, card.speech)
    yield from _said(shown, mark, zone)
    yield from _fact_line(shown, mark, zone)
    if shown.contacts is not None:
        yield _contacts(shown.contacts, mark, zone, card.speech)
    if shown.draft is not None:
        yield _draft(shown.draft, mark, card.speech)
    if shown.beside is not None:
        yield _titled(shown.beside.title, shown.beside.text, f"beside.{mark}")
    for place, told in enumerate(shown.translations):
        yield _titled(f"🌐 {told.title}", told.text, f"told{place}.{mark}")
    yield from _links(shown, mark)
    buttons = buttons_of(card)
    if buttons:
        yield blocks.actions(f"act.{mark}", buttons)
    if card.opens:
        yield blocks.actions(f"open.{mark}", [opener(one) for one in card.opens])
    yield from blocks.line(f"state.{mark}", state_spans(shown), zone, card.speech)


def _notice(notice: Spans, mark: str, zone: tzinfo, speech: Speech) -> Iterator[Element]:
    """Words alone are never parsed; with a name in them somebody may be called."""
    told = only_words(notice)
    if told:
        yield blocks.note(f"notice.{mark}", told)
    elif told is None:
        yield from blocks.line(f"notice.{mark}", notice, zone, speech)


def _said(card: Card, mark: str, zone: tzinfo) -> Iterator[Element]:
    source = rich(card.source, zone, card.speech)
    said = rich(card.quote, zone, card.speech)
    if source:
        yield blocks.rich_text(f"src.{mark}", blocks.section(source))
    if card.context:
        yield from blocks.line(f"under.{mark}", card.context, zone, card.speech)
    if card.context and card.context_media is not None:
        pictures = pictures_line(card.context_media, card.speech)
        yield from blocks.line(f"post.{mark}", pictures, zone, card.speech)
    for place, before in enumerate(card.earlier):
        head = blocks.section(words(before.title, "bold"))
        text = blocks.quote(rich(before.shown, zone, card.speech))
        yield blocks.rich_text(f"before{place}.{mark}", head, text)
    if said:
        now = [blocks.section(words(card.speech.say("Now"), "bold"))] if card.earlier else []
        yield blocks.rich_text(f"said.{mark}", *now, blocks.quote(said))


def _fact_line(card: Card, mark: str, zone: tzinfo) -> Iterator[Element]:
    facts = [fact for fact in card.facts if plain(fact).strip()]
    if card.media is not None:
        facts.append(pictures_line(card.media, card.speech))
    joined: Spans = tuple(
        span
        for place, fact in enumerate(facts)
        for span in ((Text(" · "), *fact) if place else fact)
    )
    yield from blocks.line(f"facts.{mark}", joined, zone, card.speech)


def _contacts(told: Told, mark: str, zone: tzinfo, speech: Speech) -> Element:
    lines = [[*words(f"{told.title}\n", "bold")]]
    lines += [rich((*line, Text("\n")), zone, speech) for line in told.lines]
    return blocks.rich_text(f"met.{mark}", blocks.section([one for line in lines for one in line]))


def _draft(draft: CardDraft, mark: str, speech: Speech) -> Element:
    head = [*words(draft.title or speech.say("Draft"), "bold"), *words(_details(draft))]
    said = words(draft.text)
    parts = [blocks.section(head), *([blocks.quote(said)] if said else [])]
    return blocks.rich_text(f"draft.{mark}", *parts)


def _titled(title: str, text: str, block_id: str) -> Element:
    head = blocks.section(words(title, "bold"))
    return blocks.rich_text(block_id, head, blocks.quote(words(text)))


def _details(draft: CardDraft) -> str:
    version = f"v{draft.version}" if draft.version else ""
    length = f"{draft.used}/{draft.limit}" if draft.limit and draft.text else ""
    known = [cut(one, 120) for one in (draft.origin, version, length) if one]
    return f"  {' · '.join(known)}" if known else ""


def _links(card: Card, mark: str) -> Iterator[Element]:
    links = [link for link in card.links if is_web_link(link.url)]
    joined: Spans = tuple(
        span
        for place, link in enumerate(links)
        for span in ((Text(" · "), link) if place else (link,))
    )
    elements = rich(_without_endless(joined), UTC)
    if elements:
        yield blocks.rich_text(f"links.{mark}", blocks.section(elements))


def _without_endless(spans: Spans) -> Spans:
    return tuple(
        replace(span, text=cut(span.text, 120)) if isinstance(span, Link) else span
        for span in spans
    )


def state_spans(card: Card) -> Spans:
    """The line of state with its light, which never says more than the words, and the number."""
    number = Text(f" · #{card.number}") if card.number else Text("")
    return (Text(f"{_LIGHTS[card.state.light]} "), *card.state.spans, number)


# Buttons


def buttons_of(card: Card) -> list[Element]:
    """The most used first and what hurts last; what does not fit stands under More."""
    main = [action for action in card.actions if action.group is Group.MAIN]
    main.sort(key=lambda action: (action.style is Style.DANGER, action.style is not Style.PRIMARY))
    buttons = [_button(card, action) for action in main[:MAIN_BUTTONS]]
    menu = _menu(card, main[MAIN_BUTTONS:])
    return [*_each_once(buttons), *menu]


def data_of(card: Card, action: Action) -> str:
    return ButtonData(action.name, card.key, card.revision, action.argument).encode()


def _button(card: Card, action: Action) -> Element:
    end = f".{action.argument}" if action.argument else ""
    return blocks.button(
        action.label,
        f"{ACT}.{action.name.value}{end}",
        data_of(card, action),
        style="" if action.style is Style.PLAIN else action.style.value,
        confirm=action.confirm,
        hint=action.hint,
        speech=card.speech,
    )


def opener(one: Opener) -> Element:
    """Shows the card in a modal."""
    return blocks.button(one.label, f"{Area.HOME}.open.{one.token}", one.token, hint=one.hint)


def _each_once(buttons: list[Element]) -> list[Element]:
    """Slack refuses a block in which two elements have one name."""
    return list({button["action_id"]: button for button in reversed(buttons)}.values())[::-1]


def _menu(card: Card, rest: list[Action]) -> list[Element]:
    """A confirmation cannot hang on one option of a menu: a press on such a one asks in a modal."""
    groups, say = [], card.speech.say
    for group, title in _MENUS.items():
        held = [action for action in card.actions if action.group is group]
        groups.append((say(title), held))
    groups.append((say("More"), rest))
    shown = [(title, held) for title, held in groups if held]
    room = MENU_OPTIONS // (len(shown) + 1)
    made = [_option_group(card, title, held[:room]) for title, held in shown]
    if card.kind in _WITH_HISTORY and card.number:
        look = blocks.option(say("History and why"), f"{SEE}.{card.key}")
        looks = [look]
        if card.kind is CardKind.ITEM:
            looks.append(blocks.option(say(TITLE), f"{BEFORE}.{card.key}"))
        made.append(blocks.option_group(say("About it"), looks))
    if not made:
        return []
    return [
        {
            "type": "static_select",
            "action_id": f"{ACT}.more",
            "placeholder": blocks.plain(say("More…"), 150),
            "option_groups": made,
        }
    ]


def _option_group(card: Card, title: str, held: list[Action]) -> Element:
    options = [
        blocks.option(action.in_menu or action.label, data_of(card, action)) for action in held
    ]
    return blocks.option_group(title, options)
