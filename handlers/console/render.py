"""Cards as HTML: pure, and the only place where a card's spans become elements.

Everything goes through autoescape; an element is only ever made from our own words. Links are
http or https and open apart; what came from outside stands in `<bdi>`, so that its direction
ends where it ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.cards.actions import ActionName, ButtonData
from bot.cards.card import (
    Action,
    Added,
    Ask,
    Bold,
    Card,
    Group,
    Link,
    MemberName,
    Removed,
    Span,
    Style,
    Text,
    Untrusted,
    When,
)
from bot.model.ids import Moment
from bot.speech.speech import ENGLISH, Speech, marked
from handlers.console.drawing import svg
from handlers.console.limits import MAIN_BUTTONS
from handlers.fitting import Limits, fitted
from handlers.moments import day_and_time, local_time, time_label, utc_time
from handlers.pictures import pictures_counted
from handlers.shortening import cut
from handlers.visible import is_web_link, sendable, visible

TEMPLATES = Path(__file__).parent / "templates"
SCRIPTS = Path(__file__).parent / "static"
_TOLD = re.compile(r'\btold\(\s*"([^"\\]+)"')

MENUS = {
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


@dataclass(frozen=True, slots=True)
class Reading:
    """Who looks, from when and where: what a page depends on besides the card itself."""

    now: Moment
    zone: tzinfo
    limits: Limits
    speech: Speech = ENGLISH


@dataclass(frozen=True, slots=True)
class Press:
    """A button as the page needs it; `data` is what a press sends."""

    label: str
    data: str
    name: ActionName
    ask: Ask
    confirm: str
    hint: str
    first: str
    """Whom a list of those who can be asked has chosen already."""
    is_primary: bool
    is_danger: bool


@dataclass(frozen=True, slots=True)
class Menu:
    title: str
    presses: tuple[Press, ...]


class Renderer:
    """Holds the compiled templates and nothing else."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.filters.update(visible=visible, sendable=sendable, cut=cut)
        self._script_words = script_words()

    def card(self, card: Card, reading: Reading) -> Markup:
        """One `<article>`; equal arguments give equal HTML."""
        return Markup(  # noqa: S704 - a template's own output, autoescaped
            self.page("card.html", reading, **card_values(card, reading))
        )

    def page(self, template: str, reading: Reading, **values: object) -> str:
        """A template filled in; `spans`, `when` and `card` are at its hand."""

        def show_spans(spans: Sequence[Span]) -> Markup:
            return spans_html(spans, reading)

        def show_when(at: Moment) -> Markup:
            return when_html(at, reading)

        def show_card(card: Card) -> Markup:
            return self.card(card, reading)

        return self._templates.get_template(template).render(
            spans=show_spans,
            when=show_when,
            card_html=show_card,
            chart=svg,
            language=reading.speech.language,
            say=reading.speech.say,
            plural=reading.speech.plural,
            things=partial(things_counted, reading.speech),
            pictures=partial(pictures_counted, speech=reading.speech),
            script_words=partial(self._words_of_scripts, reading.speech),
            **values,
        )

    def _words_of_scripts(self, speech: Speech) -> dict[str, str]:
        """What the scripts say that the reader reads otherwise."""
        said = {words: speech.say(words) for words in self._script_words}
        return {words: other for words, other in said.items() if other != words}


def card_values(card: Card, reading: Reading) -> dict[str, object]:
    """What the card's template is filled with."""
    shown = fitted(card, reading.limits)
    main, menus = presses_of(card)
    return {
        "card": shown,
        "initial": initial_of(card),
        "is_cut": shown.quote != card.quote or shown.draft != card.draft,
        "draft_text": card.draft.text if card.draft else "",
        "editing": _editing(card),
        "main": main[:MAIN_BUTTONS],
        "menus": _with_more(menus, main[MAIN_BUTTONS:], card.speech),
        "links": tuple(link for link in shown.links if is_web_link(link.url)),
    }


