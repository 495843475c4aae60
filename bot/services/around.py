"""What was said around items: the comment above, what one answers again, what its author wrote.

All of that stands somewhere itself: a card shows of it what everybody sees who reads the card.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.cards.facts import Above, Contact, Contacts, Exchange
from bot.model.ids import ItemId
from bot.model.publication import Publication, PublicationState
from bot.services.sight import seen_beside
from bot.store.cards import CardRow
from bot.store.contacts import Met
from bot.store.items import WholeItem
from bot.store.tx import Tx


@dataclass(frozen=True, slots=True)
class Around:
    before: Exchange | None = None
    above: Above | None = None
    contacts: Contacts | None = None


NOTHING = Around()


def around(
    tx: Tx, cards: Iterable[CardRow], wholes: Mapping[ItemId, WholeItem]
) -> dict[ItemId, Around]:
    """Of those around which something was said."""
    follows = {key: one.item.follows_id for key, one in wholes.items() if one.item.follows_id}
    above = tx.contacts.above([key for key, one in wholes.items() if _wants_above(one)])
    met = tx.contacts.of(wholes)
    told: dict[ItemId, set[ItemId]] = {key: {one} for key, one in above.items()}
    for key, one in met.items():
        told.setdefault(key, set()).update(set(one.ids) - {follows.get(key)})
    ids = {*follows.values(), *(one for some in told.values() for one in some)}
    if not ids:
        return {}
    seen = seen_beside(tx, [(one, told.get(ItemId(one.subject_id), ())) for one in cards])
    said = _Said(tx.items.wholes(ids), tx.publications.latest_of_items(ids))
    return {
        key: Around(
            said.exchange(wholes[key], follows.get(key)),
            said.above(above.get(key), seen.get(key, ())),
            said.contacts(met[key], set(seen.get(key, ())) - {above.get(key)})
            if key in met
            else None,
        )
        for key in {*follows, *told}
    }


def _wants_above(whole: WholeItem) -> bool:
    """It answers something that nothing else of its card names."""
    item = whole.item
    is_root = item.parent_remote_id == whole.thread_remote_id
    is_named = is_root and bool(whole.post_text or whole.thread_title)
    return item.parent_remote_id is not None and not item.follows_id and not is_named


@dataclass(frozen=True, slots=True)
class _Said:
    items: Mapping[ItemId, WholeItem]
    replies: Mapping[ItemId, Publication]

    def exchange(self, now: WholeItem, before_id: ItemId | None) -> Exchange | None:
        before = None if before_id is None else self.items.get(before_id)
        if before is None:
            return None
        ours = self._ours(before)
        return Exchange(before.item.text, ours, now.author.id == before.author.id)

    def above(self, item_id: ItemId | None, seen: Iterable[ItemId]) -> Above | None:
        if item_id is None or item_id not in set(seen):
            return None
        whole = self.items[item_id]
        author = whole.author.display_name or whole.author.handle
        return Above(author, whole.item.text) if whole.item.text else None

    def contacts(self, met: Met, seen: Iterable[ItemId]) -> Contacts | None:
        last = tuple(self._contact(one) for one in met.ids if one in set(seen))
        return Contacts(met.count, last) if last else None

    def _contact(self, item_id: ItemId) -> Contact:
        whole = self.items[item_id]
        return Contact(whole.item.published_at, whole.item.text, self._ours(whole))

    def _ours(self, before: WholeItem) -> str:
        reply = self.replies.get(before.item.id)
        if reply is not None and reply.state is PublicationState.PUBLISHED:
            return reply.text
        return before.native_reply.text if before.native_reply else ""
