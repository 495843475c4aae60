"""How much of a card the console shows.

Numbers are characters. The channel shows a card that fits a screen; the item's own page shows
nearly all. Nothing is lost: the draft that an editor opens is always the whole draft.
"""

from __future__ import annotations

from handlers.fitting import Limits

MAIN_BUTTONS = 5
"""Buttons beside each other; the rest goes under More."""


IN_CHANNEL = Limits(
    source=240,
    context=240,
    quote=900,
    fact=160,
    facts=8,
    draft=2_400,
    state=400,
    links=6,
    translation=900,
    total=4_800,
)
ON_PAGE = Limits(
    source=600,
    context=2_000,
    quote=60_000,
    fact=600,
    facts=30,
    draft=20_000,
    state=2_000,
    links=30,
    translation=60_000,
    total=90_000,
)
