"""A busy world around a desk: customers who write, a team that approves, and a book of both.

The book knows what every press was answered, so that the network can be judged by it: an
acknowledged approval is exactly one reply that stands there, anything else is none.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import uuid4

import aiohttp

from bot.cards.actions import ActionName
from integrations.sandbox.network import SandboxNetwork
from integrations.sandbox.personas import PERSONAS
from tests.e2e.console_client import Person, SeenCard, Unserved

_COMMENT = re.compile(r"#(c\d+)$")
_MARK = re.compile(r"\bK\d{5}\b")


class Told(StrEnum):
    """What a person was told of their press."""

    DONE = "done"
    REFUSED = "refused"
    NOTHING = "nothing"
    """The answer was lost, and they did not ask again."""


@dataclass(slots=True)
class Press:
    """One approval: of which comment, and exactly which text."""

    comment: str
    text: str
    data: str
    entry: str
    id: str = field(default_factory=lambda: str(uuid4()))
    told: Told = Told.NOTHING


@dataclass(slots=True)
class Book:
    """What customers wrote (mark by comment) and what the team pressed."""

    written: dict[str, str] = field(default_factory=dict)
    presses: list[Press] = field(default_factory=list)

    @property
    def done(self) -> list[Press]:
        return [press for press in self.presses if press.told is Told.DONE]

    def objections(self, visible: Mapping[str, Sequence[str]]) -> Iterator[str]:
        """What is wrong with the replies that stand on the network; nothing when all is well."""
        yield from self._never_approved(visible)
        for comment in {press.comment for press in self.presses}:
            standing = list(visible.get(comment, ()))
            done = [press.text for press in self._presses_of(comment, Told.DONE)]
            perhaps = [press.text for press in self._presses_of(comment, Told.NOTHING)]
            if len(done) > 1:
                yield f"{comment} was approved twice: {done}"
            elif done and standing != done:
                yield f"{comment} was approved as {done}, and there stands {standing}"
            elif not done and (len(standing) > 1 or set(standing) - set(perhaps)):
                yield f"{comment} may say one of {perhaps}, and there stands {standing}"

    def _never_approved(self, visible: Mapping[str, Sequence[str]]) -> Iterator[str]:
        known = {press.comment for press in self.presses}
        for comment, standing in visible.items():
            if comment not in known:
                yield f"nobody approved {standing} under {comment}"

    def _presses_of(self, comment: str, told: Told) -> list[Press]:
        return [one for one in self.presses if one.comment == comment and one.told is told]

    def missing(self, cards: Sequence[SeenCard]) -> set[str]:
        """Marks of the comments that have no card."""
        return set(self.written.values()) - {mark_of(card) for card in cards}


def comment_of(card: SeenCard) -> str:
    """The name that the sandbox network gives to what the card is about."""
    found = _COMMENT.search(card.source_link)
    return found[1] if found else ""


def mark_of(card: SeenCard) -> str:
    found = _MARK.search(card.quote)
    return found[0] if found else ""


async def customers(network: SandboxNetwork, book: Book, chance: random.Random) -> None:
    """Questions under one post, a few each second, until cancelled."""
    post = await network.publish_post("Slow mornings deserve good leaves.")
    while True:
        mark = f"K{len(book.written):05d}"
        author = chance.choice(PERSONAS).id
        text = f"Where is my order {mark}? It has not arrived."
        # shielded: what the network has must be in the book
        comment = await asyncio.shield(network.comment(author, text, post_id=post.id))
        book.written[f"c{comment.id}"] = mark
        await asyncio.sleep(chance.uniform(0.1, 0.5))


async def approver(person: Person, book: Book, chance: random.Random) -> None:
    """Takes a card, approves its draft as it is or edited, and goes on, until cancelled."""
    while True:
        try:
            cards = [card for card in await person.newest() if card.button(ActionName.APPROVE)]
        except (aiohttp.ClientError, TimeoutError, Unserved):
            await asyncio.sleep(0.05)
            continue
        for card in chance.sample(cards, min(3, len(cards))):
            await _approve(person, book, card, chance)
        await asyncio.sleep(chance.uniform(0.05, 0.3))


async def _approve(person: Person, book: Book, card: SeenCard, chance: random.Random) -> None:
    if chance.random() < 0.5:
        action, entry, text = ActionName.APPROVE, "", card.draft
    else:
        action = ActionName.EDIT
        entry = text = f"Sorry! We look for {mark_of(card)} today. {uuid4().hex[:8]}"
    data = card.button(action)
    assert data is not None
    press = Press(comment_of(card), text, data, entry)
    book.presses.append(press)
    await _press(person, press, is_patient=chance.random() < 0.7)


async def _press(person: Person, press: Press, *, is_patient: bool) -> None:
    """A patient person whose answer was lost presses again, which is the same press."""
    while True:
        try:
            answer = await person.press_data(press.data, press.entry, press=press.id)
        except (aiohttp.ClientError, TimeoutError):
            if not is_patient:
                return
            await asyncio.sleep(0.05)
            continue
        if answer.status == 503:
            continue
        press.told = Told.DONE if answer.is_done else Told.REFUSED
        return
