"""The verdict on a desk at rest: by what stands on the network and in the chat, and by what is
committed. It never asks what the desk says that it did; only the card is asked, for what it tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.cards.actions import ActionName
from bot.cards.card import Card, CardKind, Light, plain
from bot.model.ids import CardToken, ItemId, PostId, RemoteId
from bot.model.publication import Publication, PublicationState
from bot.store.tx import Tx
from tests.chaos.kth_desk import KthDesk
from tests.fakes import published_lines


@dataclass(frozen=True, slots=True)
class Look:
    """How a card looks wherever it stands: its light, what its state line says, where it leads."""

    light: Light
    says: str
    links: tuple[str, ...]


def look_of(card: Card) -> Look:
    return Look(card.state.light, plain(card.state.spans), tuple(link.url for link in card.links))


class Outside(Protocol):
    """A network and a chat as everybody sees them."""

    may_park: bool
    """Whether the network lets nobody know what became of a write, so that a person is asked."""

    async def comment(self, text: str) -> RemoteId:
        """A customer writes it under a post of the brand."""
        ...

    async def standing(self) -> Sequence[tuple[RemoteId | None, str]]:
        """Every text of the brand that can be read, and what it answers (None: a post)."""
        ...

    def shown(self, token: CardToken) -> Sequence[Look]:
        """How each message of a card looks in the chat."""
        ...


@dataclass(slots=True)
class Book:
    """What customers wrote, and the words that people said yes to, by what they answer."""

    said: list[RemoteId] = field(default_factory=list)
    approved: list[tuple[RemoteId | None, str]] = field(default_factory=list)
    """None: a post."""
    judged: int = 0
    """Cards that were looked at."""


async def judged(desk: KthDesk, outside: Outside, book: Book) -> None:
    """AssertionError with everything that is not as it was promised."""
    in_doubt = parked(desk)
    wrong = [*_on_the_network(await outside.standing(), book, in_doubt), *_at_the_desk(desk, book)]
    if in_doubt and not outside.may_park:
        wrong.append(f"a person is asked about {in_doubt}")
    cards = desk.look(_cards)
    for kind, subject in cards[book.judged :]:
        card = await desk.card_of(subject, kind)
        wrong += [f"#{card.number}: {objection}" for objection in _about(desk, outside, card)]
    book.judged = len(cards)
    assert not wrong, "\n".join(wrong)


def _on_the_network(
    standing: Sequence[tuple[RemoteId | None, str]],
    book: Book,
    in_doubt: Sequence[tuple[RemoteId | None, str]],
) -> list[str]:
    stands, wanted = Counter(standing), Counter(book.approved)
    surely = wanted - Counter(in_doubt)
    return [
        f"approved {wanted[one]} times and standing {stands[one]} times: {one}"
        for one in stands | wanted
        if not surely[one] <= stands[one] <= wanted[one]
    ]


def _at_the_desk(desk: KthDesk, book: Book) -> list[str]:
    """Everything is there once, and nothing waits for somebody who repairs the desk."""
    wrong = [f"a dead letter: {letter}" for letter in desk.look(lambda tx: tx.due.dead_letters())]
    stored = desk.look(_stored)
    if stored != Counter(book.said):
        wrong.append(f"written was {book.said} and stored is {sorted(stored.elements())}")
    cards = Counter(kind for kind, _subject in desk.look(_cards))
    wanted = Counter("item" if answered else "post" for answered, _words in book.approved)
    if cards[CardKind.ITEM] != len(book.said) or cards[CardKind.POST] != wanted["post"]:
        wrong.append(f"{len(book.said)} comments and {wanted['post']} posts have {cards}")
    return wrong


def _about(desk: KthDesk, outside: Outside, card: Card) -> Iterator[str]:
    """What is approved is out, the card says so and leads there, and so it stands in the chat."""
    look, messages = look_of(card), outside.shown(card.key)
    if list(messages) != [look]:
        yield f"the card looks like {look}, and in the chat stands {messages}"
    publication = desk.look(lambda tx: _publication(tx, card))
    if publication is None:
        return
    if publication.state is PublicationState.NEEDS_HUMAN:
        yield from _not_asked(card, look)
    elif publication.state is not PublicationState.PUBLISHED or publication.receipt is None:
        yield f"its publication is {publication.state}: {publication.trouble}"
    elif look.light is not Light.DONE or look.says not in _true_lines(desk, publication):
        yield f"it is published, and its card looks like {look}"
    elif publication.receipt.permalink not in look.links:
        yield f"its card leads to {look.links}, not to {publication.receipt.permalink}"


def _true_lines(desk: KthDesk, publication: Publication) -> Sequence[str]:
    """What the card may say of it: only what left twice was sent once more."""
    attempts = desk.look(lambda tx: tx.publications.attempts(publication.id))
    if len(attempts) > 1:
        return published_lines.ALL
    return [one for one in published_lines.ALL if one != published_lines.SENT_AGAIN]


def _not_asked(card: Card, look: Look) -> Iterator[str]:
    """A person must see that it is in doubt, and be able to say what they see."""
    offered = {action.name for action in card.actions}
    if look.light is not Light.TROUBLE or not look.says.startswith("Not sure it went out. Look"):
        yield f"it is in doubt, and its card looks like {look}"
    if not {ActionName.CONFIRM, ActionName.RETRY} <= offered:
        yield f"it is in doubt, and its card offers {offered}"


def _parked(tx: Tx) -> list[tuple[RemoteId | None, str]]:
    query = """
        SELECT item.remote_id, publication.text FROM publication
        JOIN item ON item.id = publication.item_id WHERE publication.state = 'needs_human'
    """
    return [(remote_id, text) for remote_id, text in tx.connection.exec_driver_sql(query)]


def _publication(tx: Tx, card: Card) -> Publication | None:
    if card.kind is CardKind.ITEM:
        return tx.publications.latest_of_item(ItemId(card.number))
    variants = [variant.id for variant in tx.posts.get(PostId(card.number)).variants]
    (publication,) = tx.publications.latest_of_variants(variants).values()
    return publication


def parked(desk: KthDesk) -> list[tuple[RemoteId | None, str]]:
    """What a person is asked about, by what it answers."""
    return desk.look(_parked)


def work_left(tx: Tx) -> list[str]:
    """Keys of the rows that are neither recurring nor dead."""
    query = "SELECT key FROM due WHERE every IS NULL AND due_at IS NOT NULL"
    return list(tx.connection.exec_driver_sql(query).scalars())


def _stored(tx: Tx) -> Counter[RemoteId]:
    return Counter(tx.connection.exec_driver_sql("SELECT remote_id FROM item").scalars())


def _cards(tx: Tx) -> list[tuple[CardKind, int]]:
    """Of items and posts, oldest first."""
    query = "SELECT kind, subject_id FROM card WHERE kind IN ('item', 'post') ORDER BY id"
    return [(CardKind(kind), subject) for kind, subject in tx.connection.exec_driver_sql(query)]
