"""The pictures of a planned post, for chats that show them beside its card."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.card import CardKind
from bot.cards.pages import Shot
from bot.model.ids import CardToken, PostId
from bot.store.store import Store
from bot.store.tx import Tx


class StoredGallery:
    """Implements `bot.ports.Gallery`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def pictures(self, token: CardToken) -> Sequence[Shot]:
        return await self._store.read(lambda tx: _pictures(tx, token))


def _pictures(tx: Tx, token: CardToken) -> list[Shot]:
    card = tx.cards.by_token(token)
    if card is None or card.kind is not CardKind.POST:
        return []
    shots = []
    for picture in tx.posts.get(PostId(card.subject_id)).media:
        found = tx.media.get(picture.hash)
        if found is not None:
            content_type, data = found
            shots.append(Shot(picture.hash, picture.alt_text, content_type, data))
    return shots
