"""What a customer and a team do while one call of the desk's fails.

Each tale comes to rest and is judged: what was approved is out, and nothing is left to do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.cards.card import Card, CardKind
from bot.model import commands as c
from bot.model.ids import CardToken, MediaHash, RemoteId
from tests.chaos.kth_desk import KthDesk
from tests.chaos.kth_verdict import Book, Outside, judged, work_left

REST_SECONDS = 600.0
"""Of the desk's time: more than a lease, the longest back-off and the settle time together."""

O_co = TypeVar("O_co", bound=Outside, covariant=True)


@dataclass(frozen=True, slots=True)
class Tale(Generic[O_co]):
    """The `number`-th thing that happens at a desk; calls may fail from `arm` to its rest."""

    desk: KthDesk
    outside: O_co
    book: Book
    number: int
    arm: Callable[[], None]
    disarm: Callable[[], None]

    async def comment(self, text: str) -> RemoteId:
        """A customer writes; whoever asks the network from now on is told."""
        said = await self.outside.comment(text)
        self.book.said.append(said)
        return said

    async def drafted(self, said: RemoteId) -> None:
        def has_draft() -> bool:
            item = self.desk.item(said)
            return item is not None and bool(self.desk.look(lambda tx: tx.drafts.latest(item.id)))

        await self.desk.time.until(has_draft, f"a draft for {said}", REST_SECONDS)

    async def card(self, said: RemoteId) -> Card:
        item = self.desk.item(said)
        assert item is not None
        return await self.desk.card_of(item.id)

    async def approve(self, said: RemoteId, words: str = "") -> None:
        """Bob approves the draft as he sees it, or words of his own."""
        card = await self.card(said)
        assert card.draft is not None
        seen = (card.key, card.revision)
        command = c.ApproveEdited(*seen, words) if words else c.Approve(*seen)
        outcome = await self.desk.press("bob", command)
        assert outcome.is_done, outcome.says
        self.book.approved.append((said, words or card.draft.text))

    async def close(self, said: RemoteId) -> None:
        """Bob says that it needs no reply."""
        card = await self.card(said)
        outcome = await self.desk.press("bob", c.NoReplyNeeded(card.key, card.revision))
        assert outcome.is_done, outcome.says

    async def post(self, words: str, picture: bytes) -> None:
        """Composed by one with a picture, approved by another."""
        desk = self.desk
        stored = await desk.press("olga", c.AddPicture("image/png", picture))
        shown = c.PictureRef(MediaHash(stored.note), "A cup of tea")
        text = c.VariantText("acme", words)
        composed = await desk.press("olga", c.ComposePost((text,), None, (shown,)))
        assert composed.is_done, composed.says
        row = desk.look(lambda tx: tx.cards.by_token(CardToken(composed.note)))
        assert row is not None
        card = await desk.card_of(row.subject_id, CardKind.POST)
        outcome = await desk.press("alice", c.Approve(card.key, card.revision))
        assert outcome.is_done, outcome.says
        self.book.approved.append((None, words))

    async def rest(self) -> None:
        """Nothing is left to do but what comes back for ever."""
        desk = self.desk
        await desk.time.until(lambda: not desk.look(work_left), "the desk at rest", REST_SECONDS)
        self.disarm()
        await judged(desk, self.outside, self.book)


Chapter = Callable[[Tale[O_co]], Awaitable[None]]
