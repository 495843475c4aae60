"""Asking: a menu of people and channels, then one of times, then an answer that is the question.

question                        the menu of people and channels
question-<mark>                 of whichever has this mark, the menu of times
question-<mark>-<time>          a prompt; its last line has `<mark>-<time>` for an argument
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.cards.actions import ActionName, ButtonData
from bot.cards.card import Card
from bot.model.question import DueBy
from bot.speech.speech import marked
from handlers.question_words import DUE_BY
from handlers.team_words import Choice
from handlers.telegram.buttons import OnCard, Verb, mark

MENU = ActionName.QUESTION.value
GONE = marked("Whom you chose cannot be asked any more. Press Ask… again.")


def is_step(menu: str) -> bool:
    return menu.partition("-")[0] == MENU


def step(card: Card, menu: str, whom: Sequence[Choice]) -> Iterator[tuple[str, str]]:
    """What each button of this menu says, and its data."""
    say, at = card.speech.say, (card.key, card.revision)
    if menu == MENU:
        for one in whom:
            yield one.label, OnCard(Verb.MENU, *at, f"{MENU}-{mark(one.to)}").encode()
        return
    for due, label in DUE_BY.items():
        yield say(label), OnCard(Verb.ASK, *at, f"{menu}-{due}").encode()


def entry_of(asked: ButtonData, words: str, whom: Sequence[Choice]) -> str:
    """As the command reads it; ValueError, with a sentence, when whom it names is gone."""
    marked_, _, due = asked.argument.rpartition("-")
    found = [one.to for one in whom if mark(one.to) == marked_]
    if not found:
        raise ValueError(GONE)
    return "\n".join((found[0], DueBy(due), words))