def presses_of(card: Card) -> tuple[tuple[Press, ...], tuple[Menu, ...]]:
    """The buttons of the main row, the most used first and what hurts last; then the menus."""
    main = [_press(card, action) for action in card.actions if action.group is Group.MAIN]
    main.sort(key=lambda press: (press.is_danger, not press.is_primary))
    menus = []
    for group, title in MENUS.items():
        presses = tuple(
            _press(card, replace(action, label=action.in_menu or action.label))
            for action in card.actions
            if action.group is group
        )
        if presses:
            menus.append(Menu(card.speech.say(title), presses))
    return tuple(main), tuple(menus)


def spans_html(spans: Sequence[Span], reading: Reading) -> Markup:
    return Markup("").join(_span_html(span, reading) for span in spans)


def when_html(at: Moment, reading: Reading) -> Markup:
    local = local_time(at, reading.zone)
    return Markup('<time datetime="{}" data-at="{}" title="{}">{}</time>').format(
        utc_time(at).isoformat(timespec="seconds"),
        int(at),
        f"{day_and_time(local, reading.speech)} {local:%Y, %S s, %Z}",
        time_label(at, reading.now, reading.zone, reading.speech),
    )


def things_counted(speech: Speech, unit: str) -> str:
    """A network's unit in words for people: a grapheme is what they call a character."""
    return speech.say("bytes") if "byte" in unit.lower() else speech.say("characters")


def script_words() -> tuple[str, ...]:
    """What the pages' scripts say: each sentence that stands in `told("...")`."""
    scripts = "".join(path.read_text("utf-8") for path in sorted(SCRIPTS.glob("*.js")))
    return tuple(dict.fromkeys(_TOLD.findall(scripts)))


def initial_of(card: Card) -> str:
    """One letter for the round mark beside a card: of the first name in its source."""
    for span in card.source:
        match span:
            case Untrusted(text=text) | Bold(text=text) | Link(text=text):
                letters = [character for character in text if character.isalnum()]
                if letters:
                    return letters[0].upper()[:1]
            case _:
                pass
    return "?"


def _span_html(span: Span, reading: Reading) -> Markup:
    match span:
        case Text(text=text):
            return Markup("{}").format(visible(text))
        case Bold(text=text):
            return Markup("<b>{}</b>").format(visible(text))
        case Untrusted(text=text):
            return Markup("<bdi>{}</bdi>").format(visible(text))
        case Removed(text=text):
            return Markup("<del>{}</del>").format(visible(text))
        case Added(text=text):
            return Markup("<ins>{}</ins>").format(visible(text))
        case MemberName(name=name):
            return Markup('<bdi class="member">{}</bdi>').format(visible(name))
        case Link(text=text, url=url) if is_web_link(url):
            return Markup(
                '<a href="{}" target="_blank" rel="noopener noreferrer"><bdi>{}</bdi></a>'
            ).format(url, visible(text))
        case Link(text=text):
            return Markup("<bdi>{}</bdi>").format(visible(text))
        case When(at=at):
            return when_html(at, reading)


def _press(card: Card, action: Action) -> Press:
    data = ButtonData(action.name, card.key, card.revision, action.argument)
    return Press(
        label=action.label,
        data=data.encode(),
        name=action.name,
        ask=action.ask,
        confirm=action.confirm,
        hint=action.hint or action.label,
        first=action.first[0] if action.first else "",
        is_primary=action.style is Style.PRIMARY,
        is_danger=action.style is Style.DANGER,
    )


@dataclass(frozen=True, slots=True)
class Editing:
    """What the inline editor sends: the words alone, or the words and a yes."""

    save: str
    approve: str
    approve_label: str


def _editing(card: Card) -> Editing | None:
    """None when the card cannot be edited in place."""
    actions = {action.name: action for action in card.actions}
    if ActionName.EDIT not in actions:
        return None
    approve = actions.get(ActionName.APPROVE)
    return Editing(
        save=ButtonData(ActionName.SAVE, card.key, card.revision).encode(),
        approve=ButtonData(ActionName.EDIT, card.key, card.revision).encode(),
        approve_label=approve.label if approve else card.speech.say("Save & approve"),
    )


def _with_more(
    menus: tuple[Menu, ...], rest: tuple[Press, ...], speech: Speech
) -> tuple[Menu, ...]:
    return (*menus, Menu(speech.say("More"), rest)) if rest else menus
