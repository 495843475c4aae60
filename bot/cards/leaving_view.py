"""What a card says of an account from which nothing leaves, and how that ends."""

from __future__ import annotations

from collections.abc import Iterator

from bot.cards.card import Bold, Spans, woven
from bot.cards.facts import FirstDayFacts, ItemFacts, QuietFacts
from bot.speech.speech import marked

WATCH_ONLY = marked("Watch-only: nothing leaves")
SHADOW = marked("Shadow: nothing leaves")
_UNTIL = marked("{what}, until an admin presses Go live under Accounts")


def leaving_lines(facts: ItemFacts | QuietFacts | FirstDayFacts) -> Iterator[Spans]:
    """In shadow deciding goes on, so only watch-only says what is to be done."""
    say = facts.speech.say
    if facts.is_shadow:
        yield (Bold(say(SHADOW)),)
    elif facts.is_watch_only:
        yield woven(say(_UNTIL), what=Bold(say(WATCH_ONLY)))
