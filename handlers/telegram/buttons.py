"""What the buttons of this front end carry, in 64 bytes: the desk's own presses, and its own.

A press that decides something is `bot.cards.actions.ButtonData`. The others open a menu, ask for
words, or turn a page, and name the card in the same shape:

    <verb>.<card token>.<revision>[.<argument>]      on a card
    <verb>[.<argument>[.<number>]]                   on a page of the queue, or on no card at all

Nothing here trusts what it reads: a token names a card that the desk looks up for this person.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.cards.actions import ActionName, ButtonData
from bot.model.ids import CardToken
from handlers.telegram.limits import BUTTON_DATA

_ON_CARD = re.compile(
    r"([a-z]{2,8})\.([A-Za-z0-9]{12})\.(\d{1,9})(?:\.([A-Za-z0-9_][A-Za-z0-9_-]{0,39}))?"
)
_ALONE = re.compile(r"([a-z]{2,8})(?:\.([a-z0-9_-]{1,20}))?(?:\.(\d{1,6}))?")


class Verb(StrEnum):
    """What a button does besides deciding."""

    MENU = "menu"
    """Opens the menu that the argument names, on the same message; `main` goes back."""
    ASK = "ask"
    """Asks for the words that an action needs: the argument is its name, and its own argument
    after a hyphen."""
    SURE = "sure"
    """Asks before an action, named as for `ask`."""
    HAND = "hand"
    """An action upon a member, named as for `ask`; after a hyphen the mark of the member's slug."""
    WHOLE = "whole"
    """Shows what was cut."""
    BEFORE = "before"
    """Tells what its author said before, and what others were told."""
    OPEN = "open"
    """Shows this card to whoever presses, below the message."""
    SHOW = "show"
    """Shows this card in place of the queue's page."""
    PAGE = "page"
    """A page of the queue: its filter and offset."""
    WEEK = "week"
    """Another post of the week: the step with how many there were, and the post it begins at."""
    NEW = "new"
    """A post for the account whose slug has this mark."""
    ALT = "alt"
    """No button: the description of the picture that came with this message."""
    LAND = "land"
    """What should land in this group: opens an aspect, ticks a choice of it, or saves."""
    LIVE = "live"
    """Lets the account whose slug has this mark go live (1), watch only (2), or shadows it (3)."""
    LABELS = "labels"
    """The menu of labels: opens it, turns one tick of it, or sends it."""
    SHUT = "shut"
    """Takes the message away."""


_WITHOUT_CARD = frozenset(
    {Verb.PAGE, Verb.WEEK, Verb.NEW, Verb.ALT, Verb.LAND, Verb.LIVE, Verb.SHUT}
)


@dataclass(frozen=True, slots=True)
class OnCard:
    verb: Verb
    token: CardToken
    revision: int
    argument: str = ""

    def encode(self) -> str:
        """ValueError when it would not fit."""
        parts = [self.verb.value, self.token, str(self.revision)]
        text = ".".join([*parts, self.argument] if self.argument else parts)
        if len(text.encode()) > BUTTON_DATA or not _ON_CARD.fullmatch(text):
            raise ValueError(f"button data does not fit: {text!r}")
        return text


@dataclass(frozen=True, slots=True)
class Alone:
    verb: Verb
    argument: str = ""
    number: int = 0

    def encode(self) -> str:
        parts = [self.verb.value, self.argument, str(self.number) if self.number else ""]
        return ".".join(part for part in parts if part)


Pressed = ButtonData | OnCard | Alone


def decode(data: str) -> Pressed:
    """What a press means; ValueError when it is no button of ours."""
    name = data.partition(".")[0]
    if name in set(ActionName):
        return ButtonData.decode(data)
    verb = Verb(name)
    if verb in _WITHOUT_CARD:
        alone = _ALONE.fullmatch(data)
        if alone is None:
            raise ValueError("not a button of this desk")
        return Alone(verb, alone[2] or "", int(alone[3] or 0))
    match = _ON_CARD.fullmatch(data)
    if match is None:
        raise ValueError("not a button of this desk")
    return OnCard(verb, CardToken(match[2]), int(match[3]), match[4] or "")


def mark(slug: str) -> str:
    """A short name for a slug of any length, the same everywhere."""
    return hashlib.sha256(slug.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Button:
    """Exactly one of what it does is set: `data` is sent back, `prefill` fills the input field."""

    label: str
    data: str = ""
    prefill: str = ""
    style: str = ""
    """`success`, `danger`, or what the app takes by itself."""


Rows = tuple[tuple[Button, ...], ...]


def keyboard_form(rows: Sequence[Sequence[Button]]) -> dict[str, Any]:
    """As the Bot API writes it."""
    return {"inline_keyboard": [[_form(button) for button in row] for row in rows]}


def _form(button: Button) -> dict[str, str]:
    form = {"text": button.label}
    if button.prefill:
        form["switch_inline_query_current_chat"] = button.prefill
    else:
        form["callback_data"] = button.data
    return form | ({"style": button.style} if button.style else {})
