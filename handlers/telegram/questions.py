"""Asking a colleague: a menu of people, then one of times, then an answer that is the question.

question                        the menu of people
question-<mark>                 of whoever has this mark, the menu of times
question-<mark>-<time>          a prompt; its last line has `<mark>-<time>` for an argument
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.cards.actions import ActionName, ButtonData
from bot.cards.card import Card
from bot.cards.pages import MemberRow
from bot.model.question import DueBy
from bot.speech.speech import marked
from handlers.question_words import DUE_BY
from handlers.team_words import known_as
from handlers.telegram.buttons import OnCard, Verb, mark

MENU = ActionName.QUESTION.value
GONE = marked("That person is not on this desk any more. Press Ask… again.")


def is_step(menu: str) -> bool:
    return menu.partition("-")[0] == MENU


def step(card: Card, menu: str, members: Sequence[MemberRow]) -> Iterator[tuple[str, str]]:
    """What each button of this menu says, and its data."""
    say, at = card.speech.say, (card.key, card.revision)
    if menu == MENU:
        for one in members:
            data = OnCard(Verb.MENU, *at, f"{MENU}-{mark(one.slug)}").encode()
            yield known_as(one, say), data
        return
    for due, label in DUE_BY.items():
        yield say(label), OnCard(Verb.ASK, *at, f"{menu}-{due}").encode()


def entry_of(asked: ButtonData, words: str, members: Sequence[MemberRow]) -> str:
    """As the command reads it; ValueError, with a sentence, when that member is gone."""
    marked_, _, due = asked.argument.rpartition("-")
    found = [one.slug for one in members if mark(one.slug) == marked_]
    if not found:
        raise ValueError(GONE)
    return "\n".join((found[0], DueBy(due), words))
