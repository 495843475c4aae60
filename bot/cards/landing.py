"""What should land in a channel: the question as every front end asks it, and its answer.

The question has aspects (accounts, kinds, languages, risks, labels, and whether posts come too).
Each has choices; who chooses nothing of an aspect leaves it open, so an answer without any choice
takes everything. A front end draws aspects without knowing what they mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.model.channel import Place, Route, Shows
from bot.model.commands import SetUpChannel
from bot.model.item import ItemKind
from bot.model.triage import Risk
from bot.speech.speech import ENGLISH, Speech

SHOWS, ACCOUNTS, KINDS, LANGUAGES = "shows", "accounts", "kinds", "languages"
RISKS, LABELS = "risks", "labels"
"""Names of the aspects, in the order in which they are asked."""

Chosen = Mapping[str, Sequence[str]]
"""Values by the name of the aspect."""


@dataclass(frozen=True, slots=True)
class LandingQuery:
    """What lands in a place of a chat, and what else could; `title` is what people call it."""

    chat: str
    channel: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Aspect:
    """`chosen` are values of choices; none of them means all."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    chosen: tuple[str, ...] = ()
    open: str = ""
    """What it says while nothing is chosen."""

    def says(self, chosen: Sequence[str] | None = None) -> str:
        """`comment, review`, or what it says while nothing is chosen."""
        wanted = self.chosen if chosen is None else chosen
        named = [one.label for one in self.choices if one.value in wanted]
        return ", ".join(named) or self.open


@dataclass(frozen=True, slots=True)
class LandingPage:
    """`aspects` is empty where there is nothing to choose for this reader: `refusal` says why."""

    aspects: tuple[Aspect, ...] = ()
    stands: str = ""
    """One sentence on what lands here now; empty while nobody has said it."""
    refusal: str = ""
    speech: Speech = ENGLISH


def set_up_of(chat: str, place: Place, title: str, chosen: Chosen) -> SetUpChannel:
    """The command of an answer; ValueError when it names what there is not."""
    route = Route(
        accounts=tuple(chosen.get(ACCOUNTS, ())),
        kinds=tuple(ItemKind(one) for one in chosen.get(KINDS, ())),
        languages=tuple(chosen.get(LANGUAGES, ())),
        risks=tuple(Risk(one) for one in chosen.get(RISKS, ())),
        labels=tuple(chosen.get(LABELS, ())),
    )
    shows = frozenset(Shows(one) for one in chosen.get(SHOWS, ())) or frozenset(Shows)
    return SetUpChannel(chat, place.channel, place.topic, title, route, shows)
